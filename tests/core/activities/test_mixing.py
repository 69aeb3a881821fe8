"""Rows that were written together do not stay marked as such."""

from __future__ import annotations

from sqlalchemy import text

from core.activities import mixing
from core.store.database import Database
from tests.core.activities.test_questions import Asking


def marks(database: Database) -> set[int]:
    """The transactions that PostgreSQL names as the last writers of texts and counters."""
    found: set[int] = set()
    with database.read() as session:
        for table in ("contribution", "credit", "allowance"):
            found |= set(session.scalars(text(f"SELECT xmin::text::bigint FROM {table}")))
    return found


def test_texts_and_counters_bear_one_mark(database: Database) -> None:
    hall = Asking(database, anonymity="anonymous")
    named = hall.another_course("named", anonymity="named")
    assert named.kind == "questions"
    for student in hall.students:
        hall.ask(student, f"Question of {student.person_id}?")
    if not database.is_sqlite:
        assert len(marks(database)) == len(hall.students)  # text, credit and allowance of one person share theirs
    with database.write() as session:
        mixed = mixing.mix(session, now=hall.now)
    assert mixed == (0 if database.is_sqlite else 1)
    if not database.is_sqlite:
        assert len(marks(database)) == 1
    assert hall.differences() == []
    hall.later(days=5)
    with database.write() as session:
        assert mixing.mix(session, now=hall.now) == 0  # nothing new
