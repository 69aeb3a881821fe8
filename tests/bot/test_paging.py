"""Long lists in views are turned page by page, and nothing of them is out of reach."""

from __future__ import annotations

import pytest

from bot.views import paging
from tests.bot.asked import say
from tests.bot.modals import Person, elements
from tests.bot.slack import Workspace
from tests.bot.test_home import linked, open_poll
from tests.core.activities.hall import Hall

DATABASES = ("sqlite",)


@pytest.mark.parametrize("number", [0, 1, 5, 6, 9, 10, 11])
def test_every_line_is_on_one_page(number: int) -> None:
    lines, seen, at = list(range(number)), [], 0
    while True:
        shown = paging.page(lines, at, 5)
        seen += shown.lines
        ways = [one["action_id"] for block in paging.turning(shown, say, "turn") for one in block["elements"][-2:]
                if "action_id" in one]  # fmt: skip
        assert ("turn:back" in ways) == (at > 0)
        if "turn:on" not in ways:
            break
        at += 1
    assert seen == lines


@pytest.mark.parametrize(("asked", "shown"), [(-1, 0), (99, 2)])
def test_a_page_that_there_is_not_is_the_nearest(asked: int, shown: int) -> None:
    assert paging.page(list(range(11)), asked, 5).number == shown


def test_all_polls_of_a_long_term_are_reached(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    linked(workspace, hall)
    polls = {open_poll(hall, f"Number {number}?") for number in range(42)}
    person = Person(workspace, "U1")
    person.command("polls")
    seen = set()
    for _ in range(2):
        seen |= {int(one["value"]) for _, one in elements(person.view) if one["action_id"].startswith("poll_see")}
        if "41 to 42 of 42" not in person.words:
            person.press("poll_page:on")
    assert seen == polls
    person.press("poll_page:back")
    assert "1 to 40 of 42" in person.words


def test_another_course_s_list_is_not_turned(workspace: Workspace) -> None:
    hall = Hall(workspace.database, "poll")
    linked(workspace, hall)
    foreign = open_poll(hall.another_course("b"), "A secret?")
    person = Person(workspace, "U1")
    person.command("polls")
    workspace.click("U1", "poll_page:on", f"0:{foreign}", view={"id": "V1", **person.view}, channel=None)
    assert workspace.api.of("views.update") == []
    assert "A secret?" not in str(workspace.api.calls)
