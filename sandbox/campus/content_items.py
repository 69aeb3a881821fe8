"""What a tool may return from its picker. Pure (Deep Linking 2.0, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.campus.config import Quirks
from sandbox.campus.gradebook import LineItemDetails
from sandbox.campus.launches import DeepLinkRequest
from sandbox.campus.links import LinkDetails
from sandbox.campus.tools import Tool
from sandbox.campus.urls import is_web_url, origin
from sandbox.campus.values import finite_number, parse_moment

LONGEST_TITLE = 1333
"""Moodle's column for activity names; longer titles are cut."""


@dataclass(frozen=True, slots=True)
class Activity:
    """A content item that was understood: the link to place, and its grade column if it has one."""

    link: LinkDetails
    line_item: LineItemDetails | None


def read_items(items: object, request: DeepLinkRequest, tool: Tool, quirks: Quirks) -> tuple[list[Activity], list[str]]:
    """Activities of the response, and everything that is wrong with it, in sentences."""
    if items is None:
        return [], []
    if not isinstance(items, list):
        return [], ["content_items must be a list."]
    problems = []
    if len(items) > 1 and not request.accept_multiple:
        problems.append(f"Only one item was asked for, and {len(items)} came.")
    activities = []
    for number, item in enumerate(items, start=1):
        wrong = _item_problems(item, request, tool)
        problems += [f"Item {number}: {problem}" for problem in wrong]
        if not wrong:
            activities.append(_activity(item, tool, quirks))
    return activities, problems


def _item_problems(item: object, request: DeepLinkRequest, tool: Tool) -> list[str]:
    if not isinstance(item, dict):
        return ["it must be an object."]
    kind = item.get("type")
    if kind not in request.accept_types:
        return [f"the type {kind!r} was not asked for; accepted: {', '.join(request.accept_types)}."]
    if kind != "ltiResourceLink":
        return [f"this campus cannot place items of the type {kind!r}."]
    return [
        *_url_problems(item.get("url"), tool),
        *_text_problems(item),
        *_custom_problems(item.get("custom")),
        *_line_item_problems(item.get("lineItem")),
        *_date_problems(item),
    ]


def _url_problems(url: object, tool: Tool) -> list[str]:
    if url is None:
        return []
    if not is_web_url(url) or not isinstance(url, str):
        return ["url must be an absolute http or https address."]
    if origin(url) != origin(tool.target_link_uri):
        return [f"url must lie at {origin(tool.target_link_uri)}, where the tool is registered."]
    return []


def _text_problems(item: Mapping[str, Any]) -> list[str]:
    return [f"{name} must be a text." for name in ("title", "text") if not isinstance(item.get(name), str | None)]


def _custom_problems(custom: object) -> list[str]:
    if custom is None:
        return []
    if not isinstance(custom, dict) or not all(isinstance(value, str) for value in custom.values()):
        return ["custom must be an object whose values are all texts."]
    return []


def _line_item_problems(line_item: object) -> list[str]:
    if line_item is None:
        return []
    if not isinstance(line_item, dict):
        return ["lineItem must be an object."]
    problems = []
    maximum = finite_number(line_item.get("scoreMaximum"))
    if maximum is None or maximum <= 0:
        problems.append("lineItem.scoreMaximum must be a number greater than 0.")
    problems += [
        f"lineItem.{name} must be a text."
        for name in ("label", "resourceId", "tag")
        if not isinstance(line_item.get(name), str | None)
    ]
    return problems


def _date_problems(item: Mapping[str, Any]) -> list[str]:
    problems = []
    for period in ("available", "submission"):
        given = item.get(period)
        if given is None:
            continue
        if not isinstance(given, dict):
            problems.append(f"{period} must be an object.")
            continue
        for name, text in given.items():
            try:
                parse_moment(text)
            except ValueError as problem:
                problems.append(f"{period}.{name} {problem}.")
    return problems


def _activity(item: Mapping[str, Any], tool: Tool, quirks: Quirks) -> Activity:
    title = (item.get("title") or tool.name).strip()[:LONGEST_TITLE]
    dates = {
        f"ResourceLink.{period}.{name}": text
        for period in ("available", "submission")
        for name, text in (item.get(period) or {}).items()
        if not quirks.ignores_item_dates
    }
    link = LinkDetails(
        title=title,
        description=item.get("text") or "",
        target_link_uri=item.get("url") or tool.target_link_uri,
        custom=item.get("custom") or {},
        # A tool that asks for a window and not for a frame gets a window.
        document_target="window" if "window" in item and "iframe" not in item else "iframe",
        dates=dates,
    )
    column = item.get("lineItem")
    if column is None:
        return Activity(link, None)
    details = LineItemDetails(
        label=(column.get("label") or title).strip(),
        maximum=float(column["scoreMaximum"]),
        resource_id=column.get("resourceId"),
        tag=column.get("tag"),
        extra={name: column[name] for name in ("gradesReleased", "submissionReview") if column.get(name) is not None},
    )
    return Activity(link, details)
