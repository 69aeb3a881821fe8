"""The paper's four survival models, from a log (Kobren et al. 2015, sections 2.1 and 2.2).

LA   logistic, all rows.
LM   logistic, people with three to ten tasks. This selects on what is to be predicted: whoever is going to do an
     eleventh task is not in it, so on everybody it can rank worse than chance. It is the paper's row, and warns.
LS   one logistic model per index (first task, second, ...). The paper fits each alone. Here each is pulled towards LA,
     so that an index with few rows falls back to it (`pooling=0`: the paper's); the tenth and all later ones share
     the last.
FQ   fitted Q (`fitted_q`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.survival import bulk, fitted_q
from core.survival.features import FEATURES
from core.survival.fitted_q import FittedQ
from core.survival.log import Flags, Floats, Ints, Log, Outcome
from core.survival.logistic import Logistic, Prior, Said, fit, fit_stream
from core.survival.records import history

INDICES = 10
POOLING = 1.0
FEWEST, MOST = 3, 10  # tasks of those whom LM is fitted to


@dataclass(frozen=True, slots=True, eq=False)
class Sequential:
    """LS: the models for index 1, 2, ..., the last for all that follow; and LA, towards which they were pulled."""

    models: tuple[Logistic, ...]
    pooled: Logistic

    def at(self, index: int) -> Logistic:
        """The model for one index, from 1."""
        if index < 1:
            raise ValueError("An index counts from 1.")
        return self.models[min(index, len(self.models)) - 1]

    def chances(self, x: Floats, index: Ints) -> Floats:
        """Chance to stay of rows x (R, F) at their indices (R,)."""
        place = np.minimum(index, len(self.models)) - 1
        result = np.empty(len(x))
        for one, model in enumerate(self.models):
            result[place == one] = model.chances(x[place == one])
        return result


def fit_la(log: Log, strength: float = 1.0, *, errors: bool = False, say: Said | None = None) -> Logistic:
    """LA: all rows, ridge `strength`; streaming, so that the matrix of features is never whole in memory."""
    known = history(log)
    prior = Prior.ridge(len(FEATURES), strength)
    return fit_stream(lambda: bulk.chunks(log, known=known), prior, errors=errors, say=say)


def fit_lm(log: Log, strength: float = 1.0) -> Logistic:
    """LM: people who did three to ten tasks. Warns (UserWarning): it is selected on the outcome."""
    chosen = middle(log)
    warnings.warn(
        "LM is fitted to people who did three to ten tasks. Who did more is what is to be predicted, so its chances "
        "are wrong for everybody else: use it to compare with the paper only.",
        stacklevel=2,
    )
    return fit(bulk.matrix(log, history(log))[chosen], log.stayed[chosen], Prior.ridge(len(FEATURES), strength))


def fit_ls(log: Log, strength: float = 1.0, pooling: float = POOLING) -> Sequential:
    """LS: a model for each of ten indices, pulled towards LA with precision `pooling` (0: alone, ridge `strength`)."""
    return sequential(bulk.matrix(log), log.stayed, log.index, strength, pooling)


def fit_fq(log: Log, discount: float = fitted_q.DISCOUNT, ridge: float = 1.0) -> FittedQ:
    """FQ in closed form; streaming. Who is still there when the log ends is left out."""
    known = history(log)

    def chunks() -> Iterable[fitted_q.Chunk]:
        for part in bulk.pieces(log):
            some = log.rows(part)
            yield bulk.matrix(some, known[part]), some.stayed, fitted_q.following(some)[1]

    return fitted_q.fit_stream(chunks, discount, ridge)


def sequential(
    x: Floats, stayed: Flags, index: Ints, strength: float = 1.0, pooling: float = POOLING, indices: int = INDICES
) -> Sequential:
    """LS from a matrix: x (R, F), stayed (R,), index (R,) from 1."""
    pooled = fit(x, stayed, Prior.ridge(x.shape[1], strength))
    prior = Prior.towards(pooled, pooling) if pooling > 0.0 else Prior.ridge(x.shape[1], strength)
    models = []
    for one in range(1, indices + 1):
        rows = index == one if one < indices else index >= one
        labels = stayed[rows]
        alone = pooling > 0.0 or (labels.any() and not labels.all())
        models.append(fit(x[rows], labels, prior, start=pooled) if len(labels) and alone else pooled)
    return Sequential(tuple(models), pooled)


def middle(log: Log) -> Flags:
    """Rows of people who answered or skipped three to ten tasks in all, (R,)."""
    _, person = np.unique(log.person, return_inverse=True)
    done = np.bincount(person, log.outcome != Outcome.LEFT)
    chosen: Flags = ((done >= FEWEST) & (done <= MOST))[person]
    return chosen
