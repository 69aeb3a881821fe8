"""Channels whose class works in a course: the LMS's course, or one that was made in Slack and may join the LMS later.

A class that was made in Slack has a platform of its own, which nobody can launch. When its channel is bound to a
course of the LMS, everything that the class did moves into that course: activities, texts, polls, and the people, who
stay who they are until they link themselves (`identities`). Rights do not move: they come from the LMS alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import activities, identities, kinds, people, seats
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.secrets import public_id
from core.store.database import insert, run
from core.store.tables import (
    Activity,
    Base,
    Channel,
    Course,
    Image,
    Item,
    Membership,
    Person,
    Platform,
    Registration,
    SlackIdentity,
    SlackMessage,
)
from core.words import N_

ISSUER = "https://slack.com"  # of the platforms of classes that were made in Slack
SHARED = ("questions", "gallery", "poll")


@dataclass(frozen=True, slots=True)
class Bound:
    """A channel and the course that its class works in."""

    id: int
    workspace_id: int
    channel_id: str
    course_id: int
    platform_id: int
    course_title: str
    has_lms: bool  # False: the class was made in Slack and has no LMS (yet)
    language: str
    time_zone: str
    name: str | None


def find(session: Session, workspace_id: int, channel_id: str) -> Bound | None:
    """The channel, if a class works in it."""
    row = run(session, _FIND, workspace=workspace_id, channel=channel_id).one_or_none()
    return None if row is None else _bound(row)


def of_id(session: Session, channel_row: int) -> Bound | None:
    """The same by its row."""
    row = run(session, _BY_ID, id=channel_row).one_or_none()
    return None if row is None else _bound(row)


def of_course(session: Session, seat: Seat) -> list[Bound]:
    """The channels of a course, newest first."""
    rows = session.execute(_CHANNELS.where(Channel.course_id == seat.course_id).order_by(Channel.id.desc()))
    return [_bound(row) for row in rows]


def of_person(session: Session, workspace_id: int, user_id: str) -> list[tuple[Bound, Seat]]:
    """The channels of this workspace where this Slack user has a seat, each with that seat."""
    rows = session.execute(
        _CHANNELS.add_columns(Membership.person_id, Membership.role)
        .join(SlackIdentity, SlackIdentity.platform_id == Course.platform_id)
        .join(Membership, (Membership.course_id == Course.id) & (Membership.person_id == SlackIdentity.person_id))
        .join(Person, Person.id == SlackIdentity.person_id)
        .where(
            Channel.workspace_id == workspace_id,
            SlackIdentity.workspace_id == workspace_id,
            SlackIdentity.user_id == user_id,
            Membership.status == "active",
            Person.suspended_at.is_(None),
        )
        .order_by(Channel.id)
    )
    return [(_bound(row), Seat(row.platform_id, row.course_id, row.person_id, row.role)) for row in rows]


def make_class(
    session: Session, workspace_id: int, channel_id: str, user_id: str, *, name: str, language: str, zone: str,
    now: datetime,
) -> Bound:  # fmt: skip
    """A class without an LMS: whoever makes it teaches it, everybody who takes part in the channel is a student.

    Raises Refusal where a class works in this channel already.
    """
    if find(session, workspace_id, channel_id) is not None:
        raise Refusal(N_("A class works in this channel already. Ask its teacher, or use another channel."))
    deployment = f"{workspace_id}:{channel_id}"
    registration = session.scalars(
        insert(session, Registration)
        .values(
            public_id=public_id(),
            name=name,
            issuer=ISSUER,
            client_id=deployment,
            authorization_url="",
            token_url="",
            keyset_url="",
            status="disabled",  # nobody launches it
            origin="manual",
            frame_origins=[],
            created_at=now,
        )
        .on_conflict_do_update(index_elements=["issuer", "client_id"], set_={"name": name})
        .returning(Registration.id)
    ).one()
    platform = session.scalars(
        insert(session, Platform)
        .values(
            public_id=public_id(),
            registration_id=registration,
            deployment_id=deployment,
            status="disabled",
            frame_origins=[],
            first_seen_at=now,
        )
        .on_conflict_do_update(index_elements=["registration_id", "deployment_id"], set_={"deployment_id": deployment})
        .returning(Platform.id)
    ).one()
    course = session.scalars(
        insert(session, Course)
        .values(platform_id=platform, context_id=deployment, title=name, label="", created_at=now)
        .on_conflict_do_update(index_elements=["platform_id", "context_id"], set_={"title": name})
        .returning(Course.id)
    ).one()
    seats.hold_course(session, course)  # of two who make it at once the second sees the first
    teaching = set(
        session.scalars(
            select(Membership.person_id)
            .join(Person, Person.id == Membership.person_id)
            .where(
                Membership.course_id == course,
                Membership.role == "teacher",
                Membership.status == "active",
                Person.platform_id == platform,
                Person.suspended_at.is_(None),
            )
        )
    )
    if teaching and identities.person_of(session, workspace_id, user_id, platform) not in teaching:
        raise Refusal(N_("A class worked in this channel before. Whoever made it brings it back: “/heirloom class”."))
    _keep(session, workspace_id, channel_id, course, None, name=name, language=language, zone=zone, now=now)
    bound = find(session, workspace_id, channel_id)
    assert bound is not None  # for mypy: it was just stored
    person = identities.meet(session, bound.platform_id, workspace_id, user_id, now=now)
    people.enrol(session, course_id=course, person_id=person, role="teacher", now=now)
    return bound


def bind(
    session: Session, workspace_id: int, channel_id: str, *, course_id: int, bound_by: int, language: str, zone: str,
    now: datetime, name: str | None = None,
) -> Bound:  # fmt: skip
    """Tie a channel to a course of the LMS; a class that was made in it moves there with everything it did.

    Raises Refusal where the channel belongs to another course of the LMS.
    """
    before = find(session, workspace_id, channel_id)
    if before is not None and before.course_id == course_id:
        return before
    if before is not None and before.has_lms:
        message = N_(
            "This channel belongs to another course, “{course}”. Its teacher can release it there, on the page “Slack”."
        )
        raise Refusal(message, course=before.course_title)
    if before is not None:
        _move(session, before, course_id, now=now)
    _keep(session, workspace_id, channel_id, course_id, bound_by, name=name, language=language, zone=zone, now=now)
    bound = find(session, workspace_id, channel_id)
    assert bound is not None  # for mypy: it was just stored
    return bound


def release(session: Session, seat: Seat, channel_row: int, *, now: datetime) -> None:
    """The class of a course leaves a channel. What it did stays in the course; messages there stand still."""
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers tie channels to a course and release them."))
    row = session.execute(
        update(Channel)
        .where(Channel.id == channel_row, Channel.course_id == seat.course_id, Channel.ended_at.is_(None))
        .values(ended_at=now)
        .returning(Channel.workspace_id, Channel.channel_id)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This channel does not belong to your course any more. Load the page again."))
    still(session, row.workspace_id, row.channel_id)


def gone(session: Session, workspace_id: int, channel_id: str, *, now: datetime) -> None:
    """Slack says that the channel was deleted."""
    session.execute(
        update(Channel)
        .where(Channel.workspace_id == workspace_id, Channel.channel_id == channel_id, Channel.ended_at.is_(None))
        .values(ended_at=now)
    )
    still(session, workspace_id, channel_id)


def renumber(session: Session, workspace_id: int, old: str, new: str) -> None:
    """Slack gave a channel another id."""
    for table in (Channel, SlackMessage):
        session.execute(
            update(table).where(table.workspace_id == workspace_id, table.channel_id == old).values(channel_id=new)
        )


def activity(session: Session, seat: Seat, bound: Bound, kind: str, *, now: datetime) -> Opened:
    """Where what the class does in the channel goes: the course's activity of this kind that the channel uses, else
    its newest; the first one is made when it is needed.

    `kind`: 'questions', 'gallery' or 'poll'.
    """
    column = {"questions": Channel.questions_id, "gallery": Channel.gallery_id, "poll": Channel.poll_id}[kind]
    found = session.scalar(
        select(Activity.public_id)
        .join(Channel, column == Activity.id)
        .where(Channel.id == bound.id, Activity.course_id == bound.course_id)
    )
    if found is None:
        seats.hold_course(session, bound.course_id)
        row = session.execute(
            select(Activity.id, Activity.public_id)
            .where(Activity.course_id == bound.course_id, Activity.kind == kind)
            .order_by(Activity.id.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            told = kinds.SHARED[kind]
            made = activities.make_shared(session, seat, kind=kind, title=told.title, settings=told.blank, now=now)
            number, found = made.id, made.public_id
        else:
            number, found = row.id, row.public_id
        session.execute(update(Channel).where(Channel.id == bound.id).values({column.key: number}))
    return seats.opened(session, seat, found, kind)


def practice(session: Session, seat: Seat, bound: Bound) -> str | None:
    """The public id of the practice activity that the channel uses, else of the newest that the course shows; None
    without one. What is not placed yet is the teacher's alone.
    """
    own: str | None = session.scalar(
        select(Activity.public_id)
        .join(Channel, Channel.practice_id == Activity.id)
        .where(Channel.id == bound.id, Activity.course_id == seat.course_id)
    )
    newest = select(Activity.public_id).where(
        Activity.course_id == seat.course_id, Activity.kind == "practice", Activity.placed_at.is_not(None)
    )
    return own or session.scalar(newest.order_by(Activity.id.desc()).limit(1))


def use(session: Session, seat: Seat, channel_row: int, kind: str, activity_public_id: str) -> None:
    """A teacher chooses which activity of the course a channel uses. Raises NotAllowed, NotFound."""
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers tie channels to a course and release them."))
    column = {
        "practice": Channel.practice_id, "questions": Channel.questions_id,
        "gallery": Channel.gallery_id, "poll": Channel.poll_id,
    }.get(kind)  # fmt: skip
    number = session.scalar(
        select(Activity.id).where(
            Activity.public_id == activity_public_id, Activity.course_id == seat.course_id, Activity.kind == kind
        )
    )
    if column is None or number is None:
        raise seats.not_here()
    session.execute(
        update(Channel)
        .where(Channel.id == channel_row, Channel.course_id == seat.course_id)
        .values({column.key: number})
    )


def _keep(
    session: Session, workspace_id: int, channel_id: str, course_id: int, bound_by: int | None, *, name: str | None,
    language: str, zone: str, now: datetime,
) -> None:  # fmt: skip
    fresh = {"course_id": course_id, "bound_by": bound_by, "bound_at": now, "ended_at": None}
    told = {} if name is None else {"name": name}
    chosen = {"practice_id": None, "questions_id": None, "gallery_id": None, "poll_id": None}
    known = session.execute(
        select(Channel.id, Channel.course_id).where(
            Channel.workspace_id == workspace_id, Channel.channel_id == channel_id
        )
    ).one_or_none()
    if known is not None and known.course_id == course_id:
        chosen = {}  # its class comes back, or moved here before
    session.execute(
        insert(session, Channel)
        .values(workspace_id=workspace_id, channel_id=channel_id, name=name, language=language, time_zone=zone, **fresh)
        .on_conflict_do_update(index_elements=["workspace_id", "channel_id"], set_=fresh | chosen | told)
        .returning(Channel.id)
    )


def still(session: Session, workspace_id: int, channel_id: str) -> None:
    """What stands in a channel is not kept up to date any more."""
    session.execute(
        update(SlackMessage)
        .where(
            SlackMessage.workspace_id == workspace_id,
            SlackMessage.channel_id == channel_id,
            SlackMessage.status.in_(("waiting", "live")),
        )
        .values(status="over", due_at=None)
    )


def _move(session: Session, before: Bound, course_id: int, *, now: datetime) -> None:
    """Everything of a class that was made in Slack goes into a course of the LMS."""
    platform_id: int = session.scalars(select(Course.platform_id).where(Course.id == course_id)).one()
    for row in session.execute(select(Person.id, Person.subject).where(Person.platform_id == before.platform_id)).all():
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
            Membership.course_id == before.course_id,
            Membership.person_id.in_(linked),
            Membership.person_id.not_in(select(Membership.person_id).where(Membership.course_id == course_id)),
        )
        # rights come from the LMS: until they link themselves, they are named here and may do nothing
        .values(course_id=course_id, role="student", status="inactive")
    )
    _move_images(session, before.course_id, course_id)
    for table in Base.metadata.sorted_tables:
        if table.name not in {"membership", "image", "channel", "course"} and "course_id" in table.columns:
            _move_rows(session, table, before.course_id, course_id)
    session.execute(update(Channel).where(Channel.id == before.id).values(course_id=course_id))


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


_CHANNELS = (
    select(
        Channel.id,
        Channel.workspace_id,
        Channel.channel_id,
        Channel.course_id,
        Channel.language,
        Channel.time_zone,
        Channel.name,
        Course.platform_id,
        Course.title,
        Registration.issuer,
    )
    .join(Course, Course.id == Channel.course_id)
    .join(Platform, Platform.id == Course.platform_id)
    .join(Registration, Registration.id == Platform.registration_id)
    .where(Channel.ended_at.is_(None))
)
_FIND = _CHANNELS.where(Channel.workspace_id == bindparam("workspace"), Channel.channel_id == bindparam("channel"))
_BY_ID = _CHANNELS.where(Channel.id == bindparam("id"))


def _bound(row: Any) -> Bound:
    return Bound(
        id=row.id,
        workspace_id=row.workspace_id,
        channel_id=row.channel_id,
        course_id=row.course_id,
        platform_id=row.platform_id,
        course_title=row.title,
        has_lms=row.issuer != ISSUER,
        language=row.language,
        time_zone=row.time_zone,
        name=row.name,
    )
