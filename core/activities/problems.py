"""The course's problem bank: import, write, change, delete, list, export."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.activities import scores, seats
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Seat
from core.problems import kinds
from core.problems.kinds import Problem
from core.problems.reports import Import
from core.store.database import insert
from core.store.tables import ActivityProblem, Attempt, Image, ProblemImage
from core.store.tables import Problem as ProblemRow
from core.words import N_


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the problem bank."""

    id: int
    name: str
    kind: str
    category: str
    attempts: int


def listed(session: Session, course_id: int) -> list[Listed]:
    """The course's problems, by category and then in the order of their arrival."""
    tries = select(func.count()).where(Attempt.problem_id == ProblemRow.id).correlate(ProblemRow).scalar_subquery()
    rows = session.execute(
        select(ProblemRow.id, ProblemRow.name, ProblemRow.kind, ProblemRow.content, tries.label("tries"))
        .where(ProblemRow.course_id == course_id, ProblemRow.deleted_at.is_(None))
        .order_by(ProblemRow.id)
    )
    return [
        Listed(
            row.id,
            row.name,
            row.kind,
            " / ".join(level["name"] for level in row.content.get("category", [])),
            row.tries,
        )
        for row in rows
    ]


def store_import(session: Session, course_id: int, imported: Import, *, now: datetime) -> list[int]:
    """Store every problem that an import took; a file that is itself damaged changes nothing (Refusal)."""
    if imported.broken:
        raise Refusal(
            N_("The file is damaged, so nothing was imported. Mend what the report names and upload it again.")
        )
    return [add(session, course_id, taken.problem, now=now) for taken in imported.problems]


def add(session: Session, course_id: int, problem: Problem, *, now: datetime) -> int:
    """Put a problem into the course's bank, with its images; gives its id."""
    problem_id: int = session.scalars(
        insert(session, ProblemRow)
        .values(
            course_id=course_id, kind=problem.kind, name=problem.name, content=kinds.to_json(problem), created_at=now
        )
        .returning(ProblemRow.id)
    ).one()
    _store_images(session, course_id, problem_id, problem.images)
    return problem_id


def change(session: Session, seat: Seat, problem_id: int, problem: Problem) -> None:
    """Replace a problem's content. Attempts keep how they were judged, and in words what was answered.

    Once there are attempts, the number and meaning of the choices are part of the record: they may be reworded, not
    added, removed or reordered.
    """
    # Whoever answers holds the problem (`tasks.load`), so an answer is judged, stored and seen here, or comes after us.
    session.execute(
        select(ProblemRow.id)
        .where(ProblemRow.id == problem_id, ProblemRow.course_id == seat.course_id)
        .with_for_update()
    )
    before = whole(session, seat.course_id, problem_id)
    if not _same_shape(before, problem) and _was_answered(session, problem_id):
        message = N_(
            "Students have answered this problem, so its kind and its choices stay as they are (you can reword them). "
            "Copy it to change more."
        )
        raise Refusal(message)
    session.execute(
        update(ProblemRow)
        .where(ProblemRow.id == problem_id)
        .values(kind=problem.kind, name=problem.name, content=kinds.to_json(problem))
    )
    session.execute(delete(ProblemImage).where(ProblemImage.problem_id == problem_id))
    _store_images(session, seat.course_id, problem_id, problem.images)


def _same_shape(before: Problem, after: Problem) -> bool:
    """Whether an answer to `before` says the same about `after`: choices are where they were, however worded."""
    if not isinstance(before, kinds.ChoiceProblem) or not isinstance(after, kinds.ChoiceProblem):
        return before.kind == after.kind
    old, new = [choice.text for choice in before.choices], [choice.text for choice in after.choices]
    moved = any(text in old and text != old[place] for place, text in enumerate(new[: len(old)]))
    return before.kind == after.kind and len(old) == len(new) and not moved


def _was_answered(session: Session, problem_id: int) -> bool:
    return session.scalar(select(Attempt.id).where(Attempt.problem_id == problem_id).limit(1)) is not None


def remove(session: Session, seat: Seat, problem_id: int, *, now: datetime) -> None:
    """Take a problem out of the bank and of every activity; what people did with it stays, and scores do without it."""
    activities = session.scalars(
        select(ActivityProblem.activity_id)
        .join(ProblemRow, ProblemRow.id == ActivityProblem.problem_id)
        .where(ActivityProblem.problem_id == problem_id, ProblemRow.course_id == seat.course_id)
        .order_by(ActivityProblem.activity_id)
    ).all()
    for activity_id in activities:
        seats.hold_for_change(session, seat, activity_id)
    gone = session.scalar(
        update(ProblemRow)
        .where(ProblemRow.id == problem_id, ProblemRow.course_id == seat.course_id, ProblemRow.deleted_at.is_(None))
        .values(deleted_at=now)
        .returning(ProblemRow.id)
    )
    if gone is None:
        raise _not_here()
    for activity_id in activities:
        scores.update_all(session, seat, activity_id, now=now)


