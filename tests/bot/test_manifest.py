"""The app's manifest is one that Slack takes, and asks for exactly what the bot does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from bot import listeners, pages, web
from bot.command import subcommands
from bot.manifest import MANIFEST, for_address

SCHEMAS = Path(__file__).parents[1] / "fixtures" / "slack"


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MANIFEST.read_text())
    return found


def listened(kind: str) -> set[str]:
    return {listener.name for listener in listeners.table() if listener.kind == kind}


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
@pytest.mark.parametrize("socket", [False, True], ids=["http", "socket"])
def test_it_is_valid_against_both_schemas_of_slack(version: str, socket: bool) -> None:
    schema = json.loads((SCHEMAS / f"manifest.schema.{version}.json").read_text())
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema)
    for whole in (manifest(), json.loads(for_address("https://class.example.org", socket=socket))):
        assert [error.message for error in validator.iter_errors(whole)] == []


def test_it_asks_for_the_scopes_that_an_installation_asks_for() -> None:
    scopes = manifest()["oauth_config"]["scopes"]
    assert scopes == {"bot": list(web.SCOPES), "bot_optional": list(web.OPTIONAL_SCOPES)}


def test_each_scope_has_its_reason_in_the_documentation_and_on_the_page_of_the_installation() -> None:
    told = (Path(web.__file__).parents[1] / "docs" / "slack.md").read_text(encoding="utf-8")
    named = set(
        re.findall(r"`([a-z_]+(?::[a-z]+)?)`", told.partition("## What it may do, and why")[2].partition("**")[0])
    )
    assert named == {*web.SCOPES, *web.OPTIONAL_SCOPES} == set(pages.REASONS)


def test_nothing_reads_what_a_channel_says() -> None:
    scopes = manifest()["oauth_config"]["scopes"]
    assert not [scope for asked in scopes.values() for scope in asked if "history" in scope]
    events = manifest()["settings"]["event_subscriptions"]["bot_events"]
    assert not [event for event in events if event.startswith("message")]


def test_commands_shortcuts_and_events_are_those_that_are_listened_for() -> None:
    features, settings = manifest()["features"], manifest()["settings"]
    assert {one["command"] for one in features["slash_commands"]} == listened("command")
    by_type = {"global": "shortcut", "message": "message_shortcut"}
    for told, kind in by_type.items():
        assert {one["callback_id"] for one in features["shortcuts"] if one["type"] == told} == listened(kind)
    assert set(settings["event_subscriptions"]["bot_events"]) == listened("event")


def test_what_the_command_hints_at_can_be_typed() -> None:
    hint = manifest()["features"]["slash_commands"][0]["usage_hint"]
    assert {word.strip() for word in hint.strip("[]").split("|")} <= set(subcommands())


def test_every_address_is_one_of_the_bots_doors() -> None:
    asked = json.loads(for_address("https://class.example.org/", socket=False))
    door = f"https://class.example.org{web.EVENTS}"
    assert asked["settings"]["event_subscriptions"]["request_url"] == door
    assert asked["settings"]["interactivity"]["request_url"] == door
    assert [one["url"] for one in asked["features"]["slash_commands"]] == [door]
    assert asked["oauth_config"]["redirect_urls"] == [f"https://class.example.org{web.BACK}"]
    assert "example.edu" not in json.dumps(asked)
    assert not asked["settings"]["socket_mode_enabled"]


def test_over_a_socket_nothing_is_delivered_to_an_address() -> None:
    asked = json.loads(for_address("https://class.example.org", socket=True))
    assert asked["settings"]["socket_mode_enabled"]
    assert "request_url" not in asked["settings"]["event_subscriptions"]
    assert "request_url" not in asked["settings"]["interactivity"]
    assert "url" not in asked["features"]["slash_commands"][0]
    assert asked["oauth_config"]["redirect_urls"]  # the installation still comes back by the browser
    assert (
        asked["settings"]["event_subscriptions"]["bot_events"]
        == (manifest()["settings"]["event_subscriptions"]["bot_events"])
    )
