"""The languages that we speak: gettext catalogues, and how a sentence is said in one of them."""

from __future__ import annotations

import gettext
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from core.words import Amount, Sentence

CATALOGUES = Path(__file__).parent / "translations"
SOURCE = "en"  # the language of the message ids
_COMMA = {  # between a number and its decimals (Unicode CLDR, common/main, "decimal"); all others have a point
    "af", "az", "be", "bg", "br", "bs", "ca", "cs", "cv", "da", "de", "el", "eo", "es", "et", "eu", "ff", "fi", "fo",
    "fr", "fy", "gl", "hr", "ht", "hu", "hy", "ia", "id", "ie", "is", "it", "jv", "ka", "kk", "kl", "ku", "ky", "lb",
    "ln", "lo", "lt", "lu", "lv", "mk", "nb", "nl", "nn", "no", "nr", "pl", "ps", "pt", "rn", "ro", "ru", "rw", "sc",
    "se", "sg", "sk", "sl", "sq", "sr", "ss", "su", "sv", "tg", "tk", "tr", "ts", "tt", "uk", "uz", "ve", "vi", "wo",
}  # fmt: skip


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
    if has_comma(language) and any(isinstance(value, float | Decimal | Amount) for value in values.values()):
        return _WITH_COMMA.vformat(message, (), values)
    return message.format(**values)


def number(amount: Amount, language: str) -> str:
    """A number by itself, as a language writes it."""
    return amount.written("," if has_comma(language) else ".")


def has_comma(language: str) -> bool:
    """Whether the decimal mark of a language is a comma."""
    return language.replace("_", "-").partition("-")[0] in _COMMA


class _WithComma(Formatter):
    """Fills in a message whose numbers have a decimal comma, with the decimals that the message asks for."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        if isinstance(value, Amount):
            return value.written(",")
        said = super().format_field(value, format_spec)
        return said.replace(".", ",") if isinstance(value, float | Decimal) else said


_WITH_COMMA = _WithComma()
