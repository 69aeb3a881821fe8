"""An activity of each shared kind behind the real application, for people who mean no good."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from core.store.tables import Activity, Contribution
from tests.lms import INSTRUCTOR, LEARNER
from tests.tool import Tool

HOME = {"questions": "questions", "gallery": "gallery", "poll": "polls"}


class Spoiled:
    """A link, the activity that its teacher made of it, and people who open it."""

    def __init__(self, tool: Tool, kind: str, **settings: str) -> None:
        self.tool, self.kind = tool, kind
        started = tool.session(roles=INSTRUCTOR, sub="teacher", name="NAMETEACHER")
        path = f"/p/p1/teach/new/{kind}"
        made = self.post(path, started["token"], title="Spoiled", **settings)
        assert made.status_code == 200, made.text
        self.public_id: str = tool.one(Activity).public_id
        self.teacher: str = tool.session(roles=INSTRUCTOR, sub="teacher", name="NAMETEACHER")["token"]
        self.joined = 0

    @property
    def home(self) -> str:
        return f"/p/p1/{HOME[self.kind]}/{self.public_id}"

    @property
    def teach(self) -> str:
        return f"/p/p1/teach/{self.public_id}"

    def join(self, name: str = "") -> str:
        """A new student; gives the token of their session."""
        self.joined += 1
        name = name or f"Learner {self.joined:02}"
        token: str = self.tool.session(roles=LEARNER, sub=f"learner-{self.joined:02}", name=name)["token"]
        return token

    def post(self, path: str, token: str, **form: Any) -> TestResponse:
        return self.tool.send("POST", path, token, form, HX_Request="true")

    def get(self, path: str, token: str) -> TestResponse:
        return self.tool.get(path, token, HX_Request="true")

    def ask(self, token: str, title: str, text: str = "", **form: str) -> int:
        asked = self.post(f"{self.home}/ask", token, title=title, text=text, **form)
        assert asked.status_code == 200, asked.text
        return self.newest()

    def newest(self) -> int:
        return max(row.id for row in self.tool.all(Contribution))

    def report(self, token: str, text: int, reason: str = "") -> TestResponse:
        return self.post(f"/p/p1/texts/{self.public_id}/{text}/report", token, reason=reason)

    def decide(self, text: int, action: str, reason: str = "") -> TestResponse:
        return self.post(f"{self.teach}/review/{text}/{action}", self.teacher, reason=reason)

    def crawl(self, token: str, *start: str, guesses: tuple[str, ...] = ()) -> dict[str, TestResponse]:
        """Every answer to a GET that this person's browser can be made to send: links, polled pieces, and guesses."""
        waiting, seen = [self.home, *start, *guesses], {}
        while waiting:
            path = waiting.pop()
            if path in seen or len(seen) > 400:
                continue
            seen[path] = self.get(path, token)
            if seen[path].mimetype == "text/html":
                waiting += addresses(seen[path].text)
        return seen


def addresses(html: str) -> Iterator[str]:
    """Where a page leads without a form being sent."""
    page = BeautifulSoup(html, "html.parser")
    for attribute in ("href", "hx-get", "data-live", "data-download", "data-image"):
        for element in page.find_all(attrs={attribute: True}):
            target = str(element[attribute]).partition("#")[0]
            if attribute == "data-image":
                yield f"/p/p1/images/{target}"
            elif target.startswith("/p/p1/"):
                yield target
