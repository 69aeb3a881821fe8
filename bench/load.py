"""A load of many people at once on loopback: each connection is one person who sends the next request when the last
was answered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np

Request = bytes


@dataclass(frozen=True)
class Measured:
    """Latencies in milliseconds, and what they add up to."""

    p50: float
    p95: float
    per_second: float
    errors: int
    requests: int


def post(url: str, body: bytes, headers: dict[str, str]) -> Request:
    """A form as bytes on the wire."""
    parts = urlsplit(url)
    lines = [
        f"POST {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def run(address: str, people: Sequence[Callable[[int], Request | None]], *, warm: int) -> Measured:
    """Everybody works at once until their `next(i)` gives None. The first `warm` requests of each are not counted."""
    return asyncio.run(_run(address, people, warm))


async def _run(address: str, people: Sequence[Callable[[int], Request | None]], warm: int) -> Measured:
    parts = urlsplit(address)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    times: list[tuple[float, float]] = []
    errors = 0

    async def one(ask: Callable[[int], Request | None]) -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection(host, port)
        number = 0
        while (request := ask(number)) is not None:
            begun = time.perf_counter()
            writer.write(request)
            status, closes = await _answer(reader)
            if number >= warm:
                times.append((begun, time.perf_counter()))
            errors += status >= 400
            if closes:
                writer.close()
                reader, writer = await asyncio.open_connection(host, port)
            number += 1
        writer.close()

    await asyncio.gather(*(one(ask) for ask in people))
    spans = np.array([end - begin for begin, end in times]) * 1000
    whole = max(end for _begin, end in times) - min(begin for begin, _end in times)
    return Measured(
        float(np.percentile(spans, 50)), float(np.percentile(spans, 95)), len(times) / whole, errors, len(times)
    )


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    lower = head.lower()
    length = lower.split(b"content-length:")[1].split(b"\r\n")[0]
    await reader.readexactly(int(length))
    return status, b"connection: close" in lower
