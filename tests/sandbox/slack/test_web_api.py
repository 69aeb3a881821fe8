"""The Web API beyond the 36 checks: shapes of answers, refusals by their names, threads, DMs, scheduling, views.

Names of errors and members: the method pages of docs.slack.dev.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from slack_sdk import WebClient

from tests.sandbox.slack.checks import HOME, MODAL, SECTION
from tests.sandbox.slack.workspace import Workspace, error, refusal, workspace


@pytest.fixture(scope="module")
def slack() -> Iterator[Workspace]:
    with workspace() as found:
        yield found


@pytest.fixture(autouse=True)
def a_minute_later(slack: Workspace) -> None:
    """Every test has all calls that the limits allow."""
    slack.running.slack.clock.advance(60)


def history(slack: Workspace, **arguments: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = slack.client.conversations_history(channel=slack.course, **arguments)["messages"]
    return found


# -- how a call is made --


def test_a_token_comes_in_the_header_or_the_body_and_not_in_the_address(slack: Workspace) -> None:
    url, token = f"{slack.running.api_url}auth.test", slack.client.token
    assert requests.get(url, headers={"Authorization": f"Bearer {token}"}).json()["ok"]
    assert requests.post(url, data={"token": token}).json()["ok"]
    assert requests.get(url, params={"token": token}).json() == {"ok": False, "error": "not_authed"}


def test_arguments_come_as_form_json_or_in_the_address(slack: Workspace) -> None:
    headers = {"Authorization": f"Bearer {slack.client.token}"}
    url = f"{slack.running.api_url}conversations.info"
    assert requests.get(url, params={"channel": slack.course}, headers=headers).json()["ok"]
    assert requests.post(url, data={"channel": slack.course}, headers=headers).json()["ok"]
    posting = f"{slack.running.api_url}chat.postMessage"
    assert requests.post(posting, json={"channel": slack.course, "text": "a"}, headers=headers).json()["ok"]


def test_a_method_that_reads_no_json_sees_nothing_of_it(slack: Workspace) -> None:
    headers = {"Authorization": f"Bearer {slack.client.token}"}
    answer = requests.post(f"{slack.running.api_url}users.info", json={"user": slack.student}, headers=headers)
    assert answer.json()["error"] == "user_not_found"


@pytest.mark.parametrize(
    ("body", "kind", "word"),
    [
        ("{", "application/json", "invalid_json"),
        ("[]", "application/json", "json_not_object"),
        ("a", "text/plain", "invalid_post_type"),
    ],
)
def test_a_body_that_is_not_what_it_says(slack: Workspace, body: str, kind: str, word: str) -> None:
    answer = requests.post(f"{slack.running.api_url}api.test", data=body, headers={"Content-Type": kind})
    assert answer.json()["error"] == word


def test_json_without_a_charset_is_warned_about(slack: Workspace) -> None:
    answer = requests.post(f"{slack.running.api_url}api.test", json={"a": 1}).json()
    assert answer == {
        "ok": True,
        "args": {"a": 1},
        "warning": "missing_charset",
        "response_metadata": {"warnings": ["missing_charset"]},
    }


def test_api_test_fails_as_asked(slack: Workspace) -> None:
    assert refusal(slack.client, "api.test", error="my_error")["error"] == "my_error"


def test_a_missing_argument_is_named(slack: Workspace) -> None:
    answer = refusal(slack.client, "chat.update", channel=slack.course, text="a")
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: ts"]


def test_a_host_that_is_not_this_machine_is_refused(slack: Workspace) -> None:
    """A page elsewhere cannot reach it through a name of its own."""
    answer = requests.get(f"{slack.running.api_url}api.test", headers={"Host": "evil.example"})
    assert answer.status_code == 400


# -- messages --


def test_an_answer_to_post_message(slack: Workspace) -> None:
    answer = slack.post(text="Good morning")
    message = answer["message"]
    bot = slack.client.auth_test()
    assert (answer["channel"], answer["ts"]) == (slack.course, message["ts"])
    assert (message["type"], message["text"], message["user"]) == ("message", "Good morning", bot["user_id"])
    assert message["bot_id"] == message["bot_profile"]["id"] == bot["bot_id"]
    assert message["team"] == bot["team_id"]


def test_blocks_get_ids(slack: Workspace) -> None:
    block = {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Vote"}}]}
    (kept,) = slack.post(blocks=[block])["message"]["blocks"]
    assert kept["block_id"]
    assert kept["elements"][0]["action_id"]
    assert kept["elements"][0]["text"]["emoji"] is True


def test_timestamps_grow(slack: Workspace) -> None:
    stamps = [slack.client.chat_postMessage(channel=slack.course, text="a")["ts"] for _ in range(3)]
    assert stamps == sorted(set(stamps), key=float)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"text": "  "}, "no_text"),
        ({"text": "a", "blocks": "no json"}, "invalid_blocks_format"),
        ({"text": "a", "blocks": "{}"}, "invalid_blocks_format"),
        ({"text": "a", "attachments": [{}] * 101}, "too_many_attachments"),
        ({"text": "a", "attachments": "no json"}, "invalid_attachments"),
        ({"text": "a", "attachments": [{"blocks": [{"type": "x"}]}]}, "invalid_attachments"),
        ({"text": "a", "metadata": "no json"}, "invalid_metadata_format"),
        ({"text": "a", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        (
            {"text": "a", "metadata": {"event_type": "a", "event_payload": {"a": "x" * 9000}}},
            "metadata_too_large",
        ),
        ({"text": "a", "markdown_text": "b"}, "markdown_text_conflict"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"text": "a", "thread_ts": "1.000001"}, "cannot_reply_to_message"),
    ],
)
def test_a_message_that_cannot_be(slack: Workspace, arguments: dict[str, Any], word: str) -> None:
    assert refusal(slack.client, "chat.postMessage", channel=slack.course, **arguments)["error"] == word


def test_a_long_text_is_cut_with_a_warning(slack: Workspace) -> None:
    answer = slack.post(text="x" * 40_001)
    assert len(answer["message"]["text"]) == 40_000
    assert answer["warning"] == "message_truncated"
    assert answer["response_metadata"]["messages"][0].startswith("[WARN] Your message was truncated")


def test_all_blocks_of_a_message_together_are_limited(slack: Workspace) -> None:
    """Undocumented, and met in practice: bolt-js#2509, bolt-js#2867."""
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2750}}
    assert slack.post(blocks=[long] * 4)["ok"]
    many = refusal(slack.client, "chat.postMessage", channel=slack.course, blocks=[*[long] * 4, SECTION])
    assert many["error"] == "msg_blocks_too_long"
    assert slack.post(blocks=[{"type": "markdown", "text": "x" * 12_000}])["ok"]


