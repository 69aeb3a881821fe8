"""Choosing the next task of one person, with the probability of that choice and one sentence that says why.

The value of task t, over arrays (T,), of the policies in `policies`:

    TA, TA_INF         worth_t · H_t
    TA_x, TA_INF_x     P_x(stay | t) · worth_t · H_t                       (Kobren et al., WWW 2015, section 2.3)
    TA_H               P(stay | t) · (worth_t · gain_t + V)

H_t is the entropy of the question, gain_t what this person's answer is expected to settle of it: E[ΔH_t], which a weak
person's answer may even make negative. A task with a known key settles nothing; its gain is what it tells about the
person (`worth.worth_of_knowing` where keys are mixed in to calibrate, `worth.information_about_person` in practice,
where every problem has one). V is what may follow the answer (`worth.continuation`), which is lost if the person
leaves. worth_t are the teacher's task values, 1 unless said otherwise. FQ predicts answers to come and no probability;
what it predicts below 0 counts as 0.

The best task is given. Tasks within rounding of the best are equally good, and each of the m is given with chance 1/m.
A `share` of all choices is drawn from all allowed tasks alike, so that corrected means over tasks stay possible:

    P(t) = (1 - share) [t is best] / m + share / (number allowed).

Nothing depends on the order of the tasks but which of two equal ones a draw hits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.survival.policies import POLICIES, Policy, Reward
from core.words import N_, Sentence

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_ROUNDING = 1e-12  # of the best value; what equal questions differ by in the last places of a vector logarithm


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """What is known about T tasks for one person now; arrays (T,). A policy needs only what its formula names.

    `allowed`: may be given now (`constraints.allowed`); `entropy`, `gain`: bits; `stay`: the chance that this person
    answers it, or fitted Q's prediction; `worth`: the teacher's task values, not negative; `keyed`: has a known key;
    `ahead`: V, bits. Arrays are taken as they are, not copied; give float64 and bool.
    """

    allowed: Flags
    entropy: Array | None = None
    gain: Array | None = None
    stay: Array | None = None
    worth: Array | None = None
    keyed: Flags | None = None
    ahead: float = 0.0

    def __post_init__(self) -> None:
        shape = self.allowed.shape
        for column in (self.entropy, self.gain, self.stay, self.worth, self.keyed):
            if column is not None and column.shape != shape:
                raise ValueError("Everything known about tasks must be lists of the same tasks.")
        if len(shape) != 1:
            raise ValueError("Say of each task whether it is allowed, as one list.")
        if not 0.0 <= self.ahead < np.inf:
            raise ValueError("What may follow is a number of bits, 0 or more.")

    def __len__(self) -> int:
        return self.allowed.size


class Drawn(StrEnum):
    """How the task was come by: the only one allowed, the best, one of several equally good, or by the even share."""

    ONLY = "only"
    BEST = "best"
    LOT = "lot"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Allocation:
    """One chosen task: its index, the probability of choosing it, and the parts of its value.

    `reward`: worth_t H_t or worth_t gain_t (0 for a policy without reward); `stay`: None if the policy has no model;
    `ties`: how many are best; `allowed`: of how many; `keyed`: whether the task has a known key.
    """

    index: int
    probability: float
    policy: str
    value: float
    reward: float
    stay: float | None
    ahead: float
    drawn: Drawn
    ties: int
    allowed: int
    keyed: bool


def values(policy: Policy, offer: Offer) -> Array:
    """The value of every task under a policy, (T,), allowed or not (module docstring): a new array, a pass a factor.

    Raises ValueError if `offer` lacks what the formula names.
    """
    value = _rewards(policy, offer)
    if policy.ahead:
        value += offer.ahead
    if policy.model is not None:
        stay = _needed(offer.stay, "stay", policy)
        value *= stay if policy.calibrated else np.maximum(stay, 0.0)
    return value


def chances(policy: str, offer: Offer, *, share: float = 0.0) -> Array:
    """P(t), the probability with which `allocate` gives each task, (T,): sums to 1, or is 0 if none is allowed."""
    best, open_, _ = _contest(policy, offer, share)
    probability = np.zeros(len(offer))
    if best.size:
        probability[offer.allowed] = share / open_
        probability[best] += (1.0 - share) / best.size
    return probability


def allocate(policy: str, offer: Offer, rng: np.random.Generator, *, share: float = 0.0) -> Allocation | None:
    """The next task, drawn with one uniform number; None if no task is allowed.

    `policy`: a name in `policies.POLICIES`; `share` in [0, 1]: of choices that are drawn from all allowed tasks alike.
    Raises ValueError for an unknown policy, a share out of range, a value that is no number, or a missing array.
    """
    best, open_, value = _contest(policy, offer, share)
    if not best.size:
        return None
    point = rng.random()
    lead = (1.0 - share) / best.size
    if even := point < share:
        index = _at(offer.allowed.nonzero()[0], point / share)
        lead *= index in best
    else:
        index = _at(best, (point - share) / (1.0 - share))
    if open_ == 1:
        drawn = Drawn.ONLY
    elif even:
        drawn = Drawn.SHARE
    else:
        drawn = Drawn.BEST if best.size == 1 else Drawn.LOT
    rule = POLICIES[policy]
    ahead = offer.ahead if rule.ahead else 0.0
    stay = None if rule.model is None or offer.stay is None else offer.stay.item(index)
    return Allocation(
        index=index,
        probability=share / open_ + lead,
        policy=policy,
        value=value.item(index),
        reward=_reward(rule, offer, index),
        stay=stay,
        ahead=ahead,
        drawn=drawn,
        ties=best.size,
        allowed=open_,
        keyed=offer.keyed is not None and offer.keyed.item(index),
    )


def because(allocation: Allocation) -> Sentence:
    """Why this task: one sentence for the teacher. Chances are whole per cent, bits have two decimals."""
    rule = POLICIES[allocation.policy]
    if allocation.drawn is Drawn.ONLY:
        return Sentence(N_("Chosen because it was the only task left for this person."))
    if allocation.drawn is Drawn.SHARE:
        return Sentence(
            N_("Chosen by lot from all {allowed} tasks, as a small share is, so that tasks can be compared fairly."),
            {"allowed": allocation.allowed},
        )
    parts = {"bits": allocation.reward, "stay": allocation.stay, "ahead": allocation.ahead}
    why = Sentence(_reason(rule, allocation.keyed), parts)
    if allocation.drawn is Drawn.LOT:
        return Sentence(
            N_("{why} It was drawn by lot from {count} equally good tasks."), {"why": why, "count": allocation.ties}
        )
    return why


def _reason(rule: Policy, keyed: bool) -> str:
    """The message of a policy's reason; its parameters are `bits`, `stay` and `ahead`."""
    if rule.reward is Reward.ORDER:
        return N_("Chosen because it is next in the teacher's order.")
    if rule.reward is Reward.GAIN and keyed:
        return N_(
            "Chosen because the answer tells most about this person ({bits:.2f} bits), who answers it with a chance of "
            "{stay:.0%}; what may follow counts {ahead:.2f} bits."
        )
    if rule.reward is Reward.GAIN:
        return N_(
            "Chosen because this person is expected to settle {bits:.2f} bits of it, and answers it with a chance of "
            "{stay:.0%}; what may follow counts {ahead:.2f} bits."
        )
    if rule.model is None:
        return N_("Chosen because its answer can tell most: {bits:.2f} bits.")
    if rule.calibrated:
        return N_(
            "Chosen because its answer can tell {bits:.2f} bits, and this person answers it with a chance of "
            "{stay:.0%}."
        )
    return N_(
        "Chosen because its answer can tell {bits:.2f} bits, and about {stay:.1f} answers are expected from here on."
    )


