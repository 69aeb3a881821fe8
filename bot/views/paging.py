"""Long lists in a view: a page of their lines, where it stands, and the buttons that turn it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.blocks import Block, Say, actions, button, context, plain
from core.words import N_

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some lines of a list of `total`; `number` counts from 0, `before` are the lines of earlier pages."""

    lines: Sequence[T]
    number: int
    before: int
    total: int


def page(lines: Sequence[T], number: int, size: int) -> Page[T]:
    """The page of this number; behind the end, as when lines went meanwhile, the last one."""
    number = max(0, min(number, (len(lines) - 1) // size))
    return Page(lines[number * size : (number + 1) * size], number, number * size, len(lines))


def turning(shown: Page[T], say: Say, action_id: str, rest: str = "") -> list[Block]:
    """Where the page stands in its list, and the ways to its neighbours; nothing for a list that is whole.

    The value of a button is the page that it leads to, with `rest` behind it.
    """
    if len(shown.lines) == shown.total:
        return []
    after = shown.before + len(shown.lines)
    ways = []
    if shown.before:
        ways.append(button(say(N_("Back")), f"{action_id}:back", f"{shown.number - 1}{rest}"))
    if after < shown.total:
        ways.append(button(say(N_("Show more")), f"{action_id}:on", f"{shown.number + 1}{rest}"))
    said = say(N_("{first} to {last} of {count}"), first=shown.before + 1, last=after, count=shown.total)
    return [*context(plain(said)), *actions(ways, action_id)]
