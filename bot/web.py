"""The bot's doors in the web process: deliveries of Slack's, the page that installs the app, the way back from it."""

from __future__ import annotations

from flask import Flask, Response, request
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.flask.handler import to_bolt_request, to_flask_response
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk.oauth import OAuthStateUtils

from bot import pages
from bot.app import create_bot
from bot.stores import Installations, States
from bot.wiring import Wiring

EVENTS, INSTALL, BACK = "/slack/events", "/slack/install", "/slack/oauth_redirect"
SCOPES = ("app_mentions:read", "channels:read", "chat:write", "commands", "groups:read", "im:write", "users:read")
OPTIONAL_SCOPES = ("files:read", "files:write")
STATE_COOKIE = "heirloom-slack-state"


class _State(OAuthStateUtils):
    """The cookie that ties an installation to the browser that began it; over plain http (development) not Secure."""

    def __init__(self, *, secure: bool) -> None:
        super().__init__(cookie_name=STATE_COOKIE, expiration_seconds=600)
        self._secure = secure

    def build_set_cookie_for_new_state(self, state: str) -> str:
        made = super().build_set_cookie_for_new_state(state) + "; SameSite=Lax"
        return made if self._secure else made.replace("; Secure", "")

    def build_set_cookie_for_deletion(self) -> str:
        made = super().build_set_cookie_for_deletion()
        return made if self._secure else made.replace("; Secure", "")


class _Flow(OAuthFlow):
    """Bolt's flow with our own first page: what the app may do, and why."""

    def build_install_page_html(self, url: str, request: BoltRequest) -> str:
        return pages.install(url, (*SCOPES, *OPTIONAL_SCOPES), request)


def oauth_flow(wiring: Wiring) -> OAuthFlow:
    """Installation into a workspace or an organisation (docs.slack.dev/authentication/installing-with-oauth)."""
    settings = wiring.settings
    made = OAuthSettings(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        scopes=[*SCOPES, *OPTIONAL_SCOPES],
        redirect_uri=f"{settings.url}{BACK}",
        install_path=INSTALL,
        redirect_uri_path=BACK,
        authorization_url=f"{settings.slack_api_url.removesuffix('/api')}/oauth/v2/authorize",
        installation_store=Installations(wiring),
        installation_store_bot_only=True,
        state_store=States(wiring),
        state_cookie_name=STATE_COOKIE,
        callback_options=pages.callbacks(),
    )
    made.state_utils = _State(secure=settings.secure)
    return _Flow(settings=made, client=wiring.client())


def install(app: Flask, wiring: Wiring) -> App:
    """Add the bot's addresses to the web process; gives the bot."""
    bot, flow = create_bot(wiring), oauth_flow(wiring)

    def events() -> Response:
        return to_flask_response(bot.dispatch(to_bolt_request(request)))

    def installing() -> Response:
        return to_flask_response(flow.handle_installation(to_bolt_request(request)))

    def back() -> Response:
        return to_flask_response(flow.handle_callback(to_bolt_request(request)))

    app.add_url_rule(EVENTS, "slack_events", events, methods=["POST"])
    app.add_url_rule(INSTALL, "slack_install", installing, methods=["GET"])
    app.add_url_rule(BACK, "slack_back", back, methods=["GET"])
    return bot