def test_markdown_text_becomes_a_block(slack: Workspace) -> None:
    answer = slack.client.api_call("chat.postMessage", json={"channel": slack.course, "markdown_text": "**a**"})
    assert answer["message"]["blocks"][0]["type"] == "markdown"


def test_an_archived_channel_takes_nothing(slack: Workspace) -> None:
    running = slack.running
    with running.slack.lock:
        closed = running.slack.add_channel(running.seeded.team.id, "closed", creator=slack.teacher, is_archived=True)
    assert error(slack.client, "chat.postMessage", channel=closed.id, text="a") == "is_archived"
    assert error(slack.client, "conversations.join", channel=closed.id) == "is_archived"
    channels = slack.client.conversations_list(exclude_archived=True)["channels"]
    assert closed.id not in [channel["id"] for channel in channels]


def test_a_private_channel_does_not_exist_for_strangers(slack: Workspace) -> None:
    assert error(slack.client, "chat.postMessage", channel=slack.staff, text="a") == "channel_not_found"
    assert error(slack.client, "conversations.info", channel=slack.staff) == "channel_not_found"


def test_an_update_keeps_blocks_that_it_does_not_name(slack: Workspace) -> None:
    ts = slack.post(blocks=[SECTION])["ts"]
    updated = slack.client.chat_update(channel=slack.course, ts=ts, text="New words")["message"]
    assert updated["blocks"]
    assert updated["edited"]["user"] == updated["user"]
    emptied = slack.client.chat_update(channel=slack.course, ts=ts, text="New words", blocks=[])["message"]
    assert "blocks" not in emptied


