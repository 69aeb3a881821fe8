"""Dynamic registration (LTI Dynamic Registration 1.0)."""

from __future__ import annotations

import copy

import pytest

from sandbox.campus.tool_pages import registration_address
from sandbox.campus.vocabulary import (
    DEEP_LINKING_REQUEST,
    MEMBERSHIP_SCOPE,
    PLATFORM_CONFIGURATION,
    SCORE_SCOPE,
    TOOL_CONFIGURATION,
)

METADATA = {
    "application_type": "web",
    "response_types": ["id_token"],
    "grant_types": ["implicit", "client_credentials"],
    "initiate_login_uri": "http://127.0.0.1:9/login",
    "redirect_uris": ["http://127.0.0.1:9/launch"],
    "client_name": "Throw-away tool",
    "jwks_uri": "http://127.0.0.1:9/jwks",
    "token_endpoint_auth_method": "private_key_jwt",
    "scope": f"{SCORE_SCOPE} {MEMBERSHIP_SCOPE} https://example.org/other",
    TOOL_CONFIGURATION: {
        "domain": "127.0.0.1:9",
        "description": "For trying",
        "target_link_uri": "http://127.0.0.1:9/launch",
        "custom_parameters": {"history": "$Context.id.history", "sum": "a=b"},
        "claims": ["iss", "sub", "name"],
        "messages": [{"type": DEEP_LINKING_REQUEST, "target_link_uri": "http://127.0.0.1:9/pick"}],
    },
}


@pytest.fixture
def configuration(campus, session):
    return session.get(f"{campus.base_url}/.well-known/openid-configuration", timeout=10).json()


@pytest.fixture
def token(admin):
    return admin("POST", "/registrations")["registration_token"]


@pytest.fixture
def register(session, configuration):
    def send(token, metadata=METADATA, **how):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        how = how or {"json": metadata}
        return session.post(configuration["registration_endpoint"], headers=headers, timeout=10, **how)

    return send


def changed(**changes):
    """The metadata with some members set, or removed by None; `lti` changes the tool configuration."""
    metadata = copy.deepcopy(METADATA)
    lti = {**metadata[TOOL_CONFIGURATION], **changes.pop("lti", {})}
    metadata = {**metadata, TOOL_CONFIGURATION: {name: value for name, value in lti.items() if value is not None}}
    return {name: value for name, value in {**metadata, **changes}.items() if value is not None}


