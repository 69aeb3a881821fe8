"""One noun: the exposure, a text that was shown to a person. What they may still see of it, and what came of it.

One human, one vote: what a person makes of a text is kept with their first exposure to it (round 0) and replaced there,
however often the text is shown to them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import seats
from core.activities.pools import TENTHS, Sums
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Practice, Seat
from core.store.database import run
from core.store.tables import Arm, Contribution, Exposure, Report
from core.words import N_

_first = aliased(Exposure)
_same_text = (
    (_first.person_id == Exposure.person_id)
    & (_first.contribution_id == Exposure.contribution_id)
    & (_first.round == 0)
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as its reader gets it, with what they made of it so far. No author, no statistics."""

    exposure_id: int
    contribution_id: int
    slot: str
    kind: str
    text: str
    agrees: bool | None  # a reason: whether it argues for this reader's own answer; other kinds: None
    points: int | None
    reported: bool
    withdrawn: bool  # retired, or held back after reports, since it was shown


def shown_to(
    session: Session, seat: Seat, practice: Practice, problem_id: int, *, stance: str | None = None
) -> list[Shown]:
    """What this person was shown for a problem in this activity, in order. `stance` is their own first answer."""
    rows = run(session, _SHOWN, activity=practice.id, person=seat.person_id, problem=problem_id)
    return [
        Shown(
            row.id, row.contribution, row.slot, row.kind, row.text, row.stance == stance if row.stance else None,
            row.points, row.reported, withdrawn=row.status in {"retired", "held"},
        )
        for row in rows
    ]  # fmt: skip


_SHOWN = (
    select(
        Exposure.id,
        Contribution.id.label("contribution"),
        Exposure.slot,
        Contribution.kind,
        Contribution.text,
        Contribution.stance,
        _first.points,
        exists()
        .where(Report.contribution_id == Contribution.id, Report.person_id == bindparam("person"))
        .label("reported"),
        Contribution.status,
    )
    .join(Contribution, Contribution.id == Exposure.contribution_id)
    .join(_first, _same_text)
    .where(
        Exposure.activity_id == bindparam("activity"),
        Exposure.person_id == bindparam("person"),
        Exposure.problem_id == bindparam("problem"),
    )
    .order_by(Exposure.slot, Exposure.occasion)
)


def rate(session: Session, seat: Seat, exposure_id: int, rating: int, *, now: datetime) -> None:
    """Store a rating 0 (not at all helpful) to 10 (extremely helpful) of what one was shown; move its arm by that.

    Rating again replaces, also when the text was shown again. Raises Refusal for a rating out of range, NotFound for
    what was not shown to this person in this course.
    """
    if not 0 <= rating <= TENTHS:
        raise Refusal(N_("That rating is outside 0 to 10. Choose one of the eleven numbers; your explanation is kept."))
    seats.hold(session, seat)  # of two ratings at once the second sees the first
    row = run(session, _TO_RATE, exposure=exposure_id, person=seat.person_id, course=seat.course_id).one_or_none()
    if row is None:
        raise NotFound(N_("This text was not shown to you here. Open the problem again."))
    if row.points == rating:
        return
    run(session, _OUTCOME, exposure=row.id, points=rating, outcome="rated", outcome_at=now)
    if row.counts:
        _move(session, row.contribution_id, row.points, rating)


_TO_RATE = (
    select(_first.id, _first.contribution_id, _first.points, _first.counts)
    .join(Exposure, _same_text)
    .where(
        Exposure.id == bindparam("exposure"),
        Exposure.person_id == bindparam("person"),
        Exposure.course_id == bindparam("course"),
        Exposure.slot != "help",
    )
)
_OUTCOME = update(Exposure).where(Exposure.id == bindparam("exposure"))


def reward_help(
    session: Session, seat: Seat, practice: Practice, *, next_problem_id: int, right: bool, now: datetime
) -> int:
    """The next problem was answered: help shown for earlier ones gets its reward (PeerASSIST). Gives how many did.

    Only the first answer to the next problem counts; the caller calls this once for it.
    """
    seats.hold(session, seat)
    waiting = run(session, _HELPED, activity=practice.id, person=seat.person_id, next_problem=next_problem_id).all()
    points = TENTHS if right else 0
    for row in waiting:
        outcome = "next_right" if right else "next_wrong"
        run(session, _OUTCOME, exposure=row.id, points=points, outcome=outcome, outcome_at=now)
        if row.counts:
            _move(session, row.contribution_id, None, points)
    return len(waiting)


_HELPED = (
    select(Exposure.id, Exposure.contribution_id, Exposure.counts)
    .where(
        Exposure.activity_id == bindparam("activity"),
        Exposure.person_id == bindparam("person"),
        Exposure.slot == "help",
        Exposure.round == 0,
        Exposure.points.is_(None),
        Exposure.problem_id != bindparam("next_problem"),
    )
    .order_by(Exposure.contribution_id)  # everybody locks arms in this order
)


def change_of(before: int | None, after: int) -> Sums:
    """What a text's sums change by when a person's points for it go from `before` (None: none) to `after`."""
    old = before or 0
    return (1 if before is None else 0, after - old, after**2 - old**2)


def _move(session: Session, contribution_id: int, before: int | None, after: int) -> None:
    """Add the change to the arm in one statement: the database serialises concurrent ones."""
    more, sum_of, squares_of = change_of(before, after)
    run(session, _MOVE, arm=contribution_id, more=more, sum_of=sum_of, squares_of=squares_of)


_MOVE = (
    update(Arm)
    .where(Arm.contribution_id == bindparam("arm"))
    .values(
        rewarded=Arm.rewarded + bindparam("more"),
        points=Arm.points + bindparam("sum_of"),
        squares=Arm.squares + bindparam("squares_of"),
    )
)
