"""What happens to messages and channels, whoever does it: a member on the page or an app through the Web API.

Every function wants the lock held, changes the state and tells of it.
"""

from __future__ import annotations

from typing import Any

from sandbox.slack import shapes
from sandbox.slack.state import Channel, Message, Slack, Told


def post(slack: Slack, message: Message) -> Message:
    """Put a message into its channel. Nobody is told of one that a single person sees."""
    channel = slack.channels[message.channel_id]
    channel.messages[message.ts] = message
    for file_id in message.file_ids:
        slack.files[file_id].shares.setdefault(channel.id, []).append(message.ts)
    if message.ephemeral_for is None:
        slack.tell(Told(message.team_id, shapes.message_event(slack, message), channel.id))
    return message


def edit(slack: Slack, message: Message, editor: str, **changes: Any) -> None:
    """Change a message in place. A thread, reactions and the place in the channel stay."""
    before = shapes.message(slack, message)
    for name, value in changes.items():
        setattr(message, name, value)
    message.edited_by, message.edited_ts = editor, slack.new_ts()
    if message.ephemeral_for is None:
        event = {
            "type": "message",
            "subtype": "message_changed",
            "message": shapes.message(slack, message),
            "previous_message": before,
            "hidden": True,
        }
        _tell_of_message(slack, message, event)


def delete(slack: Slack, message: Message) -> None:
    """Take a message away; answers to it stay, as in Slack."""
    before = shapes.message(slack, message)
    del slack.channels[message.channel_id].messages[message.ts]
    if message.ephemeral_for is None:
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": before,
            "hidden": True,
            "deleted_ts": message.ts,
        }
        _tell_of_message(slack, message, event)


def _tell_of_message(slack: Slack, message: Message, event: dict[str, Any]) -> None:
    channel = slack.channels[message.channel_id]
    ts = slack.new_ts()
    event |= {"channel": channel.id, "ts": ts, "event_ts": ts, "channel_type": shapes.channel_type(channel)}
    slack.tell(Told(message.team_id, event, channel.id))


def react(slack: Slack, message: Message, user_id: str, name: str) -> bool:
    """Add a reaction. False if this person has given it already."""
    users = message.reactions.setdefault(name, [])
    if user_id in users:
        return False
    users.append(user_id)
    _tell_of_reaction(slack, message, user_id, name, "reaction_added")
    return True


def unreact(slack: Slack, message: Message, user_id: str, name: str) -> bool:
    """Take a reaction back. False if this person has not given it."""
    users = message.reactions.get(name, [])
    if user_id not in users:
        return False
    users.remove(user_id)
    if not users:
        del message.reactions[name]
    _tell_of_reaction(slack, message, user_id, name, "reaction_removed")
    return True


def _tell_of_reaction(slack: Slack, message: Message, user_id: str, name: str, kind: str) -> None:
    event = {
        "type": kind,
        "user": user_id,
        "reaction": name,
        "item": {"type": "message", "channel": message.channel_id, "ts": message.ts},
        "item_user": message.user_id,
        "event_ts": slack.new_ts(),
    }
    slack.tell(Told(message.team_id, event, message.channel_id))


def join(slack: Slack, channel: Channel, user_id: str, *, inviter: str | None = None) -> bool:
    """Make somebody a member. False if they are one already."""
    if user_id in channel.members:
        return False
    channel.members.append(user_id)
    event = _membership(slack, channel, user_id, "member_joined_channel")
    if inviter is not None:
        event["inviter"] = inviter
    slack.tell(Told(channel.team_id, event, channel.id))
    return True


def leave(slack: Slack, channel: Channel, user_id: str) -> bool:
    """End a membership. False if there is none."""
    if user_id not in channel.members:
        return False
    event = _membership(slack, channel, user_id, "member_left_channel")
    slack.tell(Told(channel.team_id, event, channel.id))
    channel.members.remove(user_id)
    return True


def _membership(slack: Slack, channel: Channel, user_id: str, kind: str) -> dict[str, Any]:
    letter = {"public": "C", "private": "G"}.get(channel.kind, "G")
    return {
        "type": kind,
        "user": user_id,
        "channel": channel.id,
        "channel_type": letter,
        "team": channel.team_id,
        "event_ts": slack.new_ts(),
    }


def archive(slack: Slack, channel: Channel, user_id: str) -> None:
    """Close a channel: it can be read and no longer written."""
    channel.is_archived = True
    event = {"type": "channel_archive", "channel": channel.id, "user": user_id, "event_ts": slack.new_ts()}
    slack.tell(Told(channel.team_id, event, channel.id))
