"""How much one person may do in an activity on one day, so that nobody floods it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, delete
from sqlalchemy.orm import Session

from core.activities.refusals import Refusal
from core.activities.seats import Seat
from core.store.database import insert
from core.store.tables import Allowance
from core.words import N_


def spend(session: Session, seat: Seat, activity_id: int, what: str, *, limit: int, now: datetime) -> None:
    """Use one of a day's allowance of `what`. Raises Refusal when it is used up; teachers have no limit.

    The row knows the day (UTC) and no time: in an anonymous activity a time would tell who wrote what.
    """
    if seat.role == "teacher":
        return
    today = now.date()
    statement = insert(session, Allowance).values(
        activity_id=activity_id, person_id=seat.person_id, what=what, day=today, used=1
    )
    used = session.scalar(
        statement.on_conflict_do_update(
            index_elements=["activity_id", "person_id", "what"],
            set_={"day": today, "used": case((Allowance.day == today, Allowance.used + 1), else_=1)},
        ).returning(Allowance.used)
    )
    if used > limit:
        message = N_("That is enough for today: {limit} are the most on one day. What you typed is still in the box.")
        raise Refusal(message, limit=limit)


def purge(session: Session, *, now: datetime) -> int:
    """Forget the days before yesterday."""
    gone = session.scalars(
        delete(Allowance).where(Allowance.day < (now - timedelta(days=1)).date()).returning(Allowance.person_id)
    ).all()
    return len(gone)
