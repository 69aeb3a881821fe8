"""What people typed in Slack, as plain words: marks of Slack's that stand for people, channels and links become text.

Source: docs.slack.dev/messaging/formatting-message-text. Who is mentioned stays in Slack: a name is nobody's to bring
along into a course.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"<([^<>\n]{1,4000})>")
_SOMEBODY = "@…"


def words(text: str) -> str:
    """The words of a message."""
    return unescape(_MARK.sub(_said, text)).strip()


def unescape(text: str) -> str:
    """The three signs that Slack escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def first_link(text: str) -> str:
    """The first web address of a message; empty where there is none."""
    for mark in _MARK.findall(text):
        address: str = mark.partition("|")[0]
        if address.startswith(("https://", "http://")):
            return unescape(address)
    return ""


def without(text: str, user_id: str) -> str:
    """A message without the mention of this user at its beginning or elsewhere."""
    return re.sub(rf"<@{re.escape(user_id)}(\|[^<>]*)?>", " ", text).strip()


def _said(found: re.Match[str]) -> str:
    mark, _, label = found.group(1).partition("|")
    if mark.startswith("@"):
        return _SOMEBODY
    if mark.startswith("#"):
        return f"#{label}" if label else "#…"
    if mark.startswith("!"):
        return label or f"@{mark[1:].partition('^')[0]}"
    address = mark.removeprefix("mailto:").removeprefix("tel:")
    if label in {"", address, address.partition("://")[2], address.partition("://")[2].rstrip("/")}:
        return address
    return f"{label} ({address})"
