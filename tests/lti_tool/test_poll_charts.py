"""Pictures of polls: shares where they belong, words escaped, titles for whoever listens, nothing drawn of nobody."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from core.polling.tally import Bin
from lti_tool import poll_charts


def drawn(markup: Any) -> BeautifulSoup:
    return BeautifulSoup(str(markup), "html.parser")


def test_a_bar_is_as_long_as_its_share_and_hidden_from_who_hears_the_number() -> None:
    svg = drawn(poll_charts.bar(0.25, 0.1, 0.5))
    assert svg.svg["aria-hidden"] == "true"
    assert float(svg.rect["width"]) == 80.0
    assert svg.select_one(".whisker")["d"].startswith("M32.0 10H160.0")
    assert drawn(poll_charts.bar(0)).rect is None


@pytest.mark.parametrize(("before", "after", "way"), [(0.25, 0.75, "s1"), (0.75, 0.25, "s2"), (0.5, 0.5, "s7")])
def test_a_shift_leads_from_a_ring_to_a_dot(before: float, after: float, way: str) -> None:
    svg = drawn(poll_charts.shift(before, after)).svg
    assert svg["aria-hidden"] == "true"
    assert way in svg["class"]
    ring, dot = svg.select("circle")
    assert (ring["class"], dot["class"]) == (["ring"], ["bar"])
    assert [float(one["cx"]) for one in (ring, dot)] == [8 + 304 * before, 8 + 304 * after]
    assert len(svg.select(".line")) == (before != after)


@pytest.mark.parametrize(
    ("counts", "left", "right"),
    [((4, 0, 0, 0), 0, 160), ((0, 0, 0, 4), 160, 320), ((1, 1, 1, 1), 80, 240), ((0, 4, 0), 80, 240)],
)
def test_levels_lie_on_both_sides_of_the_middle(counts: tuple[int, ...], left: float, right: float) -> None:
    """All of a statement's answers are 160 px long; the line in the middle is at 160."""
    rects = drawn(poll_charts.levels(counts)).select("rect")
    last = rects[-1]
    assert (float(rects[0]["x"]), float(last["x"]) + float(last["width"])) == pytest.approx((left, right), abs=1.1)
    assert drawn(poll_charts.levels((0, 0))).select("rect") == []


def test_a_histogram_tells_each_bin_and_its_words_are_escaped() -> None:
    bins = [Bin(0, 9, 3), Bin(10, 19, 0), Bin(20, 29, 6)]
    svg = drawn(poll_charts.histogram(bins, mean=15.0, title="<b>", description="d", unit="<i>", average="average 15"))
    heights = [float(rect["height"]) for rect in svg.select("rect")]
    assert heights[2] == pytest.approx(2 * heights[0])
    assert heights[1] == 0
    assert [title.get_text() for title in svg.select("rect title")] == ["0–9: 3", "10–19: 0", "20–29: 6"]
    assert svg.find("b") is None
    assert svg.find("i") is None
    assert "average 15" in svg.get_text()
    assert drawn(poll_charts.histogram([], mean=None, title="t", description="d", unit="", average="")).svg


def test_a_cloud_comes_for_a_phone_and_for_a_wide_page_with_every_word() -> None:
    svg = drawn(poll_charts.words([("<script>", 3), ("العدل", 1)], title="t", description="d"))
    narrow, roomy = svg.select("svg")
    assert (narrow["class"], roomy["class"]) == (["cloud", "narrow"], ["cloud", "roomy"])
    for one in (narrow, roomy):
        assert one.select("script") == []
        assert [text.get_text() for text in one.select("text")] == ["<script>", "العدل"]
        assert [text.get("direction") for text in one.select("text")] == [None, "rtl"]
        assert one.select_one("g title").get_text() == "<script>: 3"


def moved(cells: Any) -> BeautifulSoup:
    return drawn(
        poll_charts.moves(
            ("Yes & no", "No", "Nobody"),
            (3, 1, 0),
            (1, 3, 0),
            cells,
            title="t",
            description="d",
            before="First",
            after="Last",
        )
    )


def test_bands_are_as_wide_as_those_who_went_that_way() -> None:
    svg = moved(((1, 2, 0), (0, 1, 0), (0, 0, 0)))
    blocks = svg.select("rect")
    assert len(blocks) == 4  # nobody said the third
    heights = [float(block["height"]) for block in blocks]
    assert heights[0] == pytest.approx(3 * heights[1], rel=0.01)
    assert [title.get_text() for title in svg.select(".band title")] == ["1", "2", "1"]
    one, two = (re.findall(r"[ V]([\d.]+)", band["d"]) for band in svg.select(".band")[:2])
    assert float(two[-1]) - float(two[0]) == pytest.approx(2 * (float(one[-1]) - float(one[0])), abs=0.2)
    assert "Yes & no · 3" in svg.get_text()


def test_what_a_reader_may_not_see_is_not_drawn() -> None:
    assert len(moved(((None, None, 0), (None, None, 0), (0, 0, 0))).select(".band")) == 0


def test_without_knowing_who_moved_lines_join_the_totals() -> None:
    svg = moved(None)
    assert svg.select(".band") == []
    assert len(svg.select("path.line")) == 2
