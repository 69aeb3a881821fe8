"""`heirloom demo`: a campus, a small workspace, the tool and a worker on this machine, with a class that has been at
work; Ctrl-C stops everything.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import urllib3
from rich.console import Console
from rich.progress import Progress

import migrations
from core.activities import activities, chores, contributions, problems, review
from core.activities.seats import Seat
from core.activities.seats import practice as seats_of
from core.secrets import Vault, new_secret_key
from core.store.database import Database
from heirloom import clock
from heirloom.demo_channel import Corner, open_channel
from sandbox import hall, learners
from sandbox.stage import Stage, seat_of

COURSE_FILES = Path(learners.__file__).parent / "course"
BANKS = ("algebra.gift", "probability.gift", "reading.csv")
STUDENTS = 60
SEED = 2018
STARS = 3  # the teacher's star students
DAYS = timedelta(days=12)
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PORTS = 50  # how many ports are tried
TITLE = "Algebra, chance and reading"
SHARED: tuple[tuple[str, str, dict[str, str], Callable[..., None]], ...] = (
    ("questions", "Ask the class", {"points": "10", "credit_question": "1", "credit_vote": "3"}, hall.ask_and_answer),
    ("gallery", "Numbers in the wild", {"points": "9", "credit_found": "1", "credit_rating": "3"}, hall.find_and_judge),
    ("poll", "Before and after", {}, hall.vote_in_polls),
)  # kind, title, settings, what the class does there
IN_CHANNEL = 20  # students who are in the channel, too
WITH_US = 40  # students who also ask, poll and judge


@dataclass(frozen=True, slots=True)
class Place:
    """Where one demo lives: its files and its two addresses."""

    directory: Path
    tool_port: int
    campus_port: int
    slack_port: int

    @property
    def tool_url(self) -> str:
        return f"http://127.0.0.1:{self.tool_port}"

    @property
    def campus_url(self) -> str:
        return f"http://localhost:{self.campus_port}"  # another site than 127.0.0.1, so the frame is a real third party

    @property
    def corner(self) -> Corner:
        """The workspace in Slack's place."""
        return Corner(self.slack_port, self.directory / "slack.json")

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.directory / 'heirloom.db'}"


class NotStarted(Exception):
    """Why there is no demo now, and what to do."""


class Stopped(Exception):
    """Somebody wants everything to end."""


def run(directory: Path, *, port: int, campus_port: int, slack_port: int, fresh: bool, console: Console) -> int:
    """Start everything, print one address, wait. Gives the exit code; raises NotStarted."""
    for number in STOPPING:
        signal.signal(number, _stop)
    try:
        with _own_place(directory, port, campus_port, slack_port, console) as (place, lock):
            return _run(place, lock, fresh, console)
    except Stopped:
        console.print("Stopped.")
        return 0


def _run(place: Place, lock: int, fresh: bool, console: Console) -> int:
    ready = place.directory / "ready.json"
    if not fresh and place.directory.exists() and not ready.exists():
        console.print("The last start was interrupted before the class was at work; beginning anew.")
        fresh = True
    if fresh:
        shutil.rmtree(place.directory, ignore_errors=True)
    place.directory.mkdir(parents=True, exist_ok=True)
    secret = _kept(place.directory / "secret", new_secret_key)
    database = Database(place.database_url, pool_size=4)
    migrations.upgrade(database)
    with _children(place, secret, lock) as children:
        _wait(place, children)
        if not ready.exists():
            link = _begin_class(place, database, Vault([secret]), console)
            ready.write_text(json.dumps(link))
        channel = open_channel(place.corner, place.tool_url, database, now=clock.now())
        database.dispose()
        console.print(
            f"\n  Heirloom is running. Open [bold]{place.campus_url}[/] and choose “student” or “teacher”.\n"
            f"  The same class in a stand-in for Slack: [bold]{channel}[/]\n"
            "  Ctrl-C stops everything.\n"
        )
        return _until_one_ends(children, console)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


