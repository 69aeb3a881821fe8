"""Entries of a word cloud: cut apart, brought into one form, and counted together with their inflections.

What a person types is cut at commas, semicolons and line ends (`split`); an entry keeps its spelling (its surface).
Surfaces are counted as one (`merge`) when their words are equal without case, width, hyphens and optional marks, or
when each pair of words is inflected alike: equal stems (Snowball), and what stands around their common part is an
ending. Stems alone go too far: Porter's put politics, politeness and political under "polit", university and universe
under "univers". The entry is shown as most people wrote it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.wording.stems import base, stemmer

LONGEST_INPUT = 2_000  # characters that are looked at
_SEPARATORS = re.compile("[,;\n\r\t،؛、，；|•·\u2028\u2029]+")
_BEFORE = " #*-–—_.:!?¡¿\"'“”„‚‘’«»‹›()[]{}…"
_AFTER = " *-–—_.:!?¡¿؟。．！？\"'“”„‚‘’«»‹›()[]{}…"  # C# and C++ keep their signs
_HYPHENS = re.compile(r"[-‐‑‒–—]")
_NOTHING = re.compile(r"['’ʼ\u00ad\u200b\u2060\ufeff]")
# Accents that change a letter stay; Hebrew and Arabic vowel points and the stretching of words are often left out.
_MARKS = re.compile(r"[\u0591-\u05bd\u05bf-\u05c7\u0640\u064b-\u0652\u0670]+")
_ENGLISH_ENDINGS = frozenset(("", "s", "es", "d", "ed", "ing", "e", "y", "ies", "ied", "ying"))
_LONGEST_ENDING = 4  # letters around the common part, in other languages


@dataclass(frozen=True, slots=True)
class Entry:
    """What is counted as one: as most people wrote it, how often in all, and each spelling, most frequent first."""

    text: str
    count: int
    forms: tuple[str, ...]


def split(text: str) -> tuple[str, ...]:
    """The entries in what a person typed, in their order."""
    return tuple(entry for part in _SEPARATORS.split(text[:LONGEST_INPUT]) if (entry := surface(part)))


def surface(text: str) -> str:
    """One entry as it is kept: normal form C, single spaces, without quotation marks and punctuation around it."""
    signs = unicodedata.normalize("NFC", text)
    line = " ".join("".join(" " if _is_control(sign) else sign for sign in signs).split())
    return line.lstrip(_BEFORE).rstrip(_AFTER)


def _is_control(sign: str) -> bool:
    """Control characters and direction overrides; joiners stay, because Persian words and emoji are made with them."""
    return unicodedata.category(sign) in {"Cc", "Cs", "Co"} or sign in "\u202a\u202b\u202c\u202d\u202e"


def normal(text: str) -> str:
    """The form in which spellings of one entry are equal, but for the spaces between its words."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_HYPHENS.sub(" ", _NOTHING.sub("", _MARKS.sub("", folded))).split())


def merge(counts: Mapping[str, int], language: str) -> tuple[Entry, ...]:
    """Entries with their counts, most frequent first, equal ones in alphabetical order."""
    groups = _groups(counts, language)
    entries = []
    for surfaces in groups:
        forms = sorted(surfaces, key=lambda text: (-counts[text], text.casefold(), text))
        entries.append(Entry(forms[0], sum(counts[text] for text in forms), tuple(forms)))
    return tuple(sorted(entries, key=lambda entry: (-entry.count, entry.text.casefold(), entry.text)))


def once(entries: Iterable[str], language: str) -> tuple[str, ...]:
    """A person's entries without those that say again what one before them said."""
    given = list(dict.fromkeys(entries))
    first = {min(group, key=given.index) for group in _groups(given, language)}
    return tuple(entry for entry in given if entry in first)


def _groups(surfaces: Iterable[str], language: str) -> list[list[str]]:
    """Surfaces that are counted together."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for text in surfaces:
        alike[normal(text).replace(" ", "")].append(text)  # e-mail, email; free speech, free-speech
    stem = stemmer(language)
    if stem is None:
        return list(alike.values())
    near: defaultdict[tuple[str, ...], dict[str, list[str]]] = defaultdict(dict)
    for texts in alike.values():
        form = max(map(normal, texts), key=lambda form: (form.count(" "), form))
        near[tuple(stem(word) for word in _words(form, language))][form] = texts
    return [
        [text for form in group for text in forms[form]]
        for forms in near.values()
        for group in _joined(list(forms), language)
    ]


def _words(form: str, language: str) -> list[str]:
    """The words of a normal form; an Arabic one without the article that is written onto it."""
    words = form.split()
    if base(language) != "ar":
        return words
    return [word[2:] if word.startswith("ال") and len(word) > 4 else word for word in words]


def _joined(forms: list[str], language: str) -> list[list[str]]:
    """Forms of equal stems, those together that inflection leads from one to another."""
    groups: list[list[str]] = []
    for form in forms:
        mine = [group for group in groups if any(_inflected(form, other, language) for other in group)]
        groups = [group for group in groups if group not in mine]
        groups.append([form, *(other for group in mine for other in group)])
    return groups


def _inflected(one: str, other: str, language: str) -> bool:
    return all(
        _is_english_pair(a, b) if base(language) == "en" else _is_pair(_bare(a), _bare(b))
        for a, b in zip(_words(one, language), _words(other, language), strict=True)
    )


def _is_english_pair(one: str, other: str) -> bool:
    common = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        common += 1
    stem = one[:common]
    return all(
        tail in _ENGLISH_ENDINGS or (tail[0] == stem[-1:] and tail[1:] in _ENGLISH_ENDINGS)  # run, running
        for tail in (one[common:], other[common:])
    )


def _is_pair(one: str, other: str) -> bool:
    shared = _longest_common_run(one, other)
    return max(len(one), len(other)) - shared <= _LONGEST_ENDING


def _bare(word: str) -> str:
    """Without accents, which come and go with endings: Haus, Häuser."""
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


def _longest_common_run(one: str, other: str) -> int:
    best, row = 0, [0] * (len(other) + 1)
    for a in one:
        row = [0, *(row[i] + 1 if a == b else 0 for i, b in enumerate(other))]
        best = max(best, *row)
    return best
