"""The token endpoint: signed assertions, scopes, errors (Security Framework 4, RFC 6749, RFC 7523)."""

from __future__ import annotations

import pytest

from sandbox.campus.vocabulary import CLAIM, MEMBERSHIP_SCOPE, SCORE_SCOPE


def error_of(answer):
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()["error"]


def test_a_signed_assertion_gets_a_token_for_an_hour(tool):
    answer = tool.ask_token(scope=f"{SCORE_SCOPE} {MEMBERSHIP_SCOPE}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    assert body["scope"].split() == [SCORE_SCOPE, MEMBERSHIP_SCOPE]


def test_only_scopes_that_are_allowed_are_granted(campus, make_tool):
    tool = make_tool(campus, scopes=[SCORE_SCOPE])
    assert tool.ask_token(scope=f"{MEMBERSHIP_SCOPE} {SCORE_SCOPE}").json()["scope"] == SCORE_SCOPE
    assert error_of(tool.ask_token(scope=MEMBERSHIP_SCOPE)) == "invalid_scope"
    assert error_of(tool.ask_token(scope=None)) == "invalid_scope"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"client_assertion_type": "jwt"}, "invalid_request"),
        ({"client_assertion_type": None}, "invalid_request"),
        ({"client_assertion": None}, "invalid_request"),
        ({"client_assertion": "not.a.jwt"}, "invalid_client"),
    ],
)
def test_a_malformed_request_is_refused(tool, changes, error):
    assert error_of(tool.ask_token(**changes)) == error


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "nobody"},
        {"sub": "nobody"},
        {"sub": None},
        {"aud": "https://example.org/token"},
        {"aud": None},
        {"jti": None},
        {"iat": None},
        {"exp": None},
        {"exp": "1795000000"},
        {"exp": float("nan")},
        {"exp": True},
        {CLAIM + "deployment_id": "999"},
    ],
)
def test_a_wrong_assertion_is_refused(tool, changes):
    assert error_of(tool.ask_token(tool.signed(tool.assertion(**changes)))) == "invalid_client"


@pytest.mark.parametrize(
    ("iat", "exp", "taken"),
    [
        (0, 60, True),
        (8, 60, True),
        (20, 60, False),
        (-100, -5, True),
        (-100, -20, False),
        (0, 3600, True),
        (0, 4000, False),
    ],
)
def test_times_have_ten_seconds_of_leeway_and_an_hour_of_life(tool, clock, iat, exp, taken):
    claims = tool.assertion(iat=clock.seconds + iat, exp=clock.seconds + exp)
    assert (tool.ask_token(tool.signed(claims)).status_code == 200) is taken


def test_the_audience_may_be_in_a_list(tool):
    audience = ["https://example.org", tool.registered["platform"]["token_endpoint"]]
    assert tool.ask_token(tool.signed(tool.assertion(aud=audience))).status_code == 200


def test_an_assertion_works_once(tool):
    assertion = tool.signed(tool.assertion())
    assert tool.ask_token(assertion).status_code == 200
    assert error_of(tool.ask_token(assertion)) == "invalid_client"


@pytest.mark.parametrize("how", [{"key": 1}, {"kid": None}, {"kid": "another"}, {"alg": "HS256"}])
def test_a_signature_must_come_from_the_key_set_of_the_tool(tool, how):
    assert error_of(tool.ask_token(tool.signed(tool.assertion(), **how))) == "invalid_client"


def test_a_key_that_is_not_for_signatures_does_not_count(campus, make_tool, key_server):
    tool = make_tool(campus)
    key_server.key_set["keys"][0]["use"] = "enc"
    assert error_of(tool.ask_token()) == "invalid_client"


@pytest.mark.parametrize(("status", "key_set"), [(500, {}), (302, {}), (200, {"keys": "none"}), (200, [1])])
def test_a_key_set_that_cannot_be_read_is_an_error_of_the_client(campus, make_tool, key_server, status, key_set):
    tool = make_tool(campus)
    key_server.status, key_server.key_set = status, key_set
    assert error_of(tool.ask_token()) == "invalid_client"


def test_a_tool_whose_key_server_is_away_gets_an_answer_too(campus, make_tool):
    tool = make_tool(campus, jwks_url="http://127.0.0.1:9/jwks")
    assert error_of(tool.ask_token()) == "invalid_client"


def test_the_key_set_is_kept_for_a_while_and_fetched_again_for_a_new_key(campus, make_tool, key_server):
    tool = make_tool(campus)
    for _ in range(3):
        assert tool.ask_token().status_code == 200
    assert key_server.asked == 1
    key_server.key_set["keys"][0]["kid"] = "rotated"
    assert tool.ask_token(tool.signed(tool.assertion(), kid="rotated")).status_code == 200
    assert key_server.asked == 2


def test_a_pending_tool_is_no_client(campus, make_tool):
    tool = make_tool(campus, active=False)
    assert error_of(tool.ask_token()) == "invalid_client"


def test_only_post_is_answered(tool):
    answer = tool.session.get(tool.registered["platform"]["token_endpoint"], timeout=10)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_token_ends_after_an_hour(tool, clock):
    url = tool.line_item_of(tool.place())
    assert tool.call("GET", url).status_code == 200
    clock.forward(minutes=59)
    assert tool.call("GET", url).status_code == 200
    clock.forward(minutes=1)
    answer = tool.call("GET", url)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_for_one_deployment_reaches_no_other(tool):
    other = tool.admin("POST", f"/tools/{tool.client_id}/deployments", {"label": "Second"})["deployment_id"]
    url = tool.line_item_of(tool.place())
    ask = tool.signed(tool.assertion(**{CLAIM + "deployment_id": other}))
    token = tool.ask_token(ask).json()["access_token"]
    assert tool.call("GET", url, token=token).status_code == 404
    assert tool.call("GET", url.replace(f"={tool.deployment_id}", f"={other}"), token=token).status_code == 404
    ask = tool.signed(tool.assertion(**{CLAIM + "deployment_id": tool.deployment_id}))
    assert tool.call("GET", url, token=tool.ask_token(ask).json()["access_token"]).status_code == 200
