"""What becomes of modals when they are submitted or closed.

docs.slack.dev/surfaces/modals: an app answers a submission with nothing (the view closes), or with a response_action:
errors, update, push or clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack.api import views
from sandbox.slack.state import Failure, Slack, View

NOT_UNDERSTOOD = "response_action"


def respond(slack: Slack, view: View, body: Any) -> tuple[list[View], dict[str, str]]:
    """Do what the app answers to a submission. Gives the views that were closed by it without being submitted, and the
    errors to show. Wants the lock held. Raises Failure if the answer makes no sense: the view stays then.
    """
    if not body:
        views.close_view(slack, view)
        return [], {}
    match body.get("response_action") if isinstance(body, Mapping) else None:
        case "errors":
            return [], _errors(view, body.get("errors"))
        case "update":
            views.update_view(slack, view, _content(body))
            return [], {}
        case "push":
            views.push_view(slack, view, _content(body))
            return [], {}
        case "clear":
            return [other for other in close(slack, view, whole_stack=True) if other is not view], {}
    raise Failure(NOT_UNDERSTOOD)


def close(slack: Slack, view: View, *, whole_stack: bool) -> list[View]:
    """Close a modal, or all that lie under it too. Gives those that were closed."""
    if not whole_stack:
        return views.close_view(slack, view)
    lowest = slack.stacks.get((view.team_id, view.user_id), [view.id])[0]
    return views.close_view(slack, slack.views.get(lowest, view))


def _content(body: Mapping[str, Any]) -> dict[str, Any]:
    content = body.get("view")
    if not isinstance(content, dict):
        raise Failure(NOT_UNDERSTOOD)
    return content


def _errors(view: View, errors: Any) -> dict[str, str]:
    """Each error belongs to an input; for anything else Slack has no place."""
    inputs = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
    if not isinstance(errors, Mapping) or not errors or not set(errors) <= inputs:
        raise Failure(NOT_UNDERSTOOD)
    if not all(isinstance(text, str) and text for text in errors.values()):
        raise Failure(NOT_UNDERSTOOD)
    return dict(errors)
