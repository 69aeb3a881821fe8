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
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.selection.arms import Flags, Pool, believe
from core.selection.best import draw, probability_of_best
from core.selection.exploration import checked_temperature, explored
from core.words import N_

Array = NDArray[np.float64]

FLOOR = 0.05  # share of exposures that `best_with_floor` spreads evenly, so that corrected means stay finite
EPSILON = 0.1  # share of exposures that `epsilon_greedy` spreads evenly
FIRST_SHARE = 0.5  # share of exposures that `top_two` gives to the arm that looks best, Russo's β


class Candidates(NamedTuple):
    """The E eligible arms as a policy sees them: beliefs Beta(a, b), widened, and their fixed shares; each (E,)."""

    a: Array
    b: Array
    shares: Array


@dataclass(frozen=True, slots=True)
class Policy:
    """A named way to choose. `weigh` gives the chances of the candidates, (E,), for E >= 1.

    `temperature` is the exploration that belongs to the policy, as in `exploration.explored`.
    """

    name: str
    title: str
    explanation: str
    weigh: Callable[[Candidates], Array]
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One drawn arm: its index in the pool, the chance it was drawn with, and what it was drawn from."""

    index: int
    probability: float
    policy: str
    pool_size: int
    eligible_size: int


def _best(arms: Candidates) -> Array:
    return probability_of_best(arms.a, arms.b)


def _best_with_floor(arms: Candidates) -> Array:
    return (1.0 - FLOOR) * _best(arms) + FLOOR / arms.a.size


def _uniform(arms: Candidates) -> Array:
    return np.full(arms.a.size, 1.0 / arms.a.size)


def _top_two(arms: Candidates) -> Array:
    return top_two(_best(arms))


def _epsilon_greedy(arms: Candidates) -> Array:
    """1 - ε for the arm with the highest mean, or shared among those that tie for it; ε for all alike."""
    mean = arms.a / (arms.a + arms.b)
    greatest = mean == mean.max()
    chance: Array = (1.0 - EPSILON) * greatest / np.count_nonzero(greatest) + EPSILON / mean.size
    return chance


def _fixed_split(arms: Candidates) -> Array:
    """The shares, scaled to 1 among the eligible; evenly if none of these has a share."""
    total = arms.shares.sum()
    split: Array = arms.shares / total if total > 0 else _uniform(arms)
    return split


def top_two(best: ArrayLike, first: float = FIRST_SHARE) -> Array:
    """Chances under top-two Thompson sampling, from the probabilities P_k of being best; both of shape (K,).

    One arm is drawn with P. With chance β (`first`) it is shown; else draws are repeated until another arm comes:

        β P_k + (1-β) Σ_{j≠k} P_j P_k / (1 - P_j).

    So the runners-up are compared on purpose: the pool learns sooner which arm is best, at its learners' expense.
    1 - P_j is summed from the other arms, which keeps its digits when P_j is close to 1; if nothing is left, the
    others share evenly. One arm alone has chance 1. Raises ValueError unless 0 <= β <= 1.
    Russo 2016, "Simple Bayesian algorithms for best-arm identification", section 3.3 (Top-Two Thompson sampling).
    """
    if not 0.0 <= first <= 1.0:
        raise ValueError(f"The first arm's share must lie between 0 and 1, not be {first}.")
    p = np.asarray(best, dtype=np.float64)
    if p.size < 2:
        return np.ones(p.size)
    rest = _sum_of_others(p)
    if not rest.all():
        return np.where(rest == 0.0, first, (1.0 - first) / (p.size - 1))
    chance: Array = first * p + (1.0 - first) * p * _sum_of_others(p / rest)
    chance /= chance.sum()
    return chance


def _sum_of_others(values: Array) -> Array:
    """Σ_{j≠k} v_j for every k without a subtraction, (K,)."""
    before, after = np.zeros_like(values), np.zeros_like(values)
    np.cumsum(values[:-1], out=before[1:])
    np.cumsum(values[:0:-1], out=after[-2::-1])
    total: Array = before + after
    return total


def _named(*policies: Policy) -> Mapping[str, Policy]:
    return MappingProxyType({policy.name: policy for policy in policies})


POLICIES = _named(  # what a teacher chooses from
    Policy(
        "best",
        N_("What helped most"),
        N_("Texts that helped most are shown most, and new ones still get their chance."),
        _best,
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
RESEARCH_POLICIES = _named(  # what an experiment or a comparison may ask for besides
    Policy(
        "thompson",
        N_("Thompson sampling"),
        N_("Every text is shown as often as it is probably the best, which tries more than a class gets back."),
        _best,
        temperature=1.0,
    ),
    Policy(
        "top_two",
        N_("The two best compared"),
        N_("Half of the showings go to texts that may be second best, so that the best one is known sooner."),
        _top_two,
        temperature=1.0,
    ),
    Policy(
        "epsilon_greedy",
        N_("The best so far"),
        N_("Nine showings in ten go to the text with the best ratings; one is drawn from all texts alike."),
        _epsilon_greedy,
        temperature=1.0,
    ),
    Policy(
        "fixed_split",
        N_("Fixed shares"),
        N_("Every text has the share of the showings that was fixed for it, whatever its ratings."),
        _fixed_split,
    ),
)
ALL_POLICIES: Mapping[str, Policy] = MappingProxyType({**POLICIES, **RESEARCH_POLICIES})
PINNED = Policy(
    "pinned",
    N_("Pinned"),
    N_("Only the texts that the teacher pinned are shown, each as often as the others."),
    _uniform,
)


def chances(policy: str, pool: Pool, eligible: ArrayLike, *, temperature: float | None = None) -> Array:
    """Each arm's chance of being shown, (K,): 0 where not `eligible` (K booleans), else summing to 1; all 0 if none is.

    `policy` is a name in `ALL_POLICIES`. If an eligible arm is pinned, the pinned ones share all chances evenly,
    whatever the policy. Where the fixed shares of eligible arms are all 0, they share evenly. `temperature` is c in
    (0, 1], by default the policy's own, else none; `exploration` says how arms are compared. 1 is AXIS as published.
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


