"""When to say how many tasks are left ("just 3 more"), and when to say nothing.

A goal makes people finish what it names, and then leave (Kobren et al., WWW 2015, section 4.2). So the rules differ in
when they set one, and agree on three things: a goal in force counts down and is not replaced; a goal that has just been
met is followed by a rest of at least `rest` tasks without any; a goal names between 1 and 5 tasks (section 4.3), unless
it is the fixed length of a quiz.

never     No length is ever stated (the paper's INF).
static    Ten tasks, and after a rest ten more. In the paper the next quiz follows at once: that is `rest=0`, which only
          the simulation of the paper's baseline uses, because a goal just met is where people leave.
dynamic   Section 2.4 *as intended*: a goal if and only if P(survive) of the task to be shown is below τ_i, the share of
          people who, at this index i, answered the task they saw. The printed rule sets a goal unless P(survive) > τ
          with τ "the empirical drop out rate"; but the text says "only sets a goal if we predict the user is likely to
          drop out". The two agree only if τ is the survival rate: with drop-out rates of 2 to 30 %, P(survive) > τ
          nearly always, and no goal would ever be set. As intended, about half of all tasks shown call for a goal.
at_risk   Only where P(drop) is really high: at least `enter`. Having set a goal, the rule stays disarmed until P(drop)
          has once fallen below `leave` (hysteresis), so that somebody who hovers at the edge is not asked again and
          again. It needs a calibrated model; fitted Q predicts no probability and may not be used with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.words import N_, Sentence

SHORTEST, LONGEST = 1, 5  # of a goal that is set while people work; x in the paper
USUAL = 3  # what worked best there, as nobody finds it far


class Kind(StrEnum):
    """What a rule looks at."""

    NEVER = "never"
    STATIC = "static"
    DYNAMIC = "dynamic"
    AT_RISK = "at_risk"


@dataclass(frozen=True, slots=True)
class GoalRule:
    """A named rule. `length` tasks make a goal, `rest` tasks follow a met one; `enter` and `leave` bound P(drop)."""

    kind: Kind
    title: str
    explanation: str
    length: int = USUAL
    rest: int = 3
    enter: float = 0.4
    leave: float = 0.25

    def __post_init__(self) -> None:
        if self.kind is Kind.STATIC and not self.length >= 1:
            raise ValueError(f"A quiz has one task or more, not {self.length}.")
        if self.kind is not Kind.STATIC and not SHORTEST <= self.length <= LONGEST:
            raise ValueError(f"A goal names {SHORTEST} to {LONGEST} tasks, not {self.length}.")
        if self.rest < 0:
            raise ValueError(f"A rest is a number of tasks, 0 or more, not {self.rest}.")
        if not 0.0 <= self.leave <= self.enter <= 1.0:
            raise ValueError(
                "A goal is set at a chance of leaving that lies between 0 and 1, and not below the other bound."
            )

    @property
    def name(self) -> str:
        return self.kind.value


RULES: Mapping[str, GoalRule] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            GoalRule(
                Kind.NEVER,
                N_("No goals"),
                N_("Nobody is told how many tasks are left; people stop when they wish."),
            ),
            GoalRule(
                Kind.STATIC,
                N_("A fixed length"),
                N_("Tasks come in rounds of ten, and it says how many are left. Many people stop where a round ends."),
                length=10,
            ),
            GoalRule(
                Kind.DYNAMIC,
                N_("A goal for those likelier to stop than most"),
                N_("Somebody who is likelier to stop than most at this point is told that it is just a few more."),
            ),
            GoalRule(
                Kind.AT_RISK,
                N_("A goal only for those about to stop"),
                N_("Only somebody who is really likely to stop now is told that it is just a few more."),
            ),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Goal:
    """`remaining` of `length` tasks are left, the one being shown included; `rule` set it."""

    remaining: int
    length: int
    rule: str

    def __post_init__(self) -> None:
        if not 1 <= self.remaining <= self.length:
            raise ValueError(f"A goal of {self.length} tasks cannot have {self.remaining} left.")

    def sentence(self) -> Sentence:
        """What the person reads."""
        if self.remaining == 1:
            return Sentence(N_("Just one more."))
        return Sentence(N_("Just {count} more."), {"count": self.remaining})


@dataclass(frozen=True, slots=True)
class Progress:
    """One person's session as goals see it.

    `answered`: tasks answered or skipped so far, which is the index (from 0) of the task to be shown; `goal`: in force,
    or None; `rested`: tasks since a goal was last met, None if none was; `armed`: whether `at_risk` may set a goal.
    """

    answered: int = 0
    goal: Goal | None = None
    rested: int | None = None
    armed: bool = True


def next_goal(
    rule: GoalRule, progress: Progress, *, stay: float | None = None, survival: ArrayLike | None = None
) -> Goal | None:
    """The goal to show with the next task, or None.

    `stay`: P(survive) of that task in [0, 1], for the rules dynamic and at_risk. `survival`: for dynamic, τ_i by index,
    (I,), the last for all later ones (`survival_by_index`). A goal in force is returned as it is.
    Raises ValueError if a number that the rule needs is missing or no probability.
    """
    return shown(rule, progress, stay=stay, survival=survival).goal


def shown(
    rule: GoalRule, progress: Progress, *, stay: float | None = None, survival: ArrayLike | None = None
) -> Progress:
    """The state once the next task stands before the person: as `next_goal`, with `armed` brought up to date."""
    armed = progress.armed
    if rule.kind is Kind.AT_RISK:
        armed = armed or 1.0 - _probability(stay) < rule.leave
    goal, rested = progress.goal, progress.rested
    free = goal is None and (rested is None or rested >= rule.rest)
    if free and _wanted(rule, progress.answered, armed, stay, survival):
        goal, armed = Goal(rule.length, rule.length, rule.name), rule.kind is not Kind.AT_RISK
    return Progress(progress.answered, goal, rested, armed)


def answered(progress: Progress) -> Progress:
    """The state after one more answer or skip: the goal counts down, or is met and a rest begins."""
    goal, rested = progress.goal, progress.rested
    if goal is None:
        rested = None if rested is None else rested + 1
    elif goal.remaining == 1:
        goal, rested = None, 0
    else:
        goal = Goal(goal.remaining - 1, goal.length, goal.rule)
    return Progress(progress.answered + 1, goal, rested, progress.armed)


def survival_by_index(
    index: ArrayLike, stayed: ArrayLike, *, length: int = 50, pooled: float = 20.0
) -> NDArray[np.float64]:
    """τ_i, the share of tasks shown at index i that were answered or skipped, (length,); the last holds all later.

    `index`, `stayed`: one number each for every task shown, (R,). An index with few rows leans on its neighbours: it
    counts `pooled` rows of the rate of the index before (the first: of all rows). Without any row all rates are 1/2.
    Raises ValueError for lists of different length, a negative index, or outcomes other than 0 and 1.
    """
    at, outcome = np.asarray(index, dtype=np.intp), np.asarray(stayed, dtype=np.float64)
    if at.shape != outcome.shape or at.ndim != 1:
        raise ValueError("Give one index and one outcome for each task shown.")
    if length < 1 or pooled <= 0:
        raise ValueError("Rates need at least one index, and a positive number of pooled rows.")
    if at.size and (at.min() < 0 or not np.isin(outcome, (0.0, 1.0)).all()):
        raise ValueError("An index is 0 or more, and an outcome 1 (stayed) or 0 (left).")
    at = np.minimum(at, length - 1)
    rows = np.bincount(at, minlength=length)
    kept = np.bincount(at, outcome, minlength=length)
    rates = np.empty(length)
    before = (outcome.sum() + 1.0) / (outcome.size + 2.0)
    for i in range(length):
        before = rates[i] = (kept[i] + pooled * before) / (rows[i] + pooled)
    return rates


def _wanted(rule: GoalRule, index: int, armed: bool, stay: float | None, survival: ArrayLike | None) -> bool:
    match rule.kind:
        case Kind.NEVER:
            return False
        case Kind.STATIC:
            return True
        case Kind.DYNAMIC:
            rates = np.asarray(() if survival is None else survival, dtype=np.float64)
            if rates.ndim != 1 or not rates.size:
                raise ValueError("The rule dynamic compares with survival rates by index: give `survival`.")
            return _probability(stay) < float(rates[min(index, rates.size - 1)])
        case Kind.AT_RISK:
            return armed and 1.0 - _probability(stay) >= rule.enter


def _probability(stay: float | None) -> float:
    if stay is None or not 0.0 <= stay <= 1.0:
        raise ValueError("This rule needs the probability that the person stays, between 0 and 1: give `stay`.")
    return stay
