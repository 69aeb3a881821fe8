"""The cache of platforms' public keys: who fetches, who waits, what is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.store.database import insert
from core.store.tables import KeySet

COOL_DOWN = timedelta(seconds=60)
LONGEST_FETCH = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Stored:
    """A key set as last read. `is_fresh`: the last try succeeded, so a kid that is missing does not exist."""

    body: dict[str, Any] | None
    fetched_at: datetime | None
    is_fresh: bool
    is_being_fetched: bool


def stored(session: Session, registration_id: int, *, now: datetime) -> Stored:
    """What we know of a registration's keys; empty before the first reading."""
    row = session.execute(
        select(KeySet.body, KeySet.fetched_at, KeySet.tried_at, KeySet.fetching_until).where(
            KeySet.registration_id == registration_id
        )
    ).one_or_none()
    if row is None:
        return Stored(None, None, is_fresh=False, is_being_fetched=False)
    fresh = row.fetched_at is not None and row.fetched_at >= row.tried_at
    being_fetched = row.fetching_until is not None and row.fetching_until > now
    return Stored(row.body, row.fetched_at, fresh, being_fetched)


def claim(session: Session, registration_id: int, *, now: datetime) -> str:
    """Ask to fetch: 'fetch' for one process in a cool-down, 'wait' while it does, 'no' until the cool-down is over."""
    session.execute(
        insert(session, KeySet).values(registration_id=registration_id).on_conflict_do_nothing().returning(KeySet.body)
    )
    # One UPDATE decides who fetches: the row is locked by the first, and the second no longer meets the condition.
    won = session.scalar(
        update(KeySet)
        .where(
            KeySet.registration_id == registration_id,
            KeySet.tried_at.is_(None) | (KeySet.tried_at <= now - COOL_DOWN),
            KeySet.fetching_until.is_(None) | (KeySet.fetching_until <= now),
        )
        .values(tried_at=now, fetching_until=now + LONGEST_FETCH)
        .returning(KeySet.registration_id)
    )
    if won is not None:
        return "fetch"
    until = session.scalar(select(KeySet.fetching_until).where(KeySet.registration_id == registration_id))
    return "wait" if until is not None and until > now else "no"


def settle(session: Session, registration_id: int, body: dict[str, Any] | None, *, now: datetime) -> None:
    """Keep what was read; None says that the fetch failed and leaves the last good set."""
    values: dict[str, Any] = {"fetching_until": None}
    if body is not None:
        values |= {"body": body, "fetched_at": now}
    session.execute(update(KeySet).where(KeySet.registration_id == registration_id).values(**values))
