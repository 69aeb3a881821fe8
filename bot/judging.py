"""Judging in Slack: an item that somebody chose, or one after another that chance picks, in one view.

Who judges which item, and what counts, is `core.activities.judging`. A button's value is ITEM, or, where chance picks,
CHANNEL (its row) or CHANNEL:ACTIVITY.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot import pictures, texts
from bot.blocks import Block
from bot.calls import Call
from bot.found import KIND, replace_view
from bot.listeners import Listener
from bot.polls import beside
from bot.texts import Here, asked_for, target, where
from bot.views import judging as views
from core.activities import credit, gallery_settings, item_pages, judging, seats, tags
from core.activities.agenda import Graded
from core.activities.item_pages import Shown
from core.activities.judging import Turn
from core.activities.refusals import Gone, NotAllowed, Refusal
from core.crowd.scales import ATTRIBUTES
from core.words import N_, Sentence


def _chosen(call: Call) -> None:
    """The form to rate an item that somebody chose."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND)
        item = item_pages.one(session, here.seat, here.opened, gallery_settings.of(here.opened), target(call))
        if item.is_mine:
            raise NotAllowed(N_("This item is your own. Classmates judge it."))
        view = _form(call, session, here, item)
    texts.open_view(call, view)


def _form(
    call: Call, session: Session, here: Here, item: Shown, turn: Turn | None = None, said: Sentence | None = None
) -> Block:
    settings = gallery_settings.of(here.opened)
    asked = _asked_about(session, here, item)
    drawn = None
    if turn is not None:
        anonymity = settings.anonymity
        drawn = views.Turn(turn.done, turn.may_skip, here.teaches, anonymity == "named", anonymity == "anonymous")
    of_chance = {} if turn is None else {"activity": here.opened.id}
    metadata = here.metadata(item=item.id, asked=[tag.id for tag in asked[: views.MOST_ASKED]], **of_chance)
    sides = [side for side in ATTRIBUTES if side.key in judging.asked(settings)]
    lines = [] if said is None else [call.say(said)]
    sees = pictures.may_show(call)
    return views.form(item, sides, asked, call.say, metadata=metadata, turn=drawn, said=lines, sees_pictures=sees)


def _asked_about(session: Session, here: Here, item: Shown) -> list[tags.Named]:
    """The ideas of the course, and what the author says, in one order: who judges is not told which is which."""
    known = [tag for tag in tags.of_gallery(session, here.opened) if tag.kind == "concept"]
    free = [tag for tag in item.tags if tag.kind == "free"]
    return sorted([*known, *free], key=lambda tag: tag.name.casefold())


def _rated(call: Call) -> None:
    """What somebody says of an item is stored; where chance picks, the next one comes into the view."""
    item_id, by_chance = asked_for(call, "item"), bool(asked_for(call, "activity"))
    try:
        with call.wiring.database.write() as session:
            here = where(call, session, item_id, KIND, to_work=True)
            said = _judge(call, session, here, item_id)
            view = _next_view(call, session, here, said) if by_chance else _thanks(call, here, said)
    except Refusal as refusal:
        if not (by_chance and isinstance(refusal, Gone)):
            beside(call, refusal, next((name for name in call.values if name.startswith("side_")), None))
            return
        view = _go_on(call, refusal.sentence)
    call.ack(response_action="update", view=view)
    pictures.drop(call)


def _judge(call: Call, session: Session, here: Here, item_id: int) -> Sentence:
    settings = gallery_settings.of(here.opened)
    sides, ticked = views.sent(call.values)
    ratings = {key: int(text) if (text := sides.get(key, "")).isdecimal() else None for key in judging.asked(settings)}
    applies = {number: f"{number}" in ticked for number in call.metadata.get("asked", ()) if isinstance(number, int)}
    return judging.judge(session, here.seat, here.opened, settings, item_id, ratings, applies, now=call.now)


def _thanks(call: Call, here: Here, said: Sentence) -> Block:
    """After an item that somebody chose."""
    return views.rated(said, call.say, value=f"{here.bound.id}:{here.opened.id}", metadata=here.metadata())


def _begin(call: Call) -> None:
    """The item that chance picks for this person first, in the gallery of the button or of its channel."""
    activity = call.ids[1] if len(call.ids) > 1 else None
    with call.wiring.database.write() as session:
        here = _gallery(call, session, target(call), activity)
        view = _next_view(call, session, here)
    if call.view.get("type") == "modal":
        replace_view(call, view)
    else:
        texts.open_view(call, view)


def _skip(call: Call) -> None:
    """Leave the item out, and go on to the next; where that was done too often, stay with it."""
    said = None
    try:
        with call.wiring.database.write() as session:
            here = where(call, session, target(call), KIND, to_work=True)
            settings = gallery_settings.of(here.opened)
            judging.skip(session, here.seat, here.opened, settings, target(call), now=call.now)
    except Refusal as refusal:
        if type(refusal) is not Refusal:
            raise
        said = refusal.sentence
    replace_view(call, _go_on(call, said, skipped=target(call)))


def _go_on(call: Call, said: Sentence | None, skipped: int | None = None) -> Block:
    """The next item in the gallery that the view remembers."""
    with call.wiring.database.write() as session:
        here = _gallery(call, session, asked_for(call, "channel"), asked_for(call, "activity"))
        return _next_view(call, session, here, said, skipped)


def _gallery(call: Call, session: Session, row: int, activity: int | None) -> Here:
    """The gallery of this number, or else the one that the channel uses."""
    bound = call.bound(session, row)
    if activity is None:
        return texts.of_channel(call, session, bound, KIND, to_work=True)
    seat = call.seat(session, bound, to_work=True)
    return Here(bound, seat, seats.opened_of_id(session, seat, activity, KIND, to_work=True))


def _next_view(
    call: Call, session: Session, here: Here, said: Sentence | None = None, skipped: int | None = None
) -> Block:
    settings, rng = gallery_settings.of(here.opened), call.wiring.rng()
    turn = judging.next_item(session, here.seat, here.opened, settings, now=call.now, rng=rng, skipped=skipped)
    if turn is not None:
        item = item_pages.one(session, here.seat, here.opened, settings, turn.item_id)
        return _form(call, session, here, item, turn, said)
    progress = None if here.teaches else credit.mine(session, here.seat, here.opened, settings)
    graded = None if progress is None else Graded(here.opened.title, progress)
    return views.over(said, graded, call.say)


LISTENERS = (
    Listener("action", "item_rate", _chosen),
    Listener("submit", "item_rate", _rated),
    Listener("action", "item_next", _begin),
    Listener("action", "item_skip", _skip),
)
