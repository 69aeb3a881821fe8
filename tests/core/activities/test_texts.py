"""What people type, before it is stored."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activities import texts
from core.activities.refusals import Refusal

TYPED = st.text(st.characters() | st.sampled_from("\x00\x08\r\n\t\u202e\u2066\u200b\ud800\u0301 "), max_size=40)


@settings(deadline=None, max_examples=300)
@given(TYPED)
def test_cleaning_is_done_once_and_leaves_nothing_that_a_database_or_a_page_trips_over(typed: str) -> None:
    clean = texts.clean(typed)
    assert texts.clean(clean) == clean
    clean.encode("utf-8")
    kept = [sign for sign in clean if unicodedata.category(sign) in {"Cc", "Cs"}]
    assert set(kept) <= {"\n", "\t"}
    assert not set(clean) & set("\u202a\u202b\u202c\u202d\u202e")
    assert clean == clean.strip()


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x00b\x07", "ab"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("\u2066שלום\u2069", "\u2066שלום\u2069"),  # isolates turn nothing around them
        ("e\u0301", "é"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),  # joined by a format character that must stay
        (" \n x \t", "x"),
    ],
)
def test_examples(typed: str, clean: str) -> None:
    assert texts.clean(typed) == clean


def test_nothing_is_cut_in_silence() -> None:
    assert len(texts.clean("x" * 5_000)) == 5_000
    for length in (5_001, 100_000):
        with pytest.raises(Refusal) as refused:
            texts.clean("x" * length)
        assert f"{length} characters" in str(refused.value)
    assert len(texts.clean("x" * 5_000 + " " * 9_000)) == 5_000


def test_titles_are_one_line() -> None:
    assert texts.clean_line(" a\n\n b\tc ") == "a b c"
    with pytest.raises(Refusal):
        texts.clean_line("x" * 201)


@pytest.mark.parametrize(
    ("typed", "length"),
    [("", 0), ("\u200b" * 70, 0), ("a b", 3), ("a" + " " * 70 + "b", 3), ("a\u200bb", 2), ("x" * 61, 61)],
)
def test_the_length_that_a_reader_sees(typed: str, length: int) -> None:
    assert texts.visible_length(typed) == length
