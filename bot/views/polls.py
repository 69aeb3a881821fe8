"""A poll in Slack: its message in the channel, what one person is told, and their own view of it.

The message is everybody's: it shows what somebody may see who has not answered, and never what one person chose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot import charts
from bot.blocks import (
    LONGEST_BUTTON,
    Block,
    Element,
    Message,
    Say,
    actions,
    button,
    context,
    escape,
    header,
    isolate,
    length,
    marked,
    message,
    modal,
    moment,
    numbered,
    one_line,
    paragraphs,
    plain,
    section,
    utc,
)
from core.activities.poll_results import Hidden, Result
from core.activities.poll_shapes import Movement
from core.activities.polls import Mine, Option, Poll
from core.polling import kinds
from core.polling.answers import Answer
from core.words import N_, Amount, Sentence

MOST_BUTTONS = 20  # of options in a channel; more are chosen in a form


@dataclass(frozen=True, slots=True)
class Shown:
    """A poll as one reader, or a whole channel, may see it now. `has_picture`: the cloud's stands below."""

    poll: Poll
    found: Result | Hidden
    promises: tuple[Sentence, ...]
    moves: tuple[Movement, ...] = ()
    in_grade: bool = False
    has_picture: bool = False
    has_lms: bool = True  # the class has a course where all of it is, too


def of_channel(shown: Shown, say: Say, *, with_charts: bool = True) -> Message:
    """The poll's message. `with_charts` False for a workspace that does not take Slack's charts."""
    poll = shown.poll
    blocks = [header(poll.prompt), *context(*_standing(poll, say))]
    if poll.state == "open":
        blocks += _ways_to_answer(poll, say)
    elif poll.state == "closed":
        blocks += actions([_see(poll, say)], f"poll_ways:{poll.id}")
    blocks += _results(shown, say, with_charts=with_charts)
    blocks += context(*(plain(text) for text in _small_print(shown, say)))
    return message(escape(_aloud(shown, say)), blocks, say)


def _standing(poll: Poll, say: Say) -> list[Element]:
    """What kind of poll it is, whether one can answer, until when, and how many have."""
    said = [plain(say(_HOW[poll.kind.kind]))] if poll.state == "open" else []
    if poll.state == "closed":
        said.append(plain(say(N_("This poll is closed. People who answered: {count}."), count=poll.voted)))
        return said
    if poll.state == "scheduled" and poll.opens_at is not None:
        said.append(marked(say(N_("It opens {when}."), when=moment(poll.opens_at, utc(poll.opens_at)))))
    elif poll.state != "open":
        said.append(plain(say(N_("This poll is not open yet."))))
    else:
        said.append(plain(say(N_("People who have answered: {count}."), count=poll.voted)))
    if poll.quorum is not None:
        said.append(plain(say(N_("It closes by itself after {quorum} answers."), quorum=poll.quorum)))
    if poll.closes_at is not None:
        said.append(marked(say(N_("It closes {when}."), when=moment(poll.closes_at, utc(poll.closes_at)))))
    return said


def _ways_to_answer(poll: Poll, say: Say) -> list[Block]:
    """A button an option where one click is an answer, else one that opens a form."""
    live, texts = poll.live, [option.text for option in poll.live]
    blocks: list[Block] = []
    ways = [_see(poll, say)]
    if has_buttons(poll):
        if any(length(one_line(text)) > LONGEST_BUTTON for text in texts):
            blocks += paragraphs(f"{place}. {one_line(text)}" for place, text in enumerate(texts, start=1))
        buttons = [
            button(name, f"poll_vote:{option.id}", f"{poll.id}:{option.id}")
            for option, name in zip(live, numbered(texts), strict=True)
        ]
        blocks += actions(buttons, f"poll_options:{poll.id}")
    elif live or isinstance(poll.kind, kinds.Rating | kinds.Number | kinds.Words | kinds.Text):
        ways.insert(0, button(say(N_("Answer")), "poll_answer", f"{poll.id}", style="primary"))
    if poll.members_add and isinstance(poll.kind, kinds.GROWS):
        ways.insert(-1, button(say(N_("Add an option")), "poll_add", f"{poll.id}"))
    return [*blocks, *actions(ways, f"poll_ways:{poll.id}")]


