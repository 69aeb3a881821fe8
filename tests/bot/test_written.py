"""Texts of teachers and classmates keep their words; formulas stand as typed and apart, pictures are named."""

from __future__ import annotations

import pytest

from bot.views import written
from core.problems.texts import Text
from sandbox.slack import block_kit
from tests.bot import limits
from tests.bot.asked import HARD, say
from tests.bot.modals import texts


def shown(source: str, form: str = "plain") -> list[str]:
    blocks = written.blocks(Text(source, form), say)  # type: ignore[arg-type]  # any of the formats
    assert limits.of_message("text", blocks or [{"type": "divider"}]) == []
    assert block_kit.check_blocks(blocks, surface="message") == []
    return list(texts(blocks))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>One &amp; two</p><p>three</p>", "One & two\nthree"),
        ("<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
        ("x<sup>2</sup> and H<sub>2</sub>O", "x^2 and H_2O"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "| a | b"),
        ("<script>alert(1)</script>safe<style>p{}</style>", "safe"),
        ("&lt;!channel&gt; <b>bold", "<!channel> bold"),
    ],
)
def test_pages_become_words(source: str, words: str) -> None:
    assert shown(source, "html") == [words]


@pytest.mark.parametrize(
    ("source", "pieces"),
    [
        (r"Solve \(x^2 = 4\) now.", [("Solve ", False), ("x^2 = 4", True), (" now.", False)]),
        (r"$$ a $$ and \[b\]", [("a", True), (" and ", False), ("b", True)]),
        (r"never \( closed", [(r"never \( closed", False)]),
        (r"empty \( \) here", [(r"empty \( \) here", False)]),
        ("it costs $5 and $6", [("it costs $5 and $6", False)]),
        ("$$" + "x" * 3_000 + "$$", [("$$" + "x" * 3_000 + "$$", False)]),
    ],
)
def test_formulas_are_pieces_of_their_own(source: str, pieces: list[tuple[str, bool]]) -> None:
    assert list(written.pieces(source)) == pieces


def test_a_formula_is_code_with_a_word_about_it() -> None:
    (text, small) = written.blocks(Text(r"Solve \(x*y*z\) <!channel> *now*", "plain"), say)
    assert text["type"] == "rich_text"  # where no sign is read as a mark
    assert {"type": "text", "text": "x*y*z", "style": {"code": True}} in text["elements"][0]["elements"]
    assert small["elements"][0]["text"] == "The course shows it as a formula."


def test_pictures_are_named_and_never_shown() -> None:
    page = shown('<p>See <img src="@@PLUGINFILE@@/a.png" alt="a red square"> and <img src="b.png"></p>', "html")
    assert "A picture belongs here, and is in your course: a red square" in page
    assert "A picture belongs here, and is in your course." in page
    assert not any("png" in line for line in page)
    assert "A picture belongs here, and is in your course: a cat" in shown("Look: ![a cat](cat.png)", "markdown")


@pytest.mark.parametrize("form", ["plain", "html", "markdown", "moodle"])
@pytest.mark.parametrize("source", [*HARD, r"\(x\) " * 3_000, "<p>" * 5_000, "$$" * 9_000, "![](" * 4_000])
def test_any_text_fits_and_is_cut_with_a_word(source: str, form: str) -> None:
    page = shown(source, form)
    if len(source) > 7_000 and form == "plain":
        assert "The whole text is in your course." in page
