"""`core.polling.kinds`: polls that can be answered, and no others; kept as JSON without loss."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from core.polling.kinds import (
    KINDS,
    BadKind,
    Number,
    Pair,
    Quiz,
    Ranking,
    Rating,
    Several,
    Single,
    Text,
    Words,
    check_options,
    from_json,
    to_json,
)

EXAMPLES = (
    Single(),
    Pair(),
    Several(2, 3),
    Several(),
    Rating(0, 10, "not at all", "extremely"),
    Number(Decimal("-2.5"), Decimal("7"), Decimal("0.25"), "m/s"),
    Ranking(3),
    Words(2, 1, "fi"),
    Text(80),
    Quiz(("not yet", "a little", "mostly", "well")),
)


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.kind)
def test_a_kind_survives_a_json_column(kind):
    assert from_json(json.loads(json.dumps(to_json(kind)))) == kind


def test_every_kind_has_an_example():
    assert {type(kind) for kind in EXAMPLES} == set(KINDS.values())


@pytest.mark.parametrize("stored", [{}, {"kind": "verdict"}, {"kind": "rating", "colour": 1}])
def test_what_no_kind_wrote_is_refused(stored):
    with pytest.raises(ValueError, match="poll"):
        from_json(stored)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Several(3, 2), "least number"),
        (lambda: Several(0), "at least one option"),
        (lambda: Rating(5, 5), "whole number"),
        (lambda: Rating(0, 11), "eleven"),
        (lambda: Rating(low_words="x" * 61), "too long"),
        (lambda: Number(low=5, high=5), "higher"),
        (lambda: Number(step=0), "above 0"),
        (lambda: Number(high="many"), "“many” is not a number"),
        (lambda: Number(high="NaN"), "billion"),
        (lambda: Number(step="0.0000001"), "six decimals"),
        (lambda: Number(high=10**9, step="0.5"), "step larger"),
        (lambda: Ranking(11), "10 places"),
        (lambda: Words(entries=0), "ten entries"),
        (lambda: Text(601), "600"),
        (lambda: Quiz(("yes",)), "two to seven"),
        (lambda: Quiz(("yes", "yes")), "different"),
        (lambda: Quiz(("yes", " ")), "two to seven"),
    ],
)
def test_a_poll_that_makes_no_sense_is_refused_with_the_reason(make, said):
    with pytest.raises(BadKind, match=said):
        make()


def test_numbers_are_exact_and_read_as_people_write_them():
    kind = Number("0", "1e2", "0.10")
    assert (kind.steps, kind.value(3), kind.value(1000)) == (1000, Decimal("0.3"), Decimal("100"))
    assert [str(kind.value(n)) for n in (0, 1, 10, 1000)] == ["0", "0.1", "1", "100"]
    assert Number(0, 10, 3).steps == 3  # 9 is the highest that can be given


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        (Single(), ("one",), "2 to 40"),
        (Pair(), ("a", "b", "c"), "exactly 2"),
        (Rating(), ("a",), "no options"),
        (Single(), ("a", ""), "empty"),
        (Single(), ("Straße", "STRASSE "), "same: “Straße”"),
        (Single(), ("ａ b", "A  B"), "same"),
        (Several(3), ("a", "b"), "more options than there are"),
        (Ranking(), tuple("abcdefghijk"), "2 to 10"),
    ],
)
def test_options_that_cannot_be_asked_are_refused_with_the_reason(kind, options, said):
    with pytest.raises(BadKind, match=said):
        check_options(kind, options)


def test_options_that_can_be_asked_pass():
    check_options(Single(), ("Yes", "No"))
    check_options(Quiz(("no", "yes")), ("I can add",))
    check_options(Words(), ())
