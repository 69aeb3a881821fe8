"""Installing: consent, code, tokens, rotation, organisations, uninstalling.

docs.slack.dev/authentication/installing-with-oauth, /using-token-rotation
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.oauth import AuthorizeUrlGenerator

from sandbox.slack.server import RunningSlack, serve_in_thread
from tests.sandbox.slack.checks import HOME, MODAL
from tests.sandbox.slack.workspace import OPTIONAL, SCOPES, error, manifest, refusal

REDIRECT = "https://probe.example/slack/oauth_redirect"


@pytest.fixture
def rotating() -> Iterator[RunningSlack]:
    with serve_in_thread(manifest(token_rotation_enabled=True), students=2) as running:
        running.slack.clock.freeze()
        yield running


@pytest.fixture
def lasting() -> Iterator[RunningSlack]:
    with serve_in_thread(manifest(), students=2) as running:
        running.slack.clock.freeze()
        yield running


@pytest.fixture
def organisation() -> Iterator[RunningSlack]:
    """An organisation of two workspaces."""
    with serve_in_thread(manifest(org_deploy_enabled=True), students=2, in_organisation=True) as running:
        running.slack.clock.freeze()
        with running.slack.lock:
            enterprise = next(iter(running.slack.enterprises.values()))
            running.slack.add_team("Second", "second", enterprise=enterprise)
        yield running


def client(running: RunningSlack, token: str | None = None) -> WebClient:
    return WebClient(token=token, base_url=running.api_url)


def address(running: RunningSlack, **query: str) -> str:
    """Where a person is sent to, as slack_sdk writes it."""
    generator = AuthorizeUrlGenerator(
        client_id=running.app.client_id,
        scopes=[*SCOPES, *OPTIONAL],
        redirect_uri=REDIRECT,
        authorization_url=running.authorize_url,
    )
    extra = "".join(f"&{name}={value}" for name, value in query.items())
    return generator.generate(state="a state") + extra


def decide(running: RunningSlack, url: str = "", **form: Any) -> dict[str, str]:
    """What the browser brings back to the app."""
    person = running.seeded.teacher.id
    answer = requests.post(
        url or address(running), data={"user": person, "decision": "allow", **form}, allow_redirects=False
    )
    assert answer.status_code == 302, answer.text
    location = answer.headers["Location"]
    assert location.startswith(f"{REDIRECT}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def access(running: RunningSlack, code: str, **arguments: Any) -> Any:
    return client(running).oauth_v2_access(
        client_id=running.app.client_id, client_secret=running.app.client_secret, code=code, **arguments
    )


def refused(running: RunningSlack, **arguments: str) -> str:
    """Why oauth.v2.access gives nothing."""
    asked = {"client_id": running.app.client_id, "client_secret": running.app.client_secret, **arguments}
    return error(client(running), "oauth.v2.access", **asked)


def test_the_page_names_what_is_asked_for(lasting: RunningSlack) -> None:
    page = requests.get(address(lasting))
    assert page.status_code == 200
    for scope in (*SCOPES, *OPTIONAL):
        assert scope in page.text
    assert page.text.count('type="checkbox"') == len(OPTIONAL)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_a_code_becomes_a_token_once(lasting: RunningSlack) -> None:
    back = decide(lasting)
    assert back["state"] == "a state"
    answer = access(lasting, back["code"], redirect_uri=REDIRECT)
    assert answer["token_type"] == "bot"
    assert answer["scope"].split(",") == list(SCOPES)
    assert answer["team"] == {"id": lasting.seeded.team.id, "name": lasting.seeded.team.name}
    assert answer["authed_user"] == {"id": lasting.seeded.teacher.id}
    assert answer["is_enterprise_install"] is False
    assert answer["enterprise"] is None
    assert "refresh_token" not in answer.data
    assert client(lasting, answer["access_token"]).auth_test()["user_id"] == answer["bot_user_id"]
    assert refused(lasting, code=back["code"]) == "invalid_code"


def test_optional_scopes_are_granted_if_they_were_ticked(lasting: RunningSlack) -> None:
    granted = access(lasting, decide(lasting, scope=["team:read"])["code"])["scope"].split(",")
    assert granted == [*SCOPES, "team:read"]


def test_a_code_is_good_for_ten_minutes(lasting: RunningSlack) -> None:
    code = decide(lasting)["code"]
    lasting.slack.clock.advance(601)
    assert refused(lasting, code=code) == "invalid_code"


def test_who_declines_gives_no_code(lasting: RunningSlack) -> None:
    assert decide(lasting, decision="cancel") == {"error": "access_denied", "state": "a state"}


def test_the_client_must_prove_itself(lasting: RunningSlack) -> None:
    code = decide(lasting)["code"]
    assert refused(lasting, code=code, client_id="1.2") == "invalid_client_id"
    assert refused(lasting, code=code, client_secret="guess") == "bad_client_secret"
    assert refused(lasting, code=code, redirect_uri="https://evil.example/") == "bad_redirect_uri"


def test_a_grant_of_another_kind(lasting: RunningSlack) -> None:
    assert refused(lasting, grant_type="password") == "invalid_grant_type"
    assert refused(lasting, grant_type="refresh_token", refresh_token="xoxe-1-x") == "invalid_refresh_token"
    assert refused(lasting, code="x", code_verifier="x") == "pkce_not_allowed"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("client_id=", "client_id=9"), "invalid_client_id"),
        (("https://probe.example", "https://evil.example"), "bad_redirect_uri"),
        (("oauth_redirect", "oauth_redirect_of_mine"), "bad_redirect_uri"),
        (("scope=", "scope=admin,"), "invalid_scope"),
        (("scope=", "scopes="), "no_scopes"),
    ],
)
def test_a_request_that_the_settings_do_not_allow(lasting: RunningSlack, change: tuple[str, str], word: str) -> None:
    changed = address(lasting).replace(*change, 1)
    assert changed != address(lasting)
    for answer in (requests.get(changed), requests.post(changed, data={"decision": "allow"})):
        assert answer.status_code == 400
        assert word in answer.text


def test_another_page_cannot_press_the_button(lasting: RunningSlack) -> None:
    answer = requests.post(address(lasting), data={"decision": "allow"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_a_person_is_needed(lasting: RunningSlack) -> None:
    assert requests.post(address(lasting), data={"decision": "allow", "user": "U0"}).status_code == 400


def test_rotation(rotating: RunningSlack) -> None:
    first = access(rotating, decide(rotating)["code"])
    assert first["expires_in"] == 43_200
    assert first["access_token"].startswith("xoxe.xoxb-1-")
    assert first["refresh_token"].startswith("xoxe-1-")
    rotating.slack.clock.advance(43_199)
    assert client(rotating, first["access_token"]).auth_test()["ok"]
    second = client(rotating).oauth_v2_access(
        client_id=rotating.app.client_id,
        client_secret=rotating.app.client_secret,
        grant_type="refresh_token",
        refresh_token=first["refresh_token"],
    )
    assert second["access_token"] != first["access_token"]
    assert client(rotating, first["access_token"]).auth_test()["ok"]  # until it expires
    rotating.slack.clock.advance(2)
    assert error(client(rotating, first["access_token"]), "auth.test") == "token_expired"
    assert client(rotating, second["access_token"]).auth_test()["ok"]
    again = refused(rotating, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again == "invalid_refresh_token"


def test_two_tokens_are_good_at_the_same_time(rotating: RunningSlack) -> None:
    tokens = [rotating.install().access.value for _ in range(3)]
    rotating.slack.clock.advance(1)
    assert error(client(rotating, tokens[0]), "auth.test") == "token_revoked"
    assert client(rotating, tokens[1]).auth_test()["ok"]
    assert client(rotating, tokens[2]).auth_test()["ok"]


def test_a_lasting_token_is_exchanged_once(lasting: RunningSlack) -> None:
    old = lasting.install().access.value
    named = {"client_id": lasting.app.client_id, "client_secret": lasting.app.client_secret, "token": old}
    asking = client(lasting)
    assert error(asking, "oauth.v2.exchange", **named) == "token_rotation_not_enabled"
    lasting.app.token_rotation = True
    answer = asking.oauth_v2_exchange(**named)
    assert (answer["token_type"], answer["expires_in"]) == ("bot", 43_200)
    assert error(client(lasting, old), "auth.test") == "token_revoked"
    assert error(asking, "oauth.v2.exchange", **named) == "token_already_exchanged"
    assert error(asking, "oauth.v2.exchange", **{**named, "token": "xoxb-1"}) == "invalid_token"


def test_installing_again_adds_scopes(lasting: RunningSlack) -> None:
    first = access(lasting, decide(lasting)["code"])
    second = access(lasting, decide(lasting, scope=["team:read"])["code"])
    assert second["bot_user_id"] == first["bot_user_id"]
    assert second["access_token"] == first["access_token"]
    assert client(lasting, first["access_token"]).team_info()["ok"]


def test_an_organisation_gets_one_token_for_its_workspaces(organisation: RunningSlack) -> None:
    answer = access(organisation, decide(organisation, where="organisation", scope=["team:read"])["code"])
    assert answer["is_enterprise_install"] is True
    assert answer["team"] is None
    assert answer["enterprise"]["name"] == "Demonstration organisation"
    org = client(organisation, answer["access_token"])
    for team in organisation.slack.teams.values():
        assert org.users_list(team_id=team.id)["ok"]
        assert org.auth_test(team_id=team.id)["enterprise_id"] == answer["enterprise"]["id"]
        assert org.team_info(team_id=team.id)["team"]["enterprise_id"] == answer["enterprise"]["id"]
    assert error(org, "users.list") == "missing_argument"
    assert error(org, "users.list", team_id="T0") == "team_not_found"
    assert org.conversations_info(channel=organisation.seeded.course.id)["ok"]
    assert org.chat_postMessage(channel=organisation.seeded.teacher.id, text="Good morning")["ok"]
    assert org.views_publish(user_id=organisation.seeded.teacher.id, view=HOME)["ok"]
    seeded, issue = organisation.seeded, organisation.slack.triggers.issue
    trigger = issue(seeded.team.id, organisation.app.id, seeded.teacher.id)
    view = org.views_open(trigger_id=trigger, view=MODAL)["view"]
    assert org.views_update(view_id=view["id"], view=MODAL)["view"]["team_id"] == seeded.team.id
    answer = refusal(org, "views.open", trigger_id=trigger, view=MODAL)
    assert answer["error"] == "exchanged_trigger_id"


def test_a_workspace_of_an_organisation_alone(organisation: RunningSlack) -> None:
    answer = access(organisation, decide(organisation)["code"])
    assert answer["is_enterprise_install"] is False
    assert answer["enterprise"]["name"] == "Demonstration organisation"
    person = client(organisation, answer["access_token"]).users_info(user=organisation.seeded.teacher.id)["user"]
    assert person["enterprise_user"]["enterprise_id"] == answer["enterprise"]["id"]


def test_a_revoked_token_is_told_of(lasting: RunningSlack) -> None:
    told: list[Any] = []
    lasting.slack.listeners.append(told.append)
    mine = client(lasting, lasting.install().access.value)
    assert mine.auth_revoke(test=True)["revoked"] is False
    bot = mine.auth_test()["user_id"]
    assert mine.auth_revoke()["revoked"] is True
    assert error(mine, "auth.test") == "token_revoked"
    assert [(one.event["type"], one.event["tokens"]["bot"]) for one in told] == [("tokens_revoked", [bot])]


def test_uninstalling_ends_everything(lasting: RunningSlack) -> None:
    told: list[Any] = []
    mine = client(lasting, lasting.install().access.value)
    mine.conversations_join(channel=lasting.seeded.course.id)
    bot = mine.auth_test()["user_id"]
    lasting.slack.listeners.append(told.append)
    named = {"client_id": lasting.app.client_id, "client_secret": "guess"}
    assert error(mine, "apps.uninstall", **named) == "bad_client_secret"
    lasting.slack.clock.advance(60)
    mine.apps_uninstall(client_id=lasting.app.client_id, client_secret=lasting.app.client_secret)
    assert error(mine, "auth.test") == "account_inactive"
    assert bot not in lasting.seeded.course.members
    assert [one.event["type"] for one in told] == ["tokens_revoked", "app_uninstalled"]
    assert lasting.install().access.value != mine.token
