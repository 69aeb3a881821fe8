"""`heirloom demo`: a campus, the tool and a worker on this machine, with a class that has been at work; Ctrl-C stops
everything.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import urllib3
from rich.console import Console
from rich.progress import Progress

import migrations
from core.activities import activities, contributions, problems, review
from core.activities.seats import Seat
from core.activities.seats import practice as seats_of
from core.store.database import Database
from heirloom import clock
from lti_tool.secrets import Vault, new_secret_key
from sandbox import learners
from sandbox.stage import Stage, seat_of

COURSE_FILES = Path(learners.__file__).parent / "course"
BANKS = ("algebra.gift", "probability.gift", "reading.csv")
STUDENTS = 60
SEED = 2018
STARS = 3  # the teacher's star students
DAYS = timedelta(days=12)
TITLE = "Algebra, chance and reading"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one demo lives: its files and its two addresses."""

    directory: Path
    tool_port: int
    campus_port: int

    @property
    def tool_url(self) -> str:
        return f"http://127.0.0.1:{self.tool_port}"

    @property
    def campus_url(self) -> str:
        return f"http://localhost:{self.campus_port}"  # another site than 127.0.0.1, so the frame is a real third party

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.directory / 'heirloom.db'}"


def run(directory: Path, *, port: int, campus_port: int, fresh: bool, console: Console) -> int:
    """Start everything, print one address, wait. Gives the exit code."""
    tool_port, campus_port = _free(port, console), _free(campus_port, console)
    # registrations hold addresses, so a demo on other ports is another demo
    place = Place((directory / f"{tool_port}-{campus_port}").absolute(), tool_port, campus_port)
    if fresh:
        shutil.rmtree(place.directory, ignore_errors=True)
    place.directory.mkdir(parents=True, exist_ok=True)
    secret = _kept(place.directory / "secret", new_secret_key)
    database = Database(place.database_url, pool_size=4)
    migrations.upgrade(database)
    with _children(place, secret) as children:
        _wait(place, children)
        ready = place.directory / "ready.json"
        if not ready.exists():
            link = _begin_class(place, database, Vault([secret]), console)
            ready.write_text(json.dumps(link))
        database.dispose()
        console.print(
            f"\n  Heirloom is running. Open [bold]{place.campus_url}[/] and choose “student” or “teacher”.\n"
            "  Ctrl-C stops everything.\n"
        )
        return _until_stopped(children, console)


def _free(port: int, console: Console) -> int:
    """The port, or the next one that nobody listens on; says so."""
    for candidate in range(port, port + 50):
        with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
        if candidate != port:
            console.print(f"Port {port} is taken; using {candidate}.")
        return candidate
    raise SystemExit(f"No free port from {port} to {port + 49}. Choose one with --port.")


def _kept(path: Path, make: Any) -> str:
    """The file's text, made once, readable by its owner only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make())
    return path.read_text().strip()


@contextmanager
def _children(place: Place, secret: str) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
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
        "web": [*python, "heirloom", "serve"],
        "worker": [*python, "heirloom", "worker"],
    }
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            with (place.directory / f"{name}.log").open("ab") as log:
                # a session of its own: Ctrl-C reaches us alone, and we stop the children in order
                children[name] = subprocess.Popen(  # noqa: S603 - our own module names
                    command, env=environment, stdout=log, stderr=log, start_new_session=True
                )
        yield children
    finally:
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
    for name, address in (("campus", place.campus_url), ("web", f"{place.tool_url}/lti/jwks")):
        for _try in range(300):
            if children[name].poll() is not None:
                raise SystemExit(f"The {name} did not start; see {place.directory / name}.log")
            try:
                if pool.request("GET", address).status == 200:
                    break
            except urllib3.exceptions.HTTPError:
                pass
            time.sleep(0.1)
        else:
            raise SystemExit(f"The {name} does not answer at {address}; see {place.directory / name}.log")


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


def _until_stopped(children: dict[str, subprocess.Popen[bytes]], console: Console) -> int:
    """Wait for Ctrl-C or SIGTERM; if a process ends by itself, say which."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(0.5):
        for name, child in children.items():
            if child.poll() is not None:
                console.print(f"The {name} stopped by itself (exit code {child.returncode}).")
                return 1
    console.print("Stopping …")
    return 0
