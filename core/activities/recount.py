"""Counting everything again: what is kept for speed must equal what the exposures and attempts say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from core.activities import credit, kinds, scores, seats, task_exposures
from core.activities.seats import Seat
from core.polling import answers, tally
from core.polling import kinds as poll_kinds
from core.store.tables import (
    Activity,
    Arm,
    Ballot,
    Contribution,
    Course,
    Exposure,
    Grade,
    Membership,
    Poll,
    PollCount,
    PollOption,
    Question,
    ResourceLink,
    Seen,
    TaskExposure,
    TaskRecord,
    Vote,
    Voter,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A kept number that is not what counting gives."""

    what: str
    kept: object
    counted: object

    def __str__(self) -> str:
        return f"{self.what}: kept {self.kept}, counted {self.counted}"


def arms(session: Session) -> Iterator[Difference]:
    """Every arm's statistics against its exposures; those that do not count (test users, teachers) are left out."""
    counted = {
        row.contribution_id: (row.shown, row.rewarded, row.points or 0, row.squares or 0)
        for row in session.execute(
            select(
                Exposure.contribution_id,
                func.count().label("shown"),
                func.count(Exposure.points).label("rewarded"),
                func.sum(Exposure.points).label("points"),
                func.sum(Exposure.points * Exposure.points).label("squares"),
            )
            .where(Exposure.counts.is_(True))
            .group_by(Exposure.contribution_id)
        )
    }
    known = set()
    for arm in session.execute(select(Arm.contribution_id, Arm.shown, Arm.rewarded, Arm.points, Arm.squares)):
        known.add(arm.contribution_id)
        kept = (arm.shown, arm.rewarded, arm.points, arm.squares)
        found = counted.get(arm.contribution_id, (0, 0, 0, 0))
        if kept != found:
            yield Difference(f"text {arm.contribution_id}: shown, rewarded, points, squares", kept, found)
    for stray in sorted(counted.keys() - known):
        yield Difference(f"text {stray}: exposures without statistics", None, counted[stray])
    for live in session.scalars(
        select(Contribution.id)
        .outerjoin(Arm, Arm.contribution_id == Contribution.id)
        .where(Contribution.status == "live", Contribution.problem_id.is_not(None), Arm.contribution_id.is_(None))
        .order_by(Contribution.id)
    ):
        yield Difference(f"text {live}: in the pool without statistics", None, 0)


def task_records(session: Session) -> Iterator[Difference]:
    """Every problem's record against the exposures of it that count."""
    counted: dict[int, Counter[str]] = {}
    for row in session.execute(
        select(TaskExposure.problem_id, TaskExposure.outcome, TaskExposure.shown_at, TaskExposure.outcome_at).where(
            TaskExposure.counts.is_(True)
        )
    ):
        sums = counted.setdefault(row.problem_id, Counter())
        sums["shown"] += 1
        sums["skipped"] += row.outcome == "skipped"
        if row.outcome in task_exposures.ANSWERS:
            sums["answered"] += 1
            sums["right"] += row.outcome == "right"
            sums["wrong"] += row.outcome == "wrong"
            sums["milliseconds"] += task_exposures.milliseconds(row.shown_at, row.outcome_at)
    names = task_exposures.SUMS
    kept = {row.problem_id: tuple(getattr(row, name) for name in names) for row in session.scalars(select(TaskRecord))}
    nothing = tuple(0 for _ in names)
    for problem_id in sorted(kept.keys() | counted.keys()):
        found = tuple(counted.get(problem_id, Counter())[name] for name in names)
        if kept.get(problem_id, nothing) != found:
            yield Difference(f"problem {problem_id}: {', '.join(names)}", kept.get(problem_id), found)


