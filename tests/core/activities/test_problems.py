"""The problem bank: imports, changes that keep the record, removal, pictures stored once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.activities import problems
from core.activities.refusals import NotFound, Refusal
from core.problems import files
from core.problems.kinds import Choice, Image, OneChoice, Problem
from core.problems.texts import Text
from core.store.database import Database
from core.store.tables import Image as ImageRow
from core.store.tables import Problem as ProblemRow
from core.store.tables import ProblemImage
from core.words import Sentence
from tests.core.activities.classroom import (
    NOW,
    Classroom,
    Said,
    count,
    free_text,
    number,
    one_choice,
    several_choices,
    short_text,
    snapshot,
    words,
)
from tests.core.problems.strategies import PICTURES, picture

COURSE = Path(__file__).parents[3] / "sandbox" / "course"


def test_a_file_is_imported_whole(database: Database) -> None:
    room = Classroom(database)
    imported = files.read((COURSE / "probability.gift").read_bytes(), "probability.gift")
    with room.write() as session:
        stored = problems.store_import(session, room.course_id, imported, now=NOW)
        bank = problems.bank(session, room.course_id, stored)
    assert bank == [taken.problem for taken in imported.problems]
    assert len(stored) > 10


def test_a_broken_file_changes_nothing(database: Database) -> None:
    room = Classroom(database)
    before = snapshot(database)
    cut = files.read((COURSE / "probability.gift").read_bytes()[:-40] + b"\n::cut:: How {", "probability.gift")
    assert cut.broken is not None
    whole = files.read((COURSE / "probability.gift").read_bytes(), "probability.gift")
    for imported in (cut, replace(whole, broken=Sentence("It is damaged."))):
        with pytest.raises(Refusal, match="nothing was imported"), room.write() as session:
            problems.store_import(session, room.course_id, imported, now=NOW)
    assert snapshot(database) == before


def pictured(*images: Image, text: str = "See.") -> OneChoice:
    return replace(one_choice(), text=words(text), images=images)


def test_equal_pictures_are_stored_once_a_course(database: Database) -> None:
    room = Classroom(database, pictured(*PICTURES), pictured(*PICTURES))
    elsewhere = room.another_course("other", pictured(PICTURES[0]))
    assert count(database, ImageRow, ImageRow.course_id == room.course_id) == len(PICTURES)
    assert count(database, ImageRow, ImageRow.course_id == elsewhere.course_id) == 1
    assert count(database, ProblemImage) == 2 * len(PICTURES) + 1
    with room.write() as session:
        found = problems.whole(session, room.course_id, room.problems[0])
        assert found.images == tuple(sorted(PICTURES, key=lambda image: image.name))
        number_of = session.query(ImageRow).filter(ImageRow.course_id == room.course_id).first()
        assert number_of is not None
        assert problems.image(session, room.course_id, number_of.id) == (number_of.mime, number_of.body)
        with pytest.raises(NotFound):
            problems.image(session, elsewhere.course_id, number_of.id)


def test_pictures_follow_a_change(database: Database) -> None:
    room = Classroom(database, pictured(PICTURES[0], PICTURES[1]))
    other = picture((1, 2, 3), "other.png")
    with room.write() as session:
        problems.change(session, room.teacher, room.problems[0], pictured(PICTURES[1], other))
    with room.database.read() as session:
        found = problems.whole(session, room.course_id, room.problems[0])
    assert {image.name for image in found.images} == {PICTURES[1].name, "other.png"}


EVEN, ODD, PRIME, ZERO = one_choice().choices
REWORDED: tuple[tuple[Problem, Problem], ...] = (
    (one_choice(), replace(one_choice(), text=words("And of two even ones?"))),
    (one_choice(), replace(one_choice(), choices=(replace(EVEN, text=words("Even")), ODD, PRIME, ZERO))),
    (one_choice(), replace(one_choice(), choices=(replace(EVEN, fraction=0.5), ODD, PRIME, ZERO))),
    (short_text(), replace(short_text(), case_sensitive=True)),
    (free_text(), replace(free_text(), lines=3)),
)
RESHAPED: tuple[tuple[Problem, Problem], ...] = (
    (one_choice(), replace(one_choice(), choices=(EVEN, ODD, PRIME))),
    (one_choice(), replace(one_choice(), choices=(EVEN, ODD, PRIME, ZERO, Choice(words("ten"))))),
    (one_choice(), replace(one_choice(), choices=(ODD, EVEN, PRIME, ZERO))),
    (one_choice(), replace(one_choice(), choices=(EVEN, ODD, Choice(words("new")), PRIME))),
    (one_choice(), several_choices()),
    (one_choice(), short_text()),
    (number(), short_text()),
)


def test_once_there_are_answers_a_problem_may_be_reworded(database: Database) -> None:
    room = Classroom(database, *(before for before, _ in REWORDED), students=1)
    student = room.students[0]
    for problem, (_, after) in zip(room.problems, REWORDED, strict=True):
        room.answer(student, problem)
        (answer,) = room.task(student, problem).answers
        with room.write() as session:
            problems.change(session, room.teacher, problem, after)
            assert problems.whole(session, room.course_id, problem) == after
        assert room.task(student, problem).answers == (answer,)  # what was said, and how it was judged then


def test_once_there_are_answers_the_choices_stay_what_and_where_they_are(database: Database) -> None:
    room = Classroom(database, *(before for before, _ in RESHAPED), students=1)
    for problem in room.problems:
        room.answer(room.students[0], problem)
    rows = snapshot(database)
    for problem, (_, after) in zip(room.problems, RESHAPED, strict=True):
        with pytest.raises(Refusal, match="stay as they are"), room.write() as session:
            problems.change(session, room.teacher, problem, after)
    assert snapshot(database) == rows


def test_before_the_first_answer_everything_may_change(database: Database) -> None:
    room = Classroom(database)
    for other in (several_choices(), number(), free_text(), one_choice()):
        with room.write() as session:
            problems.change(session, room.teacher, room.problems[0], other)
        assert room.task(room.students[0]).shown.kind == other.kind


def test_a_removed_problem_is_out_of_every_activity_and_every_score(database: Database) -> None:
    room = Classroom(database, one_choice("A"), one_choice("B"))
    a, b = room.problems
    second = room.again("second", a, b)
    student, other, _ = room.students
    room.answer(student, a)
    second.answer(student, a)
    second.answer(student, b, right=False)
    room.answer(other, b)
    assert (room.score(student), second.score(student)) == ((50.0, 100.0), (50.0, 100.0))
    with room.write() as session:
        problems.remove(session, room.teacher, a, now=NOW)
    assert room.states(student) == second.states(other) == ["open"]
    assert second.score(student) == (0.0, 100.0)
    assert room.score(other) == (100.0, 100.0)
    assert room.score(student) == (0.0, 100.0)  # all that they had answered is gone
    assert room.differences() == []
    with room.database.read() as session:
        assert [line.id for line in problems.listed(session, room.course_id)] == [b]
    with pytest.raises(NotFound, match="already removed"), room.write() as session:
        problems.remove(session, room.teacher, a, now=NOW)


def test_the_list_of_the_bank(database: Database) -> None:
    room = Classroom(database, one_choice("A"), number("B"))
    room.answer(room.students[0])
    room.answer(room.students[1])
    with room.database.read() as session:
        listed = problems.listed(session, room.course_id)
    assert [(line.name, line.kind, line.attempts) for line in listed] == [("A", "one_choice", 2), ("B", "number", 0)]


def test_choosing_problems_changes_the_order_and_the_scores(database: Database) -> None:
    room = Classroom(database, one_choice("A"), one_choice("B"), one_choice("C"))
    a, b, c = room.problems
    student = room.students[0]
    room.answer(student, a)
    assert room.score(student) == (33.3333, 100.0)

    def choose(*wanted: int) -> None:
        with room.write() as session:
            problems.choose_for_activity(session, room.teacher, room.activity_id, wanted, now=NOW)

    choose(c, a, c)
    with room.write() as session:
        assert room.practice(session).problems == (c, a)
    assert room.score(student) == (50.0, 100.0)
    choose(b)
    assert room.score(student) == (0.0, 100.0)
    choose(a)
    assert room.score(student) == (100.0, 100.0)
    assert room.differences() == []


def test_problems_of_another_course_are_out_of_reach(database: Database) -> None:
    room = Classroom(database, pictured(*PICTURES))
    elsewhere = room.another_course("other", one_choice(), one_choice())
    with elsewhere.write() as session:
        problems.remove(session, elsewhere.teacher, elsewhere.problems[1], now=NOW)
    before = snapshot(database)
    for theirs in (*elsewhere.problems, 10**9):
        with pytest.raises(NotFound), room.write() as session:
            problems.whole(session, room.course_id, theirs)
        with pytest.raises(NotFound), room.write() as session:
            problems.change(session, room.teacher, theirs, number())
        with pytest.raises(NotFound), room.write() as session:
            problems.remove(session, room.teacher, theirs, now=NOW)
        with pytest.raises(Refusal, match="at least one problem"), room.write() as session:
            problems.choose_for_activity(session, room.teacher, room.activity_id, [*room.problems, theirs], now=NOW)
        with room.write() as session:
            assert problems.bank(session, room.course_id, [theirs]) == []
    for activity in (elsewhere.activity_id, 10**9):
        with pytest.raises(NotFound), room.write() as session:
            problems.choose_for_activity(session, room.teacher, activity, room.problems, now=NOW)
    with pytest.raises(Refusal), room.write() as session:
        problems.choose_for_activity(session, room.teacher, room.activity_id, [], now=NOW)
    assert snapshot(database) == before
    assert count(database, ProblemRow) == 3


def test_the_kind_of_feedback_follows_the_problem_as_it_is(database: Database) -> None:
    room = Classroom(database)
    student = room.students[0]
    room.answer(student, said=Said((1,)))
    better = replace(one_choice(), choices=(EVEN, replace(ODD, feedback=Text("Try 1 + 3.", "plain")), PRIME, ZERO))
    with room.write() as session:
        problems.change(session, room.teacher, room.problems[0], better)
    assert room.task(student).feedback == (words("Try 1 + 3."),)
