"""One table of what somebody can do, for the page and for the control API: JSON in, an Outcome out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.slack.interactions import Interactions, MessagePlace, Outcome, Place, ViewPlace
from sandbox.slack.seeing import CannotAct

Members = Mapping[str, Any]


def perform(acting: Interactions, user_id: str, act: Members) -> Outcome:
    """Do `act["do"]` as that person. Raises CannotAct, also for an act that there is not or that lacks something."""
    name = act.get("do")
    if not isinstance(name, str) or name not in ACTS:
        raise CannotAct(f"Nobody can do {name!r}; there is {', '.join(ACTS)}.")
    return ACTS[name](acting, user_id, act)


def _text(act: Members, name: str, default: str | None = None) -> str:
    value = act.get(name, default)
    if not isinstance(value, str):
        raise CannotAct(f"{name} must be a text.")
    return value


def _place(act: Members) -> Place:
    if "view" in act:
        return ViewPlace(_text(act, "view"))
    return MessagePlace(_text(act, "channel"), _text(act, "ts"))


def _say(acting: Interactions, user_id: str, act: Members) -> Outcome:
    thread_ts = _text(act, "thread_ts") if act.get("thread_ts") else None
    return acting.say(user_id, _text(act, "channel"), _text(act, "text"), thread_ts)


def _fill(acting: Interactions, user_id: str, act: Members, place: Place) -> None:
    """What was entered elsewhere in the same message or view: `values`, by block_id and action_id."""
    values = act.get("values", {})
    if not isinstance(values, Mapping) or not all(isinstance(entered, Mapping) for entered in values.values()):
        raise CannotAct("values must be an object of objects.")
    if values:
        acting.fill(user_id, place, values)


def _use(acting: Interactions, user_id: str, act: Members) -> Outcome:
    place = _place(act)
    _fill(acting, user_id, act, place)
    return acting.use(user_id, place, _text(act, "block_id", ""), _text(act, "action_id"), act.get("value"))


def _options(acting: Interactions, user_id: str, act: Members) -> Outcome:
    where = (_place(act), _text(act, "block_id", ""), _text(act, "action_id"))
    return acting.options(user_id, *where, _text(act, "typed", ""))


def _submit(acting: Interactions, user_id: str, act: Members) -> Outcome:
    view_id = _text(act, "view")
    _fill(acting, user_id, act, ViewPlace(view_id))
    return acting.submit(user_id, view_id)


def _react(acting: Interactions, user_id: str, act: Members) -> Outcome:
    return acting.react(user_id, _text(act, "channel"), _text(act, "ts"), _text(act, "name"), add=act["do"] == "react")


def _message_shortcut(acting: Interactions, user_id: str, act: Members) -> Outcome:
    which = (_text(act, "app"), _text(act, "callback_id"))
    return acting.message_shortcut(user_id, *which, _text(act, "channel"), _text(act, "ts"))


ACTS: Mapping[str, Callable[[Interactions, str, Members], Outcome]] = {
    "say": _say,
    "command": lambda acting, user_id, act: acting.command(
        user_id, _text(act, "channel"), _text(act, "command"), _text(act, "text", "")
    ),
    "use": _use,
    "options": _options,
    "submit": _submit,
    "close": lambda acting, user_id, act: acting.close(
        user_id, _text(act, "view"), whole_stack=bool(act.get("whole_stack"))
    ),
    "shortcut": lambda acting, user_id, act: acting.global_shortcut(
        user_id, _text(act, "app"), _text(act, "callback_id")
    ),
    "message_shortcut": _message_shortcut,
    "react": _react,
    "unreact": _react,
    "join": lambda acting, user_id, act: acting.join(user_id, _text(act, "channel")),
    "leave": lambda acting, user_id, act: acting.leave(user_id, _text(act, "channel")),
    "invite": lambda acting, user_id, act: acting.invite(user_id, _text(act, "channel"), _text(act, "user")),
    "home": lambda acting, user_id, act: acting.open_home(user_id, _text(act, "app"), _text(act, "tab", "home")),
}
