"""Slack as the bot meets it in tests: deliveries that are signed, and a Web API that takes everything and remembers.

The strict workspace is `sandbox.slack`; this one only keeps what was said, so that a test can look at it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np
from slack_bolt import BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.app import create_bot
from bot.nouns import DIRECTS, RENDERERS
from bot.updater import Updater
from bot.wiring import Wiring
from core.activities import channels, identities, people, slack_users, workspaces
from core.activities.channels import Bound
from core.activities.seats import Seat
from core.activities.workspaces import Installed
from core.secrets import Vault, new_secret_key
from core.settings import Settings
from core.store.database import Database
from tests.core.activities.classroom import NOW

SECRET = "a signing secret for tests"
TEAM, CHANNEL, TEACHER = "T1", "C1", "U9"
PATIENCE = 10  # [s] for what a listener does after it answered


class WebApi(ThreadingHTTPServer):
    """Answers every method with ok, and keeps what it was called with; `answers` overrides one by the method's name."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, bytes] = {}  # by path: what people uploaded
        self.read: list[tuple[str, str]] = []  # which of them was asked for, and with which right
        self.number = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def of(self, method: str) -> list[dict[str, Any]]:
        """What a method was called with; 'respond' is the response_url."""
        return [said for name, said in self.calls if name == method]


class _Handler(BaseHTTPRequestHandler):
    server: WebApi

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        method = self.path.removeprefix("/api/").strip("/")
        if "json" in (self.headers.get("Content-Type") or ""):
            said = json.loads(body or b"{}")
        else:
            said = dict(parse_qsl(body.decode(errors="replace")))
            for name in ("blocks", "view", "files"):
                if name in said:
                    said[name] = json.loads(said[name])
        self.server.number += 1
        answers = self.server.answers.get(method)
        answer = answers.pop(0) if answers else {"ok": True}
        self.server.calls.append((method, said))
        answer = {"ok": True, "ts": f"1700000000.{self.server.number:06d}", "channel": said.get("channel", "")} | answer
        if method == "users.info":
            answer.setdefault("user", {"id": said.get("user"), "real_name": f"Name of {said.get('user')}"})
        if method.startswith("views."):
            answer.setdefault("view", {"id": f"V{self.server.number}", "hash": "h"})
        sent = json.dumps(answer).encode()
        self.send_response(429 if answer.get("error") == "ratelimited" else 200)
        if answer.get("error") == "ratelimited":
            self.send_header("Retry-After", "7")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def do_GET(self) -> None:
        self.server.read.append((self.path, self.headers.get("Authorization") or ""))
        data = self.server.files.get(self.path)
        self.send_response(302 if data is None else 200)
        if data is None:
            self.send_header("Location", "/log-in")
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class _Executor(ThreadPoolExecutor):
    """Remembers what was begun, so that a test can wait for its end."""

    def __init__(self) -> None:
        super().__init__(4)
        self.begun: list[Future[Any]] = []

    def submit(self, *args: Any, **named: Any) -> Future[Any]:
        begun = super().submit(*args, **named)
        self.begun.append(begun)
        return begun


