"""One's own question or item, changed in Slack by the use cases of the course; what stands in a channel follows it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot import attachments, found, questions, texts
from bot.blocks import Block
from bot.calls import Call
from bot.listeners import Listener
from bot.polls import beside
from bot.texts import NO_HINTS, Here, asked_for, target, where
from bot.views import found as items_views
from bot.views import questions as question_views
from bot.views import texts as shared
from bot.views.found import Brought
from bot.views.texts import Given
from core.activities import authors, gallery_settings, item_pages, items, question_changes, question_settings
from core.activities import questions as asked
from core.activities.posting import Typed
from core.activities.refusals import NotAllowed, Refusal
from core.activities.screening import Hints
from core.problems.images import CleanImage
from core.words import N_

_TOO_LONG = N_("A text in it is longer than Slack's boxes take, and would be cut off. Change it in your course.")


# ---- a question ----


def _question(call: Call) -> None:
    """The form with one's own question."""
    with call.wiring.database.read() as session:
        here = where(call, session, target(call), questions.KIND)
        settings = question_settings.of(here.opened)
        line = asked.page(session, here.seat, here.opened, settings, target(call), now=call.now).question
    if not line.author.is_me:
        raise NotAllowed(N_("This question is not one of yours, so you cannot change it."))
    if not question_views.fits(line):
        raise Refusal(_TOO_LONG)
    texts.open_view(call, _question_form(call, here, line.id, Given(line.title, line.text), NO_HINTS))


def _question_form(call: Call, here: Here, question: int, given: Given, hints: Hints) -> Block:
    metadata = here.metadata(question=question, **({"checked": 1} if hints else {}))
    promise = authors.promise(here.settings)
    return question_views.change_form(given, call.say, metadata=metadata, promise=promise, hints=hints)


def _question_sent(call: Call) -> None:
    """The other words were sent."""
    sent, question = texts.given(call), asked_for(call, "question")
    try:
        with call.wiring.database.write() as session:
            here = where(call, session, question, questions.KIND, to_work=True)
            settings = question_settings.of(here.opened)
            hints = texts.hints(call, session, here, f"{sent.title}\n{sent.text}")
            if texts.is_to_be_shown(call, hints, sent):
                view = _question_form(call, here, question, sent, hints)
            else:
                typed = Typed(sent.text, sent.title, sent.anyway, call.language)
                stored = question_changes.change(
                    session, here.seat, here.opened, settings, typed, question_id=question, now=call.now
                )
                page = asked.page(session, here.seat, here.opened, settings, question, now=call.now)
                view = questions.page_view(call, here, page, shared.stored(stored, call.say))
    except Refusal as refusal:
        beside(call, refusal, "title")
        return
    call.ack(response_action="update", view=view)


# ---- an item ----


def _item(call: Call) -> None:
    """The form with one's own item."""
    with call.wiring.database.read() as session:
        here = where(call, session, target(call), found.KIND)
        item = item_pages.one(session, here.seat, here.opened, gallery_settings.of(here.opened), target(call))
        if not item.is_mine:
            raise NotAllowed(N_("This item is not one of yours, so you cannot change it."))
        given = items_views.of_item(item)
        if not items_views.fits(given):
            raise Refusal(_TOO_LONG)
        view = _item_form(call, session, here, item.id, given)
    texts.open_view(call, view)


def _item_form(
    call: Call, session: Session, here: Here, number: int, given: Brought, hints: Hints = NO_HINTS,
    said: Sequence[str] = (),
) -> Block:  # fmt: skip
    item = item_pages.one(session, here.seat, here.opened, gallery_settings.of(here.opened), number)
    metadata, gallery = (
        here.metadata(item=number, **({"checked": 1} if hints else {})),
        found.gallery(call, session, here),
    )
    return items_views.change_form(given, item, gallery, call.say, metadata=metadata, hints=hints, said=said)


def _item_sent(call: Call) -> None:
    """The changed item was sent."""
    given, file, number = items_views.sent(call.values), attachments.chosen(call), asked_for(call, "item")
    if found.lacks_words(call, given, file):
        return
    view = None
    with call.wiring.database.write() as session:
        here = where(call, session, number, found.KIND, to_work=True)
        hints = texts.hints(call, session, here, found.words_of(given))
        if texts.is_to_be_shown(call, hints, Given(anyway=given.anyway)):
            view = _item_form(call, session, here, number, given, hints)
        elif file is None:
            view = _changed(call, session, here, number, given)
    if view is not None or file is None:
        call.ack(response_action="update", view=view)
        return

    def keep(picture: CleanImage) -> Block:
        with call.wiring.database.write() as session:
            here = where(call, session, number, found.KIND, to_work=True)
            return _changed(call, session, here, number, given, picture)

    def again(said: list[str]) -> Block:
        with call.wiring.database.read() as session:
            return _item_form(call, session, where(call, session, number, found.KIND), number, given, said=said)

    attachments.go_on(call, file, keep, again)


def _changed(
    call: Call, session: Session, here: Here, number: int, given: Brought, picture: CleanImage | None = None
) -> Block:
    settings = gallery_settings.of(here.opened)
    new = found.new(given, call.language, "", picture)  # its kind stays
    changed = items.change(session, here.seat, here.opened, settings, number, new, now=call.now)
    return found.page_view(call, session, here, number, shared.stored(changed.stored, call.say))


LISTENERS = (
    Listener("action", "question_change", _question),
    Listener("submit", "question_change", _question_sent),
    Listener("action", "item_change", _item),
    Listener("submit", "item_change", _item_sent),
)
