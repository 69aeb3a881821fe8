"""What people of a hall say, stored as the use cases of questions and galleries do."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities import activities, authors, credit, kinds, moderation, places, review, screening, walls
from core.activities.screening import Stored
from core.activities.seats import Opened, Seat
from core.store.database import insert
from core.store.tables import Contribution, Decision
from core.words import Sentence
from tests.core.activities.hall import Hall


def store(
    session: Session,
    seat: Seat,
    opened: Opened,
    text: str,
    *,
    hall: Hall,
    kind: str = "question",
    parent_id: int | None = None,
    anyway: bool = False,
    language: str = "",
) -> tuple[int, Stored]:
    """Screen a text, store it, say what became of it."""
    settings = kinds.SHARED[hall.kind].from_json(opened.settings)
    stamp = authors.stamp(session, seat, opened.id, settings, now=hall.now)
    screened = screening.screen(
        session, seat, opened, settings, stamp, text, kind=kind, parent_id=parent_id, anyway=anyway, language=language
    )
    number = int(
        session.scalars(
            insert(session, Contribution)
            .values(
                course_id=seat.course_id,
                activity_id=opened.id,
                parent_id=parent_id,
                person_id=stamp.person_id,
                kind=kind,
                version=1,
                text=text,
                status=screened.status,
                created_at=stamp.created_at,
                joined_at=stamp.created_at if screened.status == "live" else None,
            )
            .returning(Contribution.id)
        ).one()
    )
    stored = screening.record(session, seat, settings, stamp, number, screened)
    credit.changed(session, seat, opened, settings, now=hall.now)
    walls.touch(session, opened.id)
    return number, stored


def say(hall: Hall, seat: Seat, text: str = "Why is that so?", **how: object) -> int:
    """A text of somebody; gives its number."""
    return hall.do(store, seat, text, hall=hall, **how)[0]  # type: ignore[arg-type]


def beside(hall: Hall, **settings: object) -> Hall:
    """The same course and people, with a second activity of the same kind."""
    other = copy(hall)
    with hall.database.write() as session:
        chosen = replace(kinds.SHARED[hall.kind].blank, **settings)  # type: ignore[arg-type]
        made = activities.make_shared(
            session, hall.teacher, kind=hall.kind, title="Beside", settings=chosen, now=hall.now
        )
    other.activity_id, other.public_id = made.id, made.public_id
    return other


def report(hall: Hall, seat: Seat, text: int, reason: str = "") -> Sentence:
    def use(session: Session, seat: Seat, opened: Opened) -> Sentence:
        settings = places.settings(opened)
        return moderation.report_shared(session, seat, opened, settings, text, reason=reason, now=hall.now)

    return hall.do(use, seat)


def decide(hall: Hall, text: int, action: str, reason: str = "") -> None:
    with hall.database.write() as session:
        review.decide(session, hall.teacher, text, action, now=hall.now, reason=reason)


def status(hall: Hall, text: int) -> str:
    with hall.database.read() as session:
        return str(session.scalar(select(Contribution.status).where(Contribution.id == text)))


def marks(hall: Hall) -> dict[int, tuple[str, ...]]:
    """What waits for the teacher, in the order of the queue, and why."""
    with hall.database.read() as session:
        return {text.contribution_id: text.marks for text in review.queue(session, hall.teacher)}


def recorded(hall: Hall) -> list[tuple[str, bool]]:
    """(action, whether by a teacher) of every decision so far."""
    with hall.database.read() as session:
        rows = session.execute(select(Decision.action, Decision.teacher_id).order_by(Decision.id))
        return [(row.action, row.teacher_id is not None) for row in rows]


def version(hall: Hall) -> int:
    with hall.database.read() as session:
        return walls.version(session, hall.activity_id)
