"""users.*, team.info and bots.info: who is here."""

from __future__ import annotations

from typing import Any

from sandbox.slack import shapes
from sandbox.slack.api.calls import Call, Method
from sandbox.slack.api.conversations import kinds_of
from sandbox.slack.state import Failure, User


def _told(call: Call, user: User) -> dict[str, Any]:
    return shapes.user(
        call.slack,
        user,
        with_locale=call.flag("include_locale"),
        with_email="users:read.email" in call.token.scopes,
    )


def info(call: Call) -> dict[str, Any]:
    return {"user": _told(call, call.member(call.text("user")))}


def listing(call: Call) -> dict[str, Any]:
    people = call.slack.members_of(call.team.id)
    page, following = call.page(people, default=0)
    return {
        "members": [_told(call, user) for user in page],
        "cache_ts": int(call.slack.clock.now()),
        "response_metadata": {"next_cursor": following},
    }


def lookup_by_email(call: Call) -> dict[str, Any]:
    address = call.needed("email").lower()
    for user in call.slack.members_of(call.team.id):
        if user.email.lower() == address and not user.deleted:
            return {"user": _told(call, user)}
    raise Failure("users_not_found")


def conversations(call: Call) -> dict[str, Any]:
    """The conversations of a person that the caller also sees; the caller's own if nobody is named."""
    kinds, caller = kinds_of(call), call.user
    person = call.member(call.text("user")) if call.given("user") else caller
    found = [
        channel
        for channel in call.slack.channels.values()
        if channel.team_id == call.team.id
        and channel.kind in kinds
        and person.id in channel.members
        and call.slack.sees(caller.id, channel)
        and not (call.flag("exclude_archived") and channel.is_archived)
    ]
    page, following = call.page(found, default=100)
    channels = [shapes.channel(call.slack, channel, caller.id) for channel in page]
    for channel in channels:
        channel.pop("is_member", None)  # documented: this method does not tell
    return {"channels": channels, "response_metadata": {"next_cursor": following}}


def team_info(call: Call) -> dict[str, Any]:
    asked = call.text("team") or call.team.id
    if asked != call.team.id:
        raise Failure("team_not_found")
    team = call.team
    icons = {f"image_{size}": f"https://a.slack-edge.com/team/{size}.png" for size in (34, 44, 68, 88, 102, 132)}
    found: dict[str, Any] = {
        "id": team.id,
        "name": team.name,
        "url": shapes.team_url(team),
        "domain": team.domain,
        "email_domain": "",
        "icon": {**icons, "image_default": True},
        "avatar_base_url": "https://ca.slack-edge.com/",
        "is_verified": False,
    }
    if team.enterprise_id:
        found |= {
            "enterprise_id": team.enterprise_id,
            "enterprise_name": call.slack.enterprises[team.enterprise_id].name,
        }
    return {"team": found}


def bots_info(call: Call) -> dict[str, Any]:
    for user in call.slack.members_of(call.team.id):
        if user.bot_id and user.bot_id == call.text("bot"):
            app = call.slack.apps[user.app_id or ""]
            bot = {
                "id": user.bot_id,
                "deleted": user.deleted,
                "name": app.bot_name,
                "updated": user.updated,
                "app_id": app.id,
                "user_id": user.id,
                "icons": {},
            }
            return {"bot": bot}
    raise Failure("bot_not_found")


METHODS = {
    "bots.info": Method(bots_info, takes_json=False),
    "team.info": Method(team_info),
    "users.conversations": Method(conversations, takes_json=False),
    "users.info": Method(info, takes_json=False),
    "users.list": Method(listing, takes_json=False),
    "users.lookupByEmail": Method(lookup_by_email, takes_json=False),
}
