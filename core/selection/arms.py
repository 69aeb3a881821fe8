"""What ratings say about the arms of a pool: sufficient statistics, and a calibrated Beta belief for every arm.

An arm is a contribution that competes for a slot; a reward r in [0, 1] is a rating or an outcome. Of arm k only the
number n_k of its rewards, t_k = Σ r and q_k = Σ r² are kept. Its mean reward has the belief

    Beta(a_k, b_k),        a_k = a_0 + w t_k,        b_k = b_0 + w (n_k - t_k).

Weight    A rating of 7 out of 10 is neither one coin toss (fractional update: intervals far too wide) nor ten (far too
          narrow). It is worth w tosses, where w makes the belief's variance m(1-m)/(w n) equal the variance s²/n of a
          mean of n such ratings: w = m(1-m)/s². Both are pooled *within* arms. (With m the mean of the whole pool,
          m(1-m) also counts the differences between arms; see README, "Calibration".) Because Σ r(1-r) = t - q, this is

              w = 1 + Σ_k (1 - 1/n_k)(t_k - q_k) / (Σ_k (q_k - t_k²/n_k) + ν m(1-m)).

          So w is exactly 1 for rewards of 0 and 1 (Beta-Bernoulli), never less, and near 1 with few ratings: the last
          term stands for ν coin tosses. Agreement finer than a point in ten (s = .1) is not believed: w <= 25.
Prior     Beta(a_0, b_0) is fitted to the pool's arms by marginal likelihood, in its normal form
          m_k ~ N(μ, τ² + s²/n_k), with Fisher scoring in τ². Two pseudo-arms of mean 1/2 and SD .2 stand in for a pool
          without ratings, so that a first class starts from Beta(2.6, 2.6), and yield to the real arms as these are
          rated. A likelihood, unlike an average over ratings, is not misled by good arms' being shown more often.
Author    A star student's or a teacher's text starts with a few good pseudo-ratings (PeerASSIST, TeacherASSIST). They
          count once, for its own belief, and never for the fit.
Heirloom  A rating inherited from an earlier class counts as `discount` of a rating. How well raters agree is a matter
          of the scale and not of the class, so for w it counts in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

DISCOUNT = 0.5  # an inherited rating counts half: the next class may differ, and what it inherits was chosen for it

_PSEUDO_RATINGS = 2.0  # ν, coin tosses that hold w near 1 until ratings show otherwise
_LARGEST_WEIGHT = 25.0
_PSEUDO_ARMS, _PSEUDO_MEAN, _PSEUDO_VARIANCE = 2.0, 0.5, 0.2**2
_SMALLEST_VARIANCE = 0.02**2  # arms of a pool are never taken to be more alike than this
_SMALLEST_PRIOR = 0.1  # of a_0 and b_0
_SCORING_STEPS, _STRIDE = 3, 0.7  # τ is then commonly within .005 of where it would settle, on the wide side
_ROUNDING = 1e-9


class Author(IntEnum):
    """Whose text an arm is; this decides with what prior it starts."""

    STUDENT = 0
    STAR = 1
    TEACHER = 2


PSEUDO_REWARD = 0.9
PSEUDO_RATINGS = {Author.STUDENT: 0.0, Author.STAR: 3.0, Author.TEACHER: 5.0}  # so many ratings of .9 to begin with


@dataclass(frozen=True, slots=True, eq=False)
class Stats:
    """Sufficient statistics of K arms: rewards counted, summed, and summed squared; three arrays of shape (..., K).

    Leading axes, if any, are independent pools. Raises ValueError for numbers that no rewards in [0, 1] can give.
    """

    count: Array
    total: Array
    squares: Array

    def __post_init__(self) -> None:
        for name in ("count", "total", "squares"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        if not self.count.shape == self.total.shape == self.squares.shape:
            raise ValueError("Counts, sums and sums of squares must be of one shape.")
        slack = _ROUNDING * (1.0 + self.count)
        if not (np.isfinite(self.count) & (self.count >= 0)).all():
            raise ValueError("A number of rewards must be finite and not negative.")
        ordered = (-slack <= self.squares) & (self.squares <= self.total + slack) & (self.total <= self.count + slack)
        if not ordered.all():
            raise ValueError("Rewards must lie between 0 and 1: a sum or a sum of squares is out of range.")
        if not (self.total**2 <= (self.count * self.squares + slack * (1.0 + self.count))).all():
            raise ValueError("A sum of squares is too small for its sum: no rewards can give both.")

    @classmethod
    def empty(cls, *shape: int) -> Self:
        """Statistics of arms that nobody has rated yet."""
        return cls(np.zeros(shape), np.zeros(shape), np.zeros(shape))

    @classmethod
    def tally(cls, arms: ArrayLike, rewards: ArrayLike, size: int) -> Self:
        """Statistics of `size` arms from single ratings: `arms` (R,) indices, `rewards` (R,) in [0, 1]."""
        index, reward = np.asarray(arms, dtype=np.intp), checked_rewards(rewards)
        if index.size and not 0 <= index.min() <= index.max() < size:
            raise ValueError(f"There are {size} arms; ratings of arms {index.min()} to {index.max()} were given.")
        count, total, squares = (
            np.bincount(index, values, minlength=size).astype(np.float64) for values in (reward**0, reward, reward**2)
        )
        return cls(count, total, squares)

    def rated(self, arm: int, reward: float) -> Self:
        """These statistics with one more reward for one arm of a single pool."""
        value = float(checked_rewards(reward))
        one = np.zeros_like(self.count)
        one[arm] = 1.0
        return self + type(self)(one, one * value, one * value**2)

    def scaled(self, factor: float) -> Self:
        """These statistics with every reward counted `factor` times."""
        return type(self)(self.count * factor, self.total * factor, self.squares * factor)

    def __add__(self, other: Self) -> Self:
        return type(self)(self.count + other.count, self.total + other.total, self.squares + other.squares)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The K arms that compete for one slot, in one order. Left out: nothing inherited, all by students, none pinned."""

    ratings: Stats
    inherited: Stats | None = None
    discount: float = DISCOUNT
    authors: NDArray[np.int8] | None = None  # of Author
    pinned: Flags | None = None
    shares: Array | None = None  # how the policy `fixed_split` divides the exposures, in any unit

    def __post_init__(self) -> None:
        if not 0.0 <= self.discount <= 1.0:
            raise ValueError(f"A discount must lie between 0 and 1, not be {self.discount}.")
        inherited = None if self.inherited is None else self.inherited.count
        columns = (self.ratings.count, inherited, self.authors, self.pinned, self.shares)
        if len({column.shape for column in columns if column is not None}) > 1:
            raise ValueError("Ratings, inherited ratings, authors, pins and shares must be lists of the same arms.")
        if self.shares is not None and not (np.isfinite(self.shares) & (self.shares >= 0.0)).all():
            raise ValueError("A share of the exposures must be a finite number, not negative.")
        if self.authors is not None and not np.isin(self.authors, list(Author)).all():
            known = ", ".join(f"{author:d} ({author.name})" for author in Author)
            raise ValueError(f"An author must be one of {known}.")

    def __len__(self) -> int:
        return int(self.ratings.count.shape[-1])

    @property
    def evidence(self) -> Stats:
        """The arms' own ratings and, discounted, those they inherited."""
        return self.ratings if self.inherited is None else self.ratings + self.inherited.scaled(self.discount)


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Beta(a_k, b_k) of each arm's mean reward, (..., K); w and (a_0, b_0) of the pool, each (..., 1)."""

    a: Array
    b: Array
    weight: Array
    prior: tuple[Array, Array]

    @property
    def mean(self) -> Array:
        mean: Array = self.a / (self.a + self.b)
        return mean

    def interval(self, coverage: float = 0.9) -> tuple[Array, Array]:
        """Lower and upper end of the central credible intervals, (..., K)."""
        tail = (1.0 - coverage) / 2.0
        return betaincinv(self.a, self.b, tail), betaincinv(self.a, self.b, 1.0 - tail)


