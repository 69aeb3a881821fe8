"""The pages around an installation: what the app may do and why, that it is installed, or why it is not.

Plain pages in the look of the rest, in the browser's language, with no script and nothing inline.
"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape
from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_sdk.oauth import OAuthStateUtils
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from core import languages
from core.words import N_, Sentence

REASONS: Mapping[str, str] = {
    "commands": N_("the command /heirloom and the shortcuts"),
    "chat:write": N_("posts polls, questions and problems, and keeps them up to date"),
    "im:write": N_("writes to people who are to be told something"),
    "app_mentions:read": N_("hears when somebody writes @heirloom"),
    "channels:read": N_("hears that a channel was archived or has another id"),
    "groups:read": N_("hears that a private channel was archived or has another id"),
    "users:read": N_("name, language and time zone of who takes part"),
    "files:read": N_("the picture that somebody adds to what they bring (you may leave this out)"),
    "files:write": N_("word clouds as pictures, results as files, pictures of items (you may leave this out)"),
}
_FAILED = {
    "access_denied": N_("You did not allow it, so nothing was installed."),
    "invalid_browser": N_("The installation began in another browser, or cookies are blocked. Begin again here."),
    "invalid_state": N_("This installation took longer than ten minutes, or was finished already. Begin again."),
}
_OTHERWISE = N_("Slack did not finish the installation. Nothing was installed. Begin again.")
_PAGE = Markup(
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/static/icon.svg">'
    '<link rel="stylesheet" href="/static/heirloom.css"></head><body><main><h1>{title}</h1>{body}</main></body></html>'
)


def install(address: str, scopes: tuple[str, ...], request: BoltRequest) -> str:
    """What the app may do in the workspace, scope by scope, and the way to Slack's own question."""
    spoken = _language(request)
    rows = Markup("").join(
        Markup("<li><code>{}</code> {}</li>").format(scope, _say(REASONS[scope], spoken)) for scope in scopes
    )
    body = Markup(
        "<p>{about}</p><ul>{rows}</ul><p>{history}</p>"
        '<p><a class="button primary" href="{address}" rel="noopener">{button}</a></p>'
    ).format(
        about=_say(N_("Slack asks an administrator of the workspace to allow this:"), spoken),
        rows=rows,
        history=_say(N_("Nothing reads what a channel says."), spoken),
        address=address,
        button=_say(N_("Add to Slack"), spoken),
    )
    return _page(_say(N_("Add Heirloom to a Slack workspace"), spoken), body, spoken)


def callbacks() -> CallbackOptions:
    """The pages at the end of an installation."""
    return CallbackOptions(success=_installed, failure=_failed)


def _installed(args: SuccessArgs) -> BoltResponse:
    spoken = _language(args.request)
    team = args.installation.team_name or args.installation.enterprise_name or ""
    body = Markup("<p>{}</p><p>{}</p>").format(
        _say(N_("Heirloom is in the workspace “{name}” now."), spoken, name=team),
        _say(
            N_("In the channel of a class, type “/invite @heirloom”, then “/heirloom connect” to tie it to a course."),
            spoken,
        ),
    )
    return _answer(200, _page(_say(N_("Installed"), spoken), body, spoken), args.settings.state_utils)


def _failed(args: FailureArgs) -> BoltResponse:
    spoken = _language(args.request)
    body = Markup('<p>{}</p><p><a class="button" href="{}">{}</a></p>').format(
        _say(_FAILED.get(args.reason, _OTHERWISE), spoken),
        args.settings.install_path,
        _say(N_("Begin again"), spoken),
    )
    status = 400 if args.suggested_status_code >= 400 else 200
    return _answer(status, _page(_say(N_("Not installed"), spoken), body, spoken), args.settings.state_utils)


def _answer(status: int, page: str, state: OAuthStateUtils) -> BoltResponse:
    cookie = state.build_set_cookie_for_deletion()
    return BoltResponse(
        status=status, body=page, headers={"Content-Type": "text/html; charset=utf-8", "Set-Cookie": cookie}
    )


def _page(title: str, body: Markup, language: str) -> str:
    return str(_PAGE.format(language=language, title=title, body=body))


def _say(message: str, language: str, **values: object) -> Markup:
    return escape(languages.say(Sentence(message, values), language))


def _language(request: BoltRequest) -> str:
    """What the browser prefers of what we speak."""
    wanted = parse_accept_header((request.headers.get("accept-language") or [""])[0], LanguageAccept)
    return wanted.best_match(languages.available(), default=languages.SOURCE) or languages.SOURCE
