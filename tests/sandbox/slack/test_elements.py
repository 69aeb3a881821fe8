"""What can be entered in which element, and what of it stays when a view changes."""

from __future__ import annotations

import pytest

from sandbox.slack.elements import Found, find, usable, values_of
from sandbox.slack.entering import CannotEnter, entered


def option(value):
    return {"text": {"type": "plain_text", "text": value}, "value": value}


def found(**element):
    return Found({"type": "input", "block_id": "b"}, {"action_id": "a", **element})


OFFERED = {"options": [option("x"), option("y")]}
GROUPED = {"option_groups": [{"label": {}, "options": [option("x")]}, {"label": {}, "options": [option("y")]}]}


@pytest.mark.parametrize(
    ("element", "given", "state"),
    [
        ({"type": "multi_static_select", **OFFERED}, ["y"], {"selected_options": [option("y")]}),
        ({"type": "static_select", **GROUPED}, "y", {"selected_option": option("y")}),
        ({"type": "static_select", **OFFERED}, None, {"selected_option": None}),
        ({"type": "checkboxes", **OFFERED}, None, {"selected_options": []}),
        ({"type": "multi_users_select"}, ["U1", "U2"], {"selected_users": ["U1", "U2"]}),
        ({"type": "multi_conversations_select"}, [], {"selected_conversations": []}),
        ({"type": "datetimepicker"}, 1_800_000_000, {"selected_date_time": 1_800_000_000}),
        ({"type": "plain_text_input"}, "", {"value": None}),
        ({"type": "file_input"}, ["F1"], {"files": ["F1"]}),
    ],
)
def test_what_is_entered_has_the_shape_of_its_element(element, given, state):
    assert entered(found(**element), given) == {"type": element["type"], **state}


@pytest.mark.parametrize(
    ("element", "given"),
    [
        ({"type": "static_select", **OFFERED}, "z"),
        ({"type": "checkboxes", **OFFERED}, "x"),
        ({"type": "multi_static_select", "max_selected_items": 1, **OFFERED}, ["x", "y"]),
        ({"type": "datepicker"}, "22.11.2026"),
        ({"type": "timepicker"}, "25:00"),
        ({"type": "datetimepicker"}, "soon"),
        ({"type": "datetimepicker"}, True),
        ({"type": "plain_text_input", "max_length": 3}, "four"),
        ({"type": "plain_text_input"}, 4),
    ],
)
def test_what_does_not_fit_cannot_be_entered(element, given):
    with pytest.raises(CannotEnter):
        entered(found(**element), given)


def section(block_id, **element):
    return {"type": "section", "block_id": block_id, "accessory": {"action_id": "a", **element}}


def test_elements_are_found_in_cards_containers_and_accessories():
    button = {"type": "button", "action_id": "inner"}
    blocks = [
        {"type": "carousel", "block_id": "c", "elements": [{"type": "card", "actions": [button]}]},
        {"type": "container", "block_id": "d", "child_blocks": [{"type": "actions", "elements": [button]}]},
        section("e", type="overflow", **OFFERED),
        {"type": "rich_text", "block_id": "f", "elements": [{"type": "rich_text_section", "elements": []}]},
    ]
    assert [(one.block_id, one.action_id) for one in usable(blocks)] == [("c", "inner"), ("d", "inner"), ("e", "a")]
    assert find(blocks, "", "inner") is None, "there are two of that name"
    assert find(blocks, "c", "inner").kind == "button"


def test_values_begin_as_the_app_says_and_stay_while_ids_and_kind_stay():
    before = [
        section("one", type="datepicker", initial_date="2026-11-22"),
        section("two", type="checkboxes", **OFFERED),
    ]
    values = values_of(before, {})
    assert values["one"]["a"] == {"type": "datepicker", "selected_date": "2026-11-22"}
    assert values["two"]["a"] == {"type": "checkboxes", "selected_options": []}
    values["one"]["a"]["selected_date"] = "2026-11-23"
    values["two"]["a"]["selected_options"] = [option("x")]
    after = values_of([section("one", type="datepicker"), section("two", type="radio_buttons", **OFFERED)], values)
    assert after["one"]["a"]["selected_date"] == "2026-11-23"
    assert after["two"]["a"] == {"type": "radio_buttons", "selected_option": None}
    assert values_of([], values) == {}
