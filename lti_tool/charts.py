"""Pictures for the teacher's desk: pure functions from numbers to SVG, each with a title and a description; the
table stands beside it.

Colours are the classes s1..s7 of the style sheet (Okabe-Ito, adjusted for contrast in both schemes); lines are
labelled at their end, so no legend has to be decoded and colour alone carries nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape
from scipy.special import betaincinv

from core import words
from core.survival.card import Point

Percent = Callable[..., str]  # a share of 1, and to how many decimals at most, as the reader's language writes it


def _english(share: float, most: int = 0) -> str:
    return str(words.percent(share, most))


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
    lines: Sequence[Line],
    *,
    title: str,
    description: str,
    marks: Sequence[tuple[float, str]],
    axis: str,
    percent: Percent = _english,
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
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(f'<path class="grid" d="M{left} {y(share)}H{left + inner}"/>')
        parts.append(
            f'<text class="faint" x="{left - 6}" y="{y(share) + 4}" text-anchor="end">{escape(percent(share))}</text>'
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
    return drawing(WIDTH, height, title, description, parts)


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
    return drawing(width, height, title, description, drawn)


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
    return drawing(width, height, title, description, parts)


def interval(mean: float | None, low: float, high: float, *, title: str, description: str) -> Markup:
    """A text's mean rating on the scale 0-10 with its 90 % interval."""
    if mean is None:
        return share_right(None, 0, 0, title=title, description=description)
    return share_right(mean / 10, low / 10, high / 10, title=title, description=description)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Cases with a similar prediction: its mean, the share that came true with its 90 % interval, and their number."""

    predicted: float
    observed: float
    low: float
    high: float
    cases: int


def buckets(points: Sequence[Point]) -> list[Bucket]:
    """Calibration points with Jeffreys' 90 % interval of the share that came true."""
    found = []
    for one in points:
        a, b = one.observed * one.rows + 0.5, (1.0 - one.observed) * one.rows + 0.5
        low, high = float(betaincinv(a, b, 0.05)), float(betaincinv(a, b, 0.95))
        found.append(Bucket(one.predicted, one.observed, low, high, one.rows))
    return found


def calibration(
    buckets: Sequence[Bucket],
    *,
    title: str,
    description: str,
    across: str,
    up: str,
    alone: bool = False,
    percent: Percent = _english,
) -> Markup:
    """What was predicted (across) against what came true (up), with 90 % intervals; on the diagonal both agree.

    Both axes begin at the same round number below all that is drawn, because chances to stay crowd near 1. `alone`: for
    a file of its own, which carries its few colours with it.
    """
    width, height, left, right, top, bottom = 420, 332, 52, 12, 28, 44
    inner, tall = width - left - right, height - top - bottom
    least = min((min(one.low, one.predicted) for one in buckets), default=0.0)
    start = max(0.0, math.floor(least * 10) / 10)
    start = start if start < 1.0 else 0.9

    def x(chance: float) -> float:
        return round(left + inner * (chance - start) / (1 - start), 1)

    def y(chance: float) -> float:
        return round(top + tall * (1 - (chance - start) / (1 - start)), 1)

    parts = [f'<path class="axis" stroke-dasharray="4 4" d="M{x(start)} {y(start)}L{x(1)} {y(1)}"/>']
    for step in range(5):
        chance = start + (1 - start) * step / 4
        said = escape(percent(chance, 2))
        parts.append(f'<path class="grid" d="M{left} {y(chance)}H{left + inner}"/>')
        parts.append(f'<text class="faint" x="{left - 6}" y="{y(chance) + 4}" text-anchor="end">{said}</text>')
        anchor = "end" if step == 4 else "middle"
        parts.append(f'<text class="faint" x="{x(chance)}" y="{height - 26}" text-anchor="{anchor}">{said}</text>')
    parts.append(
        f'<text class="faint" x="{left + inner / 2}" y="{height - 6}" text-anchor="middle">{escape(across)}</text>'
    )
    parts.append(f'<text class="faint" x="{left}" y="14">{escape(up)}</text>')
    for one in buckets:
        parts.append(f'<path class="line s1" stroke-width="2" d="M{x(one.predicted)} {y(one.low)}V{y(one.high)}"/>')
        parts.append(
            f'<circle class="bar s1" cx="{x(one.predicted)}" cy="{y(one.observed)}" r="4"><title>'
            f"{escape(percent(one.predicted))} → {escape(percent(one.observed))} ({one.cases})</title></circle>"
        )
    return drawing(width, height, title, description, [_ALONE, *parts] if alone else parts, alone=alone)


_ALONE = (
    "<style>svg{font:12px sans-serif;background:#fff}.axis{stroke:#767676;fill:none}.grid{stroke:#ccc;"
    "stroke-dasharray:2 4}.faint{fill:#555}.line{stroke:#0072b2;fill:none;stroke-width:2}.bar{fill:#0072b2}</style>"
)


def participation(
    shares: Sequence[float], *, title: str, description: str, across: str, percent: Percent = _english
) -> Markup:
    """Which share of people (up) did at least 0, 1, 2, ... tasks (across): the curve FP of Kobren et al. (2015)."""
    height, left, right, top, bottom = 220, 44, 12, 12, 40
    inner, tall = WIDTH - left - right, height - top - bottom
    last = max(len(shares) - 1, 1)

    def x(tasks: float) -> float:
        return round(left + inner * tasks / last, 1)

    def y(share: float) -> float:
        return round(top + tall * (1 - share), 1)

    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(f'<path class="grid" d="M{left} {y(share)}H{left + inner}"/>')
        parts.append(
            f'<text class="faint" x="{left - 6}" y="{y(share) + 4}" text-anchor="end">{escape(percent(share))}</text>'
        )
    for tasks in sorted({round(last * step / 5) for step in range(6)}):
        parts.append(f'<text class="faint" x="{x(tasks)}" y="{height - 22}" text-anchor="middle">{tasks}</text>')
    parts.append(
        f'<text class="faint" x="{left + inner / 2}" y="{height - 4}" text-anchor="middle">{escape(across)}</text>'
    )
    if shares:
        steps = "".join(f"H{x(tasks)}V{y(share)}" for tasks, share in enumerate(shares[1:], start=1))
        parts.append(f'<path class="line s1" d="M{x(0)} {y(shares[0])}{steps}"/>')
    return drawing(WIDTH, height, title, description, parts)


def drawing(
    width: int,
    height: int,
    title: str,
    description: str,
    parts: Sequence[str],
    *,
    alone: bool = False,
    kind: str = "chart",
) -> Markup:
    """A picture of these parts, whose texts are escaped already; `kind` is its class in the style sheet."""
    inside = "".join(parts)
    space = ' xmlns="http://www.w3.org/2000/svg"' if alone else ""
    return Markup(  # noqa: S704 - every text in it was escaped above
        f'<svg class="{kind}"{space} viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(title)}. {escape(description)}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{inside}</svg>"
    )
