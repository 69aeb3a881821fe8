"""What authors do with a question, an answer or a comment of theirs: other words, or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.activities import (
    contributions,
    credit,
    pace,
    question_teaching,
    question_votes,
    screening,
    seats,
    texts,
    walls,
)
from core.activities.authors import Stamp
from core.activities.posting import Typed
from core.activities.question_settings import QuestionSettings
from core.activities.questions import LONGEST_TITLE
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.screening import Stored
from core.activities.seats import Opened, Seat
from core.store.tables import Contribution, Question, Vote
from core.words import N_, Sentence


def change(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: QuestionSettings,
    typed: Typed,
    *,
    question_id: int,
    now: datetime,
) -> Stored:
    """The asker changes a question, as long as nobody has voted for these words or answered them.

    Raises NotFound for one that is not theirs (in an anonymous activity that is each), NotAllowed, Refusal.
    """
    title, text = texts.clean_line(typed.title, LONGEST_TITLE), texts.clean(typed.text)
    if not texts.visible_length(title):
        raise Refusal(N_("The question has no words yet. Write it in the first box, in one sentence."))
    row = _mine(session, seat, opened, question_id)
    if _is_used(session, question_id):
        raise NotAllowed(
            N_("Classmates have voted for this question or answered it as it is. Add a comment to say more.")
        )
    stamp = Stamp(seat.person_id, now)
    screened = screening.screen(
        session,
        seat,
        opened,
        settings,
        stamp,
        f"{title}\n{text}".strip(),
        kind="question",
        language=typed.language,
        anyway=typed.anyway,
        instead_of=question_id,
    )
    pace.spend(session, seat, opened.id, "text", limit=settings.daily, now=now)
    status = row if row in {"held", "kept"} else screened.status
    joined = func.coalesce(Contribution.joined_at, now) if status == "live" else Contribution.joined_at
    session.execute(
        update(Contribution)
        .where(Contribution.id == question_id)
        .values(text=text, status=status, edited_at=now, joined_at=joined)
    )
    session.execute(update(Question).where(Question.contribution_id == question_id).values(title=title))
    stored = screening.record(session, seat, settings, stamp, question_id, screened)
    credit.changed(session, seat, opened, settings, now=now)
    walls.touch(session, opened.id)
    return replace(stored, status=status)


def take_back(
    session: Session, seat: Seat, opened: Opened, settings: QuestionSettings, contribution_id: int, *, now: datetime
) -> Sentence:
    """The author takes a question, an answer or a comment back. A question that was answered stays, for its answers.

    Raises NotFound for a text that is not theirs, NotAllowed.
    """
    seats.hold(session, seat)
    question_votes.hold_above(session, seat, contribution_id)
    kind = session.scalar(
        select(Contribution.kind)
        .where(
            Contribution.id == contribution_id,
            Contribution.activity_id == opened.id,
            Contribution.person_id == seat.person_id,
            Contribution.status != "retired",
        )
        .with_for_update(key_share=True)
    )
    if kind is None:
        raise NotFound(N_("This text is not one of yours."))
    if kind == "question" and _has_answers(session, contribution_id):
        raise NotAllowed(N_("Classmates have answered this question, so it stays. Your teacher can close it."))
    contributions.retire(session, contribution_id, because="withdrawn", now=now)
    question_teaching.unsettle(session, contribution_id)
    credit.changed(session, seat, opened, settings, now=now)
    walls.touch(session, opened.id)
    return Sentence(N_("Taken back. Nobody sees it any more."))


def _mine(session: Session, seat: Seat, opened: Opened, question_id: int) -> str:
    """The status of one's own question, held for a change."""
    seats.hold(session, seat)
    question_votes.hold_above(session, seat, question_id)
    status: str | None = session.scalar(
        select(Contribution.status)
        .join(Question, Question.contribution_id == Contribution.id)
        .where(
            Contribution.id == question_id,
            Contribution.activity_id == opened.id,
            Contribution.person_id == seat.person_id,
            Contribution.status != "retired",
        )
        .with_for_update(of=Contribution, key_share=True)
    )
    if status is None:
        raise NotFound(N_("This text is not one of yours."))
    return status


def _is_used(session: Session, question_id: int) -> bool:
    voted = select(Vote.id).where(Vote.contribution_id == question_id).limit(1)
    return session.scalar(voted) is not None or _has_answers(session, question_id)


def _has_answers(session: Session, question_id: int) -> bool:
    answers = select(Contribution.id).where(
        Contribution.parent_id == question_id, Contribution.kind == "answer", Contribution.status != "retired"
    )
    return session.scalar(answers.limit(1)) is not None
