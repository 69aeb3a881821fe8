"""A class works while web and worker are killed again and again: what was acknowledged is there, and the gradebook
shows the newest scores.
"""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from core.activities import recount
from core.store.database import Database
from core.store.tables import Attempt, Contribution, Exposure, Grade, Person
from tests.system.processes import House, answers, free_port, house
from tests.system.students import Student

STUDENTS = 200
PROBLEMS = 3
AT_ONCE = 16
KILLS = 8  # of web and worker each, spread evenly over the work


def test_nothing_acknowledged_is_lost_and_every_score_arrives(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    with house(
        database, database_url, tmp_path, students=STUDENTS, web_ports=[port], workers=1, files=["reading.csv"]
    ) as here:
        students = [
            Student(here.stage, person, here.link, np.random.default_rng(person)) for person in here.students[:STUDENTS]
        ]
        over = threading.Event()
        kills: list[str] = []
        killer = threading.Thread(target=_kill_again_and_again, args=(here, port, students, over, kills))
        killer.start()
        try:
            with ThreadPoolExecutor(AT_ONCE) as class_room:
                list(class_room.map(lambda student: student.work(PROBLEMS), students))
        finally:
            over.set()
            killer.join()
        assert len(kills) == 2 * KILLS
        assert sum(len(s.done.attempts) for s in students) == STUDENTS * PROBLEMS
        _everything_acknowledged_is_stored(database, students)
        _wait_for_the_queue(database)
        _the_gradebook_shows_the_newest_scores(here, database)
        with database.read() as session:
            assert [str(d) for count in (recount.arms, recount.grades) for d in count(session)] == []


def _kill_again_and_again(
    here: House, port: int, students: list[Student], over: threading.Event, kills: list[str]
) -> None:
    """SIGKILL web and worker whenever another share of the work is done, in the middle of whatever they do; each
    comes back at once.
    """
    for share in range(1, KILLS + 1):
        while sum(len(s.done.attempts) for s in students) < share * STUDENTS * PROBLEMS / (KILLS + 1):
            if over.wait(0.01):
                return
        for name, command, listens in (("web0", "serve", port), ("worker0", "worker", 0)):
            here.tool.kill(name)
            here.tool.start(name, command, listens)
            kills.append(name)
        answers(f"{here.tool.url}/lti/jwks")


def _everything_acknowledged_is_stored(database: Database, students: list[Student]) -> None:
    with database.read() as session:
        subjects = dict(session.execute(select(Person.subject, Person.id)).all())
        attempts = {
            (r.person_id, r.problem_id, r.number)
            for r in session.execute(select(Attempt.person_id, Attempt.problem_id, Attempt.number))
        }
        ratings = dict(session.execute(select(Exposure.id, Exposure.points)).all())
        texts = {
            (r.person_id, r.problem_id): r.text
            for r in session.execute(select(Contribution.person_id, Contribution.problem_id, Contribution.text))
        }
    for student in students:
        person = subjects[str(student.person)]
        for problem, number in student.done.attempts:
            assert (person, problem, number) in attempts
        for exposure, points in student.done.ratings.items():
            assert ratings[exposure] == points
        for problem, text in student.done.texts.items():
            assert texts[person, problem] == text


def _wait_for_the_queue(database: Database) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with database.read() as session:
            if not session.scalars(select(Grade.id).where(Grade.sent_version < Grade.version)).all():
                return
        time.sleep(0.5)
    pytest.fail("scores are still waiting")


def _the_gradebook_shows_the_newest_scores(here: House, database: Database) -> None:
    book = here.stage.ask("GET", f"/courses/{here.course}/gradebook")
    shown = {row["person_id"]: next(iter(row["grades"].values()))["shown"] for row in book["rows"] if row["grades"]}
    with database.read() as session:
        wanted = {
            row.subject: row.score
            for row in session.execute(select(Person.subject, Grade.score).join(Person, Person.id == Grade.person_id))
        }
    assert len(wanted) == STUDENTS
    assert shown == pytest.approx(wanted)
    taken: dict[str, list[str]] = {}
    for score in here.stage.ask("GET", "/scores"):
        if score["status"] == 200:
            body = json.loads(score["body"])
            taken.setdefault(body["userId"], []).append(body["timestamp"])
    assert all(stamps == sorted(set(stamps)) for stamps in taken.values()), "a score arrived twice or out of order"
