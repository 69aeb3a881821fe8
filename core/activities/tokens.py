"""Service tokens that platforms gave us, sealed.

One for each client, deployment and set of scopes; never shared between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.store.database import insert
from core.store.tables import AccessToken


def _scopes(scopes: Sequence[str]) -> str:
    return " ".join(sorted(scopes))


def stored(
    session: Session, registration_id: int, deployment_id: str, scopes: Sequence[str], *, now: datetime
) -> str | None:
    """The sealed token for exactly these scopes, if it is still good."""
    return session.scalar(
        select(AccessToken.token).where(
            AccessToken.registration_id == registration_id,
            AccessToken.deployment_id == deployment_id,
            AccessToken.scopes == _scopes(scopes),
            AccessToken.expires_at > now,
        )
    )


def keep(
    session: Session,
    registration_id: int,
    deployment_id: str,
    scopes: Sequence[str],
    *,
    sealed: str,
    expires_at: datetime,
) -> None:
    """Keep a new token in the place of the old one."""
    session.execute(
        insert(session, AccessToken)
        .values(
            registration_id=registration_id,
            deployment_id=deployment_id,
            scopes=_scopes(scopes),
            token=sealed,
            expires_at=expires_at,
        )
        .on_conflict_do_update(
            index_elements=["registration_id", "deployment_id", "scopes"],
            set_={"token": sealed, "expires_at": expires_at},
        )
    )


def forget(session: Session, registration_id: int, deployment_id: str, scopes: Sequence[str]) -> None:
    """Drop a token that the platform does not take any more."""
    session.execute(
        delete(AccessToken).where(
            AccessToken.registration_id == registration_id,
            AccessToken.deployment_id == deployment_id,
            AccessToken.scopes == _scopes(scopes),
        )
    )
