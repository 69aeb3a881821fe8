"""Scopes and token types: what a token may not do is refused, and the answer says what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.slack.api import METHODS
from sandbox.slack.rate_limits import TIERS
from sandbox.slack.scopes import NEEDED
from tests.sandbox.slack.checks import HOME
from tests.sandbox.slack.workspace import SCOPES, Workspace, error, refusal, workspace


@pytest.fixture(scope="module")
def slack() -> Iterator[Workspace]:
    """The bot holds chat:write and what it needs to join, nothing else."""
    with workspace(("chat:write", "channels:join")) as found:
        yield found


@pytest.mark.parametrize(
    ("method", "needed"),
    [
        ("users.info", "users:read"),
        ("users.list", "users:read"),
        ("users.lookupByEmail", "users:read.email"),
        ("team.info", "team:read"),
        ("bots.info", "users:read"),
        ("reactions.add", "reactions:write"),
        ("reactions.get", "reactions:read"),
        ("reactions.remove", "reactions:write"),
        ("files.getUploadURLExternal", "files:write"),
        ("files.completeUploadExternal", "files:write"),
        ("files.info", "files:read"),
        ("conversations.info", "channels:read,groups:read,im:read,mpim:read"),
        ("conversations.members", "channels:read,groups:read,im:read,mpim:read"),
        ("conversations.history", "channels:history,groups:history,im:history,mpim:history"),
        ("conversations.replies", "channels:history,groups:history,im:history,mpim:history"),
        ("conversations.list", "channels:read"),
        ("users.conversations", "channels:read"),
    ],
)
def test_a_scope_that_is_missing_is_named(slack: Workspace, method: str, needed: str) -> None:
    answer = refusal(slack.client, method)
    assert answer == {
        "ok": False,
        "error": "missing_scope",
        "needed": needed,
        "provided": "chat:write,channels:join",
    }


def test_conversations_open_needs_the_scope_of_the_kind(slack: Workspace) -> None:
    people = ",".join(student.id for student in slack.running.seeded.students[:2])
    assert refusal(slack.client, "conversations.open", users=slack.student)["needed"] == "im:write"
    assert refusal(slack.client, "conversations.open", users=people)["needed"] == "mpim:write"


def test_types_of_conversations_need_their_scopes(slack: Workspace) -> None:
    kinds = "public_channel,private_channel,im"
    answer = refusal(slack.client, "conversations.list", types=kinds)
    assert answer["error"] == "missing_scope" if answer.get("needed") else answer["error"]
    asked = slack.client.token
    headers = {"Authorization": f"Bearer {asked}"}
    answer = requests.get(f"{slack.running.api_url}conversations.list", params={"types": kinds}, headers=headers).json()
    assert answer["needed"] == "channels:read,groups:read,im:read"


def test_methods_without_a_scope(slack: Workspace) -> None:
    """views.*, auth.test and blocks.validate want a token, and no scope."""
    assert slack.client.auth_test()["ok"]
    assert slack.client.views_publish(user_id=slack.student, view=HOME)["ok"]
    assert slack.client.api_call("blocks.validate", json={"blocks": []})["ok"]


def test_headers_tell_scopes(slack: Workspace) -> None:
    headers = {"Authorization": f"Bearer {slack.client.token}"}
    answer = requests.post(f"{slack.running.api_url}users.info", headers=headers)
    assert answer.headers["X-OAuth-Scopes"] == "chat:write,channels:join"
    assert answer.headers["X-Accepted-OAuth-Scopes"] == "users:read"


def test_other_public_channels_need_chat_write_public() -> None:
    with workspace((*SCOPES, "chat:write.public", "users:read.email", "team:read")) as slack:
        assert slack.post(channel=slack.general)["ok"]
        # a message for one person still needs membership
        named: dict[str, Any] = {"channel": slack.general, "user": slack.student, "text": "a"}
        assert error(slack.client, "chat.postEphemeral", **named) == "not_in_channel"
        address = slack.running.seeded.students[0].email
        assert slack.client.users_lookupByEmail(email=address)["user"]["profile"]["email"] == address
        assert error(slack.client, "users.lookupByEmail", email="nobody@campus.invalid") == "users_not_found"
        assert slack.client.team_info()["team"]["name"] == slack.running.seeded.team.name


def test_tokens_are_for_their_methods(slack: Workspace) -> None:
    state = slack.running.slack
    with state.lock:
        app_token = state.issue("app", slack.running.app.id, scopes=("connections:write",)).value
        poor = state.issue("app", slack.running.app.id).value
        refresh = state.issue("refresh", slack.running.app.id).value
    assert error(slack.client, "apps.connections.open") == "not_allowed_token_type"
    assert error(slack.with_token(app_token), "chat.postMessage", channel=slack.course) == "not_allowed_token_type"
    assert refusal(slack.with_token(poor), "apps.connections.open")["needed"] == "connections:write"
    assert error(slack.with_token(app_token), "apps.connections.open") == "forbidden_team"  # no Socket Mode here
    assert slack.with_token(app_token).auth_test()["app_id"] == slack.running.app.id
    assert error(slack.with_token(refresh), "auth.test") == "invalid_auth"


def test_every_method_has_a_limit_and_every_scope_a_method() -> None:
    assert set(NEEDED) <= set(METHODS)
    assert set(METHODS) - set(TIERS) == {"api.test", "blocks.validate"}  # documented without a tier
