"""Stems of words, by Snowball, for the languages that it knows."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import snowballstemmer

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french",
    "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


def base(language: str) -> str:
    """The language of a BCP 47 tag, without script, region and case: pt of pt-BR."""
    return language.replace("_", "-").partition("-")[0].lower()


def stemmer(language: str) -> Callable[[str], str] | None:
    """What takes a word in small letters to its stem, or None for a language without one."""
    name = STEMMERS.get(base(language))
    return partial(_stem, name) if name else None


@lru_cache(maxsize=50_000)
def _stem(name: str, word: str) -> str:
    """Each word has a stemmer of its own: they keep the word while they work on it, so no two threads may share one."""
    return str(snowballstemmer.stemmer(name).stemWord(word))
