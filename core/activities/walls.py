"""A number that grows with every change that others can see in an activity: a page that polls asks for it first."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from core.store.database import PerDialect, run
from core.store.tables import Membership, Wall

PEOPLE_A_SECOND = 100


def touch(session: Session, activity_id: int) -> None:
    """Something changed that others can see. Last of what a transaction does: others wait for this row."""
    run(session, _TOUCH, activity_id=activity_id, version=1)


def version(session: Session, activity_id: int) -> int:
    """How often something changed."""
    return run(session, _VERSION, activity=activity_id).scalar() or 0


def pause(session: Session, course_id: int, *, least: int) -> int:
    """Seconds after which a page should ask again: `least`, and one more for every hundred students, so that a full
    hall asks no more often than the server can answer while everybody votes.
    """
    students = run(session, _STUDENTS, course=course_id).scalar_one()
    return least + int(students) // PEOPLE_A_SECOND


_STUDENTS = select(func.count()).where(
    Membership.course_id == bindparam("course"), Membership.role == "student", Membership.status == "active"
)
_TOUCH = PerDialect(
    lambda insert: (
        insert(Wall)
        .on_conflict_do_update(index_elements=[Wall.activity_id], set_={"version": Wall.version + 1})
        .returning(Wall.version)
    )
)
_VERSION = select(Wall.version).where(Wall.activity_id == bindparam("activity"))
