"""Who a Slack user is: one human is one person, in the LMS and in the channel.

A person of the LMS links a Slack user once, by a one-time code (`slack_codes`). In a class that was made in Slack a
Slack user is a person of that class from the first click on; when they link themselves later, that person and the
LMS's become one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, and_, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from core.activities import credit, people, poll_votes, question_votes, seats
from core.activities.refusals import Refusal
from core.activities.seats import Seat
from core.store.database import insert, run
from core.store.tables import Base, Channel, Credit, Membership, Person, SlackIdentity, SlackUser
from core.store.tables import Workspace as WorkspaceRow
from core.words import N_


@dataclass(frozen=True, slots=True)
class Account:
    """A Slack account that a person is linked to, as they are told of it."""

    workspace_id: int
    workspace: str
    user_id: str
    name: str | None  # as Slack told it; None until Slack was asked
    since: datetime


def meet(session: Session, platform_id: int, workspace_id: int, user_id: str, *, now: datetime) -> int:
    """The person that a Slack user is in a class that was made in Slack; gives its id."""
    known = person_of(session, workspace_id, user_id, platform_id)
    if known is not None:
        return known
    name = session.scalar(
        select(SlackUser.name).where(SlackUser.workspace_id == workspace_id, SlackUser.user_id == user_id)
    )
    subject = f"slack:{workspace_id}:{user_id}"
    person = people.recognise(session, platform_id=platform_id, subject=subject, name=name, is_test=False, now=now)
    session.execute(
        insert(session, SlackIdentity)
        .values(workspace_id=workspace_id, user_id=user_id, platform_id=platform_id, person_id=person, linked_at=now)
        .on_conflict_do_nothing()
        .returning(SlackIdentity.id)
    )
    return person


def person_of(session: Session, workspace_id: int, user_id: str, platform_id: int) -> int | None:
    """Who this Slack user is in a platform; None where nobody linked themselves."""
    found: int | None = run(session, _PERSON, workspace=workspace_id, user=user_id, platform=platform_id).scalar()
    return found


def seat(
    session: Session, workspace_id: int, user_id: str, *, platform_id: int, course_id: int, has_lms: bool,
    now: datetime,
) -> Seat | None:  # fmt: skip
    """Where a Slack user sits in a course, with the newest role that the LMS signed; None for who has no seat (yet).

    In a class that was made in Slack everybody who takes part has a seat; met in the moment in which it moves to the
    LMS's course, they move with it, or are nobody there yet.
    """
    row = run(
        session, _SEAT, workspace=workspace_id, user=user_id, platform=platform_id, course=course_id
    ).one_or_none()
    if row is not None:
        return Seat(platform_id, course_id, row.person_id, row.role)
    if has_lms:
        return None
    seats.hold_course(session, course_id)  # held, too, by whoever ties the class to the LMS (`channels.bind`)
    if run(session, _MEETS, workspace=workspace_id, course=course_id).first() is None:
        return None
    person = meet(session, platform_id, workspace_id, user_id, now=now)
    session.execute(
        insert(session, Membership)
        .values(
            course_id=course_id, person_id=person, role="student", status="active", is_star=False, sections=[],
            role_seen_at=now, launched_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Membership.id)
    )  # fmt: skip
    row = run(
        session, _SEAT, workspace=workspace_id, user=user_id, platform=platform_id, course=course_id
    ).one_or_none()
    return None if row is None else Seat(platform_id, course_id, row.person_id, row.role)


def enter(
    session: Session, workspace_id: int, user_id: str, *, channel_row: int, platform_id: int, course_id: int
) -> Seat | None:
    """The seat of one who is about to do something in the class of a channel, held (`seats.hold`), by one statement: a
    class clicks all at once. None where they have none, or the class has left the channel since it was looked up.
    """
    row = run(
        session, _ENTER, workspace=workspace_id, user=user_id, platform=platform_id, course=course_id,
        channel=channel_row,
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    found = Seat(platform_id, course_id, row.person_id, row.role)
    seats.held(session, found, is_test=row.is_test)
    return found


def link(session: Session, *, platform_id: int, person_id: int, workspace_id: int, user_id: str, now: datetime) -> None:
    """This Slack user is this person of the LMS. What they did in Slack before is theirs.

    Linking the same twice changes nothing. Raises Refusal where either of them is linked to somebody else.
    """
    theirs = session.scalar(
        select(SlackIdentity.user_id).where(
            SlackIdentity.workspace_id == workspace_id, SlackIdentity.person_id == person_id
        )
    )
    if theirs is not None and theirs != user_id:
        raise Refusal(N_("You are linked to another Slack account of this workspace already. Unlink that one first."))
    before = person_of(session, workspace_id, user_id, platform_id)
    if before == person_id:
        return
    if before is not None:
        subject = session.scalars(select(Person.subject).where(Person.id == before)).one()
        if not subject.startswith("slack:"):
            raise Refusal(N_("This Slack account is linked to somebody else. They can unlink it in the course."))
        become(session, before, person_id, now=now)
    session.execute(
        insert(session, SlackIdentity)
        .values(workspace_id=workspace_id, user_id=user_id, platform_id=platform_id, person_id=person_id, linked_at=now)
        .on_conflict_do_update(
            index_elements=["workspace_id", "user_id", "platform_id"],
            set_={"person_id": person_id, "linked_at": now},
        )
        .returning(SlackIdentity.id)
    )


def unlink(session: Session, seat: Seat, workspace_id: int) -> None:
    """This person's Slack account is theirs no longer. What they did stays theirs."""
    session.execute(
        delete(SlackIdentity).where(
            SlackIdentity.workspace_id == workspace_id, SlackIdentity.person_id == seat.person_id
        )
    )