def believe(pool: Pool) -> Belief:
    """The calibrated belief about every arm of a pool (module docstring). A pool of no arms gives empty arrays."""
    evidence = pool.evidence
    weight = rating_weight(pool.ratings, pool.inherited)
    prior = fitted_prior(evidence, weight)
    count, total = evidence.count, evidence.total
    if pool.authors is not None:
        extra = np.array([PSEUDO_RATINGS[author] for author in Author])[pool.authors]
        count, total = count + extra, total + extra * PSEUDO_REWARD
    return Belief(prior[0] + weight * total, prior[1] + weight * np.maximum(count - total, 0.0), weight, prior)


def rating_weight(ratings: Stats, inherited: Stats | None = None) -> Array:
    """w, the number of coin tosses that one reward is worth; shape (..., 1), in [1, 25]."""
    parts = [ratings] if inherited is None else [ratings, inherited]
    sizes = [np.maximum(part.count, 1.0) for part in parts]
    tosses = sum(_sum((1.0 - 1.0 / n) * (part.total - part.squares)) for part, n in zip(parts, sizes, strict=True))
    within = sum(_sum(part.squares - part.total**2 / n) for part, n in zip(parts, sizes, strict=True))
    mean = (sum(_sum(part.total) for part in parts) + 1.0) / (sum(_sum(part.count) for part in parts) + 2.0)
    weight = 1.0 + np.maximum(tosses, 0.0) / (np.maximum(within, 0.0) + _PSEUDO_RATINGS * mean * (1.0 - mean))
    return np.minimum(weight, _LARGEST_WEIGHT)


