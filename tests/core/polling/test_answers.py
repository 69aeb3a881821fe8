"""`core.polling.answers`: form values become one canonical answer, or a sentence that says what to change."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.polling.answers import BadAnswer, counted, from_json, read, to_json
from core.polling.kinds import KINDS, Number, Pair, Quiz, Ranking, Rating, Several, Single, Text, Words

OPTIONS = (7, 8, 9)
SCALE = Quiz(("no", "some", "yes"))


def tried(kind, form):
    """The answer, or the sentence that refuses it."""
    try:
        return read(kind, form, OPTIONS), ""
    except BadAnswer as error:
        return (), str(error.sentence)


@pytest.mark.parametrize(
    ("kind", "form", "answer"),
    [
        (Single(), {"option": ["8"]}, ((8, "1"),)),
        (Pair(), {"option": ["9"]}, ((9, "1"),)),
        (Several(2), {"option": ["9", "7", "7"]}, ((7, "1"), (9, "1"))),
        (Rating(-1, 1), {"value": ["-1"]}, ((0, "-1"),)),
        (Number("0.5", 3, "0.5"), {"value": [" 2,0 "]}, ((0, "3"),)),
        (Ranking(), {"place-7": ["2"], "place-8": ["3"], "place-9": ["1"]}, ((7, "2"), (8, "3"), (9, "1"))),
        (Ranking(2), {"place-7": ["2"], "place-8": [""], "place-9": ["1"]}, ((7, "2"), (9, "1"))),
        (SCALE, {"level-8": ["2"], "level-7": [""]}, ((8, "2"),)),
        (Words(), {"entry": ["hope", "", "Hope", "fear"]}, ((0, "fear"), (0, "hope"))),
        (Text(), {"entry": ["Because."]}, ((0, "Because."),)),
    ],
)
def test_an_answer_is_canonical(kind, form, answer):
    assert read(kind, form, OPTIONS) == answer
    assert from_json(to_json(answer)) == answer


@pytest.mark.parametrize(
    ("kind", "form", "said"),
    [
        (Single(), {}, "not chosen"),
        (Single(), {"option": ["7", "8"]}, "Only one"),
        (Single(), {"option": ["5"]}, "no longer there"),
        (Single(), {"option": ["x"]}, "does not belong"),
        (Several(2), {"option": ["7"]}, "at least 2"),
        (Several(1, 2), {"option": ["7", "8", "9"]}, "2 are the most"),
        (Rating(), {}, "not answered"),
        (Rating(), {"value": ["6"]}, "from 1 to 5"),
        (Rating(), {"value": ["1", "2"]}, "does not belong"),
        (Number(), {"value": ["many"]}, "from 0 to 100 in steps of 1"),
        (Number(), {"value": ["1.5"]}, "steps of 1"),
        (Number(), {"value": ["101"]}, "from 0 to 100"),
        (Number(0, 2000, "0.5"), {"value": ["1,000"]}, "two numbers"),
        (Ranking(), {"place-7": ["1"], "place-8": ["1"], "place-9": ["2"]}, "Place 1 is given twice"),
        (Ranking(), {"place-7": ["1"], "place-9": ["3"]}, "Place 2 is still free"),
        (Ranking(2), {"place-7": ["3"]}, "does not belong"),
        (Ranking(), {"place-5": ["1"]}, "no longer there"),
        (SCALE, {}, "at least one line"),
        (SCALE, {"level-7": ["3"]}, "does not belong"),
        (Words(), {"entry": ["", ""]}, "nothing written"),
        (Words(1), {"entry": ["a", "b"]}, "2 entries; 1 are the most"),
        (Words(words=1), {"entry": ["two words"]}, "“two words” has too many words"),
        (Words(), {"entry": ["x" * 61]}, "too long"),
        (Text(5), {"entry": ["longer"]}, "6 characters; 5"),
        (Text(), {"entry": ["a", "b"]}, "does not belong"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_what_to_change(kind, form, said):
    with pytest.raises(BadAnswer, match=said):
        read(kind, form, OPTIONS)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1000", 1000),
        ("1,500", 1500),  # 1.5 cannot be given
        ("1,500.0", 1500),
        ("1 000", 1000),
        ("1'000", 1000),
        ("٣", 3),
        ("१२", 12),
        ("3.0", 3),
        ("+4", 4),
        ("−2", -2),
        ("12 kg", 12),
        ("12kg", 12),
    ],
)
def test_numbers_are_read_as_people_type_them(typed, value):
    assert read(Number(-5, 2000, 1, "kg"), {"value": [typed]}, ()) == ((0, str(value + 5)),)


@settings(max_examples=30, deadline=None)
@given(
    st.decimals(-1000, 1000, places=3),
    st.decimals("0.001", 50, places=3),
    st.integers(1, 500),
    st.data(),
)
def test_every_value_of_a_number_can_be_given_and_only_these(low, step, steps, data):
    kind = Number(low, low + steps * step, step)
    n = data.draw(st.integers(0, steps))
    assert read(kind, {"value": [str(kind.value(n))]}, ()) == ((0, str(n)),)
    between = low + n * step + step * data.draw(st.decimals("0.01", "0.99", places=2))
    with pytest.raises(BadAnswer):
        read(kind, {"value": [f"{between:f}"]}, ())


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(sorted(KINDS)), st.dictionaries(st.text(max_size=12), st.lists(st.text(max_size=40), max_size=4))
)
def test_no_form_breaks_it(name, form):
    """Whatever is sent is an answer or a refusal that says why."""
    kind = SCALE if name == "quiz" else KINDS[name]()
    spoiled = {**form, **{key: form.get(key, []) for key in ("option", "value", "entry")}}
    answer, said = tried(kind, spoiled)
    assert said or answer == tuple(sorted(answer))


@pytest.mark.parametrize("field", ["option", "value", "entry", "place-7", "level-7"])
@pytest.mark.parametrize(
    "value", ["1" * 5000, "-" * 5000, "1," * 3000, "9" * 30, "\x00", "١" * 50, "1e9", "inf", "0x1"]
)
def test_strange_values_are_answers_or_refused(field, value):
    for name in KINDS:
        kind = SCALE if name == "quiz" else KINDS[name]()
        answer, said = tried(kind, {field: [value]})
        assert answer or said


def test_a_ranking_also_counts_who_is_preferred_to_whom():
    kind = Ranking(2)
    answer = read(kind, {"place-7": ["2"], "place-9": ["1"]}, OPTIONS)
    assert counted(kind, answer, OPTIONS) == Counter(
        [(7, "2"), (9, "1"), (9, "-7"), (9, "-8"), (7, "-8")]
    )  # 8 was not placed: behind both


def test_other_answers_count_their_marks():
    assert counted(Rating(), ((0, "4"),), ()) == Counter({(0, "4"): 1})


def test_a_number_that_no_decimal_holds_is_refused():
    with pytest.raises(BadAnswer):
        read(Number(0, Decimal("1e9"), 1000), {"value": ["9" * 20 + "." + "9" * 20]}, ())