def test_an_update_is_not_longer_than_4000(slack: Workspace) -> None:
    ts = slack.post()["ts"]
    assert slack.client.chat_update(channel=slack.course, ts=ts, text="x" * 4000)["ok"]
    assert error(slack.client, "chat.update", channel=slack.course, ts=ts, text="x" * 4001) == "msg_too_long"
    assert error(slack.client, "chat.update", channel=slack.course, ts=ts) == "no_text"


def test_an_app_changes_its_own_messages_only(slack: Workspace) -> None:
    from sandbox.slack import posting
    from sandbox.slack.state import Message

    state = slack.running.slack
    with state.lock:
        posted = Message(state.new_ts(), slack.course, slack.running.seeded.team.id, slack.student, text="Mine")
        posting.post(state, posted)
    assert error(slack.client, "chat.update", channel=slack.course, ts=posted.ts, text="a") == "cant_update_message"
    assert error(slack.client, "chat.delete", channel=slack.course, ts=posted.ts) == "cant_delete_message"


def test_an_ephemeral_message_cannot_be_reached_again(slack: Workspace) -> None:
    ts = slack.client.chat_postEphemeral(channel=slack.course, user=slack.student, text="a")["message_ts"]
    assert error(slack.client, "chat.update", channel=slack.course, ts=ts, text="b") == "message_not_found"
    assert error(slack.client, "reactions.add", channel=slack.course, timestamp=ts, name="eyes") == "message_not_found"


def test_an_ephemeral_message_needs_both_in_the_channel(slack: Workspace) -> None:
    arguments = {"channel": slack.general, "user": slack.student, "text": "a"}
    assert error(slack.client, "chat.postEphemeral", **arguments) == "not_in_channel"
    running = slack.running
    with running.slack.lock:
        outsider = running.slack.add_user(running.seeded.team.id, "outsider", "Outsider")
    arguments = {"channel": slack.course, "user": outsider.id, "text": "a"}
    assert error(slack.client, "chat.postEphemeral", **arguments) == "user_not_in_channel"


def test_answers_in_a_thread(slack: Workspace) -> None:
    ts = slack.post(text="Question")["ts"]
    answer = slack.post(text="Answer", thread_ts=ts)
    shown = slack.post(text="For all", thread_ts=ts, reply_broadcast=True)
    assert answer["message"]["thread_ts"] == ts
    texts = [(message["text"], message.get("subtype")) for message in history(slack, limit=2)]
    assert texts == [("For all", "thread_broadcast"), ("Question", None)]
    assert error(slack.client, "chat.postMessage", channel=slack.course, text="a", thread_ts=answer["ts"])
    first = slack.client.conversations_replies(channel=slack.course, ts=ts)["messages"][0]
    assert (first["reply_count"], first["latest_reply"]) == (2, shown["ts"])
    assert "thread_ts=" in slack.client.chat_getPermalink(channel=slack.course, message_ts=answer["ts"])["permalink"]


def test_history_between_two_moments(slack: Workspace) -> None:
    first, second, third = (slack.post(text=str(number))["ts"] for number in range(3))
    assert [message["ts"] for message in history(slack, oldest=first, latest=third)] == [second]
    inclusive = history(slack, oldest=first, latest=third, inclusive=True)
    assert [message["ts"] for message in inclusive] == [third, second, first]
    assert error(slack.client, "conversations.history", channel=slack.course, oldest="then") == "invalid_ts_oldest"
    assert error(slack.client, "conversations.history", channel=slack.general) == "not_in_channel"
    assert error(slack.client, "conversations.replies", channel=slack.course, ts="1.000001") == "thread_not_found"


def test_metadata_is_told_on_request_only(slack: Workspace) -> None:
    ts = slack.post(metadata={"event_type": "a", "event_payload": {}})["ts"]
    assert "metadata" not in history(slack, oldest=ts, inclusive=True)[0]


# -- scheduled messages --


