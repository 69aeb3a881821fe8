"""blocks.validate: the rules of Block Kit, asked for by themselves (docs.slack.dev/reference/methods/blocks.validate).

The page shows `pointer`, `code` (failed_constraint), `message`, `constraint` and `field` of an error, and that pointers
begin at the list of blocks. Further codes are not listed there: those here are our own words.
"""

from __future__ import annotations

from typing import Any

from sandbox.slack import block_kit
from sandbox.slack.api.calls import Call, Method, invalid
from sandbox.slack.api.chat import file_ready
from sandbox.slack.block_rules import Problem
from sandbox.slack.state import Failure

ERRORS = {"blocks": "invalid_blocks", "message": "invalid_message", "view": "invalid_view"}


def validate(call: Call) -> dict[str, Any]:
    given = [name for name in ERRORS if call.given(name)]
    if len(given) != 1:
        raise invalid("must provide exactly one of blocks, message, view")
    (name,) = given
    problems, root = _problems(call, name)
    if problems:
        raise Failure(ERRORS[name], errors=[problem.as_dict(root) for problem in problems])
    return {}


def _problems(call: Call, name: str) -> tuple[list[Problem], str]:
    def ready(file: Any) -> bool:
        return file_ready(call.slack, file)

    if name == "view":
        view: dict[str, Any] | None = call.structure("view", "invalid_view", dict)
        return block_kit.check_view(view, file_ready=ready), "/view"
    if name == "blocks":
        blocks: list[Any] | None = call.structure("blocks", "invalid_blocks", list)
        return block_kit.check_blocks(blocks, surface="message", file_ready=ready), "/blocks"
    message: dict[str, Any] | None = call.structure("message", "invalid_message", dict)
    return block_kit.check_blocks((message or {}).get("blocks", []), surface="message", file_ready=ready), ""


METHODS = {"blocks.validate": Method(validate)}
