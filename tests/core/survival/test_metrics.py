"""Information gain, efficiency and participation (Kobren et al., WWW 2015, section 3.4)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.survival.metrics import (
    FLOOR,
    counted,
    efficiency,
    fp_auc,
    fp_curve,
    improvement,
    information_gain,
    per_user,
    truth_bits,
)

answer_counts = st.lists(st.integers(0, 40), min_size=1, max_size=30)


def test_information_gain_is_the_fall_of_entropy_over_all_questions() -> None:
    assert information_gain([2.0, 2.0, 1.0], [0.5, 2.0, 1.5]) == pytest.approx(1.0)
    assert information_gain([[2.0], [2.0]], [[1.0], [0.0]]) == 3.0
    assert information_gain([], []) == 0.0


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ([1.0], [1.0, 1.0], "same questions"),
        ([-0.1], [0.0], "0 or more"),
        ([0.0], [-0.1], "0 or more"),
        ([np.nan], [0.0], "0 or more"),
    ],
)
def test_entropies_that_are_none_are_refused(before: list[float], after: list[float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        information_gain(before, after)


def test_per_user_divides_and_is_nothing_for_nobody() -> None:
    assert per_user(3.0, 4) == 0.75
    assert per_user(0.0, 0) == 0.0
    with pytest.raises(ValueError, match="0 or more"):
        per_user(1.0, -1)


def test_the_paper_counts_users_from_three_answers_on() -> None:
    assert counted([0, 2, 3, 4]).tolist() == [False, False, True, True]
    assert counted([0, 1], least=1).tolist() == [False, True]


def test_improvement_is_a_ratio_less_one() -> None:
    assert improvement(2.178, 1.0) == pytest.approx(1.178)
    with pytest.raises(ValueError, match="baseline"):
        improvement(1.0, 0.0)


def test_truth_bits_reward_truth_and_not_agreement() -> None:
    sure = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
    assert truth_bits(sure, [0, 1], 4) == 4.0
    assert truth_bits(sure, [0, 0], 4) == 2.0 + 2.0 + np.log2(FLOOR)
    assert truth_bits(np.full((3, 4), 0.25), [0, 1, 3], 4) == 0.0
    assert truth_bits([[0.5, 0.5, 0.0]], [1], [2]) == 0.0
    assert truth_bits([[0.0, 1.0]], [0], 2, floor=0.25) == -1.0


@pytest.mark.parametrize(
    ("belief", "truth", "options", "floor", "says"),
    [
        ([0.5, 0.5], [0], 2, 0.1, "table"),
        ([[0.5, 0.5]], [0, 1], 2, 0.1, "table"),
        ([[0.5, 0.5]], [2], 2, 0.1, "one of the question's options"),
        ([[0.5, 0.5]], [-1], 2, 0.1, "one of the question's options"),
        ([[0.5, 0.5]], [0], 3, 0.1, "one of the question's options"),
        ([[0.5, 0.5]], [0], 2, 0.0, "floor"),
        ([[0.5, 0.5]], [0], 2, 1.0, "floor"),
        ([[1.5, 0.5]], [0], 2, 0.1, "probability"),
        ([[-0.1, 0.5]], [0], 2, 0.1, "probability"),
    ],
)
def test_beliefs_that_are_none_are_refused(
    belief: list[object], truth: list[int], options: int, floor: float, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        truth_bits(belief, truth, options, floor=floor)  # type: ignore[arg-type]  # wrong on purpose


def test_efficiency_is_what_was_gained_of_what_could_have_been() -> None:
    assert efficiency(3.0, [2, 4], [1.0, 0.5]) == 0.75
    assert efficiency(0.0, [2], [0.0]) == 0.0
    with pytest.raises(ValueError, match="bits an answer"):
        efficiency(1.0, [1, 2], [1.0])
    with pytest.raises(ValueError, match="bits an answer"):
        efficiency(1.0, [1], [-1.0])


def test_fp_curve_of_a_small_crowd() -> None:
    assert fp_curve([0, 1, 3, 3]).tolist() == [1.0, 0.75, 0.5, 0.5]
    assert fp_curve([0, 1, 3, 3], longest=1).tolist() == [1.0, 0.75]
    assert fp_curve([0, 1], longest=3).tolist() == [1.0, 0.5, 0.0, 0.0]
    assert fp_auc([0, 1, 3, 3], longest=2) == 1.25


@pytest.mark.parametrize("answers", [[-1], [0.5], [np.nan], [[1, 2]], [np.inf]])
def test_numbers_of_answers_are_whole(answers: list[float]) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        fp_curve(answers)


def test_participation_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one user"):
        fp_curve([])
    with pytest.raises(ValueError, match="0 or more"):
        fp_curve([1], longest=-1)


@settings(deadline=None, max_examples=60)
@given(answer_counts, st.integers(0, 50))
def test_fp_curve_counts_by_definition(answers: list[int], x: int) -> None:
    curve = fp_curve(answers, longest=50)
    assert curve[x] == sum(one >= x for one in answers) / len(answers)


@settings(deadline=None, max_examples=60)
@given(answer_counts)
def test_fp_auc_is_the_mean_number_of_answers_in_any_order(answers: list[int]) -> None:
    assert fp_auc(answers) == pytest.approx(np.mean(answers))
    assert fp_auc(answers[::-1]) == fp_auc(answers)
    assert (np.diff(fp_curve(answers)) <= 0).all()


def test_the_ends_of_what_is_allowed_are_allowed() -> None:
    assert information_gain([0.0], [0.0]) == 0.0
    assert per_user(0.5, 1) == 0.5
    assert improvement(1.5, 0.5) == 2.0
    assert efficiency(0.25, [1], [0.5]) == 0.5
    assert fp_curve([0, 2], longest=0).tolist() == [1.0]
    assert truth_bits([[1.0, 0.0]], [0], 2, floor=0.999) == 1.0
