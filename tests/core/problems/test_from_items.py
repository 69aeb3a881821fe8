"""Exam questions from a class's items: what people believe decides what is asked, and what comes out is sound."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.problems import checks
from core.problems.files import export, read
from core.problems.from_items import (
    Exhibit,
    Idea,
    Wording,
    fault,
    how_problem,
    literally,
    propose,
    stem,
    which_problem,
)
from core.problems.grading import Response, grade
from core.problems.kinds import MOODLE_FRACTIONS, Problem, Source, from_json, to_json
from core.problems.reports import DEFAULT_LIMITS
from lti_tool.rendering import html
from tests.core.problems.strategies import PICTURES, SIGNS
from tests.core.problems.test_round_trips import carried_by_gift

WHICH, HOW = "Which of these ideas does it show?", "Which ideas does it show, and how?"
WORDING = Wording(WHICH, HOW, "The classmate who brought it wrote:", "Ideas that were looked for:")
POSTER = Exhibit(
    "A poster",
    "> Nine of ten dentists\nagree.",
    PICTURES[0],
    "A dentist with a [brush]",
    "Authority: a white coat.",
    Source("Campus wall", "CC BY 4.0", "https://example.org/poster"),
)
BARE = Exhibit("Only words", "Everybody does it.")

names = st.text(SIGNS, min_size=1, max_size=12).map(str.strip).filter(bool)


def idea(name: str, chance: float | None = None, words: int = 5, **more: object) -> Idea:
    return Idea(name, chance, words, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chance", "words", "teacher", "applies"),
    [
        (0.8, 2, None, True),
        (0.79, 9, None, None),
        (0.2, 2, None, False),
        (0.21, 9, None, None),
        (0.99, 1, None, None),  # one voice is no class
        (None, 0, None, None),
        (0.99, 9, False, False),  # the teacher knows
        (None, 0, True, True),
    ],
)
def test_what_applies(chance: float | None, words: int, teacher: bool | None, applies: bool | None) -> None:
    assert Idea("x", chance, words, teacher=teacher).applies is applies


def test_distractors_are_what_classmates_took_for_right_then_what_comes_together_then_what_is_used() -> None:
    found = propose(
        [
            idea("never used", 0.1),
            idea("common", 0.1, used=9),
            idea("neighbour", 0.1, together=3, used=3),
            idea("mistaken", 0.1, yes=1),
            idea("right", 0.9, yes=4),
            idea("disputed", 0.5, yes=3),
        ]
    )
    assert [one.name for one in found.right] == ["right"]
    assert [one.name for one in found.wrong] == ["mistaken", "neighbour", "common", "never used"]
    assert [one.name for one in found.open] == ["disputed"]


def test_what_is_disputed_is_neither_right_nor_wrong_and_the_teacher_comes_first() -> None:
    found = propose([idea("sure", 0.99), idea("said so", None, 0, teacher=True), idea("open", 0.6)])
    assert [one.name for one in found.right] == ["said so", "sure"]
    assert found.wrong == ()
    assert [one.name for one in found.open] == ["open"]


@pytest.mark.parametrize(("right", "wrong"), list(product(range(9), range(9))))
def test_a_proposal_keeps_room_for_distractors(right: int, wrong: int) -> None:
    ideas = [idea(f"yes {n}", 0.9) for n in range(right)] + [idea(f"no {n}", 0.1) for n in range(wrong)]
    found = propose(ideas)
    assert len(found.right) == min(right, 4)
    assert len(found.wrong) == min(wrong, 6 - len(found.right))


@pytest.mark.parametrize(("right", "wrong"), [(r, w) for r in range(1, 11) for w in range(1, 11)])
def test_weights_are_moodles_and_guessing_earns_nothing(right: int, wrong: int) -> None:
    problem = which_problem(POSTER, WHICH, [f"right {n}" for n in range(right)], [f"wrong {n}" for n in range(wrong)])
    assert list(checks.faults(problem, DEFAULT_LIMITS)) == []
    assert list(checks.cautions(problem)) == []
    assert all(abs(choice.fraction) in MOODLE_FRACTIONS for choice in problem.choices)
    assert sum(choice.fraction for choice in problem.choices) == pytest.approx(0, abs=2e-6)
    assert grade(problem, Response(tuple(range(right)))).right is True
    assert grade(problem, Response(tuple(range(right + wrong)))).right is False
    assert grade(problem, Response(tuple(range(right, right + wrong)))).fraction == 0


def every(exhibit: Exhibit) -> list[Problem]:
    return [
        which_problem(exhibit, WHICH, ["authority", "reciprocity"], ["scarcity"], ["Persuasion", "Exam"]),
        how_problem(exhibit, HOW, WORDING, ["authority"], ["Persuasion", "Exam"]),
    ]


@pytest.mark.parametrize("exhibit", [POSTER, BARE])
def test_they_come_back_from_moodle_xml_and_from_gift_but_for_what_is_said(exhibit: Exhibit) -> None:
    made = every(exhibit)
    again = read(export(made, "moodle_xml").data)
    assert [one.problem for one in again.problems] == made
    assert not [line for line in again.report if line.lost or line.cautions]
    written = export(made, "gift")
    assert [one.problem for one in read(written.data).problems] == [carried_by_gift(problem) for problem in made]
    assert all(from_json(to_json(problem), problem.images) == problem for problem in made)


def test_who_answers_sees_the_picture_and_the_words_and_nothing_that_tells() -> None:
    for problem in every(POSTER):
        shown = str(html(problem.text.source, problem.text.format, {"red.png": (7, 3, 2)}))
        assert 'data-image="7"' in shown
        assert 'alt="A dentist with a [brush]"' in shown
        assert "Nine of ten dentists" in shown
        assert "white coat" not in problem.text.source
        assert "authority" not in problem.text.source
        assert problem.source == POSTER.source
        assert problem.images == (PICTURES[0],)


def test_who_grades_reads_the_explanation_and_the_ideas() -> None:
    problem = every(POSTER)[1]
    notes = problem.grader_info.source  # type: ignore[attr-defined]
    assert "white coat" in notes
    assert "authority" in notes
    bare = how_problem(BARE, HOW, WORDING, [])
    assert bare.grader_info.source == ""


def test_a_problem_without_distractors_or_words_is_refused_with_a_sentence() -> None:
    assert "fewer than two choices" in str(fault(which_problem(POSTER, WHICH, ["authority"], [])))
    assert fault(which_problem(POSTER, WHICH, ["authority"], ["scarcity"])) is None
    assert fault(how_problem(Exhibit("x"), "", WORDING, [])) is not None


def test_an_idea_has_a_name() -> None:
    with pytest.raises(ValueError, match="name"):
        Idea(" \n ")


@given(alt=names)
@settings(max_examples=100, deadline=None)
def test_a_description_is_shown_as_it_is_written(alt: str) -> None:
    exhibit = Exhibit("x", picture=PICTURES[0], alt=alt)
    shown = str(html(stem(exhibit, "Why?"), "markdown", {"red.png": (7, 3, 2)}))
    assert shown.count("<img") == 1
    assert "<p>Why?</p>" in shown
    assert "&#" not in literally("plain words, (really)")


@given(st.lists(names, min_size=2, max_size=6, unique=True), names, names)
@settings(max_examples=100, deadline=None)
def test_whatever_students_type_comes_back_from_a_file(ideas: list[str], title: str, quote: str) -> None:
    exhibit = Exhibit(title, quote, PICTURES[1], title, quote, Source(title, quote, ""))
    made: list[Problem] = [
        which_problem(exhibit, WHICH, ideas[:1], ideas[1:]),
        how_problem(exhibit, HOW, WORDING, ideas),
    ]
    assert [fault(problem) for problem in made] == [None, None]
    assert [one.problem for one in read(export(made, "moodle_xml").data).problems] == made
