"""800 people on one wall of questions: asking for news when there is none, and voting and reading it anew.

Both beside a bare Flask page on the same server with the same kind of database: the first beside a page of one word,
the second beside one row written and read (`bench.bare`) and that page. `weights`: what a view of the wall weighs.

python -m bench.wall [--quick]    both databases, more than ten minutes for each; --quick: SQLite alone, fewer rounds
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import urllib3
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from bench import rounds, school, servers
from bench.load import Connection, Job, Reply, WrongAnswer, http
from bench.requests import bare_jobs
from bench.rounds import Plan, Say, Side
from bench.school import School
from core.activities import activities, courses, people, question_settings, question_votes, questions, seats
from core.activities.posting import Typed
from core.activities.question_settings import QuestionSettings
from core.activities.seats import Seat
from core.secrets import new_secret_key
from core.store.database import Database
from core.store.tables import ResourceLink
from heirloom import clock

PEOPLE = 800
QUESTIONS = 60
VOTERS = 25  # of each question, before the load
KINDS = ("SQLite", "PostgreSQL")
FULL = (Plan(PEOPLE, 3, 1, 3), Plan(16, 3, 1, 20), Plan(1, 3, 2, 60))
QUICK = (Plan(PEOPLE, 1, 1, 2), Plan(16, 1, 1, 10), Plan(1, 1, 2, 30))
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def steps(*, quick: bool) -> int:
    """How often `measure` says what it does."""
    plans = QUICK if quick else FULL
    return (1 if quick else len(KINDS)) * (1 + 2 * sum(plan.steps for plan in plans))


def measure(*, quick: bool, say: Say) -> list[dict[str, object]]:
    """A row for each database, way to ask and number of connections, and one with the weight of the pages."""
    rows: list[dict[str, object]] = []
    for kind in KINDS[:1] if quick else KINDS:
        say(f"{kind}: {QUESTIONS} questions are asked, {PEOPLE} people launch")
        with _both(kind) as (product, bare, class_):
            rows.append({"database": kind, "what": "weight", **class_.weights(product.url)})
            for what, ours, theirs in (
                ("no news", class_.no_news, _words),
                ("vote and list", class_.vote_and_list, _write_and_words),
            ):
                for plan in QUICK if quick else FULL:
                    found = rounds.in_turn(
                        f"{kind}, {what}",
                        Side("Heirloom", product, None, ours),
                        Side("bare page", bare, None, theirs),
                        plan,
                        say,
                    )
                    rows.append({"database": kind, "what": what, **found})
    return rows


@contextmanager
def _both(kind: str) -> Iterator[tuple[servers.Running, servers.Running, Class]]:
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heirloom-bench-")))
        addresses = [f"sqlite:///{directory / name}.db" for name in ("product", "bare")]
        if kind == "PostgreSQL":
            database = stack.enter_context(servers.postgresql())
            addresses = [servers.new_database(database, name) for name in ("product", "bare")]
        secret = new_secret_key()
        class_ = _class(addresses[0], secret)
        product, bare = (
            stack.enter_context(servers.serve(module, address, directory, secret=secret, ready=ready))
            for module, ready, address in (
                (["heirloom", "serve"], "/lti/jwks", addresses[0]),
                (["bench.bare"], "/", addresses[1]),
            )
        )
        yield product, bare, class_


def _class(address: str, secret: str) -> Class:
    """A course whose link opens a wall, with questions and votes; everybody is signed in."""
    database = Database(address, pool_size=1)
    now = clock.now()
    made = school.found(database, secret, now=now)
    with database.write() as session:
        teacher = _seat(session, made, "teacher", "teacher", now)
        link = courses.recognise_link(session, course_id=made.course, link=school.LINK, now=now)
        wall = activities.make_shared(
            session, teacher, kind="questions", title="Questions", settings=QuestionSettings(), now=now
        )
        session.execute(update(ResourceLink).where(ResourceLink.id == link).values(activity_id=wall.id))  # not practice
    with database.write() as session:
        askers = [_seat(session, made, f"asker-{number}", "student", now) for number in range(QUESTIONS)]
        voters = [_seat(session, made, f"voter-{number}", "student", now) for number in range(VOTERS)]
    asked = []
    for place, asker in enumerate(askers):
        with database.write() as session:
            opened = seats.opened(session, asker, wall.public_id, "questions")
            settings = question_settings.of(opened)
            typed = Typed("What have I overlooked?", f"Why does step {place + 1} of the proof hold?")
            asked.append(questions.ask(session, asker, opened, settings, typed, now=now).id)
            for voter in voters[: place % VOTERS + 1]:
                question_votes.vote(session, voter, opened, settings, asked[-1], up=True, now=now)
    tokens = school.sign_in(database, made, students=PEOPLE, now=now)
    if not database.is_sqlite:
        with database.write() as session:
            session.execute(text("ANALYZE"))  # what PostgreSQL does by itself within a minute
    database.dispose()
    return Class(f"/p/{made.platform}/questions/{wall.public_id}", tokens, asked)


def _seat(session: Session, made: School, subject: str, role: str, now: datetime) -> Seat:
    person = people.recognise(
        session, platform_id=made.platform_id, subject=subject, name=subject, is_test=False, now=now
    )
    people.enrol(session, course_id=made.course, person_id=person, role=role, now=now)
    return Seat(made.platform_id, made.course, person, role)


class Class:
    """Everybody's requests to one wall. Connection c is person c."""

    def __init__(self, path: str, tokens: Sequence[str], asked: Sequence[int]) -> None:
        self.path, self.tokens, self.asked = path, tokens, asked
        self.turn = 0  # of votes: nobody votes twice for a question before they have voted for all

    def no_news(self, url: str, connections: int, jobs: int) -> list[list[Job]]:
        """The first request of each fetches the list; those that are counted learn that nothing changed."""
        return [
            _polls(f"{url}{self.path}/list?order=best", self._headers(url, person), jobs)
            for person in range(connections)
        ]

    def vote_and_list(self, url: str, connections: int, jobs: int) -> list[list[Job]]:
        """A vote for a question, or its withdrawal, then the list as it is now."""
        first, self.turn = self.turn, self.turn + jobs
        return [[self._vote(url, person, first + turn) for turn in range(jobs)] for person in range(connections)]

    def _vote(self, url: str, person: int, turn: int) -> Job:
        question = self.asked[(person + turn) % len(self.asked)]
        form = urlencode({"up": "no" if turn // len(self.asked) % 2 else "yes"}).encode()
        headers = self._headers(url, person)
        vote = http("POST", f"{url}{self.path}/{question}/vote", {**headers, **FORM}, form)
        listing = http("GET", f"{url}{self.path}/list?order=best", headers)

        async def job(connection: Connection) -> None:
            _expect(await connection.ask(vote), b"aria-pressed")
            _expect(await connection.ask(listing), b'class="card"')

        return job

    def _headers(self, url: str, person: int) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.tokens[person]}",
            "HX-Request": "true",
            "Sec-Fetch-Site": "same-origin",
            "Origin": url,
        }

    def weights(self, url: str) -> dict[str, object]:
        """Bytes of answers to one person: the page around (once a launch), the wall, its list, the hall, a question."""
        paths = {"wall": "", "list": "/list?order=best", "hall": "/live", "question": f"/{self.asked[0]}"}
        headers = self._headers(url, 0)
        pool = urllib3.PoolManager()
        found: dict[str, object] = {
            name: len(pool.request("GET", f"{url}{self.path}{path}", headers=headers).data)
            for name, path in paths.items()
        }
        shell = pool.request("GET", f"{url}{self.path}").data
        assets = re.findall(rb'(?:src|href)="(/static/[^"]+)"', shell)
        static = sum(len(pool.request("GET", f"{url}{path.decode()}").data) for path in assets)
        return {**found, "shell": len(shell), "static": static, "first_requests": 2 + len(assets), "next_requests": 1}


