"""What a class believes of each item on one measure, and how sure it is: ratings without their raters' habits.

Person u rates item i as x_ui in 0..1 (`scales.Scale.measures`). People differ in leniency b, in how much of the scale
they use s, and in how noisy they are v:

    x_ui = μ + b_u + s_u θ_i + e_ui,    e_ui ~ N(0, v_u)
    θ_i ~ N(0, τ²),    b_u ~ N(0, β²),    s_u ~ N(1, κ²) and s_u >= 0,    v_u ~ scaled inverse χ²(ν, v_0)

The belief about item i is μ + θ_i: what an average rater would say of it. It is found by mean-field steps (Bishop
2006, section 10.1), each in closed form, until nothing moves; μ, τ², β² and v_0 are learnt from all ratings. With w_ui
what a rating counts,

    1 / V_i = 1/τ² + Σ_u w (s_u² + Var s_u) / v_u,      θ_i = V_i Σ_u w s_u (x_ui - μ - b_u) / v_u

so few ratings are drawn to the class's mean (shrinkage), and a rater counts as s_u² / v_u: whoever clicks at random or
gives everything the same stars has little of it. Mean-field forgets that b_u is uncertain too and moves all of u's
items together, so Var θ_i = V_i + Σ_u (w s_u V_i / v_u)² Var b_u, with Var b_u where θ is not known; the same for b.
Without this, τ² and the intervals come out too small.

Disputed     Q_i = Σ_u w r_ui² / (v_u + s_u² V_i) against χ² with (ratings - 1) degrees: how likely raters as noisy as
             these are to be so far apart. Items are pointed out where the false ones are expected to be at most
             FALSE_SHARE of them (Benjamini and Hochberg 1995). They go to a person: often the best to talk about.
Not          mean or median, which over-rate: both fail where raters differ (Darvishi et al., IEEE TLT 2023).
Rings        Nothing in the ratings gives away five people of a hundred who raise each other's items (`rings` does not
             find them: they share too few items). What holds them down is that nobody chooses what they rate
             (`sharing`): rate here what was drawn, and not what was picked. Figures: README.
Source       Bias and reliability of raters are PG1 of Piech et al. (EDM 2013), there by Gibbs sampling; s is ours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtri

from core.crowd.answers import Indices, collect, tally

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

FALSE_SHARE = 0.1
FEWEST_RATINGS = 4  # of an item, before its raters are said to disagree
_SPREAD = 0.35  # κ
_STRENGTH = 10.0  # ν: with 4 the intervals were too narrow by a tenth
_LEAST_NOISE = 0.05**2  # of v_u: nobody is more exact than a fifth of a star
_START, _PRIOR = 0.04, 2.0  # variances are taken to be .2² until the data speak, as two raters or items would say it
_STEPS, _TOLERANCE = 200, 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """A ratings: person `person[a]` rated item `item[a]` as `value[a]` in 0..1, which counts as `weight[a]` ratings.

    Made by `rated`, which checks them.
    """

    item: Indices
    person: Indices
    value: Array
    weight: Array
    items: int
    people: int

    def of_items(self, values: Array) -> Array:
        """Σ of weighted values over the ratings of each item, (I,)."""
        return tally(self.item, self.weight * values, self.items)

    def of_people(self, values: Array) -> Array:
        """Σ of weighted values over the ratings of each person, (U,)."""
        return tally(self.person, self.weight * values, self.people)


@dataclass(frozen=True, slots=True, eq=False)
class Beliefs:
    """`mean` (I,): μ + θ_i. `error` (I,): its standard error. `given` (I,): ratings of each item that count.

    `leniency`, `spread`, `noise` (U,): b_u, s_u and √v_u. `level`: μ. `between`: τ. `surprise` (I,): the chance that
    such raters are so far apart, NaN for items with fewer than FEWEST_RATINGS ratings. `settled`: it stopped moving.
    """

    mean: Array
    error: Array
    given: Indices
    leniency: Array
    spread: Array
    noise: Array
    level: float
    between: float
    surprise: Array
    settled: bool

    def interval(self, coverage: float = 0.9) -> tuple[Array, Array]:
        """Central interval of the belief, two arrays (I,), cut at 0 and 1."""
        half = float(ndtri(0.5 + coverage / 2.0)) * self.error
        return np.clip(self.mean - half, 0.0, 1.0), np.clip(self.mean + half, 0.0, 1.0)

    def disputed(self, false_share: float = FALSE_SHARE) -> Flags:
        """The items (I,) about which raters disagree more than raters here do (module docstring)."""
        order = self.surprise.argsort(kind="stable")  # NaN last
        order = order[: np.isfinite(self.surprise).sum()]
        within = self.surprise[order] <= false_share * np.arange(1, order.size + 1) / max(order.size, 1)
        flags = np.zeros(self.surprise.size, dtype=np.bool_)
        flags[order[: int(within.nonzero()[0].max(initial=-1)) + 1]] = True
        return flags


def rated(
    item: ArrayLike,
    person: ArrayLike,
    value: ArrayLike,
    items: int | None = None,
    people: int | None = None,
    weight: ArrayLike = 1.0,
) -> Ratings:
    """Checked `Ratings`; a size that is not given is one more than the largest number.

    Raises ValueError for lists of unequal length, numbers out of range, values off 0..1 or weights that are negative.
    """
    values = np.asarray(value, dtype=np.float64)
    checked = collect(item, person, np.zeros(np.shape(item), dtype=np.intp), items, people, 2, weight)
    if values.shape != checked.item.shape or not ((values >= 0.0) & (values <= 1.0)).all():
        raise ValueError("Give one value between 0 and 1 for each rating.")
    return Ratings(checked.item, checked.person, values, checked.weight, checked.items, checked.people)


def beliefs(ratings: Ratings) -> Beliefs:
    """Fit the model of the module docstring, O(A) a step. Without any rating all items are at the scale's middle."""
    state = _start(ratings)
    settled = ratings.weight.sum() == 0
    for _ in range(0 if settled else _STEPS):
        later = _step(ratings, state)
        settled = bool(np.abs(later.theta - state.theta).max(initial=0.0) < _TOLERANCE)
        state = later
        if settled:
            break
    given = np.bincount(ratings.item[ratings.weight > 0], minlength=ratings.items)
    return Beliefs(
        state.level + state.theta,
        np.sqrt(_theta_variance(ratings, state)),
        given,
        state.leniency,
        state.spread,
        np.sqrt(state.noise),
        state.level,
        float(np.sqrt(state.between)),
        _surprise(ratings, state, given),
        bool(settled),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """θ and V (I,), b and its variance given θ, s, v (U,), and what all have in common: v_0, μ, τ², β²."""

    theta: Array
    given_raters: Array
    leniency: Array
    given_items: Array
    spread: Array
    noise: Array
    usual_noise: float
    level: float
    between: float
    lenient: float


def _start(ratings: Ratings) -> _State:
    some = ratings.weight.sum() > 0
    level = float(np.average(ratings.value, weights=ratings.weight)) if some else 0.5
    item, person = np.zeros(ratings.items), np.zeros(ratings.people)
    common = (_START, level, _START, _START)
    return _State(item, item + _START, person, person + _START, person + 1.0, person + _START, *common)


def _step(ratings: Ratings, state: _State) -> _State:
    """One turn: θ given the raters, then b, s and v given θ, then what all of them have in common."""
    item, person = ratings.item, ratings.person
    exact = 1.0 / state.noise[person]
    value = ratings.value - state.level

    slope = state.spread[person]
    given_raters = 1.0 / (1.0 / state.between + ratings.of_items(exact * slope**2))
    theta = given_raters * ratings.of_items(exact * slope * (value - state.leniency[person]))

    mean, square = theta[item], theta[item] ** 2 + given_raters[item]
    given_items = 1.0 / (1.0 / state.lenient + ratings.of_people(exact))
    leniency = given_items * ratings.of_people(exact * (value - slope * mean))
    spread_variance = 1.0 / (1.0 / _SPREAD**2 + ratings.of_people(exact * square))
    pulled = ratings.of_people(exact * mean * (value - leniency[person]))
    spread = np.maximum(spread_variance * (1.0 / _SPREAD**2 + pulled), 0.0)

    slope = spread[person]
    left = value - leniency[person] - slope * mean
    expected = left**2 + given_items[person] + slope**2 * given_raters[item] + spread_variance[person] * square
    given = ratings.of_people(np.ones(item.size))
    noise = (_STRENGTH * state.usual_noise + ratings.of_people(expected)) / (_STRENGTH + given)
    noise = np.maximum(noise, _LEAST_NOISE)
    rates, seen = given > 0, ratings.of_items(np.ones(item.size)) > 0
    usual = float((_PRIOR + rates.sum()) / (_PRIOR / _START + (1.0 / noise[rates]).sum()))
    level = state.level + float(np.average(left, weights=ratings.weight * exact))
    later = _State(
        theta, given_raters, leniency, given_items, spread, noise, usual, level, state.between, state.lenient
    )
    between = _common(theta[seen], _theta_variance(ratings, later)[seen])
    lenient = _common(leniency[rates], _leniency_variance(ratings, later)[rates])
    return replace(later, between=between, lenient=lenient)


def _common(mean: Array, variance: Array) -> float:
    """τ² or β²: the mean square of the effects, with _PRIOR effects of the usual size."""
    return float((_PRIOR * _START + (mean**2 + variance).sum()) / (_PRIOR + mean.size))


def _theta_variance(ratings: Ratings, state: _State) -> Array:
    """Var θ_i, (I,), with what is not known of the raters' leniency."""
    slope, noise = state.spread[ratings.person], state.noise[ratings.person]
    alone = ratings.of_people(1.0 / (noise + slope**2 * state.given_raters[ratings.item]))
    leniency = 1.0 / (1.0 / state.lenient + alone)
    pull = slope * state.given_raters[ratings.item] / noise
    return state.given_raters + ratings.of_items(ratings.weight * pull**2 * leniency[ratings.person])


def _leniency_variance(ratings: Ratings, state: _State) -> Array:
    """Var b_u, (U,), with what is not known of the items."""
    slope, noise = state.spread[ratings.person], state.noise[ratings.person]
    alone = ratings.of_items(slope**2 / (noise + state.given_items[ratings.person]))
    theta = 1.0 / (1.0 / state.between + alone)
    pull = slope * state.given_items[ratings.person] / noise
    return state.given_items + ratings.of_people(ratings.weight * pull**2 * theta[ratings.item])


def _surprise(ratings: Ratings, state: _State, given: Indices) -> Array:
    """P(χ² >= Q_i), (I,)."""
    slope = state.spread[ratings.person]
    left = ratings.value - state.level - state.leniency[ratings.person] - slope * state.theta[ratings.item]
    apart = ratings.of_items(left**2 / (state.noise[ratings.person] + slope**2 * state.given_raters[ratings.item]))
    chance: Array = np.where(given >= FEWEST_RATINGS, chdtrc(np.maximum(given - 1.0, 1.0), apart), np.nan)
    return chance
