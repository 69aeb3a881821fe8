"""Each part asks for what it says: the load against the real applications, a few requests each, no times."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.serving import WSGIRequestHandler, make_server

from bench import bare, launches, lms, pylti, requests, school, selection
from bench.load import WrongAnswer, run
from bench.school import School
from bench.servers import free_port
from core.activities import sessions
from core.activities.sessions import SignedIn
from core.problems.kinds import ChoiceProblem
from core.secrets import digest, new_secret_key
from core.settings import Settings
from core.store.database import Database
from core.store.tables import Arm, Attempt, LaunchSession
from heirloom import clock
from lti_tool.app import create_app

DATABASES = ("sqlite",)
SECRET = new_secret_key()


class Quiet(WSGIRequestHandler):
    """Writes no line a request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def served(app: Flask, port: int) -> Iterator[str]:
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def product(database: Database) -> Iterator[str]:
    port = free_port()
    settings = Settings(url=f"http://127.0.0.1:{port}", secret_keys=(SECRET,), development=True)
    with served(create_app(settings, database, now=clock.now), port) as url:
        yield url


@pytest.fixture
def whole(database: Database) -> School:
    return school.found(database, SECRET, now=clock.now())


@pytest.fixture
def small(whole: School) -> School:
    """A school that asks its first three problems only."""
    return replace(whole, problems=dict(list(whole.problems.items())[:3]))


def test_a_class_has_pools_with_ratings_and_students_with_sessions(database: Database, small: School) -> None:
    school.write_and_rate(database, small, now=clock.now())
    tokens = school.sign_in(database, small, students=2, now=clock.now())
    with database.read() as session:
        for problem in small.problems:
            texts, rated = session.execute(
                select(func.count(), func.sum(Arm.rewarded)).where(Arm.problem_id == problem)
            ).one()
            assert texts >= school.FEWEST_TEXTS
            assert rated == school.RATERS
        who = [sessions.look_up(session, digest(token), now=clock.now()) for token in tokens]
    assert [one.person_name for one in who if isinstance(one, SignedIn)] == ["Learner 000", "Learner 001"]


def test_every_answer_brings_an_explanation(database: Database, small: School) -> None:
    school.write_and_rate(database, small, now=clock.now())
    tokens = school.sign_in(database, small, students=2, now=clock.now())
    with product(database) as url:
        jobs = requests.Asking(small, tokens)(url, 2, 3)
        assert run(url, jobs).jobs == 6
    with database.read() as session:
        before = school.RATERS * 3
        assert session.scalar(select(func.count()).select_from(Attempt)) == before + 6


def test_an_answer_without_an_explanation_is_no_answer(database: Database, small: School) -> None:
    tokens = school.sign_in(database, small, students=1, now=clock.now())
    with product(database) as url, pytest.raises(WrongAnswer, match="answered 200"):
        run(url, requests.Asking(small, tokens)(url, 1, 1))


def test_forms_fit_the_problems_of_the_course(whole: School) -> None:
    rng = np.random.default_rng(3)
    for problem in whole.problems.values():
        given = school.form(problem, rng)
        if isinstance(problem, ChoiceProblem):
            assert len(set(given["choice"])) == len(given["choice"])
            assert all(0 <= place < len(problem.choices) for place in given["choice"])
        else:
            assert given["text"]


def test_the_bare_page_writes_a_row_and_shows_it(tmp_path: Path) -> None:
    own = Database(f"sqlite:///{tmp_path}/bare.db", pool_size=2)
    port = free_port()
    with served(bare.create(own), port) as url:
        assert run(url, requests.bare_jobs(url, 2, 2)).jobs == 4
    with own.read() as session:
        assert session.scalar(select(func.count()).select_from(bare.Note)) == 4
    own.dispose()


def test_a_whole_launch_ends_in_a_session_that_opens_its_page(database: Database, small: School) -> None:
    with product(database) as url:
        assert run(url, [[launches.opens_its_page(url)]]).jobs == 1
        assert run(url, launches.to_session(url, 2, 1)).jobs == 2
        assert run(url, launches.verified(url, 2, 1)).jobs == 2
    with database.read() as session:
        states = session.scalars(select(LaunchSession.status).order_by(LaunchSession.status)).all()
    assert states == ["coded", "coded", "open", "open", "open"]


def test_the_minimal_tool_verifies_the_same_launches() -> None:
    port = free_port()
    with served(pylti.create(lms.public_keys()), port) as url:
        assert run(url, launches.verified_by_pylti(url, 2, 2)).jobs == 4


def test_the_minimal_tool_refuses_another_platforms_keys() -> None:
    port, keys = free_port(), lms.public_keys()
    keys["keys"][0]["n"] = keys["keys"][0]["n"][::-1]
    app = pylti.create(keys)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.logger.disabled = True
    with served(app, port) as url, pytest.raises(WrongAnswer, match="500"):
        run(url, launches.verified_by_pylti(url, 1, 1))


def test_a_decision_is_measured_with_its_error() -> None:
    said: list[str] = []
    rows = selection.decisions((10, 100), said.append)
    assert said == ["Decision among 10 texts", "Decision among 100 texts"]
    assert [row["texts"] for row in rows] == [10, 100]
    assert all(float(str(row["error"])) < 1e-9 for row in rows)
