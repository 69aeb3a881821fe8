"""`core.wording.words`: what people type becomes entries, and inflections of one are counted together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.wording.words import merge, normal, once, split, surface


@pytest.mark.parametrize(
    ("typed", "entries"),
    [
        (" justice,  freedom of speech; hope\nfear ", ("justice", "freedom of speech", "hope", "fear")),
        ("الحرية، العدل؛ السلام", ("الحرية", "العدل", "السلام")),
        ("自由、平等，博爱", ("自由", "平等", "博爱")),
        ("“hope”, #change, - fear!, (doubt)", ("hope", "change", "fear", "doubt")),
        ("C#, C++, .NET", ("C#", "C++", "NET")),
        (",;\n , ", ()),
        ("می‌خواهم", ("می‌خواهم",)),  # its joiner is part of the word
    ],
)
def test_what_was_typed_is_cut_into_entries(typed, entries):
    assert split(typed) == entries


def test_control_characters_and_overrides_are_gone():
    assert surface("a\x00b\u202ec") == "a b c"


def counted(counts, language="en"):
    return {entry.text: entry.count for entry in merge(counts, language)}


@pytest.mark.parametrize(
    ("language", "together"),
    [
        ("en", ["study", "studies", "studied", "studying"]),
        ("en", ["vote", "votes", "voting", "voted"]),
        ("en", ["run", "running", "runs"]),
        ("en", ["Free speech", "free-speech", "freespeech"]),
        ("en", ["e-mail", "Email", "E-Mails"]),
        ("en", ["don’t know", "dont know"]),
        ("en-GB", ["equal right", "equal rights"]),
        ("de", ["Haus", "Häuser"]),
        ("de-CH", ["Freiheit", "Freiheiten"]),
        ("es", ["derecho", "derechos"]),
        ("fr", ["droit", "droits"]),
        ("pt_BR", ["direito", "direitos"]),
        ("ar", ["العدالة", "عدالة"]),
        ("ar", ["حرية", "حُرّيّة"]),
        ("ru", ["право", "права"]),
        ("xx", ["Ａｂｃ", "abc"]),
    ],
)
def test_inflections_and_spellings_are_one(language, together):
    assert list(counted(dict.fromkeys(together, 2), language).values()) == [2 * len(together)]


@pytest.mark.parametrize(
    ("language", "apart"),
    [
        ("en", ["politics", "polite", "political"]),  # one stem, "polit"
        ("en", ["university", "universe", "universal"]),  # one stem, "univers"
        ("en", ["hop", "hope"]),
        ("en", ["free speech", "free press"]),
        ("de", ["gerecht", "Gerechtigkeit"]),
        ("xx", ["vote", "votes"]),
    ],
)
def test_words_that_only_look_related_stay_apart(language, apart):
    assert sorted(counted(dict.fromkeys(apart, 1), language)) == sorted(apart)


def test_an_entry_is_shown_as_most_people_wrote_it():
    (entry,) = merge({"Votes": 1, "vote": 2, "voting": 1}, "en")
    assert (entry.text, entry.count, entry.forms) == ("vote", 4, ("vote", "Votes", "voting"))


def test_the_most_frequent_comes_first_and_equal_ones_by_alphabet():
    assert [entry.text for entry in merge({"b": 1, "c": 2, "A": 1}, "en")] == ["c", "A", "b"]


def test_one_person_says_a_thing_once():
    assert once(["votes", "hope", "Voting", "vote"], "en") == ("votes", "hope")


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=20), st.integers(1, 9), max_size=20), st.sampled_from(["en", "de", "ar", "xx"]))
def test_nothing_is_lost_or_counted_twice(counts, language):
    entries = merge(counts, language)
    assert sorted(form for entry in entries for form in entry.forms) == sorted(counts)
    assert all(entry.count == sum(counts[form] for form in entry.forms) for entry in entries)
    assert merge(dict(sorted(counts.items(), reverse=True)), language) == entries  # whatever the order


@pytest.mark.parametrize("typed", ["," * 100_000, "a" * 100_000, " " * 100_000, "é" * 50_000, "\u0301" * 50_000])
def test_a_flood_is_cut_short(typed):
    assert sum(map(len, split(typed))) <= 2_000
    assert len(normal(typed[:2000])) <= 8_000
