"""What contributions count toward the grade: a rule that a teacher reads as a sentence, and how far each person is.

    score = points · mean over what the rule names of min(done / asked, 1)

Where names are hidden from the teacher (made-up names, nobody), a grade that moves a second after a text appears would
tell whose text it is. There the gradebook is told in batches (`tell_together`): when five people or more have something
new at once, or after the due date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, literal, select, true, union_all
from sqlalchemy.orm import Session

from core.activities import grades, kinds
from core.activities.seats import Opened, Seat
from core.activities.shared_settings import SharedSettings
from core.store.database import insert, run
from core.store.tables import (
    Activity,
    Ballot,
    Contribution,
    Credit,
    Grade,
    Judgement,
    Membership,
    Person,
    Poll,
    ResourceLink,
    Vote,
    Voter,
)

TOGETHER = 5  # people whose grades move at once, so that none of them stands out
HIDDEN = {"pseudonym", "anonymous"}
TEXTS = ("question", "answer", "comment", "found", "produced")
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the rule names: how many are asked for, and how many are done."""

    what: str
    asked: int
    done: int

    @property
    def share(self) -> float:
        return min(self.done / self.asked, 1.0)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person is."""

    parts: tuple[Part, ...]
    points: float
    score: float


def progress(settings: SharedSettings, done: Mapping[str, int]) -> Progress:
    """One person's parts and score, from how often they did each thing."""
    parts = tuple(Part(what, asked, done.get(what, 0)) for what, asked in settings.credit.items())
    share = sum(part.share for part in parts) / len(parts) if parts else 0.0
    return Progress(parts, settings.points, round(settings.points * share, DECIMALS))


def mine(session: Session, seat: Seat, opened: Opened, settings: SharedSettings) -> Progress | None:
    """How far this person is; None where nothing is graded."""
    if not (settings.points and settings.credit):
        return None
    return progress(settings, counts(session, opened.id, seat.person_id).get(seat.person_id, {}))


def add(session: Session, seat: Seat, opened: Opened, what: str) -> None:
    """Count something that an anonymous activity stores without its author."""
    statement = insert(session, Credit).values(activity_id=opened.id, person_id=seat.person_id, what=what, number=1)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["activity_id", "person_id", "what"], set_={"number": Credit.number + 1}
        )
    )


def counts(session: Session, activity_id: int, person_id: int | None = None) -> dict[int, dict[str, int]]:
    """How often each person (or this one) did what may count in an activity, by kind of contribution.

    Texts count while classmates can see them, and when they were merged into another one. Anonymous polls count for
    everybody together once they are closed; for oneself (`person_id`) at once. What test users and previewing teachers
    do counts for nobody, but has no grade either.
    """
    if person_id is None:
        return _found(run(session, _EVERYBODY, activity=activity_id))
    return _found(run(session, _MINE, activity=activity_id, person=person_id))


