"""A poll's results for a channel: lines that say every number, and Slack's own chart of the same where it can be one.

| kind | chart | lines |
| --- | --- | --- |
| single, several | bars | each option, how many, their share |
| pair | pie | the same |
| rating, number | bars | each value or range, how many; average, middle, quartiles |
| ranking | bars: how often before another one | places by Schulze's method, first places |
| quiz | bars, a series a level | each statement, how many gave each level |
| words | bars, where there is no picture of the cloud | each entry, how many |
| text | none | each text |

A chart is never needed to read a result: a workspace that does not take it is sent the message without.
Source: docs.slack.dev/reference/block-kit/blocks/data-visualization-block; where its pages name different limits, the
lowest is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks import Block, Say, clip, isolate, length, one_line
from core.activities.poll_results import Line, Result
from core.activities.poll_shapes import Move, Movement, Places, Takes, Texts
from core.activities.polls import Poll
from core.polling.kinds import Number, Pair, Quiz, Rating, Text
from core.polling.tally import Choices, Levels, Numbers, Order
from core.words import N_, Amount

MOST_SERIES = 6  # and segments of a pie
MOST_CATEGORIES = 20
LONGEST_NAME = 20
LONGEST_TITLE = 50
LONGEST_OPTION = 120  # in a line of results; the buttons, or the list above them, have it in full
MOST_WORDS = 30
MOST_TEXTS = 20
MOST_SIGNS = 6_000  # of all texts of a poll together
RARE = 0.05


def chart(poll: Poll, found: Result, say: Say) -> Block | None:
    """Slack's chart of these results; None where it has none for them."""
    if not found.voters:
        return None
    figure = found.figure
    if isinstance(figure, Choices):
        names = [_option(poll, share.option) for share in figure.shares]
        counts = [share.count for share in figure.shares]
        if isinstance(poll.kind, Pair):
            return _pie(names, counts, say)
        return bars(say(N_("How many chose what")), names, [(say(N_("People")), counts)], say)
    if isinstance(figure, Numbers):
        names = [_range(bin.low, bin.high, say) for bin in figure.bins]
        people = [bin.count for bin in figure.bins]
        return bars(say(N_("How many answered what")), names, [(say(N_("People")), people)], say)
    if isinstance(figure, Order):
        names = [_option(poll, line.option) for line in figure.lines]
        shares = [round(100 * line.borda) for line in figure.lines]
        return bars(say(N_("How often before another (%)")), names, [(say(N_("Percent")), shares)], say)
    if isinstance(figure, Levels) and isinstance(poll.kind, Quiz):
        names = [_option(poll, line.option) for line in figure.statements]
        levels = [(level, [line.counts[at] for line in figure.statements]) for at, level in enumerate(poll.kind.levels)]
        return bars(say(N_("How many gave each level")), names, levels, say)
    if isinstance(poll.kind, Text):
        return None
    words = [(line.text, line.count) for line in found.lines if line.shown][:MOST_CATEGORIES]
    names, counts = [text for text, _ in words], [count for _, count in words]
    return bars(say(N_("Most frequent entries")), names, [(say(N_("People")), counts)], say)


def lines(poll: Poll, found: Result, say: Say) -> list[str]:
    """The same results in words, a line each."""
    figure = found.figure
    if isinstance(figure, Choices):
        return [
            say(
                N_("{option}: {count} ({percent} %)"),
                option=isolate(_option(poll, share.option)),
                count=share.count,
                percent=_percent(share.share),
            )
            for share in figure.shares
        ]
    if isinstance(figure, Numbers):
        return _of_numbers(poll, figure, say)
    if isinstance(figure, Order):
        return _of_order(poll, figure, say)
    if isinstance(figure, Levels) and isinstance(poll.kind, Quiz):
        return [
            say(
                N_("{statement} – {counts}"),
                statement=isolate(_option(poll, line.option)),
                counts="; ".join(
                    say(N_("{option}: {count}"), option=isolate(level), count=count)
                    for level, count in zip(poll.kind.levels, line.counts, strict=True)
                ),
            )
            for line in figure.statements
        ]
    return _written([line for line in found.lines if line.shown], say, is_text=isinstance(poll.kind, Text))


