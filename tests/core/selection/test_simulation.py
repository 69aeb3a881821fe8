"""`core.selection.simulation`, and what it shows of `exploration.explored`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.selection.arms import Belief, Pool, believe
from core.selection.exploration import explored
from core.selection.simulation import Exploration, Outcome, Setting, simulate, widened


def fixed(weight: float, a: float, b: float) -> Callable[[Pool], Belief]:
    """Every rating worth `weight` coin tosses, every arm starting from Beta(a, b)."""

    def belief(pool: Pool) -> Belief:
        wins = weight * pool.ratings.total
        ones = np.ones_like(wins)
        return Belief(a + wins, b + weight * pool.ratings.count - wins, weight * ones, (a * ones, b * ones))

    return belief


@pytest.mark.parametrize(
    ("setting", "classes", "mooclet", "fractional"),
    [
        (Setting(learners=100, most_arms=1_000), 300, 0.7, 0.63),
        (Setting(learners=200, most_arms=20, noise=0.15), 100, 0.85, 0.6),
        (Setting(learners=600, most_arms=10, quality=(3, 3)), 80, 1.2, 0.6),
        (Setting(learners=100, most_arms=1_000, delay=30), 100, 1.05, 0.85),
    ],
    ids=["growing", "raters who agree", "long and standing still", "late ratings"],
)
def test_the_default_exploration_is_safe(setting, classes, mooclet, fractional):
    """At most so many times the regret of MOOClet's policy and of fractional Thompson, and 1.15 times half the width.

    The regrets' standard errors are 2 to 5 %. `python -m bench.policies` asks the same of more classes and settings.
    """

    def regret(belief: Callable[[Pool], Belief], exploration: Exploration) -> float:
        rng = np.random.default_rng(2018)
        return float(simulate(setting, classes, rng, belief=belief, exploration=exploration).regret.mean())

    ours = regret(believe, explored)
    assert ours <= mooclet * regret(fixed(10, 19, 1), widened(1.0))
    assert ours <= fractional * regret(fixed(1, 1, 1), widened(1.0))
    assert ours <= 1.15 * regret(believe, widened(0.5))


class TestSimulate:
    SETTING = Setting(learners=40, most_arms=6, joins=0.5)

    def run(self, exploration: Exploration = explored) -> Outcome:
        return simulate(self.SETTING, 30, np.random.default_rng(4), exploration=exploration)

    def test_every_learner_rates_one_present_text(self):
        outcome = self.run()
        assert outcome.ratings.count.sum(axis=1).tolist() == [40] * 30
        assert (outcome.ratings.count[~outcome.present] == 0).all()
        assert outcome.present.sum(axis=1).max() == 6

    def test_equal_seeds_meet_equal_classes_whatever_the_exploration(self):
        one, other = self.run(), self.run(widened(1.0))
        assert one.means.tolist() == other.means.tolist()
        assert one.present.tolist() == other.present.tolist()
        assert one.regret.tolist() != other.regret.tolist()

    def test_with_a_stream_each_a_class_goes_alike_until_it_is_shown_something_else(self):
        def alone(a, b, ratings, per_arm):  # explores otherwise in the first class only
            first, rest = explored(a, b, ratings, per_arm, 1.0), explored(a, b, ratings, per_arm)
            return tuple(np.concatenate((x[:1], y[1:])) for x, y in zip(first, rest, strict=True))

        one, other = (
            simulate(self.SETTING, 6, np.random.default_rng(4), exploration=exploration, streams=6).regret
            for exploration in (explored, alone)
        )
        assert one[0] != other[0]
        assert one[1:].tolist() == other[1:].tolist()

    @pytest.mark.parametrize(("delay", "known"), [(0, 40), (1, 39), (30, 10), (40, 0)])
    def test_ratings_are_known_after_the_delay(self, delay, known):
        setting = Setting(learners=40, most_arms=6, delay=delay)
        outcome = simulate(setting, 5, np.random.default_rng(4))
        assert outcome.ratings.count.sum(axis=1).tolist() == [known] * 5

    def test_a_delay_changes_nothing_before_the_first_rating_would_have_come(self):
        one, other = (
            simulate(Setting(1, 6, delay=delay), 20, np.random.default_rng(4)).regret.tolist() for delay in (0, 30)
        )
        assert one == other

    def test_a_delay_costs(self):
        at_once, late = (
            simulate(Setting(60, 4, 4, delay=delay), 80, np.random.default_rng(4)).regret.mean() for delay in (0, 50)
        )
        assert late > 1.3 * at_once

    def test_some_do_not_rate(self):
        counts = simulate(Setting(200, 4, silent=0.4), 20, np.random.default_rng(4)).ratings.count.sum(axis=1)
        assert counts.mean() == pytest.approx(120, abs=5)  # 3 standard errors

    def test_regret_is_what_the_shown_texts_fell_short_of_the_best(self):
        outcome = simulate(Setting(learners=40, most_arms=4, first_arms=4), 30, np.random.default_rng(4))
        shown = (outcome.ratings.count * outcome.means).sum(axis=1) / 40
        assert outcome.regret == pytest.approx(10 * (outcome.means.max(axis=1) - shown))

    def test_ratings_have_the_asked_mean_and_noise(self):
        outcome = simulate(Setting(800, 1, 1, quality=(600, 400), noise=0.2), 4, np.random.default_rng(4))
        mean = outcome.ratings.total / outcome.ratings.count
        assert mean == pytest.approx(outcome.means, abs=0.025)
        assert np.sqrt(outcome.ratings.squares / outcome.ratings.count - mean**2) == pytest.approx(0.2, abs=0.015)
