"""Every address of the application, tried by those who must not pass: without a token, with a wrong one, as a student
at a teacher's door, by another method, and with words in the path that name nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.routing import AnyConverter, Rule
from werkzeug.test import TestResponse

from tests.bad_input.lesson import Lesson, is_told
from tests.lms import INSTRUCTOR
from tests.tool import TOOL, Tool

KEYS_KNOWN = True
DATABASES = ("sqlite",)  # what depends on the dialect says so
OPEN_TO_ALL = {"pages.open_page", "session.open_session"}  # the empty page, and where a code is traded for a token
FORM = {"number": "1", "choice": "0", "title": "Mine", "problem": "1", "points": "1", "kind": "hint", "text": "x" * 80}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")


def addresses(lesson: Lesson) -> Iterator[tuple[Rule, str]]:
    """Every route of the application, with a path that names something in the lesson."""
    values = {
        "platform": "p1",
        "activity": lesson.activity,
        "problem": lesson.choice,
        "exposure": 1,
        "contribution": 1,
        "person": 1,
        "image": 1,
        "kind": "explanation",
        "direction": "up",
        "form": "gift",
        "public_id": "reg1",
        "filename": "heirloom.css",
        "slug": "nowhere",
        "sha256": "0" * 64,
        "action": "approve",
        **dict.fromkeys(("question", "text", "poll", "option", "item", "tag", "comment"), 1),
        **dict.fromkeys(("workspace", "channel", "message"), 1),
    }
    adapter = lesson.tool.app.url_map.bind("tool.example")
    for rule in lesson.tool.app.url_map.iter_rules():
        if not rule.endpoint.startswith("probe."):
            yield (
                rule,
                adapter.build(rule.endpoint, {name: _one(rule, name) or values[name] for name in rule.arguments}),
            )


def _one(rule: Rule, name: str) -> str | None:
    """One of the words that a rule takes in a place where it takes only some."""
    converter = rule._converters[name]
    return min(converter.items) if isinstance(converter, AnyConverter) else None


def doors(lesson: Lesson) -> Iterator[tuple[Rule, str, str]]:
    """(rule, method, path below the platform) of every entrance to pages with data."""
    for rule, path in addresses(lesson):
        if rule.rule.startswith("/p/") and rule.endpoint not in OPEN_TO_ALL:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, path.removeprefix("/p/p1")


def try_all(lesson: Lesson, token: str | None, **headers: str) -> dict[str, TestResponse]:
    """What each door answers, with forms that would do something if they were let in."""
    return {
        f"{method} {rule.rule}": lesson.send(
            method, path, token, FORM if method == "POST" else None, headers={"HX-Request": "true", **headers}
        )
        for rule, method, path in doors(lesson)
    }


def test_there_are_doors(lesson: Lesson) -> None:
    found = {rule.endpoint.partition(".")[0] for rule, _method, _path in doors(lesson)}
    assert found == {
        *("session", "student", "teacher", "staying", "setup", "making", "moderation"),
        *("question", "questions", "questions_hall", "polls", "polls_teaching"),
        *("gallery", "gallery_desk", "gallery_items", "gallery_teaching", "slack"),
    }
    assert len(list(doors(lesson))) > 35


def test_no_page_without_a_token(lesson: Lesson) -> None:
    before = lesson.rows()
    for header in (None, "Bearer " + "y" * 43):
        for door, response in try_all(lesson, None, **({} if header is None else {"Authorization": header})).items():
            assert response.status_code == 401, door
            is_told(response, door)
    for header in (
        "",
        "Bearer",
        "Bearer ",
        "bearer x",
        "Basic eDp5",
        "Bearer \u00e9\u00ff",
        "Bearer a b",
        "Bearer " + "x" * 9_000,
    ):
        response = lesson.send("GET", "/practice/{a}", None, headers={"Authorization": header})
        assert response.status_code == 401, header
        is_told(response, header)
    assert lesson.rows() == before


def test_students_pass_no_teachers_door(lesson: Lesson) -> None:
    student = lesson.join()
    before = lesson.rows()
    for rule, method, path in doors(lesson):
        if rule.endpoint.startswith(("teacher.", "setup.", "making.")):
            response = lesson.send(method, path, student, FORM if method == "POST" else None)
            assert response.status_code == 403, rule.rule
            assert "Only teachers can do that." in response.text
    assert lesson.rows() == before


def test_an_observer_writes_nothing(lesson: Lesson) -> None:
    mentor = "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"
    token = lesson.tool.session(roles=[mentor], sub="mentor")["token"]
    before = lesson.rows()
    for door, response in try_all(lesson, token).items():
        if door.startswith("POST") or "/teach" in door:
            assert response.status_code == 403, door
    assert lesson.rows() == before


def test_no_token_is_good_for_another_activity_course_or_platform(lesson: Lesson) -> None:
    tool = lesson.tool
    link = {"resource_link": {"id": "link-2", "title": "Other"}, "sub": "teacher", "roles": INSTRUCTOR}
    started = tool.session(**link)
    assert lesson.post("/teach/new", started["token"], {"title": "Two", "problem": lesson.problems}).status_code == 200
    elsewhere = {"context": {"id": "c2"}, "resource_link": {"id": "link-3"}}
    tool.deploy(tool.register(client_id="client-2", deployment_id=None, number=2), "deployment-1", "p2")
    strangers = {
        "another activity's student": tool.session(resource_link={"id": "link-2"}, sub="learner-31"),
        "another activity's teacher": tool.session(**link),
        "another course's student": tool.session(**elsewhere, sub="learner-32"),
        "another course's teacher": tool.session(**elsewhere, roles=INSTRUCTOR, sub="teacher-2"),
        "another platform's teacher": tool.session(
            at_login={"client_id": "client-2"}, aud="client-2", roles=INSTRUCTOR, sub="teacher"
        ),
    }
    before = lesson.rows()
    for who, session in strangers.items():
        for rule, method, path in doors(lesson):
            if "<activity>" in rule.rule:
                response = lesson.send(method, path, session["token"], FORM if method == "POST" else None)
                assert response.status_code == 403, (who, rule.rule)
    assert lesson.rows() == before


def test_no_token_outlives_its_session(lesson: Lesson) -> None:
    student = lesson.join()
    before = lesson.rows()
    lesson.tool.clock.advance(minutes=61)
    for door, response in try_all(lesson, student).items():
        assert response.status_code == 401, door
        assert "What you typed is kept in this browser." in response.text
    fresh = lesson.join()
    assert lesson.send("DELETE", "/session", fresh).status_code == 204
    assert lesson.send("DELETE", "/session", fresh).status_code == 401
    assert lesson.get("/practice/{a}", fresh).status_code == 401
    assert lesson.rows().keys() == before.keys()
    assert lesson.attempts() == 0


def test_other_methods(lesson: Lesson) -> None:
    student = lesson.join()
    before = lesson.rows()
    allowed: dict[str, set[str]] = {"/nowhere": set()}
    for rule, path in addresses(lesson):
        if rule.endpoint != "static":
            allowed.setdefault(path, set()).update(rule.methods or ())
    for path, taken in allowed.items():
        for method in set(METHODS) - (taken - {"HEAD", "OPTIONS"}):
            headers = {"Authorization": f"Bearer {student}", "HX-Request": "true"}
            response = lesson.tool.browser().open(path, method=method, headers=headers, base_url=TOOL)
            assert response.status_code < 500, (method, path)
            if method not in taken:
                assert response.status_code == (405 if taken else 404), (method, path)
            if response.status_code == 405:
                assert set(response.headers["Allow"].split(", ")) == taken
    assert lesson.rows() == before


NUMBERS = ("0", "-1", "1.0", "%D9%A3", "4711", str(2**31), str(2**63 - 1), str(2**63), str(10**30), "9" * 5_000)


@pytest.mark.both_databases
def test_numbers_in_paths_that_are_no_rows(lesson: Lesson) -> None:
    student, teacher = lesson.join(), lesson.teacher
    assert lesson.get("/practice/{a}/next", student).status_code == 200  # from here on a problem is before them
    before = lesson.rows()
    for number in NUMBERS:
        answers = [
            lesson.get(f"/practice/{{a}}/problems/{number}", student),
            lesson.get(f"/images/{number}", student),
            lesson.get(f"/images/{number}", teacher),
            lesson.post(f"/practice/{{a}}/problems/{number}/answer", student, {"number": "1", "choice": "0"}),
            lesson.post(f"/practice/{{a}}/problems/{number}/help", student, {"occasion": "0"}),
            lesson.post(f"/practice/{{a}}/problems/{number}/another", student, {"occasion": "0"}),
            lesson.post(
                f"/practice/{{a}}/problems/{number}/explain", student, {"kind": "explanation", "text": "x" * 80}
            ),
            lesson.post(f"/practice/{{a}}/problems/{number}/draft/explanation", student, {"text": "x"}),
            lesson.post(f"/practice/{{a}}/problems/{number}/withdraw/{number}", student),
            lesson.post(f"/practice/{{a}}/problems/{lesson.choice}/withdraw/{number}", student),
            lesson.post(f"/practice/{{a}}/problems/{lesson.choice}/report/{number}", student, {"reason": "x"}),
            lesson.post(f"/practice/{{a}}/check/{number}", student, {"fine": "yes"}),
            lesson.get(f"/teach/{{a}}/problems/{number}", teacher),
            lesson.get(f"/teach/{{a}}/problems/{number}/edit", teacher),
            lesson.post(f"/teach/{{a}}/problems/{number}/edit", teacher, {"text": "x"}),
            lesson.post(f"/teach/{{a}}/problems/{number}/remove", teacher),
            lesson.post(f"/teach/{{a}}/problems/{number}/write", teacher, {"kind": "hint", "text": "x" * 80}),
            lesson.post(f"/teach/{{a}}/problems/{lesson.choice}/texts/{number}/retire", teacher),
            lesson.post(f"/teach/{{a}}/review/{number}/approve", teacher),
            lesson.post(f"/teach/{{a}}/class/{number}/star", teacher),
        ]
        for place, response in enumerate(answers):
            is_told(response, number, place)
        assert lesson.get(f"/practice/{{a}}/next?after={number}", student).status_code == 200
    assert lesson.rows() == before


WORDS = (
    "%00",
    "%ff%fe",
    "%",
    "%zz",
    "%2e%2e",
    "..%2f..",
    "a%0d%0aSet-Cookie:x",
    "\u202e",
    "x" * 5_000,
    "%F0%9F%98%80",
    "'",
    "{{7*7}}",
    ";",
)


@pytest.mark.both_databases
def test_words_in_paths_that_name_nothing(lesson: Lesson) -> None:
    student, teacher = lesson.join(), lesson.teacher
    before = lesson.rows()
    for word in WORDS:
        for path, token in (
            (f"/practice/{word}", student),
            (f"/practice/{word}/problems/1/answer", student),
            (f"/practice/{{a}}/problems/{lesson.choice}/draft/{word}", student),
            (f"/teach/{word}/class", teacher),
            (f"/teach/{{a}}/bank/export/{word}", teacher),
            (f"/teach/{{a}}/problems/new/{word}", teacher),
            (f"/teach/{{a}}/review/1/{word}", teacher),
            (f"/teach/{{a}}/problems/{lesson.choice}/texts/1/{word}", teacher),
            (f"/{word}", student),
        ):
            for method in ("GET", "POST"):
                response = lesson.send(method, path, token, {"text": "x"} if method == "POST" else None)
                is_told(response, path)
                assert "Set-Cookie" not in response.headers
    assert lesson.rows() == before


@pytest.mark.both_databases
def test_platforms_that_there_are_not(tool: Tool) -> None:
    for word in (*WORDS, "p2", "p11", "P1", "0"):
        for path in (f"/p/{word}/open", f"/p/{word}/practice/x", f"/p/{word}/session", f"/lti/jwks/{word}", f"/{word}"):
            for method in ("GET", "POST", "HEAD", "OPTIONS"):
                response = tool.browser().open(path, method=method, base_url=TOOL, headers={"Accept": "text/html"})
                assert response.status_code < 500, (method, path)
                assert "frame-ancestors" in response.headers["Content-Security-Policy"]
