"""A class that was made in Slack joins its LMS: everything of it goes into the course that its channel is bound to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import identities
from core.store.tables import Base, Channel, Course, Image, Item, Membership, Person, SlackIdentity


def move(
    session: Session, *, channel_row: int, from_platform: int, from_course: int, course_id: int, now: datetime
) -> None:
    """Everything of a class that was made in Slack goes into a course of the LMS."""
    platform_id: int = session.scalars(select(Course.platform_id).where(Course.id == course_id)).one()
    for row in session.execute(select(Person.id, Person.subject).where(Person.platform_id == from_platform)).all():
        there = _known_there(session, row.id, row.subject, platform_id)
        if there is None:
            session.execute(update(Person).where(Person.id == row.id).values(platform_id=platform_id))
            identities.move(session, row.id, platform_id)
        else:
            identities.become(session, row.id, there, now=now)
    linked = select(SlackIdentity.person_id)
    session.execute(
        update(Membership)
        .where(
            Membership.course_id == from_course,
            Membership.person_id.in_(linked),
            Membership.person_id.not_in(select(Membership.person_id).where(Membership.course_id == course_id)),
        )
        # rights come from the LMS: until they link themselves, they are named here and may do nothing
        .values(course_id=course_id, role="student", status="inactive")
    )
    _move_images(session, from_course, course_id)
    for table in Base.metadata.sorted_tables:
        if table.name not in {"membership", "image", "channel", "course"} and "course_id" in table.columns:
            _move_rows(session, table, from_course, course_id)
    session.execute(update(Channel).where(Channel.id == channel_row).values(course_id=course_id))


def _known_there(session: Session, person_id: int, subject: str, platform_id: int) -> int | None:
    """Who a person of a class of Slack's is in the LMS already: linked in another channel, or moved there before."""
    linked = aliased(SlackIdentity)
    same = (
        select(linked.person_id)
        .join(
            SlackIdentity,
            (SlackIdentity.workspace_id == linked.workspace_id) & (SlackIdentity.user_id == linked.user_id),
        )
        .where(SlackIdentity.person_id == person_id, linked.platform_id == platform_id)
    )
    moved = select(Person.id).where(Person.platform_id == platform_id, Person.subject == subject)
    found: int | None = session.scalar(same.limit(1)) or session.scalar(moved)
    return found


def _move_rows(session: Session, table: Table, old: int, new: int) -> None:
    column: Any = table.columns["course_id"]
    if column.primary_key and session.scalar(select(column).where(column == new)) is not None:
        session.execute(table.delete().where(column == old))  # a term: the LMS course's own stays
        return
    session.execute(update(table).where(column == old).values(course_id=new))


def _move_images(session: Session, old: int, new: int) -> None:
    """The same picture may be in both courses: then the items show the one that is there."""
    there = {
        row.sha256: row.id for row in session.execute(select(Image.id, Image.sha256).where(Image.course_id == new))
    }
    for row in session.execute(select(Image.id, Image.sha256).where(Image.course_id == old)).all():
        if row.sha256 in there:
            for column in (Item.image_id, Item.thumb_id):
                session.execute(update(Item).where(column == row.id).values({column.key: there[row.sha256]}))
        else:
            session.execute(update(Image).where(Image.id == row.id).values(course_id=new))
