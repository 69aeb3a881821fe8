"""Does the model still fit? An alarm for calibration in the large that watches row after row.

If all log-odds of staying were higher by δ than the model says, a row with chance p and label y would speak for that
with

    λ_δ = y δ - log(1 + p (e^δ - 1)),

its log-likelihood ratio, in which e^λ has mean 1 as long as the model is right, whatever came before: rows of one
person may be alike. Rows of a person count as one step. Two sums, for δ = +SHIFT and δ = -SHIFT (CUSUM, Page 1954),

    sum = max(0, sum) + Σ λ of the person's rows,

rise when more people stay, or leave, than was said, and ring at a threshold h.

False alarms   From each of N people on, the product of e^λ is a nonnegative martingale with mean 1, so it ever reaches
               e^h with probability <= e^-h (Ville). Both sums together ring among N people with at most 2N e^-h:
               `threshold` solves that for h. The bound is loose: the tests measure well under it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.survival.log import Floats

SHIFT = 0.5  # δ, in log-odds: a leaving rate of 2 % that becomes 3.3 % or 1.2 %
FALSE_ALARMS = 0.05


@dataclass(frozen=True, slots=True)
class Drift:
    """State of the alarm: both sums, the people seen, and at whom (0: not yet) it first rang, for more or fewer
    leaving."""

    more_stay: float = 0.0
    more_leave: float = 0.0
    people: int = 0
    rang: int = 0

    @property
    def alarm(self) -> bool:
        """Whether the model should be fitted again."""
        return self.rang > 0


def threshold(people: int, false_alarms: float = FALSE_ALARMS) -> float:
    """h = ln(2N/α): among N people who are as the model says, the alarm rings with probability α at most."""
    if people < 1 or not 0.0 < false_alarms < 1.0:
        raise ValueError("A threshold needs at least one person, and a chance of false alarms between 0 and 1.")
    return math.log(2.0 * people / false_alarms)


def watched(drift: Drift, stayed: ArrayLike, chance: ArrayLike, person: ArrayLike, limit: float) -> Drift:
    """The alarm after further rows, in the order of time by person; `limit` from `threshold`.

    stayed (R,) 0/1, chance (R,) in (0, 1), person (R,). Each person's rows count as one step, in the order in which
    people first appear. Once it rang it stays so: begin anew with Drift() after a refit.
    """
    up, down, people, rang = drift.more_stay, drift.more_leave, drift.people, drift.rang
    for more, less in _steps(stayed, chance, person):
        up, down, people = max(0.0, up) + more, max(0.0, down) + less, people + 1
        if not rang and max(up, down) >= limit:
            rang = people
    return Drift(up, down, people, rang)


def calibration_z(stayed: ArrayLike, chance: ArrayLike) -> float:
    """z = Σ(y - p) / √Σ p(1-p): is the mean chance right? N(0, 1) for independent rows of a right model."""
    label, value = _checked(stayed, chance)
    return float((label - value).sum() / math.sqrt((value * (1.0 - value)).sum()))


def _steps(stayed: ArrayLike, chance: ArrayLike, person: ArrayLike) -> Floats:
    """Log-likelihood ratio of each person's rows for log-odds higher and lower by δ, (P, 2)."""
    label, value = _checked(stayed, chance)
    _, first, who = np.unique(np.asarray(person), return_index=True, return_inverse=True)
    steps = np.empty((len(first), 2))
    for side, shift in enumerate((SHIFT, -SHIFT)):
        each = label * shift - np.log1p(value * math.expm1(shift))
        steps[:, side] = np.bincount(who, each, minlength=len(first))
    return steps[np.argsort(first, kind="stable")]


def _checked(stayed: ArrayLike, chance: ArrayLike) -> tuple[Floats, Floats]:
    label, value = np.asarray(stayed, dtype=np.float64), np.asarray(chance, dtype=np.float64)
    if label.shape != value.shape or label.ndim != 1 or not len(label):
        raise ValueError("There must be one chance for each label, and at least one.")
    if not ((value > 0.0) & (value < 1.0)).all():
        raise ValueError("Chances must lie between 0 and 1, and be neither.")
    return label, value
