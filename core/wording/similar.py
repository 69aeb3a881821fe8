"""Which of the known questions ask the same: shown while somebody types, before it is asked again.

Two texts are compared word by word, in any order (the way of SoftTFIDF: Cohen, Ravikumar and Fienberg, "A comparison of
string distance metrics for name-matching tasks", IIWeb 2003). With σ(a, b) how alike two words are and w their weights,

    score = s Σ_{a∈A} w_a max_b σ(a, b) / Σ_{a∈A} w_a + (1 - s) Σ_{b∈B} w_b max_a σ(a, b) / Σ_{b∈B} w_b,

where s = .65 leans towards the typed words A: the known question B may say more. Words of one stem (Snowball, in the
language of the text) are alike, σ = 1; others as far as their letters are (Indel, by RapidFuzz) if that is at least
.75, which bears slips of the hand and languages without a stemmer; a word within a longer one ("Klausur" in
"Klausurtermin") counts .7. A word weighs by its rarity, log(1 + (N + 1) / (n + .5)) if n of the N known questions have
it; the words that questions are built of ("what", "difference") weigh a quarter of that, or every "What is the
difference between" would be like every other. Where no spaces stand between words, and in Korean, which puts endings on
them, pairs of letters take the words' place.

What it costs is bounded: the first `LONGEST` letters of a text count, and only the `SHORTLIST` known questions that
have most words in common with the typed ones, letter by letter, are looked at closely. So time grows linearly with the
number of known questions, whatever was typed.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence, Set
from itertools import chain, pairwise
from math import log

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from core.wording.scaffolds import SCAFFOLDS, bare
from core.wording.stems import stemmer

LIMIT = 5
LEAST = 0.45  # of 97 questions asked anew in 12 languages 9 in 10 have this score, of 34 others 1 in 17
LONGEST, MOST_WORDS = 300, 40  # of a text that are compared
LONGEST_COPY = 1_000  # letters that `copied` compares
SHORTLIST = 48
TYPED = 0.65  # s
SCAFFOLD = 0.25
_ALIKE = 0.75
_WITHIN = 0.7
_SHORTEST_SLIP, _SHORTEST_WITHIN = 4, 5  # letters; shorter words are a slip away from, or within, too many others

# Signs between words. Not among them: the marks of Indic, Thai and other letters, which Python's \w leaves out.
_SIGNS = re.compile(r"[^\w\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u0f71-\u0fbc\u1000-\u109f\u1780-\u17d3]+")
_NO_SPACES = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    r"\U00020000-\U0003ffff]+"
)
_HIRAGANA = re.compile(r"[\u3040-\u309f]+")  # in Japanese mostly endings and particles
# Accents of Latin, Greek and Cyrillic, Hebrew and Arabic vowel points, the stretching of words: often left out.
_MARKS = re.compile(r"[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0640\u064b-\u0652\u0670]+")


def similar(
    text: str, known: Sequence[str], limit: int = LIMIT, least: float = LEAST, language: str = ""
) -> list[tuple[int, float]]:
    """(place in `known`, score) of the most similar texts, best first: at most `limit`, none below `least`.

    Scores lie in [0, 1]. `language` is a BCP 47 tag; its stemmer is used if there is one. Of equal scores the earlier
    place comes first. As long as a text has only words that questions are built of, it is similar to nothing.
    """
    typed, *texts = _words([text, *known])
    if all(_is_scaffold(word) for word in typed):
        return []
    joined = [" ".join(words) for words in texts]
    shortlist = process.extract(" ".join(typed), joined, scorer=fuzz.token_set_ratio, limit=SHORTLIST)
    places = [place for _, score, place in shortlist if score > 0]
    if not places:
        return []
    stems = _stems(typed, {*typed, *chain.from_iterable(texts[place] for place in places)}, language)
    weights = _weights(stems, texts)
    mine = list(dict.fromkeys(stems[word] for word in typed))
    theirs = list(dict.fromkeys(stems[word] for place in places for word in texts[place]))
    column = {stem: number for number, stem in enumerate(theirs)}
    alike = _alike(mine, theirs)
    rows, columns = (np.array([weights[stem] for stem in side]) for side in (mine, theirs))
    scores = []
    for place in places:
        at = sorted({column[stems[word]] for word in texts[place]})
        found = alike[:, at]
        score = TYPED * rows @ found.max(axis=1) / rows.sum()
        score += (1.0 - TYPED) * columns[at] @ found.max(axis=0) / columns[at].sum()
        if score >= least:
            scores.append((place, float(score)))
    return sorted(scores, key=lambda one: (-one[1], one[0]))[:limit]


def copied(text: str, known: Sequence[str], least: float = 0.9) -> int | None:
    """The place in `known` of the text that this one copies but for a few letters; None if there is none.

    Letters in their order (Indel), without regard to capitals, accents, signs and spaces; the first `LONGEST_COPY`.
    """
    typed, *texts = (bare("".join(line.split())) for line in _lines([text, *known], LONGEST_COPY))
    found = process.extractOne(typed, texts, scorer=Indel.normalized_similarity, score_cutoff=least) if typed else None
    return found[2] if found else None


def _words(texts: Sequence[str]) -> list[list[str]]:
    """The words of each text; of one that has many, the first `MOST_WORDS` different ones."""
    lines = (line if line.isascii() else _NO_SPACES.sub(_pairs, line) for line in _lines(texts, LONGEST))
    found = [line.split() for line in lines]
    return [words if len(words) <= MOST_WORDS else list(dict.fromkeys(words))[:MOST_WORDS] for words in found]


def _lines(texts: Sequence[str], longest: int) -> list[str]:
    """The beginning of each text in small letters, without signs: ASCII ones of all texts at once, which is fast."""
    lines = "\n".join(text[:longest].replace("\n", " ") for text in texts).casefold()
    for sign in string.punctuation:
        lines = lines.replace(sign, " ")
    return [line if line.isascii() else _letters(line, longest) for line in lines.split("\n")]


def _letters(line: str, longest: int) -> str:
    composed = unicodedata.normalize("NFKC", line)[:longest]  # one sign can stand for eighteen
    return _SIGNS.sub(" ", _MARKS.sub("", composed))


def _pairs(run: re.Match[str]) -> str:
    """Each two neighbours of a run of letters as a word of their own."""
    letters = run.group()
    return f" {' '.join(map(''.join, pairwise(letters))) or letters} "


def _stems(typed: Sequence[str], words: Set[str], language: str) -> dict[str, str]:
    """The stem of every word. Snowball takes a tenth of a millisecond a word; words that begin like no typed one, and
    so have none of their stems, are left as they are.
    """
    stem = stemmer(language)
    if stem is None:
        return {word: bare(word) for word in words}
    starts = {bare(word)[:2] for word in typed}
    return {word: bare(stem(word)) if bare(word)[:2] in starts else bare(word) for word in words}


def _weights(stems: dict[str, str], texts: Sequence[list[str]]) -> dict[str, float]:
    """w of every stem, by how many of all texts have a word with it."""
    wanted = frozenset(stems)
    frequency = Counter(chain.from_iterable(wanted.intersection(words) for words in texts))
    seen: Counter[str] = Counter()
    for word, stem in stems.items():
        seen[stem] += frequency[word]
    scaffold = {stem for word, stem in stems.items() if _is_scaffold(word)}
    return {
        stem: log(1.0 + (len(texts) + 1.0) / (number + 0.5)) * (SCAFFOLD if stem in scaffold else 1.0)
        for stem, number in seen.items()
    }


def _is_scaffold(word: str) -> bool:
    return bare(word) in SCAFFOLDS or _HIRAGANA.fullmatch(word) is not None


def _alike(mine: Sequence[str], theirs: Sequence[str]) -> NDArray[np.float64]:
    """σ of each of `mine` and each of `theirs`."""
    alike = process.cdist(mine, theirs, scorer=Indel.normalized_similarity, score_cutoff=_ALIKE, dtype=np.float64)
    rows, columns = (np.array([len(word) for word in words]) for words in (mine, theirs))
    alike[(np.minimum.outer(rows, columns) < _SHORTEST_SLIP) & (alike < 1.0)] = 0.0
    long = [(column, word) for column, word in enumerate(theirs) if len(word) >= _SHORTEST_WITHIN]
    for row, word in enumerate(mine):
        if len(word) >= _SHORTEST_WITHIN:
            within = [column for column, other in long if word in other or other in word]
            alike[row, within] = np.maximum(alike[row, within], _WITHIN)
    return alike
