"""One measured figure beside what it is measured against and what was aimed at: the rows of the research benches."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is the number that `aim` speaks of, whichever way round; `met` is None where nothing was aimed at."""

    room: str
    what: str
    against: str
    size: str
    ours: float
    peer: float | None
    unit: str
    ratio: float
    aim: str
    met: bool | None
    note: str = ""


def median_time(call: Callable[[], object], *, seconds: float = 1.0, most: int = 200) -> float:
    """Seconds of a call: the median of repeats that together take about `seconds`, at least three."""
    times: list[float] = []
    while len(times) < 3 or (sum(times) < seconds and len(times) < most):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def show(figures: Sequence[Figure]) -> None:
    """Print the figures as a table."""
    table = Table()
    for column in ("what", "against", "size", "ours", "peer", "unit", "ratio", "aim", "met", "note"):
        table.add_column(column)
    for one in figures:
        peer = "" if one.peer is None else short(one.peer)
        met = {None: "", True: "yes", False: "no"}[one.met]
        table.add_row(
            one.what, one.against, one.size, short(one.ours), peer, one.unit, short(one.ratio), one.aim, met, one.note
        )
    Console(width=180).print(table)


def short(value: float) -> str:
    """Three digits that say something."""
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:.1e}"
