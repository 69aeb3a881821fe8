"""What a template asks to be drawn of a poll's results, with its title and description in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

from markupsafe import Markup

from core.activities.poll_results import Line
from core.activities.poll_shapes import Move
from core.polling.kinds import Number
from core.polling.tally import Numbers
from core.words import N_
from lti_tool import poll_charts
from lti_tool.language import number, translate, translate_plural


def _histogram(kind: Number, found: Numbers) -> Markup:
    mean = "" if found.mean is None else number(found.mean, 2)
    return poll_charts.histogram(
        found.bins,
        mean=found.mean,
        title=translate(N_("How many answered what")),
        description=translate_plural(
            "%(num)s answer, on average %(mean)s.", "%(num)s answers, on average %(mean)s.", found.voters
        )
        % {"num": found.voters, "mean": mean},
        unit=kind.unit,
        average=translate(N_("average {mean}")).format(mean=mean),
        number=lambda value: number(value, 6),
    )


def _cloud(lines: Sequence[Line]) -> Markup:
    first = ", ".join(line.text for line in lines[:3])
    return poll_charts.words(
        [(line.text, line.count) for line in lines],
        title=translate(N_("Word cloud")),
        description=translate(N_("Most frequent: {words}. The table below has all of them.")).format(words=first),
    )


def _moves(move: Move) -> Markup:
    return poll_charts.moves(
        move.names,
        move.first,
        move.last,
        move.cells,
        title=translate(N_("How the class moved")),
        description=translate(
            N_("From the first answers on one side to the last on the other; the table has the numbers.")
        ),
        before=translate(N_("First")),
        after=translate(N_("Last")),
    )


pictures = SimpleNamespace(
    bar=poll_charts.bar,
    shift=poll_charts.shift,
    levels=poll_charts.levels,
    histogram=_histogram,
    cloud=_cloud,
    moves=_moves,
)
