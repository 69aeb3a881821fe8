"""How deliveries reach an app: signed, in time, tried again or not."""

from __future__ import annotations

import json
import threading
import time
from urllib.parse import parse_qs

import pytest
from flask import Response
from slack_sdk.signature import SignatureVerifier

from sandbox.slack.delivery import Answer, Parcel, encoded, signature
from tests.sandbox.slack.bolt_app import Stand, eventually

BUTTON = [
    {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "yes", "text": {"type": "plain_text", "text": "Yes"}}],
    }
]


def event_of(seen):
    headers, body = seen
    return headers, json.loads(body)


def say(slack, text="Good morning"):
    assert slack.acting.say(slack.learner, slack.course, text).ok
    slack.settle()


def test_the_signature_is_the_one_that_slack_documents():
    """The example on docs.slack.dev/authentication/verifying-requests-from-slack."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == expected


def test_an_event_arrives_once_signed_and_in_its_envelope(slack: Stand):
    say(slack)
    ((headers, event),) = map(event_of, slack.site.seen)
    verifier = SignatureVerifier(slack.running.app.signing_secret)
    assert verifier.is_valid_request(slack.site.seen[0][1], headers)
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("Slackbot 1.0")
    assert "X-Slack-Retry-Num" not in headers
    assert (event["type"], event["team_id"], event["api_app_id"]) == (
        "event_callback",
        slack.running.seeded.team.id,
        slack.running.app.id,
    )
    assert event["event"]["type"] == "message"
    assert event["event"]["channel_type"] == "channel"
    assert event["authorizations"][0]["is_bot"]
    assert event["event_id"].startswith("Ev")


def test_an_event_that_fails_is_tried_at_once_after_a_minute_and_after_five(slack: Stand):
    slack.site.refuse = lambda: Response(status=500)
    say(slack)
    assert [line.retry for line in slack.deliveries] == [0, 1]
    slack.advance(59)
    assert len(slack.deliveries) == 2
    slack.advance(1)
    assert len(slack.deliveries) == 3
    slack.advance(299)
    assert len(slack.deliveries) == 3
    slack.advance(1)
    slack.advance(3600)
    tries = [event_of(seen) for seen in slack.site.seen]
    assert [headers.get("X-Slack-Retry-Num") for headers, _ in tries] == [None, "1", "2", "3"]
    assert {headers.get("X-Slack-Retry-Reason") for headers, _ in tries} == {None, "http_error"}
    assert len({event["event_id"] for _, event in tries}) == 1


def test_an_hour_in_one_step_brings_all_tries(slack: Stand):
    slack.site.refuse = lambda: Response(status=503)
    say(slack)
    slack.advance(3600)
    assert [line.retry for line in slack.deliveries] == [0, 1, 2, 3]


def test_an_event_that_is_taken_at_the_second_try_is_not_tried_again(slack: Stand):
    answers = iter([Response(status=500)])
    slack.site.refuse = lambda: next(answers, None)
    say(slack)
    slack.advance(3600)
    assert [(line.retry, line.status) for line in slack.deliveries] == [(0, 500), (1, 200)]


def test_an_app_that_asks_to_be_spared_is_spared(slack: Stand):
    slack.site.refuse = lambda: Response(status=500, headers={"X-Slack-No-Retry": "1"})
    say(slack)
    slack.advance(3600)
    assert len(slack.deliveries) == 1


def test_an_app_that_is_too_slow_gets_the_event_again_with_the_reason(slack: Stand):
    slack.be_patient(0.3)
    waits = iter([0.8])

    def slow_once():
        slack.be_patient(10)  # with the second try
        time.sleep(next(waits, 0))

    slack.site.refuse = slow_once
    say(slack)
    assert [(line.retry, line.problem) for line in slack.deliveries] == [(0, "http_timeout"), (1, "")]
    assert slack.site.seen[1][0]["X-Slack-Retry-Reason"] == "http_timeout"


def test_nobody_there_is_a_failed_connection(slack: Stand):
    slack.running.app.events_url = "http://127.0.0.1:9/slack/events"
    say(slack)
    assert {line.problem for line in slack.deliveries} == {"connection_failed"}


def test_a_slash_command_is_a_form_and_a_click_is_json_in_a_form(slack: Stand):
    assert slack.acting.command(slack.learner, slack.course, "/ballot", "now").ok
    place = slack.post(blocks=BUTTON)
    slack.settle()
    slack.site.seen.clear()
    assert slack.acting.command(slack.learner, slack.course, "/ballot", "one two & three").ok
    assert slack.acting.use(slack.learner, place, "", "yes").ok
    (command_headers, command), (click_headers, click) = slack.site.seen
    assert command_headers["Content-Type"] == click_headers["Content-Type"] == "application/x-www-form-urlencoded"
    form = {name: value for name, (value,) in parse_qs(command.decode()).items()}
    assert (form["command"], form["text"], form["user_id"]) == ("/ballot", "one two & three", slack.learner)
    assert form["channel_name"] == "course"
    (payload,) = parse_qs(click.decode())["payload"]
    assert json.loads(payload)["type"] == "block_actions"


@pytest.mark.parametrize(
    ("status", "problem"), [(500, "dispatch_failed"), (404, "dispatch_failed"), (201, "dispatch_failed")]
)
def test_a_person_is_told_that_the_app_did_not_take_it_and_it_is_not_tried_again(slack: Stand, status, problem):
    slack.site.refuse = lambda: Response(status=status)
    outcome = slack.acting.command(slack.learner, slack.course, "/ballot", "")
    slack.advance(3600)
    assert (outcome.ok, outcome.problem) == (False, problem)
    assert "/ballot failed" in outcome.told
    assert len(slack.deliveries) == 1


def test_a_person_waits_for_the_ack_clock_and_no_longer(slack: Stand):
    never = threading.Event()
    place = slack.post(blocks=BUTTON)
    slack.settle()
    slack.site.refuse = lambda: never.wait(1) and None
    slack.be_patient(0.3)
    outcome = slack.acting.use(slack.learner, place, "", "yes")
    assert outcome.problem == "operation_timeout"
    assert "trouble connecting" in outcome.told


def test_bolt_takes_what_is_signed_well_and_refuses_what_is_forged_or_stale(slack: Stand):
    app = slack.make_app()
    heard = []
    app.event("message")(lambda event: heard.append(event["text"]))
    say(slack, "signed well")
    for kind in ("wrong_secret", "stale", "unsigned"):
        slack.running.slack.faults.plan("events", kind)
        say(slack, kind)
    assert [line.status for line in slack.deliveries] == [200, 401, 200, 401, 200, 401, 200]
    eventually(lambda: len(heard) == 4)
    assert sorted(heard) == ["signed well", "stale", "unsigned", "wrong_secret"], "each came well signed with its retry"


def test_every_status_of_two_hundred_takes_an_event():
    assert Answer(status=204).taken
    assert not Answer(status=302).taken
    assert Answer(status=302).trouble == "http_error"


def test_text_beyond_ascii_survives_every_encoding():
    for target in ("events", "interactive", "commands"):
        content_type, body = encoded(Parcel(target, {"text": "žluťoučký 🐎 <&>"}))
        text = body.decode()
        if content_type != "application/json":
            fields = parse_qs(text)
            text = fields["payload"][0] if "payload" in fields else json.dumps({"text": fields["text"][0]})
        assert json.loads(text)["text"] == "žluťoučký 🐎 <&>"
