"""First and last impression: the same question before and after, and how the class moved between the two.

Of named polls there is a table N(a, b), how many said a first and b last; of anonymous ones only the two margins, and
nothing can be said about how many changed their mind. Whether a class moved is asked about the k margins alone, with
d_a = Σ_b N(a, b) - Σ_b N(b, a):

    two answers    McNemar, exact: of those who changed, the number who went one way ~ Binomial(changed, 1/2)
    more           Stuart and Maxwell: d' V⁻ d ~ χ²(rank V), with V_aa = N(a, +) + N(+, a) - 2 N(a, a) and
                   V_ab = -N(a, b) - N(b, a)
    several        each option by itself: who took it then and who takes it now are two answers
    scales         the mean of last - first with Student's 90 % interval
    rankings       the same of how many places an option gained on each person's list (`places`)

and only where ten or more changed (scales: where five or more answered twice). `shown` hides a table's small cells
from classmates: a count of 1 or 2, and as many others as it takes so that none of the hidden ones follows from sums.
Sources: McNemar (1947); Stuart (1955); Maxwell (1970); Gusfield (1988), "A graph theoretic approach to statistical
data security", for what can be derived from a table with its sums.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, chdtrc, stdtrit

from core.polling.tally import FEWEST, LEVEL

Table = tuple[tuple[int, ...], ...]  # rows: first; columns: last

FEWEST_CHANGED = 10
FEWEST_TWICE = 5


@dataclass(frozen=True, slots=True)
class Moves:
    """N(a, b) of those who answered both times, and how much there is to it.

    `stayed` + `changed` people answered twice; `chance` is the probability of margins at least as far apart if nobody
    leaned either way, None where too few changed.
    """

    table: Table
    stayed: int
    changed: int
    chance: float | None


@dataclass(frozen=True, slots=True)
class Shift:
    """By how much a scale's answers moved, for those who answered twice; no interval for fewer than five."""

    twice: int
    mean: float | None
    low: float | None
    high: float | None


def moves(pairs: Iterable[tuple[int, int]], size: int) -> Moves:
    """The table of (first, last) answers, each one of `size` categories from 0."""
    table = np.zeros((size, size), dtype=np.int64)
    for first, last in pairs:
        table[first, last] += 1
    stayed = int(np.trace(table))
    changed = int(table.sum()) - stayed
    chance = None
    if changed >= FEWEST_CHANGED:
        chance = mcnemar(int(table[0, 1]), int(table[1, 0])) if size == 2 else stuart_maxwell(table)
    return Moves(tuple(tuple(map(int, row)) for row in table), stayed, changed, chance)


def mcnemar(there: int, back: int) -> float:
    """Two-sided exact probability that `there` + `back` fair coins fall at least so unevenly."""
    few, n = min(there, back), there + back
    return min(1.0, 2 * float(bdtr(few, n, 0.5))) if there != back else 1.0


def stuart_maxwell(table: NDArray[np.int64]) -> float:
    """The probability of margins so far apart under homogeneity, by χ² with as many degrees as margins can differ."""
    d = table.sum(axis=1) - table.sum(axis=0)
    v = -(table + table.T).astype(float)
    np.fill_diagonal(v, 0)
    np.fill_diagonal(v, -v.sum(axis=1))
    rank = int(np.linalg.matrix_rank(v, hermitian=True))
    if rank == 0:
        return 1.0
    return float(chdtrc(rank, d @ np.linalg.pinv(v, hermitian=True) @ d))


def shift(pairs: Sequence[tuple[float, float]]) -> Shift:
    """How far the answers of those who answered twice moved along a scale."""
    n = len(pairs)
    if n == 0:
        return Shift(0, None, None, None)
    steps = [last - first for first, last in pairs]
    mean = sum(steps) / n
    if n < FEWEST_TWICE:
        return Shift(n, mean, None, None)
    spread = math.sqrt(sum((step - mean) ** 2 for step in steps) / (n - 1) / n)
    reach = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * spread
    return Shift(n, mean, mean - reach, mean + reach)


def places(given: Mapping[int, int], options: Sequence[int]) -> tuple[float, ...]:
    """Where each of `options` stands on one person's list, counted among these options alone, 1 being the best.

    Those without a place come after all others and share the mean of what places are left. The mean over people is
    1 + (k - 1) (1 - b) with Borda's share b of `tally.order`, so a poll that keeps no lists has it, too.
    """
    order = sorted(given[option] for option in options if option in given)
    left = (len(order) + 1 + len(options)) / 2
    return tuple(float(order.index(given[option]) + 1) if option in given else left for option in options)


def shown(table: Table) -> tuple[tuple[int | None, ...], ...]:
    """The table as classmates may see it beside its sums: None where a cell is 1 or 2, or would give such a cell away.

    A cell is given away where only one value is left for it by the cells that are shown and the sums of rows and
    columns. Then it is hidden together with the corners of a rectangle around which one more here and one less there
    changes no sum: the rectangle that hides fewest people. Where there is none, nothing is shown.
    """
    places = range(len(table))
    hidden = {(a, b) for a in places for b in places if 0 < table[a][b] < FEWEST}
    while given_away := next((cell for cell in sorted(hidden) if _follows(table, hidden, cell)), None):
        a, b = given_away
        rectangles = [
            {(a, j), (i, b), (i, j)} - hidden
            for i in places
            for j in places
            if i != a and j != b and (table[i][j] or (table[a][j] and table[i][b]))
        ]
        if not rectangles:
            return tuple((None,) * len(table) for _ in places)
        hidden |= min(rectangles, key=lambda cells: (sum(table[i][j] for i, j in cells), sorted(cells)))
    return tuple(tuple(None if (a, b) in hidden else n for b, n in enumerate(row)) for a, row in enumerate(table))


def _follows(table: Table, hidden: set[tuple[int, int]], cell: tuple[int, int]) -> bool:
    """Whether the hidden cell's value follows from the sums: no cycle of hidden cells can carry one more or one less.

    Rows and columns are nodes; a hidden cell can always grow (row -> column) and shrink unless it is 0 (column -> row).
    """
    a, b = cell
    can_grow = _reaches(table, hidden - {cell}, ("column", b), ("row", a))
    can_shrink = table[a][b] > 0 and _reaches(table, hidden - {cell}, ("row", a), ("column", b))
    return not (can_grow or can_shrink)


def _reaches(table: Table, hidden: set[tuple[int, int]], start: tuple[str, int], end: tuple[str, int]) -> bool:
    seen, edge = {start}, [start]
    while edge:
        side, at = edge.pop()
        if (side, at) == end:
            return True
        if side == "row":
            onward = [("column", b) for a, b in hidden if a == at]
        else:
            onward = [("row", a) for a, b in hidden if b == at and table[a][b] > 0]
        fresh = [node for node in onward if node not in seen]
        seen.update(fresh)
        edge.extend(fresh)
    return False
