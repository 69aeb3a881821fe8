"""What the exposures of tasks tell about the policies that chose them: how often each chose, whether people stayed, and
what would have come of it had every allowed task been as likely as the others.

Stayed     the person answered or skipped; answered leaves skips out. What somebody may still be at is left out.
Evenly     The even choice among E allowed tasks has the chance 1/E, the one that was made had p; so moments weigh
           1 / (E p), and the estimate is Hájek's: Σ w y / Σ w. It says what the *next* answer would have been worth
           where the logged policy had brought people; what other people would have come there it cannot say.
Refused    where a task came for certain although others were allowed: nobody ever saw these instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities.replay_estimates import too_few
from core.activities.task_exposures import ANSWERS, SESSION_GAP
from core.selection import estimates
from core.selection.estimates import Estimate, Log, Refused
from core.store.tables import TaskExposure
from core.words import N_, Amount, Sentence

Array = NDArray[np.float64]

CERTAIN = N_("At {count} of {total} moments one task came for certain, so that nobody saw what else was allowed.")
ALONE = N_("Only one task was allowed each time, so that there was nothing to choose from.")
UNKNOWN = N_("People chose these tasks themselves, with a chance that nobody knows.")
TOO_FEW = N_("This rests on as little as {effective} tasks shown would; from {needed} on, an estimate is given.")


@dataclass(frozen=True, slots=True)
class Shown:
    """A task that was put before a person, as it is stored. `probability` is None where they chose it themselves."""

    person_id: int
    problem_id: int
    policy: str
    probability: float | None
    eligible_size: int
    stay: float | None
    information: float | None
    ahead: float | None
    drawn: str | None
    ties: int | None
    goal: int | None
    shown_at: datetime
    outcome: str | None
    outcome_at: datetime | None


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """What a policy chose, and what came of it; shares in [0, 1].

    `known`: how many with a known chance. `ended`: how many nobody is at any more; the estimates rest on these.
    `evenly`: the share answered had all allowed tasks been equally likely.
    """

    policy: str
    shown: int
    people: int
    known: int
    ended: int
    stayed: Estimate | Refused
    answered: Estimate | Refused
    evenly: Estimate | Refused


def shown(
    session: Session, course_id: int, *, activity_id: int | None = None, problem_id: int | None = None
) -> list[Shown]:
    """What was put before the people of a course, or by one activity, or of one problem, in order; if it counts."""
    statement = (
        select(*(getattr(TaskExposure, name) for name in Shown.__slots__))
        .where(TaskExposure.course_id == course_id, TaskExposure.counts.is_(True))
        .order_by(TaskExposure.shown_at, TaskExposure.id)
    )
    if activity_id is not None:
        statement = statement.where(TaskExposure.activity_id == activity_id)
    if problem_id is not None:
        statement = statement.where(TaskExposure.problem_id == problem_id)
    return [Shown(*row) for row in session.execute(statement)]


def policy_lines(rows: Sequence[Shown], *, now: datetime) -> list[PolicyLine]:
    """A line for each policy that chose, the busiest first."""
    by_policy: dict[str, list[Shown]] = {}
    for row in rows:
        by_policy.setdefault(row.policy, []).append(row)
    lines = [_line(policy, its, now) for policy, its in by_policy.items()]
    return sorted(lines, key=lambda line: (-line.shown, line.policy))


def _line(policy: str, rows: Sequence[Shown], now: datetime) -> PolicyLine:
    ended = [row for row in rows if row.outcome is not None or now - row.shown_at > SESSION_GAP]
    person = np.array([row.person_id for row in ended], dtype=np.intp)
    answered = np.array([row.outcome in ANSWERS for row in ended], dtype=np.float64)
    stayed = np.array([row.outcome in {*ANSWERS, "skipped"} for row in ended], dtype=np.float64)
    return PolicyLine(
        policy,
        len(rows),
        len({row.person_id for row in rows}),
        sum(row.probability is not None for row in rows),
        len(ended),
        _share(stayed, np.ones(len(ended)), person),
        _share(answered, np.ones(len(ended)), person),
        _evenly(ended, answered, person),
    )


def _evenly(rows: Sequence[Shown], answered: Array, person: NDArray[np.intp]) -> Estimate | Refused:
    if any(row.probability is None for row in rows):
        return Refused(Sentence(UNKNOWN), 0.0)
    probability = np.array([row.probability for row in rows], dtype=np.float64)
    allowed = np.array([row.eligible_size for row in rows], dtype=np.float64)
    if rows and not (allowed > 1).any():
        return Refused(Sentence(ALONE), 0.0)
    certain = int(np.count_nonzero((probability == 1.0) & (allowed > 1)))
    if certain:
        return Refused(Sentence(CERTAIN, {"count": certain, "total": len(rows)}), 0.0)
    return _share(answered, probability * allowed, person)


def _share(came: Array, relative: Array, person: NDArray[np.intp]) -> Estimate | Refused:
    """Σ y/c / Σ 1/c with c `relative` to what is asked about: Hájek's mean, which does not change with c's unit.

    So c is taken as the chance of one arm out of two, scaled to at most 1; people answer for several moments each.
    """
    chance = relative / relative.max(initial=1e-300)
    log = Log(np.zeros(came.size, dtype=np.intp), np.column_stack((chance, 1.0 - chance)), came, person)
    few = too_few(log)
    if few is not None:
        return few
    found = estimates.normalised_mean(log, 0)
    if isinstance(found, Estimate):
        return found
    values = {"effective": Amount(found.effective, 1, 1), "needed": Amount(estimates.LEAST_EFFECTIVE)}
    return Refused(Sentence(TOO_FEW, values), found.effective)
