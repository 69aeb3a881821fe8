"""Area oidc_login: third-party initiated login."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from core.activities import platforms
from core.activities.refusals import Refusal
from core.secrets import digest
from core.settings import Settings
from core.store.tables import LaunchSession, LaunchState, Registration
from tests.lms import signed
from tests.spec.lti.rows import rows
from tests.tool import SECRET, TOOL, Tool, security_log, tool_key

DATABASES = ("sqlite",)  # the rules here are about parameters and addresses
HINT = '{"cmid":2,"a":"b&c=d%26+e"} ü漢 #?'


@rows("OIDC-01", "OIDC-02")
def test_login_goes_to_the_registered_authorization_address(tool: Tool, row: str) -> None:
    login = tool.login(tool.browser(), method={"OIDC-01": "POST", "OIDC-02": "GET"}[row])
    assert login.response.status_code == 302
    assert login.url.startswith(f"{tool.lms.url}/auth?")
    expected = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "client-1",
        "redirect_uri": f"{TOOL}/lti/launch",
        "login_hint": "hint-07",
    }
    assert {name: login.parameters[name] for name in expected} == expected
    kept = tool.one(LaunchState)
    assert (kept.status, kept.state_hash, kept.nonce_hash) == ("pending", digest(login.state), digest(login.nonce))


@rows("OIDC-04", "OIDC-05")
def test_incomplete_login_stores_nothing(tool: Tool, row: str) -> None:
    missing = {"OIDC-04": "iss", "OIDC-05": "login_hint"}[row]
    with security_log() as log:
        response = tool.login(tool.browser(), **{missing: None}).response
    assert response.status_code == 400
    support = re.search(r"Support code: ([0-9A-Z]{8})", response.text)
    assert support
    assert log == [{**log[0], "event": "refused", "reason": "login_incomplete", "support": support.group(1)}]
    assert missing in log[0]["detail"]
    assert tool.count(LaunchState) == 0
    assert "Set-Cookie" not in response.headers


def test_login_without_a_target_stores_nothing(tool: Tool) -> None:
    assert tool.login(tool.browser(), target_link_uri=None).response.status_code == 400
    assert tool.count(LaunchState) == 0


@rows("OIDC-07")
def test_unknown_issuer(tool: Tool, row: str) -> None:
    response = tool.login(tool.browser(), iss="https://evil.example/<script>alert(1)</script>" + "x" * 200).response
    assert response.status_code == 400
    assert "https://evil.example/&lt;script&gt;alert(1)&lt;/script&gt;" in response.text
    assert "<script>alert" not in response.text
    assert "x" * 100 not in response.text
    assert tool.lms.seen == []
    assert tool.count(LaunchState) == 0


@pytest.mark.parametrize("name", ["iss", "client_id", "lti_deployment_id"])
@pytest.mark.parametrize("value", ["a\x00b", "x" * 256, "über"])
def test_ids_that_no_platform_has(tool: Tool, name: str, value: str) -> None:
    assert tool.login(tool.browser(), **{name: value}).response.status_code == 400
    assert tool.count(LaunchState) == 0


@rows("OIDC-08")
def test_message_hint_comes_back_unaltered(tool: Tool, row: str) -> None:
    for method in ("GET", "POST"):
        login = tool.login(tool.browser(), method=method, lti_message_hint=HINT)
        assert parse_qs(urlsplit(login.url).query)["lti_message_hint"] == [HINT]
    assert "lti_message_hint" not in tool.login(tool.browser()).parameters


@rows("OIDC-10")
def test_long_login_hint_is_passed_on_whole(tool: Tool, row: str) -> None:
    hint = "e" * 2000 + "." + "y" * 1999
    for method in ("GET", "POST"):
        assert tool.login(tool.browser(), method=method, login_hint=hint).parameters["login_hint"] == hint


@rows("OIDC-13")
def test_several_clients_and_no_client_id(tool: Tool, row: str) -> None:
    tool.register(client_id="client-2", number=2)
    response = tool.login(tool.browser(), client_id=None).response
    assert response.status_code == 400
    assert "client_id" in response.text
    assert tool.count(LaunchState) == 0


def test_one_client_needs_no_client_id(tool: Tool) -> None:
    assert tool.login(tool.browser(), client_id=None).parameters["client_id"] == "client-1"


@rows("OIDC-14")
def test_unknown_client_of_a_known_issuer(tool: Tool, row: str) -> None:
    with security_log() as log:
        response = tool.login(tool.browser(), client_id="client-9").response
    assert response.status_code == 400
    assert log[0]["reason"] == "client_unknown"
    assert tool.count(LaunchState) == 0


@rows("OIDC-15")
def test_deployment_differs_from_that_of_the_login(tool: Tool, row: str) -> None:
    tool.deploy(tool.register(deployment_id=None), "deployment-2", "p2")
    with security_log() as log:
        response = tool.launch(at_login={"lti_deployment_id": "deployment-2"})
    assert response.status_code == 401
    assert log[-1]["detail"] == "deployment_id differs from that of the login"
    assert tool.count(LaunchSession) == 0
    assert tool.launch(at_login={"lti_deployment_id": None}).status_code == 303


@rows("OIDC-16")
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/lti/launch",
        "//evil.example",
        "https://tool.example@evil.example/",
        "https://tool.example\\@evil.example/",
        "https://tool.example.evil.example/",
        "http://tool.example/lti/launch",
        "https://tool.example:444/",
        "https://tool。example/",
        "javascript:alert(1)",
    ],
)
def test_foreign_target_is_refused(tool: Tool, row: str, target: str) -> None:
    response = tool.login(tool.browser(), target_link_uri=target).response
    assert response.status_code == 400
    assert "Location" not in response.headers
    assert tool.launch(target_link_uri=target).status_code in (400, 401)
    assert tool.count(LaunchSession) == 0


@rows("OIDC-16")
def test_redirect_uri_is_ours_whatever_the_target(tool: Tool, row: str) -> None:
    login = tool.login(tool.browser(), target_link_uri=f"{TOOL}/lti/launch?ps=1")
    assert login.parameters["redirect_uri"] == f"{TOOL}/lti/launch"


@rows("OIDC-18")
def test_authorization_address_keeps_its_query(tool: Tool, row: str) -> None:
    tool.register(client_id="client-2", number=2, authorization_url=f"{tool.lms.url}/auth?tenant=a%2Fb&empty=")
    login = tool.login(tool.browser(), client_id="client-2")
    assert login.url.startswith(f"{tool.lms.url}/auth?tenant=a%2Fb&empty=&scope=openid&")
    assert login.url.count("?") == 1


@rows("OIDC-19")
def test_state_and_nonce_are_fresh_and_long(tool: Tool, row: str) -> None:
    logins = [tool.login(tool.browser()) for _ in range(20)]
    secrets = [login.state for login in logins] + [login.nonce for login in logins]
    assert len(set(secrets)) == 40
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in secrets)  # 256 bits


@rows("OIDC-21")
def test_two_frames_log_in_at_once(tool: Tool, row: str) -> None:
    browser = tool.browser()
    first, second = tool.login(browser), tool.login(browser)
    answers = [
        tool.post(browser, {"id_token": signed(tool.claims(login)), "state": login.state}) for login in (second, first)
    ]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert {session.status for session in tool.all(LaunchSession)} == {"coded"}


@rows("OIDC-22")
@pytest.mark.parametrize("proxies", [0, 1])
def test_cookies_and_addresses_behind_a_proxy(tool: Tool, row: str, proxies: int) -> None:
    settings = Settings(url=TOOL, secret_keys=(SECRET,), development=True, trusted_proxies=proxies)
    behind = Tool(tool.database, tool.lms, settings)
    response = behind.browser().post(
        "/lti/login",
        data=behind.login_parameters(),
        base_url="http://10.0.0.5:8000",
        headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "203.0.113.9"},
    )
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-hl-")
    for attribute in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert attribute in cookie.split("; ")
    assert parse_qs(urlsplit(response.headers["Location"]).query)["redirect_uri"] == [f"{TOOL}/lti/launch"]


@rows("OIDC-22")
def test_forwarded_headers_of_strangers_are_not_believed(tool: Tool, row: str) -> None:
    seen = {}
    tool = Tool(tool.database, tool.lms, fresh=True)

    @tool.app.get("/seen")
    def show() -> str:
        from flask import request

        seen.update(address=request.remote_addr, scheme=request.scheme)
        return ""

    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    tool.browser().get("/seen", base_url="http://10.0.0.5:8000", headers=headers)
    assert seen == {"address": "127.0.0.1", "scheme": "http"}


@rows("OIDC-23")
@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ("login_required", 401, "Your session in the learning platform has ended."),
        ("access_denied", 400, "Your learning platform stopped this launch."),
        ("<b>x</b>", 400, "Your learning platform stopped this launch."),
    ],
)
def test_platform_answers_with_an_error(tool: Tool, row: str, error: str, status: int, words: str) -> None:
    browser = tool.browser()
    login = tool.login(browser)
    form = {"error": error, "error_description": "Learner 07 <script>", "state": login.state}
    with security_log() as log:
        response = tool.post(browser, form)
    assert response.status_code == status
    assert words in response.text
    assert "open the activity again" in response.text
    assert "Learner 07" not in response.text
    assert "Learner 07" not in str(log)
    assert "Traceback" not in response.text
    assert tool.one(LaunchState).status == "refused"
    token = signed(tool.claims(login))
    assert tool.post(browser, {"id_token": token, "state": login.state}).status_code == 401


@rows("OIDC-24")
@pytest.mark.parametrize("field", ["issuer", "authorization_url", "token_url", "keyset_url"])
def test_plain_http_cannot_be_registered_in_production(tool: Tool, row: str, field: str) -> None:
    good = {
        "issuer": "https://lms.example",
        "authorization_url": "https://lms.example/auth",
        "token_url": "https://lms.example/token",
        "keyset_url": "https://lms.example/jwks",
    }
    bad = good | {field: "http://lms.example/x"}
    before = tool.count(Registration)
    with pytest.raises(Refusal, match="https"), tool.database.write() as session:
        platforms.register(
            session,
            platforms.NewRegistration(public_id="r9", name="", client_id="c", **bad),
            tool_key(3),
            status="active",
            development=False,
            now=tool.clock(),
        )
    assert tool.count(Registration) == before


@pytest.mark.parametrize(("status", "expected"), [("pending", "not approved"), ("disabled", "switched off")])
def test_registration_that_is_not_active(tool: Tool, status: str, expected: str) -> None:
    with tool.database.write() as session:
        session.query(Registration).update({"status": status})
    response = tool.login(tool.browser()).response
    assert response.status_code == 403
    assert expected in response.text
    assert tool.count(LaunchState) == 0
