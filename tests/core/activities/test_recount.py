"""The recount finds what was tampered with, and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.activities import people, problems
from core.store.database import Database
from tests.core.activities.classroom import NOW, Classroom, one_choice


def at_work(database: Database) -> tuple[Classroom, int]:
    """A class with ratings, help, a retired text and grades; and one text of its pool."""
    room = Classroom(database, one_choice("A"), one_choice("B"))
    one, two = room.pool(2)
    room.hint("Think of pairs.")
    for place, student in enumerate(room.students[:3]):
        room.answer(student, right=place > 0)
        room.rate(student, room.task(student).slot("explanation")[0].exposure_id, 3 * place)
        room.help(student)
        room.answer(student, room.problems[1], right=place > 1)
    room.decide(two, "retire")
    return room, one


def plant(room: Classroom, statement: str, **values: object) -> None:
    with room.write() as session:
        session.execute(text(statement), values)


def test_after_honest_work_there_is_no_difference(database: Database) -> None:
    room, _ = at_work(database)
    assert room.differences() == []
    with room.write() as session:
        problems.remove(session, room.teacher, room.problems[1], now=NOW)
    assert room.differences() == []


@pytest.mark.parametrize("column", ["shown", "rewarded", "points", "squares"])
def test_a_sum_that_is_off_by_one_is_found(database: Database, column: str) -> None:
    room, one = at_work(database)
    kept = room.arm(one)
    plant(room, f"UPDATE arm SET {column} = {column} + 1 WHERE contribution_id = :id", id=one)
    (found,) = room.differences()
    assert found.startswith(f"text {one}: shown, rewarded, points, squares: kept {room.arm(one)}, counted {kept}")


def test_other_planted_differences_are_found(database: Database) -> None:
    room, one = at_work(database)
    student = room.students[2]
    kept = room.arm(one)
    plant(room, "UPDATE grade SET score = 99 WHERE person_id = :id", id=student.person_id)
    assert room.differences() == [
        f"grade of person {student.person_id} in link {room.link}: kept (99.0, 100.0), counted (100.0, 100.0)"
    ]
    plant(room, "UPDATE grade SET score = 100, maximum = 1 WHERE person_id = :id", id=student.person_id)
    assert len(room.differences()) == 1
    plant(room, "UPDATE grade SET maximum = 100 WHERE person_id = :id", id=student.person_id)
    plant(room, "DELETE FROM arm WHERE contribution_id = :id", id=one)
    assert room.differences() == [
        *([f"text {one}: exposures without statistics: kept None, counted {kept}"] if kept[0] else []),
        f"text {one}: in the pool without statistics: kept None, counted 0",
    ]


def test_the_grade_of_someone_who_left_is_left_alone(database: Database) -> None:
    room, _ = at_work(database)
    plant(room, "UPDATE membership SET status = 'inactive' WHERE person_id = :id", id=room.students[0].person_id)
    room.settings(points=10.0)
    assert room.score(room.students[0]) == (0.0, 100.0)
    assert room.score(room.students[2]) == (10.0, 10.0)
    assert room.differences() == []


def test_somebody_who_became_a_teacher_is_left_alone_too(database: Database) -> None:
    room, _ = at_work(database)
    promoted = room.students[2]
    with room.write() as session:
        people.enrol(session, course_id=room.course_id, person_id=promoted.person_id, role="teacher", now=NOW)
    room.settings(points=10.0)
    assert room.score(promoted) == (100.0, 100.0)
    assert room.differences() == []