def test_the_configuration_tells_everything_a_tool_needs(campus, admin, configuration):
    assert configuration["issuer"] == campus.base_url
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"):
        assert configuration[name].startswith(f"{campus.base_url}/lti/")
    assert configuration["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert MEMBERSHIP_SCOPE in configuration["scopes_supported"]
    platform = configuration[PLATFORM_CONFIGURATION]
    assert {message["type"] for message in platform["messages_supported"]} == {
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
    }
    assert "ResourceLink.id.history" in platform["variables"]
    assert (
        admin("POST", "/registrations")["openid_configuration"] == f"{campus.base_url}/.well-known/openid-configuration"
    )


def test_a_tool_registers_itself_and_waits_for_activation(admin, register, token):
    answer = register(token)
    assert answer.status_code == 200
    body = answer.json()
    assert body["client_name"] == "Throw-away tool"
    assert body["scope"].split() == [SCORE_SCOPE, MEMBERSHIP_SCOPE]
    assert body[TOOL_CONFIGURATION]["deployment_id"] == "1"
    assert body[TOOL_CONFIGURATION]["custom_parameters"] == {"history": "$Context.id.history", "sum": "a=b"}
    (tool,) = admin("GET", "/tools")
    assert tool["client_id"] == body["client_id"]
    assert tool["status"] == "pending"
    assert (tool["deep_link_uri"], tool["shares_names"], tool["shares_emails"]) == (
        "http://127.0.0.1:9/pick",
        True,
        False,
    )
    assert admin("POST", f"/tools/{tool['client_id']}/activate")["status"] == "active"


def test_a_campus_may_activate_at_once(start_campus, session):
    campus = start_campus(auto_activate=True)
    ask = session.post(f"{campus.base_url}/admin/api/registrations", headers=campus.admin_headers, timeout=10)
    headers = {"Authorization": f"Bearer {ask.json()['registration_token']}"}
    session.post(f"{campus.base_url}/lti/register", json=METADATA, headers=headers, timeout=10)
    (tool,) = session.get(f"{campus.base_url}/admin/api/tools", headers=campus.admin_headers, timeout=10).json()
    assert tool["status"] == "active"


def test_a_token_registers_one_tool(admin, register, token):
    assert register(token).status_code == 200
    answer = register(token)
    assert (answer.status_code, answer.json()["error_description"]) == (401, "token_already_used")
    assert len(admin("GET", "/tools")) == 1


def test_a_refused_registration_does_not_use_up_the_token(register, token):
    assert register(token, changed(jwks_uri=None)).status_code == 400
    assert register(token).status_code == 200


def test_a_token_expires(register, token, clock):
    clock.forward(minutes=60)
    answer = register(token)
    assert (answer.status_code, answer.json()["error_description"]) == (401, "token_expired")


@pytest.mark.parametrize(
    ("token", "description"), [(None, "missing_registration_token"), ("made-up", "malformed_registration_token")]
)
def test_without_a_token_nobody_registers(register, token, description):
    answer = register(token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.json()["error_description"] == description


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        (changed(redirect_uris=[]), "invalid_redirect_uri"),
        (changed(redirect_uris="http://127.0.0.1:9/launch"), "invalid_redirect_uri"),
        (changed(redirect_uris=["javascript:alert(1)"]), "invalid_redirect_uri"),
        (changed(redirect_uris=["http://127.0.0.1:9/launch#x"]), "invalid_redirect_uri"),
        (changed(application_type="native"), "invalid_client_metadata"),
        (changed(response_types=["code"]), "invalid_client_metadata"),
        (changed(grant_types=["implicit"]), "invalid_client_metadata"),
        (changed(grant_types=None), "invalid_client_metadata"),
        (changed(token_endpoint_auth_method="client_secret_basic"), "invalid_client_metadata"),
        (changed(initiate_login_uri="file:///etc/hosts"), "invalid_client_metadata"),
        (changed(initiate_login_uri="http://[broken/"), "invalid_client_metadata"),
        (changed(jwks_uri=None), "invalid_client_metadata"),
        (changed(client_name="  "), "invalid_client_metadata"),
        (changed(scope=None), "invalid_client_metadata"),
        (changed(**{TOOL_CONFIGURATION: None}), "invalid_client_metadata"),
        (changed(lti={"target_link_uri": None}), "invalid_client_metadata"),
        (changed(lti={"domain": None}), "invalid_client_metadata"),
        (changed(lti={"messages": "none"}), "invalid_client_metadata"),
        (changed(lti={"claims": None}), "invalid_client_metadata"),
        (changed(lti={"custom_parameters": {"a": 5}}), "invalid_client_metadata"),
        (
            changed(lti={"messages": [{"type": DEEP_LINKING_REQUEST, "target_link_uri": "x"}]}),
            "invalid_client_metadata",
        ),
        ([], "invalid_client_metadata"),
    ],
)
def test_wrong_metadata_is_refused(admin, register, token, metadata, error):
    answer = register(token, metadata)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert admin("GET", "/tools") == []


def test_a_body_that_is_not_json_is_refused(register, token):
    assert register(token, data=b"not json").status_code == 400


def test_the_page_opens_the_tools_registration_in_a_frame(campus, session, page):
    form = page("/tools").find("form", action="/tools/register")
    assert form is not None
    answer = session.post(
        f"{campus.base_url}/tools/register",
        data={"registration_url": "http://127.0.0.1:9/register?a=%20b"},
        headers={"Origin": campus.base_url},
        timeout=10,
    )
    assert 'src="http://127.0.0.1:9/register?a=%20b&amp;openid_configuration=http%3A%2F%2Flocalhost' in answer.text
    assert "registration_token=" in answer.text


def test_the_registration_address_keeps_its_query():
    url = registration_address("https://tool.example/register?a=1&b=%2F", "https://campus.example/c", "t&k")
    assert url == (
        "https://tool.example/register?a=1&b=%2F&openid_configuration=https%3A%2F%2Fcampus.example%2Fc"
        "&registration_token=t%26k"
    )


def test_moodle_refuses_in_plain_text_and_cuts_at_the_sign(admin, register, token):
    admin("PUT", "/quirks", {"preset": "moodle"})
    refusal = register(None)
    assert (refusal.status_code, refusal.text) == (401, "missing_registration_token")
    assert refusal.headers["Content-Type"].startswith("text/html")
    assert register(token).json()[TOOL_CONFIGURATION]["custom_parameters"]["sum"] == "a"
