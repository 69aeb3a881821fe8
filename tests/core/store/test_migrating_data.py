"""What the version before has stored survives each migration, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import URL, MetaData, create_engine, make_url, text
from sqlalchemy.exc import IntegrityError

import migrations
from core.activities import answer_review, poll_results, recount, seats, task_constraints
from core.activities.task_constraints import Constraint
from core.store.database import Database
from core.store.tables import Base
from tests.core.activities import ballots
from tests.core.activities.classroom import Classroom, free_text, one_choice
from tests.core.activities.hall import Hall

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(params=["0001", "0002", "0003", "0004"])
def old(database: Database, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of the dialect of `database`, as an earlier revision made it."""
    url = make_url(database.engine.url)
    if database.is_sqlite:
        name = str(request.getfixturevalue("tmp_path") / "old.db")
    else:
        name = f"{url.database}_old"
        _say(url, f'CREATE DATABASE "{name}"')
    made = Database(url.set(database=name).render_as_string(hide_password=False))
    with made.write() as session:
        config = migrations._config()
        config.attributes["connection"] = session.connection()
        command.upgrade(config, request.param)
    yield made
    made.dispose()
    if not database.is_sqlite:
        _say(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _say(url: URL, statement: str) -> None:
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()


def rows_of(database: Database, tables: MetaData) -> Rows:
    with database.read() as session:
        return {
            table.name: [
                dict(row._mapping) for row in session.execute(table.select().order_by(*table.primary_key.columns))
            ]
            for table in tables.sorted_tables
            if table.name != "alembic_version"
        }


def reflected(database: Database) -> MetaData:
    tables = MetaData()
    with database.read() as session:
        tables.reflect(session.connection())
    return tables


def class_at_work(database: Database) -> Classroom:
    room = Classroom(database, one_choice("A"), one_choice("B"), free_text("C"))
    room.pool(2)
    for place, student in enumerate(room.students[:3]):
        room.answer(student, right=place > 0)
        room.rate(student, room.task(student).slot("explanation")[0].exposure_id, 3 * place)
        room.answer(student, room.problems[1])
    return room


def test_what_a_class_did_in_an_earlier_release_survives(database: Database, old: Database) -> None:
    room = class_at_work(database)
    tables = reflected(old)
    before = rows_of(database, tables)  # the columns that the release had
    with old.write() as session:
        for table in tables.sorted_tables:
            if before.get(table.name):
                session.execute(table.insert(), before[table.name])
    migrations.upgrade(old)
    assert migrations.drift(old) == []
    after = rows_of(old, tables)
    assert after == before
    assert len(after["attempt"]) == 8
    with old.read() as session:
        assert list(recount.everything(session)) == []
        practice = seats.practice(session, room.teacher, room.public_id)
        assert practice.problems == tuple(room.problems)
        assert task_constraints.of(session, practice) == {problem: Constraint() for problem in room.problems}
        for table in Base.metadata.tables.keys() - before.keys():  # nothing is made up for what was not kept
            assert session.execute(Base.metadata.tables[table].select()).all() == []
    again = Classroom.__new__(Classroom)
    again.__dict__.update(room.__dict__ | {"database": old})
    student = room.students[0]
    assert again.offer(student) == room.problems[2]  # and the class goes on
    again.answer(student, room.problems[2])
    assert again.differences() == []


def test_a_table_that_is_copied_leaves_no_row_without_its_parent(old: Database) -> None:
    """SQLite copies a table to change it, with foreign keys off: they are looked at before the transaction ends."""
    refused = (
        pytest.raises(ValueError, match=r"A row of draft would refer to a row of \w+ that is not there")
        if old.is_sqlite
        else pytest.raises(IntegrityError)
    )
    with refused, old.rebuild() as session:
        session.execute(text("INSERT INTO draft VALUES (1, 1, 1, 'hint', 'words', '2026-12-01')"))
    with old.read() as session:
        assert session.execute(text("SELECT * FROM draft")).all() == []
    if old.is_sqlite:
        with old.engine.connect() as connection:
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1


@pytest.mark.parametrize("old", ["0004"], indirect=True)
def test_answers_that_were_hidden_or_reported_wait_for_the_teacher(database: Database, old: Database) -> None:
    """A report that hid nothing was told to nobody; what the teacher hid is decided."""
    hall = Hall(database, "poll", students=4, hold_at=9)
    poll_id = ballots.make(hall, "text")
    for student, text_ in zip(hall.students, ("Ben is silly.", "So.", "No."), strict=False):
        ballots.vote(hall, poll_id, student, text_)
    hall.do(poll_results.hide, hall.teacher, poll_id, "No.", hidden=True, now=hall.now)
    hall.do(poll_results.report, hall.students[3], poll_id, "Ben is silly.", now=hall.now)
    hall.do(poll_results.report, hall.students[3], poll_id, "So.", now=hall.now)
    tables = reflected(old)
    rows = rows_of(database, tables)
    rows["hidden_answer"] = [row for row in rows["hidden_answer"] if row["value"] != "So."]  # as 0004 kept it
    with old.write() as session:
        for table in tables.sorted_tables:
            if rows.get(table.name):
                session.execute(table.insert(), rows[table.name])
    migrations.upgrade(old)
    with old.read() as session:
        found = session.execute(text("SELECT value, status FROM hidden_answer ORDER BY value")).all()
        waiting = [answer.text for answer in answer_review.waiting(session, hall.teacher)]
    assert [tuple(row) for row in found] == [("Ben is silly.", "waits"), ("No.", "hidden"), ("So.", "reported")]
    assert waiting == ["Ben is silly.", "So."]
