"""What people allowed on the consent page, until the app comes for it with the code."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.slack.ids import secret_text

CODE_SECONDS = 600
"""How long a code is good."""


@dataclass(slots=True)
class Grant:
    """One consent. `for_enterprise` if it is for all workspaces of an organisation."""

    app_id: str
    team_id: str
    user_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    expires_at: float
    for_enterprise: bool = False
    used: bool = False


class Grants:
    """Codes that were given and not yet used."""

    def __init__(self) -> None:
        self._by_code: dict[str, Grant] = {}

    def give(self, grant: Grant) -> str:
        code = f"{secret_text(13)}.{secret_text(13)}.{secret_text(64)}"
        self._by_code[code] = grant
        return code

    def take(self, code: str, app_id: str, now: float) -> Grant | None:
        """The grant of a code, once and while it is fresh."""
        grant = self._by_code.get(code)
        if grant is None or grant.used or grant.app_id != app_id or grant.expires_at < now:
            return None
        grant.used = True
        return grant
