"""`core.crowd.pairwise` and the pairs of `asking`, against integration, closed forms, and plain optimisation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq, minimize
from scipy.special import expit
from scipy.stats import norm

from core.crowd.asking import next_pair, pair_information
from core.crowd.pairwise import SIGMA, Strengths, strengths, tally

COUNTS = st.lists(st.integers(0, 6), min_size=16, max_size=16).map(lambda n: np.array(n, dtype=float).reshape(4, 4))


def table(counts: np.ndarray) -> np.ndarray:
    counts = counts.copy()
    np.fill_diagonal(counts, 0)
    return counts


def log_posterior(theta: np.ndarray, eta: float, wins: np.ndarray, ties: np.ndarray, sigma: float) -> float:
    total = -float(theta @ theta) / (2 * sigma**2) - (0.0 if eta == -math.inf else eta**2 / 8)
    for i, k in itertools.permutations(range(theta.size), 2):
        half = (theta[i] - theta[k]) / 2
        scale = math.log(math.exp(half) + math.exp(-half) + math.exp(eta))
        total += wins[i, k] * (half - scale)
        if ties[i, k]:
            total += ties[i, k] * (eta - scale)
    return total


@pytest.fixture(scope="module")
def grid() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Wins of three texts, and their posterior on a grid."""
    wins = np.array([[0, 6, 9], [3, 0, 6], [2, 4, 0.0]])
    axis = np.linspace(-6, 6, 97)
    theta = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    log = -(theta**2).sum(axis=1) / (2 * SIGMA**2)
    for i, k in itertools.permutations(range(3), 2):
        log -= wins[i, k] * np.logaddexp(0, theta[:, k] - theta[:, i])
    weight = np.exp(log - log.max())
    return wins, theta, weight / weight.sum()


class TestMode:
    def test_two_texts_in_closed_form(self):
        # θ = (d/2, -d/2), and 7 - 10 p(d) = d / (2 σ²)
        gap = brentq(lambda d: 7 - 10 * expit(d) - d / (2 * SIGMA**2), -9, 9)
        found = strengths([[0, 7], [3, 0]])
        assert found.mean.tolist() == pytest.approx([gap / 2, -gap / 2])
        p = expit(gap)
        assert found.difference()[1][0, 1] == pytest.approx(1 / (10 * p * (1 - p) + 1 / (2 * SIGMA**2)))
        assert found.wins()[0, 1] == pytest.approx(p)

    @settings(deadline=None, max_examples=30)
    @given(COUNTS, COUNTS, st.floats(0.5, 3))
    def test_plain_optimisation(self, wins, ties, sigma):
        wins, ties = table(wins), table(ties)
        found = strengths(wins, ties, how="davidson", sigma=sigma)
        best = minimize(
            lambda x: -log_posterior(x[:4], x[4], wins, ties, sigma), np.zeros(5), method="BFGS", options={"gtol": 1e-7}
        )
        assert found.mean == pytest.approx(best.x[:4] - best.x[:4].mean(), abs=1e-4)
        assert found.tie == pytest.approx(best.x[4], abs=1e-4)

    @settings(deadline=None, max_examples=30)
    @given(COUNTS, st.permutations(range(4)))
    def test_numbering_means_nothing(self, wins, order):
        wins = table(wins)
        one, other = strengths(wins), strengths(wins[np.ix_(order, order)])
        assert other.mean == pytest.approx(one.mean[order], abs=1e-8)
        assert other.covariance == pytest.approx(one.covariance[np.ix_(order, order)], abs=1e-8)

    @settings(deadline=None, max_examples=30)
    @given(COUNTS)
    def test_losing_instead_of_winning_turns_the_order_round(self, wins):
        wins = table(wins)
        assert strengths(wins.T).mean == pytest.approx(-strengths(wins).mean, abs=1e-8)

    def test_a_tie_is_half_a_win_each(self):
        half = strengths([[0, 2], [1, 0]], [[0, 3], [1, 0]])
        assert half.mean == pytest.approx(strengths([[0, 4], [3, 0]]).mean)
        assert half.tie == -math.inf

    def test_who_won_everything_stays_finite(self):
        won = strengths([[0, 50], [0, 0]])
        assert 1 < won.mean[0] < 5
        assert won.better()[0, 1] > 0.99

    def test_texts_that_never_met(self):
        """Two groups without a comparison between them: comparable by the prior alone, with a wide interval."""
        wins = np.zeros((4, 4))
        wins[0, 1], wins[2, 3] = 9, 9
        mean, variance = strengths(wins).difference()
        assert mean[0, 2] == pytest.approx(0, abs=1e-9)
        assert variance[0, 2] > variance[0, 1]
        untouched = strengths(np.zeros((3, 3)))
        assert untouched.mean.tolist() == [0, 0, 0]
        assert untouched.difference()[1][0, 1] == pytest.approx(2 * SIGMA**2)
        assert untouched.better() == pytest.approx(np.full((3, 3), 0.5))

    def test_ten_thousand_comparisons_do_not_upset_newton(self):
        found = strengths([[0, 10_000, 0], [1, 0, 10_000], [0, 1, 0]], sigma=20)
        assert found.mean[0] - found.mean[1] == pytest.approx(math.log(10_000), rel=0.01)

    def test_none_and_one(self):
        assert strengths(np.empty((0, 0))).mean.shape == (0,)
        assert strengths(np.empty((0, 0))).best(np.random.default_rng(0)).shape == (0,)
        assert strengths([[0]]).mean.tolist() == [0]
        assert strengths([[0]]).best(np.random.default_rng(0)).tolist() == [1]

    def test_davidson_learns_how_common_ties_are(self):
        """Half of the comparisons of equals are ties: e^η / (2 + e^η) = 1/2 but for the prior."""
        found = strengths([[0, 100], [100, 0]], [[0, 200], [0, 0]], how="davidson")
        assert math.exp(found.tie) == pytest.approx(2, rel=0.02)
        assert found.wins()[0, 1] == pytest.approx(0.5)


