"""What the database says when it refuses something: enough to mend it, and nothing that a person wrote."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Integer, bindparam, cast, insert, select
from sqlalchemy.exc import DBAPIError

from core.events import JsonLines
from core.store.database import Database
from core.store.tables import Poll, SlackState
from tests.core.store import refusing
from tests.core.store.refusing import TEXT


def line_of(database: Database, *statements: Any) -> str:
    """The line of the log about what these statements come to."""
    try:
        with database.write() as session:
            for statement in statements:
                session.execute(statement)
            refusing.store(session)
    except DBAPIError:
        return JsonLines().format(logging.makeLogRecord({"msg": "broken", "exc_info": sys.exc_info()}))
    raise AssertionError("it was taken")


def test_a_row_that_is_there_already_is_not_quoted(database: Database) -> None:
    row = insert(SlackState).values(state_hash=TEXT, created_at=datetime(2026, 12, 1, tzinfo=UTC))
    line = line_of(database, row, row)
    assert "IntegrityError" in line
    assert "slack_state" in line  # which rule it was stays
    assert TEXT not in line


def test_a_row_that_lacks_something_is_not_quoted(database: Database) -> None:
    line = line_of(database)
    assert "IntegrityError" in line
    assert "registration" in line
    assert TEXT not in line


def test_a_value_of_the_wrong_kind_is_not_quoted(database: Database) -> None:
    if database.is_sqlite:  # it takes any value for any kind
        line = line_of(database, insert(Poll).values(kind=TEXT))
    else:
        line = line_of(database, select(cast(bindparam("value", TEXT), Integer)))
        assert "SQLSTATE 22P02" in line
    assert TEXT not in line