def has_buttons(poll: Poll) -> bool:
    """Whether each option is a button of the message."""
    return isinstance(poll.kind, kinds.Single | kinds.Pair) and 0 < len(poll.live) <= MOST_BUTTONS


def _see(poll: Poll, say: Say) -> Element:
    return button(say(N_("My answer and results")), "poll_see", f"{poll.id}")


def _results(shown: Shown, say: Say, *, with_charts: bool) -> list[Block]:
    """The picture where there is one, and always the same in words."""
    found, poll = shown.found, shown.poll
    if isinstance(found, Hidden):
        return [section(plain(say(found.why)))] if poll.voted or poll.state == "closed" else []
    if not found.voters:
        return [section(plain(say(N_("Nobody has answered yet."))))] if poll.state == "closed" else []
    chart = charts.chart(poll, found, say) if with_charts and not shown.has_picture else None
    blocks = [] if chart is None else [chart]
    blocks += paragraphs(charts.lines(poll, found, say)) or [section(plain(say(N_("Nothing to show yet."))))]
    for place, move in enumerate(shown.moves):
        picture = charts.movement_chart(move, say) if with_charts and place == 0 else None
        blocks += ([picture] if picture is not None else []) + paragraphs(charts.movement_lines(move, say))
    return blocks


def _small_print(shown: Shown, say: Say) -> list[str]:
    poll = shown.poll
    if poll.state != "open":
        return [say(N_("All of it is in your course, too."))] if shown.has_lms else []
    said = [say(promise) for promise in shown.promises]
    if poll.is_anonymous and shown.in_grade:
        said.append(say(N_("It counts toward your grade when the poll is closed.")))
    if shown.has_lms:
        said.append(
            say(N_("It is in your course, too: you can answer it here or there, and all of it is shown there."))
        )
    return said


def _aloud(shown: Shown, say: Say) -> str:
    """The message as a screen reader or a notification tells it."""
    poll, found = shown.poll, shown.found
    if poll.state == "closed":
        said = [say(N_("Poll, closed: {question}"), question=poll.prompt)]
    else:
        said = [say(N_("Poll: {question}"), question=poll.prompt)]
    if isinstance(found, Result) and found.voters:
        said += charts.lines(poll, found, say)
    elif poll.state == "open" and isinstance(poll.kind, kinds.CHOICES):
        said += numbered([option.text for option in poll.live])
    if isinstance(found, Hidden) and poll.voted:
        said.append(say(found.why))
    return "\n".join([*said, *(element["text"] for element in _standing(poll, say) if element["type"] == "plain_text")])


def told(sentence: Sentence, shown: Shown, mine: Mine | None, say: Say) -> Message:
    """What only the person who has just answered reads: what became of it, their answer, the results if they may."""
    text = say(sentence)
    blocks: list[Block] = [section(plain(text))]
    if mine is not None and mine.answer is not None:
        given = paragraphs([say(N_("You have answered:")), *given_lines(shown.poll, mine.answer, say)])
        blocks += given
    if shown.poll.results == "after_vote" and isinstance(shown.found, Result) and shown.found.voters:
        blocks += paragraphs([say(N_("Results so far:")), *charts.lines(shown.poll, shown.found, say)])
    if shown.poll.state == "open":
        blocks += actions(_again(shown.poll, mine, say))
    return message(escape(text), blocks, say)


def _again(poll: Poll, mine: Mine | None, say: Say) -> list[Element]:
    if mine is not None and not mine.counts:
        return [button(say(N_("Start over")), "poll_again", f"{poll.id}")]
    if may_answer(poll, mine):
        return [button(say(N_("Change my answer")), "poll_answer", f"{poll.id}")]
    return []


