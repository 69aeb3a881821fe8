"""The load's arithmetic, and what it does with a server's answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from bench.load import Connection, Job, WrongAnswer, http, run, summary


class Server:
    """Answers every request with what `answers` hold in turn, the last one for ever, and counts connections."""

    def __init__(self) -> None:
        self.answers: list[bytes] = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"]
        self.heads: list[bytes] = []
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._ready.wait(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.url = "http://127.0.0.1:{1}".format(*server.sockets[0].getsockname())
        self._ready.set()
        await self._stop.wait()
        server.close()
        await server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                writer.write(answer)
                if b"Connection: close" in answer:
                    break
        except asyncio.IncompleteReadError:
            pass
        writer.close()
        await writer.wait_closed()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def asks(server: Server) -> Job:
    async def job(connection: Connection) -> None:
        reply = await connection.ask(http("GET", server.url + "/", {}))
        if reply.status != 200:
            raise WrongAnswer(str(reply.status))

    return job


def test_times_are_percentiles_in_milliseconds_and_jobs_over_the_whole_time() -> None:
    spans = [(10.0, 10.0 + n / 100) for n in range(1, 101)]  # 10, 20 ... 1,000 ms
    times = summary(spans)
    assert times.p50 == pytest.approx(505.0)
    assert times.p95 == pytest.approx(950.5)
    assert times.per_second == pytest.approx(100.0)  # a hundred within one second
    assert times.jobs == 100


def test_jobs_that_overlap_count_the_time_once() -> None:
    assert summary([(0.0, 2.0), (1.0, 4.0)]).per_second == pytest.approx(0.5)


def test_a_request_on_the_wire() -> None:
    assert http("POST", "http://127.0.0.1:80/a?b=c", {"X": "y"}, b"d=e") == (
        b"POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:80\r\nContent-Length: 3\r\nX: y\r\n\r\nd=e"
    )
    assert http("GET", "http://127.0.0.1:80/a", {}) == b"GET /a HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n"


def test_each_person_keeps_one_connection_and_warm_jobs_are_not_counted(server: Server) -> None:
    times = run(server.url, [[asks(server)] * 4, [asks(server)] * 4, [asks(server)] * 4], warm=1)
    assert times.jobs == 9
    assert len(server.heads) == 12
    assert server.connections == 3


def test_a_connection_that_the_server_closes_is_opened_again(server: Server) -> None:
    server.answers.insert(0, b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    assert run(server.url, [[asks(server)] * 3]).jobs == 3
    assert server.connections == 2


def test_cookies_come_back_as_a_browser_sends_them(server: Server) -> None:
    server.answers = [
        b"HTTP/1.1 302 Found\r\nLocation: /x\r\nSet-Cookie: a=1; Path=/; Secure\r\nset-cookie: b=2\r\n"
        b"Content-Length: 5\r\n\r\nfound"
    ]

    async def job(connection: Connection) -> None:
        reply = await connection.ask(http("GET", server.url + "/", {}))
        assert (reply.status, reply.headers["location"], reply.cookies, reply.body) == (302, "/x", "a=1; b=2", b"found")

    assert run(server.url, [[job]]).jobs == 1


def test_a_wrong_answer_ends_the_load(server: Server) -> None:
    server.answers.append(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(WrongAnswer, match="503"):
        run(server.url, [[asks(server)] * 50, [asks(server)] * 50])
