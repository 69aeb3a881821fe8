"""Simulated classes: what a way of choosing costs the learners, before any learner meets it.

Learners come one after the other. Each is shown one text of the pool, rates it, and perhaps adds a text. The cost is
the regret: how much better the best text then in the pool would have been on average, in points of a 0-10 rating.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.selection.arms import Belief, Pool, Stats, believe
from core.selection.exploration import explored

Array = NDArray[np.float64]


Exploration = Callable[[Array, Array, Array, Array], tuple[Array, Array]]  # as `exploration.explored`


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of class. Texts' true means are Beta(*quality); ratings have the SD `noise` (of 1) around them."""

    learners: int
    most_arms: int
    first_arms: int = 3
    joins: float = 0.25  # chance that a learner adds a text, while the pool has fewer than `most_arms`
    quality: tuple[float, float] = (6.0, 4.0)
    noise: float = 0.26
    delay: int = 0  # a rating is known when so many more learners have been shown something
    silent: float = 0.0  # chance that a learner does not rate


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """After the last learner: regret per learner in points, (R,); ratings, true means and presence of arms, (R, K).

    The ratings are those known by then.
    """

    regret: Array
    ratings: Stats
    means: Array
    present: NDArray[np.bool_]


def widened(temperature: float) -> Exploration:
    """Comparing beliefs that are `temperature` times as wide and otherwise as they are held."""
    return lambda a, b, ratings, per_arm: explored(a, b, ratings, per_arm, temperature)


def simulate(
    setting: Setting,
    classes: int,
    rng: np.random.Generator,
    *,
    belief: Callable[[Pool], Belief] = believe,
    exploration: Exploration = explored,
    streams: int = 1,
) -> Outcome:
    """Run `classes` classes side by side, R of them, under the policy `best` with an `exploration`.

    Of one draw from every arm's belief the largest is taken: this chooses arm k with exactly `probability_of_best`.
    Runs with equally seeded generators meet the same classes. With as many `streams` of chance as classes, a class also
    goes alike until it is shown something else, which makes comparisons sharper; fewer are several times faster.
    """
    world, *chance = rng.spawn(1 + streams)
    arms = min(setting.most_arms, setting.first_arms + setting.learners)
    means = world.beta(*setting.quality, (classes, arms))
    joins = world.random((setting.learners, classes)) < setting.joins
    rates = world.random((setting.learners, classes)) >= setting.silent
    size = np.full(classes, setting.first_arms)
    sums = np.zeros((3, classes, arms))
    regret, rows = np.zeros(classes), np.arange(classes)
    under_way: deque[tuple[NDArray[np.intp], Array]] = deque()
    for learner in range(setting.learners):
        seen = slice(0, int(size.max()))
        present = np.arange(seen.stop) < size[:, None]
        ratings = Stats(*sums[:, :, seen])
        held = belief(Pool(ratings))
        compared = exploration(held.a, held.b, ratings.count, (ratings.count.sum(axis=1) / size)[:, None])
        chosen = np.where(present, _betas(chance, *compared), -1.0).argmax(axis=1)
        truth = means[rows, chosen]
        regret += np.where(present, means[:, seen], 0.0).max(axis=1) - truth
        reward = np.round(10.0 * _betas(chance, *rating_shape(truth, setting.noise))) / 10.0
        under_way.append((chosen, np.array((np.ones(classes), reward, reward**2)) * rates[learner]))
        if len(under_way) > setting.delay:
            arrived, rated = under_way.popleft()
            sums[:, rows, arrived] += rated
        size = np.minimum(size + joins[learner], arms)
    return Outcome(10.0 * regret / setting.learners, Stats(*sums), means, np.arange(arms) < size[:, None])


def _betas(chance: Sequence[np.random.Generator], a: Array, b: Array) -> Array:
    """Beta draws; the classes, which are the rows, share the generators evenly."""
    parts = zip(chance, np.array_split(a, len(chance)), np.array_split(b, len(chance)), strict=True)
    return np.concatenate([generator.beta(x, y) for generator, x, y in parts])


def rating_shape(means: Array, noise: float) -> tuple[Array, Array]:
    """a and b of ratings around `means`: Beta with SD `noise`, less near 0 and 1, where a + b would fall below 1/2."""
    concentration = np.maximum(means * (1.0 - means) / noise**2 - 1.0, 0.5)
    return means * concentration, (1.0 - means) * concentration
