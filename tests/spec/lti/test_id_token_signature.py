"""Area id_token_signature: whose signature counts, and whose keys."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from werkzeug.test import TestResponse

from core.store.tables import Course, KeySet, LaunchSession, LaunchState, Membership, Person, ResourceLink
from tests.lms import Reply, b64, jwk, private_key, signed
from tests.spec.lti.rows import rows, rows_with
from tests.tool import Login, Tool, said, security_log

DATABASES = ("sqlite",)  # the rules here are about bytes and claims


def begin(tool: Tool) -> tuple[Any, Login]:
    browser = tool.browser()
    return browser, tool.login(browser)


def send(tool: Tool, token: str, browser: Any, login: Login) -> TestResponse:
    return tool.post(browser, {"id_token": token, "state": login.state})


def assert_refused(
    tool: Tool, response: TestResponse, log: list[dict[str, Any]], token: str, status: int = 401
) -> None:
    """Refused as every bad launch is: a page with a support code, one line without the token, nothing stored."""
    assert response.status_code == status
    lines = [line for line in log if line["event"] == "refused"]
    assert len(lines) == 1
    assert lines[0]["support"] in response.text
    assert len(lines[0]["support"]) == 8
    for secret in filter(None, token.split(".")):
        assert len(secret) < 8 or (secret not in said(log) and secret not in response.text)
    assert "Traceback" not in response.text
    assert tool.count(LaunchSession, Person, Course, Membership, ResourceLink) == 0
    assert {state.status for state in tool.all(LaunchState)} == {"pending"}  # the right token may still come


@rows("SIG-02")
def test_unknown_key_id(tool: Tool, row: str) -> None:
    browser, login = begin(tool)
    token = signed(tool.claims(login), kid="never-seen")
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert_refused(tool, response, log, token)
    assert len(tool.lms.fetched("/jwks")) == 1


def test_missing_key_id(tool: Tool) -> None:
    browser, login = begin(tool)
    token = signed(tool.claims(login), kid=None)
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert_refused(tool, response, log, token)
    assert tool.lms.seen == []


@rows("SIG-04")
def test_unknown_key_ids_do_not_make_us_fetch_again_and_again(tool: Tool, row: str) -> None:
    browser, login = begin(tool)
    for number in range(100):
        tool.clock.advance(seconds=0.5)
        assert send(tool, signed(tool.claims(login), kid=f"k{number}"), browser, login).status_code == 401
    assert len(tool.lms.fetched("/jwks")) == 1
    tool.clock.advance(seconds=11)  # more than a minute after the first
    assert send(tool, signed(tool.claims(login), kid="k100"), browser, login).status_code == 401
    assert len(tool.lms.fetched("/jwks")) == 2


def test_a_rotated_key_is_found_at_its_first_launch(tool: Tool) -> None:
    assert tool.launch().status_code == 303
    tool.lms.keys = [jwk("new-key"), *tool.lms.keys]
    tool.clock.advance(minutes=2)
    assert tool.launch(token={"key": "new-key", "kid": "new-key"}).status_code == 303
    assert len(tool.lms.fetched("/jwks")) == 2


def test_a_crowd_at_the_first_launch_waits_for_one_reading(tool: Tool) -> None:
    """Thirty students open the first activity at once: one process reads the keys, nobody is refused."""

    def slow(_: object) -> Reply:
        time.sleep(0.15)
        return Reply(body={"keys": tool.lms.keys})

    tool.lms.replies["/jwks"] = slow
    started = [begin(tool) for _ in range(8)]
    tokens = [signed(tool.claims(login, sub=f"learner-{n}")) for n, (_, login) in enumerate(started)]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: statuses.append(send(tool, tokens[n], *started[n]).status_code))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303] * 8
    assert len(tool.lms.fetched("/jwks")) == 1


@rows("SIG-05")
def test_signature_by_another_key(tool: Tool, row: str) -> None:
    browser, login = begin(tool)
    token = signed(tool.claims(login), key="attacker")
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert_refused(tool, response, log, token)


@rows_with("name", {"SIG-07": ["none"], "SIG-08": ["None", "NONE", "NoNe", "nOnE", ""]})
def test_no_signature(tool: Tool, row: str, name: str) -> None:
    browser, login = begin(tool)
    head = b64(json.dumps({"alg": name, "typ": "JWT", "kid": "platform"}).encode())
    body = b64(json.dumps(tool.claims(login)).encode())
    real = signed(tool.claims(login)).split(".")[2]
    for mark in ("", real):
        token = f"{head}.{body}.{mark}"
        with security_log() as log:
            response = send(tool, token, browser, login)
        assert_refused(tool, response, log, token)


def hs256(claims: dict[str, Any], secret: bytes, kid: str = "platform") -> str:
    head = b64(json.dumps({"alg": "HS256", "kid": kid}).encode())
    body = b64(json.dumps(claims).encode())
    return f"{head}.{body}.{b64(hmac.new(secret, f'{head}.{body}'.encode(), hashlib.sha256).digest())}"


@rows("SIG-09", "SIG-10")
def test_public_key_as_a_shared_secret(tool: Tool, row: str) -> None:
    if row == "SIG-10":
        tool.lms.keys = [jwk("platform", alg="HS256")]
    public = private_key("platform").public_key()
    formats = (serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1)
    browser, login = begin(tool)
    for shape in formats:
        secret = public.public_bytes(serialization.Encoding.PEM, shape)
        token = hs256(tool.claims(login), secret)
        with security_log() as log:
            response = send(tool, token, browser, login)
        assert_refused(tool, response, log, token)


@rows("SIG-10")
def test_rsa_key_that_calls_itself_hs256_verifies_nothing(tool: Tool, row: str) -> None:
    tool.lms.keys = [jwk("platform", alg="HS256")]
    browser, login = begin(tool)
    token = signed(tool.claims(login))
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert_refused(tool, response, log, token)


@rows("SIG-11")
def test_symmetric_key_in_the_set(tool: Tool, row: str) -> None:
    tool.lms.keys = [{"kty": "oct", "kid": "platform", "k": b64(b"s" * 32)}]
    browser, login = begin(tool)
    token = hs256(tool.claims(login), b"s" * 32)
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert_refused(tool, response, log, token)


@rows("SIG-13")
@pytest.mark.parametrize("left_out", ["alg", "use"])
def test_key_without_optional_members(tool: Tool, row: str, left_out: str) -> None:
    tool.lms.keys = [jwk("platform", **{left_out: None})]
    assert tool.launch().status_code == 303


@rows_with(
    "members",
    {"SIG-14": [{"use": "enc"}, {"key_ops": ["encrypt"]}], "SIG-18": [{"alg": "RS512"}, {"alg": "RSA-OAEP"}]},
)
def test_key_for_something_else(tool: Tool, row: str, members: dict[str, Any]) -> None:
    tool.lms.keys = [jwk("platform", **members)]
    browser, login = begin(tool)
    token = signed(tool.claims(login))
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert_refused(tool, response, log, token)


@rows("SIG-15")
def test_short_key_is_refused_and_reported(tool: Tool, row: str) -> None:
    tool.lms.keys = [jwk("short", kid="platform", bits=1024)]
    browser, login = begin(tool)
    token = signed(tool.claims(login), key="short", bits=1024)
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert_refused(tool, response, log, token)
    (alert,) = [line for line in log if line["event"] == "key_set_has_unusable_keys"]
    assert alert["detail"] == "only 1024 bits"
    assert alert["registration"] == "reg1"


@rows("SIG-16")
@pytest.mark.parametrize("member", ["jku", "x5u", "jwk", "x5c"])
def test_keys_that_the_token_brings_along(tool: Tool, row: str, member: str) -> None:
    elsewhere = f"{tool.lms.url}/attacker/keys"
    value = {"jku": elsewhere, "x5u": elsewhere, "jwk": jwk("attacker", kid="platform"), "x5c": ["MIIB"]}[member]
    browser, login = begin(tool)
    forged = signed(tool.claims(login), key="attacker", **{member: value})
    with security_log() as log:
        response = send(tool, forged, browser, login)
    assert_refused(tool, response, log, forged)
    assert {seen.path for seen in tool.lms.seen} == {"/jwks"}
    true = signed(tool.claims(login), **{member: value})
    assert send(tool, true, browser, login).status_code == 303


@rows("SIG-17")
def test_critical_header(tool: Tool, row: str) -> None:
    browser, login = begin(tool)
    token = signed(tool.claims(login), crit=["x"], x=1)
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert_refused(tool, response, log, token)


@rows("SIG-19")
@pytest.mark.parametrize("order", [("platform", "other"), ("other", "platform")])
def test_two_keys_with_one_id(tool: Tool, row: str, order: tuple[str, str]) -> None:
    tool.lms.keys = [jwk(name, kid="platform") for name in order] + [{"kty": "oct", "kid": "platform", "k": "AAAA"}]
    assert tool.launch().status_code == 303
    browser, login = begin(tool)
    assert send(tool, signed(tool.claims(login), key="attacker"), browser, login).status_code == 401


UNREADABLE = {
    "html": Reply(body=b"<html>maintenance</html>", headers={"Content-Type": "text/html"}),
    "error": Reply(status=500, body={"keys": []}),
    "empty": Reply(body={"keys": []}),
    "missing": Reply(body={}),
    "list": Reply(body=[1, 2]),
    "deep": Reply(body=b'{"keys":' + b"[" * 100_000),
}


@rows("SIG-20")
@pytest.mark.parametrize("kind", UNREADABLE)
def test_unreadable_key_set(tool: Tool, row: str, kind: str) -> None:
    tool.lms.replies["/jwks"] = UNREADABLE[kind]
    browser, login = begin(tool)
    token = signed(tool.claims(login))
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert_refused(tool, response, log, token, status=503)
    assert response.headers["Retry-After"] == "60"
    assert "keys of your learning platform cannot be read" in response.text
    del tool.lms.replies["/jwks"]
    tool.clock.advance(seconds=61)
    assert send(tool, token, browser, login).status_code == 303  # the same login, a minute later


@rows("SIG-20")
def test_last_good_key_set_stays_in_use(tool: Tool, row: str) -> None:
    assert tool.launch().status_code == 303
    tool.lms.replies["/jwks"] = UNREADABLE["error"]
    for hours in (1, 24):
        tool.clock.advance(hours=hours)
        assert tool.launch().status_code == 303
    browser, login = begin(tool)
    unknown = send(tool, signed(tool.claims(login), kid="k2"), browser, login)
    assert unknown.status_code == 503  # it may be a new key: we cannot know


@rows("SIG-21")
def test_key_set_that_never_answers(tool: Tool, row: str) -> None:
    release = threading.Event()

    def hang(_: object) -> Reply:
        release.wait(5)
        return Reply()

    tool.lms.replies["/jwks"] = hang
    browser, login = begin(tool)
    token = signed(tool.claims(login))
    before = time.monotonic()
    with security_log() as log:
        response = send(tool, token, browser, login)
    release.set()
    assert time.monotonic() - before < 4  # the limits of this test are 0.4 s for a read, 1.5 s in all
    assert_refused(tool, response, log, token, status=503)


@rows("SIG-22")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(tool: Tool, row: str, status: int) -> None:
    tool.lms.replies["/jwks"] = Reply(status=status, headers={"Location": f"{tool.lms.url}/elsewhere"})
    assert tool.launch().status_code == 503
    assert {seen.path for seen in tool.lms.seen} == {"/jwks"}


@rows("SIG-23")
def test_endless_key_set(tool: Tool, row: str) -> None:
    tool.lms.replies["/jwks"] = Reply(body=b'{"keys": [' + b" " * 5_000_000 + b"]}")
    with security_log() as log:
        assert tool.launch().status_code == 503
    assert any("more than 256 KB" in line.get("detail", "") for line in log)
    assert tool.one(KeySet).body is None


GARBAGE = ["{}", "a.b", "a.b.c", "....", "\x00\x01", "e30.e30.e30", "a" * 200_000, "ey.ey.ey.ey", "å.b.c", " . . "]


@rows("SIG-25")
@pytest.mark.parametrize("token", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_no_jwt(tool: Tool, row: str, token: str) -> None:
    browser, login = begin(tool)
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert response.status_code == 401
    assert [line["reason"] for line in log] == ["token_invalid"]
    assert tool.lms.seen == []
    assert tool.count(LaunchSession, Person) == 0
    assert send(tool, signed(tool.claims(login)), browser, login).status_code == 303


@rows("SIG-25")
@pytest.mark.parametrize("payload", [b"[]", b'"text"', b"1", b"null", b"{", b"\xff\xfe", b'{"a":NaN}', b"[" * 50_000])
def test_signed_payload_that_is_no_object(tool: Tool, row: str, payload: bytes) -> None:
    browser, login = begin(tool)
    token = signed(payload)
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert_refused(tool, response, log, token)


@rows("SIG-29")
@pytest.mark.parametrize("where", ["top", "nested"])
def test_payload_that_says_one_thing_twice(tool: Tool, row: str, where: str) -> None:
    browser, login = begin(tool)
    text = json.dumps(tool.claims(login))
    if where == "top":
        doubled = text[:-1] + ', "sub": "someone-else"}'
    else:
        doubled = text.replace('{"id": "c1"', '{"id": "c2", "id": "c1"')
    assert doubled != text
    token = signed(doubled.encode())
    with security_log() as log:
        response = send(tool, token, browser, login)
    assert_refused(tool, response, log, token)


@rows("SIG-30")
def test_token_in_a_query(tool: Tool, row: str, caplog: pytest.LogCaptureFixture) -> None:
    browser, login = begin(tool)
    token = signed(tool.claims(login))
    caplog.set_level(logging.DEBUG)
    with security_log() as log:
        response = browser.get("/lti/launch", query_string={"id_token": token, "state": login.state})
    assert response.status_code == 405
    assert response.headers["Allow"] in ("OPTIONS, POST", "POST, OPTIONS")
    assert "This address cannot be opened like that." in response.text
    logged = said(log) + caplog.text + "".join(str(getattr(r, "fields", "")) for r in caplog.records)
    assert token not in logged
    assert login.state not in logged
    assert token not in response.text
    assert tool.count(LaunchSession) == 0
