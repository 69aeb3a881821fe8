"""Which activity a resource link opens, also after a course was copied."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from core.activities import heirlooms
from core.store.tables import Activity, Course, Membership, ResourceLink


def activity_of_link(
    session: Session, *, course_id: int, resource_link_id: int, activity_public_id: str | None, now: datetime
) -> int | None:
    """The id of the activity that this link opens, or None when its teacher has not chosen one yet.

    `activity_public_id` is the signed custom parameter `activity`. A link that carries one is tied to it at its first
    launch. In a copied course the parameter still names the activity of the old course: then this course gets its own
    copy, once, provided that someone teaches both. Signed as it is, a teacher types that parameter freely and students
    can read it, so by itself it must not hand the problems and keys of one course to another.
    """
    linked: int | None = session.scalar(
        select(ResourceLink.activity_id).where(ResourceLink.id == resource_link_id, ResourceLink.course_id == course_id)
    )
    if linked is not None or not activity_public_id:
        return linked
    named = session.execute(
        select(Activity.id, Activity.course_id, Activity.placed_at)
        .join(Course, Course.id == Activity.course_id)
        .where(
            Activity.public_id == activity_public_id,
            Course.platform_id == select(Course.platform_id).where(Course.id == course_id).scalar_subquery(),
        )
    ).one_or_none()
    if named is None:
        return None
    if named.course_id == course_id:
        activity_id = int(named.id)
        if named.placed_at is None:
            session.execute(update(Activity).where(Activity.id == named.id).values(placed_at=now))
    elif not _teach_both(session, named.course_id, course_id):
        return None
    else:
        activity_id = heirlooms.inherit(session, activity_id=named.id, course_id=course_id, now=now)
    session.execute(update(ResourceLink).where(ResourceLink.id == resource_link_id).values(activity_id=activity_id))
    return activity_id


def _teach_both(session: Session, one: int, other: int) -> bool:
    """Whether a person is an active teacher of both courses, as far as launches and rosters have told."""
    here, there = aliased(Membership), aliased(Membership)
    return (
        session.scalar(
            select(here.id)
            .join(there, there.person_id == here.person_id)
            .where(
                here.course_id == one,
                there.course_id == other,
                here.role == "teacher",
                there.role == "teacher",
                here.status == "active",
                there.status == "active",
            )
            .limit(1)
        )
        is not None
    )
