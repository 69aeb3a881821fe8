"""The form in which somebody answers a poll, prefilled with what they said before, and how it is read back.

A block of the form is called as the field that `core.polling.answers.read` asks for (`option`, `value`, `place-OPTION`,
`level-OPTION`, `entry`); boxes of one field have a number behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.blocks import (
    LONGEST_BUTTON,
    Block,
    Choice,
    Say,
    choose,
    context,
    field,
    header,
    length,
    modal,
    number,
    one_line,
    paragraphs,
    plain,
    section,
    select,
    tick,
    typed,
)
from bot.views.polls import Shown, given_lines, may_answer
from core.activities.poll_votes import LONGEST_OPTION
from core.activities.polls import Mine, Poll
from core.polling import kinds
from core.words import N_, Sentence

TYPED = "typed"  # the action_id of every input: a block holds one
NO_PLACE = "-"  # a choice of ours, because Slack's lists cannot be emptied again; it is never sent on
LONGEST_WORDS = 120  # what fits into a box for an entry; the core says which part of it is too long


def form(shown: Shown, mine: Mine | None, say: Say, *, metadata: str) -> Block:
    """The view to answer in; to whom it is of no use, it says why."""
    poll = shown.poll
    title = say(N_("Your answer"))
    if not may_answer(poll, mine):
        return modal(title, [header(poll.prompt), *_why_not(poll, mine, say)], say, callback_id="poll_said")
    blocks = [header(poll.prompt), *_fields(poll, mine, say)]
    blocks += context(*(plain(say(promise)) for promise in shown.promises))
    return modal(
        title,
        blocks,
        say,
        callback_id="poll_answer",
        submit=say(N_("Answer")) if mine is None else say(N_("Change my answer")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def _why_not(poll: Poll, mine: Mine | None, say: Say) -> list[Block]:
    said = []
    if poll.state != "open":
        said.append(say(N_("This poll is closed.")))
    if mine is not None and mine.answer is None:
        said.append(say(N_("You have answered. What you answered is only in the totals.")))
    elif mine is not None and mine.answer is not None:
        said += [say(N_("You have answered:")), *given_lines(poll, mine.answer, say)]
    return paragraphs(said)


def _fields(poll: Poll, mine: Mine | None, say: Say) -> list[Block]:
    kind = poll.kind
    given = dict(mine.answer) if mine is not None and mine.answer is not None else {}
    choices = [Choice(f"{option.id}", option.text) for option in poll.live]
    if isinstance(kind, kinds.CHOICES):
        chosen = [f"{option}" for option in given]
        element = (
            tick(TYPED, choices, chosen)
            if isinstance(kind, kinds.Several)
            else choose(TYPED, choices, chosen[0] if chosen else None)
        )
        return [*_in_full(poll), field(say(N_("Your answer")), element, "option", hint=_limits(kind, say))]
    if isinstance(kind, kinds.Rating):
        values = [Choice(f"{value}", _rated(kind, value, say)) for value in range(kind.low, kind.high + 1)]
        return [field(say(N_("Your answer")), choose(TYPED, values, given.get(0)), "value")]
    if isinstance(kind, kinds.Number):
        return [_number(kind, given, say)]
    if isinstance(kind, kinds.Ranking):
        return _places(poll, kind, given, say)
    if isinstance(kind, kinds.Quiz):
        levels = [Choice(f"{at}", level) for at, level in enumerate(kind.levels)]
        return [
            field(option.text, choose(TYPED, levels, given.get(option.id)), f"level-{option.id}", optional=True)
            for option in poll.live
        ]
    written = [text for _, text in mine.answer] if mine is not None and mine.answer is not None else []
    if isinstance(kind, kinds.Text):
        box = typed(TYPED, written[0] if written else "", lines=True, longest=kind.longest)
        hint = say(N_("At most {most} characters."), most=kind.longest)
        return [field(say(N_("Your answer in your own words")), box, "entry-1", hint=hint)]
    return _entries(kind, written, say)


def _limits(kind: kinds.Kind, say: Say) -> str:
    if not isinstance(kind, kinds.Several):
        return ""
    if kind.most is None:
        return say(N_("Choose {least} or more."), least=kind.least)
    if kind.most == kind.least:
        return say(N_("Choose {most}."), most=kind.most)
    return say(N_("Choose {least} to {most}."), least=kind.least, most=kind.most)


def _in_full(poll: Poll) -> list[Block]:
    """The options in full where Slack would cut them; the form then calls them by number."""
    texts = [one_line(option.text) for option in poll.live]
    if all(length(text) <= LONGEST_BUTTON for text in texts):
        return []
    return paragraphs(f"{place}. {text}" for place, text in enumerate(texts, start=1))


def _rated(kind: kinds.Rating, value: int, say: Say) -> str:
    words = {kind.low: kind.low_words, kind.high: kind.high_words}.get(value, "")
    return say(N_("{value} ({words})"), value=value, words=words) if words else f"{value}"


def _number(kind: kinds.Number, given: Mapping[int, str], say: Say) -> Block:
    before = f"{kind.value(int(given[0]))}" if 0 in given else ""
    decimals = any(bound != int(bound) for bound in (kind.low, kind.high, kind.step))
    element = number(TYPED, before, low=kind.low, high=kind.high, decimals=decimals)
    label = say(N_("Your answer, a number"))
    if kind.unit:
        label = say(N_("Your answer, a number ({unit})"), unit=kind.unit)
    hint = say(N_("From {low} to {high}, in steps of {step}."), low=kind.low, high=kind.high, step=kind.step)
    return field(label, element, "value", hint=hint)


def _places(poll: Poll, kind: kinds.Ranking, given: Mapping[int, str], say: Say) -> list[Block]:
    last = min(kind.places or len(poll.live), len(poll.live))
    places = [Choice(f"{place}", f"{place}") for place in range(1, last + 1)]
    if last < len(poll.live):
        places.append(Choice(NO_PLACE, say(N_("No place"))))
    what = say(N_("Give each place from 1 (the best) to {last} to one option."), last=last)
    choosing = say(N_("Choose its place"))
    return [
        section(plain(what)),
        *(
            field(
                option.text,
                select(TYPED, places, given.get(option.id), choosing),
                f"place-{option.id}",
                optional=True,
            )
            for option in poll.live
        ),
    ]


def _entries(kind: kinds.Words, written: list[str], say: Say) -> list[Block]:
    hint = say(N_("At most {most} words."), most=kind.words) if kind.words > 1 else say(N_("One word."))
    return [
        field(
            say(N_("Entry {place}"), place=place + 1),
            typed(TYPED, written[place] if place < len(written) else "", longest=LONGEST_WORDS),
            f"entry-{place + 1}",
            hint=hint if place == 0 else "",
            optional=place > 0,
        )
        for place in range(kind.entries)
    ]


def new_option(poll: Poll, say: Say, *, metadata: str) -> Block:
    """The view in which a member adds an option."""
    hint = say(N_("It is not stored who added it.")) if poll.is_anonymous else ""
    box = field(say(N_("What is missing?")), typed(TYPED, longest=LONGEST_OPTION), "text", hint=hint)
    return modal(
        say(N_("Add an option")),
        [header(poll.prompt), box],
        say,
        callback_id="poll_add",
        submit=say(N_("Add")),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def read(values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, list[str]]:
    """What was sent, `view.state.values`, as form values by the name of their field.

    Source: docs.slack.dev/reference/interaction-payloads/view-interactions-payload, and the pages of the elements.
    """
    found: dict[str, list[str]] = {}
    for block_id, elements in values.items():
        stem, _, number = block_id.partition("-")
        name = "entry" if stem == "entry" and number else block_id
        for element in elements.values():
            found.setdefault(name, []).extend(value for value in _sent(element) if value != NO_PLACE or name == "entry")
    return found


def _sent(element: Mapping[str, Any]) -> list[str]:
    if element.get("selected_option"):
        return [str(element["selected_option"]["value"])]
    if element.get("selected_options"):
        return [str(option["value"]) for option in element["selected_options"]]
    if element.get("selected_date_time"):
        return [datetime.fromtimestamp(int(element["selected_date_time"]), UTC).isoformat()]
    return [str(element["value"])] if element.get("value") else []


def faulty(view: Mapping[str, Any], refusal: Sentence) -> str | None:
    """The block of the view beside which a refusal is said: the one it is about if that can be told, else the first.

    None where the view has no input.
    """
    blocks = [block["block_id"] for block in view.get("blocks", ()) if block.get("type") == "input"]
    sent = {
        block_id: [text for element in elements.values() for text in _sent(element) if text != NO_PLACE]
        for block_id, elements in (view.get("state") or {}).get("values", {}).items()
    }
    entry = refusal.values.get("entry") or refusal.values.get("text")
    seen: set[str] = set()
    for block_id in blocks:
        values = sent.get(block_id, [])
        if entry and any(str(entry) in value for value in values):
            return str(block_id)
        if block_id.startswith("place-") and values:
            if values[0] in seen:  # the second one that was given this place
                return str(block_id)
            seen.add(values[0])
    empty = next((one for one in blocks if one.startswith("place-") and not sent.get(one)), None)
    return str(empty or blocks[0]) if blocks else None
