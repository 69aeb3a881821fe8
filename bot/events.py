"""What Slack tells of itself: the app was taken out, a channel went or changed its id."""

from __future__ import annotations

from bot.calls import Call
from bot.listeners import Listener
from core.activities import channels, workspaces
from core.events import security_event

DELETED = ("channel_deleted", "group_deleted")
AWAY = ("channel_archive", "channel_left", "group_archive", "group_left")  # and may come back


def _ended(call: Call) -> None:
    told = int(call.body.get("event_time") or 0)
    if told and told < int(call.workspace.installed_at.timestamp()):
        return  # it was installed again since: Slack tells late what it could not tell in time
    with call.wiring.database.write() as session:
        workspaces.end(session, call.workspace.id, now=call.now)
    security_event("slack_ended", workspace=call.workspace.team_id)


def _revoked(call: Call) -> None:
    """Users' tokens we never keep; the bot's own is the installation."""
    if (call.body.get("event") or {}).get("tokens", {}).get("bot"):
        _ended(call)


def _channel_gone(call: Call) -> None:
    event = call.body.get("event") or {}
    with call.wiring.database.write() as session:
        channels.gone(session, call.workspace.id, str(event.get("channel")), now=call.now)


def _channel_away(call: Call) -> None:
    """The class keeps its channel: otherwise whoever may archive it could take it."""
    event = call.body.get("event") or {}
    with call.wiring.database.write() as session:
        channels.still(session, call.workspace.id, str(event.get("channel")))


def _channel_id(call: Call) -> None:
    event = call.body.get("event") or {}
    with call.wiring.database.write() as session:
        channels.renumber(
            session, call.workspace.id, str(event.get("old_channel_id")), str(event.get("new_channel_id"))
        )


LISTENERS = (
    Listener("event", "app_uninstalled", _ended),
    Listener("event", "tokens_revoked", _revoked),
    *(Listener("event", name, _channel_gone) for name in DELETED),
    *(Listener("event", name, _channel_away) for name in AWAY),
    Listener("event", "channel_id_changed", _channel_id),
)