def _of_numbers(poll: Poll, figure: Numbers, say: Say) -> list[str]:
    kind, said = poll.kind, []
    for bin in figure.bins:
        if not (bin.count or isinstance(kind, Rating)):
            continue
        words = ""
        if isinstance(kind, Rating):
            words = {kind.low: kind.low_words, kind.high: kind.high_words}.get(int(bin.low), "")
        value = _range(bin.low, bin.high, say)
        if words:
            value = say(N_("{value} ({words})"), value=value, words=isolate(words))
        share = bin.count / figure.voters if figure.voters else 0.0
        count = {"value": value, "count": bin.count, "percent": _percent(share)}
        said.append(say(N_("{value}: {count} ({percent} %)"), **count))
    if figure.mean is None:
        return said
    unit = kind.unit if isinstance(kind, Number) else ""
    values = {
        name: "" if value is None else with_unit(Amount(value, 2), unit, say)
        for name, value in (
            ("mean", figure.mean),
            ("median", figure.median),
            ("lower", figure.lower_quartile),
            ("upper", figure.upper_quartile),
        )
    }
    return [*said, say(N_("Average {mean}; middle {median}, half of all from {lower} to {upper}."), **values)]


def _of_order(poll: Poll, figure: Order, say: Say) -> list[str]:
    places = [line.place for line in figure.lines]
    said = []
    for line in figure.lines:
        message = (
            N_("{place}. {option} (tie): first for {firsts}, before another {percent} % of the time")
            if places.count(line.place) > 1
            else N_("{place}. {option}: first for {firsts}, before another {percent} % of the time")
        )
        option = isolate(_option(poll, line.option))
        said.append(say(message, place=line.place, option=option, firsts=line.firsts, percent=_percent(line.borda)))
    if figure.winner is None:
        return [*said, say(N_("No option beats every other one, one against one."))]
    winner = isolate(_option(poll, figure.winner))
    return [*said, say(N_("“{option}” beats every other option, one against one."), option=winner)]


def _written(shown: Sequence[Line], say: Say, *, is_text: bool) -> list[str]:
    said: list[str] = []
    room = MOST_SIGNS
    for line in shown[: MOST_TEXTS if is_text else MOST_WORDS]:
        text = isolate(one_line(line.text))
        one = (
            say(N_("{text} ({count} times)"), text=text, count=line.count)
            if is_text and line.count > 1
            else text if is_text else say(N_("{option}: {count}"), option=text, count=line.count)
        )  # fmt: skip
        room -= length(one)
        if room < 0:
            break
        said.append(f"• {one}" if is_text else one)
    left = len(shown) - len(said)
    return [*said, say(N_("And {count} more."), count=left)] if left else said


def movement_chart(move: Movement, say: Say) -> Block | None:
    """First and last answers side by side."""
    if isinstance(move, Takes):
        names = [part.text for part in move.shown]
        first, last = [part.first for part in move.shown], [part.last for part in move.shown]
        series: list[tuple[str, Sequence[int]]] = [(say(N_("First")), first), (say(N_("Last")), last)]
        return bars(say(N_("How the class moved")), names, series, say)
    if not isinstance(move, Move) or not move.names:
        return None
    series = [(say(N_("First")), move.first), (say(N_("Last")), move.last)]
    return bars(move.about or say(N_("How the class moved")), move.names, series, say)


def movement_lines(move: Movement, say: Say) -> list[str]:
    """How the class moved between two impressions."""
    said = [isolate(move.about) if isinstance(move, Move) and move.about else say(N_("How the class moved"))]
    if isinstance(move, Places):
        message = N_("{option}: on average place {first} first, {last} last")
        for line in move.lines:
            places = {"first": Amount(line.first, 1, 1), "last": Amount(line.last, 1, 1)}
            said.append(say(message, option=isolate(one_line(line.text)), **places))
    for name, first, last in _first_and_last(move):
        said.append(say(N_("{option}: {first} first, {last} last"), option=isolate(name), first=first, last=last))
    if move.twice is None:
        sentence = N_(
            "These polls were anonymous, so only the totals are known: nobody can say who changed their mind."
        )
        return [*said, say(sentence)]
    said.append(say(N_("Answered both times: {count}."), count=move.twice))
    if isinstance(move, Move | Texts) and move.changed is not None:
        said.append(say(N_("Changed their answer: {count}."), count=move.changed))
    return [*said, *_how_clearly(move, say)] if isinstance(move, Move) else said