@contextmanager
def _own_place(
    directory: Path, port: int, campus_port: int, slack_port: int, console: Console
) -> Iterator[tuple[Place, int]]:
    """A place that no other demo has: its two ports are free, and the lock on its folder is ours.

    Registrations hold addresses, so a demo on other ports is another demo. The lock, a file descriptor, is handed to
    the processes that we start, so a place counts as taken until the last of them has ended, also where we were killed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for _attempt in range(PORTS):
        port = _free(port, console)
        campus_port = _free(port + 1 if campus_port == port else campus_port, console)
        slack_port = _free(max(port, campus_port) + 1 if slack_port in {port, campus_port} else slack_port, console)
        place = Place((directory / f"{port}-{campus_port}").absolute(), port, campus_port, slack_port)
        lock = os.open(f"{place.directory}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            console.print(f"Another demo has just been started on ports {port} and {campus_port}; using others.")
            port, campus_port, slack_port = port + 1, campus_port + 1, slack_port + 1
            continue
        try:
            yield place, lock
        finally:
            os.close(lock)
        return
    raise NotStarted(f"Other demos run on every port from {port - PORTS} on. Stop them, or choose one with --port.")


def _free(port: int, console: Console) -> int:
    """The port, or the next one that nobody listens on; says so. Raises NotStarted."""
    for candidate in range(port, min(port + PORTS, 65_536)):
        with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
        if candidate != port:
            console.print(f"Port {port} is taken; using {candidate}.")
        return candidate
    raise NotStarted(f"There is no free port from {port} on. Choose one with --port and --campus-port.")


def _kept(path: Path, make: Any) -> str:
    """The file's text, made once, readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text().strip()


@contextmanager
def _children(place: Place, secret: str, lock: int) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Campus, web and worker as processes of their own; all are stopped at the end, whatever happened."""
    environment = {
        **os.environ,  # noqa: TID251 - the children inherit PATH, locale and the like
        "DATABASE_URL": place.database_url,
        "HEIRLOOM_URL": place.tool_url,
        "HEIRLOOM_SECRET_KEYS": secret,
        "HEIRLOOM_DEVELOPMENT": "yes",
        "PORT": str(place.tool_port),
        "HEIRLOOM_BIND": "127.0.0.1",
        "HEIRLOOM_LOG_LEVEL": "INFO",
        **place.corner.settings(),
    }
    python = [sys.executable, "-m"]
    commands = {
        "campus": [
            *python,
            "sandbox.campus",
            "--host",
            "localhost",
            "--port",
            str(place.campus_port),
            "--database",
            str(place.directory / "campus.db"),
            "--admin-token-file",
            str(place.directory / "campus-token"),
            "--students",
            str(STUDENTS),
            "--tool-url",
            f"{place.tool_url}/lti/register",
        ],
        "slack": [*python, *place.corner.command(place.tool_url, IN_CHANNEL)],
        "web": [*python, "heirloom", "serve"],
        "worker": [*python, "heirloom", "worker"],
    }
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            with (place.directory / f"{name}.log").open("ab") as log:
                # a session of its own: Ctrl-C reaches us alone, and we stop the children in order
                children[name] = subprocess.Popen(  # noqa: S603 - our own module names
                    command, env=environment, stdout=log, stderr=log, start_new_session=True, pass_fds=(lock,)
                )
        yield children
    finally:
        for number in STOPPING:  # whoever is impatient must not keep us from stopping all of them
            signal.signal(number, signal.SIG_IGN)
        for child in children.values():
            child.terminate()
        for child in children.values():
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()


def _wait(place: Place, children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Until campus and tool answer."""
    pool = urllib3.PoolManager(retries=False, timeout=2.0)
    addresses = {"campus": place.campus_url, "slack": place.corner.url, "web": f"{place.tool_url}/lti/jwks"}
    for name, address in addresses.items():
        for _try in range(300):
            if children[name].poll() is not None:
                raise NotStarted(f"The {name} did not start; see {place.directory / name}.log")
            try:
                if pool.request("GET", address).status == 200:
                    break
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(0.1)
        else:
            raise NotStarted(f"The {name} does not answer at {address}; see {place.directory / name}.log")


