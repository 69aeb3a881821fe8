"""What the teacher decides: which texts stay in their pools, which join, and who is a star student."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import contributions, seats
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Seat
from core.store.database import insert
from core.store.tables import Arm, Contribution, Decision, Membership, Person, Problem, Report, Review
from core.words import N_

_other = aliased(Contribution)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text that waits for the teacher: why, and since when."""

    contribution_id: int
    problem_id: int
    kind: str
    text: str
    author: str | None
    author_is_new: bool
    why: str  # 'reported', 'pending' or 'disputed'
    reasons: tuple[str, ...]
    since: datetime


def queue(session: Session, seat: Seat, *, problem_id: int | None = None) -> list[Waiting]:
    """Texts that need the teacher: reported, then disputed by classmates, then pending; new authors first in each."""
    reports = (
        select(Report.contribution_id, func.min(Report.created_at).label("since"))
        .where(Report.settled_at.is_(None))
        .group_by(Report.contribution_id)
        .subquery()
    )
    against = (
        select(Review.contribution_id, func.count().label("words"))
        .where(Review.fine.is_(False))
        .group_by(Review.contribution_id)
        .subquery()
    )
    earlier = exists().where(
        _other.person_id == Contribution.person_id,
        _other.course_id == Contribution.course_id,
        _other.joined_at.is_not(None),
        _other.id != Contribution.id,
    )
    statement = (
        select(
            Contribution.id,
            Contribution.problem_id,
            Contribution.kind,
            Contribution.text,
            Contribution.created_at,
            Person.name,
            reports.c.since,
            against.c.words,
            earlier.label("known"),
        )
        .join(Problem, Problem.id == Contribution.problem_id)
        .outerjoin(Person, Person.id == Contribution.person_id)
        .outerjoin(reports, reports.c.contribution_id == Contribution.id)
        .outerjoin(against, against.c.contribution_id == Contribution.id)
        .where(
            Contribution.course_id == seat.course_id,
            Problem.deleted_at.is_(None),
            (Contribution.status == "pending") | ((Contribution.status == "live") & reports.c.since.is_not(None)),
        )
    )
    if problem_id is not None:
        statement = statement.where(Contribution.problem_id == problem_id)
    waiting = []
    for row in session.execute(statement).all():
        why = "reported" if row.since else "disputed" if row.words else "pending"
        reasons = _reasons(session, row.id) if row.since else ()
        since = row.since or row.created_at
        waiting.append(
            Waiting(row.id, row.problem_id, row.kind, row.text, row.name, not row.known, why, reasons, since)
        )
    rank = {"reported": 0, "disputed": 1, "pending": 2}
    return sorted(waiting, key=lambda w: (rank[w.why], not w.author_is_new, w.since, w.contribution_id))


def _reasons(session: Session, contribution_id: int) -> tuple[str, ...]:
    return tuple(
        session.scalars(
            select(Report.reason)
            .where(Report.contribution_id == contribution_id, Report.settled_at.is_(None), Report.reason != "")
            .order_by(Report.id)
        )
    )


# what a decision may be made about: the text's status, and for retired ones why
_OPEN_TO = {
    "approve": {"pending", "live"},
    "retire": {"pending", "live", "taken out"},
    "restore": {"taken out", "live"},
    "pin": {"live"},
    "unpin": {"live"},
    "keep": {"pending", "live"},
}


