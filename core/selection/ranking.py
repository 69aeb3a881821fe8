"""In which order to show questions that people ask and vote up.

A question that was asked early has been seen often and has many votes; that says when it was asked. So votes are set
beside the times that a question was seen, both fade, and what is not sure yet gets the benefit of the doubt:

    score = Q_.8[Beta(a_0 + u', b_0 + e' - u')] · 2^(-age / H) · (1 + β if unanswered),

with u' = Σ 2^(-age_i / H) the question's up-votes and e' = Σ 2^(-age_i / H) the times it was seen (or, where nobody
counts these, the votes it would have had in e' showings), each faded by its own age with half-life H. Beta(a_0, b_0) is
fitted to the questions themselves (`arms.fitted_prior`). The upper quantile, unlike a lower bound such as Wilson's,
which is common for comments, puts a question that few have seen above one of the same rate that many have: it is shown,
and found out about. With half-life H an old question keeps its place only while it is still voted for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

from core.selection.arms import Stats, fitted_prior

Array = NDArray[np.float64]

QUANTILE = 0.8
BOOST = 0.25  # β, by which an unanswered question's score is raised
_ROUNDING = 1e-9


def faded(question: ArrayLike, ages: ArrayLike, half_life: float, size: int) -> Array:
    """Σ 2^(-age / H) of each of `size` questions' events, (size,): votes or showings.

    `question` (E,) indices, `ages` (E,) since each event, in the unit of `half_life`. Raises ValueError for a negative
    age, a half-life that is not positive, or a question that there is not.
    """
    index, age = np.asarray(question, dtype=np.intp), np.asarray(ages, dtype=np.float64)
    if index.shape != age.shape or index.ndim != 1:
        raise ValueError("Questions and ages must be lists of one length.")
    if index.size and not 0 <= index.min() <= index.max() < size:
        raise ValueError(f"There are {size} questions; events of {index.min()} to {index.max()} were given.")
    return np.bincount(index, _fading(age, half_life), minlength=size).astype(np.float64)


def question_scores(
    votes: ArrayLike, seen: ArrayLike, ages: ArrayLike, unanswered: ArrayLike, half_life: float
) -> Array:
    """The score of each question, (Q,), by the formula above; the highest is shown first.

    `votes` u' and `seen` e', faded alike, with 0 <= u' <= e'; `ages` since each was asked; `unanswered`, booleans; each
    (Q,). Raises ValueError for lists of different lengths or numbers out of range.
    """
    up, shown = np.asarray(votes, dtype=np.float64), np.asarray(seen, dtype=np.float64)
    age, waiting = np.asarray(ages, dtype=np.float64), np.asarray(unanswered, dtype=np.bool_)
    if not up.shape == shown.shape == age.shape == waiting.shape == (up.size,):
        raise ValueError("Votes, showings, ages and what is unanswered must be lists of the same questions.")
    if not ((up >= 0.0) & (up <= shown + _ROUNDING) & np.isfinite(shown)).all():
        raise ValueError("A question cannot have fewer than no votes, nor more votes than it was seen.")
    a, b = fitted_prior(Stats(shown, up, up), np.ones(1))
    likely: Array = betaincinv(a + up, b + np.maximum(shown - up, 0.0), QUANTILE)
    score: Array = likely * _fading(age, half_life) * np.where(waiting, 1.0 + BOOST, 1.0)
    return score


def ranked(scores: ArrayLike, ages: ArrayLike) -> NDArray[np.intp]:
    """Questions by falling score, (Q,) indices; of equal ones the younger first, then in the order given."""
    return np.lexsort((np.asarray(ages, dtype=np.float64), -np.asarray(scores, dtype=np.float64)))


def _fading(ages: Array, half_life: float) -> Array:
    if not half_life > 0.0:
        raise ValueError(f"A half-life must be positive, not {half_life}.")
    if not (ages >= 0.0).all():
        raise ValueError("An age cannot be negative.")
    faded_: Array = np.exp2(-ages / half_life)
    return faded_
