"""The project's own reader takes the whole course, and its grading agrees with the keys and the typical mistakes."""

from __future__ import annotations

import pytest

from core.problems.files import read
from core.problems.grading import Response, grade

FILES = ("algebra.gift", "probability.gift", "reading.csv")


@pytest.fixture(scope="module")
def imports(course):
    return {file: read((course / file).read_bytes(), file) for file in FILES}


@pytest.fixture(scope="module")
def imported(imports):
    return {taken.problem.name: taken.problem for found in imports.values() for taken in found.problems}


def taking(problem, right: set[str]) -> Response:
    return Response(choices=tuple(place for place, choice in enumerate(problem.choices) if choice.text.source in right))


@pytest.mark.parametrize("file", FILES)
def test_every_question_is_taken_without_a_remark(imports, file):
    assert imports[file].broken is None
    assert [line for line in imports[file].report if line.outcome != "taken" or line.lost or line.cautions] == []


def test_it_reads_the_same_as_the_plain_reader(entries, imported):
    assert list(imported) == [entry.name for entry in entries]
    for entry in entries:
        problem = imported[entry.name]
        assert problem.kind == ("one_choice" if entry.kind == "true_false" else entry.kind)
        assert problem.text.source == entry.text
        assert problem.solution.source == entry.solution
        assert "/".join(category.name for category in problem.category) == entry.category


def test_choices_are_graded_by_the_key(entries, imported):
    for entry in entries:
        problem = imported[entry.name]
        if entry.kind == "true_false":
            assert grade(problem, taking(problem, {str(entry.true)})).right
            assert not grade(problem, taking(problem, {str(not entry.true)})).right
        elif entry.choices:
            assert grade(problem, taking(problem, entry.right_choices())).right
            for text, weight in entry.choices:
                assert grade(problem, taking(problem, {text})).right == (entry.right_choices() == {text})
                assert (grade(problem, taking(problem, {text})).fraction > 0) == (weight > 0)


def test_accepted_texts_and_numbers_are_right(entries, imported):
    for entry in entries:
        for text in (*entry.accepted, *(str(float(end)) for end in entry.interval or ())):
            assert grade(imported[entry.name], Response(text=text)).right, (entry.name, text)


def test_typical_wrong_answers_are_wrong(voices, imported):
    counted = 0
    for name, voice in voices.items():
        for text in voice.get("typical_wrong", ()):
            counted += 1
            assert grade(imported[name], Response(text=text)).right is False, (name, text)
    assert counted == 69


def test_reading_questions_carry_licence_and_address(imports):
    for taken in imports["reading.csv"].problems:
        assert taken.problem.source.credit.startswith("Nangia et al. 2021")
        assert taken.problem.source.licence == "CC BY 4.0"
        assert taken.problem.source.url == "https://github.com/nyu-mll/crowdsourcing-protocol-comparison"
        assert taken.problem.tags[0] == "reading"
