"""The same text for different learners: what a rating by one kind of learner says about the text for another kind.

Contexts are the states that a class is told apart by, such as struggling or not, first attempt or later. Arm k has the
mean reward θ_kx in context x. With too few ratings in each cell one would rather pool all; where contexts matter one
must not. How much to pool is learned from the pool itself. Let D_k = θ_kx - θ_kx' be the arm's difference between two
contexts, estimated with variance v_k = s² (1/n_kx + 1/n_kx'), s² the variance of ratings within cells. Then

    Δ   = Σ D_k / (v_k + T)  /  Σ 1 / (v_k + T)                              all arms' common difference
    T   = Σ ((D_k - Δ)² - v_k + 1/Σ(1/v_j)) / v_k²  /  Σ 1 / v_k²            variance of D_k - Δ between arms, >= 0
    λ_k = 1 / (1 + T n_kx' / s²)

and n' ratings in x' count in x as λ n' ratings, moved by Δ: their mean tells θ_kx with variance s²/n' + T = s²/(λ n').
However many there are, they never count as more than s²/T ratings. T is the score estimate of a variance component at
T = 0 (empirical Bayes), where its standard error is √(2 / Σ 1/v_k²). A T or Δ within 1.5 standard errors of 0 is taken
to be 0: then λ = 1, nothing is moved, and the belief is exactly the one that knows no contexts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.selection.arms import Stats, rating_weight

Array = NDArray[np.float64]

_SURE = 1.5  # standard errors that a difference between contexts must have


def pooled(ratings: Stats) -> Stats:
    """The evidence in each context, its own ratings and what the others' are worth there; (..., X, K) in and out.

    Row x, as the `ratings` of a `Pool`, gives the belief and the chances in context x. Leading axes are independent
    pools. Raises ValueError for statistics without the two axes of contexts and arms.
    """
    if ratings.count.ndim < 2:
        raise ValueError("Statistics by context need two axes: contexts and arms.")
    n = ratings.count
    noise = _noise(ratings)
    size = np.where(n > 0.0, n, 1e-300)
    mean = ratings.total / size
    difference = mean[..., :, None, :] - mean[..., None, :, :]  # (..., X, X, K): of own context less another
    variance = noise * (1.0 / size[..., :, None, :] + 1.0 / size[..., None, :, :])
    between = _variance_between(difference, variance)
    shift = _common_difference(difference, variance + between)
    other = Stats(*(np.broadcast_to(part[..., None, :, :], difference.shape) for part in _sums(ratings)))
    other = _moved(other, shift, mean[..., None, :, :])
    worth = 1.0 / (1.0 + between * other.count / noise)
    worth = worth * ~np.eye(n.shape[-2], dtype=np.bool_)[:, :, None]
    borrowed = Stats(*((part * worth).sum(axis=-2) for part in _sums(other)))
    return ratings + borrowed


def _sums(stats: Stats) -> tuple[Array, Array, Array]:
    return stats.count, stats.total, stats.squares


def _noise(ratings: Stats) -> Array:
    """s², the variance of ratings within cells, (..., 1, 1, 1): m(1-m) / w with w the worth of a rating."""
    flat = Stats(*(part.reshape(*part.shape[:-2], -1) for part in _sums(ratings)))
    mean = (flat.total.sum(axis=-1, keepdims=True) + 1.0) / (flat.count.sum(axis=-1, keepdims=True) + 2.0)
    noise: Array = (mean * (1.0 - mean) / rating_weight(flat))[..., None, None]
    return noise


def _variance_between(difference: Array, variance: Array) -> Array:
    """T, one for a pool, (..., 1, 1, 1), from all pairs of contexts."""
    precision = 1.0 / variance
    total = precision.sum(axis=-1, keepdims=True)
    common = (difference * precision).sum(axis=-1, keepdims=True) / total
    pairs = np.triu(np.ones(difference.shape[-3:-1]), 1)[:, :, None]
    excess = ((difference - common) ** 2 * precision - 1.0 + precision / total) * precision * pairs
    score = excess.sum(axis=(-3, -2, -1), keepdims=True)
    information = (precision**2 * pairs).sum(axis=(-3, -2, -1), keepdims=True)
    sure = score > _SURE * np.sqrt(2.0 * information)
    between: Array = np.where(sure, score, 0.0) / np.maximum(information, 1e-300)
    return between


def _common_difference(difference: Array, variance: Array) -> Array:
    """Δ of each pair of contexts, (..., X, X, 1), or 0 where it is not sure."""
    precision = 1.0 / variance
    total = precision.sum(axis=-1, keepdims=True)
    common = (difference * precision).sum(axis=-1, keepdims=True) / total
    shift: Array = np.where(np.abs(common) * np.sqrt(total) > _SURE, common, 0.0)
    return shift


def _moved(stats: Stats, shift: Array, mean: Array) -> Stats:
    """Statistics of rewards moved by `shift` on average, towards 1 or 0 so that none leaves [0, 1].

    A reward r becomes r + δ (1-r) with δ = shift / (1 - mean), or r (1-δ) with δ = -shift / mean.
    """
    count, total, squares = _sums(stats)
    room = np.where(shift > 0.0, 1.0 - mean, mean)
    part = np.minimum(
        np.divide(np.abs(shift), room, out=np.zeros(np.broadcast(shift, room).shape), where=room > 0), 1.0
    )
    raised = np.where(shift > 0.0, part, 0.0)
    rest = 1.0 - part
    return Stats(
        count,
        rest * total + raised * count,
        rest**2 * squares + 2.0 * raised * rest * total + raised**2 * count,
    )
