"""How good a survival model's chances are: ranking, sharpness, and whether 80 % means 80 %.

Where 98 of 100 stay, "everybody stays" is right 98 times: raw accuracy says nothing. So: AUC, the Brier score against
the base rate's, calibration, and how much of it all the mere index gives. Arrays `stayed` (R,) of 0 and 1 and `chance`
(R,) in [0, 1] throughout; ValueError otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.survival.log import Floats

BINS = 10
DRAWS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Calibration points of B bins: mean chance, share that stayed, rows; each (B,), empty bins left out."""

    predicted: Floats
    observed: Floats
    rows: NDArray[np.int64]

    @property
    def error(self) -> float:
        """Expected calibration error Σ_b n_b |observed_b - predicted_b| / n."""
        return float(self.rows @ np.abs(self.observed - self.predicted) / self.rows.sum())


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What a model's chances are worth on R rows of P people."""

    rows: int
    people: int
    stayed: float  # share
    auc: float
    interval: tuple[float, float]  # 95 %, people drawn anew
    brier: float
    skill: float  # 1 - brier / brier of the base rate
    error: float  # calibration error, ten bins of equally many rows
    noise: float  # what a perfectly calibrated model's error would be on so many rows
    gain: float  # AUC above that of the index alone
    balanced: float


def accuracy(
    stayed: ArrayLike, chance: ArrayLike, person: ArrayLike, index_only: ArrayLike, rng: np.random.Generator
) -> Accuracy:
    """All of it. `index_only` (R,) are chances from a model that knows the index and nothing else."""
    label, value = _checked(stayed, chance)
    who = np.asarray(person)
    area = auc(label, value)
    return Accuracy(
        len(label),
        len(np.unique(who)),
        float(label.mean()),
        area,
        auc_interval(label, value, who, rng),
        brier(label, value),
        brier_skill(label, value),
        calibration(label, value).error,
        calibration_noise(value, rng),
        area - auc(label, index_only),
        balanced_accuracy(label, value),
    )


def auc(stayed: ArrayLike, chance: ArrayLike) -> float:
    """P(a stayer's chance > a leaver's) + ½ P(equal), over all pairs (Mann and Whitney); nan if all did the same."""
    label, value = _checked(stayed, chance)
    return _auc(*_ordered(label, value), np.ones(len(label)))


def auc_interval(
    stayed: ArrayLike,
    chance: ArrayLike,
    person: ArrayLike,
    rng: np.random.Generator,
    draws: int = DRAWS,
    coverage: float = 0.95,
) -> tuple[float, float]:
    """Percentile interval of the AUC over samples of people with replacement: rows of a person are not independent."""
    label, value = _checked(stayed, chance)
    _, who = np.unique(np.asarray(person), return_inverse=True)
    order, ends, label = _sorting(label, value)
    who = who[order]
    size = int(who.max()) + 1
    areas = [
        _auc(label, ends, np.bincount(rng.integers(0, size, size), minlength=size)[who].astype(np.float64))
        for _ in range(draws)
    ]
    tail = (1.0 - coverage) / 2.0
    low, high = np.nanquantile(areas, [tail, 1.0 - tail])
    return float(low), float(high)


def brier(stayed: ArrayLike, chance: ArrayLike) -> float:
    """Mean of (chance - stayed)²."""
    label, value = _checked(stayed, chance)
    return float(np.mean((value - label) ** 2))


def brier_skill(stayed: ArrayLike, chance: ArrayLike) -> float:
    """1 - Brier / (m(1-m)), m the share that stayed: 0 knows only the base rate; nan if all did the same."""
    label, value = _checked(stayed, chance)
    base = float(label.mean() * (1.0 - label.mean()))
    return 1.0 - brier(label, value) / base if base > 0.0 else float("nan")


def calibration(
    stayed: ArrayLike, chance: ArrayLike, bins: int = BINS, equal: Literal["rows", "width"] = "rows"
) -> Curve:
    """Calibration points in bins of equally many rows, or of equal width in [0, 1].

    Of equal width they are the Q-Q points of Kobren et al. (2015), section 4.4, Figure 3: "splitting the model output
    score into 10 buckets", mean score against the empirical probability of survival.
    """
    label, value = _checked(stayed, chance)
    if bins < 1:
        raise ValueError("There must be at least one bin.")
    if equal == "width":
        place = np.minimum((value * bins).astype(np.intp), bins - 1)
    else:
        place = np.empty(len(value), dtype=np.intp)
        place[np.argsort(value, kind="stable")] = np.arange(len(value)) * bins // max(len(value), 1)
    rows = np.bincount(place, minlength=bins)
    some = rows > 0
    sums = [np.bincount(place, column, minlength=bins)[some] / rows[some] for column in (value, label)]
    return Curve(sums[0], sums[1], rows[some])


def calibration_noise(chance: ArrayLike, rng: np.random.Generator, bins: int = BINS, draws: int = 50) -> float:
    """Mean calibration error if every chance were exactly right: labels drawn from them. Below it nothing shows."""
    value = np.asarray(chance, dtype=np.float64)
    return float(np.mean([calibration(rng.random(len(value)) < value, value, bins).error for _ in range(draws)]))


def balanced_accuracy(stayed: ArrayLike, chance: ArrayLike, threshold: float | None = None) -> float:
    """(share of stayers with chance >= threshold + share of leavers with chance below it) / 2.

    Kobren et al. (2015), Table 8: accuracy "with instance reweighting to account for the imbalanced training data". The
    threshold is by default the share that stayed, where a model fitted to reweighted rows has its ½.
    """
    label, value = _checked(stayed, chance)
    at = float(label.mean()) if threshold is None else threshold
    says = value >= at
    stays = label == 1.0
    if stays.all() or not stays.any():
        return float("nan")
    return float((says[stays].mean() + (~says[~stays]).mean()) / 2.0)


def _checked(stayed: ArrayLike, chance: ArrayLike) -> tuple[Floats, Floats]:
    label, value = np.asarray(stayed, dtype=np.float64), np.asarray(chance, dtype=np.float64)
    if label.shape != value.shape or label.ndim != 1 or not len(label):
        raise ValueError("There must be one chance for each label, and at least one.")
    if not ((label == 0.0) | (label == 1.0)).all():
        raise ValueError("Labels must be 0 (left) or 1 (stayed).")
    if not ((value >= 0.0) & (value <= 1.0)).all():
        raise ValueError("Chances must lie between 0 and 1.")
    return label, value


def _sorting(label: Floats, value: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """The order of the chances, where each run of equal ones ends, and the labels in that order."""
    order = np.argsort(value, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(value[order]) > 0, True))
    return order, ends, label[order]


def _ordered(label: Floats, value: Floats) -> tuple[Floats, NDArray[np.intp]]:
    _, ends, sorted_label = _sorting(label, value)
    return sorted_label, ends


def _auc(label: Floats, ends: NDArray[np.intp], weight: Floats) -> float:
    """AUC of rows in the order of their chances, each counted `weight` times."""
    stays = np.diff(np.cumsum(label * weight)[ends], prepend=0.0)
    leaves = np.diff(np.cumsum((1.0 - label) * weight)[ends], prepend=0.0)
    below = np.cumsum(leaves) - leaves
    pairs = stays.sum() * leaves.sum()
    return float(stays @ (below + leaves / 2.0) / pairs) if pairs > 0 else float("nan")