def test_a_scheduled_message_comes_at_its_time(slack: Workspace) -> None:
    clock = slack.running.slack.clock
    at = int(clock.now()) + 600
    planned = slack.client.chat_scheduleMessage(channel=slack.course, post_at=at, text="Ten minutes on")
    assert (planned["post_at"], planned["message"]["type"]) == (at, "delayed_message")
    clock.advance(590)
    assert "Ten minutes on" not in [message["text"] for message in history(slack)]
    clock.advance(3600)
    (message,) = [message for message in history(slack) if message["text"] == "Ten minutes on"]
    assert int(float(message["ts"])) == at
    listed = slack.client.chat_scheduledMessages_list(channel=slack.course)["scheduled_messages"]
    assert planned["scheduled_message_id"] not in [one["id"] for one in listed]


def test_a_scheduled_message_with_metadata_never_comes(slack: Workspace) -> None:
    """Documented on the method's page as a bug."""
    clock = slack.running.slack.clock
    slack.client.chat_scheduleMessage(
        channel=slack.course,
        post_at=int(clock.now()) + 60,
        text="Never",
        metadata={"event_type": "a", "event_payload": {}},
    )
    clock.advance(3600)
    assert "Never" not in [message["text"] for message in history(slack)]


def test_a_scheduled_message_can_be_taken_back(slack: Workspace) -> None:
    clock = slack.running.slack.clock
    at = int(clock.now()) + 60
    planned = slack.client.chat_scheduleMessage(channel=slack.course, post_at=at, text="Taken back")
    named = {"channel": slack.course, "scheduled_message_id": planned["scheduled_message_id"]}
    slack.client.chat_deleteScheduledMessage(**named)
    assert error(slack.client, "chat.deleteScheduledMessage", **named) == "invalid_scheduled_message_id"
    clock.advance(3600)
    assert "Taken back" not in [message["text"] for message in history(slack)]


