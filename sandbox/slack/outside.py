"""The outside of a small Slack: deliveries, sockets, response URLs and acts of members, put together."""

from __future__ import annotations

from flask import Flask

from sandbox.slack import control, pages, responses
from sandbox.slack.delivery import ACK_SECONDS, Courier
from sandbox.slack.events import Events
from sandbox.slack.interactions import Interactions
from sandbox.slack.later import Later
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.socket_mode import SocketHub
from sandbox.slack.state import Slack


class Outside:
    """What surrounds the state. `base_url` is where this Slack answers; `control_token` opens the control API."""

    def __init__(self, slack: Slack, base_url: str, control_token: str, *, ack_seconds: float = ACK_SECONDS) -> None:
        self.slack = slack
        self.control_token = control_token
        self.later = Later(slack.clock)
        self.sockets = SocketHub(slack.clock)
        slack.socket_url = self.sockets.open_url
        self.courier = Courier(slack.faults, self.later, self.sockets, ack_seconds)
        self.urls = ResponseUrls(base_url, slack.clock.now)
        self.acting = Interactions(slack, self.courier, slack.triggers, self.urls)
        self.events = Events(slack, self.courier.send_event)

    def register(self, app: Flask) -> None:
        """Add the pages, the control API and the response URLs."""
        app.register_blueprint(responses.blueprint(self.slack, self.urls))
        app.register_blueprint(control.blueprint(self))
        app.register_blueprint(pages.blueprint(self))

    def settle(self, seconds: float = 10) -> bool:
        """Wait until everything is delivered that is due. False if that takes longer."""
        return self.later.settle(seconds)

    def close(self) -> None:
        """Finish what is under way, and close the sockets."""
        self.later.close()
        self.courier.close()
        self.sockets.close()
