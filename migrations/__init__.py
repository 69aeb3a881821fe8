"""The history of the tables. `upgrade` brings any database to the newest shape; two processes may call it at once.

Alembic is imported where it migrates: every web server and worker asks at its start whether the database has the
newest shape, and would wait a second for a library that they do not need.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from core.store.database import Database
from core.store.tables import Base

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 7_136_242_001  # any number that no other program uses for a PostgreSQL advisory lock in our database
_HERE = Path(__file__).parent


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    return config


def upgrade(database: Database) -> None:
    """Bring the database to the newest shape, in one transaction.

    The second of two processes waits: for SQLite's write lock, or for an advisory lock of PostgreSQL.
    """
    if revision(database) == newest():
        return
    from alembic import command

    with database.rebuild() as session:
        connection = session.connection()
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revision(database: Database) -> str | None:
    """The revision that the database has; None when it is empty."""
    with database.read() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return None
        kept: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
        return kept


def newest() -> str:
    """The revision that this code needs: files are named by their revisions, which count up."""
    return max(path.name.partition("_")[0] for path in (_HERE / "versions").glob("[0-9]*.py"))


def drift(database: Database) -> list[Any]:
    """What differs between the tables in the code and in the database: empty, or a migration is missing."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with database.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))
