"""One-time codes between the LMS and Slack: one side shows one, the other takes it.

A code has 40 random bits, lives ten minutes and works once. It binds a channel to a course, or links a person: shown
to somebody whom one side knows, typed by somebody whom the other side knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, select, update
from sqlalchemy.orm import Session

from core.activities import channels, identities, slack_users
from core.activities.channels import Bound
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Seat
from core.secrets import as_typed, digest, readable
from core.store.database import insert
from core.store.tables import Allowance, Course, SlackCode, SlackUser
from core.words import N_

LIFE = timedelta(minutes=10)
LENGTH = 8
MOST_WRONG = 10  # within an hour, by one Slack user, or by one person of the LMS in an activity


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was typed in Slack."""

    workspace_id: int
    user_id: str
    channel_id: str | None = None
    language: str = "en"
    zone: str = "UTC"
    channel_name: str | None = None


def show_in_lms(session: Session, seat: Seat, purpose: str, *, now: datetime) -> str:
    """A code that this person types in Slack: 'channel' binds where it is typed, 'person' links who types it."""
    if purpose == "channel" and seat.role != "teacher":
        raise NotAllowed(N_("Only teachers tie channels to a course and release them."))
    return _new(session, purpose, now, course_id=seat.course_id, person_id=seat.person_id)


def show_in_slack(session: Session, place: Place, purpose: str, *, now: datetime) -> str:
    """A code that a person types in the LMS: 'channel' binds this channel, 'person' links this Slack user."""
    channel = place.channel_id if purpose == "channel" else None
    return _new(session, purpose, now, workspace_id=place.workspace_id, user_id=place.user_id, channel_id=channel)


def take_in_slack(session: Session, place: Place, typed: str, *, now: datetime) -> Bound | None:
    """Somebody types a code of the LMS in Slack. Gives the channel that it bound; None: it linked this person.

    Raises Refusal for a code that is unknown, used or too old. A wrong code is counted, so the caller commits it.
    """
    row = _take(session, typed, in_slack=True, now=now)
    if row is None:
        raise Refusal(_UNKNOWN)
    if row.purpose == "channel":
        if place.channel_id is None:
            raise Refusal(N_("This code ties a channel to a course. Type it in that channel."))
        _must_give(session, place.workspace_id, place.channel_id, place.user_id, now)
        return channels.bind(
            session,
            place.workspace_id,
            place.channel_id,
            course_id=row.course_id,
            bound_by=row.person_id,
            language=place.language,
            zone=place.zone,
            name=place.channel_name,
            now=now,
        )
    platform = session.scalars(select(Course.platform_id).where(Course.id == row.course_id)).one()
    identities.link(
        session,
        platform_id=platform,
        person_id=row.person_id,
        workspace_id=place.workspace_id,
        user_id=place.user_id,
        now=now,
    )
    return None


def take_in_lms(
    session: Session, seat: Seat, typed: str, *, language: str, now: datetime, zone: str | None = None
) -> Bound | None:
    """Somebody types a code of Slack in the LMS. Gives the channel that it bound; None: it linked this person.

    `zone`: of the channel; without it that of who got the code in Slack, for an LMS tells nobody's.
    Raises Refusal for a code that is unknown, used or too old, NotAllowed for a student who would bind a channel.
    """
    row = _take(session, typed, in_slack=False, now=now)
    if row is None:
        raise Refusal(_UNKNOWN)
    if row.purpose == "channel":
        if seat.role != "teacher":
            raise NotAllowed(N_("Only teachers tie channels to a course and release them."))
        _must_give(session, row.workspace_id, row.channel_id, row.user_id, now)
        return channels.bind(
            session,
            row.workspace_id,
            row.channel_id,
            course_id=seat.course_id,
            bound_by=seat.person_id,
            language=language,
            zone=zone or slack_users.zone(session, row.workspace_id, row.user_id),
            now=now,
        )
    identities.link(
        session,
        platform_id=seat.platform_id,
        person_id=seat.person_id,
        workspace_id=row.workspace_id,
        user_id=row.user_id,
        now=now,
    )
    return None


