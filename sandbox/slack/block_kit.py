"""Block Kit as Slack checks it: the blocks, where each may stand, and what a whole message or view must keep to.

Figures from docs.slack.dev/reference/block-kit/blocks and /reference/views as of 2026. A block stands only where the
documentation says that it may: `SURFACES`. `fault_of_message` and `fault_of_view` give what the Web API answers.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.slack import block_elements as parts
from sandbox.slack.block_data import CARD, DATA_BLOCKS, RICH_TEXT, TASKS
from sandbox.slack.block_elements import ELEMENTS, PICTURE, one_source, plain, text
from sandbox.slack.block_rules import Check, Problem, Rule, Shape, anything, listed, many, one_of, string, truth, typed
from sandbox.slack.ids import short
from sandbox.slack.state import Failure

MOST_BLOCKS: Mapping[str, int] = {"message": 50, "modal": 100, "home": 100}
MOST_MARKDOWN = 12_000
MOST_CHARTS = 2
MOST_VIEW_BYTES = 250_000
MESSAGE, MODAL, HOME = "message", "modal", "home"


def _block(required: Mapping[str, Rule] | None = None, also: Rule = anything, **optional: Rule) -> Shape:
    return Shape({"type": anything, **(required or {})}, {"block_id": string(255), **optional}, also)


def _text_or_fields(check: Check, value: Any, pointer: str) -> None:
    if value.get("text") is None and not value.get("fields"):
        check.note(pointer, "missing required field: text", code="missing_field", member="text")


BLOCKS: dict[str, Rule] = {
    "actions": _block({"elements": many(typed(ELEMENTS, parts.IN_ACTIONS), 25)}),
    "alert": _block({"text": text(200)}, level=one_of("default", "info", "warning", "error", "success")),
    "card": CARD,
    "carousel": _block({"elements": many(typed({"card": CARD}), 10)}),
    "context": _block(
        {"elements": many(typed({"image": ELEMENTS["image"], "plain_text": text(3000), "mrkdwn": text(3000)}), 10)}
    ),
    "context_actions": _block({"elements": many(typed(ELEMENTS, parts.IN_CONTEXT_ACTIONS), 5)}),
    "divider": _block(),
    "file": _block({"external_id": string(255, 1), "source": one_of("remote")}),
    "header": _block({"text": plain(150)}, level=anything),
    "image": _block({"alt_text": string(2000, 1)}, one_source, title=plain(2000), **PICTURE),
    "input": _block(
        {"label": plain(2000), "element": typed(ELEMENTS, parts.IN_INPUT)},
        hint=plain(2000),
        optional=truth,
        dispatch_action=truth,
    ),
    "markdown": _block({"text": string(MOST_MARKDOWN, 1)}),
    "rich_text": RICH_TEXT,
    "section": _block(
        also=_text_or_fields,
        text=text(3000),
        fields=many(text(2000), 10),
        accessory=typed(ELEMENTS, parts.IN_SECTION),
        expand=truth,
    ),
    "video": _block(
        {"alt_text": string(2000, 1), "title": plain(199), "thumbnail_url": parts.ADDRESS, "video_url": parts.ADDRESS},
        author_name=string(49),
        description=plain(200),
        provider_icon_url=parts.ADDRESS,
        provider_name=string(255),
        title_url=parts.ADDRESS,
    ),
    **DATA_BLOCKS,
    **TASKS,
}
"""`container` comes below: it holds blocks."""

IN_CONTAINER = ("actions", "context", "divider", "header", "image", "rich_text", "section", "data_table", "table")
BLOCKS["container"] = _block(
    {"title": plain(150), "child_blocks": many(typed(BLOCKS, IN_CONTAINER), 10)},
    subtitle=plain(150),
    icon=ELEMENTS["image"],
    width=one_of("narrow", "standard", "wide", "full"),
    is_collapsible=truth,
    default_collapsed=truth,
)

EVERYWHERE = ("actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video")
SURFACES: Mapping[str, tuple[str, ...]] = {
    MESSAGE: tuple(kind for kind in BLOCKS if kind != "alert"),
    MODAL: (*EVERYWHERE, "alert"),
    HOME: EVERYWHERE,
}

VIEW_MEMBERS: Mapping[str, Rule] = {
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}
MODAL_VIEW = Shape(
    {"type": anything, "title": plain(24), "blocks": anything},
    {
        **VIEW_MEMBERS,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": truth,
        "notify_on_close": truth,
        "submit_disabled": truth,
    },
)
HOME_VIEW = Shape({"type": anything, "blocks": anything}, VIEW_MEMBERS)


def no_file(_reference: Mapping[str, Any]) -> bool:
    """There are no files."""
    return False


def check_blocks(
    blocks: Any,
    *,
    surface: str,
    pointer: str = "/blocks",
    file_ready: Callable[[Mapping[str, Any]], bool] = no_file,
) -> list[Problem]:
    """Every rule that a list of blocks breaks on a surface (message, modal, home)."""
    check = Check(surface, file_ready)
    many(typed(BLOCKS, SURFACES[surface]), MOST_BLOCKS[surface], 0)(check, blocks, pointer)
    if isinstance(blocks, list):
        found = [block for block in blocks if isinstance(block, Mapping)]
        if len(found) == len(blocks):
            _check_together(check, found, pointer)
    return check.problems


def _check_together(check: Check, blocks: list[Mapping[str, Any]], pointer: str) -> None:
    """What holds for all blocks together."""
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id:
            if block_id in seen:
                check.note(f"{pointer}/{place}/block_id", f'`block_id` "{block_id}" already exists')
            seen.add(block_id)
        actions: set[str] = set()
        for where, element in elements_of(block):
            action_id = element.get("action_id")
            if isinstance(action_id, str) and action_id:
                if action_id in actions:
                    words = f'`action_id` "{action_id}" already exists for block_id "{block_id or ""}"'
                    check.note(f"{pointer}/{place}{where}/action_id", words)
                actions.add(action_id)
    focused = [place for place, block in enumerate(blocks) for _, one in elements_of(block) if one.get("focus_on_load")]
    if len(focused) > 1:
        check.note(f"{pointer}/{focused[1]}", "only one element can have focus_on_load set to true")
    markdown = sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")
    if markdown > MOST_MARKDOWN and all(len(str(block.get("text", ""))) <= MOST_MARKDOWN for block in blocks):
        message = f"must be less than {MOST_MARKDOWN + 1} characters in all markdown blocks"
        check.limit(pointer, message, "max_length", MOST_MARKDOWN, markdown)
    for kind, most in (("data_visualization", MOST_CHARTS), ("table", 1)):
        count = sum(block.get("type") == kind for block in blocks)
        if count > most:
            check.limit(pointer, f"no more than {most} {kind} blocks allowed", "max_items", most, count)


def elements_of(block: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The elements of a block that somebody can act on, with their pointers inside the block."""
    found: list[tuple[str, dict[str, Any]]] = []
    for name in ("accessory", "element"):
        found += [(f"/{name}", block[name])] if isinstance(block.get(name), dict) else []
    for name in ("elements", "actions"):
        if block.get("type") not in ("rich_text", "context"):
            several = enumerate(listed(block.get(name)))
            found += [(f"/{name}/{place}", one) for place, one in several if isinstance(one, dict)]
    for place, inner in enumerate(listed(block.get("child_blocks"))):
        if isinstance(inner, dict):
            found += [(f"/child_blocks/{place}{where}", one) for where, one in elements_of(inner)]
    if block.get("type") == "carousel":
        cards = [(place, card) for place, card in enumerate(listed(block.get("elements"))) if isinstance(card, dict)]
        return [(f"/elements/{place}{where}", one) for place, card in cards for where, one in elements_of(card)]
    return [(where, one) for where, one in found if one.get("type") in ELEMENTS and one.get("type") != "image"]


