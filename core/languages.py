"""The languages that we speak: gettext catalogues, and how a sentence is said in one of them."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

from core.words import Sentence

CATALOGUES = Path(__file__).parent / "translations"
SOURCE = "en"  # the language of the message ids


def available() -> tuple[str, ...]:
    """The languages that we speak, the source language first."""
    return languages_in(CATALOGUES)


@cache
def languages_in(folder: Path) -> tuple[str, ...]:
    """The same for another folder of catalogues."""
    found = sorted(path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/heirloom.mo"))
    return (SOURCE, *(name for name in found if name != SOURCE))


def catalogue(language: str) -> gettext.NullTranslations:
    """What we say in a language; the message ids themselves where there is no catalogue."""
    return catalogue_in(CATALOGUES, language)


@cache
def catalogue_in(folder: Path, language: str) -> gettext.NullTranslations:
    """The same for another folder of catalogues."""
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


def say(sentence: Sentence, language: str) -> str:
    """A sentence with its values, in a language; values that are sentences are said in it, too."""
    values = {
        name: say(value, language) if isinstance(value, Sentence) else value for name, value in sentence.values.items()
    }
    message = catalogue(language).gettext(sentence.message) if sentence.message else ""
    return message.format(**values)
