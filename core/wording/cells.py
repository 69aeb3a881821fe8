"""Cells of a table that people open in a spreadsheet, which must not take what somebody wrote for a formula.

A cell that begins with = + - @ (or a full-width form of these), a tab or a line end gets an apostrophe before it, also
where quotation marks or spaces stand first: spreadsheets drop them. Numbers stay numbers.
Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"[\s'\"\ufeff\u200b\u200e\u200f\u2060]*[=+\-@＝＋－＠﹢﹣﹦−]|[\t\r\n]")


def safe(cell: object) -> object:
    """The cell as it may be written into a CSV file."""
    if cell is None:
        return ""
    if isinstance(cell, bool | int | float):
        return cell
    text = str(cell).replace("\x00", "")
    return f"'{text}" if _FORMULA.match(text) else text


def csv_file(rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file (RFC 4180) in UTF-8 with the mark by which spreadsheets know it."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + written.getvalue().encode("utf-8", "replace")
