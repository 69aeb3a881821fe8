"""Courses, the people in them, and who may do what there."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox.campus.vocabulary import INSTRUCTOR, LEARNER, TEST_USER

Status = Literal["Active", "Inactive", "Deleted"]
STATUSES: tuple[Status, ...] = ("Active", "Inactive", "Deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    id: int
    label: str
    title: str
    sourcedid: str
    begins_at: str
    history: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: int
    username: str
    given_name: str
    family_name: str
    email: str
    sourcedid: str
    locale: str
    session_number: int

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in a course."""

    person: Person
    course_id: int
    roles: tuple[str, ...]
    status: Status
    revision: int

    @property
    def teaches(self) -> bool:
        return INSTRUCTOR in self.roles

    @property
    def is_test_user(self) -> bool:
        return TEST_USER in self.roles

    @property
    def gradable(self) -> bool:
        """Whether the gradebook has a row for this member. A suspended learner keeps it, as in Moodle."""
        return LEARNER in self.roles and not self.teaches and self.status != "Deleted"


PERSON_COLUMNS = "person.id, username, given_name, family_name, email, sourcedid, locale, session_number"


def _person(row: sqlite3.Row) -> Person:
    return Person(
        id=row["id"],
        username=row["username"],
        given_name=row["given_name"],
        family_name=row["family_name"],
        email=row["email"],
        sourcedid=row["sourcedid"],
        locale=row["locale"],
        session_number=row["session_number"],
    )


def _member(row: sqlite3.Row) -> Member:
    return Member(
        person=_person(row),
        course_id=row["course_id"],
        roles=tuple(json.loads(row["roles"])),
        status=row["status"],
        revision=row["revision"],
    )


def _course(row: sqlite3.Row) -> Course:
    return Course(
        id=row["id"],
        label=row["label"],
        title=row["title"],
        sourcedid=row["sourcedid"],
        begins_at=row["begins_at"],
        history=tuple(json.loads(row["history"])),
    )


def every(db: sqlite3.Connection) -> list[Course]:
    return [_course(row) for row in db.execute("SELECT * FROM course ORDER BY id")]


def find(db: sqlite3.Connection, course_id: int) -> Course | None:
    row = db.execute("SELECT * FROM course WHERE id = ?", (course_id,)).fetchone()
    return None if row is None else _course(row)


def add(
    db: sqlite3.Connection, *, label: str, title: str, sourcedid: str, begins_at: str, history: Sequence[int] = ()
) -> Course:
    row = db.execute(
        "INSERT INTO course (label, title, sourcedid, begins_at, history) VALUES (?, ?, ?, ?, ?) RETURNING *",
        (label, title, sourcedid, begins_at, json.dumps(list(history))),
    ).fetchone()
    return _course(row)


def person(db: sqlite3.Connection, person_id: int) -> Person | None:
    row = db.execute(f"SELECT {PERSON_COLUMNS} FROM person WHERE id = ?", (person_id,)).fetchone()
    return None if row is None else _person(row)


def add_person(
    db: sqlite3.Connection, *, username: str, given_name: str, family_name: str, sourcedid: str, locale: str
) -> Person:
    """A new person, with an e-mail address under a domain that can never be delivered to (RFC 2606)."""
    row = db.execute(
        "INSERT INTO person (username, given_name, family_name, email, sourcedid, locale) VALUES (?, ?, ?, ?, ?, ?)"
        f" RETURNING {PERSON_COLUMNS}",
        (username, given_name, family_name, f"{username}@campus.example", sourcedid, locale),
    ).fetchone()
    return _person(row)


def set_locale(db: sqlite3.Connection, person_id: int, locale: str) -> None:
    db.execute("UPDATE person SET locale = ? WHERE id = ?", (locale, person_id))


def sign_out(db: sqlite3.Connection, person_id: int) -> None:
    """End the person's session: login hints that were given out before no longer hold."""
    db.execute("UPDATE person SET session_number = session_number + 1 WHERE id = ?", (person_id,))


def members(db: sqlite3.Connection, course_id: int) -> list[Member]:
    """All members ever, deleted ones too, by person id."""
    rows = db.execute(
        f"SELECT {PERSON_COLUMNS}, course_id, roles, status, revision FROM membership"
        " JOIN person ON person.id = membership.person_id WHERE course_id = ? ORDER BY person.id",
        (course_id,),
    )
    return [_member(row) for row in rows]


def member(db: sqlite3.Connection, course_id: int, person_id: int) -> Member | None:
    row = db.execute(
        f"SELECT {PERSON_COLUMNS}, course_id, roles, status, revision FROM membership"
        " JOIN person ON person.id = membership.person_id WHERE course_id = ? AND person.id = ?",
        (course_id, person_id),
    ).fetchone()
    return None if row is None else _member(row)


def enrol(
    db: sqlite3.Connection, course_id: int, person_id: int, roles: Sequence[str], status: Status = "Active"
) -> None:
    """Put a person into a course, or change the roles and the status of one who is there."""
    db.execute(
        "INSERT INTO membership (course_id, person_id, roles, status, revision) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (course_id, person_id) DO UPDATE"
        " SET roles = excluded.roles, status = excluded.status, revision = excluded.revision",
        (course_id, person_id, json.dumps(list(roles)), status, revision(db, course_id) + 1),
    )


def revision(db: sqlite3.Connection, course_id: int) -> int:
    """How often the roster of the course has changed."""
    row = db.execute("SELECT max(revision) AS newest FROM membership WHERE course_id = ?", (course_id,)).fetchone()
    return int(row["newest"] or 0)


def add_learners(db: sqlite3.Connection, course_id: int, count: int, locale: str) -> list[Person]:
    """`count` new people, called Learner and the next free numbers, enrolled as learners."""
    row = db.execute("SELECT count(*) AS n FROM person WHERE username LIKE 'learner%'").fetchone()
    learners = []
    for number in range(row["n"] + 1, row["n"] + count + 1):
        learner = add_person(
            db,
            username=f"learner{number:02}",
            given_name="Learner",
            family_name=f"{number:02}",
            sourcedid=f"S-{number:03}",
            locale=locale,
        )
        enrol(db, course_id, learner.id, [LEARNER])
        learners.append(learner)
    return learners
