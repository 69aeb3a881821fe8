"""Who judges what: every item gets its share of judgements, and every draw has a probability.

Of the items that a person may judge (not their own, not judged or skipped by them before), let c_i be how often item i
was judged, m the least of these, L the items with c_i = m and the others R. Then

    P_i = (1 - ε) w_i / Σ_L w            for i in L         w_i = 1 + d_i / mean_L d, or 1 where no doubt is given
    P_i = ε ρ^(c_i - m) / Σ_R ρ^(c - m)  for i in R         ε = REST, ρ = FALL

and the one part that is there has all where the other is empty. So the least judged come first and the counts stay
within one of each other; no eligible item is ever out of reach, without which no judgement of it could be weighed by
its probability (Horvitz and Thompson 1952); and one that is far ahead is hardly drawn. With a doubt d_i (the standard
error of what is believed of an item, say) half of the draws among the least judged go by doubt.

Why at all   People who choose what they judge choose their friends' items, the first on the page and what is liked
             already. A draw that nobody can foresee also leaves a ring of m people in a class of n few of its own items
             to judge: of the k judgements of an item, k (m-1) / (n-1) on average come from the ring.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

REST = 0.05  # ε
FALL = 0.1  # ρ


@dataclass(frozen=True, slots=True)
class Share:
    """The item to judge next, with the `probability` of just this draw out of `eligible` items."""

    item: int
    probability: float
    eligible: int


def probabilities(
    judged: ArrayLike, eligible: ArrayLike, *, doubt: ArrayLike | None = None, rest: float = REST
) -> Array:
    """P (I,) by the formula above; all 0 where nothing is eligible.

    `judged` (I,): how often each item was judged, or is about to be. `eligible` (I,): what this person may judge.
    `doubt` (I,): finite, not negative. `rest`: ε, above 0 and below 1. Raises ValueError for others.
    """
    count = np.asarray(judged, dtype=np.float64)
    allowed = np.asarray(eligible, dtype=np.bool_)
    unsure = np.zeros(count.shape) if doubt is None else np.asarray(doubt, dtype=np.float64)
    if count.ndim != 1 or allowed.shape != count.shape or unsure.shape != count.shape:
        raise ValueError("Give one count, one flag and one doubt for each item.")
    if not (np.isfinite(count) & (count >= 0) & np.isfinite(unsure) & (unsure >= 0)).all():
        raise ValueError("Counts and doubts must be finite and not negative.")
    if not 0.0 < rest < 1.0:
        raise ValueError("The share of the rest lies above 0 and below 1, so that every item can be drawn.")
    chance = np.zeros(count.shape)
    if not allowed.any():
        return chance
    ahead = count - count[allowed].min()
    least, others = allowed & (ahead == 0), allowed & (ahead > 0)
    mean = unsure[least].mean()
    chance[least] = 1.0 + unsure[least] / mean if mean > 0 else 1.0
    chance[least] /= chance[least].sum()
    if others.any():
        chance[least] *= 1.0 - rest
        fall = FALL ** (ahead[others] - ahead[others].min())  # from the nearest on, so that it never vanishes
        chance[others] = np.maximum(rest * fall / fall.sum(), np.finfo(np.float64).tiny)
    return chance


def draw(
    judged: ArrayLike,
    eligible: ArrayLike,
    rng: np.random.Generator,
    *,
    doubt: ArrayLike | None = None,
    rest: float = REST,
) -> Share | None:
    """One item by `probabilities`; None where nothing is left for this person. Raises ValueError as that does."""
    chance = probabilities(judged, eligible, doubt=doubt, rest=rest)
    open_to = chance.nonzero()[0]
    if not open_to.size:
        return None
    reached = chance[open_to].cumsum()
    place = int(np.searchsorted(reached, rng.random() * reached[-1], side="right"))
    item = int(open_to[min(place, open_to.size - 1)])
    return Share(item, float(chance[item]), int(open_to.size))
