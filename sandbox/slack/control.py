"""The control API: what tests and demonstrations do with a small Slack, in JSON, below /control with a token.

People, channels, installing without clicks, acting as anybody, the clock, faults, and reading what somebody sees.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.slack import acts, oauth, posting, shapes
from sandbox.slack.interactions import Outcome
from sandbox.slack.payloads import shown
from sandbox.slack.seeing import CannotAct, find_user
from sandbox.slack.state import App, Channel, Slack, User

if TYPE_CHECKING:
    from sandbox.slack.outside import Outside

PERSON = ("display_name", "email", "locale", "tz", "is_admin", "is_owner", "is_restricted", "deleted")
KINDS = ("public", "private")


class Refused(Exception):
    """What was asked makes no sense; the text says why."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {**asdict(outcome), "ok": outcome.ok}


def body_of_request(*, known: Sequence[str] = ()) -> dict[str, Any]:
    """The JSON object that was sent. Raises Refused for anything else, and for members that are not `known`."""
    body = request.get_json(silent=True) if request.data else {}
    if not isinstance(body, dict):
        raise Refused("The body must be a JSON object.")
    unknown = sorted(set(body) - set(known)) if known else []
    if unknown:
        raise Refused(f"Unknown: {', '.join(unknown)}.")
    return body


def wanted(body: Mapping[str, Any], name: str, kind: type = str) -> Any:
    """A member that must be there and of that kind. Raises Refused."""
    value = body.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Refused(f"{name} must be there, as {kind.__name__}.")
    return value


def blueprint(outside: Outside) -> Blueprint:
    """The control API of a small Slack."""
    control = Blueprint("control", __name__, url_prefix="/control")
    slack = outside.slack

    @control.before_request
    def check_token() -> ResponseReturnValue | None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if hmac.compare_digest(given.encode(), outside.control_token.encode()):
            return None
        return jsonify(error="The control API wants its token."), 401

    @control.errorhandler(Refused)
    def refuse(refused: Refused) -> ResponseReturnValue:
        return jsonify(error=str(refused)), refused.status

    @control.errorhandler(CannotAct)
    def cannot(problem: CannotAct) -> ResponseReturnValue:
        return jsonify(error=str(problem)), 409

    @control.get("/state")
    def state() -> ResponseReturnValue:
        with slack.lock:
            return jsonify(
                now=slack.clock.now(),
                teams=[{"id": team.id, "name": team.name, "domain": team.domain} for team in slack.teams.values()],
                people=[person_json(user) for user in slack.users.values()],
                channels=[channel_json(channel) for channel in slack.channels.values()],
                apps=[app_json(slack, app) for app in slack.apps.values()],
            )

    @control.post("/people")
    def add_person() -> ResponseReturnValue:
        body = body_of_request(known=("team", "name", "real_name", *PERSON))
        with slack.lock:
            team_id = _team(slack, body)
            details = {name: body[name] for name in PERSON if name in body}
            name = wanted(body, "name")
            user = slack.add_user(team_id, name, str(body.get("real_name", name)), **details)
            return jsonify(person_json(user)), 201

    @control.patch("/people/<user_id>")
    def change_person(user_id: str) -> ResponseReturnValue:
        body = body_of_request(known=("real_name", *PERSON))
        with slack.lock:
            user = slack.users.get(user_id)
            if user is None:
                raise Refused(f"There is no member {user_id!r}.", 404)
            for name, value in body.items():
                setattr(user, name, value)
            user.updated = int(slack.clock.now())
            return jsonify(person_json(user))

    @control.post("/channels")
    def add_channel() -> ResponseReturnValue:
        body = body_of_request(known=("team", "name", "kind", "creator", "members", "locale"))
        with slack.lock:
            creator = find_user(slack, wanted(body, "creator"))
            members = tuple(find_user(slack, member).id for member in body.get("members", ()))
            kind = body.get("kind", "public")
            if kind not in KINDS:
                raise Refused(f"kind must be one of {', '.join(KINDS)}.")
            channel = slack.add_channel(
                creator.team_id, wanted(body, "name"), creator=creator.id, kind=kind, members=members
            )
            channel.locale = str(body.get("locale", channel.locale))
            return jsonify(channel_json(channel)), 201

    @control.post("/channels/<channel_id>/archive")
    def archive(channel_id: str) -> ResponseReturnValue:
        with slack.lock:
            channel = _channel(slack, channel_id)
            posting.archive(slack, channel, str(body_of_request().get("as", channel.creator)))
            return jsonify(channel_json(channel))

    @control.get("/channels/<channel_id>/history")
    def history(channel_id: str) -> ResponseReturnValue:
        """What is in a channel; with ?as= what that person sees there, ephemeral messages included."""
        with slack.lock:
            channel = _channel(slack, channel_id)
            viewer = request.args.get("as")
            return jsonify(messages=messages_json(slack, channel, viewer))

    @control.get("/views")
    def views() -> ResponseReturnValue:
        """What somebody (?as=) has before them: open modals, the lowest first, and Home tabs by app."""
        with slack.lock:
            user = find_user(slack, request.args.get("as", ""))
            return jsonify(views_json(slack, user))

    @control.post("/install")
    def install() -> ResponseReturnValue:
        """Install an app without clicks; gives its bot token. For tests of what comes after."""
        body = body_of_request(known=("app", "team", "installer", "scopes"))
        with slack.lock:
            app = _app(slack, body)
            team = slack.teams[_team(slack, body)]
            installer = find_user(slack, wanted(body, "installer"))
            installation, pair = oauth.install(slack, app, team, installer, body.get("scopes"))
            return jsonify(
                bot_token=pair.access.value,
                refresh_token=pair.refresh.value if pair.refresh else None,
                bot_user=installation.bot_users[team.id],
                scopes=list(installation.scopes),
            ), 201

    @control.post("/uninstall")
    def uninstall() -> ResponseReturnValue:
        """Remove an app, as an admin of the workspace does: it hears app_uninstalled and tokens_revoked."""
        body = body_of_request(known=("app", "team"))
        with slack.lock:
            installation = slack.installation(_app(slack, body).id, _team(slack, body))
            if installation is None:
                raise Refused("That app is not installed there.", 404)
            oauth.uninstall(slack, installation)
        return "", 204

    @control.post("/act")
    def act() -> ResponseReturnValue:
        """Do something as a member: {"as": user id, "do": name, ...}. The names and their members are in acts.py."""
        body = body_of_request()
        return jsonify(outcome_json(acts.perform(outside.acting, wanted(body, "as"), body)))

    @control.post("/clock")
    def clock() -> ResponseReturnValue:
        body = body_of_request(known=("advance", "freeze"))
        if "freeze" in body:
            (slack.clock.freeze if wanted(body, "freeze", bool) else slack.clock.unfreeze)()
        seconds = body.get("advance", 0)
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 10**9:
            raise Refused("advance must be a number of seconds.")
        slack.clock.advance(seconds)
        return jsonify(now=slack.clock.now())

    @control.post("/settle")
    def settle() -> ResponseReturnValue:
        """Wait until nothing is due or under way any more."""
        return jsonify(settled=outside.settle())

    @control.get("/faults")
    def list_faults() -> ResponseReturnValue:
        return jsonify(faults=[fault.as_dict() for fault in slack.faults.planned()])

    @control.post("/faults")
    def plan_fault() -> ResponseReturnValue:
        body = body_of_request()
        target, kind, count = body.pop("target", ""), body.pop("kind", ""), body.pop("count", 1)
        try:
            return jsonify(slack.faults.plan(str(target), str(kind), int(count), body).as_dict()), 201
        except (TypeError, ValueError) as problem:
            raise Refused(str(problem)) from problem

    @control.delete("/faults")
    def clear_faults() -> ResponseReturnValue:
        slack.faults.clear()
        return "", 204

    @control.get("/deliveries")
    def deliveries() -> ResponseReturnValue:
        """What was sent to apps and what came of it, oldest first."""
        return jsonify(deliveries=[asdict(delivery) for delivery in list(outside.courier.log)])

    @control.delete("/deliveries")
    def forget_deliveries() -> ResponseReturnValue:
        outside.courier.log.clear()
        return "", 204

    @control.post("/sockets/disconnect")
    def disconnect() -> ResponseReturnValue:
        body = body_of_request(known=("app", "reason"))
        reason = str(body.get("reason", "refresh_requested"))
        return jsonify(told=outside.sockets.disconnect(_app(slack, body).id, reason))

    return control


