"""Serving a campus: a threaded server on this machine, in the foreground or in a thread of a test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.campus.application import close_campus, create_campus, utc_now
from sandbox.campus.config import LOOPBACK_HOSTS, CampusConfig

BACKLOG = 1024
"""Connections that may wait: a class opens an activity in the same seconds."""
POLL_SECONDS = 0.02
"""How soon a campus in a thread notices that it is to end; tests start and end many."""


@dataclass(frozen=True, slots=True)
class RunningCampus:
    """A campus that answers at `base_url`; `app` and `config` as it was made."""

    app: Flask
    config: CampusConfig

    @property
    def base_url(self) -> str:
        return self.config.base_url

    @property
    def admin_headers(self) -> dict[str, str]:
        """What a request to the admin API carries."""
        return {"Authorization": f"Bearer {self.config.admin_token}"}


class QuietHandler(WSGIRequestHandler):
    """Writes no line per request; the log of calls tells more. Problems are still reported."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections on this machine. Port 0 finds a free one. Raises ValueError for another host."""
    if host not in LOOPBACK_HOSTS:
        raise ValueError(f"The campus is a demonstration and serves this machine only, not {host!r}.")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(BACKLOG)
    return listener


def make_campus_server(app: Flask, listener: socket.socket) -> BaseWSGIServer:
    """A server over a socket that listens already; each connection has a thread."""
    host, port = listener.getsockname()[:2]
    return make_server(host, port, app, threaded=True, request_handler=QuietHandler, fd=listener.fileno())


@contextmanager
def serve_in_thread(
    database_path: Path | str,
    *,
    host: str = "localhost",
    port: int = 0,
    now: Callable[[], datetime] = utc_now,
    **settings: Any,
) -> Iterator[RunningCampus]:
    """A campus in a thread of this process until the block ends. `settings` are those of CampusConfig."""
    with listen(host, port) as listener:
        base_url = f"http://{host}:{listener.getsockname()[1]}"
        config = CampusConfig(base_url=base_url, database_path=database_path, **settings)
        app = create_campus(config, now)
        server = make_campus_server(app, listener)
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), name="campus", daemon=True)
        thread.start()
        try:
            yield RunningCampus(app, config)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            close_campus(app)
