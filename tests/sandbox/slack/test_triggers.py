"""Trigger ids: 3 seconds, one view, one app."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError

from sandbox.slack.triggers import TriggerRefused, Triggers
from tests.sandbox.slack.bolt_app import Stand

VIEW = {"type": "modal", "title": {"type": "plain_text", "text": "Hello"}, "blocks": [{"type": "divider"}]}


def refusal(triggers, *where):
    with pytest.raises(TriggerRefused) as refused:
        triggers.take(*where)
    return refused.value.error


def test_a_trigger_opens_one_view_for_who_did_something():
    triggers = Triggers(lambda: 0.0)
    trigger_id = triggers.issue("T1", "A1", "U1", "V1")
    taken = triggers.take("T1", "A1", trigger_id)
    assert (taken.user_id, taken.view_id) == ("U1", "V1")
    assert refusal(triggers, "T1", "A1", trigger_id) == "exchanged_trigger_id"


def test_a_trigger_lives_three_seconds():
    now = 100.0
    triggers = Triggers(lambda: now)
    first, second = (triggers.issue("T1", "A1", "U1") for _ in range(2))
    now = 103.0
    assert triggers.take("T1", "A1", first).user_id == "U1"
    now = 103.1
    assert refusal(triggers, "T1", "A1", second) == "expired_trigger_id"


def test_a_trigger_is_worth_nothing_elsewhere():
    triggers = Triggers(lambda: 0.0)
    trigger_id = triggers.issue("T1", "A1", "U1")
    assert refusal(triggers, "T1", "A2", trigger_id) == "invalid_trigger_id"
    assert refusal(triggers, "T2", "A1", trigger_id) == "invalid_trigger_id"
    assert refusal(triggers, "T1", "A1", "12345.98765.abcd") == "invalid_trigger_id"
    assert triggers.take("T1", "A1", trigger_id).user_id == "U1", "what was refused elsewhere is still good here"


def test_an_app_that_opens_its_view_late_or_twice_learns_why(slack: Stand):
    got = []
    app = slack.make_app()

    @app.command("/ballot")
    def ballot(ack, command):
        got.append(command["trigger_id"])
        ack()

    for _ in range(2):
        assert slack.acting.command(slack.learner, slack.course, "/ballot", "").ok
    slack.client.views_open(trigger_id=got[0], view=VIEW)
    assert slack.modal(slack.learner) is not None
    with pytest.raises(SlackApiError) as twice:
        slack.client.views_open(trigger_id=got[0], view=VIEW)
    assert twice.value.response["error"] == "exchanged_trigger_id"
    slack.advance(3.5)
    with pytest.raises(SlackApiError) as late:
        slack.client.views_open(trigger_id=got[1], view=VIEW)
    assert late.value.response["error"] == "expired_trigger_id"
