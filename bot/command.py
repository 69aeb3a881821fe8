"""`/heirloom`: one command, whose first word says what is wanted."""

from __future__ import annotations

from collections.abc import Callable

from bot import binding, blocks
from bot.calls import Call
from bot.listeners import Listener
from core.words import N_

COMMAND = "/heirloom"
HELP = (
    N_("/heirloom poll: ask the class (teachers)"),
    N_("/heirloom ask your question: ask everybody here"),
    N_("/heirloom found: bring something that you found"),
    N_("/heirloom practice: solve a problem"),
    N_("/heirloom link: tie your account to your course"),
    N_("/heirloom connect: tie this channel to a course (teachers)"),
    N_("/heirloom class: make a class without an LMS in this channel"),
)
Sub = Callable[[Call, str], None]


def subcommands() -> dict[str, Sub]:
    """What the first word may be."""
    return {"connect": binding.connect, "link": binding.link, "class": binding.make_class, "unlink": binding.unlink}


def _command(call: Call) -> None:
    first, _, rest = str(call.body.get("text") or "").strip().partition(" ")
    chosen = subcommands().get(first.lower())
    if chosen is None:
        call.ack()
        lines = [call.say(line) for line in HELP]
        call.respond("\n".join(lines), blocks.paragraphs(lines))
        return
    chosen(call, rest.strip())


LISTENERS = (Listener("command", COMMAND, _command),)
