"""Courses and the places in them that open activities, as launches name them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.store.database import insert
from core.store.tables import Course, ResourceLink


@dataclass(frozen=True, slots=True)
class Context:
    """A course as a launch describes it (LTI Core 1.3 section 5.4.1); `memberships_url` is where its roster is read."""

    id: str
    title: str = ""
    label: str = ""
    memberships_url: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A resource link as a launch describes it, with the gradebook column that the platform gives it (AGS 2.0).

    None is what the launch did not say: Moodle leaves the column out while a link has two, and the first one still
    works.
    """

    id: str
    title: str = ""
    line_item_url: str | None = None
    line_items_url: str | None = None
    ags_scopes: tuple[str, ...] | None = None


def recognise_course(session: Session, *, platform_id: int, context: Context, now: datetime) -> int:
    """Find or make the course of a context; its roster is due when we learn where to read it."""
    known = session.execute(
        select(Course.id, Course.title, Course.label, Course.memberships_url).where(
            Course.platform_id == platform_id, Course.context_id == context.id
        )
    ).one_or_none()
    if known is None:
        # settled by the unique constraint on platform and context: the second launch at once gets the first one's row
        made: int = session.scalars(
            insert(session, Course)
            .values(
                platform_id=platform_id,
                context_id=context.id,
                title=context.title,
                label=context.label,
                memberships_url=context.memberships_url,
                roster_due_at=now if context.memberships_url else None,
                created_at=now,
            )
            .on_conflict_do_update(index_elements=["platform_id", "context_id"], set_={"context_id": context.id})
            .returning(Course.id)
        ).one()
        return made
    changed: dict[str, object] = {
        name: value
        for name, value in (("title", context.title), ("label", context.label))
        if value and value != getattr(known, name)
    }
    if context.memberships_url and context.memberships_url != known.memberships_url:
        changed |= {"memberships_url": context.memberships_url, "roster_due_at": now, "roster_tries": 0}
    if changed:
        session.execute(update(Course).where(Course.id == known.id).values(**changed))
    found: int = known.id
    return found


def recognise_link(session: Session, *, course_id: int, link: Link, now: datetime) -> int:
    """Find or make a resource link; its title and gradebook column follow the newest launch."""
    newest: dict[str, object] = {
        "title": link.title or None,
        "line_item_url": link.line_item_url,
        "line_items_url": link.line_items_url,
        "ags_scopes": list(link.ags_scopes) if link.ags_scopes is not None else None,
    }
    known = session.execute(
        select(
            ResourceLink.id,
            ResourceLink.title,
            ResourceLink.line_item_url,
            ResourceLink.line_items_url,
            ResourceLink.ags_scopes,
        ).where(ResourceLink.course_id == course_id, ResourceLink.link_id == link.id)
    ).one_or_none()
    if known is None:
        made: int = session.scalars(
            insert(session, ResourceLink)
            .values(
                course_id=course_id,
                link_id=link.id,
                created_at=now,
                **{**newest, "title": link.title, "ags_scopes": list(link.ags_scopes or ())},
            )
            .on_conflict_do_update(index_elements=["course_id", "link_id"], set_={"link_id": link.id})
            .returning(ResourceLink.id)
        ).one()
        return made
    changed = {name: value for name, value in newest.items() if value is not None and value != getattr(known, name)}
    if changed:
        session.execute(update(ResourceLink).where(ResourceLink.id == known.id).values(**changed))
    found: int = known.id
    return found


def want_roster(session: Session, course_id: int, *, now: datetime) -> None:
    """Ask for the course's roster to be read soon; without an address to read it from, nothing happens."""
    session.execute(
        update(Course)
        .where(Course.id == course_id, Course.memberships_url.is_not(None))
        .values(roster_due_at=now, roster_tries=0)
    )
