"""Which arm is the best of its pool, and with what probability: exactly, without simulation.

Arm k has a belief X_k ~ Beta(a_k, b_k), independent of the others. AXIS (Williams et al. 2016, after Chapelle and Li
2011) shows arm k with the probability that it is the best of the pool,

    P_k = P(X_k > X_j for all j != k) = ∫ f_k(x) ∏_{j≠k} F_j(x) dx,          Σ_k P_k = 1.

This module decides which arms can win at all and where; `sweep` integrates. With y = logit x, μ = a/(a+b) and n = a+b,
Chernoff's bound on the tail of a Beta distribution is

    P(y > logit μ + d) <= exp(-n ψ(d)),      ψ(d) = log(1-μ + μ e^d) - μ d  >=  μ(1-μ) d² / (2 + μ d),

and the same to the left with a and b exchanged. Solved for a cutoff C it gives every arm a proven reach: the integral
begins where at least one arm surely is, ends where all arms end, and an arm that ends before the beginning cannot win.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from core.selection.sweep import EDGE, Contenders, sweep

Array = NDArray[np.float64]

SMALLEST, LARGEST = 0.05, 1e10  # the a and b for which the tests hold the result to its promise


def probability_of_best(a: ArrayLike, b: ArrayLike, *, tolerance: float = 1e-10) -> Array:
    """P_k = P(X_k is the largest) for independent X_k ~ Beta(a_k, b_k); shape (K,), sums to 1.

    `a`, `b`: shape (K,), each in [0.05, 1e10]. `tolerance` bounds the sweep's estimate of its error, which is cautious:
    the error itself is commonly 1e-13. Rounding sets a floor of about 1e-16 K. An arm that cannot win gets a proven
    upper bound of its probability, at most tolerance / (100 K). Equal arms have equal probabilities.
    Raises ValueError for unusable parameters, ArithmeticError if the estimate stays above the tolerance.
    """
    ab = _checked(a, b)
    size = ab.shape[1]
    if size == 0:
        return np.empty(0)
    cutoff = math.log(100 * size / tolerance)
    logit = np.log(ab[0] / ab[1])
    able = contenders(ab, logit, cutoff)
    share, stop = sweep(able, size, cutoff, tolerance)
    best: Array = np.empty(size)
    if able.arms.size < size:
        np.exp(-_tail_exponent(ab, np.maximum(stop - logit, 0.0)), out=best)
    best[able.arms] = np.repeat(share, able.copies)
    best /= best.sum()
    return best


def sample_best(a: ArrayLike, b: ArrayLike, rng: np.random.Generator) -> tuple[int, float]:
    """Draw one arm with exactly the probability that it is the best; return its index and that probability. K >= 1."""
    return draw(probability_of_best(a, b), rng)


def draw(probabilities: Array, rng: np.random.Generator) -> tuple[int, float]:
    """Draw index k with chance probabilities[k] / Σ probabilities, by one uniform number; return k and its chance."""
    steps = probabilities.cumsum()
    total = float(steps[-1]) if steps.size else 0.0
    if not total > 0.0:
        raise ValueError("Nothing to draw from: no arm has a chance.")
    point = min(rng.random() * total, math.nextafter(total, 0.0))  # rounding must not reach the end
    index = int(steps.searchsorted(point, side="right"))
    return index, float(probabilities[index]) / total


def _checked(a: ArrayLike, b: ArrayLike) -> Array:
    if np.ndim(a) != 1 or np.shape(a) != np.shape(b):
        raise ValueError(f"a and b must be two lists of equal length, not of shapes {np.shape(a)} and {np.shape(b)}.")
    ab = np.array((a, b), dtype=np.float64)
    if ab.size and not (ab.min() >= SMALLEST and ab.max() <= LARGEST):
        raise ValueError(f"Every Beta parameter must lie between {SMALLEST:g} and {LARGEST:g}.")
    return ab


def reach(ab: Array, cutoff: float) -> Array:
    """Distance d with P(y > logit μ + d) <= e^-cutoff (row 0), and the same to the left (row 1); shape (2, K).

    The positive root of n μ(1-μ) d² / (2 + μ d) = C, that is d = (r + √(r² + 8 r n / a)) / 2 with r = C / b.
    """
    rate = cutoff / ab[::-1]
    distance: Array = 0.5 * (rate + np.sqrt(rate * (rate + 8.0 * (ab[0] + ab[1]) / ab)))
    return distance


def _tail_exponent(ab: Array, distance: Array) -> Array:
    """E with P(y > logit μ + distance) <= e^-E, for distance >= 0: the bound that `reach` solves; shape (K,)."""
    exponent: Array = ab[0] * ab[1] * distance**2 / (2.0 * (ab[0] + ab[1]) + ab[0] * distance)
    return exponent


def contenders(ab: Array, logit: Array, cutoff: float) -> Contenders:
    """The arms that are not surely beaten: a and b (2, K), their logits log(a/b) (K,), the cutoff C; K >= 1."""
    far = reach(ab, cutoff)
    end = np.minimum(logit + far[0], EDGE)
    start = max(float((logit - far[1]).max()), -EDGE)
    arms = (-end).argsort()[: np.count_nonzero(end > start)]
    ab = ab[:, arms]
    new = np.ones(arms.size, dtype=np.bool_)  # equal (a, b) have equal ends, so they stand side by side
    np.not_equal(ab[0, 1:], ab[0, :-1], out=new[1:])
    new[1:] |= ab[1, 1:] != ab[1, :-1]
    first = new.nonzero()[0]
    copies = np.empty_like(first)
    np.subtract(first[1:], first[:-1], out=copies[:-1])
    copies[-1] = arms.size - first[-1]
    chosen = arms[first]
    ab = ab[:, first]
    mean = ab / (ab[0] + ab[1])
    return Contenders(ab, mean, logit[chosen], _height(ab, mean), end[chosen], copies, arms, start)


def _height(ab: Array, mean: Array) -> Array:
    """log of the density of y at logit μ: a log μ + b log(1-μ) - log B(a, b) without its cancelling part; shape (G,).

    With Stirling's remainder g(z) = log Γ(z) - (z - 1/2) log z + z - log(2π)/2 it is
    log(a b / (2π n)) / 2 - g(a) - g(b) + g(n), whose terms stay small when a and b are in the millions.
    """
    z = np.array((ab[0], ab[1], ab[0] + ab[1]))
    exact = gammaln(z) - (z - 0.5) * np.log(z) + z - 0.5 * math.log(2 * math.pi)
    r = 1.0 / z
    q = r * r
    g = np.where(z < 128.0, exact, r * (1 / 12 - q * (1 / 360 - q / 1260)))  # the next term is below 1e-17
    height: Array = 0.5 * np.log(ab[0] * mean[1] / (2 * math.pi)) - g[0] - g[1] + g[2]
    return height
