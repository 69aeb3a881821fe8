"""What Slack refuses, by the names on its method pages: the cases that the other tests do not come across."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from slack_sdk import WebClient

from sandbox.slack import posting
from tests.sandbox.slack.checks import HOME, SECTION
from tests.sandbox.slack.workspace import OPTIONAL, SCOPES, Workspace, error, refusal, workspace


@pytest.fixture(scope="module")
def slack() -> Iterator[Workspace]:
    with workspace((*SCOPES, *OPTIONAL, "mpim:write", "chat:write.customize")) as found:
        yield found


@pytest.fixture(autouse=True)
def a_minute_later(slack: Workspace) -> None:
    slack.running.slack.clock.advance(60)


@pytest.mark.parametrize(
    ("method", "arguments", "word"),
    [
        ("chat.postMessage", {"channel": "C", "text": ["a"]}, "invalid_arguments"),
        ("conversations.open", {"users": "U", "return_im": "perhaps"}, "invalid_arguments"),
        ("chat.postMessage", {"channel": "C", "text": "a", "attachments": ["a"]}, "invalid_attachments"),
        ("chat.update", {"channel": "C", "ts": "TS", "text": "a", "markdown_text": "b"}, "markdown_text_conflict"),
        ("chat.getPermalink", {"channel": "C", "message_ts": "1.000001"}, "message_not_found"),
        ("conversations.open", {"users": "TOO_MANY"}, "too_many_users"),
        ("conversations.open", {"channel": "C"}, "method_not_supported_for_channel_type"),
        ("conversations.open", {"users": "U", "prevent_creation": True}, "channel_not_found"),
        ("conversations.join", {"channel": "DM"}, "method_not_supported_for_channel_type"),
        ("files.completeUploadExternal", {"files": []}, "invalid_arguments"),
        ("team.info", {"team": "T0"}, "team_not_found"),
        ("bots.info", {"bot": "B0"}, "bot_not_found"),
        ("views.publish", {"user_id": "U"}, "invalid_arguments"),
        ("views.publish", {"user_id": "U", "view": "no json"}, "invalid_arguments"),
        ("views.publish", {"user_id": "NEW", "view": HOME, "hash": "1.a"}, "hash_conflict"),
        ("views.update", {"view_id": "V0", "view": HOME}, "not_found"),
        ("blocks.validate", {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": 7}}]}, "invalid_blocks"),
        ("blocks.validate", {"blocks": [7]}, "invalid_blocks"),
        ("blocks.validate", {"message": "no json"}, "invalid_message"),
        ("blocks.validate", {"view": "no json"}, "invalid_view"),
    ],
)
def test_refused(slack: Workspace, method: str, arguments: dict[str, Any], word: str) -> None:
    people = [user.id for user in slack.running.slack.members_of(slack.running.seeded.team.id)]
    extra = [slack.running.slack.add_user(slack.running.seeded.team.id, "more", "More").id for _ in range(4)]
    stand_ins = {
        "C": slack.course,
        "DM": slack.client.conversations_open(users=slack.teacher)["channel"]["id"],
        "TS": slack.post()["ts"],
        "U": slack.running.seeded.students[1].id,
        "NEW": extra[0],
        "TOO_MANY": ",".join([*people, *extra]),
    }
    given = {
        name: stand_ins.get(value, value) if isinstance(value, str) else value for name, value in arguments.items()
    }
    if method in ("chat.getPermalink", "team.info", "bots.info"):
        assert error(slack.client, method, **given) == word
    else:
        assert refusal(slack.client, method, **given)["error"] == word


def test_wrong_kinds_of_values_in_blocks(slack: Workspace) -> None:
    """Each is told at its place, and nothing falls over."""
    number = {
        "type": "data_table",
        "caption": "a",
        "page_size": "5",
        "rows": [[{"type": "raw_number", "value": "1"}]] * 2,
    }
    chart = {"type": "data_visualization", "title": "a", "chart": {"type": "bar", "series": 1, "axis_config": 2}}
    file = {"type": "image", "alt_text": "a", "slack_file": {}}
    listed = {"type": "actions", "elements": 3}
    answer = refusal(slack.client, "blocks.validate", blocks=[number, chart, file, listed, "text"])
    assert [problem["pointer"] for problem in answer["errors"]] == [
        "/0/page_size",
        "/0/rows/0/0/value",
        "/0/rows/1/0/value",
        "/1/chart/series",
        "/1/chart/axis_config",
        "/2/slack_file",
        "/3/elements",
        "/4",
    ]


def test_a_closed_channel(slack: Workspace) -> None:
    """What was written stays readable; nothing is added."""
    state = slack.running.slack
    with state.lock:
        closed = state.add_channel(slack.running.seeded.team.id, "term", creator=slack.teacher)
    slack.client.conversations_join(channel=closed.id)
    ts = slack.post(channel=closed.id)["ts"]
    with state.lock:
        posting.archive(state, closed, slack.teacher)
    named = {"channel": closed.id, "text": "a", "user": slack.student}
    assert error(slack.client, "chat.postEphemeral", **named) == "is_archived"
    assert error(slack.client, "reactions.add", channel=closed.id, timestamp=ts, name="eyes") == "is_archived"
    assert len(slack.client.conversations_history(channel=closed.id)["messages"]) == 1


def test_too_many_reactions(slack: Workspace) -> None:
    named = {"channel": slack.course, "timestamp": slack.post()["ts"]}
    for number in range(23):
        slack.client.reactions_add(name=f"sign{number}", **named)
    assert error(slack.client, "reactions.add", name="sign23", **named) == "too_many_reactions"


def test_somebody_who_has_left(slack: Workspace) -> None:
    state = slack.running.slack
    with state.lock:
        gone = state.add_user(slack.running.seeded.team.id, "gone", "Gone", deleted=True)
    assert error(slack.client, "conversations.open", users=gone.id) == "user_disabled"
    person = slack.client.users_info(user=gone.id)["user"]
    assert person["deleted"] is True
    assert "tz" not in person


def test_no_messages_tab_no_direct_messages(slack: Workspace) -> None:
    slack.running.app.messages_tab = False
    try:
        assert error(slack.client, "chat.postMessage", channel=slack.student, text="a") == "messages_tab_disabled"
    finally:
        slack.running.app.messages_tab = True


def test_an_app_uninstalls_itself_only(slack: Workspace) -> None:
    state = slack.running.slack
    from sandbox.slack import manifest as manifests
    from tests.sandbox.slack.workspace import manifest

    with state.lock:
        other = manifests.read(manifest())
        state.apps[other.id] = other
    named = {"client_id": other.client_id, "client_secret": other.client_secret}
    assert error(slack.client, "apps.uninstall", **named) == "client_id_token_mismatch"


def test_a_bot_is_described(slack: Workspace) -> None:
    me = slack.client.auth_test()
    bot = slack.client.bots_info(bot=me["bot_id"])["bot"]
    assert (bot["user_id"], bot["app_id"]) == (me["user_id"], slack.running.app.id)


def test_a_name_and_a_picture_of_ones_own(slack: Workspace) -> None:
    """They need chat:write.customize."""
    message = slack.post(username="Quizmaster", icon_emoji=":owl:")["message"]
    assert (message["username"], message["icons"]) == ("Quizmaster", {"emoji": ":owl:"})
    with workspace() as plain:
        assert "username" not in plain.post(username="Quizmaster")["message"]


def test_attachments_metadata_and_markdown_are_changed(slack: Workspace) -> None:
    posted = slack.post(attachments=[{"text": "First"}])
    assert posted["message"]["attachments"] == [{"id": 1, "text": "First"}]
    named = {"channel": slack.course, "ts": posted["ts"]}
    metadata = {"event_type": "a", "event_payload": {}}
    changed = slack.client.chat_update(**named, text="a", attachments=[{"text": "Second"}], metadata=metadata)
    assert changed["message"]["attachments"] == [{"id": 1, "text": "Second"}]
    assert changed["message"]["metadata"] == metadata
    marked = slack.client.api_call("chat.update", json={**named, "markdown_text": "*a*"})
    assert marked["message"]["blocks"][0]["type"] == "markdown"


def test_a_scheduled_message_tells_what_it_will_be(slack: Workspace) -> None:
    at = int(slack.running.slack.clock.now()) + 60
    planned = slack.client.chat_scheduleMessage(
        channel=slack.course, post_at=at, text="a", blocks=[SECTION], attachments=[{"text": "b"}]
    )
    assert planned["message"]["blocks"][0]["block_id"] == "b1"
    assert planned["message"]["attachments"][0]["text"] == "b"


def test_a_single_answer_is_a_thread_of_one(slack: Workspace) -> None:
    first = slack.post()["ts"]
    answer = slack.post(thread_ts=first)["ts"]
    found = slack.client.conversations_replies(channel=slack.course, ts=answer)["messages"]
    assert [message["ts"] for message in found] == [answer]


def test_a_refresh_token_of_an_app_that_was_taken_out(slack: Workspace) -> None:
    app = slack.running.app
    with slack.running.slack.lock:
        lost = slack.running.slack.issue("refresh", app.id, team_id="T0").value
    named = {"client_id": app.client_id, "client_secret": app.client_secret}
    asked = {**named, "grant_type": "refresh_token", "refresh_token": lost}
    assert error(WebClient(base_url=slack.running.api_url), "oauth.v2.access", **asked) == "invalid_refresh_token"
    assert error(WebClient(base_url=slack.running.api_url), "oauth.v2.exchange", **named) == "invalid_arguments"


def test_a_header_that_is_no_proof(slack: Workspace) -> None:
    url = f"{slack.running.api_url}oauth.v2.access"
    answer = requests.post(url, data={"code": "x"}, headers={"Authorization": "Basic !"})
    assert answer.json()["error"] == "invalid_client_id"
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    warned = requests.post(f"{slack.running.api_url}api.test", data="a=1", headers=form).json()
    assert warned["warning"] == "superfluous_charset"
