"""Found content in Slack: saved from a message, by command; rated, commented, reported.

Of a message its words and its first link come along, as far as the person leaves them in the form: not who wrote it,
not its address, no file. A button's value is ITEM, or, outside a channel, ITEM:CHANNEL (its row).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from bot import markup, texts
from bot.blocks import Block
from bot.calls import Call
from bot.listeners import Listener
from bot.polls import beside
from bot.texts import NO_HINTS, Here, asked_for, target, where
from bot.views import found as views
from bot.views import texts as shared
from bot.views.found import Brought, Gallery, Reader
from bot.views.texts import Given
from core.activities import (
    authors,
    channel_news,
    comments,
    gallery_settings,
    item_pages,
    items,
    judging,
    tags,
)
from core.activities.channels import Bound
from core.activities.item_pages import Shown
from core.activities.items import New
from core.activities.posting import Typed
from core.activities.refusals import NotAllowed, Refusal
from core.activities.screening import Hints
from core.crowd.scales import ATTRIBUTES
from core.words import N_

KIND = "gallery"
MOST_ASKED = 100  # tags in one list of Slack's


# ---- bringing ----


def bring(call: Call, typed: str) -> None:
    """`/heirloom found [link]`."""
    url = markup.first_link(typed)
    _begin(call, Brought(url=url or markup.words(typed)))


def _save(call: Call) -> None:
    """The message shortcut "Save as found content"."""
    message = call.body.get("message") or {}
    text = str(message.get("text") or "")
    url = markup.first_link(text)
    words = markup.words(text)
    _begin(call, Brought(url=url, body="" if words == url else words), has_files=bool(message.get("files")))


def _begin(call: Call, given: Brought, *, has_files: bool = False) -> None:
    with call.wiring.database.write() as session:
        found = texts.classes(call, session)
        if len(found) == 1:
            view = _form(call, session, found[0], given, has_files=has_files)
        else:
            view = shared.choose_class(
                texts.choices(call, found), call.say, callback_id="item_class", boxes=views.boxes(given, call.say)
            )
    texts.open_view(call, view)


def _class_chosen(call: Call) -> None:
    """Go on to the form of the class that was chosen."""
    with call.wiring.database.write() as session:
        view = _form(call, session, texts.chosen(call, session), views.sent(call.values))
    call.ack(response_action="update", view=view)


def _form(
    call: Call, session: Session, bound: Bound, given: Brought, hints: Hints = NO_HINTS, *, has_files: bool = False
) -> Block:
    here = texts.of_channel(call, session, bound, KIND)
    settings = gallery_settings.of(here.opened)
    gallery = Gallery(
        course=bound.course_title,
        promise=authors.promise(settings),
        concepts=[tag for tag in tags.of_gallery(session, here.opened) if tag.kind == "concept"],
        free_tags=settings.free_tags,
        shortest=settings.shortest,
    )
    metadata = here.metadata(checked=1) if hints else here.metadata()
    return views.bring_form(given, gallery, call.say, metadata=metadata, hints=hints, has_files=has_files)


def _brought(call: Call) -> None:
    """The form was sent: the item is stored, and becomes due in its channel."""
    given = views.sent(call.values)
    with call.wiring.database.write() as session:
        here = texts.of_channel(call, session, call.bound(session, asked_for(call, "channel")), KIND, to_work=True)
        settings = gallery_settings.of(here.opened)
        hints = texts.hints(call, session, here, "\n".join((given.title, given.body, given.text)))
        if texts.is_to_be_shown(call, hints, Given(anyway=given.anyway)):
            view = _form(call, session, here.bound, given, hints)
        else:
            new = _new(given, call.language)
            brought = items.bring(session, here.seat, here.opened, settings, new, now=call.now)
            is_anonymous = settings.anonymity == "anonymous" and not here.teaches
            channel_news.post(
                session,
                here.bound,
                channel_news.ITEM,
                brought.id,
                here.opened.id,
                status=brought.stored.status,
                is_anonymous=is_anonymous,
                asked_by=call.user_id,
                now=call.now,
            )
            lines = shared.stored(brought.stored, call.say)
            if brought.stored.status == "live":
                lines.append(call.say(texts.BLURRED if is_anonymous else texts.AT_ONCE))
            view = shared.told(call.say(N_("Saved")), lines, call.say)
    call.ack(response_action="update", view=view)


def _new(given: Brought, language: str) -> New:
    return New(
        kind="found",
        title=given.title,
        text=given.text,
        url=given.url,
        body=given.body,
        source=given.source,
        licence=given.terms,
        concepts=given.concepts,
        words=tuple(given.words.replace(";", ",").split(",")),
        anyway=given.anyway,
        language=language,
    )


# ---- one item ----


def _see(call: Call) -> None:
    """An item with its comments, for this person."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND)
        view = _page(call, session, here, target(call))
    texts.open_view(call, view)


