"""Pictures: well-formed SVG with a title and a description, labels that do not overlap, people's words escaped."""

from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

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
