"""Coarse words in a text, by lists for each language (`lists/`, their source and licence in the README there).

A word is found whole, never inside another ("Scunthorpe", "assess"), in any case, with or without accents, with signs
for letters (`sh1t`), with letters drawn out (`fuuuck`), set apart (`f u c k`) or wrapped in emphasis (`f*u*ck`, which
Markdown shows as the word). Chinese and Japanese have no spaces: there an entry is found anywhere, but a run of
katakana or of Latin letters is a word. Each text is checked against its own language and English.

Every step looks at a character a bounded number of times, so the time grows as the text does. The lists are constants
of this room, read once.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

LANGUAGES = ("ar", "de", "en", "es", "fa", "fr", "it", "ja", "nl", "pl", "pt", "ru", "tr", "zh")

_SIGNS = str.maketrans("013457@$!", "oieastasi")  # a sign that stands for a letter
_EDGES = "0123456789@$!"  # at a word's ends these are what they are: "what an ass!"
_INSIDE = "*'’`´"  # emphasis and apostrophes do not end a word
_JOINERS = str.maketrans("", "", _INSIDE)
_LETTER = r"[^\W_\u2e80-\u9fff\U00020000-\U0003ffff]|[@$!]"  # letters and digits, but not Han and kana
_WORD = re.compile(rf"(?:{_LETTER})(?:[{_INSIDE}]{{0,3}}(?:{_LETTER}))*")
_BETWEEN = frozenset(" .-_*·|/")  # what is put between the letters of one word
_LOOKS = "aeopcyxijs"
_LATIN = str.maketrans("аеорсухіјѕ", _LOOKS)  # Cyrillic letters that look like Latin ones, and back
_CYRILLIC = str.maketrans(_LOOKS, "аеорсухіјѕ")
_DRAWN_OUT = re.compile(r"(.)\1\1+")
_ARABIC = str.maketrans("ىیکة", "ييكه")  # one letter, however it is typed
_SHORTEST_APART = 4  # letters set apart; of three, "a s s" are variables
_LONGEST_APART = 14


@dataclass(frozen=True, slots=True)
class Coarse:
    """Where a coarse word stands in the text, as a slice, and the entry of the list that it is."""

    start: int
    end: int
    entry: str


@dataclass(frozen=True, slots=True)
class _Token:
    word: str  # folded
    start: int
    end: int  # in the text


@dataclass(frozen=True, slots=True)
class _Words:
    """The lists that a language is checked against, ready to look up."""

    alone: dict[str, str]  # folded word -> entry
    starts: dict[str, str]  # folded beginning -> entry
    phrases: dict[str, list[tuple[tuple[str, ...], str | None]]]  # first word -> (words, entry), longest first
    within: dict[str, str]  # found anywhere -> entry, or "" for an ordinary one that hides others
    ordinary: frozenset[str]  # words that are never reported, spelled with their accents
    longest_start: int
    longest_within: int
    first_within: re.Pattern[str]  # the characters with which these begin


def found(text: str, language: str) -> list[Coarse]:
    """The coarse words of a text, in the order in which they stand there. `language` is a tag such as `pt-BR`."""
    base = language.partition("-")[0].lower()
    words = _words(base)
    folded, at = _folded(text, base == "tr")
    tokens = _tokens(folded, at, text)
    hits = {(hit.start, hit.end): hit for hit in _in_words(tokens, words, text)}
    for hit in (*_apart(tokens, words, text), *_anywhere(folded, at, words)):
        hits.setdefault((hit.start, hit.end), hit)
    return sorted(hits.values(), key=lambda hit: (hit.start, hit.end))


def _folded(text: str, turkish: bool) -> tuple[str, Sequence[int]]:
    """The text without case, accents and invisible characters, and where each of its characters came from."""
    parts = [_fold(character, turkish) for character in text]
    folded = "".join(parts)
    if len(folded) == len(parts) and all(parts):
        return folded, range(len(parts))
    return folded, [place for place, part in enumerate(parts) for _ in part]


@lru_cache(maxsize=8192)
def _fold(character: str, turkish: bool) -> str:
    if turkish and character in "Iİ":
        return "ı" if character == "I" else "i"
    if character in "йЙ" or "\u3040" <= character <= "\u30ff":  # a breve or a voicing mark makes another letter of them
        return character.casefold()
    if "\uff66" <= character <= "\uff9d":
        return unicodedata.normalize("NFKC", character)
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(part for part in parts if unicodedata.category(part) not in {"Mn", "Me", "Cf"}).translate(_ARABIC)


def _tokens(folded: str, at: Sequence[int], text: str) -> list[_Token]:
    """The words of the folded text."""
    return [
        _Token(match[0].translate(_JOINERS), at[match.start()], _end(at[match.end() - 1] + 1, text))
        for match in _WORD.finditer(folded)
    ]


def _end(place: int, text: str) -> int:
    """The accents that follow a letter belong to it."""
    while place < len(text) and unicodedata.combining(text[place]):
        place += 1
    return place


def _is_written_without_spaces(character: str) -> bool:
    """Han, kana: there is no telling words apart by looking."""
    return "\u2e80" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def _in_words(tokens: list[_Token], words: _Words, text: str) -> Iterator[Coarse]:
    """Words that stand in a list, and phrases."""
    bare = [token.word.strip(_EDGES) for token in tokens]
    past = 0  # words before this place belong to a phrase that was dealt with
    for place, token in enumerate(tokens):
        if place < past:
            continue
        for phrase, entry in words.phrases.get(bare[place], ()):
            if tuple(bare[place : place + len(phrase)]) == phrase:
                past = place + len(phrase)
                if entry is not None:
                    yield Coarse(token.start, tokens[past - 1].end, entry)
                break
        else:
            entry = _entry(token.word.rstrip("!"), bare[place], words)
            written = text[token.start : token.end].rstrip("!")
            if entry and _spelled(written) not in words.ordinary:
                yield Coarse(token.start, token.start + len(written), entry)


def _entry(word: str, bare: str, words: _Words) -> str | None:
    """The entry that a word is, read in each of the ways that a reader would."""
    for reading in _readings(word, bare):
        if reading in words.alone:
            return words.alone[reading]
        for length in range(1, min(len(reading), words.longest_start) + 1):
            if reading[:length] in words.starts:
                return words.starts[reading[:length]]
    return None


def _readings(word: str, bare: str) -> Iterator[str]:
    yield bare
    if word.translate(_SIGNS) != bare and 2 * sum(map(str.isalpha, word)) >= len(word) > 1:
        yield word.translate(_SIGNS)
    if _DRAWN_OUT.search(bare):
        yield _DRAWN_OUT.sub(r"\1", bare)
        yield _DRAWN_OUT.sub(r"\1\1", bare)
    if not bare.isascii() and any("a" <= letter <= "z" for letter in bare):
        yield bare.translate(_LATIN)
        yield bare.translate(_CYRILLIC)


def _spelled(word: str) -> str:
    return unicodedata.normalize("NFC", word.strip(_EDGES)).casefold()


def _apart(tokens: list[_Token], words: _Words, text: str) -> Iterator[Coarse]:
    """Words whose letters are set apart."""
    run: list[_Token] = []
    for token in tokens:
        single = len(token.word) == 1 and token.word.isalpha()
        if single and run and set(text[run[-1].end : token.start]) <= _BETWEEN and token.start - run[-1].end <= 3:
            run.append(token)
            continue
        yield from _in_run(run, words)
        run = [token] if single else []
    yield from _in_run(run, words)


def _in_run(run: list[_Token], words: _Words) -> Iterator[Coarse]:
    joined = "".join(token.word for token in run)
    for start in range(len(joined) - _SHORTEST_APART + 1):
        for length in range(min(_LONGEST_APART, len(joined) - start), _SHORTEST_APART - 1, -1):
            word = joined[start : start + length]
            entry = words.alone.get(word) or words.starts.get(word)
            if entry and word not in words.ordinary:
                yield Coarse(run[start].start, run[start + length - 1].end, entry)
                break


def _anywhere(folded: str, at: Sequence[int], words: _Words) -> Iterator[Coarse]:
    """Entries of languages that are written without spaces, the longest at each place."""
    past = 0  # places before this one belong to an entry that was dealt with
    for match in words.first_within.finditer(folded):
        place = match.start()
        if place < past:
            continue
        for length in range(min(words.longest_within, len(folded) - place), 0, -1):
            entry = words.within.get(folded[place : place + length])
            if entry is not None and not _is_inside_word(folded, place, length):
                if entry:
                    yield Coarse(at[place], at[place + length - 1] + 1, entry)
                past = place + length
                break


def _is_inside_word(folded: str, place: int, length: int) -> bool:
    """Whether a run of katakana, or of Latin letters, goes on before or after."""
    before, after = folded[place - 1 : place], folded[place + length : place + length + 1]
    return _go_together(before, folded[place]) or _go_together(folded[place + length - 1], after)


def _go_together(left: str, right: str) -> bool:
    return any(
        low <= left <= high and low <= right <= high
        for low, high in (("\u30a1", "\u30ff"), ("a", "z"))
        if left and right
    )


@lru_cache(maxsize=len(LANGUAGES) + 8)
def _words(base: str) -> _Words:
    languages = [language for language in dict.fromkeys((base, "en")) if language in LANGUAGES]
    alone: dict[str, str] = {}
    starts: dict[str, str] = {}
    within: dict[str, str] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str | None]]] = defaultdict(list)
    ordinary: set[str] = set()
    hiding: set[str] = set()
    for language, sign, entry in _entries(languages):
        folded, at = _folded(entry.rstrip("*"), base == "tr")
        tokens = tuple(token.word for token in _tokens(folded, at, entry))
        if not tokens or any(map(_is_written_without_spaces, folded)):
            hiding.add(folded) if sign == "-" else within.setdefault(folded, entry)
        elif len(tokens) > 1:
            phrases[tokens[0]].append((tokens, None if sign == "-" else entry))
        elif sign == "-":
            ordinary.add(_spelled(entry))
        else:
            (starts if entry.endswith("*") else alone).setdefault(tokens[0], entry)
            if (language, base) == ("en", "tr"):  # in capitals, its I is read as a dotless one there
                alone.setdefault(tokens[0].replace("i", "ı"), entry)
    within.update({word: "" for word in hiding if any(coarse in word for coarse in within)})
    for known in phrases.values():
        known.sort(key=lambda phrase: (-len(phrase[0]), phrase[1] is not None))
    firsts = re.compile("[" + re.escape("".join(sorted({word[0] for word in within}))) + "]")
    return _Words(alone, starts, dict(phrases), within, frozenset(ordinary), _longest(starts), _longest(within), firsts)


def _entries(languages: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for language in languages:
        source = resources.files("core.wording") / "lists" / f"{language}.txt"
        for line in source.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                sign, entry = (line[0], line[2:]) if line[:2] in {"+ ", "- "} else ("", line)
                yield language, sign, entry


def _longest(words: Iterable[str]) -> int:
    return max(map(len, words), default=0)
