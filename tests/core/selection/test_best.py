"""`core.selection.best` against closed forms, mpmath, a million CDF values, and what must hold for any beliefs."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc, betaincc
from scipy.stats import chisquare

from core.selection import best, sweep
from core.selection.best import draw, probability_of_best, sample_best
from tests.core.selection.reference import HARD, Array, by_mpmath, by_trapezoid

PARAMETER = st.floats(0.05, 20.0) | st.floats(math.log(0.06), math.log(1e6)).map(math.exp)
ARMS = st.lists(st.tuples(PARAMETER, PARAMETER), min_size=2, max_size=8)
PROPERTY = settings(deadline=None, max_examples=60)


def beliefs(rng: np.random.Generator, arms: int, low: float, high: float) -> tuple[Array, Array]:
    """a and b with a + b between `low` and `high`, evenly in the logarithm, and means around .6."""
    n, mean = np.exp(rng.uniform(math.log(low), math.log(high), arms)), rng.beta(6, 4, arms)
    return 0.3 + n * mean, 0.3 + n * (1 - mean)


class TestClosedForms:
    def test_no_arm(self):
        assert probability_of_best([], []).shape == (0,)

    def test_one_arm_is_the_best(self):
        assert probability_of_best([3.5], [0.2]).tolist() == [1.0]

    @pytest.mark.parametrize("arms", [2, 3, 10, 1_000, 100_000])
    @pytest.mark.parametrize(("a", "b"), [(0.05, 0.05), (1, 1), (19, 1), (1e6, 3e5)])
    def test_equal_arms_share_evenly(self, arms, a, b):
        found = probability_of_best(np.full(arms, a), np.full(arms, b))
        assert len(set(found.tolist())) == 1
        assert found[0] == pytest.approx(1 / arms, rel=1e-12)

    @pytest.mark.parametrize(("a", "b"), [(1, 1), (0.05, 3), (7.5, 0.3), (250, 4e4), (1e6, 0.05)])
    def test_against_a_uniform_belief_an_arm_wins_with_its_mean(self, a, b):
        assert probability_of_best([a, 1], [b, 1]) == pytest.approx([a / (a + b), b / (a + b)], abs=1e-12)

    @given(st.tuples(*[st.integers(1, 40)] * 4))
    @PROPERTY
    def test_two_arms_with_whole_parameters(self, parameters):
        a, b, c, d = parameters  # the sum of Beta functions that A/B testing uses, in fractions

        def beta(x: int, y: int) -> Fraction:
            return Fraction(math.factorial(x - 1) * math.factorial(y - 1), math.factorial(x + y - 1))

        wins = sum(beta(c + i, b + d) / ((b + i) * beta(1 + i, b) * beta(c, d)) for i in range(a))
        assert probability_of_best([a, c], [b, d]) == pytest.approx([float(wins), float(1 - wins)], abs=1e-12)

    def test_a_small_chance_keeps_its_digits(self):
        exact = Fraction(math.factorial(14) * math.factorial(15), math.factorial(29))  # ∫ 14 x^13 (1-x)^15 dx = 1.3e-8
        assert probability_of_best([1, 14], [15, 1])[0] == pytest.approx(float(exact), rel=1e-5)


class TestAgainstSlowWays:
    @pytest.mark.parametrize(("a", "b", "exact"), HARD)
    def test_hard_parameters(self, a, b, exact):
        assert probability_of_best(a, b) == pytest.approx(exact, rel=0, abs=5e-12 if max(a) > 1e7 else 1e-12)

    @pytest.mark.parametrize(
        ("a", "b"), [((2.5, 3), (3.2, 2.2)), ((19, 1, 4.5), (1, 1, 2.5)), ((0.8, 2, 6), (0.9, 1.6, 5))]
    )
    def test_mpmath(self, a, b):
        assert probability_of_best(a, b) == pytest.approx(by_mpmath(a, b), rel=0, abs=1e-12)

    @pytest.mark.parametrize(("arms", "nodes"), [(50, 20_000), (300, 3_000), (1_000, 1_000)])
    def test_a_million_values_of_the_distribution_functions(self, arms, nodes):
        a, b = np.random.default_rng(arms).uniform(1, 40, (2, arms))
        assert probability_of_best(a, b) == pytest.approx(by_trapezoid(a, b, nodes), rel=0, abs=1e-12)

    @pytest.mark.parametrize(("most", "error"), [(1e4, 1e-11), (1e6, 1e-9)])
    def test_arms_with_one_and_with_a_million_ratings_in_one_pool(self, most, error):
        a, b = beliefs(np.random.default_rng(7), 30, 1, most)
        slow = by_trapezoid(a, b, 60_000)  # SciPy's betaln keeps ten digits in the millions
        assert probability_of_best(a, b) == pytest.approx(slow, rel=0, abs=error)

    def test_a_hundred_thousand_arms(self):
        rng = np.random.default_rng(3)
        a, b = beliefs(rng, 40, 3, 100)
        copies = rng.multinomial(100_000, rng.dirichlet(np.ones(40)))
        exact = by_trapezoid(a, b, 2_000, copies)
        found = probability_of_best(np.repeat(a, copies), np.repeat(b, copies))
        assert np.abs(found - np.repeat(exact, copies)).max() < 1e-12
        assert found.sum() == pytest.approx(1, abs=1e-12)

    def test_a_coarse_mesh_is_noticed_and_made_finer(self, monkeypatch):
        a, b = beliefs(np.random.default_rng(5), 50, 3, 1e4)
        exact = by_trapezoid(a, b, 20_000)
        monkeypatch.setattr(sweep, "_STEP", 40.0)
        assert probability_of_best(a, b) == pytest.approx(exact, rel=0, abs=1e-10)
        monkeypatch.setattr(sweep, "_RETRIES", 0)  # what cannot be made finer is not given out
        with pytest.raises(ArithmeticError, match="may be wrong"):
            probability_of_best(a, b)

    def test_an_arm_that_the_nodes_miss_is_noticed(self, monkeypatch):
        exact = probability_of_best([3, 30], [2, 20])
        monkeypatch.setattr(sweep, "_STEP", 80.0)  # the probabilities then add up to 1, but each is wrong by .1
        assert probability_of_best([3, 30], [2, 20]) == pytest.approx(exact, rel=0, abs=1e-10)


class TestProperties:
    @given(ARMS)
    @PROPERTY
    def test_probabilities_sum_to_one(self, arms):
        found = probability_of_best(*np.array(arms).T)
        assert (found >= 0).all()
        assert found.sum() == pytest.approx(1, abs=1e-14)

    @given(ARMS, st.randoms(use_true_random=False))
    @PROPERTY
    def test_order_does_not_matter(self, arms, random):
        order = random.sample(range(len(arms)), len(arms))
        a, b = np.array(arms).T
        assert probability_of_best(a[order], b[order]) == pytest.approx(probability_of_best(a, b)[order], abs=1e-12)

    @given(ARMS, st.floats(0.01, 100))
    @PROPERTY
    def test_good_evidence_helps_its_arm_and_no_other(self, arms, more):
        a, b = np.array(arms).T
        before = probability_of_best(a, b)
        a[0] += more
        after = probability_of_best(a, b)
        assert after[0] >= before[0] - 1e-11
        assert (after[1:] <= before[1:] + 1e-11).all()

    @given(ARMS)
    @PROPERTY
    def test_an_arm_and_its_copy_share(self, arms):
        once, twice = probability_of_best(*np.array(arms).T), probability_of_best(*np.array([*arms, arms[0]]).T)
        assert twice[0] == pytest.approx(twice[-1], abs=1e-15)
        assert once[0] - 1e-12 <= twice[0] + twice[-1] <= 2 * once[0] + 1e-12

    @given(PARAMETER, PARAMETER, st.floats(1, 60))
    @PROPERTY
    def test_the_reach_of_an_arm_is_proven(self, a, b, cutoff):
        right, left = best.reach(np.array([[a], [b]]), cutoff)[:, 0]
        for tail, distance in ((betaincc, right), (betainc, -left)):
            y = math.log(a / b) + distance
            if abs(y) < 30:  # SciPy takes x, which has no digits left near 1
                assert tail(a, b, 1 / (1 + math.exp(-y))) <= math.exp(-cutoff) * (1 + 1e-6)

    def test_an_arm_that_cannot_win_gets_a_proven_bound(self):
        found = probability_of_best([1000, 10, 1], [10, 1000, 1])
        assert 0 < found[1] <= 1e-10 / 300
        assert found[[0, 2]].sum() == pytest.approx(1, abs=1e-12)


class TestRefusals:
    @pytest.mark.parametrize("bad", [0, -1, 0.01, 1e11, math.nan, math.inf])
    def test_parameters_out_of_range(self, bad):
        with pytest.raises(ValueError, match="must lie between"):
            probability_of_best([1, bad], [1, 1])
        with pytest.raises(ValueError, match="must lie between"):
            probability_of_best([1, 1], [bad, 1])

    @pytest.mark.parametrize(("a", "b"), [([1, 2], [1]), ([[1, 2]], [[1, 2]]), (1, 1)])
    def test_shapes(self, a, b):
        with pytest.raises(ValueError, match="equal length"):
            probability_of_best(a, b)

    def test_an_impossible_tolerance(self):
        with pytest.raises(ArithmeticError, match="may be wrong by"):
            probability_of_best([3, 4], [2, 3], tolerance=1e-25)


class Uniform:
    """A generator whose next number is known."""

    def __init__(self, value: float) -> None:
        self.value = value

    def random(self) -> float:
        return self.value


class TestDraw:
    def test_draws_come_as_often_as_stated(self):
        a, b = np.array([[4, 9, 2.5, 30, 1], [3, 8, 1.5, 28, 1]])
        rng = np.random.default_rng(11)
        drawn = [sample_best(a, b, rng) for _ in range(800)]
        stated = probability_of_best(a, b)
        assert all(probability == pytest.approx(stated[index], abs=1e-15) for index, probability in drawn)
        counts = np.bincount([index for index, _ in drawn], minlength=5)
        assert chisquare(counts, stated * len(drawn)).pvalue > 0.001

    @pytest.mark.parametrize("number", [0.0, 0.3, 0.5, 1 - 2**-53])
    def test_an_arm_without_a_chance_is_never_drawn(self, number):
        index, probability = draw(np.array([0, 0.1, 0, 0.2, 0.7, 0]), Uniform(number))
        assert index in (1, 3, 4)
        assert probability == pytest.approx([0, 0.1, 0, 0.2, 0.7, 0][index], abs=1e-15)

    @pytest.mark.parametrize("chances", [[], [0.0, 0.0]])
    def test_nothing_to_draw_from(self, chances):
        with pytest.raises(ValueError, match="Nothing to draw from"):
            draw(np.array(chances), np.random.default_rng(1))
