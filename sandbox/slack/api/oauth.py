"""oauth.v2.*: a code, a refresh token or an old token becomes a token."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.slack import oauth
from sandbox.slack.api.calls import Call, Method, invalid
from sandbox.slack.state import App, Failure


def client(call: Call) -> App:
    """The app that calls, by client id and secret: in the Authorization header or among the arguments."""
    client_id, secret = call.basic or (call.text("client_id"), call.text("client_secret"))
    app = next((app for app in call.slack.apps.values() if app.client_id == client_id), None)
    if app is None:
        raise Failure("invalid_client_id")
    if not secrets.compare_digest(app.client_secret.encode(), secret.encode()):
        raise Failure("bad_client_secret")
    return app


def _answer(call: Call, pair: oauth.Pair, installer_id: str) -> dict[str, Any]:
    slack, token = call.slack, pair.access
    app, team = slack.apps[token.app_id], slack.teams.get(token.team_id or "")
    enterprise = slack.enterprises.get(token.enterprise_id or "")
    installation = oauth.installation_of(slack, token)
    assert installation is not None, "a new token belongs to an installation"
    found: dict[str, Any] = {
        "app_id": app.id,
        "authed_user": {"id": installer_id},
        "scope": ",".join(token.scopes),
        "token_type": "bot",
        "access_token": token.value,
        "bot_user_id": token.user_id or next(iter(installation.bot_users.values())),
        "team": {"id": team.id, "name": team.name} if team else None,
        "enterprise": {"id": enterprise.id, "name": enterprise.name} if enterprise else None,
        "is_enterprise_install": token.team_id is None,
    }
    if pair.refresh is not None:
        found |= {"refresh_token": pair.refresh.value, "expires_in": oauth.TOKEN_SECONDS}
    return found


def access(call: Call) -> dict[str, Any]:
    app = client(call)
    grant_type = call.text("grant_type") or "authorization_code"
    if grant_type == "refresh_token":
        return _refresh(call, app)
    if grant_type != "authorization_code":
        raise Failure("invalid_grant_type")
    if call.given("code_verifier"):
        raise Failure("pkce_not_allowed")
    slack = call.slack
    grant = slack.grants.take(call.text("code"), app.id, slack.clock.now())
    if grant is None:
        raise Failure("invalid_code")
    if grant.redirect_uri != call.text("redirect_uri", grant.redirect_uri):
        raise Failure("bad_redirect_uri")
    team, installer = slack.teams[grant.team_id], slack.users[grant.user_id]
    _, pair = oauth.install(slack, app, team, installer, grant.scopes, for_enterprise=grant.for_enterprise)
    return _answer(call, pair, installer.id)


def _refresh(call: Call, app: App) -> dict[str, Any]:
    """A refresh token is good once."""
    token = call.slack.tokens.get(call.text("refresh_token"))
    if token is None or token.kind != "refresh" or token.app_id != app.id or token.revoked:
        raise Failure("invalid_refresh_token")
    installation = oauth.installation_of(call.slack, token)
    if installation is None:
        raise Failure("invalid_refresh_token")
    token.revoked = True
    team = call.slack.teams.get(installation.team_id or "")
    return _answer(call, oauth.issue(call.slack, app, installation, team), installation.installer_id)


def exchange(call: Call) -> dict[str, Any]:
    """A token that never expires becomes one that does, when an app has turned rotation on."""
    app = client(call)
    if not call.presented:
        raise invalid("missing required field: token")
    if not app.token_rotation:
        raise Failure("token_rotation_not_enabled")
    token = call.slack.tokens.get(call.presented)
    if token is None or token.kind != "bot" or token.app_id != app.id:
        raise Failure("invalid_token")
    if token.revoked or token.expires_at is not None:
        raise Failure("token_already_exchanged")
    installation = oauth.installation_of(call.slack, token)
    if installation is None:
        raise Failure("authorization_not_found")
    team = call.slack.teams.get(installation.team_id or "")
    pair = oauth.issue(call.slack, app, installation, team)
    token.revoked = True
    return _answer(call, pair, installation.installer_id)


METHODS = {
    "oauth.v2.access": Method(access, token="none", takes_json=False),
    "oauth.v2.exchange": Method(exchange, token="none", takes_json=False),
}