def _found(rows: Iterable[Any]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for who, what, number in rows:
        found.setdefault(who, {})[what] = int(number)
    return found


def _done(*, of_one: bool, in_open_polls: bool) -> Select[Any]:
    """Everybody's or one person's contributions; of anonymous polls those in closed ones, or in all."""
    here: BindParameter[int] = bindparam("activity")
    shown = (Contribution.status == "live") | (Contribution.retired_because == "merged")

    def whose(column: Any) -> ColumnElement[bool]:
        return column == bindparam("person") if of_one else true()

    done = union_all(
        select(Contribution.person_id.label("who"), Contribution.kind.label("what"), literal(1).label("number")).where(
            Contribution.activity_id == here,
            Contribution.kind.in_(TEXTS),
            shown,
            Contribution.person_id.is_not(None),
            whose(Contribution.person_id),
        ),
        select(Vote.person_id, literal("vote"), literal(1))
        .join(Contribution, Contribution.id == Vote.contribution_id)
        .where(Contribution.activity_id == here, whose(Vote.person_id)),
        select(Judgement.person_id, literal("rating"), literal(1)).where(
            Judgement.activity_id == here, Judgement.judged_at.is_not(None), whose(Judgement.person_id)
        ),
        select(Ballot.person_id, literal("ballot"), literal(1))
        .join(Poll, Poll.id == Ballot.poll_id)
        .where(Poll.activity_id == here, Poll.deleted_at.is_(None), whose(Ballot.person_id)),
        select(Voter.person_id, literal("ballot"), literal(1))
        .join(Poll, Poll.id == Voter.poll_id)
        .where(
            Poll.activity_id == here,
            Poll.deleted_at.is_(None),
            true() if in_open_polls else Poll.closed_at.is_not(None),
            whose(Voter.person_id),
        ),
        select(Credit.person_id, Credit.what, Credit.number).where(Credit.activity_id == here, whose(Credit.person_id)),
    ).subquery()
    return select(done.c.who, done.c.what, func.sum(done.c.number)).group_by(done.c.who, done.c.what)


_EVERYBODY = _done(of_one=False, in_open_polls=False)
_MINE = _done(of_one=True, in_open_polls=True)
_TOLD = _done(of_one=True, in_open_polls=False)  # what the gradebook may know of one person


def changed(session: Session, seat: Seat, opened: Opened, settings: SharedSettings, *, now: datetime) -> None:
    """This person did something that may count: say what the gradebook should show, unless that waits for others.

    The caller holds the person (`seats.opened_to_work_on`), so that nothing is stored between counting and saying.
    """
    if seat.role != "student" or settings.anonymity in HIDDEN or not (settings.points and settings.credit):
        return
    _hold_membership(session, seat.course_id, seat.person_id)
    _want(session, opened.id, settings, {seat.person_id}, now)


def changed_for(
    session: Session, seat: Seat, opened: Opened, settings: SharedSettings, person_id: int, *, now: datetime
) -> None:
    """The same for another person, whose text somebody made appear or go. Nobody may hold two people at once, or two of
    them would wait for each other; so both count while they hold the membership, the second after the first.
    """
    if settings.anonymity in HIDDEN or not (settings.points and settings.credit):
        return
    if _hold_membership(session, seat.course_id, person_id) == "student":
        _want(session, opened.id, settings, {person_id}, now)


def changed_person(session: Session, person_id: int, *, now: datetime) -> None:
    """Two people turned out to be one: what both did counts in every activity of theirs that names people.

    Where names are hidden the gradebook is told with the others' (`tell_together`).
    """
    rows = session.execute(
        select(Activity.id, Activity.kind, Activity.settings)
        .join(Membership, Membership.course_id == Activity.course_id)
        .where(
            Membership.person_id == person_id,
            Membership.role == "student",
            Membership.status == "active",
            Activity.kind.in_(kinds.SHARED),
        )
        .order_by(Activity.id)
    ).all()
    for row in rows:
        settings = kinds.SHARED[row.kind].from_json(row.settings)
        if settings.points and settings.credit and settings.anonymity not in HIDDEN:
            _want(session, row.id, settings, (person_id,), now)


def _hold_membership(session: Session, course_id: int, person_id: int) -> str | None:
    return run(session, _HOLD_MEMBERSHIP, course=course_id, person=person_id).scalar()


_HOLD_MEMBERSHIP = (
    select(Membership.role)
    .where(Membership.course_id == bindparam("course"), Membership.person_id == bindparam("person"))
    .with_for_update(key_share=True)
)


def _want(session: Session, activity_id: int, settings: SharedSettings, people: Iterable[int], now: datetime) -> None:
    whom = sorted(people)
    if len(whom) == 1:
        done = _found(run(session, _TOLD, activity=activity_id, person=whom[0]))
    else:
        done = counts(session, activity_id)
    for link in grades.columns(session, activity_id):
        for person in whom:
            score = progress(settings, done.get(person, {})).score
            if score or grades.is_known(session, link, person):
                grades.want(
                    session,
                    resource_link_id=link,
                    person_id=person,
                    score=score,
                    maximum=settings.points,
                    now=now,
                )


def update_all(
    session: Session, activity_id: int, settings: SharedSettings, *, now: datetime, at_once: bool = False
) -> int:
    """Everybody's grade anew: after the settings changed, and from time to time where names are hidden. How many moved.

    Where names are hidden only if `TOGETHER` people or more move at once, or nothing more is to come (`at_once`, or
    the due date is over).
    """
    if not (settings.points and settings.credit):
        return 0
    done = counts(session, activity_id)
    moved = {
        person
        for link in grades.columns(session, activity_id)
        for person, kept in _students(session, link).items()
        if kept != ((score := progress(settings, done.get(person, {})).score), settings.points)
        and (score or kept is not None)
    }
    over = at_once or (settings.due_at is not None and settings.due_at <= now)
    if settings.anonymity in HIDDEN and len(moved) < TOGETHER and not over:
        return 0
    _want(session, activity_id, settings, moved, now)
    return len(moved)


def _students(session: Session, link: int) -> dict[int, tuple[float, float] | None]:
    """The active students of a link's course, with the score and maximum that its column should show so far."""
    rows = session.execute(
        select(Person.id, Grade.score, Grade.maximum)
        .select_from(ResourceLink)
        .join(Membership, Membership.course_id == ResourceLink.course_id)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Grade, (Grade.resource_link_id == ResourceLink.id) & (Grade.person_id == Person.id))
        .where(
            ResourceLink.id == link,
            Membership.role == "student",
            Membership.status == "active",
            Person.is_test.is_(False),
        )
    )
    return {row.id: None if row.score is None else (row.score, row.maximum) for row in rows}


def tell_together(session: Session, *, now: datetime) -> int:
    """Tell the gradebook what waits in activities that hide names, where enough people move at once. How many moved."""
    rows = session.execute(select(Activity.id, Activity.kind, Activity.settings).where(Activity.kind.in_(kinds.SHARED)))
    number = 0
    for row in rows.all():
        settings = kinds.SHARED[row.kind].from_json(row.settings)
        if settings.anonymity in HIDDEN:
            number += update_all(session, row.id, settings, now=now)
    return number


@dataclass(frozen=True, slots=True)
class Line:
    """A student on the teacher's page: what they did, or, where names are hidden, only what the gradebook was told."""

    person_id: int
    name: str | None
    parts: tuple[Part, ...]
    score: float


def lines(session: Session, seat: Seat, opened: Opened, settings: SharedSettings) -> list[Line]:
    """Every active student of the course by name.

    Where names are hidden nothing is newer than the last batch: the counts of the moment beside the newest texts would
    tell whose they are.
    """
    hidden = settings.anonymity in HIDDEN
    done = {} if hidden else counts(session, opened.id)
    told: dict[int, float] = {}
    if hidden:
        for link in grades.columns(session, opened.id):
            told |= {person: kept[0] for person, kept in _students(session, link).items() if kept}
    rows = session.execute(
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.course_id == seat.course_id,
            Membership.role == "student",
            Membership.status == "active",
            Person.is_test.is_(False),
        )
        .order_by(Person.name, Person.id)
    )
    found = []
    for row in rows:
        its = progress(settings, done.get(row.id, {}))
        found.append(
            Line(row.id, row.name, () if hidden else its.parts, told.get(row.id, 0.0) if hidden else its.score)
        )
    return found
