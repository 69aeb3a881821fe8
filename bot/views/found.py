"""A gallery's items in Slack: an item's message in the channel, one person's view, the forms to bring and to rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot import blocks
from bot.blocks import (
    Block,
    Choice,
    Element,
    Message,
    Say,
    actions,
    button,
    context,
    divider,
    header,
    isolate,
    length,
    link,
    message,
    modal,
    one_line,
    plain,
    section,
    tick,
    typed,
)
from bot.views import texts, written
from bot.views.texts import TYPED, aloud, who
from core.activities.comments import Comment
from core.activities.item_pages import Shown
from core.activities.items import LONGEST_LINE
from core.activities.screening import Hints
from core.activities.tags import Named
from core.activities.texts import LONGEST_TITLE
from core.words import N_, Sentence

LONGEST_LINK = 2_000
FILE = "file"  # the block in which a picture is chosen
PICTURE = "picture:"  # with an item's number, the block where its picture may stand
LONGEST_WORDS = 400
LONGEST_ADDRESS = 3_000  # of a button's page


@dataclass(frozen=True, slots=True)
class Brought:
    """What the form for an item is opened with, or was sent with."""

    title: str = ""
    url: str = ""
    body: str = ""
    text: str = ""
    source: str = ""
    terms: str = ""
    words: str = ""
    concepts: tuple[int, ...] = ()
    anyway: bool = False
    image_alt: str = ""
    no_picture: bool = False


@dataclass(frozen=True, slots=True)
class Gallery:
    """What the form needs to know of a gallery."""

    course: str
    promise: Sentence
    concepts: Sequence[Named]
    free_tags: bool
    shortest: int
    takes_pictures: bool = False  # by this form


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at an item, as far as it decides which buttons there are."""

    teaches: bool
    may_rate: bool
    metadata: str
    comments: Sequence[Comment] = field(default_factory=tuple)
    sees_pictures: bool = False
    waits: bool = False  # for their own judgement, before they are shown what others say


def of_channel(item: Shown, say: Say, *, is_rated: bool) -> Message:
    """The item's message: what somebody sees who has done nothing yet. `is_rated`: the gallery's items are."""
    ways = [_link(item, say)] if _has_button(item) else []
    if is_rated:
        ways.append(button(say(N_("Rate it")), "item_rate", f"{item.id}"))
    ways.append(button(say(N_("Comment")), "item_comment", f"{item.id}"))
    ways.append(button(say(N_("Read all")), "item_see", f"{item.id}"))
    small = [who(item.author, say), say(N_("Comments: {comments}"), comments=item.comments)]
    if is_rated:
        small.append(say(N_("Ratings: {judged}"), judged=item.judged))
    if item.is_talking_point:
        small.append(say(N_("Your teacher picked it to talk about in class.")))
    made = [
        header(item.title),
        *context(plain(say(_KIND[item.kind]))),
        *texts.beginning(item.text, say),
        *quoted(item, say, whole=False),
        *_facts(item, say),
        *context(*(plain(text) for text in small)),
        *actions(ways, f"item_ways:{item.id}"),
    ]
    said = [say(_ALOUD[item.kind], title=isolate(item.title)), one_line(item.text)]
    return message(aloud(said), made, say)


def _has_button(item: Shown) -> bool:
    return bool(item.url) and length(item.url or "") <= LONGEST_ADDRESS


def _link(item: Shown, say: Say) -> Element:
    """The button says where it leads; the machine's name is in ASCII, so no letter looks like another."""
    return link(say(N_("Open {site}"), site=item.host), item.url or "", f"item_open:{item.id}")


