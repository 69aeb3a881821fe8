"""Choosing the next problem for one person by a policy of `core.survival`, with all that the exposure keeps of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from core.activities import practice_settings, staying, survival_models
from core.activities.seats import Practice, Seat
from core.activities.staying import Candidates, Past
from core.activities.survival_models import Asked
from core.activities.task_exposures import Chosen
from core.activities.tasks import OPEN_STATES, Place
from core.survival import allocation, goals
from core.survival.allocation import Offer
from core.survival.constraints import allowed
from core.survival.goals import RULES, GoalRule, Progress
from core.survival.policies import POLICIES, Policy
from core.survival.worth import answers_ahead, continuation

SHARE = (
    0.05  # of choices are drawn from all allowed problems alike, so that corrected means over problems stay possible
)
IN_ORDER = "IN_ORDER"

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def policy_of(practice: Practice) -> Policy:
    """The policy that the activity's teacher chose."""
    order = practice.settings.order
    return POLICIES[IN_ORDER if order == practice_settings.MY_ORDER else order]


def goal_rule(practice: Practice) -> GoalRule:
    """When somebody is told how many problems are left."""
    return RULES[policy_of(practice).goals]


def choose(
    session: Session,
    seat: Seat,
    practice: Practice,
    listed: Sequence[Place],
    *,
    after: int | None,
    rng: np.random.Generator,
    now: datetime,
) -> Chosen | None:
    """One of the problems that are open for this person; None when none is.

    `after` is the problem that they want to go on from: it comes again only if nothing else may.
    """
    policy = policy_of(practice)
    known = staying.candidates(session, practice)
    past = staying.history(session, seat)
    told, right = staying.information(known, past)
    may = _allowed(known, listed, past, after, right, practice.settings.difficulty)
    asked = survival_models.asked(session, seat, policy.model, known, past, now)
    rule = goal_rule(practice)
    progress = staying.progress(past, rule, now)
    remaining = 0 if progress.goal is None else progress.goal.remaining
    offer = Offer(
        may,
        entropy=told,
        gain=told,
        stay=np.ones(len(may)) if asked is None else asked.stay(remaining),  # without a model, everybody stays
        worth=known.worth,
        keyed=known.keyed,
        ahead=_ahead(asked, past, told, may),
    )
    made = allocation.allocate(policy.name, offer, rng, share=SHARE)
    if made is None:
        return None
    predicted = None if asked is None else made.stay
    goal = _goal(rule, progress, asked, predicted)
    return Chosen(
        known.problems[made.index],
        policy.name,
        made.probability,
        made.allowed,
        model_id=None if asked is None else asked.model_id,
        stay=predicted,
        information=made.reward,
        ahead=made.ahead,
        drawn=made.drawn.value,
        ties=made.ties,
        goal=None if goal is None else goal.remaining,
    )


def _allowed(
    known: Candidates, listed: Sequence[Place], past: Sequence[Past], after: int | None, right: Array, difficulty: str
) -> Flags:
    """Which problems may come next, (T,): new ones, else skipped, else tried ones; each if what it requires is done.

    Only if nothing else is left comes the problem `after` again, and only if everything waits for something that this
    person cannot do any more is a requirement dropped: nobody is stranded.
    """
    state = {place.problem_id: place.state for place in listed}
    skipped = {one.problem_id for one in past if one.outcome in {None, "skipped", "left"}}
    answered = np.array([state[problem] in _ANSWERED for problem in known.problems])
    ranks = np.array([_rank(problem, state[problem], after, skipped) for problem in known.problems])
    for requires in (known.requires, ()):
        for rank in range(_CLOSED):
            found = allowed(
                ranks != rank,
                mastered=answered,
                requires=np.array(requires, dtype=np.intp).reshape(-1, 2),
                chance=right,
                corridor=practice_settings.CORRIDORS[difficulty],
            )
            if found.any():
                return found
    return np.zeros(len(known.problems), dtype=np.bool_)


_ANSWERED = {"tried", "right", "partly", "wrong", "answered"}
_CLOSED = 4


def _rank(problem: int, state: str, after: int | None, skipped: set[int]) -> int:
    if state not in OPEN_STATES:
        return _CLOSED
    if problem == after:
        return 3
    return 2 if state == "tried" else 1 if problem in skipped else 0


def _ahead(asked: Asked | None, past: Sequence[Past], told: Array, may: Flags) -> float:
    """V: the answers still expected after the next one, each worth what one yields here on average [bits]."""
    if asked is None:
        return 0.0
    expected = answers_ahead(asked.rates)
    done = sum(one.outcome not in {None, "left"} for one in past)
    return float(continuation(told, may, expected[min(done, expected.size - 1)]))


def _goal(rule: GoalRule, progress: Progress, asked: Asked | None, stay: float | None) -> goals.Goal | None:
    """What this person is told is left; a rule that needs to know who stays is silent until a model is there."""
    if rule.kind in {goals.Kind.DYNAMIC, goals.Kind.AT_RISK} and (asked is None or stay is None):
        return progress.goal
    probability = None if asked is None or stay is None else asked.probability(stay)
    rates = None if asked is None else asked.rates
    return goals.next_goal(rule, progress, stay=probability, survival=rates)
