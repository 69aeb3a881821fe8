"""Who may talk to a registration's services now, what is due there, and what an answer means for the row.

One request at a time goes to a registration: the worker that holds its lease sends. A worker that dies loses the
lease when it runs out; whatever it had sent without settling is sent once more, with the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from core.activities import platforms
from core.activities.grades import STEP
from core.activities.platforms import Registered
from core.store.tables import Course, Grade, Person, Platform, Registration, ResourceLink
from core.words import N_

LEASE = timedelta(seconds=12)  # renewed while its worker lives: how long a dead worker keeps others waiting
BACK_OFF = (5, 30, 120, 600, 3600)  # seconds after the 1st, 2nd, ... failure; the last one repeats
PATIENCE = timedelta(days=14)
BREAKER_FROM = 3  # failures in a row that close the way to a registration for a while
LONGEST_PAUSE = 3600

Kind = Literal["sent", "overridden", "not_gradable", "gone", "forbidden", "throttled", "transient", "restamp"]

PROBLEMS: dict[Kind, str] = {
    "overridden": N_("The gradebook shows a grade that someone else set there. It was left alone."),
    "not_gradable": N_(
        "The learning platform takes no score for this person, for example because they are no student there."
    ),
    "gone": N_("The column or the course does not exist any more in the learning platform."),
    "forbidden": N_("The learning platform does not let this tool write to the gradebook."),
    "throttled": N_("The learning platform asked us to wait. The score is sent again by itself."),
    "transient": N_("The learning platform could not be reached. The score is sent again by itself."),
    "restamp": N_("The learning platform's clock is ahead of ours. The score is sent again by itself."),
}
GIVEN_UP = N_("The learning platform could not be reached for two weeks.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt to send led to.

    `retry_after`: seconds that the platform asked for; `lms_score`: what it shows, if read.
    """

    kind: Kind
    retry_after: float | None = None
    lms_score: float | None = None


@dataclass(frozen=True, slots=True)
class ToSend:
    """A score on its way: everything that the request is made of, so that a retry has the same bytes."""

    grade_id: int
    version: int
    deployment_id: str
    platform_public_id: str
    line_item_url: str
    scopes: tuple[str, ...]
    subject: str
    score: float
    maximum: float
    stamped_at: datetime
    submitted_at: datetime
    tries: int
    sent_fraction: float | None  # of the last version that the LMS took


@dataclass(frozen=True, slots=True)
class ToRead:
    """A roster that is due."""

    course_id: int
    deployment_id: str
    platform_public_id: str
    memberships_url: str
    differences_url: str | None


def _due_grades(now: datetime) -> ColumnElement[bool]:
    return exists(
        select(Grade.id)
        .join(ResourceLink, ResourceLink.id == Grade.resource_link_id)
        .join(Course, Course.id == ResourceLink.course_id)
        .join(Platform, Platform.id == Course.platform_id)
        .where(
            Grade.registration_id == Registration.id,
            Grade.due_at <= now,
            Platform.status == "active",
            ResourceLink.line_item_url.is_not(None),
        )
    )


def _due_rosters(now: datetime) -> ColumnElement[bool]:
    return exists(
        select(Course.id)
        .join(Platform, Platform.id == Course.platform_id)
        .where(
            Platform.registration_id == Registration.id,
            Platform.status == "active",
            Course.roster_due_at <= now,
            Course.memberships_url.is_not(None),
        )
    )


def claim(session: Session, *, owner: str, now: datetime) -> Registered | None:
    """Take the lease of a registration that has due work and may be called, the one served longest ago; None if
    there is none."""
    registration_id = session.scalar(
        select(Registration.id)
        .where(
            Registration.status == "active",
            or_(Registration.service_lease_until.is_(None), Registration.service_lease_until <= now),
            or_(Registration.service_paused_until.is_(None), Registration.service_paused_until <= now),
            or_(_due_grades(now), _due_rosters(now)),
        )
        .order_by(Registration.service_lease_until.asc().nulls_first(), Registration.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Registration)  # PostgreSQL: another worker's choice is passed over
    )
    if registration_id is None:
        return None
    session.execute(
        update(Registration)
        .where(Registration.id == registration_id)
        .values(service_lease_owner=owner, service_lease_until=now + LEASE)
    )
    return platforms.find(session, registration_id)


def renew(session: Session, registration_id: int, *, owner: str, now: datetime) -> bool:
    """Hold the lease for another while; False when it ran out and someone else has it, or the way was closed
    meanwhile."""
    held = session.scalar(
        update(Registration)
        .where(
            Registration.id == registration_id,
            Registration.service_lease_owner == owner,
            Registration.status == "active",
            or_(Registration.service_paused_until.is_(None), Registration.service_paused_until <= now),
        )
        .values(service_lease_until=now + LEASE)
        .returning(Registration.id)
    )
    return held is not None


def release(session: Session, registration_id: int, *, owner: str, now: datetime) -> None:
    """Give the lease back."""
    session.execute(
        update(Registration)
        .where(Registration.id == registration_id, Registration.service_lease_owner == owner)
        .values(service_lease_owner=None, service_lease_until=now)
    )


