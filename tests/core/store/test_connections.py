"""Connections that end while nobody uses them."""

from __future__ import annotations

from sqlalchemy import text

from core.store.database import Database

DATABASES = ("postgresql",)


def test_a_connection_that_the_server_closed_is_made_again(database: Database, database_url: str) -> None:
    ours = Database(database_url)
    try:
        with ours.read() as session:
            ended = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.write() as session:
            session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": ended})
        with ours.read() as session:  # its pool has that connection only
            assert session.execute(text("SELECT pg_backend_pid()")).scalar_one() != ended
    finally:
        ours.dispose()


def test_a_connection_that_lives_is_used_again(database_url: str) -> None:
    database = Database(database_url)
    try:
        used = set()
        for _ in range(3):
            with database.write() as session:
                used.add(session.execute(text("SELECT pg_backend_pid()")).scalar_one())
        assert len(used) == 1
    finally:
        database.dispose()
