"""What Slack users chose, and what Slack told of them: name, language, time zone, reminders and quiet hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from core.activities.refusals import Refusal
from core.store.database import PerDialect, insert, run
from core.store.tables import Person, SlackIdentity, SlackUser
from core.words import N_

FRESH = timedelta(days=7)  # how long what Slack told is believed


@dataclass(frozen=True, slots=True)
class Profile:
    """A Slack user. `quiet_from`, `quiet_until` and `problem_at` (a problem a day) are minutes after midnight in their
    time zone.
    """

    locale: str | None
    time_zone: str | None
    wants_reminders: bool
    quiet_from: int | None
    quiet_until: int | None
    problem_at: int | None = None

    def quiet_over(self, now: datetime) -> datetime:
        """When this person may be told something: now, or at the end of their quiet hours."""
        if self.quiet_from is None or self.quiet_until is None or self.quiet_from == self.quiet_until:
            return now
        here = now.astimezone(clock(self.time_zone))
        minute = here.hour * 60 + here.minute
        span = (self.quiet_until - self.quiet_from) % 1440
        if (minute - self.quiet_from) % 1440 >= span:
            return now
        end = here.replace(hour=self.quiet_until // 60, minute=self.quiet_until % 60, second=0, microsecond=0)
        if end <= here:
            end += timedelta(days=1)
        return end.astimezone(now.tzinfo)


def clock(name: str | None) -> ZoneInfo:
    """The zone that Slack told; UTC where nobody knows it."""
    try:
        return ZoneInfo(name or "UTC")
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


NOBODY = Profile(None, None, True, None, None)


def profile(session: Session, workspace_id: int, user_id: str) -> Profile:
    """What is known of a Slack user. Who is new is remembered, so that Slack is asked about them."""
    row = run(session, _PROFILE, workspace=workspace_id, user=user_id).one_or_none()
    if row is None:
        return NOBODY
    return Profile(*row)


def zone(session: Session, workspace_id: int, user_id: str) -> str:
    """The user's IANA time zone; UTC where Slack has not told."""
    return profile(session, workspace_id, user_id).time_zone or "UTC"


def note(session: Session, workspace_id: int, user_id: str) -> None:
    """Remember that this user exists. Slack is asked about them later, at a pace that it allows."""
    run(session, _NOTE, workspace_id=workspace_id, user_id=user_id, wants_reminders=True, wrong_codes=0)


def unknown(session: Session, workspace_id: int, *, now: datetime, most: int) -> list[str]:
    """Users about whom Slack is to be asked."""
    return list(
        session.scalars(
            select(SlackUser.user_id)
            .where(
                SlackUser.workspace_id == workspace_id,
                or_(SlackUser.told_at.is_(None), SlackUser.told_at < now - FRESH),
            )
            .order_by(SlackUser.told_at.is_not(None), SlackUser.user_id)
            .limit(most)
        )
    )


def tell(
    session: Session, workspace_id: int, user_id: str, *, name: str | None, locale: str | None,
    time_zone: str | None, now: datetime,
) -> None:  # fmt: skip
    """What Slack told of a user. Persons of classes that were made in Slack are called so from now on."""
    session.execute(
        update(SlackUser)
        .where(SlackUser.workspace_id == workspace_id, SlackUser.user_id == user_id)
        .values(name=name, locale=locale, time_zone=time_zone, told_at=now)
    )
    if name:
        theirs = select(SlackIdentity.person_id).where(
            SlackIdentity.workspace_id == workspace_id, SlackIdentity.user_id == user_id
        )
        session.execute(
            update(Person).where(Person.id.in_(theirs), Person.subject.startswith("slack:")).values(name=name)
        )


def asked(session: Session, workspace_id: int, user_id: str, *, now: datetime) -> None:
    """Slack was asked about a user and told nothing: what is known of them stays, and it is asked again in a week."""
    session.execute(
        update(SlackUser)
        .where(SlackUser.workspace_id == workspace_id, SlackUser.user_id == user_id)
        .values(told_at=now)
    )


def choose(session: Session, workspace_id: int, user_id: str, **chosen: Any) -> None:
    """Reminders on or off, quiet hours. Raises Refusal for half of a span."""
    if (chosen.get("quiet_from") is None) != (chosen.get("quiet_until") is None):
        raise Refusal(N_("Quiet hours need a beginning and an end. Choose both, or neither."))
    session.execute(
        insert(session, SlackUser)
        .values(workspace_id=workspace_id, user_id=user_id, **({"wants_reminders": True} | chosen), wrong_codes=0)
        .on_conflict_do_update(index_elements=["workspace_id", "user_id"], set_=chosen)
        .returning(SlackUser.user_id)
    )


COLUMNS = (  # of a Profile, in its order
    SlackUser.locale,
    SlackUser.time_zone,
    SlackUser.wants_reminders,
    SlackUser.quiet_from,
    SlackUser.quiet_until,
    SlackUser.problem_at,
)
_PROFILE = select(*COLUMNS).where(
    SlackUser.workspace_id == bindparam("workspace"), SlackUser.user_id == bindparam("user")
)
_NOTE = PerDialect(lambda insert: insert(SlackUser).on_conflict_do_nothing().returning(SlackUser.user_id))
