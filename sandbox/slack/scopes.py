"""What a token may do: scopes by method, and by the kind of conversation.

From the method pages of docs.slack.dev. Methods that are in no table need a token of the right kind and no scope.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sandbox.slack.state import ChannelKind, Failure, Token

PREFIXES: Mapping[ChannelKind, str] = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}

NEEDED: Mapping[str, str] = {
    "apps.connections.open": "connections:write",
    "bots.info": "users:read",
    "chat.delete": "chat:write",
    "chat.deleteScheduledMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.scheduleMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.join": "channels:join",
    "files.completeUploadExternal": "files:write",
    "files.delete": "files:write",
    "files.getUploadURLExternal": "files:write",
    "files.info": "files:read",
    "reactions.add": "reactions:write",
    "reactions.get": "reactions:read",
    "reactions.remove": "reactions:write",
    "team.info": "team:read",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
}
BY_KIND: Mapping[str, str] = {
    "conversations.history": "history",
    "conversations.info": "read",
    "conversations.list": "read",
    "conversations.members": "read",
    "conversations.replies": "history",
    "users.conversations": "read",
}
"""Methods about conversations: the scope begins with channels, groups, im or mpim, by what is asked about."""
OPENING: Mapping[ChannelKind, str] = {"im": "im:write", "mpim": "mpim:write"}


def missing(token: Token, *needed: str) -> Failure:
    return Failure("missing_scope", needed=",".join(needed), provided=",".join(token.scopes))


def require(token: Token, scope: str) -> None:
    """Raise missing_scope unless the token has the scope."""
    if scope not in token.scopes:
        raise missing(token, scope)


def require_any(token: Token, scopes: Collection[str]) -> None:
    """Raise missing_scope unless the token has one of the scopes."""
    if not set(scopes) & set(token.scopes):
        raise missing(token, *scopes)


def accepted(method: str) -> list[str]:
    """Every scope that opens a method, for the header X-Accepted-OAuth-Scopes."""
    if method in BY_KIND:
        return [of_kind(kind, BY_KIND[method]) for kind in PREFIXES]
    if method == "conversations.open":
        return sorted(OPENING.values())
    return [NEEDED[method]] if method in NEEDED else []


def of_kind(kind: ChannelKind, right: str) -> str:
    return f"{PREFIXES[kind]}:{right}"
