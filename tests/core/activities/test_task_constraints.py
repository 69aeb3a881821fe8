"""What a teacher wants of each problem: kept through changes and copies, and refused where it cannot be."""

from __future__ import annotations

import pytest

from core.activities import heirlooms, problems, seats, task_constraints
from core.activities.refusals import NotFound, Refusal
from core.activities.task_constraints import Constraint
from core.store.database import Database
from tests.core.activities.classroom import NOW, Classroom, one_choice


@pytest.fixture
def room(database: Database) -> Classroom:
    return Classroom(database, *(one_choice(name) for name in "ABCD"))


def constraints(room: Classroom) -> dict[int, Constraint]:
    with room.database.read() as session:
        return task_constraints.of(session, room.practice(session))


def test_every_problem_starts_with_worth_one_and_no_condition(room: Classroom) -> None:
    assert constraints(room) == {problem: Constraint(1.0, None) for problem in room.problems}


def test_what_the_teacher_wants_is_kept_when_problems_come_go_and_move(room: Classroom) -> None:
    a, b, c, d = room.problems
    room.do(task_constraints.change, room.teacher, {b: Constraint(4.0, a), c: Constraint(0.5, b)})
    assert constraints(room) == {a: Constraint(), b: Constraint(4.0, a), c: Constraint(0.5, b), d: Constraint()}
    with room.write() as session:
        problems.choose_for_activity(session, room.teacher, room.activity_id, [c, b, d], now=NOW)
    assert constraints(room) == {c: Constraint(0.5, b), b: Constraint(4.0, None), d: Constraint()}
    with room.database.read() as session:
        assert room.practice(session).problems == (c, b, d)


def test_a_copy_for_the_next_class_wants_the_same_of_its_own_problems(room: Classroom) -> None:
    a, b, *_ = room.problems
    room.do(task_constraints.change, room.teacher, {b: Constraint(2.0, a)})
    next_year = room.another_course("next year")
    with room.write() as session:
        copied = heirlooms.inherit(session, activity_id=room.activity_id, course_id=next_year.course_id, now=NOW)
    with room.database.read() as session:
        opened = seats.practice_of_id(session, next_year.teacher, copied)
        found = task_constraints.of(session, opened)
    first, second, *rest = opened.problems
    assert found == {first: Constraint(), second: Constraint(2.0, first), **{one: Constraint() for one in rest}}


@pytest.mark.parametrize("ring", [{0: 0}, {0: 1, 1: 0}, {0: 1, 1: 2, 2: 0}])
def test_problems_that_wait_for_each_other_are_refused(room: Classroom, ring: dict[int, int]) -> None:
    wanted = {room.problems[one]: Constraint(1.0, room.problems[other]) for one, other in ring.items()}
    with pytest.raises(Refusal, match="wait for each other"):
        room.do(task_constraints.change, room.teacher, wanted)
    assert constraints(room) == {problem: Constraint() for problem in room.problems}


def test_a_ring_through_what_was_kept_before_is_refused_too(room: Classroom) -> None:
    a, b, *_ = room.problems
    room.do(task_constraints.change, room.teacher, {a: Constraint(1.0, b)})
    with pytest.raises(Refusal, match="wait for each other"):
        room.do(task_constraints.change, room.teacher, {b: Constraint(1.0, a)})


@pytest.mark.parametrize("worth", [0.0, -1.0, 3.0, float("nan"), float("inf")])
def test_a_worth_that_is_not_offered_is_refused(room: Classroom, worth: float) -> None:
    with pytest.raises(Refusal, match="worth"):
        room.do(task_constraints.change, room.teacher, {room.problems[0]: Constraint(worth)})


def test_a_problem_of_elsewhere_cannot_be_required(room: Classroom) -> None:
    elsewhere = room.another_course("other")
    with pytest.raises(Refusal, match="not in the activity"):
        room.do(task_constraints.change, room.teacher, {room.problems[0]: Constraint(1.0, elsewhere.problems[0])})
    with pytest.raises(NotFound), room.write() as session:
        task_constraints.change(session, elsewhere.teacher, room.practice(session), {})
