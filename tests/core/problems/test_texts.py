from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.problems.texts import Text, files_named, line, name_from, never_shown, shortened


def test_an_empty_text_has_no_format_of_its_own() -> None:
    assert Text(" \n", "markdown") == Text("", "plain") == Text()


@given(st.text(st.characters(exclude_categories=()), max_size=30))
@settings(deadline=None)
def test_a_text_is_in_its_final_form(source: str) -> None:
    text = Text(source)
    assert Text(text.source) == text
    assert line(line(source)) == line(source)
    text.source.encode()


@pytest.mark.parametrize(
    ("source", "form", "name"),
    [
        ("<p>Which <b>word</b>&nbsp;is it?</p>", "html", "Which word is it?"),
        ("a < b and c > d", "plain", "a < b and c > d"),
        ("x" * 200, "plain", "x" * 77 + "..."),
        ("", "html", ""),
    ],
)
def test_a_name_is_made_of_the_first_words(source: str, form: str, name: str) -> None:
    assert name_from(Text(source, form)) == name


def test_words_are_not_cut() -> None:
    assert shortened("one two three", 10) == "one two..."
    assert shortened("one two", 7) == "one two"


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        '<p onclick="alert(1)">',
        "<img src=x onerror = 'x'>",
        '<img/onload="x">',
        "<iframe src='https://example.org'>",
        "<style>p{}</style>",
        '<a href="javascript:alert(1)">',
        "<a href='JaVa\nScript:alert(1)'>",
        "<a href=&#106;avascript:alert(1)>",
        "[go](javascript:alert(1))",
        "<object data='x'>",
        "<svg onload=x>",
        "<form action='x'>",
    ],
)
def test_active_parts_are_noticed(source: str) -> None:
    assert never_shown(Text(source))
    assert not never_shown(Text(source, "plain"))


@pytest.mark.parametrize(
    "source",
    [
        "<p>Once upon a time</p>",
        "Write &lt;script&gt; in HTML",
        "In JavaScript: what is 1 + 1?",
        "javascript: a language",
        "x on y = 3",
        '<a href="https://example.org/?a=1&amp;b=2">',
        "<b>on</b> one = 2",
    ],
)
def test_harmless_texts_are_not_accused(source: str) -> None:
    assert not never_shown(Text(source))


def test_names_of_files_are_read_from_their_addresses() -> None:
    text = Text('<img src="@@PLUGINFILE@@/line%20again.png?a=1"> ![x](@@PLUGINFILE@@/%C3%BC.png) @@PLUGINFILE@@/')
    assert list(files_named(text)) == ["line again.png", "ü.png"]
