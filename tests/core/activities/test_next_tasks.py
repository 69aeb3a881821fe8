"""Which problem comes next, and that it is kept which was shown: once for each occasion, with what came of it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.activities import next_tasks, preview, task_exposures
from core.activities.seats import Seat
from core.store.database import Database
from core.store.tables import TaskRecord
from tests.core.activities.classroom import NOW, Classroom, free_text, number, one_choice


def room_of(database: Database, count: int = 4, **named: object) -> Classroom:
    return Classroom(database, *(one_choice(f"P{place}") for place in range(count)), **named)  # type: ignore[arg-type]  # settings or students


def told(room: Classroom, seat: Seat) -> list[tuple[int, str, float | None, str | None]]:
    return [(one.problem_id, one.policy, one.probability, one.outcome) for one in room.shown_tasks(seat)]


def record(room: Classroom, problem: int) -> tuple[int, ...]:
    with room.database.read() as session:
        row = session.scalars(select(TaskRecord).where(TaskRecord.problem_id == problem)).one_or_none()
        return (0,) * len(task_exposures.SUMS) if row is None else tuple(getattr(row, n) for n in task_exposures.SUMS)


def test_the_teachers_order_is_kept_with_probability_one(database: Database) -> None:
    room = room_of(database)
    a, b, c, d = room.problems
    student = room.students[0]
    assert room.offer(student) == a
    room.answer(student, a)
    assert room.offer(student, after=a) == b
    assert room.offer(student, after=b) == c  # b was skipped
    room.answer(student, c, right=False)
    assert room.offer(student, after=c) == d
    room.answer(student, d)
    assert room.offer(student, after=d) == b  # what was skipped comes again
    room.answer(student, b)
    assert room.offer(student, after=b) is None
    assert told(room, student) == [
        (a, "teacher", 1.0, "right"),
        (b, "teacher", 1.0, "skipped"),
        (c, "teacher", 1.0, "wrong"),
        (d, "teacher", 1.0, "right"),
        (b, "teacher", 1.0, "right"),
    ]
    assert [one.occasion for one in room.shown_tasks(student)] == [0, 1, 2, 3, 4]
    assert room.differences() == []


def test_a_reload_finds_the_same_problem_and_keeps_nothing_new(database: Database) -> None:
    room = room_of(database)
    a, b, *_ = room.problems
    student = room.students[0]
    assert room.offer(student) == a
    assert room.offer(student) == a
    assert room.offer(student, after=a) == b
    assert room.offer(student, after=a) == b  # the address that skipped a, loaded again
    room.pick(student, b)
    assert [problem for problem, *_ in told(room, student)] == [a, b]


def test_a_pick_from_the_list_has_no_probability(database: Database) -> None:
    room = room_of(database)
    a, b, c, _ = room.problems
    student = room.students[0]
    room.offer(student)
    room.pick(student, c)
    room.pick(student, c)
    room.answer(student, c)
    room.pick(student, c)  # only to look at it again
    assert told(room, student) == [(a, "teacher", 1.0, "skipped"), (c, "chosen", None, "right")]
    room.pick(student, b)
    assert told(room, student)[2:] == [(b, "chosen", None, None)]


def test_another_try_at_the_same_problem_is_no_new_exposure(database: Database) -> None:
    room = room_of(database)
    room.settings(key_shown="after_attempts", attempts=3)
    a, *_ = room.problems
    student = room.students[0]
    room.offer(student)
    room.answer(student, a, right=False)
    room.pick(student, a)
    room.answer(student, a)
    assert told(room, student) == [(a, "teacher", 1.0, "wrong")]
    assert record(room, a) == (1, 1, 0, 1, 0, 0)


def test_who_stays_away_has_left(database: Database) -> None:
    room = room_of(database)
    a, *_ = room.problems
    student = room.students[0]
    room.offer(student)
    room.now = NOW + task_exposures.SESSION_GAP
    room.offer(student)
    assert told(room, student) == [(a, "teacher", 1.0, None)]  # just not yet
    room.now += timedelta(seconds=1)
    assert room.offer(student) == a
    assert told(room, student) == [(a, "teacher", 1.0, "left"), (a, "teacher", 1.0, None)]
    assert record(room, a) == (2, 0, 0, 0, 0, 0)  # to leave is not to skip
    assert room.differences() == []


def test_the_record_counts_answers_skips_and_time(database: Database) -> None:
    room = Classroom(database, one_choice("A"), free_text("B"), number("C"))
    a, b, c = room.problems
    one, two, three = room.students
    for student in room.students:
        room.offer(student)
    room.now += timedelta(seconds=4)
    room.answer(one, a)
    room.now += timedelta(seconds=2)
    room.answer(two, a, right=False)
    room.offer(three, after=a)
    room.offer(one, after=a)
    room.now += timedelta(hours=2)
    room.answer(one, b)
    seconds = 1000
    assert record(room, a) == (3, 2, 1, 1, 1, (4 + 6) * seconds)
    longest = int(task_exposures.SESSION_GAP.total_seconds()) * seconds
    assert record(room, b) == (2, 1, 0, 0, 0, longest)  # shown to two; nobody can say whether it is right
    assert record(room, c) == (0,) * 6
    assert room.differences() == []


def test_the_recount_finds_a_record_that_is_off(database: Database) -> None:
    room = room_of(database)
    a = room.problems[0]
    room.offer(room.students[0])
    with room.write() as session:
        session.execute(TaskRecord.__table__.update().values(shown=5))  # type: ignore[attr-defined]  # a Table
    assert room.differences() == [
        f"problem {a}: shown, answered, right, wrong, skipped, milliseconds: kept (5, 0, 0, 0, 0, 0), "
        "counted (1, 0, 0, 0, 0, 0)"
    ]


@pytest.mark.parametrize("who", ["teacher", "test user"])
def test_what_does_not_count_is_kept_and_moves_no_record(database: Database, who: str) -> None:
    room = room_of(database)
    a, b, *_ = room.problems
    seat = room.teacher if who == "teacher" else room.join("student view", is_test=True)
    room.offer(seat)
    room.answer(seat, a)
    room.offer(seat, after=a)
    assert [(problem, outcome) for problem, _, _, outcome in told(room, seat)] == [(a, "right"), (b, None)]
    assert record(room, a) == record(room, b) == (0,) * 6
    if who == "teacher":
        room.do(preview.start_over, seat)
        assert told(room, seat) == []
        assert room.offer(seat) == a


def test_an_answer_without_an_exposure_is_only_an_answer(database: Database) -> None:
    room = room_of(database)
    room.answer(room.students[0])
    assert told(room, room.students[0]) == []
    assert record(room, room.problems[0]) == (0,) * 6


def test_opening_reads_only_whether_it_is_new(database: Database) -> None:
    room = room_of(database)
    a, b, *_ = room.problems
    student = room.students[0]
    elsewhere = room.another_course("other").problems[0]

    def is_new(problem: int) -> bool:
        with room.database.read() as session:
            return next_tasks.is_new(session, student, room.practice(session), problem, room.now)

    assert is_new(a)
    room.pick(student, a)
    assert (is_new(a), is_new(b), is_new(elsewhere)) == (False, True, False)
    room.answer(student, b)
    assert not is_new(b)


def test_two_tabs_at_once_are_shown_one_problem(database: Database) -> None:
    room = room_of(database)
    student = room.students[0]
    found: list[int | None] = []
    start = threading.Barrier(8)

    def tab() -> None:
        start.wait()
        found.append(room.offer(student))

    threads = [threading.Thread(target=tab) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [room.problems[0]] * 8
    assert len(told(room, student)) == 1


def test_a_class_that_skips_crosswise_at_once_locks_nobody_out(database: Database) -> None:
    """Half go from one problem to the other, half the other way: each moves both records."""
    room = room_of(database, 2, students=8)
    a, b = room.problems
    for place, student in enumerate(room.students):
        room.pick(student, (a, b)[place % 2])
    start = threading.Barrier(len(room.students))
    errors: list[Exception] = []

    def skip(place: int) -> None:
        start.wait()
        try:
            for turn in range(6):
                room.offer(room.students[place], after=(a, b)[(place + turn) % 2])
        except Exception as error:  # what the test reports
            errors.append(error)

    threads = [threading.Thread(target=skip, args=(place,)) for place in range(len(room.students))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert room.differences() == []
    assert record(room, a)[0] + record(room, b)[0] == 8 * 7
