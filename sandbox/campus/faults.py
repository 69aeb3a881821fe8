"""Planned failures: the next N requests to a service go wrong in a chosen way."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, g, request

from sandbox.campus import calls
from sandbox.campus.context import current_campus

KINDS: Mapping[str, tuple[str, ...]] = {
    "delay": ("seconds",),  # wait, then go on as usual
    "answer": ("status", "headers", "body", "size"),  # answer this instead of doing anything
    "answer_after": ("status", "headers", "body", "size"),  # do it, then answer this
    "drop": (),  # hang up without doing anything
    "drop_after": (),  # do it, then hang up
    "wrong_keys": (),  # jwks: right ids, wrong keys
    "id_token": ("claims", "header", "form", "wrong_key"),  # authorize: alter what is sent; null removes
}
ONLY_FOR = {"wrong_keys": "jwks", "id_token": "authorize"}
LONGEST_DELAY_SECONDS = 120
MOST_FILL_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned failure. `endpoint` may be `*`; `details` has the members that `KINDS` lists for its kind."""

    id: int
    endpoint: str
    kind: str
    remaining: int
    details: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "endpoint": self.endpoint,
            "kind": self.kind,
            "remaining": self.remaining,
            **self.details,
        }


def _fault(row: sqlite3.Row) -> Fault:
    return Fault(row["id"], row["endpoint"], row["kind"], row["remaining"], json.loads(row["details"]))


def plan(db: sqlite3.Connection, *, endpoint: str, kind: str, count: int, details: Mapping[str, Any]) -> Fault:
    """Plan `count` failures of an endpoint. Raises ValueError if there is no such failure."""
    if endpoint != "*" and endpoint not in calls.ENDPOINTS:
        raise ValueError(f"There is no endpoint {endpoint!r}.")
    if kind not in KINDS:
        raise ValueError(f"There is no fault {kind!r}.")
    if ONLY_FOR.get(kind, endpoint) != endpoint:
        raise ValueError(f"The fault {kind!r} is for {ONLY_FOR[kind]!r} only.")
    unknown = set(details) - set(KINDS[kind])
    if unknown or count < 1:
        raise ValueError(f"The fault {kind!r} takes a count of at least 1 and {KINDS[kind]}; not {sorted(unknown)}.")
    seconds, size = details.get("seconds", 0), details.get("size", 0)
    if not 0 <= seconds <= LONGEST_DELAY_SECONDS or not 0 <= size <= MOST_FILL_BYTES:
        raise ValueError("That is too long or too big.")
    row = db.execute(
        "INSERT INTO fault (endpoint, kind, remaining, details) VALUES (?, ?, ?, ?) RETURNING *",
        (endpoint, kind, count, json.dumps(dict(details))),
    ).fetchone()
    return _fault(row)


def planned(db: sqlite3.Connection) -> list[Fault]:
    return [_fault(row) for row in db.execute("SELECT * FROM fault WHERE remaining > 0 ORDER BY id")]


def clear(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM fault")


def claim(db: sqlite3.Connection, endpoint: str) -> Fault | None:
    """Take the oldest failure that is planned for the endpoint; of N planned ones exactly N requests get one."""
    row = db.execute(
        "UPDATE fault SET remaining = remaining - 1 WHERE id = (SELECT id FROM fault"
        " WHERE remaining > 0 AND endpoint IN (?, '*') ORDER BY id LIMIT 1) RETURNING *",
        (endpoint,),
    ).fetchone()
    return None if row is None else _fault(row)


def current(kind: str) -> Mapping[str, Any] | None:
    """Details of this request's failure, if it is of that kind."""
    fault: Fault | None = g.get("fault")
    return fault.details if fault is not None and fault.kind == kind else None


def altered(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with some set anew, and without those that are to be None."""
    return {name: value for name, value in {**values, **changes}.items() if name not in changes or value is not None}


def on_arrival() -> Response | None:
    """Before every request: note the call, and let a planned failure happen."""
    endpoint = calls.endpoint_of(request)
    if endpoint is None:
        return None
    campus = current_campus()
    with campus.store.writing() as db:
        g.call_id = calls.received(db, request, endpoint, campus.now(db))
        g.fault = claim(db, endpoint)
    if (delay := current("delay")) is not None:
        time.sleep(delay.get("seconds", 1))
    if current("drop") is not None:
        return Response(status=503)
    if (answer := current("answer")) is not None:
        return _answer(answer)
    return None


def on_answer(response: Response) -> Response:
    """After every request: note the answer, unless the failure is to give another one or none."""
    if "call_id" not in g:
        return response
    if (answer := current("answer_after")) is not None:
        response = _answer(answer)
    dropped = current("drop") is not None or current("drop_after") is not None
    fault: Fault | None = g.fault
    with current_campus().store.writing() as db:
        calls.answered(
            db, g.call_id, status=None if dropped else response.status_code, fault=None if fault is None else fault.kind
        )
    if dropped:
        _hang_up()
    return response


def _answer(details: Mapping[str, Any]) -> Response:
    body = str(details.get("body", "")).encode()
    body += b" " * (details.get("size", 0) - len(body))
    response = Response(body, status=details.get("status", 500), content_type="text/plain; charset=utf-8")
    for name, value in details.get("headers", {}).items():
        response.headers[name] = str(value)
    return response


def _hang_up() -> None:
    """Close the connection under the server, so that the tool never learns the answer."""
    connection = request.environ.get("werkzeug.socket") or request.environ.get("gunicorn.socket")
    if connection is None:
        raise RuntimeError("This server does not hand out its connection, so it cannot be dropped.")
    connection.shutdown(socket.SHUT_RDWR)
