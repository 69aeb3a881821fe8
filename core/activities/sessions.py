"""Sessions: what a browser may do after a verified launch, for how long, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from core.activities.addresses import origins
from core.activities.launches import CODE_LIFE, DeepLinkingRequest
from core.store.database import run
from core.store.tables import (
    Activity,
    Course,
    LaunchSession,
    LaunchState,
    Membership,
    Person,
    Platform,
    Registration,
    ResourceLink,
)

IDLE = timedelta(minutes=60)
TOUCH = timedelta(minutes=1)  # `seen_at` is written at most this often


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Who asks, from where, with which rights. The role is that of the launch, lowered to the newest membership's."""

    session_id: int
    platform_id: int
    platform_public_id: str
    registration_id: int
    course_id: int
    course_title: str
    person_id: int
    person_name: str | None
    is_test: bool
    role: str
    resource_link_id: int | None
    activity_id: int | None
    activity_public_id: str | None
    activity_kind: str | None
    locale: str | None
    deep_linking: DeepLinkingRequest | None
    parent_origin: str
    frame_origins: tuple[str, ...]
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Unbound:
    """A launch that waits until its browser proves itself, as the page that asks needs it."""

    person_name: str | None
    course_title: str


Ended = Literal["unknown", "idle", "over", "disabled", "suspended", "left"]


def bind(
    session: Session, ref_hash: str, *, storage_hash: str | None, code_hash: str, now: datetime
) -> str | Literal["unknown", "wrong"]:
    """Turn an unbound launch into one with a code, once; gives its platform's public id.

    `storage_hash` is that of the value which the platform's storage gave back; None means that the person confirmed
    who they are. A wrong value ends the launch ('wrong'): somebody else's browser began it.
    """
    waiting = session.execute(
        select(LaunchSession.id, LaunchState.storage_hash, Platform.public_id)
        .join(LaunchState, LaunchState.id == LaunchSession.launch_state_id)
        .join(Platform, Platform.id == LaunchSession.platform_id)
        .where(LaunchSession.code_hash == ref_hash, LaunchSession.status == "unbound", LaunchSession.code_until > now)
    ).one_or_none()
    if waiting is None:
        return "unknown"
    right = storage_hash is None or storage_hash == waiting.storage_hash
    # of two requests with one reference the UPDATE lets one through: the other finds another code
    done = session.scalar(
        update(LaunchSession)
        .where(LaunchSession.id == waiting.id, LaunchSession.code_hash == ref_hash, LaunchSession.status == "unbound")
        .values(
            status="coded" if right else "ended",
            code_hash=code_hash if right else None,
            code_until=now + CODE_LIFE,
        )
        .returning(LaunchSession.id)
    )
    if done is None:
        return "unknown"
    return str(waiting.public_id) if right else "wrong"


def unbound(session: Session, session_id: int) -> Unbound:
    """Whom and where the confirmation page names."""
    row = session.execute(
        select(Person.name, Course.title)
        .select_from(LaunchSession)
        .join(Person, Person.id == LaunchSession.person_id)
        .join(Course, Course.id == LaunchSession.course_id)
        .where(LaunchSession.id == session_id)
    ).one()
    return Unbound(row.name, row.title)


def open_with_code(
    session: Session, *, platform_public_id: str, code_hash: str, token_hash: str, now: datetime
) -> int | None:
    """Trade a one-time code for a session token; None where the code is wrong, late, used, or another platform's."""
    platform = select(Platform.id).where(Platform.public_id == platform_public_id).scalar_subquery()
    # single use: the UPDATE takes the code away, so of two requests with one code the second finds none
    opened: int | None = session.scalar(
        update(LaunchSession)
        .where(
            LaunchSession.code_hash == code_hash,
            LaunchSession.status == "coded",
            LaunchSession.code_until > now,
            LaunchSession.platform_id == platform,
        )
        .values(status="open", code_hash=None, code_until=None, token_hash=token_hash, seen_at=now)
        .returning(LaunchSession.id)
    )
    return opened


