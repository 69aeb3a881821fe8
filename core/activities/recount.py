"""Counting everything again: what is kept for speed must equal what the exposures and attempts say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.activities import scores, seats, task_exposures
from core.activities.seats import Seat
from core.store.tables import (
    Activity,
    Arm,
    Contribution,
    Course,
    Exposure,
    Grade,
    Membership,
    ResourceLink,
    TaskExposure,
    TaskRecord,
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
        .where(Contribution.status == "live", Arm.contribution_id.is_(None))
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
        select(Activity.id, Activity.course_id, Course.platform_id)
        .join(Course, Course.id == Activity.course_id)
        .order_by(Activity.id)
    ).all()
    for activity in activities:
        seat = Seat(activity.platform_id, activity.course_id, 0, "teacher")
        practice = seats.practice_of_id(session, seat, activity.id)
        rows = session.execute(
            select(Grade.person_id, Grade.score, Grade.maximum, Grade.resource_link_id)
            .join(ResourceLink, ResourceLink.id == Grade.resource_link_id)
            .join(
                Membership,
                (Membership.person_id == Grade.person_id) & (Membership.course_id == ResourceLink.course_id),
            )
            .where(
                ResourceLink.activity_id == practice.id,
                ResourceLink.line_item_url.is_not(None),
                Membership.role == "student",
                Membership.status == "active",
            )
            .order_by(Grade.id)
        ).all()
        for row in rows:
            wanted = (scores.score_of(session, practice, row.person_id) or 0.0, practice.settings.points)
            if (row.score, row.maximum) != wanted:
                what = f"grade of person {row.person_id} in link {row.resource_link_id}"
                yield Difference(what, (row.score, row.maximum), wanted)


COUNTS = (arms, task_records, grades)


def everything(session: Session) -> Iterator[Difference]:
    """All differences there are."""
    for count in COUNTS:
        yield from count(session)
