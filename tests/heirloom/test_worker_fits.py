"""The worker learns who stays, as a chore beside its other work."""

from __future__ import annotations

import threading

import numpy as np

from core.activities import chores, fitting, survival_models
from tests.core.activities.classroom import Classroom, one_choice
from tests.core.activities.test_fitting import at_work, everybody
from tests.heirloom.test_worker import worker
from tests.tool import Tool

DATABASES = ("sqlite",)  # `tests/core/activities/test_fitting.py` reads and keeps on both


def test_a_worker_learns_who_stays_once_a_day_and_again_when_enough_is_new(tool: Tool) -> None:
    rooms = [
        Classroom(tool.database, *(one_choice(f"P{place}") for place in range(6)), students=24, platform=place)
        for place in (7, 8)
    ]
    for place, room in enumerate(rooms):
        at_work(room, np.random.default_rng(place))
        everybody(room, range(20, 26), 30)
    tool.clock.advance(days=9)
    hands, stop = worker(tool), threading.Event()

    def models() -> list[int]:
        with tool.database.read() as session:
            found = [survival_models.newest(session, room.course_id, "H") for room in rooms]
        return [one.rows if one else 0 for one in found]

    assert hands.step(stop)
    first = models()
    assert first[0] > fitting.FEWEST_ROWS
    assert first[1] == 0  # one course at a time
    assert hands.step(stop)
    assert models()[1] > fitting.FEWEST_ROWS
    both = models()
    everybody(rooms[0], range(30, 40), 60)
    hands.step(stop)
    assert models() == both  # not before tomorrow
    tool.clock.advance(days=1)
    hands.step(stop)
    assert models()[0] > both[0]
    assert models()[1] == both[1]
    everybody(rooms[1], range(30, 40), 60)
    with tool.database.write() as session:
        chores.want(session, "fit", now=tool.clock())
    hands.step(stop)
    assert models()[1] > both[1]  # as soon as somebody asks for it
