"""Real processes for tests: web, worker and campus, started, killed and started again."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import urllib3

from core.secrets import Vault, new_secret_key
from core.store.database import Database
from heirloom import clock
from sandbox.campus import RunningCampus, serve_in_thread
from sandbox.stage import Stage

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "sandbox" / "course"
PATIENCE = 120.0  # seconds without any progress; a busy machine is slow
OWN_PORTS = range(15_000, 30_000)  # below those that the system hands out: nobody takes a killed process's port


def free_port() -> int:
    """A port that nobody listens on and that stays ours while its process is dead."""
    while True:
        port = secrets.choice(OWN_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_until(condition: Callable[[], bool], what: str, *, progress: Callable[[], object] = lambda: None) -> None:
    """Wait for a condition for as long as `progress` changes now and then. Raises TimeoutError."""
    seen, since = progress(), time.monotonic()
    while not condition():
        if (now_seen := progress()) != seen:
            seen, since = now_seen, time.monotonic()
        if time.monotonic() - since > PATIENCE:
            raise TimeoutError(f"{what}: nothing happened for {PATIENCE:.0f} s (stands at {seen})")
        time.sleep(0.05)


def answers(url: str) -> None:
    """Wait until something answers at an address."""
    pool = urllib3.PoolManager(retries=False, timeout=2.0)

    def ok() -> bool:
        try:
            return pool.request("GET", url).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    wait_until(ok, f"an answer at {url}")


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
    more: dict[str, str] = field(default_factory=dict)  # settings besides

    def environment(self, port: int = 0) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "HEIRLOOM_URL": self.url,
            "HEIRLOOM_SECRET_KEYS": self.secret,
            "HEIRLOOM_DEVELOPMENT": "yes",
            "PORT": str(port),
            "HEIRLOOM_LOG_LEVEL": "INFO",
            **self.more,
        }

    def start(self, name: str, command: str, port: int = 0) -> None:
        with self.log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.system.launch", command],
                env=self.environment(port),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def kill(self, name: str) -> None:
        """SIGKILL a process with its children."""
        child = self.running.pop(name)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(timeout=PATIENCE)
        assert child.stdin is not None  # for type checkers: `start` asked for it
        child.stdin.close()

    def kill_children(self, name: str) -> None:
        """SIGKILL the children alone, as the system does when memory runs out: gunicorn makes new ones."""
        for child in psutil.Process(self.running[name].pid).children():
            child.kill()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command of the operator, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "heirloom", *command],
            env=self.environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)

    def last_words(self) -> str:
        """The end of every log, for whoever reads why a test failed."""
        logs = sorted(self.directory.glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in logs)


@dataclass
class House:
    """A campus in a thread, the tool's processes, and an activity that is placed."""

    campus: RunningCampus
    tool: Tool
    stage: Stage
    registered: Mapping[str, Any]  # the campus's tool
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
    web_ports: Sequence[int],
    workers: int,
    files: Sequence[str],
) -> Iterator[House]:
    """Everything started and an activity placed by its teacher; everything stopped at the end. The first port is the
    tool's public address.
    """
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
            yield House(campus, tool, stage, registered, course, link, teachers, learners)
        except BaseException as error:
            error.add_note(tool.last_words())
            raise
        finally:
            tool.stop()
