"""A row that no database takes, with a person's words in it."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.orm import Session

from core.store.tables import Registration

TEXT = "what nobody else should read"


def store(session: Session, *_: object, **__: object) -> None:
    """Most of the row is missing."""
    session.execute(insert(Registration).values(issuer=TEXT))
