"""Hiding which rows were written together: what an anonymous activity keeps of texts, credit and allowances.

PostgreSQL marks every row with the transaction that wrote it last, and a text is stored in one transaction with its
author's counters. So from time to time all of these rows are written anew in one transaction, after which they bear one
mark. SQLite keeps no such mark, and keeps these tables in the order of their keys.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.activities import kinds
from core.store.tables import Activity, Allowance, Contribution, Credit

LOOKS_BACK = timedelta(days=2)  # a text bears its day; older ones were mixed before


def mix(session: Session, *, now: datetime) -> int:
    """Write anew what belongs to anonymous activities in which somebody wrote lately. How many activities."""
    if session.get_bind().dialect.name != "postgresql":
        return 0
    lately = (
        select(Contribution.activity_id)
        .where(Contribution.person_id.is_(None), Contribution.created_at >= now - LOOKS_BACK)
        .distinct()
    )
    rows = session.execute(select(Activity.id, Activity.kind, Activity.settings).where(Activity.id.in_(lately)))
    anonymous = [row.id for row in rows if _is_anonymous(row.kind, row.settings)]
    for activity_id in sorted(anonymous):  # in one order, as everybody who holds several
        session.execute(
            update(Contribution)
            .where(Contribution.activity_id == activity_id, Contribution.person_id.is_(None))
            .values(version=Contribution.version)
        )
        session.execute(update(Credit).where(Credit.activity_id == activity_id).values(number=Credit.number))
        session.execute(update(Allowance).where(Allowance.activity_id == activity_id).values(used=Allowance.used))
    return len(anonymous)


def _is_anonymous(kind: str, settings: dict[str, object]) -> bool:
    return settings.get("anonymity" if kind in kinds.SHARED else "questions_panel") == "anonymous"
