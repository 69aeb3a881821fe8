"""Elements that people can use: which there are in a message or view, and what one has entered in them.

docs.slack.dev/reference/block-kit/block-elements; the shape of `state.values` is on
docs.slack.dev/reference/interaction-payloads/view-interactions-payload.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Values = dict[str, dict[str, Any]]

STATE: Mapping[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}
"""For each element that keeps what was entered: where the state has it, and the member that it begins with."""
SEVERAL = frozenset(name for name, (member, _) in STATE.items() if member.endswith("s"))
WITH_OPTIONS = frozenset(name for name, (member, _) in STATE.items() if member.startswith("selected_option"))
WRITTEN = frozenset(name for name, (member, _) in STATE.items() if member == "value")
ONLY_CLICKED = frozenset({"button", "overflow", "icon_button", "feedback_buttons"})


@dataclass(frozen=True, slots=True)
class Found:
    """An element that can be used, and the block that it is in."""

    block: Mapping[str, Any]
    element: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.element["type"])

    @property
    def block_id(self) -> str:
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        return str(self.element.get("action_id", ""))

    @property
    def in_input(self) -> bool:
        return bool(self.block["type"] == "input")

    @property
    def dispatches(self) -> bool:
        """Whether the app hears of it at once. In an input block only if that says so."""
        return not self.in_input or bool(self.block.get("dispatch_action"))

    @property
    def required(self) -> bool:
        return self.in_input and not self.block.get("optional", False)


def usable(blocks: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    """Every element that somebody can use, in the order in which they are read. Blocks within blocks included."""
    for block in blocks:
        candidates = [
            block.get("element"),
            block.get("accessory"),
            *block.get("elements", ()),
            *block.get("actions", ()),
        ]
        for element in candidates:
            if isinstance(element, Mapping) and (element.get("type") in STATE or element.get("type") in ONLY_CLICKED):
                yield Found(block, element)
        inner = block.get("elements", ()) if block["type"] == "carousel" else block.get("child_blocks", ())
        yield from usable([{"block_id": block.get("block_id", ""), **child} for child in inner])


def find(blocks: Sequence[Mapping[str, Any]], block_id: str, action_id: str) -> Found | None:
    """The element with these ids. Without a block_id, the only one with that action_id."""
    fitting = [
        found
        for found in usable(blocks)
        if found.action_id == action_id and block_id in ("", found.block.get("block_id"))
    ]
    return fitting[0] if len(fitting) == 1 else None


def options_of(element: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The options of an element, of its groups in their order."""
    grouped = [option for group in element.get("option_groups") or () for option in group["options"]]
    return [*(element.get("options") or ()), *grouped]


def values_of(blocks: Sequence[Mapping[str, Any]], entered: Mapping[str, Mapping[str, Any]]) -> Values:
    """`state.values`: what was entered, or what the elements begin with. What belongs to no element any more is gone;
    an element with the same block_id and action_id keeps what it had, so that an update loses nothing.
    """
    values: Values = {}
    for found in usable(blocks):
        if found.kind not in STATE:
            continue
        kept = entered.get(found.block_id, {}).get(found.action_id)
        if kept is None or kept["type"] != found.kind:
            member, first = STATE[found.kind]
            empty: Any = [] if found.kind in SEVERAL else None
            kept = {"type": found.kind, member: found.element.get(first, empty) if first else empty}
        values.setdefault(found.block_id, {})[found.action_id] = kept
    return values


def is_empty(state: Mapping[str, Any]) -> bool:
    """Whether nothing was entered."""
    member, _ = STATE[state["type"]]
    return state[member] in (None, "", [])
