"""`core.crowd.bits` and `curves` against the formulas of Kobren et al. (section 3.4.1), one answer at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crowd import bits as quizz
from core.crowd.bits import (
    Prior,
    answered,
    category_quality,
    expected_drop,
    fit_prior,
    information,
    information_gain,
    quality,
    questions,
)
from core.crowd.curves import tabulate

PROPERTY = settings(deadline=None, max_examples=60)
BITS = st.lists(st.lists(st.floats(0, 40), min_size=3, max_size=3), min_size=1, max_size=6)


def entropy(shares: np.ndarray) -> float:
    return -sum(p * math.log2(p) for p in shares if p > 0)


def one_at_a_time(bits: np.ndarray, r: float, kappa: float) -> float:
    """E[ΔH] of one question: every answer is given, and the entropy computed anew."""
    n, weight = bits.size, float(information(r, bits.size))

    def belief(support: np.ndarray) -> np.ndarray:
        mass = support + kappa / n
        return mass / mass.sum() if mass.sum() else np.full(n, 1 / n)

    now = belief(bits)
    expected = 0.0
    for answer in range(n):
        chance = r * now[answer] + (1 - r) * (1 - now[answer]) / (n - 1)
        expected += chance * entropy(belief(bits + weight * (np.arange(n) == answer)))
    return entropy(now) - expected


class TestQuality:
    def test_smoothed_share(self):
        assert quality(3, 4) == pytest.approx(4 / 6)
        assert quality([0, 9], [0, 10], Prior(0.25, 8)).tolist() == pytest.approx([0.25, 11 / 18])

    def test_impossible_counts(self):
        with pytest.raises(ValueError, match="between 0 and the number"):
            quality(5, 4)
        with pytest.raises(ValueError, match="between 0 and the number"):
            quality(-1, 4)
        with pytest.raises(ValueError, match="finite"):
            quality(1, math.inf)

    @pytest.mark.parametrize(("mean", "strength"), [(0, 1), (1, 1), (0.5, 0), (0.5, math.inf)])
    def test_impossible_prior(self, mean, strength):
        with pytest.raises(ValueError, match="prior needs"):
            Prior(mean, strength)

    def test_a_category_is_pooled_with_the_person(self):
        # 6 of 8 overall, so r_u = 7/10; (4 + 4 * .7)/(4 + 4), (2 + 2.8)/(4 + 4), and .7 where nothing was answered
        assert category_quality([4, 2, 0], [4, 4, 0]).tolist() == pytest.approx([0.85, 0.6, 0.7])

    def test_no_pooling_leaves_the_share_and_the_person_where_there_is_none(self):
        assert category_quality([4, 2, 0], [4, 4, 0], pooling=0).tolist() == pytest.approx([1.0, 0.5, 0.7])

    def test_much_pooling_leaves_the_person_alone(self):
        assert category_quality([[4, 2]], [[4, 4]], pooling=1e9) == pytest.approx(np.full((1, 2), 0.7))

    @pytest.mark.parametrize("pooling", [-1, math.inf])
    def test_unusable_pooling(self, pooling):
        with pytest.raises(ValueError, match="pooling"):
            category_quality([1], [1], pooling=pooling)

    def test_prior_of_a_crowd_is_found_again(self):
        """Beta(6, 3), 2,000 people of 5 to 40 answers: mean within .015 and strength within 2 (4 standard errors)."""
        rng = np.random.default_rng(1)
        tries = rng.integers(5, 41, 2000)
        fitted = fit_prior(rng.binomial(tries, rng.beta(6, 3, 2000)), tries)
        assert fitted.mean == pytest.approx(2 / 3, abs=0.015)
        assert fitted.strength == pytest.approx(9, abs=2)

    def test_prior_by_hand(self):
        # two people, 4 of 4 and 0 of 4: m = 1/2, v = 4/4 + 4/4 = 2, ρ = (8 - 1)/(8 - 4 - 1) > 1, clipped to the least
        assert fit_prior([4, 0], [4, 4]) == Prior(0.5, 1.0)
        # 8 of 10 and 4 of 10: m = 13/22, v = 20 (.2² + ...): ρ from the formula itself
        mean = 13 / 22
        spread = 10 * ((0.8 - mean) ** 2 + (0.4 - mean) ** 2) / (mean * (1 - mean))
        correlation = (spread - 1) / (20 - 200 / 20 - 1)
        assert fit_prior([8, 4], [10, 10]).strength == pytest.approx(1 / correlation - 1)

    def test_equal_people_have_the_strongest_prior(self):
        assert fit_prior([5, 5, 5], [10, 10, 10]) == Prior(0.5, 50.0)

    @pytest.mark.parametrize(("correct", "tries"), [([], []), ([3], [4]), ([3, 0], [4, 0])])
    def test_one_person_teaches_no_prior(self, correct, tries):
        assert fit_prior(correct, tries) == Prior()


class TestInformation:
    def test_known_values(self):
        assert information([1.0, 0.5, 0.25, 0.1, 0.0], 4).tolist() == pytest.approx(
            [2.0, 2 - 1 - 0.5 * math.log2(3), 0, 0, 0]
        )
        assert information(0.9, 2) == pytest.approx(1 + 0.9 * math.log2(0.9) + 0.1 * math.log2(0.1))

    @PROPERTY
    @given(st.integers(2, 9), st.floats(0, 1), st.floats(0, 1))
    def test_rises_with_quality_above_chance(self, n, r, s):
        low, high = sorted((r, s))
        assert 0 <= information(low, n) <= information(high, n) + 1e-12 <= math.log2(n) + 2e-12

    @pytest.mark.parametrize(("r", "n"), [(-0.1, 2), (1.1, 2), (math.nan, 2)])
    def test_bad_quality(self, r, n):
        with pytest.raises(ValueError, match="share of right answers"):
            information(r, n)

    @pytest.mark.parametrize("n", [1, math.inf])
    def test_bad_options(self, n):
        with pytest.raises(ValueError, match="two options"):
            information(0.5, n)


class TestQuestions:
    def test_belief_and_entropy(self):
        known = questions([[3.0, 1.0, 0.0, 0.0], [0, 0, 0, 0]])
        assert known.belief[:, 0].tolist() == pytest.approx([3.25 / 5, 1.25 / 5, 0.25 / 5, 0.25 / 5])
        assert known.entropy.tolist() == pytest.approx([entropy(known.belief[:, 0]), 2.0])

    def test_one_prior_bit_unless_said_otherwise(self):
        assert quizz.PRIOR_BITS == 1.0
        assert questions([[1.0, 0.0]]).belief[0, 0] == pytest.approx(1.5 / 2)

    def test_without_prior_bits_one_answer_settles_a_question(self):
        known = questions([[0.1, 0, 0], [0, 0, 0]], prior_bits=0)
        assert known.entropy.tolist() == pytest.approx([0, math.log2(3)])
        assert known.belief[:, 1].tolist() == pytest.approx([1 / 3] * 3)
        assert expected_drop(known, 0.8)[1] == pytest.approx(math.log2(3))

    def test_fewer_options_than_columns(self):
        mixed = questions([[2, 1, 0, 0], [2, 1, 0, 0]], [2, 4])
        apart = questions([[2, 1]]), questions([[2, 1, 0, 0]])
        assert mixed.entropy.tolist() == pytest.approx([float(one.entropy[0]) for one in apart])
        drops = expected_drop(mixed, 0.7).tolist()
        assert drops == pytest.approx([float(expected_drop(one, 0.7)[0]) for one in apart])

    def test_a_blank_question_of_fewer_options_without_prior_bits(self):
        known = questions([[0, 0, 0]], [2], prior_bits=0)
        assert known.belief[:, 0].tolist() == [0.5, 0.5, 0]
        assert known.entropy.tolist() == [1.0]

    def test_gain_is_measured_from_no_answers(self):
        known = questions([[9, 0, 0, 0], [0, 0, 0, 0]])
        assert information_gain(known) == pytest.approx(2 - entropy(np.array([9.25, 0.25, 0.25, 0.25]) / 10))

    @pytest.mark.parametrize(
        ("bits", "options", "message"),
        [
            ([1.0, 2.0], None, "table"),
            ([[1.0]], None, "two options"),
            ([[1.0, -1.0]], None, "not negative"),
            ([[1.0, math.inf]], None, "finite"),
            ([[1.0, 1.0]], [1], "whole number of options"),
            ([[1.0, 1.0]], [3], "from 2 to 2"),
            ([[1.0, 1.0, 0.0]], [2.5], "whole number of options"),
            ([[1.0, 1.0]], [2, 2], "one whole number"),
            ([[1.0, 1.0, 0.5]], [2], "does not have"),
        ],
    )
    def test_refusals(self, bits, options, message):
        with pytest.raises(ValueError, match=message):
            questions(bits, options)

    @pytest.mark.parametrize("kappa", [-1, math.inf])
    def test_bad_prior_bits(self, kappa):
        with pytest.raises(ValueError, match="Prior bits"):
            questions([[1, 1]], prior_bits=kappa)

    def test_answers_add_up_in_a_new_table(self):
        before = np.zeros((2, 3))
        after = answered(before, [0, 0, 1], [2, 2, 0], [1.0, 0.5, 2.0])
        assert after.tolist() == [[0, 0, 1.5], [2, 0, 0]]
        assert not before.any()


class TestExpectedDrop:
    @PROPERTY
    @given(BITS, st.floats(0, 1), st.sampled_from([0.0, 0.3, 1.0, 5.0]))
    def test_every_answer_given_in_turn(self, bits, r, kappa):
        table = np.array(bits)
        expected = [one_at_a_time(row, r, kappa) for row in table]
        assert expected_drop(questions(table, prior_bits=kappa), r) == pytest.approx(expected, abs=1e-9)

    @PROPERTY
    @given(BITS, st.permutations(range(3)), st.floats(0.34, 0.99))
    def test_the_order_of_options_means_nothing(self, bits, order, r):
        table = np.array(bits)
        assert expected_drop(questions(table[:, order]), r) == pytest.approx(
            expected_drop(questions(table), r), abs=1e-9
        )

    def test_a_quality_for_each_question_and_blocks(self, monkeypatch):
        rng = np.random.default_rng(2)
        table, r = rng.gamma(1, 2, (50, 4)), rng.uniform(0, 1, 50)
        at_once = expected_drop(questions(table), r)
        monkeypatch.setattr(quizz, "_BLOCK", 7)
        assert expected_drop(questions(table), r).tolist() == at_once.tolist()
        assert at_once.tolist() == pytest.approx([one_at_a_time(row, q, 1.0) for row, q in zip(table, r, strict=True)])

    def test_who_knows_nothing_changes_nothing(self):
        assert expected_drop(questions([[1.0, 0, 0, 0]]), 0.25).tolist() == [0.0]
        assert expected_drop(questions([[0.0, 0]], prior_bits=0), 0.1).tolist() == [0.0]

    def test_a_weak_answer_can_blur_a_settled_question(self):
        assert expected_drop(questions([[20.0, 0, 0, 0]]), 0.5)[0] < 0

    def test_nothing_to_ask(self):
        assert expected_drop(questions(np.empty((0, 3))), 0.5).shape == (0,)


class TestCurves:
    @pytest.mark.parametrize("options", [2, 4])
    def test_close_to_the_exact_drop(self, options):
        """Within 2e-4 bits of the exact value for qualities up to .999."""
        table = np.random.default_rng(3).gamma(0.5, 2.0, (300, options))
        known = questions(table)
        curves = tabulate(known)
        for r in np.linspace(0, 0.999, 41):
            assert curves.at(r) == pytest.approx(expected_drop(known, r), abs=2e-4)

    def test_exact_at_the_nodes_and_zero_below_chance(self):
        known = questions(np.random.default_rng(4).gamma(0.5, 2.0, (20, 3)))
        curves = tabulate(known, nodes=5)
        for step in range(5):
            r = 1 - (2 / 3) * (1 - step / 4) ** 2
            assert curves.at(r) == pytest.approx(expected_drop(known, r), abs=1e-12)
        assert not curves.at(0.2).any()

    def test_categories_keep_the_order_of_questions(self):
        known = questions(np.random.default_rng(5).gamma(0.5, 2.0, (9, 3)))
        category, r = np.array([2, 0, 2, 0, 0, 2, 2, 0, 2]), np.array([0.5, 0.1, 0.9])
        found = tabulate(known, category).at(r)
        assert found == pytest.approx(expected_drop(known, r[category]), abs=2e-4)
        assert tabulate(known, category).at(0.8) == pytest.approx(tabulate(known).at(0.8), abs=1e-12)

    def test_refusals(self):
        known = questions([[1.0, 2.0], [2.0, 1.0]])
        with pytest.raises(ValueError, match="four nodes"):
            tabulate(known, nodes=3)
        for category in ([0], [0, -1], [0.5, 1.0]):
            with pytest.raises(ValueError, match="number of its category"):
                tabulate(known, category)
        for r in (1.1, -0.1, math.nan):
            with pytest.raises(ValueError, match="between 0 and 1"):
                tabulate(known).at(r)
        with pytest.raises(ValueError, match="each of the 2 categories"):
            tabulate(known, [0, 1]).at([0.5, 0.5, 0.5])
