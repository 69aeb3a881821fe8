"""Installing an app: what a workspace grants it, and the tokens it gets (docs.slack.dev/authentication).

The functions here want the lock held. The consent page is in consent.py, the methods are in api/oauth.py.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sandbox.slack.ids import new_id
from sandbox.slack.state import App, Installation, Slack, Team, Token, Told, User

TOKEN_SECONDS = 43_200
MOST_TOKENS = 2
"""Access tokens of one installation that are good at the same time, where rotation is on."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token, with the refresh token that belongs to it where rotation is on."""

    access: Token
    refresh: Token | None


def may_be_asked(app: App, scopes: Collection[str]) -> bool:
    """Whether the app's settings name all of these scopes."""
    return set(scopes) <= {*app.bot_scopes, *app.optional_bot_scopes}


def install(
    slack: Slack,
    app: App,
    team: Team,
    installer: User,
    scopes: Collection[str] | None = None,
    *,
    for_enterprise: bool = False,
) -> tuple[Installation, Pair]:
    """Put an app into a workspace, or into all workspaces of its organisation, and give it a token. Installing again
    adds scopes and keeps the bot; a token that was given before stays good and knows the new scopes.

    Without `scopes` everything that the app asks for is granted, the optional ones too.
    """
    wanted = tuple(scopes) if scopes is not None else (*app.bot_scopes, *app.optional_bot_scopes)
    found = slack.installation(app.id, team.id)
    if found is None:
        teams = [team]
        if for_enterprise:
            teams = [other for other in slack.teams.values() if other.enterprise_id == team.enterprise_id]
        bot_id = new_id("B")
        bots = {place.id: _bot_user(slack, app, place, bot_id).id for place in teams}
        found = Installation(
            app.id, None if for_enterprise else team.id, team.enterprise_id, wanted, installer.id, bot_id, bots
        )
        slack.installations.append(found)
    else:
        found.scopes = tuple(dict.fromkeys((*found.scopes, *wanted)))
        for token in _bot_tokens(slack, found):
            token.scopes = found.scopes
    return found, issue(slack, app, found, team)


def _bot_user(slack: Slack, app: App, team: Team, bot_id: str) -> User:
    name = app.bot_name or app.name
    return slack.add_user(
        team.id, name.lower().replace(" ", "_"), name, is_bot=True, app_id=app.id, bot_id=bot_id, display_name=name
    )


def _bot_tokens(slack: Slack, installation: Installation) -> list[Token]:
    return [
        token
        for token in slack.tokens.values()
        if token.app_id == installation.app_id
        and token.kind in ("bot", "refresh")
        and (token.team_id, token.enterprise_id) == (installation.team_id, installation.enterprise_id)
        and not token.revoked
    ]


def issue(slack: Slack, app: App, installation: Installation, team: Team | None) -> Pair:
    """A new token for an installation. With rotation it expires, and a refresh token comes with it; of the older access
    tokens only the newest stays good."""
    details: dict[str, Any] = {
        "team_id": installation.team_id,
        "enterprise_id": installation.enterprise_id,
        "user_id": installation.bot_users[team.id] if team is not None and installation.team_id is not None else None,
        "scopes": installation.scopes,
    }
    if not app.token_rotation:
        old = [token for token in _bot_tokens(slack, installation) if token.kind == "bot"]
        return Pair(old[0] if old else slack.issue("bot", app.id, **details), None)
    access = slack.issue("bot", app.id, lifetime=TOKEN_SECONDS, **details)
    good = [token for token in _bot_tokens(slack, installation) if token.kind == "bot" and token.expires_at is not None]
    good.sort(key=lambda token: token.issued_at)
    for token in good[:-MOST_TOKENS]:
        token.revoked = True
    return Pair(access, slack.issue("refresh", app.id, **details))


def installation_of(slack: Slack, token: Token) -> Installation | None:
    """The installation that a token belongs to."""
    for installation in slack.installations:
        if (installation.app_id, installation.team_id, installation.enterprise_id) == (
            token.app_id,
            token.team_id,
            token.enterprise_id,
        ):
            return installation
    return None


def uninstall(slack: Slack, installation: Installation) -> None:
    """Take an app out: its tokens end, its bot leaves, and it is told (app_uninstalled and tokens_revoked)."""
    app_id = installation.app_id
    for token in _bot_tokens(slack, installation):
        token.revoked = True
    for team_id, bot_id in installation.bot_users.items():
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot_id]}, "event_ts": slack.new_ts()}
        slack.tell(Told(team_id, revoked, app_id=app_id))
        slack.tell(Told(team_id, {"type": "app_uninstalled", "event_ts": slack.new_ts()}, app_id=app_id))
    for bot_id in installation.bot_users.values():
        slack.users[bot_id].deleted = True
        for channel in slack.channels.values():
            if bot_id in channel.members and not channel.is_direct:
                channel.members.remove(bot_id)
    slack.installations.remove(installation)


def revoke(slack: Slack, token: Token) -> None:
    """End one token and tell the app."""
    token.revoked = True
    installation = installation_of(slack, token)
    if installation is None:
        return
    for team_id, bot_id in installation.bot_users.items():
        event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot_id]}, "event_ts": slack.new_ts()}
        slack.tell(Told(team_id, event, app_id=token.app_id))
