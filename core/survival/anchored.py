"""One model's differences between tasks at another model's level.

The calibrated hazard knows when a person is about to leave, from the rhythm of their work, but hardly which task would
make them; Table 1's models rank the tasks, but their level is off in a new class. Anchored chances take both:

    p_t' = σ(logit p_t + c),      c such that the mean of p_t' over the tasks is the level.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

_EDGE = 1e-9  # chances are kept this far from 0 and 1, where their logit ends
_STEPS = 60
_CLOSE = 1e-12


def anchored(stay: ArrayLike, level: float) -> NDArray[np.float64]:
    """p_t' (T,) for chances `stay` (T,) and a `level`, all in [0, 1]; no tasks give none.

    The mean is increasing in c, so c is found by Newton's method inside a bracket, halved where a step leaves it. The
    order of the tasks stays. Raises ValueError for numbers that are no probabilities.
    """
    p = np.asarray(stay, dtype=np.float64)
    if p.ndim != 1 or not ((p >= 0.0) & (p <= 1.0)).all():
        raise ValueError("Give the chance to stay of each task as one list, between 0 and 1.")
    if not 0.0 <= level <= 1.0:
        raise ValueError("The level that chances are anchored at lies between 0 and 1.")
    if not p.size:
        return p
    score, aim = logit(np.clip(p, _EDGE, 1.0 - _EDGE)), float(np.clip(level, _EDGE, 1.0 - _EDGE))
    low, high = float(logit(aim) - score.max()), float(logit(aim) - score.min())
    shift = 0.5 * (low + high)
    for _ in range(_STEPS):
        moved = expit(score + shift)
        miss = float(moved.mean()) - aim
        if abs(miss) <= _CLOSE * aim:
            break
        low, high = (low, shift) if miss > 0 else (shift, high)
        shift -= miss / float((moved * (1.0 - moved)).mean())
        if not low < shift < high:
            shift = 0.5 * (low + high)
    result: NDArray[np.float64] = expit(score + shift)
    return result
