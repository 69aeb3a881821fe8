"""Socket Mode: Bolt's own client against the small Slack, and the rules of a connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.sandbox.slack.bolt_app import Stand, eventually, stand


@pytest.fixture
def slack() -> Iterator[Stand]:
    with stand(socket_mode_enabled=True) as found:
        yield found


@contextmanager
def opened(slack):
    """A bare connection; gives it with its first message."""
    with connect(slack.running.outside.sockets.open_url(slack.running.app.id), close_timeout=1) as connection:
        yield connection, json.loads(connection.recv(timeout=5))


def connections(slack):
    return slack.running.outside.sockets.connections(slack.running.app.id)


@contextmanager
def bolt_over_a_socket(slack, app):
    with slack.running.slack.lock:
        token = slack.running.slack.issue("app", slack.running.app.id, scopes=("connections:write",)).value
    handler = SocketModeHandler(app, token, web_client=app.client, ping_interval=1)
    handler.connect()
    try:
        eventually(lambda: connections(slack) == 1)
        yield handler
    finally:
        handler.close()


def test_bolt_connects_hears_events_answers_and_comes_back_when_it_is_told_to(slack: Stand):
    heard = []
    app = slack.make_app()
    app.event("app_mention")(lambda event: heard.append(event["text"]))
    app.event("message")(lambda: None)  # what nobody listens to is not acknowledged, and comes again
    app.command("/ballot")(lambda ack, command: ack(f"You wrote {command['text']}"))

    @app.view("answer")
    def answer(ack):
        ack(response_action="errors", errors={"why": "Say more."})

    @app.shortcut("ask")
    def ask(ack, body, client):
        text = {"type": "plain_text", "text": "Why?"}
        block = {
            "type": "input",
            "block_id": "why",
            "label": text,
            "element": {"type": "plain_text_input", "action_id": "t"},
        }
        view = {"type": "modal", "callback_id": "answer", "title": text, "submit": text, "blocks": [block]}
        client.views_open(trigger_id=body["trigger_id"], view=view)
        ack()

    with bolt_over_a_socket(slack, app):
        slack.acting.say(slack.learner, slack.course, "@ballot hello")
        slack.settle()
        eventually(lambda: heard)
        assert slack.acting.command(slack.learner, slack.course, "/ballot", "this").ok
        assert "You wrote this" in [message.text for message in slack.history(slack.learner)]
        assert slack.acting.global_shortcut(slack.learner, slack.running.app.id, "ask").ok
        place = slack.modal_place(slack.learner)
        slack.acting.use(slack.learner, place, "why", "t", "So")
        assert slack.acting.submit(slack.learner, place.view_id).errors == {"why": "Say more."}
        assert slack.site.seen == [], "nothing goes over HTTP"
        slack.be_patient(0.5)
        assert slack.running.outside.sockets.disconnect(slack.running.app.id) == 1
        eventually(lambda: slack.acting.command(slack.learner, slack.course, "/ballot", "again").ok)


def test_without_a_connection_nobody_is_there(slack: Stand):
    assert slack.acting.command(slack.learner, slack.course, "/ballot", "").problem == "dispatch_failed"


def test_the_first_message_says_whose_connection_it_is(slack: Stand):
    with opened(slack) as (_, hello):
        assert hello["type"] == "hello"
        assert hello["num_connections"] == 1
        assert hello["connection_info"] == {"app_id": slack.running.app.id}
        assert hello["debug_info"]["approximate_connection_time"] > 3600


def test_a_ticket_opens_one_connection_and_is_fresh_for_half_a_minute(slack: Stand):
    sockets = slack.running.outside.sockets
    url = sockets.open_url(slack.running.app.id)
    with connect(url) as connection:
        assert json.loads(connection.recv(timeout=5))["type"] == "hello"
        with connect(url, close_timeout=1) as second:
            assert json.loads(second.recv(timeout=5))["reason"] == "link_disabled"
            with pytest.raises(ConnectionClosed):
                second.recv(timeout=5)
    url = sockets.open_url(slack.running.app.id)
    slack.advance(31)
    with connect(url) as late:
        assert json.loads(late.recv(timeout=5))["reason"] == "link_disabled"


def test_ten_connections_and_no_eleventh(slack: Stand):
    with ExitStack() as stack:
        ten = [stack.enter_context(opened(slack)) for _ in range(10)]
        assert [hello["num_connections"] for _, hello in ten] == list(range(1, 11))
        with opened(slack) as (_, told):
            assert (told["type"], told["reason"]) == ("disconnect", "too_many_websockets")
    eventually(lambda: connections(slack) == 0)


def test_an_event_that_is_not_acknowledged_comes_again_and_says_so(slack: Stand):
    with opened(slack) as (connection, _):
        slack.be_patient(0.3)
        slack.acting.say(slack.learner, slack.course, "Good morning")
        first = json.loads(connection.recv(timeout=5))
        slack.be_patient(10)
        assert (first["type"], first["accepts_response_payload"]) == ("events_api", False)
        assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
        second = json.loads(connection.recv(timeout=5))
        assert (second["retry_attempt"], second["retry_reason"]) == (1, "http_timeout")
        assert second["payload"]["event_id"] == first["payload"]["event_id"]
        assert second["envelope_id"] != first["envelope_id"]
        connection.send("ping")
        connection.send(json.dumps({"envelope_id": second["envelope_id"]}))
        slack.settle()
        slack.advance(3600)
        assert [line.retry for line in slack.deliveries] == [0, 1]


def test_deliveries_take_turns_among_the_connections(slack: Stand):
    with opened(slack) as (first, _), opened(slack) as (second, _):
        for _ in range(2):
            slack.acting.say(slack.learner, slack.course, "Good morning")
        for connection in (first, second):
            envelope = json.loads(connection.recv(timeout=5))
            connection.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
        slack.settle()
        assert [line.problem for line in slack.deliveries] == ["", ""]


def test_a_connection_is_warned_and_then_ended_when_it_is_old(slack: Stand):
    with opened(slack) as (connection, hello):
        slack.advance(hello["debug_info"]["approximate_connection_time"] - 10)
        assert json.loads(connection.recv(timeout=5))["reason"] == "warning"
        slack.advance(10)
        assert json.loads(connection.recv(timeout=5))["reason"] == "refresh_requested"
        with pytest.raises(ConnectionClosed):
            connection.recv(timeout=5)
        eventually(lambda: connections(slack) == 0)
