"""`core.selection.policies`: who is chosen, how often, and that the stated probability is the true one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from core.selection.arms import Author, Pool, Stats, believe
from core.selection.best import probability_of_best
from core.selection.policies import FLOOR, PINNED, POLICIES, Choice, chances, choose, spread

RATINGS = [(0, 0.7), (0, 0.9), (0, 0.8), (1, 0.4), (1, 0.9), (2, 0.2), (2, 0.3), (3, 0.8), (4, 0.6), (4, 1.0), (4, 0.5)]
ALL = np.ones(6, dtype=bool)
SOME = np.array([True, False, True, True, False, True])


def pool(*pinned: int) -> Pool:
    arms, rewards = zip(*RATINGS, strict=True)
    authors = np.array([0, 0, 0, 0, 0, Author.STAR], dtype=np.int8)
    return Pool(Stats.tally(arms, rewards, 6), authors=authors, pinned=np.isin(np.arange(6), pinned))


class TestTable:
    def test_every_policy_is_explained_under_its_name(self):
        assert list(POLICIES) == ["best", "best_with_floor", "uniform"]
        for name, policy in [*POLICIES.items(), (PINNED.name, PINNED)]:
            assert policy.name == name
            assert policy.title
            assert policy.explanation.endswith(".")

    def test_it_cannot_be_changed(self):
        with pytest.raises(TypeError):
            POLICIES["mine"] = PINNED


class TestChances:
    @pytest.mark.parametrize("policy", POLICIES)
    @pytest.mark.parametrize("eligible", [ALL, SOME, np.arange(6) == 2])
    def test_are_shared_among_the_eligible_arms_alone(self, policy, eligible):
        found = chances(policy, pool(), eligible)
        assert (found[~eligible] == 0).all()
        assert (found[eligible] > 0).all()
        assert found.sum() == pytest.approx(1, abs=1e-14)

    def test_best_is_the_probability_of_being_best_among_the_eligible(self):
        belief, c = believe(pool()), spread(pool().evidence.count[SOME].mean())
        exact = probability_of_best(belief.a[SOME] / c**2, belief.b[SOME] / c**2)
        assert chances("best", pool(), SOME)[SOME] == pytest.approx(exact, abs=1e-15)

    def test_a_floor_is_mixed_in(self):
        plain, floored = chances("best", pool(), SOME), chances("best_with_floor", pool(), SOME)
        assert floored[SOME] == pytest.approx((1 - FLOOR) * plain[SOME] + FLOOR / 4, abs=1e-15)

    def test_uniform(self):
        assert chances("uniform", pool(), SOME).tolist() == [0.25, 0, 0.25, 0.25, 0, 0.25]

    @pytest.mark.parametrize("policy", POLICIES)
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


class TestChoose:
    @pytest.mark.parametrize(
        ("policy", "pins"), [("best", ()), ("best_with_floor", ()), ("uniform", ()), ("best", (0, 3))]
    )
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
        belief, c = believe(pool()), spread(pool().evidence.count[SOME].mean())
        draws = np.random.default_rng(13).beta(belief.a / c**2, belief.b / c**2, size=(100_000, 6))
        winners = np.bincount(np.where(SOME, draws, -1).argmax(axis=1), minlength=6)
        assert chisquare(winners[SOME], chances("best", pool(), SOME)[SOME] * 100_000).pvalue > 0.001

    def test_says_what_it_was_drawn_from(self):
        assert choose("best", pool(2), SOME, np.random.default_rng(1)) == Choice(2, 1.0, "pinned", 6, 4)
        choice = choose("uniform", pool(), SOME, np.random.default_rng(1))
        assert choice is not None
        assert (choice.probability, choice.policy, choice.pool_size, choice.eligible_size) == (0.25, "uniform", 6, 4)

    @pytest.mark.parametrize("policy", POLICIES)
    def test_nothing_eligible(self, policy):
        assert choose(policy, pool(1), np.zeros(6, dtype=bool), np.random.default_rng(1)) is None
        assert choose(policy, Pool(Stats.empty(0)), [], np.random.default_rng(1)) is None

    def test_the_same_generator_gives_the_same_choice(self):
        one, other = (choose("best", pool(), ALL, np.random.default_rng(5)) for _ in range(2))
        assert one == other

    def test_the_first_text_of_a_class_is_shown(self):
        assert choose("best", Pool(Stats.empty(1)), [True], np.random.default_rng(1)) == Choice(0, 1.0, "best", 1, 1)


def test_exploration_widens_with_ratings_and_stays_in_bounds():
    c = spread([0, 1, 3, 10, 100, 1_000, 1e12])
    assert c == pytest.approx([0.5, 0.5, 0.5, 0.5909, 0.7213, 0.8101, 0.9940], abs=1e-4)
