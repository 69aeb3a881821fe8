"""A class votes in ten seconds: 300 and 800 people, each at a random moment, while a hall looks on.

Two web processes. A vote is lost if its answer said "Saved" and the database does not count it. The hall asks every
two seconds as its page does, and every 50 ms after the last answer: how long until it shows the true number? Beside it
a bare Flask page that writes one row and counts, on the same server and kind of database, asked in the same moments.

python -m bench.polls [--quick]    both databases, about five minutes; --quick: SQLite and 300 people, one minute
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select, update

from bench import school, servers
from bench.bare import Note
from bench.load import Connection, Reply, WrongAnswer, http
from core.activities import activities, courses, poll_closing, poll_plans, poll_settings, poll_writing, recount, seats
from core.activities.seats import Seat
from core.secrets import new_secret_key
from core.store.database import Database
from core.store.tables import Membership, Person, Poll, PollOption, ResourceLink
from heirloom import clock

SECONDS = 10.0
PROCESSES = 2  # of the web server
CLASSES = (300, 800)
KINDS = ("SQLite", "PostgreSQL")
LOOK, LOOK_CLOSELY, LOOK_LONGEST = 2.0, 0.05, 30.0  # seconds
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Found:
    """What one class measured; times in milliseconds. `stale`: from the last answer until the hall shows all votes."""

    database: str
    what: str
    people: int
    saved: int
    lost: int
    p50: float
    p95: float
    longest: float
    stale: float


@dataclass(frozen=True, slots=True)
class Hall:
    """How to vote and how to look: requests as bytes, what a vote's answer must hold, how many votes a look shows."""

    votes: Sequence[bytes]
    accepted: bytes
    look: bytes
    shown: Callable[[Reply], int]


def steps(*, quick: bool) -> int:
    """How often `measure` says something."""
    return 3 * (1 if quick else len(KINDS) * len(CLASSES))


def measure(*, quick: bool, say: Callable[[str], object]) -> list[Found]:
    """Rows by database, size of the class, and what was asked."""
    rows = []
    for kind in KINDS[:1] if quick else KINDS:
        for people in CLASSES[:1] if quick else CLASSES:
            with ExitStack() as stack:
                directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heirloom-bench-")))
                postgresql = stack.enter_context(servers.postgresql()) if kind == "PostgreSQL" else None

                def address(name: str, place: Path = directory, server: servers.Running | None = postgresql) -> str:
                    return servers.new_database(server, name) if server else f"sqlite:///{place / name}.db"

                for what, anonymous in (("named poll", False), ("anonymous poll", True)):
                    say(f"{kind}, {people} people: {what}")
                    rows.append(_product(kind, what, people, address(what.replace(" ", "_")), directory, anonymous))
                say(f"{kind}, {people} people: bare page")
                rows.append(_bare(kind, people, address("bare"), directory))
    return rows


def _product(kind: str, what: str, people: int, address: str, directory: Path, anonymous: bool) -> Found:
    secret = new_secret_key()
    database = Database(address, pool_size=2)
    path, tokens, option = _poll(database, secret, people, anonymous=anonymous)
    with servers.serve(
        ["heirloom", "serve"], address, directory, secret=secret, ready="/lti/jwks", processes=PROCESSES
    ) as running:

        def headers(token: str) -> dict[str, str]:
            return {"Authorization": f"Bearer {token}", "Origin": running.url, "Sec-Fetch-Site": "same-origin", **FORM}

        body = urlencode({"option": option}).encode()
        hall = Hall(
            [http("POST", f"{running.url}{path}/vote", headers(token), body) for token in tokens[:people]],
            b"Saved.",
            http("GET", f"{running.url}{path}/results", headers(tokens[people])),
            lambda reply: int((re.search(rb"(\d+) pe(?:rson|ople) ha", reply.body) or [b"", b"0"])[1]),
        )
        times, saved, stale = asyncio.run(_vote(running.url, hall))
    with database.read() as session:
        differences = [str(one) for one in recount.polls(session)]
        counted = session.scalar(select(func.sum(Poll.voted))) or 0
    database.dispose()
    if differences:
        raise WrongAnswer("; ".join(differences))
    return _row(kind, what, people, saved, int(counted), times, stale)


def _bare(kind: str, people: int, address: str, directory: Path) -> Found:
    with servers.serve(
        ["bench.bare"], address, directory, secret=new_secret_key(), ready="/", processes=PROCESSES
    ) as running:
        bodies = [urlencode({"person": f"student-{number}", "text": "yes"}).encode() for number in range(people)]
        hall = Hall(
            [http("POST", f"{running.url}/note", FORM, body) for body in bodies],
            b"<p>",
            http("GET", f"{running.url}/notes", {}),
            lambda reply: int(reply.body),
        )
        times, saved, stale = asyncio.run(_vote(running.url, hall))
    database = Database(address, pool_size=1)
    with database.read() as session:
        counted = session.scalar(select(func.count()).select_from(Note)) or 0
    database.dispose()
    return _row(kind, "bare page", people, saved, counted, times, stale)


