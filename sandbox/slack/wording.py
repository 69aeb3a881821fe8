"""What people type, as Slack sends it on: `<@U1>` for a name, `<#C1|name>` for a channel, `<https://…>` for a link."""

from __future__ import annotations

import re
from typing import Any

from sandbox.slack.ids import short
from sandbox.slack.state import Slack

TOKEN = re.compile(r"(?P<url>https?://[^\s<>|]+)|(?<!\w)@(?P<name>[\w.-]*\w)|(?<!\w)#(?P<channel>[\w-]*\w)")
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def typed(slack: Slack, team_id: str, text: str) -> tuple[str, list[dict[str, Any]]]:
    """The `text` of a message that somebody typed, and the same as rich text elements."""
    marked, elements, end = "", [], 0

    def plain(piece: str) -> None:
        nonlocal marked
        if piece:
            marked += piece.translate(ESCAPES)
            elements.append({"type": "text", "text": piece})

    for match in TOKEN.finditer(text):
        found = _meant(slack, team_id, match)
        if found is None:
            continue
        plain(text[end : match.start()])
        marked += found[0]
        elements.append(found[1])
        end = match.end()
    plain(text[end:])
    return marked, elements


def rich_text(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks of a message that somebody typed."""
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": short(), "elements": [section]}]


def command_text(slack: Slack, team_id: str, text: str) -> str:
    """What a slash command with should_escape sends: people and channels with id and name."""

    def meant(match: re.Match[str]) -> str:
        found = _meant(slack, team_id, match)
        if found is None or match["url"]:
            return match[0]
        return f"<@{found[1]['user_id']}|{match['name']}>" if match["name"] else found[0]

    return TOKEN.sub(meant, text)


def _meant(slack: Slack, team_id: str, match: re.Match[str]) -> tuple[str, dict[str, Any]] | None:
    if match["url"]:
        url = match["url"].translate(ESCAPES)
        return f"<{url}>", {"type": "link", "url": match["url"]}
    if match["name"]:
        for user in slack.users.values():
            if user.team_id == team_id and match["name"] in (user.name, user.display_name):
                return f"<@{user.id}>", {"type": "user", "user_id": user.id}
        return None
    for channel in slack.channels.values():
        if channel.team_id == team_id and channel.name == match["channel"]:
            return f"<#{channel.id}|{channel.name}>", {"type": "channel", "channel_id": channel.id}
    return None
