"""What a teacher chooses for a gallery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.activities import shared_settings
from core.activities.seats import Opened
from core.activities.setting_fields import Box, Choice, Number, Option, Several
from core.activities.shared_settings import SharedSettings, shared_fields
from core.crowd.scales import ATTRIBUTES
from core.words import N_

COUNTED = (
    Option("found", N_("Items found"), ""),
    Option("produced", N_("Items made"), ""),
    Option("rating", N_("Items judged"), ""),
    Option("comment", N_("Comments"), ""),
)


SCALED = (
    Option(
        "attributes",
        N_("Five stars for each of several sides"),
        N_("Takes longer and ranks better: in the experiment of Riedl et al. (2010) it was nearest to experts."),
    ),
    Option("stars", N_("Five stars"), N_("One number. Quick, and enough where items are long (Riedl et al. 2013).")),
)
SIDES = tuple(Option(side.key, side.name.message, side.asked.message) for side in ATTRIBUTES)


@dataclass(frozen=True, slots=True)
class GallerySettings(SharedSettings):
    """A gallery of found and produced items."""

    takes_found: bool = True
    takes_produced: bool = True
    shortest: int = 60  # characters that say which idea an item shows, and how
    free_tags: bool = True
    judgements: int = 5  # how many people judge each item
    scale: str = "attributes"  # of `core.crowd.scales.SCALES`
    attributes: Sequence[str] = ("relevant", "clear", "novel")  # keys of `core.crowd.scales.ATTRIBUTES`
    previews: bool = False  # title and description of a linked page, fetched by this server


FIELDS = (
    Box("takes_found", N_("Found items"), N_("Links, pictures and texts from the real world.")),
    Box("takes_produced", N_("Produced items"), N_("The students' own work.")),
    Number("shortest", N_("Characters that an item's explanation needs"), low=1, high=2000),
    Box("free_tags", N_("Tags of their own"), N_("Students may add words of their own to the ideas that you list.")),
    Number(
        "judgements",
        N_("Classmates who judge each item"),
        N_("Chance picks who judges what, so that each item gets its share. 0: nothing is judged."),
        low=0,
        high=30,
    ),
    Choice("scale", N_("How items are judged"), options=SCALED),
    Several("attributes", N_("Sides that are judged"), N_("Three are plenty. Only for several sides."), SIDES, least=1),
    Box("previews", N_("Previews of links"), N_("This server then asks the linked page for its title.")),
    *shared_fields(COUNTED),
)


def from_json(values: Mapping[str, Any]) -> GallerySettings:
    """Stored settings."""
    return shared_settings.from_json(GallerySettings, values)


def of(opened: Opened) -> GallerySettings:
    """The gallery's settings."""
    return from_json(opened.settings)