def _begin_class(place: Place, database: Database, vault: Vault, console: Console) -> dict[str, Any]:
    """Register both sides, launch everybody for real, and let the class work. Gives the ids of the course and its
    link.
    """
    stage = Stage(
        place.campus_url,
        (place.directory / "campus-token").read_text().strip(),
        place.tool_url,
        urllib3.PoolManager(maxsize=8, block=True),
    )
    with Progress(console=console, transient=True) as progress:
        step = progress.add_task("Registering the tool in the campus", total=None)
        tool = stage.register(database, vault, now=clock.now())
        course = int(stage.ask("GET", "/courses")[0]["id"])
        teachers, students = stage.people(course)
        progress.update(step, description="The teacher sets up the course", total=1)
        banks = [(name, (COURSE_FILES / name).read_bytes()) for name in BANKS]
        link = stage.place_activity(tool, course_id=course, teacher=teachers[0], title=TITLE, files=banks, settings={})
        progress.update(step, description="The students open the activity", total=len(students), completed=0)
        seats = []
        for student in students:
            seats.append(seat_of(database, stage.open_as(student, link), now=clock.now()))
            progress.advance(step)
        teacher = seat_of(database, stage.open_as(teachers[0], link), now=clock.now())
        _class_works(database, teacher, seats, progress, step)
        for kind, title, settings, works in SHARED:
            progress.update(step, description=f"The class works on “{title}”", total=None)
            stage.place_shared(tool, course_id=course, teacher=teachers[0], kind=kind, title=title, settings=settings)
            _class_shares(database, teacher, seats[:WITH_US], kind, works, progress, step)
    return {"course": course, "link": link}


def _class_works(database: Database, teacher: Seat, students: list[Seat], progress: Progress, step: Any) -> None:
    """Hints by the teacher, star students, then everybody's answers, ratings and texts over the last days."""
    rng = np.random.default_rng(SEED)
    voices = learners.voices(json.loads((COURSE_FILES / "voices.json").read_text(encoding="utf-8")))
    now = clock.now()
    with database.write() as session:
        activity = activities.of_course(session, teacher)[0].public_id
        opened = seats_of(session, teacher, activity)
        known = {number: problems.whole(session, teacher.course_id, number) for number in opened.problems}
        for number, problem in known.items():
            for hint in voices[problem.name].hints:
                contributions.write(
                    session,
                    teacher,
                    opened.settings,
                    problem_id=number,
                    kind="hint",
                    text=hint,
                    likely_to_help=True,
                    now=now - DAYS,
                )
        for student in students[:STARS]:
            review.star(session, teacher, student.person_id, starred=True, now=now - DAYS)
    at_work = learners.Class(database, activity, known, voices, rng)
    enrolled = at_work.enrol(students)
    progress.update(step, description="The class works", total=sum(one.diligence for one in enrolled), completed=0)
    at_work.work(enrolled, begin=now - DAYS, end=now - timedelta(minutes=30), step=lambda: progress.advance(step))
    with database.write() as session:
        chores.want(session, "fit", now=clock.now())  # by the worker, so that the page on who stays has a model


def _class_shares(
    database: Database,
    teacher: Seat,
    students: list[Seat],
    kind: str,
    works: Callable[..., None],
    progress: Progress,
    step: Any,
) -> None:
    """The class asks, polls or judges in the activity that was placed last."""
    with database.read() as session:
        public_id = activities.of_course(session, teacher)[0].public_id
    rng = np.random.default_rng(SEED)
    at_work = hall.Hall(database, public_id, kind, teacher, students, rng, lambda: progress.advance(step))
    data = json.loads((COURSE_FILES / "hall.json").read_text(encoding="utf-8"))
    now = clock.now()
    works(at_work, data, begin=now - DAYS / 2, end=now - timedelta(minutes=5))


def _until_one_ends(children: dict[str, subprocess.Popen[bytes]], console: Console) -> int:
    """Wait until somebody stops us (Stopped); if a process ends by itself, say which."""
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                console.print(f"The {name} stopped by itself (exit code {child.returncode}).")
                return 1
        time.sleep(0.5)
