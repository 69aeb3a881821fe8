"""Open edX's own LTI code launches the running tool, takes its content items and scores, and shows it the roster."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import numpy as np
import pytest
import urllib3
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select, update

from core.store.database import Database
from core.store.tables import Grade, LaunchSession, Membership, Person
from heirloom import clock
from sandbox.stage import make_activity
from sandbox.visitor import Answer, Form, Visitor
from tests.peers.environment import NotInstalled, python_of
from tests.peers.openedx_platform import MAXIMUM, MEMBERS, TEACHER, subject
from tests.system.processes import COURSE, Tool, answers, free_port, wait_until
from tests.system.students import Student

HERE = Path(__file__).parent


@dataclass
class OpenEdx:
    """The platform, the tool's processes that it knows, and what it said when a teacher had picked an activity."""

    address: str
    tool: Tool
    database: Database
    pool: urllib3.PoolManager
    picked: Answer | None = None

    def get(self, path: str) -> Any:
        return self.pool.request("GET", f"{self.address}/{path}").json()

    def message(self, member: int, *, pick: bool = False) -> tuple[Visitor, Form]:
        """A member's browser with the signed message that it is about to hand to the tool."""
        visitor = Visitor(self.pool)
        return visitor, visitor.visit(f"{self.address}/visit?member={member}{'&pick' if pick else ''}")

    def launch(self, member: int, *, pick: bool = False) -> Visitor:
        visitor, message = self.message(member, pick=pick)
        visitor.enter(message)
        return visitor

    def grade(self, member: int) -> Grade | None:
        with self.database.read() as session:
            query = select(Grade).join(Person, Person.id == Grade.person_id).where(Person.subject == subject(member))
            return session.scalars(query).one_or_none()

    def wait_for_grade(self, member: int) -> Grade:
        """The member's newest score, once the worker has settled it."""

        def settled() -> bool:
            grade = self.grade(member)
            return grade is not None and grade.due_at is None

        wait_until(settled, f"the score of member {member}")
        grade = self.grade(member)
        assert grade is not None
        return grade

    def score(self, member: int) -> Any:
        """What the platform stored for a member."""
        (score,) = (score for score in self.get("stored")["scores"] if score["user_id"] == subject(member))
        return score


@pytest.fixture(scope="module")
def openedx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenEdx]:
    """Both sides running and registered with each other, and an activity in the course."""
    try:
        python = python_of(HERE / "openedx.txt")
    except NotInstalled as error:
        pytest.skip(f"Open edX's LTI code cannot be installed here: {error}")
    directory = tmp_path_factory.mktemp("openedx")
    url = f"sqlite:///{directory / 'heirloom.db'}"
    tool_port, port = free_port(), free_port()
    tool = Tool(url, directory, f"http://127.0.0.1:{tool_port}")
    address = f"http://127.0.0.1:{port}"
    script = [str(python), str(HERE / "openedx_platform.py")]
    with (directory / "platform.log").open("wb") as log:
        platform = subprocess.Popen(
            [*script, "--port", str(port), "--tool", tool.url, "--directory", str(directory)], stdout=log, stderr=log
        )
    try:
        upgraded = tool.run("db", "upgrade")
        assert upgraded.returncode == 0, upgraded.stderr
        tool.start("web", "serve", tool_port)
        tool.start("worker", "worker")
        answers(f"{address}/about")
        answers(f"{tool.url}/lti/jwks")
        here = OpenEdx(address, tool, Database(url), urllib3.PoolManager(maxsize=8))
        told = [f"--{name.replace('_', '-')}={value}" for name, value in here.get("about").items()]
        added = tool.run("platform", "add", "--name", "Open edX", *told)
        assert added.returncode == 0, added.stderr
        teacher = here.launch(TEACHER, pick=True)
        bank = [("reading.csv", (COURSE / "reading.csv").read_bytes())]
        page = make_activity(teacher, title="Fractions", files=bank, settings={})
        here.picked = teacher.hand_over(page.text)
        yield here
        here.database.dispose()
    except BaseException as error:
        error.add_note(tool.last_words())
        raise
    finally:
        tool.stop()
        platform.kill()
        platform.wait()


def test_what_a_teacher_picked_is_accepted(openedx: OpenEdx) -> None:
    assert openedx.picked is not None
    assert openedx.picked.status == 200, openedx.picked.text
    (item,) = openedx.get("stored")["items"]
    assert item["title"] == "Fractions"
    assert item["url"] == f"{openedx.tool.url}/lti/launch"
    assert item["custom"]["activity"] == item["lineItem"]["resourceId"]


@pytest.mark.parametrize(("member", "role"), [(TEACHER, "teacher"), (2, "student")])
def test_everybody_launches_in_their_role(openedx: OpenEdx, member: int, role: str) -> None:
    visitor = openedx.launch(member)
    assert visitor.get(visitor.start).status == 200
    with openedx.database.read() as session:
        query = (
            select(Person.name, Membership.role)
            .join(Membership, Membership.person_id == Person.id)
            .where(Person.subject == subject(member))
        )
        assert [tuple(row) for row in session.execute(query)] == [(MEMBERS[member], role)]


