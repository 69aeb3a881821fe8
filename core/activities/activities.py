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
from core.activities.seats import Opened, Seat
from core.activities.shared_settings import SharedSettings
from core.store.database import insert
from core.store.tables import Activity, Contribution, Poll, ResourceLink
from core.words import N_


@dataclass(frozen=True, slots=True)
class Made:
    """A new activity: what the deep-linking response and the URLs need."""

    id: int
    public_id: str
    title: str
    settings: PracticeSettings | SharedSettings


def make(
    session: Session, seat: Seat, *, title: str, settings: PracticeSettings, problem_ids: list[int], now: datetime
) -> Made:
    """A practice activity with these problems in this order. It is "not placed" until a launch finds it."""
    made = _new(session, seat, "practice", title, practice_settings.check(settings), now)
    problems.choose_for_activity(session, seat, made.id, problem_ids, now=now)
    return made


def make_shared(
    session: Session, seat: Seat, *, kind: str, title: str, settings: SharedSettings, now: datetime
) -> Made:
    """An activity of another kind than practice (`kinds.SHARED`). It is "not placed" until a launch finds it."""
    return _new(session, seat, kind, title, settings, now)


def _new(
    session: Session, seat: Seat, kind: str, title: str, settings: PracticeSettings | SharedSettings, now: datetime
) -> Made:
    title = _title(title)
    public_id = secrets.token_urlsafe(18)  # unguessable: a link of another course cannot name it by chance
    activity_id: int = session.scalars(
        insert(session, Activity)
        .values(
            public_id=public_id,
            course_id=seat.course_id,
            kind=kind,
            title=title,
            settings=settings.to_json(),
            created_by=seat.person_id,
            created_at=now,
        )
        .returning(Activity.id)
    ).one()
    return Made(activity_id, public_id, title, settings)


def change_shared(
    session: Session, seat: Seat, opened: Opened, *, title: str, settings: SharedSettings, now: datetime
) -> None:
    """New title and settings; everyone's score follows them.

    Who is named can be changed only while nothing is written, because it was promised to those who wrote. Raises
    Refusal.
    """
    title = _title(title)
    seats.hold_for_change(session, seat, opened.id)
    if settings.anonymity != opened.settings.get("anonymity"):
        _keep_promise(session, opened.id)
    session.execute(update(Activity).where(Activity.id == opened.id).values(title=title, settings=settings.to_json()))
    scores.update_all(session, seat, opened.id, now=now)


def _keep_promise(session: Session, activity_id: int) -> None:
    """Raises Refusal if somebody has written or voted in the activity: they were told who would know."""
    written = select(Contribution.id).where(Contribution.activity_id == activity_id)
    voted = select(Poll.id).where(Poll.activity_id == activity_id, Poll.voted > 0)
    if any(session.scalar(rows.limit(1)) is not None for rows in (written, voted)):
        message = N_(
            "Who is named can no longer be changed: your class has written here under the promise that was made. "
            "Make another activity for another rule."
        )
        raise Refusal(message)


def _title(text: str) -> str:
    title = texts.clean_line(text)
    if not title:
        raise Refusal(N_("The activity has no title yet. Write one that your students will recognise."))
    return title


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
    title = _title(title)
    practice_settings.check(settings)
    seats.hold_for_change(session, seat, activity_id)
    before = seats.practice_of_id(session, seat, activity_id).settings.questions_panel
    if settings.questions_panel not in {before, "off"}:
        _keep_promise(session, activity_id)
    session.execute(update(Activity).where(Activity.id == activity_id).values(title=title, settings=settings.to_json()))
    scores.update_all(session, seat, activity_id, now=now)


@dataclass(frozen=True, slots=True)
class Line:
    """One activity of a course, for lists."""

    id: int
    public_id: str
    title: str
    kind: str
    placed: bool


def of_course(session: Session, seat: Seat) -> list[Line]:
    """The course's activities, newest first."""
    rows = session.execute(
        select(Activity.id, Activity.public_id, Activity.title, Activity.kind, Activity.placed_at)
        .where(Activity.course_id == seat.course_id)
        .order_by(Activity.id.desc())
    )
    return [Line(row.id, row.public_id, row.title, row.kind, row.placed_at is not None) for row in rows]