def thompson(
    pool: Pool, eligible: ArrayLike, rng: np.random.Generator, *, temperature: float | None = None
) -> int | None:
    """Draw as `choose("best", ...)` does, without the chance: the index of the largest of one draw from every belief.

    This is Thompson sampling, and quicker. The chance can be had afterwards: `chances("best", ...)` of that index.
    """
    settled, open_ = _ruled(POLICIES["best"], pool, eligible)
    arms = open_.nonzero()[0]
    if not arms.size:
        return None
    if settled is PINNED:
        return int(arms[rng.integers(arms.size)])
    candidates = _candidates(settled, pool, arms, temperature)
    return int(arms[rng.beta(candidates.a, candidates.b).argmax()])


def _settled(policy: str, pool: Pool, eligible: ArrayLike, temperature: float | None) -> tuple[Policy, Array]:
    """The policy that applies, which a pin may have replaced, and the chances of all arms, (K,)."""
    if policy not in ALL_POLICIES:
        raise ValueError(f"There is no policy {policy!r}; there are {', '.join(ALL_POLICIES)}.")
    settled, open_ = _ruled(ALL_POLICIES[policy], pool, eligible)
    shares, arms = np.zeros(len(pool)), open_.nonzero()[0]
    candidates = _candidates(settled, pool, arms, temperature)
    if arms.size:
        shares[arms] = settled.weigh(candidates)
    return settled, shares


def _ruled(policy: Policy, pool: Pool, eligible: ArrayLike) -> tuple[Policy, Flags]:
    """`policy`, or PINNED where an eligible arm is pinned, and the arms that it chooses from, (K,)."""
    open_ = np.asarray(eligible, dtype=np.bool_)
    if open_.shape != (len(pool),):
        raise ValueError(f"Eligibility must be given for each of the {len(pool)} arms, not in shape {open_.shape}.")
    if pool.pinned is not None and (open_ & pool.pinned).any():
        return PINNED, open_ & pool.pinned
    return policy, open_


def _candidates(policy: Policy, pool: Pool, arms: NDArray[np.intp], temperature: float | None) -> Candidates:
    """What is believed about `arms`, indices (E,), their beliefs made c times as wide."""
    checked_temperature(temperature)
    if not arms.size:
        return Candidates(np.empty(0), np.empty(0), np.empty(0))
    belief = believe(pool)
    shares = np.zeros(arms.size) if pool.shares is None else pool.shares[arms]
    c = policy.temperature if temperature is None else temperature
    ratings = pool.evidence.count[arms]
    return Candidates(*explored(belief.a[arms], belief.b[arms], ratings, ratings.mean(), c), shares)
