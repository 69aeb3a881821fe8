"""A lesson behind the real application: a course with a teacher, students and one activity, reached by real launches
only. What tests send to it is hostile or careless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from core.activities import problems
from core.problems.kinds import Choice as OneOf
from core.problems.kinds import FreeText, Number, NumberAnswer, OneChoice, Problem, ShortText, TextAnswer, Unit
from core.problems.texts import Text
from core.store.tables import Activity, Attempt, Course, Exposure
from tests.core.activities.classroom import snapshot
from tests.lms import INSTRUCTOR
from tests.tool import TOOL, Tool

Form = Mapping[str, Any]
LONG = "Because the sum of two odd numbers is even, whatever the two numbers are: learner {number}."


def plain(source: str) -> Text:
    return Text(source, "plain")


def bank() -> list[Problem]:
    """One problem of each way to answer: choosing, a number, a word, one's own words."""
    return [
        OneChoice(
            name="Sum",
            text=plain("What is the sum of two odd numbers?"),
            choices=(OneOf(plain("even"), 1.0), OneOf(plain("odd"), 0.0), OneOf(plain("prime"), 0.0)),
            shuffle=False,
        ),
        Number(
            name="Speed",
            text=plain("How fast?"),
            answers=(NumberAnswer("42", 0.5),),
            units=(Unit("km"), Unit("mi", 1.6)),
            unit_policy="optional",
            unit_input="menu",
        ),
        ShortText(name="Capital", text=plain("Capital of France?"), answers=(TextAnswer("Paris"),)),
        FreeText(name="Essay", text=plain("Why?")),
    ]


class Lesson:
    """The lesson, and people who open it. `choice`, `number`, `word` and `prose` are ids of its problems."""

    def __init__(self, tool: Tool, held: Sequence[Problem] | None = None, **settings: str) -> None:
        self.tool = tool
        self.students = 0
        self.activity = ""
        link = {"roles": INSTRUCTOR, "sub": "teacher", "name": "Teacher"}
        started = tool.session(**link)
        with tool.database.write() as session:
            course = session.scalars(select(Course.id)).one()
            self.problems = [
                problems.add(session, course, problem, now=tool.clock())
                for problem in (bank() if held is None else held)
            ]
        made = self.post("/teach/new", started["token"], {"title": "Lists", "problem": self.problems, **settings})
        assert made.status_code == 200, made.text
        self.activity = tool.one(Activity).public_id
        self.teacher: str = tool.session(**link)["token"]
        if held is None:
            self.choice, self.number, self.word, self.prose = self.problems

    def join(self) -> str:
        """A new student opens the activity; gives the token of the session."""
        self.students += 1
        token: str = self.tool.session(sub=f"learner-{self.students:02}", name=f"Learner {self.students:02}")["token"]
        return token

    # -- requests as the page's script sends them --

    def send(
        self, method: str, path: str, token: str | None, form: Form | bytes | str | None = None, **more: Any
    ) -> TestResponse:
        """A request to an address below the platform; `{a}` in it is the activity."""
        headers = {"HX-Request": "true", **more.pop("headers", {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.tool.browser().open(
            "/p/p1" + path.replace("{a}", self.activity),
            method=method,
            headers=headers,
            data=form,
            base_url=TOOL,
            **more,
        )

    def get(self, path: str, token: str | None) -> TestResponse:
        return self.send("GET", path, token)

    def post(self, path: str, token: str | None, form: Form | None = None, **more: Any) -> TestResponse:
        return self.send("POST", path, token, form or {}, **more)

    # -- what a well-behaved student does --

    def answer(self, token: str, *, choice: int = 0, number: int = 1) -> TestResponse:
        """Answer the problem of choices; choice 0 is right."""
        path = f"/practice/{{a}}/problems/{self.choice}/answer"
        return self.post(path, token, {"number": number, "choice": choice})

    def explain(self, token: str) -> None:
        text = LONG.format(number=self.students)
        form = {"kind": "explanation", "text": text, "likely": "yes"}
        assert self.post(f"/practice/{{a}}/problems/{self.choice}/explain", token, form).status_code == 200

    def reader(self) -> tuple[str, int]:
        """A student who was shown somebody's explanation: (token, exposure)."""
        author = self.join()
        self.answer(author)
        self.explain(author)
        reader = self.join()
        self.answer(reader)
        return reader, int(self.tool.one(Exposure).id)

    # -- what the database holds --

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row that is not about sessions and launches (those of a new student change them)."""
        kept = snapshot(self.tool.database)
        return {name: rows for name, rows in kept.items() if name not in {"launch_session", "launch_state"}}

    def attempts(self) -> int:
        return self.tool.count(Attempt)


def is_told(response: TestResponse, *sent: object) -> None:
    """A refusal in words: no server error, no trace of code, and a sentence. `sent` is what the failure shows."""
    assert 400 <= response.status_code < 500, (response.status_code, response.text[:300], repr(sent)[:300])
    for trace in ("Traceback", 'File "', "sqlalchemy", "psycopg", "werkzeug", "Error:"):
        assert trace not in response.text
    assert "<strong>" in response.text or "message" in response.text


def is_harmless(response: TestResponse, *sent: object) -> None:
    """Done, or refused in words."""
    if response.status_code != 200:
        is_told(response, *sent)
