"""A small Slack and a tool brought together: the app is installed, a channel is tied to a course, people link
themselves. By HTTP, as in life.

Used by the demonstration and by tests with real processes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import urllib3

from core.activities import slack_codes
from core.activities.seats import Seat
from core.store.database import Database
from sandbox.visitor import Stopped

COMMAND = "/heirloom"
_SLACK_BUTTON = re.compile(r'href="([^"]*/oauth/v2/authorize[^"]*)"')


@dataclass
class Channel:
    """The workspace's address and control token, the tool's address, and who is who in the channel of the class."""

    slack_url: str
    control_token: str
    tool_url: str
    pool: urllib3.PoolManager
    id: str = ""
    teacher: str = ""
    students: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A question to the workspace's control interface. Raises Stopped."""
        answer = self.pool.request(
            method,
            f"{self.slack_url}/control{path}",
            body=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.control_token}", "Content-Type": "application/json"},
            timeout=30.0,
            retries=False,
        )
        if answer.status >= 400:
            raise Stopped(f"the workspace refused {method} {path}: {answer.status} {answer.data[:200]!r}")
        return json.loads(answer.data) if answer.data else None

    def act(self, who: str, what: str, **members: Any) -> Mapping[str, Any]:
        """Do something as a member. Raises Stopped if the app did not answer as it must."""
        outcome: Mapping[str, Any] = self.ask("POST", "/act", {"as": who, "do": what, **members})
        if not outcome["ok"]:
            raise Stopped(f"{what} came to nothing: {outcome}")
        return outcome

    def command(self, who: str, text: str) -> Mapping[str, Any]:
        """A slash command, typed in the class's channel."""
        return self.act(who, "command", channel=self.id, command=COMMAND, text=text)

    def find(self, name: str = "course") -> None:
        """Learn who is in the channel of this name."""
        state = self.ask("GET", "/state")
        (channel,) = (one for one in state["channels"] if one["name"] == name)
        people = [one for one in state["people"] if one["id"] in channel["members"] and not one.get("is_bot")]
        self.id = channel["id"]
        self.teacher = next(one["id"] for one in people if one["name"] == "teacher")
        self.students = [one["id"] for one in people if one["name"].startswith("learner")]

    def install(self) -> None:
        """The teacher installs the app from the tool's page and brings it into the channel. Raises Stopped."""
        page = self.pool.request("GET", f"{self.tool_url}/slack/install", retries=False, redirect=False)
        cookie = (page.headers.get("Set-Cookie") or "").split(";")[0]
        found = _SLACK_BUTTON.search(page.data.decode())
        if found is None:
            raise Stopped(f"the tool's page to install the app answered {page.status}")
        scopes = re.findall(r"files:(?:read|write)", found.group(1))
        consent = self.pool.request(
            "POST",
            found.group(1).replace("&amp;", "&"),
            body=urlencode([("user", self.teacher), ("decision", "allow"), *(("scope", one) for one in scopes)]),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            retries=False,
            redirect=False,
        )
        back = self.pool.request(
            "GET", consent.headers.get("Location") or "", headers={"Cookie": cookie}, retries=False, redirect=False
        )
        if back.status != 200:
            raise Stopped(f"the tool answered {back.status} to the installation")
        state = self.ask("GET", "/state")
        bot = next(one["id"] for one in state["people"] if one.get("is_bot"))
        self.act(self.teacher, "invite", channel=self.id, user=bot)

    def bind(self, database: Database, teacher: Seat, *, now: datetime) -> None:
        """The course's teacher gets a code in the LMS and types it in the channel."""
        with database.write() as session:
            code = slack_codes.show_in_lms(session, teacher, "channel", now=now)
        self.command(self.teacher, f"connect {code}")

    def link(self, database: Database, seats: Mapping[str, Seat], *, now: datetime) -> None:
        """Everybody gets a code in the LMS and types it in Slack; `seats` by Slack user."""
        for who, seat in seats.items():
            with database.write() as session:
                code = slack_codes.show_in_lms(session, seat, "person", now=now)
            self.command(who, f"link {code}")

    def messages(self, who: str | None = None) -> Sequence[Mapping[str, Any]]:
        """What is in the channel; as a member sees it if one is named."""
        seen = f"?as={who}" if who else ""
        found: Sequence[Mapping[str, Any]] = self.ask("GET", f"/channels/{self.id}/history{seen}")["messages"]
        return found
