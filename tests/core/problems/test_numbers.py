from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.problems import numbers
from core.problems.numbers import Reading


@pytest.mark.parametrize(
    ("typed", "reading"),
    [
        ("3", Reading(3, "")),
        (" -3.50 ", Reading(-3.5, "")),
        ("+.5", Reading(0.5, "")),
        ("5.", Reading(5, "")),
        ("6.67e-1", Reading(0.667, "")),
        ("6.67E-1", Reading(0.667, "")),
        ("6.67 x 10^-1", Reading(0.667, "")),
        ("6.67*10**-1", Reading(0.667, "")),
        ("6.67×10^−1", Reading(0.667, "")),
        ("−3", Reading(-3, "")),
        ("1 000", Reading(1000, "")),
        ("1\N{NARROW NO-BREAK SPACE}000", Reading(1000, "")),
        ("1,000,000.5", Reading(1_000_000.5, "")),
        ("0,667", Reading(667, "")),  # as in Moodle: every comma separates thousands
        ("60 km/h", Reading(60, "km/h")),
        ("60km / h", Reading(60, "km/h")),
        ("1/3", Reading(1, "/3")),
        ("5 e", Reading(5, "e")),
        ("1e999", Reading(math.inf, "")),
        ("-1e999", Reading(-math.inf, "")),
        ("0x1A", Reading(0, "x1A")),
    ],
)
def test_numbers_as_people_type_them(typed: str, reading: Reading) -> None:
    assert numbers.read(typed) == reading


@pytest.mark.parametrize("typed", ["", "abc", "€5", ".", "-", "e5", "nan", "inf", "Infinity", "٧", "５", "²"])
def test_what_is_no_number(typed: str) -> None:
    assert numbers.read(typed) is None


@pytest.mark.parametrize(
    ("typed", "reading"),
    [("€5", Reading(5, "€")), ("€ -5", Reading(-5, "€")), ("5", Reading(5, "")), ("€1,500.50", Reading(1500.5, "€"))],
)
def test_a_unit_on_the_left(typed: str, reading: Reading) -> None:
    assert numbers.read(typed, unit_left=True) == reading


@pytest.mark.parametrize("typed", ["5 €", "5€", "€"])
def test_a_unit_on_the_wrong_side_hides_the_number(typed: str) -> None:
    assert numbers.read(typed, unit_left=True) is None


@pytest.mark.parametrize(("key", "value"), [("3.00E8", 3e8), (" .5 ", 0.5), ("-7.", -7.0), ("1e-400", 0.0)])
def test_numbers_in_keys(key: str, value: float) -> None:
    assert numbers.from_key(key) == value


@pytest.mark.parametrize("key", ["", "*", "1 000", "1,5", "5 km", "1e999", "nan", "0x10", "1_000", "9" * 201])
def test_what_no_key_can_be(key: str) -> None:
    assert numbers.from_key(key) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(deadline=None)
def test_a_number_is_written_so_that_it_reads_back_exactly(value: float) -> None:
    assert numbers.from_key(numbers.to_text(value)) == value
