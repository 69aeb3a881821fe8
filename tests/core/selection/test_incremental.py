"""`core.selection.incremental` and `columns`: a board that is asked in turns agrees with chances from nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, chisquare

from core.selection import columns, incremental
from core.selection.arms import Author, Pool, Stats, believe
from core.selection.best import probability_of_best
from core.selection.exploration import explored
from core.selection.incremental import Board
from core.selection.policies import chances

PROPERTY = settings(deadline=None, max_examples=25)
EVENT = st.tuples(st.integers(0, 4), st.integers(0, 10)) | st.sampled_from(list(Author))


def stats(seed: int, size: int, most: int = 12) -> Stats:
    rng = np.random.default_rng(seed)
    arms = np.repeat(np.arange(size), rng.integers(0, most, size))
    return Stats.tally(arms, rng.integers(0, 11, arms.size) / 10, size)


def exact(board: Board) -> np.ndarray:
    return probability_of_best(*board.compared())


class TestChances:
    @given(st.lists(EVENT, max_size=40))
    @PROPERTY
    def test_agree_with_the_sweep_whatever_happens(self, events):
        board = Board(Pool(stats(1, 5)))
        for event in events:
            if isinstance(event, Author):
                board.add(event)
            else:
                board.rate(event[0], event[1] / 10)
            assert board.chances() == pytest.approx(exact(board), abs=1e-9)
        assert board.chances().sum() == pytest.approx(1, abs=1e-9)

    @pytest.mark.parametrize("size", [1, 2, 30, 1_500])
    def test_are_those_of_the_policy_best_after_a_fit(self, size):
        pool = Pool(stats(2, size), inherited=stats(3, size), authors=np.arange(size, dtype=np.int8) % 3)
        found = Board(pool).chances()
        assert found == pytest.approx(chances("best", pool, np.ones(size, dtype=bool)), abs=1e-11)
        wide = Board(pool, temperature=1.0).chances()
        assert wide == pytest.approx(chances("thompson", pool, np.ones(size, dtype=bool)), abs=1e-11)

    def test_one_arm_at_a_time_and_all_at_once(self):
        board = Board(Pool(stats(4, 20)))
        for without in [(), (3,), (0, 7, 19)]:
            each = [board.chance(arm, without) for arm in range(20)]
            assert each == pytest.approx(board.chances(without), abs=1e-15)
            assert [each[arm] for arm in without] == [0.0] * len(without)

    def test_without_some_arms_they_are_those_of_the_others(self):
        board = Board(Pool(stats(5, 20)))
        likely = int(board.chances().argmax())
        for without in [(3,), (likely,), tuple(range(1, 20))]:
            left = np.setdiff1d(np.arange(20), without)
            a, b = board.compared()
            found = board.chances(without)
            assert found[left] == pytest.approx(probability_of_best(a[left], b[left]), abs=1e-9)
            assert found[list(without)].tolist() == [0.0] * len(without)


class TestDraw:
    @pytest.mark.parametrize("without", [(), (2, 5)])
    def test_is_as_frequent_as_it_says(self, without):
        """Fails by chance for one seed in a thousand."""
        board, rng = Board(Pool(stats(6, 7, 5)), temperature=1.0), np.random.default_rng(1)
        drawn = [board.draw(rng, without) for _ in range(3_000)]
        exact_ = board.chances(without)
        assert dict(drawn) == pytest.approx({arm: exact_[arm] for arm, _ in drawn}, abs=1e-14)
        possible = exact_.nonzero()[0]
        counts = np.bincount([arm for arm, _ in drawn], minlength=7)
        assert counts[list(without)].tolist() == [0] * len(without)
        assert chisquare(counts[possible], exact_[possible] / exact_.sum() * 3_000).pvalue > 0.001

    def test_nothing_left(self):
        with pytest.raises(ValueError, match="Nothing to draw from"):
            Board(Pool(Stats.empty(0))).draw(np.random.default_rng(1))
        with pytest.raises(ValueError, match="Nothing to draw from"):
            Board(Pool(stats(7, 2))).draw(np.random.default_rng(1), (0, 1))

    def test_from_an_empty_board_on(self):
        board, rng = Board(Pool(Stats.empty(0))), np.random.default_rng(1)
        assert board.chances().tolist() == []
        assert board.add() == 0
        assert board.draw(rng) == (0, 1.0)
        for arm in range(1, 40):
            assert board.add() == arm
            board.rate(int(rng.integers(arm + 1)), 0.7)
        assert len(board) == 40
        assert board.chances() == pytest.approx(exact(board), abs=1e-9)


class TestUpkeep:
    def test_the_pool_is_what_was_put_in(self):
        board = Board(Pool(stats(8, 3), inherited=stats(9, 3), discount=0.25))
        board.rate(1, 0.7)
        board.add(Author.STAR)
        pool, expected = board.pool, stats(8, 3).rated(1, 0.7)
        for name in ("count", "total", "squares"):
            assert getattr(pool.ratings, name).tolist() == [*getattr(expected, name).tolist(), 0.0]
            assert getattr(pool.inherited, name).tolist() == [*getattr(stats(9, 3), name).tolist(), 0.0]
        assert (pool.discount, pool.authors.tolist()) == (0.25, [0, 0, 0, 1])

    def test_between_fits_beliefs_are_those_of_the_last_fit_and_the_new_ratings(self):
        first = stats(10, 40)
        board, held = Board(Pool(first)), believe(Pool(first))
        board.rate(4, 0.3)
        board.rate(4, 1.0)
        arm = board.add(Author.TEACHER)
        per_arm = first.count.mean()
        w = held.weight
        a, b = np.append(held.a, held.prior[0] + w * 4.5), np.append(held.b, held.prior[1] + w * 0.5)
        a[4], b[4] = a[4] + w[0] * 1.3, b[4] + w[0] * 0.7
        ratings = np.append(first.rated(4, 0.3).rated(4, 1.0).count, 0)
        assert np.array(board.compared()) == pytest.approx(np.array(explored(a, b, ratings, per_arm)), rel=1e-12)
        assert arm == 40

    def test_the_next_fit_comes_when_a_fifth_is_new(self, monkeypatch):
        fits = []
        monkeypatch.setattr(incremental, "believe", lambda pool: fits.append(len(pool)) or believe(pool))
        board = Board(Pool(Stats.tally([0] * 60 + [1] * 38, [0.5, 0.6] * 49, 2)))  # 98 ratings and 2 arms
        for _ in range(19):
            board.rate(0, 0.5)
        assert fits == [2]
        board.add()
        assert fits == [2, 3]

    def test_rounding_does_not_gather(self):
        board, rng = Board(Pool(stats(11, 3, 4)), temperature=1.0), np.random.default_rng(2)
        board._until = float("inf")
        for _ in range(1_200):
            board.rate(int(rng.integers(3)), rng.integers(0, 11) / 10)
        assert board.chances() == pytest.approx(exact(board), abs=1e-9)


class TestProof:
    def test_a_million_ratings_on_one_arm_and_none_on_the_other(self):
        ratings = Stats(np.array([1e6, 0.0, 3.0]), np.array([6e5, 0.0, 1.5]), np.array([5e5, 0.0, 0.9]))
        board = Board(Pool(ratings))
        assert board.chances() == pytest.approx(exact(board), abs=1e-9)
        arm, chance = board.draw(np.random.default_rng(1))
        assert chance == pytest.approx(exact(board)[arm], abs=1e-9)

    def test_a_mesh_that_does_not_serve_is_laid_anew(self, monkeypatch):
        lays = []
        lay = columns.lay
        monkeypatch.setattr(incremental, "lay", lambda *given: lays.append(given[3]) or lay(*given))
        board = Board(Pool(stats(12, 10)))
        board._until = float("inf")
        before = len(lays)
        best = int(board.chances().argmax())
        for _ in range(400):
            board.rate(best, 0.9)
        assert board.chances() == pytest.approx(exact(board), abs=1e-9)
        assert len(lays) > before

    def test_what_cannot_be_proven_comes_from_the_sweep(self, monkeypatch):
        monkeypatch.setattr(incremental, "proven", lambda *_: False)
        board = Board(Pool(stats(13, 6)))
        assert board.chances().tolist() == exact(board).tolist()
        assert board.chances((1,))[1] == 0.0
        assert board.chance(2) == exact(board)[2]
        arm, chance = board.draw(np.random.default_rng(1))
        assert chance == pytest.approx(exact(board)[arm], rel=1e-14)
        board.rate(0, 1.0)
        assert board.chances().tolist() == exact(board).tolist()

    def test_proven_looks_at_the_sum_at_what_lies_below_and_at_the_panels(self):
        a, b = np.array([6.0, 3.0, 2.0]), np.array([4.0, 3.0, 1.0])
        mesh = columns.lay(a, b, 1e-9)
        placed = columns.columns(mesh, a, b)
        log_product = placed.log_below.sum(axis=1)
        density = np.exp(log_product[:-1]) * placed.hazard.sum(axis=1)
        assert placed.resolved
        assert columns.proven(mesh, density, density.sum(), log_product[-1])
        assert not columns.proven(mesh, density, density.sum() + 1e-8, log_product[-1])
        assert not columns.proven(mesh, density, density.sum() - 1e-8, log_product[-1])
        assert not columns.proven(mesh, density, density.sum() - 1e-7, np.log(1e-7))
        rough = density.reshape(16, -1) * (1 + 0.1 * (-1.0) ** np.arange(16)[:, None])
        rough *= density.sum() / rough.sum()
        assert not columns.proven(mesh, rough.ravel(), rough.sum(), log_product[-1])

    def test_arms_that_a_mesh_was_not_laid_for(self):
        mesh = columns.lay(np.full(5, 6.0), np.full(5, 4.0), 1e-9)
        assert columns.fits(mesh, 6, 4)
        assert columns.fits(mesh, 2, 8)
        assert not columns.fits(mesh, 6, 0.1)  # its upper end lies above the mesh
        assert not columns.fits(mesh, 6e6, 4e6)  # it could slip between two nodes
        assert not columns.columns(mesh, np.array([6e3]), np.array([4e3])).resolved

    def test_a_column_holds_the_distribution_function_and_the_hazard(self):
        mesh = columns.lay(np.array([6.0, 2.0]), np.array([4.0, 2.0]), 1e-9)
        placed = columns.columns(mesh, np.array([3.5]), np.array([2.5]))
        x = np.exp(mesh.basis[:, 0])
        assert np.exp(placed.log_below[:-1, 0]) == pytest.approx(beta.cdf(x, 3.5, 2.5), abs=1e-10)
        weight = np.exp(mesh.log_weight[:, 0])
        density = beta.pdf(x, 3.5, 2.5) * x * np.exp(mesh.basis[:, 1])
        high = x > 0.1
        hazard = weight * density / beta.cdf(x, 3.5, 2.5)
        assert placed.hazard[high, 0] == pytest.approx(hazard[high], rel=1e-6)
        lowest = 1 / (1 + np.exp(-mesh.edges[0]))
        assert np.exp(placed.log_below[-1, 0]) == pytest.approx(beta.cdf(lowest, 3.5, 2.5), abs=1e-10)


class TestArguments:
    def test_pins(self):
        with pytest.raises(ValueError, match="pins"):
            Board(Pool(stats(1, 2), pinned=np.array([True, False])))
        assert len(Board(Pool(stats(1, 2), pinned=np.zeros(2, dtype=bool)))) == 2

    @pytest.mark.parametrize("temperature", [0.0, 1.1])
    def test_temperature(self, temperature):
        with pytest.raises(ValueError, match="temperature"):
            Board(Pool(stats(1, 2)), temperature=temperature)

    @pytest.mark.parametrize("arm", [-1, 2])
    def test_an_arm_that_there_is_not(self, arm):
        with pytest.raises(ValueError, match="there are 2"):
            Board(Pool(stats(1, 2))).rate(arm, 0.5)

    @pytest.mark.parametrize("reward", [-0.1, 1.1, float("nan")])
    def test_a_reward_out_of_range(self, reward):
        with pytest.raises(ValueError, match="between 0 and 1"):
            Board(Pool(stats(1, 2))).rate(0, reward)


class TestForget:
    def test_a_forgotten_answer_is_found_again(self):
        board = Board(Pool(stats(14, 5)))
        before = board.chances().tolist()
        board.forget()
        assert board._answer is None
        assert board.chances().tolist() == before
