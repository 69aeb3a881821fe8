"""A campus and a tool brought together: each learns of the other, a teacher places an activity, people open it. By
HTTP, as in life.

Used by the demonstration and by tests with real processes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import urllib3

from core.activities import platforms, sessions
from core.activities.seats import Seat
from core.secrets import Vault, digest, public_id
from core.store.database import Database
from lti_tool.keys import new_key
from sandbox.visitor import Answer, Stopped, Visitor

LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


@dataclass(frozen=True)
class Stage:
    """The two addresses, the campus's admin token, and connections to both."""

    campus_url: str
    admin_token: str
    tool_url: str
    pool: urllib3.PoolManager

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A question to the campus's admin interface. Raises Stopped."""
        answer = self.pool.request(
            method,
            f"{self.campus_url}/admin/api{path}",
            body=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.admin_token}", "Content-Type": "application/json"},
            timeout=20.0,
            retries=False,
        )
        if answer.status >= 400:
            raise Stopped(f"the campus refused {method} {path}: {answer.status}")
        return json.loads(answer.data)

    def register(self, database: Database, vault: Vault, *, now: datetime) -> Mapping[str, Any]:
        """Register the tool in the campus and the campus in the tool, as two administrators would by hand; gives the
        campus's tool.
        """
        tool: dict[str, Any] = self.ask(
            "POST",
            "/tools",
            {
                "name": "Heirloom",
                "description": "Solve, explain, and learn from classmates.",
                "login_url": f"{self.tool_url}/lti/login",
                "redirect_uris": [f"{self.tool_url}/lti/launch"],
                "jwks_url": f"{self.tool_url}/lti/jwks",
                "target_link_uri": f"{self.tool_url}/lti/launch",
            },
        )
        told = tool["platform"]
        new = platforms.NewRegistration(
            public_id=public_id(),
            name="Demonstration campus",
            issuer=told["issuer"],
            client_id=tool["client_id"],
            authorization_url=told["authorization_endpoint"],
            token_url=told["token_endpoint"],
            keyset_url=told["jwks_uri"],
        )
        with database.write() as session:
            found = platforms.register(session, new, new_key(vault), status="active", development=True, now=now)
            for deployment in tool["deployment_ids"]:
                platforms.add_platform(session, found.id, deployment, public_id=public_id(), status="active", now=now)
        return tool

    def people(self, course_id: int) -> tuple[list[int], list[int]]:
        """The course's teachers and its learners, by their ids in the campus."""
        members = self.ask("GET", f"/courses/{course_id}/members")
        teachers = [int(m["person_id"]) for m in members if any("Instructor" in role for role in m["roles"])]
        return teachers, [int(m["person_id"]) for m in members if m["roles"] == [LEARNER]]

    def place_activity(
        self,
        tool: Mapping[str, Any],
        *,
        course_id: int,
        teacher: int,
        title: str,
        files: Sequence[tuple[str, bytes]],
        settings: Mapping[str, str],
    ) -> int:
        """The teacher opens the picker, brings files, chooses every problem, and adds the activity. Gives the new
        link's id.
        """
        visitor = self._picker(tool, course_id, teacher)
        return self._take(course_id, visitor, make_activity(visitor, title=title, files=files, settings=settings))

    def place_shared(
        self,
        tool: Mapping[str, Any],
        *,
        course_id: int,
        teacher: int,
        kind: str,
        title: str,
        settings: Mapping[str, str],
    ) -> int:
        """The teacher opens the picker and adds questions, a gallery or polls. Gives the new link's id."""
        visitor = self._picker(tool, course_id, teacher)
        return self._take(
            course_id, visitor, visitor.post(f"/teach/pick/{kind}", [("title", title), *settings.items()])
        )

    def _picker(self, tool: Mapping[str, Any], course_id: int, teacher: int) -> Visitor:
        visitor = Visitor(self.pool)
        visitor.pick(self.campus_url, self.admin_token, teacher, course_id, int(tool["deployment_ids"][0]))
        return visitor

    def _take(self, course_id: int, visitor: Visitor, answer: Answer) -> int:
        """The campus takes what the picker hands over. Raises Stopped."""
        visitor.hand_over(answer.text)
        links = self.ask("GET", f"/courses/{course_id}/links")
        if not links:
            raise Stopped(f"the campus did not take the activity; the tool answered {answer.status}")
        return int(links[-1]["id"])

    def open_as(self, person: int, link: int) -> Visitor:
        """A person of the campus opens a link; gives their browser, signed in."""
        visitor = Visitor(self.pool)
        visitor.launch(self.campus_url, self.admin_token, person, link)
        return visitor


def make_activity(
    visitor: Visitor, *, title: str, files: Sequence[tuple[str, bytes]], settings: Mapping[str, str]
) -> Answer:
    """In the open picker: bring files and choose every problem; gives the page that hands the activity over."""
    page = ""
    for name, data in files:
        page = visitor.upload("/teach/pick/import", name, data).text
    numbers = re.findall(r'name="problem" value="(\d+)"', page)
    return visitor.post(
        "/teach/pick", [("title", title), *settings.items(), *(("problem", number) for number in numbers)]
    )


def seat_of(database: Database, visitor: Visitor, *, now: datetime) -> Seat:
    """Where a launched visitor sits in the tool. Raises Stopped when the session is over."""
    with database.read() as session:
        who = sessions.look_up(session, digest(visitor.token), now=now)
    if isinstance(who, str):
        raise Stopped(f"the visitor's session is {who}")
    return Seat(who.platform_id, who.course_id, who.person_id, who.role)
