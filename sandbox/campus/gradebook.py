"""Line items (columns) and grades (cells): the tool's value, and the teacher's own where there is one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.campus.scores import Score
from sandbox.campus.store import as_text


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItemDetails:
    """What a tool or a teacher says about a column. `extra` keeps optional members as they came."""

    label: str
    maximum: float
    resource_id: str | None = None
    tag: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItem(LineItemDetails):
    """A column of a course's gradebook, coupled to an activity link or not."""

    id: int
    course_id: int
    deployment_id: int
    link_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """One cell. `shown` is what people see."""

    line_item_id: int
    person_id: int
    value: float | None
    comment: str
    activity_progress: str
    grading_progress: str
    scored_at: str | None
    received_at: str | None
    override_value: float | None
    overridden_at: str | None
    overridden_by: int | None

    @property
    def overridden(self) -> bool:
        return self.overridden_at is not None

    @property
    def shown(self) -> float | None:
        return self.override_value if self.overridden else self.value

    @property
    def latest(self) -> str | None:
        """When the cell last changed: the tool's timestamp, or the teacher's later override."""
        return max((moment for moment in (self.scored_at, self.overridden_at) if moment), default=None)


def _line_item(row: sqlite3.Row) -> LineItem:
    return LineItem(
        id=row["id"],
        course_id=row["course_id"],
        deployment_id=row["deployment_id"],
        link_id=row["link_id"],
        label=row["label"],
        maximum=float(row["maximum"]),  # RETURNING gives back a whole REAL as an int
        resource_id=row["resource_id"],
        tag=row["tag"],
        extra=json.loads(row["extra"]),
    )


def _grade(row: sqlite3.Row) -> Grade:
    return Grade(**{name: row[name] for name in Grade.__dataclass_fields__})


def add_line_item(
    db: sqlite3.Connection, details: LineItemDetails, *, course_id: int, deployment_id: int, link_id: int | None
) -> LineItem:
    row = db.execute(
        "INSERT INTO line_item (course_id, deployment_id, link_id, label, maximum, resource_id, tag, extra)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
        (
            course_id,
            deployment_id,
            link_id,
            details.label,
            details.maximum,
            details.resource_id,
            details.tag,
            json.dumps(dict(details.extra)),
        ),
    ).fetchone()
    return _line_item(row)


def change_line_item(db: sqlite3.Connection, line_item_id: int, details: LineItemDetails) -> LineItem:
    """Replace everything but the coupling. Grades keep their points, as in Moodle and Canvas."""
    row = db.execute(
        "UPDATE line_item SET label = ?, maximum = ?, resource_id = ?, tag = ?, extra = ? WHERE id = ? RETURNING *",
        (
            details.label,
            details.maximum,
            details.resource_id,
            details.tag,
            json.dumps(dict(details.extra)),
            line_item_id,
        ),
    ).fetchone()
    return _line_item(row)


def remove_line_item(db: sqlite3.Connection, line_item_id: int) -> None:
    """Delete a column with its grades."""
    db.execute("DELETE FROM line_item WHERE id = ?", (line_item_id,))


def line_item(db: sqlite3.Connection, line_item_id: int) -> LineItem | None:
    row = db.execute("SELECT * FROM line_item WHERE id = ?", (line_item_id,)).fetchone()
    return None if row is None else _line_item(row)


def line_items(db: sqlite3.Connection, course_id: int) -> list[LineItem]:
    rows = db.execute("SELECT * FROM line_item WHERE course_id = ? ORDER BY id", (course_id,))
    return [_line_item(row) for row in rows]


def coupled(db: sqlite3.Connection, link_id: int) -> list[LineItem]:
    """Line items of one activity link."""
    rows = db.execute("SELECT * FROM line_item WHERE link_id = ? ORDER BY id", (link_id,))
    return [_line_item(row) for row in rows]


def grade(db: sqlite3.Connection, line_item_id: int, person_id: int) -> Grade | None:
    row = db.execute(
        "SELECT * FROM grade WHERE line_item_id = ? AND person_id = ?", (line_item_id, person_id)
    ).fetchone()
    return None if row is None else _grade(row)


def grades(db: sqlite3.Connection, line_item_id: int) -> list[Grade]:
    rows = db.execute("SELECT * FROM grade WHERE line_item_id = ? ORDER BY person_id", (line_item_id,))
    return [_grade(row) for row in rows]


def record_score(
    db: sqlite3.Connection,
    score: Score,
    *,
    line_item_id: int,
    person_id: int,
    value: float | None,
    received_at: datetime,
    lifts_override: bool,
) -> None:
    """Write a score into its cell. A comment that the score does not repeat is cleared (AGS 3.4.11)."""
    lift = ", override_value = NULL, overridden_at = NULL, overridden_by = NULL" if lifts_override else ""
    db.execute(
        "INSERT INTO grade (line_item_id, person_id, value, comment, activity_progress, grading_progress, scored_at,"
        " received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (line_item_id, person_id) DO UPDATE SET value = excluded.value, comment = excluded.comment,"
        " activity_progress = excluded.activity_progress, grading_progress = excluded.grading_progress,"
        f" scored_at = excluded.scored_at, received_at = excluded.received_at{lift}",
        (
            line_item_id,
            person_id,
            value,
            score.comment,
            score.activity_progress,
            score.grading_progress,
            as_text(score.timestamp),
            as_text(received_at),
        ),
    )


def override(
    db: sqlite3.Connection, *, line_item_id: int, person_id: int, value: float | None, by: int | None, at: datetime
) -> None:
    """The teacher sets a cell by hand; `value` None means an empty cell that the tool does not fill."""
    db.execute(
        "INSERT INTO grade (line_item_id, person_id, comment, activity_progress, grading_progress, override_value,"
        " overridden_at, overridden_by) VALUES (?, ?, '', '', '', ?, ?, ?)"
        " ON CONFLICT (line_item_id, person_id) DO UPDATE SET override_value = excluded.override_value,"
        " overridden_at = excluded.overridden_at, overridden_by = excluded.overridden_by",
        (line_item_id, person_id, value, as_text(at), by),
    )


def lift_override(db: sqlite3.Connection, *, line_item_id: int, person_id: int) -> None:
    """The cell shows the tool's value again."""
    db.execute(
        "UPDATE grade SET override_value = NULL, overridden_at = NULL, overridden_by = NULL"
        " WHERE line_item_id = ? AND person_id = ?",
        (line_item_id, person_id),
    )