def _not_here() -> NotFound:
    return NotFound(N_("This problem is not in your course, or was already removed."))


def whole(session: Session, course_id: int, problem_id: int) -> Problem:
    """A problem with its key and images, for its teacher."""
    content = session.scalar(
        select(ProblemRow.content).where(
            ProblemRow.id == problem_id, ProblemRow.course_id == course_id, ProblemRow.deleted_at.is_(None)
        )
    )
    if content is None:
        raise _not_here()
    return kinds.from_json(content, _images(session, [problem_id]).get(problem_id, ()))


def bank(session: Session, course_id: int, problem_ids: Iterable[int] | None = None) -> list[Problem]:
    """Problems with keys and images, for export."""
    statement = (
        select(ProblemRow.id, ProblemRow.content)
        .where(ProblemRow.course_id == course_id, ProblemRow.deleted_at.is_(None))
        .order_by(ProblemRow.id)
    )
    if problem_ids is not None:
        statement = statement.where(ProblemRow.id.in_(list(problem_ids)))
    rows = session.execute(statement).all()
    images = _images(session, [row.id for row in rows])
    return [kinds.from_json(row.content, images.get(row.id, ())) for row in rows]


def image(session: Session, course_id: int, image_id: int) -> tuple[str, bytes]:
    """(media type, bytes) of a picture of this course."""
    row = session.execute(
        select(Image.mime, Image.body).where(Image.id == image_id, Image.course_id == course_id)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This picture is not in your course."))
    return row.mime, row.body


def choose_for_activity(
    session: Session, seat: Seat, activity_id: int, problem_ids: Iterable[int], *, now: datetime
) -> None:
    """Make these problems, in this order, the activity's; scores follow.

    Raises Refusal if one is not of the course or none is left, NotFound if the activity is not of the course.
    """
    seats.hold_for_change(session, seat, activity_id)
    wanted = list(dict.fromkeys(problem_ids))
    known = set(
        session.scalars(
            select(ProblemRow.id).where(
                ProblemRow.id.in_(wanted), ProblemRow.course_id == seat.course_id, ProblemRow.deleted_at.is_(None)
            )
        )
    )
    if not wanted or set(wanted) - known:
        raise Refusal(N_("Choose at least one problem of your course."))
    session.execute(
        delete(ActivityProblem).where(
            ActivityProblem.activity_id == activity_id, ActivityProblem.problem_id.not_in(wanted)
        )
    )
    rows = [{"activity_id": activity_id, "problem_id": p, "position": i} for i, p in enumerate(wanted)]
    placed = insert(session, ActivityProblem).values(rows)
    session.execute(  # what stays keeps its worth and its prerequisite
        placed.on_conflict_do_update(
            index_elements=["activity_id", "problem_id"], set_={"position": placed.excluded.position}
        )
    )
    scores.update_all(session, seat, activity_id, now=now)


def _store_images(session: Session, course_id: int, problem_id: int, images: Iterable[kinds.Image]) -> None:
    for picture in images:
        digest = hashlib.sha256(picture.data).hexdigest()
        session.execute(
            insert(session, Image)
            .values(
                course_id=course_id,
                sha256=digest,
                mime=picture.mime,
                width=picture.width,
                height=picture.height,
                body=picture.data,
            )
            .on_conflict_do_nothing()
            .returning(Image.id)
        )
        number = session.scalar(select(Image.id).where(Image.course_id == course_id, Image.sha256 == digest))
        session.execute(insert(session, ProblemImage).values(problem_id=problem_id, name=picture.name, image_id=number))


def _images(session: Session, problem_ids: list[int]) -> Mapping[int, tuple[kinds.Image, ...]]:
    found: dict[int, tuple[kinds.Image, ...]] = {}
    for row in session.execute(
        select(ProblemImage.problem_id, ProblemImage.name, Image.mime, Image.width, Image.height, Image.body)
        .join(Image, Image.id == ProblemImage.image_id)
        .where(ProblemImage.problem_id.in_(problem_ids))
        .order_by(ProblemImage.problem_id, ProblemImage.name)
    ):
        picture = kinds.Image(row.name, row.mime, row.width, row.height, row.body)
        found[row.problem_id] = (*found.get(row.problem_id, ()), picture)
    return found
