"""What waits for a teacher, one text at a time: everything that is needed to decide, and the decision in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks import (
    Block,
    Choice,
    Say,
    actions,
    button,
    choose,
    clip,
    context,
    escape,
    field,
    header,
    isolate,
    marked,
    modal,
    moment,
    one_line,
    paragraphs,
    plain,
    section,
    typed,
    utc,
)
from bot.views import written
from bot.views.poll_answers import TYPED
from core.activities.cases import Case
from core.activities.review import LONGEST_REASON, Waiting
from core.words import N_, Sentence

KINDS = {
    "explanation": N_("explanation"),
    "worked_example": N_("worked example"),
    "hint": N_("hint"),
    "reason": N_("reason"),
    "question": N_("question"),
    "answer": N_("answer"),
    "comment": N_("comment"),
    "found": N_("found item"),
    "produced": N_("own work"),
}
WHY = {
    "worry": N_("may not be well"),
    "held": N_("held back after reports"),
    "reported": N_("reported"),
    "appealed": N_("asks you to look again"),
    "disputed": N_("classmates disagree"),
    "coarse": N_("coarse words"),
    "alike": N_("repeats another text"),
    "pending": N_("new"),
}
MOST_REASONS = 5
LONGEST_BESIDE = 300  # of what stands beside the text itself
_STEPS = {
    "retired": (("restore", N_("Put it back")), ("uphold", N_("It stays out"))),
    "pending": (("approve", N_("Approve")), ("retire", N_("Do not show"))),
    "held": (("keep", N_("Show it again")), ("retire", N_("Take it out"))),
    "live": (("keep", N_("Keep it")), ("retire", N_("Take it out"))),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """A text that waits, its place in the queue, how many wait; None when nothing does."""

    case: Case | None
    place: int
    waiting: int
    said: Sentence | None = None


def steps(waiting: Waiting) -> tuple[tuple[str, str], ...]:
    """What can be decided about a text: the action of `review.decide`, and its words."""
    keep, out = _STEPS[waiting.status]
    if waiting.status == "live" and waiting.why == "worry":
        keep = ("keep", N_("I have read it"))
    return keep, out


def lines(waiting: Sequence[Waiting], say: Say) -> list[str]:
    """Texts that wait, a line each: why, what, where."""
    return [
        say(
            N_("{why}: {kind} in “{place}”: {words}"),
            why=_marks(text, say),
            kind=say(KINDS[text.kind]),
            place=isolate(clip(one_line(text.place), 60)),
            words=isolate(clip(one_line(text.words), 100)),
        )
        for text in waiting
    ]


def _marks(waiting: Waiting, say: Say) -> str:
    return ", ".join(say(WHY[mark]) for mark in waiting.marks)


def desk(shown: Desk, say: Say, *, metadata: str) -> Block:
    """The view: the text whose turn it is, with what is decided about it."""
    title, close = say(N_("Review")), say(N_("Close"))
    blocks = [] if shown.said is None else [section(plain(say(shown.said)))]
    if shown.case is None:
        blocks.append(section(plain(say(N_("Nothing waits. New and reported texts will be here.")))))
        return modal(title, blocks, say, callback_id="review_done", close=close)
    waiting = shown.case.waiting
    message = N_("Text {place} of {count}")
    blocks += context(plain(say(message, place=shown.place + 1, count=shown.waiting)))
    blocks += _case(shown.case, say)
    choices = [Choice(action, say(words)) for action, words in steps(waiting)]
    name = f"{waiting.contribution_id}"
    blocks.append(field(say(N_("What happens to it?")), choose(TYPED, choices), f"decision:{name}"))
    hint = say(N_("What its author reads if you take it out. May stay empty."))
    reason = typed(TYPED, longest=LONGEST_REASON)
    blocks.append(field(say(N_("Your reason")), reason, f"reason:{name}", hint=hint, optional=True))
    if shown.waiting > 1:
        blocks += actions([button(say(N_("Leave it for later")), "review_later")])
    submit = say(N_("Save"))
    return modal(
        title, blocks, say, callback_id="review_decide", submit=submit, close=close, metadata=metadata
    )  # fmt: skip


def _case(case: Case, say: Say) -> list[Block]:
    waiting = case.waiting
    who = isolate(case.author.name or say(case.author.words))
    told = {"kind": say(KINDS[waiting.kind]), "author": who, "marks": _marks(waiting, say), "when": "\x00"}
    small = say(N_("{marks} – {kind} by {author}, {when}"), **told)
    blocks = [header(waiting.place or say(KINDS[waiting.kind]))]
    blocks += context(marked(escape(small).replace("\x00", moment(waiting.since, utc(waiting.since)))))
    beside = []
    if waiting.author_is_new:
        beside.append(say(N_("It is the first text of this author.")))
    if case.stands_on:
        beside.append(say(N_("On: {text}"), text=_short(case.stands_on)))
    blocks += paragraphs(beside)
    if waiting.title:
        blocks += paragraphs([waiting.title])
    blocks += written.said(waiting.text, say)
    blocks += _item(case, say)
    return [*blocks, *_about(case, say)]


def _item(case: Case, say: Say) -> list[Block]:
    """What was found or made."""
    item = case.item
    if item is None:
        return []
    found = written.said(item.body, say) if item.body else []
    if item.url:
        found += paragraphs([item.url])
    if item.image_id is not None:
        alt = item.image_alt or say(N_("no description"))
        found += context(
            plain(say(N_("A picture belongs here, and is in your course: {description}"), description=alt))
        )
    return found


def _about(case: Case, say: Say) -> list[Block]:
    """What was said about the text, and what happened to it so far."""
    told = []
    if "worry" in case.waiting.marks:
        told.append(say(N_("The writer was shown whom they can turn to. The text was not held back because of this.")))
    if case.repeats:
        told.append(say(N_("Repeats: {text}"), text=_short(case.repeats)))
    told += [say(N_("Reported because: {reason}"), reason=_short(reason)) for reason in case.reasons[:MOST_REASONS]]
    if case.appeal:
        told.append(say(N_("Its author asks you to look again: {words}"), words=_short(case.appeal)))
    for entry in case.history[-MOST_REASONS:]:
        message = N_("{when}: {what} ({by})") if entry.by else N_("{when}: {what}")
        told.append(say(message, when=utc(entry.when), what=say(entry.what), by=isolate(entry.by or "")))
    return paragraphs(told)


def _short(text: str) -> str:
    return isolate(clip(one_line(text), LONGEST_BESIDE))
