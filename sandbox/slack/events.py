"""The Events API: which app hears of what, and the envelope around it.

docs.slack.dev/apis/events-api and the page of each event. An app hears of what it subscribed to, if it was granted the
scope, and of a channel only if its bot is there.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.slack.delivery import Destination
from sandbox.slack.ids import new_id
from sandbox.slack.state import App, Channel, Installation, Slack, Told

SCOPES: Mapping[str, tuple[str, ...]] = {
    "app_mention": ("app_mentions:read",),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "channel_archive": ("channels:read",),
    "channel_id_changed": ("channels:read", "groups:read"),
}
"""One of these scopes is needed. Other events need none."""
MESSAGE_KINDS: Mapping[str, str] = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}
MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
Send = Callable[[Destination, Mapping[str, Any]], None]


class Events:
    """Turns what happens into deliveries. It listens with the state's lock held and hands on at once."""

    def __init__(self, slack: Slack, send: Send) -> None:
        self._slack = slack
        self._send = send
        slack.listeners.append(self.hear)

    def hear(self, told: Told) -> None:
        for app in self._slack.apps.values():
            for event in self._events_for(app, told):
                payload = envelope(self._slack, app, told, event)
                self._send(Destination(app.id, app.signing_secret, app.events_url, app.socket_mode), payload)

    def _events_for(self, app: App, told: Told) -> Iterator[Mapping[str, Any]]:
        if not app.socket_mode and not app.events_url:
            return
        installation = self._slack.installation(app.id, told.team_id)
        if told.app_id is not None:  # of the app itself: also when it is no longer installed
            if told.app_id == app.id and told.event["type"] in app.bot_events:
                yield told.event
            return
        if installation is None:
            return
        channel = self._slack.channels.get(told.channel_id or "")
        if channel is not None and installation.bot_users[told.team_id] not in channel.members:
            return
        if self._hears(app, installation, subscription(told.event, channel)):
            yield told.event
        mention = self._mention(installation, told, channel)
        if mention is not None and self._hears(app, installation, "app_mention"):
            yield mention

    def _hears(self, app: App, installation: Installation, name: str) -> bool:
        needed = SCOPES.get(name, ())
        return name in app.bot_events and (not needed or any(scope in installation.scopes for scope in needed))

    def _mention(self, installation: Installation, told: Told, channel: Channel | None) -> dict[str, Any] | None:
        """app_mention: somebody named the bot in a new message. In a direct message that is no news."""
        event = told.event
        if channel is None or channel.is_direct or event["type"] != "message" or event.get("subtype"):
            return None
        bot_user = installation.bot_users[told.team_id]
        if event.get("user") == bot_user or bot_user not in MENTION.findall(str(event.get("text", ""))):
            return None
        return {**{name: value for name, value in event.items() if name != "channel_type"}, "type": "app_mention"}


def subscription(event: Mapping[str, Any], channel: Channel | None) -> str:
    """What an app subscribes to in order to hear of the event: messages have a name for each kind of channel."""
    name = str(event["type"])
    return f"message.{MESSAGE_KINDS[channel.kind]}" if name == "message" and channel is not None else name


def envelope(slack: Slack, app: App, told: Told, event: Mapping[str, Any]) -> dict[str, Any]:
    """What is around an event."""
    team = slack.teams[told.team_id]
    installation = slack.installation(app.id, team.id)
    authorization = {
        "enterprise_id": team.enterprise_id,
        "team_id": team.id,
        "user_id": installation.bot_users[team.id] if installation else "",
        "is_bot": True,
        "is_enterprise_install": bool(installation and installation.team_id is None),
    }
    return {
        "token": app.verification_token,
        "team_id": team.id,
        "context_team_id": team.id,
        "context_enterprise_id": team.enterprise_id,
        "api_app_id": app.id,
        "event": dict(event),
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(slack.clock.now()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": "4-" + secrets.token_urlsafe(24),
    }
