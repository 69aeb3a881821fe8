"""Answers by themselves, as a student sees them: in a question's thread every answer is a message of its own."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from core.activities import authors
from core.activities.authors import Author
from core.activities.question_settings import QuestionSettings
from core.activities.seats import Opened, Seat
from core.activities.visibility import TO_STUDENT
from core.store.database import run
from core.store.tables import Contribution, Question, Vote


@dataclass(frozen=True, slots=True)
class Given:
    """An answer and the question that it was given to. `settles`: the question was marked as answered with it."""

    id: int
    question_id: int
    title: str
    text: str
    author: Author
    votes: int
    endorsed: bool
    settles: bool


def of_activity(session: Session, seat: Seat, opened: Opened, settings: QuestionSettings) -> dict[int, Given]:
    """The answers, by their number, that a student sees; without those whose question is not shown."""
    rows = run(session, _ANSWERS, activity=opened.id, course=seat.course_id, reader=seat.person_id).all()
    known = authors.names(session, seat, opened.id, settings, [row.person_id for row in rows])
    return {
        row.id: Given(
            id=row.id,
            question_id=row.question_id,
            title=row.title,
            text=row.text,
            author=known.of(row.person_id, inherited=row.inherited_from_id is not None),
            votes=row.votes,
            endorsed=row.endorsed_at is not None,
            settles=row.answer_id == row.id,
        )
        for row in rows
    }


_question = aliased(Contribution)
_VOTES = select(func.count()).where(Vote.contribution_id == Contribution.id, Vote.counts.is_(True))
_ANSWERS = (
    select(
        Contribution.id,
        Contribution.text,
        Contribution.person_id,
        Contribution.inherited_from_id,
        Contribution.endorsed_at,
        Question.contribution_id.label("question_id"),
        Question.title,
        Question.answer_id,
        _VOTES.correlate(Contribution).scalar_subquery().label("votes"),
    )
    .join(Question, Question.contribution_id == Contribution.parent_id)
    .join(_question, _question.id == Question.contribution_id)
    .where(
        Contribution.activity_id == bindparam("activity"),
        Contribution.course_id == bindparam("course"),
        Contribution.kind == "answer",
        _question.status == "live",
        Question.problem_id.is_(None),
        TO_STUDENT,
    )
)
