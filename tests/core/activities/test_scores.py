"""From answers to the score that the LMS should show: equal to counting by hand, whatever happened in between."""

from __future__ import annotations

import numpy as np

from core.activities import problems, scores
from core.activities.practice_settings import PracticeSettings
from core.store.database import Database
from core.store.tables import Attempt, Grade
from tests.core.activities.classroom import NOW, Classroom, Said, count, number, one_choice, several_choices, short_text
from tests.core.activities.test_people import together

SAID = {
    "one_choice": [Said((0,)), Said((1,))],
    "several_choices": [Said((0,)), Said((0, 1)), Said((2,)), Said((0, 1, 2))],
    "number": [Said(text="42"), Said(text="42 km"), Said(text="41")],
    "short_text": [Said(text="Paris"), Said(text="Lutetia"), Said(text="Rome")],
}


def by_hand(room: Classroom, person_id: int, problem_ids: list[int], points: float) -> float | None:
    """The score from the rows alone."""
    with room.database.read() as session:
        rows = session.query(Attempt).filter(Attempt.person_id == person_id, Attempt.counts).all()
    best: dict[int, float] = {}
    for row in rows:
        if row.problem_id in problem_ids and row.fraction is not None:
            best[row.problem_id] = max(best.get(row.problem_id, 0.0), row.fraction)
    return round(points * sum(best.values()) / len(problem_ids), 4) if best else None


def test_a_term_of_answers_and_changes(database: Database) -> None:
    room = Classroom(
        database,
        one_choice(),
        several_choices(),
        number(),
        short_text(),
        students=4,
        settings=PracticeSettings(key_shown="after_attempts", attempts=3, points=30.0),
    )
    rng = np.random.default_rng(11)
    for step in range(24):
        student = room.students[rng.integers(4)]
        problem = room.problems[rng.integers(len(room.problems))]
        task = room.task(student, problem)
        if task.standing.may_answer:
            said = SAID[task.shown.kind]
            room.answer(student, problem, said=said[rng.integers(len(said))])
        if step == 12:
            room.settings(points=10.0)
        if step == 18:
            with room.write() as session:
                kept = room.problems[:3]
                problems.choose_for_activity(session, room.teacher, room.activity_id, kept, now=NOW)
            room.problems = kept
        if step % 6:
            continue
        points = 30.0 if step < 12 else 10.0
        for other in room.students:
            expected = by_hand(room, other.person_id, room.problems, points)
            assert room.score(other) == (None if expected is None else (expected, points))
    assert room.differences() == []


def test_people_who_are_not_students_have_no_score(database: Database) -> None:
    room = Classroom(database)
    observer, tester = room.join("observer", "observer"), room.join("test user", is_test=True)
    for seat in (room.teacher, observer, tester):
        room.answer(seat)
        assert room.score(seat) is None
    assert count(database, Grade) == 0
    room.settings(points=5.0)
    assert count(database, Grade) == 0


def test_every_link_of_an_activity_shows_the_score_and_no_other(database: Database) -> None:
    room = Classroom(database, one_choice("A"), one_choice("B"))
    second = room.again("second", room.problems[0])
    student = room.students[0]
    room.answer(student, room.problems[0])
    assert (room.score(student), second.score(student)) == ((50.0, 100.0), None)
    second.answer(student)
    assert (room.score(student), second.score(student)) == ((50.0, 100.0), (100.0, 100.0))
    with room.database.read() as session:
        assert scores.score_of(session, room.practice(session), room.students[1].person_id) is None


def test_settings_change_while_a_class_answers(database: Database) -> None:
    room = Classroom(database, one_choice("A"), one_choice("B"), students=8)

    def work(place: int) -> None:
        if place == 8:
            for points in (50.0, 20.0, 40.0):
                room.settings(points=points)
        else:
            for problem in room.problems:
                rng = np.random.default_rng(place)
                room.answer(room.students[place], problem, right=place % 2 == 0, rng=rng)

    together(9, work)
    assert {room.score(student) for student in room.students} == {(40.0, 40.0), (0.0, 40.0)}
    assert room.differences() == []
