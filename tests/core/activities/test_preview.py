"""A teacher tries the activity out: judged and shown like a student, counted nowhere, and able to begin again."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from core.activities import practice, preview
from core.activities.refusals import NotAllowed
from core.store.database import Database
from core.store.tables import Person
from tests.core.activities.classroom import LONG, NOW, Classroom, number, one_choice


def test_what_a_teacher_tries_moves_no_arm_and_no_grade(database: Database) -> None:
    room = Classroom(database, one_choice(), number())
    (text,) = room.pool(1)
    colleague = room.join("colleague", "teacher")
    room.hint("Think of pairs.")
    room.answer(colleague, right=False)
    assert room.help(colleague) is not None
    (shown,) = room.task(colleague).slot("explanation")
    room.rate(colleague, shown.exposure_id, 0)
    room.answer(colleague, room.problems[1])  # would reward the hint
    assert room.task(colleague).slot("explanation")[0].points == 0  # kept for the teacher
    assert room.arm(text) == (0, 0, 0, 0)
    assert all(not exposure.counts for exposure in room.exposures())
    assert room.score(colleague) is None
    assert room.differences() == []


def test_what_a_teacher_writes_while_trying_is_a_teachers_text(database: Database) -> None:
    room = Classroom(database)
    room.answer(room.teacher)
    assert room.explain(room.teacher, LONG).status == "live"


def test_starting_over_opens_every_problem_again_and_keeps_texts(database: Database) -> None:
    room = Classroom(database, one_choice(), number())
    room.pool(1)
    other = room.again("second", room.problems[0])
    for at in (room, other):
        at.answer(room.teacher)
    written = room.explain(room.teacher, LONG)
    assert room.states(room.teacher) == ["right", "open"]
    room.do(preview.start_over, room.teacher)
    assert room.states(room.teacher) == ["open", "open"]
    assert other.states(room.teacher) == ["right"]  # the other activity is another matter
    assert room.status(written.id) == "live"
    room.answer(room.teacher)  # and it can be tried once more
    assert len(room.task(room.teacher).slot("explanation")) == 1
    assert room.differences() == []


def test_a_student_cannot_start_over(database: Database) -> None:
    room = Classroom(database)
    student = room.students[0]
    room.answer(student)
    with pytest.raises(NotAllowed):
        room.do(preview.start_over, student)
    assert room.states(student) == ["right"]


def test_what_counted_when_it_was_shown_counts_for_ever(database: Database) -> None:
    """An LMS may call somebody a test user later, or no longer: the arms and the recount go by the exposure."""
    room = Classroom(database)
    (text,) = room.pool(1)
    student = room.students[0]
    room.answer(student)
    (shown,) = room.task(student).slot("explanation")
    room.rate(student, shown.exposure_id, 8)
    with room.write() as session:
        session.execute(update(Person).where(Person.id == student.person_id).values(is_test=True))
    assert room.arm(text) == (1, 1, 8, 64)
    assert room.differences() == []
    room.rate(student, shown.exposure_id, 3)
    assert room.arm(text) == (1, 1, 3, 9)
    assert room.differences() == []


def test_explaining_needs_an_answer_from_a_teacher_too(database: Database) -> None:
    room = Classroom(database)
    with pytest.raises(NotAllowed):
        room.do(
            practice.explain,
            room.teacher,
            room.problems[0],
            kind="explanation",
            text=LONG,
            likely_to_help=True,
            now=NOW,
        )
