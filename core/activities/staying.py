"""What is known, at the moment of a choice, about a person and the problems they may be given: stored rows as the
values of `core.survival`.

A problem's category and subcategory are the first and the last level of its place in the problem bank; its subject is
the problem itself. A person's history is everything that the course has put before them, in whichever activity.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from core.activities.seats import Practice, Seat
from core.activities.task_exposures import SESSION_GAP
from core.crowd import bits
from core.store.database import run
from core.store.tables import ActivityProblem, Problem, TaskExposure, TaskRecord
from core.survival import goals
from core.survival.features import Tasks
from core.survival.goals import Goal, GoalRule, Progress
from core.survival.log import Outcome
from core.survival.person import Event
from core.survival.records import Averages, Record, Records, facts
from core.survival.worth import information_about_person

LONGEST_HISTORY = 300  # of a person's newest exposures; older ones say little about who stays now
OUTCOMES = {
    "right": Outcome.RIGHT,
    "wrong": Outcome.WRONG,
    "answered": Outcome.UNJUDGED,
    "skipped": Outcome.SKIPPED,
    "left": Outcome.LEFT,
}
_SMOOTHING = 2.0  # answers, at the class's share of right ones, that a problem's own share starts with
_POOLING = 4.0  # answers in a category that weigh as much as all of the person's others

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Past:
    """One exposure of a person's history. Without an outcome it is the newest, which they are at or have left."""

    problem_id: int
    category: tuple[str, ...]
    shown_at: datetime
    outcome: str | None
    outcome_at: datetime | None
    stay: float | None
    goal: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The T problems of an activity: what everybody did with each, and what its teacher wants of it; arrays (T,)."""

    problems: tuple[int, ...]
    categories: tuple[tuple[str, ...], ...]
    records: Records
    keyed: NDArray[np.bool_]  # its answers are judged
    worth: Array
    requires: tuple[tuple[int, int], ...]  # pairs of places: a problem, and what must be answered before it

    @property
    def tasks(self) -> Tasks:
        """The same as the features of Table 1 see it."""
        first, last = zip(*map(levels, self.categories), strict=True) if self.problems else ((), ())
        return Tasks(
            np.array(first, dtype=np.int32),
            np.array(last, dtype=np.int32),
            np.array(self.problems, dtype=np.int32),
            facts(self.records, Averages.over(self.records)),
        )


def levels(category: Sequence[str]) -> tuple[int, int]:
    """Numbers of a problem's category and subcategory: the same name has the same number in every log and at any time,
    so that what was learned about a category is found again. Problems without one share a category.
    """
    return _number(category[:1]), _number(category)


def _number(names: Sequence[str]) -> int:
    return crc32("\n".join(names).encode()) & 0x7FFF_FFFF


def candidates(session: Session, practice: Practice) -> Candidates:
    """Every problem of the activity, in the teacher's order."""
    rows = {row.problem_id: row for row in run(session, _CANDIDATES, activity=practice.id)}
    place = {problem: index for index, problem in enumerate(practice.problems)}
    listed = [rows[problem] for problem in practice.problems]
    return Candidates(
        practice.problems,
        tuple(path(row.category) for row in listed),
        Records.of([_record(row) for row in listed]),
        np.array([row.kind != "free_text" for row in listed], dtype=np.bool_),
        np.array([row.worth for row in listed], dtype=np.float64),
        tuple((place[row.problem_id], place[row.requires_id]) for row in listed if row.requires_id in place),
    )


_CANDIDATES = (
    select(
        ActivityProblem.problem_id,
        ActivityProblem.worth,
        ActivityProblem.requires_id,
        Problem.kind,
        Problem.content["category"].label("category"),
        func.coalesce(TaskRecord.shown, 0).label("shown"),
        func.coalesce(TaskRecord.answered, 0).label("answered"),
        func.coalesce(TaskRecord.right, 0).label("right"),
        func.coalesce(TaskRecord.wrong, 0).label("wrong"),
        func.coalesce(TaskRecord.skipped, 0).label("skipped"),
        func.coalesce(TaskRecord.milliseconds, 0).label("milliseconds"),
    )
    .join(Problem, Problem.id == ActivityProblem.problem_id)
    .outerjoin(TaskRecord, TaskRecord.problem_id == ActivityProblem.problem_id)
    .where(ActivityProblem.activity_id == bindparam("activity"), Problem.deleted_at.is_(None))
)


def _record(row: object) -> Record:
    """A stored record; only answers are timed, and what was skipped is done, too."""
    kept = {name: getattr(row, name) for name in ("shown", "right", "wrong", "skipped", "milliseconds")}
    answered = getattr(row, "answered")  # noqa: B009 - the row's columns are named by its statement
    return Record(done=answered + kept["skipped"], timed=answered, **kept)


def path(category: object) -> tuple[str, ...]:
    """A stored place in the problem bank as its names; a database may hand JSON over as text."""
    levels: Any = json.loads(category) if isinstance(category, str) else category
    return tuple(level["name"] for level in levels or ())


def history(session: Session, seat: Seat) -> list[Past]:
    """What the course has put before this person, in the order of time."""
    rows = run(session, _HISTORY, course=seat.course_id, person=seat.person_id).all()
    return [
        Past(
            row.problem_id,
            path(row.category),
            row.shown_at,
            row.outcome,
            row.outcome_at,
            row.stay,
            row.goal,
        )
        for row in reversed(rows)
    ]


