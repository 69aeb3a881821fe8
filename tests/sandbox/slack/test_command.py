"""`python -m sandbox.slack`: it says where it is, keeps its secrets over restarts and stops when told to."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from sandbox.slack import manifest as manifests
from sandbox.slack import server
from sandbox.slack.__main__ import parser
from sandbox.slack.api import METHODS
from sandbox.slack.manifest import BadManifest
from sandbox.slack.seed import seed
from sandbox.slack.state import Slack
from tests.sandbox.slack.workspace import error, manifest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def described(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest(socket_mode_enabled=True)), encoding="utf-8")
    return path


@contextmanager
def running(arguments: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What the program said first, while it runs. It must end by itself on SIGTERM."""
    command = [sys.executable, "-m", "sandbox.slack", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            assert process.wait(20) == 0


def test_it_begins_installed_and_says_everything(described: Path) -> None:
    with running(["--manifest", str(described), "--install", "--students", "3", "--organisation"]) as told:
        client = WebClient(token=told["bot_token"], base_url=f"{told['base_url']}/api/")
        assert client.auth_test()["team_id"] == told["team_id"]
        assert {"app_id", "client_id", "client_secret", "signing_secret", "control_token", "app_token"} <= set(told)
        assert len(client.users_list()["members"]) == 6  # three students, the teacher, an admin, the bot


def test_secrets_stay_the_same_and_stay_out_of_the_output(described: Path, tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    arguments = ["--manifest", str(described), "--credentials", str(path)]
    with running(arguments) as told:
        assert set(told) == {"base_url", "team_id", "app_token"}
        made = json.loads(path.read_text(encoding="utf-8"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        asked = {"client_id": made["client_id"], "client_secret": made["client_secret"], "code": "x"}
        client = WebClient(base_url=f"{told['base_url']}/api/")
        assert error(client, "oauth.v2.access", **asked) == "invalid_code"
    with running(arguments):
        assert json.loads(path.read_text(encoding="utf-8")) == made


def test_it_serves_this_machine_only() -> None:
    with pytest.raises(ValueError, match="this machine"):
        server.listen("0.0.0.0", 0)
    with pytest.raises(ValueError, match="this machine"):
        server.build("http://slack.example:8000", manifest())


def test_only_an_apps_own_secrets_are_set() -> None:
    with pytest.raises(ValueError, match="name"):
        server.build("http://localhost:1", manifest(), secrets_of_app={"name": "Other"})


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"display_information": {"name": "x" * 36}},
        {"display_information": {"name": "a"}, "features": {"slash_commands": [{"command": "probe"}]}},
        {"display_information": {"name": "a"}, "features": {"shortcuts": [{"type": "secret"}]}},
        {"display_information": {"name": "a"}, "features": {"shortcuts": {"type": "global"}}},
    ],
)
def test_a_manifest_that_describes_no_app(broken: dict[str, Any]) -> None:
    with pytest.raises(BadManifest):
        manifests.read(broken)


def test_addresses_move_to_where_the_app_runs() -> None:
    app = manifests.read(manifest(), "http://127.0.0.1:8000")
    assert app.events_url == app.interactivity_url == app.commands[0].url == "http://127.0.0.1:8000/slack/events"
    assert app.redirect_urls == ("http://127.0.0.1:8000/slack/oauth_redirect",)
    assert manifests.read(manifest()).events_url == "https://probe.example/slack/events"


def test_a_class_has_students() -> None:
    with pytest.raises(ValueError, match="students"):
        seed(Slack(), students=0)


def test_the_page_about_it_names_every_method_and_option() -> None:
    page = (ROOT / "sandbox" / "slack" / "README.md").read_text(encoding="utf-8")
    listed = page.split("## Methods of the Web API")[1].split("Any other")[0]
    assert set(re.findall(r"`([^`]+)`", listed)) == set(METHODS)
    assert set(re.findall(r"^\| `(--[^`]+)`", page, re.MULTILINE)) == {
        option for action in parser()._actions for option in action.option_strings if option not in ("-h", "--help")
    }


def test_what_becomes_due_is_done_while_nobody_asks() -> None:
    done = threading.Event()
    with server.serve_in_thread(manifest(), students=1) as quiet:
        quiet.slack.clock.after(0.05, done.set)
        assert done.wait(30)
