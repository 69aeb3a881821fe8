"""The whole request "answer -> explanation" by 300 students at once, beside a bare Flask and SQLAlchemy page.

A student's request: look up the session, judge and store the answer, draw an explanation from its pool, move the grade,
commit, render the page with the explanation. The bare page's: write one row, read one, commit, render. Both run on the
same server with the same numbers of processes and threads and on the same kind of database with the same settings.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from sqlalchemy import text

from bench import rounds, school, servers
from bench.load import Connection, Job, WrongAnswer, http
from bench.rounds import Plan, Say, Side
from bench.school import School
from bench.servers import Running
from core.secrets import new_secret_key
from core.store.database import Database
from heirloom import clock

STUDENTS = 300
EXPLANATION = b'<article class="peer" id="shown-'
WARM_UP = Plan(16, 1, 0, 12)  # every thread's connection prepares its statements
FULL = (Plan(STUDENTS, 3, 1, 3), Plan(16, 3, 1, 15), Plan(1, 3, 5, 80))
QUICK = (Plan(STUDENTS, 2, 1, 2), Plan(16, 1, 1, 15), Plan(1, 1, 5, 50))


def steps(*, quick: bool) -> int:
    """How often `measure` says what it does."""
    plans = QUICK if quick else FULL
    return len(_kinds(quick)) * (1 + sum(plan.steps for plan in plans))


def measure(*, quick: bool, say: Say) -> list[dict[str, object]]:
    """One row for each database and number of connections; the last of a database has the memory after its loads."""
    rows: list[dict[str, object]] = []
    for kind in _kinds(quick):
        say(f"{kind}: a course is filled, {STUDENTS} students launch")
        with _both(kind) as (database, product, bare):
            for side in (product, bare):
                rounds.one(side, WARM_UP)
            for plan in QUICK if quick else FULL:
                found = rounds.in_turn(kind, product, bare, plan, say)
                rows.append({"database": database, **found})
            rows[-1] |= {"memory_mib": product.server.memory(), "yardstick_memory_mib": bare.server.memory()}
    return rows


def _kinds(quick: bool) -> tuple[str, ...]:
    return ("SQLite",) if quick else ("SQLite", "PostgreSQL")


@contextmanager
def _both(kind: str) -> Iterator[tuple[str, Side, Side]]:
    """The database's name and version, and both pages running on databases of their own, the product's with a class."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heirloom-bench-")))
        database: Running | None = None
        addresses = [f"sqlite:///{directory / name}.db" for name in ("product", "bare")]
        version = sqlite3.sqlite_version
        if kind == "PostgreSQL":
            database = stack.enter_context(servers.postgresql())
            addresses = [servers.new_database(database, name) for name in ("product", "bare")]
            version = servers.postgresql_version(database)
        secret = new_secret_key()
        asking = _class(addresses[0], secret)
        product, bare = (
            stack.enter_context(servers.serve(module, address, directory, secret=secret, ready=ready))
            for module, ready, address in (
                (["heirloom", "serve"], "/lti/jwks", addresses[0]),
                (["bench.bare"], "/", addresses[1]),
            )
        )
        sides = Side("Heirloom", product, database, asking), Side("bare page", bare, database, bare_jobs)
        yield f"{kind} {version}", *sides


def _class(address: str, secret: str) -> Asking:
    database = Database(address, pool_size=1)
    made = school.found(database, secret, now=clock.now())
    school.write_and_rate(database, made, now=clock.now())
    tokens = school.sign_in(database, made, students=STUDENTS, now=clock.now())
    if not database.is_sqlite:
        with database.write() as session:
            session.execute(text("ANALYZE"))  # what PostgreSQL does by itself within a minute
    database.dispose()
    return Asking(made, tokens)


class Asking:
    """Requests by students, each of whom answers the activity's problems in turn and none twice."""

    def __init__(self, made: School, tokens: Sequence[str]) -> None:
        self.school = made
        self.tokens = tokens
        self.rng = np.random.default_rng(2018)
        self.left = [list(made.problems) for _token in tokens]
        for student, problems in enumerate(self.left):
            turn = student % len(problems)  # not all at the same problem at once
            problems[:] = problems[turn:] + problems[:turn]

    def __call__(self, url: str, connections: int, jobs: int) -> list[list[Job]]:
        """Jobs of each connection: connection c is student c; where there are fewer, students take turns."""
        students = len(self.tokens)
        return [
            [self._answer(url, (place + turn * connections) % students) for turn in range(jobs)]
            for place in range(connections)
        ]

    def _answer(self, url: str, student: int) -> Job:
        problem = self.left[student].pop()
        headers = {
            "Authorization": f"Bearer {self.tokens[student]}",
            "HX-Request": "true",
            "Sec-Fetch-Site": "same-origin",
            "Origin": url,
        }
        form = school.body(self.school.problems[problem], self.rng)
        return _post(f"{url}{self.school.answer_path(problem)}", headers, form, EXPLANATION)


def bare_jobs(url: str, connections: int, jobs: int) -> list[list[Job]]:
    """The same for the bare page."""
    return [
        [_post(f"{url}/note", {}, _note(place, turn), b"<h1>answer") for turn in range(jobs)]
        for place in range(connections)
    ]


def _note(place: int, turn: int) -> bytes:
    return urlencode({"person": f"student-{place}", "text": f"answer {turn}"}).encode()


def _post(url: str, headers: dict[str, str], form: bytes, wanted: bytes) -> Job:
    """A form whose answer must hold these words."""
    request = http("POST", url, {**headers, "Content-Type": "application/x-www-form-urlencoded"}, form)

    async def job(connection: Connection) -> None:
        reply = await connection.ask(request)
        if reply.status != 200 or wanted not in reply.body:
            raise WrongAnswer(f"{url} answered {reply.status}: {reply.body[:2000].decode(errors='replace')}")

    return job
