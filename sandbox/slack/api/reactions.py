"""reactions.*: small signs under a message."""

from __future__ import annotations

import re
from typing import Any

from sandbox.slack import posting, shapes
from sandbox.slack.api.calls import Call, Method
from sandbox.slack.state import Channel, Failure, Message

NAME = re.compile(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?")
MOST_NAMES, MOST_OF_ONE_PERSON = 50, 23


def _message(call: Call) -> tuple[Channel, Message]:
    if not (call.given("channel") and call.given("timestamp")):
        raise Failure("no_item_specified")
    if not re.fullmatch(r"\d+\.\d+", call.text("timestamp")):
        raise Failure("bad_timestamp")
    channel = call.channel()
    message = channel.messages.get(call.text("timestamp"))
    if message is None or message.ephemeral_for:
        raise Failure("message_not_found")
    return channel, message


def _name(call: Call) -> str:
    name = call.text("name").strip(":")
    if not NAME.fullmatch(name):
        raise Failure("invalid_name")
    return name


def add(call: Call) -> dict[str, Any]:
    channel, message = _message(call)
    name, bot = _name(call), call.bot_in(channel)
    if channel.is_archived:
        raise Failure("is_archived")
    if name not in message.reactions and len(message.reactions) >= MOST_NAMES:
        raise Failure("too_many_emoji")
    mine = sum(bot.id in users for users in message.reactions.values())
    if mine >= MOST_OF_ONE_PERSON:
        raise Failure("too_many_reactions")
    if not posting.react(call.slack, message, bot.id, name):
        raise Failure("already_reacted")
    return {}


def remove(call: Call) -> dict[str, Any]:
    channel, message = _message(call)
    if not posting.unreact(call.slack, message, call.bot_in(channel).id, _name(call)):
        raise Failure("no_reaction")
    return {}


def get(call: Call) -> dict[str, Any]:
    channel, message = _message(call)
    told = shapes.message(call.slack, message) | {"permalink": shapes.permalink(call.slack, message)}
    return {"type": "message", "channel": channel.id, "message": told}


METHODS = {
    "reactions.add": Method(add),
    "reactions.get": Method(get, takes_json=False),
    "reactions.remove": Method(remove),
}
