"""auth.*, apps.* and api.test: the token itself."""

from __future__ import annotations

from typing import Any

from sandbox.slack import oauth, shapes
from sandbox.slack.api.calls import Call, Method
from sandbox.slack.api.oauth import client
from sandbox.slack.state import Failure


def test(call: Call) -> dict[str, Any]:
    """Who the token is."""
    token = call.token
    if token.kind == "app":
        return {"app_name": call.app.name, "app_id": call.app.id}
    team, user = call.team, call.user
    found: dict[str, Any] = {
        "url": shapes.team_url(team),
        "team": team.name,
        "user": user.name,
        "team_id": team.id,
        "user_id": user.id,
        "bot_id": user.bot_id,
        "is_enterprise_install": token.team_id is None,
    }
    if team.enterprise_id:
        found["enterprise_id"] = team.enterprise_id
    if token.expires_at is not None:
        found["expires_in"] = int(token.expires_at - call.slack.clock.now())
    return found


def revoke(call: Call) -> dict[str, Any]:
    if call.flag("test"):
        return {"revoked": False}
    oauth.revoke(call.slack, call.token)
    return {"revoked": True}


def uninstall(call: Call) -> dict[str, Any]:
    """Take the app out of the token's workspace. Wants the app's id and secret as well."""
    app = client(call)
    if app.id != call.token.app_id:
        raise Failure("client_id_token_mismatch")
    installation = oauth.installation_of(call.slack, call.token)
    assert installation is not None, "a token that is good belongs to an installation"
    oauth.uninstall(call.slack, installation)
    return {}


def open_connection(call: Call) -> dict[str, Any]:
    """The address of a socket for Socket Mode."""
    if not call.app.socket_mode or call.slack.socket_url is None:
        raise Failure("forbidden_team")
    return {"url": call.slack.socket_url(call.app.id)}


def api_test(call: Call) -> dict[str, Any]:
    """Gives back what it was given, but for a token; fails with `error`, if that is given."""
    args = {name: value for name, value in call.args.items() if name != "token"}
    if call.given("error"):
        raise Failure(call.text("error"), args=args)
    return {"args": args}


METHODS = {
    "api.test": Method(api_test, token="none"),
    "apps.connections.open": Method(open_connection, token="app"),
    "apps.uninstall": Method(uninstall, takes_json=False),
    "auth.revoke": Method(revoke, takes_json=False),
    "auth.test": Method(test, token="any"),
}