def test_when_a_message_cannot_be_scheduled(slack: Workspace) -> None:
    now = int(slack.running.slack.clock.now())
    far = now + 121 * 24 * 3600
    for at, word in ((far, "time_too_far"), ("soon", "invalid_time"), (now - 1, "time_in_past")):
        assert error(slack.client, "chat.scheduleMessage", channel=slack.course, text="a", post_at=at) == word
    at = (now // 300 + 2) * 300
    for _ in range(30):
        slack.client.chat_scheduleMessage(channel=slack.course, post_at=at, text="a")
    full = error(slack.client, "chat.scheduleMessage", channel=slack.course, text="a", post_at=at)
    assert full == "restricted_too_many"


# -- channels and people --


def test_joining(slack: Workspace) -> None:
    assert slack.client.conversations_join(channel=slack.course)["warning"] == "already_in_channel"
    bot = slack.client.auth_test()["user_id"]
    assert bot in slack.client.conversations_members(channel=slack.course)["members"]


def test_a_direct_message_is_one_and_the_same(slack: Workspace) -> None:
    first = slack.client.conversations_open(users=slack.student)
    again = slack.client.conversations_open(users=slack.student, return_im=True)
    assert first["channel"] == {"id": again["channel"]["id"]}
    assert (again["already_open"], again["channel"]["is_im"], again["channel"]["user"]) == (True, True, slack.student)
    assert slack.post(channel=slack.student)["channel"] == again["channel"]["id"]
    found = slack.client.conversations_info(channel=again["channel"]["id"])["channel"]
    assert found["is_im"]


@pytest.mark.parametrize(
    ("users", "word"), [("", "users_list_not_supplied"), ("U0", "user_not_found"), ("me", "invalid_user_combination")]
)
def test_no_direct_message(slack: Workspace, users: str, word: str) -> None:
    named = slack.client.auth_test()["user_id"] if users == "me" else users
    assert error(slack.client, "conversations.open", users=named) == word


def test_a_person(slack: Workspace) -> None:
    person = slack.client.users_info(user=slack.teacher, include_locale=True)["user"]
    assert (person["real_name"], person["tz"], person["locale"]) == ("Teacher", "Europe/London", "en-US")
    assert "email" not in person["profile"]


def test_pages(slack: Workspace) -> None:
    found: list[str] = []
    for page in slack.client.conversations_members(channel=slack.course, limit=2):
        assert len(page["members"]) <= 2
        found += page["members"]
    assert len(found) == len(set(found)) == 6  # four students, the teacher, the bot
    assert error(slack.client, "users.list", cursor="nonsense") == "invalid_cursor"
    assert error(slack.client, "conversations.list", limit=1001) == "invalid_limit"
    assert error(slack.client, "conversations.list", types="secret") == "invalid_types"


def test_where_somebody_is(slack: Workspace) -> None:
    mine = slack.client.users_conversations()["channels"]
    assert [channel["id"] for channel in mine] == [slack.course]
    theirs = slack.client.users_conversations(user=slack.student)["channels"]
    assert {channel["id"] for channel in theirs} == {slack.course, slack.general}


def test_reactions(slack: Workspace) -> None:
    ts = slack.post()["ts"]
    named = {"channel": slack.course, "timestamp": ts}
    slack.client.reactions_add(name="eyes", **named)
    message = slack.client.reactions_get(**named)["message"]
    assert message["reactions"] == [{"name": "eyes", "users": [message["user"]], "count": 1}]
    slack.client.reactions_remove(name="eyes", **named)
    assert error(slack.client, "reactions.remove", name="eyes", **named) == "no_reaction"
    assert error(slack.client, "reactions.add", name="Two eyes", **named) == "invalid_name"
    assert error(slack.client, "reactions.add", name="eyes") == "no_item_specified"
    bad = {"channel": slack.course, "timestamp": "then"}
    assert error(slack.client, "reactions.add", name="eyes", **bad) == "bad_timestamp"


# -- views --


def trigger(slack: Workspace, user: str = "", view: str = "") -> str:
    running = slack.running
    found: str = running.slack.triggers.issue(running.seeded.team.id, running.app.id, user or slack.student, view)
    return found


def test_a_modal_is_opened_once_for_a_trigger(slack: Workspace) -> None:
    given = trigger(slack)
    view = slack.client.views_open(trigger_id=given, view=MODAL)["view"]
    assert view["root_view_id"] == view["id"]
    assert view["state"] == {"values": {}}
    assert refusal(slack.client, "views.open", trigger_id=given, view=MODAL)["error"] == "exchanged_trigger_id"
    old = trigger(slack)
    slack.running.slack.clock.advance(3.5)
    assert refusal(slack.client, "views.open", trigger_id=old, view=MODAL)["error"] == "expired_trigger_id"


def test_a_stack_has_three_modals(slack: Workspace) -> None:
    first = slack.client.views_open(trigger_id=trigger(slack), view=MODAL)["view"]
    second = slack.client.views_push(trigger_id=trigger(slack, view=first["id"]), view=MODAL)["view"]
    assert (second["root_view_id"], second["previous_view_id"]) == (first["id"], first["id"])
    third = slack.client.views_push(trigger_id=trigger(slack, view=second["id"]), view=MODAL)["view"]
    assert (third["root_view_id"], third["previous_view_id"]) == (first["id"], second["id"])
    full = refusal(slack.client, "views.push", trigger_id=trigger(slack, view=third["id"]), view=MODAL)
    assert full["error"] == "push_limit_reached"


def test_there_is_nothing_to_push_upon(slack: Workspace) -> None:
    nobody = slack.running.seeded.students[3].id
    assert refusal(slack.client, "views.push", trigger_id=trigger(slack, nobody), view=MODAL)["error"] == "not_found"


def test_a_view_is_updated_by_id_external_id_and_hash(slack: Workspace) -> None:
    view = slack.client.views_open(trigger_id=trigger(slack), view={**MODAL, "external_id": "poll-17"})["view"]
    newer = slack.client.views_update(view_id=view["id"], hash=view["hash"], view={**MODAL, "external_id": "poll-17"})
    assert newer["view"]["hash"] != view["hash"]
    stale = refusal(slack.client, "views.update", view_id=view["id"], hash=view["hash"], view=MODAL)
    assert stale["error"] == "hash_conflict"
    assert slack.client.views_update(external_id="poll-17", view=MODAL)["view"]["id"] == view["id"]
    assert refusal(slack.client, "views.update", external_id="poll-17", view=MODAL)["error"] == "not_found"
    assert refusal(slack.client, "views.update", view=MODAL)["error"] == "invalid_arguments"


def test_an_external_id_names_one_view(slack: Workspace) -> None:
    named = {**HOME, "external_id": "only-one"}
    slack.client.views_publish(user_id=slack.student, view=named)
    assert refusal(slack.client, "views.publish", user_id=slack.teacher, view=named)["error"] == "duplicate_external_id"
    slack.client.views_publish(user_id=slack.student, view=named)


def test_a_view_that_breaks_a_rule(slack: Workspace) -> None:
    long = {**HOME, "blocks": [{**SECTION, "text": {"type": "mrkdwn", "text": "x" * 3001}}]}
    answer = refusal(slack.client, "views.publish", user_id=slack.student, view=long)
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/view/blocks/0/text/text]"
    ]
    modal = refusal(slack.client, "views.publish", user_id=slack.student, view=MODAL)
    assert modal["error"] == "invalid_arguments"
    nobody = refusal(slack.client, "views.publish", user_id="U0", view=HOME)
    assert nobody["error"] == "invalid_arguments"


