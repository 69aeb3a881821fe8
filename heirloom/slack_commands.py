"""`heirloom slack`: the Slack app, as its operator sets it up, and its deliveries over a socket."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

import click

from core.secrets import Vault
from core.settings import Settings
from core.store.database import Database
from heirloom import clock, logs
from heirloom.terminal import CannotDo, database, settings

_log = logging.getLogger("heirloom.slack")


@click.group("slack")
def slack_group() -> None:
    """The class in Slack: the app's manifest, and Socket Mode."""


@slack_group.command("manifest")
@click.option("--url", help="The address at which Slack reaches this tool; without it HEIRLOOM_URL.")
@click.option("--socket", is_flag=True, help="For `heirloom slack socket`: Slack then delivers to no address.")
def slack_manifest(url: str | None, socket: bool) -> None:
    """Print the manifest to create the Slack app from (api.slack.com/apps > Create New App > From a manifest).

    \b
    Examples:
      heirloom slack manifest --url https://heirloom.example.edu
      heirloom slack manifest --url https://heirloom.example.edu --socket > manifest.json
    """
    from bot.manifest import for_address

    address = url if url is not None else settings().url
    if not address.startswith("https://"):
        raise CannotDo(f"Slack takes no address but https, and “{address}” is none. Name one with --url.")
    click.echo(for_address(address, socket=socket))


@slack_group.command("socket")
def slack_socket() -> None:
    """Take Slack's deliveries over a socket (Socket Mode), where Slack cannot reach this machine. Ctrl-C stops it.

    Run it beside `heirloom serve` and `heirloom worker`. Several may run: Slack hands each delivery to one.

    \b
    Example (with the same settings as the web process, and SLACK_APP_TOKEN):
      heirloom slack socket
    """
    chosen = settings()
    if not chosen.has_slack:
        raise CannotDo("SLACK_CLIENT_ID is not set, so there is no Slack app. docs/slack.md says how to make one.")
    if not chosen.slack_app_token:
        raise CannotDo(
            "SLACK_APP_TOKEN is not set. Make an app-level token with connections:write on the app's page "
            "“Basic Information”."
        )
    Vault(chosen.secret_keys)
    with database():
        pass
    logs.set_up(chosen.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(chosen, Database(chosen.database, pool_size=chosen.web_threads), stop)


def run(settings: Settings, opened: Database, stop: threading.Event) -> None:
    """Until it is told to stop. A connection that breaks is made again by Slack's client.

    Raises CannotDo where Slack takes no connection, which a wrong token or a switched-off Socket Mode brings about.
    """
    from slack_bolt.adapter.socket_mode import SocketModeHandler
    from slack_sdk.errors import SlackApiError, SlackClientError

    from bot.app import create_bot
    from bot.wiring import wire

    wiring = wire(settings, opened, now=clock.now)
    handler: Any = SocketModeHandler(  # Bolt's adapters have no types
        create_bot(wiring), settings.slack_app_token, web_client=wiring.client(), concurrency=settings.web_threads
    )
    try:
        handler.connect()
    except (SlackClientError, OSError) as error:
        handler.close()
        what = error.response["error"] if isinstance(error, SlackApiError) else error
        raise CannotDo(
            f"Slack takes no connection ({what}). Check SLACK_APP_TOKEN, and that Socket Mode is on for the app."
        ) from error
    _log.info("listening", extra={"fields": {"over": "socket"}})
    try:
        stop.wait()
    finally:
        handler.close()
