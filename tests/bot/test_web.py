"""The bot's doors in the web process: installing, coming back, and what is said when that goes wrong."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot import web
from bot.pages import REASONS
from core.activities import workspaces
from tests.bot.slack import Workspace

DATABASES = ("sqlite",)


@pytest.fixture
def door(workspace: Workspace) -> FlaskClient:
    app = Flask(__name__)
    web.install(app, workspace.wiring)
    return app.test_client()


def state_of(page: str) -> str:
    found = re.search(r"state=([^&\"]+)", page)
    assert found
    return found[1]


def test_the_first_page_says_what_the_app_may_do_and_why(door: FlaskClient) -> None:
    answer = door.get("/slack/install", headers={"Accept-Language": "de"})
    assert answer.status_code == 200
    assert '<html lang="de">' in answer.text
    for scope in (*web.SCOPES, *web.OPTIONAL_SCOPES):
        assert f"<code>{scope}</code>" in answer.text
    assert set(REASONS) == {*web.SCOPES, *web.OPTIONAL_SCOPES}
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert state_of(answer.text) in cookie


def test_an_installation_is_kept_and_its_state_works_once(workspace: Workspace, door: FlaskClient) -> None:
    state = state_of(door.get("/slack/install").text)
    workspace.api.answers["oauth.v2.access"] = [
        {
            "access_token": "xoxe.xoxb-1", "refresh_token": "xoxe-1", "expires_in": 43200, "token_type": "bot",
            "app_id": "A1", "bot_user_id": "UB2", "scope": "chat:write,commands", "authed_user": {"id": "U7"},
            "team": {"id": "T7", "name": "<b>Seven</b>"}, "enterprise": None, "is_enterprise_install": False,
        }
    ]  # fmt: skip
    workspace.api.answers["auth.test"] = [{"bot_id": "B7", "user_id": "UB2", "team_id": "T7"}]
    answer = door.get(f"/slack/oauth_redirect?code=one&state={state}")
    assert answer.status_code == 200
    assert "“&lt;b&gt;Seven&lt;/b&gt;”" in answer.text
    with workspace.database.read() as session:
        found = workspaces.find(session, None, "T7")
    assert found is not None
    assert (found.installed_by, found.bot_id, found.scopes) == ("U7", "B7", ("chat:write", "commands"))
    door.set_cookie(web.STATE_COOKIE, state)
    again = door.get(f"/slack/oauth_redirect?code=one&state={state}")
    assert (again.status_code, "Begin again" in again.text) == (400, True)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("error=access_denied", "You did not allow it"),
        ("code=x&state=foreign", "another browser"),
        ("", "another browser"),
        ("error=%3Cscript%3E", "did not finish"),
    ],
)
def test_what_went_wrong_is_said_and_nothing_is_installed(
    workspace: Workspace, door: FlaskClient, query: str, said: str
) -> None:
    answer = door.get(f"/slack/oauth_redirect?{query}")
    assert answer.status_code < 500
    assert said in answer.text
    assert "<script>" not in answer.text
    assert workspace.api.of("oauth.v2.access") == []


def test_a_delivery_without_a_signature_is_refused(door: FlaskClient) -> None:
    assert door.post("/slack/events", data={"command": "/heirloom"}).status_code == 401
    assert door.get("/slack/events").status_code == 405
