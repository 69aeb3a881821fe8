"""Called by Alembic: migrates the connection that `migrations.upgrade` hands over, or the one of `-x database=...`."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, Connection

from core.store.database import Database
from core.store.tables import Base
from core.store.types import UtcDateTime


def _render(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Write plain SQLAlchemy types into migrations: history must not change when our own types do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.DateTime().with_variant(postgresql.TIMESTAMP(timezone=True), 'postgresql')"
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=_render,
        render_as_batch=True,  # SQLite changes a column by copying its table
        transactional_ddl=True,  # a failed migration leaves the database as it was, on SQLite too
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    _run(connection)
else:
    database = Database(context.get_x_argument(as_dictionary=True).get("database", "sqlite:///var/heirloom.db"))
    with database.write() as session:
        _run(session.connection())
    database.dispose()
