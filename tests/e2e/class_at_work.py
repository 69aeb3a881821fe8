"""A few simulated classmates, so that pools exist when people in a browser come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from core.activities import activities, contributions, problems, seats
from core.activities.seats import Seat
from core.problems.kinds import Problem
from core.store.database import Database
from heirloom import clock
from sandbox.learners import Class, Explanation, Learner, Voice
from sandbox.stage import seat_of
from tests.system.processes import House

CLASSMATES = 8
WRONG = {"A walk": ("36", "9"), "A capital": ("London",)}
HINT = "Read the question once more and try it with a small example."


@dataclass(frozen=True)
class Place:
    """A house with its database."""

    house: House
    database: Database


def voice(name: str) -> Voice:
    """What the class has to say about a problem: three explanations that differ in how much they help."""
    return Voice(
        0.6,
        (
            Explanation(f"{name}: go through it step by step and check every step, then the answer is clear.", 0.85),
            Explanation(f"{name}: I tried all the answers one after the other until one of them seemed to fit.", 0.5),
            Explanation(f"{name}: it just is like that, my neighbour said so, and she is never ever wrong.", 0.15),
        ),
        (f"{name}: first write down what is given, then what is asked, then put both together.",),
        (HINT,),
        WRONG.get(name, ()),
    )


def work(place: Place) -> None:
    """The teacher writes a hint for every problem; the classmates answer all of them, rate and explain."""
    here, now = place.house, clock.now()

    def sit(person: int) -> Seat:
        return seat_of(place.database, here.stage.open_as(person, here.link), now=now)

    people = [sit(person) for person in here.students[:CLASSMATES]]
    activity, known = _prepare(place.database, sit(here.teachers[0]))
    rng = np.random.default_rng(12)
    voices = {problem.name: voice(problem.name) for problem in known.values()}
    at_work = Class(place.database, activity, known, voices, rng)
    learners = [Learner(seat, float(rng.normal(0, 0.9)), len(known)) for seat in people]
    at_work.work(learners, begin=now - timedelta(days=3), end=now - timedelta(minutes=30))


def _prepare(database: Database, teacher: Seat) -> tuple[str, dict[int, Problem]]:
    with database.write() as session:
        activity = activities.of_course(session, teacher)[0].public_id
        opened = seats.practice(session, teacher, activity)
        known = {number: problems.whole(session, teacher.course_id, number) for number in opened.problems}
        for number in known:
            contributions.write(
                session,
                teacher,
                opened.settings,
                problem_id=number,
                kind="hint",
                text=HINT,
                likely_to_help=True,
                now=clock.now() - timedelta(days=4),
            )
    return activity, known
