"""Making an activity, placing it, changing its settings."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.activities import practice_settings, problems, scores, seats, texts
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import Refusal
from core.activities.seats import Seat
from core.store.database import insert
from core.store.tables import Activity, ResourceLink
from core.words import N_


@dataclass(frozen=True, slots=True)
class Made:
    """A new activity: what the deep-linking response and the URLs need."""

    id: int
    public_id: str
    title: str
    settings: PracticeSettings


def make(
    session: Session, seat: Seat, *, title: str, settings: PracticeSettings, problem_ids: list[int], now: datetime
) -> Made:
    """A practice activity with these problems in this order. It is "not placed" until a launch finds it."""
    title = texts.clean_line(title)
    if not title:
        raise Refusal(N_("The activity has no title yet. Write one that your students will recognise."))
    practice_settings.check(settings)
    public_id = secrets.token_urlsafe(18)  # unguessable: a link of another course cannot name it by chance
    activity_id: int = session.scalars(
        insert(session, Activity)
        .values(
            public_id=public_id,
            course_id=seat.course_id,
            kind="practice",
            title=title,
            settings=settings.to_json(),
            created_by=seat.person_id,
            created_at=now,
        )
        .returning(Activity.id)
    ).one()
    problems.choose_for_activity(session, seat, activity_id, problem_ids, now=now)
    return Made(activity_id, public_id, title, settings)


def place(session: Session, seat: Seat, *, resource_link_id: int, activity_id: int, now: datetime) -> None:
    """Tie a link without an activity to one of the course (first-launch wizard). A link that has one keeps it."""
    seats.hold_for_change(session, seat, activity_id)
    tied = session.scalar(
        update(ResourceLink)
        .where(
            ResourceLink.id == resource_link_id,
            ResourceLink.course_id == seat.course_id,
            ResourceLink.activity_id.is_(None),
        )
        .values(activity_id=activity_id)
        .returning(ResourceLink.id)
    )
    if tied is None:
        raise Refusal(N_("This link has an activity already. Open it again from your course."))
    session.execute(
        update(Activity).where(Activity.id == activity_id, Activity.placed_at.is_(None)).values(placed_at=now)
    )
    scores.update_all(session, seat, activity_id, now=now)  # the activity may be in use at another link


def change(
    session: Session, seat: Seat, activity_id: int, *, title: str, settings: PracticeSettings, now: datetime
) -> None:
    """New title and settings. What students did stays; everyone's score follows the new settings."""
    title = texts.clean_line(title)
    if not title:
        raise Refusal(N_("The activity has no title yet. Write one that your students will recognise."))
    practice_settings.check(settings)
    seats.hold_for_change(session, seat, activity_id)
    session.execute(update(Activity).where(Activity.id == activity_id).values(title=title, settings=settings.to_json()))
    scores.update_all(session, seat, activity_id, now=now)


@dataclass(frozen=True, slots=True)
class Line:
    """One activity of a course, for lists."""

    id: int
    public_id: str
    title: str
    placed: bool


def of_course(session: Session, seat: Seat) -> list[Line]:
    """The course's activities, newest first."""
    rows = session.execute(
        select(Activity.id, Activity.public_id, Activity.title, Activity.placed_at)
        .where(Activity.course_id == seat.course_id)
        .order_by(Activity.id.desc())
    )
    return [Line(row.id, row.public_id, row.title, row.placed_at is not None) for row in rows]
