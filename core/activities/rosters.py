"""Rosters: who is in a course, as the platform's membership service tells (NRPS 2.0).

A roster adds people and takes access away; it gives rights only to people who have not launched. Rights come from
launches, which are signed for one person: Moodle's roster calls a non-editing teacher a learner whom its launches
call an instructor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, or_, select, update
from sqlalchemy.orm import Session

from core.activities import grades
from core.activities.launches import SESSION_LIFE
from core.activities.sending import pause
from core.store.database import insert
from core.store.tables import Course, Membership, Person
from core.words import N_

DAILY = timedelta(days=1)
CHUNK = 500  # rows a statement


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the roster lists them. `status`: 'active', 'inactive' or 'deleted'."""

    subject: str
    role: str
    status: str
    name: str | None
    sections: tuple[str, ...]
    is_test: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """What was read: everybody (`whole`), or only the changes since the last reading."""

    members: tuple[Member, ...]
    whole: bool
    differences_url: str | None


FAILED = {
    "forbidden": N_("The learning platform does not let this tool read the list of members."),
    "unreadable": N_("The learning platform's list of members could not be understood. Nobody was removed."),
    "endless": N_("The learning platform's list of members did not end. Nobody was removed."),
    "transient": N_("The learning platform could not be reached. The list of members is read again by itself."),
}


def apply(session: Session, course_id: int, roster: Roster, *, now: datetime) -> None:
    """Bring the course's members in line with a roster; the next one is due in a day.

    People whom a whole roster does not list lose access, unless they launched within a session's life: what the
    platform signed then is newer. Their work stays.
    """
    platform_id = session.scalars(select(Course.platform_id).where(Course.id == course_id)).one()
    newest = {member.subject: member for member in roster.members}
    members = list(newest.values())
    ids: dict[str, int] = {}
    for start in range(0, len(members), CHUNK):
        part = members[start : start + CHUNK]
        ids |= _people(session, platform_id, part, now)
        _memberships(session, course_id, [(ids[member.subject], member) for member in part], now)
    gone = [ids[member.subject] for member in members if member.status != "active"]
    if roster.whole:
        gone += _absent(session, course_id, set(ids.values()), now)
    for start in range(0, len(gone), CHUNK):
        grades.drop_for(session, course_id, gone[start : start + CHUNK])
    session.execute(
        update(Course)
        .where(Course.id == course_id)
        .values(
            roster_due_at=now + DAILY,
            roster_tries=0,
            roster_fetched_at=now,
            roster_problem=None,
            roster_differences_url=roster.differences_url,
        )
    )


def _people(session: Session, platform_id: int, members: Sequence[Member], now: datetime) -> dict[str, int]:
    """Find or make the people; the unique constraint settles a launch of the same person at the same time."""
    statement = insert(session, Person.__table__)
    shared = statement.excluded.name
    found = session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["platform_id", "subject"],
            set_={"name": case((shared.is_not(None), shared), else_=Person.name)},
        ).returning(Person.subject, Person.id),
        [
            {
                "platform_id": platform_id,
                "subject": member.subject,
                "name": member.name,
                "is_test": member.is_test,
                "created_at": now,
            }
            for member in members
        ],
    )
    return {row.subject: row.id for row in found}


def _memberships(session: Session, course_id: int, members: Sequence[tuple[int, Member]], now: datetime) -> None:
    statement = insert(session, Membership.__table__)
    new: Any = statement.excluded
    never_launched = Membership.launched_at.is_(None)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["course_id", "person_id"],
            set_={
                "status": new.status,
                "sections": new.sections,
                "role": case((never_launched, new.role), else_=Membership.role),
                "role_seen_at": case((never_launched, new.role_seen_at), else_=Membership.role_seen_at),
            },
        ),
        [
            {
                "course_id": course_id,
                "person_id": person_id,
                "role": member.role,
                "status": member.status,
                "sections": list(member.sections),
                "is_star": False,
                "role_seen_at": now,
            }
            for person_id, member in members
        ],
    )


def _absent(session: Session, course_id: int, listed: set[int], now: datetime) -> list[int]:
    """Take access from the members whom a whole roster does not list; gives their ids."""
    rest = select(Membership.person_id).where(
        Membership.course_id == course_id,
        Membership.status == "active",
        or_(Membership.launched_at.is_(None), Membership.launched_at <= now - SESSION_LIFE),
    )
    absent = [person_id for person_id in session.scalars(rest) if person_id not in listed]
    for start in range(0, len(absent), CHUNK):
        session.execute(
            update(Membership)
            .where(Membership.course_id == course_id, Membership.person_id.in_(absent[start : start + CHUNK]))
            .values(status="inactive")
        )
    return absent


def failed(session: Session, course_id: int, why: str, retry_after: float | None, *, now: datetime) -> None:
    """Keep the members as they are and try again: soon after a failure of the network, tomorrow after a refusal."""
    tries = 1 + session.scalars(select(Course.roster_tries).where(Course.id == course_id)).one()
    session.execute(
        update(Course)
        .where(Course.id == course_id)
        .values(
            roster_due_at=now + (pause(tries, retry_after) if why == "transient" else DAILY),
            roster_tries=tries,
            roster_problem=FAILED[why],
            roster_differences_url=None,  # the next reading starts from the whole
        )
    )
