"""In which order to show questions that people ask and vote up.

A question that was asked early has been seen often and has many votes; that says when it was asked. So votes are set
beside the people who had the question on their page, age tells against a question, and what is not sure yet gets the
benefit of the doubt:

    score = Q_.9[Beta(a_0 + u, b_0 + e - u)] · 2^(-age / H) · (1 + β if unanswered),

with u the people who voted for the question and e those who have seen it, or, where it is not kept who saw what, those
who have voted for this or for a younger question (`seen_at_least`): they have been here since. Beta(a_0, b_0) is fitted
to the questions themselves (`arms.fitted_prior`). The upper quantile, unlike a lower bound such as Wilson's, which is
common for comments, puts a question that few have seen above one of the same rate that many have: it is shown, and
found out about. The half-life H is 1.5 times the median age of the questions (`half_life`): an hour's lecture and a
term's course each forget at their own pace, and where nothing new is asked, age soon tells no more.

How well this order finds what people want to know is measured in `simulated_walls` and told in README.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

from core.selection.arms import Stats, fitted_prior

Array = NDArray[np.float64]

QUANTILE = 0.9
WARY = 0.5  # the quantile where `seen_at_least` counts who saw a question, which for young ones is too few
PACE = 1.5  # H, in median ages
BOOST = 0.25  # β, by which an unanswered question's score is raised
SHORTEST_HALF_LIFE = 1.0 / 1440.0  # a minute, in days
_ROUNDING = 1e-9


def question_scores(
    votes: ArrayLike,
    seen: ArrayLike,
    ages: ArrayLike,
    unanswered: ArrayLike,
    half_life: float,
    quantile: float = QUANTILE,
) -> Array:
    """The score of each question, (Q,), by the formula above; the highest is shown first.

    `votes` u and `seen` e, with 0 <= u <= e; `ages` since each was asked, in the unit of `half_life`; `unanswered`,
    booleans; each (Q,). Raises ValueError for lists of different lengths or numbers out of range.
    """
    up, shown = np.asarray(votes, dtype=np.float64), np.asarray(seen, dtype=np.float64)
    age, waiting = np.asarray(ages, dtype=np.float64), np.asarray(unanswered, dtype=np.bool_)
    if not up.shape == shown.shape == age.shape == waiting.shape == (up.size,):
        raise ValueError("Votes, showings, ages and what is unanswered must be lists of the same questions.")
    if not ((up >= 0.0) & (up <= shown + _ROUNDING) & np.isfinite(shown)).all():
        raise ValueError("A question cannot have fewer than no votes, nor more votes than it was seen.")
    a, b = fitted_prior(Stats(shown, up, up), np.ones(1))
    likely: Array = betaincinv(a + up, b + np.maximum(shown - up, 0.0), quantile)
    score: Array = likely * _fading(age, half_life) * np.where(waiting, 1.0 + BOOST, 1.0)
    return score


def half_life(ages: ArrayLike, shortest: float = SHORTEST_HALF_LIFE) -> float:
    """H of questions of these ages, (Q,): 1.5 times their median, but not below `shortest`. In the unit of the ages:
    days, unless another `shortest` is given.
    """
    age = np.asarray(ages, dtype=np.float64)
    return max(PACE * float(np.median(age)), shortest) if age.size else shortest


def seen_at_least(newest: ArrayLike, questions: ArrayLike) -> Array:
    """How many people have been here since each question was asked, (Q,): they voted for it or a younger one.

    `newest` (P,): of each person who voted, the newest question that they voted for; `questions` (Q,). Both
    are numbers that grow as questions are asked.
    """
    voted = np.sort(np.asarray(newest, dtype=np.int64))
    since: Array = voted.size - np.searchsorted(voted, np.asarray(questions, dtype=np.int64)).astype(np.float64)
    return since


def ranked(scores: ArrayLike, ages: ArrayLike) -> NDArray[np.intp]:
    """Questions by falling score, (Q,) indices; of equal ones the younger first, then in the order given."""
    return np.lexsort((np.asarray(ages, dtype=np.float64), -np.asarray(scores, dtype=np.float64)))


def _fading(ages: Array, half_life: float) -> Array:
    if not half_life > 0.0:
        raise ValueError(f"A half-life must be positive, not {half_life}.")
    if not (ages >= 0.0).all():
        raise ValueError("An age cannot be negative.")
    faded: Array = np.exp2(-ages / half_life)
    return faded
