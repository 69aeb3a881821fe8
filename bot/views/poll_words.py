"""What people wrote in a poll, to report it or, for teachers, to hide it and show it again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from bot.blocks import Block, Choice, Say, context, field, header, isolate, modal, one_line, plain, section, select
from bot.views.poll_answers import TYPED, read
from core.activities.poll_results import Line
from core.activities.polls import Poll
from core.words import N_

MOST_LISTED = 100  # what one of Slack's lists holds


def form(poll: Poll, lines: Sequence[Line], say: Say, *, teaches: bool, metadata: str) -> Block:
    """The view in which one of the lines is chosen; for a teacher the hidden ones come first."""
    ordered = sorted(lines, key=lambda line: line.shown)[:MOST_LISTED]
    if not ordered:
        nothing = section(plain(say(N_("Nothing to show yet."))))
        return modal(say(N_("What people wrote")), [header(poll.prompt), nothing], say, callback_id="poll_said")
    left = []
    if len(lines) > MOST_LISTED:
        said = N_("Slack shows {shown} texts of {count}. The others are in your course.")
        left = [plain(say(said, shown=MOST_LISTED, count=len(lines)))]
    choices = [Choice(name_of(line), _called(line, say)) for line in ordered]
    if teaches:
        label, submit = N_("What should be hidden, or shown again?"), N_("Hide or show")
        what = N_("What is hidden is counted and not shown. Choosing a hidden one shows it again.")
    else:
        label, submit = N_("What should your teacher look at?"), N_("Report")
        what = N_("You will not see it again in your own view, and your teacher looks at it.")
    return modal(
        say(N_("What people wrote")),
        [
            header(poll.prompt),
            field(say(label), select(TYPED, choices, None, say(N_("Choose a text"))), "text"),
            *context(plain(say(what)), *left),
        ],
        say,
        callback_id="poll_words",
        submit=say(submit),
        close=say(N_("Cancel")),
        metadata=metadata,
    )


def _called(line: Line, say: Say) -> str:
    text = one_line(line.text)
    return text if line.shown else say(N_("(hidden) {text}"), text=isolate(text))


def name_of(line: Line) -> str:
    """By what a form calls a line: the texts themselves are longer than Slack's values may be."""
    return hashlib.sha256(line.text.encode()).hexdigest()[:32]


def chosen(values: Mapping[str, Mapping[str, Mapping[str, Any]]], lines: Sequence[Line]) -> Line | None:
    """The line that was chosen; None where nobody wrote it (any more)."""
    wanted = next(iter(read(values).get("text", ())), "")
    return next((line for line in lines if name_of(line) == wanted), None)
