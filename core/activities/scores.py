"""From answers to the score that the LMS should show."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities import attempts, credit, grades, kinds, practice_rules, seats
from core.activities.seats import Practice, Seat
from core.store.tables import Activity, Attempt, Membership


def score_of(session: Session, practice: Practice, person_id: int) -> float | None:
    """A person's points in an activity, or None before the first answer that counts."""
    tries = attempts.tries(session, practice, person_id).get(person_id, {})
    return practice_rules.score(practice.settings, practice.problems, practice_rules.best_fractions(tries))


def update(session: Session, seat: Seat, practice: Practice, *, now: datetime) -> None:
    """Say what every link of the activity should show for this person; a worker sends it. Only students have grades.

    The caller holds the person or the activity (`seats`), so that no answer is stored between counting and saying.
    """
    if seat.role != "student":
        return
    score = score_of(session, practice, seat.person_id)
    for link in grades.columns(session, practice.id):
        if score is not None or grades.is_known(session, link, seat.person_id):
            grades.want(
                session,
                resource_link_id=link,
                person_id=seat.person_id,
                score=score or 0.0,  # None: what they had answered was taken out of the activity
                maximum=practice.settings.points,
                now=now,
            )


def update_all(session: Session, seat: Seat, activity_id: int, *, now: datetime) -> None:
    """After the settings or the problems changed: everyone's score anew. Grades that stay the same are not sent again.

    The caller holds the activity for its change (`seats.hold_for_change`): nobody answers meanwhile.
    """
    row = session.execute(select(Activity.kind, Activity.settings).where(Activity.id == activity_id)).one()
    if row.kind in kinds.SHARED:
        settings = kinds.SHARED[row.kind].from_json(row.settings)
        credit.update_all(session, activity_id, settings, now=now)
        return
    practice = seats.practice_of_id(session, seat, activity_id)
    students = session.scalars(
        select(Attempt.person_id)
        .join(Membership, (Membership.person_id == Attempt.person_id) & (Membership.course_id == seat.course_id))
        .where(Attempt.activity_id == practice.id, Membership.role == "student")
        .distinct()
        .order_by(Attempt.person_id)
    ).all()
    for person_id in students:
        update(session, Seat(seat.platform_id, seat.course_id, person_id, "student"), practice, now=now)
