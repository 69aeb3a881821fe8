"""What is written reads back: Moodle XML loses nothing that was taken, GIFT what its report says and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.problems.files import export, read
from core.problems.grading import interval
from core.problems.kinds import (
    PENALTY,
    Category,
    ChoiceProblem,
    CombinedFeedback,
    FreeText,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    ShortText,
    Source,
    from_json,
    to_json,
)
from tests.core.problems.banks import WRITTEN, taken
from tests.core.problems.strategies import problems

several = st.lists(problems, min_size=1, max_size=2)
thorough = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def distinct(some: list[Problem]) -> list[Problem]:
    """`some` with idnumbers that differ, as a category's do."""
    return [replace(problem, idnumber=f"{index} {problem.idnumber}") for index, problem in enumerate(some)]


def read_back(data: bytes) -> list[Problem]:
    again = read(data)
    assert again.broken is None
    assert not [line for line in again.report if line.outcome != "taken" or line.lost]
    return [one.problem for one in again.problems]


def carried_by_gift(problem: Problem) -> Problem:
    """`problem` without all that GIFT has no place for."""
    tags = tuple(tag for tag in problem.tags if not tag.endswith("\\"))
    problem = replace(
        problem,
        mark=1.0,
        penalty=1.0 if isinstance(problem, OneChoice) and problem.true_false else PENALTY,
        hints=(),
        images=(),
        source=Source(),
        category=tuple(Category(category.name) for category in problem.category),
        tags=tags,
        idnumber="" if problem.idnumber.endswith("\\") else problem.idnumber,
    )
    match problem:
        case OneChoice(true_false=True):
            return problem
        case ChoiceProblem():
            return replace(problem, shuffle=True, numbering="abc", instruction=False, feedback=CombinedFeedback())
        case ShortText():
            return replace(problem, case_sensitive=False)
        case Number():
            answers = tuple(map(as_absolute, problem.answers))
            return replace(problem, answers=answers, units=(), unit_policy="none", unit_left=False)
        case FreeText():
            return FreeText(
                **{
                    name: getattr(problem, name)
                    for name in ("text", "name", "solution", "tags", "idnumber", "category")
                }
            )
    return problem


def as_absolute(answer: NumberAnswer) -> NumberAnswer:
    if answer.tolerance_kind == "relative":
        width = answer.tolerance * abs(float(answer.value or 0))
        return replace(answer, tolerance=width, tolerance_kind="absolute")
    return answer


def assert_same_but_for_geometry(mine: Problem, again: Problem) -> None:
    """Equal; but a geometric tolerance comes back as the range of the same numbers."""
    if isinstance(mine, Number) and isinstance(again, Number):
        for one, other in zip(mine.answers, again.answers, strict=True):
            if one.tolerance_kind == "geometric":
                assert interval(other) == pytest.approx(
                    interval(one), rel=0, abs=1e-9 * max(map(abs, interval(one))) + 1e-20
                )
        pairs = zip(mine.answers, again.answers, strict=True)
        again = replace(again, answers=tuple(a if a.tolerance_kind == "geometric" else b for a, b in pairs))
    assert again == mine


@pytest.mark.parametrize("bank", WRITTEN)
def test_a_bank_written_as_moodle_xml_reads_back_equal(bank: str) -> None:
    assert read_back(export(taken(bank), "moodle_xml").data) == taken(bank)


@pytest.mark.parametrize("bank", WRITTEN)
def test_a_bank_written_as_gift_reads_back_equal_but_for_what_is_said(bank: str) -> None:
    written = export(taken(bank), "gift")
    assert read_back(written.data) == [carried_by_gift(problem) for problem in taken(bank)]
    said = {line.index for line in written.report if line.lost}
    assert said == {n for n, problem in enumerate(taken(bank)) if carried_by_gift(problem) != problem}


@given(several)
@thorough
def test_moodle_xml_loses_nothing_and_is_written_the_same_again(some: list[Problem]) -> None:
    some = distinct(some)
    written = export(some, "moodle_xml").data
    again = read_back(written)
    assert again == some
    assert export(again, "moodle_xml").data == written


@given(several)
@thorough
def test_gift_loses_what_it_says_and_nothing_else(some: list[Problem]) -> None:
    some = distinct(some)
    written = export(some, "gift")
    left_out = {line.index for line in written.report if line.left_out}
    kept = [problem for index, problem in enumerate(some) if index not in left_out]
    if not kept:
        return
    again = read_back(written.data)
    for problem, mine in zip(kept, again, strict=True):
        assert_same_but_for_geometry(carried_by_gift(problem), mine)
    lossy = {line.index for line in written.report if line.lost}
    for index, problem in enumerate(some):
        if index not in left_out and index not in lossy:
            assert carried_by_gift(problem) == problem


@given(problems)
@thorough
def test_a_stored_problem_is_the_same_problem(problem: Problem) -> None:
    assert from_json(to_json(problem), problem.images) == problem


@pytest.mark.parametrize("bank", WRITTEN)
def test_a_stored_bank_is_the_same_bank(bank: str) -> None:
    for problem in taken(bank):
        assert from_json(to_json(problem), problem.images) == problem
