"""Found content in Slack: saved from a message, by command; looked at, commented, reported.

Of a message its words and its first link come along, as far as the person leaves them in the form: not who wrote it,
not its address, no file. A button's value is ITEM, or, outside a channel, ITEM:CHANNEL (its row).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot import attachments, markup, pictures, texts
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
    tags,
)
from core.activities.channels import Bound
from core.activities.item_pages import Shown
from core.activities.items import New
from core.activities.posting import Typed
from core.activities.refusals import Refusal
from core.activities.screening import Hints
from core.problems.images import CleanImage
from core.words import N_

KIND = "gallery"


# ---- bringing ----


def bring(call: Call, typed: str) -> None:
    """`/heirloom found [link]`."""
    url = markup.first_link(typed)
    _begin(call, Brought(url=url or markup.words(typed)))


def bring_own(call: Call, typed: str) -> None:
    """`/heirloom made [link or text]`: something that one made oneself."""
    url = markup.first_link(typed)
    _begin(call, Brought(url=url, body="" if url else markup.words(typed)), kind="produced")


def _save(call: Call) -> None:
    """The message shortcut "Save as found content"."""
    message = call.body.get("message") or {}
    text = str(message.get("text") or "")
    url = markup.first_link(text)
    words = markup.words(text)
    _begin(call, Brought(url=url, body="" if words == url else words), has_files=bool(message.get("files")))


def _begin(call: Call, given: Brought, *, kind: str = "found", has_files: bool = False) -> None:
    with call.wiring.database.write() as session:
        found = texts.classes(call, session)
        if len(found) == 1:
            view = _form(call, session, found[0], given, kind=kind, has_files=has_files)
        else:
            view = shared.choose_class(
                texts.choices(call, found),
                call.say,
                callback_id="item_class",
                boxes=views.boxes(given, call.say),
                metadata=json.dumps({"kind": kind}),
            )
    texts.open_view(call, view)


def _class_chosen(call: Call) -> None:
    """Go on to the form of the class that was chosen."""
    with call.wiring.database.write() as session:
        view = _form(call, session, texts.chosen(call, session), views.sent(call.values), kind=_kind(call))
    call.ack(response_action="update", view=view)


def _kind(call: Call) -> str:
    """Whether a form is about something found or something made."""
    return "produced" if call.metadata.get("kind") == "produced" else "found"


def _form(
    call: Call,
    session: Session,
    bound: Bound,
    given: Brought,
    hints: Hints = NO_HINTS,
    *,
    kind: str,
    has_files: bool = False,
    said: Sequence[str] = (),
) -> Block:
    here = texts.of_channel(call, session, bound, KIND)
    settings = gallery_settings.of(here.opened)
    if not (settings.takes_found if kind == "found" else settings.takes_produced):
        raise Refusal(_NOT_TAKEN[kind])
    metadata = here.metadata(kind=kind, **({"checked": 1} if hints else {}))
    return views.bring_form(
        given,
        gallery(call, session, here),
        call.say,
        metadata=metadata,
        hints=hints,
        kind=kind,
        has_files=has_files,
        said=said,
    )


_NOT_TAKEN = {
    "found": N_("This class takes what you made yourself, and nothing that you found. Type “/heirloom made”."),
    "produced": N_("This class takes what you found, and nothing that you made yourself. Type “/heirloom found”."),
}


def gallery(call: Call, session: Session, here: Here) -> Gallery:
    """What a form needs to know of a gallery. Where nobody is to be known it takes no picture: what somebody uploads to
    Slack is theirs there, with their name.
    """
    settings = gallery_settings.of(here.opened)
    return Gallery(
        course=here.bound.course_title,
        promise=authors.promise(settings),
        concepts=[tag for tag in tags.of_gallery(session, here.opened) if tag.kind == "concept"],
        free_tags=settings.free_tags,
        shortest=settings.shortest,
        takes_pictures=attachments.may_read(call) and (settings.anonymity != "anonymous" or here.teaches),
    )


def _brought(call: Call) -> None:
    """The form was sent: the item is stored, and becomes due in its channel."""
    given, file = views.sent(call.values), attachments.chosen(call)
    if lacks_words(call, given, file):
        return
    view = None
    with call.wiring.database.write() as session:
        here = _here(call, session)
        hints = texts.hints(call, session, here, words_of(given))
        if texts.is_to_be_shown(call, hints, Given(anyway=given.anyway)):
            view = _form(call, session, here.bound, given, hints, kind=_kind(call))
        elif file is None:
            view = _store(call, session, here, given)
    if view is not None or file is None:
        call.ack(response_action="update", view=view)
        return

    def keep(picture: CleanImage) -> Block:
        with call.wiring.database.write() as session:
            return _store(call, session, _here(call, session), given, picture)

    def again(said: list[str]) -> Block:
        with call.wiring.database.write() as session:
            return _form(call, session, _here(call, session).bound, given, kind=_kind(call), said=said)

    attachments.go_on(call, file, keep, again)


def _here(call: Call, session: Session) -> Here:
    """The gallery of the class that the form was for."""
    return texts.of_channel(call, session, call.bound(session, asked_for(call, "channel")), KIND, to_work=True)


def lacks_words(call: Call, given: Brought, file: object) -> bool:
    """Say beside the box that a picture needs words, before it is read: it would have to be chosen once more."""
    if file is None or given.image_alt.strip():
        return False
    call.ack(response_action="errors", errors={"image_alt": call.say(items.NO_ALT)})
    return True


def words_of(given: Brought) -> str:
    """What is looked through before it is stored."""
    return "\n".join((given.title, given.body, given.text, given.image_alt))


def _store(call: Call, session: Session, here: Here, given: Brought, picture: CleanImage | None = None) -> Block:
    settings = gallery_settings.of(here.opened)
    sent = new(given, call.language, _kind(call), picture)
    brought = items.bring(session, here.seat, here.opened, settings, sent, now=call.now)
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
    lines = shared.stored(brought.stored, call.say, has_lms=here.bound.has_lms)
    if brought.stored.status == "live":
        lines.append(call.say(texts.BLURRED if is_anonymous else texts.AT_ONCE))
    return shared.told(call.say(N_("Saved")), lines, call.say)


def new(given: Brought, language: str, kind: str, picture: CleanImage | None = None) -> New:
    """What a form was sent with, for the use case."""
    return New(
        kind=kind,
        title=given.title,
        text=given.text,
        url=given.url,
        body=given.body,
        picture=picture,
        no_picture=given.no_picture,
        image_alt=given.image_alt,
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
        view = page_view(call, session, here, target(call))
    texts.open_view(call, view)


def page_view(call: Call, session: Session, here: Here, item_id: int, said: Sequence[str] = ()) -> Block:
    """An item with its comments, as this person finds it."""
    settings = gallery_settings.of(here.opened)
    item = item_pages.one(session, here.seat, here.opened, settings, item_id)
    written = comments.of_parents(session, here.seat, here.opened, settings, [item_id]).get(item_id, [])
    judges = here.seat.role == "student" and settings.judgements and not item.is_mine and not item.i_judged
    reader = Reader(
        teaches=here.teaches,
        may_rate=bool(settings.judgements),
        metadata=here.metadata(item=item_id),
        comments=[one for one in written if one.author.is_me or not judges],
        sees_pictures=pictures.may_show(call),
        waits=bool(judges),
    )
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
                told = shared.stored(posted.stored, call.say, has_lms=here.bound.has_lms)
                view = page_view(call, session, here, item_id, told)
    except Refusal as refusal:
        beside(call, refusal, "text")
        return
    call.ack(response_action="update", view=view)


def _back(call: Call) -> None:
    """The author takes an item back."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND, to_work=True)
        items.take_back(session, here.seat, here.opened, gallery_settings.of(here.opened), target(call), now=call.now)
    replace_view(call, shared.told(call.say(N_("Taken back")), [call.say(_BACK)], call.say))


_BACK = N_("Taken back. Nobody sees it any more.")


def _uncomment(call: Call) -> None:
    """The author takes a comment back."""
    with call.wiring.database.write() as session:
        here = where(call, session, target(call), KIND, to_work=True)
        comments.take_back(session, here.seat, here.opened, here.settings, target(call), now=call.now)
        view = page_view(call, session, here, asked_for(call, "item"), [call.say(_BACK)])
    replace_view(call, view)


def replace_view(call: Call, view: Block) -> None:
    """Put a view in place of the one in which a button was."""
    call.ack()
    call.client.views_update(view_id=str(call.view["id"]), view=view)
    pictures.drop(call)


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
    Listener("action", "item_report", texts.report_form("item")),
    Listener("submit", "item_report", texts.report(KIND)),
)
