"""The page: a small chat program in the browser, where one is any member, and what it asks for.

Nobody signs in. The page names who it acts as with every request, so that two windows can be two people.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.slack import acts, shapes
from sandbox.slack.control import messages_json, outcome_json, views_json
from sandbox.slack.seeing import CannotAct, find_channel, find_user
from sandbox.slack.state import App, Channel, Slack, User

if TYPE_CHECKING:
    from sandbox.slack.outside import Outside

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' http: https:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PICTURES = ("image/png", "image/jpeg", "image/gif")
MOST_MESSAGES = 200


def blueprint(outside: Outside) -> Blueprint:
    """The page of a small Slack."""
    pages = Blueprint("pages", __name__)
    slack = outside.slack

    @pages.before_request
    def refuse_foreign_acts() -> ResponseReturnValue | None:
        """There is no login that a forged request could lack: only the page itself may act."""
        if request.method in ("GET", "HEAD"):
            return None
        site = request.headers.get("Sec-Fetch-Site")
        if site in (None, "same-origin") and request.headers.get("Origin") == request.host_url.rstrip("/"):
            return None
        return jsonify(error="This did not come from the page of this workspace."), 403

    @pages.after_request
    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @pages.errorhandler(CannotAct)
    def cannot(problem: CannotAct) -> ResponseReturnValue:
        return jsonify(error=str(problem)), 409

    @pages.get("/")
    def front() -> str:
        with slack.lock:
            return render_template("slack.html", people=people_of(slack), teams=slack.teams)

    @pages.get("/page/start")
    def start() -> ResponseReturnValue:
        """What changes rarely: who the others are, and what the apps offer."""
        with slack.lock:
            me = find_user(slack, request.args.get("as", ""))
            return jsonify(start_json(slack, me))

    @pages.get("/page/see")
    def see() -> ResponseReturnValue:
        """All that somebody sees now: channels, the messages of one of them, open modals, Home tabs. 304 if the page
        has it already.
        """
        with slack.lock:
            me = find_user(slack, request.args.get("as", ""))
            seen = json.dumps(seen_json(slack, me, request.args.get("channel", "")), ensure_ascii=False)
        response = Response(seen, content_type="application/json")
        response.set_etag(hashlib.sha256(seen.encode()).hexdigest()[:32])
        response.headers["Cache-Control"] = "no-cache"
        return response.make_conditional(request)

    @pages.get("/page/files/<file_id>")
    def picture(file_id: str) -> ResponseReturnValue:
        """An uploaded picture."""
        with slack.lock:
            file = slack.files.get(file_id)
            if file is None or file.data is None or not shapes.is_ready(slack, file):
                abort(404)
            mimetype, data = shapes.file(slack, file)["mimetype"], file.data
        if mimetype not in PICTURES:
            abort(404)
        return Response(data, content_type=mimetype)

    @pages.post("/page/upload")
    def upload() -> ResponseReturnValue:
        """A file that is chosen in a form: the body, with its name in the address."""
        name = request.args.get("name", "").rpartition("/")[2] or "file"
        return jsonify(id=outside.acting.upload(request.args.get("as", ""), name, request.get_data()), name=name)

    @pages.post("/page/act")
    def act() -> ResponseReturnValue:
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("as"), str):
            raise CannotAct("The body must be a JSON object that says who acts.")
        return jsonify(outcome_json(acts.perform(outside.acting, body["as"], body)))

    return pages


def people_of(slack: Slack) -> list[User]:
    """Everybody whom one can be."""
    return [user for user in slack.users.values() if not user.is_bot and not user.deleted]


def start_json(slack: Slack, me: User) -> dict[str, Any]:
    apps = [app for app in slack.apps.values() if slack.installation(app.id, me.team_id) is not None]
    return {
        "me": me.id,
        "team": slack.teams[me.team_id].name,
        "people": {user.id: _person(user) for user in slack.members_of(me.team_id)},
        "apps": [_app(slack, app, me) for app in apps],
    }


def _person(user: User) -> dict[str, Any]:
    return {"name": user.real_name, "handle": user.name, "is_bot": user.is_bot}


def _app(slack: Slack, app: App, me: User) -> dict[str, Any]:
    bot = slack.bot_user(app.id, me.team_id)
    return {
        "id": app.id,
        "name": app.name,
        "bot_user": bot.id if bot else "",
        "home_tab": app.home_tab,
        "messages_tab": app.messages_tab,
        "commands": [
            {"command": one.command, "hint": one.usage_hint, "description": one.description} for one in app.commands
        ],
        "shortcuts": [{"kind": one.kind, "callback_id": one.callback_id, "name": one.name} for one in app.shortcuts],
    }


def seen_json(slack: Slack, me: User, channel_id: str) -> dict[str, Any]:
    """What somebody sees. `channel_id` may be empty: no channel is open then."""
    visible = [one for one in slack.channels.values() if one.team_id == me.team_id and slack.sees(me.id, one)]
    told = {
        "channels": [_channel(slack, channel, me) for channel in visible if not channel.is_archived],
        "people": len(slack.members_of(me.team_id)),
        "apps": sum(slack.installation(app, me.team_id) is not None for app in slack.apps),
        **views_json(slack, me),
    }
    if channel_id:
        channel = find_channel(slack, me, channel_id)
        told["channel"] = _channel(slack, channel, me)
        told["messages"] = messages_json(slack, channel, me.id)[-MOST_MESSAGES:]
    return told


def _channel(slack: Slack, channel: Channel, me: User) -> dict[str, Any]:
    """A channel in the list; `last_ts` tells the page that there is something new."""
    others = [slack.users[member] for member in channel.members if member != me.id]
    name = channel.name
    if channel.is_direct:
        name = ", ".join(user.real_name for user in others) or me.real_name
    last = next(reversed(slack.history(channel, viewer=me.id)), None)
    return {
        "id": channel.id,
        "name": name,
        "kind": channel.kind,
        "members": len(channel.members),
        "topic": channel.topic,
        "joined": me.id in channel.members,
        "app": next((user.app_id for user in others if user.is_bot), None) if channel.kind == "im" else None,
        "last_ts": last.ts if last else "",
    }
