"""`core.crowd.scales`: ratings on one measure, the consensus of the others, and the fit-score by hand and by pairs."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crowd.scales import ATTRIBUTES, RATING, SCALES, Attribute, Scale, consensus, fit_scores
from core.words import Sentence

NAN = math.nan
TWO = tuple(Attribute(key, Sentence(key), Sentence(key)) for key in ("a", "b"))
ROWS = st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, NAN]), min_size=8, max_size=8).map(np.array)


class TestScale:
    @pytest.mark.parametrize(
        ("name", "ratings", "unit"),
        [("thumb", [0, 1], [0, 1]), ("stars", [1, 3, 5], [0, 0.5, 1]), ("ten", [0, 7, 10], [0, 0.7, 1])],
    )
    def test_on_one_measure(self, name, ratings, unit):
        assert SCALES[name].unit(ratings).tolist() == unit

    def test_attributes_are_averaged_and_may_be_missing(self):
        unit = SCALES["attributes"].unit([[1, 5, 5, 5, 5, 3], [1, NAN, 5, NAN, NAN, NAN], [NAN] * 6])
        assert unit[:2].tolist() == [0.75, 0.5]
        assert np.isnan(unit[2])

    def test_ratings_by_key(self):
        several, one = SCALES["attributes"], SCALES["stars"]
        said = several.measures([{"novel": 1, "clear": 5, "useful": None}, {"thorough": 2}, {}])
        assert said[:2].tolist() == [0.5, 0.25]
        assert math.isnan(said[2])
        assert one.measures([{RATING: 4}, {RATING: 1}]).tolist() == [0.75, 0]
        assert several.measures([]).shape == one.measures([]).shape == (0,)

    @pytest.mark.parametrize(("name", "ratings"), [("attributes", {"nice": 3}), ("stars", {"clear": 3})])
    def test_keys_of_another_scale(self, name, ratings):
        with pytest.raises(ValueError, match="This scale asks for"):
            SCALES[name].measures([{}, ratings])

    def test_up_to_six_attributes_each_with_a_question(self):
        assert [attribute.key for attribute in ATTRIBUTES] == [
            "relevant",
            "clear",
            "thorough",
            "novel",
            "workable",
            "useful",
        ]
        assert all(str(attribute.asked).endswith("?") for attribute in ATTRIBUTES)

    def test_attributes_of_unequal_weight(self):
        two = Scale(Sentence("two"), 0, 1, TWO, (3, 1))
        assert two.unit([1, 0]) == 0.75

    @pytest.mark.parametrize(("name", "rating"), [("thumb", 2), ("stars", 0.5), ("stars", 5.5), ("ten", -1)])
    def test_off_the_scale(self, name, rating):
        with pytest.raises(ValueError, match="must lie between"):
            SCALES[name].unit(rating)

    def test_wrong_number_of_attributes(self):
        with pytest.raises(ValueError, match="each of the 6 attributes"):
            SCALES["attributes"].unit([1, 2])

    @pytest.mark.parametrize("weights", [(1.0,), (1.0, 0.0), (1.0, -1.0)])
    def test_unusable_scales(self, weights):
        with pytest.raises(ValueError, match="one positive weight"):
            Scale(Sentence("two"), 0, 1, TWO, weights)
        with pytest.raises(ValueError, match="lowest value below"):
            Scale(Sentence("none"), 1, 1)


class TestConsensus:
    def test_is_what_the_others_think(self):
        ratings = np.array([[1, 3, NAN], [2, 4, NAN], [5, 5, 5]])
        # standard scores: (-1, 1), (-1, 1), (0, 0, 0)
        expected = [[-0.5, 0.5, 0], [-0.5, 0.5, 0], [-1, 1, NAN]]
        assert consensus(ratings) == pytest.approx(np.array(expected), nan_ok=True)

    @settings(deadline=None, max_examples=30)
    @given(st.lists(ROWS, min_size=2, max_size=5).map(np.array), st.floats(0.5, 3), st.floats(-4, 4))
    def test_leniency_and_spread_mean_nothing(self, table, stretch, shift):
        other = table.copy()
        other[0] = stretch * other[0] + shift
        assert consensus(other) == pytest.approx(consensus(table), nan_ok=True, abs=1e-9)


class TestFitScore:
    def test_by_hand(self):
        reference = np.arange(6.0)
        rows = [reference, -reference, np.full(6, 3), [0, 0, 0, 1, 1, 1], [1, 0, 2, 3, 4, 5]]
        found = fit_scores(rows, reference)
        assert found.score.tolist() == pytest.approx([1, -1, 0, 9 / 15, 13 / 15])
        assert found.pairs.tolist() == [15] * 5
        assert found.error[:3].tolist() == [0, 0, 0]

    @settings(deadline=None, max_examples=60)
    @given(ROWS, ROWS)
    def test_pair_by_pair(self, mine, truth):
        agreed = pairs = 0
        for i, k in itertools.combinations(range(8), 2):
            if np.isnan([mine[i], mine[k], truth[i], truth[k]]).any() or truth[i] == truth[k]:
                continue
            pairs += 1
            agreed += np.sign(mine[i] - mine[k]) * np.sign(truth[i] - truth[k])
        found = fit_scores([mine], truth)
        assert found.pairs[0] == pairs
        if pairs < 10:
            assert np.isnan(found.score[0])
            assert f"{pairs} ordered pairs" in str(found.refusal(0))
        else:
            assert found.score[0] == pytest.approx(agreed / pairs)
            assert found.refusal(0) is None

    def test_error_by_leaving_out_one_item(self):
        rng = np.random.default_rng(1)
        mine, truth = rng.normal(size=9), rng.normal(size=9)
        left = [fit_scores([np.delete(mine, i)], np.delete(truth, i)).score[0] for i in range(9)]
        expected = math.sqrt(8 / 9 * np.sum((np.array(left) - np.mean(left)) ** 2))
        assert fit_scores([mine], truth).error[0] == pytest.approx(expected)

    def test_ten_pairs_are_enough_and_nine_are_not(self):
        assert not np.isnan(fit_scores([np.arange(5.0)], np.arange(5.0)).score[0])
        truth = np.array([0, 0, 1, 2, 3.0])
        assert np.isnan(fit_scores([np.arange(5.0)], truth).score[0])

    def test_consensus_stands_in_for_experts(self):
        """30 raters of known noise, 40 items: fit to the consensus orders them as fit to the truth does (r > .9)."""
        rng = np.random.default_rng(2)
        truth = rng.normal(size=40)
        ratings = truth + rng.normal(size=(30, 40)) * np.linspace(0.2, 4, 30)[:, None]
        mine, expert = fit_scores(ratings).score, fit_scores(ratings, truth).score
        assert np.corrcoef(mine, expert)[0, 1] > 0.9
        assert mine.mean() < expert.mean()

    def test_more_steps_fit_better(self):
        """The same opinions on a thumb and on ten points: ten points fit the truth better for 38 of 40 or more."""
        rng = np.random.default_rng(3)
        truth = rng.normal(size=24)
        opinion = truth + rng.normal(size=(40, 24)) * 0.5
        thumb, ten = np.where(opinion > 0, 1.0, 0.0), np.clip(np.round(5 + 2 * opinion), 0, 10)
        better = fit_scores(ten, truth).score > fit_scores(thumb, truth).score
        assert better.sum() >= 38

    def test_refusals(self):
        with pytest.raises(ValueError, match="one value for each item"):
            fit_scores([[1.0, 2.0]], [1.0])
        with pytest.raises(ValueError, match="table"):
            fit_scores([1.0, 2.0])
        with pytest.raises(ValueError, match="finite"):
            consensus([[1.0, math.inf]])
