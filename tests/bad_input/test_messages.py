"""What comes in at the doors that need no session: tokens that are none, codes and references with impossible signs,
claims full of mischief in a message that is properly signed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.store.tables import Course, LaunchSession, Person, ResourceLink
from tests.bad_input.lesson import is_told
from tests.core.activities.classroom import snapshot
from tests.lms import AGS, INSTRUCTOR, NRPS, b64, signed
from tests.tool import TOOL, Tool

KEYS_KNOWN = True
LONE = "\ud83d"  # half of a pair: JSON can carry it, UTF-8 cannot

HEAD = b64(b'{"alg":"RS256","kid":"platform"}')
BODY = b64(b'{"iss":"x"}')


def headed(head: bytes) -> str:
    """What looks like a token, with this header."""
    return f"{b64(head)}.{BODY}.AAAA"


SHAPES = [
    ".",
    "..",
    "...",
    "a.b",
    "a.b.c",
    "a.b.c.d",
    "a.b.c.d.e",
    f"{HEAD}.{BODY}.",
    f"{HEAD}..AAAA",
    f".{BODY}.AAAA",
    f"{HEAD}.{BODY}.AAAA",
    f"{HEAD}.{BODY}.A A",
    f"{HEAD}.{BODY}.AAAA\n",
    f" {HEAD}.{BODY}.AAAA",
    f"{HEAD}.{BODY}.A===",
    f"{HEAD}.{BODY}.\x00",
    f"{HEAD}.{BODY}.\u00e9",
    headed(b"null"),
    headed(b"[]"),
    headed(b"7"),
    headed(b"not json"),
    headed(bytes([255, 254])),
    headed(b"[" * 50_000),
    headed(b"{" + b"9" * 5_000 + b"}"),
    headed(b'{"alg":"RS256","kid":' + b"9" * 5_000 + b"}"),
    headed(b'{"alg":["RS256"],"kid":"platform"}'),
    headed(b'{"alg":"RS256","kid":{"a":1}}'),
    headed(b'{"alg":"RS256","kid":"\\ud83d"}'),
    headed(b'{"alg":"RS256","kid":"\\u0000"}'),
    headed(b'{"alg":"RS256","kid":"' + b"k" * 90_000 + b'"}'),
    "eyJ" * 400_000,
    "A" * 200_000,
    "\u202e" * 50,
    '{"payload":"","signatures":[]}',
    "<script>alert(1)</script>",
]
PAYLOADS = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"7",
    b"NaN",
    b"[" * 40_000,
    b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    b'{"iat":' + b"9" * 5_000 + b"}",
    b'{"iat":1e400,"exp":1e400}',
    b'{"iss":"\\ud83d"}',
    b"\xff\xfe",
    b'{"iss":1,"iss":2}',
]


def test_tokens_of_many_shapes(tool: Tool) -> None:
    browser = tool.browser()
    login = tool.login(browser)
    before = snapshot(tool.database)
    for shape in SHAPES:
        is_told(tool.post(browser, {"id_token": shape, "state": login.state}), shape[:80])
    for payload in PAYLOADS:
        is_told(tool.post(browser, {"id_token": signed(payload), "state": login.state}), payload[:80])
    assert snapshot(tool.database) == before
    assert tool.post(browser, {"id_token": signed(tool.claims(login)), "state": login.state}).status_code == 303


def test_states_of_many_shapes(tool: Tool) -> None:
    tool.login(tool.browser())
    before = snapshot(tool.database)
    for state in (*SHAPES, "x" * 900_000):
        is_told(tool.post(tool.browser(), {"id_token": f"{HEAD}.{BODY}.AAAA", "state": state}), state[:80])
    assert snapshot(tool.database) == before


MISCHIEF = [
    "a\x00b",
    LONE,
    "\u202eevil",
    "x" * 100_000,
    "<script>alert(1)</script>",
    "\ufffe\uffff",
    {"a": 1},
    ["x"],
    7,
    True,
    None,
    "",
]
REQUIRED = [
    "sub",
    "nonce",
    "roles",
    "context",
    "resource_link",
    "deployment_id",
    "target_link_uri",
    "version",
    "message_type",
]
LOOSE = [
    "name",
    "given_name",
    "family_name",
    "email",
    "lis",
    "custom",
    "launch_presentation",
    "tool_platform",
    AGS,
    NRPS,
]
INSIDE = {
    "context": ["title", "label", "type"],
    "resource_link": ["title", "description"],
    "custom": ["activity", "section_names", "anything"],
    "launch_presentation": ["locale", "return_url", "document_target"],
    "tool_platform": ["product_family_code", "guid", "name"],
    AGS: ["lineitem", "lineitems", "scope"],
    NRPS: ["context_memberships_url", "service_versions"],
}


def messages() -> Iterator[dict[str, Any]]:
    """Each mischief in one claim that matters, in all claims that do not, and inside all claims that have parts."""
    for value in MISCHIEF:
        yield from ({claim: value} for claim in REQUIRED)
        yield {"roles": [value]}
        yield {"context": {"id": value}}
        yield {"resource_link": {"id": value}}
        yield dict.fromkeys(LOOSE, value)
        needed = {"context": {"id": "c1"}, "resource_link": {"id": "link-1"}}
        yield {claim: {**needed.get(claim, {}), **dict.fromkeys(parts, value)} for claim, parts in INSIDE.items()}
    yield {"roles": ["x"] * 20_000}


def test_claims_with_mischief_in_a_message_that_is_signed(tool: Tool) -> None:
    """Refused in words, or a launch whose pages work and hold nothing of it."""
    let_in = 0
    for changes in messages():
        launched = tool.launch(**changes)
        if launched.status_code != 303:
            is_told(launched, str(changes)[:120])
            continue
        let_in += 1
        session = tool.open(launched)
        page = tool.get(session["start"], session["token"], HX_Request="true")
        assert page.status_code == 200, str(changes)[:120]
        assert "<script" not in page.text
    assert let_in > len(MISCHIEF)
    for table, columns in ((Person, ("name", "subject")), (Course, ("title",)), (ResourceLink, ("title",))):
        for row in tool.all(table):
            for column in columns:
                kept = getattr(row, column) or ""
                assert not set(kept) & {"\x00", LONE, "\u202e"}
                assert len(kept) <= 300


def test_a_teacher_whose_platform_sends_mischief(tool: Tool) -> None:
    """The picker and the wizard show titles of the platform: escaped, and the answer goes where it must."""
    text = '"><script>alert(1)</script>\u202e\x00{0}%s{{7*7}}'
    session = tool.session(
        roles=INSTRUCTOR, name=text, context={"id": "c1", "title": text}, resource_link={"id": "l", "title": text}
    )
    page = tool.get("/p/p1/teach/new", session["token"], HX_Request="true")
    assert page.status_code == 200
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
    assert "49" not in page.text
    assert "\u202e" not in page.text


@pytest.mark.parametrize("path", ["/p/p1/session", "/lti/bind"])
def test_bodies_for_scripts_of_many_shapes(tool: Tool, path: str) -> None:
    tool.launch()
    before = snapshot(tool.database)
    for body in (
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"[" * 50_000,
        b'{"code":' + b"9" * 5_000 + b"}",
        b'{"code":null,"launch":null}',
        b'{"code":[],"launch":{}}',
        b'{"code":"\\ud83d","launch":"\\ud83d","value":"\\ud83d"}',
        b'{"code":"\\u0000","launch":"\\u0000","confirmed":true}',
        b'{"code":"x","launch":"x","value":"\\udc00"}',
        b'{"code":"","launch":"","confirmed":1}',
        b'{"code":"' + b"x" * 900_000 + b'"}',
        b"\xff\xfe\x00",
        json.dumps({"code": "x" * 43, "launch": "x" * 43, "confirmed": True}).encode(),
    ):
        for kind in (
            "application/json",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/json; charset=x",
        ):
            response = tool.browser().post(path, data=body, content_type=kind, base_url=TOOL)
            is_told(response, body[:60], kind)
            assert response.is_json
    assert snapshot(tool.database) == before


def test_logins_of_many_shapes(tool: Tool) -> None:
    before = snapshot(tool.database)
    for value in ("\x00", "\u202e", "x" * 5_000, "<script>alert(1)</script>", "a\r\nSet-Cookie: x=y", "{0}%s{issuer}"):
        for name in ("iss", "client_id", "target_link_uri"):
            for method in ("GET", "POST"):
                response = tool.login(tool.browser(), method=method, **{name: value}).response
                is_told(response, name, value[:40])
                assert "<script" not in response.text
    assert snapshot(tool.database) == before
    for value in ("\x00\u202e", "x" * 100_000, "a\r\nSet-Cookie: x=y", "<script>"):
        response = tool.login(
            tool.browser(), login_hint=value, lti_message_hint=value, lti_storage_target=value
        ).response
        assert response.status_code == 302
        assert "\n" not in response.headers["Location"]
    assert tool.count(LaunchSession) == 0


def test_registrations_of_many_shapes(tool: Tool) -> None:
    before = snapshot(tool.database)
    for value in (
        "",
        "x",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://[",
        "https://x:99999999",
        "\x00",
        "//x",
        "https://\u202e",
    ):
        for method in ("GET", "POST"):
            form = {"openid_configuration": value, "registration_token": "\x00"}
            sent: dict[str, Any] = {"query_string": form} if method == "GET" else {"data": form}
            response = tool.browser().open("/lti/register", method=method, base_url=TOOL, **sent)
            is_told(response, method, value)
    assert snapshot(tool.database) == before
