"""The reader's language: gettext catalogues, and which one a request speaks."""

from __future__ import annotations

import gettext
from functools import cache, lru_cache
from pathlib import Path

from flask import g, request
from markupsafe import Markup

from core.words import Sentence

CATALOGUES = Path(__file__).parent / "translations"
SOURCE = "en"  # the language of the message ids


def available() -> tuple[str, ...]:
    """The languages that we speak, the source language first."""
    return _languages_in(CATALOGUES)


@cache
def _languages_in(folder: Path) -> tuple[str, ...]:
    found = sorted(path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/heirloom.mo"))
    return (SOURCE, *(name for name in found if name != SOURCE))


def catalogue(language: str) -> gettext.NullTranslations:
    """What we say in a language; the message ids themselves where there is no catalogue."""
    return _catalogue_in(CATALOGUES, language)


@cache
def _catalogue_in(folder: Path, language: str) -> gettext.NullTranslations:
    return gettext.translation("heirloom", folder, [language], fallback=True)


def choose(wanted: str | None) -> str | None:
    """The language of ours that serves a locale such as `de-CH` or `pt_BR`; None where we have none of its family."""
    if not wanted:
        return None
    tag = wanted.replace("_", "-").lower()
    for candidate in (tag, tag.partition("-")[0]):
        for name in available():
            if name.replace("_", "-").lower() == candidate:
                return name
    return None


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
    return _without_values(CATALOGUES, language(), message)


@lru_cache(maxsize=4096)
def _without_values(folder: Path, language: str, message: str) -> Markup:
    return Markup(_catalogue_in(folder, language).gettext(message)) % {}  # noqa: S704 - as above


def in_page_plural(one: str, many: str, count: int, **values: object) -> Markup:
    """`ngettext()` of the templates; %(num)s is the count."""
    return Markup(translate_plural(one, many, count)) % {"num": count, **values}  # noqa: S704 - as above


def say(sentence: Sentence) -> str:
    """A sentence with its values, in the reader's language; values that are sentences are said in it, too."""
    values = {name: say(value) if isinstance(value, Sentence) else value for name, value in sentence.values.items()}
    return translate(sentence.message).format(**values)
