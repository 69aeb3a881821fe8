"""The commands that stay: started as an operator starts them, stopped as a supervisor stops them."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

import psutil
import pytest
import urllib3

from heirloom import demo
from sandbox.campus import __main__ as campus
from tests.heirloom.test_cli import environment
from tests.tool import SECRET

DATABASES = ("sqlite",)
ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds; a busy machine is slow
# The demo as it is, but for the class: nobody launches and nobody works, which takes a minute.
EMPTY_DEMO = """
from heirloom import cli, demo
demo.STUDENTS = 3
demo._begin_class = lambda *_: {}
demo.open_channel = lambda *_, **__: None
cli.main()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(*command: str, log: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, killed with all that it started when the block ends."""
    with log.open("wb") as output:
        started = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    family = psutil.Process(started.pid)
    children: set[psutil.Process] = set()
    try:
        yield started
    finally:
        if started.poll() is None:
            children |= set(family.children(recursive=True))
            started.kill()
        started.wait(PATIENCE)
        for child in children:
            if child.is_running():
                child.kill()


def until(condition: object, log: Path, started: subprocess.Popen[bytes]) -> None:
    """Wait until the log says something."""
    give_up = time.monotonic() + PATIENCE
    while str(condition) not in log.read_text(errors="replace"):
        assert started.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < give_up, log.read_text(errors="replace")
        time.sleep(0.05)


def status(url: str) -> int:
    pool = urllib3.PoolManager(retries=False, timeout=2.0)
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            return int(pool.request("GET", url).status)
        except urllib3.exceptions.HTTPError:
            assert time.monotonic() < give_up
            time.sleep(0.05)
        finally:
            pool.clear()


def settings(database_url: str, **changes: str) -> dict[str, str]:
    return {name: value for name, value in environment(database_url, **changes).items() if value is not None}


def test_web_and_worker_serve_until_they_are_told_to_stop(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    chosen = settings(database_url, PORT=str(port))
    web_log, worker_log = tmp_path / "web.log", tmp_path / "worker.log"
    with (
        process("-m", "heirloom", "serve", log=web_log, **chosen) as web,
        process("-m", "heirloom", "worker", log=worker_log, **chosen) as worker,
    ):
        assert status(f"http://127.0.0.1:{port}/lti/jwks?login_hint=hush-hush") == 200
        until("worker_started", worker_log, worker)
        for started in (web, worker):
            started.send_signal(signal.SIGTERM)
        assert (web.wait(PATIENCE), worker.wait(PATIENCE)) == (0, 0)
    said = web_log.read_text() + worker_log.read_text()
    assert "worker_stopped" in said
    assert '"path": "/lti/jwks"' in said
    for secret in (SECRET, "hush-hush", "Traceback"):
        assert secret not in said


def test_the_campus_prints_its_token_only_where_nothing_else_holds_it(tmp_path: Path) -> None:
    for options, printed in (([], True), (["--admin-token-file", str(tmp_path / "token")], False)):
        log = tmp_path / "campus.log"
        database = ["--database", str(tmp_path / f"campus-{printed}.db")]
        command = ["-m", "sandbox.campus", "--port", "0", "--students", "1", *database, *options]
        with process(*command, log=log) as started:
            until("base_url", log, started)
            assert ("admin_token" in log.read_text()) is printed
            if not printed:
                assert campus.admin_token(tmp_path / "token") not in log.read_text()


@contextmanager
def demonstration(directory: Path, log: Path, port: int, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    ports = ["--port", str(port), "--campus-port", str(port + 60), "--slack-port", str(port + 120)]
    with process("-c", EMPTY_DEMO, "demo", "--directory", str(directory), *ports, *options, log=log) as started:
        yield started


@pytest.fixture
def port() -> int:
    """The first of some ports that nobody uses, for a demo's tool; its campus has the one 60 further on, the
    workspace the one 120."""
    while True:
        first = free_port()
        with ExitStack() as stack:
            try:
                for taken in (
                    *range(first, first + 4),
                    *range(first + 60, first + 64),
                    *range(first + 120, first + 124),
                ):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", taken))
            except (OSError, OverflowError):
                continue
        return first


def test_demos_side_by_side(tmp_path: Path, port: int) -> None:
    logs = [tmp_path / f"{number}.log" for number in range(2)]
    places = [tmp_path / "demo" / f"{port + number}-{port + 60 + number}" for number in range(2)]
    with demonstration(tmp_path / "demo", logs[0], port) as first:
        until("Heirloom is running. Open http://localhost:", logs[0], first)
        kept = (places[0] / "secret").read_text()
        with demonstration(tmp_path / "demo", logs[1], port, "--fresh") as second:
            until("Heirloom is running.", logs[1], second)
            said = logs[1].read_text()
            assert f"Port {port} is taken; using {port + 1}." in said
            assert f"Port {port + 60} is taken; using {port + 61}." in said
            assert (places[0] / "secret").read_text() == kept  # --fresh is about its own place
            assert (places[1] / "ready.json").exists()
            assert status(f"http://127.0.0.1:{port}/lti/jwks") == 200
            family = [child for one in (first, second) for child in psutil.Process(one.pid).children(recursive=True)]
            first.send_signal(signal.SIGTERM)
            second.send_signal(signal.SIGHUP)  # its terminal was closed
            assert (first.wait(PATIENCE), second.wait(PATIENCE)) == (0, 0)
    assert "Stopped." in logs[0].read_text()
    assert [child for child in family if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []
    token = (places[0] / "campus-token").read_text()
    of_slack = json.loads((places[0] / "slack.json").read_text())
    hidden = [token, kept, *(of_slack[name] for name in ("client_secret", "signing_secret", "control_token"))]
    for log in places[0].glob("*.log"):
        assert [secret for secret in hidden if secret in log.read_text()] == []
    for name in ("secret", "campus-token", "slack.json"):
        assert (places[0] / name).stat().st_mode & 0o077 == 0


def test_a_demo_that_cannot_start_says_where_to_look(tmp_path: Path, port: int) -> None:
    log = tmp_path / "log"
    broken = EMPTY_DEMO.replace("demo.STUDENTS = 3", "demo.STUDENTS = 'many'")
    options = ["--directory", str(tmp_path / "demo"), "--port", str(port), "--campus-port", str(port + 60)]
    with process("-c", broken, "demo", *options, log=log) as started:
        assert started.wait(PATIENCE) == 2
    said = "".join(log.read_text().split())
    assert f"Error:Thecampusdidnotstart;see{tmp_path}/demo/{port}-{port + 60}/campus.log" in said


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo without processes, which ends as soon as it runs."""
    monkeypatch.setattr(demo, "_children", lambda *_: nullcontext({}))
    monkeypatch.setattr(demo, "_wait", lambda *_: None)
    monkeypatch.setattr(demo, "_begin_class", lambda *_: {"link": 1})
    monkeypatch.setattr(demo, "open_channel", lambda *_, **__: None)
    monkeypatch.setattr(demo, "_until_one_ends", lambda *_: 0)
    monkeypatch.setattr(demo, "STOPPING", ())


def test_a_demo_goes_on_with_what_there_is_unless_it_is_to_be_fresh(tmp_path: Path, port: int, alone: None) -> None:
    def run(*, fresh: bool = False) -> tuple[str, str]:
        console = demo.Console(record=True, quiet=False, file=io.StringIO())
        assert (
            demo.run(tmp_path, port=port, campus_port=port + 60, slack_port=port + 120, fresh=fresh, console=console)
            == 0
        )
        return (place / "secret").read_text(), console.export_text()

    place = tmp_path / f"{port}-{port + 60}"
    first, said = run()
    assert "interrupted" not in said
    assert run()[0] == first
    (place / "mark").touch()
    fresh, said = run(fresh=True)
    assert fresh != first
    assert not (place / "mark").exists()
    assert "interrupted" not in said
    (place / "ready.json").unlink()  # stopped before the class was at work
    anew, said = run()
    assert anew != fresh
    assert "The last start was interrupted before the class was at work; beginning anew." in said


def test_there_is_no_place_without_free_ports(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PORTS", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with (
            pytest.raises(demo.NotStarted, match=f"no free port from {port} on"),
            demo._own_place(tmp_path, port, port + 60, port + 120, demo.Console()),
        ):
            pytest.fail("it took a port that somebody listens on")


def test_two_demos_that_start_at_the_same_moment_have_two_places(tmp_path: Path, port: int) -> None:
    """Both find the ports free; the lock tells them apart, also while only a child of a killed demo holds it."""
    console = demo.Console(quiet=True)
    with demo._own_place(tmp_path, port, port + 60, port + 120, console) as (first, lock):
        holder = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock,))
        with demo._own_place(tmp_path, port, port + 60, port + 120, console) as (second, _lock):
            assert (second.tool_port, second.campus_port) == (port + 1, port + 61)
            assert second.directory != first.directory
    with demo._own_place(tmp_path, port, port + 60, port + 120, console) as (third, _lock):
        assert third.tool_port == port + 1
    holder.communicate(b"\n")
    with demo._own_place(tmp_path, port, port + 60, port + 120, console) as (fourth, _lock):
        assert fourth == first
