"""Who may see a text of a shared activity: conditions on `Contribution`, the same for its page, its picture, its list.

Classmates see what is live, without what they reported themselves and without authors whom they blocked. Authors also
see their own that waits, is held or was kept for them alone; teachers see what is live, waits or is held. Statements
with these conditions run with `reader`, the person who looks.
"""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, or_

from core.activities.seats import Seat
from core.store.tables import Block, Contribution, Report

_READER: BindParameter[int] = bindparam("reader")
MINE: ColumnElement[bool] = Contribution.person_id == _READER  # NULL, so not true, where nobody knows the author
TO_CLASS: ColumnElement[bool] = and_(
    Contribution.status == "live",
    ~exists().where(Report.contribution_id == Contribution.id, Report.person_id == _READER),
    ~exists().where(
        Block.activity_id == Contribution.activity_id,
        Block.person_id == _READER,
        Block.author_id == Contribution.person_id,
    ),
)
TO_STUDENT: ColumnElement[bool] = or_(
    TO_CLASS, and_(MINE, Contribution.status.in_(("live", "pending", "held", "kept")))
)
TO_TEACHER: ColumnElement[bool] = Contribution.status.in_(("live", "pending", "held"))


def shown_to(seat: Seat) -> ColumnElement[bool]:
    """The condition for this person's role."""
    return TO_TEACHER if seat.role == "teacher" else TO_STUDENT
