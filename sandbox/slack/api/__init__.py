"""The Web API: one table of methods, and what holds for every call before a method runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack import scopes
from sandbox.slack.api import auth, blocks, chat, conversations, files, oauth, reactions, scheduled, users, views
from sandbox.slack.api.calls import Call, Method
from sandbox.slack.state import Failure, Slack, Token

METHODS: Mapping[str, Method] = {
    **auth.METHODS,
    **blocks.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **oauth.METHODS,
    **reactions.METHODS,
    **scheduled.METHODS,
    **users.METHODS,
    **views.METHODS,
}


def good_token(slack: Slack, value: str) -> Token:
    """The token of a call. Raises not_authed, invalid_auth, account_inactive, token_revoked or token_expired."""
    if not value:
        raise Failure("not_authed")
    token = slack.tokens.get(value)
    if token is None or token.kind == "refresh":
        raise Failure("invalid_auth")
    if token.kind == "bot" and not _installed(slack, token):
        raise Failure("account_inactive")
    if token.revoked:
        raise Failure("token_revoked")
    if token.expires_at is not None and token.expires_at <= slack.clock.now():
        raise Failure("token_expired")
    return token


def _installed(slack: Slack, token: Token) -> bool:
    place = (token.app_id, token.team_id, token.enterprise_id)
    return any((one.app_id, one.team_id, one.enterprise_id) == place for one in slack.installations)


def authorize(slack: Slack, method: Method, value: str) -> Token | None:
    """The token, if it is one for this method and has the scope that the method always wants."""
    if method.token == "none":
        return None
    token = good_token(slack, value)
    if method.token != "any" and token.kind != method.token:
        raise Failure("not_allowed_token_type")
    return token


def count(slack: Slack, name: str, token: Token | None, args: Mapping[str, Any], client: str) -> int:
    """Count a call against its limit: 0, or the seconds to wait. Calls without a token count for the client."""
    app_id, team = (token.app_id, token.team_id or token.enterprise_id or "") if token else (client, "")
    return slack.rate_limits.take(name, app_id, team, slack.clock.now(), channel=str(args.get("channel") or ""))


def run(call: Call) -> dict[str, Any]:
    """Do what a method does, if the token's scopes allow it."""
    needed = scopes.NEEDED.get(call.method)
    if needed is not None:
        scopes.require(call.token, needed)
    return METHODS[call.method].run(call)
