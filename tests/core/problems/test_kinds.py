"""Problems are canonical by construction, refuse what cannot be, and are stored as JSON exactly."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings

from core.problems.grading import Grade, Response
from core.problems.kinds import (
    KINDS,
    Category,
    Choice,
    FreeText,
    Hint,
    Image,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    ShortText,
    TextAnswer,
    Unit,
    from_json,
    to_json,
    true_false,
)
from core.problems.reports import Import, Line
from core.problems.shown import Shown
from core.problems.texts import Text
from tests.core.problems.strategies import PICTURES, problems

Q = Text("?")
BOTH = (Choice(Text("a"), 1), Choice(Text("b")))


def test_the_five_kinds_have_the_names_of_the_product() -> None:
    assert list(KINDS) == ["one_choice", "several_choices", "number", "short_text", "free_text"]


@pytest.mark.parametrize("kind", [*KINDS.values(), Text, Choice, Image, Shown, Response, Grade, Import, Line])
def test_values_do_not_change(kind: type) -> None:
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)


def test_what_means_nothing_is_tidied_away() -> None:
    problem = FreeText(text=Text(" a\r\nb\x00 \n"), name="  two\n words ", tags=("x", " ", "x "), idnumber=" 7 ")
    assert problem == FreeText(text=Text("a\nb"), name="two  words", tags=("x",), idnumber="7")


def test_a_problem_without_a_name_is_called_by_its_first_words() -> None:
    assert FreeText(text=Text("<p>Why &amp; <b>how</b>?</p>")).name == "Why & how ?"
    assert FreeText(text=Text('<img src="x.png">')).name == "?"


@pytest.mark.parametrize(
    ("given", "kept"),
    [(1 / 3, 0.3333333), (0.33333, 0.3333333), (-0.16666, -0.1666667), (0.37, 0.37), (-0.0, 0.0), (1, 1.0)],
)
def test_fractions_are_kept_as_moodle_keeps_them(given: float, kept: float) -> None:
    assert str(Choice(Q, given).fraction) == str(kept)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Choice(Q, 1.5),
        lambda: Choice(Q, float("nan")),
        lambda: TextAnswer("a", -1.1),
        lambda: NumberAnswer("five"),
        lambda: NumberAnswer("1", -1),
        lambda: NumberAnswer("1", float("inf")),
        lambda: Unit("", 1),
        lambda: Unit("m", 0),
        lambda: Unit("m", float("nan")),
        lambda: Category(" / "),
        lambda: Text("a", "rtf"),  # type: ignore[arg-type]  # the mistake that is tested
        lambda: FreeText(text=Q, mark=-1),
        lambda: FreeText(text=Q, penalty=2),
        lambda: FreeText(text=Q, name="x" * 256),
        lambda: FreeText(text=Q, idnumber="x" * 101),
        lambda: FreeText(text=Q, images=(PICTURES[0], PICTURES[0])),
        lambda: Number(text=Q, answers=(), units=(Unit("m"), Unit(" m ", 2))),
        lambda: OneChoice(text=Q, choices=BOTH, true_false=True),
        lambda: OneChoice(text=Q, choices=BOTH[:1], true_false=True, shuffle=False, numbering="none"),
    ],
)
def test_what_no_problem_can_hold_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        make()


def test_true_is_the_first_choice_and_false_the_second() -> None:
    problem = true_false(False, {True: Text("no"), False: Text("yes")}, text=Q, penalty=1.0)
    assert [(c.text.source, c.fraction, c.feedback.source) for c in problem.choices] == [
        ("True", 0, "no"),
        ("False", 1, "yes"),
    ]
    assert problem.name == "?"


def test_a_unit_penalty_counts_only_where_units_are_graded() -> None:
    assert Number(text=Q, answers=(), unit_policy="optional", unit_penalty=0.5).unit_penalty == 0


@given(problems)
@settings(deadline=None, max_examples=40)
def test_the_json_is_json_and_holds_no_bytes(problem: Problem) -> None:
    written = json.dumps(to_json(problem), allow_nan=False)
    assert from_json(json.loads(written), problem.images) == problem
    assert to_json(problem)["images"] == [image.name for image in problem.images]


def test_the_json_keeps_its_shape() -> None:
    """Rows with it are in databases: a change here needs a migration."""
    problem = ShortText(text=Q, answers=(TextAnswer("a", 1, Text("Yes", "plain")),), hints=(Hint(Text("h")),))
    assert to_json(problem) == {
        "format": 1,
        "kind": "short_text",
        "text": {"source": "?", "format": "html"},
        "name": "?",
        "solution": {"source": "", "format": "html"},
        "mark": 1.0,
        "penalty": 0.3333333,
        "hints": [{"text": {"source": "h", "format": "html"}, "counts_right": False, "clears_wrong": False}],
        "tags": [],
        "idnumber": "",
        "category": [],
        "source": {"credit": "", "licence": "", "url": ""},
        "answers": [{"pattern": "a", "fraction": 1.0, "feedback": {"source": "Yes", "format": "plain"}}],
        "case_sensitive": False,
        "images": [],
    }


def test_images_are_stored_apart_and_may_stay_away() -> None:
    problem = FreeText(text=Q, images=PICTURES)
    stored = to_json(problem)
    assert from_json(stored, reversed(PICTURES)) == problem
    assert from_json(stored).images == ()
    with pytest.raises(ValueError, match="images are missing"):
        from_json(stored, PICTURES[:2])


def test_a_field_that_was_not_stored_takes_its_default() -> None:
    assert from_json({"format": 1, "kind": "free_text", "text": {"source": "?"}}) == FreeText(text=Q)


def test_a_whole_number_may_stand_for_a_float() -> None:
    assert from_json({"format": 1, "kind": "free_text", "text": {"source": "?"}, "mark": 2}).mark == 2.0


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"kind": "riddle"}, "not a stored problem"),
        ({"kind": ["free_text"]}, "not a stored problem"),
        ({"format": 2}, "not a stored problem"),
        ({"images": "red.png"}, "not a stored problem"),
        ({"text": None}, "must be an object"),
        ({"text": {"source": 7}}, "Text.source must be str"),
        ({"text": {"source": "?", "format": "rtf"}}, "must be one of"),
        ({"hints": {}}, "must be a list"),
        ({"mark": "1"}, "must be float"),
        ({"required": 1}, "must be bool"),
        ({"min_words": "5"}, "must be int"),
        ({"colour": "red"}, "has no colour"),
        ({"hints": [{}]}, "Hint: .*missing"),
    ],
)
def test_what_is_no_stored_problem_is_refused(changed: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        from_json({**to_json(FreeText(text=Q)), **changed})
