"""A class votes in Slack within ten seconds: 300 and 800 people, each clicking once at a random moment.

Two web processes and a worker. The other side of Slack is played here: clicks are signed as Slack signs them, a Web API
takes what the bot says (each call takes as long as over the internet, 100 ms) and refuses more than Slack's Tier 3
allows. Told are: acknowledgements (the longest must stay below three seconds), votes that were acknowledged and are not
in the database, calls of chat.update and how many of them were refused, and how long after the last acknowledgement
the message in the channel showed every vote.

python -m bench.slack [--quick]    both databases, about three minutes; --quick: SQLite and 300 people
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from bench import school, servers
from bench.load import Connection, WrongAnswer, http
from core.activities import (
    activities,
    channels,
    identities,
    people,
    poll_closing,
    poll_plans,
    poll_settings,
    poll_writing,
    recount,
    seats,
    slack_messages,
    slack_users,
    workspaces,
)
from core.activities.seats import Seat
from core.activities.workspaces import Installed
from core.secrets import Vault, new_secret_key
from core.store.database import Database
from core.store.tables import Membership, Poll, PollOption
from heirloom import clock

SECONDS = 10.0
CLASSES = (300, 800)
KINDS = ("SQLite", "PostgreSQL")
TEAM, CHANNEL, SIGNING = "T1", "C1", "signing-secret-of-the-bench"
LATENCY = 0.1  # [s] of each call of the Web API
TIER_3 = 50  # calls a minute, and as many at once (the bucket is a model: Slack does not say)
LONGEST = 30.0  # [s] until the message must show every vote


@dataclass(frozen=True, slots=True)
class Found:
    """What one class measured; times in milliseconds. `late`: acknowledgements after three seconds."""

    database: str
    people: int
    acknowledged: int
    lost: int
    late: int
    p50: float
    p95: float
    longest: float
    updates: int
    refused: int
    stale: float


class _WebApi(ThreadingHTTPServer):
    """Slack's Web API as far as a poll needs it."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.shown: list[tuple[float, int]] = []  # when the message showed how many votes
        self.updates: list[float] = []
        self.refused = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: _WebApi
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Any method."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        time.sleep(LATENCY)
        method, answer, status = self.path.removeprefix("/api/"), {"ok": True, "ts": "1700000000.000001"}, 200
        if method in {"chat.update", "chat.postMessage"}:
            with self.server.lock:
                now = time.perf_counter()
                if method == "chat.update":
                    recent = sum(at > now - 60 for at in self.server.updates)
                    self.server.updates.append(now)
                    if recent >= TIER_3:
                        self.server.refused += 1
                        answer, status = {"ok": False, "error": "ratelimited"}, 429
                if status == 200:
                    found = re.search(r"have answered: (\d+)", body)
                    self.server.shown.append((now, int(found[1]) if found else 0))
        sent = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        if status == 429:
            self.send_header("Retry-After", "5")
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def _web_api() -> Iterator[_WebApi]:
    api = _WebApi()
    threading.Thread(target=api.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield api
    finally:
        api.shutdown()
        api.server_close()


def steps(*, quick: bool) -> int:
    """How often `measure` says something."""
    return 1 if quick else len(KINDS) * len(CLASSES)


def measure(*, quick: bool, say: Callable[[str], object]) -> list[Found]:
    """Rows by database and size of the class."""
    rows = []
    for kind in KINDS[:1] if quick else KINDS:
        for size in CLASSES[:1] if quick else CLASSES:
            say(f"{kind}, {size} people")
            with ExitStack() as stack:
                directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heirloom-bench-")))
                if kind == "PostgreSQL":
                    address = servers.new_database(stack.enter_context(servers.postgresql()), "votes")
                else:
                    address = f"sqlite:///{directory / 'votes'}.db"
                rows.append(_votes(kind, size, address, directory, stack.enter_context(_web_api())))
    return rows


def _votes(kind: str, size: int, address: str, directory: Path, api: _WebApi) -> Found:
    secret = new_secret_key()
    database = Database(address, pool_size=2)
    poll, option = _channel(database, secret, size)
    slack = {
        "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "secret", "SLACK_SIGNING_SECRET": SIGNING,
        "SLACK_API_URL": f"{api.url}/api",
    }  # fmt: skip
    with servers.serve(
        ["heirloom", "serve"], address, directory, secret=secret, ready="/lti/jwks", processes=2, more=slack,
        beside=[["heirloom", "worker"]],
    ) as running:  # fmt: skip
        _wait(lambda: bool(api.shown), "the poll was not posted")
        clicks = [_click(api.url, f"U{number}", poll, option) for number in range(size)]
        times, acknowledged, last = asyncio.run(_click_all(running.url, clicks))
        voted = _settled(database, poll)
        _wait(lambda: api.shown[-1][1] == voted, f"the channel never showed {voted} votes, but {api.shown[-1][1]}")
        stale = max(0.0, next(at for at, number in api.shown if number == voted) - last)
    with database.read() as session:
        differences = [str(one) for one in recount.polls(session)]
    database.dispose()
    if differences:
        raise WrongAnswer("; ".join(differences))
    taken = 1000 * np.array(times)
    return Found(
        kind, size, acknowledged, max(0, acknowledged - voted), int((taken > 3000).sum()),
        float(np.percentile(taken, 50)), float(np.percentile(taken, 95)), float(taken.max()),
        len(api.updates), api.refused, 1000 * stale,
    )  # fmt: skip


def _settled(database: Database, poll: int) -> int:
    """How many votes there are, once no more come in: a late one is stored although Slack was not told in time."""
    seen, number = -1, 0
    while seen != number:
        seen = number
        time.sleep(0.3)
        with database.read() as session:
            number = session.get_one(Poll, poll).voted
    return number


def _wait(condition: Callable[[], bool], otherwise: str) -> None:
    until = time.perf_counter() + LONGEST
    while not condition():
        if time.perf_counter() > until:
            raise WrongAnswer(otherwise)
        time.sleep(0.01)


def _channel(database: Database, secret: str, size: int) -> tuple[int, int]:
    """A channel that is bound to a course, everybody linked, and a poll that is about to be posted."""
    now = clock.now()
    made = school.found(database, secret, now=now)
    with database.write() as session:
        person = session.scalars(select(Membership.person_id).where(Membership.role == "teacher")).one()
        teacher = Seat(made.platform_id, made.course, person, "teacher")
        activity = activities.make_shared(
            session, teacher, kind="poll", title="Polls", settings=poll_settings.PollSettings(), now=now
        )
        workspace = workspaces.save(
            session,
            Installed(
                enterprise_id="", team_id=TEAM, name="Bench", app_id="A1", bot_id="B1", bot_user_id="UB",
                bot_token=Vault([secret]).seal("xoxb-1"), bot_refresh_token=None, bot_token_expires_at=None,
                scopes=("chat:write",), installed_by="U0",
            ),
            now=now,
        )  # fmt: skip
        channels.bind(
            session, workspace, CHANNEL, course_id=made.course, bound_by=None, language="en", zone="UTC", now=now
        )
        for number in range(size):
            voter = people.recognise(
                session, platform_id=made.platform_id, subject=f"voter-{number}", name=None, is_test=False, now=now
            )
            people.enrol(session, course_id=made.course, person_id=voter, role="student", now=now)
            identities.link(
                session, platform_id=made.platform_id, person_id=voter, workspace_id=workspace,
                user_id=f"U{number}", now=now,
            )  # fmt: skip
            slack_users.note(session, workspace, f"U{number}")
            slack_users.tell(session, workspace, f"U{number}", name=None, locale="en-GB", time_zone="UTC", now=now)
        opened = seats.opened(session, teacher, activity.public_id, "poll")
        plan = poll_plans.plan(
            "single", {"prompt": "What do you think?", "options": "Yes\nNo\nPerhaps", "results": "at_once"}
        )
        poll = poll_writing.make(session, teacher, opened, plan, now=now)
        poll_closing.open_poll(session, teacher, opened, poll, now=now)
        option = session.scalars(select(PollOption.id).where(PollOption.poll_id == poll)).first()
        slack_messages.post(session, workspace, CHANNEL, "poll", poll, activity.id, asked_by=None, now=now)
    return poll, int(option or 0)


def _click(api_url: str, user: str, poll: int, option: int) -> str:
    """A click as Slack delivers it (docs.slack.dev/reference/interaction-payloads/block_actions-payload)."""
    action = {"type": "button", "action_id": f"poll_vote:{option}", "block_id": "b", "value": f"{poll}:{option}"}
    payload = {
        "type": "block_actions", "api_app_id": "A1", "trigger_id": "1.2.3", "user": {"id": user, "team_id": TEAM},
        "team": {"id": TEAM}, "channel": {"id": CHANNEL}, "message": {"ts": "1700000000.000001"},
        "container": {"type": "message", "message_ts": "1700000000.000001", "channel_id": CHANNEL},
        "response_url": f"{api_url}/respond", "actions": [action],
    }  # fmt: skip
    return urlencode({"payload": json.dumps(payload)})


def _signed(url: str, body: str) -> bytes:
    stamp = str(int(time.time()))
    mark = hmac.new(SIGNING.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded", "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={mark}",
    }  # fmt: skip
    return http("POST", f"{url}/slack/events", headers, body.encode())


async def _click_all(url: str, clicks: Sequence[str]) -> tuple[list[float], int, float]:
    """Everybody clicks once within ten seconds. Gives the times until each answer, how many of them were
    acknowledgements, and when the last came.
    """
    parts = urlsplit(url)
    host, port = str(parts.hostname), int(parts.port or 0)
    moments = np.random.default_rng(len(clicks)).uniform(0, SECONDS, len(clicks))
    begun = time.perf_counter()

    async def one(body: str, moment: float) -> tuple[float, float, bool]:
        connection = Connection(host, port)
        await asyncio.sleep(begun + moment - time.perf_counter())
        sent = time.perf_counter()
        reply = await connection.ask(_signed(url, body))
        connection.close()
        ended = time.perf_counter()
        return ended - sent, ended, reply.status == 200  # Bolt answers 404 when it took longer than three seconds

    spans = await asyncio.gather(*(one(body, moment) for body, moment in zip(clicks, moments, strict=True)))
    return [taken for taken, _, _ in spans], sum(ok for _, _, ok in spans), max(ended for _, ended, _ in spans)


def drawn(rows: Sequence[Found]) -> Table:
    """The rows as a table."""
    table = Table(
        "database", "people", "acknowledged", "lost", "late", "ms p50", "ms p95", "ms longest", "updates", "refused",
        "ms until shown",
    )  # fmt: skip
    for row in rows:
        table.add_row(*(f"{cell:.0f}" if isinstance(cell, float) else str(cell) for cell in asdict(row).values()))
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    console = Console(width=130)
    console.print(drawn(measure(quick=parser.parse_args().quick, say=console.print)))


if __name__ == "__main__":
    main()