class TestUncertainty:
    def test_mean_variance_order_and_best_by_integration(self, grid):
        """Laplace's approximation with 30 comparisons: means within .1, variances 12 %, probabilities .02."""
        wins, theta, weight = grid
        found = strengths(wins)
        mean, variance = found.difference()
        for i, k in itertools.combinations(range(3), 2):
            gap = theta[:, i] - theta[:, k]
            expected = weight @ gap
            assert mean[i, k] == pytest.approx(expected, abs=0.1)
            assert variance[i, k] == pytest.approx(weight @ (gap - expected) ** 2, rel=0.12)
            ahead = weight @ (gap > 0) + 0.5 * weight @ (gap == 0)
            assert found.better()[i, k] == pytest.approx(ahead, abs=0.02)
        first = theta == theta.max(axis=1, keepdims=True)
        best = weight @ (first / first.sum(axis=1, keepdims=True))
        assert found.best(np.random.default_rng(0)) == pytest.approx(best, abs=0.02)

    def test_covariance_is_the_inverse_hessian_without_the_common_shift(self, grid):
        wins = grid[0]
        found = strengths(wins)
        p = expit(found.mean[:, None] - found.mean)
        fisher = (wins + wins.T) * p * (1 - p)
        inverse = np.linalg.inv(np.diag(fisher.sum(axis=1) + SIGMA**-2) - fisher)
        centre = np.eye(3) - 1 / 3
        assert found.covariance == pytest.approx(centre @ inverse @ centre)

    def test_intervals_cover(self):
        """60 sets of 8 texts from the prior, 6 comparisons a pair: 90 % intervals of differences cover .86 to .94."""
        inside = []
        for seed in range(60):
            rng = np.random.default_rng(seed)
            theta = rng.normal(0, SIGMA, 8)
            wins = np.triu(rng.binomial(6, expit(theta[:, None] - theta)), 1).astype(float)
            wins += np.tril(6 - wins.T, -1)
            mean, variance = strengths(wins).difference()
            score = np.abs(mean - (theta[:, None] - theta))[np.triu_indices(8, 1)]
            inside.append(score <= 1.6449 * np.sqrt(variance[np.triu_indices(8, 1)]))
        assert 0.86 <= np.mean(inside) <= 0.94

    def test_the_prior_is_as_wide_as_its_docstring_says(self):
        """Of two texts at random the better wins 79 % of the time: E expit|d|, d ~ N(0, 2σ²)."""
        mean, _ = quad(lambda d: 2 * norm.pdf(d, scale=math.sqrt(2) * SIGMA) * expit(d), 0, 40)
        assert mean == pytest.approx(0.787, abs=0.005)


