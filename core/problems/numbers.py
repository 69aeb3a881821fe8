"""Numbers as people type them, with or without a unit, read as Moodle 4.5 reads them in English.

Spaces mean nothing, a comma separates thousands wherever it stands (Moodle drops every one, so `0,667` is 667), the
exponent is `e-1`, `E-1`, `x10^-1`, `*10**-1` or `×10^-1`, and what is left of the text is the unit. Beyond Moodle:
the minus sign U+2212 and every kind of space are understood, for which Moodle would call a right answer no number at
all.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_WHOLE = re.compile(_NUMBER, re.ASCII)
_BEFORE_UNIT = re.compile(_NUMBER, re.ASCII)
_AFTER_UNIT = re.compile(_NUMBER + r"\Z", re.ASCII)
_POWER_OF_TEN = re.compile(r"(?:[eE]|[x*×]10(?:\^|\*\*))([+-]?\d+)", re.ASCII)
_SPACE = re.compile(r"\s+")

LONGEST = 200  # characters of a typed number with its unit; keeps the search for a number at the end short


@dataclass(frozen=True, slots=True)
class Reading:
    """What a typed answer says: its number, and the unit as typed without spaces ("" if none)."""

    value: float
    unit: str


def read(text: str, *, unit_left: bool = False) -> Reading | None:
    """The number in `text` and its unit before (`unit_left`) or after it; None if there is no number at that end."""
    squeezed = _SPACE.sub("", text).replace("\N{MINUS SIGN}", "-")
    plain = _POWER_OF_TEN.sub(r"e\1", squeezed).replace(",", "")
    found = _AFTER_UNIT.search(plain) if unit_left else _BEFORE_UNIT.match(plain)
    if found is None:
        return None
    return Reading(float(found.group()), plain[: found.start()] if unit_left else plain[found.end() :])


def from_key(text: str) -> float | None:
    """The number that a key or a tolerance writes, without unit, comma or space inside; None if it is none or too
    large.
    """
    text = text.strip()
    if not _WHOLE.fullmatch(text) or len(text) > LONGEST:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def to_text(value: float) -> str:
    """The shortest text that `from_key` reads as exactly `value`: 0.5, 3, 1e+25."""
    return repr(value).removesuffix(".0")
