"""The campus's one SQLite file: its tables, and short transactions over it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS platform_key (
    kid TEXT PRIMARY KEY, private_pem TEXT NOT NULL, created_at TEXT NOT NULL,
    retires_at TEXT  -- when it leaves the key set; NULL for the key that signs
);

CREATE TABLE IF NOT EXISTS tool (
    id INTEGER PRIMARY KEY AUTOINCREMENT, client_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, description TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'active')),
    login_url TEXT NOT NULL, login_method TEXT NOT NULL CHECK (login_method IN ('GET', 'POST')),
    redirect_uris TEXT NOT NULL, jwks_url TEXT NOT NULL, target_link_uri TEXT NOT NULL, deep_link_uri TEXT NOT NULL,
    custom TEXT NOT NULL, scopes TEXT NOT NULL, shares_names INTEGER NOT NULL, shares_emails INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS deployment (
    id INTEGER PRIMARY KEY AUTOINCREMENT, tool_id INTEGER NOT NULL REFERENCES tool (id),
    label TEXT NOT NULL, course_id INTEGER REFERENCES course (id)  -- NULL: available in every course
);

CREATE TABLE IF NOT EXISTS course (
    id INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL, title TEXT NOT NULL, sourcedid TEXT NOT NULL,
    begins_at TEXT NOT NULL, history TEXT NOT NULL  -- ids of the courses it was copied from, newest first
);
CREATE TABLE IF NOT EXISTS person (
    id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL UNIQUE,
    given_name TEXT NOT NULL, family_name TEXT NOT NULL,
    email TEXT NOT NULL, sourcedid TEXT NOT NULL, locale TEXT NOT NULL,
    session_number INTEGER NOT NULL DEFAULT 0  -- goes up when the person signs out: older login hints end
);
CREATE TABLE IF NOT EXISTS membership (
    course_id INTEGER NOT NULL REFERENCES course (id), person_id INTEGER NOT NULL REFERENCES person (id),
    roles TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('Active', 'Inactive', 'Deleted')),
    revision INTEGER NOT NULL,  -- number of the roster's change that touched this row last
    PRIMARY KEY (course_id, person_id)
);
CREATE INDEX IF NOT EXISTS membership_revision ON membership (course_id, revision);

CREATE TABLE IF NOT EXISTS link (
    id INTEGER PRIMARY KEY AUTOINCREMENT, course_id INTEGER NOT NULL REFERENCES course (id),
    deployment_id INTEGER NOT NULL REFERENCES deployment (id), title TEXT NOT NULL, description TEXT NOT NULL,
    target_link_uri TEXT NOT NULL, custom TEXT NOT NULL,
    document_target TEXT NOT NULL CHECK (document_target IN ('iframe', 'window')),
    dates TEXT NOT NULL, history TEXT NOT NULL  -- ids of the links it was copied from, newest first
);
CREATE TABLE IF NOT EXISTS line_item (
    id INTEGER PRIMARY KEY AUTOINCREMENT, course_id INTEGER NOT NULL REFERENCES course (id),
    deployment_id INTEGER NOT NULL REFERENCES deployment (id),
    link_id INTEGER REFERENCES link (id), label TEXT NOT NULL, maximum REAL NOT NULL,
    resource_id TEXT, tag TEXT, extra TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS line_item_course ON line_item (course_id, deployment_id);
CREATE INDEX IF NOT EXISTS line_item_link ON line_item (link_id);
CREATE TABLE IF NOT EXISTS grade (
    line_item_id INTEGER NOT NULL REFERENCES line_item (id) ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES person (id),
    value REAL, comment TEXT NOT NULL, activity_progress TEXT NOT NULL, grading_progress TEXT NOT NULL,
    scored_at TEXT, received_at TEXT,  -- the tool's timestamp, and when it came
    override_value REAL, overridden_at TEXT, overridden_by INTEGER REFERENCES person (id),
    PRIMARY KEY (line_item_id, person_id)
);

CREATE TABLE IF NOT EXISTS access_token (
    hash TEXT PRIMARY KEY, tool_id INTEGER NOT NULL REFERENCES tool (id),
    deployment_id INTEGER REFERENCES deployment (id),
    scopes TEXT NOT NULL, expires_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS used_once (  -- jti of client assertions, nonces of deep linking responses
    kind TEXT NOT NULL, client_id TEXT NOT NULL, value TEXT NOT NULL, expires_at TEXT NOT NULL,
    PRIMARY KEY (kind, client_id, value)
);
CREATE TABLE IF NOT EXISTS registration_token (hash TEXT PRIMARY KEY, expires_at TEXT NOT NULL, used_at TEXT);
CREATE TABLE IF NOT EXISTS deep_link_request (
    id TEXT PRIMARY KEY, course_id INTEGER NOT NULL REFERENCES course (id),
    deployment_id INTEGER NOT NULL REFERENCES deployment (id), person_id INTEGER NOT NULL REFERENCES person (id),
    data TEXT, accept_types TEXT NOT NULL, accept_multiple INTEGER NOT NULL, created_at TEXT NOT NULL, used_at TEXT
);

CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, kind TEXT NOT NULL, remaining INTEGER NOT NULL,
    details TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS call (  -- every request that a tool or its browser window made to a service
    id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    arguments TEXT NOT NULL, content_type TEXT NOT NULL, body BLOB NOT NULL, received_at TEXT NOT NULL,
    status INTEGER,  -- NULL: no answer left the campus
    fault TEXT
);
CREATE INDEX IF NOT EXISTS call_endpoint ON call (endpoint, id);
"""


class Store:
    """Transactions over one database file; connections are kept and reused, one a thread at a time.

    WAL lets readers go on while one writer commits. `synchronous` NORMAL survives the end of the process, not the loss
    of power: enough for a campus, and a burst of launches does not wait for the disk.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = str(path)
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._writer = threading.Lock()
        self._closed = False
        connection = self._connect()
        connection.executescript(SCHEMA)
        self._idle.append(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=20, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._connect()
        try:
            connection.execute(begin)
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        finally:
            with self._lock:
                if self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One unchanging view of the database."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that may write. It takes the write lock at once: two writers wait instead of failing.

        Threads of this process queue for a lock of their own, because SQLite's waiting is sleeping and asking again.
        """
        with self._writer, self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        """Close every connection: idle ones now, the others when their transaction ends."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()


def as_text(moment: datetime) -> str:
    """A moment as text that sorts like the moments do: UTC, always six digits after the second."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def as_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
