"""Blocks that hold data: tables, charts, cards, rich text and the steps of an assistant.

Figures from docs.slack.dev/reference/block-kit/blocks as of 2026. Where sources differ (6 or 12 segments of a chart,
101 or 201 rows of a data table) the lower one holds here, so that what passes here passes everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack.block_elements import ELEMENTS, text
from sandbox.slack.block_rules import (
    Check,
    Rule,
    Shape,
    anything,
    many,
    number,
    one_of,
    string,
    truth,
    typed,
    whole,
)

MOST_SEGMENTS = MOST_SERIES = 6
MOST_CATEGORIES = 20
MOST_ROWS, MOST_COLUMNS = 100, 20
LONGEST_LABEL, LONGEST_AXIS_LABEL, LONGEST_TITLE = 20, 50, 50


def _block(required: Mapping[str, Rule] | None = None, also: Rule = anything, **optional: Rule) -> Shape:
    return Shape({"type": anything, **(required or {})}, {"block_id": string(255), **optional}, also)


# -- rich text --

STYLE = Shape(optional=dict.fromkeys(("bold", "italic", "strike", "code", "underline", "client_highlight"), truth))


def _inline(required: Mapping[str, Rule] | None = None, **optional: Rule) -> Shape:
    return Shape({"type": anything, **(required or {})}, {"style": STYLE, **optional})


INLINE: Mapping[str, Rule] = {
    "text": _inline({"text": string(40_000)}),
    "link": _inline({"url": string(3000, 1)}, text=string(3000), unsafe=truth),
    "emoji": _inline({"name": string(255, 1)}, unicode=string(255)),
    "user": _inline({"user_id": string(255, 1)}),
    "usergroup": _inline({"usergroup_id": string(255, 1)}),
    "channel": _inline({"channel_id": string(255, 1)}),
    "team": _inline({"team_id": string(255, 1)}),
    "broadcast": _inline({"range": one_of("here", "channel", "everyone")}),
    "date": _inline({"timestamp": number, "format": string(255, 1)}, url=string(3000), fallback=string(3000)),
    "color": _inline({"value": string(255, 1)}),
}
INLINES = many(typed(INLINE), 1000, 0)
SECTION = Shape({"type": anything, "elements": INLINES})
QUOTED = Shape({"type": anything, "elements": INLINES}, {"border": whole(0, 1), "language": string(255)})
LISTED = Shape(
    {
        "type": anything,
        "style": one_of("bullet", "ordered"),
        "elements": many(typed({"rich_text_section": SECTION}), 1000, 0),
    },
    {"indent": whole(0, 8), "offset": whole(0, 100_000), "border": whole(0, 1)},
)
RICH_TEXT = _block(
    {
        "elements": many(
            typed(
                {
                    "rich_text_section": SECTION,
                    "rich_text_list": LISTED,
                    "rich_text_preformatted": QUOTED,
                    "rich_text_quote": QUOTED,
                }
            ),
            1000,
            0,
        )
    }
)

# -- tables --

RAW_TEXT = Shape({"type": anything, "text": string(40_000)})
RAW_NUMBER = Shape({"type": anything, "value": number}, {"text": string(3000)})
CELLS: Mapping[str, Rule] = {"raw_text": RAW_TEXT, "raw_number": RAW_NUMBER, "rich_text": RICH_TEXT}


def _rows(check: Check, value: Any, pointer: str, *, most: int, least: int, kinds: tuple[str, ...]) -> list[int]:
    many(many(typed(CELLS, kinds), MOST_COLUMNS), most, least)(check, value, pointer)
    return [len(row) for row in value if isinstance(row, list)] if isinstance(value, list) else []


def _table_rows(check: Check, value: Any, pointer: str) -> None:
    _rows(check, value, pointer, most=MOST_ROWS, least=1, kinds=("raw_text", "rich_text"))


def _data_rows(check: Check, value: Any, pointer: str) -> None:
    """The first row is the header: plain words only; every row has as many cells."""
    widths = _rows(check, value, pointer, most=MOST_ROWS + 1, least=2, kinds=tuple(CELLS))
    if len(set(widths)) > 1:
        check.note(pointer, "all rows must have the same number of columns")
    header = value[0] if isinstance(value, list) and value and isinstance(value[0], list) else []
    for place, cell in enumerate(header):
        if isinstance(cell, Mapping) and cell.get("type") == "rich_text":
            check.note(f"{pointer}/0/{place}/type", "unsupported type: rich_text", code="unsupported_type")


COLUMN = Shape(optional={"align": one_of("left", "center", "right"), "is_wrapped": truth})

# -- charts --

LABEL = string(LONGEST_LABEL, 1)


def _positive(check: Check, value: Any, pointer: str) -> None:
    number(check, value, pointer)
    if isinstance(value, int | float) and value <= 0:
        check.note(pointer, "must be more than 0")


SEGMENT = Shape({"label": LABEL, "value": _positive})
POINT = Shape({"label": LABEL, "value": number})
SERIES = Shape({"name": LABEL, "data": many(POINT, MOST_CATEGORIES)})
AXES = Shape(
    {"categories": many(LABEL, MOST_CATEGORIES)},
    {"x_label": string(LONGEST_AXIS_LABEL), "y_label": string(LONGEST_AXIS_LABEL)},
)


def _fits_axes(check: Check, value: Any, pointer: str) -> None:
    """Series have names of their own, and one point for every category."""
    axes, series = value.get("axis_config"), value.get("series")
    if not isinstance(axes, Mapping) or not isinstance(series, list):
        return
    categories = axes.get("categories")
    names = [one.get("name") for one in series if isinstance(one, Mapping)]
    if len(set(map(str, names))) < len(names):
        check.note(f"{pointer}/series", "series names must be unique")
    for place, one in enumerate(series):
        points = one.get("data") if isinstance(one, Mapping) else None
        if isinstance(points, list) and isinstance(categories, list):
            labels = [point.get("label") for point in points if isinstance(point, Mapping)]
            if sorted(map(str, labels)) != sorted(map(str, categories)):
                check.note(f"{pointer}/series/{place}/data", "must have one data point for each category")


PLOT = Shape({"type": anything, "series": many(SERIES, MOST_SERIES), "axis_config": AXES}, also=_fits_axes)
CHARTS: Mapping[str, Rule] = {
    "pie": Shape({"type": anything, "segments": many(SEGMENT, MOST_SEGMENTS)}),
    "bar": PLOT,
    "line": PLOT,
    "area": PLOT,
}

DATA_BLOCKS: Mapping[str, Rule] = {
    "table": _block({"rows": _table_rows}, column_settings=many(COLUMN, MOST_COLUMNS, 0)),
    "data_table": _block(
        {"rows": _data_rows, "caption": string(3000, 1)},
        page_size=whole(1, 100),
        row_header_column_index=whole(0, MOST_COLUMNS - 1),
    ),
    "data_visualization": _block({"title": string(LONGEST_TITLE, 1), "chart": typed(CHARTS)}),
}

# -- cards --


def _has_content(check: Check, value: Any, pointer: str) -> None:
    if not any(value.get(name) for name in ("title", "body", "hero_image", "actions")):
        check.note(pointer, "missing required field: title", code="missing_field", member="title")


CARD = _block(
    also=_has_content,
    title=text(150),
    subtitle=text(150),
    body=text(200),
    icon=ELEMENTS["image"],
    slack_icon=anything,
    hero_image=ELEMENTS["image"],
    actions=many(typed(ELEMENTS, ("button",)), 5, 0),
)

# -- an assistant's steps --

SOURCE = Shape({"type": one_of("url"), "url": string(3000, 1), "text": string(3000, 1)})
STATUS = one_of("pending", "in_progress", "complete", "error")
TASK = _block(
    {"task_id": string(255, 1), "title": string(3000, 1)},
    details=RICH_TEXT,
    output=RICH_TEXT,
    sources=many(SOURCE, 100, 0),
    status=STATUS,
)
TASKS: Mapping[str, Rule] = {
    "task_card": TASK,
    "plan": _block({"title": string(3000, 1)}, tasks=many(typed({"task_card": TASK}), 50, 0)),
}
