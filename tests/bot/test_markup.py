"""Slack's marks as words: nobody's name comes along, links keep their address."""

from __future__ import annotations

import pytest

from bot import markup


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("plain &amp; simple: 1 &lt; 2", "plain & simple: 1 < 2"),
        ("<@U123> and <@U456|alex>", "@… and @…"),
        ("in <#C123|general> or <#C9>", "in #general or #…"),
        ("<!channel> <!here|here> <!subteam^S1|@staff> <!subteam^S2>", "@channel here @staff @subteam"),
        ("<!date^1392734382^{date}|18 February 2014>", "18 February 2014"),
        ("<https://example.org/a?b=1&amp;c=2>", "https://example.org/a?b=1&c=2"),
        ("<https://example.org|example.org>", "https://example.org"),
        ("<https://example.org|a page>", "a page (https://example.org)"),
        ("<mailto:a@example.org|a@example.org>", "a@example.org"),
        ("a &lt;@U1&gt; that was typed", "a <@U1> that was typed"),
        ("  ", ""),
    ],
)
def test_marks_become_words(typed: str, words: str) -> None:
    assert markup.words(typed) == words


def test_the_first_link_is_found_and_nothing_else_is_one() -> None:
    assert markup.first_link("<@U1> <mailto:a@b.org|x> <http://a.org/?x=1&amp;y=2|a> <https://b.org>") == (
        "http://a.org/?x=1&y=2"
    )
    assert markup.first_link("<!channel> no link, https://typed.example") == ""


def test_the_mention_of_one_user_goes() -> None:
    assert markup.without("<@UB> why <@UB|heirloom> <@U2>?", "UB") == "why   <@U2>?"
