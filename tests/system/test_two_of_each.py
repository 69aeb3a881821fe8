"""Two web processes and two workers on one PostgreSQL behave as one."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import urllib3
from sqlalchemy import select, update

from core.store.database import Database
from core.store.tables import Attempt, Chore, Course, Person
from heirloom import clock
from sandbox.visitor import Answer, Visitor
from tests.system.processes import House, free_port, house, wait_until
from tests.system.records import calls, check_everything_stored, check_gradebook, check_recount, once, unsent
from tests.system.students import Student, offered

DATABASES = ("postgresql",)
STUDENTS = 40
PROBLEMS = 3
AT_ONCE = 8
ROUNDS = 5  # of housekeeping, at least
MOST_ROUNDS = 60


class Doors(urllib3.PoolManager):
    """What stands in front of several web processes: requests to the public address go to them in turn."""

    def __init__(self, public: str, ports: Sequence[int], first: int) -> None:
        super().__init__(maxsize=2)
        self.public, self.ports = public, ports
        self.turn = first
        self.opened: list[tuple[int, str]] = []  # port, path

    def urlopen(self, method: str, url: str, redirect: bool = True, **more: Any) -> Any:
        if url.startswith(f"{self.public}/"):
            port = self.ports[self.turn % len(self.ports)]
            self.turn += 1
            self.opened.append((port, urlsplit(url).path))
            more["headers"] = {**(more.get("headers") or {}), "Host": urlsplit(self.public).netloc}
            url = f"http://127.0.0.1:{port}{url.removeprefix(self.public)}"
        return super().urlopen(method, url, redirect, **more)

    def ports_of(self, ending: str) -> set[int]:
        return {port for port, path in self.opened if path.endswith(ending)}


def test_two_of_each_behave_as_one(database: Database, database_url: str, tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    with house(
        database, database_url, tmp_path, students=STUDENTS, web_ports=ports, workers=2, files=["reading.csv"]
    ) as here:
        doors = [Doors(here.tool.url, ports, first) for first in range(STUDENTS)]
        students = [
            Student(person, partial(_open, here, person, door), np.random.default_rng(person))
            for person, door in zip(here.students, doors, strict=True)
        ]
        with ThreadPoolExecutor(AT_ONCE) as class_room:
            list(class_room.map(lambda student: student.work(PROBLEMS), students))
        _every_launch_went_through_both(doors, ports)
        assert [why for student in students for why in student.refused] == []
        assert [len(student.done.attempts) for student in students] == [PROBLEMS] * STUDENTS
        check_everything_stored(database, students)
        for student in students[:AT_ONCE]:
            _the_same_answer_at_both_doors_counts_once(here, ports, database, student)
        wait_until(lambda: unsent(database) == 0, "the scores", progress=lambda: unsent(database))
        check_gradebook(here, database, STUDENTS)
        _every_score_was_sent_once(here)
        _housekeeping_is_done_once_whenever_it_is_due(here, database)
        check_recount(here)


def _open(here: House, person: int, door: Doors) -> Visitor:
    return replace(here.stage, pool=door).open_as(person, here.link)


def _every_launch_went_through_both(doors: Sequence[Doors], ports: Sequence[int]) -> None:
    for door in doors:
        steps = [door.ports_of("/lti/login"), door.ports_of("/lti/launch")]
        assert set.union(*steps) == set(ports)
        assert [len(step) for step in steps] == [1, 1]  # the login began at one and the message came to the other
    answered = Counter(port for door in doors for port in door.ports_of("/answer"))
    assert min(answered[port] for port in ports) > STUDENTS / 4


def _the_same_answer_at_both_doors_counts_once(
    here: House, ports: Sequence[int], database: Database, student: Student
) -> None:
    """One person with two tabs presses both buttons in the same moment."""
    assert student.visitor is not None
    page = student.visitor.get(f"{student.visitor.start}/next")
    problem, number, form = offered(page, student.rng)
    together = threading.Barrier(len(ports))

    def press(first: int) -> Answer:
        assert student.visitor is not None
        tab = replace(student.visitor, pool=Doors(here.tool.url, ports, first))
        together.wait()
        return tab.post(f"{tab.start}/problems/{problem}/answer", form)

    with ThreadPoolExecutor(len(ports)) as tabs:
        assert [answer.status for answer in tabs.map(press, range(len(ports)))] == [200] * len(ports)
    with database.read() as session:
        query = (
            select(Attempt.number)
            .join(Person, Person.id == Attempt.person_id)
            .where(Attempt.problem_id == problem, Person.subject == str(student.person))
        )
        assert session.scalars(query).all() == [number]


def _events(here: House, worker: str) -> list[dict[str, Any]]:
    """What a worker says that it did."""
    return [json.loads(line) for line in here.tool.log(worker).read_text().splitlines()]


def _done(here: House, event: str) -> list[dict[str, Any]]:
    return [line for worker in ("worker0", "worker1") for line in _events(here, worker) if line["event"] == event]


def _every_score_was_sent_once(here: House) -> None:
    arrived = calls(here, "scores")
    assert {call["status"] for call in arrived} == {200}
    bodies = [json.loads(call["body"]) for call in arrived]
    once((body["userId"], body["timestamp"]) for body in bodies)
    sent = once((line["grade"], line["version"]) for line in _done(here, "score"))
    assert len(sent) == len(arrived)
    once(parse_qs(call["body"])["scope"][0] for call in calls(here, "token"))  # a token serves both workers


def _housekeeping_is_done_once_whenever_it_is_due(here: House, database: Database) -> None:
    """Rosters and chores fall due again and again, until both workers have had some of them."""

    def quiet() -> bool:
        with database.read() as session:
            due = [*session.scalars(select(Course.roster_due_at)), *session.scalars(select(Chore.due_at))]
        return all(moment is not None and moment > clock.now() for moment in due)

    wait_until(quiet, "the first housekeeping")
    before = _housekeeping(here)
    rounds = 0
    while rounds < ROUNDS or not all(_helped(here, worker) for worker in ("worker0", "worker1")):
        assert rounds < MOST_ROUNDS, "one of the workers does nothing"
        with database.write() as session:
            session.execute(update(Chore).values(due_at=clock.now()))
            session.execute(update(Course).values(roster_due_at=clock.now()))
        wait_until(quiet, "the housekeeping")
        rounds += 1
    wait_until(lambda: _housekeeping(here).total() >= before.total() + len(before) * rounds, "the log")
    assert _housekeeping(here) == Counter({what: number + rounds for what, number in before.items()})
    assert before == Counter(purge=1, rotate_keys=1, roster=1, tell_together=1, mix=1, settle_polls=1)


def _housekeeping(here: House) -> Counter[str]:
    """How often each piece was done: chores by the workers' logs, rosters by the campus's."""
    done = Counter(line["name"] for line in _done(here, "chore"))
    done["roster"] = len(calls(here, "memberships"))
    return done


def _helped(here: House, worker: str) -> bool:
    return any(line["event"] in ("chore", "roster") for line in _events(here, worker))