def _first_and_last(move: Movement) -> list[tuple[str, int, int]]:
    if isinstance(move, Takes):
        return [(one_line(part.text), part.first, part.last) for part in move.shown]
    return list(zip(move.names, move.first, move.last, strict=True)) if isinstance(move, Move) else []


def _how_clearly(move: Move, say: Say) -> list[str]:
    said = []
    if move.chance is not None:
        said.append(
            say(N_("The class as a whole moved: by luck alone that would be rare."))
            if move.chance < RARE
            else say(N_("That goes in all directions: the class as a whole has not clearly moved."))
        )
    if move.shift is not None and move.shift.mean is not None:
        mean = Amount(move.shift.mean, 2, 2, signed=True)
        if move.shift.low is None or move.shift.high is None:
            said.append(say(N_("On average by {mean}."), mean=mean))
        else:
            message = N_("On average by {mean} (90 % interval {low} to {high}).")
            low, high = (Amount(value, 2, 2, signed=True) for value in (move.shift.low, move.shift.high))
            said.append(say(message, mean=mean, low=low, high=high))
    return said


def bars(title: str, names: Sequence[str], series: Sequence[tuple[str, Sequence[int]]], say: Say) -> Block | None:
    """A bar chart. Of too many bars the last ones are one; too many series cannot be told apart, so there is none."""
    if not names or len(series) > MOST_SERIES:
        return None
    values = [list(numbers) for _, numbers in series]
    kept = list(names)
    if len(names) > MOST_CATEGORIES:
        kept = [*names[: MOST_CATEGORIES - 1], say(N_("others"))]
        values = [[*one[: MOST_CATEGORIES - 1], sum(one[MOST_CATEGORIES - 1 :])] for one in values]
    categories, called = _labels(kept), _labels([name for name, _ in series])
    drawn = [
        {"name": name, "data": [{"label": at, "value": number} for at, number in zip(categories, one, strict=True)]}
        for name, one in zip(called, values, strict=True)
    ]
    axis: Block = {"categories": categories}
    if len(called) == 1:
        axis["y_label"] = called[0]
    return _block(title, {"type": "bar", "series": drawn, "axis_config": axis})


def _pie(names: Sequence[str], counts: Sequence[int], say: Say) -> Block | None:
    segments = [{"label": label, "value": count} for label, count in zip(_labels(names), counts, strict=True) if count]
    if not 1 <= len(segments) <= MOST_SERIES:
        return None
    return _block(say(N_("How many chose what")), {"type": "pie", "segments": segments})


def _block(title: str, drawn: Block) -> Block:
    return {"type": "data_visualization", "title": clip(one_line(title), LONGEST_TITLE), "chart": drawn}


def _labels(names: Sequence[str]) -> list[str]:
    """Short names that differ: where the beginnings are the same, each has its number."""
    short = [clip(one_line(name), LONGEST_NAME) for name in names]
    if len(set(short)) == len(short):
        return short
    return [clip(f"{place}. {one_line(name)}", LONGEST_NAME) for place, name in enumerate(names, start=1)]


def _option(poll: Poll, option_id: int) -> str:
    text = next((option.text for option in poll.options if option.id == option_id), "")
    return clip(one_line(text), LONGEST_OPTION)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _range(low: float, high: float, say: Say) -> str:
    if low == high:
        return say("{low}", low=Amount(low, 6))
    return say(N_("{low} – {high}"), low=Amount(low, 6), high=Amount(high, 6))


def with_unit(amount: Amount, unit: str, say: Say) -> str:
    """A number with what it counts, where that has a name."""
    if not unit:
        return say("{number}", number=amount)
    return say(N_("{number} {unit}"), number=amount, unit=isolate(unit))
