"""Expected drops of entropy for many questions at once, tabulated over quality: what a web request can afford.

E[ΔH](r) of a question (`bits.expected_drop`) is a smooth curve in the quality r of whoever is asked, and depends on the
person through r alone. So it is computed exactly for a few qualities whenever the questions change, and read between
them for each person: four multiplications a question instead of a logarithm for each option.

Nodes         r_i = 1 - (1-ρ)(1 - i/(G-1))², i = 0..G-1, ρ = 1/n of the largest n: dense near r = 1, where the curve is
              steepest ((1-r) log(1-r)). Below ρ the drop is 0.
Interpolation cubic (Lagrange) through the four nodes around r, two on each side where there are.
Categories    A person has one quality in each (`bits.category_quality`). Questions are kept in the order of their
              categories, so that those of one category are one product of a row with a block.
Error         About 1e-4 bits with 25 nodes (README, "Figures"); in proportion more above r = .999.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.crowd.bits import Questions, expected_drop

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

NODES = 25


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """E[ΔH] in bits at G qualities of T questions in C categories; made by `tabulate`.

    `drops` (G, T): a column for each question, ordered by category; `order` (T,): which question a column is;
    `bounds` (C+1,): category c has columns bounds[c] to bounds[c+1]; `chance`: the quality below which all drops are 0.
    """

    drops: Array
    order: Indices
    bounds: Indices
    chance: float

    def at(self, quality: ArrayLike) -> Array:
        """E[ΔH] (T,) for a person of quality r: one number, or (C,) where categories were given to `tabulate`.

        Raises ValueError unless every quality lies between 0 and 1 and there is one for each category.
        """
        categories = self.bounds.size - 1
        r = np.asarray(quality, dtype=np.float64)
        if not ((r >= 0.0) & (r <= 1.0)).all():
            raise ValueError("A quality is a share of right answers: give a number between 0 and 1.")
        if r.ndim > 1 or r.size not in (1, categories):
            raise ValueError(f"Give one quality, or one for each of the {categories} categories.")
        nodes, size = self.drops.shape
        place = (nodes - 1) * (1.0 - np.sqrt((1.0 - np.maximum(r, self.chance)) / (1.0 - self.chance)))
        if r.size == 1:
            bounds, places = (0, size), [place.item()]
        else:
            bounds, places = self.bounds.tolist(), place.tolist()
        ordered = np.empty(size)
        for number, x in enumerate(places):
            first, weights = _cubic(x, nodes)
            columns = slice(bounds[number], bounds[number + 1])
            np.matmul(weights, self.drops[first : first + 4, columns], out=ordered[columns])
        drop = np.empty(size)
        drop[self.order] = ordered
        return drop


def tabulate(known: Questions, category: ArrayLike | None = None, *, nodes: int = NODES) -> Curves:
    """The curves of T questions at `nodes` qualities; costs `nodes` calls of `expected_drop` and 8 T · nodes bytes.

    `category` (T,): whole numbers from 0; none means that a person's quality is the same everywhere.
    Raises ValueError for fewer than four nodes or unusable categories.
    """
    size = known.options.size
    groups = np.zeros(size, dtype=np.intp) if category is None else np.asarray(category)
    if groups.shape != (size,) or not np.issubdtype(groups.dtype, np.integer) or (groups < 0).any():
        raise ValueError("Give each question the number of its category, counted from 0.")
    if nodes < 4:
        raise ValueError("A cubic needs four nodes or more.")
    chance = 1.0 / known.mass.shape[0]
    steps = 1.0 - np.arange(nodes) / (nodes - 1.0)
    order = groups.argsort(kind="stable")
    drops = np.empty((nodes, size))
    for row, quality in enumerate(1.0 - (1.0 - chance) * steps**2):
        drops[row] = expected_drop(known, quality)[order]
    bounds = np.concatenate(([0], np.cumsum(np.bincount(groups, minlength=1))))
    return Curves(drops, order, bounds, chance)


def _cubic(x: float, nodes: int) -> tuple[int, Array]:
    """The first of the four nodes 0..nodes-1 around x, and Lagrange's weights of the four."""
    first = min(max(int(x) - 1, 0), nodes - 4)
    x -= first
    weights = np.array(
        [
            (1.0 - x) * (2.0 - x) * (3.0 - x) / 6.0,
            x * (2.0 - x) * (3.0 - x) / 2.0,
            x * (x - 1.0) * (3.0 - x) / 2.0,
            x * (x - 1.0) * (x - 2.0) / 6.0,
        ]
    )
    return first, weights
