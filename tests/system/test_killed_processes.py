"""A class works while web and worker are killed again and again: what was acknowledged is there, once, and the
gradebook shows the newest scores.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from core.store.database import Database
from core.store.tables import Grade
from tests.system.processes import House, answers, free_port, house, wait_until
from tests.system.records import (
    calls,
    check_everything_stored,
    check_gradebook,
    check_recount,
    grades,
    unsent,
)
from tests.system.students import Student

STUDENTS = 200
PROBLEMS = 2
AT_ONCE = 16
WEB_KILLS = 8  # spread evenly over the answers
WHOLE = 4  # every fourth of them takes the whole process, the others gunicorn's child
WORKER_KILLS = 4  # spread evenly over the scores, each while a score is on its way
ON_ITS_WAY = 1.0  # seconds that the campus takes over such a score


def test_nothing_acknowledged_is_lost_and_every_score_arrives(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    with house(
        database, database_url, tmp_path, students=STUDENTS, web_ports=[port], workers=1, files=["reading.csv"]
    ) as here:
        students = [
            Student(person, partial(here.stage.open_as, person, here.link), np.random.default_rng(person))
            for person in here.students
        ]
        with ThreadPoolExecutor(AT_ONCE + 2) as threads:
            killers = [
                threads.submit(_kill_web, here, students, port),
                threads.submit(_kill_worker, here, database),
            ]
            class_room = [threads.submit(student.work, PROBLEMS) for student in students]
            for job in (*class_room, *killers):
                job.result()
        assert [why for student in students for why in student.refused] == []
        assert [len(student.done.attempts) for student in students] == [PROBLEMS] * STUDENTS
        check_everything_stored(database, students)
        wait_until(lambda: unsent(database) == 0, "the last scores", progress=lambda: unsent(database))
        check_gradebook(here, database, STUDENTS)
        check_recount(here)


def _kill_web(here: House, students: list[Student], port: int) -> None:
    """SIGKILL the web whenever another share of the answers is given, in the middle of whatever it does."""

    def given() -> int:
        return sum(len(student.done.attempts) for student in students)

    for kill in range(1, WEB_KILLS + 1):
        share = kill * STUDENTS * PROBLEMS / (WEB_KILLS + 1)
        wait_until(lambda share=share: given() >= share, f"{share:.0f} answers", progress=given)
        if kill % WHOLE:
            here.tool.kill_children("web0")
        else:
            here.tool.kill("web0")
            here.tool.start("web0", "serve", port)
        answers(f"{here.tool.url}/lti/jwks")


def _kill_worker(here: House, database: Database) -> None:
    """SIGKILL the worker whenever another share of the class has a score in the gradebook, while the campus works on
    one: the campus takes it, and the worker never hears so.
    """

    def taken() -> int:
        return grades(database, Grade.sent_version > 0)

    for kill in range(1, WORKER_KILLS + 1):
        share = kill * STUDENTS / (WORKER_KILLS + 1)
        wait_until(lambda share=share: taken() >= share, f"{share:.0f} scores", progress=taken)
        earlier = calls(here, "scores")[-1]["id"]
        fault = {"endpoint": "scores", "kind": "delay", "count": 1, "seconds": ON_ITS_WAY}
        here.stage.ask("POST", "/faults", fault)
        wait_until(partial(_one_is_on_its_way, here, earlier), "a score on its way")
        here.tool.kill("worker0")
        here.tool.start("worker0", "worker")


def _one_is_on_its_way(here: House, earlier: int) -> bool:
    return any(call["status"] is None for call in calls(here, "scores", after=earlier))
