"""`core.selection.contexts`: how much the ratings of one kind of learner count for another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.selection.arms import Pool, Stats, believe, rating_weight
from core.selection.contexts import pooled
from core.selection.policies import chances

PROPERTY = settings(deadline=None, max_examples=60)
RATINGS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 10)), max_size=60)


def by_context(cells, rewards, contexts: int, arms: int) -> Stats:
    flat = Stats.tally(cells, rewards, contexts * arms)
    return Stats(*(part.reshape(contexts, arms) for part in (flat.count, flat.total, flat.squares)))


def sampled(rng: np.random.Generator, means: np.ndarray, counts: int | np.ndarray, concentration=2.5) -> Stats:
    cells = np.repeat(np.arange(means.size), counts)
    mean = np.clip(means.ravel()[cells], 0.02, 0.98)
    rewards = rng.beta(mean * concentration, (1 - mean) * concentration)
    return by_context(cells, rewards, *means.shape)


def row(stats: Stats, context: int) -> Stats:
    return Stats(stats.count[context], stats.total[context], stats.squares[context])


def summed(stats: Stats) -> Stats:
    return Stats(stats.count.sum(axis=0), stats.total.sum(axis=0), stats.squares.sum(axis=0))


@given(RATINGS)
@PROPERTY
def test_own_ratings_count_in_full_and_no_other_more_than_once(ratings):
    """Statistics that no ratings could give would raise ValueError."""
    stats = by_context([cell for cell, _ in ratings], [points / 10 for _, points in ratings], 2, 4)
    found = pooled(stats)
    assert (found.count >= stats.count - 1e-12).all()
    assert (found.count <= stats.count.sum(axis=0) + 1e-9).all()


def test_contexts_that_do_not_differ_give_the_plain_choice():
    """Exactly, where the differences are below 1.5 standard errors: 8 of 10 pools. On average within .06 of it in all.

    The distance is half the sum of the differences between the chances of the arms (total variation).
    """
    rng = np.random.default_rng(1)
    distances = []
    for _ in range(40):
        stats = sampled(rng, np.tile(rng.beta(6, 4, 6), (2, 1)), 12)
        plain = chances("best", Pool(summed(stats)), np.ones(6))
        held = chances("best", Pool(row(pooled(stats), 0)), np.ones(6))
        distances.append(np.abs(held - plain).sum() / 2)
    assert np.count_nonzero(np.array(distances) < 1e-12) >= 28
    assert np.mean(distances) < 0.06


@pytest.mark.parametrize("ratings", [[], [(0, 0.5)], [(0, 0.2), (5, 0.9)], [(0, 0.2), (4, 0.9)]])
def test_too_few_ratings_give_the_plain_belief(ratings):
    stats = by_context([cell for cell, _ in ratings], [reward for _, reward in ratings], 2, 4)
    found = pooled(stats)
    for context in range(2):
        held, plain = believe(Pool(row(found, context))), believe(Pool(summed(stats)))
        assert held.a == pytest.approx(plain.a, rel=1e-12)
        assert held.b == pytest.approx(plain.b, rel=1e-12)


def test_one_context_is_left_alone():
    stats = sampled(np.random.default_rng(2), np.random.default_rng(2).beta(6, 4, (1, 5)), 9)
    found = pooled(stats)
    assert found.count.tolist() == stats.count.tolist()
    assert found.total == pytest.approx(stats.total)


def test_ratings_from_elsewhere_never_count_as_more_than_what_the_difference_allows():
    rng = np.random.default_rng(3)
    base = rng.beta(6, 4, 300)
    means = np.clip(np.array([base, base]) + rng.normal(0, 0.12, (2, 300)), 0.05, 0.95)
    stats = sampled(rng, means, 40)
    worth = (pooled(stats).count - stats.count)[0]
    mean = stats.total.sum() / stats.count.sum()
    flat = Stats(stats.count.ravel(), stats.total.ravel(), stats.squares.ravel())
    noise = mean * (1 - mean) / rating_weight(flat)[0]
    between = 2 * np.var(np.array(means[0] - means[1])) / 2
    assert worth == pytest.approx(np.full(300, 40 / (1 + 40 * between / noise)), rel=0.2)


def test_a_common_difference_moves_the_others_ratings():
    rng = np.random.default_rng(4)
    base = rng.uniform(0.35, 0.6, 40)
    stats = sampled(rng, np.array([base + 0.15, base - 0.15]), 60)
    found = pooled(stats)
    assert found.count == pytest.approx(np.full((2, 40), 120), rel=0.1)
    mean = found.total / found.count
    assert (mean[0] - mean[1]).mean() == pytest.approx(0.3, abs=0.02)
    assert np.abs(mean[0] - base - 0.15).mean() < 0.03


def test_arms_that_suit_some_are_found_for_them():
    rng = np.random.default_rng(5)
    means = np.array([[0.8, 0.3, 0.5, 0.5, 0.5], [0.3, 0.8, 0.5, 0.5, 0.5]])
    found = pooled(sampled(rng, means, 30))
    shown = [chances("best", Pool(row(found, context)), np.ones(5)) for context in range(2)]
    assert shown[0][0] > 0.95
    assert shown[1][1] > 0.95


def test_order_of_arms_and_contexts_and_pools_side_by_side():
    rng = np.random.default_rng(6)
    one, two = (sampled(rng, rng.beta(3, 3, (3, 5)), rng.integers(0, 15, 15)) for _ in range(2))
    found = pooled(one)
    turned = pooled(Stats(*(part[::-1, ::-1] for part in (one.count, one.total, one.squares))))
    assert turned.total[::-1, ::-1] == pytest.approx(found.total)
    names = ("count", "total", "squares")
    both = pooled(Stats(*(np.array([getattr(one, name), getattr(two, name)]) for name in names)))
    assert both.count[0] == pytest.approx(found.count)
    assert both.total[1] == pytest.approx(pooled(two).total)
    assert both.squares[1] == pytest.approx(pooled(two).squares)


def test_statistics_without_contexts():
    with pytest.raises(ValueError, match="contexts and arms"):
        pooled(Stats.empty(4))


def test_the_stated_formulas_one_number_at_a_time():
    """Two contexts that differ by arm and in common: the evidence in the first, by the module's docstring."""
    means = np.array([[0.8, 0.35, 0.7, 0.6], [0.3, 0.5, 0.2, 0.3]])
    stats = sampled(np.random.default_rng(7), means, np.array([30, 12, 20, 25, 18, 40, 9, 22]))
    flat = Stats(stats.count.ravel(), stats.total.ravel(), stats.squares.ravel())
    m = (stats.total.sum() + 1) / (stats.count.sum() + 2)
    noise = m * (1 - m) / rating_weight(flat)[0]
    mean = stats.total / stats.count
    d, v = mean[0] - mean[1], noise * (1 / stats.count[0] + 1 / stats.count[1])
    plain = (d / v).sum() / (1 / v).sum()
    between = (((d - plain) ** 2 - v + 1 / (1 / v).sum()) / v**2).sum() / (1 / v**2).sum()
    assert between > 1.5 * np.sqrt(2 / (1 / v**2).sum())
    precision = 1 / (v + between)
    shift = (d * precision).sum() / precision.sum()
    assert shift * np.sqrt(precision.sum()) > 1.5
    found = pooled(stats)
    for k in range(4):
        worth = 1 / (1 + between * stats.count[1, k] / noise)
        part = min(shift / (1 - mean[1, k]), 1)
        n, t, q = stats.count[1, k], stats.total[1, k], stats.squares[1, k]
        total = (1 - part) * t + part * n
        squares = (1 - part) ** 2 * q + 2 * part * (1 - part) * t + part**2 * n
        assert found.count[0, k] == pytest.approx(stats.count[0, k] + worth * n)
        assert found.total[0, k] == pytest.approx(stats.total[0, k] + worth * total)
        assert found.squares[0, k] == pytest.approx(stats.squares[0, k] + worth * squares)
        part, (n, t, q) = min(shift / mean[0, k], 1), (stats.count[0, k], stats.total[0, k], stats.squares[0, k])
        worth = 1 / (1 + between * n / noise)
        assert found.count[1, k] == pytest.approx(stats.count[1, k] + worth * n)
        assert found.total[1, k] == pytest.approx(stats.total[1, k] + worth * (1 - part) * t)
        assert found.squares[1, k] == pytest.approx(stats.squares[1, k] + worth * (1 - part) ** 2 * q)


def test_what_is_at_the_end_of_the_scale_is_not_moved_beyond_it():
    """The third arm has nothing but ones in the second context: there is no room above, whatever the difference."""
    means = np.array([[0.85, 0.8, 0.9, 0.85], [0.3, 0.35, 0.5, 0.3]])
    cells = np.repeat(np.arange(8), 30)
    rewards = np.where(np.arange(240) % 2, 0.1, -0.1) + means.ravel()[cells]
    rewards[cells == 6] = 1.0
    stats = by_context(cells, rewards, 2, 4)
    borrowed = [part[0, 2] for part in (pooled(stats).count - stats.count, pooled(stats).total - stats.total)]
    assert borrowed[0] > 0
    assert borrowed[1] == pytest.approx(borrowed[0], rel=1e-12)
