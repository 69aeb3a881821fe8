"""From answers to the score that the LMS should show."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.activities import attempts, grades, practice_rules, seats
from core.activities.seats import Practice, Seat
from core.store.database import run
from core.store.tables import Attempt, Grade, Membership, ResourceLink


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
    for link in _links(session, practice):
        if score is not None or _has_grade(session, link, seat.person_id):
            grades.want(
                session,
                resource_link_id=link,
                person_id=seat.person_id,
                score=score or 0.0,  # None: what they had answered was taken out of the activity
                maximum=practice.settings.points,
                now=now,
            )


def _links(session: Session, practice: Practice) -> list[int]:
    """The places in the course that open the activity and have a column in the gradebook."""
    return list(run(session, _LINKS, activity=practice.id).scalars())


_LINKS = (
    select(ResourceLink.id)
    .where(ResourceLink.activity_id == bindparam("activity"), ResourceLink.line_item_url.is_not(None))
    .order_by(ResourceLink.id)
)


def _has_grade(session: Session, link: int, person_id: int) -> bool:
    grade = select(Grade.id).where(Grade.resource_link_id == link, Grade.person_id == person_id)
    return session.scalar(grade) is not None


def update_all(session: Session, seat: Seat, activity_id: int, *, now: datetime) -> None:
    """After the settings or the problems changed: everyone's score anew. Grades that stay the same are not sent again.

    The caller holds the activity for its change (`seats.hold_for_change`): nobody answers meanwhile.
    """
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
