"""chat.scheduleMessage and its list: messages for later."""

from __future__ import annotations

from typing import Any

from sandbox.slack import posting
from sandbox.slack.api import chat
from sandbox.slack.api.calls import Call, Method
from sandbox.slack.ids import new_id
from sandbox.slack.state import Failure, Scheduled, Slack

FURTHEST_SECONDS = 120 * 24 * 3600
WINDOW_SECONDS, MOST_IN_WINDOW = 300, 30


def schedule(call: Call) -> dict[str, Any]:
    """Slack documents that a message with metadata is taken and never posted; so it is here."""
    slack, now = call.slack, call.slack.clock.now()
    channel = chat.place_of(call)
    call.needed("post_at")
    post_at = call.whole("post_at", 0, "invalid_time")
    if post_at <= now:
        raise Failure("time_in_past")
    if post_at > now + FURTHEST_SECONDS:
        raise Failure("time_too_far")
    chat.may_post(call, channel)
    near = [
        other
        for other in slack.scheduled.values()
        if other.channel_id == channel.id and other.post_at // WINDOW_SECONDS == post_at // WINDOW_SECONDS
    ]
    if len(near) >= MOST_IN_WINDOW:
        raise Failure("restricted_too_many")
    message = chat.new_message(
        call,
        channel,
        call.bot_in(channel),
        metadata=chat.metadata_of(call),
        thread_ts=chat.thread_of(call, channel),
        broadcast=call.given("thread_ts") and call.flag("reply_broadcast"),
    )
    planned = Scheduled(new_id("Q"), channel.team_id, call.app.id, channel.id, post_at, int(now), message)
    slack.scheduled[planned.id] = planned
    slack.clock.at(post_at, lambda: deliver(slack, planned.id))
    told: dict[str, Any] = {
        "text": message.text,
        "username": message.username or call.app.bot_name,
        "bot_id": message.bot_id,
        "type": "delayed_message",
        "subtype": "bot_message",
    }
    if message.blocks:
        told["blocks"] = message.blocks
    if message.attachments:
        told["attachments"] = message.attachments
    return {"channel": channel.id, "scheduled_message_id": planned.id, "post_at": post_at, "message": told}


def deliver(slack: Slack, planned_id: str) -> None:
    """Post a planned message, unless it was taken back, its channel was closed or it has metadata."""
    with slack.lock:
        planned = slack.scheduled.pop(planned_id, None)
        if planned is None or planned.message.metadata or slack.channels[planned.channel_id].is_archived:
            return
        planned.message.ts = slack.new_ts()
        posting.post(slack, planned.message)


def listing(call: Call) -> dict[str, Any]:
    oldest, latest = call.whole("oldest", 0), call.whole("latest", 0)
    if call.given("channel"):
        call.channel(error="invalid_channel")
    wanted = call.text("channel")
    planned = [
        one
        for one in call.slack.scheduled.values()
        if one.app_id == call.app.id
        and one.team_id == call.team.id
        and wanted in ("", one.channel_id)
        and oldest <= one.post_at
        and (not latest or one.post_at <= latest)
    ]
    planned.sort(key=lambda one: (one.post_at, one.id))
    page, following = call.page(planned, default=100)
    return {
        "scheduled_messages": [
            {
                "id": one.id,
                "channel_id": one.channel_id,
                "post_at": one.post_at,
                "date_created": one.date_created,
                "text": one.message.text,
            }
            for one in page
        ],
        "response_metadata": {"next_cursor": following},
    }


def delete(call: Call) -> dict[str, Any]:
    channel = call.channel()
    planned = call.slack.scheduled.get(call.needed("scheduled_message_id"))
    if planned is None or planned.channel_id != channel.id or planned.app_id != call.app.id:
        raise Failure("invalid_scheduled_message_id")
    del call.slack.scheduled[planned.id]
    return {}


METHODS = {
    "chat.scheduleMessage": Method(schedule),
    "chat.scheduledMessages.list": Method(listing),
    "chat.deleteScheduledMessage": Method(delete),
}
