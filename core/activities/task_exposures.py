"""One noun: the exposure of a task, a problem that was put before a person. Who chose it, with what chance, and what
came of it.

A person has at most one open exposure in an activity: the newest, while it has no outcome. It ends with their answer,
by going on to another problem (skipped), or by staying away longer than SESSION_GAP (left).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from core.activities import seats
from core.activities.seats import Practice, Seat
from core.store.database import PerDialect, run
from core.store.tables import TaskExposure, TaskRecord

SESSION_GAP = timedelta(minutes=30)  # who does nothing for longer has left; what they do then begins a new session
ANSWERS = ("right", "wrong", "answered")
CHOSEN = "chosen"  # the policy's name where the person picked the problem from the list


@dataclass(frozen=True, slots=True)
class Chosen:
    """A problem to put before a person, and how it came to be that one; field by field as `TaskExposure` keeps it."""

    problem_id: int
    policy: str
    probability: float | None
    eligible_size: int
    model_id: int | None = None
    stay: float | None = None
    information: float | None = None
    ahead: float | None = None
    drawn: str | None = None
    ties: int | None = None
    goal: int | None = None


@dataclass(frozen=True, slots=True)
class Newest:
    """The exposure that a person had last in an activity."""

    id: int
    problem_id: int
    occasion: int
    goal: int | None
    shown_at: datetime
    outcome: str | None

    def is_open(self, now: datetime) -> bool:
        """Whether the person is still at it."""
        return self.outcome is None and now - self.shown_at <= SESSION_GAP


def newest(session: Session, seat: Seat, practice: Practice) -> Newest | None:
    """The exposure that this person had last in the activity."""
    row = run(session, _NEWEST, activity=practice.id, person=seat.person_id).one_or_none()
    return None if row is None else Newest(*row)


_NEWEST = (
    select(
        TaskExposure.id,
        TaskExposure.problem_id,
        TaskExposure.occasion,
        TaskExposure.goal,
        TaskExposure.shown_at,
        TaskExposure.outcome,
    )
    .where(TaskExposure.activity_id == bindparam("activity"), TaskExposure.person_id == bindparam("person"))
    .order_by(TaskExposure.occasion.desc())
    .limit(1)
)


def show(
    session: Session, seat: Seat, practice: Practice, chosen: Chosen, last: Newest | None, *, now: datetime
) -> None:
    """Keep that a problem was put before this person, after `last`, which ends if it is open.

    The caller holds the person, so that `last` is the newest.
    """
    counts = seats.hold(session, seat)
    moved = {chosen.problem_id: {"shown": 1}}
    if last is not None and last.outcome is None:
        skipped = last.is_open(now)
        run(session, _END, exposure=last.id, outcome="skipped" if skipped else "left", outcome_at=now)
        if skipped:
            moved.setdefault(last.problem_id, {})["skipped"] = 1
    run(
        session,
        _SHOW,
        course_id=seat.course_id,
        activity_id=practice.id,
        person_id=seat.person_id,
        problem_id=chosen.problem_id,
        occasion=0 if last is None else last.occasion + 1,
        **{name: getattr(chosen, name) for name in _HOW},
        counts=counts,
        shown_at=now,
    )
    if counts:
        for problem_id in sorted(moved):  # everybody locks records in this order
            _record(session, problem_id, **moved[problem_id])


_HOW = [item.name for item in fields(Chosen) if item.name != "problem_id"]
_SHOW = insert(TaskExposure)
_END = update(TaskExposure).where(TaskExposure.id == bindparam("exposure"))


def answered(
    session: Session, seat: Seat, practice: Practice, problem_id: int, *, right: bool | None, now: datetime
) -> None:
    """The person answered: their open exposure of this problem, if there is one, ends."""
    outcome = "answered" if right is None else "right" if right else "wrong"
    row = run(
        session,
        _ANSWERED,
        activity=practice.id,
        person=seat.person_id,
        problem=problem_id,
        outcome=outcome,
        outcome_at=now,
    ).one_or_none()
    if row is not None and row.counts:
        _record(
            session,
            problem_id,
            answered=1,
            wrong=int(right is False),
            right=int(right is True),
            milliseconds=milliseconds(row.shown_at, now),
        )


_ANSWERED = (
    update(TaskExposure)
    .where(
        TaskExposure.activity_id == bindparam("activity"),
        TaskExposure.person_id == bindparam("person"),
        TaskExposure.problem_id == bindparam("problem"),
        TaskExposure.outcome.is_(None),
    )
    .returning(TaskExposure.counts, TaskExposure.shown_at)
)


def milliseconds(shown_at: datetime, outcome_at: datetime) -> int:
    """How long an answer took; who went away in between is counted with SESSION_GAP."""
    return max(0, round(min(outcome_at - shown_at, SESSION_GAP) / timedelta(milliseconds=1)))


def _record(session: Session, problem_id: int, **more: int) -> None:
    """Add to the problem's record in one statement: the database serialises concurrent ones."""
    run(session, _RECORD, problem=problem_id, **{f"more_{name}": more.get(name, 0) for name in SUMS})


SUMS = ("shown", "answered", "right", "wrong", "skipped", "milliseconds")
_RECORD = PerDialect(
    lambda insert: (
        insert(TaskRecord)
        .values(problem_id=bindparam("problem"), **{name: bindparam(f"more_{name}") for name in SUMS})
        .on_conflict_do_update(
            index_elements=[TaskRecord.problem_id],
            set_={name: getattr(TaskRecord, name) + bindparam(f"more_{name}") for name in SUMS},
        )
    )
)
