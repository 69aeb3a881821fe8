"""`core.selection.arms`: what ratings are worth, and what is believed before there are any."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from core.selection.arms import Author, Belief, Pool, Stats, believe, fitted_prior, rating_weight
from core.selection.exploration import explored
from core.selection.simulation import Setting, simulate, widened

RATINGS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10).map(lambda points: points / 10)), max_size=60)
PROPERTY = settings(deadline=None, max_examples=60)


def tally(ratings: list[tuple[int, float]], size: int = 6) -> Stats:
    return Stats.tally([arm for arm, _ in ratings], [reward for _, reward in ratings], size)


def rated(rng: np.random.Generator, means: np.ndarray, counts: np.ndarray, concentration: float) -> Stats:
    """`counts` ratings of each arm, Beta-distributed around its mean."""
    arms = np.repeat(np.arange(means.size), counts)
    mean = means[arms]
    return Stats.tally(arms, rng.beta(mean * concentration, (1 - mean) * concentration), means.size)


class TestStats:
    @given(RATINGS)
    @PROPERTY
    def test_one_by_one_and_at_once_agree(self, ratings):
        step = Stats.empty(6)
        for arm, reward in ratings:
            step = step.rated(arm, reward)
        whole = tally(ratings)
        assert step.count.tolist() == whole.count.tolist()
        assert step.total == pytest.approx(whole.total, abs=1e-12)
        assert step.squares == pytest.approx(whole.squares, abs=1e-12)
        first, second = believe(Pool(step)), believe(Pool(whole))
        assert first.a == pytest.approx(second.a, rel=1e-9)
        assert first.b == pytest.approx(second.b, rel=1e-9)

    def test_scaled_and_added(self):
        one, other = tally([(0, 0.4), (1, 1.0)], 2), tally([(1, 0.5)], 2)
        both = one + other.scaled(0.5)
        assert both.count.tolist() == [1, 1.5]
        assert both.total == pytest.approx([0.4, 1.25])
        assert both.squares == pytest.approx([0.16, 1.125])

    @pytest.mark.parametrize("reward", [-0.1, 1.01, 7, math.nan, math.inf])
    def test_rewards_out_of_range(self, reward):
        with pytest.raises(ValueError, match="between 0 and 1"):
            Stats.empty(2).rated(0, reward)
        with pytest.raises(ValueError, match="between 0 and 1"):
            Stats.tally([0], [reward], 2)

    @pytest.mark.parametrize("arm", [-1, 2])
    def test_a_rating_of_an_arm_that_there_is_not(self, arm):
        with pytest.raises(ValueError, match="There are 2 arms"):
            Stats.tally([0, arm], [0.5, 0.5], 2)

    @pytest.mark.parametrize(
        ("count", "total", "squares", "text"),
        [
            (-1, 0, 0, "not negative"),
            (math.nan, 0, 0, "not negative"),
            (math.inf, 1, 1, "finite"),
            (2, 2.1, 2, "out of range"),
            (2, math.nan, 1, "out of range"),
            (2, 1, 1.1, "out of range"),
            (2, 1, -0.1, "out of range"),
            (0, 0.5, 0.5, "out of range"),
            (2, 1.5, 1, "too small"),
        ],
    )
    def test_impossible_statistics(self, count, total, squares, text):
        with pytest.raises(ValueError, match=text):
            Stats(np.array([3.0, count]), np.array([1.5, total]), np.array([1.0, squares]))

    def test_lists_of_different_lengths(self):
        with pytest.raises(ValueError, match="one shape"):
            Stats(np.zeros(2), np.zeros(3), np.zeros(2))


class TestWeight:
    def test_rewards_of_zero_and_one_update_as_coin_tosses(self):
        ratings = tally([(0, 1.0)] * 7 + [(0, 0.0)] * 3 + [(1, 1.0)] * 2 + [(2, 0.0)])
        belief = believe(Pool(ratings))
        assert belief.weight.tolist() == [1.0]
        assert (belief.a - belief.prior[0]).tolist() == pytest.approx([7, 2, 0, 0, 0, 0], abs=1e-12)
        assert (belief.b - belief.prior[1]).tolist() == pytest.approx([3, 0, 1, 0, 0, 0], abs=1e-12)

    @pytest.mark.parametrize("concentration", [1.0, 2.5, 9.0])
    def test_is_the_variance_of_a_toss_over_the_variance_of_a_rating(self, concentration):
        rng = np.random.default_rng(1)  # the variance of Beta(m c, (1-m) c) is m (1-m) / (c + 1)
        ratings = rated(rng, rng.uniform(0.2, 0.8, 300), np.full(300, 40), concentration)
        assert rating_weight(ratings)[0] == pytest.approx(concentration + 1, rel=0.03)

    def test_does_not_grow_with_the_differences_between_arms(self):
        rng = np.random.default_rng(2)
        apart = np.repeat([0.1, 0.9], 150)
        assert rating_weight(rated(rng, apart, np.full(300, 40), 3.0))[0] == pytest.approx(4, rel=0.05)

    @pytest.mark.parametrize(
        "ratings", [[], [(0, 0.7)], [(0, 0.7), (1, 0.2), (2, 0.9)], [(0, 0.0)] * 50, [(0, 1.0)] * 50], ids=str
    )
    def test_is_one_while_nothing_is_known_of_the_spread_within_arms(self, ratings):
        assert rating_weight(tally(ratings)).tolist() == [1.0]

    def test_ratings_that_all_agree_are_not_believed_without_limit(self):
        weights = [rating_weight(tally([(0, 0.7)] * n))[0] for n in (2, 5, 20, 10_000)]
        assert weights == sorted(weights)
        assert weights[0] < 2
        assert weights[-1] == 25.0

    def test_inherited_ratings_count_in_full(self):
        rng = np.random.default_rng(3)
        inherited = rated(rng, np.full(20, 0.6), np.full(20, 30), 3.0)
        held = believe(Pool(Stats.empty(20), inherited=inherited, discount=0.25))
        assert held.weight == pytest.approx(rating_weight(inherited))


class TestPrior:
    @pytest.mark.parametrize("size", [0, 1, 5])
    def test_without_ratings_it_is_the_stated_weak_prior(self, size):
        belief = believe(Pool(Stats.empty(size)))
        assert belief.a.tolist() == pytest.approx([2.625] * size)
        assert belief.b.tolist() == pytest.approx([2.625] * size)

    @pytest.mark.parametrize(("a", "b"), [(6, 4), (3, 3), (30, 20), (2, 8)])
    def test_finds_the_distribution_that_the_arms_came_from(self, a, b):
        rng = np.random.default_rng(4)
        ratings = rated(rng, rng.beta(a, b, 4_000), rng.integers(0, 25, 4_000), 2.5)
        found = fitted_prior(ratings, rating_weight(ratings))
        assert found[0][0] / (found[0] + found[1])[0] == pytest.approx(a / (a + b), abs=0.01)
        assert (found[0] + found[1])[0] == pytest.approx(a + b, rel=0.15)

    def test_is_near_the_largest_likelihood(self):
        rng = np.random.default_rng(5)
        ratings = rated(rng, rng.beta(6, 4, 300), rng.integers(1, 25, 300), 2.5)
        weight = rating_weight(ratings)
        means = ratings.total / ratings.count

        def loss(mean_and_log_variance):
            mean, variance = mean_and_log_variance[0], math.exp(mean_and_log_variance[1])
            spread_ = variance + mean * (1 - mean) / (weight * ratings.count)
            return 0.5 * (np.log(spread_) + (means - mean) ** 2 / spread_).sum()

        mean, log_variance = minimize(loss, [0.5, math.log(0.04)], method="Nelder-Mead").x
        a, b = (value[0] for value in fitted_prior(ratings, weight))
        assert a / (a + b) == pytest.approx(mean, abs=0.005)
        assert a * b / (a + b) ** 2 / (a + b + 1) == pytest.approx(math.exp(log_variance), rel=0.05)

    def test_is_not_misled_by_good_arms_being_shown_more(self):
        rng = np.random.default_rng(6)
        means = rng.beta(6, 4, 2_000)
        first = rated(rng, means, np.full(2_000, 4), 2.5)
        ratings = first + rated(rng, means, np.where(first.total > 4 * 0.7, 60, 0), 2.5)
        assert ratings.total.sum() / ratings.count.sum() > 0.69
        a, b = (value[0] for value in fitted_prior(ratings, rating_weight(ratings)))
        assert a / (a + b) == pytest.approx(0.6, abs=0.015)

    @pytest.mark.parametrize("reward", [0.0, 1.0])
    def test_stays_usable_when_everybody_agrees_on_an_extreme(self, reward):
        arms = np.repeat(np.arange(500), 50)
        belief = believe(Pool(Stats.tally(arms, np.full(arms.size, reward), 500)))
        assert min(belief.a.min(), belief.b.min()) >= 0.1


class TestAuthors:
    def test_a_star_student_and_a_teacher_start_ahead_and_leave_the_others_alone(self):
        ratings = tally([(0, 0.5), (0, 0.9), (1, 0.2), (2, 0.7), (3, 0.4)])
        authors = np.array([Author.STUDENT, Author.STAR, Author.TEACHER] * 2, dtype=np.int8)
        plain, held = believe(Pool(ratings)), believe(Pool(ratings, authors=authors))
        pseudo = np.array([0, 3, 5, 0, 3, 5])
        assert held.a - plain.a == pytest.approx(plain.weight * pseudo * 0.9, abs=1e-12)
        assert held.b - plain.b == pytest.approx(plain.weight * pseudo * 0.1, abs=1e-12)

    def test_real_ratings_overrule_the_start(self):
        ratings = tally([(0, 0.3), (0, 0.4)] * 10 + [(1, 0.6), (1, 0.7)] * 10, 2)
        belief = believe(Pool(ratings, authors=np.array([Author.TEACHER, Author.STUDENT], dtype=np.int8)))
        assert belief.mean[0] < belief.mean[1]


class TestPool:
    def test_inherited_ratings_are_discounted(self):
        own, inherited = tally([(0, 0.5), (1, 0.8), (1, 0.6)], 2), tally([(0, 0.9), (0, 0.7)], 2)
        pool = Pool(own, inherited=inherited, discount=0.5)
        belief = believe(pool)
        assert belief.a - belief.prior[0] == pytest.approx(belief.weight * [0.5 + 0.5 * 1.6, 1.4])
        assert belief.b - belief.prior[1] == pytest.approx(belief.weight * [0.5 + 0.5 * 0.4, 0.6])
        assert len(pool) == 2

    @pytest.mark.parametrize("discount", [-0.1, 1.1, math.nan])
    def test_discounts_out_of_range(self, discount):
        with pytest.raises(ValueError, match="discount"):
            Pool(Stats.empty(2), discount=discount)

    @pytest.mark.parametrize(
        "columns",
        [
            {"inherited": Stats.empty(3)},
            {"authors": np.zeros(3, dtype=np.int8)},
            {"pinned": np.zeros(1, dtype=bool)},
            {"shares": np.ones(4)},
        ],
    )
    def test_columns_of_other_arms(self, columns):
        with pytest.raises(ValueError, match="same arms"):
            Pool(Stats.empty(2), **columns)

    @pytest.mark.parametrize("share", [-0.1, math.nan, math.inf])
    def test_shares_that_are_none(self, share):
        with pytest.raises(ValueError, match="share of the exposures"):
            Pool(Stats.empty(2), shares=np.array([0.0, share]))

    def test_an_author_that_there_is_not(self):
        with pytest.raises(ValueError, match=r"0 \(STUDENT\), 1 \(STAR\), 2 \(TEACHER\)"):
            Pool(Stats.empty(2), authors=np.array([0, -1], dtype=np.int8))

    def test_pools_side_by_side_are_believed_as_if_alone(self):
        rng = np.random.default_rng(8)
        alone = [rated(rng, rng.beta(6, 4, 7), rng.integers(0, 9, 7), 2.5) for _ in range(3)]
        stacked = Stats(
            np.array([stats.count for stats in alone]),
            np.array([stats.total for stats in alone]),
            np.array([stats.squares for stats in alone]),
        )
        together = believe(Pool(stacked))
        for row, stats in enumerate(alone):
            belief = believe(Pool(stats))
            assert together.a[row] == pytest.approx(belief.a)
            assert together.b[row] == pytest.approx(belief.b)


class TestCalibration:
    """In simulated classes with ratings of 0 to 10, 90 % intervals hold the truth about 90 % of the time."""

    @pytest.mark.parametrize(
        ("setting", "exploration"),
        [
            (Setting(learners=100, most_arms=1_000), explored),
            (Setting(learners=300, most_arms=20, quality=(3, 3)), explored),
            (Setting(learners=300, most_arms=20, quality=(3, 3)), widened(1.0)),
            (Setting(learners=300, most_arms=20, noise=0.12), widened(1.0)),
        ],
        ids=["growing", "capped", "capped, explored widely", "raters who agree"],
    )
    def test_intervals_cover(self, setting, exploration):
        outcome = simulate(setting, 80, np.random.default_rng(9), exploration=exploration)
        low, high = believe(Pool(outcome.ratings)).interval(0.9)
        covered = ((low <= outcome.means) & (outcome.means <= high))[outcome.present]
        assert 0.87 <= covered.mean() <= 0.95


class TestByHand:
    """The formulas of the module's docstring, one number at a time."""

    OWN = Stats.tally([0, 0, 1, 2], [0.2, 0.8, 0.5, 1.0], 3)
    INHERITED = Stats.tally([1, 1, 1], [1.0, 0.6, 0.8], 3)

    def test_the_weight(self):
        cells = [[0.2, 0.8], [0.5], [1.0], [1.0, 0.6, 0.8]]
        tosses = sum((1 - 1 / len(cell)) * sum(r * (1 - r) for r in cell) for cell in cells)
        within = sum(sum(r * r for r in cell) - sum(cell) ** 2 / len(cell) for cell in cells)
        mean = (sum(map(sum, cells)) + 1) / (7 + 2)
        expected = 1 + tosses / (within + 2 * mean * (1 - mean))
        assert rating_weight(self.OWN, self.INHERITED)[0] == pytest.approx(expected, rel=1e-14)
        assert 1 < rating_weight(self.OWN)[0] != pytest.approx(expected, rel=1e-3)

    @pytest.mark.parametrize("weight", [1.0, 3.7])
    def test_the_prior(self, weight):
        stats = Stats.tally([0] * 9 + [1] * 6 + [2], [0.9] * 9 + [0.3, 0.2] * 3 + [0.6], 4)
        count, total = stats.count.tolist(), stats.total.tolist()
        mean, variance = (sum(total) + 1) / (sum(count) + 2), 0.04
        for _ in range(3):
            arms = [(t / n, mean * (1 - mean) / (weight * n)) for n, t in zip(count, total, strict=True) if n]
            u = [1 / (variance + noise) for _, noise in arms]
            mean = (sum(a * m for a, (m, _) in zip(u, arms, strict=True)) + 2 * 0.5 / variance) / (
                sum(u) + 2 / variance
            )
            h2 = [(variance * a) ** 2 for a in u]
            excess = sum(h * ((m - mean) ** 2 - noise) for h, (m, noise) in zip(h2, arms, strict=True))
            score = max((excess + 2 * 0.04) / (sum(h2) + 2), 0.02**2)
            variance = min(variance**0.3 * score**0.7, 0.9 * mean * (1 - mean))
        size = mean * (1 - mean) / variance - 1
        a, b = fitted_prior(stats, np.array([weight]))
        assert (a[0], b[0]) == pytest.approx((mean * size, (1 - mean) * size), rel=1e-9)

    def test_arms_are_never_taken_to_be_all_alike(self):
        stats = Stats(np.full(2_000, 1_000.0), np.full(2_000, 500.0), np.full(2_000, 400.0))
        a, b = fitted_prior(stats, np.ones(1))
        assert a[0] == pytest.approx(b[0])
        assert 0.02**2 <= 0.25 / (a[0] + b[0] + 1) < 0.02**2 * 1.2

    def test_the_interval_of_a_belief(self):
        belief = Belief(np.ones(1), np.ones(1), np.ones(1), (np.ones(1), np.ones(1)))
        assert np.ravel(belief.interval()) == pytest.approx([0.05, 0.95])
        assert np.ravel(belief.interval(0.5)) == pytest.approx([0.25, 0.75])

    def test_the_ends_of_what_is_allowed_are_allowed(self):
        assert [Pool(Stats.empty(1), discount=one).discount for one in (0.0, 1.0)] == [0.0, 1.0]
        assert Pool(Stats.empty(2), shares=np.array([0.0, 0.5])).shares.tolist() == [0.0, 0.5]
        assert Stats.tally([0, 1], [0.0, 1.0], 2).total.tolist() == [0.0, 1.0]

    @pytest.mark.parametrize(
        ("count", "total", "squares", "text"),
        [
            (0.0, 1.5e-9, 0.0, "out of range"),
            (1.0, 1.0 + 2.5e-9, 1.0, "out of range"),
            (1.0, 0.5, 0.5 + 2.5e-9, "out of range"),
            (1.0, 0.5, -2.5e-9, "out of range"),
            (1.0, 1.0, 1.0 - 4.5e-9, "too small"),
        ],
    )
    def test_rounding_is_forgiven_up_to_a_billionth_a_reward_and_one_more(self, count, total, squares, text):
        with pytest.raises(ValueError, match=text):
            Stats([count], [total], [squares])

    @pytest.mark.parametrize(
        ("count", "total", "squares"),
        [
            (0.0, 0.9e-9, 0.0),
            (1.0, 1.0 + 1.5e-9, 1.0),
            (1.0, 0.5, 0.5 + 1.5e-9),
            (1.0, 0.0, -1.5e-9),
            (1.0, 1.0, 1.0 - 3.5e-9),
        ],
    )
    def test_and_not_beyond(self, count, total, squares):
        assert len(Stats([count], [total], [squares]).count) == 1
