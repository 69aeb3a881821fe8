"""Slack's limits once more, written from its documentation and not from `bot.blocks`: what a view or message breaks.

Sources: docs.slack.dev/reference/block-kit (blocks, block elements, composition objects), /reference/views,
/reference/methods/chat.update; the limits of charts are the lowest that any of its pages names.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

TEXTS = {  # (type of the part that holds it, name of the field) -> characters
    ("header", "text"): 150,
    ("section", "text"): 3000,
    ("context", "text"): 3000,
    ("button", "text"): 75,
    ("option", "text"): 75,
    ("option", "description"): 75,
    ("input", "label"): 2000,
    ("input", "hint"): 2000,
    ("image", "title"): 2000,
    ("modal", "title"): 24,
    ("modal", "submit"): 24,
    ("modal", "close"): 24,
    ("confirm", "title"): 100,
    ("confirm", "text"): 300,
    ("confirm", "confirm"): 30,
    ("confirm", "deny"): 30,
    ("element", "placeholder"): 150,
}
STRINGS = {"action_id": 255, "block_id": 255, "alt_text": 2000, "accessibility_label": 75, "url": 3000}
MANY = {
    "radio_buttons": (1, 10),
    "checkboxes": (1, 10),
    "static_select": (1, 100),
    "multi_static_select": (1, 100),
    "overflow": (1, 5),
}
IN_MESSAGES = {
    "header",
    "section",
    "context",
    "actions",
    "divider",
    "image",
    "input",
    "data_visualization",
    "rich_text",
}
CHARTS_A_MESSAGE = 2


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def of_message(text: str, blocks: Any) -> list[str]:
    """What is wrong with a message, as sentences; none if Slack takes it."""
    wrong = _blocks(list(blocks), 50)
    if not text.strip() or units(text) > 4000:
        wrong.append("the fallback text is empty or too long")
    if sum(block["type"] == "data_visualization" for block in blocks) > CHARTS_A_MESSAGE:
        wrong.append("too many charts")
    return wrong


def of_view(view: dict[str, Any]) -> list[str]:
    """What is wrong with a modal or a home tab."""
    wrong = _blocks(view["blocks"], 100)
    if len(json.dumps(view).encode()) > 250_000:
        wrong.append("view_too_large")
    if units(view.get("private_metadata", "")) > 3000 or units(view.get("callback_id", "")) > 255:
        wrong.append("metadata or callback_id too long")
    if view["type"] == "modal":
        for name in ("title", "submit", "close"):
            if name in view:
                wrong += _text(view[name], "modal", name, plain=True)
        if any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
            wrong.append("an input needs a submit button")
    if any(block["type"] == "data_visualization" for block in view["blocks"]):
        wrong.append("charts stand in messages only")
    return wrong


def _blocks(blocks: list[dict[str, Any]], most: int) -> list[str]:
    wrong = [] if 0 < len(blocks) <= most else [f"{len(blocks)} blocks"]
    named = Counter(block["block_id"] for block in blocks if "block_id" in block)
    wrong += [f"block_id twice: {name}" for name, times in named.items() if times > 1]
    for block in blocks:
        if block["type"] not in IN_MESSAGES:
            wrong.append(f"unknown block {block['type']}")
        wrong += _strings(block) + globals()[f"_{block['type']}"](block)
    return wrong


def _header(block: dict[str, Any]) -> list[str]:
    return _text(block["text"], "header", "text", plain=True)


def _section(block: dict[str, Any]) -> list[str]:
    return _text(block["text"], "section", "text") + (_element(block["accessory"]) if "accessory" in block else [])


def _context(block: dict[str, Any]) -> list[str]:
    wrong = [] if 1 <= len(block["elements"]) <= 10 else ["elements of a context"]
    return wrong + [said for one in block["elements"] for said in _text(one, "context", "text")]


def _actions(block: dict[str, Any]) -> list[str]:
    wrong = [] if 1 <= len(block["elements"]) <= 25 else ["elements of actions"]
    if len({one["action_id"] for one in block["elements"]}) < len(block["elements"]):
        wrong.append("action_id twice")
    return wrong + [said for one in block["elements"] for said in _element(one)]


def _rich_text(block: dict[str, Any]) -> list[str]:
    inline = [one for part in block["elements"] for one in part["elements"]]
    wrong = [] if len(inline) <= 1000 else ["elements of a rich text"]
    return wrong + ["an empty piece of a rich text" for one in inline if not one["text"]]


def _divider(block: dict[str, Any]) -> list[str]:
    return []


def _image(block: dict[str, Any]) -> list[str]:
    wrong = [] if ("image_url" in block) != ("slack_file" in block) else ["an image needs one source"]
    if not block.get("alt_text", "").strip():
        wrong.append("an image needs alt text")
    return wrong + (_text(block["title"], "image", "title", plain=True) if "title" in block else [])


def _input(block: dict[str, Any]) -> list[str]:
    wrong = _text(block["label"], "input", "label", plain=True) + _element(block["element"])
    return wrong + (_text(block["hint"], "input", "hint", plain=True) if "hint" in block else [])


def _data_visualization(block: dict[str, Any]) -> list[str]:
    wrong = [] if 0 < units(block["title"]) <= 50 else ["title of a chart"]
    chart = block["chart"]
    if chart["type"] == "pie":
        if not 1 <= len(chart["segments"]) <= 6 or any(one["value"] <= 0 for one in chart["segments"]):
            wrong.append("segments")
        return wrong + _labels([one["label"] for one in chart["segments"]])
    axis, series = chart["axis_config"], chart["series"]
    wrong += _labels(axis["categories"]) + _labels([one["name"] for one in series])
    if not 1 <= len(series) <= 6 or not 1 <= len(axis["categories"]) <= 20:
        wrong.append("series or categories")
    if any([point["label"] for point in one["data"]] != axis["categories"] for one in series):
        wrong.append("labels of a series are not the categories")
    return wrong + [name for name in ("x_label", "y_label") if units(axis.get(name, "")) > 50]


def _labels(labels: list[str]) -> list[str]:
    wrong = ["labels twice"] if len(set(labels)) < len(labels) else []
    return wrong + [f"label {label!r}" for label in labels if not label.strip() or units(label) > 20]


def _element(element: dict[str, Any]) -> list[str]:
    wrong = _strings(element)
    kind = element["type"]
    if kind == "button":
        wrong += _text(element["text"], "button", "text", plain=True)
        if units(element.get("value", "")) > 2000 or element.get("value") == "":
            wrong.append("value of a button")
    if kind in MANY:
        least, most = MANY[kind]
        if not least <= len(element["options"]) <= most:
            wrong.append(f"{len(element['options'])} options of {kind}")
        for option in element["options"]:
            wrong += [
                said
                for name in ("text", "description")
                if name in option
                for said in _text(option[name], "option", name)
            ]
            if not 1 <= units(option["value"]) <= 150:
                wrong.append("value of an option")
        if len({option["value"] for option in element["options"]}) < len(element["options"]):
            wrong.append("value of an option twice")
        first = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
        if any(one not in element["options"] for one in first) or element.get("initial_options") == []:
            wrong.append("an initial option is not one of the options")
    if kind == "plain_text_input" and not (
        1 <= element.get("max_length", 3000) <= 3000
        and units(element.get("initial_value", "")) <= element.get("max_length", 3000)
    ):
        wrong.append("max_length")
    if "placeholder" in element:
        wrong += _text(element["placeholder"], "element", "placeholder", plain=True)
    for name in ("title", "text", "confirm", "deny"):
        if "confirm" in element:
            wrong += _text(element["confirm"][name], "confirm", name)
    return wrong


def _text(part: dict[str, Any], of: str, name: str, *, plain: bool = False) -> list[str]:
    wrong = [] if part["type"] == "plain_text" or not plain else [f"{of}.{name} must be plain"]
    most = TEXTS[(of, name)]
    if not part["text"].strip() or units(part["text"]) > most:
        wrong.append(f"{of}.{name} has {units(part['text'])} characters")
    return wrong


def _strings(part: dict[str, Any]) -> list[str]:
    return [f"{name} too long" for name, most in STRINGS.items() if units(part.get(name, "")) > most]