def quoted(item: Shown, say: Say, *, whole: bool, shows: bool = False) -> list[Block]:
    """What was found or made, where it is a text, and what is to be seen in its picture. `shows`: it can be asked for,
    and then stands where the button is.
    """
    made: list[Block] = []
    if item.body.strip():
        made.append(section(plain(say(N_("In its own words:")))))
        made += written.said(item.body, say) if whole else texts.beginning(item.body, say)
    if item.picture is not None and shows:
        made += context(plain(say(N_("It has a picture. To be seen: {alt}"), alt=isolate(item.picture.alt))))
        made += actions([button(say(N_("Show the picture")), "item_picture", f"{item.id}")], f"{PICTURE}{item.id}")
    elif item.picture is not None:
        said = N_("It has a picture, which is in your course. To be seen: {alt}")
        made += context(plain(say(said, alt=isolate(item.picture.alt))))
    if item.url and not _has_button(item):
        made += context(plain(say(N_("Its link is too long for Slack, and is in your course."))))
    return made


def _facts(item: Shown, say: Say) -> list[Block]:
    facts = []
    if item.tags:
        facts.append(say(N_("It shows: {ideas}"), ideas=", ".join(isolate(tag.name) for tag in item.tags)))
    if item.source:
        facts.append(say(N_("Found at: {source}"), source=isolate(item.source)))
    if item.licence:
        facts.append(say(N_("Licence: {licence}"), licence=isolate(item.licence)))
    return context(*(plain(fact) for fact in facts))


def gone(say: Say) -> Message:
    """An item that is not shown any more."""
    return texts.gone(say(N_("This item is not shown any more.")), say)


def of_reader(item: Shown, reader: Reader, say: Say, *, said: Sequence[str] = ()) -> Block:
    """An item with its comments, and what this person can do."""
    small = [who(item.author, say), *texts.waits(item.status, say)]
    is_live, at = item.status == "live", f"{item.id}"
    ways = [_link(item, say)] if _has_button(item) else []
    if reader.may_rate and is_live and not item.is_mine and not item.i_judged:
        ways.append(button(say(N_("Rate it")), "item_rate", at))
    if is_live or item.is_mine:
        ways.append(button(say(N_("Comment")), "item_comment", at))
    if item.is_mine:
        ways.append(button(say(N_("Change it")), "item_change", at))
        ways.append(texts.take_back("item_back", at, say))
    elif is_live and not reader.teaches:
        ways.append(button(say(N_("Report")), "item_report", at))
    made = [section(plain(text)) for text in said]
    made += [
        header(item.title),
        *written.said(item.text, say),
        *quoted(item, say, whole=True, shows=reader.sees_pictures),
        *_facts(item, say),
        *context(*(plain(text) for text in small)),
        *actions(ways, f"item_desk:{item.id}"),
        divider(),
        section(plain(say(N_("Comments: {comments}"), comments=item.comments))),
        *(context(plain(say(_AFTER))) if reader.waits else []),
        *texts.commented(reader.comments, say, noun="item", teaches=reader.teaches),
    ]
    return modal(say(N_("Found by the class")), made, say, callback_id="item_page", metadata=reader.metadata)


# ---- forms ----


def bring_form(
    given: Brought, gallery: Gallery, say: Say, *, metadata: str, hints: Hints, kind: str = "found",
    has_files: bool = False, said: Sequence[str] = (),
) -> Block:  # fmt: skip
    """The form for something that was found or made."""
    made = [
        *(section(plain(text)) for text in said),
        *texts.hinted(hints, say),
        *_seen(given, kind, gallery, say, has_files=has_files),
        *_ideas(given, gallery, kind, say),
        *(_whence(given, say) if kind == "found" else []),
        *texts.anyway(hints, say, ticked=given.anyway),
        *context(plain(say(N_("For “{course}”."), course=isolate(gallery.course))), plain(say(gallery.promise))),
    ]
    return _form(say(_NEW[kind]), made, say, callback_id="item_bring", metadata=metadata)


