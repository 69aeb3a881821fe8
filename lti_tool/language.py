"""The reader's language: which one a request speaks, and how pages say their sentences in it."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from flask import g, request
from markupsafe import Markup

from core import languages, words
from core.languages import SOURCE, available, catalogue, choose
from core.words import Amount, Sentence


def language() -> str:
    """What this request speaks: the launch's locale, else what the browser prefers, else the source language."""
    spoken: str | None = g.get("language")
    if spoken is None:
        signed_in = g.get("signed_in")
        spoken = choose(signed_in.locale if signed_in else None) or request.accept_languages.best_match(
            available(), default=SOURCE
        )
        g.language = spoken
    return spoken


def translate(message: str) -> str:
    """A message id in the reader's language."""
    return catalogue(language()).gettext(message) if message else ""


def translate_plural(one: str, many: str, count: int) -> str:
    """A message id that counts, in the reader's language."""
    return catalogue(language()).ngettext(one, many, count)


def in_page(message: str, **values: object) -> Markup:
    """`_()` of the templates: a message in the reader's language, as HTML, with %(name)s for escaped values.

    A percent sign is written %%, with values or without, so that every message follows one rule.
    """
    if values:
        return Markup(translate(message)) % values  # noqa: S704 - messages are ours; Markup escapes the values
    return _without_values(languages.CATALOGUES, language(), message)


@lru_cache(maxsize=4096)
def _without_values(folder: Path, language: str, message: str) -> Markup:
    return Markup(languages.catalogue_in(folder, language).gettext(message)) % {}  # noqa: S704 - as above


def in_page_plural(one: str, many: str, count: int, **values: object) -> Markup:
    """`ngettext()` of the templates; %(num)s is the count."""
    return Markup(translate_plural(one, many, count)) % {"num": count, **values}  # noqa: S704 - as above


def number(value: float | Decimal, most: int = 4, least: int = 0, *, signed: bool = False) -> str:
    """A number as short as it is exact, as the reader's language writes it."""
    return languages.number(Amount(value, most, least, signed), language())


def percent(share: float, most: int = 0, least: int = 0) -> str:
    """A share of 1 in percent, as the reader's language writes it."""
    return say(words.percent(share, most, least))


def say(sentence: Sentence) -> str:
    """A sentence with its values, in the reader's language; values that are sentences are said in it, too."""
    return languages.say(sentence, language())
