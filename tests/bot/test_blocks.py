"""`bot.blocks`: whatever text comes, Slack's limits hold, nobody is called and no sign is cut in two."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import blocks
from bot.blocks import Choice, actions, button, choose, clip, escape, field, length, marked, modal, plain, tick, typed
from tests.bot import limits
from tests.bot.asked import FAMILY, FLAG, HARD, say

TEXTS = st.one_of(st.sampled_from(HARD), st.text(max_size=200), st.text("ab 👩\u200d🏽é\u0301🇩🇪<>&;", max_size=120))


@given(TEXTS, st.integers(1, 160))
def test_a_clipped_text_fits_and_says_that_it_was_cut(text: str, most: int) -> None:
    short = clip(text, most)
    assert length(short) <= most
    assert length(text) == limits.units(text)
    assert short == text if limits.units(text) <= most else short.endswith("…")


def test_a_text_is_cut_between_signs_and_at_a_space() -> None:
    assert clip("one two three four", 16) == "one two three…"
    assert clip(FAMILY * 3, limits.units(FAMILY) + 4) == FAMILY + "…"
    assert clip(FLAG * 3, 7) == FLAG + "…"
    assert clip("ab" + "e\u0301" * 3, 6) == "abe\u0301…"
    assert clip("wordwithoutspaces", 8) == "wordwit…"
    assert clip("abc", 3) == "abc"


@given(TEXTS)
def test_nobody_is_called_by_what_somebody_wrote(text: str) -> None:
    safe = escape(text)
    assert not set("<>") & set(safe)
    assert plain(text)["type"] == "plain_text"
    assert plain(text)["emoji"] is False


@given(TEXTS, st.integers(4, 60))
def test_marked_text_is_never_cut_inside_a_link_or_an_escaped_sign(text: str, most: int) -> None:
    short = marked("<!date^1^{date}|now> " + escape(text), most)["text"]
    assert limits.units(short) <= most
    assert short.count("<") == short.count(">")
    rest = short.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert "&" not in rest


def test_a_date_is_the_readers_own_and_reads_without_a_client() -> None:
    when = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    said = blocks.moment(when, blocks.utc(when))
    assert said == f"<!date^{int(when.timestamp())}^{{date_short_pretty}}, {{time}}|2026-11-22 12:00 UTC>"
    assert blocks.moment(when, "a|b>^").endswith("|a b&gt; >")


@pytest.mark.parametrize("number", [1, 11, 30])
@pytest.mark.parametrize("text", HARD)
def test_any_number_of_any_choices_is_a_view_that_slack_takes(number: int, text: str) -> None:
    choices = [Choice(f"{place}", text, text) for place in range(number)]
    buttons = [button(text, f"x:{place}", "1", label=text) for place in range(number)]
    view = modal(
        text,
        [
            blocks.header(text),
            *blocks.paragraphs([text] * number),
            field(text, choose("typed", choices, "0"), "a", hint=text),
            field(text, tick("typed", choices, ["0", "9"]), "b"),
            field(text, typed("typed", text, longest=50, placeholder=text), "c"),
            field(text, blocks.select("typed", choices, None, text), "d"),
            *actions(buttons, "e"),
            *blocks.context(*[plain(text)] * number),
        ],
        say,
        callback_id="test",
        submit=text,
        close=text,
    )
    assert limits.of_view(view) == []


def test_choices_that_are_cut_have_numbers_so_that_they_differ() -> None:
    names = blocks.numbered(["long " * 30 + "one", "long " * 30 + "two"])
    assert [name[:3] for name in names] == ["1. ", "2. "]
    assert blocks.numbered(["one", "two"]) == ["one", "two"]
    assert choose("x", [Choice("a", "A")] * 3)["type"] == "radio_buttons"
    assert choose("x", [Choice(f"{at}", "A") for at in range(11)])["type"] == "static_select"
    assert tick("x", [Choice(f"{at}", "A") for at in range(11)])["type"] == "multi_static_select"


def test_what_does_not_fit_into_a_message_is_left_out_and_it_says_so() -> None:
    made = blocks.message("text", [blocks.divider()] * 70, say)
    assert len(made.blocks) == 50
    assert "more than fits here" in made.blocks[-1]["elements"][0]["text"]
    assert limits.of_message(made.text, made.blocks) == []
    assert len(blocks.message("text", [blocks.divider()] * 50, say).blocks) == 50
    assert len(blocks.home([blocks.divider()] * 120, say)["blocks"]) == 100


def test_nothing_is_sent_empty() -> None:
    made = blocks.message(" ", [blocks.header(""), blocks.section(plain("\n")), *blocks.context(marked(""))], say)
    assert limits.of_message(made.text, made.blocks) == []
    assert blocks.paragraphs(["", " "]) == []
    assert limits.of_message("x", [blocks.picture("F1", "")]) == []


def test_metadata_holds_ids_only() -> None:
    with pytest.raises(ValueError, match="ids"):
        modal("t", [], say, callback_id="x", metadata="x" * 3_001)