def change_form(
    given: Brought, item: Shown, gallery: Gallery, say: Say, *, metadata: str, hints: Hints, said: Sequence[str] = ()
) -> Block:  # fmt: skip
    """The form with an item of one's own, found or made. Its picture stays, gives way to another, or is left out."""
    made = [section(plain(text)) for text in said]
    if item.judged:
        judged = N_("Classmates have judged it as it is now: {judged}. If you change it, that no longer counts.")
        made.append(section(plain(say(judged, judged=item.judged))))
    made += [*texts.hinted(hints, say), _titled(given, say), *boxes(given, say)]
    made += _picture(given, gallery, say, has_one=item.picture is not None)
    if item.picture is not None:
        box = tick(TYPED, [Choice("yes", say(N_("Without this picture")))], ["yes"] if given.no_picture else [])
        made.append(blocks.field(say(N_("The picture")), box, "no_picture", optional=True))
    if not gallery.takes_pictures:
        made += context(plain(say(N_("Another picture can be chosen in your course."))))
    made += _ideas(given, gallery, item.kind, say)
    if item.kind == "found":
        made += _whence(given, say)
    made += [*texts.anyway(hints, say, ticked=given.anyway), *context(plain(say(gallery.promise)))]
    return _form(say(N_("Change your item")), made, say, callback_id="item_change", metadata=metadata)


def _picture(given: Brought, gallery: Gallery, say: Say, *, has_one: bool) -> list[Block]:
    """Where a picture is chosen, and what is to be seen in it."""
    made: list[Block] = []
    if gallery.takes_pictures:
        files: Element = {"type": "file_input", "action_id": TYPED, "filetypes": _TYPES, "max_files": 1}
        hint = say(
            N_(
                "PNG, JPEG, GIF or WebP, up to 8 MB. Place and time at which it was taken are removed here; what you "
                "upload also stays among your own files in Slack."
            )
        )
        label = say(N_("Another picture") if has_one else N_("A picture"))
        made.append(blocks.field(label, files, FILE, hint=hint, optional=True))
    if gallery.takes_pictures or has_one:
        hint = say(N_("In a few words, for classmates who cannot see it. Needed with a picture."))
        alt = typed(TYPED, given.image_alt, longest=LONGEST_LINE)
        label = say(N_("What is to be seen in the picture?"))
        made.append(blocks.field(label, alt, "image_alt", hint=hint, optional=True))
    return made


_TYPES = ["png", "jpg", "jpeg", "gif", "webp"]


def of_item(item: Shown) -> Brought:
    """An item as its form begins."""
    return Brought(
        title=item.title,
        url=item.url or "",
        body=item.body,
        text=item.text,
        source=item.source,
        terms=item.licence,
        words=", ".join(tag.name for tag in item.tags if tag.kind == "free"),
        concepts=tuple(tag.id for tag in item.tags if tag.kind == "concept"),
        image_alt=item.picture.alt if item.picture is not None else "",
    )


def fits(given: Brought) -> bool:
    """Whether Slack's boxes hold an item whole: what they cut off would be lost when it is saved."""
    return all(length(getattr(given, name)) <= most for name, most in _LONGEST.items())


def _form(title: str, made: Sequence[Block], say: Say, *, callback_id: str, metadata: str) -> Block:
    save, cancel = say(N_("Save")), say(N_("Cancel"))
    return modal(title, made, say, callback_id=callback_id, submit=save, close=cancel, metadata=metadata)


def _ideas(given: Brought, gallery: Gallery, kind: str, say: Say) -> list[Block]:
    """Which ideas it shows, and how. The ideas that it has come first where the list is longer than Slack's."""
    label, why = _IDEAS[kind]
    made: list[Block] = []
    if gallery.concepts:
        known = sorted(gallery.concepts, key=lambda tag: tag.id not in given.concepts)
        shown = known if len(known) > blocks.MOST_SELECTED else gallery.concepts
        box = tick(TYPED, [Choice(f"{tag.id}", tag.name) for tag in shown], [f"{tag}" for tag in given.concepts])
        made.append(blocks.field(say(label), box, "concepts", optional=True))
        if len(known) > blocks.MOST_SELECTED:
            said = N_("Slack shows {shown} ideas of {count}. The others can be chosen in your course.")
            made += context(plain(say(said, shown=blocks.MOST_SELECTED, count=len(known))))
    least = say(N_("At least {least} characters."), least=gallery.shortest)
    made.append(blocks.field(say(why), typed(TYPED, given.text, lines=True), "text", hint=least))
    if gallery.free_tags:
        box = typed(TYPED, given.words, longest=LONGEST_WORDS)
        hint = say(N_("Up to five, with commas between them. You can leave it empty."))
        made.append(blocks.field(say(N_("Other words for what it shows")), box, "words", hint=hint, optional=True))
    return made