def may_answer(poll: Poll, mine: Mine | None) -> bool:
    """Whether a form is of use to this person: they have not answered, or may change it."""
    if poll.state != "open":
        return False
    return mine is None or (mine.answer is not None and (poll.may_change or not mine.counts))


def given_lines(poll: Poll, answer: Answer, say: Say) -> list[str]:
    """An answer as it was given."""
    kind, names = poll.kind, {option.id: option for option in poll.options}
    if isinstance(kind, kinds.Rating):
        return [value for _, value in answer]
    if isinstance(kind, kinds.Number):
        return [charts.with_unit(Amount(kind.value(int(value)), 10), kind.unit, say) for _, value in answer]
    if isinstance(kind, kinds.BROUGHT):
        return [f"• {isolate(value)}" for _, value in answer]
    if isinstance(kind, kinds.Ranking):
        ordered = sorted(answer, key=lambda mark: int(mark[1]))
        return [f"{value}. {isolate(_text(names, option))}" for option, value in ordered]
    if isinstance(kind, kinds.Quiz):
        return [
            say(
                N_("{statement} – {counts}"),
                statement=isolate(_text(names, option)),
                counts=isolate(kind.levels[int(value)]),
            )
            for option, value in answer
        ]
    return [f"• {isolate(_text(names, option))}" for option, _ in answer]


def _text(names: dict[int, Option], option_id: int) -> str:
    found = names.get(option_id)
    return "" if found is None else one_line(found.text)


def own_view(
    shown: Shown,
    mine: Mine | None,
    say: Say,
    *,
    metadata: str,
    desk: Sequence[Element] = (),
    waiting: Sequence[Block] = (),
    said: Sentence | None = None,
) -> Block:
    """A person's view of a poll: their answer, what they may see, what they can do.

    `desk`: a teacher's buttons; `waiting`: what waits for the teacher; `said`: what became of what was just done.
    """
    poll = shown.poll
    blocks = [] if said is None else [section(plain(say(said)))]
    blocks += [header(poll.prompt), *context(*_standing(poll, say))]
    if mine is None:
        blocks.append(section(plain(say(N_("You have not answered.")))))
    elif mine.answer is None:
        blocks.append(section(plain(say(N_("You have answered. What you answered is only in the totals.")))))
    else:
        blocks += paragraphs([say(N_("You have answered:")), *given_lines(poll, mine.answer, say)])
    ways = [button(say(N_("Answer")), "poll_answer", f"{poll.id}")] if mine is None and poll.state == "open" else []
    ways += _again(poll, mine, say) if mine is not None and poll.state == "open" else []
    if isinstance(shown.found, Result) and shown.found.lines:
        ways.append(
            button(say(N_("Hide or show a text")) if desk else say(N_("Report a text")), "poll_words", f"{poll.id}")
        )
    blocks += actions([*ways, *desk], f"poll_desk:{poll.id}")
    blocks += waiting
    if isinstance(shown.found, Hidden):
        blocks.append(section(plain(say(shown.found.why))))
    else:
        blocks += _results(shown, say, with_charts=False)
    blocks += context(*(plain(text) for text in _small_print(shown, say)))
    return modal(say(N_("Poll")), blocks, say, callback_id="poll_seen", metadata=metadata)


def refused(sentence: Sentence, say: Say) -> Message:
    """What happened instead, to the person alone."""
    text = say(sentence)
    return message(escape(text), [section(plain(text))], say)


def said_in_view(sentence: Sentence, say: Say) -> Block:
    """The same in place of a form that can no longer be sent."""
    return modal(say(N_("Poll")), [section(plain(say(sentence)))], say, callback_id="poll_said")


_HOW = {
    "single": N_("Choose one."),
    "pair": N_("A or B? Choose one."),
    "several": N_("Choose what fits; several are possible."),
    "rating": N_("Rate it on a scale."),
    "number": N_("Give a number."),
    "ranking": N_("Put the options in order."),
    "words": N_("Give a few words for a word cloud."),
    "text": N_("Answer in your own words."),
    "quiz": N_("Say for each line how well you can do it."),
}
