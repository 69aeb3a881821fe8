"""What a student may see before the key is shown holds no key, by type and by value."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings

from core.problems.grading import BadResponse
from core.problems.kinds import Choice, FreeText, Number, NumberAnswer, OneChoice, Problem, SeveralChoices, Unit
from core.problems.shown import Shown, chosen, shown_order, strip_key
from core.problems.texts import Text, file_address
from tests.core.problems.banks import WRITTEN, taken
from tests.core.problems.strategies import PICTURES, problems

SECRET = "the key is 42"


def four() -> OneChoice:
    return OneChoice(text=Text("?"), choices=tuple(Choice(Text(letter), letter == "a") for letter in "abcd"))


def marked(problem: Problem) -> Problem:
    """`problem` with a secret in every text that is part of its key."""
    secret = Text(SECRET)
    problem = replace(problem, solution=secret, tags=(SECRET,), idnumber=SECRET)
    if isinstance(problem, OneChoice | SeveralChoices):
        return replace(problem, choices=tuple(replace(c, feedback=secret) for c in problem.choices))
    if isinstance(problem, Number):
        return replace(problem, answers=tuple(replace(a, feedback=secret) for a in problem.answers))
    return replace(problem, grader_info=secret) if isinstance(problem, FreeText) else problem


@pytest.mark.parametrize("problem", [p for bank in WRITTEN for p in taken(bank)], ids=lambda problem: problem.name)
def test_no_text_of_the_key_is_shown(problem: Problem) -> None:
    assert SECRET in repr(marked(problem))
    assert SECRET not in repr(strip_key(marked(problem)))


def test_the_shown_type_has_no_place_for_a_key() -> None:
    names = {field.name for field in fields(Shown)}
    assert not names & {"fraction", "answers", "feedback", "solution", "hints", "tags", "grader_info", "unit_penalty"}


@given(problems)
@settings(deadline=None, max_examples=40)
def test_what_is_shown_does_not_change_with_the_key(problem: Problem) -> None:
    if isinstance(problem, SeveralChoices):
        turned = replace(problem, choices=tuple(replace(c, fraction=-c.fraction) for c in problem.choices))
        assert strip_key(turned) == strip_key(problem)
    assert len(strip_key(problem).choices) == len(getattr(problem, "choices", ()))


def test_choices_are_shown_and_answered_by_their_place_in_the_shown_order() -> None:
    problem = four()
    order = shown_order(problem, seed=7)
    shown = strip_key(problem, order)
    at = [text.source for text in shown.choices].index("a")
    assert chosen(order, (at,)) == (0,)
    assert sorted(text.source for text in shown.choices) == list("abcd")


@pytest.mark.parametrize("positions", [(4,), (-1,)])
def test_a_place_that_was_not_shown_is_refused(positions: tuple[int, ...]) -> None:
    with pytest.raises(BadResponse):
        chosen((0, 1, 2, 3), positions)


@pytest.mark.parametrize("order", [(0, 1), (0, 0, 1, 2), (1, 2, 3, 4)])
def test_an_order_that_is_none_is_a_mistake(order: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="each choice once"):
        strip_key(four(), order)


def test_the_order_is_the_same_for_the_same_seed_on_every_machine() -> None:
    assert [shown_order(four(), seed) for seed in (1, 2, 3)] == [(2, 3, 0, 1), (2, 1, 3, 0), (1, 2, 3, 0)]


def test_the_teachers_order_stays_where_it_is_meant() -> None:
    assert {shown_order(replace(four(), shuffle=False), seed) for seed in range(50)} == {(0, 1, 2, 3)}
    assert shown_order(FreeText(text=Text("?")), 1) == ()


def test_every_order_is_as_likely_as_another() -> None:
    counts = Counter(shown_order(four(), seed) for seed in range(2400))
    assert len(counts) == 24
    chi_squared = sum((count - 100) ** 2 / 100 for count in counts.values())
    assert chi_squared < 49.7  # the 0.999 quantile with 23 degrees of freedom; the seeds are fixed


def test_only_the_pictures_of_shown_texts_go_along() -> None:
    red, blue, green = PICTURES
    address = {image: f'<img src="{file_address(image.name)}">' for image in PICTURES}
    problem = OneChoice(
        text=Text(address[red]),
        choices=(Choice(Text(address[blue]), 1, Text(address[green])), Choice(Text("none"))),
        images=PICTURES,
    )
    assert set(strip_key(problem).images) == {red, blue}


def test_units_are_shown_only_where_one_is_picked() -> None:
    problem = Number(text=Text("?"), answers=(NumberAnswer("1"),), units=(Unit("km/h"),), unit_policy="optional")
    assert (strip_key(problem).unit_field, strip_key(problem).units) == ("typed", ())
    picked = replace(problem, unit_input="menu")
    assert (strip_key(picked).unit_field, strip_key(picked).units) == ("menu", ("km/h",))
    assert strip_key(replace(problem, unit_policy="none")).unit_field == "none"