_HISTORY = (
    select(
        TaskExposure.problem_id,
        Problem.content["category"].label("category"),
        TaskExposure.shown_at,
        TaskExposure.outcome,
        TaskExposure.outcome_at,
        TaskExposure.stay,
        TaskExposure.goal,
    )
    .join(Problem, Problem.id == TaskExposure.problem_id)
    .where(TaskExposure.course_id == bindparam("course"), TaskExposure.person_id == bindparam("person"))
    .order_by(TaskExposure.id.desc())
    .limit(LONGEST_HISTORY)
)


def events(past: Iterable[Past], now: datetime) -> list[Event]:
    """The history as events. What was shown and neither answered nor followed by another problem was skipped just now,
    or, after a pause, left.
    """
    return [
        Event(
            one.problem_id,
            *levels(one.category),
            one.problem_id,
            one.shown_at.timestamp(),
            OUTCOMES[one.outcome or ("skipped" if now - one.shown_at <= SESSION_GAP else "left")],
            answer_seconds(one.outcome, one.shown_at, one.outcome_at),
        )
        for one in past
    ]


def answer_seconds(outcome: str | None, shown_at: datetime, outcome_at: datetime | None) -> float:
    """How long an answer took [s], at most SESSION_GAP; nan where there is none."""
    if outcome_at is None or outcome not in {"right", "wrong", "answered"}:
        return float("nan")
    return min(outcome_at - shown_at, SESSION_GAP).total_seconds()


@dataclass(frozen=True, slots=True, eq=False)
class Nearby:
    """How many problems others in the course were shown in the last hour and day: of each candidate's category, (T,),
    and of any.
    """

    hour: Array
    day: Array
    hour_anywhere: float
    day_anywhere: float


def nearby(session: Session, seat: Seat, known: Candidates, now: datetime) -> Nearby:
    """What others do meanwhile: where nothing happens any more, people leave sooner."""
    rows = run(
        session,
        _NEARBY,
        course=seat.course_id,
        person=seat.person_id,
        hour=now - timedelta(hours=1),
        day=now - timedelta(days=1),
    ).all()
    hour, day = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in rows:
        hour[path(row.category)[:1]] += row.hour
        day[path(row.category)[:1]] += row.day
    return Nearby(
        np.array([hour[one[:1]] for one in known.categories], dtype=np.float64),
        np.array([day[one[:1]] for one in known.categories], dtype=np.float64),
        float(hour.total()),
        float(day.total()),
    )


_LATELY = (
    select(
        TaskExposure.problem_id,
        func.sum(case((TaskExposure.shown_at >= bindparam("hour"), 1), else_=0)).label("hour"),
        func.count().label("day"),
    )
    .where(
        TaskExposure.course_id == bindparam("course"),
        TaskExposure.shown_at >= bindparam("day"),
        TaskExposure.person_id != bindparam("person"),
        TaskExposure.counts.is_(True),
    )
    .group_by(TaskExposure.problem_id)
    .subquery()
)
_NEARBY = select(Problem.content["category"].label("category"), _LATELY.c.hour, _LATELY.c.day).join(
    _LATELY, _LATELY.c.problem_id == Problem.id
)


def in_session(past: Sequence[Past], now: datetime) -> list[Past]:
    """The end of a history that belongs to the session which `now` goes on with."""
    begun: list[Past] = []
    following = now
    for one in reversed(past):
        if following - (one.outcome_at or one.shown_at) > SESSION_GAP:
            break
        begun.append(one)
        following = one.shown_at
    return begun[::-1]


def progress(past: Sequence[Past], rule: GoalRule, now: datetime) -> Progress:
    """The person's session as goals see it: what they were told is kept with each exposure."""
    state = Progress()
    for one in in_session(past, now):
        told = None if one.goal is None else Goal(one.goal, max(rule.length, one.goal), rule.name)
        armed = state.armed or (one.stay is not None and 1.0 - one.stay < rule.leave)
        newly = told is not None and state.goal is None
        state = replace(state, goal=told, armed=armed and not (newly and rule.kind is goals.Kind.AT_RISK))
        if one.outcome != "left":
            state = goals.answered(state)
    return state


def information(known: Candidates, past: Sequence[Past]) -> tuple[Array, Array]:
    """What an answer to each problem is expected to tell about this person [bits], and their chance to be right; (T,).

    The person's share of right answers in each category is believed to be Beta, pooled over categories; a problem's own
    ease is its smoothed share of right answers beside the activity's. A problem whose answers nobody judges has no key
    that could tell anything: it counts as much as the others on average, so that it is not put off for ever.
    """
    right, wrong = known.records.right.astype(np.float64), known.records.wrong.astype(np.float64)
    overall = (right.sum() + 1.0) / (right.sum() + wrong.sum() + 2.0)
    share = (right + _SMOOTHING * overall) / (right + wrong + _SMOOTHING)
    easier = logit(share) - logit(overall)
    names = sorted({one[:1] for one in known.categories} | {one.category[:1] for one in past})
    place = {name: index for index, name in enumerate(names)}
    hits, tries = np.zeros(len(names)), np.zeros(len(names))
    for one in past:
        tries[place[one.category[:1]]] += one.outcome in {"right", "wrong"}
        hits[place[one.category[:1]]] += one.outcome == "right"
    category = np.array([place[one[:1]] for one in known.categories], dtype=np.intp)
    quality = bits.category_quality(hits, tries, pooling=_POOLING)
    weight = tries + _POOLING
    told = information_about_person(quality * weight, (1.0 - quality) * weight, easier=easier, category=category)
    if known.keyed.any():
        told = np.where(known.keyed, told, told[known.keyed].mean())
    chance = 1.0 / (1.0 + np.exp(-(logit(quality[category]) + easier)))
    return told, chance
