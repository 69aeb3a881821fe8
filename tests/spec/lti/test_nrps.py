"""Area nrps: rosters, read in the background."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from core.activities import courses, grades
from core.store.tables import Course, Grade, Membership, Person, ResourceLink
from heirloom.worker import Worker
from lti_tool import rosters as service
from tests.lms import AGS, CLAIM, INSTRUCTOR, NRPS, ROSTER, Lms, Reply, Seen
from tests.spec.lti.rows import rows, rows_with
from tests.tool import SETTINGS, START, Tool

DATABASES = ("sqlite",)  # and on both where a test is marked so: where the database settles something
KEYS_KNOWN = True
PAGES = "/memberships"
ANYONE = "/p/p1/probe/anyone"


class Course1:
    """A course whose platform has a membership service, and the worker that reads it."""

    def __init__(self, tool: Tool, *versions: str, **claims: Any) -> None:
        self.tool = tool
        self.claims = {NRPS: tool.lms.roster_service(*versions), AGS: tool.lms.grading()} | claims
        self.worker = Worker(SETTINGS, tool.database, tool.clock, tool.app.extensions["heirloom"].egress)
        self.token = tool.session(sub="teacher-1", roles=INSTRUCTOR, **self.claims)["token"]

    def join(self, subject: str) -> str:
        return str(self.tool.session(sub=subject, **self.claims)["token"])

    def read(self, steps: int = 2) -> None:
        for _ in range(steps):
            self.worker.step(threading.Event())

    def again(self) -> None:
        with self.tool.database.write() as session:
            courses.want_roster(session, self.row.id, now=self.tool.clock())
        self.read()

    @property
    def row(self) -> Any:
        return self.tool.one(Course)

    @property
    def requests(self) -> list[Seen]:
        return self.tool.lms.fetched(PAGES)

    def members(self) -> dict[str, tuple[str, str]]:
        """Subject -> role and status."""
        subjects = {person.id: person.subject for person in self.tool.all(Person)}
        return {subjects[m.person_id]: (m.role, m.status) for m in self.tool.all(Membership)}


def member(subject: str, *roles: str, **more: Any) -> dict[str, Any]:
    return {"user_id": subject, "roles": list(roles or ("Learner",)), **more}


@rows("NRP-01")
def test_request(tool: Tool, row: str) -> None:
    course = Course1(tool)
    assert course.requests == []  # not in the launch
    course.read()
    (request,) = course.requests
    assert request.method == "GET"
    assert request.headers["accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert request.headers["authorization"] == "Bearer token-1"
    (token,) = tool.lms.fetched("/token")
    assert token.form()["scope"] == ROSTER


@rows("NRP-02")
def test_no_service(tool: Tool, row: str) -> None:
    course = Course1(tool, **{NRPS: None})
    course.join("learner-07")
    course.again()
    assert course.requests == []
    assert course.row.memberships_url is None
    assert set(course.members()) == {"teacher-1", "learner-07"}


@rows("NRP-03")
@pytest.mark.parametrize("versions", [["1.0"], ["2.1"], []])
def test_other_versions_are_not_used(tool: Tool, row: str, versions: list[str]) -> None:
    offered = {"context_memberships_url": f"{tool.lms.url}/memberships", "service_versions": versions}
    course = Course1(tool, **{NRPS: offered})
    course.read()
    assert course.requests == []


@rows("NRP-04")
@pytest.mark.both_databases
def test_members_without_names(tool: Tool, row: str) -> None:
    course = Course1(tool)
    tool.lms.members = [member("a"), member("b", "Instructor"), {"user_id": "c", "roles": []}, {"user_id": "d"}]
    course.read()
    assert course.members() == {
        "teacher-1": ("teacher", "active"),
        "a": ("student", "active"),
        "b": ("teacher", "active"),
        "c": ("student", "active"),
        "d": ("student", "active"),
    }
    assert tool.one(Person, Person.subject == "a").name is None
    assert course.row.roster_fetched_at == START


def test_what_names_nobody_is_left_out(tool: Tool) -> None:
    course = Course1(tool)
    odd = [5, None, {}, {"user_id": 5, "roles": []}, {"user_id": "x" * 256}, {"user_id": "a\x00b"}, {"user_id": ""}]
    tool.lms.members = [*odd, member("a", name="A\x00 \u202eB " + "n" * 400), member("a", name="Learner 08")]
    course.read()
    assert set(course.members()) == {"teacher-1", "a"}
    assert tool.one(Person, Person.subject == "a").name == "Learner 08"


@rows_with("status", {"NRP-05": ["Inactive", "Deleted", "inactive"]})
@pytest.mark.both_databases
def test_who_left_has_no_access_and_no_new_grades(tool: Tool, row: str, status: str) -> None:
    course = Course1(tool)
    token = course.join("learner-07")
    person, link = tool.one(Person, Person.subject == "learner-07").id, tool.one(ResourceLink).id
    with tool.database.write() as session:
        grades.want(session, resource_link_id=link, person_id=person, score=5, maximum=10, now=tool.clock())
        session.query(Grade).update({"due_at": tool.clock() + timedelta(hours=1)})
    tool.lms.members = [member("learner-07", status=status), member("teacher-1", "Instructor")]
    course.read()
    assert course.members()["learner-07"] == ("student", status.lower())
    assert tool.get(ANYONE, token).status_code == 401
    kept = tool.one(Grade)
    assert (kept.status, kept.due_at, kept.score) == ("not_gradable", None, 5.0)
    with tool.database.write() as session:
        why = grades.want(session, resource_link_id=link, person_id=person, score=6, maximum=10, now=tool.clock())
    assert why == "left"
    tool.lms.members = [member("learner-07"), member("teacher-1", "Instructor")]
    course.again()
    assert course.members()["learner-07"] == ("student", "active")


@rows("NRP-05")
def test_missing_status_is_active(tool: Tool, row: str) -> None:
    course = Course1(tool)
    tool.lms.members = [member("a"), member("b", status=None), member("c", status="Unheard-of")]
    course.read()
    assert {course.members()[name][1] for name in "abc"} == {"active"}


@pytest.mark.both_databases
def test_whole_roster_takes_access_from_those_it_does_not_list(tool: Tool) -> None:
    course = Course1(tool)
    token = course.join("learner-07")
    tool.lms.members = [member("a"), member("b")]
    course.read()
    assert course.members()["learner-07"] == ("student", "active")  # launched a moment ago: that is newer
    tool.lms.members = [member("a")]
    tool.clock.advance(hours=13)
    course.again()
    assert course.members()["b"] == course.members()["learner-07"] == ("student", "inactive")
    assert tool.get(ANYONE, token).status_code == 401
    assert tool.count(Person) == 4  # people and their work stay
    course.join("learner-07")  # a signed launch opens the door again
    assert course.members()["learner-07"] == ("student", "active")


@pytest.mark.both_databases
def test_roster_gives_rights_only_to_who_has_not_launched(tool: Tool) -> None:
    """Moodle lists a non-editing teacher as a learner whom its launches call an instructor."""
    course = Course1(tool)
    tool.lms.members = [member("teacher-1", "Learner"), member("b", "Instructor")]
    course.read()
    assert course.members() == {"teacher-1": ("teacher", "active"), "b": ("teacher", "active")}
    tool.lms.members = [member("teacher-1", "Learner"), member("b", "Learner")]
    course.again()
    assert course.members() == {"teacher-1": ("teacher", "active"), "b": ("student", "active")}


def test_roster_does_not_lift_a_suspension(tool: Tool) -> None:
    course = Course1(tool)
    course.join("learner-07")
    with tool.database.write() as session:
        session.query(Person).filter(Person.subject == "learner-07").update({"suspended_at": tool.clock()})
    tool.lms.members = [member("learner-07")]
    course.read()
    assert tool.one(Person, Person.subject == "learner-07").suspended_at is not None


LINKS = {
    "plain": '<{next}>; rel="next"',
    "unquoted": "<{next}>; rel=next",
    "upper case": '<{next}>; REL="NEXT"',
    "among others": '<{other}>; rel="first", <{next}>; rel="next", <{other}>; rel="last"',
    "parameters before": '<{next}>; title="a, b; c"; type="x"; rel="next"',
    "several relations": '<{next}>; rel="prefetch next"',
    "no spaces": '<{next}>;rel="next",<{other}>;rel="last"',
    "relative": '</memberships?page=2>; rel="next"',
    "escaped quote": '<{other}>; title="say \\"rel=next\\""; rel="up", <{next}>; rel="next"',
}


@rows_with("shape", {"NRP-07": LINKS})
def test_next_links(tool: Tool, row: str, shape: str) -> None:
    course = Course1(tool)
    following, other = f"{tool.lms.url}/memberships?page=2", f"{tool.lms.url}/elsewhere"

    def pages(seen: Seen) -> Reply:
        if seen.query.get("page") == ["2"]:
            return Reply(body={"members": [member("b")]})
        return Reply(
            body={"members": [member("a")]}, headers={"Link": LINKS[shape].format(next=following, other=other)}
        )

    tool.lms.replies[PAGES] = pages
    course.read()
    assert set(course.members()) == {"teacher-1", "a", "b"}
    assert len(course.requests) == 2


@rows("NRP-07")
def test_no_next_link(tool: Tool, row: str) -> None:
    course = Course1(tool)
    for header in (
        '<x>; rel="last"',
        "rel=next",
        '<x>; rel="nextpage"',
        '<x>; title="next"',
        "",
        "<x",
        '<x>; rel="up"; rel="next"',
    ):
        tool.lms.replies[PAGES] = Reply(body={"members": [member("a")]}, headers={"Link": header})
        course.again()
        assert course.row.roster_problem is None
    assert len(course.requests) == 7


@rows_with("kind", {"NRP-09": ["itself", "a circle", "for ever", "another server"]})
def test_rosters_that_do_not_end(tool: Tool, row: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_PAGES", 20)
    course = Course1(tool)
    tool.lms.members = [member("a"), member("teacher-1", "Instructor")]
    course.read()
    elsewhere = Lms()

    def pages(seen: Seen) -> Reply:
        page = int(seen.query.get("page", ["0"])[0])
        following = {"itself": page, "a circle": (page + 1) % 3, "for ever": page + 1, "another server": 1}[kind]
        host = elsewhere.url if kind == "another server" else tool.lms.url
        link = f'<{host}/memberships?page={following}>; rel="next"'
        return Reply(body={"members": [member(f"n{page}")]}, headers={"Link": link})

    tool.lms.replies[PAGES] = pages
    tool.clock.advance(hours=13)
    course.again()
    elsewhere.close()
    assert elsewhere.seen == []  # our token goes nowhere else
    assert len(course.requests) <= 22
    assert "Nobody was removed." in course.row.roster_problem
    assert set(course.members()) == {"teacher-1", "a"}
    assert course.members()["a"] == ("student", "active")
    assert course.row.roster_due_at == tool.clock() + timedelta(days=1)


@rows("NRP-10")
@pytest.mark.parametrize(
    "body", [{}, {"members": None}, {"members": {"user_id": "x"}}, [], "text", b"<html>", b"", {"members": "x"}]
)
def test_page_without_members(tool: Tool, row: str, body: Any) -> None:
    course = Course1(tool)
    tool.lms.members = [member("a")]
    course.read()
    tool.lms.replies[PAGES] = Reply(body=body)
    tool.clock.advance(hours=13)
    course.again()
    assert "could not be understood" in course.row.roster_problem
    assert course.members()["a"] == ("student", "active")


@rows("NRP-11")
@pytest.mark.both_databases
def test_differences(tool: Tool, row: str) -> None:
    course = Course1(tool)
    opaque = f"{tool.lms.url}/changes/Q%2F7?since=abc&x=1"

    def whole(seen: Seen) -> Reply:
        link = f'<{opaque}>; rel="differences"'
        return Reply(body={"members": [member("a"), member("b")]}, headers={"Link": link})

    newer = f"{tool.lms.url}/changes/Q%2F8"
    tool.lms.replies[PAGES] = whole
    tool.lms.replies["/changes/Q%2F7"] = Reply(
        body={"members": [member("b", status="Deleted"), member("c")]},
        headers={"Link": f'<{newer}>; rel="differences"'},
    )
    course.read()
    assert course.row.roster_differences_url == opaque
    tool.clock.advance(days=1)
    course.read()
    assert len(course.requests) == 1
    (asked,) = tool.lms.fetched("/changes/Q%2F7")
    assert asked.query == {"since": ["abc"], "x": ["1"]}
    assert course.members()["b"] == ("student", "deleted")
    assert course.members()["a"] == course.members()["c"] == ("student", "active")
    assert course.row.roster_differences_url == newer
    tool.clock.advance(days=1)
    course.read()  # /changes/Q%2F8 answers 404: the whole roster is read instead
    assert len(course.requests) == 2
    assert course.row.roster_problem is None
    assert course.members()["b"] == ("student", "active")


@rows("NRP-12")
def test_more_or_fewer_members_than_asked_for(tool: Tool, row: str) -> None:
    course = Course1(tool)
    course.read()
    assert course.requests[0].query == {}  # no hints are sent: every page size is the platform's own
    tool.lms.members = [member(f"m{n}") for n in range(120)]
    course.again()
    assert len(course.members()) == 121
    tool.lms.members = []
    course.again()
    assert course.row.roster_problem is None


@rows("NRP-14")
@pytest.mark.parametrize(
    ("custom", "expected"),
    [
        ({"section_names": '["Group A", "Group B"]'}, ["Group A", "Group B"]),
        ({"section_names": "Group A,Group B"}, ["Group A", "Group B"]),
        ({"section_names": "$com.instructure.User.sectionNames"}, []),
        ({"section_names": ""}, []),
        ({"section_names": 5}, []),
        ({"section_names": "[[[["}, ["[[[["]),
        ({}, []),
        (None, []),
    ],
)
@pytest.mark.both_databases
def test_sections(tool: Tool, row: str, custom: Any, expected: list[str]) -> None:
    course = Course1(tool)
    message = [{f"{CLAIM}message_type": "LtiResourceLinkRequest", f"{CLAIM}custom": custom}]
    tool.lms.members = [member("a", message=message), member("b"), member("c", message="x")]
    course.read()
    people = {person.subject: person.id for person in tool.all(Person)}
    assert tool.one(Membership, Membership.person_id == people["a"]).sections == expected
    assert tool.one(Membership, Membership.person_id == people["b"]).sections == []


@rows("NRP-15")
@pytest.mark.both_databases
def test_five_thousand_members(tool: Tool, row: str) -> None:
    course = Course1(tool)

    def pages(seen: Seen) -> Reply:
        page = int(seen.query.get("page", ["0"])[0])
        link = f'<{tool.lms.url}/memberships?page={page + 1}>; rel="next"' if page < 9 else ""
        found = [member(f"m{page * 500 + n}", name=f"Learner {n}") for n in range(500)]
        return Reply(body={"members": found}, headers={"Link": link} if link else {})

    tool.lms.replies[PAGES] = pages
    assert course.requests == []  # the launch is over and nobody waited
    course.read(1)
    assert len(course.requests) == 10
    assert tool.count(Membership) == 5001
    assert tool.count(Person) == 5001


@pytest.mark.parametrize(
    ("status", "wait", "words"),
    [
        (503, timedelta(seconds=5), "could not be reached"),
        (429, timedelta(seconds=40), "could not be reached"),
        (403, timedelta(days=1), "does not let this tool read"),
        (401, timedelta(days=1), "does not let this tool read"),
        (404, timedelta(days=1), "could not be understood"),
    ],
)
def test_roster_that_cannot_be_read(tool: Tool, status: int, wait: timedelta, words: str) -> None:
    course = Course1(tool)
    headers = {"Retry-After": "40"} if status == 429 else {}
    tool.lms.replies[PAGES] = Reply(status=status, body={"error": "Learner 07"}, headers=headers)
    course.read()
    assert words in course.row.roster_problem
    assert "Learner 07" not in course.row.roster_problem
    assert course.row.roster_due_at == tool.clock() + wait


def test_roster_is_read_daily_and_when_asked(tool: Tool) -> None:
    course = Course1(tool)
    course.read()
    course.read()
    assert len(course.requests) == 1
    course.join("learner-07")  # another launch does not ask again
    course.read()
    assert len(course.requests) == 1
    course.again()
    assert len(course.requests) == 2
    tool.clock.advance(days=1)
    course.read()
    assert len(course.requests) == 3


def test_test_users_stay_out(tool: Tool) -> None:
    course = Course1(tool)
    tool.lms.members = [
        member("t", "Learner", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"),
        member("a"),
    ]
    course.read()
    assert tool.one(Person, Person.subject == "t").is_test is True
    assert tool.one(Person, Person.subject == "a").is_test is False
