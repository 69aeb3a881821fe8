"""A course is copied: what a new term starts from."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Literal

from sandbox.campus import courses, gradebook, links
from sandbox.campus.courses import Course
from sandbox.campus.store import as_text

People = Literal["same", "new"]
PEOPLE: tuple[People, ...] = ("same", "new")


def copy_course(db: sqlite3.Connection, course: Course, *, people: People, now: datetime, locale: str) -> Course:
    """Copy a course: new context id, new link ids, new line item ids; custom parameters, tag and resourceId survive.

    No grade is copied. With `people` "same" everybody is in the copy too; with "new" only those who do not learn,
    and as many new learners as there were.
    """
    number = sum(course.id in other.history for other in courses.every(db)) + 1
    copy = courses.add(
        db,
        label=f"{course.label}_{number}",
        title=f"{course.title} copy {number}",
        sourcedid="",
        begins_at=as_text(now),
        history=(course.id, *course.history),
    )
    _copy_people(db, course, copy, people, locale)
    _copy_links(db, course, copy)
    return copy


def _copy_people(db: sqlite3.Connection, course: Course, copy: Course, people: People, locale: str) -> None:
    learners = 0
    for member in courses.members(db, course.id):
        if member.status == "Deleted":
            continue
        if people == "new" and member.gradable and not member.is_test_user:
            learners += 1
        else:
            courses.enrol(db, copy.id, member.person.id, member.roles, member.status)
    courses.add_learners(db, copy.id, learners, locale)


def _copy_links(db: sqlite3.Connection, course: Course, copy: Course) -> None:
    new_ids: dict[int, int] = {}
    for link in links.in_course(db, course.id):
        new = links.add(db, link, course_id=copy.id, deployment_id=link.deployment_id, history=(link.id, *link.history))
        new_ids[link.id] = new.id
    for item in gradebook.line_items(db, course.id):
        gradebook.add_line_item(
            db,
            item,
            course_id=copy.id,
            deployment_id=item.deployment_id,
            link_id=None if item.link_id is None else new_ids[item.link_id],
        )
