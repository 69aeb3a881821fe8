"""A small Slack with an app to ask it as: what the tests of the Web API start from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack.server import RunningSlack, serve_in_thread

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "reactions:read",
    "reactions:write",
    "users:read",
)
OPTIONAL = ("chat:write.public", "team:read", "users:read.email")


def manifest(**settings: Any) -> dict[str, Any]:
    """A manifest of an app that asks for `SCOPES`, and for `OPTIONAL` if it may."""
    return {
        "display_information": {"name": "Probe", "description": "Asks"},
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "probe"},
            "slash_commands": [
                {"command": "/probe", "url": "https://probe.example/slack/events", "description": "Ask"}
            ],
        },
        "oauth_config": {
            "redirect_urls": ["https://probe.example/slack/oauth_redirect"],
            "scopes": {"bot": list(SCOPES), "bot_optional": list(OPTIONAL)},
        },
        "settings": {
            "event_subscriptions": {"request_url": "https://probe.example/slack/events", "bot_events": []},
            "interactivity": {"is_enabled": True, "request_url": "https://probe.example/slack/events"},
            "token_rotation_enabled": False,
            **settings,
        },
    }


@dataclass
class Workspace:
    """A running Slack in which the app is installed, and a client with its token. The bot is in #course."""

    running: RunningSlack
    client: WebClient

    @property
    def course(self) -> str:
        return self.running.seeded.course.id

    @property
    def staff(self) -> str:
        return self.running.seeded.staff.id

    @property
    def general(self) -> str:
        return self.running.seeded.general.id

    @property
    def teacher(self) -> str:
        return self.running.seeded.teacher.id

    @property
    def student(self) -> str:
        return self.running.seeded.students[0].id

    def with_token(self, token: str) -> WebClient:
        return WebClient(token=token, base_url=self.running.api_url)

    def post(self, **arguments: Any) -> Any:
        """Post a message a second after the one before."""
        self.running.slack.clock.advance(1)
        return self.client.chat_postMessage(**{"channel": self.course, "text": "Good morning", **arguments})


@contextmanager
def workspace(scopes: tuple[str, ...] = SCOPES, **settings: Any) -> Iterator[Workspace]:
    """A workspace whose clock stands still, so that only the test moves it."""
    with serve_in_thread(manifest(**settings), students=4) as running:
        running.slack.clock.freeze()
        pair = running.install(scopes)
        client = WebClient(token=pair.access.value, base_url=running.api_url)
        client.conversations_join(channel=running.seeded.course.id)
        yield Workspace(running, client)


def refusal(client: WebClient, method: str, **arguments: Any) -> dict[str, Any]:
    """What Slack answers to a call that fails."""
    try:
        done = client.api_call(method, json=arguments)
    except SlackApiError as error:
        answer: dict[str, Any] = error.response.data
        return answer
    raise AssertionError(f"{method} was done: {done.data}")


def error(client: WebClient, method: str, **arguments: Any) -> str:
    """The word for why a call fails. Arguments go as a form: every method reads that."""
    try:
        done = client.api_call(method, params=arguments)
    except SlackApiError as failed:
        word: str = failed.response["error"]
        return word
    raise AssertionError(f"{method} was done: {done.data}")
