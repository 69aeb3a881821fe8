"""Activity links of a course: what LTI calls resource links."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

DocumentTarget = Literal["iframe", "window"]
DOCUMENT_TARGETS: tuple[DocumentTarget, ...] = ("iframe", "window")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDetails:
    """An activity link as it is placed."""

    title: str
    target_link_uri: str
    description: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    document_target: DocumentTarget = "iframe"
    dates: Mapping[str, str] = field(default_factory=dict)
    """Substitution variable (`ResourceLink.available.startDateTime` and so on) -> ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(LinkDetails):
    """An activity link in a course."""

    id: int
    course_id: int
    deployment_id: int
    history: tuple[int, ...]


def _link(row: sqlite3.Row) -> Link:
    return Link(
        id=row["id"],
        course_id=row["course_id"],
        deployment_id=row["deployment_id"],
        title=row["title"],
        description=row["description"],
        target_link_uri=row["target_link_uri"],
        custom=json.loads(row["custom"]),
        document_target=row["document_target"],
        dates=json.loads(row["dates"]),
        history=tuple(json.loads(row["history"])),
    )


def add(
    db: sqlite3.Connection,
    details: LinkDetails,
    *,
    course_id: int,
    deployment_id: int,
    history: Sequence[int] = (),
) -> Link:
    row = db.execute(
        "INSERT INTO link (course_id, deployment_id, title, description, target_link_uri, custom, document_target,"
        " dates, history) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (
            course_id,
            deployment_id,
            details.title,
            details.description,
            details.target_link_uri,
            json.dumps(dict(details.custom)),
            details.document_target,
            json.dumps(dict(details.dates)),
            json.dumps(list(history)),
        ),
    ).fetchone()
    return _link(row)


def find(db: sqlite3.Connection, link_id: int) -> Link | None:
    row = db.execute("SELECT * FROM link WHERE id = ?", (link_id,)).fetchone()
    return None if row is None else _link(row)


def in_course(db: sqlite3.Connection, course_id: int) -> list[Link]:
    return [_link(row) for row in db.execute("SELECT * FROM link WHERE course_id = ? ORDER BY id", (course_id,))]


def remove(db: sqlite3.Connection, link_id: int) -> None:
    """Delete a link with its grade columns."""
    db.execute("DELETE FROM line_item WHERE link_id = ?", (link_id,))
    db.execute("DELETE FROM link WHERE id = ?", (link_id,))
