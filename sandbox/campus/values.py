"""Plain values as they come from outside, read with care: JSON, numbers, ids, moments. Pure."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import Any

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?P<fraction>\.\d+)?(?:Z|[+-]\d\d:?\d\d)")
MOST_DIGITS = 15
"""Longer ids do not exist here, and would not fit the database."""


def parse_json(data: bytes | str) -> Any:
    """The JSON value in `data`. Raises ValueError, also for what is nested too deep or holds half characters."""
    try:
        value = json.loads(data)
    except RecursionError as problem:
        raise ValueError("nested too deep") from problem
    check_text(value)
    return value


def check_text(value: object) -> None:
    """Raise ValueError if a text in a JSON value has half of a surrogate pair: no database takes that."""
    json.dumps(value, ensure_ascii=False).encode()


def finite_number(value: object) -> float | None:
    """A JSON number as a float; None for anything else, for true and false, and for what is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_number(value: float) -> int | float:
    """7 instead of 7.0: what JSON of real platforms has."""
    return int(value) if value.is_integer() else value


def whole_number(value: object) -> int | None:
    """The whole number in a text of at most 15 ASCII digits; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS:
        return int(value)
    return None


def parse_moment(text: object, *, need_fraction: bool = False) -> datetime:
    """An ISO 8601 date and time with a zone, in UTC. Raises ValueError, also without the fraction if that is needed."""
    match = MOMENT.fullmatch(text) if isinstance(text, str) and text.isascii() else None
    if match is None or not isinstance(text, str):
        raise ValueError("is not an ISO 8601 date and time with a zone")
    if need_fraction and match["fraction"] is None:
        raise ValueError("has no fraction of a second")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError as problem:
        raise ValueError("lies outside the calendar") from problem
