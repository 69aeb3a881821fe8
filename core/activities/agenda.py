"""One person in a course at a glance: what waits for them, what they asked and wrote, how far they are.

Only activities that the class can reach count: those placed in the course, and those that a channel uses. Of practice
activities only what a channel uses, and what this person has begun: the LMS may open the others later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.activities import appeals, credit, gallery_settings, judging, kinds, polls, scores, seats, tasks
from core.activities.appeals import Own
from core.activities.credit import Progress
from core.activities.polls import Poll
from core.activities.seats import Opened, Seat
from core.store.tables import Activity, Channel, Contribution, Question, TaskExposure

NEWEST = 5  # questions and texts
_answer = aliased(Contribution)


@dataclass(frozen=True, slots=True)
class Practising:
    """How far this person is with an activity's problems; `score` is None before the first answer that counts."""

    activity_id: int
    title: str
    open: int
    problems: int
    score: float | None
    points: float


@dataclass(frozen=True, slots=True)
class Judging:
    """A gallery in which this person is asked to judge so many more items."""

    activity_id: int
    title: str
    due: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of one's own. `settled`: its author or a teacher marked it as answered."""

    id: int
    title: str
    votes: int
    answers: int
    settled: bool


@dataclass(frozen=True, slots=True)
class Graded:
    """How far this person is toward the full points of an activity that the class shares."""

    title: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Agenda:
    """All of it. `texts` are the newest of `texts_written`, `questions` of `questions_asked`."""

    polls: tuple[Poll, ...]  # open, and not answered yet
    practice: tuple[Practising, ...]
    judging: tuple[Judging, ...]
    questions: tuple[Asked, ...]
    questions_asked: int
    texts: tuple[Own, ...]
    texts_written: int
    graded: tuple[Graded, ...]


def of(session: Session, seat: Seat, *, practising: str | None = None, now: datetime) -> Agenda:
    """What this person finds in their course now. Where nobody is to be known by what they write, it is not listed.

    `practising`: the public id of the practice activity of the channel by which they come (`channels.practice`).
    """
    waiting: list[Poll] = []
    practice: list[Practising] = []
    to_judge: list[Judging] = []
    graded: list[Graded] = []
    begun = _begun(session, seat)
    for opened in reachable(session, seat):
        if opened.kind == "practice":
            if opened.id in begun or opened.public_id == practising:
                practice.append(_practice(session, seat, opened, now))
            continue
        settings = kinds.SHARED[opened.kind].from_json(opened.settings)
        if opened.kind == "poll":
            waiting += open_polls(session, seat, opened, now=now)
        if opened.kind == "gallery" and seat.role == "student":
            due = judging.due(session, seat, opened, gallery_settings.of(opened), now=now)
            to_judge += [Judging(opened.id, opened.title, due)] if due else []
        progress = credit.mine(session, seat, opened, settings) if seat.role == "student" else None
        graded += [] if progress is None else [Graded(opened.title, progress)]
    return Agenda(
        polls=tuple(waiting),
        practice=tuple(practice),
        judging=tuple(to_judge),
        questions=tuple(_questions(session, seat)),
        questions_asked=_number_of_questions(session, seat),
        texts=tuple(appeals.newest(session, seat, most=NEWEST)),
        texts_written=appeals.number(session, seat),
        graded=tuple(graded),
    )


def reachable(session: Session, seat: Seat) -> list[Opened]:
    """The activities of the course that its class can reach, oldest first."""
    used = exists().where(
        Channel.course_id == seat.course_id,
        Channel.ended_at.is_(None),
        or_(*(column == Activity.id for column in _USES)),
    )
    rows = session.execute(
        select(Activity.id, Activity.public_id, Activity.title, Activity.kind, Activity.settings)
        .where(Activity.course_id == seat.course_id, or_(Activity.placed_at.is_not(None), used))
        .order_by(Activity.id)
    )
    return [Opened(*row) for row in rows]


_USES = (Channel.practice_id, Channel.questions_id, Channel.gallery_id, Channel.poll_id)


def open_polls(session: Session, seat: Seat, opened: Opened, *, now: datetime) -> list[Poll]:
    """The open polls of an activity that this person has not answered."""
    answered = polls.mine(session, seat, opened)
    listed = polls.listed(session, seat, opened, now)
    return [poll for poll in listed if poll.state == "open" and poll.id not in answered]


def _begun(session: Session, seat: Seat) -> set[int]:
    """Practice activities that a channel uses, or in which a problem was put before this person."""
    used = select(Channel.practice_id).where(Channel.course_id == seat.course_id, Channel.ended_at.is_(None))
    begun = select(TaskExposure.activity_id).where(TaskExposure.person_id == seat.person_id).distinct()
    return {number for statement in (used, begun) for number in session.scalars(statement) if number is not None}


def _practice(session: Session, seat: Seat, opened: Opened, now: datetime) -> Practising:
    practice = seats.practice_of_id(session, seat, opened.id)
    listed = tasks.places(session, seat, practice, now)
    return Practising(
        opened.id,
        opened.title,
        len(tasks.open_problems(listed)),
        len(listed),
        scores.score_of(session, practice, seat.person_id),
        practice.settings.points,
    )


def _questions(session: Session, seat: Seat) -> list[Asked]:
    """One's newest questions; of those that were merged the other one speaks."""
    answers = (
        select(func.count())
        .where(_answer.parent_id == Contribution.id, _answer.kind == "answer", _answer.status == "live")
        .correlate(Contribution)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Question.contribution_id, Question.title, Question.votes, answers, Question.answered_at.is_not(None))
        .join(Contribution, Contribution.id == Question.contribution_id)
        .where(*_asked_by(seat))
        .order_by(Contribution.id.desc())
        .limit(NEWEST)
    )
    return [Asked(*row) for row in rows]


def _number_of_questions(session: Session, seat: Seat) -> int:
    statement = (
        select(func.count())
        .select_from(Question)
        .join(Contribution, Contribution.id == Question.contribution_id)
        .where(*_asked_by(seat))
    )
    return session.scalar(statement) or 0


def _asked_by(seat: Seat) -> list[ColumnElement[bool]]:
    return [
        Contribution.course_id == seat.course_id,
        Contribution.person_id == seat.person_id,
        Contribution.status != "retired",
        Question.merged_into_id.is_(None),
    ]