def check_view(view: Any, *, file_ready: Callable[[Mapping[str, Any]], bool] = no_file) -> list[Problem]:
    """Every rule that a view breaks."""
    check = Check("view", file_ready)
    typed({MODAL: MODAL_VIEW, HOME: HOME_VIEW})(check, view, "/view")
    if not isinstance(view, Mapping) or view.get("type") not in (MODAL, HOME):
        return check.problems
    blocks = view.get("blocks")
    if blocks is not None:
        check.problems += check_blocks(blocks, surface=view["type"], pointer="/view/blocks", file_ready=file_ready)
    has_input = isinstance(blocks, list) and any(isinstance(b, Mapping) and b.get("type") == "input" for b in blocks)
    if view["type"] == MODAL and has_input and not view.get("submit"):
        words = "missing required field: submit"
        check.note("/view", words, code="missing_field", member="submit")
    return check.problems


def fault_of_message(problems: list[Problem]) -> Failure:
    """How chat.* methods refuse blocks."""
    lines = [problem.line for problem in problems]
    messages = [f"[ERROR] {line}" for line in lines]
    return Failure("invalid_blocks", errors=lines, response_metadata={"messages": messages})


def fault_of_view(problems: list[Problem]) -> Failure:
    """How views.* methods refuse a view."""
    return Failure(
        "invalid_arguments", response_metadata={"messages": [f"[ERROR] {problem.line}" for problem in problems]}
    )


def size_of(view: Mapping[str, Any]) -> int:
    """Bytes of a view as JSON."""
    return len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode())


def text_length(value: Any) -> int:
    """Characters of all texts in blocks, but for markdown blocks, which have a limit of their own."""
    if isinstance(value, list):
        return sum(text_length(inner) for inner in value)
    if not isinstance(value, Mapping) or value.get("type") == "markdown":
        return 0
    inner = sum(text_length(item) for item in value.values() if isinstance(item, dict | list))
    own = value.get("text")
    return inner + (len(own) if isinstance(own, str) else 0)


def complete(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Blocks as Slack keeps them: with a block_id each and an action_id for every element, and texts filled up."""
    kept = copy.deepcopy(blocks)
    for block in kept:
        if not block.get("block_id"):
            block["block_id"] = short()
        for _, element in elements_of(block):
            if not element.get("action_id"):
                element["action_id"] = short()
        _fill(block)
    return kept


def _fill(value: Any) -> None:
    if isinstance(value, dict):
        if value.get("type") == "plain_text" and isinstance(value.get("text"), str):
            value.setdefault("emoji", True)
        elif value.get("type") == "mrkdwn" and isinstance(value.get("text"), str):
            value.setdefault("verbatim", False)
        for inner in value.values():
            _fill(inner)
    elif isinstance(value, list):
        for inner in value:
            _fill(inner)
