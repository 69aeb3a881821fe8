"""The probability of being the best by two slow ways that share nothing with the product's."""

from __future__ import annotations

import mpmath
import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln

Array = NDArray[np.float64]

# (a, b, P): computed once with mpmath at 30 digits, in panels of half a standard deviation with 16 Gauss-Legendre nodes
# and every F(x) by a rule of its own from the panel's edge to x. The sums differed from 1 by less than 3e-17.
HARD = [
    ((2, 3), (3, 2), (0.24285714285714286, 0.75714285714285714)),
    ((0.05, 0.05), (0.05, 0.07), (0.55924592005234493, 0.44075407994765507)),
    ((1e6, 1e6), (1e6, 1.0005e6), (0.59868822711803037, 0.40131177288196963)),
    ((1e6, 2), (5e5, 1), (0.44444459259249383, 0.55555540740750617)),
    ((0.05, 1e6), (1e6, 0.05), (0.0, 1.0)),
    ((1, 1, 1e4), (1, 2, 5e3), (0.32098271615914403, 0.086424690589958833, 0.59259259325089714)),
    ((1e6, 0.05, 0.5), (0.05, 0.05, 0.05), (0.68544094854573436, 0.10405291961684552, 0.21050613183742012)),
    ((1e10, 1e10, 1), (1e9, 1.00001e9, 1), (0.53128672720976187, 0.37780535012568706, 0.090907922664551073)),
    (
        (3.3, 0.2, 50, 7.1),
        (1.2, 0.07, 20, 2.6),
        (0.16539377774950545, 0.66072754230708149, 0.055040769154961754, 0.11883791078845131),
    ),
    (
        (19, 1, 4.5, 12, 3),
        (1, 1, 2.5, 3, 0.5),
        (0.59013885280585416, 0.031059939621360745, 0.0083671711943392144, 0.029695660490711122, 0.34073837588773476),
    ),
    (
        (2e6, 1.0003e6, 30, 4, 0.3),
        (1e6, 5e5, 15, 2, 0.2),
        (0.045615645920023102, 0.057325661232687872, 0.14220948635958099, 0.25841532494670013, 0.49643388154100791),
    ),
]


def by_mpmath(a: tuple[float, ...], b: tuple[float, ...]) -> list[float]:
    """P_k with 30 digits: the trapezoidal rule in logit x, whose error falls exponentially for such functions."""
    with mpmath.workdps(30):
        arms = [(mpmath.mpf(x), mpmath.mpf(y)) for x, y in zip(a, b, strict=True)]
        step = min(mpmath.mpf(1) / 4, *(mpmath.sqrt(1 / x + 1 / y) / 5 for x, y in arms))
        low = min(mpmath.log(x / y) - 9 * mpmath.sqrt(1 / x + 1 / y) - 45 / x for x, y in arms)
        high = max(mpmath.log(x / y) + 9 * mpmath.sqrt(1 / x + 1 / y) + 45 / y for x, y in arms)
        best = [mpmath.mpf(0)] * len(arms)
        for i in range(int((high - low) / step)):
            odds = mpmath.exp(low + i * step)
            x, rest = odds / (1 + odds), 1 / (1 + odds)
            densities = [x**p * rest**q / mpmath.beta(p, q) for p, q in arms]
            if max(densities) < mpmath.mpf(10) ** -20:
                continue
            below = [
                mpmath.betainc(p, q, 0, x, regularized=True)
                if x < rest
                else 1 - mpmath.betainc(q, p, 0, rest, regularized=True)
                for p, q in arms
            ]
            for k, density in enumerate(densities):
                best[k] += step * density * mpmath.fprod(below[:k] + below[k + 1 :])
        return [float(value) for value in best]


def by_trapezoid(a: Array, b: Array, nodes: int, copies: Array | None = None) -> Array:
    """P_k by the trapezoidal rule in logit x with F from SciPy; `copies` (G,) says how many arms have a_k and b_k."""
    copies = np.ones(a.size) if copies is None else copies
    scale = np.sqrt(1 / a + 1 / b)
    high = (np.log(a / b) + 9 * scale + 40 / b).max()
    low = (np.log(a / b) - 9 * scale - 40 / a).max()
    y = np.linspace(low, high, nodes)
    log_x, log_rest = -np.logaddexp(0, -y), -np.logaddexp(0, y)
    x = np.exp(log_x)
    total, rows = np.zeros(nodes), []
    for p, q, n in zip(a, b, copies, strict=True):
        below = np.log(np.maximum(betainc(p, q, x), 1e-300))
        total += n * below
        rows.append(p * log_x + q * log_rest - betaln(p, q) - below)
    best: Array = np.exp(np.array(rows) + total).sum(axis=1) * (y[1] - y[0])
    return best
