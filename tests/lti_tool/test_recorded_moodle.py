"""What a real Moodle sent, through our own verification and readers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.secrets import digest
from lti_tool import links, messages, registration, rosters, scores, tokens, verify
from lti_tool.egress import Answer
from lti_tool.keysets import PublicKey, usable
from lti_tool.refusals import Refused

MOODLE = "https://localhost:8443"
TOOL = "https://127.0.0.1:9443"
CLIENT = "BtSvcOYU97Pf7ni"
Read = Callable[[str], Any]


def payload(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def expected(claims: dict[str, Any]) -> verify.Expected:
    return verify.Expected(MOODLE, CLIENT, digest(claims["nonce"]))


def keys(found: list[dict[str, Any]]) -> tuple[PublicKey, ...]:
    read, problems = usable({"keys": found})
    assert problems == ()
    return read


def test_recorded_launches_verify_at_their_time(moodle: Read) -> None:
    recorded = moodle("launches.json")
    assert len(recorded["launches"]) == 21
    for name, token in recorded["launches"].items():
        claims = payload(token)
        then = datetime.fromtimestamp(claims["iat"] + 2, UTC)
        found = verify.verified(verify.parse(token), keys(recorded["keys"]), expected(claims), then)
        launch = messages.read(found, tool_url=TOOL, development=False)
        assert launch.subject == claims["sub"], name
        assert launch.deployment_id == "1"
        assert launch.context is not None
        course = f"{MOODLE}/mod/lti/services.php/CourseSection/{launch.context.id}/"
        assert launch.context.memberships_url is not None
        assert launch.context.memberships_url.startswith(course)
        assert launch.product_family == "moodle"
        assert (launch.deep_linking is not None) == name.startswith("deep-linking")
        assert (launch.link is None) == name.startswith("deep-linking")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("launch-student", "student"),
        ("launch-teacher", "teacher"),
        ("launch-non-editing-teacher", "teacher"),
        ("launch-site-admin-not-enrolled", "teacher"),
        ("launch-teacher-switched-role-to-student", "student"),
    ],
)
def test_roles_of_recorded_launches(moodle: Read, name: str, role: str) -> None:
    claims = payload(moodle("launches.json")["launches"][name])
    assert messages.read(claims, tool_url=TOOL, development=False).role == role


def test_recorded_launch_is_refused_a_little_later_or_elsewhere(moodle: Read) -> None:
    recorded = moodle("launches.json")
    token = recorded["launches"]["launch-student"]
    claims = payload(token)
    then = datetime.fromtimestamp(claims["iat"], UTC)
    good = keys(recorded["keys"])
    verify.verified(verify.parse(token), good, expected(claims), then + timedelta(seconds=69))
    with pytest.raises(Refused, match="expired"):
        verify.verified(verify.parse(token), good, expected(claims), then + timedelta(seconds=70))
    with pytest.raises(Refused, match="nonce"):
        verify.verified(verify.parse(token), good, verify.Expected(MOODLE, CLIENT, digest("other")), then)
    with pytest.raises(Refused, match="aud"):
        verify.verified(verify.parse(token), good, verify.Expected(MOODLE, "other", digest(claims["nonce"])), then)
    with pytest.raises(Refused, match="signature"):
        verify.verified(verify.parse(token), (), expected(claims), then)


def test_three_bad_tokens_are_refused_and_their_good_neighbours_are_not(moodle: Read) -> None:
    """Signed with a key that is not published, with a broken signature, and with an unknown kid."""
    recorded = moodle("tool_side.json")
    good = keys(recorded["keys"])
    answer, assertion = recorded["good"]["deep linking response"], recorded["good"]["client assertion"]
    claims = payload(answer)
    ours = verify.Expected(claims["iss"], claims["aud"][0], digest(claims["nonce"]))
    verify.verified(verify.parse(answer), good, ours, datetime.fromtimestamp(claims["iat"], UTC))
    claims = payload(assertion)
    ours = verify.Expected(claims["iss"], claims["aud"][0], digest("none"))
    with pytest.raises(Refused, match="nonce"):  # an assertion has none; all that comes before was good
        verify.verified(verify.parse(assertion), good, ours, datetime.fromtimestamp(claims["iat"], UTC))
    assert len(recorded["bad"]) == 3
    for token in recorded["bad"].values():
        claims = payload(token)
        with pytest.raises(Refused, match="no key verifies the signature"):
            verify.verified(verify.parse(token), good, expected(claims | {"nonce": "x"}), datetime.now(UTC))


def test_services_of_recorded_launches(moodle: Read) -> None:
    claims = payload(moodle("launches.json")["launches"]["launch-student"])
    launch = messages.read(claims, tool_url=TOOL, development=False)
    assert launch.link is not None
    assert launch.link.line_item_url == f"{MOODLE}/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1"
    assert links.below(launch.link.line_item_url, "scores") == (
        f"{MOODLE}/mod/lti/services.php/2/lineitems/2/lineitem/scores?type_id=1"
    )
    assert links.below(launch.link.line_item_url, "results", user_id="5") == (
        f"{MOODLE}/mod/lti/services.php/2/lineitems/2/lineitem/results?type_id=1&user_id=5"
    )
    two_columns = payload(moodle("launches.json")["launches"]["launch-student-two-line-items"])
    without = messages.read(two_columns, tool_url=TOOL, development=False)
    assert without.link is not None
    assert without.link.line_item_url is None


def test_recorded_results(moodle: Read) -> None:
    recorded = moodle("results.json")
    assert scores.result_of(recorded["50-ags-results-before-any-score"], "5") is None
    assert scores.result_of(recorded["51c-ags-results-after-score"], "5") == 0.7
    assert scores.result_of(recorded["51c-ags-results-after-score"], "6") is None
    clamped = scores.result_of(recorded["52b-ags-results-after-over-maximum"], "6")
    assert clamped == 1.0
    assert scores.is_ours(clamped, 1.5)
    assert scores.result_of(recorded["54b-ags-results-after-pending"], "5") is None


def test_recorded_rosters(moodle: Read) -> None:
    first, second, nameless = moodle("rosters.json").values()
    following = links.find(first["link"], "next", base=first["url"])
    assert following == second["url"]
    members = [rosters.read_member(value) for page in (first, second) for value in rosters.read_page(page["body"])]
    assert [member.subject for member in members if member] == ["4", "5", "6", "3"]
    assert [member.role for member in members if member] == ["student", "student", "student", "teacher"]
    assert all(member.name and member.name.startswith("Member") for member in members if member)
    assert {member.name for value in nameless["body"]["members"] if (member := rosters.read_member(value))} == {None}


def test_recorded_token_answers(moodle: Read) -> None:
    """JSON although the content type says HTML; an HTML page where the tool's keys could not be read."""
    recorded = moodle("tokens.json")

    def answer(name: str) -> Answer:
        return Answer(
            recorded[name]["status"], {"content-type": recorded[name]["content_type"]}, recorded[name]["body"].encode()
        )

    token, life = tokens.read_token(answer("20b-token-request-score-only"), (scores.SCORE,))
    assert (len(token), life) == (32, 3600)
    for name in (
        "21a-token-error-invalid-scope",
        "21b-token-error-unknown-client",
        "22a-token-error-tool-jwks-port-blocked",
    ):
        with pytest.raises(tokens.NoToken):
            tokens.read_token(answer(name), (scores.SCORE,))


def test_recorded_registration(moodle: Read) -> None:
    recorded = moodle("registration.json")
    url = f"{MOODLE}/mod/lti/openid-configuration.php"
    configuration = registration.read_configuration(recorded["configuration"], url, development=False)
    assert configuration.issuer == MOODLE
    assert configuration.keyset_url == f"{MOODLE}/mod/lti/certs.php"
    assert configuration.product_family == "moodle"
    answer = Answer(200, {}, json.dumps(recorded["answer"]).encode())
    assert registration.read_response(answer) == (CLIENT, "1")
