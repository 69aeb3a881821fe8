"""`core.wording.similar`: questions asked anew are found, in any order of words, in many scripts, in linear time."""

from __future__ import annotations

import threading
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.wording import stems
from core.wording.similar import LEAST, LONGEST, SHORTLIST, copied, similar
from tests.core.wording.asked_anew import ASKED, ENGLISH

TEXTS = st.text(max_size=60)


@pytest.mark.parametrize("language", ASKED)
def test_a_question_asked_anew_is_found_first(language):
    known, anew = ASKED[language]
    for asked, same in anew:
        if same is not None:
            assert similar(asked, known, least=0.2, language=language)[0][0] == same, asked


def test_nine_in_ten_are_found_at_the_least_score_and_few_new_questions_seem_old():
    found = {True: [], False: []}
    for language, (known, anew) in ASKED.items():
        for asked, same in anew:
            found[same is not None].append(bool(similar(asked, known, language=language)))
    assert len(found[True]) >= 97
    assert sum(found[True]) / len(found[True]) >= 0.87
    assert len(found[False]) >= 34
    assert sum(found[False]) / len(found[False]) <= 0.06


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("What is photosynthesis?", "How does photosynthesis work?"),
        ("light the green meaning of Gatsby", "What is the meaning of the green light in The Great Gatsby?"),
        ("vacines", "How do vaccines work?"),
        ("EIGENVALUES!!", "What is an eigenvalue, and what is it good for?"),
        ("ｅｉｇｅｎｖａｌｕｅ", "What is an eigenvalue, and what is it good for?"),
        ("deadlocks", "What is a deadlock?"),
    ],
)
def test_order_inflection_slips_and_signs_do_not_matter(asked, expected):
    assert ENGLISH[similar(asked, ENGLISH, language="en-GB")[0][0]] == expected


def test_the_frame_of_a_question_does_not_make_it_similar():
    assert similar("What is the difference between RAM and ROM?", ENGLISH, language="en") == []
    assert similar("What is the", ENGLISH, least=0, language="en") == []


def test_a_stem_is_worth_more_than_a_likeness_of_letters():
    known = ["Why was the matrix inverted?", "Why was the vertex inserted?"]
    assert [place for place, _ in similar("inverting a matrix", known, language="en")] == [0]


def test_a_word_within_a_longer_one_counts():
    known = ["Wann ist der Klausurtermin?", "Wo ist der Hörsaal?"]
    assert [place for place, _ in similar("Klausur", known, language="de")] == [0]


def test_short_words_are_alike_only_when_equal():
    assert similar("RAM", ["What is RNA?", "What is a ram disk?"], language="en")[0][0] == 1
    assert similar("ion", ["What is in it?", "question of nation"], least=0.2) == []


def test_accents_and_vowel_points_may_be_left_out():
    assert similar("mecanique theoreme", ["Mécanique : le théorème"], language="fr")[0][1] > 0.9
    assert similar("كتب", ["كَتَبَ"])[0][1] == pytest.approx(1)
    assert similar("שלום", ["שָׁלוֹם"])[0][1] == pytest.approx(1)


def test_the_same_question_scores_one_and_the_earlier_of_two_comes_first():
    asked = "How do vaccines work?"
    places, scores = zip(*similar(asked, ["Who?", asked, asked.upper()], language="en"), strict=True)
    assert places == (1, 2)
    assert scores == pytest.approx((1, 1))


def test_at_most_the_limit_and_none_below_the_least():
    known = [f"mitosis {number}" for number in range(20)]
    assert len(similar("mitosis", known)) == 5
    assert len(similar("mitosis", known, limit=3)) == 3
    assert similar("mitosis", known, limit=0) == []
    assert all(score >= LEAST for _, score in similar("mitosis phases", known))
    assert similar("mitosis", known, least=1.01) == []


@pytest.mark.parametrize("nothing", ["", "   ", "?!", "\u200b", "__", "…", "\u0301"])
def test_what_has_no_word_is_similar_to_nothing(nothing):
    assert similar(nothing, ENGLISH, least=0) == []
    assert similar("photosynthesis", [nothing, nothing], least=0) == []
    assert similar("photosynthesis", []) == []
    assert copied(nothing, [nothing, "word"]) is None


@given(TEXTS, st.lists(TEXTS, max_size=6), st.sampled_from(["", "en", "de", "ar", "xx", "zh-Hant"]))
@settings(deadline=None, max_examples=150)
def test_whatever_is_typed_scores_lie_between_0_and_1_in_falling_order(text, known, language):
    found = similar(text, known, limit=9, least=0, language=language)
    assert all(0 <= place < len(known) and 0 <= score <= 1 + 1e-9 for place, score in found)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert found == similar(text, known, limit=9, least=0, language=language)
    again = similar(text, [*known, text], limit=9, least=0, language=language)
    assert not again or again[0][1] == pytest.approx(1)


def test_only_the_beginning_of_a_flood_is_looked_at():
    beginning = "photosynthesis of plants ".ljust(LONGEST)
    assert similar("photosynthesis of plants", [beginning + "mitosis " * 600])[0][1] == pytest.approx(1)
    assert similar(beginning + "mitosis " * 600, ["photosynthesis of plants", "mitosis"])[0] == (0, pytest.approx(1))


@pytest.mark.parametrize(
    "flood", ["x" * 5_000, "ab " * 1_666, "分裂" * 2_500, "é" * 5_000, "\ufdfa" * 5_000, "a\u0301" * 2_500]
)
def test_a_flood_costs_little_memory(flood):
    known = [flood[number % 7 :] for number in range(100)]
    similar(flood, known)
    tracemalloc.start()
    similar(flood, known)
    copied(flood, known)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6


def test_what_is_looked_at_closely_grows_with_the_shortlist_alone(monkeypatch):
    compared = []
    real = similar.__globals__["_alike"]
    monkeypatch.setitem(
        similar.__globals__, "_alike", lambda mine, theirs: compared.append(len(theirs)) or real(mine, theirs)
    )
    for size in (100, 1_000):
        similar("mitosis phase", [f"mitosis phase{number} part{number}" for number in range(size)])
    assert max(compared) <= 2 * SHORTLIST + 1


def test_a_copy_is_found_though_signs_capitals_and_a_few_letters_changed():
    text = "Because the sum of two odd numbers is even, whatever the two numbers are."
    known = ["Something else that is about as long as the text that was copied here.", text]
    assert copied("because the sum of two odd numbers IS even -- whatever the 2 numbers are!", known) == 1
    assert copied("Because the product of three prime factors is odd, whatever the factors are.", known) is None
    assert copied("Größe", ["GRÖSSE", "Grosse"]) == 0
    assert copied("mecanique", ["Mécanique"]) == 0
    assert copied(text, []) is None


def test_threads_share_no_stemmer():
    words = [f"calculat{a}{b}" for a in "abcdefghij" for b in ("ing", "ions", "ed", "ively", "es", "ability")]
    stem = stems.stemmer("en")
    expected = {word: stem(word) for word in words}
    wrong = []

    def work():
        for _ in range(5):
            stems._stem.cache_clear()
            wrong.extend(word for word in words if stem(word) != expected[word])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
