"""Real processes for tests: web, worker and campus, started, killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import urllib3

from core.store.database import Database
from heirloom import clock
from lti_tool.secrets import Vault, new_secret_key
from sandbox.campus import RunningCampus, serve_in_thread
from sandbox.stage import Stage

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "sandbox" / "course"
PATIENCE = 60.0  # seconds until a process must answer; a busy machine is slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Tool:
    """The tool's processes on one database. Each has a process group of its own, so that a kill takes gunicorn's
    children along.
    """

    database_url: str
    directory: Path
    url: str
    secret: str = field(default_factory=new_secret_key)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: str, port: int = 0) -> None:
        environment = {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "HEIRLOOM_URL": self.url,
            "HEIRLOOM_SECRET_KEYS": self.secret,
            "HEIRLOOM_DEVELOPMENT": "yes",
            "PORT": str(port),
            "HEIRLOOM_LOG_LEVEL": "WARNING",
        }
        with (self.directory / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "heirloom", command],
                env=environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        child = self.running.pop(name)
        os.killpg(child.pid, number)
        child.wait(timeout=30)

    def stop(self) -> None:
        for name in list(self.running):
            if self.running[name].poll() is None:
                self.kill(name, signal.SIGKILL)


def answers(url: str) -> None:
    """Wait until something answers at an address."""
    pool, until = urllib3.PoolManager(retries=False, timeout=2.0), time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            if pool.request("GET", url).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers at {url}")


@dataclass
class House:
    """A campus in a thread, the tool's processes, and an activity that is placed."""

    campus: RunningCampus
    tool: Tool
    database: Database
    stage: Stage
    course: int
    link: int
    teachers: list[int]
    students: list[int]


@contextmanager
def house(
    database: Database,
    database_url: str,
    directory: Path,
    *,
    students: int,
    web_ports: list[int],
    workers: int,
    files: list[str],
) -> Iterator[House]:
    """Everything started and an activity placed by its teacher; everything stopped at the end."""
    tool = Tool(database_url, directory, f"http://127.0.0.1:{web_ports[0]}")
    with serve_in_thread(directory / "campus.db", students=students) as campus:
        try:
            for number, port in enumerate(web_ports):
                tool.start(f"web{number}", "serve", port)
            for number in range(workers):
                tool.start(f"worker{number}", "worker")
            for port in web_ports:
                answers(f"http://127.0.0.1:{port}/lti/jwks")
            stage = Stage(
                campus.base_url, campus.config.admin_token, tool.url, urllib3.PoolManager(maxsize=64, block=False)
            )
            registered = stage.register(database, Vault([tool.secret]), now=clock.now())
            course = int(stage.ask("GET", "/courses")[0]["id"])
            teachers, learners = stage.people(course)
            link = stage.place_activity(
                registered,
                course_id=course,
                teacher=teachers[0],
                title="Practice",
                files=[(name, (COURSE / name).read_bytes()) for name in files],
                settings={},
            )
            yield House(campus, tool, database, stage, course, link, teachers, learners)
        finally:
            tool.stop()
