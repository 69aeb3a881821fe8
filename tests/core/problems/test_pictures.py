"""Pictures that come with Moodle XML: taken, named and refused; a question is never lost for its picture."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image as Pillow

from core.problems.kinds import OneChoice, Problem
from core.problems.moodle_xml import read_moodle_xml, write_moodle_xml
from core.problems.reports import Limits, Line


def png(color: str, size: tuple[int, int] = (3, 2)) -> str:
    out = io.BytesIO()
    Pillow.new("RGB", size, color).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def saved(form: str) -> str:
    out = io.BytesIO()
    Pillow.new("RGB", (3, 2), "red").save(out, form)
    return base64.b64encode(out.getvalue()).decode()


def file(name: str, content: str, path: str = "/") -> str:
    return f'<file name="{name}" path="{path}" encoding="base64">{content}</file>'


def shows(name: str) -> str:
    return f'<![CDATA[<p><img src="@@PLUGINFILE@@/{name}"></p>]]>'


def read(
    question: str = "Q", files: str = "", answer: str = "a", answer_files: str = "", limits: Limits | None = None
) -> tuple[Problem, Line]:
    text = f"<questiontext><text>{question}</text>{files}</questiontext>"
    answers = f'<answer fraction="100"><text>{answer}</text>{answer_files}</answer><answer><text>b</text></answer>'
    data = f'<quiz><question type="multichoice">{text}{answers}</question></quiz>'.encode()
    result = read_moodle_xml(data, limits or Limits())
    return result.problems[0].problem, result.report[0]


@pytest.mark.parametrize(
    ("name", "path", "content", "says"),
    [
        ("../../../up.png", "/", "aGk=", "no name for a picture"),
        ("a/b.png", "/", "aGk=", "no name for a picture"),
        ("a\\b.png", "/", "aGk=", "no name for a picture"),
        (".htaccess", "/", "aGk=", "no name for a picture"),
        ("..", "/", "aGk=", "no name for a picture"),
        ("", "/", "aGk=", "?: this is no name for a picture"),
        ("x" * 201, "/", "aGk=", "no name for a picture"),
        ("ok.png", "/../../", "aGk=", "no name for a picture"),
        ("ok.png", "/sub/", "aGk=", "no name for a picture"),
        ("ok.png", "/", "not base64 !!", "base64 text is damaged"),
        ("ok.png", "/", "aGké", "base64 text is damaged"),
        ("ok.png", "/", "aGk", "base64 text is damaged"),
        ("ok.png", "/", "aGk=", "no PNG, JPEG, GIF or WebP"),
        ("ok.png", "/", "", "no PNG, JPEG, GIF or WebP"),
        ("ok.php", "/", "PD9waHAgZWNobyAxOw==", "no PNG, JPEG, GIF or WebP"),
        ("ok.svg", "/", base64.b64encode(b"<svg/>").decode(), "SVG is not taken"),
        ("ok.bmp", "/", saved("BMP"), "no PNG, JPEG, GIF or WebP"),
    ],
)
def test_a_file_that_is_no_picture_is_left_out_and_the_question_kept(
    name: str, path: str, content: str, says: str
) -> None:
    problem, line = read(shows(name), file(name, content, path))
    assert problem.images == ()
    assert says in str(line.lost[0])
    assert line.outcome == "taken"


def test_a_picture_that_no_text_shows_is_left_out_with_a_word() -> None:
    problem, line = read("No picture here", file("red.png", png("red")))
    assert problem.images == ()
    assert str(line.lost[0]) == "red.png: no text shows this file, so it was left out."


def test_line_breaks_in_base64_do_not_matter() -> None:
    content = "\n  ".join(png("red")[n : n + 20] for n in range(0, len(png("red")), 20))
    assert len(read(shows("red.png"), file("red.png", content))[0].images) == 1


def test_the_same_picture_in_two_texts_is_kept_once() -> None:
    both = file("a.png", png("red"))
    problem, _ = read(shows("a.png"), both, shows("a.png"), both)
    assert [image.name for image in problem.images] == ["a.png"]


def test_two_pictures_of_one_name_get_two_names() -> None:
    problem, line = read(shows("a.png"), file("a.png", png("red")), shows("a.png"), file("a.png", png("blue")))
    assert isinstance(problem, OneChoice)
    assert [image.name for image in problem.images] == ["a-2.png", "a.png"]
    assert problem.text.source == '<p><img src="@@PLUGINFILE@@/a.png"></p>'
    assert problem.choices[0].text.source == '<p><img src="@@PLUGINFILE@@/a-2.png"></p>'
    assert line.lost == ()
    again = read_moodle_xml(write_moodle_xml([problem]).data).problems[0].problem
    assert again == problem


def test_a_gif_becomes_a_png_also_by_name() -> None:
    problem, _ = read(shows("spinner.gif"), file("spinner.gif", saved("GIF")))
    assert [(image.name, image.mime) for image in problem.images] == [("spinner.png", "image/png")]
    assert "@@PLUGINFILE@@/spinner.png" in problem.text.source


@pytest.mark.parametrize(("name", "written"), [("a b.png", "a b.png"), ("a b.png", "a%20b.png"), ("ü.png", "ü.png")])
def test_a_name_may_be_written_as_it_is_or_encoded(name: str, written: str) -> None:
    problem, line = read(shows(written), file(name, png("red")))
    assert [image.name for image in problem.images] == [name]
    assert (line.lost, line.cautions) == ((), ())


def test_a_name_is_not_found_inside_a_longer_one() -> None:
    _, line = read(shows("a.png.png"), file("a.png", png("red")))
    assert "no text shows this file" in str(line.lost[0])
    assert "a.png.png is not there" in str(line.cautions[0])


def test_one_picture_with_too_many_pixels_is_left_out() -> None:
    content = file("a.png", png("red", (300, 300)))
    _, line = read(shows("a.png"), content, limits=Limits(picture_pixels=80_000))
    assert "300 x 300 pixels are too many" in str(line.lost[0])


def test_the_pictures_of_a_file_share_a_limit_in_which_equal_ones_count_once() -> None:
    red, blue = file("a.png", png("red", (300, 300))), file("a.png", png("blue", (300, 300)))
    limits = Limits(file_pixels=100_000)
    assert len(read(shows("a.png"), red, shows("a.png"), red, limits=limits)[0].images) == 1
    problem, line = read(shows("a.png"), red, shows("a.png"), blue, limits=limits)
    assert len(problem.images) == 1
    assert "fill what one file may hold" in str(line.lost[0])


def test_a_flood_of_files_is_not_followed() -> None:
    _, line = read("Q", file("a.png", "aGk=") * 101)
    assert "more than 100 files" in str(line.lost[-1])
    assert len(line.lost) == 101