def _contest(policy: str, offer: Offer, share: float) -> tuple[NDArray[np.intp], int, Array]:
    """Which allowed tasks are best, how many are allowed, and the values of all, -inf where not allowed."""
    if policy not in POLICIES:
        raise ValueError(f"There is no policy {policy!r}; there are {', '.join(POLICIES)}.")
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"The share of choices drawn from all tasks alike lies between 0 and 1, and is not {share}.")
    value = values(POLICIES[policy], offer)
    open_ = int(np.count_nonzero(offer.allowed))
    if open_ == 0:
        return np.empty(0, dtype=np.intp), 0, value
    if open_ < value.size:
        value[~offer.allowed] = -np.inf
    top = float(value.max())
    if not math.isfinite(top):
        raise ValueError("A task has no finite value: check its entropy, gain, chance to stay and worth.")
    return (value >= top - _ROUNDING * abs(top)).nonzero()[0], open_, value


def _at(field: NDArray[np.intp], place: float) -> int:
    """The entry at a place in [0, 1) of a list."""
    return int(field.item(min(int(place * field.size), field.size - 1)))


def _rewards(policy: Policy, offer: Offer) -> Array:
    match policy.reward:
        case Reward.ORDER:
            return -np.arange(float(len(offer)))
        case Reward.ENTROPY:
            bits = _needed(offer.entropy, "entropy", policy)
        case Reward.GAIN:
            bits = _needed(offer.gain, "gain", policy)
    return bits.copy() if offer.worth is None else offer.worth * bits


def _reward(policy: Policy, offer: Offer, index: int) -> float:
    if policy.reward is Reward.ORDER:
        return 0.0
    bits = _needed(offer.entropy if policy.reward is Reward.ENTROPY else offer.gain, "reward", policy)
    return float(bits.item(index) * (1.0 if offer.worth is None else offer.worth.item(index)))


def _needed(column: Array | None, name: str, policy: Policy) -> Array:
    if column is None:
        raise ValueError(f"The policy {policy.name} needs what is known of every task's {name}: give it.")
    return column
