"""Values that may be used once: `jti` of a client assertion, `nonce` of a deep linking response, random tokens."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import datetime

from sandbox.campus.store import as_text


def use(db: sqlite3.Connection, *, kind: str, client_id: str, value: str, expires_at: datetime, now: datetime) -> bool:
    """Note the value as used. False if it had been used before: the primary key settles two that come together."""
    db.execute("DELETE FROM used_once WHERE expires_at < ?", (as_text(now),))
    cursor = db.execute(
        "INSERT INTO used_once (kind, client_id, value, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (kind, client_id, value, as_text(expires_at)),
    )
    return cursor.rowcount == 1


def digest(token: str) -> str:
    """What the database keeps of a bearer token."""
    return hashlib.sha256(token.encode()).hexdigest()
