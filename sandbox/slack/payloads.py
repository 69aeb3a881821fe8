"""What an app is sent when somebody does something: interaction payloads and slash commands, as Slack writes them.

docs.slack.dev/reference/interaction-payloads and docs.slack.dev/interactivity/implementing-slash-commands. Every
function wants the lock held and copies what it takes: payloads leave after the lock is given back.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.slack import shapes
from sandbox.slack.elements import ONLY_CLICKED, STATE, Found, Values, values_of
from sandbox.slack.response_urls import Origin
from sandbox.slack.state import App, Channel, Message, Slack, User, View

Payload = dict[str, Any]
CHANNEL_NAMES = {"im": "directmessage", "mpim": "privategroup", "private": "privategroup"}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, with which app."""

    app: App
    user: User


def channel_name(channel: Channel) -> str:
    """What apps learn of a channel's name: only that of a public one."""
    return CHANNEL_NAMES.get(channel.kind, channel.name)


def common(slack: Slack, actor: Actor, kind: str) -> Payload:
    """The members that every interaction payload has."""
    team = slack.teams[actor.user.team_id]
    enterprise = slack.enterprises[team.enterprise_id] if team.enterprise_id else None
    told: Payload = {"id": team.id, "domain": team.domain}
    if enterprise is not None:
        told |= {"enterprise_id": enterprise.id, "enterprise_name": enterprise.name}
    installation = slack.installation(actor.app.id, team.id)
    return {
        "type": kind,
        "team": told,
        "enterprise": None if enterprise is None else {"id": enterprise.id, "name": enterprise.name},
        "user": {
            "id": actor.user.id,
            "username": actor.user.name,
            "name": actor.user.name,
            "team_id": actor.user.team_id,
        },
        "api_app_id": actor.app.id,
        "token": actor.app.verification_token,
        "is_enterprise_install": bool(installation and installation.team_id is None),
    }


def shown(slack: Slack, view: View) -> Payload:
    """A view as payloads carry it: with a value for every input."""
    view.values = values_of(view.content["blocks"], view.values)
    return copy.deepcopy(shapes.view(slack, view))


def in_message(slack: Slack, message: Message) -> Payload:
    """Where something was done: the container, channel and message of a payload. Nobody else's ephemeral messages are
    kept, so of those an app gets no `message`.
    """
    channel = slack.channels[message.channel_id]
    ephemeral = message.ephemeral_for is not None
    container: Payload = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    told: Payload = {"container": container, "channel": {"id": channel.id, "name": channel_name(channel)}}
    if not ephemeral:
        told["message"] = copy.deepcopy(shapes.message(slack, message))
    return told


def in_view(slack: Slack, view: View) -> Payload:
    return {"container": {"type": "view", "view_id": view.id}, "view": shown(slack, view)}


def action(found: Found, ts: str, *, chosen: Any, state: Mapping[str, Any] | None) -> Payload:
    """An entry of `actions`: `chosen` is what was clicked, `state` what an element keeps now."""
    element = found.element
    told: Payload = {"type": found.kind, "action_id": found.action_id, "block_id": found.block_id}
    for name in ("text", "style", "placeholder", *(first for _, first in STATE.values() if first)):
        if name in element:
            told[name] = copy.deepcopy(element[name])
    if found.kind == "overflow":
        told["selected_option"] = chosen
    elif found.kind == "feedback_buttons":
        told["value"] = chosen
    elif found.kind in ONLY_CLICKED:
        told |= {"value": element["value"]} if "value" in element else {}
    elif state is not None:
        member, _ = STATE[found.kind]
        told[member] = copy.deepcopy(state[member])
    return told | {"action_ts": ts}


def block_actions(
    slack: Slack,
    actor: Actor,
    place: Message | View,
    actions: Sequence[Payload],
    *,
    values: Values,
    trigger_id: str,
    response_url: str = "",
) -> Payload:
    told = common(slack, actor, "block_actions") | {"trigger_id": trigger_id, "actions": list(actions)}
    if isinstance(place, View):
        return told | in_view(slack, place)
    return told | in_message(slack, place) | {"state": {"values": values}, "response_url": response_url}


def block_suggestion(slack: Slack, actor: Actor, place: Message | View, found: Found, typed: str) -> Payload:
    told = common(slack, actor, "block_suggestion")
    told |= {"action_id": found.action_id, "block_id": found.block_id, "value": typed}
    return told | (in_view(slack, place) if isinstance(place, View) else in_message(slack, place))


def view_submission(
    slack: Slack, actor: Actor, view: View, *, trigger_id: str, response_urls: Sequence[Payload]
) -> Payload:
    told = common(slack, actor, "view_submission")
    return told | {"trigger_id": trigger_id, "view": shown(slack, view), "response_urls": list(response_urls)}


def view_closed(slack: Slack, actor: Actor, view: View, *, is_cleared: bool) -> Payload:
    return common(slack, actor, "view_closed") | {"view": shown(slack, view), "is_cleared": is_cleared}


def global_shortcut(slack: Slack, actor: Actor, callback_id: str, trigger_id: str) -> Payload:
    told = common(slack, actor, "shortcut")
    return told | {"callback_id": callback_id, "trigger_id": trigger_id, "action_ts": slack.new_ts()}


def message_shortcut(
    slack: Slack, actor: Actor, message: Message, callback_id: str, *, trigger_id: str, response_url: str
) -> Payload:
    told = common(slack, actor, "message_action") | in_message(slack, message)
    del told["container"]
    return told | {
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "response_url": response_url,
        "message_ts": message.ts,
        "action_ts": slack.new_ts(),
    }


def slash_command(
    slack: Slack, actor: Actor, channel: Channel, command: str, text: str, *, trigger_id: str, response_url: str
) -> Payload:
    """A slash command: a form, so that every value is a text."""
    team = slack.teams[actor.user.team_id]
    told: Payload = {
        "token": actor.app.verification_token,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": actor.user.id,
        "user_name": actor.user.name,
        "command": command,
        "text": text,
        "api_app_id": actor.app.id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }
    if team.enterprise_id:
        enterprise = slack.enterprises[team.enterprise_id]
        told |= {"enterprise_id": enterprise.id, "enterprise_name": enterprise.name}
    installation = slack.installation(actor.app.id, team.id)
    if installation is not None and installation.team_id is None:
        told["is_enterprise_install"] = "true"
    return told


def origin(actor: Actor, channel: Channel, message: Message | None = None) -> Origin:
    """Where an answer over a response URL goes."""
    where = (actor.app.id, actor.user.team_id, actor.user.id, channel.id)
    if message is None:
        return Origin(*where)
    in_thread = message.thread_ts if message.thread_ts != message.ts else None
    return Origin(*where, message.ts, in_thread or "", message.ephemeral_for is not None)
