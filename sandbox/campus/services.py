"""What the services for tools have in common: bearer tokens, media types, refusals, pages of a list."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from flask import Request, Response, request

from sandbox.campus import once
from sandbox.campus.config import Quirks
from sandbox.campus.store import as_text
from sandbox.campus.urls import with_query
from sandbox.campus.values import parse_json, whole_number

Row = TypeVar("Row")


class ServiceError(Exception):
    """A service call is refused with an HTTP status and a reason."""

    def __init__(self, status: int, reason: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """What a bearer token allows. `deployment_id` None: every deployment of the tool."""

    tool_id: int
    deployment_id: int | None
    scopes: frozenset[str]


def refusal(problem: ServiceError) -> Response:
    """The JSON that Moodle sends with every refused service call."""
    about = {
        "method": request.method,
        "url": request.full_path.removesuffix("?"),
        "accept": request.headers.get("Accept", ""),
        "contentType": request.headers.get("Content-Type", ""),
    }
    body = json.dumps({"status": problem.status, "reason": problem.reason, "request": about}, indent=4)
    response = Response(body, status=problem.status, content_type="application/json; charset=utf-8")
    response.headers.update(problem.headers)
    return response


def allowed(db: sqlite3.Connection, now: datetime, quirks: Quirks, *scopes: str) -> AccessToken:
    """The access token of this request, if it carries one of the scopes. Raises ServiceError (RFC 6750 section 3)."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise ServiceError(401, "Unauthorized", {"WWW-Authenticate": "Bearer"})
    row = db.execute(
        "SELECT access_token.* FROM access_token JOIN tool ON tool.id = access_token.tool_id"
        " WHERE hash = ? AND expires_at > ? AND tool.status = 'active'",
        (once.digest(token.strip()), as_text(now)),
    ).fetchone()
    if row is None:
        raise ServiceError(401, "Unauthorized", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    held = frozenset(json.loads(row["scopes"]))
    if held.isdisjoint(scopes):
        challenge = f'Bearer error="insufficient_scope", scope="{" ".join(scopes)}"'
        status, reason = (401, "Unauthorized") if quirks.plain_status_codes else (403, "Forbidden: insufficient scope")
        raise ServiceError(status, reason, {"WWW-Authenticate": challenge})
    return AccessToken(tool_id=row["tool_id"], deployment_id=row["deployment_id"], scopes=held)


def check_accept(media_type: str, quirks: Quirks) -> None:
    """Raise ServiceError unless the caller takes this media type; no Accept header takes anything."""
    if request.accept_mimetypes and not request.accept_mimetypes[media_type]:
        raise _no_handler(request.headers.get("Accept", ""), 406, quirks)


def check_content_type(media_type: str, quirks: Quirks) -> None:
    """Raise ServiceError unless the body is labelled with this media type; `application/json` is not enough."""
    if request.mimetype != media_type:
        raise _no_handler(request.headers.get("Content-Type", ""), 415, quirks)


def _no_handler(label: str, status: int, quirks: Quirks) -> ServiceError:
    return ServiceError(400 if quirks.plain_status_codes else status, f"No handler found for {request.path} {label}")


def json_body() -> dict[str, Any]:
    """The body as a JSON object. Raises ServiceError."""
    try:
        body = parse_json(request.get_data(cache=True))
    except ValueError as problem:
        raise ServiceError(400, "The body is not JSON.") from problem
    if not isinstance(body, dict):
        raise ServiceError(400, "The body is not a JSON object.")
    return body


def answer(body: object, media_type: str, *, status: int = 200) -> Response:
    response = Response(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        status=status,
        content_type=f"{media_type}; charset=utf-8",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list; `next` is the cursor of the page that follows, None on the last."""

    rows: Sequence[Row]
    next: str | None


def requested_limit(quirks: Quirks) -> int | None:
    """How many rows the caller wants a page, or the platform's own size. Raises ServiceError."""
    text = request.args.get("limit")
    if text is None:
        return quirks.page_size or None
    limit = whole_number(text)
    if not limit:
        raise ServiceError(400, "limit must be a whole number of at least 1.")
    return limit


def cut(rows: Iterable[Row], key: Callable[[Row], int], limit: int | None) -> Page[Row]:
    """The page that the request's cursor names. Rows must come in the order of `key`; new ones do not shift a page."""
    after = read_cursor(request.args.get("page"))
    left = [row for row in rows if after is None or key(row) > after]
    if limit is None or len(left) <= limit:
        return Page(left, None)
    return Page(left[:limit], cursor(key(left[limit - 1])))


def cursor(number: int) -> str:
    """An opaque cursor in mixed case: a caller that changes its letters gets lost, as with Canvas's bookmarks."""
    return base64.urlsafe_b64encode(f"after:{number}".encode()).decode().rstrip("=")


def read_cursor(text: str | None) -> int | None:
    """The number of a cursor. Raises ServiceError if it is none of ours."""
    if text is None:
        return None
    try:
        label, _, number = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
    except ValueError as problem:  # binascii's and the decoder's errors are ValueErrors
        raise ServiceError(400, "This page does not exist.") from problem
    after = whole_number(number)
    if label != "after" or after is None:
        raise ServiceError(400, "This page does not exist.")
    return after


def page_url(base: str, asked: Request, **changes: str) -> str:
    """The address of this request with some query parameters changed."""
    return with_query(base + asked.path, {**asked.args.to_dict(), **changes})


def link_header(targets: dict[str, str]) -> str:
    """Relation -> address, as a Link header (RFC 8288)."""
    return ", ".join(f'<{url}>; rel="{relation}"' for relation, url in targets.items())
