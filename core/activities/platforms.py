"""Registrations and platforms: who may launch us, as an administrator of the LMS and our operator agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from core.activities.addresses import is_web_address, origins
from core.activities.keys import NewKey, publish
from core.activities.refusals import NotFound, Refusal
from core.store.database import insert
from core.store.tables import LaunchSession, Platform, Registration
from core.words import N_

LONGEST_ID = 255  # LTI Core 1.3 section 5.3


class Conflict(Refusal):
    """Another registration stands in the way; the first is never overwritten silently."""

    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRegistration:
    """What the two sides exchange at registration."""

    public_id: str
    name: str
    issuer: str
    client_id: str
    authorization_url: str
    token_url: str
    keyset_url: str
    token_audience: str | None = None
    frame_origins: tuple[str, ...] = ()
    product_family: str | None = None
    origin: str = "manual"


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration as launches and services need it."""

    id: int
    public_id: str
    name: str
    issuer: str
    client_id: str
    authorization_url: str
    token_url: str
    token_audience: str | None
    keyset_url: str
    status: str
    product_family: str | None

    @property
    def is_canvas(self) -> bool:
        return self.product_family == "canvas"


@dataclass(frozen=True, slots=True)
class Listed:
    """A line in the operator's list: one platform, or a registration that has none yet."""

    registration_public_id: str
    name: str
    issuer: str
    client_id: str
    registration_status: str
    platform_public_id: str | None
    deployment_id: str | None
    platform_status: str | None
    first_seen_at: datetime | None


REGISTERED: tuple[Any, ...] = (  # the columns of a `Registered`, in its order
    Registration.id,
    Registration.public_id,
    Registration.name,
    Registration.issuer,
    Registration.client_id,
    Registration.authorization_url,
    Registration.token_url,
    Registration.token_audience,
    Registration.keyset_url,
    Registration.status,
    Registration.product_family,
)


def _registered(row: Row[*tuple[Any, ...]]) -> Registered:
    return Registered(*row)


def register(
    session: Session, new: NewRegistration, key: NewKey, *, status: str, development: bool, now: datetime
) -> Registered:
    """Keep a registration with its own key pair, or find the equal one that is there already.

    Raises Refusal for values that LTI does not allow, and Conflict when issuer and client are registered with other
    endpoints, or when a dynamic registration would bring an issuer that we know with keys from elsewhere.
    """
    _check(new, development=development)
    if new.origin == "dynamic":
        _check_same_keys(session, new)
    # The unique constraint on issuer and client settles two registrations at once: one inserts, the other reads.
    made = session.scalar(
        insert(session, Registration)
        .values(
            public_id=new.public_id,
            name=new.name.strip()[:200] or new.issuer,
            issuer=new.issuer,
            client_id=new.client_id,
            authorization_url=new.authorization_url,
            token_url=new.token_url,
            token_audience=new.token_audience,
            keyset_url=new.keyset_url,
            status=status,
            origin=new.origin,
            product_family=new.product_family,
            frame_origins=list(origins(new.frame_origins)),
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["issuer", "client_id"])
        .returning(Registration.id)
    )
    if made is not None:
        publish(session, made, key, status="current", now=now)
    found = find_clients(session, new.issuer, new.client_id)[0]
    if (found.authorization_url, found.token_url, found.keyset_url, found.token_audience) != (
        new.authorization_url,
        new.token_url,
        new.keyset_url,
        new.token_audience,
    ):
        raise Conflict(N_("This issuer and client are registered already, with other addresses."))
    return found


def _check(new: NewRegistration, *, development: bool) -> None:
    for value in (new.issuer, new.client_id):
        if not 0 < len(value) <= LONGEST_ID or not value.isascii() or not value.isprintable():
            raise Refusal(N_("Issuer and client id must be 1 to 255 plain characters."))
    for url in (new.issuer, new.authorization_url, new.token_url, new.keyset_url):
        if not is_web_address(url, development=development):
            raise Refusal(N_("{address} must begin with https://."), address=url[:200])


def _check_same_keys(session: Session, new: NewRegistration) -> None:
    """Whoever may register by a form must not bring another key set for an issuer that is known."""
    known = session.scalars(select(Registration.keyset_url).where(Registration.issuer == new.issuer)).all()
    if known and new.keyset_url not in known:
        raise Conflict(N_("This issuer is registered already, with other keys. Ask the operator of this tool."))


def find_clients(session: Session, issuer: str, client_id: str | None) -> list[Registered]:
    """The registrations of an issuer: at most one when the client is named."""
    query = select(*REGISTERED).where(Registration.issuer == issuer).order_by(Registration.id).limit(20)
    if client_id is not None:
        query = query.where(Registration.client_id == client_id)
    return [_registered(row) for row in session.execute(query)]


def find(session: Session, registration_id: int) -> Registered:
    """The registration with this id, which a row of ours names."""
    return _registered(session.execute(select(*REGISTERED).where(Registration.id == registration_id)).one())


