"""Pictures of polls: pure functions from results to SVG, in the style of `charts`; numbers and words stand beside them.

A bar is one row of a table, so long options wrap as text does; a word cloud comes for two widths, because a picture
that is scaled down to a phone cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from core.polling import cloud
from core.polling.tally import Bin
from core.words import Amount
from lti_tool.charts import COLOURS, WIDTH, drawing

ROW = 320  # px, of a bar; its height is 20
WIDTHS = (("narrow", 260.0, 32.0), ("roomy", 640.0, 60.0))  # of a word cloud: class, width, largest letters
MOST_WORDS = 60


def bar(share: float, low: float | None = None, high: float | None = None, *, colour: int = 1) -> Markup:
    """A share of 1 as a bar, with its interval; hidden from screen readers, which have the number beside it."""
    parts = ['<path class="axis" d="M0.5 1V19"/>', f'<path class="grid" d="M{ROW - 0.5} 1V19"/>']
    if share > 0:
        parts.append(f'<rect class="bar" x="0" y="3" width="{share * ROW:.1f}" height="14"/>')
    if low is not None and high is not None:
        left, right = max(low * ROW, 0.75), min(high * ROW, ROW - 0.75)
        for stroke in ("halo", "whisker"):
            parts.append(f'<path class="{stroke}" d="M{left:.1f} 10H{right:.1f}M{left:.1f} 6V14M{right:.1f} 6V14"/>')
    return _row(parts, colour)


def shift(before: float, after: float) -> Markup:
    """From a ring, a share of 1 or a place between 0 and 1, to a dot; hidden from screen readers, which have the
    numbers beside it. Colour says the direction once more.
    """
    edge = 8
    start, end = (edge + value * (ROW - 2 * edge) for value in (before, after))
    parts = [f'<path class="axis" d="M{edge} 10H{ROW - edge}"/>']
    if abs(end - start) > 6:
        parts.append(f'<path class="line" d="M{start:.1f} 10H{end:.1f}"/>')
    parts.append(f'<circle class="ring" cx="{start:.1f}" cy="10" r="6"/>')
    parts.append(f'<circle class="bar" cx="{end:.1f}" cy="10" r="{5 if abs(end - start) > 6 else 3}"/>')
    return _row(parts, 7 if after == before else 1 if after > before else 2)


def levels(counts: Sequence[int]) -> Markup:
    """How many gave each level of a scale, from least to most: what is below its middle to the left of a line, the rest
    to the right, so that statements can be compared at a glance.
    """
    total = sum(counts)
    half = ROW / 2
    parts = []
    if total:
        middle = len(counts) / 2
        below = sum(n * min(max(middle - level, 0), 1) for level, n in enumerate(counts)) / total
        start = half - below * half
        for level, n in enumerate(counts):
            wide = n / total * half
            if n:
                lower = level + 1 <= middle
                strength = (middle - level if lower else level + 1 - middle) / middle
                side = "low" if lower else "high" if level >= middle else "even"
                parts.append(
                    f'<rect class="bar {side}" fill-opacity="{0.35 + 0.65 * min(max(strength, 0), 1):.2f}" '
                    f'x="{start:.1f}" y="2" width="{max(wide - 1, 0.5):.1f}" height="16"/>'
                )
            start += wide
    parts.append(f'<path class="axis" d="M{half} 0V20"/>')
    return _row(parts, 1)


def histogram(
    bins: Sequence[Bin],
    *,
    mean: float | None,
    title: str,
    description: str,
    unit: str,
    average: str,
    number: Callable[[float], str] = lambda value: str(Amount(value, 6)),
) -> Markup:
    """How many gave which number: one bar a bin, the mean as a line with its word; `number` writes the numbers."""
    height, left, right, top, bottom = 240, 40, 12, 28, 44
    inner, tall = WIDTH - left - right, height - top - bottom
    most = max((one.count for one in bins), default=0) or 1
    wide = inner / max(len(bins), 1)
    parts = []
    for count in sorted({0, most // 2, most}):
        y = round(top + tall * (1 - count / most), 1)
        parts.append(f'<path class="grid" d="M{left} {y}H{left + inner}"/>')
        parts.append(f'<text class="faint" x="{left - 6}" y="{y + 4}" text-anchor="end">{count}</text>')
    every = max(1, -(-len(bins) // 11))
    for place, one in enumerate(bins):
        x, high = left + place * wide, tall * one.count / most
        span = number(one.low) if one.low == one.high else f"{number(one.low)}–{number(one.high)}"
        parts.append(
            f'<rect class="bar s1" x="{x + 1:.1f}" y="{top + tall - high:.1f}" width="{max(wide - 2, 1):.1f}" '
            f'height="{high:.1f}"><title>{escape(span)}: {one.count}</title></rect>'
        )
        if place % every == 0:
            parts.append(
                f'<text class="faint" x="{x + wide / 2:.1f}" y="{height - 26}" text-anchor="middle">'
                f"{escape(number(one.low))}</text>"
            )
    if mean is not None and bins:
        first, last = bins[0].low, bins[-1].high
        step = (bins[1].low - bins[0].low) if len(bins) > 1 else 1.0
        x = left + (mean - first + step / 2) / step * wide if last > first else left + wide / 2
        parts.append(f'<path class="line s2" d="M{x:.1f} {top - 6}V{top + tall}"/>')
        anchor = "end" if x > left + inner * 0.7 else "start"
        parts.append(
            f'<text class="s2" x="{x + (-6 if anchor == "end" else 6):.1f}" y="{top - 10}" text-anchor="{anchor}">'
            f"{escape(average)}</text>"
        )
    parts.append(
        f'<text class="faint" x="{left + inner / 2}" y="{height - 6}" text-anchor="middle">{escape(unit)}</text>'
    )
    return drawing(WIDTH, height, title, description, parts)


def words(entries: Sequence[tuple[str, int]], *, title: str, description: str) -> Markup:
    """A word cloud, once for a phone and once for a wide page; the style sheet shows one of them."""
    made = []
    for name, width, largest in WIDTHS:
        placed = cloud.layout(entries[:MOST_WORDS], width=width, largest=largest)
        parts = []
        for one in placed.placed:
            text, count = entries[one.index]
            towards = ' direction="rtl"' if one.right_to_left else ""
            lines = "".join(
                f'<text x="{one.x}" y="{y:.1f}" font-size="{one.size}" text-anchor="middle"{towards}>'
                f"{escape(line)}</text>"
                for line, y in zip(one.lines, one.baselines(), strict=True)
            )
            parts.append(f'<g class="s{one.index % COLOURS + 1}"><title>{escape(text)}: {count}</title>{lines}</g>')
        made.append(drawing(int(width), int(placed.height), title, description, parts, kind=f"cloud {name}"))
    return Markup("").join(made)


def moves(
    names: Sequence[str],
    first: Sequence[int],
    last: Sequence[int],
    cells: Sequence[Sequence[int | None]] | None,
    *,
    title: str,
    description: str,
    before: str,
    after: str,
) -> Markup:
    """How a class moved: two columns of shares, and a band for all who went from one answer to another.

    Without `cells` (nobody knows who moved) a line leads from each answer's first share to its last. Bands that a
    reader may not see are left out; the columns are as high as the shares of all who answered then.
    """
    kept = [place for place, pair in enumerate(zip(first, last, strict=True)) if any(pair)]
    height, top, left, right, node, gap = 40 + 44 * max(len(kept), 2), 34, 190, 450, 14, 8
    tall = height - top - 10 - gap * max(len(kept) - 1, 0)
    columns = [_stack([side[place] for place in kept], top, tall, gap) for side in (first, last)]
    parts = [
        f'<text class="faint" x="{left}" y="18" text-anchor="end">{escape(before)}</text>',
        f'<text class="faint" x="{right}" y="18">{escape(after)}</text>',
    ]
    if cells is None:
        for at, place in enumerate(kept):
            ys = [column[at][0] + column[at][1] / 2 for column in columns]
            parts.append(
                f'<path class="line s{place % COLOURS + 1}" d="M{left + node} {ys[0]:.1f}L{right - node} {ys[1]:.1f}"/>'
            )
    else:
        parts.extend(_bands(kept, first, last, cells, columns, left + node, right - node))
    for side, column, counts in ((0, columns[0], first), (1, columns[1], last)):
        x = left if side == 0 else right - node
        labels = _apart([y + high / 2 for y, high in column])
        for at, place in enumerate(kept):
            y, high = column[at]
            parts.append(
                f'<rect class="bar s{place % COLOURS + 1}" x="{x}" y="{y:.1f}" width="{node}" '
                f'height="{max(high, 1):.1f}"/>'
            )
            label = escape(_short(names[place]))
            words = f"{label} · {counts[place]}"
            where = f'x="{left - 6}" text-anchor="end"' if side == 0 else f'x="{right + 6}"'
            parts.append(f'<text {where} y="{labels[at] + 4:.1f}">{words}</text>')
    return drawing(WIDTH, height, title, description, parts)


def _stack(counts: Sequence[int], top: float, tall: float, gap: float) -> list[tuple[float, float]]:
    """Where each share's block begins, and how high it is."""
    total = sum(counts) or 1
    found, y = [], float(top)
    for count in counts:
        high = tall * count / total
        found.append((y, high))
        y += high + gap
    return found


