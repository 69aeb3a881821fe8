"""What our addresses and forms may name: rows by their number, everything else by a short plain word.

Anything else is no page of ours, so it is settled here, before a database is asked for a number that it cannot hold
(SQLite: 2^63 and more) or a text that it cannot compare (PostgreSQL: NUL).
"""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import BaseConverter

MOST_DIGITS = 18  # of a row's number: below 2^63


def row_number(text: str) -> int:
    """The number of a row. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise ValueError("not the number of a row")
    return int(text)


def word(text: str) -> str:
    """A short plain word, such as a public id. Raises ValueError."""
    if not re.fullmatch(Word.regex, text):
        raise ValueError("not a word of ours")
    return text


class RowNumber(BaseConverter):
    """`<int:...>` in a route."""

    regex = rf"[0-9]{{1,{MOST_DIGITS}}}"

    def to_python(self, value: str) -> int:
        return row_number(value)


class Word(BaseConverter):
    """`<...>` in a route: public ids, kinds of texts, names of actions."""

    regex = r"[A-Za-z0-9_-]{1,64}"


def install(app: Flask) -> None:
    """Let the routes of `app` take nothing else; before any is registered."""
    app.url_map.converters |= {"int": RowNumber, "string": Word, "default": Word}
