"""A gallery's items as their messages in a channel are now, for the updater."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.poll_messages import in_language
from bot.rendering import Rendered, everybody
from bot.views import found as views
from bot.wiring import Wiring
from core.activities import gallery_settings, item_pages, seats, walls
from core.activities.channels import Bound
from core.activities.refusals import NotFound
from core.activities.slack_messages import Message


def item(session: Session, wiring: Wiring, bound: Bound, message: Message) -> Rendered:  # noqa: ARG001 - as all do
    """An item as a student sees it who has done nothing yet."""
    say, reader = in_language(bound.language), everybody(bound)
    try:
        opened = seats.opened_of_id(session, reader, message.activity_id, "gallery")
    except NotFound:
        made = views.gone(say)
        return Rendered(made.text, list(made.blocks), message.shown_version, over=True)
    settings = gallery_settings.of(opened)
    found = item_pages.several(session, reader, opened, settings, [message.target_id])
    made = views.of_channel(found[0], say, is_rated=bool(settings.judgements)) if found else views.gone(say)
    return Rendered(made.text, list(made.blocks), walls.version(session, opened.id))