def _polls(address: str, headers: dict[str, str], jobs: int) -> list[Job]:
    """A person's requests, which say what the person has already."""
    tag = ""

    async def job(connection: Connection) -> None:
        nonlocal tag
        had = bool(tag)
        reply = await connection.ask(http("GET", address, {**headers, "If-None-Match": tag} if had else headers))
        if reply.status != (304 if had else 200):
            raise WrongAnswer(f"{address} answered {reply.status}")
        tag = reply.headers["etag"]

    return [job] * jobs


def _words(url: str, connections: int, jobs: int) -> list[list[Job]]:
    """The bare page's one word."""
    request = http("GET", f"{url}/", {})

    async def job(connection: Connection) -> None:
        _expect(await connection.ask(request), b"ready")

    return [[job] * jobs for _person in range(connections)]


def _write_and_words(url: str, connections: int, jobs: int) -> list[list[Job]]:
    """A row written and read, then the one word."""
    words = http("GET", f"{url}/", {})

    def both(write: Job) -> Job:
        async def job(connection: Connection) -> None:
            await write(connection)
            _expect(await connection.ask(words), b"ready")

        return job

    return [[both(write) for write in each] for each in bare_jobs(url, connections, jobs)]


def _expect(reply: Reply, wanted: bytes) -> None:
    if reply.status != 200 or wanted not in reply.body:
        raise WrongAnswer(f"{reply.status}: {reply.body[:1000].decode(errors='replace')}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    for row in measure(quick=parser.parse_args().quick, say=print):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
