"""Socket Mode: deliveries over WebSockets that the app opened, for apps that nobody can reach over HTTP.

docs.slack.dev/apis/events-api/using-socket-mode. The address is a ticket for one connection; an app may have ten. Each
delivery goes over one of them, and the app acknowledges it by its envelope_id within 3 seconds.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from sandbox.slack.clock import Clock
from sandbox.slack.delivery import TIMEOUT, UNREACHABLE, Answer, Parcel

MOST_CONNECTIONS = 10
LIFETIME_SECONDS = 18_060.0
"""How long a connection lives by the workspace's clock; hello says so as approximate_connection_time."""
WARNING_SECONDS = 10.0
TICKET_SECONDS = 30.0
TYPES = {"events": "events_api", "interactive": "interactive", "options": "interactive", "commands": "slash_commands"}
HOST = "127.0.0.1"


@dataclass(slots=True)
class _Pending:
    """A delivery that waits for its acknowledgement."""

    done: threading.Event = field(default_factory=threading.Event)
    payload: Any = None


class SocketHub:
    """Every app's connections. It listens on a port of its own, from the first time that an app asks for an address."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._tickets: dict[str, tuple[str, float]] = {}
        self._connections: dict[str, list[ServerConnection]] = {}
        self._pending: dict[str, _Pending] = {}
        self._sent = 0

    def open_url(self, app_id: str) -> str:
        """What apps.connections.open answers: an address that opens one connection."""
        with self._lock:
            if self._server is None:
                logger = logging.getLogger("sandbox.slack.socket_mode")
                logger.setLevel(logging.CRITICAL)  # a client that goes away is no news
                self._server = serve(self._serve, HOST, 0, logger=logger, close_timeout=1)
                self._thread = threading.Thread(target=self._server.serve_forever, name="slack-sockets", daemon=True)
                self._thread.start()
            ticket = secrets.token_hex(16)
            self._tickets[ticket] = (app_id, self._clock.now())
            port = self._server.socket.getsockname()[1]
        return f"ws://{HOST}:{port}/link/?ticket={ticket}&app_id={app_id}"

    def connections(self, app_id: str) -> int:
        with self._lock:
            return len(self._connections.get(app_id, ()))

    def send(self, app_id: str, parcel: Parcel, seconds: float) -> Answer:
        """Deliver over one of the app's connections, each in turn, and wait for the acknowledgement."""
        envelope_id = str(uuid.uuid4())
        pending = _Pending()
        with self._lock:
            open_ones = self._connections.get(app_id, [])
            if not open_ones:
                return Answer(problem=UNREACHABLE)
            self._sent += 1
            connection = open_ones[self._sent % len(open_ones)]
            self._pending[envelope_id] = pending
        envelope: dict[str, Any] = {
            "envelope_id": envelope_id,
            "type": TYPES[parcel.target],
            "accepts_response_payload": parcel.target != "events",
            "payload": dict(parcel.payload),
        }
        if parcel.target == "events":
            envelope |= {"retry_attempt": parcel.retry, "retry_reason": parcel.reason}
        try:
            connection.send(json.dumps(envelope))
            acknowledged = pending.done.wait(seconds)
        except ConnectionClosed:
            return Answer(problem=UNREACHABLE)
        finally:
            with self._lock:
                del self._pending[envelope_id]
        if not acknowledged:
            return Answer(problem=TIMEOUT)
        return Answer(status=200, body=b"" if pending.payload is None else json.dumps(pending.payload).encode())

    def disconnect(self, app_id: str, reason: str = "refresh_requested") -> int:
        """Tell every connection of the app that it ends; all but a warning end it. How many were told."""
        with self._lock:
            told = list(self._connections.get(app_id, ()))
        for connection in told:
            self._end(connection, reason)
        return len(told)

    def close(self) -> None:
        with self._lock:
            server, thread, self._server = self._server, self._thread, None
        if server is not None and thread is not None:
            server.shutdown()
            thread.join()

    def _serve(self, connection: ServerConnection) -> None:
        """A connection from its first message to its last; it has a thread of its own."""
        app_id, problem, number = self._admit(connection)
        if problem:
            self._end(connection, problem)
            return
        try:
            self._plan_the_end(app_id, connection)
            connection.send(json.dumps(self._hello(app_id, number)))
            for message in connection:
                self._read(message)
        except ConnectionClosed:
            pass
        finally:
            with self._lock:
                self._connections[app_id].remove(connection)

    def _admit(self, connection: ServerConnection) -> tuple[str, str, int]:
        """Whose connection this is; why it cannot be; how many there are now."""
        assert connection.request is not None
        ticket = parse_qs(urlsplit(connection.request.path).query).get("ticket", [""])[0]
        with self._lock:
            app_id, issued_at = self._tickets.pop(ticket, ("", 0.0))
            if not app_id or self._clock.now() - issued_at > TICKET_SECONDS:
                return app_id, "link_disabled", 0
            mine = self._connections.setdefault(app_id, [])
            if len(mine) >= MOST_CONNECTIONS:
                return app_id, "too_many_websockets", len(mine)
            mine.append(connection)
            return app_id, "", len(mine)

    def _hello(self, app_id: str, number: int) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": number,
            "debug_info": {
                "host": "applink-1",
                "build_number": 1,
                "approximate_connection_time": int(LIFETIME_SECONDS),
            },
            "connection_info": {"app_id": app_id},
        }

    def _read(self, message: str | bytes) -> None:
        """An acknowledgement; anything else an app may say (its pings among it) has no meaning here."""
        try:
            told = json.loads(message)
        except ValueError:
            return
        if isinstance(told, dict):
            with self._lock:
                pending = self._pending.get(str(told.get("envelope_id")))
            if pending is not None:
                pending.payload = told.get("payload")
                pending.done.set()

    def _plan_the_end(self, app_id: str, connection: ServerConnection) -> None:
        def plan(seconds: float, reason: str) -> None:
            self._clock.after(seconds, lambda: self._end_in_a_thread(app_id, connection, reason))

        plan(LIFETIME_SECONDS - WARNING_SECONDS, "warning")
        plan(LIFETIME_SECONDS, "refresh_requested")

    def _end_in_a_thread(self, app_id: str, connection: ServerConnection, reason: str) -> None:
        with self._lock:
            still_open = connection in self._connections.get(app_id, ())
        if still_open:
            threading.Thread(target=self._end, args=(connection, reason), daemon=True).start()

    def _end(self, connection: ServerConnection, reason: str) -> None:
        told = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}
        try:
            connection.send(json.dumps(told))
            if reason != "warning":
                connection.close()
        except ConnectionClosed:
            pass
