"""`heirloom slack`: the manifest that an administrator pastes, and deliveries over a socket of the small Slack."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from click.testing import CliRunner

from bot.manifest import for_address
from bot.wiring import wire
from core.activities import workspaces
from core.activities.workspaces import Installed
from core.secrets import new_secret_key
from core.settings import Settings
from core.store.database import Database
from heirloom import clock
from heirloom.cli import cli
from heirloom.slack_commands import run
from heirloom.terminal import CannotDo
from sandbox.slack.server import RunningSlack, serve_in_thread
from tests.heirloom.test_cli import Operator

DATABASES = ("sqlite",)
SLACK = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s", "SLACK_SIGNING_SECRET": "s"}
NOWHERE = "postgresql://operator:hush@127.0.0.1:1/heirloom"
PATIENCE = 20.0  # [s]


@pytest.fixture
def operator(database_url: str) -> Operator:
    return Operator(database_url)


def test_the_manifest_is_printed_for_an_address_and_needs_no_settings() -> None:
    bare = {"HEIRLOOM_URL": None, "HEIRLOOM_SECRET_KEYS": None}
    printed = CliRunner().invoke(cli, ["slack", "manifest", "--url", "https://class.example.org"], env=bare)
    assert printed.exit_code == 0
    assert json.loads(printed.output) == json.loads(for_address("https://class.example.org", socket=False))
    over_socket = CliRunner().invoke(cli, ["slack", "manifest", "--url", "https://x.example", "--socket"], env=bare)
    assert json.loads(over_socket.output)["settings"]["socket_mode_enabled"] is True


def test_without_an_address_it_is_the_tools_own(operator: Operator) -> None:
    assert "https://tool.example/slack/events" in operator.must("slack", "manifest")
    for address in ("http://tool.example", "tool.example", ""):
        refused = operator.type("slack", "manifest", "--url", address)
        assert refused.exit_code == 2
        assert "Slack takes no address but https" in refused.output


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "SLACK_CLIENT_ID is not set"),
        (SLACK, "SLACK_APP_TOKEN is not set"),
        ({"SLACK_CLIENT_ID": "1.2"}, "needs SLACK_CLIENT_SECRET"),
        ({**SLACK, "SLACK_APP_TOKEN": "xapp-hush", "DATABASE_URL": NOWHERE}, "DATABASE_URL cannot be used"),
        ({**SLACK, "SLACK_APP_TOKEN": "xapp-hush", "HEIRLOOM_SECRET_KEYS": "bad"}, "HEIRLOOM_SECRET_KEYS"),
    ],
)
def test_a_socket_says_what_is_missing(operator: Operator, changes: dict[str, str], says: str) -> None:
    unset = dict.fromkeys((*SLACK, "SLACK_APP_TOKEN"))
    refused = operator.type("slack", "socket", **{**unset, **changes})
    assert refused.exit_code == 2
    assert says in refused.output
    assert "xapp-hush" not in refused.output


@pytest.fixture
def slack() -> Iterator[RunningSlack]:
    """The small Slack with our app in Socket Mode."""
    with serve_in_thread(json.loads(for_address("https://class.example.org", socket=True)), students=1) as running:
        yield running


def settings_for(slack: RunningSlack) -> Settings:
    with slack.slack.lock:
        token = slack.slack.issue("app", slack.app.id, scopes=("connections:write",)).value
    return Settings(
        url="https://class.example.org",
        secret_keys=(new_secret_key(),),
        development=True,
        slack_client_id=slack.app.client_id,
        slack_client_secret=slack.app.client_secret,
        slack_signing_secret=slack.app.signing_secret,
        slack_app_token=token,
        slack_api_url=slack.api_url.rstrip("/"),
    )


def install(slack: RunningSlack, settings: Settings, database: Database) -> None:
    """The app is in the workspace, and in its course channel."""
    pair = slack.install()
    team = slack.seeded.team
    wiring = wire(settings, database, now=clock.now)
    with database.write() as session:
        workspaces.save(
            session,
            Installed(
                enterprise_id="", team_id=team.id, name=team.name, app_id=slack.app.id, bot_id="B1", bot_user_id="UB",
                bot_token=wiring.vault.seal(pair.access.value), bot_refresh_token=None, bot_token_expires_at=None,
                scopes=("chat:write", "commands"), installed_by=slack.seeded.teacher.id,
            ),
            now=clock.now(),
        )  # fmt: skip


@contextmanager
def listening(settings: Settings, database: Database) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(settings, database, stop))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def eventually(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def test_over_a_socket_the_same_bot_answers_and_ends_when_it_is_told_to(
    slack: RunningSlack, database: Database
) -> None:
    settings = settings_for(slack)
    install(slack, settings, database)
    teacher, course = slack.seeded.teacher.id, slack.seeded.course.id
    with listening(settings, database):
        eventually(lambda: slack.outside.sockets.connections(slack.app.id) == 1)
        assert slack.outside.acting.command(teacher, course, "/heirloom", "help").ok

        def told() -> list[str]:
            with slack.slack.lock:
                shown = slack.slack.history(slack.slack.channels[course], viewer=teacher)
            return [message.text for message in shown]

        eventually(lambda: any("/heirloom connect" in text for text in told()))
    eventually(lambda: slack.outside.sockets.connections(slack.app.id) == 0)


def test_a_token_that_slack_does_not_take_ends_it_with_a_sentence(slack: RunningSlack, database: Database) -> None:
    settings = replace(settings_for(slack), slack_app_token="xapp-1-wrong")
    with pytest.raises(CannotDo, match=r"Slack takes no connection \(invalid_auth\). Check SLACK_APP_TOKEN"):
        run(settings, database, threading.Event())


def test_a_slack_that_cannot_be_reached_ends_it_with_a_sentence(slack: RunningSlack, database: Database) -> None:
    settings = replace(settings_for(slack), slack_api_url="http://127.0.0.1:9/api")
    with pytest.raises(CannotDo, match="Slack takes no connection"):
        run(settings, database, threading.Event())
