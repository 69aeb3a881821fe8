"""Grading beyond the recorded grades (test_moodle_grades.py): odd answers, units, tolerances, wildcards."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.problems.grading import BadResponse, Grade, Response, grade, interval, matches, right_answers
from core.problems.kinds import (
    Choice,
    CombinedFeedback,
    FreeText,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    TextAnswer,
    Unit,
)
from core.problems.texts import Text
from core.words import Sentence
from tests.core.problems.strategies import problems

Q = Text("?")
ONE = OneChoice(
    text=Q,
    choices=(Choice(Text("a"), 1, Text("good")), Choice(Text("b"), 0.5), Choice(Text("c"), -0.25, Text("no"))),
    feedback=CombinedFeedback(Text("right"), Text("partly"), Text("wrong")),
)
SEVERAL = SeveralChoices(
    text=Q,
    choices=(Choice(Text("a"), 0.5, Text("yes")), Choice(Text("b"), 0.5), Choice(Text("c"), -1, Text("no"))),
    feedback=CombinedFeedback(Text("right"), Text("partly"), Text("wrong")),
)
SPEED = Number(
    text=Q,
    answers=(NumberAnswer("60", 0.5), NumberAnswer("375", 1, fraction=0.25)),
    units=(Unit("km/h"), Unit("m/s", 0.2777778), Unit("sq m", 2)),
    unit_policy="graded_of_response",
    unit_penalty=0.2,
)
WORD = ShortText(text=Q, answers=(TextAnswer("colo*r"), TextAnswer("*", 0, Text("Look again"))))
ESSAY = FreeText(text=Q)


def sources(result: Grade) -> list[str]:
    return [text.source for text in result.feedback]


def test_one_choice_earns_its_fraction_and_both_kinds_of_feedback() -> None:
    results = [grade(ONE, Response(choices=(place,))) for place in range(3)]
    assert [(r.fraction, r.right) for r in results] == [(1, True), (0.5, False), (-0.25, False)]
    assert [sources(r) for r in results] == [["good", "right"], ["partly"], ["no", "wrong"]]


def test_several_choices_add_up_within_0_and_1_in_whatever_order_they_were_taken() -> None:
    both, all_three, one_wrong = (grade(SEVERAL, Response(choices=c)) for c in [(1, 0), (2, 1, 0), (2,)])
    assert (both.fraction, both.right, both.normalised) == (1, True, "0 1")
    assert (all_three.fraction, sources(all_three)) == (0, ["yes", "no", "wrong"])
    assert one_wrong.fraction == 0


@pytest.mark.parametrize("problem", [ONE, SEVERAL, SPEED, WORD, ESSAY])
@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_a_blank_answer_is_not_wrong_but_none(problem: Problem, text: str) -> None:
    result = grade(problem, Response() if problem in (ONE, SEVERAL) else Response(text=text))
    assert (result.fraction, result.right, result.feedback) == (None, None, ())


@pytest.mark.parametrize(
    ("problem", "response", "says"),
    [
        (ONE, Response(choices=(3,)), "not one of the choices"),
        (ONE, Response(choices=(-1,)), "not one of the choices"),
        (ONE, Response(choices=(True,)), "not one of the choices"),
        (ONE, Response(choices=(0, 0)), "not one of the choices"),
        (ONE, Response(choices=(0, 1)), "Only one choice"),
        (ONE, Response(choices=tuple(range(100_000))), "not one of the choices"),
        (ONE, Response(text="a"), "answered by choosing"),
        (SEVERAL, Response(choices=(0, 5)), "not one of the choices"),
        (SEVERAL, Response(choices=(0,), unit="m"), "answered by choosing"),
        (SPEED, Response(choices=(0,)), "answered by typing"),
        (SPEED, Response(text="1" * 201), "201 characters; at most 200"),
        (SPEED, Response(text="60", unit="km/h"), "not one of the units"),
        (WORD, Response(text="x" * 100_000), "100000 characters; at most 1000"),
        (WORD, Response(text="x", unit="m"), "takes no unit"),
        (ESSAY, Response(text="x" * 100_000), "at most 50000"),
        (ESSAY, Response(choices=(0,)), "answered by typing"),
    ],
)
def test_what_no_form_of_ours_sends_is_refused(problem: Problem, response: Response, says: str) -> None:
    with pytest.raises(BadResponse) as caught:
        grade(problem, response)
    assert says in str(caught.value.sentence)


@pytest.mark.parametrize(
    ("typed", "fraction", "normalised"),
    [
        ("60 km/h", 1, "60 km/h"),
        ("16.666668 m/s", 1, "16.666668 m/s"),
        ("120 sq m", 1, "120 sqm"),
        ("60", 0.8, "60"),
        ("60 m/s", 0.8, "60 m/s"),
        ("375", 0.2, "375"),
        ("375 km/h", 0.25, "375 km/h"),
        ("61 km/h", 0, "61 km/h"),
        ("nothing", 0, "nothing"),
        ("1e999", 0, "inf"),
        ("1e308 m/s", 0, "1e+308 m/s"),
    ],
)
def test_units_cost_their_penalty_of_the_response(typed: str, fraction: float, normalised: str) -> None:
    result = grade(SPEED, Response(text=typed))
    assert (result.fraction, result.normalised) == (pytest.approx(fraction), normalised)


def test_a_penalty_of_the_question_never_takes_below_0() -> None:
    answers = (NumberAnswer("1"), NumberAnswer("2", fraction=0.25))
    problem = Number(
        text=Q,
        answers=answers,
        units=(Unit("m"),),
        unit_policy="graded_of_question",
        unit_penalty=0.5,
        unit_input="menu",
    )
    sent = [Response(text="1"), Response(text="2"), Response(text="1", unit="m")]
    assert [grade(problem, response).fraction for response in sent] == [0.5, 0, 1]
    with pytest.raises(BadResponse, match="not one of the units"):
        grade(problem, Response(text="1", unit="furlong"))


def test_without_units_the_side_does_not_matter() -> None:
    """As in Moodle: with no units, what follows the number is not looked at."""
    problem = Number(text=Q, answers=(NumberAnswer("9"),), unit_left=True)
    assert grade(problem, Response(text="9 furlongs")).fraction == 1


@pytest.mark.parametrize(
    ("answer", "low", "high"),
    [
        (NumberAnswer("10", 0.5), 9.5, 10.5),
        (NumberAnswer("-10", 0.5), -10.5, -9.5),
        (NumberAnswer("10", 0.1, "relative"), 9, 11),
        (NumberAnswer("-10", 0.1, "relative"), -11, -9),
        (NumberAnswer("10", 0.25, "geometric"), 8, 12.5),
        (NumberAnswer("-10", 0.25, "geometric"), -12.5, -8),
        (NumberAnswer("0", 0), 0, 0),
    ],
)
def test_intervals(answer: NumberAnswer, low: float, high: float) -> None:
    assert interval(answer) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize("typed", ["0.3", "0.30000000000000004", "3e-1"])
def test_equal_decimals_match_in_binary(typed: str) -> None:
    assert grade(Number(text=Q, answers=(NumberAnswer("0.3"),)), Response(text=typed)).right


def test_any_number_is_a_number() -> None:
    problem = Number(text=Q, answers=(NumberAnswer("1"), NumberAnswer(None, fraction=0.5)))
    assert [grade(problem, Response(text=t)).fraction for t in ("1", "7", "1e999", "x")] == [1, 0.5, 0.5, 0]


def test_a_comma_is_answered_with_a_fair_warning() -> None:
    problem = Number(text=Q, answers=(NumberAnswer("0.667", 0.0005),))
    result = grade(problem, Response(text="0,667"))
    assert result.fraction == 0
    assert str(result.note) == "A comma separates thousands here, so we read 667. For decimals, write a point."
    assert grade(problem, Response(text="0.667")).note is None
    assert "could not find a number" in str(grade(problem, Response(text="two thirds")).note)


def test_words_are_compared_in_one_normal_form_and_reported_in_it() -> None:
    problem = ShortText(text=Q, answers=(TextAnswer("nai\u0308ve"),))
    assert grade(problem, Response(text=" na\u00efve\n")) == Grade(1, True, (), "na\u00efve")
    assert grade(WORD, Response(text="gray")).feedback == (Text("Look again"),)


def test_free_text_is_kept_and_not_judged() -> None:
    assert grade(ESSAY, Response(text=" Because. ")) == Grade(None, None, (), "Because.")


@pytest.mark.parametrize(
    ("pattern", "text", "same"),
    [
        ("un*", "unzip", True),
        ("un*", "fun", False),
        ("*un*", "fun", True),
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "acb", False),
        ("ab*ba", "aba", False),
        ("ab*ba", "abba", True),
        ("**", "", True),
        ("Oct\\*", "Oct*", True),
        ("Oct\\*", "October", False),
        ("a.b", "axb", False),
        ("[a-z]+", "q", False),
        ("STRASSE", "straße", False),
        ("straße", "STRAẞE", True),
        ("ΣΊΣΥΦΟΣ", "σίσυφος", True),
        ("İ", "i", False),
        ("kelvin", "\N{KELVIN SIGN}elvin", True),
    ],
)
def test_wildcards_and_case(pattern: str, text: str, same: bool) -> None:
    assert matches(pattern, text, case_sensitive=False) is same


def test_capital_letters_count_where_the_problem_says_so() -> None:
    assert not matches("October", "october", case_sensitive=True)
    assert matches("Oct*", "October", case_sensitive=True)


simple = st.text(alphabet="ab*", max_size=7)


@given(simple, st.text(alphabet="ab", max_size=9))
@settings(deadline=None, max_examples=300)
def test_wildcards_match_what_the_regular_expression_does(pattern: str, text: str) -> None:
    expression = ".*".join(map(re.escape, pattern.split("*")))
    assert matches(pattern, text, case_sensitive=True) == bool(re.fullmatch(expression, text))


def test_many_wildcards_are_not_slow() -> None:
    assert not matches("a*" * 500 + "b", "a" * 1000, case_sensitive=False)


@pytest.mark.parametrize(
    ("problem", "key"),
    [
        (ONE, [Text("a")]),
        (SEVERAL, [Text("a"), Text("b")]),
        (SPEED, ["60 km/h"]),
        (Number(text=Q, answers=(NumberAnswer("17"),), units=(Unit("€"),), unit_left=True), ["€ 17"]),
        (Number(text=Q, answers=(NumberAnswer("3.00E8"), NumberAnswer("4", fraction=0.5))), ["3.00E8"]),
        (WORD, ["colo…r"]),
        (
            ShortText(text=Q, answers=(TextAnswer("*lamp*"), TextAnswer("Oct\\*"), TextAnswer("*"))),
            ["lamp", "Oct*", "…"],
        ),
        (ESSAY, []),
    ],
)
def test_the_key_to_show(problem: Problem, key: list[object]) -> None:
    assert list(right_answers(problem)) == key


def test_the_key_of_any_number_is_a_sentence() -> None:
    [answer] = right_answers(Number(text=Q, answers=(NumberAnswer(None),)))
    assert str(answer) == "any number"


def attempted(problem: Problem, response: Response) -> Grade | Sentence:
    try:
        return grade(problem, response)
    except BadResponse as refused:
        return refused.sentence


@given(problems, st.text(max_size=20), st.sets(st.integers(-1, 8), max_size=4))
@settings(deadline=None, max_examples=40)
def test_every_answer_is_graded_or_refused(problem: Problem, text: str, places: set[int]) -> None:
    for response in (Response(text=text), Response(choices=tuple(places))):
        result = attempted(problem, response)
        if isinstance(result, Sentence):
            assert str(result)
        else:
            assert (result.fraction is None) == (result.right is None)
            assert result.fraction is None or (-1 <= result.fraction <= 1 and math.isfinite(result.fraction))
