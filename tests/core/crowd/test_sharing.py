"""`core.crowd.sharing`: everything gets its share, nobody their own, and the probability is that of the draw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crowd.sharing import FALL, REST, Share, draw, probabilities

POOLS = st.integers(1, 8).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 9), min_size=size, max_size=size),
        st.lists(st.booleans(), min_size=size, max_size=size),
        st.none() | st.lists(st.floats(0, 5), min_size=size, max_size=size),
    )
)


class TestProbabilities:
    def test_by_hand(self):
        chance = probabilities([2, 1, 1, 3, 0], [True, True, True, True, False])
        # the least judged that may be drawn are at 1; the others at 2 and 3
        assert chance == pytest.approx([REST / (1 + FALL), (1 - REST) / 2, (1 - REST) / 2, REST * FALL / (1 + FALL), 0])

    def test_only_one_part(self):
        assert probabilities([4, 4, 4], [True] * 3).tolist() == pytest.approx([1 / 3] * 3)
        assert probabilities([7, 3], [True, False]).tolist() == [1, 0]

    def test_half_goes_by_doubt(self):
        chance = probabilities([1, 1, 2], [True] * 3, doubt=[0.3, 0.1, 9])
        # half of .95 evenly, half as 3 : 1; the doubt of what is not least judged has no say
        assert chance == pytest.approx([0.95 * (1 / 4 + 3 / 8), 0.95 * (1 / 4 + 1 / 8), 0.05])

    def test_no_doubt_at_all_is_even(self):
        assert probabilities([0, 0], [True, True], doubt=[0, 0]).tolist() == [0.5, 0.5]

    @settings(deadline=None, max_examples=150)
    @given(POOLS)
    def test_sum_to_one_over_what_is_eligible(self, pool):
        judged, eligible, doubt = pool
        chance = probabilities(judged, eligible, doubt=doubt)
        allowed = np.array(eligible)
        assert (chance[allowed] > 0).all()
        assert (chance[~allowed] == 0).all()
        assert chance.sum() == pytest.approx(1.0 if allowed.any() else 0.0)
        if allowed.any():
            least = np.array(judged)[allowed].min()
            others = allowed & (np.array(judged) > least)
            assert chance[others].sum() == pytest.approx(REST if others.any() else 0.0)

    def test_far_ahead_is_still_within_reach(self):
        chance = probabilities([0, 1, 10**6], [True] * 3)
        assert 0 < chance[2] < 1e-300
        assert probabilities([10**6, 0], [True, True]).tolist() == pytest.approx([REST, 1 - REST])

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (([1], [True, False]), "for each item"),
            (([[1]], [[True]]), "for each item"),
            (([-1], [True]), "not negative"),
            (([np.nan], [True]), "finite"),
        ],
    )
    def test_unusable(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            probabilities(*arguments)

    @pytest.mark.parametrize("doubt", [[-0.1, 1], [np.inf, 1], [1]])
    def test_unusable_doubt(self, doubt):
        with pytest.raises(ValueError, match=r"for each item|not negative"):
            probabilities([1, 1], [True, True], doubt=doubt)

    @pytest.mark.parametrize("rest", [0.0, 1.0])
    def test_nothing_may_be_out_of_reach(self, rest):
        with pytest.raises(ValueError, match="every item can be drawn"):
            probabilities([1, 2], [True, True], rest=rest)


class TestDraw:
    def test_nothing_left(self):
        assert draw([1, 2], [False, False], np.random.default_rng(1)) is None
        assert draw([], [], np.random.default_rng(1)) is None

    def test_says_out_of_how_many(self):
        assert draw([3, 0, 1], [False, True, False], np.random.default_rng(1)) == Share(1, 1.0, 1)

    def test_frequencies_are_the_probabilities(self):
        """8,000 draws: χ² of 4 degrees stays below its 99.9 % point (seeded)."""
        judged, eligible, doubt = [1, 1, 2, 3, 9, 1], [True, True, True, True, True, False], [1, 3, 1, 1, 1, 1]
        rng = np.random.default_rng(5)
        chance = probabilities(judged, eligible, doubt=doubt, rest=0.3)
        shares = [draw(judged, eligible, rng, doubt=doubt, rest=0.3) for _ in range(8_000)]
        seen = np.bincount([share.item for share in shares if share], minlength=6)
        assert all(share and share.probability == chance[share.item] and share.eligible == 5 for share in shares)
        expected = 8_000 * chance[chance > 0.01 / 8_000]
        assert ((seen[chance > 0.01 / 8_000] - expected) ** 2 / expected).sum() < 18.5

    @pytest.mark.parametrize("size", [12, 60])
    @pytest.mark.parametrize("each", [1, 4])
    def test_every_item_gets_its_share(self, size, each):
        """n people with an item each draw k times: every item is judged k times, one more or less, and never by its
        author, with and without a say of doubt."""
        for seed in range(6):
            rng = np.random.default_rng(seed)
            judged, may = np.zeros(size), ~np.eye(size, dtype=bool)
            for _ in range(each):
                for person in rng.permutation(size):
                    doubt = None if seed % 2 else 1 / (1 + judged)
                    share = draw(judged, may[person], rng, doubt=doubt)
                    assert share is not None
                    assert share.item != person
                    assert may[person, share.item]
                    may[person, share.item] = False
                    judged[share.item] += 1
            assert np.abs(judged - each).max() <= 1
