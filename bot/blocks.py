"""Block Kit as plain values: every primitive keeps Slack's limits by itself, whatever text it is given.

What people wrote is shown as `plain` text: Slack reads no mentions, links, emoji names or emphasis in it. `marked` text
is for our own sentences, where a date or a link is needed; a person's words in it go through `escape`. Lengths are
counted in UTF-16 units, the most that any part of Slack may count, and a text is cut between two signs that a reader
sees as such, at a space where one is near.
Limits: docs.slack.dev/reference/block-kit, and the pages of its blocks, elements and composition objects.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.words import N_, Sentence

Block = dict[str, Any]
Element = dict[str, Any]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
LONGEST_FALLBACK = 3_800  # chat.update refuses above 4,000 characters
HEAVIEST_MESSAGE = 40_000  # [bytes as JSON]; Slack refuses with msg_blocks_too_long, and does not say from where on
HEAVIEST_VIEW = 200_000  # Slack refuses with view_too_large above 250,000
LONGEST_SECTION = 3_000
LONGEST_HEADER = 150
LONGEST_TITLE = 24  # of a view, and of its two buttons
LONGEST_LABEL = 2_000  # of an input, its hint, an image's alternative text
LONGEST_BUTTON = 75  # and of an option
LONGEST_PLACEHOLDER = 150
LONGEST_TYPED = 3_000
MOST_ELEMENTS = 25
MOST_IN_CONTEXT = 10
MOST_TICKS = 10  # radio buttons and checkboxes
MOST_SELECTED = 100
NOTHING = "–"  # Slack refuses an empty text


class Say(Protocol):
    """A sentence in somebody's language."""

    def __call__(self, sentence: Sentence | str, /, **values: object) -> str: ...


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel reads: blocks, and the text that is read aloud and shown in notifications."""

    text: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: what a form sends, what a person reads."""

    value: str
    text: str
    hint: str = ""


