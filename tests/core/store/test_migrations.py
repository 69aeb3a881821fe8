"""The migrations make exactly the tables that the code describes, on both dialects."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, make_url, text

import migrations
from core.store.database import Database
from core.store.tables import Base


def test_migrated_tables_do_not_differ_from_the_code(database: Database) -> None:
    assert migrations.drift(database) == []
    assert migrations.revision(database) == migrations.newest() is not None


def test_drift_names_a_table_that_no_migration_made(database: Database) -> None:
    with database.write() as session:
        session.execute(text("DROP TABLE chore"))
        seen = MigrationContext.configure(session.connection())
        differences = compare_metadata(seen, Base.metadata)
        session.rollback()  # the session's PostgreSQL database is shared: the table comes back
    assert [(kind, table.name) for kind, table in differences] == [("add_table", "chore")]


def test_upgrade_of_an_up_to_date_database_changes_nothing(database: Database) -> None:
    migrations.upgrade(database)
    assert migrations.revision(database) == migrations.newest()


def test_two_upgrades_of_an_empty_database_at_once_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'both.db'}"
    assert _upgrade_twice(url) == []
    database = Database(url)
    assert migrations.drift(database) == []
    database.dispose()


def test_two_upgrades_of_an_empty_database_at_once_on_postgresql(postgresql_url: str) -> None:
    fresh = make_url(postgresql_url).set(database=f"{make_url(postgresql_url).database}_twice")
    server = create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{fresh.database}"'))
    try:
        assert _upgrade_twice(fresh.render_as_string(hide_password=False)) == []
        database = Database(fresh.render_as_string(hide_password=False))
        assert migrations.drift(database) == []
        database.dispose()
    finally:
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{fresh.database}" WITH (FORCE)'))
        server.dispose()


def _upgrade_twice(url: str) -> list[Exception]:
    errors: list[Exception] = []

    def upgrade() -> None:
        database = Database(url)
        try:
            migrations.upgrade(database)
        except Exception as error:  # what the test reports
            errors.append(error)
        database.dispose()

    threads = [threading.Thread(target=upgrade) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors
