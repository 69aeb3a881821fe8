"""A gallery's items as their messages in a channel are now, for the updater."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.poll_messages import in_language
from bot.rendering import Rendered, everybody
from bot.views import found as views
from bot.wiring import Wiring
from core.activities import gallery_settings, item_pages, seats, walls
from core.activities.channels import Bound
from core.activities.item_pages import Shown
from core.activities.refusals import NotFound
from core.activities.slack_messages import Message


@dataclass(frozen=True, slots=True)
class Standing:
    """A gallery's items as a student sees them who has done nothing yet."""

    version: int
    is_rated: bool
    items: dict[int, Shown]


def standing(session: Session, bound: Bound, activity_id: int) -> Standing | None:
    """The gallery's items, read once in a transaction; None where it is not the channel's course's any more."""
    known: dict[tuple[int, int], Standing | None] = session.info.setdefault("items", {})
    key = (bound.course_id, activity_id)
    if key not in known:
        known[key] = _standing(session, bound, activity_id)
    return known[key]


def _standing(session: Session, bound: Bound, activity_id: int) -> Standing | None:
    reader = everybody(bound)
    try:
        opened = seats.opened_of_id(session, reader, activity_id, "gallery")
    except NotFound:
        return None
    settings = gallery_settings.of(opened)
    numbers = item_pages.numbers(session, reader, opened)
    shown = item_pages.several(session, reader, opened, settings, numbers)
    return Standing(walls.version(session, opened.id), bool(settings.judgements), {item.id: item for item in shown})


def item(session: Session, wiring: Wiring, bound: Bound, message: Message) -> Rendered:  # noqa: ARG001 - all renderers take it
    """An item; in place of one that is not shown, that it is not."""
    say = in_language(bound.language)
    found = standing(session, bound, message.activity_id)
    if found is None:
        made = views.gone(say)
        return Rendered(made.text, list(made.blocks), message.shown_version, over=True)
    shown = found.items.get(message.target_id)
    made = views.gone(say) if shown is None else views.of_channel(shown, say, is_rated=found.is_rated)
    return Rendered(made.text, list(made.blocks), found.version)
