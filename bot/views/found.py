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
    choose,
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
from core.crowd.scales import RATING, Attribute
from core.words import N_, Sentence

LONGEST_LINK = 2_000
LONGEST_WORDS = 400
LONGEST_ADDRESS = 3_000  # of a button's page
STARS = 5


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


@dataclass(frozen=True, slots=True)
class Gallery:
    """What the form needs to know of a gallery."""

    course: str
    promise: Sentence
    concepts: Sequence[Named]
    free_tags: bool
    shortest: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at an item, as far as it decides which buttons there are."""

    teaches: bool
    may_rate: bool
    metadata: str
    comments: Sequence[Comment] = field(default_factory=tuple)


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
        *_quoted(item, say, whole=False),
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


def _quoted(item: Shown, say: Say, *, whole: bool) -> list[Block]:
    """What was found or made, where it is a text, and what is to be seen in its picture."""
    made: list[Block] = []
    if item.body.strip():
        made.append(section(plain(say(N_("In its own words:")))))
        made += written.said(item.body, say) if whole else texts.beginning(item.body, say)
    if item.picture is not None:
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
        ways.append(texts.take_back("item_back", at, say))
    elif is_live and not reader.teaches:
        ways.append(button(say(N_("Report")), "item_report", at))
    made = [section(plain(text)) for text in said]
    made += [
        header(item.title),
        *written.said(item.text, say),
        *_quoted(item, say, whole=True),
        *_facts(item, say),
        *context(*(plain(text) for text in small)),
        *actions(ways, f"item_desk:{item.id}"),
        divider(),
        section(plain(say(N_("Comments: {comments}"), comments=len(reader.comments)))),
        *texts.commented(reader.comments, say, noun="item", teaches=reader.teaches),
    ]
    return modal(say(N_("Found by the class")), made, say, callback_id="item_page", metadata=reader.metadata)


# ---- forms ----


def bring_form(
    given: Brought, gallery: Gallery, say: Say, *, metadata: str, hints: Hints, has_files: bool = False
) -> Block:
    """The form for something that was found."""
    made = [*texts.hinted(hints, say), *_seen(given, say, has_files=has_files)]
    if gallery.concepts:
        choices = [Choice(f"{tag.id}", tag.name) for tag in gallery.concepts]
        box = tick(TYPED, choices, [f"{number}" for number in given.concepts])
        made.append(blocks.field(say(N_("Ideas of the course that it shows")), box, "concepts", optional=True))
    least = say(N_("At least {least} characters."), least=gallery.shortest)
    why = typed(TYPED, given.text, lines=True)
    made.append(blocks.field(say(N_("Which idea does it show, and how?")), why, "text", hint=least))
    if gallery.free_tags:
        box = typed(TYPED, given.words, longest=LONGEST_WORDS)
        hint = say(N_("Up to five, with commas between them. You can leave it empty."))
        made.append(blocks.field(say(N_("Other words for what it shows")), box, "words", hint=hint, optional=True))
    made += _whence(given, say)
    made += [
        *texts.anyway(hints, say, ticked=given.anyway),
        *context(plain(say(N_("For “{course}”."), course=isolate(gallery.course))), plain(say(gallery.promise))),
    ]
    return modal(
        say(N_("Something you found")),
        made,
        say,
        callback_id="item_bring",
        submit=say(N_("Save")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def _seen(given: Brought, say: Say, *, has_files: bool) -> list[Block]:
    """What there is to see: a title, a link, a text."""
    files = (
        N_("The files of the message do not come along: you can add a picture in your course.")
        if has_files
        else N_("A picture can be added in your course.")
    )
    link_hint = say(N_("A link or a text, or both."))
    body_hint = say(N_("As it was written, in quotation."))
    return [
        blocks.field(say(N_("Title")), typed(TYPED, given.title, longest=LONGEST_TITLE), "title"),
        *boxes(given, say, link_hint=link_hint, body_hint=body_hint),
        *context(plain(say(files))),
    ]


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


def rate_form(
    item: Shown, asked: Sequence[Attribute], tags: Sequence[Named], say: Say, *, metadata: str, by_chance: bool,
    said: Sequence[str] = (),
) -> Block:  # fmt: skip
    """What one thinks of an item; who brought it is not said. `tags`: those that are asked about, in one order."""
    made: list[Block] = [section(plain(text)) for text in said]
    made += [header(item.title), *written.said(item.text, say), *_quoted(item, say, whole=True)]
    if by_chance:
        made += context(plain(say(N_("Chance picked it for you."))))
    for side in asked:
        made.append(_stars(say(side.name), say(side.asked), side.key, say))
    if not asked:
        made.append(_stars(say(N_("How good is it?")), "", RATING, say))
    if tags:
        label = say(N_("Which of these does it show? Tick all that apply; what you leave empty does not."))
        box = tick(TYPED, [Choice(f"{tag.id}", tag.name) for tag in tags])
        made.append(blocks.field(label, box, "applies", optional=True))
    return modal(
        say(N_("Rate it")),
        made,
        say,
        callback_id="item_rate",
        submit=say(N_("Save")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def _stars(label: str, hint: str, key: str, say: Say) -> Block:
    choices = [Choice("1", say(N_("1 star (least)")))]
    choices += [Choice(f"{stars}", say(N_("{stars} stars"), stars=stars)) for stars in range(2, STARS)]
    choices.append(Choice(f"{STARS}", say(N_("{stars} stars (most)"), stars=STARS)))
    return blocks.field(label, choose(TYPED, choices), f"side_{key}", hint=hint, optional=True)


def rated(said: Sentence, say: Say, *, channel_row: int, metadata: str) -> Block:
    """What became of a rating, and the way on to one that chance picks."""
    ways = actions([button(say(N_("Rate one that chance picks")), "item_next", f"{channel_row}")])
    return texts.told(say(N_("Rated")), [say(said)], say, extra=ways, metadata=metadata)


def sent(values: Mapping[str, Mapping[str, object]]) -> Brought:
    """What the form was sent with."""
    one = {name: texts.value(values, name) for name in ("title", "url", "body", "text", "source", "terms", "words")}
    concepts = tuple(int(number) for number in texts.several(values, "concepts") if number.isdecimal())
    return Brought(**one, concepts=concepts, anyway=texts.value(values, "anyway") == "yes")


_KIND = {"found": N_("Found by a classmate"), "produced": N_("Made by a classmate")}
_ALOUD = {"found": N_("Found by the class: {title}"), "produced": N_("Made by the class: {title}")}
