"""Krippendorff's alpha: how far raters agree beyond chance, for any number of raters, with missing values.

With v_ic raters giving value c to unit i, m_i = Σ_c v_ic >= 2 (other units say nothing), n_c = Σ_i v_ic, n = Σ_c n_c,

    o_ck = Σ_i v_ic (v_ik - [c=k]) / (m_i - 1)          coincidences
    α = 1 - D_o / D_e,      D_o = Σ_ck o_ck δ²_ck / n,      D_e = Σ_ck n_c n_k δ²_ck / (n (n-1))

    nominal   δ² = 1 for c != k
    ordinal   δ² = (n_c/2 + Σ_{c<g<k} n_g + n_k/2)²
    interval  δ² = (c - k)²; then Σ_ck v_c v_k δ² = 2 (m Σ x² - (Σ x)²), so values need not be counted

α is 1 for agreement, 0 for chance, below 0 for opposition. Its interval is the percentile bootstrap over units, which
are what another sample would have more of. Source: Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.words import N_, Sentence

Array = NDArray[np.float64]
Level = Literal["nominal", "ordinal", "interval"]

FEWEST_UNITS = 5  # with fewer, an interval by resampling means nothing


@dataclass(frozen=True, slots=True)
class Agreement:
    """α with its interval; None where there is too little to say, and then `why` says so.

    `units` that two raters or more have rated, and the number of their `ratings`.
    """

    alpha: float | None
    low: float | None
    high: float | None
    units: int
    ratings: int
    why: Sentence | None = None


def krippendorff(
    ratings: ArrayLike,
    level: Level,
    rng: np.random.Generator,
    *,
    coverage: float = 0.95,
    draws: int = 1000,
) -> Agreement:
    """α of `ratings` (units, raters), NaN where a rater did not rate, with its bootstrap interval.

    Too little to say: no unit with two ratings; or all ratings equal, where no disagreement was to be expected. With
    fewer than FEWEST_UNITS units there is an α and no interval. Raises ValueError for an unknown level, a table that is
    not two-dimensional, or infinite ratings.
    """
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or np.isinf(table).any():
        raise ValueError("Ratings must be a table (units, raters) of finite numbers, NaN where there is none.")
    if level not in ("nominal", "ordinal", "interval"):
        raise ValueError("The level of measurement is one of nominal, ordinal, interval.")
    table = table[(~np.isnan(table)).sum(axis=1) >= 2]
    units, count = table.shape[0], int(np.isfinite(table).sum())
    if units == 0:
        return Agreement(None, None, None, 0, 0, Sentence(N_("No two people have rated the same thing.")))
    data = _Moments.of(table) if level == "interval" else _Counts.of(table, ordinal=level == "ordinal")
    alpha = data.alpha(np.ones(units))
    if alpha is None:
        why = Sentence(N_("Everybody gave the same rating, so agreement cannot be told from chance."))
        return Agreement(None, None, None, units, count, why)
    if units < FEWEST_UNITS:
        why = Sentence(
            N_("Only {units} things were rated by two people or more: too few for an interval."), {"units": units}
        )
        return Agreement(alpha, None, None, units, count, why)
    weights = rng.multinomial(units, np.full(units, 1.0 / units), size=draws)
    drawn = [again for again in map(data.alpha, weights.astype(np.float64)) if again is not None]
    tail = (1.0 - coverage) / 2.0
    low, high = np.quantile(drawn, (tail, 1.0 - tail)) if drawn else (alpha, alpha)
    return Agreement(alpha, float(low), float(high), units, count)


@dataclass(frozen=True, slots=True)
class _Moments:
    """Interval data: of each unit, m_i, Σ x, Σ x² and Σ_ck v_c v_k δ² / (m_i - 1), each (units,)."""

    size: Array
    total: Array
    squares: Array
    apart: Array

    @classmethod
    def of(cls, table: Array) -> _Moments:
        size = np.isfinite(table).sum(axis=1).astype(np.float64)
        centred = np.where(np.isfinite(table), table - np.nanmean(table), 0.0)
        total, squares = centred.sum(axis=1), (centred**2).sum(axis=1)
        return cls(size, total, squares, 2.0 * (size * squares - total**2) / (size - 1.0))

    def alpha(self, weight: Array) -> float | None:
        """α where unit i counts weight_i times."""
        n, total, squares = weight @ self.size, weight @ self.total, weight @ self.squares
        return _alpha(float(weight @ self.apart), float(2.0 * (n * squares - total**2)), float(n), float(squares))


@dataclass(frozen=True, slots=True)
class _Counts:
    """Nominal or ordinal data: `votes` v_ic (units, values), values in rising order."""

    votes: Array
    ordinal: bool

    @classmethod
    def of(cls, table: Array, *, ordinal: bool) -> _Counts:
        present = np.isfinite(table)
        values, number = np.unique(table[present], return_inverse=True)
        cell = present.nonzero()[0] * values.size + number
        votes = np.bincount(cell, minlength=table.shape[0] * values.size).reshape(table.shape[0], values.size)
        return cls(votes.astype(np.float64), ordinal)

    def alpha(self, weight: Array) -> float | None:
        """α where unit i counts weight_i times."""
        share = weight / (self.votes.sum(axis=1) - 1.0)
        together = (self.votes * share[:, None]).T @ self.votes - np.diag(share @ self.votes)
        count = weight @ self.votes
        squared = 1.0 - np.eye(count.size)
        if self.ordinal:
            rank = np.cumsum(count) - count / 2.0
            squared = (rank[:, None] - rank) ** 2
        expected = float(count @ squared @ count)
        return _alpha(float((together * squared).sum()), expected, float(count.sum()), float(squared.max()))


def _alpha(observed: float, expected: float, n: float, scale: float) -> float | None:
    """1 - D_o / D_e from Σ o δ² and Σ n_c n_k δ²; None where no disagreement was to be expected, but for rounding."""
    return None if expected <= 1e-12 * scale else 1.0 - (n - 1.0) * observed / expected
