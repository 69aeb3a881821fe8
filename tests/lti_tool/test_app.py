"""The application around its pages: refusals of every kind, methods, sizes, a database that is away, languages."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from core import languages
from core.events import JsonLines
from lti_tool.headers import comes_from_us, content_security_policy
from tests.core.store import refusing
from tests.tool import TOOL, Tool, security_log

DATABASES = ("sqlite",)  # nothing here depends on the dialect


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/lti/launch", 405),
        ("HEAD", "/lti/launch", 405),
        ("PUT", "/lti/login", 405),
        ("POST", "/lti/jwks", 405),
        ("OPTIONS", "/lti/launch", 200),
        ("HEAD", "/lti/jwks", 200),
        ("GET", "/p/p1/open", 200),
        ("HEAD", "/p/p1/open", 200),
        ("GET", "/p/p1/session", 405),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
    ],
)
def test_methods_and_paths(tool: Tool, method: str, path: str, status: int) -> None:
    response = tool.browser().open(path, method=method, base_url=TOOL)
    assert response.status_code == status
    for header in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Strict-Transport-Security"):
        assert header in response.headers
    if status >= 400 and method != "HEAD":
        assert "<html lang=" in response.text
        assert "Support code" in response.text


def test_refusals_are_pages_pieces_or_json(tool: Tool) -> None:
    path = "/p/p1/probe/anyone"
    page = tool.send("POST", path, None)
    assert page.text.startswith("<!doctype html>")
    piece = tool.send("POST", path, None, HX_Request="true")
    assert "<html" not in piece.text
    assert "You are not signed in any more." in piece.text
    told = tool.send("POST", path, None, Accept="application/json").get_json()
    assert told["error"] == "session_over"
    assert set(told) == {"error", "message", "advice", "support"}


def test_page_of_a_refusal_stands_alone(tool: Tool) -> None:
    page = tool.browser().get("/lti/login", base_url=TOOL).text
    assert '<link rel="stylesheet" href="/static/heirloom.css">' in page
    assert "help@tool.example" in page
    for inline in ("<script>", "<style", " style=", " onclick=", "onload="):
        assert inline not in page


def test_large_requests_are_refused(tool: Tool) -> None:
    response = tool.browser().post("/lti/launch", data={"id_token": "x" * 2_000_000, "state": "s"}, base_url=TOOL)
    assert response.status_code == 413
    body = b"x" * (9 * 1024 * 1024)
    response = tool.browser().post(
        "/lti/launch", data=body, content_type="application/x-www-form-urlencoded", base_url=TOOL
    )
    assert response.status_code == 413
    assert "more than this page can take" in response.text


@contextmanager
def broken(error: Exception) -> Iterator[None]:
    raise error
    yield


def test_database_that_is_away(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = OperationalError("SELECT", {}, Exception("connection refused"))
    token = tool.session()["token"]
    with monkeypatch.context() as patched:
        patched.setattr(tool.database, "read", lambda: broken(gone))
        patched.setattr(tool.database, "write", lambda: broken(gone))
        for response in (
            tool.login(tool.browser()).response,
            tool.get("/p/p1/probe/anyone", token),
            tool.browser().get("/lti/jwks", base_url=TOOL),
            tool.browser().post("/p/p1/session", json={"code": "x"}, base_url=TOOL),
        ):
            assert response.status_code == 503
            assert response.headers["Retry-After"] == "30"
            assert "connection refused" not in response.text
    assert tool.get("/p/p1/probe/anyone", token).status_code == 200


def test_a_bug_is_told_without_its_words(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tool.database, "read", lambda: broken(RuntimeError("secret-detail")))
    with security_log() as log:
        response = tool.browser().get("/lti/jwks", base_url=TOOL)
    assert response.status_code == 500
    assert "Something broke on our side." in response.text
    assert "secret-detail" not in response.text
    assert log[-1]["support"] in response.text
    assert "secret-detail" in caplog.text  # the operator's log has the traceback


def test_what_the_database_refuses_is_logged_without_what_was_typed(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write = tool.database.write

    @contextmanager
    def refused() -> Iterator[None]:
        with write() as session:
            refusing.store(session)
            yield

    monkeypatch.setattr(tool.database, "read", refused)
    assert tool.browser().get("/lti/jwks", base_url=TOOL).status_code == 500
    assert "IntegrityError" in caplog.text
    assert refusing.TEXT not in caplog.text


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, True),
        ({"Origin": TOOL}, True),
        ({"Origin": "null"}, False),
        ({"Origin": "https://tool.example.evil.example"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": TOOL}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
def test_requests_that_come_from_us(headers: Mapping[str, str], expected: bool) -> None:
    assert comes_from_us(headers, TOOL) is expected


def test_policy_without_frames() -> None:
    policy = content_security_policy(frame_ancestors=(), form_action=())
    assert policy.endswith("form-action 'self'; frame-ancestors 'none'")
    assert "unsafe" not in policy
    assert "*" not in policy


def test_languages(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert languages.choose("xx-invalid") is None
    assert languages.choose(None) is None
    assert languages.choose("en-GB") == "en"
    monkeypatch.setattr(languages, "available", lambda: ("en", "de", "pt_BR"))
    assert languages.choose("de-CH") == "de"
    assert languages.choose("PT-br") == "pt_BR"
    assert languages.choose("pt") is None
    page = tool.browser().get("/lti/login", headers={"Accept-Language": "de-CH,de;q=0.9"}, base_url=TOOL)
    assert '<html lang="de"' in page.text


def test_log_lines_are_json() -> None:
    record = logging.LogRecord("heirloom.security", logging.WARNING, __file__, 1, "refused", None, None)
    record.fields = {"reason": "x\ny", "status": 401}
    line = JsonLines().format(record)
    assert "\n" not in line
    read: dict[str, Any] = json.loads(line)
    assert {key: read[key] for key in ("event", "level", "reason", "status")} == {
        "event": "refused",
        "level": "WARNING",
        "reason": "x\ny",
        "status": 401,
    }
    assert read["time"].endswith("+00:00")


def test_access_lines_have_no_query(tool: Tool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "heirloom.access")
    tool.browser().get("/lti/login?login_hint=private&iss=x", base_url=TOOL)
    (line,) = [record for record in caplog.records if record.name == "heirloom.access"]
    assert line.__dict__["fields"] == {"method": "GET", "path": "/lti/login", "status": 400}
