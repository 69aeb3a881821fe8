"""The survival models that policies ask: learnt from a log of simulated volunteers, as the paper learns from Quizz's.

The log is that of the baseline TA in rounds of ten, of about 16,824 tasks shown (section 3.1), by a crowd and on
questions other than those that the policies are then tried on.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.survival.features import Tasks
from core.survival.fitted_q import DISCOUNT, FittedQ
from core.survival.goals import survival_by_index
from core.survival.log import Log
from core.survival.logistic import Logistic
from core.survival.paper import Sequential, fit_fq, fit_la, fit_lm, fit_ls
from core.survival.person import Person
from core.survival.serving import Prepared, chances, prepared, scores
from core.survival.worth import answers_ahead

Array = NDArray[np.float64]
Model = Logistic | Sequential | FittedQ


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """Fitted models by the paper's names (and H, ours); the survival rates by index, and the answers ahead."""

    by_name: dict[str, Model]
    survival: Array
    ahead: Array


def learn(log: Log) -> Models:
    """Fit LA, LM, LS and FQ as in the paper; H is LA until something better calibrated is given."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # LM warns of itself; here it stands for the paper's row
        middle = fit_lm(log)
    everybody = fit_la(log)
    by_name: dict[str, Model] = {"LA": everybody, "LM": middle, "LS": fit_ls(log), "FQ": fit_fq(log), "H": everybody}
    rates = survival_by_index(log.index - 1, log.stayed)
    return Models(by_name, rates, answers_ahead(rates))


class Guess:
    """A model's predictions for one world's tasks, with the tasks' facts as they were when last looked up."""

    def __init__(self, model: Model, tasks: Tasks) -> None:
        self._model, self._tasks = model, tasks
        self._ready: dict[int, Prepared] = {}

    def stay(self, person: Person, remaining: int) -> Array:
        """Chances to stay, (T,); for fitted Q its predictions."""
        index = min(person.done + 1, len(self._model.models)) if isinstance(self._model, Sequential) else 1
        if index not in self._ready:
            linear = self._model.at(index) if isinstance(self._model, Sequential) else self._model
            self._ready[index] = prepared(linear, self._tasks)
        ready = self._ready[index]
        return (
            scores(ready, person, remaining) if isinstance(self._model, FittedQ) else chances(ready, person, remaining)
        )


def likely(model: Model, stay: float) -> float:
    """A prediction as a goal rule reads it: fitted Q's, a discounted number of answers, as their average (1-γ) Q."""
    value = stay * (1.0 - DISCOUNT) if isinstance(model, FittedQ) else stay
    return min(max(value, 0.0), 1.0)