def test_an_answer_becomes_a_score_in_the_course(openedx: OpenEdx) -> None:
    student = Student(3, partial(openedx.launch, 3), np.random.default_rng(3))
    student.work(2)
    assert (len(student.done.attempts), student.refused) == (2, [])
    grade = openedx.wait_for_grade(3)
    assert (grade.status, grade.sent_version) == ("sent", grade.version)
    stored = openedx.score(3)
    assert (stored["score_given"], stored["score_maximum"]) == (grade.score, grade.maximum)
    assert (stored["activity_progress"], stored["grading_progress"]) == ("Completed", "FullyGraded")
    told = [grade for grade in openedx.get("stored")["published"] if grade["user"] == subject(3)]
    assert told[-1] == {
        "user": subject(3),
        "fraction": pytest.approx(grade.score / grade.maximum),
        "maximum": MAXIMUM,
        "comment": None,
    }


def test_a_score_whose_answer_was_lost_counts_as_sent(openedx: OpenEdx) -> None:
    """The platform refuses a score that it has, and the tool takes that for what it is."""
    Student(4, partial(openedx.launch, 4), np.random.default_rng(4)).work(1)
    first = openedx.wait_for_grade(4)
    stored = openedx.score(4)
    with openedx.database.write() as session:  # as a worker leaves it that is killed before it hears the answer
        session.execute(
            update(Grade)
            .where(Grade.id == first.id)
            .values(status="waiting", sent_version=0, sent_fraction=None, due_at=clock.now())
        )
    again = openedx.wait_for_grade(4)
    assert (again.status, again.sent_version, again.problem) == ("sent", first.version, None)
    assert openedx.score(4) == stored


def test_the_roster_is_read(openedx: OpenEdx) -> None:
    def known() -> dict[str, tuple[str | None, str]]:
        with openedx.database.read() as session:
            query = select(Person.subject, Person.name, Membership.role).join(
                Membership, Membership.person_id == Person.id
            )
            return {row.subject: (row.name, row.role) for row in session.execute(query)}

    wait_until(lambda: len(known()) == len(MEMBERS), "the roster", progress=known)
    assert known() == {
        subject(member): (name, "teacher" if member == TEACHER else "student") for member, name in MEMBERS.items()
    }


def _sessions(openedx: OpenEdx) -> int:
    with openedx.database.read() as session:
        return len(session.scalars(select(LaunchSession.id)).all())


def test_a_message_is_taken_once(openedx: OpenEdx) -> None:
    visitor, message = openedx.message(5)
    kept = dict(visitor.cookies)
    visitor.enter(message)
    before = _sessions(openedx)
    visitor.cookies |= kept
    replayed = visitor.submit(message)
    assert replayed.status == 401
    assert _sessions(openedx) == before


def _signed_by_another(token: str) -> str:
    """The same words under a key that is not the platform's, although it says so."""
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, other, "RS256", headers={"kid": jwt.get_unverified_header(token)["kid"]})


def _with_another_role(token: str) -> str:
    """The platform's signature under words that it did not sign."""
    header, claims, signature = token.split(".")
    words = json.loads(base64.urlsafe_b64decode(claims + "=="))
    words["https://purl.imsglobal.org/spec/lti/claim/roles"] = [
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
    ]
    changed = base64.urlsafe_b64encode(json.dumps(words).encode()).rstrip(b"=").decode()
    return f"{header}.{changed}.{signature}"


@pytest.mark.parametrize("forge", [_signed_by_another, _with_another_role])
def test_a_forged_message_is_refused(openedx: OpenEdx, forge: Any) -> None:
    visitor, message = openedx.message(5)
    before = _sessions(openedx)
    forged = Form(message.address, {**message.fields, "id_token": forge(message.fields["id_token"])}, message.page)
    refused = visitor.submit(forged)
    assert refused.status == 401
    assert _sessions(openedx) == before
    visitor.enter(message)  # nothing was used up: the true one is still good


def test_a_browser_that_keeps_no_cookies(openedx: OpenEdx) -> None:
    """The person says who they are; then everything works without a cookie."""
    visitor, message = openedx.message(5)
    visitor.cookies.clear()
    page = visitor.submit(message)
    assert page.status == 200
    assert MEMBERS[5] in page.text
    (launch,) = re.findall(r'data-ref="([^"]+)"', page.text)
    bound = openedx.pool.request(
        "POST",
        f"{openedx.tool.url}/lti/bind",
        json={"launch": launch, "confirmed": True},
        headers={"Origin": openedx.tool.url, "Sec-Fetch-Site": "same-origin"},
    )
    assert bound.status == 200
    visitor.open(f"{openedx.tool.url}{bound.json()['location']}")
    assert visitor.get(visitor.start).status == 200
    assert visitor.cookies == {}
