"""What a teacher chooses for questions, as an activity or beside the problems of a practice activity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.activities import shared_settings
from core.activities.seats import Opened
from core.activities.setting_fields import Choice, Option
from core.activities.shared_settings import SharedSettings, shared_fields
from core.words import N_

ORDERS = (
    Option("best", N_("What matters to most"), N_("By votes beside how many saw a question, so that new ones rise.")),
    Option("newest", N_("Newest first"), N_("By the time when they were asked.")),
)
COUNTED = (
    Option("question", N_("Questions asked"), ""),
    Option("answer", N_("Answers"), ""),
    Option("comment", N_("Comments"), ""),
    Option("vote", N_("Votes"), ""),
)


@dataclass(frozen=True, slots=True)
class QuestionSettings(SharedSettings):
    """Questions of a class."""

    order: str = "best"


FIELDS = (Choice("order", N_("Order of the questions"), options=ORDERS), *shared_fields(COUNTED))


def from_json(values: Mapping[str, Any]) -> QuestionSettings:
    """Stored settings."""
    return shared_settings.from_json(QuestionSettings, values)


def of(opened: Opened) -> QuestionSettings:
    """The settings of the activity's questions; beside a practice activity, that one setting says who is named."""
    if opened.kind == "practice":
        return QuestionSettings(anonymity=opened.settings.get("questions_panel", "off"))
    return from_json(opened.settings)
