"""Pictures: well-formed SVG with a title and a description, labels that do not overlap, people's words escaped."""

from itertools import pairwise
from xml.etree import ElementTree

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import languages
from core.survival.card import Point
from core.words import percent
from lti_tool import charts
from lti_tool.charts import Line, contest, interval, share_right, shares

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: object) -> ElementTree.Element:
    return ElementTree.fromstring(str(picture))


def test_a_contest_labels_each_line_at_its_end() -> None:
    lines = [Line("1", "first", [(0.0, 1.0), (1.0, 0.2)]), Line("2", "second", [(0.5, 0.4), (1.0, 0.8)])]
    picture = parsed(
        contest(lines, title="Contest", description="Two texts", marks=[(0.0, "start"), (1.0, "end")], axis="time")
    )
    assert (picture.find("title").text, picture.find("desc").text) == ("Contest", "Two texts")  # type: ignore[union-attr]
    assert picture.get("role") == "img"
    texts = {t.text: float(t.get("y", "nan")) for t in picture.iter("text")}
    assert texts["2"] < texts["1"], "the text with the better chance stands higher"
    assert "100 %" in texts


def test_a_line_that_began_late_begins_late() -> None:
    picture = parsed(contest([Line("1", "", [(0.5, 0.0), (1.0, 1.0)])], title="t", description="d", marks=[], axis=""))
    path = next(p.get("d", "") for p in picture.iter("path") if p.get("class") == "line")
    assert path == "M296.0 224.0L548.0 16.0"


def test_a_day_on_the_axis_is_marked_so_that_the_page_writes_it_in_the_readers_way() -> None:
    marks = [(0.0, "2026-11-12"), (1.0, "now")]
    picture = parsed(contest([], title="t", description="d", marks=marks, axis=""))
    days = {text.text: text.get("data-day") for text in picture.iter("text")}
    assert days["2026-11-12"] == "2026-11-12"
    assert days["now"] is None


def test_words_of_people_are_escaped() -> None:
    picture = contest(
        [Line("1", '<script>"&', [(0.0, 1.0)])], title='a"b<c', description="&", marks=[(0, "<")], axis=">"
    )
    assert "<script>" not in str(picture)
    assert parsed(picture).find("title").text == 'a"b<c'  # type: ignore[union-attr]


@given(st.lists(st.floats(16, 224), max_size=14))
def test_labels_never_overlap_nor_leave_the_picture(ends: list[float]) -> None:
    placed = charts._label_places([(end, index) for index, end in enumerate(ends)], lowest=224.0)
    places = [place for place, _index in placed]
    assert sorted(index for _place, index in placed) == list(range(len(ends)))
    assert all(after - before >= 13.8 for before, after in pairwise(places))
    assert all(place <= 224.0 for place in places)


def test_shares_fill_the_bar() -> None:
    rects = list(parsed(shares([0.5, 0.3, 0.2], title="t", description="d")).iter("rect"))
    assert [float(r.get("x", "")) for r in rects] == [0.0, 104.0, 166.4]
    assert not list(parsed(shares([], title="t", description="d")).iter("rect"))


def test_a_share_is_a_point_with_its_interval() -> None:
    picture = parsed(share_right(0.5, 0.25, 0.75, title="t", description="d"))
    assert picture.find("circle").get("cx") == "104.0"  # type: ignore[union-attr]
    line = next(p.get("d") for p in picture.iter("path") if p.get("class") == "line s1")
    assert line == "M55.0 11H153.0"


def test_nothing_known_draws_no_point() -> None:
    assert parsed(share_right(None, 0, 1, title="t", description="d")).find("circle") is None
    assert parsed(interval(None, 0, 0, title="t", description="d")).find("circle") is None


def test_a_mean_rating_lies_on_the_scale_of_ten() -> None:
    assert parsed(interval(10.0, 9.0, 10.0, title="t", description="d")).find("circle").get("cx") == "202.0"  # type: ignore[union-attr]


def test_a_prediction_that_came_true_lies_on_the_line() -> None:
    points = [Point(0.5, 0.5, 400), Point(0.9, 0.8, 100)]
    picture = parsed(
        charts.calibration(charts.buckets(points), title="t", description="d", across="across <", up="up &")
    )
    on, off = picture.findall("circle")
    diagonal = next(p.get("d", "") for p in picture.iter("path") if p.get("class") == "axis")
    (x0, y0), (x1, y1) = (tuple(map(float, end.split())) for end in diagonal.removeprefix("M").split("L"))

    def beside(circle: ElementTree.Element) -> float:
        x, y = float(circle.get("cx", "")), float(circle.get("cy", ""))
        return y - (y0 + (x - x0) * (y1 - y0) / (x1 - x0))

    assert abs(beside(on)) < 0.2
    assert beside(off) > 10  # fewer stayed than was said, so below the line
    assert [text.text for text in picture.iter("text") if text.text in {"across <", "up &"}] == ["across <", "up &"]


def test_the_interval_of_a_group_is_jeffreys() -> None:
    (bucket,) = charts.buckets([Point(0.7, 0.75, 20)])
    below = [float(mpmath.betainc(15.5, 5.5, 0, end, regularized=True)) for end in (bucket.low, bucket.high)]
    assert below == pytest.approx([0.05, 0.95])


def test_axes_begin_below_everything_and_never_at_the_top() -> None:
    for point, first in (
        (Point(1.0, 1.0, 10_000), "90 %"),
        (Point(0.43, 0.45, 9_999), "40 %"),
        (Point(0, 0, 5), "0 %"),
    ):
        drawn = parsed(charts.calibration(charts.buckets([point]), title="t", description="d", across="a", up="u"))
        assert first in [text.text for text in drawn.iter("text")]
    assert parsed(charts.calibration([], title="t", description="d", across="a", up="u")).find("circle") is None


def test_a_picture_for_a_file_of_its_own_says_what_it_is() -> None:
    said = str(charts.calibration([], title="t", description="d", across="a", up="u", alone=True))
    assert said.startswith('<svg class="chart" xmlns="http://www.w3.org/2000/svg"')
    assert "<style>" in said
    assert "<style>" not in str(charts.calibration([], title="t", description="d", across="a", up="u"))


def test_participation_steps_down_at_each_number_of_tasks() -> None:
    drawn = parsed(charts.participation([1.0, 0.5, 0.25], title="t", description="d", across="tasks"))
    line = next(p.get("d") for p in drawn.iter("path") if p.get("class") == "line s1")
    assert line == "M44.0 12.0H336.0V96.0H628.0V138.0"
    assert not [
        p
        for p in parsed(charts.participation([], title="t", description="d", across="x")).iter("path")
        if p.get("class") == "line s1"
    ]


def test_labels_are_written_as_the_reader_does_and_coordinates_are_not() -> None:
    def german(share: float, most: int = 0) -> str:
        return languages.say(percent(share, most), "de")

    points = charts.buckets([Point(0.925, 0.975, 400)])
    drawn = parsed(charts.calibration(points, title="t", description="d", across="a", up="u", percent=german))
    assert german(0.925, 1).startswith("92,5")
    assert german(0.925, 1) in [text.text for text in drawn.iter("text")]
    numbers = [
        value for one in drawn.iter() for name, value in one.attrib.items() if name in {"d", "x", "y", "cx", "cy", "r"}
    ]
    assert len(numbers) > 20
    assert not [value for value in numbers if "," in value]
