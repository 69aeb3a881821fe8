"""What somebody sees, and what Slack's own program lets them do there. Every function wants the lock held."""

from __future__ import annotations

from typing import Literal

from sandbox.slack.payloads import Actor
from sandbox.slack.state import App, Channel, Command, Message, Slack, User, View


class CannotAct(Exception):
    """Slack offers nobody to do that; the text says why."""


def find_user(slack: Slack, user_id: str) -> User:
    user = slack.users.get(user_id)
    if user is None or user.deleted:
        raise CannotAct(f"There is no member {user_id!r}.")
    return user


def find_channel(slack: Slack, user: User, channel_id: str) -> Channel:
    channel = slack.channels.get(channel_id)
    if channel is None or channel.team_id != user.team_id or not slack.sees(user.id, channel):
        raise CannotAct(f"{user.name} sees no channel {channel_id!r}.")
    return channel


def find_joined(slack: Slack, user: User, channel_id: str) -> Channel:
    """A channel that somebody may write in."""
    channel = find_channel(slack, user, channel_id)
    if user.id not in channel.members:
        raise CannotAct(f"{user.name} is not in that channel.")
    if channel.is_archived:
        raise CannotAct("That channel is archived.")
    return channel


def find_message(slack: Slack, user: User, channel_id: str, ts: str) -> Message:
    message = find_channel(slack, user, channel_id).messages.get(ts)
    if message is None or message.ephemeral_for not in (None, user.id):
        raise CannotAct(f"{user.name} sees no message {ts!r} there.")
    return message


def find_view(slack: Slack, user: User, view_id: str) -> View:
    """A view that the person has before them: the modal on top, or a Home tab."""
    view = slack.views.get(view_id)
    if view is None or view.user_id != user.id:
        raise CannotAct(f"{user.name} has no view {view_id!r}.")
    if view.kind == "modal" and slack.stacks.get((user.team_id, user.id), [])[-1:] != [view_id]:
        raise CannotAct("That view is closed, or another one lies on it.")
    return view


def find_modal(slack: Slack, user_id: str, view_id: str) -> tuple[User, View, App]:
    """The modal on top, whose it is, and the app that opened it."""
    user = find_user(slack, user_id)
    view = find_view(slack, user, view_id)
    if view.kind != "modal":
        raise CannotAct("Only a modal can be submitted or closed.")
    return user, view, slack.apps[view.app_id]


def find_actor(slack: Slack, user_id: str, app_id: str) -> Actor:
    """Somebody, and an app that is installed where they are."""
    user = find_user(slack, user_id)
    app = slack.apps.get(app_id)
    if app is None or slack.installation(app_id, user.team_id) is None:
        raise CannotAct(f"There is no app {app_id!r} in this workspace.")
    return Actor(app, user)


def find_shortcut(
    slack: Slack, user_id: str, app_id: str, kind: Literal["global", "message"], callback_id: str
) -> Actor:
    actor = find_actor(slack, user_id, app_id)
    if not any((one.kind, one.callback_id) == (kind, callback_id) for one in actor.app.shortcuts):
        raise CannotAct(f"There is no {kind} shortcut {callback_id!r}.")
    return actor


def find_command(slack: Slack, user: User, command: str) -> tuple[App, Command]:
    for app in slack.apps.values():
        if slack.installation(app.id, user.team_id) is not None:
            for known in app.commands:
                if known.command == command:
                    return app, known
    raise CannotAct(f"{command} is not a valid command.")
