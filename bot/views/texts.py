"""What the views of questions and of found things share: authors, long texts, hints before sending, small forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks import (
    Block,
    Choice,
    Message,
    Say,
    actions,
    button,
    choose,
    clip,
    confirm,
    context,
    escape,
    field,
    header,
    isolate,
    length,
    message,
    modal,
    paragraphs,
    plain,
    section,
    tick,
    typed,
)
from bot.views import written
from core.activities.authors import Author
from core.activities.comments import Comment
from core.activities.screening import Hints, Stored
from core.words import N_, Sentence

IN_CHANNEL = 1_200  # characters of a text; who wants all of it opens it
TYPED = "typed"  # the action_id of every input: a block holds one
LONGEST_REASON = 500
_WAITS = {
    "pending": N_("It waits to be checked."),
    "held": N_("It is held back after reports."),
    "kept": N_("It is for you alone."),
}


@dataclass(frozen=True, slots=True)
class Given:
    """What a form is opened with, or was sent with. `anyway`: personal data in it is meant."""

    title: str = ""
    text: str = ""
    anyway: bool = False


def who(author: Author, say: Say) -> str:
    """An author as this reader may know them."""
    if author.name is None:
        return say(author.words)
    if author.is_teacher:
        return say(N_("{name}, teacher"), name=isolate(author.name))
    return say(N_("{name} (you)"), name=isolate(author.name)) if author.is_me else author.name


def waits(status: str, say: Say) -> list[str]:
    """Why others do not see a text; nothing where they do."""
    return [say(_WAITS[status])] if status in _WAITS else []


def beginning(text: str, say: Say) -> list[Block]:
    """A person's text for a channel: all of it if it is short."""
    if not text.strip():
        return []
    if length(text) <= IN_CHANNEL:
        return written.said(text, say)
    whole = plain(say(N_("This is how it begins. All of it is in your course.")))
    return [*written.said(clip(text, IN_CHANNEL), say), *context(whole)]


def gone(text: str, say: Say) -> Message:
    """A message whose text is not shown any more."""
    return message(text, [section(plain(text))], say)


def told(title: str, lines: Sequence[str], say: Say, *, extra: Sequence[Block] = (), metadata: str = "") -> Block:
    """A view that says what became of something."""
    return modal(title, [*paragraphs(lines), *extra], say, callback_id="told", metadata=metadata)


def stored(said: Stored, say: Say, *, has_lms: bool = True) -> list[str]:
    """What an author is told about a text that was stored; a receipt where there is a course in which to type it."""
    lines = [say(said.message), *([say(said.comfort)] if said.comfort is not None else [])]
    if said.receipt is not None and has_lms:
        lines.append(say(N_("Your receipt: {receipt}"), receipt=said.receipt.code))
        lines.append(say(said.receipt.about))
    return lines


def hinted(hints: Hints, say: Say) -> list[Block]:
    """What to look at before a text is sent."""
    lines = [
        say(
            N_("“{words}” looks like {kind}. Everybody who sees your text could use it."),
            words=isolate(hint.words),
            kind=hint.kind,
        )
        for hint in hints.personal
    ]
    lines += [
        say(
            N_("“{words}” may hurt somebody. Leave it in, and your teacher reads your text before classmates do."),
            words=isolate(word),
        )
        for word in hints.coarse
    ]
    return paragraphs(lines)


def anyway(hints: Hints, say: Say, *, ticked: bool = False) -> list[Block]:
    """The box to tick where personal data is meant."""
    if not hints.personal:
        return []
    box = tick(TYPED, [Choice("yes", say(N_("Save it all the same")))], ["yes"] if ticked else [])
    return [field(say(N_("Is this meant to be seen?")), box, "anyway", optional=True)]


def one_box(
    title: str, about: str, label: str, say: Say, *, callback_id: str, metadata: str, promise: Sentence,
    given: Given, hints: Hints, longest: int,
) -> Block:  # fmt: skip
    """The form for a text about something: an answer, a comment."""
    return modal(
        title,
        [
            header(about),
            *hinted(hints, say),
            field(label, typed(TYPED, given.text, lines=True, longest=longest), "text"),
            *anyway(hints, say, ticked=given.anyway),
            *context(plain(say(promise))),
        ],
        say,
        callback_id=callback_id,
        submit=say(N_("Send")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def report_form(say: Say, *, callback_id: str, metadata: str) -> Block:
    """Why somebody thinks that a text should not be shown."""
    hint = say(N_("Your teacher reads this, without your name. You will not see the text again."))
    box = typed(TYPED, lines=True, longest=LONGEST_REASON)
    return modal(
        say(N_("Report a text")),
        [field(say(N_("What is wrong with it?")), box, "reason", hint=hint, optional=True)],
        say,
        callback_id=callback_id,
        submit=say(N_("Report and hide")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def choose_class(
    choices: Sequence[Choice], say: Say, *, callback_id: str, boxes: Sequence[Block], metadata: str = ""
) -> Block:
    """Which class it is for, where somebody has several; `boxes`: what is typed already comes along."""
    classes = field(say(N_("For which class?")), choose(TYPED, choices, choices[0].value), "class")
    return modal(
        say(N_("Choose a class")),
        [classes, *boxes],
        say,
        callback_id=callback_id,
        submit=say(N_("Go on")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def take_back(action_id: str, value: str, say: Say) -> Block:
    """The button with which an author takes a text back."""
    sure = confirm(
        say(N_("Take it back?")), say(N_("Nobody sees it any more.")), say(N_("Take it back")), say(N_("Keep it"))
    )
    return button(say(N_("Take it back")), action_id, value, confirm=sure)


def commented(comments: Sequence[Comment], say: Say, *, noun: str, teaches: bool) -> list[Block]:
    """Comments with who wrote them, and what this reader can do about each."""
    blocks: list[Block] = []
    for comment in comments:
        small = [who(comment.author, say), *waits(comment.status, say)]
        blocks += [*written.said(comment.text, say), *context(*(plain(line) for line in small))]
        if comment.author.is_me:
            blocks += actions([take_back(f"{noun}_uncomment:{comment.id}", f"{comment.id}", say)])
        elif not teaches and comment.status == "live":
            blocks += actions([button(say(N_("Report")), f"{noun}_report:{comment.id}", f"{comment.id}")])
    return blocks


def aloud(sentences: Sequence[str]) -> str:
    """Lines as a message's text, in which nothing that people wrote is read as a mark."""
    return escape("\n".join(sentences))


def value(values: Mapping[str, Mapping[str, Any]], block_id: str) -> str:
    """What was typed or chosen in a block of a form."""
    return next(iter(several(values, block_id)), "")


def several(values: Mapping[str, Mapping[str, Any]], block_id: str) -> list[str]:
    """All that was chosen in a block of a form."""
    found = []
    for element in values.get(block_id, {}).values():
        if element.get("selected_option"):
            found.append(str(element["selected_option"]["value"]))
        found += [str(option["value"]) for option in element.get("selected_options") or ()]
        if element.get("value"):
            found.append(str(element["value"]))
    return found
