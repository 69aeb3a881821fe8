"""What a new campus starts with: two courses and the people in them."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from sandbox.campus import courses
from sandbox.campus.store import as_text
from sandbox.campus.vocabulary import INSTITUTION_OBSERVER, INSTRUCTOR, LEARNER, MENTOR, TEST_USER

FIRST_IDS = {"course": 11, "person": 101, "link": 201, "line_item": 301}
"""Kinds of ids start apart, so that a tool that mixes them up is found out."""


def seed(db: sqlite3.Connection, *, students: int, locale: str, now: datetime) -> None:
    """Fill an empty database; leave any other alone.

    The second course shares half of the learners of the first, so that one person in two courses is the normal case.
    """
    if courses.every(db):
        return
    for table, first in FIRST_IDS.items():
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, first - 1))
    statistics = courses.add(
        db, label="STAT101", title="Introduction to statistics", sourcedid="STAT101-A", begins_at=as_text(now)
    )
    writing = courses.add(db, label="WRIT120", title="Academic writing", sourcedid="WRIT120-A", begins_at=as_text(now))
    for course, number in ((statistics, 1), (writing, 2)):
        teacher = courses.add_person(
            db,
            username=f"teacher{number:02}",
            given_name="Teacher",
            family_name=f"{number:02}",
            sourcedid=f"T-{number:03}",
            locale=locale,
        )
        courses.enrol(db, course.id, teacher.id, [INSTRUCTOR])
    observer = courses.add_person(
        db, username="observer01", given_name="Observer", family_name="01", sourcedid="O-001", locale=locale
    )
    test_user = courses.add_person(
        db, username="testuser", given_name="Test", family_name="User", sourcedid="", locale=locale
    )
    for course in (statistics, writing):
        courses.enrol(db, course.id, observer.id, [MENTOR, INSTITUTION_OBSERVER])
        courses.enrol(db, course.id, test_user.id, [LEARNER, TEST_USER])
    learners = courses.add_learners(db, statistics.id, students, locale)
    shared = learners[students // 2 :]
    for learner in shared:
        courses.enrol(db, writing.id, learner.id, [LEARNER])
    courses.add_learners(db, writing.id, students - len(shared), locale)
