"""Who asks: a person's seat in an activity of a course. Every use case is bounded by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from core.activities import practice_settings
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotFound
from core.store.database import run
from core.store.tables import Activity, ActivityProblem, Course, Person, Problem
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
    held: bool = False  # it stays as it is until the transaction that read it ends
    kind: str = "practice"


@dataclass(frozen=True, slots=True)
class Opened:
    """An activity that a class shares, as its use cases need it. Its settings are read by its kind's module."""

    id: int
    public_id: str
    title: str
    kind: str
    settings: Mapping[str, Any]


def practice(session: Session, seat: Seat, public_id: str) -> Practice:
    """The activity of this course with this public id. Raises NotFound, whether it is elsewhere or nowhere."""
    return _practice(session, run(session, _BY_PUBLIC_ID, public_id=public_id, course=seat.course_id).one_or_none())


def practice_to_work_on(session: Session, seat: Seat, public_id: str) -> Practice:
    """The same, held together with the person (`hold`, then as `hold_practice`) for one who is about to do something.

    Raises NotFound.
    """
    hold(session, seat)
    row = run(session, _HOLD_BY_PUBLIC_ID, public_id=public_id, course=seat.course_id).one_or_none()
    return _practice(session, row, held=True)


def practice_of_id(session: Session, seat: Seat, activity_id: int) -> Practice:
    """The activity of this course with this id. Raises NotFound, whether it is elsewhere or nowhere."""
    return _practice(session, run(session, _BY_ID, activity=activity_id, course=seat.course_id).one_or_none())


_ACTIVITY = select(Activity.id, Activity.public_id, Activity.title, Activity.settings).where(
    Activity.course_id == bindparam("course"), Activity.kind == "practice"
)
_BY_PUBLIC_ID = _ACTIVITY.where(Activity.public_id == bindparam("public_id"))
_BY_ID = _ACTIVITY.where(Activity.id == bindparam("activity"))
_HOLD_BY_PUBLIC_ID = _BY_PUBLIC_ID.with_for_update(read=True, key_share=True)
_HOLD_BY_ID = _BY_ID.with_for_update(read=True, key_share=True)
_PROBLEMS = (
    select(ActivityProblem.problem_id)
    .join(Problem, Problem.id == ActivityProblem.problem_id)
    .where(ActivityProblem.activity_id == bindparam("activity"), Problem.deleted_at.is_(None))
    .order_by(ActivityProblem.position, ActivityProblem.problem_id)
)


def _practice(session: Session, row: Row[int, str, str, dict[str, Any]] | None, *, held: bool = False) -> Practice:
    if row is None:
        raise not_here()
    problems = run(session, _PROBLEMS, activity=row.id).scalars()
    settings = practice_settings.from_json(row.settings)
    return Practice(row.id, row.public_id, row.title, settings, tuple(problems), held)


def opened(session: Session, seat: Seat, public_id: str, kind: str) -> Opened:
    """The activity of this kind and course with this public id; questions also stand beside a practice activity whose
    teacher wants them there. Raises NotFound, whether it is elsewhere or nowhere.
    """
    return _opened(run(session, _OPENED, public_id=public_id, course=seat.course_id).one_or_none(), kind)


def opened_to_work_on(session: Session, seat: Seat, public_id: str, kind: str) -> Opened:
    """The same, held together with the person for one who is about to do something. Raises NotFound."""
    hold(session, seat)
    return _opened(run(session, _HOLD_OPENED, public_id=public_id, course=seat.course_id).one_or_none(), kind)


def opened_of_id(session: Session, seat: Seat, activity_id: int, kind: str, *, to_work: bool = False) -> Opened:
    """The activity of this kind and course with this id, held as `opened_to_work_on` does if asked. Raises NotFound."""
    if to_work:
        hold(session, seat)
    statement = _HOLD_OPENED_BY_ID if to_work else _OPENED_BY_ID
    return _opened(run(session, statement, id=activity_id, course=seat.course_id).one_or_none(), kind)


