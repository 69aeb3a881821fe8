"""A teacher tries an activity out as a student would: what they do is kept for themselves, and can be begun again."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.activities import seats
from core.activities.refusals import NotAllowed
from core.activities.seats import Practice, Seat
from core.store.tables import Attempt, Draft, Exposure, TaskExposure
from core.words import N_


def start_over(session: Session, seat: Seat, practice: Practice) -> None:
    """Forget what this teacher answered and was shown in the activity. Their hints and explanations stay.

    What was shown for these problems is forgotten in every activity, because a text is shown to a person once; but not
    where it counted, when this person was still a student. Raises NotAllowed for anybody else: answers are kept.
    """
    if seat.role != "teacher":
        raise NotAllowed(N_("Only a teacher who tries the activity out can start over. Your answers are kept."))
    seats.hold(session, seat)
    counted = select(Exposure.problem_id).where(Exposure.person_id == seat.person_id, Exposure.counts.is_(True))
    session.execute(
        delete(Exposure).where(
            Exposure.person_id == seat.person_id,
            Exposure.problem_id.in_(practice.problems),
            Exposure.problem_id.not_in(counted),
        )
    )
    for table in (Attempt, Draft, TaskExposure):
        session.execute(delete(table).where(table.activity_id == practice.id, table.person_id == seat.person_id))
