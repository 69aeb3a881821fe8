"""The kinds of activity that a teacher can place: their names, and where their settings are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.activities import gallery_settings, poll_settings, question_settings
from core.activities.gallery_settings import GallerySettings
from core.activities.poll_settings import PollSettings
from core.activities.question_settings import QuestionSettings
from core.activities.setting_fields import AnyField
from core.activities.shared_settings import SharedSettings
from core.words import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of activity beside practice, which has settings, problems and pages of its own."""

    name: str
    label: str
    meaning: str
    title: str  # what a new one is called
    blank: SharedSettings
    fields: tuple[AnyField, ...]
    from_json: Callable[[Mapping[str, Any]], SharedSettings]


SHARED = {
    kind.name: kind
    for kind in (
        Kind(
            "questions",
            N_("Questions"),
            N_("The class asks, answers and votes; what matters to most comes first."),
            N_("Questions"),
            QuestionSettings(),
            question_settings.FIELDS,
            question_settings.from_json,
        ),
        Kind(
            "gallery",
            N_("Gallery"),
            N_("The class brings what it finds or makes, tags and judges it; you pick what to talk about."),
            N_("Gallery"),
            GallerySettings(),
            gallery_settings.FIELDS,
            gallery_settings.from_json,
        ),
        Kind(
            "poll",
            N_("Polls"),
            N_("Votes, ratings, word clouds, first and last impressions, with results as they come in."),
            N_("Polls"),
            PollSettings(),
            poll_settings.FIELDS,
            poll_settings.from_json,
        ),
    )
}
