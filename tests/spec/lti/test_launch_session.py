"""Area launch_session: what a launch opens, for whom, for how long, and in whose frame."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

import lti_tool
from core.activities import platforms, sessions
from core.activities.sessions import SignedIn
from core.secrets import digest
from core.store.tables import Activity, Course, LaunchSession, Membership, Registration
from lti_tool.sessions import start_path
from tests.lms import CLAIM, DL_SETTINGS, INSTRUCTOR, LEARNER
from tests.spec.lti.rows import rows
from tests.tool import TOOL, Tool, said, security_log

DATABASES = ("sqlite",)  # and on both where a test is marked so: where the database settles something
KEYS_KNOWN = True
ANYONE = "/p/p1/probe/anyone"


def activity(tool: Tool, public_id: str, context_id: str = "c1") -> None:
    """An activity in a course that a launch has made."""
    course = tool.one(Course, Course.context_id == context_id)
    with tool.database.write() as session:
        session.add(
            Activity(
                public_id=public_id,
                course_id=course.id,
                kind="practice",
                title="",
                settings={},
                created_at=tool.clock(),
            )
        )


@rows("SES-01")
@pytest.mark.both_databases
def test_every_request_by_its_header_alone(tool: Tool, row: str) -> None:
    launched = tool.launch()
    assert launched.status_code == 303
    path, _, code = launched.headers["Location"].partition("#")
    assert path == "/p/p1/open"
    without_cookies = tool.app.test_client(use_cookies=False)
    assert without_cookies.get(path, base_url=TOOL).status_code == 200
    answer = without_cookies.post("/p/p1/session", json={"code": code}, base_url=TOOL)
    assert "Set-Cookie" not in answer.headers
    token = answer.get_json()["token"]
    page = without_cookies.get(ANYONE, headers={"Authorization": f"Bearer {token}"}, base_url=TOOL)
    assert page.get_json()["name"] == "Learner 07"
    assert without_cookies.post("/p/p1/session", json={"code": code}, base_url=TOOL).status_code == 401  # once


@rows("SES-01")
def test_code_as_a_form_field(tool: Tool, row: str) -> None:
    code = tool.launch().headers["Location"].partition("#")[2]
    assert tool.browser().post("/p/p1/session", data={"code": code}, base_url=TOOL).status_code == 200


@pytest.mark.parametrize(("wait", "status"), [(59, 200), (60, 401)])
def test_code_is_good_for_a_minute(tool: Tool, wait: int, status: int) -> None:
    code = tool.launch().headers["Location"].partition("#")[2]
    tool.clock.advance(seconds=wait)
    assert tool.browser().post("/p/p1/session", json={"code": code}, base_url=TOOL).status_code == status


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": 5}, {"code": "x"}, [], "text", None])
def test_what_is_no_code(tool: Tool, body: Any) -> None:
    answer = tool.browser().post("/p/p1/session", json=body, base_url=TOOL)
    assert answer.status_code == 401
    assert answer.get_json()["error"] == "session_over"


@rows("SES-02")
def test_token_is_in_no_address_page_or_log(tool: Tool, row: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with security_log() as log:
        launched = tool.launch()
        code = launched.headers["Location"].partition("#")[2]
        token = tool.open(launched)["token"]
        pages = [tool.get(ANYONE, token), tool.get("/p/p1/probe/teachers", token), tool.get(ANYONE, token + "x")]
        pages.append(tool.get(f"{ANYONE}?page=2", token))
    logged = said(log) + caplog.text + "".join(str(getattr(record, "fields", "")) for record in caplog.records)
    for secret in (token, code):
        assert secret not in logged
        assert all(secret not in page.text and secret not in str(page.headers) for page in pages)
    assert "page=2" not in logged
    kept = tool.one(LaunchSession)
    assert kept.token_hash == digest(token) != token
    assert kept.code_hash is None


@rows("SES-02")
def test_token_in_an_address_opens_nothing(tool: Tool, row: str) -> None:
    token = tool.session()["token"]
    for name in ("token", "access_token", "Authorization"):
        assert tool.get(f"{ANYONE}?{name}={token}", None, HX_Request="true").status_code == 401


@rows("SES-03")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": TOOL, "Sec_Fetch_Site": "same-origin"}, 200),
        ({"Origin": "null", "Sec_Fetch_Site": "same-origin"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_writes_come_from_our_pages(tool: Tool, row: str, headers: dict[str, str], status: int) -> None:
    token = tool.session()["token"]
    assert tool.send("POST", ANYONE, token, **headers).status_code == status


@rows("SES-03")
def test_cookies_alone_authorise_nothing(tool: Tool, row: str) -> None:
    browser = tool.browser()
    tool.open(tool.launch(browser))
    browser.set_cookie("token", tool.session()["token"], domain="tool.example")
    for method in ("GET", "POST"):
        answer = browser.open(ANYONE, method=method, base_url=TOOL, headers={"Accept": "application/json"})
        assert answer.status_code == 401


@rows("SES-04")
@pytest.mark.both_databases
def test_token_opens_only_what_its_launch_opened(tool: Tool, row: str) -> None:
    tool.session()
    activity(tool, "a1")
    activity(tool, "a2")
    one = tool.session(custom={"activity": "a1"})
    two = tool.session(custom={"activity": "a2"}, resource_link={"id": "link-2"})
    # the first link is tied to a1 by this launch
    assert one["start"] == "/p/p1/practice/a1"
    assert tool.get("/p/p1/probe/students/a1", one["token"]).status_code == 200
    assert tool.get("/p/p1/probe/students/a2", one["token"]).status_code == 403
    assert tool.send("POST", "/p/p1/probe/students/a2", one["token"]).status_code == 403
    assert tool.get("/p/p1/probe/students/a2", two["token"]).status_code == 200
    assert tool.get("/p/p1/probe/students/none", two["token"]).status_code == 403
    assert tool.get("/p/p1/probe/teachers", one["token"]).status_code == 403
    assert tool.get("/p/p2/probe/anyone", one["token"]).status_code == 403


@rows("SES-06")
@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (60, 401), (24 * 60, 401)])
def test_idle_limit(tool: Tool, row: str, minutes: int, status: int) -> None:
    token = tool.session()["token"]
    tool.clock.advance(minutes=minutes)
    answer = tool.get(ANYONE, token)
    assert answer.status_code == status
    if status == 401:
        assert "Open the activity again from your course. What you typed is kept in this browser." in answer.text


@rows("SES-06")
@pytest.mark.both_databases
def test_absolute_limit(tool: Tool, row: str) -> None:
    token = tool.session()["token"]
    for _ in range(23):
        tool.clock.advance(minutes=30)
        assert tool.get(ANYONE, token).status_code == 200
    tool.clock.advance(minutes=30)
    assert tool.get(ANYONE, token).status_code == 401


@rows("SES-06")
def test_sign_out(tool: Tool, row: str) -> None:
    token = tool.session()["token"]
    assert tool.send("DELETE", "/p/p1/session", token).status_code == 204
    assert tool.get(ANYONE, token).status_code == 401


@rows("SES-06")
@pytest.mark.parametrize("token", ["", "x", "Bearer", "a" * 5000, "a b", "\xe4"])
def test_what_is_no_token(tool: Tool, row: str, token: str) -> None:
    assert tool.get(ANYONE, token).status_code == 401


@rows("SES-06")
@pytest.mark.both_databases
def test_who_left_the_course_is_out(tool: Tool, row: str) -> None:
    token = tool.session()["token"]
    with tool.database.write() as session:
        session.query(Membership).update({"status": "inactive"})
    assert tool.get(ANYONE, token).status_code == 401


@pytest.mark.both_databases
def test_a_request_is_one_query_and_seen_at_is_written_once_a_minute(tool: Tool) -> None:
    token = tool.session()["token"]
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(tool.database.engine, "before_cursor_execute", note)
    try:
        for seconds, expected in ((0, 1), (30, 1), (31, 2), (1, 1)):
            tool.clock.advance(seconds=seconds)
            statements.clear()
            assert tool.get(ANYONE, token).status_code == 200
            assert len(statements) == expected, statements
    finally:
        event.remove(tool.database.engine, "before_cursor_execute", note)
    assert tool.one(LaunchSession).seen_at == tool.clock() - timedelta(seconds=1)


@rows("SES-09", "SES-10")
def test_headers_of_pages_with_data(tool: Tool, row: str) -> None:
    token = tool.session()["token"]
    for answer in (tool.get(ANYONE, token), tool.get("/p/p1/open", None), tool.get(ANYONE, "wrong")):
        headers = answer.headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["font-src"] == policy["connect-src"] == "'self'"
        assert policy["img-src"] == "'self' data: blob:"
        assert policy["base-uri"] == policy["object-src"] == "'none'"
        assert policy["form-action"] == f"'self' {tool.lms.url} https://lms.example"  # for deep linking answers
        assert policy["frame-ancestors"] == f"{tool.lms.url} https://lms.example"


@rows("SES-10")
@pytest.mark.both_databases
def test_frame_origins_are_learned_from_signed_addresses_only(tool: Tool, row: str) -> None:
    tool.launch(launch_presentation={"return_url": "javascript:alert(1)"})
    assert "javascript" not in tool.get("/p/p1/open", None).headers["Content-Security-Policy"]
    tool.browser().get("/p/p1/open?return_url=https://evil.example", headers={"Referer": "https://evil.example/"})
    tool.post(tool.browser(), {"state": "x", "id_token": "y", "return_url": "https://evil.example"})
    tool.launch(token={"key": "attacker"}, launch_presentation={"return_url": "https://evil.example/"})
    ancestors = tool.get("/p/p1/open", None).headers["Content-Security-Policy"].partition("frame-ancestors ")[2]
    assert ancestors == tool.lms.url
    tool.launch(launch_presentation={"return_url": "https://school.example/courses/1?x=1"})
    ancestors = tool.get("/p/p1/open", None).headers["Content-Security-Policy"].partition("frame-ancestors ")[2]
    assert ancestors == f"{tool.lms.url} https://school.example"


@rows("SES-10")
def test_unknown_platform_is_framed_by_nobody(tool: Tool, row: str) -> None:
    assert tool.get("/p/none/open", None).headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


@rows("SES-11")
def test_parent_is_known_by_its_origin(tool: Tool, row: str) -> None:
    assert tool.session()["parent_origin"] == "https://lms.example"
    assert tool.session(launch_presentation=None)["parent_origin"] == tool.lms.url
    script = Path(lti_tool.__file__).with_name("static").joinpath("lti/storage.js").read_text(encoding="utf-8")
    assert "postMessage({ ...message, message_id: id }, origin)" in script
    assert '"*"' not in script


@pytest.mark.parametrize(
    ("role", "public_id", "deep", "expected"),
    [
        ("student", "a1", False, "/p/p1/practice/a1"),
        ("student", None, False, "/p/p1/not-ready"),
        ("observer", "a1", False, "/p/p1/practice/a1"),
        ("teacher", "a1", False, "/p/p1/teach/a1"),
        ("teacher", None, False, "/p/p1/teach/new"),
        ("teacher", None, True, "/p/p1/teach/pick"),
    ],
)
def test_first_page_after_a_launch(role: str, public_id: str | None, deep: bool, expected: str) -> None:
    assert start_path("p1", role=role, activity_public_id=public_id, is_deep_linking=deep) == expected


@pytest.mark.both_databases
def test_session_tells_the_first_page(tool: Tool) -> None:
    assert tool.session(roles=LEARNER)["start"] == "/p/p1/not-ready"
    assert tool.session(roles=INSTRUCTOR)["start"] == "/p/p1/teach/new"
    deep = {
        "message_type": "LtiDeepLinkingRequest",
        "resource_link": None,
        DL_SETTINGS: tool.lms.deep_linking(data="d"),
    }
    assert tool.session(roles=INSTRUCTOR, **deep)["start"] == "/p/p1/teach/pick"
    with tool.database.read() as session:
        row = max(tool.all(LaunchSession), key=lambda opened: opened.id)
        who = sessions.look_up(session, row.token_hash, now=tool.clock())
    assert isinstance(who, SignedIn)
    assert who.deep_linking is not None
    assert (who.deep_linking.data, who.deep_linking.accept_multiple) == ("d", True)


def test_anonymous_launch_is_refused_unless_the_platform_allows_it(tool: Tool) -> None:
    refused = tool.launch(sub=None)
    assert refused.status_code == 401
    assert "Ask its administrator to share user ids with this tool." in refused.text
    with tool.database.write() as session:
        platforms.allow_anonymous(session, "p1", allowed=True)
    token = tool.session(sub=None)["token"]
    assert tool.get(ANYONE, token).get_json()["role"] == "observer"
    assert tool.send("POST", ANYONE, token).status_code == 403


def test_launch_outside_any_course(tool: Tool) -> None:
    token = tool.session(context=None)["token"]
    assert tool.get(ANYONE, token).status_code == 200
    tool.session(context=None, resource_link={"id": "link-2"})
    assert tool.count(Course) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"context": {"title": "no id"}},
        {"context": "c1"},
        {"context": {"id": 5}},
        {"context": {"id": "x" * 256}},
        {"resource_link": "link-1"},
        {"resource_link": None},
        {"resource_link": {"id": ""}},
        {"resource_link": {"id": "a\u202eb"}},
        {"sub": 5},
        {"sub": ""},
        {"sub": "a\x00b"},
        {"sub": "x" * 256},
        {"sub": "ü"},
        {"deployment_id": None},
        {"deployment_id": 1},
        {"version": "1.1"},
        {"version": None},
        {"message_type": None},
        {"message_type": "LtiFabricatedRequest"},
        {"target_link_uri": None},
    ],
)
def test_malformed_claims_are_refused(tool: Tool, changes: dict[str, Any]) -> None:
    assert tool.launch(**changes).status_code == 401
    assert tool.count(LaunchSession) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"context": {"id": "c1", "type": ["CourseSection", 5], "title": None}},
        {"launch_presentation": {"locale": "xx-invalid-1", "return_url": 5, "document_target": "hologram"}},
        {"launch_presentation": "iframe"},
        {"custom": {"activity": None, "n": 5, "o": {}}},
        {"custom": None},
        {"tool_platform": {"guid": "1"}},
        {"tool_platform": 5},
        {"name": None},
        {"name": 5},
        {"name": "Zoë Núñez 👩‍🔬 \u202eevil\u0000 " + "x" * 500},
        {"given_name": "Learner", "family_name": "07", "name": None},
        {"https://vendor.example/claim": {"deep": [[[]]]}},
        {"sub": "x" * 255},
        {"name": "\ud800"},
    ],
)
@pytest.mark.both_databases
def test_unusual_claims_are_accepted(tool: Tool, changes: dict[str, Any]) -> None:
    token = tool.session(**changes)["token"]
    name = tool.get(ANYONE, token).get_json()["name"]
    assert name is None or (len(name) <= 300 and "\u202e" not in name and "\x00" not in name)


def test_product_is_remembered(tool: Tool) -> None:
    tool.launch(**{f"{CLAIM}tool_platform": {"product_family_code": "Canvas"}})
    assert tool.one(Registration).product_family == "canvas"
