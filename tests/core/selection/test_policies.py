"""`core.selection.policies`: who is chosen, how often, and that the stated probability is the true one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from core.selection.arms import Author, Pool, Stats, believe
from core.selection.best import probability_of_best
from core.selection.exploration import explored
from core.selection.policies import (
    ALL_POLICIES,
    EPSILON,
    FLOOR,
    PINNED,
    POLICIES,
    RESEARCH_POLICIES,
    Choice,
    chances,
    choose,
    thompson,
    top_two,
)

RATINGS = [(0, 0.7), (0, 0.9), (0, 0.8), (1, 0.4), (1, 0.9), (2, 0.2), (2, 0.3), (3, 0.8), (4, 0.6), (4, 1.0), (4, 0.5)]
ALL = np.ones(6, dtype=bool)
SOME = np.array([True, False, True, True, False, True])


def pool(*pinned: int) -> Pool:
    arms, rewards = zip(*RATINGS, strict=True)
    authors = np.array([0, 0, 0, 0, 0, Author.STAR], dtype=np.int8)
    return Pool(Stats.tally(arms, rewards, 6), authors=authors, pinned=np.isin(np.arange(6), pinned))


def compared(eligible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """a and b with which the eligible arms are compared under `best`."""
    held, ratings = believe(pool()), pool().evidence.count[eligible]
    return explored(held.a[eligible], held.b[eligible], ratings, ratings.mean())


class TestTable:
    def test_every_policy_is_explained_under_its_name(self):
        assert list(POLICIES) == ["best", "best_with_floor", "uniform"]
        assert list(ALL_POLICIES) == [*POLICIES, "thompson", "top_two", "epsilon_greedy", "fixed_split"]
        assert ALL_POLICIES == {**POLICIES, **RESEARCH_POLICIES}
        for name, policy in [*ALL_POLICIES.items(), (PINNED.name, PINNED)]:
            assert policy.name == name
            assert policy.title
            assert policy.explanation.endswith(".")

    def test_it_cannot_be_changed(self):
        with pytest.raises(TypeError):
            POLICIES["mine"] = PINNED


class TestChances:
    @pytest.mark.parametrize("policy", ALL_POLICIES)
    @pytest.mark.parametrize("eligible", [ALL, SOME, np.arange(6) == 2])
    def test_are_shared_among_the_eligible_arms_alone(self, policy, eligible):
        found = chances(policy, pool(), eligible)
        assert (found[~eligible] == 0).all()
        assert (found[eligible] > 0).all()
        assert found.sum() == pytest.approx(1, abs=1e-14)

    def test_best_is_the_probability_of_being_best_among_the_eligible(self):
        exact = probability_of_best(*compared(SOME))
        assert chances("best", pool(), SOME)[SOME] == pytest.approx(exact, abs=1e-15)

    def test_a_floor_is_mixed_in(self):
        plain, floored = chances("best", pool(), SOME), chances("best_with_floor", pool(), SOME)
        assert floored[SOME] == pytest.approx((1 - FLOOR) * plain[SOME] + FLOOR / 4, abs=1e-15)

    def test_uniform(self):
        assert chances("uniform", pool(), SOME).tolist() == [0.25, 0, 0.25, 0.25, 0, 0.25]

    @pytest.mark.parametrize("policy", ALL_POLICIES)
    def test_pinned_arms_come_first_and_evenly(self, policy):
        assert chances(policy, pool(1, 2, 3), SOME).tolist() == [0, 0, 0.5, 0.5, 0, 0]
        assert chances(policy, pool(1, 4), SOME).tolist() == chances(policy, pool(), SOME).tolist()

    def test_a_wider_exploration_is_more_even(self):
        narrow, wide = (chances("best", pool(), ALL, temperature=c).max() for c in (0.3, 1.0))
        belief = believe(pool())
        assert narrow > wide == pytest.approx(probability_of_best(belief.a, belief.b).max(), abs=1e-15)

    @pytest.mark.parametrize("temperature", [0, -1, 1.5, float("nan")])
    def test_temperatures_out_of_range(self, temperature):
        with pytest.raises(ValueError, match="temperature"):
            chances("best", pool(), ALL, temperature=temperature)

    def test_an_unknown_policy(self):
        with pytest.raises(ValueError, match="'greedy'; there are best, best_with_floor, uniform"):
            chances("greedy", pool(), ALL)

    def test_a_mask_of_another_length(self):
        with pytest.raises(ValueError, match="each of the 6 arms"):
            chances("best", pool(), ALL[:4])


class TestExtremes:
    @pytest.mark.parametrize("policy", ALL_POLICIES)
    def test_a_hundred_thousand_arms(self, policy):
        rng = np.random.default_rng(1)
        arms = rng.integers(0, 100_000, 30_000)
        found = chances(policy, Pool(Stats.tally(arms, rng.integers(0, 11, arms.size) / 10, 100_000)), np.ones(100_000))
        assert found.sum() == pytest.approx(1, abs=1e-10)
        assert found.min() >= 0

    @pytest.mark.parametrize("policy", ALL_POLICIES)
    def test_a_million_ratings_on_one_arm_and_none_on_another(self, policy):
        ratings = Stats(np.array([1e6, 0.0]), np.array([6e5, 0.0]), np.array([4.5e5, 0.0]))
        found = chances(policy, Pool(ratings), np.ones(2))
        assert found.sum() == pytest.approx(1, abs=1e-14)
        assert (found > 0).all()

    @pytest.mark.parametrize("policy", ALL_POLICIES)
    def test_arms_that_tie_are_shown_alike(self, policy):
        found = chances(policy, Pool(Stats.tally([0, 1, 2, 0, 1], [0.5, 0.5, 0.9, 0.7, 0.7], 3)), np.ones(3))
        assert found[0] == found[1]


class TestChoose:
    @pytest.mark.parametrize(("policy", "pins"), [*((name, ()) for name in ALL_POLICIES), ("best", (0, 3))])
    def test_is_drawn_as_often_as_it_says(self, policy, pins):
        rng, drawn = np.random.default_rng(12), []
        for _ in range(500):
            choice = choose(policy, pool(*pins), SOME, rng)
            assert choice is not None
            drawn.append(choice)
        stated = {choice.index: choice.probability for choice in drawn}
        assert set(stated) <= set(SOME.nonzero()[0].tolist())
        exact = chances(policy, pool(*pins), SOME)
        assert stated == {index: pytest.approx(exact[index], abs=1e-14) for index in stated}
        possible = exact.nonzero()[0]
        counts = np.bincount([choice.index for choice in drawn], minlength=6)
        assert chisquare(counts[possible], exact[possible] * len(drawn)).pvalue > 0.001

    def test_best_shows_an_arm_as_often_as_it_wins_a_draw_from_the_beliefs(self):
        draws = np.random.default_rng(13).beta(*compared(SOME), size=(100_000, 4))
        winners = np.bincount(draws.argmax(axis=1), minlength=4)
        assert chisquare(winners, chances("best", pool(), SOME)[SOME] * 100_000).pvalue > 0.001

    def test_says_what_it_was_drawn_from(self):
        assert choose("best", pool(2), SOME, np.random.default_rng(1)) == Choice(2, 1.0, "pinned", 6, 4)
        choice = choose("uniform", pool(), SOME, np.random.default_rng(1))
        assert choice is not None
        assert (choice.probability, choice.policy, choice.pool_size, choice.eligible_size) == (0.25, "uniform", 6, 4)

    @pytest.mark.parametrize("policy", ALL_POLICIES)
    def test_nothing_eligible(self, policy):
        assert choose(policy, pool(1), np.zeros(6, dtype=bool), np.random.default_rng(1)) is None
        assert choose(policy, Pool(Stats.empty(0)), [], np.random.default_rng(1)) is None

    def test_the_same_generator_gives_the_same_choice(self):
        one, other = (choose("best", pool(), ALL, np.random.default_rng(5)) for _ in range(2))
        assert one == other

    def test_the_first_text_of_a_class_is_shown(self):
        assert choose("best", Pool(Stats.empty(1)), [True], np.random.default_rng(1)) == Choice(0, 1.0, "best", 1, 1)


class TestResearchPolicies:
    def test_thompson_is_axis_as_published(self):
        belief = believe(pool())
        exact = probability_of_best(belief.a[SOME], belief.b[SOME])
        assert chances("thompson", pool(), SOME)[SOME] == pytest.approx(exact, abs=1e-15)
        assert chances("thompson", pool(), SOME, temperature=0.5)[SOME].max() > exact.max()

    def test_top_two_compares_the_beliefs_as_they_are(self):
        assert chances("top_two", pool(), SOME)[SOME] == pytest.approx(top_two(chances("thompson", pool(), SOME)[SOME]))

    def test_epsilon_greedy_takes_the_highest_mean_of_the_belief(self):
        found = chances("epsilon_greedy", pool(), SOME)
        mean = np.where(SOME, believe(pool()).mean, -1.0)
        assert found[mean.argmax()] == pytest.approx(1 - EPSILON + EPSILON / 4)
        assert sorted(found)[:-1] == pytest.approx([0, 0] + [EPSILON / 4] * 3)

    def test_epsilon_greedy_shares_among_ties(self):
        empty = Pool(Stats.empty(4))
        assert chances("epsilon_greedy", empty, [1, 1, 0, 1]) == pytest.approx([1 / 3, 1 / 3, 0, 1 / 3])

    @pytest.mark.parametrize(
        ("eligible", "expected"), [(ALL[:3], [0.5, 0.125, 0.375]), ([1, 1, 0], [0.8, 0.2, 0]), ([0, 1, 0], [0, 1, 0])]
    )
    def test_a_fixed_split_is_scaled_to_the_eligible(self, eligible, expected):
        split = Pool(Stats.empty(3), shares=np.array([4.0, 1.0, 3.0]))
        assert chances("fixed_split", split, eligible) == pytest.approx(expected)

    def test_a_fixed_split_without_shares_is_even(self):
        assert chances("fixed_split", pool(), SOME).tolist() == [0.25, 0, 0.25, 0.25, 0, 0.25]
        split = Pool(Stats.empty(3), shares=np.array([1.0, 0.0, 0.0]))
        assert chances("fixed_split", split, [False, True, True]).tolist() == [0, 0.5, 0.5]


class TestTopTwo:
    @pytest.mark.parametrize("first", [0.0, 0.3, 0.5, 1.0])
    def test_is_the_stated_sum(self, first):
        p = np.array([0.6, 0.25, 0.1, 0.05])
        expected = [
            first * p[k] + (1 - first) * sum(p[j] * p[k] / (1 - p[j]) for j in range(4) if j != k) for k in range(4)
        ]
        assert top_two(p, first) == pytest.approx(expected, abs=1e-15)

    def test_is_what_drawing_twice_gives(self):
        p, rng = np.array([0.7, 0.2, 0.1]), np.random.default_rng(1)
        first, second = rng.choice(3, 40_000, p=p), rng.choice(3, (40_000, 60), p=p)
        other = second[np.arange(40_000), (second != first[:, None]).argmax(axis=1)]
        shown = np.where(rng.random(40_000) < 0.5, first, other)
        assert chisquare(np.bincount(shown), top_two(p) * 40_000).pvalue > 0.001

    def test_keeps_its_digits_beside_an_arm_that_is_almost_surely_best(self):
        assert top_two([1.0, 3e-30, 1e-30]) == pytest.approx([0.5, 0.375, 0.125], rel=1e-12)

    def test_shares_among_arms_that_cannot_win(self):
        assert top_two([1.0, 0.0, 0.0], 0.6) == pytest.approx([0.6, 0.2, 0.2])

    def test_few_arms(self):
        assert top_two([]).tolist() == []
        assert top_two([1.0]).tolist() == [1.0]
        assert top_two([0.9, 0.1]) == pytest.approx([0.5, 0.5])

    @pytest.mark.parametrize("first", [-0.1, 1.1, float("nan")])
    def test_a_share_out_of_range(self, first):
        with pytest.raises(ValueError, match="first arm's share"):
            top_two([0.5, 0.5], first)


class TestThompson:
    def test_chooses_as_often_as_best_does(self):
        """Fails by chance for one seed in a thousand."""
        rng = np.random.default_rng(14)
        drawn = [thompson(pool(), SOME, rng) for _ in range(800)]
        exact = chances("best", pool(), SOME)
        assert chisquare(np.bincount(drawn, minlength=6)[SOME], exact[SOME] * 800).pvalue > 0.001

    def test_a_temperature_is_obeyed(self):
        drawn = [thompson(pool(), SOME, np.random.default_rng(seed), temperature=0.01) for seed in range(20)]
        assert set(drawn) == {int(np.where(SOME, believe(pool()).mean, -1).argmax())}

    def test_pins_come_first(self):
        drawn = {thompson(pool(1, 2, 3), SOME, np.random.default_rng(seed)) for seed in range(20)}
        assert drawn == {2, 3}

    def test_nothing_eligible(self):
        assert thompson(pool(), ~ALL, np.random.default_rng(1)) is None
        with pytest.raises(ValueError, match="each of the 6 arms"):
            thompson(pool(), ALL[:2], np.random.default_rng(1))
