"""One table of everything that Slack may send us, and the one place where what went wrong is told to the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.calls import Call

Kind = Literal["action", "submit", "closed", "command", "shortcut", "message_shortcut", "event"]


@dataclass(frozen=True, slots=True)
class Listener:
    """What is listened for, and what is done. `name`: of an action the id before a ':' (`poll_vote:17`).

    `is_quick`: it answers from the database alone, so no other thread is needed (`hands`).
    """

    kind: Kind
    name: str
    handle: Callable[[Call], None]
    is_quick: bool = False


def table() -> tuple[Listener, ...]:
    """All listeners."""
    # they are made of Listener
    from bot import (
        binding,
        changing,
        command,
        events,
        found,
        home,
        judging,
        mentions,
        pictures,
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
        judging,
        pictures,
        changing,
        home,
        review,
        mentions,
        prompts,
    )
    return tuple(listener for module in modules for listener in module.LISTENERS)
