"""Our grades are those that Moodle 4.5 recorded, answer by answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from core.problems.grading import Response, grade
from core.problems.kinds import ChoiceProblem, FreeText, OneChoice, Problem
from tests.core.problems.banks import WRITTEN, pairs

RECORDED = 442  # grades in the recordings, all of kinds that we take; Moodle recorded none for parts of cloze questions


def response_of(problem: Problem, given: Mapping[str, str]) -> Response:
    """What Moodle's form sent, as our form would send it."""
    if isinstance(problem, OneChoice) and problem.true_false:
        return Response(choices=tuple(0 if value == "1" else 1 for value in given.values()))
    if isinstance(problem, OneChoice):
        return Response(choices=tuple(map(int, given.values())))
    if isinstance(problem, ChoiceProblem):
        return Response(choices=tuple(int(name.removeprefix("choice")) for name in given))
    return Response(text=given["answer"], unit=given.get("unit", ""))


def recorded() -> Iterator[object]:
    for name in WRITTEN:
        for problem, question in pairs(name):
            for number, entry in enumerate(question.get("grades", ())):
                yield pytest.param(problem, entry, id=f"{name}-{question['name']}-{number}-{entry['response']}")


@pytest.mark.parametrize(("problem", "entry"), list(recorded()))
def test_the_fraction_is_the_one_that_moodle_gave(problem: Problem, entry: dict) -> None:
    result = grade(problem, response_of(problem, entry["response"]))
    assert result.fraction == (None if entry["fraction"] is None else pytest.approx(entry["fraction"], abs=1e-9))
    assert result.right == {"gaveup": None, "gradedright": True}.get(entry["state"], False)


def test_every_recorded_grade_is_compared() -> None:
    assert len(list(recorded())) == RECORDED


@pytest.mark.parametrize("name", WRITTEN)
def test_what_moodle_does_not_grade_we_do_not_grade(name: str) -> None:
    for problem, question in pairs(name):
        if isinstance(problem, FreeText):
            assert "grades" not in question
            assert grade(problem, Response(text="Because 2 + 2 = 4.")).fraction is None
