"""Whole launches a second, from the login to a session that can be used, beside a minimal PyLTI1p3 tool.

Heirloom's launch is four requests: login, signed message, the page with the one-time code, code for token. It keeps
state, nonce, person, role and session in its database (SQLite, each commit on the disk). PyLTI1p3's is the first two of
them, and keeps state, nonce and launch data in memory. The key set is known to both, and 300 known students take turns.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from bench import lms, rounds, school, servers
from bench.load import Connection, Job, Reply, WrongAnswer, http, run
from bench.rounds import Plan, Say, Side
from core.secrets import new_secret_key
from core.store.database import Database
from heirloom import clock

STUDENTS = 300
FULL, QUICK = Plan(30, 3, 1, 9), Plan(30, 1, 1, 5)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
VISIT = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}


def steps(*, quick: bool) -> int:
    """How often `measure` says what it does."""
    return 1 + 2 * (QUICK if quick else FULL).steps


def measure(*, quick: bool, say: Say) -> list[dict[str, object]]:
    """Two rows: the whole launch beside PyLTI1p3's, and the two requests that both have alone."""
    say(f"Launches: a course is made, {STUDENTS} students launch for the first time")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heirloom-bench-")))
        keys, address, secret = directory / "keys.json", f"sqlite:///{directory / 'product.db'}", new_secret_key()
        keys.write_text(json.dumps(lms.public_keys()))
        database = Database(address, pool_size=1)
        made = school.found(database, secret, now=clock.now())
        school.sign_in(database, made, students=STUDENTS, now=clock.now())
        database.dispose()
        product, minimal = (
            stack.enter_context(servers.serve(module, address, directory, secret=secret, ready=ready))
            for module, ready in ((["heirloom", "serve"], "/lti/jwks"), (["bench.pylti", str(keys)], "/"))
        )
        run(product.url, [[opens_its_page(product.url)]])
        plan, yardstick = QUICK if quick else FULL, Side("PyLTI1p3", minimal, None, verified_by_pylti)
        rows: list[dict[str, object]] = []
        for part, requests, jobs in (("login to session", 4, to_session), ("login and message", 2, verified)):
            found = rounds.in_turn(part, Side("Heirloom", product, None, jobs), yardstick, plan, say)
            rows.append({"part": part, "requests": requests, "yardstick_requests": 2, "key_bits": lms.BITS, **found})
    return rows


def to_session(url: str, connections: int, jobs: int) -> list[list[Job]]:
    return _jobs(connections, jobs, lambda number: _whole(url, f"student-{number}"))


def verified(url: str, connections: int, jobs: int) -> list[list[Job]]:
    return _jobs(connections, jobs, lambda number: _message(url, f"student-{number}", 303))


def verified_by_pylti(url: str, connections: int, jobs: int) -> list[list[Job]]:
    return _jobs(connections, jobs, lambda number: _message(url, f"student-{number}", 200))


def _jobs(connections: int, jobs: int, launch: Callable[[int], Job]) -> list[list[Job]]:
    return [[launch((place + turn * connections) % STUDENTS) for turn in range(jobs)] for place in range(connections)]


def _whole(url: str, subject: str) -> Job:
    async def job(connection: Connection) -> None:
        await _session(connection, url, subject)

    return job


def opens_its_page(url: str) -> Job:
    """Not a measurement: the token of a launch opens the page that the launch names."""

    async def job(connection: Connection) -> None:
        token, start = await _session(connection, url, "student-0")
        page = await connection.ask(http("GET", f"{url}{start}", {"Authorization": f"Bearer {token}"}))
        _must(page, 200, b"<h1>")

    return job


async def _session(connection: Connection, url: str, subject: str) -> tuple[str, str]:
    """A launch of Heirloom; gives the session's token and its first page."""
    launched = await _launched(connection, url, subject)
    _must(launched, 303)
    place, _, code = launched.headers["location"].partition("#")
    _must(await connection.ask(http("GET", f"{url}{place}", VISIT)), 200)
    body = json.dumps({"code": code}).encode()
    headers = {**JSON, "Sec-Fetch-Site": "same-origin", "Origin": url}
    opened = await connection.ask(http("POST", f"{url}{place.removesuffix('/open')}/session", headers, body))
    _must(opened, 200, b'"token"')
    session = json.loads(opened.body)
    return session["token"], session["start"]


def _message(url: str, subject: str, status: int) -> Job:
    async def job(connection: Connection) -> None:
        _must(await _launched(connection, url, subject), status)

    return job


async def _launched(connection: Connection, url: str, subject: str) -> Reply:
    """Login and signed message: what both tools do alike; gives the answer to the message."""
    target = f"{url}/lti/launch"
    asked = {
        "iss": lms.ISSUER,
        "client_id": lms.CLIENT,
        "login_hint": subject,
        "target_link_uri": target,
        "lti_deployment_id": lms.DEPLOYMENT,
    }
    begun = await connection.ask(http("GET", f"{url}/lti/login?{urlencode(asked)}", VISIT))
    _must(begun, 302)
    told = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
    form = {"id_token": lms.id_token(told["nonce"], subject=subject, target=target), "state": told["state"]}
    headers = {**FORM, "Cookie": begun.cookies, "Sec-Fetch-Site": "cross-site", "Origin": lms.ISSUER}
    return await connection.ask(http("POST", target, headers, urlencode(form).encode()))


def _must(reply: Reply, status: int, wanted: bytes = b"") -> None:
    if reply.status != status or wanted not in reply.body:
        raise WrongAnswer(f"an answer with {reply.status}: {reply.body[:2000].decode(errors='replace')}")