def may_try(session: Session, place: Place, *, now: datetime) -> bool:
    """Whether this Slack user may type another code: after ten wrong ones they wait until the hour is over."""
    row = session.execute(
        select(SlackUser.wrong_codes, SlackUser.wrong_since).where(
            SlackUser.workspace_id == place.workspace_id, SlackUser.user_id == place.user_id
        )
    ).one_or_none()
    if row is None or row.wrong_since is None or row.wrong_since <= now - timedelta(hours=1):
        return True
    return bool(row.wrong_codes < MOST_WRONG)


def note_wrong(session: Session, place: Place, *, now: datetime) -> None:
    """Count a wrong code."""
    session.execute(
        insert(session, SlackUser)
        .values(workspace_id=place.workspace_id, user_id=place.user_id, wrong_codes=0, wants_reminders=True)
        .on_conflict_do_nothing()
        .returning(SlackUser.user_id)
    )
    who = (SlackUser.workspace_id == place.workspace_id, SlackUser.user_id == place.user_id)
    old = SlackUser.wrong_since.is_(None) | (SlackUser.wrong_since <= now - timedelta(hours=1))
    session.execute(update(SlackUser).where(*who, old).values(wrong_codes=0, wrong_since=now))
    session.execute(update(SlackUser).where(*who).values(wrong_codes=SlackUser.wrong_codes + 1))


def count_try(session: Session, seat: Seat, activity_id: int, *, now: datetime) -> None:
    """A person is about to type a code in the LMS. Raises Refusal after ten wrong ones in an hour of the clock.

    It is counted before the code is looked at (and committed by the caller), so that many tries at the same moment
    are no more than ten, either; `forgive_try` takes a right one out of the count.
    """
    today = now.date()
    counted = insert(session, Allowance).values(
        activity_id=activity_id, person_id=seat.person_id, what=_tries(now), day=today, used=1
    )
    used: int = session.scalars(
        counted.on_conflict_do_update(
            index_elements=["activity_id", "person_id", "what"],
            set_={"day": today, "used": case((Allowance.day == today, Allowance.used + 1), else_=1)},
        ).returning(Allowance.used)
    ).one()
    if used > MOST_WRONG:
        raise Refusal(N_("Too many wrong codes. Wait an hour, then get a new code in Slack and type that one."))


def forgive_try(session: Session, seat: Seat, activity_id: int, *, now: datetime) -> None:
    """The code was right."""
    session.execute(
        update(Allowance)
        .where(
            Allowance.activity_id == activity_id, Allowance.person_id == seat.person_id, Allowance.what == _tries(now)
        )
        .values(used=Allowance.used - 1)
    )


def _tries(now: datetime) -> str:
    """A counter for each hour of the day; the same hour of another day begins anew."""
    return f"code-{now:%H}"


def _must_give(session: Session, workspace_id: int, channel_id: str, user_id: str, now: datetime) -> None:
    """A class that was made in Slack goes to a course by the hand of its own teacher alone. Raises NotAllowed."""
    before = channels.find(session, workspace_id, channel_id)
    if before is None or before.has_lms:
        return
    theirs = identities.seat(
        session,
        workspace_id,
        user_id,
        platform_id=before.platform_id,
        course_id=before.course_id,
        has_lms=False,
        now=now,
    )
    if theirs is None or theirs.role != "teacher":
        raise NotAllowed(N_("A class works in this channel. Only whoever teaches it ties it to a course."))


_UNKNOWN = N_("This code is not known here. Codes work once and for ten minutes: get a new one and type it again.")


def _new(session: Session, purpose: str, now: datetime, **side: object) -> str:
    code = readable(LENGTH)
    session.add(SlackCode(code_hash=digest(code), purpose=purpose, expires_at=now + LIFE, **side))
    session.flush()
    return f"{code[:4]}-{code[4:]}"


def _take(session: Session, typed: str, *, in_slack: bool, now: datetime) -> Any:
    """The code's row, which goes at once: of two who type it, one gets it."""
    code = as_typed(typed)
    side = SlackCode.course_id.is_not(None) if in_slack else SlackCode.workspace_id.is_not(None)
    return session.scalar(
        delete(SlackCode)
        .where(SlackCode.code_hash == digest(code), SlackCode.expires_at > now, side)
        .returning(SlackCode)
    )
