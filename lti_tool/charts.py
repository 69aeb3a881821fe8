"""Pictures for the teacher's desk: pure functions from numbers to SVG, each with a title and a description; the
table stands beside it.

Colours are the classes s1..s7 of the style sheet (Okabe-Ito, adjusted for contrast in both schemes); lines are
labelled at their end, so no legend has to be decoded and colour alone carries nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
WIDTH = 640
COLOURS = 7
_DASHES = ("", "6 3", "2 3", "9 3 2 3", "1 4", "12 4", "5 2 1 2")


@dataclass(frozen=True, slots=True)
class Line:
    """One text's chance of being shown: (time in [0, 1], chance in [0, 1]) pairs; it may begin late and end early."""

    label: str
    words: str  # what hover and focus tell
    points: Sequence[tuple[float, float]]


def contest(
    lines: Sequence[Line], *, title: str, description: str, marks: Sequence[tuple[float, str]], axis: str
) -> Markup:
    """The story of a pool: chance of being shown (0-100 %) over time, one line a text, labelled at the line's end.

    `marks` are (time in [0, 1], label) for the horizontal axis; a label such as 2026-11-21 is a day, which the page
    writes as its reader does.
    """
    height, left, right, top, bottom = 260, 44, 92, 16, 36
    inner, tall = WIDTH - left - right, height - top - bottom

    def x(time: float) -> float:
        return round(left + inner * time, 1)

    def y(chance: float) -> float:
        return round(top + tall * (1 - chance), 1)

    parts = []
    for percent in (0, 25, 50, 75, 100):
        parts.append(f'<path class="grid" d="M{left} {y(percent / 100)}H{left + inner}"/>')
        parts.append(
            f'<text class="faint" x="{left - 6}" y="{y(percent / 100) + 4}" text-anchor="end">{percent} %</text>'
        )
    for time, label in marks:
        anchor = "start" if time < 0.1 else "end" if time > 0.9 else "middle"
        day = f' data-day="{label}"' if _DAY.fullmatch(label) else ""
        parts.append(
            f'<text class="faint" x="{x(time)}" y="{height - 18}" text-anchor="{anchor}"{day}>{escape(label)}</text>'
        )
    parts.append(
        f'<text class="faint" x="{left + inner / 2}" y="{height - 4}" text-anchor="middle">{escape(axis)}</text>'
    )
    for index, line in enumerate(lines):
        if not line.points:
            continue
        path = "M" + "L".join(f"{x(t)} {y(c)}" for t, c in line.points)
        dash = f' stroke-dasharray="{_DASHES[index % COLOURS]}"' if _DASHES[index % COLOURS] else ""
        parts.append(
            f'<g class="s{index % COLOURS + 1}"><title>{escape(line.label)}: {escape(line.words)}</title>'
            f'<path class="line" d="{path}"{dash}/><path class="near" d="{path}"/></g>'
        )
    ends = [(y(line.points[-1][1]), index) for index, line in enumerate(lines) if line.points]
    for place, index in _label_places(ends, lowest=float(top + tall)):
        end = lines[index].points[-1]
        parts.append(
            f'<g class="s{index % COLOURS + 1}"><path class="line" stroke-width="1" '
            f'd="M{x(end[0]) + 2} {y(end[1])}L{left + inner + 18} {place}"/>'
            f'<text x="{left + inner + 21}" y="{place + 4}">{escape(lines[index].label)}</text></g>'
        )
    return _svg(WIDTH, height, title, description, parts)


def _label_places(wanted: Sequence[tuple[float, int]], *, lowest: float, gap: float = 14) -> list[tuple[float, int]]:
    """Move labels apart until none overlaps and none lies below `lowest`, keeping their order."""
    placed: list[tuple[float, int]] = []
    for place, index in sorted(wanted):
        placed.append((max(place, placed[-1][0] + gap) if placed else place, index))
    ceiling = lowest
    for position in reversed(range(len(placed))):  # what fell off the bottom pushes the others up
        place, index = placed[position]
        placed[position] = (round(min(place, ceiling), 1), index)
        ceiling = placed[position][0] - gap
    return placed


def shares(parts: Sequence[float], *, title: str, description: str) -> Markup:
    """One bar of length 1 cut into shares, widest first: how the chance of being shown is spread over a pool now."""
    width, height = 208, 14
    drawn, start = [], 0.0
    for index, share in enumerate(sorted(parts, reverse=True)):
        length = share * width
        if length >= 0.5:
            drawn.append(
                f'<rect class="bar s{index % COLOURS + 1}" x="{start:.1f}" y="1" '
                f'width="{max(length - 1, 0.5):.1f}" height="12"/>'
            )
        start += length
    return _svg(width, height, title, description, drawn)


def share_right(right: float | None, low: float, high: float, *, title: str, description: str) -> Markup:
    """How many answered right at the first try: a dot on a 0-100 % line with its 90 % interval."""
    width, height, left = 208, 22, 6
    inner = width - 2 * left
    parts = [
        f'<path class="axis" d="M{left} 11H{left + inner}M{left} 7V15M{left + inner} 7V15M{left + inner / 2} 9V13"/>'
    ]
    if right is not None:
        parts.append(
            f'<path class="line s1" stroke-width="3" d="M{left + inner * low:.1f} 11H{left + inner * high:.1f}"/>'
        )
        parts.append(f'<circle class="bar s1" cx="{left + inner * right:.1f}" cy="11" r="5"/>')
    return _svg(width, height, title, description, parts)


def interval(mean: float | None, low: float, high: float, *, title: str, description: str) -> Markup:
    """A text's mean rating on the scale 0-10 with its 90 % interval."""
    if mean is None:
        return share_right(None, 0, 0, title=title, description=description)
    return share_right(mean / 10, low / 10, high / 10, title=title, description=description)


def _svg(width: int, height: int, title: str, description: str, parts: Sequence[str]) -> Markup:
    inside = "".join(parts)
    return Markup(  # noqa: S704 - every text in it was escaped above
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(title)}. {escape(description)}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{inside}</svg>"
    )
