"""What exposures of tasks tell about the policies that chose them."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from core.activities import task_replays
from core.activities.practice_settings import PracticeSettings
from core.activities.task_exposures import SESSION_GAP
from core.activities.task_replays import Shown
from core.selection.estimates import Estimate, Refused
from core.store.database import Database
from tests.core.activities.classroom import NOW, Classroom, one_choice, short_text

LATER = NOW + timedelta(days=1)


def put(
    policy: str = "TA",
    outcome: str | None = "right",
    *,
    person: int = 0,
    probability: float | None = 0.5,
    allowed: int = 2,
    at: datetime = NOW,
) -> Shown:
    return Shown(person, 1, policy, probability, allowed, None, None, None, None, None, None, at, outcome, at)


def one_line(rows: list[Shown], now: datetime = LATER) -> task_replays.PolicyLine:
    (line,) = task_replays.policy_lines(rows, now=now)
    return line


def test_shares_count_answers_and_skips_apart_and_people_once() -> None:
    outcomes = ["right", "wrong", "answered", "skipped", "left", None]
    rows = [put(outcome=outcome, person=place // 2) for place, outcome in enumerate(outcomes * 4)]
    line = one_line(rows)
    assert (line.policy, line.shown, line.people, line.known, line.ended) == ("TA", 24, 12, 24, 24)
    assert isinstance(line.stayed, Estimate)
    assert isinstance(line.answered, Estimate)
    assert line.stayed.mean == pytest.approx(4 / 6)
    assert line.answered.mean == pytest.approx(3 / 6)
    assert line.answered.effective == pytest.approx(24)
    alone = one_line([put(outcome=outcome, person=place) for place, outcome in enumerate(outcomes * 4)]).answered
    assert isinstance(alone, Estimate)
    assert alone.high - alone.low != pytest.approx(line.answered.high - line.answered.low)  # people are alike


def test_what_somebody_may_still_be_at_is_left_out() -> None:
    rows = [put(person=place) for place in range(12)]
    open_ = put(outcome=None, at=NOW, person=99)
    assert one_line([*rows, open_], now=NOW + SESSION_GAP).ended == 12
    late = one_line([*rows, open_], now=NOW + SESSION_GAP + timedelta(seconds=1))
    assert late.ended == late.shown == 13
    assert isinstance(late.stayed, Estimate)
    assert late.stayed.mean == pytest.approx(12 / 13)


def test_the_even_choice_weighs_moments_by_one_over_allowed_times_chance() -> None:
    rng = np.random.default_rng(5)
    rows = []
    for place in range(300):
        allowed = int(rng.integers(2, 6))
        even = rng.random() < 0.3
        chance = 0.3 / allowed + (0.0 if even else 0.7)
        came = "right" if rng.random() < (0.3 if even else 0.9) else "left"
        rows.append(put(outcome=came, person=place, probability=chance, allowed=allowed))
    line = one_line(rows)
    weight = np.array([1.0 / (row.eligible_size * (row.probability or 0.0)) for row in rows])
    came = np.array([row.outcome == "right" for row in rows])
    assert isinstance(line.evenly, Estimate)
    assert line.evenly.mean == pytest.approx(float(weight @ came / weight.sum()))
    assert line.evenly.effective == pytest.approx(float(weight.sum() ** 2 / (weight @ weight)))
    assert isinstance(line.answered, Estimate)
    assert line.evenly.mean < line.answered.mean


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([put(person=place, probability=None) for place in range(12)], "People chose these tasks themselves"),
        ([put(person=place, probability=1.0, allowed=1) for place in range(12)], "Only one task was allowed each time"),
        (
            [put(person=place, probability=1.0 if place < 4 else 0.5) for place in range(12)],
            "At 4 of 12 moments one task came for certain",
        ),
        ([put(person=place) for place in range(9)], "Only 9 people are behind this; from 10 on"),
        (
            [put(person=place, probability=0.001 if place == 0 else 0.999) for place in range(40)],
            "This rests on as little as 1.",
        ),
        ([put(outcome=None, at=LATER)], "Only 0 people are behind this"),
    ],
)
def test_without_overlap_a_sentence_says_so(rows: list[Shown], says: str) -> None:
    evenly = one_line(rows).evenly
    assert isinstance(evenly, Refused)
    assert str(evenly.reason).startswith(says)


def test_one_task_alone_among_choices_is_no_obstacle() -> None:
    rows = [
        put(person=place, probability=1.0 if place < 4 else 0.5, allowed=1 if place < 4 else 2) for place in range(12)
    ]
    assert isinstance(one_line(rows).evenly, Estimate)


def test_the_busiest_policy_comes_first() -> None:
    rows = [put("TA"), put("TA_H"), put("TA_H", person=3), put("LA")]
    assert [line.policy for line in task_replays.policy_lines(rows, now=LATER)] == ["TA_H", "LA", "TA"]
    assert task_replays.policy_lines([], now=LATER) == []


def test_what_was_put_before_people_is_read_with_its_chances(database: Database) -> None:
    """Of one course, activity or problem; test users are left out, and order is by time."""
    room = Classroom(
        database, *(one_choice(f"p{n}") for n in range(4)), short_text(), settings=PracticeSettings(order="TA")
    )
    tester = room.join("tester", is_test=True)
    for seat in (*room.students, tester):
        for _ in range(3):
            room.now += timedelta(seconds=20)
            problem = room.offer(seat)
            assert problem is not None
            room.now += timedelta(seconds=20)
            room.answer(seat, problem)
    room.now += timedelta(seconds=20)
    fifth = next(
        problem
        for problem in room.problems
        if problem not in {t.problem_id for t in room.shown_tasks(room.students[0])}
    )
    room.pick(room.students[0], fifth)
    other = room.another_course("elsewhere")
    other.offer(other.students[0])
    with database.read() as session:
        rows = task_replays.shown(session, room.course_id)
        assert len(rows) == 10
        assert [row.shown_at for row in rows] == sorted(row.shown_at for row in rows)
        assert tester.person_id not in {row.person_id for row in rows}
        assert {row.policy for row in rows} == {"TA", "chosen"}
        assert rows[-1].probability is None
        assert (rows[-1].problem_id, rows[-1].outcome) == (fifth, None)
        assert all(0 < (row.probability or 0) < 1 for row in rows[:-1])
        assert all(row.drawn is not None and row.outcome == "right" for row in rows[:-1])
        assert len(task_replays.shown(session, room.course_id, problem_id=fifth)) == sum(
            row.problem_id == fifth for row in rows
        )
        assert task_replays.shown(session, room.course_id, activity_id=other.activity_id) == []
        assert len(task_replays.shown(session, other.course_id, activity_id=other.activity_id)) == 1
    lines = task_replays.policy_lines(rows, now=room.now)
    assert [(line.policy, line.shown, line.known, line.ended) for line in lines] == [
        ("TA", 9, 9, 9),
        ("chosen", 1, 0, 0),
    ]