def next_grade(session: Session, registration_id: int, *, owner: str, now: datetime) -> ToSend | None:
    """The score that is due longest, under a lease that is renewed; None when nothing is due or the lease is lost."""
    if not renew(session, registration_id, owner=owner, now=now):
        return None
    row = session.execute(
        select(
            Grade.id,
            Grade.version,
            Platform.deployment_id,
            Platform.public_id,
            ResourceLink.line_item_url,
            ResourceLink.ags_scopes,
            Person.subject,
            Grade.score,
            Grade.maximum,
            Grade.stamped_at,
            Grade.submitted_at,
            Grade.tries,
            Grade.sent_fraction,
        )
        .join(ResourceLink, ResourceLink.id == Grade.resource_link_id)
        .join(Course, Course.id == ResourceLink.course_id)
        .join(Platform, Platform.id == Course.platform_id)
        .join(Person, Person.id == Grade.person_id)
        .where(
            Grade.registration_id == registration_id,
            Grade.due_at <= now,
            Platform.status == "active",
            ResourceLink.line_item_url.is_not(None),
        )
        .order_by(Grade.due_at, Grade.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return ToSend(
        grade_id=row.id,
        version=row.version,
        deployment_id=row.deployment_id,
        platform_public_id=row.public_id,
        line_item_url=row.line_item_url,
        scopes=tuple(row.ags_scopes),
        subject=row.subject,
        score=row.score,
        maximum=row.maximum,
        stamped_at=row.stamped_at,
        submitted_at=row.submitted_at,
        tries=row.tries,
        sent_fraction=row.sent_fraction,
    )


def next_roster(session: Session, registration_id: int, *, owner: str, now: datetime) -> ToRead | None:
    """The roster that is due longest, under a lease that is renewed; None when none is due or the lease is lost."""
    if not renew(session, registration_id, owner=owner, now=now):
        return None
    row = session.execute(
        select(
            Course.id,
            Platform.deployment_id,
            Platform.public_id,
            Course.memberships_url,
            Course.roster_differences_url,
        )
        .join(Platform, Platform.id == Course.platform_id)
        .where(
            Platform.registration_id == registration_id,
            Platform.status == "active",
            Course.roster_due_at <= now,
            Course.memberships_url.is_not(None),
        )
        .order_by(Course.roster_due_at, Course.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return ToRead(row.id, row.deployment_id, row.public_id, row.memberships_url, row.roster_differences_url)


def pause(tries: int, retry_after: float | None) -> timedelta:
    """How long a row waits after its `tries`-th failure in a row (1, 2, ...): the back-off, or longer if the
    platform asks."""
    step = BACK_OFF[min(tries, len(BACK_OFF)) - 1]
    return timedelta(seconds=max(step, min(retry_after or 0, LONGEST_PAUSE)))


def settle(session: Session, sent: ToSend, outcome: Outcome, *, now: datetime) -> None:
    """Write down what became of a score. A newer version that was wanted meanwhile stays due."""
    values: dict[str, Any] = {"tried_at": now, "problem": PROBLEMS.get(outcome.kind)}
    if outcome.lms_score is not None:
        values["lms_score"] = outcome.lms_score
    if outcome.kind in ("throttled", "transient", "restamp"):
        values |= _later(session, sent, outcome, now)
    else:
        values |= {"status": outcome.kind, "due_at": None, "tries": 0, "first_failed_at": None}
    taken = {"sent_version": sent.version, "sent_fraction": sent.score / sent.maximum} if outcome.kind == "sent" else {}
    # The version decides: if `want` raised it while we sent, this answer is about an old score and changes nothing
    # about the new one.
    settled = session.scalar(
        update(Grade)
        .where(Grade.id == sent.grade_id, Grade.version == sent.version)
        .values(**values, **taken)
        .returning(Grade.id)
    )
    if settled is None and taken:
        session.execute(
            update(Grade)
            .where(Grade.id == sent.grade_id, Grade.sent_version < sent.version)
            .values(**taken, tried_at=now)
        )


def _later(session: Session, sent: ToSend, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """The row after a failure: due again after a pause, or given up after two weeks."""
    first = session.scalar(select(Grade.first_failed_at).where(Grade.id == sent.grade_id)) or now
    tries = sent.tries + 1
    if now - first > PATIENCE:
        return {"status": "given_up", "due_at": None, "tries": tries, "problem": GIVEN_UP}
    values: dict[str, Any] = {
        "status": "waiting",
        "due_at": now + pause(tries, outcome.retry_after),
        "tries": tries,
        "first_failed_at": first,
    }
    if outcome.kind == "restamp":
        values |= {"version": sent.version + 1, "stamped_at": max(now, sent.stamped_at) + STEP}
    return values


def note(session: Session, registration_id: int, kind: str, retry_after: float | None, *, now: datetime) -> None:
    """Open or close the way to a registration: after failures in a row, or when it asks for patience, nobody calls
    it for a while."""
    if kind == "throttled":
        seconds = min(max(retry_after or 60.0, 1.0), LONGEST_PAUSE)
        values: dict[str, Any] = {"service_paused_until": now + timedelta(seconds=seconds)}
    elif kind == "transient":
        failures = 1 + (
            session.scalar(select(Registration.service_failures).where(Registration.id == registration_id)) or 0
        )
        values = {"service_failures": failures}
        if failures >= BREAKER_FROM:
            closed = min(30 * 2 ** min(failures - BREAKER_FROM, 10), 600)
            values["service_paused_until"] = now + timedelta(seconds=max(closed, min(retry_after or 0, LONGEST_PAUSE)))
    else:
        values = {"service_failures": 0, "service_paused_until": None}
    statement = update(Registration).where(Registration.id == registration_id)
    if kind not in ("throttled", "transient"):  # nothing to write after most successes
        closed_or_closing = or_(Registration.service_failures > 0, Registration.service_paused_until.is_not(None))
        statement = statement.where(closed_or_closing)
    session.execute(statement.values(**values))
