"""One table of everything that Slack may send us, and the one place where what went wrong is told to the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.calls import Call


@dataclass(frozen=True, slots=True)
class Listener:
    """What is listened for, and what is done. `name`: of an action or a view the id before a ':' (`poll_vote:17`)."""

    kind: Literal["action", "submit", "closed", "command", "shortcut", "message_shortcut", "event"]
    name: str
    handle: Callable[[Call], None]


def table() -> tuple[Listener, ...]:
    """All listeners."""
    # they are made of Listener
    from bot import (
        binding,
        command,
        events,
        found,
        home,
        mentions,
        polls,
        polls_teaching,
        practice,
        prompts,
        questions,
        review,
    )  # fmt: skip

    modules = (
        command,
        binding,
        events,
        polls,
        polls_teaching,
        practice,
        questions,
        found,
        home,
        review,
        mentions,
        prompts,
    )
    return tuple(listener for module in modules for listener in module.LISTENERS)
