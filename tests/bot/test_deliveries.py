"""Deliveries as networks make them: four times, overtaken, unanswered, forged, late, of another team.

One human, one vote.
"""

# ruff: noqa: F811 - a fixture that another module has

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from core.activities import poll_closing, seats
from sandbox.slack.interactions import MessagePlace, Outcome
from tests.bot.test_polls_in_slack import PATIENCE, Class, ask, klass, until  # noqa: F401 - `klass` is a fixture
from tests.core.activities.ballots import look, shares

DATABASES = ("sqlite",)


@pytest.fixture
def poll(klass: Class) -> str:
    """A question in the channel; gives its message's ts."""
    ask(klass, "single")
    return str(until(lambda: klass.posted(klass.newest().id)))


def click(klass: Class, user: str, ts: str, place: int) -> Outcome:
    """The option at a place."""
    blocks = klass.slack.slack.channels[klass.channel].messages[ts].blocks
    block = next(one for one in blocks if one["type"] == "actions")
    action = block["elements"][place]["action_id"]
    assert action.startswith("poll_vote:")
    return klass.slack.outside.acting.use(user, MessagePlace(klass.channel, ts), block["block_id"], action, None)


def plan(klass: Class, kind: str, count: int = 1, **details: Any) -> None:
    klass.slack.slack.faults.plan("interactive", kind, count, details)


def whispers(klass: Class, user: str) -> list[str]:
    """What this person was told alone."""
    channel = klass.slack.slack.channels[klass.channel]
    return [one.text for one in list(channel.messages.values()) if one.ephemeral_for == user]


def votes(klass: Class) -> int:
    return look(klass.hall, klass.newest().id).voted


def test_four_times_the_same_click_is_one_vote(klass: Class, poll: str) -> None:
    plan(klass, "duplicate", 3, copies=3)
    for user in klass.students:
        assert click(klass, user, poll, 0).ok
    klass.slack.outside.settle()
    assert votes(klass) == 3


def test_a_vote_whose_answer_was_lost_is_there_and_clicking_again_adds_none(
    klass: Class,
    poll: str,
) -> None:
    plan(klass, "lose_answer")
    assert not click(klass, klass.students[0], poll, 0).ok  # the person sees that something went wrong
    until(lambda: votes(klass) == 1)
    assert click(klass, klass.students[0], poll, 0).ok
    assert votes(klass) == 1


def test_votes_that_overtake_each_other_are_all_counted(klass: Class, poll: str) -> None:
    plan(klass, "reorder", 1, seconds=1)
    with ThreadPoolExecutor(3) as threads:
        outcomes = list(threads.map(lambda user: click(klass, user, poll, 1), klass.students))
    assert all(outcome.ok for outcome in outcomes)
    assert votes(klass) == 3


def chosen(klass: Class) -> dict[str, int]:
    return {text: number for text, number in shares(klass.hall, klass.newest().id).items() if number}


def test_of_two_clicks_that_overtake_each_other_the_newer_one_counts(klass: Class, poll: str) -> None:
    user = klass.students[0]
    plan(klass, "reorder", seconds=PATIENCE)
    with ThreadPoolExecutor(1) as thread:
        older = thread.submit(click, klass, user, poll, 0)
        until(lambda: not klass.slack.slack.faults.planned())  # it is on its way, and waits to be overtaken
        assert click(klass, user, poll, 1).ok
        assert older.result(PATIENCE).ok
    klass.slack.outside.settle()
    assert chosen(klass) == {"No": 1}
    until(lambda: any(one.startswith("You chose again after this one") for one in whispers(klass, user)))
    assert click(klass, user, poll, 0).ok
    assert chosen(klass) == {"Yes": 1}


def test_a_click_that_arrives_when_nobody_waits_for_it_any_more_does_not_undo_a_newer_one(
    klass: Class, poll: str
) -> None:
    user = klass.students[0]
    plan(klass, "delay", seconds=20)
    assert not click(klass, user, poll, 0).ok  # the person sees that something went wrong, and chooses again
    assert click(klass, user, poll, 1).ok
    klass.slack.slack.clock.advance(30)
    klass.slack.outside.settle()
    assert chosen(klass) == {"No": 1}


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("wrong_secret", {}),
        ("unsigned", {}),
        ("stale", {"seconds": 600}),
        ("drop", {}),
        ("alter", {"changes": {"team": {"id": "T0ELSEWHERE"}, "user": {"id": "U0", "team_id": "T0ELSEWHERE"}}}),
    ],
)
def test_what_does_not_come_from_slack_or_of_another_team_counts_nothing(
    klass: Class,
    poll: str,
    kind: str,
    details: dict[str, Any],
) -> None:
    plan(klass, kind, **details)
    click(klass, klass.students[0], poll, 0)
    klass.slack.outside.settle()
    assert votes(klass) == 0
    assert click(klass, klass.students[0], poll, 0).ok
    assert votes(klass) == 1


def test_a_click_that_comes_after_the_close_is_refused_kindly(klass: Class, poll: str) -> None:
    hall = klass.hall
    with hall.database.write() as session:
        opened = seats.opened(session, hall.teacher, hall.public_id, "poll")
        poll_closing.close(session, hall.teacher, opened, klass.newest().id, now=datetime.now(UTC))
    click(klass, klass.students[0], poll, 0)
    klass.slack.outside.settle()
    assert votes(klass) == 0
    until(lambda: [one for one in whispers(klass, klass.students[0]) if one.startswith("This poll is closed")])
