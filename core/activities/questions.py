"""Asking and answering: a class's questions as people find them.

What authors do with them later: `question_changes`; votes: `question_votes`; the order: `question_order`; the teacher:
`question_teaching`; merging: `question_merging`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from core.activities import (
    authors,
    comments,
    posting,
    question_problems,
    question_votes,
    seats,
    texts,
    visibility,
)
from core.activities.authors import Author
from core.activities.comments import Comment
from core.activities.posting import Posted, Typed
from core.activities.question_settings import QuestionSettings
from core.activities.refusals import Gone, NotAllowed, NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.store.database import insert, run
from core.store.tables import Contribution, Question, Vote
from core.words import N_

LONGEST_TITLE = 200
_GONE = N_("This question is not here any more. What you typed is still in the box.")


@dataclass(frozen=True, slots=True)
class Line:
    """A question as one person sees it in a list."""

    id: int
    title: str
    text: str
    author: Author
    person_id: int | None  # for the rules, never for a page
    status: str
    votes: int
    seen: int
    voted: bool
    answers: int
    created_at: datetime
    problem_id: int | None
    answered: bool
    endorsed: bool
    pinned: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as one person sees it."""

    id: int
    text: str
    author: Author
    status: str
    votes: int
    voted: bool
    endorsed: bool
    settles: bool  # the answer with which the question was marked as answered
    created_at: datetime
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One question with everything under it."""

    question: Line
    answers: tuple[Answer, ...]  # endorsed and settling ones first, then by votes
    comments: tuple[Comment, ...]
    merged: tuple[str, ...]  # titles of questions that were shown to the class and then merged into it


def ask(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: QuestionSettings,
    typed: Typed,
    *,
    problem_id: int | None = None,
    now: datetime,
) -> Posted:
    """Ask a question, beside practice perhaps about one of its problems. Raises Refusal that says what is missing."""
    title = texts.clean_line(typed.title, LONGEST_TITLE)
    if not texts.visible_length(title):
        raise Refusal(N_("The question has no words yet. Write it in the first box, in one sentence."))
    if problem_id is not None and problem_id not in question_problems.open_to(session, seat, opened, now=now):
        raise NotFound(
            N_("You can ask about this problem once you have answered it. Your question is still in the box.")
        )
    posted = posting.post(session, seat, opened, settings, replace(typed, title=title), kind="question", now=now)
    session.execute(
        insert(session, Question).values(
            contribution_id=posted.id, activity_id=opened.id, problem_id=problem_id, title=title, votes=0, seen=0
        )
    )
    posting.tell(session, seat, opened, settings, posted, kind="question", now=now)
    return posted


def answer(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: QuestionSettings,
    typed: Typed,
    *,
    question_id: int,
    now: datetime,
) -> Posted:
    """Answer a question. Raises Gone for one that went away meanwhile, NotAllowed for a closed one, Refusal."""
    seats.hold(session, seat)
    root = question_votes.hold_root(session, opened, question_id)
    if root is None or not _is_visible(session, seat, opened, root, now=now):
        raise Gone(_GONE)
    closed = session.scalar(select(Question.closed_at).where(Question.contribution_id == root))
    if closed is not None and seat.role != "teacher":
        raise NotAllowed(
            N_("Your teacher closed this question: no more answers are taken. Your text is still in the box.")
        )
    posted = posting.post(session, seat, opened, settings, typed, kind="answer", parent_id=root, now=now)
    posting.tell(session, seat, opened, settings, posted, kind="answer", now=now)
    return posted


def wall(
    session: Session, seat: Seat, opened: Opened, settings: QuestionSettings, *, now: datetime, only: int | None = None
) -> list[Line]:
    """Every question that this person sees (or `only` this one), in no particular order: see `question_order`."""
    rows = run(
        session,
        _listed(seat.role == "teacher", only is not None),
        **({} if only is None else {"only": only}),
        activity=opened.id,
        course=seat.course_id,
        reader=seat.person_id,
    ).all()
    about = {row.problem_id for row in rows} - {None}
    may = question_problems.open_to(session, seat, opened, now=now) if about else frozenset()
    rows = [row for row in rows if row.problem_id is None or row.problem_id in may or row.person_id == seat.person_id]
    names = authors.names(session, seat, opened.id, settings, [row.person_id for row in rows])
    return [
        Line(
            id=row.id,
            title=row.title,
            text=row.text,
            author=names.of(row.person_id, inherited=row.inherited_from_id is not None),
            person_id=row.person_id,
            status=row.status,
            votes=row.votes,
            seen=row.seen,
            voted=row.voted,
            answers=row.answers,
            created_at=row.created_at,
            problem_id=row.problem_id,
            answered=row.answered_at is not None,
            endorsed=row.endorsed_at is not None,
            pinned=row.pinned_at is not None,
            closed=row.closed_at is not None,
        )
        for row in rows
    ]


@cache
def _listed(to_teacher: bool, one: bool) -> Select[*tuple[Any, ...]]:
    """The questions of an activity that somebody sees, all or `only` one."""
    mine = (
        select(Vote.id)
        .where(Vote.contribution_id == Question.contribution_id, Vote.person_id == bindparam("reader"))
        .exists()
    )
    given = (
        select(Contribution.parent_id, func.count().label("number"))
        .where(
            Contribution.activity_id == bindparam("activity"),
            Contribution.kind == "answer",
            Contribution.status == "live",
        )
        .group_by(Contribution.parent_id)
        .subquery()
    )
    statement = (
        select(
            Contribution.id,
            Contribution.text,
            Contribution.person_id,
            Contribution.inherited_from_id,
            Contribution.status,
            Contribution.created_at,
            Contribution.endorsed_at,
            Contribution.pinned_at,
            Question.title,
            Question.votes,
            Question.seen,
            Question.problem_id,
            Question.answered_at,
            Question.closed_at,
            mine.label("voted"),
            func.coalesce(given.c.number, 0).label("answers"),
        )
        .join(Question, Question.contribution_id == Contribution.id)
        .outerjoin(given, given.c.parent_id == Contribution.id)
        .where(
            Contribution.activity_id == bindparam("activity"),
            Contribution.course_id == bindparam("course"),
            Question.merged_into_id.is_(None),
            visibility.TO_TEACHER if to_teacher else visibility.TO_STUDENT,
        )
    )
    return statement.where(Contribution.id == bindparam("only")) if one else statement


def page(
    session: Session, seat: Seat, opened: Opened, settings: QuestionSettings, question_id: int, *, now: datetime
) -> Page:
    """One question with its answers and comments; a merged one leads to the one that it became part of.

    Raises NotFound for one that this person does not see.
    """
    root = question_votes.root_of(session, opened, question_id)
    found = wall(session, seat, opened, settings, now=now, only=root) if root is not None else []
    if not found:
        raise NotFound(N_("This question is not here, or not any more. Go back to the list."))
    question = found[0]
    votes = select(func.count()).where(Vote.contribution_id == Contribution.id, Vote.counts.is_(True))
    mine = select(Vote.id).where(Vote.contribution_id == Contribution.id, Vote.person_id == seat.person_id).exists()
    rows = session.execute(
        select(Contribution, votes.correlate(Contribution).scalar_subquery().label("votes"), mine.label("voted")).where(
            Contribution.parent_id == question.id,
            Contribution.activity_id == opened.id,
            Contribution.kind == "answer",
            visibility.shown_to(seat),
        ),
        {"reader": seat.person_id},
    ).all()
    settled = session.scalar(select(Question.answer_id).where(Question.contribution_id == question.id))
    said = comments.of_parents(session, seat, opened, settings, [question.id, *(row.Contribution.id for row in rows)])
    names = authors.names(session, seat, opened.id, settings, [row.Contribution.person_id for row in rows])
    answers = [
        Answer(
            id=text.id,
            text=text.text,
            author=names.of(text.person_id, inherited=text.inherited_from_id is not None),
            status=text.status,
            votes=number,
            voted=voted,
            endorsed=text.endorsed_at is not None,
            settles=text.id == settled,
            created_at=text.created_at,
            comments=tuple(said.get(text.id, ())),
        )
        for text, number, voted in rows
    ]
    answers.sort(key=lambda one: (not one.settles, not one.endorsed, -one.votes, one.id))
    merged = session.scalars(
        select(Question.title)
        .join(Contribution, Contribution.id == Question.contribution_id)
        .where(Question.merged_into_id == question.id, Contribution.joined_at.is_not(None))
        .order_by(Question.contribution_id)
    )
    return Page(question, tuple(answers), tuple(said.get(question.id, ())), tuple(merged))


def titles(session: Session, seat: Seat, opened: Opened, *, now: datetime) -> list[tuple[int, str]]:
    """Number and title of every question that this person sees, newest first: to look for similar ones."""
    rows = session.execute(
        select(Question.contribution_id, Question.title, Question.problem_id)
        .join(Contribution, Contribution.id == Question.contribution_id)
        .where(
            Question.activity_id == opened.id,
            Question.merged_into_id.is_(None),
            Contribution.course_id == seat.course_id,
            visibility.shown_to(seat),
        )
        .order_by(Question.contribution_id.desc()),
        {"reader": seat.person_id},
    ).all()
    about = {row.problem_id for row in rows} - {None}
    may = question_problems.open_to(session, seat, opened, now=now) if about else frozenset()
    return [(row.contribution_id, row.title) for row in rows if row.problem_id is None or row.problem_id in may]


def _is_visible(session: Session, seat: Seat, opened: Opened, question_id: int, *, now: datetime) -> bool:
    row = session.execute(
        select(Question.problem_id, Contribution.person_id)
        .join(Contribution, Contribution.id == Question.contribution_id)
        .where(
            Question.contribution_id == question_id,
            Contribution.activity_id == opened.id,
            Contribution.course_id == seat.course_id,
            visibility.shown_to(seat),
        ),
        {"reader": seat.person_id},
    ).one_or_none()
    if row is None:
        return False
    mine = row.person_id == seat.person_id
    return row.problem_id is None or mine or row.problem_id in question_problems.open_to(session, seat, opened, now=now)
