"""The class page: who did what, who waits, who struggles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core.activities import attempts, grades, practice_rules
from core.activities.practice_rules import Standing, Try
from core.activities.seats import Practice, Seat
from core.store.tables import Attempt, Contribution, Exposure, Membership, Person

STRUGGLES_FROM = 3  # problems answered before a low share of right ones means anything
STRUGGLES_BELOW = 0.4
STUCK_AFTER = 3  # wrong tries at one problem that is still open


@dataclass(frozen=True, slots=True)
class Student:
    """One line of the class page."""

    person_id: int
    name: str | None
    star: bool
    answered: int  # problems
    right: int
    texts: int  # explanations and worked examples that are in a pool
    waiting_texts: int
    ratings: int
    last_at: datetime | None
    score: float | None
    grade_state: str | None  # of core.activities.grades
    state: str  # 'not_begun', 'stuck', 'struggles', 'works', 'done'
    stuck_at: tuple[int, ...]  # problems with many wrong tries that are still open


def students(session: Session, seat: Seat, practice: Practice, now: datetime) -> list[Student]:
    """Every active student of the course: those who need attention first, then by name."""
    people = session.execute(
        select(Person.id, Person.name, Person.subject, Membership.is_star)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.course_id == seat.course_id,
            Membership.role == "student",
            Membership.status == "active",
            Person.is_test.is_(False),
        )
    ).all()
    tries = attempts.tries(session, practice)
    written, rated, last = _written(session, seat, practice), _rated(session, practice), _last(session, practice)
    graded = grades.states(session, practice.id)
    lines = []
    for row in people:
        its = {problem: made for problem, made in tries.get(row.id, {}).items() if problem in practice.problems}
        standings = {problem: practice_rules.standing(practice.settings, made, now) for problem, made in its.items()}
        answered = [standing for standing in standings.values() if standing.answered]
        stuck = _stuck(standings)
        lines.append(
            Student(
                row.id,
                row.name or f"№ {row.subject}",
                row.is_star,
                len(answered),
                sum(standing.right is True for standing in answered),
                *written.get(row.id, (0, 0)),
                rated.get(row.id, 0),
                last.get(row.id),
                practice_rules.score(practice.settings, practice.problems, practice_rules.best_fractions(its)),
                graded.get(row.id),
                _state(practice, its, answered, stuck),
                stuck,
            )
        )
    rank = {"stuck": 0, "struggles": 1, "not_begun": 2, "works": 3, "done": 4}
    return sorted(lines, key=lambda s: (rank[s.state], (s.name or "").casefold(), s.person_id))


def _stuck(standings: Mapping[int, Standing]) -> tuple[int, ...]:
    return tuple(
        problem
        for problem, s in standings.items()
        if s.may_answer and not s.right and s.tries >= STUCK_AFTER and not s.voting
    )


def _state(
    practice: Practice, tries: Mapping[int, Sequence[Try]], answered: Sequence[Standing], stuck: Sequence[int]
) -> str:
    right = sum(standing.right is True for standing in answered)
    scored = sum(standing.right is not None for standing in answered)
    if not tries:
        return "not_begun"
    if stuck:
        return "stuck"
    if scored >= STRUGGLES_FROM and right / scored < STRUGGLES_BELOW:
        return "struggles"
    closed = not any(standing.may_answer for standing in answered)
    return "done" if closed and len(answered) == len(practice.problems) else "works"


def _written(session: Session, seat: Seat, practice: Practice) -> dict[int | None, tuple[int, int]]:
    """By person: texts in a pool, and texts that wait. Reasons between two votes are part of answering."""
    rows = session.execute(
        select(
            Contribution.person_id,
            func.sum(case((Contribution.status == "live", 1), else_=0)).label("live"),
            func.sum(case((Contribution.status == "pending", 1), else_=0)).label("waiting"),
        )
        .where(
            Contribution.problem_id.in_(practice.problems),
            Contribution.course_id == seat.course_id,
            Contribution.kind.in_(("explanation", "worked_example")),
        )
        .group_by(Contribution.person_id)
    )
    return {row.person_id: (int(row.live), int(row.waiting)) for row in rows}


def _rated(session: Session, practice: Practice) -> dict[int, int]:
    """By person: how many texts they rated."""
    rows = session.execute(
        select(Exposure.person_id, func.count().label("times"))
        .where(Exposure.activity_id == practice.id, Exposure.outcome == "rated")
        .group_by(Exposure.person_id)
    )
    return {row.person_id: row.times for row in rows}


def _last(session: Session, practice: Practice) -> dict[int, datetime]:
    """By person: when they answered last."""
    rows = session.execute(
        select(Attempt.person_id, func.max(Attempt.created_at).label("at"))
        .where(Attempt.activity_id == practice.id)
        .group_by(Attempt.person_id)
    )
    return {row.person_id: row.at for row in rows}
