"""A person with a view of ours before them: what stands in it, what they press and send there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import BoltResponse

from sandbox.slack import block_kit
from tests.bot import limits
from tests.bot.slack import Workspace


def texts(part: Any) -> Iterator[str]:
    """Every string that is shown in a block or view."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in {"text", "alt_text", "accessibility_label", "initial_value"} and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(part, list):
        for one in part:
            yield from texts(one)


def elements(view: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(block_id, element) of everything that can be used."""
    for block in view["blocks"]:
        held = [block.get("element"), block.get("accessory"), *block.get("elements", ())]
        for element in held:
            if element and "action_id" in element:
                yield block.get("block_id", "b"), element


@dataclass
class Person:
    """A Slack user who looks at the newest view that they were given."""

    workspace: Workspace
    user: str
    view: dict[str, Any] = field(default_factory=dict)
    answered: BoltResponse | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)  # all that was answered to what they did

    @property
    def words(self) -> str:
        """All that stands in the view, a line each."""
        return "\n".join(texts(self.view["blocks"]))

    @property
    def metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.view.get("private_metadata") or "{}")
        return found

    def command(self, text: str, channel: str = "C1") -> None:
        self._after(lambda: self.workspace.command(self.user, text, channel=channel))

    def click(self, action_id: str, value: str = "", channel: str | None = "C1") -> None:
        """A button of a message."""
        self._after(lambda: self.workspace.click(self.user, action_id, value, channel=channel))

    def press(self, name: str, **said: Any) -> None:
        """The first control of the view whose action_id begins with `name`; in its inputs stands what was `said`."""
        values = self.filled(**said) if said else {}
        element = next(one for _, one in elements(self.view) if one["action_id"].startswith(name))
        self._after(
            lambda: self.workspace.click(
                self.user, element["action_id"], element.get("value", ""), view=self._view(values), channel=None
            )
        )

    def choose(self, name: str, value: str) -> None:
        """Choose in a list of the view."""
        element = next(one for _, one in elements(self.view) if one["action_id"].startswith(name))
        option = next(one for one in element["options"] if one["value"].endswith(value))
        self._after(
            lambda: self.workspace.click(
                self.user, element["action_id"], view=self._view(), channel=None, type="static_select",
                selected_option=option, value=None,
            )
        )  # fmt: skip

    def filled(self, **said: Any) -> dict[str, dict[str, Any]]:
        """`view.state.values` when the inputs whose names begin so were filled; others are as they were given."""
        values: dict[str, dict[str, Any]] = {}
        for block in self.view["blocks"]:
            if block["type"] != "input":
                continue
            name = block["block_id"].partition(":")[0]
            element = block["element"]
            values[block["block_id"]] = {element["action_id"]: _state(element, said.get(name, _UNSAID))}
        return values

    def send(self, **said: Any) -> None:
        """Fill the inputs whose names begin so, and send the view."""
        callback = str(self.view["callback_id"])
        values, metadata = self.filled(**said), self.metadata
        self._after(lambda: self.workspace.submit(self.user, callback, values, metadata))

    @property
    def errors(self) -> dict[str, str]:
        """What was said beside the fields of the view that was sent."""
        body = json.loads(self.answered.body or "{}") if self.answered else {}
        found: dict[str, str] = body.get("errors", {})
        return found

    def _view(self, values: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
        return {"id": "V1", "hash": "h", "state": {"values": values or {}}, **self.view}

    def _after(self, act: Any) -> None:
        """Whatever was shown after it is what this person looks at."""
        before = len(self.workspace.api.calls)
        self.answered = act()
        assert self.answered is not None
        assert self.answered.status == 200
        self.bodies.append(str(self.answered.body))
        body = json.loads(self.answered.body) if (self.answered.body or "").startswith("{") else {}
        shown = [body["view"]] if "view" in body else []
        shown += [said["view"] for name, said in self.workspace.api.calls[before:] if name.startswith("views.")]
        for view in shown:
            assert limits.of_view(view) == []
            assert block_kit.check_view(view) == []
            self.view = view
            self.seen.append(view)


_UNSAID = object()


def _state(element: dict[str, Any], said: Any) -> dict[str, Any]:
    kind = element["type"]
    if kind in {"datepicker", "timepicker"}:
        name = kind.removesuffix("picker")
        return {"type": kind, f"selected_{name}": element.get(f"initial_{name}") if said is _UNSAID else said}
    if kind == "plain_text_input":
        return {"type": kind, "value": element.get("initial_value") if said is _UNSAID else said}
    if kind in {"checkboxes", "multi_static_select"}:
        chosen = element.get("initial_options", []) if said is _UNSAID else _options(element, *said)
        return {"type": kind, "selected_options": chosen}
    first = element.get("initial_option") if said is _UNSAID else _options(element, said)[0]
    return {"type": kind, "selected_option": first}


def _options(element: dict[str, Any], *values: str) -> list[dict[str, Any]]:
    """Options by their words or their values."""
    return [one for wanted in values for one in element["options"] if wanted in (one["value"], one["text"]["text"])]
