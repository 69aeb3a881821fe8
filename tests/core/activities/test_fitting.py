"""Who stays is learned from what was shown: read as it was, fitted when enough is new, kept, and watched."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import insert

from core.activities import fitting, heirlooms, staying_insights, survival_models
from core.activities.seats import Seat
from core.store.database import Database
from core.store.tables import TaskExposure
from core.survival.card import from_json
from core.survival.hazard import Hazard
from core.survival.log import Outcome
from core.survival.paper import Sequential
from core.survival.shipped import SHIPPED
from tests.core.activities.classroom import NOW, Classroom, one_choice

DATABASES = ("sqlite",)
PEOPLE = 24


@pytest.fixture
def room(database: Database) -> Classroom:
    return Classroom(database, *(one_choice(f"P{place}") for place in range(6)), students=PEOPLE)


Rows = list[dict[str, object]]


def row(room: Classroom, seat: Seat, occasion: int, when: datetime, outcome: str | None, **more: object) -> Rows:
    return [
        {
            "course_id": room.course_id,
            "activity_id": room.activity_id,
            "person_id": seat.person_id,
            "problem_id": room.problems[occasion % len(room.problems)],
            "occasion": occasion,
            "policy": "teacher",
            "probability": 1.0,
            "eligible_size": 1,
            "counts": True,
            "shown_at": when,
            "outcome": outcome,
            "outcome_at": None if outcome is None else when + timedelta(seconds=20),
            "goal": None,
            "model_id": None,
            "stay": None,
            **more,
        }
    ]


def store(room: Classroom, rows: Rows) -> None:
    with room.write() as session:
        session.execute(insert(TaskExposure), rows)


def at_work(room: Classroom, rng: np.random.Generator, *, most: int = 14) -> None:
    """Everybody is shown up to `most` problems; who was wrong leaves with chance .5, who was right with .05."""
    rows: Rows = []
    for seat in room.students:
        when, leaves = NOW + timedelta(minutes=float(rng.uniform(0, 600))), 0.05
        for occasion in range(most):
            when += timedelta(seconds=60)
            if rng.random() < leaves:
                rows += row(room, seat, occasion, when, "left")
                break
            right = rng.random() < 0.7
            rows += row(room, seat, occasion, when, "right" if right else "wrong")
            leaves = 0.05 if right else 0.5
    store(room, rows)


def everybody(room: Classroom, occasions: range, hour: int) -> None:
    """Everybody answers rightly."""
    rows: Rows = []
    for seat in room.students:
        for occasion in occasions:
            rows += row(room, seat, occasion, NOW + timedelta(hours=hour, minutes=occasion), "right")
    store(room, rows)


def fit(room: Classroom) -> list[fitting.Fitted]:
    with room.database.read() as session:
        log = fitting.read(session, room.course_id, now=room.now)
        start = fitting.start_of(session, room.course_id)
    found = fitting.fit(log, "a class", start=start, rng=np.random.default_rng(1), now=room.now)
    with room.write() as session:
        fitting.keep(session, room.course_id, found, now=room.now)
    return found


def due(room: Classroom) -> list[int]:
    with room.database.read() as session:
        return fitting.due(session, now=room.now)


@pytest.mark.both_databases
def test_a_course_is_read_as_it_was(room: Classroom) -> None:
    one, two, three = room.students[:3]
    later = NOW + timedelta(hours=3)
    store(
        room,
        [
            *row(room, two, 0, NOW, "skipped"),
            *row(room, one, 0, NOW + timedelta(seconds=5), "right", goal=2),
            *row(room, one, 1, NOW + timedelta(seconds=60), "wrong"),
            *row(room, two, 1, NOW + timedelta(seconds=90), None),  # hours ago: left
            *row(room, three, 0, later - timedelta(minutes=5), None),  # still at it
            *row(room, three, 1, NOW, "right", counts=False),  # a test user
            *row(room, one, 2, NOW + timedelta(hours=2), "answered"),
        ],
    )
    with room.database.read() as session:
        log = fitting.read(session, room.course_id, now=later)
        some = fitting.read(session, room.course_id, now=later, most=2)
        other = fitting.read(session, room.course_id + 1, now=later)
    assert log.person.tolist() == [one.person_id] * 3 + [two.person_id] * 2
    assert log.task.tolist() == [room.problems[place] for place in (0, 1, 2, 0, 1)]
    assert [Outcome(value).name for value in log.outcome] == ["RIGHT", "WRONG", "UNJUDGED", "SKIPPED", "LEFT"]
    assert log.stayed.tolist() == [True, True, True, True, False]
    assert log.session.tolist() == [1, 1, 2, 1, 1]
    assert log.remaining.tolist() == [2, 0, 0, 0, 0]
    np.testing.assert_array_equal(log.seconds, [20, 20, 20, np.nan, np.nan])
    assert len(some) == 1  # of the two newest rows one is of somebody who is still at it or does not count
    assert len(other) == 0


@pytest.mark.both_databases
def test_a_course_is_due_when_enough_is_new(room: Classroom) -> None:
    rng = np.random.default_rng(5)
    assert due(room) == []
    at_work(room, rng, most=4)
    assert due(room) == []  # fewer than 200 rows
    everybody(room, range(10, 20), 20)
    assert due(room) == [room.course_id]
    fit(room)
    assert due(room) == []
    everybody(room, range(20, 23), 40)
    assert due(room) == [room.course_id]  # a tenth more


def test_what_drives_people_away_is_found_and_measured_on_others(room: Classroom) -> None:
    at_work(room, np.random.default_rng(3))
    found = {one.name: one for one in fit(room)}
    assert set(found) == {"H", "LA", "LM", "LS", "FQ"}
    card = from_json(json.dumps(found["H"].card))
    assert card.accuracy is not None
    assert card.accuracy.auc > 0.6  # who was wrong last leaves ten times as often: at best about .8
    assert (card.people, card.data) == (PEOPLE, "a class")
    with room.database.read() as session:
        kept = survival_models.newest(session, room.course_id, "H")
        sequential = survival_models.newest(session, room.course_id, "LS")
        trust = staying_insights.trust(session, room.teacher)
    assert kept is not None
    assert sequential is not None
    assert isinstance(survival_models.from_weights(kept.weights["model"]), Hazard)
    assert isinstance(survival_models.from_weights(sequential.weights["model"]), Sequential)
    assert 0.7 < kept.weights["rates"][0] < 1
    assert trust.own
    assert trust.card == card
    assert [name for name, _ in trust.others] == ["LA", "LM", "LS"]


def test_where_everybody_stays_only_our_model_is_fitted(room: Classroom) -> None:
    everybody(room, range(6), 1)
    assert [one.name for one in fit(room)] == ["H"]


def test_one_person_is_nothing_to_learn_from(room: Classroom) -> None:
    store(room, row(room, room.students[0], 0, NOW, "right"))
    with pytest.raises(ValueError, match="fold"):
        fit(room)


def test_a_course_starts_from_what_the_one_before_learned(room: Classroom) -> None:
    with room.database.read() as session:
        assert fitting.start_of(session, room.course_id) is SHIPPED
    at_work(room, np.random.default_rng(4))
    fit(room)
    later = room.another_course("later")
    with room.write() as session:
        heirlooms.inherit(session, activity_id=room.activity_id, course_id=later.course_id, now=NOW)
    with room.database.read() as session:
        start = fitting.start_of(session, later.course_id)
        trust = staying_insights.trust(session, later.teacher)
    with room.database.read() as session:
        own = survival_models.newest(session, room.course_id, "H")
    assert own is not None
    assert survival_models.to_weights(start) == own.weights["model"]
    assert not trust.own
    assert trust.card is not None


def test_a_model_that_is_wrong_rings_and_one_that_is_right_does_not(room: Classroom) -> None:
    at_work(room, np.random.default_rng(6))
    fit(room)
    with room.database.read() as session:
        kept = survival_models.newest(session, room.course_id, "H")
    assert kept is not None
    rng = np.random.default_rng(7)

    def day(stays: float, first: int) -> bool:
        rows: Rows = []
        for seat in room.students:
            for occasion in range(first, first + 6):
                outcome = "right" if rng.random() < stays else "left"
                when = NOW + timedelta(hours=first, minutes=occasion)
                rows += row(room, seat, occasion, when, outcome, model_id=kept.id, stay=0.9)
        store(room, rows)
        with room.database.read() as session:
            return fitting.drifted(session, room.course_id, NOW + timedelta(days=9))

    assert not day(0.9, 30)
    assert day(0.5, 40)
    assert room.course_id in due(room)
