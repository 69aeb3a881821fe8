"""Planned failures: exactly as many as planned, and what each does to a delivery."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.slack.faults import Faults, altered
from tests.sandbox.slack.bolt_app import Stand


def events(slack):
    return [json.loads(body) for _, body in slack.site.seen]


def say(slack, text="Good morning"):
    slack.acting.say(slack.learner, slack.course, text)


def plan(slack, target, kind, count=1, **details):
    slack.running.slack.faults.plan(target, kind, count, details)


def test_of_n_planned_failures_exactly_n_happen_however_many_ask_at_once():
    faults = Faults()
    faults.plan("interactive", "drop", 7)
    faults.plan("deliveries", "stale", 2)
    with ThreadPoolExecutor(16) as threads:
        taken = [fault for fault in threads.map(lambda _: faults.claim_delivery("interactive"), range(200)) if fault]
    assert [fault.kind for fault in taken].count("drop") == 7
    assert [fault.kind for fault in taken].count("stale") == 2
    assert faults.planned() == []


def test_a_failure_is_for_its_target_only():
    faults = Faults()
    faults.plan("chat.update", "ratelimited", details={"retry_after": 3})
    faults.plan("methods", "error", details={"error": "internal_error"})
    assert faults.claim_delivery("events") is None
    assert faults.claim_method("chat.postMessage").kind == "error"
    assert faults.claim_method("chat.update").kind == "ratelimited"
    assert faults.claim_method("chat.update") is None


@pytest.mark.parametrize(
    ("target", "kind", "count", "details"),
    [
        ("events", "ratelimited", 1, {}),
        ("chat.update", "duplicate", 1, {}),
        ("nothing", "drop", 1, {}),
        ("events", "drop", 0, {}),
        ("events", "drop", 1, {"seconds": 1}),
        ("events", "delay", 1, {"seconds": -1}),
        ("events", "delay", 1, {"seconds": True}),
        ("events", "duplicate", 1, {"copies": 21}),
        ("events", "alter", 1, {"changes": [1]}),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(target, kind, count, details):
    with pytest.raises(ValueError, match=r".+"):
        Faults().plan(target, kind, count, details)


def test_members_are_changed_one_by_one():
    payload = {"team": {"id": "T1", "domain": "d"}, "user": {"id": "U1"}, "token": "t"}
    changed = altered(payload, {"team": {"id": "T2"}, "token": None})
    assert changed == {"team": {"id": "T2", "domain": "d"}, "user": {"id": "U1"}}
    assert payload["token"] == "t"


def test_a_duplicate_has_the_same_event_id_and_arrives_at_the_same_time(slack: Stand):
    together = threading.Barrier(5)
    slack.site.refuse = lambda: together.wait(5) and None
    plan(slack, "events", "duplicate", copies=4)
    say(slack)
    slack.settle()
    assert len(slack.site.seen) == 5
    assert len({event["event_id"] for event in events(slack)}) == 1


def test_a_dropped_event_comes_again_and_a_dropped_click_does_not(slack: Stand):
    plan(slack, "events", "drop")
    say(slack)
    slack.settle()
    assert [(line.retry, line.problem) for line in slack.deliveries] == [(0, "connection_failed"), (1, "")]
    plan(slack, "commands", "drop")
    outcome = slack.acting.command(slack.learner, slack.course, "/ballot", "")
    slack.advance(600)
    assert outcome.problem == "dispatch_failed"
    assert len(slack.site.seen) == 1


def test_when_the_answer_is_lost_an_event_comes_twice_and_a_person_is_told(slack: Stand):
    plan(slack, "events", "lose_answer")
    say(slack)
    slack.settle()
    first, second = events(slack)
    assert first["event_id"] == second["event_id"]
    plan(slack, "commands", "lose_answer")
    assert slack.acting.command(slack.learner, slack.course, "/ballot", "").problem == "operation_timeout"
    assert len(slack.site.seen) == 3, "the app has it all the same"


def test_what_is_late_arrives_when_the_clock_gets_there(slack: Stand):
    plan(slack, "commands", "delay", seconds=40)
    assert slack.acting.command(slack.learner, slack.course, "/ballot", "").problem == "operation_timeout"
    plan(slack, "events", "delay", seconds=20)
    say(slack)
    slack.advance(19)
    assert slack.site.seen == []
    slack.advance(1)
    assert len(slack.site.seen) == 1
    slack.advance(20)
    assert len(slack.site.seen) == 2


def test_a_reordered_event_lets_the_next_one_pass(slack: Stand):
    plan(slack, "events", "reorder", seconds=5)
    say(slack, "first")
    say(slack, "second")
    slack.settle()
    assert [event["event"]["text"] for event in events(slack)] == ["second", "first"]


def test_another_team_can_be_pretended(slack: Stand):
    plan(slack, "events", "alter", changes={"team_id": "T0OTHER"})
    say(slack)
    slack.settle()
    (event,) = events(slack)
    assert event["team_id"] == "T0OTHER"
    assert slack.deliveries[0].fault == "alter"


def test_a_storm_of_rate_limits_ends_after_as_many_calls(slack: Stand):
    plan(slack, "chat.postMessage", "ratelimited", 2, retry_after=7)
    answers = []
    for _ in range(3):
        try:
            slack.client.chat_postMessage(channel=slack.course, text="Hello")
            answers.append(200)
        except Exception as failed:
            answers.append((failed.response.status_code, failed.response.headers["Retry-After"]))
    assert answers == [(429, "7"), (429, "7"), 200]
