"""Channels whose class works in a course: the LMS's course, or one that was made in Slack and may join the LMS later.

A class that was made in Slack has a platform of its own, which nobody can launch. When its channel is bound to a
course of the LMS, everything that the class did moves into that course: activities, texts, polls, and the people, who
stay who they are until they link themselves (`identities`). Rights do not move: they come from the LMS alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from core.activities import activities, channel_moves, identities, kinds, people, seats
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.secrets import public_id
from core.store.database import insert, run
from core.store.tables import (
    Activity,
    Channel,
    Course,
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
    return None if row is None else of_values(row)


def of_id(session: Session, channel_row: int) -> Bound | None:
    """The same by its row."""
    row = run(session, _BY_ID, id=channel_row).one_or_none()
    return None if row is None else of_values(row)


def of_course(session: Session, seat: Seat) -> list[Bound]:
    """The channels of a course, newest first."""
    rows = session.execute(_CHANNELS.where(Channel.course_id == seat.course_id).order_by(Channel.id.desc()))
    return [of_values(row) for row in rows]


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
    return [(of_values(row[:-2]), Seat(row.platform_id, row.course_id, row.person_id, row.role)) for row in rows]


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
    if before is not None and not before.has_lms:
        seats.hold_course(session, before.course_id)  # who is met there now is met before, and moves, or finds it gone
        before = find(session, workspace_id, channel_id)  # of two who tie it at once the second finds it tied
    if before is not None and before.course_id == course_id:
        return before
    if before is not None and before.has_lms:
        message = N_(
            "This channel belongs to another course, “{course}”. Its teacher can release it there, on the page “Slack”."
        )
        raise Refusal(message, course=before.course_title)
    if before is not None:
        channel_moves.move(
            session,
            channel_row=before.id,
            from_platform=before.platform_id,
            from_course=before.course_id,
            course_id=course_id,
            now=now,
        )
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


COLUMNS = (
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
_CHANNELS = (
    select(*COLUMNS)
    .join(Course, Course.id == Channel.course_id)
    .join(Platform, Platform.id == Course.platform_id)
    .join(Registration, Registration.id == Platform.registration_id)
    .where(Channel.ended_at.is_(None))
)
_FIND = _CHANNELS.where(Channel.workspace_id == bindparam("workspace"), Channel.channel_id == bindparam("channel"))
_BY_ID = _CHANNELS.where(Channel.id == bindparam("id"))


def of_values(values: Sequence[Any]) -> Bound:
    """A channel from the values of `COLUMNS`, in their order."""
    number, workspace, channel, course, language, zone, name, platform, title, issuer = values
    return Bound(number, workspace, channel, course, platform, title, issuer != ISSUER, language, zone, name)
