"""Cross-validation grouped by person, and nested: what a model is worth on people it has never seen.

Rows of a person are alike: were some of them in the training part and some in the test part, a model would be praised
for recognising the person. So folds are folds of people. And whoever chooses a setting by the same folds that judge it,
praises luck: `nested` chooses in an inner cross-validation of each outer training part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.survival.hazard import Sample
from core.survival.log import Floats

S = TypeVar("S")
Said = Callable[[int, int], None]


class Model(Protocol):
    """What cross-validation needs of a model."""

    def chances(self, sample: Sample, /) -> Floats: ...


@dataclass(frozen=True, slots=True, eq=False)
class Validated(Generic[S]):
    """Chances of all rows (R,) from models that never saw the row's person; the setting chosen in each outer fold."""

    chances: Floats
    chosen: tuple[S, ...]


def folds(person: ArrayLike, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """The fold 0 to count - 1 of each row, (R,): people dealt out at random, as evenly as they go."""
    people, place = np.unique(np.asarray(person), return_inverse=True)
    if not 2 <= count <= len(people):
        raise ValueError(f"{len(people)} people cannot be dealt into {count} folds; take 2 to {len(people)}.")
    dealt: NDArray[np.intp] = (rng.permutation(len(people)) % count)[place]
    return dealt


def crossed(rows: Sample, fit: Callable[[Sample], Model], fold: NDArray[np.intp]) -> Floats:
    """Chances of all rows from models fitted to the other folds, (R,)."""
    values = np.empty(len(rows))
    for one in np.unique(fold):
        apart = fold == one
        values[apart] = fit(rows.rows(~apart)).chances(rows.rows(apart))
    return values


def log_loss(stayed: ArrayLike, chance: ArrayLike) -> float:
    """Mean of -log of the chance that was given to what happened; chances are kept 10⁻⁹ away from 0 and 1."""
    value = np.clip(np.asarray(chance, dtype=np.float64), 1e-9, 1.0 - 1e-9)
    return float(-np.mean(np.log(np.where(np.asarray(stayed, dtype=np.bool_), value, 1.0 - value))))


def choose(
    rows: Sample, fit: Callable[[Sample, S], Model], settings: Sequence[S], fold: NDArray[np.intp]
) -> tuple[S, list[float]]:
    """The setting with the least cross-validated log loss (the first of equal ones), and the losses of all."""
    if not settings:
        raise ValueError("There must be a setting to choose.")
    losses = [log_loss(rows.stayed, crossed(rows, partial(_with, fit, setting), fold)) for setting in settings]
    return settings[int(np.argmin(losses))], losses


def nested(
    rows: Sample,
    fit: Callable[[Sample, S], Model],
    settings: Sequence[S],
    rng: np.random.Generator,
    *,
    outer: int = 5,
    inner: int = 3,
    people: int = 1_000,
    said: Said | None = None,
) -> Validated[S]:
    """In each outer fold: choose on the rest by inner folds, fit to the rest, predict the fold.

    The choice is made on at most `people` people of the rest, drawn at random: it needs fewer than the fit.
    """
    fold = folds(rows.person, outer, rng)
    values, chosen = np.empty(len(rows)), []
    for one in range(outer):
        apart = fold == one
        rest = rows.rows(~apart)
        some = rest.rows(np.isin(rest.person, rng.permutation(np.unique(rest.person))[:people]))
        setting, _ = choose(some, fit, settings, folds(some.person, inner, rng))
        values[apart] = fit(rest, setting).chances(rows.rows(apart))
        chosen.append(setting)
        if said is not None:
            said(one + 1, outer)
    return Validated(values, tuple(chosen))


def _with(fit: Callable[[Sample, S], Model], setting: S, rows: Sample) -> Model:
    return fit(rows, setting)
