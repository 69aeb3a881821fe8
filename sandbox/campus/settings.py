"""Settings that may change while the campus runs; they live in the database so that all workers agree."""

from __future__ import annotations

import json
import secrets
import sqlite3
from datetime import timedelta

from sandbox.campus.config import Quirks


def read(db: sqlite3.Connection, name: str) -> str | None:
    row = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row["value"])


def write(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def quirks(db: sqlite3.Connection) -> Quirks:
    return Quirks().changed(json.loads(read(db, "quirks") or "{}"))


def set_quirks(db: sqlite3.Connection, value: Quirks) -> None:
    write(db, "quirks", json.dumps(value.as_dict()))


def clock_offset(db: sqlite3.Connection) -> timedelta:
    return timedelta(seconds=float(read(db, "clock_offset_seconds") or 0))


def set_clock_offset(db: sqlite3.Connection, offset: timedelta) -> None:
    write(db, "clock_offset_seconds", str(offset.total_seconds()))


def secret(db: sqlite3.Connection) -> str:
    """The secret that seals hints. It must exist: see `prepare`."""
    value = read(db, "secret")
    assert value is not None
    return value


def prepare(db: sqlite3.Connection, value: Quirks) -> None:
    """Settings of a start: quirks as configured; secret and guid stay those of the first start."""
    set_quirks(db, value)
    for name in ("secret", "guid"):
        if read(db, name) is None:
            write(db, name, secrets.token_hex(32 if name == "secret" else 16))