_OPENED_IN_COURSE = select(Activity.id, Activity.public_id, Activity.title, Activity.kind, Activity.settings).where(
    Activity.course_id == bindparam("course")
)
_OPENED = _OPENED_IN_COURSE.where(Activity.public_id == bindparam("public_id"))
_OPENED_BY_ID = _OPENED_IN_COURSE.where(Activity.id == bindparam("id"))
_HOLD_OPENED = _OPENED.with_for_update(read=True, key_share=True)
_HOLD_OPENED_BY_ID = _OPENED_BY_ID.with_for_update(read=True, key_share=True)


def _opened(row: Row[int, str, str, str, dict[str, Any]] | None, kind: str) -> Opened:
    beside = row is not None and row.kind == "practice" and row.settings.get("questions_panel", "off") != "off"
    if row is None or not (row.kind == kind or (kind == "questions" and beside)):
        raise not_here()
    return Opened(row.id, row.public_id, row.title, row.kind, row.settings)


def hold(session: Session, seat: Seat) -> bool:
    """Let what one person does happen one after another: of two tabs at once, the second waits here for the first.

    So it sees what the first one stored: the score counts both answers, and no text is drawn or rated twice. Gives
    whether what this person does counts for others: what an LMS's test user does, or a teacher who tries the activity
    out, is kept, but nothing is learned from it.
    """
    counts = _held(session).get((seat.platform_id, seat.person_id))
    if counts is not None:
        return counts
    is_test = run(session, _HOLD_PERSON, platform=seat.platform_id, person=seat.person_id).scalar()
    if is_test is None:
        raise NotFound(N_("You are not known here any more. Open the activity again from your course."))
    return held(session, seat, is_test=is_test)


def held(session: Session, seat: Seat, *, is_test: bool) -> bool:
    """Remember that the statement that found this person holds them already; gives what `hold` does."""
    counts = _held(session)[seat.platform_id, seat.person_id] = not is_test and seat.role == "student"
    return counts


def _held(session: Session) -> dict[tuple[int, int], bool]:
    found: dict[tuple[int, int], bool] = session.info.setdefault("held", {})  # a session is one transaction
    return found


# NO KEY UPDATE: it keeps this person's other writers out, but nobody whose row merely refers to the person.
# A planner that has counted nothing yet takes `=` as a reason to go through everybody of the platform.
_HOLD_PERSON = (
    select(Person.is_test)
    .where(Person.id == bindparam("person"), Person.platform_id.is_not_distinct_from(bindparam("platform")))
    .with_for_update(key_share=True)
)


def hold_practice(session: Session, seat: Seat, practice: Practice) -> Practice:
    """The activity as it is now; its settings and its problems stay so until this transaction ends.

    People who answer hold it together (KEY SHARE, which each attempt's foreign key takes anyway) and only wait for a
    teacher who is changing it (`hold_for_change`), so no score is computed from settings that were just replaced.
    """
    if practice.held:
        return practice
    row = run(session, _HOLD_BY_ID, activity=practice.id, course=seat.course_id).one_or_none()
    return _practice(session, row, held=True)


def hold_for_change(session: Session, seat: Seat, activity_id: int) -> None:
    """Keep answers and other teachers out of the activity until its change is stored. Raises NotFound."""
    found = session.scalar(
        select(Activity.id).where(Activity.id == activity_id, Activity.course_id == seat.course_id).with_for_update()
    )
    if found is None:
        raise not_here()


def not_here() -> NotFound:
    """The one answer for an activity that is elsewhere or nowhere."""
    return NotFound(N_("This activity is not in your course. Open it again from the course page."))


def hold_course(session: Session, course_id: int) -> None:
    """Let what is made once in a course be made by one after another."""
    session.execute(select(Course.id).where(Course.id == course_id).with_for_update()).all()
