"""What any stand-in for Slack can be asked with Slack's own SDK: 36 black-box checks of the Web API.

They run against the small Slack of this project (test_checks.py) and against an independent one
(tests/peers/test_slack_emulate.py). A check returns if the answer is what Slack documents, and raises `Differs` if not.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
SECTION = {"type": "section", "block_id": "b1", "text": {"type": "mrkdwn", "text": "*Ready?*"}}
HOME = {"type": "home", "blocks": [SECTION]}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Title"}, "blocks": [SECTION]}


class Differs(Exception):
    """The answer is not what Slack documents; the text says what came instead."""


@dataclass(frozen=True)
class Target:
    """A stand-in for Slack. The client's bot is in `joined` and not in `outside`, which are public channels.

    `now` is its time in seconds, `wait` lets some pass, and `pace` is called before each message that is posted.
    """

    client: WebClient
    app_token: str
    joined: str
    outside: str
    member: str
    now: Callable[[], float]
    wait: Callable[[float], None]
    pace: Callable[[], None]

    def post(self, **arguments: Any) -> Any:
        self.pace()
        return self.client.chat_postMessage(**{"channel": self.joined, "text": "Good morning", **arguments})

    def upload(self) -> str:
        """A picture that belongs to no channel, in three steps: its id."""
        done = self.client.files_upload_v2(file=PIXEL, filename="pixel.png", title="A pixel")
        return str(done["files"][0]["id"])


def expect(wanted: object, got: object) -> None:
    if wanted != got:
        raise Differs(f"wanted {wanted}, got {got}")


def refused(wanted: str | tuple[str, ...], call: Callable[[], Any]) -> None:
    """The call must fail with one of these words."""
    words = (wanted,) if isinstance(wanted, str) else wanted
    try:
        call()
    except SlackApiError as error:
        got = error.response.get("error") if isinstance(error.response.data, dict) else None
        if got not in words:
            raise Differs(f"wanted {' or '.join(words)}, got {got}") from error
    else:
        raise Differs(f"wanted {' or '.join(words)}, got ok")


def auth_test(target: Target) -> None:
    answer = target.client.auth_test()
    for name in ("url", "team", "user", "team_id", "user_id"):
        if not answer.get(name):
            raise Differs(f"{name} is missing")


def bad_token(target: Target) -> None:
    stranger = WebClient(token="xoxb-never-given", base_url=target.client.base_url)
    refused(("invalid_auth", "not_authed"), stranger.auth_test)


def blocks_round_trip(target: Target) -> None:
    posted = target.post(blocks=[SECTION])
    (block,) = posted["message"]["blocks"]
    expect(("section", "b1", "*Ready?*"), (block["type"], block["block_id"], block["text"]["text"]))


def unknown_channel(target: Target) -> None:
    refused("channel_not_found", lambda: target.post(channel="C0000000000"))


def not_in_channel(target: Target) -> None:
    refused("not_in_channel", lambda: target.post(channel=target.outside))


def no_text(target: Target) -> None:
    target.pace()
    refused("no_text", lambda: target.client.api_call("chat.postMessage", json={"channel": target.joined}))


def too_many_blocks(target: Target) -> None:
    blocks = [{"type": "divider"}] * 51
    refused("invalid_blocks", lambda: target.post(blocks=blocks))


def unknown_block(target: Target) -> None:
    refused("invalid_blocks", lambda: target.post(blocks=[{"type": "fireworks"}]))


def long_section(target: Target) -> None:
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
    refused("invalid_blocks", lambda: target.post(blocks=[block]))


def update_in_place(target: Target) -> None:
    ts = target.post()["ts"]
    updated = target.client.chat_update(channel=target.joined, ts=ts, text="Good evening")
    expect((ts, "Good evening"), (updated["ts"], updated["text"]))
    newest = target.client.conversations_history(channel=target.joined, limit=1)["messages"][0]
    expect((ts, "Good evening"), (newest["ts"], newest["text"]))


def update_unknown(target: Target) -> None:
    refused(
        "message_not_found",
        lambda: target.client.chat_update(channel=target.joined, ts="1.000001", text="Good evening"),
    )


def ephemeral_hidden(target: Target) -> None:
    target.client.chat_postEphemeral(channel=target.joined, user=target.member, text="For your eyes only")
    texts = [message["text"] for message in target.client.conversations_history(channel=target.joined)["messages"]]
    if "For your eyes only" in texts:
        raise Differs("it is in the history")


def metadata_kept(target: Target) -> None:
    metadata = {"event_type": "poll_posted", "event_payload": {"poll": 17}}
    ts = target.post(metadata=metadata)["ts"]
    found = target.client.conversations_history(
        channel=target.joined, latest=ts, oldest=ts, inclusive=True, include_all_metadata=True
    )
    expect(metadata, found["messages"][0].get("metadata"))


def threads(target: Target) -> None:
    ts = target.post(text="A question")["ts"]
    target.post(text="An answer", thread_ts=ts)
    thread = target.client.conversations_replies(channel=target.joined, ts=ts)["messages"]
    expect(["A question", "An answer"], [message["text"] for message in thread])
    expect(1, thread[0].get("reply_count"))


def history_pages(target: Target) -> None:
    for number in range(12):
        target.post(text=f"Message {number}")
    first = target.client.conversations_history(channel=target.joined, limit=5)
    expect(5, len(first["messages"]))
    cursor = first["response_metadata"]["next_cursor"]
    second = target.client.conversations_history(channel=target.joined, limit=5, cursor=cursor)
    expect("Message 6", second["messages"][0]["text"])


def schedule_and_list(target: Target) -> None:
    later = int(target.now()) + 3600
    planned = target.client.chat_scheduleMessage(channel=target.joined, post_at=later, text="Later")
    listed = target.client.chat_scheduledMessages_list(channel=target.joined)["scheduled_messages"]
    if planned["scheduled_message_id"] not in [one["id"] for one in listed]:
        raise Differs("it is not in the list")


def schedule_in_past(target: Target) -> None:
    earlier = int(target.now()) - 60
    refused(
        "time_in_past",
        lambda: target.client.chat_scheduleMessage(channel=target.joined, post_at=earlier, text="Too late"),
    )


def schedule_delivered(target: Target) -> None:
    target.client.chat_scheduleMessage(channel=target.joined, post_at=int(target.now()) + 2, text="Now is the time")
    target.wait(3.5)
    texts = [message["text"] for message in target.client.conversations_history(channel=target.joined)["messages"]]
    if "Now is the time" not in texts:
        raise Differs("it was not posted")


def users(target: Target) -> None:
    person = target.client.users_info(user=target.member)["user"]
    expect(target.member, person["id"])
    if target.member not in [member["id"] for member in target.client.users_list()["members"]]:
        raise Differs("users.list leaves them out")


def unknown_user(target: Target) -> None:
    refused("user_not_found", lambda: target.client.users_info(user="U0000000000"))


def user_pages(target: Target) -> None:
    first = target.client.users_list(limit=1)
    expect(1, len(first["members"]))
    cursor = first["response_metadata"]["next_cursor"]
    second = target.client.users_list(limit=1, cursor=cursor)
    if first["members"][0]["id"] == second["members"][0]["id"]:
        raise Differs("the second page is the first")


def conversations(target: Target) -> None:
    expect(target.joined, target.client.conversations_info(channel=target.joined)["channel"]["id"])
    if not target.client.conversations_members(channel=target.joined)["members"]:
        raise Differs("nobody is in it")
    if target.joined not in [one["id"] for one in target.client.conversations_list()["channels"]]:
        raise Differs("conversations.list leaves it out")


def direct_message(target: Target) -> None:
    channel = target.client.conversations_open(users=target.member)["channel"]["id"]
    expect(channel, target.post(channel=channel, text="Only you and me")["channel"])


def react_twice(target: Target) -> None:
    ts = target.post()["ts"]

    def react() -> Any:
        return target.client.reactions_add(channel=target.joined, timestamp=ts, name="thumbsup")

    react()
    refused("already_reacted", react)


def reactions(target: Target) -> None:
    ts = target.post()["ts"]
    target.client.reactions_add(channel=target.joined, timestamp=ts, name="eyes")
    (given,) = target.client.reactions_get(channel=target.joined, timestamp=ts)["message"]["reactions"]
    expect(("eyes", 1), (given["name"], given["count"]))


def bogus_trigger(target: Target) -> None:
    refused(
        ("invalid_trigger_id", "expired_trigger_id"),
        lambda: target.client.views_open(trigger_id="12345.98765.abcd2358fdea", view=MODAL),
    )


def publish(target: Target) -> None:
    view = target.client.views_publish(user_id=target.member, view=HOME)["view"]
    if not (view.get("id") and view.get("hash")):
        raise Differs("id or hash is missing")


def publish_stale(target: Target) -> None:
    old = target.client.views_publish(user_id=target.member, view=HOME)["view"]["hash"]
    target.wait(0.01)
    target.client.views_publish(user_id=target.member, view=HOME)
    refused("hash_conflict", lambda: target.client.views_publish(user_id=target.member, view=HOME, hash=old))


def upload_to_channel(target: Target) -> None:
    done = target.client.files_upload_v2(file=PIXEL, filename="pixel.png", channel=target.joined, title="A pixel")
    expect("A pixel", done["files"][0]["title"])


def picture_block(target: Target) -> None:
    file_id = target.upload()
    target.wait(2)
    block = {"type": "image", "alt_text": "A pixel", "slack_file": {"id": file_id}}
    expect("image", target.post(blocks=[block])["message"]["blocks"][0]["type"])


def permalink(target: Target) -> None:
    ts = target.post()["ts"]
    link = target.client.chat_getPermalink(channel=target.joined, message_ts=ts)["permalink"]
    if f"/archives/{target.joined}/p{ts.replace('.', '')}" not in link:
        raise Differs(f"got {link}")


def delete(target: Target) -> None:
    ts = target.post()["ts"]
    target.client.chat_delete(channel=target.joined, ts=ts)
    refused("message_not_found", lambda: target.client.chat_delete(channel=target.joined, ts=ts))


def socket_address(target: Target) -> None:
    app = WebClient(token=target.app_token, base_url=target.client.base_url)
    try:
        url = str(app.apps_connections_open(app_token=target.app_token)["url"])
    except SlackApiError as error:
        raise Differs(f"got {_word(error)}") from error
    if not url.startswith(("wss://", "ws://")):
        raise Differs(f"got {url}")


def unknown_method(target: Target) -> None:
    refused("unknown_method", lambda: target.client.api_call("chat.shout"))


def validate(target: Target) -> None:
    try:
        target.client.api_call("blocks.validate", json={"blocks": [SECTION]})
    except SlackApiError as error:
        raise Differs(f"good blocks: got {_word(error)}") from error
    refused("invalid_blocks", lambda: target.client.api_call("blocks.validate", json={"blocks": [{"type": "x"}]}))


def rate_limit(target: Target) -> None:
    ts = target.post()["ts"]
    for number in range(120):
        try:
            target.client.chat_update(channel=target.joined, ts=ts, text=f"Version {number}")
        except SlackApiError as error:
            expect((429, "ratelimited"), (error.response.status_code, error.response["error"]))
            headers = {name.lower(): value for name, value in error.response.headers.items()}
            if not int(headers.get("retry-after", 0)):
                raise Differs("Retry-After is missing") from error
            return
    raise Differs("120 updates accepted")


def _word(error: SlackApiError) -> str:
    return str(error.response.get("error")) if isinstance(error.response.data, dict) else "no JSON"


CHECKS: Mapping[str, Callable[[Target], None]] = {
    "auth.test": auth_test,
    "bad token -> invalid_auth": bad_token,
    "chat.postMessage blocks round-trip": blocks_round_trip,
    "chat.postMessage unknown channel -> channel_not_found": unknown_channel,
    "chat.postMessage not in channel -> not_in_channel": not_in_channel,
    "no text -> no_text": no_text,
    "51 blocks -> invalid_blocks": too_many_blocks,
    "unknown block type -> invalid_blocks": unknown_block,
    "section text 3001 chars -> invalid_blocks": long_section,
    "chat.update in place": update_in_place,
    "chat.update unknown ts -> message_not_found": update_unknown,
    "chat.postEphemeral not in history": ephemeral_hidden,
    "metadata stored and returned (include_all_metadata)": metadata_kept,
    "threads: reply + conversations.replies + reply_count": threads,
    "history pagination limit/cursor": history_pages,
    "chat.scheduleMessage + list": schedule_and_list,
    "chat.scheduleMessage in past -> time_in_past": schedule_in_past,
    "scheduled message is delivered when due": schedule_delivered,
    "users.info / users.list": users,
    "users.info unknown -> user_not_found": unknown_user,
    "users.list pagination": user_pages,
    "conversations.info/members/list": conversations,
    "conversations.open DM and post": direct_message,
    "reactions.add then already_reacted": react_twice,
    "reactions.get": reactions,
    "views.open bogus trigger -> invalid/expired_trigger_id": bogus_trigger,
    "views.publish returns id+hash": publish,
    "views.publish stale hash -> hash_conflict": publish_stale,
    "files_upload_v2 png to channel (3-step)": upload_to_channel,
    "image block with slack_file id accepted": picture_block,
    "chat.getPermalink": permalink,
    "chat.delete then message_not_found": delete,
    "apps.connections.open gives wss url": socket_address,
    "unknown method -> unknown_method": unknown_method,
    "blocks.validate (2026 method)": validate,
    "rate limit: 120 chat.update in a burst -> 429 + Retry-After": rate_limit,
}
"""By name, in an order in which the last one may use up what calls there are."""


def differences(target: Target) -> dict[str, str]:
    """What is not as Slack documents it: by check, in words."""
    found: dict[str, str] = {}
    for name, check in CHECKS.items():
        try:
            check(target)
        except Differs as difference:
            found[name] = str(difference)
        except SlackApiError as error:
            found[name] = f"got {_word(error)}"
        except (KeyError, TypeError, ValueError) as problem:
            found[name] = f"the answer has another shape: {type(problem).__name__}"
    return found
