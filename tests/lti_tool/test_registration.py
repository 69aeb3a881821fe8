"""Dynamic registration, and what platforms read about us."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from core.activities import platforms
from core.settings import Settings
from core.store.tables import Platform, Registration, ToolKey
from lti_tool.scopes import WANTED
from tests.lms import Lms, Reply
from tests.tool import SECRET, TOOL, Tool, security_log

DATABASES = ("sqlite",)  # the rules here are about messages
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CONFIGURATION = "/openid-configuration"


@pytest.fixture
def campus(tool: Tool) -> Lms:
    """A platform that offers dynamic registration; the tool does not know it yet."""
    campus = tool.lms
    campus.replies[CONFIGURATION] = Reply(body=configuration(campus))
    campus.replies["/register"] = Reply(
        status=201, body={"client_id": "new-client", TOOL_CONFIGURATION: {"deployment_id": "7"}}
    )
    with tool.database.write() as session:
        for table in (ToolKey, Platform, Registration):
            session.query(table).delete()
    return campus


def configuration(lms: Lms, **changes: Any) -> dict[str, Any]:
    found = {
        "issuer": lms.url,
        "authorization_endpoint": f"{lms.url}/auth",
        "token_endpoint": f"{lms.url}/token",
        "jwks_uri": f"{lms.url}/jwks",
        "registration_endpoint": f"{lms.url}/register",
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {"product_family_code": "Moodle"},
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def register(tool: Tool, token: str | None = "reg-token", **headers: str) -> TestResponse:
    data = {"openid_configuration": f"{tool.lms.url}{CONFIGURATION}"}
    if token is not None:
        data["registration_token"] = token
    return tool.browser().post("/lti/register", data=data, base_url=TOOL, headers=headers)


def test_page_asks_before_anything_is_called(tool: Tool, campus: Lms) -> None:
    url = f"{campus.url}{CONFIGURATION}"
    page = tool.browser().get(
        "/lti/register", query_string={"openid_configuration": url, "registration_token": 'a"><b>'}, base_url=TOOL
    )
    assert page.status_code == 200
    assert f"Register Heirloom with {campus.url.removeprefix('http://')}?" in page.text
    assert '<input type="hidden" name="registration_token" value="a&#34;&gt;&lt;b&gt;">' in page.text
    assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {campus.url}")
    assert campus.seen == []
    assert tool.count(Registration) == 0


def test_registration(tool: Tool, campus: Lms) -> None:
    with security_log() as log:
        page = register(tool)
    assert page.status_code == 200
    assert "Two things are left to do:" in page.text
    assert '<script src="/static/lti/close.js" defer></script>' in page.text
    kept = tool.one(Registration)
    assert (kept.issuer, kept.client_id, kept.status, kept.origin) == (campus.url, "new-client", "pending", "dynamic")
    assert kept.product_family == "moodle"
    assert kept.public_id in page.text
    assert (tool.one(Platform).deployment_id, tool.one(Platform).status) == ("7", "pending")
    first, second = campus.seen
    assert first.headers["authorization"] == second.headers["authorization"] == "Bearer reg-token"
    sent = second.json()
    assert sent["initiate_login_uri"] == f"{TOOL}/lti/login"
    assert sent["redirect_uris"] == [f"{TOOL}/lti/launch"]
    assert sent["jwks_uri"] == f"{TOOL}/lti/jwks/{kept.public_id}"
    assert sent["token_endpoint_auth_method"] == "private_key_jwt"
    assert sent["scope"].split() == list(WANTED)
    assert sent[TOOL_CONFIGURATION]["claims"] == ["iss", "sub", "name"]  # no address
    assert [message["type"] for message in sent[TOOL_CONFIGURATION]["messages"]] == [
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
    ]
    assert "reg-token" not in str(log)
    assert tool.browser().get(f"/lti/jwks/{kept.public_id}").status_code == 200
    assert tool.login(tool.browser(), client_id="new-client").response.status_code == 403
    with tool.database.write() as session:
        platforms.approve(session, tool.one(Platform).public_id)
    launched = tool.launch(
        at_login={"client_id": "new-client", "lti_deployment_id": "7"}, aud="new-client", deployment_id="7"
    )
    assert launched.status_code == 303


def test_registration_without_a_token(tool: Tool, campus: Lms) -> None:
    assert register(tool, token=None).status_code == 200
    assert all("authorization" not in seen.headers for seen in campus.seen)


def test_second_registration_is_a_new_one(tool: Tool, campus: Lms) -> None:
    assert register(tool).status_code == 200
    campus.replies["/register"] = Reply(body={"client_id": "second-client"})
    assert register(tool).status_code == 200
    assert {row.client_id for row in tool.all(Registration)} == {"new-client", "second-client"}


def test_known_issuer_with_other_keys_is_refused(tool: Tool, campus: Lms) -> None:
    assert register(tool).status_code == 200
    campus.replies[CONFIGURATION] = Reply(body=configuration(campus, jwks_uri=f"{campus.url}/attacker/jwks"))
    campus.replies["/register"] = Reply(body={"client_id": "attacker"})
    refused = register(tool)
    assert refused.status_code == 400
    assert "registered already, with other keys" in refused.text
    assert tool.one(Registration).keyset_url == f"{campus.url}/jwks"


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        [],
        {},
        {"issuer": "https://other.example"},
        {"authorization_endpoint": None},
        {"token_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "file:///etc/passwd"},
        {"registration_endpoint": 5},
    ],
)
def test_configurations_that_are_refused(tool: Tool, campus: Lms, body: Any) -> None:
    usable = body if not isinstance(body, dict) or not body else configuration(campus, **body)
    campus.replies[CONFIGURATION] = Reply(body=usable)
    refused = register(tool)
    assert refused.status_code == 400
    assert "Support code" in refused.text
    assert [seen.path for seen in campus.seen] == [CONFIGURATION]
    assert tool.count(Registration, ToolKey) == 0


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_endpoints_on_private_addresses_are_refused_before_we_register(tool: Tool, campus: Lms, endpoint: str) -> None:
    campus.replies[CONFIGURATION] = Reply(body=configuration(campus, **{endpoint: "https://169.254.169.254/latest"}))
    assert register(tool).status_code == 400
    assert campus.fetched("/register") == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=401, body={"error": "invalid_token", "detail": "reg-token"}),
        Reply(body=b"<html>registered</html>"),
        Reply(body={}),
        Reply(body={"client_id": 5}),
        Reply(status=302, headers={"Location": "https://evil.example/"}),
    ],
)
def test_answers_to_the_registration_that_are_refused(tool: Tool, campus: Lms, reply: Reply) -> None:
    campus.replies["/register"] = reply
    with security_log() as log:
        refused = register(tool)
    assert refused.status_code == 400
    assert "did not accept the registration" in refused.text
    assert "reg-token" not in refused.text + str(log)
    assert tool.count(Registration, ToolKey) == 0


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "file:///etc/passwd", "//lms.example", "https://"])
def test_addresses_of_configurations_that_are_none(tool: Tool, campus: Lms, url: str) -> None:
    for method in ("get", "post"):
        values = {"query_string" if method == "get" else "data": {"openid_configuration": url}}
        assert getattr(tool.browser(), method)("/lti/register", base_url=TOOL, **values).status_code == 400
    assert campus.seen == []


def test_http_and_private_addresses_are_refused_in_production(tool: Tool, campus: Lms) -> None:
    production = Tool(tool.database, campus, Settings(url=TOOL, secret_keys=(SECRET,)))
    assert register(production).status_code == 400
    for url in ("https://127.0.0.1/oc", "https://10.0.0.1/oc", "https://[::1]/oc", "https://2130706433/oc"):
        refused = production.browser().post("/lti/register", data={"openid_configuration": url}, base_url=TOOL)
        assert refused.status_code == 400
    assert campus.seen == []


def test_foreign_page_cannot_register(tool: Tool, campus: Lms) -> None:
    assert register(tool, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert register(tool, Origin="https://evil.example").status_code == 403
    assert campus.seen == []
    assert register(tool, **{"Sec-Fetch-Site": "same-origin", "Origin": "null"}).status_code == 200


def test_description_for_canvas(tool: Tool) -> None:
    described = tool.browser().get("/lti/config.json").get_json()
    assert described["oidc_initiation_url"] == f"{TOOL}/lti/login"
    assert described["target_link_uri"] == f"{TOOL}/lti/launch"
    assert described["public_jwk_url"] == f"{TOOL}/lti/jwks"
    assert described["scopes"] == list(WANTED)
    (canvas,) = described["extensions"]
    assert (canvas["platform"], canvas["domain"]) == ("canvas.instructure.com", "tool.example")
    kinds = {place["placement"]: place["message_type"] for place in canvas["settings"]["placements"]}
    assert kinds == {
        "assignment_selection": "LtiDeepLinkingRequest",
        "link_selection": "LtiDeepLinkingRequest",
        "course_navigation": "LtiResourceLinkRequest",
    }