def _row(kind: str, what: str, people: int, saved: int, counted: int, times: list[float], stale: float) -> Found:
    taken = 1000 * np.array(times)
    p50, p95 = (float(np.percentile(taken, share)) for share in (50, 95))
    return Found(kind, what, people, saved, saved - counted, p50, p95, float(taken.max()), 1000 * stale)


def _poll(database: Database, secret: str, people: int, *, anonymous: bool) -> tuple[str, list[str], int]:
    """A course with an open, graded poll whose results are seen at once; its path, tokens of a class and one more, an
    option.
    """
    now = clock.now()
    made = school.found(database, secret, now=now)
    with database.write() as session:
        person = session.execute(
            select(Person.id).join(Membership, Membership.person_id == Person.id).where(Membership.role == "teacher")
        ).scalar_one()
        teacher = Seat(made.platform_id, made.course, person, "teacher")
        link = courses.recognise_link(session, course_id=made.course, link=school.LINK, now=now)
        settings = poll_settings.PollSettings(points=10.0, credit={"ballot": 1})
        activity = activities.make_shared(session, teacher, kind="poll", title="Polls", settings=settings, now=now)
        session.execute(update(ResourceLink).where(ResourceLink.id == link).values(activity_id=activity.id))
    form = {"prompt": "What do you think?", "options": "Yes\nNo\nPerhaps", "results": "at_once"}
    with database.write() as session:
        opened = seats.opened(session, teacher, activity.public_id, "poll")
        plan = poll_plans.plan("single", form | ({"is_anonymous": "on"} if anonymous else {}))
        poll_id = poll_writing.make(session, teacher, opened, plan, now=now)
        poll_closing.open_poll(session, teacher, opened, poll_id, now=now)
        option = session.scalars(select(PollOption.id).where(PollOption.poll_id == poll_id)).first()
    tokens = school.sign_in(database, made, students=people + 1, now=now)
    return f"/p/{made.platform}/polls/{activity.public_id}/{poll_id}", tokens, int(option or 0)


async def _vote(url: str, hall: Hall) -> tuple[list[float], int, float]:
    """Everybody votes once within ten seconds. Gives the times, how many were told that it is saved, how stale."""
    parts = urlsplit(url)
    assert parts.hostname is not None  # for mypy: our own servers' addresses
    assert parts.port is not None
    host, port = parts.hostname, parts.port
    warm = Connection(host, port)
    for _ in range(5):  # each of the server's processes compiles its templates once
        await asyncio.gather(*(_look(Connection(host, port), hall) for _ in range(8)))
    warm.close()
    moments = np.random.default_rng(len(hall.votes)).uniform(0, SECONDS, len(hall.votes))
    begun = time.perf_counter()
    ended: list[float] = []

    async def one(request: bytes, moment: float) -> float:
        connection = Connection(host, port)
        await asyncio.sleep(begun + moment - time.perf_counter())
        sent = time.perf_counter()
        reply = await connection.ask(request)
        connection.close()
        if reply.status != 200 or hall.accepted not in reply.body:
            raise WrongAnswer(f"an answer with {reply.status}: {reply.body[:500].decode(errors='replace')}")
        ended.append(time.perf_counter())
        return ended[-1] - sent

    async def watch() -> float:
        connection = Connection(host, port)
        while len(ended) < len(hall.votes):
            await _look(connection, hall)
            for _ in range(int(LOOK / LOOK_CLOSELY)):
                await asyncio.sleep(LOOK_CLOSELY)
                if len(ended) == len(hall.votes):
                    break
        last = time.perf_counter()
        while time.perf_counter() < last + LOOK_LONGEST:
            if await _look(connection, hall) == len(hall.votes):
                connection.close()
                return time.perf_counter() - max(ended)
            await asyncio.sleep(LOOK_CLOSELY)
        raise WrongAnswer("the hall never showed all votes")

    looking = asyncio.create_task(watch())
    times = await asyncio.gather(*(one(request, moment) for request, moment in zip(hall.votes, moments, strict=True)))
    return list(times), len(ended), await looking


async def _look(connection: Connection, hall: Hall) -> int:
    reply = await connection.ask(hall.look)
    if reply.status != 200:
        raise WrongAnswer(f"an answer with {reply.status}: {reply.body[:500].decode(errors='replace')}")
    return hall.shown(reply)


def drawn(rows: Sequence[Found]) -> Table:
    """The rows as a table."""
    table = Table("database", "what", "people", "saved", "lost", "ms p50", "ms p95", "ms longest", "ms until shown")
    for row in rows:
        cells = (f"{cell:.0f}" if isinstance(cell, float) else str(cell) for cell in asdict(row).values())
        table.add_row(*cells)
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    console = Console(width=130)
    console.print(drawn(measure(quick=parser.parse_args().quick, say=console.print)))


if __name__ == "__main__":
    main()