def decide(session: Session, seat: Seat, contribution_id: int, action: str, *, now: datetime) -> None:
    """A teacher's decision on a text: approve, retire, restore, pin, unpin or keep (settle its reports).

    Each is recorded; deciding the same twice changes nothing. Raises Refusal where the text has gone another way since
    the page was loaded: its author took it back or changed it.
    """
    if action not in _OPEN_TO:
        raise Refusal(N_("This button is not known. Load the page again."))
    if action == "restore":
        _hold_author(session, seat, contribution_id)
    row = session.execute(
        select(Contribution.status, Contribution.retired_because, Contribution.pinned_at)
        .where(
            Contribution.id == contribution_id, Contribution.course_id == seat.course_id, Contribution.status != "kept"
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This text is not in your course."))
    stands = "taken out" if row.retired_because == "teacher" else row.status
    if stands not in _OPEN_TO[action]:
        raise Refusal(_why_not(action, stands))
    if action == "restore" and _has_newer(session, contribution_id):
        raise Refusal(N_("Its author has written another text since. Look at that one instead."))
    changed = _settle_reports(session, contribution_id, now) if action not in {"pin", "unpin"} else False
    if action in {"approve", "restore"} and stands != "live":
        contributions.join(session, contribution_id, now=now)
        changed = True
    elif action == "retire" and stands != "taken out":
        contributions.retire(session, contribution_id, because="teacher", now=now)
        changed = True
    elif action in {"pin", "unpin"} and (row.pinned_at is None) == (action == "pin"):
        pinned_at = now if action == "pin" else None
        session.execute(update(Contribution).where(Contribution.id == contribution_id).values(pinned_at=pinned_at))
        changed = True
    if changed:
        _record(session, seat, action, now, contribution_id=contribution_id)


def _why_not(action: str, stands: str) -> str:
    if action in {"pin", "unpin"}:
        return N_("Only a text that is in the pool can be pinned. Approve it first.")
    if stands == "taken out":
        return N_("This text was taken out of the pool. You can put it back on the problem's page.")
    if stands == "pending":
        return N_("This text was not shown to classmates yet. Approve it, or leave it out.")
    return N_("Its author took this text back or changed it. Load the page again.")


def _hold_author(session: Session, seat: Seat, contribution_id: int) -> None:
    """Let the author not write another text meanwhile: who sees none by them (`_has_newer`) may rely on it."""
    author_id = session.scalar(
        select(Contribution.person_id).where(
            Contribution.id == contribution_id, Contribution.course_id == seat.course_id
        )
    )
    if author_id is not None:  # None: inherited
        seats.hold(session, replace(seat, person_id=author_id))


def _has_newer(session: Session, contribution_id: int) -> bool:
    """Whether the author has another text of this kind here that is not retired."""
    return (
        session.scalar(
            select(_other.id)
            .join(
                Contribution,
                (_other.person_id == Contribution.person_id)
                & (_other.problem_id == Contribution.problem_id)
                & (_other.kind == Contribution.kind),
            )
            .where(Contribution.id == contribution_id, _other.id != contribution_id, _other.status != "retired")
            .limit(1)
        )
        is not None
    )


def _settle_reports(session: Session, contribution_id: int, now: datetime) -> bool:
    settled = session.scalars(
        update(Report)
        .where(Report.contribution_id == contribution_id, Report.settled_at.is_(None))
        .values(settled_at=now)
        .returning(Report.id)
    ).all()
    return bool(settled)


def star(session: Session, seat: Seat, person_id: int, *, starred: bool, now: datetime) -> None:
    """Make someone a star student, or no longer: their worked examples start from the stronger prior (PeerASSIST)."""
    changed = session.scalar(
        update(Membership)
        .where(Membership.course_id == seat.course_id, Membership.person_id == person_id, Membership.role == "student")
        .values(is_star=starred)
        .returning(Membership.id)
    )
    if changed is None:
        raise NotFound(N_("This person is not a student of your course."))
    theirs = (
        select(Arm.contribution_id)
        .join(Contribution, Contribution.id == Arm.contribution_id)
        .where(
            Contribution.course_id == seat.course_id,
            Contribution.person_id == person_id,
            Contribution.kind == "worked_example",
        )
        .order_by(Arm.contribution_id)  # as those who are rewarded lock them
        .with_for_update(of=Arm)
    )
    session.execute(
        update(Arm)
        .where(Arm.contribution_id.in_(session.scalars(theirs).all()))
        .values(author="star" if starred else "student")
    )
    _record(session, seat, "star" if starred else "unstar", now, person_id=person_id)


def _record(
    session: Session,
    seat: Seat,
    action: str,
    now: datetime,
    *,
    contribution_id: int | None = None,
    person_id: int | None = None,
) -> None:
    session.execute(
        insert(session, Decision).values(
            course_id=seat.course_id,
            teacher_id=seat.person_id,
            action=action,
            contribution_id=contribution_id,
            person_id=person_id,
            created_at=now,
        )
    )
