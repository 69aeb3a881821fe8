"""The clock. Processes hand `now` down; no rule reads the time itself."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that reads it
