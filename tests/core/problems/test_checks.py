"""Faults and cautions of problems that were made without a file; what files make is in test_broken_files.py."""

from __future__ import annotations

import pytest

from core.problems.checks import cautions, faults, percent
from core.problems.kinds import (
    Choice,
    FreeText,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    TextAnswer,
)
from core.problems.reports import DEFAULT_LIMITS
from core.problems.texts import NOTHING, Text

Q = Text("?")


def several(*weights: float) -> SeveralChoices:
    return SeveralChoices(text=Q, choices=tuple(Choice(Text(str(n)), weight) for n, weight in enumerate(weights)))


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (FreeText(text=NOTHING), "no question text"),
        (FreeText(text=Q, grader_info=Text("x" * 100_001)), "100001 characters; at most 100000"),
        (OneChoice(text=Q, choices=(Choice(Q, 1),)), "fewer than two choices"),
        (OneChoice(text=Q, choices=(Choice(Q, 1), Choice(NOTHING))), "Choice 2 is empty"),
        (OneChoice(text=Q, choices=(Choice(Q, 0.9), Choice(Q))), "No choice earns full marks"),
        (several(0, -1), "None of its choices is right"),
        (several(0.5, 0.25), "add up to 75 %"),
        (several(0.5, 0.5, 0.05), "add up to 105 %"),
        (Number(text=Q, answers=()), "has no answer"),
        (Number(text=Q, answers=(NumberAnswer("1", fraction=0.5),)), "No answer earns full marks"),
        (ShortText(text=Q, answers=(TextAnswer("a"), TextAnswer(" "))), "One of its answers is empty"),
    ],
)
def test_faults(problem: Problem, says: str) -> None:
    assert says in " ".join(map(str, faults(problem, DEFAULT_LIMITS)))


@pytest.mark.parametrize(
    "problem",
    [
        several(0.5, 0.5, -1),
        several(*[1 / 3] * 3, -1),
        several(*[1 / 7] * 7, -1),
        several(*[1 / 6] * 6, -1),
        several(1, -1),
    ],
)
def test_weights_that_add_up_but_for_the_last_decimal_are_sound(problem: Problem) -> None:
    assert list(faults(problem, DEFAULT_LIMITS)) == []
    assert list(cautions(problem)) == []


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (several(0.5, 0.5, 0), "Taking every choice earns full marks"),
        (OneChoice(text=Q, choices=(Choice(Q, 1), Choice(Q, 1))), "More than one choice is right"),
        (OneChoice(text=Q, choices=(Choice(Q, 1), Choice(Q, 0))), "read the same"),
        (ShortText(text=Q, answers=(TextAnswer("**"),)), "Every answer earns full marks"),
        (Number(text=Q, answers=(NumberAnswer(None),)), "Every answer earns full marks"),
        (Number(text=Q, answers=(NumberAnswer("1"), NumberAnswer("2", fraction=0.37))), "It gives 37 %"),
        (FreeText(text=Q, solution=Text("<script>x</script>")), "will not be shown"),
        (FreeText(text=Text("@@PLUGINFILE@@/a%20b.png")), "picture a b.png is not there"),
    ],
)
def test_cautions(problem: Problem, says: str) -> None:
    assert says in " ".join(map(str, cautions(problem)))


@pytest.mark.parametrize(
    ("fraction", "text"), [(1 / 3, "33.33333"), (-0.5, "-50"), (1, "100"), (0.1428571, "14.28571"), (0, "0")]
)
def test_percent(fraction: float, text: str) -> None:
    assert percent(fraction) == text