def test_a_view_of_more_than_250_kb(slack: Workspace) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2990}}] * 85
    large = refusal(slack.client, "views.publish", user_id=slack.student, view={"type": "home", "blocks": blocks})
    assert large["error"] == "view_too_large"


def test_initial_values_are_the_state(slack: Workspace) -> None:
    element = {"type": "plain_text_input", "action_id": "text", "initial_value": "Hello"}
    block = {
        "type": "input",
        "block_id": "answer",
        "label": {"type": "plain_text", "text": "Answer"},
        "element": element,
    }
    view = {**MODAL, "blocks": [block], "submit": {"type": "plain_text", "text": "Send"}}
    opened = slack.client.views_open(trigger_id=trigger(slack), view=view)["view"]
    assert opened["state"]["values"] == {"answer": {"text": {"type": "plain_text_input", "value": "Hello"}}}


def test_a_home_tab_that_the_app_does_not_have(slack: Workspace) -> None:
    slack.running.app.home_tab = False
    try:
        refused = refusal(slack.client, "views.publish", user_id=slack.student, view=HOME)
    finally:
        slack.running.app.home_tab = True
    assert refused["error"] == "not_enabled"


# -- planned failures --


def test_planned_failures_of_a_method(slack: Workspace) -> None:
    faults = slack.running.slack.faults
    faults.plan("chat.postMessage", "ratelimited", 1, {"retry_after": 7})
    faults.plan("chat.postMessage", "error", 1, {"error": "internal_error"})
    faults.plan("chat.postMessage", "answer_after", 1, {"status": 500, "body": ""})
    url = f"{slack.running.api_url}chat.postMessage"
    headers = {"Authorization": f"Bearer {slack.client.token}"}
    body = {"channel": slack.course, "text": "Only once"}
    first, second, third = (requests.post(url, data=body, headers=headers) for _ in range(3))
    assert (first.status_code, first.headers["Retry-After"]) == (429, "7")
    assert second.json()["error"] == "internal_error"
    assert third.status_code == 500
    assert [message["text"] for message in history(slack)].count("Only once") == 1


def test_the_async_client_reads_with_get(slack: Workspace) -> None:
    """slack_sdk's AsyncWebClient asks some methods by GET, with JSON-like query values."""
    url = f"{slack.running.api_url}conversations.list"
    headers = {"Authorization": f"Bearer {slack.client.token}"}
    answer = requests.get(url, params={"exclude_archived": "1", "limit": "1"}, headers=headers).json()
    assert len(answer["channels"]) == 1


def test_a_stranger_is_told_why(slack: Workspace) -> None:
    assert error(WebClient(base_url=slack.running.api_url), "auth.test") == "not_authed"
    assert error(slack.with_token("xoxb-1"), "auth.test") == "invalid_auth"
