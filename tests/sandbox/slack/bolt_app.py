"""A small app made with Slack's own Bolt, on a free port: what the tests of deliveries talk to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_sdk import WebClient
from werkzeug.serving import make_server

from sandbox.slack.delivery import Delivery
from sandbox.slack.interactions import Interactions, MessagePlace, ViewPlace
from sandbox.slack.server import QuietHandler, RunningSlack, serve_in_thread

EVENTS = ("app_home_opened", "app_mention", "reaction_added", "member_joined_channel", "message.channels")
MORE_EVENTS = ("app_uninstalled", "tokens_revoked", "channel_archive")
SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "groups:read",
    "im:write",
    "reactions:read",
    "users:read",
)


def manifest(url: str, **settings: Any) -> dict[str, Any]:
    """The app's manifest; everything arrives at /slack/events."""
    events = f"{url}/slack/events"
    return {
        "display_information": {"name": "Ballot", "description": "Asks the class"},
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "ballot"},
            "shortcuts": [
                {"name": "Keep this", "type": "message", "callback_id": "keep", "description": "Keep a message"},
                {"name": "Ask", "type": "global", "callback_id": "ask", "description": "Ask something"},
            ],
            "slash_commands": [
                {
                    "command": "/ballot",
                    "url": events,
                    "description": "Ask the class",
                    "usage_hint": "[text]",
                    "should_escape": True,
                }
            ],
        },
        "oauth_config": {
            "redirect_urls": [f"{url}/slack/oauth_redirect"],
            "scopes": {"bot": list(SCOPES), "bot_optional": ["chat:write.public"]},
        },
        "settings": {
            "event_subscriptions": {"request_url": events, "bot_events": [*EVENTS, *MORE_EVENTS]},
            "interactivity": {
                "is_enabled": True,
                "request_url": events,
                "message_menu_options_url": events,
            },
            **settings,
        },
    }


@dataclass
class Site:
    """A web server that answers as `app` does. `seen` keeps what arrived."""

    url: str = ""
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    app: App | None = None
    refuse: Callable[[], Any] | None = None
    """Gives another answer than the app, or None; for tests of what Slack does about that."""


@contextmanager
def served_site() -> Iterator[Site]:
    """The app's web server, before there is an app: its address goes into the manifest."""
    site, flask = Site(), Flask("ballot")

    @flask.route("/<path:path>", methods=["GET", "POST"])
    def everything(path: str) -> Any:
        site.seen.append((dict(request.headers), request.get_data()))
        instead = site.refuse() if site.refuse else None
        if instead is not None:
            return instead
        if site.app is None:
            return Response(status=200)
        return SlackRequestHandler(site.app).handle(request)

    server = make_server("127.0.0.1", 0, flask, threaded=True, request_handler=QuietHandler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def eventually(condition: Callable[[], Any], seconds: float = 10) -> None:
    """Wait for what another thread does: Bolt takes an event before its listener has ended."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@dataclass
class Stand:
    """A small Slack and the app's site, with the app installed. The bot is in #course."""

    running: RunningSlack
    site: Site
    client: WebClient

    @property
    def acting(self) -> Interactions:
        return self.running.outside.acting

    @property
    def course(self) -> str:
        return self.running.seeded.course.id

    @property
    def teacher(self) -> str:
        return self.running.seeded.teacher.id

    @property
    def learner(self) -> str:
        return self.running.seeded.students[0].id

    def be_patient(self, seconds: float) -> None:
        """How long Slack waits for the app from now on."""
        self.running.outside.courier.ack_seconds = seconds

    @property
    def deliveries(self) -> list[Delivery]:
        return list(self.running.outside.courier.log)

    def settle(self) -> None:
        assert self.running.outside.settle()

    def advance(self, seconds: float) -> None:
        self.running.slack.clock.advance(seconds)
        self.settle()

    def make_app(self, **settings: Any) -> App:
        """A Bolt app with the installation's token; it answers at the site."""
        app = App(
            client=self.client,
            signing_secret=self.running.app.signing_secret,
            **settings,
        )
        self.site.app = app
        return app

    def history(self, viewer: str | None = None) -> list[Any]:
        slack = self.running.slack
        with slack.lock:
            return slack.history(slack.channels[self.course], viewer=viewer)

    def post(self, **arguments: Any) -> MessagePlace:
        """Post as the app; where it is."""
        posted = self.client.chat_postMessage(**{"channel": self.course, "text": "Please answer", **arguments})
        return MessagePlace(self.course, posted["ts"])

    def modal(self, user_id: str) -> Any:
        """The uppermost modal of somebody, or None."""
        slack = self.running.slack
        with slack.lock:
            stack = slack.stacks.get((self.running.seeded.team.id, user_id), [])
            return slack.views[stack[-1]] if stack else None

    def modal_place(self, user_id: str) -> ViewPlace:
        return ViewPlace(self.modal(user_id).id)


@contextmanager
def stand(**settings: Any) -> Iterator[Stand]:
    """Everything that a test of deliveries needs. The workspace's clock stands still: only the test moves it."""
    with ExitStack() as stack:
        site = stack.enter_context(served_site())
        described = manifest(site.url, **settings)
        running = stack.enter_context(serve_in_thread(described, students=4))
        running.slack.clock.freeze()
        pair = running.install(SCOPES)
        client = WebClient(token=pair.access.value, base_url=running.api_url)
        client.conversations_join(channel=running.seeded.course.id)
        found = Stand(running, site, client)
        found.advance(3600)  # over Socket Mode nobody has heard that the bot joined, and nobody will hear it again
        site.seen.clear()
        running.outside.courier.log.clear()
        yield found
