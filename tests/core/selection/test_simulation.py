"""`core.selection.simulation`, and what it shows of `spread`."""

from __future__ import annotations

import numpy as np
import pytest

from core.selection.policies import spread
from core.selection.simulation import Outcome, Setting, simulate


def regret(setting: Setting, temperature, classes: int, streams: int) -> float:
    rng = np.random.default_rng(2018)
    return float(simulate(setting, temperature, classes, rng, streams=streams).regret.mean())


@pytest.mark.parametrize(
    ("setting", "classes", "streams"),
    [
        (Setting(learners=100, most_arms=1_000), 50, 50),
        (Setting(learners=300, most_arms=1_000), 20, 20),
        (Setting(learners=1_000, most_arms=40, quality=(3, 3)), 80, 1),
    ],
    ids=["100 learners, growing pool", "300 learners, growing pool", "1,000 learners, forty texts"],
)
def test_the_default_exploration_is_safe(setting, classes, streams):
    """Not worse than 1.05 times the better of half the belief's standard deviation and all of it.

    `python -m bench.selection --regret` asks the same of more classes and more settings.
    """
    half, whole = (regret(setting, lambda n, c=c: np.full_like(n, c), classes, streams) for c in (0.5, 1.0))
    assert regret(setting, spread, classes, streams) <= 1.05 * min(half, whole)


class TestSimulate:
    SETTING = Setting(learners=40, most_arms=6, joins=0.5)

    def run(self, temperature=spread) -> Outcome:
        return simulate(self.SETTING, temperature, 30, np.random.default_rng(4))

    def test_every_learner_rates_one_present_text(self):
        outcome = self.run()
        assert outcome.ratings.count.sum(axis=1).tolist() == [40] * 30
        assert (outcome.ratings.count[~outcome.present] == 0).all()
        assert outcome.present.sum(axis=1).max() == 6

    def test_equal_seeds_meet_equal_classes_whatever_the_exploration(self):
        one, other = self.run(), self.run(np.ones_like)
        assert one.means.tolist() == other.means.tolist()
        assert one.present.tolist() == other.present.tolist()
        assert one.regret.tolist() != other.regret.tolist()

    def test_with_a_stream_each_a_class_goes_alike_until_it_is_shown_something_else(self):
        def alone(n):  # explores otherwise in the first class only
            return np.where(np.arange(n.size) == 0, 1.0, spread(n))

        one, other = (
            simulate(self.SETTING, temperature, 6, np.random.default_rng(4), streams=6).regret
            for temperature in (spread, alone)
        )
        assert one[0] != other[0]
        assert one[1:].tolist() == other[1:].tolist()

    def test_regret_is_what_the_shown_texts_fell_short_of_the_best(self):
        outcome = simulate(Setting(learners=40, most_arms=4, first_arms=4), spread, 30, np.random.default_rng(4))
        shown = (outcome.ratings.count * outcome.means).sum(axis=1) / 40
        assert outcome.regret == pytest.approx(10 * (outcome.means.max(axis=1) - shown))

    def test_ratings_have_the_asked_mean_and_noise(self):
        outcome = simulate(Setting(800, 1, 1, quality=(600, 400), noise=0.2), spread, 4, np.random.default_rng(4))
        mean = outcome.ratings.total / outcome.ratings.count
        assert mean == pytest.approx(outcome.means, abs=0.025)
        assert np.sqrt(outcome.ratings.squares / outcome.ratings.count - mean**2) == pytest.approx(0.2, abs=0.015)
