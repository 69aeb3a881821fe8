"""Spam and texts of no worth: how far somebody gets who floods a class, and that nobody has to read it first."""

from __future__ import annotations

import pytest

from core.store.tables import Contribution
from tests.abuse.spoiled import Spoiled
from tests.tool import Tool

DATABASES = ("sqlite",)
KEYS_KNOWN = True

DAILY = 5


def flood(at: Spoiled, token: str, times: int = 40) -> int:
    """Questions, answers and comments in turn, each with other words; how many were taken."""
    taken = 0
    target = at.ask(at.teacher, "What did you find hard?")
    for place in range(times):
        path, form = (
            (f"{at.home}/ask", {"title": f"Buy {place}!", "text": ""}),
            (f"{at.home}/{target}/answer", {"text": f"Buy {place} here."}),
            (f"{at.home}/{target}/comment/{target}", {"text": f"Buy {place} now."}),
        )[place % 3]
        taken += at.post(path, token, **form).status_code == 200
    return taken


def test_a_flood_ends_at_the_day_s_allowance_whatever_it_consists_of(tool: Tool) -> None:
    at = Spoiled(tool, "questions", daily=str(DAILY))
    assert flood(at, at.join()) == DAILY
    assert tool.count(Contribution) == DAILY + 1


def test_of_a_new_author_s_flood_no_classmate_sees_anything_before_the_teacher(tool: Tool) -> None:
    at = Spoiled(tool, "questions", daily=str(DAILY), moderation="new_authors")
    flood(at, at.join())
    reader = at.join()
    pages = at.crawl(reader, f"/p/p1/texts/{at.public_id}")
    assert pages
    assert not [path for path, page in pages.items() if "Buy" in page.text]
    assert at.get(f"{at.teach}/review", at.teacher).text.count("Buy") >= DAILY


def test_one_who_was_taken_out_waits_again(tool: Tool) -> None:
    """Who has no text left that classmates may see is new once more."""
    at = Spoiled(tool, "questions", moderation="new_authors")
    spammer, reader = at.join(), at.join()
    first = at.ask(spammer, "A fine question?")
    at.decide(first, "approve")
    at.decide(first, "retire")
    at.ask(spammer, "Buy 1!")
    assert "Buy" not in at.get(at.home, reader).text


@pytest.mark.parametrize("copies", [20])
def test_the_same_words_again_and_again_are_taken_once(tool: Tool, copies: int) -> None:
    at = Spoiled(tool, "questions")
    token = at.join()
    answers = {at.post(f"{at.home}/ask", token, title="Buy!", text="").status_code for _ in range(copies)}
    assert (answers, tool.count(Contribution)) == ({200, 422}, 1)


@pytest.mark.parametrize("nothing", ["", "   ", "\u200b\u200b", "\n\t", "\x00", "\u202e"])
def test_texts_without_a_word_are_not_taken(tool: Tool, nothing: str) -> None:
    at = Spoiled(tool, "questions")
    assert at.post(f"{at.home}/ask", at.join(), title=nothing, text="").status_code == 422
    assert tool.count(Contribution) == 0


def test_a_gallery_s_items_share_that_allowance(tool: Tool) -> None:
    at = Spoiled(tool, "gallery", daily=str(DAILY), judgements="0")
    token = at.join()
    how = "It shows offer {}, and offers are among the ideas of our course, as everybody can see who buys at once."
    taken = [
        at.post(f"{at.home}/new/found", token, title=f"Buy {n}", text=how.format(n), url=f"https://example.org/{n}")
        for n in range(12)
    ]
    assert sum(page.status_code == 200 for page in taken) == DAILY, taken[-1].text
