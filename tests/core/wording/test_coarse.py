"""Coarse words are found in every language that has a list, also disguised, and ordinary words are left alone."""

from __future__ import annotations

import random
import time

import pytest

from core.wording import coarse
from core.wording.coarse import Coarse
from tests.core.wording import texts_of_a_class

COARSE = {
    "en": ["This is shit.", "what the FUCK", "you are an asshole!", "shut up, bitch", "that motherfucker",
           "kill yourself"],
    "de": ["So eine Scheiße", "du Arschloch", "verfickte Aufgabe", "Halt die Fresse", "Hurensohn", "DU WICHSER"],
    "fr": ["putain de devoir", "quel connard", "ferme ta gueule", "enculé", "c'est de la merde", "fils de pute"],
    "es": ["qué mierda", "hijo de puta", "gilipollas", "eres un cabrón", "coño", "vete a la mierda"],
    "it": ["che cazzo", "vaffanculo", "sei uno stronzo", "coglione", "che merda", "figlio di puttana"],
    "pt": ["que merda", "filho da puta", "caralho", "vai tomar no cu", "que porra", "foda-se"],
    "nl": ["godverdomme", "klootzak", "hoer", "kutopdracht", "neuken", "wat een lul"],
    "ar": ["يا ابن الشرموطة", "كس أمك", "عاهرة", "طيز", "قحبة"],
    "fa": ["کیر", "جنده", "کس‌کش", "مادرجنده", "خفه شو"],
    "tr": ["orospu çocuğu", "siktir git", "amk", "götveren", "piç"],
    "ru": ["какая хуйня", "блядь", "пиздец", "иди нахуй", "сука"],
    "pl": ["kurwa mać", "spierdalaj", "jebany", "ty chuju", "gówno"],
    "zh": ["他妈的作业", "操你妈", "傻逼", "王八蛋", "去自杀吧"],
    "ja": ["死ね", "クソ野郎だ", "このビッチ", "くたばれ", "まんこ"],
}  # fmt: skip


def words(text: str, language: str = "en") -> list[str]:
    return [text[hit.start : hit.end] for hit in coarse.found(text, language)]


def test_every_language_has_a_list_and_every_list_is_read() -> None:
    assert set(COARSE) == set(coarse.LANGUAGES) == set(texts_of_a_class.ORDINARY)


@pytest.mark.parametrize("language", coarse.LANGUAGES)
def test_all_coarse_sentences_are_found(language: str) -> None:
    missed = [text for text in COARSE[language] if not coarse.found(text, language)]
    assert missed == []


@pytest.mark.parametrize("language", coarse.LANGUAGES)
def test_no_ordinary_sentence_is(language: str) -> None:
    lines = [text for spoken, text in texts_of_a_class.ordinary() if spoken == language]
    assert {text: words(text, language) for text in lines if coarse.found(text, language)} == {}


def test_nothing_in_the_demonstration_or_the_question_banks_is_coarse() -> None:
    lines = texts_of_a_class.of_the_demonstration() + texts_of_a_class.of_question_banks()
    assert len(lines) > 500
    assert [text for text in lines if coarse.found(text, "en")] == []


@pytest.mark.parametrize(
    "written",
    [
        "shit", "SHIT", "Shit!", "sh1t", "$hit", "5hit", "5h1t!", "shiiiit", "s h i t", "s.h.i.t", "s-h-i-t", "s_h_i_t",
        "sh*i*t", "sh**i**t", "*shit*", "ѕhіt", "shít", "ｓｈｉｔ", "sh\u200bit", "s\u00adhit", "sh’it", "bullshit",
        "pu$$y",
        "fu\u0308ck", "motherf\u200bucking", "F.U.C.K", "f·u·c·k", "a55hole", "@sshole",
    ],
)  # fmt: skip
def test_disguises(written: str) -> None:
    assert len(coarse.found(f"oh {written} again", "en")) == 1


def test_what_was_found_is_told_by_its_place_in_the_text() -> None:
    text = "Ä\u0301 So ein sh\u200bit!"
    (hit,) = coarse.found(text, "de")
    assert (text[hit.start : hit.end], hit.entry) == ("sh\u200bit", "shit")
    assert coarse.found("Scheiße", "de") == [Coarse(0, 7, "scheiße")]
    assert words("con\u0303o") == []
    assert words("con\u0303o", "es") == ["con\u0303o"]


def test_each_language_is_checked_with_english_and_none_other() -> None:
    assert words("fuck this merde", "de") == ["fuck"]
    assert words("fuck this merde", "fr-CA") == ["fuck", "merde"]
    assert words("fuck this merde", "xx") == ["fuck"]
    assert words("fuck this merde", "") == ["fuck"]


@pytest.mark.parametrize(
    ("language", "coarsely", "ordinary"),
    [
        ("es", "coño", "cono"),
        ("tr", "sik", "sık"),
        ("tr", "SİK", "SIK"),
        ("ja", "死ね", "死ねば"),
        ("zh", "他妈的", "他奶奶的"),
    ],
)
def test_accents_and_what_follows_tell_words_apart(language: str, coarsely: str, ordinary: str) -> None:
    assert words(coarsely, language) == [coarsely]
    assert words(ordinary, language) == []


def test_an_ordinary_phrase_hides_only_itself() -> None:
    assert words("the great tits sang", "en") == []
    assert words("great tits and big tits", "en") == ["big tits"]


@pytest.mark.parametrize(
    "unit", ["a", "f ", "f*", "他", "😀é", "a1", "shi", "$", "*'", "ф", "a\u0301", "tits and ", "s.", "ビ"]
)
def test_time_grows_as_the_text_does(unit: str) -> None:
    """Ten times the text takes far less than a hundred times as long, whatever it is made of."""
    assert growth(lambda text: coarse.found(text, "zh"), unit) < LINEAR


LINEAR = 60  # ten times as long a text takes ten times as long, or, on a busy machine, some more; squared: a hundred


def growth(check: object, unit: str) -> float:
    """How many times as long 40 KB take as 4 KB (a text has 5,000 characters at most), the shortest of some runs."""

    def shortest(size: int, runs: int) -> float:
        text = (unit * (size // len(unit.encode()) + 1))[:size]
        times = []
        for _ in range(runs):
            begun = time.process_time()
            check(text)  # type: ignore[operator]
            times.append(time.process_time() - begun)
        return max(min(times), 1e-4)

    return shortest(40_000, 3) / shortest(4_000, 5)


def test_noise_is_read_without_an_error() -> None:
    rng = random.Random(5)
    for _ in range(300):
        text = "".join(chr(rng.choice([rng.randrange(32, 0x3000), rng.randrange(0x10000, 0x1F000)])) for _ in range(40))
        for hit in coarse.found(text, "ja"):
            assert 0 <= hit.start < hit.end <= len(text)
