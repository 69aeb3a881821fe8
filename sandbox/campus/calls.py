"""The log of calls: every request to a service is noted when it arrives and when it is answered.

So a test can count what a tool really sent, also when the campus refused it, failed on purpose or hung up.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Any

from flask import Request

from sandbox.campus.store import as_text

ENDPOINTS = (
    "openid_configuration",
    "jwks",
    "registration",
    "authorize",
    "deep_linking_response",
    "token",
    "line_items",
    "line_item",
    "scores",
    "results",
    "memberships",
)
"""What can be logged and made to fail; these are also the names of the view functions."""


def endpoint_of(request: Request) -> str | None:
    """The service that a request is for; None for pages and the admin API."""
    name = (request.endpoint or "").rpartition(".")[2]
    return name if name in ENDPOINTS else None


def received(db: sqlite3.Connection, request: Request, endpoint: str, now: datetime) -> int:
    """Note a request before anything is done with it. Returns the number of the call."""
    row = db.execute(
        "INSERT INTO call (endpoint, method, path, arguments, content_type, body, received_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            endpoint,
            request.method,
            request.full_path.removesuffix("?"),
            json.dumps(request.view_args or {}),
            request.headers.get("Content-Type", ""),
            request.get_data(cache=True),
            as_text(now),
        ),
    ).fetchone()
    return int(row["id"])


def answered(db: sqlite3.Connection, call_id: int, *, status: int | None, fault: str | None) -> None:
    """Note the answer; `status` None says that none left the campus."""
    db.execute("UPDATE call SET status = ?, fault = ? WHERE id = ?", (status, fault, call_id))


def log(db: sqlite3.Connection, *, endpoint: str | None = None, after: int = 0) -> list[dict[str, Any]]:
    """Calls in order of arrival, as JSON; `after` skips those up to a number."""
    rows = db.execute(
        "SELECT * FROM call WHERE id > ? AND (? IS NULL OR endpoint = ?) ORDER BY id", (after, endpoint, endpoint)
    )
    return [
        {
            **{name: row[name] for name in ("id", "endpoint", "method", "path", "content_type", "received_at")},
            **{name: row[name] for name in ("status", "fault")},
            "arguments": json.loads(row["arguments"]),
            "body": bytes(row["body"]).decode("utf-8", "replace"),
        }
        for row in rows
    ]


def scores(db: sqlite3.Connection, *, line_item_id: int | None = None) -> list[dict[str, Any]]:
    """Every score that ever arrived, with the message as it was read where it is JSON."""
    arrived = []
    for call in log(db, endpoint="scores"):
        if line_item_id in (None, call["arguments"]["line_item_id"]):
            try:
                message = json.loads(call["body"])
            except ValueError:
                message = None
            arrived.append({**call, "line_item_id": call["arguments"]["line_item_id"], "message": message})
    return arrived


def forget(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM call")
