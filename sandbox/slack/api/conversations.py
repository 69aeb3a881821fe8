"""conversations.*: channels and direct messages, who is in them, and what was written there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.slack import posting, scopes, shapes
from sandbox.slack.api.calls import Call, Method
from sandbox.slack.state import Channel, ChannelKind, Failure, Message

KINDS: dict[str, ChannelKind] = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
MOST_IN_HISTORY = 999
MOST_IN_GROUP = 8
RIGHTS = tuple(scopes.PREFIXES)


def channel_for(call: Call, right: str) -> Channel:
    """The conversation that a call is about, if the token may do this with its kind."""
    scopes.require_any(call.token, [scopes.of_kind(kind, right) for kind in RIGHTS])
    channel = call.channel()
    scopes.require(call.token, scopes.of_kind(channel.kind, right))
    return channel


def kinds_of(call: Call) -> list[ChannelKind]:
    """The argument `types`; each needs its scope."""
    words = [word.strip() for word in call.text("types", "public_channel").split(",") if word.strip()]
    if not words or any(word not in KINDS for word in words):
        raise Failure("invalid_types")
    kinds = [KINDS[word] for word in words]
    needed = [scopes.of_kind(kind, "read") for kind in kinds]
    if set(needed) - set(call.token.scopes):
        raise scopes.missing(call.token, *needed)
    return kinds


def info(call: Call) -> dict[str, Any]:
    channel = channel_for(call, "read")
    bot = call.bot_in(channel)
    found = shapes.channel(call.slack, channel, bot.id, with_locale=call.flag("include_locale"))
    if call.flag("include_num_members"):
        found["num_members"] = len(channel.members)
    return {"channel": found}


def listing(call: Call) -> dict[str, Any]:
    kinds, bot = kinds_of(call), call.user
    found = [
        channel
        for channel in call.slack.channels.values()
        if channel.team_id == call.team.id
        and channel.kind in kinds
        and call.slack.sees(bot.id, channel)
        and not (call.flag("exclude_archived") and channel.is_archived)
    ]
    page, following = call.page(found, default=100)
    channels = [
        shapes.channel(call.slack, channel, bot.id)
        | ({} if channel.kind == "im" else {"num_members": len(channel.members)})
        for channel in page
    ]
    return {"channels": channels, "response_metadata": {"next_cursor": following}}


def members(call: Call) -> dict[str, Any]:
    channel = channel_for(call, "read")
    page, following = call.page(channel.members, default=100)
    return {"members": page, "response_metadata": {"next_cursor": following}}


def open_direct(call: Call) -> dict[str, Any]:
    """A direct message with one person, or with several. The caller is in it without being named."""
    whole, prevented = call.flag("return_im"), call.flag("prevent_creation")
    if call.given("channel"):
        channel = call.channel()
        if not channel.is_direct:
            raise Failure("method_not_supported_for_channel_type")
        scopes.require(call.token, scopes.OPENING[channel.kind])
        return _opened(call, channel, was_open=True, whole=whole)
    names = [name.strip() for name in call.text("users").split(",") if name.strip()]
    people = [call.member(name) for name in dict.fromkeys(names)]
    others = [person for person in people if person.id != call.user.id]
    if not others:
        raise Failure("users_list_not_supplied" if not people else "invalid_user_combination")
    if len(others) > MOST_IN_GROUP:
        raise Failure("too_many_users")
    if any(person.deleted for person in others):
        raise Failure("user_disabled")
    kind: ChannelKind = "im" if len(others) == 1 else "mpim"
    scopes.require(call.token, scopes.OPENING[kind])
    ids = {call.user.id, *(person.id for person in others)}
    was_open = any(channel.is_direct and set(channel.members) == ids for channel in call.slack.channels.values())
    if not was_open and prevented:
        raise Failure("channel_not_found")
    channel = call.slack.direct_message(call.team.id, call.user.id, *(person.id for person in others))
    return _opened(call, channel, was_open=was_open, whole=whole)


def _opened(call: Call, channel: Channel, *, was_open: bool, whole: bool) -> dict[str, Any]:
    told = shapes.channel(call.slack, channel, call.user.id) if whole else {"id": channel.id}
    return ({"no_op": True, "already_open": True} if was_open else {}) | {"channel": told}


def join(call: Call) -> dict[str, Any]:
    channel, bot = call.channel(), call.user
    if channel.kind != "public":
        raise Failure("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Failure("is_archived")
    if not posting.join(call.slack, channel, bot.id):
        call.warnings.append("already_in_channel")
    return {"channel": shapes.channel(call.slack, channel, bot.id)}


def history(call: Call) -> dict[str, Any]:
    """What was written in a channel, newest first, without what was written in threads only."""
    channel = channel_for(call, "history")
    if call.bot_in(channel).id not in channel.members:
        raise Failure("not_in_channel")
    shown = [
        message
        for message in reversed(call.slack.history(channel))
        if message.thread_ts in (None, message.ts) or message.broadcast
    ]
    page, following = call.page(_between(call, shown), default=100, most=MOST_IN_HISTORY)
    return {
        "messages": [_told(call, message) for message in page],
        "has_more": bool(following),
        "pin_count": 0,
        "response_metadata": {"next_cursor": following},
    }


def replies(call: Call) -> dict[str, Any]:
    """A thread: the message that began it, then the answers, oldest first."""
    channel = channel_for(call, "history")
    first = channel.messages.get(call.needed("ts"))
    if call.bot_in(channel).id not in channel.members or first is None or first.ephemeral_for:
        raise Failure("thread_not_found")
    if first.thread_ts not in (None, first.ts):  # a single answer: it alone, as Slack does
        thread = [first]
    else:
        thread = [first, *_between(call, call.slack.replies(channel, first.ts))]
    page, following = call.page(thread, default=1000)
    return {
        "messages": [_told(call, message) for message in page],
        "has_more": bool(following),
        "response_metadata": {"next_cursor": following},
    }


def _told(call: Call, message: Message) -> dict[str, Any]:
    return shapes.message(call.slack, message, with_metadata=call.flag("include_all_metadata"))


def _between(call: Call, messages: Sequence[Message]) -> list[Message]:
    """Those between `oldest` and `latest`; the ends belong to it with `inclusive`."""
    oldest, latest = _moment(call, "oldest"), _moment(call, "latest")
    both_ends = call.flag("inclusive")
    return [
        message
        for message in messages
        if (oldest is None or float(message.ts) > oldest or (both_ends and float(message.ts) == oldest))
        and (latest is None or float(message.ts) < latest or (both_ends and float(message.ts) == latest))
    ]


def _moment(call: Call, name: str) -> float | None:
    if not call.given(name) or call.text(name) == "now":
        return None
    try:
        return float(call.text(name))
    except ValueError:
        raise Failure(f"invalid_ts_{name}") from None


METHODS = {
    "conversations.history": Method(history),
    "conversations.info": Method(info, takes_json=False),
    "conversations.join": Method(join),
    "conversations.list": Method(listing, takes_json=False),
    "conversations.members": Method(members, takes_json=False),
    "conversations.open": Method(open_direct),
    "conversations.replies": Method(replies, takes_json=False),
}
