"""One database, two dialects: SQLite in one file by default, PostgreSQL by one setting.

A *write* transaction on SQLite begins with BEGIN IMMEDIATE, so that two writers queue instead of failing at commit;
threads of one process queue on a fair lock first, because SQLite's own busy handler polls and starves. On PostgreSQL
a transaction is READ COMMITTED and the statements name the rows they lock.
"""

from __future__ import annotations

import select
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVarTuple, cast, overload

from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TypedReturnsRows

BUSY_TIMEOUT_MS = 20_000
Ts = TypeVarTuple("Ts")


class Database:
    """An engine and the two ways to open a transaction on it."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        address = make_url(url)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(address, pool_size) if self.is_sqlite else _postgresql_engine(address, pool_size)
        self._turn: Callable[[], AbstractContextManager[Any]] = _Turn() if self.is_sqlite else nullcontext

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that may write; commits at the end, rolls back on any error."""
        with self._turn(), self.engine.connect() as connection, connection.begin():
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with _session(connection) as session, session.begin():
                yield session

    @contextmanager
    def rebuild(self) -> Iterator[Session]:
        """A write transaction that may replace tables: SQLite, which changes a table by copying it, looks at foreign
        keys at its end instead of at each statement. Raises ValueError, and rolls back, if one leads nowhere then.
        """
        if not self.is_sqlite:
            with self.write() as session:
                yield session
            return
        with self._turn(), self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")  # which means nothing within a transaction
            connection.commit()
            try:
                with connection.begin():
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                    with _session(connection) as session, session.begin():
                        yield session
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                    if broken is not None:
                        raise ValueError(f"A row of {broken[0]} would refer to a row of {broken[2]} that is not there.")
            finally:
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads: one consistent snapshot, never waits for a writer."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():  # ends with COMMIT: a ROLLBACK makes psycopg forget its prepared statements
                if self.is_sqlite:
                    connection.exec_driver_sql("BEGIN")
                with _session(connection) as session:
                    yield session

    def dispose(self) -> None:
        """Close every connection; after a fork the child must call it before its first query."""
        self.engine.dispose()


def _session(connection: Connection) -> Session:
    """A session within the transaction that its connection is in; who began it ends it."""
    return Session(connection, autoflush=False, expire_on_commit=False, join_transaction_mode="rollback_only")


class _Turn:
    """A first-come-first-served lock (threading.Lock makes no such promise)."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: list[threading.Lock] = []

    @contextmanager
    def __call__(self) -> Iterator[None]:
        mine = threading.Lock()
        mine.acquire()
        with self._guard:
            first = not self._queue
            self._queue.append(mine)
        if not first:
            mine.acquire()  # released by the one before us
        try:
            yield
        finally:
            with self._guard:
                self._queue.pop(0)
                if self._queue:
                    self._queue[0].release()


def _engine(address: URL, *, pool_size: int, **how: Any) -> Engine:
    """An engine whose errors name no values: they stand in logs, and what people wrote does not belong there."""
    engine = create_engine(address, pool_size=pool_size, max_overflow=pool_size, hide_parameters=True, **how)
    event.listen(engine, "handle_error", _leave_out_values)
    return engine


def _leave_out_values(context: ExceptionContext) -> None:
    """PostgreSQL quotes the row or the value that it did not take. Of what it says, the first line stays; of class 22
    (postgresql.org/docs/current/errcodes-appendix.html), whose first lines quote, only the number.
    """
    state, wrapped = getattr(context.original_exception, "sqlstate", None), context.sqlalchemy_exception
    if state is None or wrapped is None:
        return
    first = str(context.original_exception).partition("\n")[0]
    said = f"{first} (SQLSTATE {state})" if state[:2] != "22" else f"a value was not taken (SQLSTATE {state})"
    context.original_exception.args = (said,)
    wrapped.args = (said,)


def _sqlite_engine(address: URL, pool_size: int) -> Engine:
    if address.database and address.database != ":memory:":
        Path(address.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(address, pool_size=pool_size, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def settle(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None  # `write` and `read` say BEGIN (a listener would slow each statement)
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        _use_wal(cursor)
        cursor.execute("PRAGMA synchronous = FULL")  # NORMAL in WAL may lose the last commits on power loss
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    return engine


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Switch to the write-ahead log. SQLite does not wait here for another process that switches the same new file."""
    give_up = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def _postgresql_engine(address: URL, pool_size: int) -> Engine:
    engine = _engine(
        address,
        pool_size=pool_size,
        connect_args={"options": "-c timezone=utc -c lock_timeout=20s -c idle_in_transaction_session_timeout=60s"},
    )
    event.listen(engine, "checkout", _must_live)
    return engine


def _must_live(dbapi_connection: Any, _record: Any, _checked_out: Any) -> None:
    """A connection that the server closed is not handed out, but made again: there is something to read from it, its
    end. To look costs nothing; SQLAlchemy's `pool_pre_ping` asks the server each time.
    """
    socket = select.poll()
    socket.register(dbapi_connection.fileno(), select.POLLIN)
    if socket.poll(0):
        raise DisconnectionError


def insert(session: Session, table: Any) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT. Ask for `.returning(...)`: `rowcount` is -1 on PostgreSQL."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


class PerDialect:
    """An INSERT that was built once for each dialect, for `run`: `PerDialect(lambda insert: insert(Table)...)`."""

    def __init__(self, build: Callable[[Callable[..., Any]], Executable]) -> None:
        self.of = {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}


@overload
def run(session: Session, statement: TypedReturnsRows[*Ts], /, **values: Any) -> CursorResult[*Ts]: ...
@overload
def run(session: Session, statement: Executable | PerDialect, /, **values: Any) -> CursorResult[Any]: ...
def run(session: Session, statement: Any, /, **values: Any) -> CursorResult[Any]:
    """Execute a statement that is a constant of its module, with the values of its `bindparam`s and columns.

    To build a SELECT takes several times as long as to run it, and the ORM's part in running it as long again; so what
    each request runs is built once, and runs on the session's connection. Nothing is flushed for it: use cases do not
    mix it with objects that are still to be stored.
    """
    connection = cast(Connection, session.bind)  # `_session` gave it; session.connection() costs a third of a SELECT
    if isinstance(statement, PerDialect):
        statement = statement.of[connection.dialect.name]
    return connection.execute(statement, values)
