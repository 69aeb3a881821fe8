"""`core.selection.rewards`: reactions as rewards, comparisons as beliefs, and what did not come."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, polygamma, psi
from scipy.stats import beta

from core.selection.best import probability_of_best
from core.selection.rewards import FIRST_VARIANCE, Strengths, combined, responses, scaled

PROPERTY = settings(deadline=None, max_examples=40)
NAN = math.nan


class TestScaled:
    @pytest.mark.parametrize(
        ("points", "scale", "expected"),
        [(7, (10, 0), 0.7), (1, (1, 0), 1.0), (False, (1, 0), 0.0), (4, (5, 1), 0.75), (-1, (1, -1), 0.0)],
    )
    def test_reaches_from_0_to_1(self, points, scale, expected):
        assert scaled(points, *scale) == pytest.approx(expected, abs=1e-15)

    def test_keeps_the_shape(self):
        assert scaled([[0, 10], [5, 1]]).tolist() == [[0.0, 1.0], [0.5, 0.1]]

    @pytest.mark.parametrize("points", [-1, 10.5, NAN])
    def test_off_the_scale(self, points):
        with pytest.raises(ValueError, match="between 0 and 10"):
            scaled(points)

    def test_a_scale_that_does_not_rise(self):
        with pytest.raises(ValueError, match="not go from 3 to 3"):
            scaled(3, 3, 3)


class TestCombined:
    def test_is_the_weighted_mean_of_what_was_rated(self):
        table = [[1.0, 0.5, 0.0], [NAN, 0.5, 0.0], [NAN, NAN, 0.3], [NAN, NAN, NAN]]
        found = combined(table, [2, 1, 1])
        assert found[:3] == pytest.approx([0.625, 0.25, 0.3])
        assert math.isnan(found[3])

    def test_attributes_without_weight_do_not_count(self):
        assert math.isnan(combined([[NAN, 0.4]], [1, 0])[0])
        assert combined([[0.2, 0.4]], [1, 0]).tolist() == [0.2]

    @pytest.mark.parametrize("weights", [[0, 0], [-1, 2], [NAN, 1], [math.inf, 1]])
    def test_weights(self, weights):
        with pytest.raises(ValueError, match="Weights"):
            combined([[0.5, 0.5]], weights)

    @pytest.mark.parametrize("value", [-0.1, 1.1])
    def test_rewards_out_of_range(self, value):
        with pytest.raises(ValueError, match="between 0 and 1"):
            combined([[0.5, value]], [1, 1])

    @pytest.mark.parametrize("table", [[0.5, 0.5], [[0.5]]])
    def test_shapes(self, table):
        with pytest.raises(ValueError, match="one column for each weight"):
            combined(table, [1, 1])


class TestStrengths:
    @given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.05, 3), st.floats(0.05, 3), st.sampled_from([0.0, 0.5, 1.0]))
    @PROPERTY
    def test_one_comparison_keeps_the_exact_moments(self, m, n, v, w, share):
        """Against numerical integration of the posterior of θ_A and θ_B, which depends on the difference alone."""

        d = np.linspace(-12, 12, 4_001) * math.sqrt(v + w) + m - n
        likely = np.exp(-((d - m + n) ** 2) / (2 * (v + w))) * expit(d) ** share * expit(-d) ** (1 - share)
        mean = likely @ d / likely.sum()
        variance = likely @ (d - mean) ** 2 / likely.sum()
        found = Strengths(np.array([m, n]), np.array([v, w])).compared(0, 1, share)
        shift = (mean - (m - n)) / (v + w)
        assert found.mean == pytest.approx([m + v * shift, n - w * shift], abs=1e-6)
        shrink = (variance - v - w) / (v + w) ** 2
        assert found.variance == pytest.approx([v + v**2 * shrink, w + w**2 * shrink], abs=1e-6)

    def test_only_the_compared_move_and_in_opposite_directions(self):
        found = Strengths.unknown(4).compared(2, 0)
        assert found.mean[2] == pytest.approx(-found.mean[0])
        assert found.mean[2] > 0.3
        assert (found.variance[[0, 2]] < FIRST_VARIANCE).all()
        assert found.mean[[1, 3]].tolist() == [0, 0]
        assert found.variance[[1, 3]].tolist() == [FIRST_VARIANCE] * 2

    def test_losing_is_winning_from_the_other_side_and_a_tie_leaves_equals_equal(self):
        start = Strengths(np.array([0.3, -0.2]), np.array([0.5, 0.9]))
        one, other = start.compared(0, 1, 1.0), start.compared(1, 0, 0.0)
        assert one.mean == pytest.approx(other.mean, abs=1e-14)
        assert one.variance == pytest.approx(other.variance, abs=1e-14)
        tie = Strengths.unknown(2).compared(0, 1, 0.5)
        assert tie.mean == pytest.approx([0, 0], abs=1e-14)
        assert (tie.variance < FIRST_VARIANCE).all()

    def test_finds_the_strengths_that_the_choices_came_from(self):
        rng = np.random.default_rng(1)
        truth = rng.normal(0, 1, 12)
        held = Strengths.unknown(12)
        for _ in range(2_500):
            first, second = rng.choice(12, 2, replace=False)
            held = held.compared(int(first), int(second), float(rng.random() < expit(truth[first] - truth[second])))
        assert np.corrcoef(held.mean, truth)[0, 1] > 0.97
        z = (held.mean - held.mean.mean() - truth + truth.mean()) / np.sqrt(held.variance)
        assert np.abs(z).max() < 3.5

    def test_the_belief_has_the_same_logit_mean_and_variance(self):
        held = Strengths(np.array([0.0, 1.5, -2.5, 4.0]), np.array([1.0, 0.2, 0.01, 2.5]))
        belief = held.belief()
        assert psi(belief.a) - psi(belief.b) == pytest.approx(held.mean, abs=1e-9)
        assert polygamma(1, belief.a) + polygamma(1, belief.b) == pytest.approx(held.variance, rel=1e-9)
        assert belief.prior[0] == pytest.approx(belief.prior[1])
        assert belief.weight.tolist() == [1.0]

    def test_the_chances_of_being_best_are_those_of_the_strengths(self):
        held = Strengths(np.array([0.4, 0.0, -0.3, 0.1]), np.array([0.1, 0.6, 0.2, 1.0]))
        belief = held.belief()
        draws = np.random.default_rng(2).normal(held.mean, np.sqrt(held.variance), (200_000, 4)).argmax(axis=1)
        found = probability_of_best(belief.a, belief.b)
        assert found == pytest.approx(np.bincount(draws) / 200_000, abs=0.01)

    def test_grows(self):
        held = Strengths.unknown(2).compared(0, 1).grown(0.7)
        assert held.mean[2] == 0
        assert held.variance[2] == 0.7
        assert Strengths.unknown(0).grown().variance.tolist() == [FIRST_VARIANCE]
        assert Strengths.unknown(0).belief().a.tolist() == []

    @pytest.mark.parametrize("pair", [(0, 0), (-1, 0), (0, 3), (3, 0), (1, -1)])
    def test_pairs_that_are_none(self, pair):
        with pytest.raises(ValueError, match="two of the 3 arms"):
            Strengths.unknown(3).compared(*pair)

    @pytest.mark.parametrize("share", [-0.1, 1.1, NAN])
    def test_shares_out_of_range(self, share):
        with pytest.raises(ValueError, match="between 0 and 1"):
            Strengths.unknown(3).compared(0, 1, share)


class TestResponses:
    def test_are_counted_by_arm(self):
        found = responses([0, 0, 0, 0, 1, 1], [0.5, NAN, NAN, 0.2, NAN, NAN], [9, 9, 1, 1, 1, 2], 2, 3)
        assert found.shown.tolist() == [4, 2, 0]
        assert found.rated.tolist() == [2, 0, 0]
        assert found.awaited.tolist() == [1, 2, 0]
        assert found.missing[0] == pytest.approx(1 / 3)
        assert np.isnan(found.missing[1:]).all()

    def test_the_interval_holds_the_share(self):
        low, high = responses([0] * 40, [NAN] * 10 + [1.0] * 30, [9] * 40, 1, 1).interval()
        assert low[0] == pytest.approx(0.1519, abs=2e-3)
        assert high[0] == pytest.approx(0.3738, abs=2e-3)

    @pytest.mark.parametrize("lists", [([0], [0.5], []), ([0, 1], [0.5], [1, 1])])
    def test_lists_of_different_lengths(self, lists):
        with pytest.raises(ValueError, match="one length"):
            responses(*lists, 1, 2)

    @pytest.mark.parametrize("arm", [-1, 2])
    def test_arms_that_there_are_not(self, arm):
        with pytest.raises(ValueError, match="There are 2 arms"):
            responses([0, arm], [0.5, 0.5], [1, 1], 1, 2)


class TestEnds:
    def test_of_a_comparison(self):
        assert Strengths.unknown(2).compared(1, 0, 0.0).mean[0] > 0
        with pytest.raises(ValueError, match="two of the 3 arms"):
            Strengths.unknown(3).compared(0, 4)

    def test_of_patience(self):
        found = responses([0, 0, 0], [NAN, NAN, 0.5], [1.0, 1.5, 0.5], 1.0, 1)
        assert (found.awaited.tolist(), found.missing.tolist()) == ([1.0], [0.5])

    def test_of_an_interval(self):
        found = responses([0] * 4, [NAN, 1.0, 1.0, 1.0], [9] * 4, 1, 1)
        for interval, tail in ((found.interval(), 0.05), (found.interval(0.5), 0.25)):
            expected = beta.ppf([tail, 1 - tail], 1.5, 3.5)
            assert np.ravel(interval) == pytest.approx(expected)

    def test_of_a_reward(self):
        assert combined([[0.0, 1.0]], [0.25, 0.25]).tolist() == [0.5]
        assert scaled([0.0, 0.5], 0.5).tolist() == [0.0, 1.0]