def length(text: str) -> int:
    """How long a text is at most, as Slack may count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, most: int) -> str:
    """`text`, or as much of it as `most` units hold with three dots behind it."""
    if length(text) <= most:
        return text
    room, end = most - 1, 0
    for at, sign in enumerate(text):
        room -= 2 if sign > "\uffff" else 1
        if room < 0:
            break
        end = at + 1
    while end and not _parts(text, end):
        end -= 1
    space = max(text.rfind(gap, 0, end + 1) for gap in " \n")
    if end * 2 // 3 <= space:
        end = space
    return text[:end].rstrip() + "…"


def _parts(text: str, at: int) -> bool:
    """Whether a reader sees one sign end and another begin here. After UAX #29, without its rarer rules."""
    before, after = text[at - 1], text[at]
    if unicodedata.category(after) in {"Mn", "Me", "Mc"} or after == "\u200d" or before == "\u200d":
        return False
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":  # skin tones, tags of a flag
        return False
    if _is_regional(before) and _is_regional(after):  # flags are pairs: count how many stand before
        start = at
        while start and _is_regional(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 0
    return True


def _is_regional(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def escape(text: str) -> str:
    """A person's words within marked text: nobody is called by `<!channel>` and no link is faked.

    Source: docs.slack.dev/messaging/formatting-message-text, "Escaping text".
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def isolate(text: str) -> str:
    """A person's words within a sentence of ours, so that right-to-left words do not turn what stands around them."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def one_line(text: str) -> str:
    """`text` without its line ends."""
    return " ".join(text.split())


def plain(text: str, most: int = LONGEST_SECTION) -> Element:
    """Text that Slack shows as it is."""
    return {"type": "plain_text", "text": clip(text, most) if text.strip() else NOTHING, "emoji": False}


def marked(text: str, most: int = LONGEST_SECTION) -> Element:
    """Text with marks that we put there. Where it must be cut, no link and no escaped sign is cut in two."""
    if length(text) > most:
        kept = clip(text, most).removesuffix("…")
        if kept.rfind("<") > kept.rfind(">"):
            kept = kept[: kept.rfind("<")]
        if kept.rfind("&") > kept.rfind(";"):
            kept = kept[: kept.rfind("&")]
        text = kept.rstrip() + "…"
    return {"type": "mrkdwn", "text": text if text.strip() else NOTHING, "verbatim": True}


def moment(when: datetime, fallback: str) -> str:
    """A time for marked text, in each reader's own zone and words; `fallback` where a client cannot.

    Source: docs.slack.dev/messaging/formatting-message-text, "Date formatting".
    """
    kept = escape(fallback).replace("|", " ").replace("^", " ")
    return f"<!date^{int(when.timestamp())}^{{date_short_pretty}}, {{time}}|{kept}>"


def utc(when: datetime) -> str:
    """A time as it reads where no client puts it into the reader's zone."""
    return when.strftime("%Y-%m-%d %H:%M UTC")


def header(text: str) -> Block:
    """A heading. Too long a one is a section, where it is whole."""
    line = one_line(text)
    if length(line) > LONGEST_HEADER or line != text.strip():
        return section(plain(text))
    return {"type": "header", "text": plain(line, LONGEST_HEADER)}


def section(text: Element, accessory: Element | None = None, block_id: str = "") -> Block:
    """A paragraph, with something beside it if wanted."""
    block: Block = {"type": "section", "text": text}
    if accessory is not None:
        block["accessory"] = accessory
    return _named(block, block_id)


def paragraphs(lines: Iterable[str]) -> list[Block]:
    """Lines of plain text in as few sections as hold them; a line that no section holds is cut."""
    blocks: list[Block] = []
    held = ""
    for line in lines:
        joined = f"{held}\n{line}" if held else line
        if held and length(joined) > LONGEST_SECTION:
            blocks.append(section(plain(held)))
            joined = line
        held = joined
    return [*blocks, section(plain(held))] if held.strip() else blocks


def context(*texts: Element) -> list[Block]:
    """Small print."""
    return [
        {"type": "context", "elements": list(texts[at : at + MOST_IN_CONTEXT])}
        for at in range(0, len(texts), MOST_IN_CONTEXT)
    ]


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def button(
    text: str, action_id: str, value: str = "", *, style: str = "", label: str = "", confirm: Element | None = None
) -> Element:
    """A button with words. `label` is read aloud instead of them, where they alone would not say enough."""
    element: Element = {"type": "button", "text": plain(text, LONGEST_BUTTON), "action_id": action_id}
    if value:
        element["value"] = value
    if style:
        element["style"] = style
    if label:
        element["accessibility_label"] = clip(label, LONGEST_BUTTON)
    if confirm is not None:
        element["confirm"] = confirm
    return element


def link(text: str, url: str, action_id: str) -> Element:
    """A button that opens a page. Slack tells the app of it all the same, by `action_id`."""
    return {"type": "button", "text": plain(text, LONGEST_BUTTON), "action_id": action_id, "url": url}


def confirm(title: str, text: str, yes: str, no: str) -> Element:
    """A question before something that cannot be undone."""
    return {"title": plain(title, 100), "text": plain(text, 300), "confirm": plain(yes, 30), "deny": plain(no, 30)}


def actions(elements: Sequence[Element], block_id: str = "") -> list[Block]:
    """Buttons in rows that Slack takes; the rows after the first have a number behind the block's name."""
    rows = []
    for at in range(0, len(elements), MOST_ELEMENTS):
        name = f"{block_id}:{at // MOST_ELEMENTS}" if block_id and at else block_id
        rows.append(_named({"type": "actions", "elements": list(elements[at : at + MOST_ELEMENTS])}, name))
    return rows


def numbered(texts: Sequence[str], most: int = LONGEST_BUTTON) -> list[str]:
    """Names for a list of choices: the texts, or, where one of them does not fit, each with its number before it."""
    if all(length(one_line(text)) <= most for text in texts):
        return [one_line(text) for text in texts]
    return [clip(f"{place}. {one_line(text)}", most) for place, text in enumerate(texts, start=1)]


def choose(action_id: str, choices: Sequence[Choice], chosen: str | None = None) -> Element:
    """One of several: round buttons, or a list to choose from where there are many."""
    shown = _options(choices)
    kind = "radio_buttons" if len(shown) <= MOST_TICKS else "static_select"
    element: Element = {"type": kind, "action_id": action_id, "options": shown}
    first = next((one for one in shown if one["value"] == chosen), None)
    return element if first is None else {**element, "initial_option": first}


def select(action_id: str, choices: Sequence[Choice], chosen: str | None = None, placeholder: str = "") -> Element:
    """One of several in a list that opens."""
    element: Element = {"type": "static_select", "action_id": action_id, "options": _options(choices)}
    if placeholder:
        element["placeholder"] = plain(placeholder, LONGEST_PLACEHOLDER)
    first = next((one for one in element["options"] if one["value"] == chosen), None)
    return element if first is None else {**element, "initial_option": first}


def tick(action_id: str, choices: Sequence[Choice], ticked: Iterable[str] = ()) -> Element:
    """Any of several: boxes to tick, or a list to choose from where there are many."""
    shown = _options(choices)
    kind = "checkboxes" if len(shown) <= MOST_TICKS else "multi_static_select"
    element: Element = {"type": kind, "action_id": action_id, "options": shown}
    wanted = set(ticked)
    first = [one for one in shown if one["value"] in wanted]
    return {**element, "initial_options": first} if first else element


def _options(choices: Sequence[Choice]) -> list[Element]:
    names = numbered([choice.text for choice in choices[:MOST_SELECTED]])
    options = []
    for choice, name in zip(choices, names, strict=False):
        option: Element = {"text": plain(name, LONGEST_BUTTON), "value": choice.value}
        if choice.hint:
            option["description"] = plain(choice.hint, LONGEST_BUTTON)
        options.append(option)
    return options


def typed(
    action_id: str, text: str = "", *, lines: bool = False, longest: int = LONGEST_TYPED, placeholder: str = ""
) -> Element:
    """A box to write in."""
    most = max(1, min(longest, LONGEST_TYPED))
    element: Element = {
        "type": "plain_text_input", "action_id": action_id, "multiline": lines, "max_length": most
    }  # fmt: skip
    if text:
        element["initial_value"] = clip(text, most)
    if placeholder:
        element["placeholder"] = plain(placeholder, LONGEST_PLACEHOLDER)
    return element


def number(
    action_id: str, value: str = "", *, low: object = None, high: object = None, decimals: bool = False
) -> Element:
    """A box for a number."""
    element: Element = {"type": "number_input", "action_id": action_id, "is_decimal_allowed": decimals}
    if low is not None:
        element["min_value"] = str(low)
    if high is not None:
        element["max_value"] = str(high)
    return {**element, "initial_value": value} if value else element


def when(action_id: str, chosen: datetime | None = None) -> Element:
    """A date and a time, in the zone of whoever chooses."""
    element: Element = {"type": "datetimepicker", "action_id": action_id}
    return element if chosen is None else {**element, "initial_date_time": int(chosen.timestamp())}


def field(
    label: str, element: Element, block_id: str, *, hint: str = "", optional: bool = False, tells: bool = False
) -> Block:
    """An input of a view with its label. `tells`: the app is told at once when something is chosen."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, LONGEST_LABEL),
        "element": element,
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint, LONGEST_LABEL)
    if tells:
        block["dispatch_action"] = True
    return block


def picture(file_id: str, alt: str, title: str = "") -> Block:
    """A picture that Slack keeps; `alt` says in words what is seen."""
    block: Block = {"type": "image", "slack_file": {"id": file_id}, "alt_text": clip(alt or NOTHING, LONGEST_LABEL)}
    return {**block, "title": plain(title, LONGEST_LABEL)} if title else block


_MORE = N_("There is more than fits here.")


def message(text: str, blocks: Sequence[Block], say: Say) -> Message:
    """A message; what is beyond Slack's number of blocks is left out, and it says so."""
    return Message(
        clip(text, LONGEST_FALLBACK) if text.strip() else NOTHING,
        tuple(_fitting(blocks, MESSAGE_BLOCKS, HEAVIEST_MESSAGE, say)),
    )


def modal(
    title: str,
    blocks: Sequence[Block],
    say: Say,
    *,
    callback_id: str,
    submit: str = "",
    close: str = "",
    metadata: str = "",
) -> Block:
    """A view over the channel. `metadata` is ours and comes back with what is sent."""
    if length(metadata) > LONGEST_TYPED:
        raise ValueError("private_metadata holds ids, and few of them")
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, LONGEST_TITLE),
        "close": plain(close or say(N_("Close")), LONGEST_TITLE),
        "blocks": _fitting(blocks, VIEW_BLOCKS, HEAVIEST_VIEW, say),
    }
    if submit:
        view["submit"] = plain(submit, LONGEST_TITLE)
    return {**view, "private_metadata": metadata} if metadata else view


def home(blocks: Sequence[Block], say: Say, *, metadata: str = "") -> Block:
    """A person's tab of the app."""
    view: Block = {"type": "home", "blocks": _fitting(blocks, VIEW_BLOCKS, HEAVIEST_VIEW, say)}
    return {**view, "private_metadata": metadata} if metadata else view


def _fitting(blocks: Sequence[Block], most: int, heaviest: int, say: Say) -> list[Block]:
    """As many blocks as Slack takes. Of what is too heavy the last paragraphs go first; forms and buttons stay."""
    kept = list(blocks)
    weights = [len(json.dumps(block)) for block in kept]
    weight = sum(weights)
    for at in reversed(range(len(kept))):
        if weight <= heaviest and len(kept) <= most:
            break
        if kept[at]["type"] in {"section", "context"} or len(kept) > most:
            weight -= weights[at]
            del kept[at]
    if len(kept) == len(blocks):
        return kept
    return [*kept[: most - 1], *context(plain(say(_MORE)))]


def _named(block: Block, block_id: str) -> Block:
    return {**block, "block_id": block_id} if block_id else block
