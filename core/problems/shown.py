"""A problem as a student may see it before the key is shown: a type of its own, with no place for a key.

Choices are sent and answered by their place in the shown order: a place in the teacher's order would tell (in many a
file the right choice comes first).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.problems.grading import BadResponse
from core.problems.kinds import Box, ChoiceProblem, FreeText, Image, Number, OneChoice, Problem, SeveralChoices
from core.problems.texts import NOTHING, Text, files_named
from core.words import N_

UnitField = Literal["none", "typed", "radio", "menu"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page or a message may hold: no fraction, answer, feedback, hint or tag, and only the images of its own
    texts.
    """

    kind: str
    name: str
    text: Text
    images: tuple[Image, ...] = ()
    choices: tuple[Text, ...] = ()  # in the shown order
    several: bool = False
    true_false: bool = False
    numbering: str = "none"
    instruction: bool = False
    unit_field: UnitField = "none"
    unit_left: bool = False
    units: tuple[str, ...] = ()  # only where one is picked: beside a typed one they would give the unit away
    box: Box = "plain"
    lines: int = 1
    required: bool = True
    min_words: int | None = None
    max_words: int | None = None
    template: Text = NOTHING


def shown_order(problem: Problem, seed: int) -> tuple[int, ...]:
    """Places of the choices in the order to show them: shuffled where the problem says so, the same for the same seed.

    The order is that of SHA-256 of seed and place: each of the n! orders is as likely as another over the seeds, on
    every Python and machine alike. `seed` stands for a person and a problem.
    """
    if not isinstance(problem, ChoiceProblem):
        return ()
    places = range(len(problem.choices))
    if not problem.shuffle:
        return tuple(places)
    return tuple(sorted(places, key=lambda place: hashlib.sha256(f"{seed}:{place}".encode()).digest()))


def chosen(order: Sequence[int], positions: Sequence[int]) -> tuple[int, ...]:
    """Places in the problem's own order of what was taken at `positions` of the shown order; raises BadResponse."""
    if any(not 0 <= position < len(order) for position in positions):
        raise BadResponse(N_("That is not one of the choices. Load the page again and choose."))
    return tuple(order[position] for position in positions)


def strip_key(problem: Problem, order: Sequence[int] | None = None) -> Shown:
    """`problem` without its key, its choices in `order` (from `shown_order`; the teacher's order if None)."""
    form = _form(problem, order)
    texts = (problem.text, form.template, *form.choices)
    named = {name for text in texts for name in files_named(text)}
    images = tuple(sorted((image for image in problem.images if image.name in named), key=lambda image: image.name))
    return replace(form, images=images)


def _form(problem: Problem, order: Sequence[int] | None) -> Shown:
    bare = Shown(kind=problem.kind, name=problem.name, text=problem.text)
    match problem:
        case ChoiceProblem():
            places = tuple(range(len(problem.choices)) if order is None else order)
            if sorted(places) != list(range(len(problem.choices))):
                raise ValueError("the order must name each choice once")
            return replace(
                bare,
                choices=tuple(problem.choices[place].text for place in places),
                several=isinstance(problem, SeveralChoices),
                true_false=isinstance(problem, OneChoice) and problem.true_false,
                numbering=problem.numbering,
                instruction=problem.instruction,
            )
        case Number():
            picked = problem.unit_input != "typed"
            return replace(
                bare,
                unit_field="none" if problem.unit_policy == "none" else problem.unit_input,
                unit_left=problem.unit_left,
                units=tuple(unit.name for unit in problem.units) if picked else (),
            )
        case FreeText():
            return replace(
                bare,
                box=problem.box,
                lines=problem.lines,
                required=problem.required,
                min_words=problem.min_words,
                max_words=problem.max_words,
                template=problem.template,
            )
    return bare