def fitted_prior(evidence: Stats, weight: Array) -> tuple[Array, Array]:
    """(a_0, b_0) of the pool's arms, each of shape (..., 1).

    With s² = μ(1-μ)/w, u_k = 1/(τ² + s²/n_k), h_k = τ² u_k, g pseudo-arms of mean μ_0 and variance τ_0², each step sets
    μ = (Σ u_k m_k + g μ_0/τ²) / (Σ u_k + g/τ²) and scores τ² as (Σ h_k² ((m_k - μ)² - s²/n_k) + g τ_0²) / (Σ h_k² + g).
    Scores overshoot in turns, so log τ² goes .7 of the way to its score.
    """
    n = np.maximum(evidence.count, 1e-12)  # an arm without ratings has u = 0 but for rounding
    means = evidence.total / n
    mean = (_sum(evidence.total) + _PSEUDO_ARMS * _PSEUDO_MEAN) / (_sum(evidence.count) + _PSEUDO_ARMS)
    variance = np.full_like(mean, _PSEUDO_VARIANCE)
    for _ in range(_SCORING_STEPS):
        noise = mean * (1.0 - mean) / (weight * n)
        precision = 1.0 / (variance + noise)
        pseudo = _PSEUDO_ARMS / variance
        mean = (_sum(precision * means) + pseudo * _PSEUDO_MEAN) / (_sum(precision) + pseudo)
        trust = (variance * precision) ** 2
        excess = _sum(trust * ((means - mean) ** 2 - noise))
        score = (excess + _PSEUDO_ARMS * _PSEUDO_VARIANCE) / (_sum(trust) + _PSEUDO_ARMS)
        variance = variance ** (1.0 - _STRIDE) * np.maximum(score, _SMALLEST_VARIANCE) ** _STRIDE
        variance = np.minimum(variance, 0.9 * mean * (1.0 - mean))
    concentration = mean * (1.0 - mean) / variance - 1.0
    return np.maximum(mean * concentration, _SMALLEST_PRIOR), np.maximum((1.0 - mean) * concentration, _SMALLEST_PRIOR)


def checked_rewards(rewards: ArrayLike) -> Array:
    """`rewards` as an array; ValueError if one is not a number between 0 and 1."""
    values = np.asarray(rewards, dtype=np.float64)
    if not ((values >= 0.0) & (values <= 1.0)).all():
        raise ValueError("A reward must be a number between 0 and 1.")
    return values


def _sum(values: Array) -> Array:
    total: Array = values.sum(axis=-1, keepdims=True)
    return total