def linked(session: Session, seat: Seat) -> list[tuple[int, str]]:
    """The (workspace, Slack user) pairs that this person is linked to."""
    rows = session.execute(
        select(SlackIdentity.workspace_id, SlackIdentity.user_id).where(SlackIdentity.person_id == seat.person_id)
    )
    return [(row.workspace_id, row.user_id) for row in rows]


def accounts(session: Session, seat: Seat) -> list[Account]:
    """The Slack accounts that this person is linked to, with what they are called there, newest first."""
    rows = session.execute(
        select(
            SlackIdentity.workspace_id,
            WorkspaceRow.name.label("workspace"),
            SlackIdentity.user_id,
            SlackUser.name,
            SlackIdentity.linked_at,
        )
        .join(WorkspaceRow, WorkspaceRow.id == SlackIdentity.workspace_id)
        .outerjoin(
            SlackUser,
            (SlackUser.workspace_id == SlackIdentity.workspace_id) & (SlackUser.user_id == SlackIdentity.user_id),
        )
        .where(SlackIdentity.person_id == seat.person_id)
        .order_by(SlackIdentity.id.desc())
    )
    return [Account(*row) for row in rows]


def move(session: Session, person_id: int, platform_id: int) -> None:
    """A person of a class that was made in Slack is now a person of another platform."""
    session.execute(update(SlackIdentity).where(SlackIdentity.person_id == person_id).values(platform_id=platform_id))


def become(session: Session, old: int, new: int, *, now: datetime) -> None:
    """What one person did becomes another's: they are one human.

    Where both did what a person may do once, the other's stays: of two votes one is taken out of the counts. What an
    anonymous poll counted cannot be told apart any more and stays counted.
    """
    held = session.execute(
        select(Person.id).where(Person.id.in_((old, new))).order_by(Person.id).with_for_update(key_share=True)
    )
    held.all()
    poll_votes.drop_doubles(session, old, new)
    question_votes.drop_doubles(session, old, new)
    _add_credit(session, old, new)
    for table, column in _references():
        _hand_over(session, table, column, old, new)
    session.execute(delete(SlackIdentity).where(SlackIdentity.person_id == old))
    # its name in the platform is free again: a Slack user who comes back to a class of Slack's is met as somebody new
    session.execute(update(Person).where(Person.id == old).values(suspended_at=now, subject=f"became:{old}:{new}"))
    credit.changed_person(session, new, now=now)


def _add_credit(session: Session, old: int, new: int) -> None:
    """Bare counters of anonymous activities are added up: nobody could count them again."""
    rows = session.execute(select(Credit.activity_id, Credit.what, Credit.number).where(Credit.person_id == old)).all()
    for row in rows:
        session.execute(
            insert(session, Credit)
            .values(activity_id=row.activity_id, person_id=new, what=row.what, number=row.number)
            .on_conflict_do_update(
                index_elements=["activity_id", "person_id", "what"], set_={"number": Credit.number + row.number}
            )
            .returning(Credit.number)
        )
    session.execute(delete(Credit).where(Credit.person_id == old))


def _references() -> Iterator[tuple[Table, Column[Any]]]:
    """Every column that names a person."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == "person" for key in column.foreign_keys):
                yield table, column


def _hand_over(session: Session, table: Table, column: Column[Any], old: int, new: int) -> None:
    """Rows of the old person become the new one's, except where a unique key has that row already."""
    keys = [
        [other for other in constraint.columns if other is not column]
        for constraint in table.constraints
        if (isinstance(constraint, UniqueConstraint) or constraint is table.primary_key)
        and column.name in constraint.columns
    ]
    other = table.alias()
    taken = [
        exists().where(
            other.columns[column.name] == new,
            *(and_(other.columns[key.name] == key) for key in columns),
        )
        for columns in keys
    ]
    session.execute(update(table).where(column == old, *(~one for one in taken)).values({column.name: new}))


_PERSON = select(SlackIdentity.person_id).where(
    SlackIdentity.workspace_id == bindparam("workspace"),
    SlackIdentity.user_id == bindparam("user"),
    SlackIdentity.platform_id == bindparam("platform"),
)
_MEETS = select(Channel.id).where(
    Channel.workspace_id == bindparam("workspace"), Channel.course_id == bindparam("course"), Channel.ended_at.is_(None)
)
_SEAT = (
    select(Membership.person_id, Membership.role)
    .join(Person, Person.id == Membership.person_id)
    .where(
        # first who it is, by itself: joined, a planner that has counted nothing yet goes through the whole course
        Membership.person_id == _PERSON.scalar_subquery(),
        Membership.course_id == bindparam("course"),
        Membership.status == "active",
        Person.suspended_at.is_(None),
    )
)
_ENTER = (
    _SEAT.add_columns(Person.is_test)
    .where(
        exists().where(
            Channel.id == bindparam("channel"), Channel.course_id == bindparam("course"), Channel.ended_at.is_(None)
        )
    )
    .with_for_update(key_share=True, of=Person)
)