def _page(call: Call, session: Session, here: Here, item_id: int, said: Sequence[str] = ()) -> Block:
    settings = gallery_settings.of(here.opened)
    item = item_pages.one(session, here.seat, here.opened, settings, item_id)
    written = comments.of_parents(session, here.seat, here.opened, settings, [item_id]).get(item_id, [])
    reader = Reader(here.teaches, bool(settings.judgements), here.metadata(item=item_id), written)
    return views.of_reader(item, reader, call.say, said=said)


def _comment_form(call: Call) -> None:
    """The form for a comment."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND)
        item = item_pages.one(session, here.seat, here.opened, gallery_settings.of(here.opened), target(call))
    texts.open_view(call, _commenting(call, here, item, Given(), NO_HINTS))


def _commenting(call: Call, here: Here, item: Shown, given: Given, hints: Hints) -> Block:
    return shared.one_box(
        call.say(N_("Your comment")),
        item.title,
        call.say(N_("Your comment")),
        call.say,
        callback_id="item_comment",
        metadata=here.metadata(item=item.id, **({"checked": 1} if hints else {})),
        promise=authors.promise(here.settings),
        given=given,
        hints=hints,
        longest=comments.LONGEST,
    )


def _commented(call: Call) -> None:
    """The comment was sent."""
    sent, item_id = texts.given(call), asked_for(call, "item")
    try:
        with call.wiring.database.write() as session:
            here = where(call, session, item_id, KIND, to_work=True)
            settings = gallery_settings.of(here.opened)
            hints = texts.hints(call, session, here, sent.text)
            if texts.is_to_be_shown(call, hints, sent):
                item = item_pages.one(session, here.seat, here.opened, settings, item_id)
                view = _commenting(call, here, item, sent, hints)
            else:
                typed = Typed(sent.text, anyway=sent.anyway, language=call.language)
                posted = comments.write(
                    session, here.seat, here.opened, settings, typed, parent_id=item_id, now=call.now
                )
                view = _page(call, session, here, item_id, shared.stored(posted.stored, call.say))
    except Refusal as refusal:
        beside(call, refusal, "text")
        return
    call.ack(response_action="update", view=view)


def _back(call: Call) -> None:
    """The author takes an item back."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND, to_work=True)
        items.take_back(session, here.seat, here.opened, gallery_settings.of(here.opened), target(call), now=call.now)
    _update(call, shared.told(call.say(N_("Taken back")), [call.say(_BACK)], call.say))


_BACK = N_("Taken back. Nobody sees it any more.")


def _uncomment(call: Call) -> None:
    """The author takes a comment back."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND, to_work=True)
        comments.take_back(session, here.seat, here.opened, here.settings, target(call), now=call.now)
        view = _page(call, session, here, asked_for(call, "item"), [call.say(_BACK)])
    _update(call, view)


def _update(call: Call, view: Block) -> None:
    call.ack()
    call.client.views_update(view_id=str(call.view["id"]), view=view)


# ---- rating ----


def _rate_form(call: Call) -> None:
    """The form to rate an item that somebody chose."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND)
        item = item_pages.one(session, here.seat, here.opened, gallery_settings.of(here.opened), target(call))
        if item.is_mine:
            raise NotAllowed(N_("This item is your own. Classmates judge it."))
        view = _rating(call, session, here, item, by_chance=False)
    texts.open_view(call, view)


