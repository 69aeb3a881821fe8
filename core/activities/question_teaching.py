"""What a teacher does with a class's questions and answers; the asker, too, may say what answered theirs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from core.activities import decisions, question_votes, seats, walls
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.store.tables import Contribution, Question
from core.words import N_

MARKS = ("endorse", "unendorse", "pin", "unpin")
ENDS = ("close", "reopen")


def mark(session: Session, seat: Seat, opened: Opened, contribution_id: int, action: str, *, now: datetime) -> None:
    """Endorse a question or an answer, pin a question, or take that back. Doing it twice changes nothing."""
    if action not in MARKS:
        raise Refusal(N_("This button is not known. Load the page again."))
    column = "pinned_at" if action.endswith("pin") else "endorsed_at"
    kinds = ("question",) if column == "pinned_at" else ("question", "answer")
    row = _held(session, seat, opened, contribution_id, kinds)
    wanted = not action.startswith("un")
    if (getattr(row, column) is not None) == wanted:
        return
    session.execute(
        update(Contribution).where(Contribution.id == contribution_id).values({column: now if wanted else None})
    )
    _done(session, seat, opened, action, contribution_id, now)


def end(session: Session, seat: Seat, opened: Opened, question_id: int, action: str, *, now: datetime) -> None:
    """Close a question for answers, or open it again."""
    if action not in ENDS:
        raise Refusal(N_("This button is not known. Load the page again."))
    _held(session, seat, opened, question_id, ("question",))
    closed = session.scalar(select(Question.closed_at).where(Question.contribution_id == question_id))
    if (closed is not None) == (action == "close"):
        return
    session.execute(
        update(Question)
        .where(Question.contribution_id == question_id)
        .values(closed_at=now if action == "close" else None)
    )
    _done(session, seat, opened, action, question_id, now)


def settle(
    session: Session,
    seat: Seat,
    opened: Opened,
    question_id: int,
    answer_id: int | None = None,
    *,
    answered: bool = True,
    now: datetime,
) -> None:
    """Say that a question is answered, by this answer (or elsewhere: None), or that it is not after all.

    By a teacher or by who asked. Raises NotAllowed for others, NotFound for an answer that is not the question's.
    """
    seats.hold(session, seat)
    row = _asked(session, seat, opened, question_id)
    if seat.role != "teacher" and row != seat.person_id:
        raise NotAllowed(N_("Who asked says what answered it, or your teacher does."))
    if answer_id is not None and not _is_answer_of(session, answer_id, question_id):
        raise NotFound(N_("This answer is not here any more. Load the page again."))
    values = {"answered_at": now, "answer_id": answer_id} if answered else {"answered_at": None, "answer_id": None}
    session.execute(update(Question).where(Question.contribution_id == question_id).values(**values))
    if seat.role == "teacher":
        decisions.record(session, seat, "answered" if answered else "unanswered", now=now, contribution_id=question_id)
    walls.touch(session, opened.id)


def unsettle(session: Session, answer_id: int) -> None:
    """An answer goes: the question that it settled, which the caller holds, waits for one again."""
    of = select(Contribution.parent_id).where(Contribution.id == answer_id).scalar_subquery()
    session.execute(
        update(Question)
        .where(Question.contribution_id == of, Question.answer_id == answer_id)
        .values(answer_id=None, answered_at=None)
    )


def _held(
    session: Session, seat: Seat, opened: Opened, contribution_id: int, kinds: tuple[str, ...]
) -> Row[datetime | None, datetime | None]:
    """A text that a teacher decides about, held. Raises NotAllowed, NotFound."""
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers can do that."))
    question_votes.hold_above(session, seat, contribution_id)
    row = session.execute(
        select(Contribution.pinned_at, Contribution.endorsed_at)
        .where(
            Contribution.id == contribution_id,
            Contribution.activity_id == opened.id,
            Contribution.course_id == seat.course_id,
            Contribution.kind.in_(kinds),
            Contribution.status != "retired",
        )
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This is not here any more. Load the page again."))
    return row


def _asked(session: Session, seat: Seat, opened: Opened, question_id: int) -> int | None:
    """Who asked a live question, which is held; None where nobody knows."""
    question_votes.hold_above(session, seat, question_id)
    row = session.execute(
        select(Contribution.person_id)
        .join(Question, Question.contribution_id == Contribution.id)
        .where(
            Contribution.id == question_id,
            Contribution.activity_id == opened.id,
            Contribution.course_id == seat.course_id,
            Contribution.status == "live",
        )
        .with_for_update(of=Contribution, key_share=True)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This question is not here any more. Go back to the list."))
    asker: int | None = row.person_id
    return asker


def _is_answer_of(session: Session, answer_id: int, question_id: int) -> bool:
    answer = select(Contribution.id).where(
        Contribution.id == answer_id,
        Contribution.parent_id == question_id,
        Contribution.kind == "answer",
        Contribution.status == "live",
    )
    return session.scalar(answer) is not None


def _done(session: Session, seat: Seat, opened: Opened, action: str, contribution_id: int, now: datetime) -> None:
    decisions.record(session, seat, action, now=now, contribution_id=contribution_id)
    walls.touch(session, opened.id)
