"""A load on loopback: each connection is one person, who sends the next request when the last one was answered.

Such a load is closed: with c connections and s answers a second, an answer takes c/s on average, most of it in the
queue. The times at one connection are those of the work alone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np

LONGEST_WAIT = 60.0  # seconds for one answer


class WrongAnswer(Exception):
    """An answer that is not what it should be: times of such answers would say nothing."""


@dataclass(frozen=True, slots=True)
class Times:
    """What a load measured: milliseconds of half and of 95 % of the jobs, and jobs a second."""

    p50: float
    p95: float
    per_second: float
    jobs: int


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, its headers by lower-case name (of several with one name the last), the cookies that it
    sets as a browser would send them back, its body.
    """

    status: int
    headers: dict[str, str]
    cookies: str
    body: bytes


class Connection:
    """A keep-alive connection to one server, opened anew when the server closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Reply:
        """Send a request (see `http`) and read its answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        writer.write(request)
        async with asyncio.timeout(LONGEST_WAIT):
            reply = await _read(reader)
        if reply.headers.get("connection", "").lower() == "close":
            self.close()
        return reply

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


Job = Callable[[Connection], Awaitable[None]]


def http(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as bytes on the wire. `url` is absolute."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
    if method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def run(url: str, people: Sequence[Sequence[Job]], *, warm: int = 0) -> Times:
    """Everybody does their jobs in turn, all at once. The first `warm` jobs of each are not counted.

    Raises WrongAnswer, or TimeoutError when an answer takes longer than a minute.
    """
    with ThreadPoolExecutor(1) as apart:  # a loop of its own, also for a caller whose thread runs one already
        return summary(apart.submit(asyncio.run, _spans(url, people, warm)).result())


def summary(spans: Sequence[tuple[float, float]]) -> Times:
    """Times of jobs that began and ended at these moments (seconds of one clock)."""
    moments = np.array(spans)
    taken = 1000 * (moments[:, 1] - moments[:, 0])
    whole = float(moments[:, 1].max() - moments[:, 0].min())
    return Times(float(np.percentile(taken, 50)), float(np.percentile(taken, 95)), len(spans) / whole, len(spans))


async def _spans(url: str, people: Sequence[Sequence[Job]], warm: int) -> list[tuple[float, float]]:
    parts = urlsplit(url)
    assert parts.hostname is not None  # for mypy: our own servers' addresses
    assert parts.port is not None
    spans: list[tuple[float, float]] = []

    async def work(jobs: Sequence[Job], connection: Connection) -> None:
        try:
            for place, job in enumerate(jobs):
                begun = time.perf_counter()
                await job(connection)
                if place >= warm:
                    spans.append((begun, time.perf_counter()))
        finally:
            connection.close()

    try:
        async with asyncio.TaskGroup() as group:
            for jobs in people:
                group.create_task(work(jobs, Connection(parts.hostname, parts.port)))
    except ExceptionGroup as failures:  # the first one says it all: the others were stopped
        raise failures.exceptions[0] from None
    return spans


async def _read(reader: asyncio.StreamReader) -> Reply:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
    fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    cookies = "; ".join(value.partition(";")[0] for name, value in fields if name == "set-cookie")
    headers = dict(fields)
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Reply(int(first.split(" ", 2)[1]), headers, cookies, body)
