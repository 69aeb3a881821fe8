"""What a teacher chooses for an activity of polls; each poll has its own (`core.store.tables.Poll`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.activities import shared_settings
from core.activities.seats import Opened
from core.activities.setting_fields import Option
from core.activities.shared_settings import SharedSettings, shared_fields
from core.words import N_

COUNTED = (Option("ballot", N_("Polls answered"), ""),)


@dataclass(frozen=True, slots=True)
class PollSettings(SharedSettings):
    """Polls of a class."""


FIELDS = shared_fields(COUNTED)


def from_json(values: Mapping[str, Any]) -> PollSettings:
    """Stored settings."""
    return shared_settings.from_json(PollSettings, values)


def of(opened: Opened) -> PollSettings:
    """The settings of the activity's polls."""
    return from_json(opened.settings)
