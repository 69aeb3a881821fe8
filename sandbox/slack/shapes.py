"""How Slack writes its things in answers and events: messages, people, channels, views, files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.slack.state import Channel, File, Message, Slack, Team, User, View

MIMETYPES: Mapping[str, tuple[str, str, str]] = {
    "png": ("image/png", "png", "PNG"),
    "jpg": ("image/jpeg", "jpg", "JPEG"),
    "jpeg": ("image/jpeg", "jpg", "JPEG"),
    "gif": ("image/gif", "gif", "GIF"),
    "csv": ("text/csv", "csv", "CSV"),
    "txt": ("text/plain", "text", "Plain Text"),
    "pdf": ("application/pdf", "pdf", "PDF"),
}
BINARY = ("application/octet-stream", "binary", "Binary")
HOST = "https://{domain}.slack.com"


def team_url(team: Team) -> str:
    return HOST.format(domain=team.domain) + "/"


def permalink(slack: Slack, message: Message) -> str:
    """The address of a message; of an answer with its thread."""
    team = slack.teams[message.team_id]
    link = f"{team_url(team)}archives/{message.channel_id}/p{message.ts.replace('.', '')}"
    if message.thread_ts and message.thread_ts != message.ts:
        link += f"?thread_ts={message.thread_ts}&cid={message.channel_id}"
    return link


def message(slack: Slack, message: Message, *, with_metadata: bool = True) -> dict[str, Any]:
    """A message as in history, in the answer to chat.postMessage and in events (there without `channel`)."""
    found: dict[str, Any] = {"user": message.user_id, "type": "message", "ts": message.ts}
    if message.subtype or message.broadcast:
        found["subtype"] = message.subtype or "thread_broadcast"
    if message.bot_id:
        found |= {"bot_id": message.bot_id, "app_id": message.app_id}
    found |= {"text": message.text, "team": message.team_id}
    if message.bot_id:
        found["bot_profile"] = bot_profile(slack, message)
    if message.username:
        found["username"] = message.username
    if message.icons:
        found["icons"] = dict(message.icons)
    if message.blocks:
        found["blocks"] = message.blocks
    if message.attachments:
        found["attachments"] = message.attachments
    if message.file_ids:
        found |= {"files": [file(slack, slack.files[id]) for id in message.file_ids], "upload": False}
    if message.edited_ts:
        found["edited"] = {"user": message.edited_by, "ts": message.edited_ts}
    if message.metadata and with_metadata:
        found["metadata"] = message.metadata
    return found | _thread(slack, message) | _reactions(message)


def _thread(slack: Slack, message: Message) -> dict[str, Any]:
    if message.thread_ts and message.thread_ts != message.ts:
        found: dict[str, Any] = {"thread_ts": message.thread_ts}
        parent = slack.channels[message.channel_id].messages.get(message.thread_ts)
        if parent is not None:
            found["parent_user_id"] = parent.user_id
        return found
    replies = slack.replies(slack.channels[message.channel_id], message.ts)
    if not replies:
        return {}
    people = list(dict.fromkeys(reply.user_id for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(people),
        "latest_reply": replies[-1].ts,
        "reply_users": people,
        "is_locked": False,
        "subscribed": False,
    }


def _reactions(message: Message) -> dict[str, Any]:
    given = [
        {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items() if users
    ]
    return {"reactions": given} if given else {}


def bot_profile(slack: Slack, message: Message) -> dict[str, Any]:
    app = slack.apps[message.app_id or ""]
    return {
        "id": message.bot_id,
        "app_id": app.id,
        "name": app.bot_name or app.name,
        "deleted": False,
        "updated": slack.users[message.user_id].updated,
        "team_id": message.team_id,
    }


def channel_type(channel: Channel) -> str:
    """`channel_type` of message events."""
    return {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}[channel.kind]


def message_event(slack: Slack, posted: Message) -> dict[str, Any]:
    """The event of a new message."""
    channel = slack.channels[posted.channel_id]
    return message(slack, posted) | {
        "channel": posted.channel_id,
        "event_ts": posted.ts,
        "channel_type": channel_type(channel),
    }


def user(slack: Slack, user: User, *, with_locale: bool = False, with_email: bool = False) -> dict[str, Any]:
    """A member. The address is told to apps with the scope users:read.email only."""
    zone = datetime.fromtimestamp(slack.clock.now(), ZoneInfo(user.tz))
    offset = zone.utcoffset()
    team = slack.teams[user.team_id]
    first, _, last = user.real_name.rpartition(" ")
    profile: dict[str, Any] = {
        "title": "",
        "phone": "",
        "skype": "",
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.display_name,
        "display_name_normalized": user.display_name,
        "first_name": first or last,
        "last_name": last if first else "",
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "avatar_hash": "",
        "team": user.team_id,
    }
    if with_email and user.email:
        profile["email"] = user.email
    if user.is_bot:
        profile |= {"bot_id": user.bot_id, "api_app_id": user.app_id, "always_active": False}
    found: dict[str, Any] = {"id": user.id, "team_id": user.team_id, "name": user.name, "deleted": user.deleted}
    if user.deleted:
        return found | {"profile": profile, "is_bot": user.is_bot, "is_app_user": False, "updated": user.updated}
    found |= {
        "color": "9f69e7",
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": zone.tzname() or user.tz,
        "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
        "profile": profile,
        "is_admin": user.is_admin,
        "is_owner": user.is_owner,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": user.updated,
        "is_email_confirmed": bool(user.email),
        "who_can_share_contact_card": "EVERYONE",
    }
    if with_locale:
        found["locale"] = user.locale
    if team.enterprise_id:
        enterprise = slack.enterprises[team.enterprise_id]
        found["enterprise_user"] = {
            "id": user.id,
            "enterprise_id": enterprise.id,
            "enterprise_name": enterprise.name,
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "teams": [user.team_id],
        }
    return found


def channel(slack: Slack, channel: Channel, viewer: str, *, with_locale: bool = False) -> dict[str, Any]:
    """A conversation as somebody (here mostly the bot) sees it."""
    updated = channel.created * 1000
    if channel.kind == "im":
        others = [member for member in channel.members if member != viewer] or [viewer]
        return {
            "id": channel.id,
            "created": channel.created,
            "is_archived": channel.is_archived,
            "is_im": True,
            "is_org_shared": False,
            "context_team_id": channel.team_id,
            "updated": updated,
            "user": others[0],
            "is_user_deleted": slack.users[others[0]].deleted,
            "priority": 0,
        }
    private = channel.kind != "public"
    found: dict[str, Any] = {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind in ("public", "private"),
        "is_group": False,
        "is_im": False,
        "is_mpim": channel.kind == "mpim",
        "is_private": private,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_general": channel.is_general,
        "unlinked": 0,
        "name_normalized": channel.name,
        "is_shared": False,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "context_team_id": channel.team_id,
        "updated": updated,
        "creator": channel.creator,
        "is_ext_shared": False,
        "shared_team_ids": [channel.team_id],
        "pending_connected_team_ids": [],
        "is_member": viewer in channel.members,
        "topic": {"value": channel.topic, "creator": channel.creator if channel.topic else "", "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": channel.creator if channel.purpose else "", "last_set": 0},
        "previous_names": [],
    }
    if with_locale:
        found["locale"] = channel.locale
    return found


def view(slack: Slack, view: View) -> dict[str, Any]:
    """A view as in answers and payloads."""
    bot = slack.bot_user(view.app_id, view.team_id)
    content = view.content
    found: dict[str, Any] = {
        "id": view.id,
        "team_id": view.team_id,
        "type": view.kind,
        "blocks": content["blocks"],
        "private_metadata": content.get("private_metadata", ""),
        "callback_id": content.get("callback_id", ""),
        "state": {"values": view.values},
        "hash": view.hash,
        "title": content.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": bool(content.get("clear_on_close", False)),
        "notify_on_close": bool(content.get("notify_on_close", False)),
        "close": content.get("close"),
        "submit": content.get("submit"),
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": view.app_id,
        "external_id": view.external_id,
        "app_installed_team_id": view.team_id,
        "bot_id": bot.bot_id if bot else None,
    }
    if view.kind == "modal":
        found["submit_disabled"] = bool(content.get("submit_disabled", False))
    return found


def file(slack: Slack, file: File) -> dict[str, Any]:
    """An uploaded file. Sizes and thumbnails of a picture are known when it has been processed."""
    mimetype, filetype, pretty = MIMETYPES.get(file.name.rpartition(".")[2].lower(), BINARY)
    base = team_url(slack.teams[file.team_id])
    private = f"{slack.files_url}/files-pri/{file.team_id}-{file.id}/{file.name}"
    found: dict[str, Any] = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": "",
        "filetype": "",
        "pretty_type": "",
        "user": file.user_id,
        "user_team": file.team_id,
        "editable": False,
        "size": file.length,
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": bool(file.shares),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": private,
        "url_private_download": private.replace(file.id, f"{file.id}/download"),
        "permalink": f"{base}files/{file.user_id}/{file.id}/{file.name}",
        "permalink_public": f"https://slack-files.com/{file.team_id}-{file.id}",
        "comments_count": 0,
        "is_starred": False,
        "shares": {},
        "channels": list(file.shares),
        "groups": [],
        "ims": [],
        "has_more_shares": False,
        "has_rich_preview": False,
        "file_access": "visible",
    }
    if file.alt_txt:
        found["alt_txt"] = file.alt_txt
    if file.shares:
        found["shares"] = {"public": {channel: [{"ts": ts} for ts in times] for channel, times in file.shares.items()}}
    if is_ready(slack, file):
        found |= {"mimetype": mimetype, "filetype": filetype, "pretty_type": pretty}
    return found


def is_ready(slack: Slack, file: File) -> bool:
    """Whether Slack has finished preparing a file. Until then its type is empty and no block may show it."""
    return file.ready_at is not None and not file.deleted and file.ready_at <= slack.clock.now()
