"""Installing an app end to end with Bolt's own OAuth flow and its stores; then it works with the token it got."""

from __future__ import annotations

import re
from contextlib import ExitStack
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from bs4 import BeautifulSoup
from slack_bolt import App
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.oauth.token_rotation import TokenRotator

from sandbox.slack.server import serve_in_thread
from tests.sandbox.slack.bolt_app import SCOPES, manifest, served_site


@pytest.fixture
def offered(tmp_path):
    """A small Slack and a Bolt app that is not installed yet; tokens rotate."""
    with ExitStack() as stack:
        site = stack.enter_context(served_site())
        running = stack.enter_context(serve_in_thread(manifest(site.url, token_rotation_enabled=True), students=2))
        client = WebClient(base_url=running.api_url)
        store = FileInstallationStore(base_dir=str(tmp_path / "installations"), client_id=running.app.client_id)
        settings = OAuthSettings(
            client_id=running.app.client_id,
            client_secret=running.app.client_secret,
            scopes=list(SCOPES),
            installation_store=store,
            state_store=FileOAuthStateStore(expiration_seconds=600, base_dir=str(tmp_path / "states")),
            authorization_url=running.authorize_url,
        )
        # Bolt makes its rotator with a client of its own, which asks slack.com.
        settings.authorize.token_rotator = TokenRotator(
            client_id=running.app.client_id, client_secret=running.app.client_secret, client=client
        )
        site.app = App(
            client=client,
            signing_secret=running.app.signing_secret,
            oauth_flow=OAuthFlow(client=client, settings=settings),
        )
        yield running, site, store


def consent(running, site, answer="allow", *, keep_cookie=True):
    """A browser on its way from the install page back to the app; the last answer.

    The cookie that holds the state is Secure, so over plain http it is carried by hand.
    """
    begin = requests.get(f"{site.url}/slack/install", timeout=10)
    cookie = {"Cookie": begin.headers["Set-Cookie"].partition(";")[0]} if keep_cookie else {}
    there = BeautifulSoup(begin.text, "html.parser").find("a")["href"]
    assert there.startswith(running.authorize_url)
    page = requests.get(there, timeout=10)
    form = BeautifulSoup(page.text, "html.parser").find("form")
    fields = {"user": running.seeded.teacher.id, "decision": answer}
    decided = requests.post(urljoin(there, form["action"]), data=fields, allow_redirects=False, timeout=10)
    assert decided.status_code == 302
    back = decided.headers["Location"]
    assert back.startswith(f"{site.url}/slack/oauth_redirect")
    return requests.get(back, headers=cookie, timeout=10), back, cookie


def test_an_app_is_installed_and_answers_with_the_token_that_it_got(offered):
    running, site, store = offered
    done, _, _ = consent(running, site)
    assert done.status_code == 200, done.text
    bot = store.find_bot(enterprise_id=None, team_id=running.seeded.team.id)
    assert bot.bot_token.startswith("xoxe.xoxb-")
    assert bot.bot_refresh_token.startswith("xoxe-")
    assert bot.bot_user_id == running.slack.bot_user(running.app.id, running.seeded.team.id).id

    @site.app.command("/ballot")
    def ballot(ack, client, command):
        client.conversations_join(channel=command["channel_id"])
        client.chat_postMessage(channel=command["channel_id"], text="Here I am")
        ack()

    learner, course = running.seeded.students[0].id, running.seeded.course.id
    assert running.outside.acting.command(learner, course, "/ballot", "").ok
    assert "Here I am" in [message.text for message in running.slack.channels[course].messages.values()]


def test_a_token_is_renewed_before_it_expires(offered):
    running, site, store = offered
    consent(running, site)
    team = running.seeded.team.id
    before = store.find_installation(enterprise_id=None, team_id=team)
    before.bot_token_expires_at = 1  # as if half a day had passed
    store.save(before)
    heard = []
    site.app.command("/ballot")(lambda ack, client: heard.append(client.auth_test()["ok"]) or ack())
    learner, course = running.seeded.students[0].id, running.seeded.course.id
    assert running.outside.acting.command(learner, course, "/ballot", "").ok
    after = store.find_installation(enterprise_id=None, team_id=team)
    assert heard == [True]
    assert after.bot_token != before.bot_token


def test_a_state_is_good_once_and_in_the_browser_that_began(offered):
    running, site, store = offered
    strange, _, _ = consent(running, site, keep_cookie=False)
    assert strange.status_code == 400
    assert store.find_bot(enterprise_id=None, team_id=running.seeded.team.id) is None
    done, back, cookie = consent(running, site)
    assert done.status_code == 200
    again = requests.get(back, headers=cookie, timeout=10)
    assert again.status_code in (400, 401)


def test_who_declines_installs_nothing(offered):
    running, site, store = offered
    done, back, _ = consent(running, site, "deny")
    assert re.search(r"error=access_denied", urlsplit(back).query)
    assert "access_denied" in done.text
    assert store.find_bot(enterprise_id=None, team_id=running.seeded.team.id) is None
    assert running.slack.installations == []
