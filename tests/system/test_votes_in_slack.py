"""A class votes in Slack while processes are killed: who was thanked is counted, once, and the channel shows it."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import urllib3
from sqlalchemy import select

from core.activities import channels, poll_closing, poll_plans, poll_writing, polls, seats, slack_messages
from core.polling.kinds import Single
from core.store.database import Database
from core.store.tables import Ballot, Poll, PollCount, SlackMessage
from heirloom import clock
from sandbox.channel import Channel
from sandbox.slack.server import RunningSlack, serve_in_thread
from sandbox.visitor import Stopped
from tests.core.activities.hall import Hall
from tests.system.processes import ROOT, Tool, answers, free_port, wait_until

VOTERS = 36
AT_ONCE = 12
SECRETS = {
    "id": "A0HEIRLOOM", "client_id": "1234.5678", "client_secret": "client-secret-of-tests",
    "signing_secret": "signing-secret-of-tests", "verification_token": "unused",
}  # fmt: skip
CONTROL = "control-token-of-tests"


@dataclass
class Room:
    """A small Slack, the tool's processes, and a class in a channel with one open poll."""

    slack: RunningSlack
    channel: Channel
    tool: Tool
    database: Database
    hall: Hall
    poll: int
    options: list[int]

    def message(self) -> dict[str, object]:
        """The poll's message, as the channel sees it."""
        return next(dict(one) for one in self.channel.messages() if "Which way?" in str(one.get("text")))

    def shown(self) -> Counter[str]:
        """How many votes the channel shows for each option."""
        text = json.dumps(self.message(), ensure_ascii=False)
        return Counter({name: int(number) for name, number in re.findall(r"(North|South)\u2069?: (\d+)", text)})

    def vote(self, who: str, option: int) -> None:
        """Click until it is taken, as people do: what was not acknowledged is tried again."""
        message = self.message()
        for _ in range(40):
            try:
                self.channel.act(
                    who, "use", channel=self.channel.id, ts=message["ts"],
                    action_id=f"poll_vote:{option}", value=f"{self.poll}:{option}",
                )  # fmt: skip
                return
            except Stopped:
                time.sleep(0.25)
        raise Stopped(f"{who} could not vote")


@contextmanager
def room(database: Database, database_url: str, directory: Path, *, voters: int) -> Iterator[Room]:
    """Everything started, installed, bound and linked; everything stopped at the end."""
    port = free_port()
    tool = Tool(database_url, directory, f"http://127.0.0.1:{port}")
    manifest = json.loads((ROOT / "bot" / "manifest.json").read_text(encoding="utf-8"))
    with serve_in_thread(
        manifest, app_url=tool.url, students=voters, secrets_of_app=SECRETS, control_token=CONTROL
    ) as slack:
        tool.more = {
            "SLACK_CLIENT_ID": SECRETS["client_id"],
            "SLACK_CLIENT_SECRET": SECRETS["client_secret"],
            "SLACK_SIGNING_SECRET": SECRETS["signing_secret"],
            "SLACK_API_URL": f"{slack.base_url}/api",
            "WEB_CONCURRENCY": "2",
        }
        try:
            tool.start("web0", "serve", port)
            tool.start("worker0", "worker")
            answers(f"{tool.url}/lti/jwks")
            channel = Channel(slack.base_url, CONTROL, tool.url, urllib3.PoolManager(maxsize=64, block=False))
            channel.find()
            channel.install()
            hall = Hall(database, "poll", students=voters)
            channel.bind(database, hall.teacher, now=clock.now())
            channel.link(database, dict(zip(channel.students, hall.students, strict=True)), now=clock.now())
            yield Room(slack, channel, tool, database, hall, *_asked(database, hall, channel))
        except BaseException as error:
            error.add_note(tool.last_words())
            raise
        finally:
            tool.stop()


def _asked(database: Database, hall: Hall, channel: Channel) -> tuple[int, list[int]]:
    with database.write() as session:
        opened = seats.opened(session, hall.teacher, hall.public_id, "poll")
        plan = poll_plans.Plan(Single(), "Which way?", ("North", "South"), results="at_once")
        made = poll_writing.make(session, hall.teacher, opened, plan, now=clock.now())
        poll_closing.open_poll(session, hall.teacher, opened, made, now=clock.now())
        options = [one.id for one in polls.find(session, hall.teacher, opened, made, clock.now()).options]
        (bound,) = channels.of_course(session, hall.teacher)
        slack_messages.post(
            session, bound.workspace_id, bound.channel_id, "poll", made, opened.id, asked_by=None, now=clock.now()
        )
    wait_until(lambda: any("Which way?" in str(one.get("text")) for one in channel.messages()), "the poll's message")
    return made, options


def test_who_was_thanked_is_counted_and_the_channel_shows_it(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    with room(database, database_url, tmp_path, voters=VOTERS) as here:
        given = Counter({"North": 0, "South": 0})
        lock = threading.Lock()

        def votes(place: int) -> None:
            who, option = here.channel.students[place], here.options[place % 2]
            here.vote(who, option)
            if place % 3 == 0:
                here.vote(who, option)  # a double click
            with lock:
                given["North" if place % 2 == 0 else "South"] += 1

        def voted() -> int:
            return sum(given.values())

        def kills() -> None:
            for share in (0.25, 0.5, 0.75):
                wait_until(lambda share=share: voted() >= share * VOTERS, f"{share:.0%} of the votes", progress=voted)
                if share != 0.5:
                    here.tool.kill("worker0")
                    here.tool.start("worker0", "worker")
                else:
                    for child in psutil.Process(here.tool.running["web0"].pid).children():
                        child.kill()

        with ThreadPoolExecutor(AT_ONCE + 1) as threads:
            jobs = [threads.submit(kills), *(threads.submit(votes, place) for place in range(VOTERS))]
            for job in jobs:
                job.result()
        with database.read() as session:
            assert session.get_one(Poll, here.poll).voted == VOTERS
            ballots = session.scalars(select(Ballot.person_id).where(Ballot.poll_id == here.poll)).all()
            assert sorted(ballots) == sorted(seat.person_id for seat in here.hall.students)
            counts = {
                row.option_id: row.number for row in session.execute(select(PollCount.option_id, PollCount.number))
            }
        assert counts == dict(zip(here.options, (given["North"], given["South"]), strict=True))
        wait_until(lambda: here.shown() == given, f"{given} in the channel", progress=here.shown)
        with database.read() as session:
            rows = session.scalars(select(SlackMessage.status)).all()
        assert rows == ["live"]  # one message, posted once
        assert sum("Which way?" in str(one.get("text")) for one in here.channel.messages()) == 1
        checked = here.tool.run("check")
        assert checked.returncode == 0, checked.stdout + checked.stderr
