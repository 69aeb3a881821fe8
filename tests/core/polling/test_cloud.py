"""`core.polling.cloud`: nothing overlaps, nothing leaves the picture, and the same entries give the same picture."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.polling.cloud import SMALLEST, is_right_to_left, layout, width_of

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60)
ENTRIES = st.lists(st.tuples(TEXTS.filter(str.strip), st.integers(1, 300)), max_size=25)


def boxes(cloud):
    for placed in cloud.placed:
        wide = max(map(width_of, placed.lines)) * placed.size / 2
        high = len(placed.lines) * placed.size * 1.3 / 2
        yield placed.x - wide, placed.y - high, placed.x + wide, placed.y + high


@pytest.mark.parametrize("width", [320, 640])
@settings(max_examples=25, deadline=None)
@given(entries=ENTRIES)
def test_nothing_overlaps_or_leaves_the_picture(width, entries):
    cloud = layout(entries, width=width)
    assert sorted(placed.index for placed in cloud.placed) == list(range(len(entries)))
    slack = 0.3  # positions are rounded
    for left, top, right, bottom in boxes(cloud):
        assert -slack <= left <= right <= width + slack  # a soft hyphen alone has no width
        assert -slack <= top < bottom <= cloud.height + slack
    for one, other in itertools.combinations(boxes(cloud), 2):
        apart_x = one[2] <= other[0] + slack or other[2] <= one[0] + slack
        assert apart_x or one[3] <= other[1] + slack or other[3] <= one[1] + slack


def test_the_same_entries_give_the_same_picture():
    entries = [("hope", 9), ("fear", 4), ("doubt", 4), ("العدالة", 2)]
    assert layout(entries) == layout(entries)


def test_area_grows_with_the_count_and_letters_stay_readable():
    by_index = {placed.index: placed for placed in layout([("a", 16), ("b", 4), ("c", 1), ("d", 1)]).placed}
    assert by_index[0].size == 2 * by_index[1].size
    assert by_index[2].size == by_index[3].size >= SMALLEST


def test_three_lone_voices_do_not_shout():
    assert max(placed.size for placed in layout([("a", 1), ("b", 1), ("c", 1)]).placed) == 2 * SMALLEST


def test_what_is_too_wide_is_broken_at_spaces_and_then_cut():
    (phrase,) = layout([("a rather long phrase of three or more words", 1)], width=200).placed
    assert len(phrase.lines) > 1
    assert " ".join(phrase.lines) == "a rather long phrase of three or more words"
    (word,) = layout([("Donaudampfschifffahrtsgesellschaftskapitän", 1)], width=200).placed
    assert word.lines[0].endswith("…")
    assert word.size == SMALLEST


@pytest.mark.parametrize(
    ("text", "right"), [("العدالة", True), ("שלום", True), ("hope", False), ("123 أمل", True), ("!?", False)]
)
def test_direction_is_that_of_the_first_letter(text, right):
    assert is_right_to_left(text) is right
    assert layout([(text, 1)]).placed[0].right_to_left is right


def test_nobody_wrote_anything():
    assert layout([]).placed == ()
