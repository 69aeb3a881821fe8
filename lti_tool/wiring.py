"""What every request needs and none makes for itself: settings, database, the way out, the vault, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app
from flask.typing import ResponseReturnValue

from core.activities.addresses import origin
from core.secrets import Vault
from core.settings import Settings
from core.store.database import Database
from lti_tool.egress import Egress
from lti_tool.keysets import KeySets

EXTENSION = "heirloom"


@dataclass(frozen=True, slots=True)
class Wiring:
    """Handed to the application once, by whoever starts the process."""

    settings: Settings
    database: Database
    egress: Egress
    key_sets: KeySets
    vault: Vault
    now: Callable[[], datetime]
    shell: Callable[[], ResponseReturnValue]  # the empty page that fetches the rest with its session's header

    @property
    def launch_url(self) -> str:
        """The one redirect_uri that we register and use; Moodle compares it to the letter."""
        return f"{self.settings.url}/lti/launch"

    @property
    def origin(self) -> str:
        return origin(self.settings.url)


def wiring() -> Wiring:
    """The wiring of the application that serves this request."""
    return cast(Wiring, current_app.extensions[EXTENSION])
