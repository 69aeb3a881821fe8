"""What every listener needs and none makes for itself: settings, database, vault, clock, chance, the way to Slack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from slack_sdk import WebClient

from core.secrets import Vault
from core.settings import Settings
from core.store.database import Database

TIMEOUT = 10  # [s] for one call of Slack's Web API


@dataclass(frozen=True, slots=True)
class Wiring:
    """Handed to the bot once, by whoever starts the process."""

    settings: Settings
    database: Database
    vault: Vault
    now: Callable[[], datetime]
    rng: Callable[[], np.random.Generator]

    def client(self, token: str | None = None) -> WebClient:
        """Slack's Web API. It never tries again by itself: who calls knows the pace."""
        return WebClient(token=token, base_url=f"{self.settings.slack_api_url}/", timeout=TIMEOUT, retry_handlers=[])


def wire(settings: Settings, database: Database, *, now: Callable[[], datetime]) -> Wiring:
    """The wiring of a process."""
    return Wiring(settings, database, Vault(settings.secret_keys), now, np.random.default_rng)
