"""People: who they are in their platform, and what they may do in a course."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from core.activities.refusals import NotFound
from core.store.database import insert
from core.store.tables import LaunchSession, Membership, Person
from core.words import N_

LONGEST_LINE = 300
_TURNS_TEXT = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # could make one name look like another


def plain_line(text: object) -> str | None:
    """A name or title as people write it: any script, composed, on one line, no control signs; None for what is
    none."""
    if not isinstance(text, str):
        return None
    kept = "".join(
        " " if unicodedata.category(sign) in {"Cc", "Cs"} else sign for sign in text if sign not in _TURNS_TEXT
    )
    kept = " ".join(unicodedata.normalize("NFC", kept).split())
    return kept[:LONGEST_LINE].rstrip() or None


def recognise(
    session: Session, *, platform_id: int, subject: str, name: str | None, is_test: bool, now: datetime
) -> int:
    """Find or make the person with this `sub` in this platform; the newest name that the platform shares is kept.

    Identity is platform and subject, case-sensitive, and nothing else: no address and no name ever joins two people.
    """
    known = session.execute(
        select(Person.id, Person.name, Person.is_test).where(
            Person.platform_id == platform_id, Person.subject == subject
        )
    ).one_or_none()
    if known is None:
        # Two first launches at once: the unique constraint lets one insert; the other waits for it and updates
        # nothing new.
        made: int = session.scalars(
            insert(session, Person)
            .values(platform_id=platform_id, subject=subject, name=name, is_test=is_test, created_at=now)
            .on_conflict_do_update(index_elements=["platform_id", "subject"], set_={"subject": subject})
            .returning(Person.id)
        ).one()
        return made
    if (name is not None and name != known.name) or is_test != known.is_test:
        session.execute(update(Person).where(Person.id == known.id).values(name=name or known.name, is_test=is_test))
    found: int = known.id
    return found


def is_suspended(session: Session, *, platform_id: int, subject: str) -> bool:
    """Whether the person with this `sub` was stopped here."""
    found = session.scalar(
        select(Person.id).where(
            Person.platform_id == platform_id, Person.subject == subject, Person.suspended_at.is_not(None)
        )
    )
    return found is not None


def enrol(session: Session, *, course_id: int, person_id: int, role: str, now: datetime) -> None:
    """Give the person in the course the rights that this launch signed: the newest launch decides, up or down."""
    values = {"role": role, "status": "active", "role_seen_at": now, "launched_at": now}
    session.execute(
        insert(session, Membership)
        .values(course_id=course_id, person_id=person_id, sections=[], is_star=False, **values)
        .on_conflict_do_update(
            index_elements=["course_id", "person_id"],
            set_=values,
            where=or_(Membership.launched_at.is_(None), Membership.launched_at <= now),
        )
    )


def suspend(session: Session, *, platform_id: int, person_id: int, now: datetime) -> None:
    """Stop a person's access in the whole platform, at once; their work stays. Raises NotFound."""
    found = session.scalar(
        update(Person)
        .where(Person.id == person_id, Person.platform_id == platform_id)
        .values(suspended_at=now)
        .returning(Person.id)
    )
    if found is None:
        raise NotFound(N_("This person is not in your platform."))
    session.execute(
        update(LaunchSession)
        .where(LaunchSession.person_id == person_id, LaunchSession.status != "ended")
        .values(status="ended")
    )


def reinstate(session: Session, *, platform_id: int, person_id: int) -> None:
    """Give a suspended person access again, from their next launch on. Raises NotFound."""
    found = session.scalar(
        update(Person)
        .where(Person.id == person_id, Person.platform_id == platform_id)
        .values(suspended_at=None)
        .returning(Person.id)
    )
    if found is None:
        raise NotFound(N_("This person is not in your platform."))
