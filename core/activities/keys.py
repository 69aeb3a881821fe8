"""Our signing keys: a pair for each registration, and its rotation (1EdTech Security Framework 1.0, 6.4 and 7.2).

A key is published as `next` for some days before it signs, so that no platform meets a signature whose key it has not
read yet; after it signed it stays published for some days as `retired`. A kid is never used again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.store.tables import AccessToken, Registration, ToolKey

LIFE = timedelta(days=90)  # of a signing key
AHEAD = timedelta(days=3)  # published before it signs
OVERLAP = timedelta(days=7)  # published after it signed


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh pair: the private half sealed already, the public half as a JWK (RFC 7517)."""

    kid: str
    private_key: str
    public_jwk: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The pair that signs now; the private half is sealed."""

    kid: str
    private_key: str


class Listed(NamedTuple):
    """A line in the operator's list of keys."""

    registration: str
    kid: str
    status: str
    made_at: datetime
    signs_from: datetime | None
    published_until: datetime | None


def publish(session: Session, registration_id: int, key: NewKey, *, status: str, now: datetime) -> None:
    """Add a pair to a registration, as 'current' (the first one) or 'next'."""
    session.add(
        ToolKey(
            registration_id=registration_id,
            kid=key.kid,
            private_key=key.private_key,
            public_jwk=dict(key.public_jwk),
            status=status,
            created_at=now,
            current_from=now if status == "current" else None,
        )
    )
    session.flush()


def signing_key(session: Session, registration_id: int) -> SigningKey:
    """The pair that signs for a registration: `register` made the first one."""
    row = session.execute(
        select(ToolKey.kid, ToolKey.private_key).where(
            ToolKey.registration_id == registration_id, ToolKey.status == "current"
        )
    ).one()
    return SigningKey(row.kid, row.private_key)


def published(session: Session, *, now: datetime, registration_public_id: str | None = None) -> list[dict[str, Any]]:
    """The public keys to show: those of one registration that is not disabled, or those of all active registrations."""
    query = (
        select(ToolKey.public_jwk)
        .join(Registration, Registration.id == ToolKey.registration_id)
        .where((ToolKey.status != "retired") | (ToolKey.published_until > now))
        .order_by(ToolKey.id)
    )
    if registration_public_id is None:
        query = query.where(Registration.status == "active")
    else:
        query = query.where(Registration.public_id == registration_public_id, Registration.status != "disabled")
    return list(session.scalars(query))


def registrations_in_want_of_a_key(session: Session, now: datetime) -> list[int]:
    """Active registrations whose signing key is so old that its successor should be published now."""
    current = (
        select(ToolKey.registration_id)
        .join(Registration, Registration.id == ToolKey.registration_id)
        .where(
            Registration.status == "active", ToolKey.status == "current", ToolKey.current_from <= now - (LIFE - AHEAD)
        )
    )
    announced = select(ToolKey.registration_id).where(ToolKey.status == "next")
    return list(session.scalars(current.where(ToolKey.registration_id.not_in(announced)).order_by(ToolKey.id)))


def begin_rotation(
    session: Session, registration_public_id: str | None, make: Callable[[], NewKey], *, now: datetime
) -> list[str]:
    """Publish a successor now, for one registration or for all active ones that have none announced; gives the new
    kids."""
    announced = select(ToolKey.registration_id).where(ToolKey.status == "next")
    query = select(Registration.id).where(Registration.status == "active", Registration.id.not_in(announced))
    if registration_public_id is not None:
        query = query.where(Registration.public_id == registration_public_id)
    kids: list[str] = []
    for registration_id in session.scalars(query).all():
        key = make()
        publish(session, registration_id, key, status="next", now=now)
        kids.append(key.kid)
    return kids


def listed(session: Session, registration_public_id: str | None = None) -> list[Listed]:
    """Every key of one registration or of all, for the operator."""
    query = (
        select(
            Registration.public_id,
            ToolKey.kid,
            ToolKey.status,
            ToolKey.created_at,
            ToolKey.current_from,
            ToolKey.published_until,
        )
        .join(ToolKey, ToolKey.registration_id == Registration.id)
        .order_by(Registration.id, ToolKey.id)
    )
    if registration_public_id is not None:
        query = query.where(Registration.public_id == registration_public_id)
    return [Listed(*row) for row in session.execute(query)]


def promote(session: Session, now: datetime) -> list[str]:
    """Let every `next` key that was published long enough sign from now on; gives their kids."""
    ready = session.execute(
        select(ToolKey.id, ToolKey.registration_id, ToolKey.kid).where(
            ToolKey.status == "next", ToolKey.created_at <= now - AHEAD
        )
    ).all()
    for key in ready:
        session.execute(
            update(ToolKey)
            .where(ToolKey.registration_id == key.registration_id, ToolKey.status == "current")
            .values(status="retired", published_until=now + OVERLAP)
        )
        session.execute(update(ToolKey).where(ToolKey.id == key.id).values(status="current", current_from=now))
    return [key.kid for key in ready]


def reseal(session: Session, again: Callable[[str], str]) -> int:
    """Encrypt every stored secret again with the newest secret key; `again` does one. Gives how many there were."""
    keys = session.execute(select(ToolKey.id, ToolKey.private_key)).all()
    for key in keys:
        session.execute(update(ToolKey).where(ToolKey.id == key.id).values(private_key=again(key.private_key)))
    tokens = session.execute(select(AccessToken.id, AccessToken.token)).all()
    for token in tokens:
        session.execute(update(AccessToken).where(AccessToken.id == token.id).values(token=again(token.token)))
    return len(keys) + len(tokens)