class TestTally:
    def test_counts(self):
        assert tally([0, 0, 2], [1, 1, 0], 3).tolist() == [[0, 2, 0], [0, 0, 0], [1, 0, 0]]

    @pytest.mark.parametrize(("a", "b"), [([0], [0, 1]), ([3], [0]), ([0], [-1]), ([[0]], [[1]])])
    def test_refusals(self, a, b):
        with pytest.raises(ValueError, match=r"lists of one length|numbered from 0"):
            tally(a, b, 3)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (([[0, 1]],), "square"),
            (([[1, 0], [0, 0]],), "with itself"),
            (([[0, -1], [0, 0]],), "counted"),
            (([[0, math.inf], [0, 0]],), "counted"),
            (([[0, 1], [0, 0]], [[0]]), "one size"),
        ],
    )
    def test_unusable_tables(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            strengths(*arguments)

    def test_unusable_options(self):
        with pytest.raises(ValueError, match="sigma"):
            strengths([[0]], sigma=0)
        with pytest.raises(ValueError, match="half"):
            strengths([[0]], how="both")


class TestNextPair:
    def test_information_by_integration(self):
        found = strengths([[0, 6, 9], [3, 0, 6], [2, 4, 0]])
        mean, variance = found.difference()
        bits = pair_information(found)

        def h(p: float) -> float:
            return -p * math.log2(p) - (1 - p) * math.log2(1 - p)

        for i, k in itertools.combinations(range(3), 2):
            pdf = norm(mean[i, k], math.sqrt(variance[i, k])).pdf
            chance = quad(lambda d, pdf=pdf: pdf(d) * expit(d), -20, 20)[0]
            noise = quad(lambda d, pdf=pdf: pdf(d) * h(expit(d)), -20, 20)[0]
            assert bits[i, k] == pytest.approx(h(chance) - noise, abs=1e-7)
            assert bits[k, i] == bits[i, k]
        assert bits.diagonal().tolist() == [0, 0, 0]

    def test_asks_where_least_is_known_and_only_what_is_open(self):
        wins = np.array([[0, 5, 0], [5, 0, 0], [0, 0, 0.0]])
        found = strengths(wins)
        first = next_pair(found)
        assert (first.first, first.second) == (0, 2)
        assert first.bits == pair_information(found)[0, 2]
        shown = np.zeros((3, 3))
        shown[1, 0] = 1
        only = next_pair(found, open_to=shown)
        assert (only.first, only.second) == (0, 1)
        assert next_pair(found, open_to=np.zeros((3, 3))) is None
        assert next_pair(strengths([[0]])) is None

    def test_looking_for_the_best_leaves_losers_alone(self):
        wins = np.zeros((4, 4))
        wins[0, 2], wins[0, 3], wins[1, 2], wins[1, 3] = 8, 8, 8, 8
        found = strengths(wins)
        best = found.best(np.random.default_rng(0))
        pair = next_pair(found, for_best=best)
        assert (pair.first, pair.second) == (0, 1)

    def test_finds_the_best_sooner_than_comparing_at_random(self):
        """20 sets of 8 texts, 24 comparisons each: the text taken for the best loses less strength."""
        lost = np.zeros(2)
        for seed in range(20):
            truth = np.random.default_rng(seed).normal(0, SIGMA, 8)
            for way in range(2):
                rng = np.random.default_rng([seed, way])
                wins = np.zeros((8, 8))
                for _ in range(24):
                    if way:
                        found = strengths(wins)
                        pair = next_pair(found, for_best=found.best(rng, draws=500))
                        i, k = pair.first, pair.second
                    else:
                        i, k = rng.choice(8, 2, replace=False)
                    if rng.random() < expit(truth[i] - truth[k]):
                        wins[i, k] += 1
                    else:
                        wins[k, i] += 1
                lost[way] += truth.max() - truth[strengths(wins).mean.argmax()]
        assert lost[1] < 0.8 * lost[0]


def test_strengths_is_a_value():
    with pytest.raises(AttributeError):
        strengths([[0]]).tie = 1.0  # type: ignore[misc]  # frozen: that is what is tested
    assert isinstance(strengths([[0]]), Strengths)
