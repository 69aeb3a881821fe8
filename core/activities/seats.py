"""Who asks: a person's seat in an activity of a course. Every use case is bounded by it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.activities import practice_settings
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotFound
from core.store.tables import Activity, ActivityProblem, Person, Problem
from core.words import N_


@dataclass(frozen=True, slots=True)
class Seat:
    """A person in a course, with the role of the newest launch: 'student', 'teacher' or 'observer'."""

    platform_id: int
    course_id: int
    person_id: int
    role: str


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice activity as its use cases need it."""

    id: int
    public_id: str
    title: str
    settings: PracticeSettings
    problems: tuple[int, ...]  # in the teacher's order, without deleted ones


def practice(session: Session, seat: Seat, public_id: str) -> Practice:
    """The activity of this course with this public id. Raises NotFound, whether it is elsewhere or nowhere."""
    return _practice(session, seat, Activity.public_id == public_id)


def practice_of_id(session: Session, seat: Seat, activity_id: int) -> Practice:
    """The activity of this course with this id. Raises NotFound, whether it is elsewhere or nowhere."""
    return _practice(session, seat, Activity.id == activity_id)


def _practice(session: Session, seat: Seat, wanted: ColumnElement[bool]) -> Practice:
    row = session.execute(
        select(Activity.id, Activity.public_id, Activity.title, Activity.settings).where(
            wanted, Activity.course_id == seat.course_id, Activity.kind == "practice"
        )
    ).one_or_none()
    if row is None:
        raise _not_here()
    problems = session.scalars(
        select(ActivityProblem.problem_id)
        .join(Problem, Problem.id == ActivityProblem.problem_id)
        .where(ActivityProblem.activity_id == row.id, Problem.deleted_at.is_(None))
        .order_by(ActivityProblem.position, ActivityProblem.problem_id)
    ).all()
    return Practice(row.id, row.public_id, row.title, practice_settings.from_json(row.settings), tuple(problems))


def hold(session: Session, seat: Seat) -> bool:
    """Let what one person does happen one after another: of two tabs at once, the second waits here for the first.

    So it sees what the first one stored: the score counts both answers, and no text is drawn or rated twice. Gives
    whether what this person does counts for others: what an LMS's test user does is kept, but counted nowhere.
    """
    # NO KEY UPDATE: it keeps this person's other writers out, but nobody whose row merely refers to the person
    is_test = session.scalar(
        select(Person.is_test)
        .where(Person.id == seat.person_id, Person.platform_id == seat.platform_id)
        .with_for_update(key_share=True)
    )
    if is_test is None:
        raise NotFound(N_("You are not known here any more. Open the activity again from your course."))
    return not is_test


def hold_practice(session: Session, seat: Seat, practice: Practice) -> Practice:
    """The activity as it is now; its settings and its problems stay so until this transaction ends.

    People who answer hold it together (KEY SHARE, which each attempt's foreign key takes anyway) and only wait for a
    teacher who is changing it (`hold_for_change`), so no score is computed from settings that were just replaced.
    """
    session.execute(select(Activity.id).where(Activity.id == practice.id).with_for_update(read=True, key_share=True))
    return practice_of_id(session, seat, practice.id)


def hold_for_change(session: Session, seat: Seat, activity_id: int) -> None:
    """Keep answers and other teachers out of the activity until its change is stored. Raises NotFound."""
    found = session.scalar(
        select(Activity.id).where(Activity.id == activity_id, Activity.course_id == seat.course_id).with_for_update()
    )
    if found is None:
        raise _not_here()


def _not_here() -> NotFound:
    return NotFound(N_("This activity is not in your course. Open it again from the course page."))
