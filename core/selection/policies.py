"""Choosing one arm of a pool, with the probability of that choice.

Every policy turns what is believed about the arms into chances; one arm is drawn, and its chance is kept with the
exposure. The chances are computed among the eligible arms alone (not one's own text, nothing retired), so they are
exact as they stand. Arms that are not eligible still inform the belief: how raters use the scale, and how good the
texts of this pool are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.selection.arms import Pool, believe
from core.selection.best import draw, probability_of_best
from core.words import N_

Array = NDArray[np.float64]

FLOOR = 0.05  # share of exposures that `best_with_floor` spreads evenly, so that corrected means stay finite


@dataclass(frozen=True, slots=True)
class Policy:
    """A named way to choose. `weigh` takes a and b of the E eligible arms' beliefs and gives their chances, (E,)."""

    name: str
    title: str
    explanation: str
    weigh: Callable[[Array, Array], Array]


@dataclass(frozen=True, slots=True)
class Choice:
    """One drawn arm: its index in the pool, the chance it was drawn with, and what it was drawn from."""

    index: int
    probability: float
    policy: str
    pool_size: int
    eligible_size: int


def _uniform(a: Array, _b: Array) -> Array:
    return np.full(a.size, 1.0 / a.size)


def _best_with_floor(a: Array, b: Array) -> Array:
    return (1.0 - FLOOR) * probability_of_best(a, b) + FLOOR / a.size


POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        policy.name: policy
        for policy in (
            Policy(
                "best",
                N_("What helped most"),
                N_("Texts that helped most are shown most, and new ones still get their chance."),
                probability_of_best,
            ),
            Policy(
                "best_with_floor",
                N_("What helped most, with an even share"),
                N_("Texts that helped most are shown most, but one showing in twenty is drawn from all texts alike."),
                _best_with_floor,
            ),
            Policy(
                "uniform",
                N_("All equally"),
                N_("Every text has the same chance of being shown, whatever its ratings."),
                _uniform,
            ),
        )
    }
)
PINNED = Policy(
    "pinned",
    N_("Pinned"),
    N_("Only the texts that the teacher pinned are shown, each as often as the others."),
    _uniform,
)


def spread(ratings_per_arm: ArrayLike) -> Array:
    """Exploration temperature c in [1/2, 1): arms are compared as if their beliefs were c times as wide.

    A class is short. To explore as widely as the belief allows (c = 1) costs its learners more than they get back; half
    as widely is best while arms have a few ratings. But a long class must not settle on the wrong arm, so c rises with
    the ratings per arm, c = 1 - (3 / n̄)^(1/6) / 2: .5 up to 3 ratings, .59 at 10, .72 at 100, .81 at 1,000.
    What it costs and saves: README, "Exploration".
    """
    n = np.maximum(np.asarray(ratings_per_arm, dtype=np.float64), 3.0)
    c: Array = 1.0 - 0.5 * (3.0 / n) ** (1 / 6)
    return c


def chances(policy: str, pool: Pool, eligible: ArrayLike, *, temperature: float | None = None) -> Array:
    """Each arm's chance of being shown, (K,): 0 where not `eligible` (K booleans), else summing to 1; all 0 if none is.

    If an eligible arm is pinned, the pinned ones share all chances evenly, whatever the policy. `temperature` is c in
    (0, 1], by default `spread` of the ratings per eligible arm; 1 is AXIS as published.
    Raises ValueError for an unknown policy, a mask of another length or a temperature out of range.
    """
    return _settled(policy, pool, eligible, temperature)[1]


def choose(
    policy: str, pool: Pool, eligible: ArrayLike, rng: np.random.Generator, *, temperature: float | None = None
) -> Choice | None:
    """Draw one arm with its chance under `chances`, or None if no arm is eligible.

    `Choice.policy` names the policy that applied: "pinned" where a pin overruled `policy`.
    """
    settled, shares = _settled(policy, pool, eligible, temperature)
    size = int(np.count_nonzero(eligible))
    if size == 0:
        return None
    index, probability = draw(shares, rng)
    return Choice(index, probability, settled.name, len(pool), size)


def _settled(policy: str, pool: Pool, eligible: ArrayLike, temperature: float | None) -> tuple[Policy, Array]:
    """The policy that applies, which a pin may have replaced, and the chances of all arms, (K,)."""
    if policy not in POLICIES:
        raise ValueError(f"There is no policy {policy!r}; there are {', '.join(POLICIES)}.")
    if temperature is not None and not 0.0 < temperature <= 1.0:
        raise ValueError(f"A temperature must lie above 0 and not above 1, not be {temperature}.")
    open_ = np.asarray(eligible, dtype=np.bool_)
    if open_.shape != (len(pool),):
        raise ValueError(f"Eligibility must be given for each of the {len(pool)} arms, not in shape {open_.shape}.")
    settled = POLICIES[policy]
    if pool.pinned is not None and (open_ & pool.pinned).any():
        settled, open_ = PINNED, open_ & pool.pinned
    shares, arms = np.zeros(len(pool)), open_.nonzero()[0]
    if arms.size:
        belief = believe(pool)
        c = spread(pool.evidence.count[arms].mean()) if temperature is None else temperature
        shares[arms] = settled.weigh(belief.a[arms] / c**2, belief.b[arms] / c**2)
    return settled, shares
