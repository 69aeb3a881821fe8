"""Service tokens: asked for with exactly the scopes of the call, kept sealed, asked for again in time."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from core.activities.platforms import Registered
from core.store.tables import AccessToken
from lti_tool.egress import Answer
from lti_tool.retrying import retry_after
from lti_tool.tokens import NoToken, Tokens, read_token
from tests.lms import RESULT, ROSTER, SCORE, Reply
from tests.tool import Tool

DATABASES = ("sqlite",)  # the rules here are about messages
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"


def tokens(tool: Tool) -> Tokens:
    return Tokens(tool.database, tool.app.extensions["heirloom"].egress, tool.vault, tool.clock)


def registered(tool: Tool, **changes: Any) -> Registered:
    return tool.register(client_id="client-2", number=2, **changes)


def test_request(tool: Tool) -> None:
    registration = registered(tool)
    tokens(tool).get(registration, "deployment-1", (RESULT, SCORE))
    (request,) = tool.lms.fetched("/token")
    form = request.form()
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert form["grant_type"] == "client_credentials"
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert form["scope"] == f"{RESULT} {SCORE}"
    assertion = form["client_assertion"]
    published = tool.browser().get("/lti/jwks/reg2").get_json()["keys"][0]
    assert jwt.get_unverified_header(assertion)["kid"] == published["kid"]
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(
        assertion, jwt.PyJWK(published), algorithms=["RS256"], audience=registration.token_url, options=options
    )
    now = int(tool.clock().timestamp())
    assert (claims["iss"], claims["sub"], claims["iat"], claims["exp"]) == ("client-2", "client-2", now, now + 300)
    assert claims[f"{CLAIM}deployment_id"] == "deployment-1"
    assert len(claims["jti"]) == 43


def test_audience_of_its_own(tool: Tool) -> None:
    registration = registered(tool, token_audience="https://lms.example/oauth2")
    tokens(tool).get(registration, "d", (SCORE,))
    assertion = tool.lms.fetched("/token")[0].form()["client_assertion"]
    assert jwt.decode(assertion, options={"verify_signature": False})["aud"] == "https://lms.example/oauth2"


def test_token_is_kept_sealed_until_shortly_before_it_expires(tool: Tool) -> None:
    registration = registered(tool)
    source = tokens(tool)
    assert source.get(registration, "d", (SCORE,)) == "token-1"
    assert "token-1" not in tool.one(AccessToken).token
    tool.clock.advance(seconds=3299)
    assert tokens(tool).get(registration, "d", (SCORE,)) == "token-1"
    tool.clock.advance(seconds=1)
    assert source.get(registration, "d", (SCORE,)) == "token-2"
    assert tool.count(AccessToken) == 1
    assert source.get(registration, "d", (ROSTER,)) == "token-3"


@pytest.mark.parametrize(
    ("expires_in", "life"),
    [
        (60, 60),
        ("120", 120),
        (None, 3600),
        ("soon", 3600),
        (-1, 3600),
        (0, 3600),
        (True, 3600),
        (10**9, 86400),
        (1e400, 3600),
    ],
)
def test_life_of_a_token(expires_in: Any, life: float) -> None:
    body = {"access_token": "t", "expires_in": expires_in}
    answer = Answer(
        200, {}, json.dumps({k: v for k, v in body.items() if v is not None}).replace("Infinity", "1e999").encode()
    )
    assert read_token(answer, (SCORE,)) == ("t", life)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"error": "invalid_client"}', "transient"),
        (404, b"<html>", "transient"),
        (503, b"", "transient"),
        (200, b"<html>", "transient"),
        (200, b"[]", "transient"),
        (200, b"{}", "transient"),
        (200, b'{"access_token": 5}', "transient"),
        (200, b'{"access_token": ""}', "transient"),
        (200, '{"access_token": "ü"}'.encode(), "transient"),
        (200, f'{{"access_token": "t", "scope": "{RESULT}"}}'.encode(), "forbidden"),
    ],
)
def test_answers_without_a_token(status: int, body: bytes, kind: str) -> None:
    with pytest.raises(NoToken) as none:
        read_token(Answer(status, {"retry-after": "7"}, body), (SCORE,))
    assert none.value.kind == kind


def test_token_endpoint_that_hangs_or_is_gone(tool: Tool) -> None:
    registration = registered(tool)
    tool.lms.replies["/token"] = Reply(status=502)
    with pytest.raises(NoToken, match="502"):
        tokens(tool).get(registration, "d", (SCORE,))
    assert tool.count(AccessToken) == 0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 5 "}, 5.0),
        ({"retry-after": "Tue, 01 Dec 2026 09:02:00 GMT", "date": "Tue, 01 Dec 2026 09:00:00 GMT"}, 120.0),
        ({"retry-after": "Tue, 01 Dec 2026 08:00:00 GMT", "date": "Tue, 01 Dec 2026 09:00:00 GMT"}, 0.0),
        ({"retry-after": "Tue, 01 Dec 2026 09:02:00 GMT"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "9" * 400}, 999999.0),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after(Answer(429, headers, b"")) == expected