def registration_of(session: Session, public_id: str) -> str:
    """The public id of the registration that an operator means: by its own id, or by that of one of its platforms.

    Raises NotFound.
    """
    found = session.scalar(
        select(Registration.public_id)
        .outerjoin(Platform, Platform.registration_id == Registration.id)
        .where((Registration.public_id == public_id) | (Platform.public_id == public_id))
        .limit(1)
    )
    if found is None:
        raise NotFound(N_("There is no platform with this id."))
    return str(found)


def trusted_audiences(session: Session, issuer: str) -> frozenset[str]:
    """Client ids that may stand beside ours in `aud`: our other active registrations at the same issuer."""
    query = select(Registration.client_id).where(Registration.issuer == issuer, Registration.status == "active")
    return frozenset(session.scalars(query))


def add_platform(
    session: Session, registration_id: int, deployment_id: str, *, public_id: str, status: str, now: datetime
) -> tuple[int, str]:
    """Find or make the platform of a deployment; gives its id and its status. An existing one keeps its status."""
    if not 0 < len(deployment_id) <= LONGEST_ID or not deployment_id.isascii() or not deployment_id.isprintable():
        raise Refusal(N_("The deployment id must be 1 to 255 plain characters."))
    wanted = select(Platform.id, Platform.status).where(
        Platform.registration_id == registration_id, Platform.deployment_id == deployment_id
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        # settled by the unique constraint: of two first launches one inserts, and both read the same row
        session.execute(
            insert(session, Platform)
            .values(
                public_id=public_id,
                registration_id=registration_id,
                deployment_id=deployment_id,
                status=status,
                frame_origins=[],
                allow_anonymous=False,
                first_seen_at=now,
            )
            .on_conflict_do_nothing(index_elements=["registration_id", "deployment_id"])
        )
        row = session.execute(wanted).one()
    return row.id, row.status


def deployment_of(session: Session, platform_id: int) -> str:
    """The deployment id of a platform that a row of ours names."""
    return session.scalars(select(Platform.deployment_id).where(Platform.id == platform_id)).one()


def list_all(session: Session) -> list[Listed]:
    """Every registration with its platforms, pending ones first: what the operator decides about."""
    rows = session.execute(
        select(
            Registration.public_id,
            Registration.name,
            Registration.issuer,
            Registration.client_id,
            Registration.status,
            Platform.public_id,
            Platform.deployment_id,
            Platform.status,
            Platform.first_seen_at,
        )
        .outerjoin(Platform, Platform.registration_id == Registration.id)
        .order_by(Registration.id, Platform.id)
    )
    listed = [Listed(*row) for row in rows]
    return sorted(listed, key=lambda line: "pending" not in (line.registration_status, line.platform_status))


def approve(session: Session, public_id: str) -> None:
    """Let a platform launch (and its registration, if that waits too), or a registration that has no platform yet.

    `public_id` is the platform's or the registration's. Raises NotFound.
    """
    registration_id = session.scalar(
        update(Platform)
        .where(Platform.public_id == public_id)
        .values(status="active")
        .returning(Platform.registration_id)
    ) or session.scalar(select(Registration.id).where(Registration.public_id == public_id))
    if registration_id is None:
        raise NotFound(N_("There is no platform with this id."))
    session.execute(update(Registration).where(Registration.id == registration_id).values(status="active"))


def disable(session: Session, public_id: str) -> None:
    """Stop a platform, or a registration with all its platforms: no launches, no sessions, no calls. Data stays.

    Raises NotFound.
    """
    platforms = session.scalars(
        update(Platform).where(Platform.public_id == public_id).values(status="disabled").returning(Platform.id)
    ).all()
    if not platforms:
        registration_id = session.scalar(
            update(Registration)
            .where(Registration.public_id == public_id)
            .values(status="disabled")
            .returning(Registration.id)
        )
        if registration_id is None:
            raise NotFound(N_("There is no platform with this id."))
        platforms = session.scalars(select(Platform.id).where(Platform.registration_id == registration_id)).all()
    session.execute(
        update(LaunchSession)
        .where(LaunchSession.platform_id.in_(platforms), LaunchSession.status != "ended")
        .values(status="ended")
    )


def allow_anonymous(session: Session, public_id: str, *, allowed: bool) -> None:
    """Accept launches without a user id at a platform (to look, never graded), or refuse them. Raises NotFound."""
    found = session.scalar(
        update(Platform).where(Platform.public_id == public_id).values(allow_anonymous=allowed).returning(Platform.id)
    )
    if found is None:
        raise NotFound(N_("There is no platform with this id."))


def frame_origins(session: Session, public_id: str) -> tuple[str, ...]:
    """The origins whose pages may frame this platform's pages: its endpoints', the operator's, and learned ones."""
    row = session.execute(
        select(
            Registration.issuer,
            Registration.authorization_url,
            Registration.token_url,
            Registration.keyset_url,
            Registration.frame_origins,
            Platform.frame_origins.label("learned"),
        )
        .join(Platform, Platform.registration_id == Registration.id)
        .where(Platform.public_id == public_id)
    ).one_or_none()
    if row is None:
        return ()
    endpoints = (row.authorization_url, row.issuer, row.token_url, row.keyset_url)
    return origins((*endpoints, *row.frame_origins, *row.learned))