def grades(session: Session) -> Iterator[Difference]:
    """Every active student's grade against the attempts that count. The grade of someone who left stays as it was."""
    activities = session.execute(
        select(Activity.id, Activity.kind, Activity.settings, Activity.course_id, Course.platform_id)
        .join(Course, Course.id == Activity.course_id)
        .order_by(Activity.id)
    ).all()
    for activity in activities:
        wanted_of = _wanted(session, activity)
        if wanted_of is None:
            continue
        rows = session.execute(
            select(Grade.person_id, Grade.score, Grade.maximum, Grade.resource_link_id)
            .join(ResourceLink, ResourceLink.id == Grade.resource_link_id)
            .join(
                Membership,
                (Membership.person_id == Grade.person_id) & (Membership.course_id == ResourceLink.course_id),
            )
            .where(
                ResourceLink.activity_id == activity.id,
                ResourceLink.line_item_url.is_not(None),
                Membership.role == "student",
                Membership.status == "active",
            )
            .order_by(Grade.id)
        ).all()
        for row in rows:
            wanted = wanted_of(row.person_id)
            if (row.score, row.maximum) != wanted:
                what = f"grade of person {row.person_id} in link {row.resource_link_id}"
                yield Difference(what, (row.score, row.maximum), wanted)


def _wanted(session: Session, activity: Row[Any]) -> Callable[[int], tuple[float, float]] | None:
    """What a person's grade in an activity should be, with its maximum; None where grades wait for others on purpose
    (`credit`).
    """
    if activity.kind in kinds.SHARED:
        shared = kinds.SHARED[activity.kind].from_json(activity.settings)
        if shared.anonymity in credit.HIDDEN or not (shared.points and shared.credit):
            return None
        done = credit.counts(session, activity.id)
        return lambda person: (credit.progress(shared, done.get(person, {})).score, shared.points)
    practice = seats.practice_of_id(session, Seat(activity.platform_id, activity.course_id, 0, "teacher"), activity.id)
    return lambda person: (scores.score_of(session, practice, person) or 0.0, practice.settings.points)


def polls(session: Session) -> Iterator[Difference]:
    """Every poll's counts against its ballots; of an anonymous one, which has none, against how many answered."""
    for row in session.execute(select(Poll.id, Poll.details, Poll.is_anonymous, Poll.voted).order_by(Poll.id)).all():
        kept = {
            (count.option_id, count.value): count.number
            for count in session.execute(
                select(PollCount.option_id, PollCount.value, PollCount.number).where(PollCount.poll_id == row.id)
            )
        }
        if row.is_anonymous:
            people = session.scalar(select(func.count()).where(Voter.poll_id == row.id, Voter.counts.is_(True)))
            marks = sum(kept.values())  # each answer makes one mark, of these kinds
            alone = poll_kinds.from_json(row.details).kind in {"single", "pair", "rating", "number", "text"}
            counted: object = (people, people if alone else marks)
            stands: object = (row.voted, marks)
        else:
            options = set(session.scalars(select(PollOption.id).where(PollOption.poll_id == row.id)))
            stored = session.scalars(select(Ballot.answer).where(Ballot.poll_id == row.id, Ballot.counts.is_(True)))
            given = [answers.from_json(answer) for answer in stored]
            counted = (len(given), dict(sorted(tally.count(poll_kinds.from_json(row.details), given, options).items())))
            stands = (row.voted, dict(sorted(kept.items())))
        if stands != counted:
            yield Difference(f"poll {row.id}: people and counts", stands, counted)


def questions(session: Session) -> Iterator[Difference]:
    """Every question's votes and readers against the rows that count."""
    votes = select(func.count()).where(Vote.contribution_id == Question.contribution_id, Vote.counts.is_(True))
    seen = select(func.count()).where(Seen.contribution_id == Question.contribution_id, Seen.counts.is_(True))
    for row in session.execute(
        select(
            Question.contribution_id,
            Question.votes,
            Question.seen,
            votes.correlate(Question).scalar_subquery().label("voted"),
            seen.correlate(Question).scalar_subquery().label("read"),
        ).order_by(Question.contribution_id)
    ):
        if (row.votes, row.seen) != (row.voted, row.read):
            what = f"question {row.contribution_id}: votes, seen"
            yield Difference(what, (row.votes, row.seen), (row.voted, row.read))


COUNTS = (arms, task_records, grades, polls, questions)


def everything(session: Session) -> Iterator[Difference]:
    """All differences there are."""
    for count in COUNTS:
        yield from count(session)
