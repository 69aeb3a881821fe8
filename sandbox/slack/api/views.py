"""views.*: modals and the Home tab. The functions before the methods also serve answers to view_submission."""

from __future__ import annotations

from typing import Any

from sandbox.slack import block_kit, shapes
from sandbox.slack.api.calls import Call, Method, invalid
from sandbox.slack.api.chat import file_ready
from sandbox.slack.elements import values_of
from sandbox.slack.ids import new_id
from sandbox.slack.state import Failure, Slack, View
from sandbox.slack.triggers import INVALID, Trigger, TriggerRefused

MOST_STACKED = 3


def checked(slack: Slack, content: dict[str, Any], kind: str) -> dict[str, Any]:
    """A view that keeps to the rules, completed. Raises Failure."""
    if block_kit.size_of(content) > block_kit.MOST_VIEW_BYTES:
        raise Failure("view_too_large")
    problems = block_kit.check_view(content, file_ready=lambda file: file_ready(slack, file))
    if problems:
        raise block_kit.fault_of_view(problems)
    if content["type"] != kind:
        raise invalid("must be a valid enum value [json-pointer:/view/type]")
    return {**content, "blocks": block_kit.complete(content["blocks"])}


def _new(slack: Slack, app_id: str, team_id: str, user_id: str, content: dict[str, Any]) -> View:
    external_id = str(content.get("external_id") or "")
    _require_free(slack, app_id, team_id, external_id)
    view_id = new_id("V")
    view = View(
        view_id,
        team_id,
        app_id,
        user_id,
        content["type"],
        content,
        slack.new_hash(),
        external_id=external_id,
        root_view_id=view_id,
    )
    view.values = values_of(content["blocks"], {})
    slack.views[view.id] = view
    return view


def _require_free(slack: Slack, app_id: str, team_id: str, external_id: str, but: View | None = None) -> None:
    """An external id names one view of an app in a workspace."""
    for other in slack.views.values():
        named = external_id and other.external_id == external_id and other is not but
        if named and (other.app_id, other.team_id) == (app_id, team_id):
            raise Failure("duplicate_external_id")


def open_view(slack: Slack, app_id: str, team_id: str, user_id: str, content: dict[str, Any]) -> View:
    """Open a modal before somebody, in place of those that were open. Raises Failure."""
    view = _new(slack, app_id, team_id, user_id, checked(slack, content, "modal"))
    for view_id in slack.stacks.pop((team_id, user_id), []):
        del slack.views[view_id]
    slack.stacks[(team_id, user_id)] = [view.id]
    return view


def push_view(slack: Slack, top: View, content: dict[str, Any]) -> View:
    """Open a modal upon another; three may lie upon each other. Raises Failure."""
    stack = slack.stacks.get((top.team_id, top.user_id), [])
    if top.id not in stack:
        raise Failure("not_found")
    complete = checked(slack, content, "modal")
    if len(stack) >= MOST_STACKED:
        raise Failure("push_limit_reached")
    view = _new(slack, top.app_id, top.team_id, top.user_id, complete)
    view.root_view_id, view.previous_view_id = slack.views[stack[0]].id, stack[-1]
    stack.append(view.id)
    return view


def update_view(slack: Slack, view: View, content: dict[str, Any], *, hash: str = "") -> View:
    """Show another content in a view that is open. Inputs that keep block_id and action_id keep what was entered.
    Raises Failure: hash_conflict if the view has changed since the caller saw it.
    """
    complete = checked(slack, content, view.kind)
    external_id = str(content.get("external_id") or "")
    _require_free(slack, view.app_id, view.team_id, external_id, but=view)
    if hash and hash != view.hash:
        raise Failure("hash_conflict")
    view.content, view.external_id, view.hash = complete, external_id, slack.new_hash()
    view.values = values_of(complete["blocks"], view.values)
    return view


def close_view(slack: Slack, view: View) -> list[View]:
    """Close a modal and what lies upon it; gives them, the uppermost first."""
    stack = slack.stacks.get((view.team_id, view.user_id), [])
    if view.id not in stack:
        return []
    closed = [slack.views.pop(view_id) for view_id in reversed(stack[stack.index(view.id) :])]
    del stack[stack.index(view.id) :]
    if not stack:
        del slack.stacks[(view.team_id, view.user_id)]
    return closed


def publish_view(
    slack: Slack, app_id: str, team_id: str, user_id: str, content: dict[str, Any], *, hash: str = ""
) -> View:
    """Show somebody's Home tab of an app. Raises Failure."""
    key = (app_id, team_id, user_id)
    if key in slack.homes:
        return update_view(slack, slack.views[slack.homes[key]], content, hash=hash)
    complete = checked(slack, content, "home")
    if hash:
        raise Failure("hash_conflict")
    view = _new(slack, app_id, team_id, user_id, complete)
    slack.homes[key] = view.id
    return view


# -- methods --


def _content(call: Call) -> dict[str, Any]:
    content: dict[str, Any] | None = call.structure("view", "invalid_arguments", dict)
    if content is None:
        raise invalid("missing required field: view")
    return content


def _take_trigger(call: Call) -> Trigger:
    """Use up the trigger id; an organisation's token may use those of all its workspaces."""
    refusal = ""
    for team in call.teams:
        try:
            return call.slack.triggers.take(team.id, call.app.id, call.text("trigger_id"))
        except TriggerRefused as refused:
            refusal = refused.error if refusal in ("", INVALID) else refusal
    raise Failure(refusal)


def open_modal(call: Call) -> dict[str, Any]:
    """A view that breaks a rule leaves the trigger id as it was."""
    content = checked(call.slack, _content(call), "modal")
    trigger = _take_trigger(call)
    view = open_view(call.slack, call.app.id, trigger.team_id, trigger.user_id, content)
    return {"view": shapes.view(call.slack, view)}


def push_modal(call: Call) -> dict[str, Any]:
    content = checked(call.slack, _content(call), "modal")
    trigger = _take_trigger(call)
    stack = call.slack.stacks.get((trigger.team_id, trigger.user_id), [])
    if not stack or call.slack.views[stack[-1]].app_id != call.app.id:
        raise Failure("not_found")
    return {"view": shapes.view(call.slack, push_view(call.slack, call.slack.views[stack[-1]], content))}


def update_modal(call: Call) -> dict[str, Any]:
    content = _content(call)
    if not (call.given("view_id") or call.given("external_id")):
        raise invalid("missing required field: view_id")
    view_id, external_id = call.text("view_id"), call.text("external_id")
    for view in call.slack.views.values():
        named = view.id == view_id if view_id else view.external_id == external_id
        if named and view.app_id == call.app.id and view.team_id in [team.id for team in call.teams]:
            return {"view": shapes.view(call.slack, update_view(call.slack, view, content, hash=call.text("hash")))}
    raise Failure("not_found")


def publish(call: Call) -> dict[str, Any]:
    content = _content(call)
    user = call.slack.users.get(call.needed("user_id"))
    if user is None or user.team_id not in [team.id for team in call.teams] or user.is_bot:
        raise invalid("invalid user_id [json-pointer:/user_id]")
    if not call.app.home_tab:
        raise Failure("not_enabled")
    view = publish_view(call.slack, call.app.id, user.team_id, user.id, content, hash=call.text("hash"))
    return {"view": shapes.view(call.slack, view)}


METHODS = {
    "views.open": Method(open_modal),
    "views.publish": Method(publish),
    "views.push": Method(push_modal),
    "views.update": Method(update_modal),
}
