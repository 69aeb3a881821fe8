"""Judging a gallery's items in Slack: the form for one item, what is said after it, and the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import blocks
from bot.blocks import (
    Block,
    Choice,
    Say,
    actions,
    button,
    choose,
    context,
    divider,
    header,
    modal,
    plain,
    section,
    tick,
)
from bot.views import texts, written
from bot.views.found import quoted
from bot.views.home import graded_line
from bot.views.texts import TYPED
from core.activities.agenda import Graded
from core.activities.item_pages import Shown
from core.activities.tags import Named
from core.crowd.scales import RATING, Attribute
from core.words import N_, Sentence

STARS = 5
MOST_ASKED = 100  # ideas in one list of Slack's


@dataclass(frozen=True, slots=True)
class Turn:
    """That chance picked the item: how many this person has judged before it, and what they may do besides judging."""

    done: int
    may_skip: bool
    teaches: bool
    names_later: bool  # who brought it is told to those who have judged it
    is_anonymous: bool


def form(
    item: Shown, asked: Sequence[Attribute], tags: Sequence[Named], say: Say, *, metadata: str,
    turn: Turn | None = None, said: Sequence[str] = (), sees_pictures: bool = False,
) -> Block:  # fmt: skip
    """What one thinks of an item; who brought it is not said. `tags`: those that are asked about, in one order.

    An input's block has the item's number in its name: where the next item comes into the same view, Slack would keep
    what stands in an input of the same name.
    """
    made: list[Block] = [section(plain(text)) for text in said]
    made += [header(item.title), *written.said(item.text, say), *quoted(item, say, whole=True, shows=sees_pictures)]
    made += _about(turn, say)
    for side in asked:
        made.append(_stars(say(side.name), say(side.asked), side.key, item.id, say))
    if not asked:
        made.append(_stars(say(N_("How good is it?")), "", RATING, item.id, say))
    if tags:
        label = say(N_("Which of these does it show? Tick all that apply; what you leave empty does not."))
        box = tick(TYPED, [Choice(f"{tag.id}", tag.name) for tag in tags[:MOST_ASKED]])
        made.append(blocks.field(label, box, f"applies:{item.id}", optional=True))
        if len(tags) > MOST_ASKED:
            left = N_("Slack shows {shown} ideas of {count}. The others can be chosen in your course.")
            made += context(plain(say(left, shown=MOST_ASKED, count=len(tags))))
    made += _ways(item, turn, say)
    return modal(
        say(N_("Rate it")),
        made,
        say,
        callback_id="item_rate",
        submit=say(N_("Save")) if turn is None else say(N_("Save and go on")),
        close=say(N_("Cancel")) if turn is None else say(N_("Stop here")),
        metadata=metadata,
    )


def _about(turn: Turn | None, say: Say) -> list[Block]:
    if turn is None:
        return []
    small = [say(N_("Chance picked it for you."))]
    if turn.names_later:
        small = [say(N_("Chance picked it for you. Who brought it is told after you have judged."))]
    small.append(say(N_("Items that you have judged: {count}."), count=turn.done))
    if turn.teaches:
        small += [
            say(N_("You see this as a student does.")),
            say(N_("What you say here is kept and does not count; what you say of ideas is believed.")),
        ]
    return context(*(plain(text) for text in small))


def _ways(item: Shown, turn: Turn | None, say: Say) -> list[Block]:
    """Besides judging it: leave it out, report it."""
    if turn is None:
        return []
    ways = [button(say(N_("Skip it")), "item_skip", f"{item.id}")] if turn.may_skip else []
    if not turn.teaches:
        ways.append(button(say(N_("Report")), "item_report", f"{item.id}"))
    small = []
    if turn.may_skip and turn.is_anonymous:
        small.append(plain(say(N_("Which items you skip is not kept, so one may come again."))))
    return [divider(), *actions(ways, f"item_turn:{item.id}"), *context(*small)]


def _stars(label: str, hint: str, key: str, item_id: int, say: Say) -> Block:
    choices = [Choice("1", say(N_("1 star (least)")))]
    choices += [Choice(f"{stars}", say(N_("{stars} stars"), stars=stars)) for stars in range(2, STARS)]
    choices.append(Choice(f"{STARS}", say(N_("{stars} stars (most)"), stars=STARS)))
    return blocks.field(label, choose(TYPED, choices), f"side_{key}:{item_id}", hint=hint, optional=True)


def sent(values: Mapping[str, Mapping[str, object]]) -> tuple[dict[str, str], set[str]]:
    """What the form was sent with: stars by the key of a side, and the ideas that were ticked."""
    plainly = {name.partition(":")[0]: value for name, value in values.items()}
    sides = {name.removeprefix("side_"): texts.value(plainly, name) for name in plainly if name.startswith("side_")}
    return sides, set(texts.several(plainly, "applies"))


def rated(said: Sentence, say: Say, *, value: str, metadata: str) -> Block:
    """What became of a rating that somebody chose, and the way on to one that chance picks."""
    ways = actions([button(say(N_("Rate one that chance picks")), "item_next", value)])
    return texts.told(say(N_("Rated")), [say(said)], say, extra=ways, metadata=metadata)


def over(said: Sentence | None, progress: Graded | None, say: Say) -> Block:
    """Nothing is left for this person: what became of the last one, and how far they are toward full points."""
    lines = [] if said is None else [say(said)]
    lines.append(say(N_("There is nothing left for you to rate. Come back when classmates have brought more.")))
    extra = [] if progress is None else context(plain(graded_line(progress, say)))
    return texts.told(say(N_("Nothing to rate now")), lines, say, extra=extra)
