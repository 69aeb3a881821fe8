"""Interactive elements and composition objects of Block Kit: what they hold, and how much.

Figures from docs.slack.dev/reference/block-kit (block-elements, composition-objects) as of 2026.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.slack.block_rules import (
    Check,
    Rule,
    Shape,
    anything,
    both,
    listed,
    many,
    matching,
    one_of,
    string,
    truth,
    typed,
    whole,
)

ID = string(255)
ADDRESS = both(string(3000, 1), matching(lambda text: urlsplit(text).scheme != "", "must be a valid URL"))
DATE = matching(lambda text: re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None, "must be a valid date")
TIME = matching(lambda text: re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text) is not None, "must be a valid time")
MOST_OPTIONS, MOST_CHOICES, MOST_OVERFLOW, MOST_GROUPS = 100, 10, 5, 100
LONGEST_INPUT = 3000


def text(most: int, *kinds: str, least: int = 1) -> Rule:
    """A text object; kinds are plain_text and mrkdwn, both if none is named."""
    shapes: dict[str, Rule] = {
        "plain_text": Shape({"type": anything, "text": string(most, least)}, {"emoji": truth}),
        "mrkdwn": Shape({"type": anything, "text": string(most, least)}, {"verbatim": truth}),
    }
    return typed(shapes, kinds or ("plain_text", "mrkdwn"))


def plain(most: int) -> Rule:
    return text(most, "plain_text")


def reachable(check: Check, value: Any, pointer: str) -> None:
    """Slack fetches pictures itself, when the block arrives: an address of this machine or of a local network fails."""
    host = (urlsplit(value).hostname or "") if isinstance(value, str) else ""
    try:
        local = not ipaddress.ip_address(host).is_global
    except ValueError:
        local = "." not in host or host.endswith((".local", ".localhost", ".internal"))
    if local:
        check.note(pointer, "downloading image failed")


def _slack_file(check: Check, value: Any, pointer: str) -> None:
    if isinstance(value, Mapping) and not ({"id", "url"} & set(value)):
        check.note(pointer, "missing required field: id", code="missing_field", member="id")
    elif isinstance(value, Mapping) and not check.file_ready(value):
        check.note(pointer, "invalid slack file")


SLACK_FILE = Shape(optional={"id": string(255, 1), "url": string(3000, 1)}, also=_slack_file)


def one_source(check: Check, value: Any, pointer: str) -> None:
    """A picture comes from an address or from an uploaded file."""
    given = [name for name in ("image_url", "slack_file") if value.get(name) is not None]
    if not given:
        check.note(pointer, "missing required field: image_url", code="missing_field", member="image_url")
    elif len(given) == 2:
        check.note(pointer, "must provide either image_url or slack_file")


PICTURE: Mapping[str, Rule] = {"image_url": both(string(3000, 1), reachable), "slack_file": SLACK_FILE}

CONFIRM = Shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)


def option(*kinds: str, with_url: bool = False) -> Rule:
    optional: dict[str, Rule] = {"description": text(75, *kinds)}
    if with_url:
        optional["url"] = ADDRESS
    return Shape({"text": text(75, *kinds), "value": string(150, 1)}, optional)


CHOICE = option("plain_text", "mrkdwn")
MENU_OPTION = option("plain_text")
GROUP = Shape({"label": plain(75), "options": many(MENU_OPTION, MOST_OPTIONS)})
DISPATCH = Shape(
    optional={"trigger_actions_on": many(one_of("on_enter_pressed", "on_character_entered"), 2)},
)
FILTER = Shape(
    optional={
        "include": many(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": truth,
        "exclude_bot_users": truth,
    }
)


def _offered(value: Mapping[str, Any]) -> list[Any]:
    options = list(listed(value.get("options")))
    for group in listed(value.get("option_groups")):
        options += listed(group.get("options")) if isinstance(group, Mapping) else []
    return options


def initial_is_offered(check: Check, value: Any, pointer: str) -> None:
    """What is chosen at the start must be among the options, equal in every member."""
    offered = _offered(value)
    if value.get("initial_option") is not None and value["initial_option"] not in offered:
        check.note(f"{pointer}/initial_option", "must be one of the provided options")
    for place, chosen in enumerate(listed(value.get("initial_options"))):
        if chosen not in offered:
            check.note(f"{pointer}/initial_options/{place}", "must be one of the provided options")


def _one_list(check: Check, value: Any, pointer: str) -> None:
    given = [name for name in ("options", "option_groups") if value.get(name) is not None]
    if not given:
        check.note(pointer, "missing required field: options", code="missing_field", member="options")
    elif len(given) == 2:
        check.note(pointer, "must provide either options or option_groups")


def _lengths(check: Check, value: Any, pointer: str) -> None:
    least, most = value.get("min_length"), value.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        check.note(f"{pointer}/min_length", "must be less than max_length")


def element(required: Mapping[str, Rule] | None = None, also: Rule = anything, **optional: Rule) -> Shape:
    """An element: a type, perhaps an action_id, and what is its own."""
    return Shape({"type": anything, **(required or {})}, {"action_id": ID, **optional}, also)


PLACEHOLDER, FOCUS = plain(150), truth
OPTIONS, GROUPS = many(MENU_OPTION, MOST_OPTIONS), many(GROUP, MOST_GROUPS)
CHOICES = many(CHOICE, MOST_CHOICES)


def _select(**own: Rule) -> Shape:
    also = own.pop("also", anything)
    return element(None, also, placeholder=PLACEHOLDER, confirm=CONFIRM, focus_on_load=FOCUS, **own)


def _multi(**own: Rule) -> Shape:
    return _select(max_selected_items=whole(1, 100), **own)


def _input(required: Mapping[str, Rule] | None = None, also: Rule = anything, **own: Rule) -> Shape:
    common: dict[str, Rule] = {"placeholder": PLACEHOLDER, "focus_on_load": FOCUS, "dispatch_action_config": DISPATCH}
    return element(required, also, **common, **own)


WORKFLOW = Shape(
    {
        "trigger": Shape(
            {"url": ADDRESS},
            {"customizable_input_parameters": many(Shape({"name": string(255), "value": anything}), 100, 0)},
        )
    }
)
FEEDBACK = Shape({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
USERS = many(string(255, 1), 100, 0)

ELEMENTS: Mapping[str, Shape] = {
    "button": element(
        {"text": plain(75)},
        value=string(2000),
        url=ADDRESS,
        style=one_of("primary", "danger"),
        confirm=CONFIRM,
        accessibility_label=string(75),
    ),
    "checkboxes": element(
        {"options": CHOICES}, initial_is_offered, initial_options=CHOICES, confirm=CONFIRM, focus_on_load=FOCUS
    ),
    "radio_buttons": element(
        {"options": CHOICES}, initial_is_offered, initial_option=CHOICE, confirm=CONFIRM, focus_on_load=FOCUS
    ),
    "overflow": element(
        {"options": many(option("plain_text", with_url=True), MOST_OVERFLOW)},
        confirm=CONFIRM,
    ),
    "datepicker": _select(initial_date=DATE),
    "timepicker": _select(initial_time=TIME, timezone=string(255)),
    "datetimepicker": element(
        initial_date_time=whole(1_000_000_000, 9_999_999_999), confirm=CONFIRM, focus_on_load=FOCUS
    ),
    "static_select": _select(
        also=both(_one_list, initial_is_offered), options=OPTIONS, option_groups=GROUPS, initial_option=MENU_OPTION
    ),
    "multi_static_select": _multi(
        also=both(_one_list, initial_is_offered),
        options=OPTIONS,
        option_groups=GROUPS,
        initial_options=many(MENU_OPTION, MOST_OPTIONS),
    ),
    "external_select": _select(initial_option=MENU_OPTION, min_query_length=whole(0, 100)),
    "multi_external_select": _multi(initial_options=many(MENU_OPTION, MOST_OPTIONS), min_query_length=whole(0, 100)),
    "users_select": _select(initial_user=string(255)),
    "multi_users_select": _multi(initial_users=USERS),
    "conversations_select": _select(
        initial_conversation=string(255),
        default_to_current_conversation=truth,
        response_url_enabled=truth,
        filter=FILTER,
    ),
    "multi_conversations_select": _multi(
        initial_conversations=USERS, default_to_current_conversation=truth, filter=FILTER
    ),
    "channels_select": _select(initial_channel=string(255), response_url_enabled=truth),
    "multi_channels_select": _multi(initial_channels=USERS),
    "plain_text_input": _input(
        also=_lengths,
        initial_value=string(LONGEST_INPUT),
        multiline=truth,
        min_length=whole(0, LONGEST_INPUT),
        max_length=whole(1, LONGEST_INPUT),
    ),
    "rich_text_input": _input(initial_value=anything),
    "email_text_input": _input(initial_value=string(LONGEST_INPUT)),
    "url_text_input": _input(initial_value=string(LONGEST_INPUT)),
    "number_input": _input(
        {"is_decimal_allowed": truth}, initial_value=string(255), min_value=string(255), max_value=string(255)
    ),
    "file_input": element(filetypes=many(string(255, 1), 100), max_files=whole(1, 10)),
    "image": Shape({"type": anything, "alt_text": string(2000, 1)}, PICTURE, one_source),
    "workflow_button": element(
        {"text": plain(75), "workflow": WORKFLOW},
        style=one_of("primary", "danger"),
        accessibility_label=string(75),
    ),
    "feedback_buttons": element({"positive_button": FEEDBACK, "negative_button": FEEDBACK}),
    "icon_button": element(
        {"icon": one_of("trash"), "text": plain(75)},
        value=string(2000),
        confirm=CONFIRM,
        accessibility_label=string(75),
        visible_to_user_ids=USERS,
    ),
}

CHOOSERS = ("checkboxes", "radio_buttons", "datepicker", "timepicker")
SELECTS = tuple(f"{kind}_select" for kind in ("static", "external", "users", "conversations", "channels"))
MULTI_SELECTS = tuple(f"multi_{kind}" for kind in SELECTS)
IN_SECTION = ("button", "overflow", "image", "workflow_button", *CHOOSERS, *SELECTS, *MULTI_SELECTS)
IN_ACTIONS = ("button", "overflow", "workflow_button", "datetimepicker", *CHOOSERS, *SELECTS)
TEXT_INPUTS = ("plain_text_input", "rich_text_input", "email_text_input", "url_text_input", "number_input")
IN_INPUT = (*TEXT_INPUTS, "file_input", "datetimepicker", *CHOOSERS, *SELECTS, *MULTI_SELECTS)
IN_CONTEXT_ACTIONS = ("feedback_buttons", "icon_button")
