"""The page on which somebody allows an app into a workspace: /oauth/v2/authorize (docs.slack.dev/authentication).

There is no log-in: the page asks as whom one allows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.slack import oauth
from sandbox.slack.grants import CODE_SECONDS, Grant
from sandbox.slack.state import App, Failure, Slack, Team, User

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an app asks for."""

    app: App
    scopes: tuple[str, ...]
    redirect_uri: str
    state: str
    team: str


def blueprint(slack: Slack, base_url: str) -> Blueprint:
    pages = Blueprint("consent", __name__, template_folder="templates")

    @pages.get("/oauth/v2/authorize")
    def ask() -> ResponseReturnValue:
        with slack.lock:
            try:
                asked = read(slack, request.args)
            except Failure as failure:
                return render_template("consent_refused.html", error=failure.error), 400, HEADERS
            teams = [team for team in slack.teams.values() if asked.team in ("", team.id)]
            page = render_template(
                "consent.html",
                asked=asked,
                query=request.query_string.decode(),
                required=[scope for scope in asked.scopes if scope not in asked.app.optional_bot_scopes],
                optional=[scope for scope in asked.scopes if scope in asked.app.optional_bot_scopes],
                people=[(team, user) for team in teams for user in allowing(slack, team)],
                organisations=asked.app.org_deploy and any(team.enterprise_id for team in teams),
            )
        return page, 200, HEADERS

    @pages.post("/oauth/v2/authorize")
    def decide() -> ResponseReturnValue:
        if request.headers.get("Origin", base_url) != base_url:
            return "", 403
        with slack.lock:
            try:
                asked = read(slack, request.args)
                if request.form.get("decision") != "allow":
                    return back(asked, error="access_denied")
                return back(asked, code=allow(slack, asked, request.form.get("user", ""), request.form))
            except Failure as failure:
                return render_template("consent_refused.html", error=failure.error), 400, HEADERS

    return pages


def read(slack: Slack, query: Mapping[str, str]) -> Asked:
    """What the address asks for. Raises Failure with what Slack shows instead of the page."""
    app = next((app for app in slack.apps.values() if app.client_id == query.get("client_id")), None)
    if app is None:
        raise Failure("invalid_client_id")
    named = query.get("redirect_uri", "")
    redirect_uri = named or (app.redirect_urls[0] if app.redirect_urls else "")
    if not any(fits(redirect_uri, known) for known in app.redirect_urls):
        raise Failure("bad_redirect_uri")
    scopes = tuple(dict.fromkeys(word for word in query.get("scope", "").replace(" ", ",").split(",") if word))
    if not scopes:  # tokens of people, which user_scope would ask for, are not given here
        raise Failure("no_scopes")
    if not oauth.may_be_asked(app, scopes):
        raise Failure("invalid_scope")
    return Asked(app, scopes, redirect_uri, query.get("state", ""), query.get("team", ""))


def fits(redirect_uri: str, known: str) -> bool:
    """Whether an address is a known one, or lies below it."""
    given, base = urlsplit(redirect_uri), urlsplit(known)
    if (given.scheme, given.netloc) != (base.scheme, base.netloc) or not given.netloc:
        return False
    below = base.path if base.path.endswith("/") else base.path + "/"
    return given.path == base.path or given.path.startswith(below)


def allowing(slack: Slack, team: Team) -> list[User]:
    return [user for user in slack.members_of(team.id) if not user.is_bot and not user.deleted]


def allow(slack: Slack, asked: Asked, user_id: str, form: Any) -> str:
    """Note the consent: a code. Optional scopes are granted if they were left ticked."""
    user = slack.users.get(user_id)
    if user is None or user.is_bot or asked.team not in ("", user.team_id):
        raise Failure("access_denied")
    ticked = set(form.getlist("scope"))
    granted = tuple(scope for scope in asked.scopes if scope not in asked.app.optional_bot_scopes or scope in ticked)
    team = slack.teams[user.team_id]
    for_enterprise = form.get("where") == "organisation" and bool(team.enterprise_id) and asked.app.org_deploy
    expires_at = slack.clock.now() + CODE_SECONDS
    grant = Grant(asked.app.id, team.id, user.id, granted, asked.redirect_uri, expires_at, for_enterprise)
    return slack.grants.give(grant)


def back(asked: Asked, **answer: str) -> ResponseReturnValue:
    """Send the browser back to the app."""
    joint = "&" if urlsplit(asked.redirect_uri).query else "?"
    return redirect(f"{asked.redirect_uri}{joint}{urlencode({**answer, 'state': asked.state})}", code=302)
