"""`/heirloom`: one command, whose first word says what is wanted."""

from __future__ import annotations

from collections.abc import Callable

from bot import binding, blocks, found, polls_teaching, practice, prompts, questions
from bot.calls import Call
from bot.listeners import Listener
from core.words import N_

COMMAND = "/heirloom"
HELP = (
    N_("/heirloom poll: ask the class (teachers); /heirloom ab and /heirloom cloud ask A or B, or for a few words"),
    N_("/heirloom polls: what is open, and what you answered"),
    N_("/heirloom schedule: what comes by itself, once or along the term (teachers)"),
    N_("/heirloom ask your question: ask everybody here"),
    N_("/heirloom found: bring something that you found"),
    N_("/heirloom made: bring something that you made yourself"),
    N_("/heirloom practice: solve a problem"),
    N_("/heirloom link: tie your account to your course"),
    N_("/heirloom connect: tie this channel to a course (teachers)"),
    N_("/heirloom class: make a class without an LMS in this channel"),
)
Sub = Callable[[Call, str], None]


def subcommands() -> dict[str, Sub]:
    """What the first word may be."""
    return {
        "connect": binding.connect,
        "link": binding.link,
        "class": binding.make_class,
        "unlink": binding.unlink,
        "poll": polls_teaching.ask,
        "ab": polls_teaching.ask_pair,
        "cloud": polls_teaching.ask_words,
        "polls": polls_teaching.list_polls,
        "practice": practice.begin,
        "schedule": prompts.schedule,
        "ask": questions.ask,
        "found": found.bring,
        "made": found.bring_own,
    }


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
