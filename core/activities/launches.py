"""Launches: a login begins, a verified message answers it once, and a session comes of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.activities import courses, people, platforms
from core.activities.addresses import origins
from core.activities.courses import Context, Link
from core.activities.placement import activity_of_link
from core.activities.platforms import Registered
from core.store.tables import Activity, LaunchSession, LaunchState, Platform, Registration

LOGIN_LIFE = timedelta(minutes=10)
CODE_LIFE = timedelta(seconds=60)
CONFIRMATION_LIFE = timedelta(minutes=10)
SESSION_LIFE = timedelta(hours=12)
MOST_LEARNED_ORIGINS = 20
KEPT = timedelta(days=1)  # used states and ended sessions: a nonce is remembered far longer than its token is valid


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLogin:
    """A login as we send it to the platform; secrets come as hashes."""

    state_hash: str
    nonce_hash: str
    binding_hash: str
    storage_hash: str | None
    storage_target: str | None
    deployment_hint: str | None


@dataclass(frozen=True, slots=True)
class Login:
    """A login that waits for its answer, or has had it."""

    id: int
    status: str
    nonce_hash: str
    binding_hash: str
    storage_target: str | None
    deployment_hint: str | None
    registration: Registered


@dataclass(frozen=True, slots=True)
class DeepLinkingRequest:
    """deep_linking_settings (LTI Deep Linking 2.0 section 4.4.1). `data` is None when the platform sent none."""

    return_url: str
    accept_types: tuple[str, ...]
    accept_multiple: bool
    accept_line_item: bool
    data: str | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> DeepLinkingRequest:
        return DeepLinkingRequest(**{**value, "accept_types": tuple(value["accept_types"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A verified message of a platform, in our words."""

    deployment_id: str
    subject: str | None
    name: str | None
    role: str
    is_test: bool
    context: Context | None
    link: Link | None
    activity_public_id: str | None = None
    deep_linking: DeepLinkingRequest | None = None
    locale: str | None = None
    return_url: str | None = None
    product_family: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a launch led to."""

    session_id: int
    platform_public_id: str
    person_id: int
    course_id: int
    role: str
    activity_public_id: str | None


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """Why a verified launch led nowhere; the login still waits, except when it was used already."""

    why: Literal["used", "deployment_unknown", "disabled", "suspended", "subject_missing", "no_course"]
    platform_public_id: str


def begin(session: Session, registration_id: int, login: NewLogin, *, now: datetime) -> None:
    """Remember a login that we send to the platform."""
    session.add(LaunchState(registration_id=registration_id, status="pending", created_at=now, **asdict(login)))
    session.flush()


def login_of(session: Session, state_hash: str, *, now: datetime) -> Login | None:
    """The login with this state, if it began within the last ten minutes."""
    row = session.execute(
        select(
            LaunchState.id,
            LaunchState.status,
            LaunchState.nonce_hash,
            LaunchState.binding_hash,
            LaunchState.storage_target,
            LaunchState.deployment_hint,
            *platforms.REGISTERED,
        )
        .join(Registration, Registration.id == LaunchState.registration_id)
        .where(LaunchState.state_hash == state_hash, LaunchState.created_at > now - LOGIN_LIFE)
    ).one_or_none()
    if row is None:
        return None
    login_id, status, nonce_hash, binding_hash, storage_target, deployment_hint, *registration = row
    return Login(login_id, status, nonce_hash, binding_hash, storage_target, deployment_hint, Registered(*registration))


def consume(session: Session, login_id: int, *, status: str) -> bool:
    """Answer a login, once: of any number of answers at the same time, the UPDATE lets one change the row."""
    done = session.scalar(
        update(LaunchState)
        .where(LaunchState.id == login_id, LaunchState.status == "pending")
        .values(status=status)
        .returning(LaunchState.id)
    )
    return done is not None


def accept(
    session: Session,
    login: Login,
    launch: Launch,
    *,
    code_hash: str,
    bound: bool,
    new_public_id: str,
    now: datetime,
) -> Accepted | NotAccepted:
    """Use up the login and open a session for what the platform signed.

    A `bound` launch came from the browser that began the login: its code opens the session. Otherwise the code only
    names the launch until the browser proves itself (`sessions.bind`). `new_public_id` serves a deployment seen for
    the first time: it is kept as pending and the launch is not accepted. Nothing else is stored unless the launch
    is accepted.
    """
    platform_id, status = platforms.add_platform(
        session, login.registration.id, launch.deployment_id, public_id=new_public_id, status="pending", now=now
    )
    platform = session.execute(
        select(Platform.public_id, Platform.allow_anonymous, Platform.frame_origins).where(Platform.id == platform_id)
    ).one()
    refusal = _refusal(session, launch, platform_id, status, allow_anonymous=platform.allow_anonymous)
    if refusal is not None:
        return NotAccepted(refusal, platform.public_id)
    if not consume(session, login.id, status="used"):
        return NotAccepted("used", platform.public_id)
    role = launch.role if launch.subject is not None else "observer"
    person_id = people.recognise(
        session,
        platform_id=platform_id,
        subject=launch.subject if launch.subject is not None else f"urn:heirloom:anonymous:{login.id}",
        name=launch.name,
        is_test=launch.is_test,
        now=now,
    )
    course_id = courses.recognise_course(session, platform_id=platform_id, context=_context(launch), now=now)
    people.enrol(session, course_id=course_id, person_id=person_id, role=role, now=now)
    link_id, activity = _place(session, launch, course_id, now)
    _learn(session, login.registration, launch, platform_id, platform.frame_origins)
    opened = LaunchSession(
        code_hash=code_hash,
        code_until=now + (CODE_LIFE if bound else CONFIRMATION_LIFE),
        status="coded" if bound else "unbound",
        launch_state_id=login.id,
        platform_id=platform_id,
        person_id=person_id,
        course_id=course_id,
        resource_link_id=link_id,
        role=role,
        deep_linking=launch.deep_linking.to_json() if launch.deep_linking else None,
        locale=launch.locale,
        parent_origin=origins((launch.return_url or "", login.registration.authorization_url))[0],
        created_at=now,
        seen_at=now,
        expires_at=now + SESSION_LIFE,
    )
    session.add(opened)
    session.flush()
    return Accepted(opened.id, platform.public_id, person_id, course_id, role, activity)


def _refusal(
    session: Session, launch: Launch, platform_id: int, status: str, *, allow_anonymous: bool
) -> Literal["deployment_unknown", "disabled", "suspended", "subject_missing", "no_course"] | None:
    if status == "pending":
        return "deployment_unknown"
    if status == "disabled":
        return "disabled"
    if launch.subject is None and not allow_anonymous:
        return "subject_missing"
    if launch.context is None and launch.link is None:
        return "no_course"
    if launch.subject is not None and people.is_suspended(session, platform_id=platform_id, subject=launch.subject):
        return "suspended"
    return None


def _context(launch: Launch) -> Context:
    """The launch's course.

    A link outside any course (LTI Core 1.3 section 5.4.1 is optional) is a course of its own.
    """
    if launch.context is not None:
        return launch.context
    assert launch.link is not None  # for mypy: _refusal saw to it
    return Context("urn:heirloom:no-context:" + hashlib.sha256(launch.link.id.encode()).hexdigest(), launch.link.title)


def _place(session: Session, launch: Launch, course_id: int, now: datetime) -> tuple[int | None, str | None]:
    """The resource link and the public id of the activity that it opens, as far as there is one."""
    if launch.link is None:
        return None, None
    link_id = courses.recognise_link(session, course_id=course_id, link=launch.link, now=now)
    activity_id = activity_of_link(
        session,
        course_id=course_id,
        resource_link_id=link_id,
        activity_public_id=launch.activity_public_id,
        now=now,
    )
    if activity_id is None:
        return link_id, None
    return link_id, session.scalar(select(Activity.public_id).where(Activity.id == activity_id))


def _learn(
    session: Session, registration: Registered, launch: Launch, platform_id: int, known_origins: list[str]
) -> None:
    """Keep what signed messages tell about the platform: the pages that frame us, and the product."""
    signed = [launch.return_url or "", launch.deep_linking.return_url if launch.deep_linking else ""]
    unknown = [origin for origin in origins(signed) if origin not in known_origins]
    if unknown:
        kept = [*known_origins, *unknown][-MOST_LEARNED_ORIGINS:]
        session.execute(update(Platform).where(Platform.id == platform_id).values(frame_origins=kept))
    if launch.product_family and launch.product_family != registration.product_family:
        session.execute(
            update(Registration).where(Registration.id == registration.id).values(product_family=launch.product_family)
        )


def purge(session: Session, *, now: datetime) -> int:
    """Delete logins and sessions that ended a day ago or more; gives how many rows went."""
    sessions = session.scalars(
        delete(LaunchSession).where(LaunchSession.expires_at < now - KEPT).returning(LaunchSession.id)
    ).all()
    states = session.scalars(
        delete(LaunchState).where(LaunchState.created_at < now - KEPT).returning(LaunchState.id)
    ).all()
    return len(sessions) + len(states)