def _bands(
    kept: Sequence[int],
    first: Sequence[int],
    last: Sequence[int],
    cells: Sequence[Sequence[int | None]],
    columns: Sequence[Sequence[tuple[float, float]]],
    left: float,
    right: float,
) -> list[str]:
    used = [dict.fromkeys(kept, 0.0), dict.fromkeys(kept, 0.0)]
    parts, middle = [], (left + right) / 2
    for i, a in enumerate(kept):
        for j, b in enumerate(kept):
            n = cells[a][b]
            if not n:
                continue
            y, high = columns[0][i][0] + used[0][a], columns[0][i][1] * n / max(first[a], 1)
            z, deep = columns[1][j][0] + used[1][b], columns[1][j][1] * n / max(last[b], 1)
            used[0][a] += high
            used[1][b] += deep
            parts.append(
                f'<path class="band s{a % COLOURS + 1}" d="M{left} {y:.1f}'
                f"C{middle} {y:.1f} {middle} {z:.1f} {right} {z:.1f}V{z + deep:.1f}"
                f'C{middle} {z + deep:.1f} {middle} {y + high:.1f} {left} {y + high:.1f}Z">'
                f"<title>{n}</title></path>"
            )
    return parts


def _apart(places: Sequence[float], gap: float = 15) -> list[float]:
    """The same places, moved down until no label lies on another."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + gap) if moved else place)
    return moved


def _short(text: str, most: int = 24) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _row(parts: Sequence[str], colour: int) -> Markup:
    return Markup(  # noqa: S704 - numbers alone
        f'<svg class="chart row-bar s{colour}" viewBox="0 0 {ROW} 20" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )
