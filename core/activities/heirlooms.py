"""What one class works out, the next one inherits: copying an activity into another course of the same platform.

Practice with its problems and texts is copied here, galleries and questions by `shared_heirlooms`, polls by
`poll_writing`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.activities import poll_writing, shared_heirlooms
from core.activities.seats import Opened
from core.store.database import insert
from core.store.tables import Activity, ActivityProblem, Arm, Contribution, Problem, ProblemImage, Report

MOST_INHERITED = 12  # texts a pool: the best known ones; a long tail would only cost the next class exposures
LEAST_RATED = 3  # ratings before a text counts as known


def inherit(session: Session, *, activity_id: int, course_id: int, now: datetime) -> int:
    """Copy the activity into `course_id` with what its teacher put in (problems, concepts, polls) and, if the teacher
    allows, with the best of what its class wrote and brought.

    Gives the copy's id. One copy a course: (course, copied_from) is unique, so of two first launches at once the second
    finds the first one's copy. Texts come without their authors; what was learned about them is kept apart as inherited
    evidence and discounted where beliefs are made. A due date was last year's: it does not come along.
    """
    source = session.execute(select(Activity).where(Activity.id == activity_id)).scalar_one()
    copied = session.scalar(
        insert(session, Activity)
        .values(
            public_id=secrets.token_urlsafe(18),
            course_id=course_id,
            kind=source.kind,
            title=source.title,
            settings={**source.settings, "due_at": None},
            created_at=now,
            placed_at=now,
            copied_from_id=source.id,
        )
        .on_conflict_do_nothing()
        .returning(Activity.id)
    )
    if copied is None:
        here = select(Activity.id).where(Activity.course_id == course_id, Activity.copied_from_id == source.id)
        return int(session.scalars(here).one())
    copied = int(copied)
    hand_down = bool(source.settings.get("inherit", True))
    problems: Mapping[int, int] = {}
    if source.kind == "practice":
        problems = _copy_practice(session, source.id, copied, course_id, hand_down=hand_down, now=now)
    elif source.kind == "gallery":
        opened = Opened(source.id, source.public_id, source.title, source.kind, source.settings)
        shared_heirlooms.copy_gallery(session, opened, copied, course_id, with_items=hand_down, now=now)
    elif source.kind == "poll":
        poll_writing.inherit(session, from_activity_id=source.id, to_activity_id=copied, now=now)
    if hand_down and source.kind in {"practice", "questions"}:  # questions also stand beside practice
        shared_heirlooms.copy_questions(session, source.id, copied, course_id, problems, now=now)
    return copied


def _copy_practice(
    session: Session, from_id: int, to_id: int, course_id: int, *, hand_down: bool, now: datetime
) -> dict[int, int]:
    """The problems in their order, and what helped with them; old id -> new id."""
    rows = session.execute(
        select(ActivityProblem, Problem)
        .join(Problem, Problem.id == ActivityProblem.problem_id)
        .where(ActivityProblem.activity_id == from_id, Problem.deleted_at.is_(None))
        .order_by(ActivityProblem.position)
    ).all()
    copies = {problem.id: _copy_problem(session, problem, course_id, now) for _, problem in rows}
    for placed, problem in rows:
        session.execute(
            insert(session, ActivityProblem).values(
                activity_id=to_id,
                problem_id=copies[problem.id],
                position=placed.position,
                worth=placed.worth,
                requires_id=copies.get(placed.requires_id or 0),  # 0 is no problem
            )
        )
        if hand_down:
            _copy_texts(session, problem.id, copies[problem.id], course_id, now)
    return copies


def _copy_problem(session: Session, problem: Problem, course_id: int, now: datetime) -> int:
    """The course's copy of a problem; a second activity that holds it finds the same copy."""
    added = session.scalar(
        insert(session, Problem)
        .values(
            course_id=course_id,
            kind=problem.kind,
            name=problem.name,
            content=problem.content,
            created_at=now,
            copied_from_id=problem.id,
        )
        .on_conflict_do_nothing()
        .returning(Problem.id)
    )
    if added is None:
        here = select(Problem.id).where(Problem.course_id == course_id, Problem.copied_from_id == problem.id)
        return int(session.scalars(here).one())
    for name, image_id in session.execute(
        select(ProblemImage.name, ProblemImage.image_id).where(ProblemImage.problem_id == problem.id)
    ).all():
        number = shared_heirlooms.copy_image(session, image_id, course_id)
        session.execute(insert(session, ProblemImage).values(problem_id=added, name=name, image_id=number))
    return int(added)


def _copy_texts(session: Session, from_problem: int, to_problem: int, course_id: int, now: datetime) -> None:
    """Copy the texts that helped: live, not under report, and a teacher's or rated often enough to be known."""
    reported = exists().where(Report.contribution_id == Contribution.id, Report.settled_at.is_(None))
    rows = session.execute(
        select(Contribution, Arm)
        .join(Arm, Arm.contribution_id == Contribution.id)
        .where(
            Contribution.problem_id == from_problem,
            Contribution.status == "live",
            Contribution.kind != "reason",
            ~reported,
        )
    )
    by_slot: dict[str, list[tuple[Contribution, Arm]]] = {}
    for contribution, arm in rows:
        known = arm.rewarded + arm.inherited_rewarded
        if arm.author == "teacher" or known >= LEAST_RATED:
            by_slot.setdefault(arm.slot, []).append((contribution, arm))
    for texts in by_slot.values():
        texts.sort(key=lambda pair: (pair[1].author != "teacher", -_mean(pair[1]), pair[0].id))
        for contribution, arm in texts[:MOST_INHERITED]:
            _copy_text(session, contribution, arm, to_problem, course_id, now)


def _mean(arm: Arm) -> float:
    known = arm.rewarded + arm.inherited_rewarded
    return (arm.points + arm.inherited_points) / known if known else 0.0


def _copy_text(session: Session, text: Contribution, arm: Arm, problem_id: int, course_id: int, now: datetime) -> None:
    added = session.scalar(
        insert(session, Contribution)
        .values(
            course_id=course_id,
            problem_id=problem_id,
            person_id=None,
            kind=text.kind,
            version=1,
            text=text.text,
            likely_to_help=text.likely_to_help,
            status="live",
            created_at=now,
            joined_at=now,
            inherited_from_id=text.inherited_from_id or text.id,  # where its author is known, who must not be shown it
        )
        .on_conflict_do_nothing()
        .returning(Contribution.id)
    )
    if added is None:
        return
    session.execute(
        insert(session, Arm).values(
            contribution_id=added,
            problem_id=problem_id,
            slot=arm.slot,
            author="teacher" if arm.author == "teacher" else "student",  # a star is for one course
            shown=0,
            rewarded=0,
            points=0,
            squares=0,
            inherited_rewarded=arm.rewarded + arm.inherited_rewarded,
            inherited_points=arm.points + arm.inherited_points,
            inherited_squares=arm.squares + arm.inherited_squares,
        )
    )
