"""Area id_token_claims: who speaks, to whom, and when."""

from __future__ import annotations

from typing import Any

import pytest

from core.store.tables import Course, LaunchSession, LaunchState, Membership, Person
from tests.lms import Lms, signed
from tests.spec.lti.rows import rows
from tests.tool import START, Tool, security_log

NOW = int(START.timestamp())

DATABASES = ("sqlite",)  # the rules here are about bytes and claims
KEYS_KNOWN = True


def assert_refused(tool: Tool, status: int = 401, detail: str = "", **claims: Any) -> None:
    with security_log() as log:
        response = tool.launch(**claims)
    assert response.status_code == status
    (line,) = [line for line in log if line["event"] == "refused"]
    assert detail in line["detail"]
    assert line["support"] in response.text
    assert tool.count(LaunchSession, Person, Course, Membership) == 0
    assert tool.one(LaunchState).status == "pending"


@rows("CLM-01")
@pytest.mark.parametrize("age", [11, 60, 3600])
def test_expired(tool: Tool, row: str, age: int) -> None:
    assert_refused(tool, detail="expired", iat=NOW - age - 60, exp=NOW - age)


@rows("CLM-02")
def test_times_of_long_ago(tool: Tool, row: str) -> None:
    assert_refused(tool, detail="expired", iat=11111, exp=22222)


@rows("CLM-03")
@pytest.mark.parametrize("name", ["exp", "iat"])
def test_missing_times(tool: Tool, row: str, name: str) -> None:
    assert_refused(tool, detail="missing", **{name: None})


@rows("CLM-05")
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [str(NOW + 60), True, [NOW], {}, 10**400, -5, 1e300])
def test_times_that_are_no_numbers(tool: Tool, row: str, name: str, value: Any) -> None:
    assert_refused(tool, detail=f"{name} is not a time", **{name: value})


@rows("CLM-06")
def test_long_lived_token_makes_no_long_lived_session(tool: Tool, row: str) -> None:
    with security_log() as log:
        assert tool.launch(exp=NOW + 10 * 365 * 86400).status_code == 303
    assert (tool.one(LaunchSession).expires_at - tool.clock()).total_seconds() == 12 * 3600
    assert "token_lives_unusually_long" in [line["event"] for line in log]


@rows("CLM-07")
@pytest.mark.parametrize("age", [611, 365 * 86400])
def test_issued_long_ago(tool: Tool, row: str, age: int) -> None:
    assert_refused(tool, detail="issued too long ago", iat=NOW - age)


def test_issued_nine_minutes_ago_is_accepted(tool: Tool) -> None:
    assert tool.launch(iat=NOW - 540).status_code == 303


@rows("CLM-08")
@pytest.mark.parametrize("ahead", [2, 9.5, 10])
def test_clock_a_little_ahead(tool: Tool, row: str, ahead: float) -> None:
    assert tool.launch(iat=NOW + ahead).status_code == 303


@rows("CLM-09")
@pytest.mark.parametrize("ahead", [11, 600])
def test_issued_in_the_future(tool: Tool, row: str, ahead: int) -> None:
    assert_refused(tool, detail="issued in the future", iat=NOW + ahead, exp=NOW + ahead + 60)


@rows("CLM-10")
def test_expired_a_moment_ago(tool: Tool, row: str) -> None:
    assert tool.launch(iat=NOW - 65, exp=NOW - 5).status_code == 303


@rows("CLM-11")
def test_not_valid_yet(tool: Tool, row: str) -> None:
    assert_refused(tool, detail="not valid yet", nbf=NOW + 11)


@rows("CLM-14")
def test_issuer_that_looks_alike(tool: Tool, row: str) -> None:
    assert_refused(tool, detail="iss", iss=tool.lms.url.replace("1", "\u0031\ufe0f", 1))
    tool.clock.advance(seconds=1)
    browser = tool.browser()
    login = tool.login(browser)
    for issuer in (tool.lms.url + "/", tool.lms.url.upper(), tool.lms.url + " "):
        token = signed(tool.claims(login, iss=issuer))
        assert tool.post(browser, {"id_token": token, "state": login.state}).status_code == 401
    assert tool.count(LaunchSession) == 0


@rows("CLM-15")
@pytest.mark.parametrize("issuer", [None, "", 1, [], {}])
def test_no_issuer(tool: Tool, row: str, issuer: Any) -> None:
    assert_refused(tool, detail="iss", iss=issuer)


@rows("CLM-16")
def test_token_of_another_platform(tool: Tool, row: str) -> None:
    other = Lms()
    tool.register(lms=other, number=2)
    browser = tool.browser()
    login = tool.login(browser)
    claims = other.claims(issued_at=tool.clock().timestamp(), nonce=login.nonce)
    with security_log() as log:
        response = tool.post(browser, {"id_token": signed(claims), "state": login.state})
    other.close()
    assert response.status_code == 401
    assert log[-1]["detail"] == "iss"
    assert tool.count(LaunchSession, Person) == 0


@rows("CLM-17", "CLM-18")
def test_audience_is_our_client_id(tool: Tool, row: str) -> None:
    aud: Any = {"CLM-17": "client-1", "CLM-18": ["client-1"]}[row]
    assert tool.launch(aud=aud).status_code == 303
    assert tool.count(LaunchSession) == 1


@rows("CLM-19")
@pytest.mark.parametrize("aud", [["client-2", "client-1"], ["client-1", "client-2"]])
def test_audience_among_trusted_ones(tool: Tool, row: str, aud: list[str]) -> None:
    """Trusted are the clients that the same issuer has with us."""
    tool.register(client_id="client-2", number=2)
    assert tool.launch(aud=aud, azp="client-1").status_code == 303


@rows("CLM-19")
def test_audience_among_strangers(tool: Tool, row: str) -> None:
    assert_refused(tool, detail="someone we do not trust", aud=["stranger", "client-1"], azp="client-1")


@rows("CLM-21")
def test_several_audiences_without_azp(tool: Tool, row: str) -> None:
    tool.register(client_id="client-2", number=2)
    assert_refused(tool, detail="without azp", aud=["client-2", "client-1"])


@rows("CLM-21")
@pytest.mark.parametrize("azp", ["client-2", "", 1, ["client-1"]])
def test_authorized_party_is_someone_else(tool: Tool, row: str, azp: Any) -> None:
    tool.register(client_id="client-2", number=2)
    assert_refused(tool, detail="azp", aud=["client-2", "client-1"], azp=azp)
    tool.clock.advance(minutes=11)
    assert tool.launch(aud="client-1", azp=azp, iat=int(tool.clock().timestamp())).status_code == 401


@rows("CLM-23")
@pytest.mark.parametrize("aud", ["client-2", "", None, 7, [], [7], {}, ["CLIENT-1"], "client-1 "])
def test_audience_is_not_us(tool: Tool, row: str, aud: Any) -> None:
    assert_refused(tool, detail="aud", aud=aud)