def look_up(session: Session, token_hash: str, *, now: datetime) -> SignedIn | Ended:
    """Who carries this token: one query on its unique index, or why nobody does any more."""
    row = run(session, _SIGNED_IN, token_hash=token_hash).one_or_none()
    if row is None or row.status != "open":
        return "unknown"
    if row.expires_at <= now:
        return "over"
    if row.seen_at <= now - IDLE:
        return "idle"
    if row.platform_status != "active" or row.registration_status != "active":
        return "disabled"
    if row.suspended_at is not None:
        return "suspended"
    if row.member_status != "active":
        return "left"
    endpoints = (row.authorization_url, row.issuer, row.token_url, row.keyset_url)
    return SignedIn(
        session_id=row.session_id,
        platform_id=row.platform_id,
        platform_public_id=row.platform_public_id,
        registration_id=row.registration_id,
        course_id=row.course_id,
        course_title=row.course_title,
        person_id=row.person_id,
        person_name=row.person_name,
        is_test=row.is_test,
        role=_lower(row.role, row.member_role),
        resource_link_id=row.resource_link_id,
        activity_id=row.activity_id,
        activity_public_id=row.activity_public_id,
        activity_kind=row.activity_kind,
        locale=row.locale,
        deep_linking=DeepLinkingRequest.from_json(row.deep_linking) if row.deep_linking else None,
        parent_origin=row.parent_origin,
        frame_origins=origins((*endpoints, *row.operator_origins, *row.learned_origins)),
        seen_at=row.seen_at,
    )


_SIGNED_IN = (
    select(
        LaunchSession.id.label("session_id"),
        LaunchSession.status,
        LaunchSession.role,
        LaunchSession.deep_linking,
        LaunchSession.locale,
        LaunchSession.parent_origin,
        LaunchSession.seen_at,
        LaunchSession.expires_at,
        LaunchSession.resource_link_id,
        Platform.id.label("platform_id"),
        Platform.public_id.label("platform_public_id"),
        Platform.status.label("platform_status"),
        Platform.frame_origins.label("learned_origins"),
        Registration.id.label("registration_id"),
        Registration.status.label("registration_status"),
        Registration.issuer,
        Registration.authorization_url,
        Registration.token_url,
        Registration.keyset_url,
        Registration.frame_origins.label("operator_origins"),
        Course.id.label("course_id"),
        Course.title.label("course_title"),
        Person.id.label("person_id"),
        Person.name.label("person_name"),
        Person.is_test,
        Person.suspended_at,
        Membership.role.label("member_role"),
        Membership.status.label("member_status"),
        Activity.id.label("activity_id"),
        Activity.public_id.label("activity_public_id"),
        Activity.kind.label("activity_kind"),
    )
    .join(Platform, Platform.id == LaunchSession.platform_id)
    .join(Registration, Registration.id == Platform.registration_id)
    .join(Course, Course.id == LaunchSession.course_id)
    .join(Person, Person.id == LaunchSession.person_id)
    .join(Membership, and_(Membership.course_id == Course.id, Membership.person_id == Person.id))
    .outerjoin(ResourceLink, ResourceLink.id == LaunchSession.resource_link_id)
    .outerjoin(Activity, Activity.id == ResourceLink.activity_id)
    .where(LaunchSession.token_hash == bindparam("token_hash"))
)

_RANK = {"observer": 0, "student": 1, "teacher": 2}


def _lower(launched_as: str, newest: str) -> str:
    """The weaker of two roles: a teacher who was made a student since this launch is one here too, at once."""
    return min(launched_as, newest, key=_RANK.__getitem__)


def touch(session: Session, session_id: int, *, now: datetime) -> None:
    """Note that the session is in use, if that was not noted within the last minute."""
    session.execute(
        update(LaunchSession)
        .where(LaunchSession.id == session_id, LaunchSession.seen_at <= now - TOUCH)
        .values(seen_at=now)
    )


def end(session: Session, session_id: int) -> None:
    """End a session: its token is worth nothing from now on."""
    session.execute(update(LaunchSession).where(LaunchSession.id == session_id).values(status="ended"))