def _rating(
    call: Call, session: Session, here: Here, item: Shown, *, by_chance: bool, said: Sequence[str] = ()
) -> Block:
    settings = gallery_settings.of(here.opened)
    asked = _asked_about(session, here, item)
    sides = [side for side in ATTRIBUTES if side.key in judging.asked(settings)]
    metadata = here.metadata(item=item.id, asked=[tag.id for tag in asked])
    return views.rate_form(item, sides, asked, call.say, metadata=metadata, by_chance=by_chance, said=said)


def _asked_about(session: Session, here: Here, item: Shown) -> list[tags.Named]:
    """The ideas of the course, and what the author says, in one order: who judges is not told which is which."""
    known = [tag for tag in tags.of_gallery(session, here.opened) if tag.kind == "concept"]
    free = [tag for tag in item.tags if tag.kind == "free"]
    return sorted([*known, *free], key=lambda tag: tag.name.casefold())[:MOST_ASKED]


def _rated(call: Call) -> None:
    """What somebody says of an item is stored."""
    item_id, ticked = asked_for(call, "item"), set(shared.several(call.values, "applies"))
    with call.wiring.database.write() as session:
        here = where(call, session, item_id, KIND, to_work=True)
        settings = gallery_settings.of(here.opened)
        applies = {
            number: f"{number}" in ticked for number in call.metadata.get("asked", ()) if isinstance(number, int)
        }
        said = judging.judge(
            session, here.seat, here.opened, settings, item_id, _ratings(call.values, settings), applies, now=call.now
        )
    row = here.bound.id
    view = views.rated(said, call.say, channel_row=row, metadata=here.metadata())
    call.ack(response_action="update", view=view)


def _ratings(
    values: Mapping[str, Mapping[str, Any]], settings: gallery_settings.GallerySettings
) -> dict[str, int | None]:
    stars = {key: shared.value(values, f"side_{key}") for key in judging.asked(settings)}
    return {key: int(text) if text.isdecimal() else None for key, text in stars.items()}


def _next(call: Call) -> None:
    """The item that chance picks for this person next."""
    with call.wiring.database.write() as session:
        bound = call.bound(session, target(call))
        here = texts.of_channel(call, session, bound, KIND, to_work=True)
        settings = gallery_settings.of(here.opened)
        turn = judging.next_item(session, here.seat, here.opened, settings, now=call.now, rng=call.wiring.rng())
        if turn is None:
            view = shared.told(call.say(N_("Nothing to rate now")), [call.say(_NOTHING_LEFT)], call.say)
        else:
            item = item_pages.one(session, here.seat, here.opened, settings, turn.item_id)
            view = _rating(call, session, here, item, by_chance=True)
    if call.view.get("type") == "modal":
        _update(call, view)
    else:
        texts.open_view(call, view)


_NOTHING_LEFT = N_("There is nothing left for you to rate. Come back when classmates have brought more.")


def _opened(call: Call) -> None:
    """Somebody opened a link: Slack tells it, and wants no more than to hear that we heard."""
    call.ack()


LISTENERS = (
    Listener("message_shortcut", "save_found_content", _save),
    Listener("submit", "item_class", _class_chosen),
    Listener("submit", "item_bring", _brought),
    Listener("action", "item_open", _opened),
    Listener("action", "item_see", _see),
    Listener("action", "item_comment", _comment_form),
    Listener("submit", "item_comment", _commented),
    Listener("action", "item_back", _back),
    Listener("action", "item_uncomment", _uncomment),
    Listener("action", "item_rate", _rate_form),
    Listener("submit", "item_rate", _rated),
    Listener("action", "item_next", _next),
    Listener("action", "item_report", texts.report_form("item")),
    Listener("submit", "item_report", texts.report(KIND)),
)
