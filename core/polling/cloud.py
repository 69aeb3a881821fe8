"""A word cloud's layout: how large each entry is written and where, so that nothing overlaps; the same every time.

An entry that was given c times, of at most m, has the letters' size max(s, t √(c/m)), so that its area grows with c;
s is the smallest size that is read with ease and t grows with m up to a limit, so that three lone voices do not shout.
Entries are placed one after another, the most frequent first, at the nearest free place on a spiral around the
middle (Viégas, Wattenberg and Feinberg 2009, "Participatory visualization with Wordle"), never turned. Widths are
estimated from above, because a server does not know the reader's font; what is too wide for the picture is broken at
spaces, then cut with three dots. Boxes are symmetric about their middle, so scripts of either direction fit.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SMALLEST = 14.0  # px
GAP = 6.0  # px between entries, and to the edge
_LINE = 1.3  # height of a line, in sizes; high enough for Arabic and Devanagari
_BASELINE = 0.36  # of a size below the middle of a line
_TURNS = 40
_POINTS = 2400  # on the spiral
_FLAT = 0.55  # the spiral is wider than high, as words are
_NARROW, _WIDE = frozenset("iljtfrI.,:;'’|!()[] -·"), frozenset("mwMW@%—…Œœæ&")
_RIGHT_TO_LEFT = {"R", "AL"}


@dataclass(frozen=True, slots=True)
class Placed:
    """One entry: `index` in what was given, its lines, the middle of its box, the letters' size and its direction."""

    index: int
    lines: tuple[str, ...]
    x: float
    y: float
    size: float
    right_to_left: bool

    def baselines(self) -> tuple[float, ...]:
        """Where each line is written."""
        top = self.y - (len(self.lines) - 1) * self.size * _LINE / 2
        return tuple(top + at * self.size * _LINE + self.size * _BASELINE for at in range(len(self.lines)))


@dataclass(frozen=True, slots=True)
class Cloud:
    """A picture of `width` and `height` px with its entries, the most frequent first."""

    width: float
    height: float
    placed: tuple[Placed, ...]


def layout(entries: Sequence[tuple[str, int]], *, width: float = 640.0, largest: float = 60.0) -> Cloud:
    """Where to write each (text, count). Equal counts are placed in the order in which they are given."""
    order = sorted(range(len(entries)), key=lambda index: -entries[index][1])
    if not order:
        return Cloud(width, 0.0, ())
    most = entries[order[0]][1]
    top = min(largest, SMALLEST * (1 + math.sqrt(most)))
    taken = np.empty((0, 4))
    boxes: list[tuple[int, tuple[str, ...], float, float, float]] = []
    for index in order:
        text, count = entries[index]
        size = max(SMALLEST, top * math.sqrt(count / most))
        lines, size = _fitted(text, size, width - 2 * GAP)
        wide = max(width_of(line) for line in lines) * size + GAP
        high = len(lines) * size * _LINE + GAP / 2
        x, y = _free_place(taken, wide, high, width)
        taken = np.vstack([taken, [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2]])
        boxes.append((index, lines, x, y, size))
    above = float(taken[:, 1].min()) - GAP
    placed = tuple(
        Placed(index, lines, round(x, 1), round(y - above, 1), round(size, 1), is_right_to_left(entries[index][0]))
        for index, lines, x, y, size in boxes
    )
    return Cloud(width, math.ceil(float(taken[:, 3].max()) - above + GAP), placed)


def is_right_to_left(text: str) -> bool:
    """The direction of the first letter that has one (Unicode's rule P2)."""
    strong = (kind for sign in text if (kind := unicodedata.bidirectional(sign)) in {"L", *_RIGHT_TO_LEFT})
    return next(strong, "L") in _RIGHT_TO_LEFT


def width_of(text: str) -> float:
    """How wide a line is at most, in sizes: wider than in the wide fonts that browsers fall back to."""
    return sum(map(_sign_width, text))


@lru_cache(maxsize=4096)
def _sign_width(sign: str) -> float:
    if unicodedata.combining(sign) or unicodedata.category(sign) in {"Mn", "Me", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(sign) in "WF":
        return 1.05 if sign.isalnum() else 1.4  # emoji are wider than they say
    if sign in _NARROW:
        return 0.42
    if sign in _WIDE or ord(sign) >= 0x1F000:
        return 1.4 if ord(sign) >= 0x1F000 else 1.02
    if sign < "\u0250":
        return 0.8 if sign.isupper() else 0.66
    return 0.85


def _fitted(text: str, size: float, room: float) -> tuple[tuple[str, ...], float]:
    """The entry's lines and their size: smaller, then broken at spaces, then cut, until it is not wider than `room`."""
    size = max(SMALLEST, min(size, room / max(width_of(text), 0.1)))
    if width_of(text) * size <= room:
        return (text,), size
    lines: list[str] = []
    for word in text.split():
        if lines and width_of(f"{lines[-1]} {word}") * size <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(_cut(line, room / size) for line in lines), size


def _cut(line: str, room: float) -> str:
    if width_of(line) <= room:
        return line
    kept = line
    while width_of(kept) + _sign_width("…") > room:
        kept = kept[:-1]
    return f"{kept}…"


@lru_cache(maxsize=1)
def _spiral() -> Array:
    """Points on Archimedes' spiral, evenly spaced along it, in parts of its last radius."""
    turn = np.sqrt(np.linspace(0, 1, _POINTS))
    angle = 2 * math.pi * _TURNS * turn
    return np.column_stack([turn * np.cos(angle), _FLAT * turn * np.sin(angle)])


def _free_place(taken: Array, wide: float, high: float, width: float) -> tuple[float, float]:
    """The middle of the first free box along the spiral; below everything else if there is none."""
    middle = width / 2
    points = _spiral() * width * 1.2
    inside = np.abs(points[:, 0]) + wide / 2 <= middle
    points = points[inside]
    free = np.ones(len(points), dtype=bool)
    for left, top, right, bottom in taken:
        free &= (
            (points[:, 0] + middle + wide / 2 <= left)
            | (points[:, 0] + middle - wide / 2 >= right)
            | (points[:, 1] + high / 2 <= top)
            | (points[:, 1] - high / 2 >= bottom)
        )
    if free.any():
        x, y = points[int(np.argmax(free))]
        return float(x) + middle, float(y)
    return middle, float(taken[:, 3].max()) + high / 2
