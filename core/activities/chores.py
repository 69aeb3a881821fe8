"""Recurring housekeeping: each chore is a row that says when it is due; whoever takes it holds a lease."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from core.store.database import insert
from core.store.tables import Chore

LEASE = timedelta(minutes=10)


def take(session: Session, name: str, *, now: datetime) -> bool:
    """Take a chore if it is due and nobody has it. The UPDATE lets one of several workers through."""
    session.execute(insert(session, Chore).values(name=name, due_at=now).on_conflict_do_nothing())
    taken = session.scalar(
        update(Chore)
        .where(Chore.name == name, Chore.due_at <= now, or_(Chore.lease_until.is_(None), Chore.lease_until <= now))
        .values(lease_until=now + LEASE)
        .returning(Chore.name)
    )
    return taken is not None


def done(session: Session, name: str, *, again: datetime) -> None:
    """The chore is done and due again at `again`."""
    session.execute(update(Chore).where(Chore.name == name).values(due_at=again, lease_until=None))


def want(session: Session, name: str, *, now: datetime) -> None:
    """Make a chore due at once. If somebody has it in hand, it stays with them and comes again in its own time."""
    wanted = insert(session, Chore).values(name=name, due_at=now)
    session.execute(wanted.on_conflict_do_update(index_elements=[Chore.name], set_={"due_at": now}))
