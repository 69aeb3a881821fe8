"""What a learner's reaction is worth as a reward in [0, 1], and what is known of those that did not come.

Ratings   of 0 to 10 and votes are scaled (`scaled`); one of several attributes is a weighted mean (`combined`).
Pairs     "A helped more than B" says nothing of either alone. Each arm has a strength θ_k ~ N(m_k, v_k), and A is
          chosen with probability σ(θ_A - θ_B), σ(x) = 1 / (1 + e^-x) (Bradley and Terry 1952). With
          d = θ_A - θ_B ~ N(δ, V) before, δ = m_A - m_B, V = v_A + v_B, one comparison leaves

              m_A += v_A/V (E[d] - δ),     v_A += (v_A/V)² (Var[d] - V),     and for B with the sign of m reversed,

          where E and Var are those of d given the choice. They are computed exactly (64 Gauss-Hermite nodes), not by
          expansion: assumed-density filtering as in Weng and Lin 2011, section 3, with a tie as half a win of each.
          σ(θ_k), the chance to be preferred to an average arm, then has the Beta belief with the same logit mean and
          variance, ψ(a) - ψ(b) = m_k and ψ'(a) + ψ'(b) = v_k. Being the best does not change under σ, so that
          `probability_of_best` and every policy work with it as with ratings.
Missing   Ratings count when they come; nothing is assumed of those that are still to come. But who does not rate may
          differ from who does. `responses` counts, by arm, so that a reader can see it and `estimates` can bound it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, expit, polygamma, psi

from core.selection.arms import Belief

Array = NDArray[np.float64]

FIRST_VARIANCE = (
    1.0  # of a strength before any comparison: two arms in three are preferred to an average one by 27-73 %
)

_NODES = 64
_NEWTON_STEPS = 30
_CLOSE = 1e-12


def scaled(points: ArrayLike, highest: float = 10.0, lowest: float = 0.0) -> Array:
    """Ratings between `lowest` and `highest` as rewards in [0, 1], in the same shape. Yes and no are 1 of 1 and 0 of 1.

    Raises ValueError for a rating off the scale, and for a scale that does not rise.
    """
    if not lowest < highest:
        raise ValueError(f"A scale must end above its beginning, not go from {lowest:g} to {highest:g}.")
    values = np.asarray(points, dtype=np.float64)
    if not ((values >= lowest) & (values <= highest)).all():
        raise ValueError(f"A rating must lie between {lowest:g} and {highest:g}.")
    rewards: Array = (values - lowest) / (highest - lowest)
    return rewards


def combined(rewards: ArrayLike, weights: ArrayLike) -> Array:
    """One reward for each rating of several attributes: Σ_j w_j r_ij / Σ_j w_j over the attributes that were rated.

    `rewards` (R, J) in [0, 1], NaN where an attribute was left out; `weights` (J,). Gives (R,); NaN where none with a
    weight was rated. Raises ValueError for rewards out of range and unless some weight is positive and none negative.
    """
    values, weight = np.asarray(rewards, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if values.ndim != 2 or weight.shape != values.shape[1:]:
        raise ValueError("Ratings must be a table with one column for each weight.")
    if not (np.isfinite(weight) & (weight >= 0.0)).all() or not weight.sum() > 0.0:
        raise ValueError("Weights of attributes must not be negative, and one must be positive.")
    rated = ~np.isnan(values)
    if not ((values >= 0.0) & (values <= 1.0) | ~rated).all():
        raise ValueError("A reward must be a number between 0 and 1.")
    share = rated @ weight
    mean: Array = np.full(share.shape, np.nan)
    np.divide(np.where(rated, values, 0.0) @ weight, share, out=mean, where=share > 0.0)
    return mean


@dataclass(frozen=True, slots=True, eq=False)
class Strengths:
    """What comparisons say of K arms: θ_k ~ N(mean_k, variance_k), independent; each (K,)."""

    mean: Array
    variance: Array

    @classmethod
    def unknown(cls, size: int, variance: float = FIRST_VARIANCE) -> Self:
        """Arms that were never compared."""
        return cls(np.zeros(size), np.full(size, variance))

    def grown(self, variance: float = FIRST_VARIANCE) -> Self:
        """With one arm more."""
        return type(self)(np.append(self.mean, 0.0), np.append(self.variance, variance))

    def compared(self, first: int, second: int, share: float = 1.0) -> Self:
        """After one comparison. `share`: 1 if `first` was chosen, 0 if `second`, 1/2 for a tie.

        Raises ValueError for arms that there are not, one arm compared with itself, or a share outside [0, 1].
        """
        if not (0 <= first < self.mean.size and 0 <= second < self.mean.size and first != second):
            raise ValueError(f"A comparison is of two of the {self.mean.size} arms, not of {first} and {second}.")
        if not 0.0 <= share <= 1.0:
            raise ValueError("A comparison gives the first arm a share between 0 and 1.")
        pair = [first, second]
        before = self.mean[first] - self.mean[second]
        spread = self.variance[pair].sum()
        after, left = _difference(float(before), float(spread), share)
        part = self.variance[pair] / spread
        mean, variance = self.mean.copy(), self.variance.copy()
        mean[pair] += part * (1.0, -1.0) * (after - before)
        variance[pair] += part**2 * (left - spread)
        return type(self)(mean, variance)

    def belief(self) -> Belief:
        """Beta beliefs of σ(θ_k), with the same logit mean and variance; ratings are worth nothing beside them."""
        a, b = _beta_of_logit(self.mean, self.variance)
        prior = _beta_of_logit(np.zeros(1), np.full(1, FIRST_VARIANCE))
        return Belief(a, b, np.ones(1), prior)


def _difference(mean: float, variance: float, share: float) -> tuple[float, float]:
    """Mean and variance of d ~ N(mean, variance) weighted by σ(d)^share σ(-d)^(1-share)."""
    nodes, weights = _HERMITE
    d = mean + math.sqrt(variance) * nodes
    likely = weights * expit(d) ** share * expit(-d) ** (1.0 - share)
    likely /= likely.sum()
    after = float(likely @ d)
    return after, float(likely @ (d - after) ** 2)


def _beta_of_logit(mean: Array, variance: Array) -> tuple[Array, Array]:
    """a and b with ψ(a) - ψ(b) = mean and ψ'(a) + ψ'(b) = variance, by Newton's method in log a and log b."""
    log_a = np.log1p(np.exp(mean)) - np.log(variance)
    log_b = np.log1p(np.exp(-mean)) - np.log(variance)
    for _ in range(_NEWTON_STEPS):
        a, b = np.exp(log_a), np.exp(log_b)
        first_a, first_b = polygamma(1, a), polygamma(1, b)
        off_mean, off_variance = psi(a) - psi(b) - mean, first_a + first_b - variance
        slopes = np.array(((a * first_a, -b * first_b), (a * polygamma(2, a), b * polygamma(2, b))))
        determinant = slopes[0, 0] * slopes[1, 1] - slopes[0, 1] * slopes[1, 0]
        step_a = (slopes[1, 1] * off_mean - slopes[0, 1] * off_variance) / determinant
        step_b = (slopes[0, 0] * off_variance - slopes[1, 0] * off_mean) / determinant
        log_a, log_b = log_a - np.clip(step_a, -1.0, 1.0), log_b - np.clip(step_b, -1.0, 1.0)
        if max(np.abs(step_a).max(initial=0.0), np.abs(step_b).max(initial=0.0)) < _CLOSE:
            break
    a, b = np.exp(log_a), np.exp(log_b)
    return a, b


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """Of K arms' exposures: shown, rated, and not rated though too young to be given up; each (K,)."""

    shown: Array
    rated: Array
    awaited: Array

    @property
    def missing(self) -> Array:
        """Share of exposures, awaited ones aside, whose reward will not come; NaN for an arm without any, (K,)."""
        due = self.shown - self.awaited
        share: Array = np.full(due.shape, np.nan)
        np.divide(due - self.rated, due, out=share, where=due > 0.0)
        return share

    def interval(self, coverage: float = 0.9) -> tuple[Array, Array]:
        """Lower and upper end of `missing` (Jeffreys), (K,). Arms whose intervals do not meet are not missed alike."""
        lost, tail = self.shown - self.awaited - self.rated, (1.0 - coverage) / 2.0
        a, b = lost + 0.5, self.rated + 0.5
        return betaincinv(a, b, tail), betaincinv(a, b, 1.0 - tail)


def responses(arms: ArrayLike, rewards: ArrayLike, ages: ArrayLike, patience: float, size: int) -> Responses:
    """Count the exposures of `size` arms: `arms` (T,), `rewards` (T,) with NaN where none has come, `ages` (T,).

    An exposure without a reward is awaited while its age is at most `patience`, in the same unit.
    Raises ValueError for lists of different lengths or arms that there are not.
    """
    index, reward = np.asarray(arms, dtype=np.intp), np.asarray(rewards, dtype=np.float64)
    age = np.asarray(ages, dtype=np.float64)
    if not index.shape == reward.shape == age.shape == (index.size,):
        raise ValueError("Arms, rewards and ages must be lists of one length.")
    if index.size and not 0 <= index.min() <= index.max() < size:
        raise ValueError(f"There are {size} arms; exposures of arms {index.min()} to {index.max()} were given.")
    came = ~np.isnan(reward)
    shown, rated, awaited = (
        np.bincount(index[which], minlength=size).astype(np.float64)
        for which in (np.ones_like(came), came, ~came & (age <= patience))
    )
    return Responses(shown, rated, awaited)


def _hermite() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return nodes, weights / weights.sum()


_HERMITE = _hermite()
