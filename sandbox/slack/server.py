"""Serving a small Slack: a threaded server on this machine, in the foreground or in a thread of a test."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.slack import application, manifest, oauth
from sandbox.slack.oauth import Pair
from sandbox.slack.outside import Outside
from sandbox.slack.seed import Seeded, seed
from sandbox.slack.state import App, Slack

BACKLOG = 1024
"""Connections that may wait: a class votes in the same seconds."""
POLL_SECONDS = 0.02
"""How soon a Slack in a thread notices that it is to end."""
TICK_SECONDS = 0.05
"""How often it looks for what has become due."""


@dataclass(frozen=True, slots=True)
class RunningSlack:
    """A Slack that answers at `base_url`, with one app. `seeded` is what it began with."""

    base_url: str
    slack: Slack
    app: App
    seeded: Seeded
    outside: Outside
    flask: Flask

    @property
    def api_url(self) -> str:
        """What SDKs take as the base of the Web API."""
        return f"{self.base_url}/api/"

    @property
    def authorize_url(self) -> str:
        return f"{self.base_url}/oauth/v2/authorize"

    def install(self, scopes: tuple[str, ...] | None = None, *, for_enterprise: bool = False) -> Pair:
        """Allow the app as the teacher, without a browser: its tokens."""
        with self.slack.lock:
            team, teacher = self.seeded.team, self.seeded.teacher
            return oauth.install(self.slack, self.app, team, teacher, scopes, for_enterprise=for_enterprise)[1]


class QuietHandler(WSGIRequestHandler):
    """Writes no line per request. Problems are still reported."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Ticker(threading.Thread):
    """Does what becomes due while nobody asks for anything."""

    def __init__(self, slack: Slack) -> None:
        super().__init__(name="slack-ticker", daemon=True)
        self._slack = slack
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            self._slack.clock.run_due()

    def end(self) -> None:
        self._ended.set()
        self.join()


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections on this machine. Port 0 finds a free one. Raises ValueError for another host."""
    if host not in application.LOOPBACK:
        raise ValueError(f"This Slack is a demonstration and serves this machine only, not {host!r}.")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(BACKLOG)
    return listener


def build(
    base_url: str,
    description: Mapping[str, Any],
    *,
    app_url: str = "",
    students: int = 20,
    in_organisation: bool = False,
    socket_mode: bool | None = None,
    control_token: str = "",
    secrets_of_app: Mapping[str, str] | None = None,
    slack: Slack | None = None,
    ack_seconds: float = 3.0,
) -> RunningSlack:
    """A Slack with people, channels and the app that the manifest describes; not yet served.

    `secrets_of_app` gives id, client_id, client_secret, signing_secret or verification_token, where they must be known
    beforehand.
    """
    slack = slack or Slack()
    app = manifest.read(description, app_url, socket_mode=socket_mode)
    for name, value in (secrets_of_app or {}).items():
        if name not in ("id", "client_id", "client_secret", "signing_secret", "verification_token"):
            raise ValueError(f"An app has no {name!r} to be set.")
        setattr(app, name, value)
    slack.apps[app.id] = app
    seeded = seed(slack, students=students, in_organisation=in_organisation)
    flask = application.create(slack, base_url)
    outside = Outside(slack, base_url, control_token or secrets.token_urlsafe(32), ack_seconds=ack_seconds)
    outside.register(flask)
    return RunningSlack(base_url, slack, app, seeded, outside, flask)


def make_slack_server(flask: Flask, listener: socket.socket) -> BaseWSGIServer:
    """A server over a socket that listens already; each connection has a thread."""
    host, port = listener.getsockname()[:2]
    return make_server(host, port, flask, threaded=True, request_handler=QuietHandler, fd=listener.fileno())


@contextmanager
def serve_in_thread(
    description: Mapping[str, Any], *, host: str = "127.0.0.1", port: int = 0, **settings: Any
) -> Iterator[RunningSlack]:
    """A Slack in a thread of this process until the block ends. `settings` are those of `build`."""
    with listen(host, port) as listener:
        running = build(f"http://{host}:{listener.getsockname()[1]}", description, **settings)
        server = make_slack_server(running.flask, listener)
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), name="slack", daemon=True)
        ticker = Ticker(running.slack)
        thread.start()
        ticker.start()
        try:
            yield running
        finally:
            ticker.end()
            running.outside.close()
            server.shutdown()
            thread.join()
            server.server_close()
