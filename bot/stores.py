"""Where Bolt keeps installations and the states of those that began: in our database, tokens sealed."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from logging import Logger, getLogger
from typing import Any

from slack_sdk.oauth.installation_store import Bot, Installation, InstallationStore
from slack_sdk.oauth.state_store import OAuthStateStore

from bot.wiring import Wiring
from core.activities import workspaces
from core.activities.workspaces import Installed, Workspace
from core.secrets import digest

_log = getLogger("heirloom.slack")


class Installations(InstallationStore):
    """One row a workspace (or organisation). We act as the bot only, so users' tokens are never kept."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    @property
    def logger(self) -> Logger:
        return _log

    def save(self, installation: Installation) -> None:
        name = installation.team_name or installation.enterprise_name or ""
        self._keep(installation.to_bot(), name, installation.user_id)

    def save_bot(self, bot: Bot) -> None:
        """The rotation of a token, which knows neither name nor installer."""
        with self._wiring.database.read() as session:
            known = workspaces.find(session, bot.enterprise_id, bot.team_id)
        self._keep(bot, known.name if known else bot.team_name or "", known.installed_by if known else "")

    def _keep(self, bot: Bot, name: str, installed_by: str) -> None:
        seal = self._wiring.vault.seal
        with self._wiring.database.write() as session:
            new = Installed(
                enterprise_id=bot.enterprise_id or "",
                team_id="" if bot.is_enterprise_install else bot.team_id or "",
                name=name,
                app_id=bot.app_id or "",
                bot_id=bot.bot_id,
                bot_user_id=bot.bot_user_id,
                bot_token=seal(bot.bot_token),
                bot_refresh_token=seal(bot.bot_refresh_token) if bot.bot_refresh_token else None,
                bot_token_expires_at=_instant(bot.bot_token_expires_at),
                scopes=tuple(bot.bot_scopes or ()),
                installed_by=installed_by,
            )
            workspaces.save(session, new, now=self._wiring.now())

    def find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        with self._wiring.database.read() as session:
            found = workspaces.find(session, enterprise_id, None if is_enterprise_install else team_id)
        return None if found is None or found.bot_token is None else self._bot(found)

    def delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        with self._wiring.database.write() as session:
            found = workspaces.find(session, enterprise_id, team_id)
            if found is not None:
                workspaces.end(session, found.id, now=self._wiring.now())

    def delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Somebody's own tokens were revoked: we have none. The bot's end is `delete_bot`."""

    def _bot(self, found: Workspace) -> Bot:
        unseal = self._wiring.vault.open
        assert found.bot_token is not None  # for mypy: the caller saw to it
        return Bot(
            app_id=found.app_id,
            enterprise_id=found.enterprise_id or None,
            team_id=found.team_id or None,
            team_name=found.name,
            bot_token=unseal(found.bot_token),
            bot_id=found.bot_id,
            bot_user_id=found.bot_user_id,
            bot_scopes=list(found.scopes),
            bot_refresh_token=unseal(found.bot_refresh_token) if found.bot_refresh_token else None,
            bot_token_expires_at=int(found.bot_token_expires_at.timestamp()) if found.bot_token_expires_at else None,
            is_enterprise_install=found.team_id == "",
            installed_at=found.installed_at.timestamp(),
        )


def _instant(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)


class States(OAuthStateStore):
    """States of installations: 256 random bits, ten minutes, once."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    @property
    def logger(self) -> Logger:
        return _log

    def issue(self, *args: Any, **kwargs: Any) -> str:  # noqa: ARG002 - Bolt's signature
        state = secrets.token_urlsafe(32)
        with self._wiring.database.write() as session:
            workspaces.begin(session, digest(state), now=self._wiring.now())
        return state

    def consume(self, state: str) -> bool:
        with self._wiring.database.write() as session:
            return workspaces.consume(session, digest(state), now=self._wiring.now())