def _seen(given: Brought, kind: str, gallery: Gallery, say: Say, *, has_files: bool) -> list[Block]:
    """What there is to see: a title, a link, a text, a picture."""
    small = []
    if has_files:
        small.append(plain(say(N_("The files of the message do not come along."))))
    if not gallery.takes_pictures:
        small.append(plain(say(N_("A picture can be added in your course."))))
    link_hint = say(N_("A link or a text, or both."))
    body_hint = say(N_("As it was written, in quotation.") if kind == "found" else N_("Your own text."))
    return [
        _titled(given, say),
        *boxes(given, say, link_hint=link_hint, body_hint=body_hint),
        *_picture(given, gallery, say, has_one=False),
        *context(*small),
    ]


def _titled(given: Brought, say: Say) -> Block:
    return blocks.field(say(N_("Title")), typed(TYPED, given.title, longest=LONGEST_TITLE), "title")


def boxes(given: Brought, say: Say, *, link_hint: str = "", body_hint: str = "") -> list[Block]:
    """The link and the text; also where the class is chosen first."""
    url = typed(TYPED, given.url, longest=LONGEST_LINK, placeholder="https://")
    return [
        blocks.field(say(N_("A link")), url, "url", hint=link_hint, optional=True),
        blocks.field(
            say(N_("A text")), typed(TYPED, given.body, lines=True), "body", hint=body_hint, optional=True
        ),
    ]  # fmt: skip


def _whence(given: Brought, say: Say) -> list[Block]:
    """Where it was found, and its licence. From a message neither its writer nor its address is taken along."""
    hint = say(N_("Neither who wrote a message nor its address is kept, unless you write it here."))
    source, terms = (typed(TYPED, text, longest=LONGEST_LINE) for text in (given.source, given.terms))
    return [
        blocks.field(say(N_("Where did you find it?")), source, "source", hint=hint, optional=True),
        blocks.field(
            say(N_("Under what licence does it stand, if you know?")), terms, "terms", optional=True
        ),
    ]  # fmt: skip


def sent(values: Mapping[str, Mapping[str, object]]) -> Brought:
    """What the form was sent with."""
    one = {name: texts.value(values, name) for name in _LONGEST}
    concepts = tuple(int(number) for number in texts.several(values, "concepts") if number.isdecimal())
    anyway, no_picture = (texts.value(values, name) == "yes" for name in ("anyway", "no_picture"))
    return Brought(**one, concepts=concepts, anyway=anyway, no_picture=no_picture)


_AFTER = N_("What others say of it is shown once you have judged it.")
_KIND = {"found": N_("Found by a classmate"), "produced": N_("Made by a classmate")}
_ALOUD = {"found": N_("Found by the class: {title}"), "produced": N_("Made by the class: {title}")}
_NEW = {"found": N_("Something you found"), "produced": N_("Something you made")}
_IDEAS = {
    "found": (N_("Ideas of the course that it shows"), N_("Which idea does it show, and how?")),
    "produced": (N_("Ideas of the course that it uses"), N_("Which ideas did you use, and how?")),
}
_LONGEST = {
    "title": LONGEST_TITLE, "url": LONGEST_LINK, "body": blocks.LONGEST_TYPED, "text": blocks.LONGEST_TYPED,
    "source": LONGEST_LINE, "terms": LONGEST_LINE, "words": LONGEST_WORDS, "image_alt": LONGEST_LINE,
}  # fmt: skip