@dataclass
class Workspace:
    """A bot that is installed in one workspace, its channel C1 bound to a course; people act by their Slack ids."""

    database: Database
    api: WebApi
    wiring: Wiring
    clock: list[datetime]
    id: int = 0
    events: int = 0
    bound: Bound | None = None
    seats: dict[str, Seat] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.executor = _Executor()
        self.bot = create_bot(self.wiring, self.executor)
        self.updater = Updater(self.wiring, RENDERERS, DIRECTS)
        with self.database.write() as session:
            self.id = workspaces.save(
                session,
                Installed(
                    enterprise_id="", team_id=TEAM, name="Class", app_id="A1", bot_id="B1", bot_user_id="UB",
                    bot_token=self.wiring.vault.seal("xoxb-1"), bot_refresh_token=None, bot_token_expires_at=None,
                    scopes=("chat:write", "files:write"), installed_by=TEACHER,
                ),
                now=self.now,
            )  # fmt: skip

    @property
    def now(self) -> datetime:
        return self.clock[0]

    def later(self, **by: float) -> None:
        self.clock[0] += timedelta(**by)

    def bind(self, course_id: int, **people_: Seat) -> Bound:
        """Tie C1 to a course and link Slack users (U1=seat ...)."""
        with self.database.write() as session:
            self.bound = channels.bind(
                session, self.id, CHANNEL, course_id=course_id, bound_by=None, language="en", zone="UTC", now=self.now
            )
            for user, seat in people_.items():
                identities.link(
                    session,
                    platform_id=seat.platform_id,
                    person_id=seat.person_id,
                    workspace_id=self.id,
                    user_id=user,
                    now=self.now,
                )
        self.seats |= people_
        return self.bound

    def known(self, user: str, **told: str) -> None:
        """Slack has told about a user: locale, time_zone, name."""
        with self.database.write() as session:
            slack_users.note(session, self.id, user)
            slack_users.tell(
                session, self.id, user,
                **{"name": user, "locale": "en-GB", "time_zone": "UTC"} | told, now=self.now,
            )  # fmt: skip

    def join(self, user: str, course_id: int, platform_id: int, role: str = "student") -> Seat:
        """Another person of the course, linked."""
        with self.database.write() as session:
            person = people.recognise(
                session, platform_id=platform_id, subject=user, name=user, is_test=False, now=self.now
            )
            people.enrol(session, course_id=course_id, person_id=person, role=role, now=self.now)
            identities.link(
                session, platform_id=platform_id, person_id=person, workspace_id=self.id, user_id=user, now=self.now
            )
        self.seats[user] = Seat(platform_id, course_id, person, role)
        return self.seats[user]

    # ---- deliveries ----
    def deliver(self, body: str, kind: str, **headers: str) -> BoltResponse:
        """One signed delivery; comes back when the listener has finished."""
        stamp = str(int(time.time()))
        signed = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body) or ""
        sent = {
            "content-type": [kind], "x-slack-signature": [signed], "x-slack-request-timestamp": [stamp],
            **{name: [value] for name, value in headers.items()},
        }  # fmt: skip
        answer = self.bot.dispatch(BoltRequest(body=body, headers=sent))
        self.wait()
        return answer

    def wait(self) -> None:
        """Until no listener is at work."""
        while self.executor.begun:
            self.executor.begun.pop().result(PATIENCE)

    def command(self, user: str, text: str, channel: str = CHANNEL, command: str = "/heirloom") -> BoltResponse:
        fields = {
            "command": command, "text": text, "user_id": user, "team_id": TEAM, "channel_id": channel,
            "channel_name": "class", "trigger_id": "trigger", "response_url": f"{self.api.url}/respond",
            "api_app_id": "A1",
        }  # fmt: skip
        return self.deliver(urlencode(fields), "application/x-www-form-urlencoded")

    def payload(self, user: str, payload: dict[str, Any]) -> BoltResponse:
        whole = {
            "user": {"id": user, "team_id": TEAM}, "team": {"id": TEAM}, "api_app_id": "A1", "trigger_id": "trigger",
            **payload,
        }  # fmt: skip
        return self.deliver(urlencode({"payload": json.dumps(whole)}), "application/x-www-form-urlencoded")

    def click(
        self, user: str, action_id: str, value: str = "", *, channel: str | None = CHANNEL, ts: str = "1.1",
        view: dict[str, Any] | None = None, **action: Any,
    ) -> BoltResponse:  # fmt: skip
        """A button (or, by `action`, another control) in a message of the channel, or in a view."""
        control = {"type": "button", "action_id": action_id, "block_id": "b", "value": value, **action}
        where: dict[str, Any] = {"type": "block_actions", "actions": [control]}
        if view is not None:
            where |= {"view": view, "container": {"type": "view"}}
        elif channel is not None:
            where |= {
                "channel": {"id": channel}, "message": {"ts": ts}, "response_url": f"{self.api.url}/respond",
                "container": {"type": "message", "message_ts": ts, "channel_id": channel},
            }  # fmt: skip
        return self.payload(user, where)

    def submit(
        self, user: str, callback_id: str, values: dict[str, dict[str, Any]], metadata: dict[str, Any] | None = None
    ) -> BoltResponse:
        """A modal that is sent; `values` as in view.state.values."""
        view = {
            "id": "V1", "type": "modal", "callback_id": callback_id, "hash": "h", "state": {"values": values},
            "private_metadata": json.dumps(metadata or {}), "blocks": [],
        }  # fmt: skip
        return self.payload(user, {"type": "view_submission", "view": view})

    def event(
        self, event: dict[str, Any], event_id: str | None = None, event_time: int = 4_000_000_000, **headers: str
    ) -> BoltResponse:
        """An event of the Events API."""
        self.events += 1
        whole = {
            "type": "event_callback", "team_id": TEAM, "api_app_id": "A1", "event": event,
            "event_id": event_id or f"Ev{self.events}", "event_time": event_time, "authorizations": [{"team_id": TEAM}],
        }  # fmt: skip
        return self.deliver(json.dumps(whole), "application/json", **headers)

    def shortcut(self, user: str, callback_id: str, message: dict[str, Any] | None = None) -> BoltResponse:
        """A global shortcut, or, with a message, a message shortcut."""
        if message is None:
            return self.payload(user, {"type": "shortcut", "callback_id": callback_id, "action_ts": "1"})
        where = {
            "type": "message_action", "callback_id": callback_id, "message": message, "channel": {"id": CHANNEL},
            "message_ts": message.get("ts", "1.1"), "response_url": f"{self.api.url}/respond",
        }  # fmt: skip
        return self.payload(user, where)

    def told(self) -> list[str]:
        """What people were told in private so far: by response_url or by a message to them alone."""
        return [str(said.get("text")) for said in self.api.of("respond")] + [
            str(said.get("text")) for said in self.api.of("chat.postMessage") if str(said["channel"]).startswith("U")
        ]

    def update(self, rounds: int = 20) -> None:
        """Let the updater send what is due."""
        for _ in range(rounds):
            if not self.updater.step():
                return
            time.sleep(0.05)


@contextmanager
def workspace(database: Database) -> Iterator[Workspace]:
    """A workspace on this database; its clock stands at the classroom's now."""
    api = WebApi()
    thread = threading.Thread(target=api.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    clock = [NOW]
    settings = Settings(
        url="http://127.0.0.1:1", secret_keys=(new_secret_key(),), development=True, slack_client_id="1.2",
        slack_client_secret="secret", slack_signing_secret=SECRET, slack_api_url=f"{api.url}/api",
    )  # fmt: skip
    wiring = Wiring(settings, database, Vault(settings.secret_keys), lambda: clock[0], lambda: np.random.default_rng(5))
    try:
        yield Workspace(database, api, wiring, clock)
    finally:
        api.shutdown()
        api.server_close()
        thread.join()
