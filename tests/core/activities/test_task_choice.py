"""The next problem by a policy: what may come, with which chance, what is kept of it, and what people are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
import pytest

from core.activities import heirlooms, next_tasks, survival_models, task_choice, task_constraints
from core.activities.seats import Seat
from core.activities.survival_models import Model
from core.activities.task_constraints import Constraint
from core.problems.kinds import Category
from core.store.database import Database
from core.survival.features import COLUMN, FEATURES
from core.survival.fitted_q import FittedQ
from core.survival.logistic import Logistic
from core.survival.paper import Sequential
from core.survival.policies import POLICIES
from tests.core.activities.classroom import Classroom, free_text, one_choice

DATABASES = ("sqlite",)  # what differs between the two is in the tests that say so
FEW = (0.9, 0.8, 0.7)  # survival rates by index
SHARE = task_choice.SHARE


def room_of(database: Database, count: int = 4, order: str = "TA", students: int = 4, **settings: object) -> Classroom:
    """A class whose even problems belong to one category and whose odd ones to another."""
    bank = [one_choice(f"P{n}", category=(Category(("Sums", "Products")[n % 2]),)) for n in range(count)]
    room = Classroom(database, *bank, students=students)
    room.settings(order=order, **settings)
    return room


def weights(**named: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = np.zeros(len(FEATURES))
    for name, weight in named.items():
        values[COLUMN[name]] = weight
    return values


def logistic(intercept: float = 1.0, of: Mapping[str, float] | None = None) -> Logistic:
    return Logistic(weights(**(of or {})), intercept)


def fit(room: Classroom, name: str, model: Model, rates: Sequence[float] = FEW) -> None:
    kept = {"model": survival_models.to_weights(model), "rates": list(rates)}
    with room.write() as session:
        survival_models.keep(session, room.course_id, name, rows=0, weights=kept, card={}, now=room.now)


def said_goal(room: Classroom, seat: Seat, problem: int) -> str | None:
    with room.database.read() as session:
        said = next_tasks.goal(session, seat, room.practice(session), problem)
        return None if said is None else str(said)


@pytest.mark.both_databases
@pytest.mark.parametrize("name", sorted(POLICIES.keys() - {task_choice.IN_ORDER}))
def test_every_policy_gives_each_problem_once_and_says_with_what_chance(database: Database, name: str) -> None:
    room = room_of(database, 3, order=name)
    student = room.students[0]
    given: list[int] = []
    while (problem := room.offer(student)) is not None:
        given.append(problem)
        room.answer(student, problem, right=len(given) != 2)
    assert sorted(given) == sorted(room.problems)
    rows = room.shown_tasks(student)
    assert [row.policy for row in rows] == [name] * 3
    assert [row.eligible_size for row in rows] == [3, 2, 1]
    assert rows[-1].probability == pytest.approx(1.0)
    assert all(0 < (row.probability or 0) <= 1 for row in rows)
    assert room.differences() == []


def test_the_chance_that_is_kept_is_the_chance_that_it_had(database: Database) -> None:
    """200 newcomers, three alike problems and one worth twice: shares within 4 standard errors of the kept chances."""
    room = room_of(database, 4)
    best = room.problems[1]
    room.do(task_constraints.change, room.teacher, {best: Constraint(2.0)})
    shown: Counter[int] = Counter()
    for place in range(200):
        student = room.join(f"newcomer {place}")
        problem = room.offer(student)
        assert problem is not None
        shown[problem] += 1
        (row,) = room.shown_tasks(student)
        assert row.probability == pytest.approx(1 - SHARE + SHARE / 4 if problem == best else SHARE / 4)
    chance = 1 - SHARE + SHARE / 4
    assert abs(shown[best] - 200 * chance) < 4 * (200 * chance * (1 - chance)) ** 0.5


def test_equal_problems_are_drawn_by_lot(database: Database) -> None:
    room = room_of(database, 4)
    first = Counter(room.offer(room.join(f"newcomer {place}")) for place in range(80))
    assert set(first) == set(room.problems)
    room.offer(room.students[0])
    (row,) = room.shown_tasks(room.students[0])
    assert (row.probability, row.ties) == (pytest.approx(0.25), 4)
    assert row.drawn in {"lot", "share"}


@pytest.mark.both_databases
def test_a_problem_waits_for_what_it_requires(database: Database) -> None:
    room = room_of(database, 3)
    a, b, c = room.problems
    room.do(task_constraints.change, room.teacher, {a: Constraint(4.0, b), b: Constraint(4.0, c)})
    student = room.students[0]
    order = []
    while (problem := room.offer(student)) is not None:
        order.append(problem)
        room.answer(student, problem)
    assert order == [c, b, a]
    skips = room.students[1]
    assert room.offer(skips) == c
    assert room.offer(skips, after=c) == c  # all else waits for it
    room.answer(skips, c)
    assert room.offer(skips, after=c) == b


def test_skipped_problems_come_again_after_the_new_ones_and_tried_ones_last(database: Database) -> None:
    room = room_of(database, 4, key_shown="after_attempts", attempts=3)
    student = room.students[0]
    first = room.offer(student)
    assert first is not None
    room.answer(student, first, right=False)  # tried, still open
    second = room.offer(student, after=first)
    third = room.offer(student, after=second)  # the second was skipped
    assert third is not None
    room.answer(student, third)
    fourth = room.offer(student, after=third)
    assert fourth is not None
    room.answer(student, fourth)
    assert {first, second, third, fourth} == set(room.problems)
    assert room.offer(student, after=fourth) == second
    room.answer(student, second)
    assert room.offer(student, after=second) == first


def test_only_problems_within_reach_as_long_as_there_are_any(database: Database) -> None:
    room = room_of(database, 4, difficulty="reachable")
    hard, easy, *middle = room.problems
    for place in range(30):
        classmate = room.join(f"classmate {place}")
        for problem, right in ((hard, False), (easy, True), (middle[0], place % 3 > 0), (middle[1], place % 3 > 0)):
            room.pick(classmate, problem)
            room.answer(classmate, problem, right=right)
    student = room.students[0]
    order = []
    while (problem := room.offer(student)) is not None:
        order.append(problem)
        room.answer(student, problem)
    assert set(order[:2]) == set(middle)
    assert set(order) == set(room.problems)


def test_the_paper_multiplies_by_the_chance_to_stay(database: Database) -> None:
    """Two of four problems are in the category of the one before, where this model says that nobody stays."""
    room = room_of(database, 5, order="TA_INF_LA")
    fit(room, "LA", logistic(2.0, {"prev. & curr. same category?": -4.0}))
    student = room.students[0]
    room.pick(student, room.problems[0])
    room.answer(student, room.problems[0])
    other_category = {room.problems[1], room.problems[3]}
    found = Counter()
    for _ in range(12):
        problem = room.offer(student)
        (*_, row) = room.shown_tasks(student)
        found[problem in other_category] += 1
        expected = 2.0 if problem in other_category else -2.0
        assert row.stay == pytest.approx(1 / (1 + np.exp(-expected)))
        assert row.model_id is not None
        room.now += timedelta(hours=1)  # they leave, and are asked anew
    assert found[True] >= 9  # each with chance 1 - SHARE / 2; fewer than 9 of 12 has a chance of 1e-6


def test_ours_counts_what_may_follow(database: Database) -> None:
    room = room_of(database, 3, order="TA_H")
    room.offer(room.students[0])
    (row,) = room.shown_tasks(room.students[0])
    assert row.ahead is not None
    assert row.stay is not None
    assert 0 < row.stay < 1
    assert row.information is not None
    assert row.information > 0


def test_a_text_that_nobody_judges_is_not_put_off_for_ever(database: Database) -> None:
    room = Classroom(database, one_choice("A"), free_text("B"), one_choice("C"))
    room.settings(order="TA")
    firsts = Counter(room.offer(room.join(f"newcomer {place}")) for place in range(60))
    assert firsts[room.problems[1]] > 5


def test_a_fixed_length_counts_down_and_then_rests(database: Database) -> None:
    room = room_of(database, 16, order="TA")
    student = room.students[0]
    told = []
    while (problem := room.offer(student)) is not None:
        before = said_goal(room, student, problem)
        room.answer(student, problem)
        told.append((before, said_goal(room, student, problem)))
    assert told[0] == ("Just 10 more.", "Just 9 more.")
    assert told[8] == ("Just 2 more.", "Just one more.")
    assert told[9] == ("Just one more.", "You made it. Go on for as long as you like.")
    assert told[10:13] == [(None, None)] * 3  # a goal that was just met is not set again at once
    assert told[13] == ("Just 10 more.", "Just 9 more.")


def test_a_goal_only_for_those_who_are_about_to_leave(database: Database) -> None:
    room = room_of(database, 8, order="TA_INF_DG_LA")
    fit(room, "LA", logistic(3.0, {"% incorrect answers": -6.0}), rates=[0.8] * 3)
    stays, leaves = room.students[:2]
    for student, right in ((stays, True), (leaves, False)):
        told = []
        for _ in range(3):
            problem = room.offer(student)
            assert problem is not None
            told.append(said_goal(room, student, problem))
            room.answer(student, problem, right=right)
        assert told == ([None] * 3 if right else [None, "Just 3 more.", "Just 2 more."])
    assert [row.goal for row in room.shown_tasks(leaves)] == [None, 3, 2]


def test_a_new_session_knows_no_old_goal(database: Database) -> None:
    room = room_of(database, 6, order="TA")
    student = room.students[0]
    first = room.offer(student)
    assert first is not None
    room.answer(student, first)
    room.now += timedelta(hours=2)
    second = room.offer(student)
    assert second is not None
    assert said_goal(room, student, second) == "Just 10 more."


def test_nobody_is_told_anything_where_the_policy_sets_no_goals(database: Database) -> None:
    room = room_of(database, 3, order="TA_INF")
    problem = room.offer(room.students[0])
    assert problem is not None
    assert said_goal(room, room.students[0], problem) is None
    assert said_goal(room, room.students[1], problem) is None


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "model",
    [
        logistic(0.25, {"difficulty": 2.0}),
        Sequential((logistic(0.1), logistic(0.2, {"difficulty": 1.0})), logistic(0.3)),
        FittedQ(weights(difficulty=1.5), 0.5, 0.9, 1.0, 10, 0.8),
    ],
)
def test_a_model_is_found_again_as_it_was_kept(database: Database, model: Model) -> None:
    room = room_of(database, 1)
    fit(room, "LA", logistic(9.0))
    fit(room, "LA", model)
    with room.database.read() as session:
        kept = survival_models.newest(session, room.course_id, "LA")
        assert survival_models.newest(session, room.course_id, "LM") is None
    assert kept is not None
    found = survival_models.from_weights(kept.weights["model"])
    assert survival_models.to_weights(found) == survival_models.to_weights(model)
    assert type(found) is type(model)


@pytest.mark.both_databases
def test_a_copied_course_asks_the_old_ones_model_until_it_has_its_own(database: Database) -> None:
    room = room_of(database, 2)
    fit(room, "LA", logistic(1.5))
    later = room.another_course("later")
    stranger = room.another_course("stranger")
    with room.write() as session:
        heirlooms.inherit(session, activity_id=room.activity_id, course_id=later.course_id, now=room.now)

    def intercept(course: Classroom) -> float | None:
        with room.database.read() as session:
            kept = survival_models.newest(session, course.course_id, "LA")
            return None if kept is None else float(kept.weights["model"]["intercept"])

    assert (intercept(later), intercept(stranger)) == (1.5, None)
    fit(later, "LA", logistic(2.5))
    assert (intercept(later), intercept(room)) == (2.5, 1.5)