def _team(slack: Slack, body: Mapping[str, Any]) -> str:
    """The workspace that is named, or the only one."""
    named = body.get("team", next(iter(slack.teams)) if len(slack.teams) == 1 else "")
    if named not in slack.teams:
        raise Refused(f"There is no workspace {named!r}.", 404)
    return str(named)


def _app(slack: Slack, body: Mapping[str, Any]) -> App:
    """The app that is named, or the only one."""
    named = body.get("app", next(iter(slack.apps)) if len(slack.apps) == 1 else "")
    if named not in slack.apps:
        raise Refused(f"There is no app {named!r}.", 404)
    return slack.apps[named]


def _channel(slack: Slack, channel_id: str) -> Channel:
    channel = slack.channels.get(channel_id)
    if channel is None:
        raise Refused(f"There is no channel {channel_id!r}.", 404)
    return channel


def person_json(user: User) -> dict[str, Any]:
    return asdict(user)


def channel_json(channel: Channel) -> dict[str, Any]:
    """A channel without its messages."""
    told = {"id": channel.id, "team_id": channel.team_id, "name": channel.name, "kind": channel.kind}
    return told | {"members": list(channel.members), "is_archived": channel.is_archived, "locale": channel.locale}


def app_json(slack: Slack, app: App) -> dict[str, Any]:
    """An app with all its secrets: whoever has the control token owns it."""
    installed = {
        team: bot for one in slack.installations if one.app_id == app.id for team, bot in one.bot_users.items()
    }
    return {**asdict(app), "bot_users": installed}


def messages_json(slack: Slack, channel: Channel, viewer: str | None) -> list[dict[str, Any]]:
    """Messages as apps get them; of an ephemeral one also for whom it is."""
    return [
        shapes.message(slack, message)
        | ({"is_ephemeral": True, "ephemeral_for": message.ephemeral_for} if message.ephemeral_for else {})
        for message in slack.history(channel, viewer=viewer)
    ]


def views_json(slack: Slack, user: User) -> dict[str, Any]:
    stack = slack.stacks.get((user.team_id, user.id), [])
    homes = {
        app_id: shown(slack, slack.views[view_id])
        for (app_id, team_id, user_id), view_id in slack.homes.items()
        if (team_id, user_id) == (user.team_id, user.id)
    }
    return {"modals": [shown(slack, slack.views[view_id]) for view_id in stack], "homes": homes}
