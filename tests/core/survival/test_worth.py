"""What an answer is worth beyond its question, against integration and enumeration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln, entr, expit, log_expit

from core.survival.worth import answers_ahead, continuation, information_about_person, worth_of_knowing

counts = st.floats(0.5, 60.0)


def integrated(a: float, b: float, easier: float = 0.0) -> float:
    """I(X; θ) in bits by its definition, with the trapezoidal rule over y = logit θ."""
    y, step = np.linspace(-50.0, 50.0, 20_001, retstep=True)
    density = np.exp(a * log_expit(y) + b * log_expit(-y) - betaln(a, b)) * step
    chance = expit(y + easier)
    mean = density @ chance
    return float(entr(mean) + entr(1.0 - mean) - density @ (entr(chance) + entr(1.0 - chance))) / np.log(2.0)


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (1.0, 1.0), (2.0, 5.0), (30.0, 4.0), (0.5, 3.0)])
def test_information_equals_the_integral(a: float, b: float) -> None:
    assert information_about_person(a, b) == pytest.approx(integrated(a, b), abs=1e-9)
    for easier in (-3.0, -1.0, 1.5):
        assert information_about_person(a, b, easier=easier) == pytest.approx(integrated(a, b, easier), abs=1e-3)


def test_information_of_the_uniform_belief_is_in_every_table() -> None:
    assert information_about_person(1.0, 1.0) == pytest.approx(1.0 - 0.5 / np.log(2.0), abs=1e-12)


@settings(deadline=None, max_examples=50)
@given(counts, counts)
def test_information_is_symmetric_positive_below_a_bit_and_shrinks_with_evidence(a: float, b: float) -> None:
    now = float(information_about_person(a, b))
    assert now == pytest.approx(float(information_about_person(b, a)), abs=1e-12)
    assert 0.0 < now < 1.0
    assert float(information_about_person(2 * a, 2 * b)) < now
    assert float(information_about_person(a, b, easier=0.0)) == pytest.approx(now, abs=1e-3)


def test_practice_asks_what_a_person_may_or_may_not_know() -> None:
    able = information_about_person(18.0, 6.0, easier=np.array([4.0, 0.0, -1.1, -6.0]))
    assert able.argmax() == 2
    assert able[0] < able[1]
    assert able[3] < able[1]


def test_one_belief_a_category_serves_all_its_problems() -> None:
    category = np.array([1, 0, 1])
    plain = information_about_person([1.0, 9.0], [1.0, 3.0], category=category)
    np.testing.assert_array_equal(plain, information_about_person([9.0, 1.0, 9.0], [3.0, 1.0, 3.0]))
    shifted = information_about_person([1.0, 9.0], [1.0, 3.0], category=category, easier=[0.5, -0.5, 0.0])
    each = [information_about_person(a, b, easier=d) for a, b, d in ((9, 3, 0.5), (1, 1, -0.5), (9, 3, 0.0))]
    np.testing.assert_allclose(shifted, each, atol=1e-14)


def test_problems_beyond_all_measure_tell_nothing() -> None:
    np.testing.assert_allclose(information_about_person(2.0, 2.0, easier=[1e9, -1e9]), 0.0, atol=1e-6)


def weight(quality: float, options: int) -> float:
    """IG(r) by its definition, 0 below chance."""
    if quality * options <= 1.0:
        return 0.0
    parts = np.array([quality, *np.full(options - 1, (1.0 - quality) / (options - 1))])
    return float(np.log2(options) - entr(parts).sum() / np.log(2.0))


@settings(deadline=None, max_examples=50)
@given(counts, counts, st.integers(2, 6), st.floats(0.0, 30.0))
def test_worth_of_knowing_is_the_expected_rise_of_later_weights(a: float, b: float, n: int, ahead: float) -> None:
    hit, size = a / (a + b), a + b + 1
    later = hit * weight((a + 1) / size, n) + (1 - hit) * weight(a / size, n)
    value = float(worth_of_knowing(a, b, options=n, ahead=ahead))
    assert value == pytest.approx(ahead * (later - weight(hit, n)), abs=1e-10)
    assert value >= 0.0


def test_knowing_is_worth_most_of_strangers_and_nothing_of_who_is_leaving_or_far_below_chance() -> None:
    stranger, friend = worth_of_knowing([1.0, 30.0], [1.0, 30.0], options=4, ahead=5.0)
    assert stranger > 10 * friend > 0.0
    assert worth_of_knowing(1.0, 1.0, options=4, ahead=0.0) == 0.0
    assert worth_of_knowing(1.0, 60.0, options=4, ahead=5.0) == 0.0


def test_answers_ahead_adds_products_of_rates() -> None:
    s = [0.5, 0.6, 0.7, 0.8]
    np.testing.assert_allclose(answers_ahead(s), [0.6 + 0.42 + 0.42 * 4.0, 0.7 + 0.7 * 4.0, 4.0, 4.0])
    assert answers_ahead([0.75]).tolist() == [3.0]
    assert answers_ahead([1.0, 0.0]).tolist() == [0.0, 0.0]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0.0, 0.95), min_size=1, max_size=8))
def test_answers_ahead_equals_the_long_sum(rates: list[float]) -> None:
    def long(i: int) -> float:
        total = product = 0.0
        product = 1.0
        for k in range(i + 1, i + 600):
            product *= rates[min(k, len(rates) - 1)]
            total += product
        return total

    np.testing.assert_allclose(answers_ahead(rates), [long(i) for i in range(len(rates))], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rates", [[], [[0.5]], [1.0], [0.5, 1.0], [-0.1, 0.5], [1.1, 0.5], [float("nan"), 0.5]])
def test_sessions_must_end(rates: list[float]) -> None:
    with pytest.raises(ValueError, match="rate"):
        answers_ahead(rates)


@pytest.mark.parametrize(("a", "b"), [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (np.inf, 1.0), (1.0, np.nan), (1.0, np.inf)])
def test_a_belief_needs_a_prior(a: float, b: float) -> None:
    with pytest.raises(ValueError, match="add a prior"):
        information_about_person(a, b)
    with pytest.raises(ValueError, match="add a prior"):
        worth_of_knowing(a, b, options=4, ahead=1.0)


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="logits"):
        information_about_person(1.0, 1.0, easier=np.nan)
    for options in (1, np.nan, np.inf):
        with pytest.raises(ValueError, match="two options"):
            worth_of_knowing(1.0, 1.0, options=options, ahead=1.0)
    for ahead in (-1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="answers still expected"):
            worth_of_knowing(1.0, 1.0, options=4, ahead=ahead)


def test_what_may_follow_is_the_answers_ahead_times_the_usual_gain() -> None:
    gain, allowed = np.array([0.4, 0.2, np.nan]), np.array([True, True, False])
    assert continuation(gain, allowed, 5.0) == pytest.approx(1.5)
    assert continuation(gain, np.zeros(3, dtype=np.bool_), 5.0) == 0.0
    assert continuation([-0.4, 0.2], [True, True], 5.0) == 0.0
    np.testing.assert_allclose(
        continuation([[1.0, 3.0], [2.0, 8.0]], [[True, True], [True, False]], [0.5, 2.0]), [1.0, 4.0]
    )


@pytest.mark.parametrize(
    ("gain", "allowed", "ahead", "says"),
    [
        ([0.1, 0.2], [True], 1.0, "each task"),
        ([0.1], [True], [1.0], "each task"),
        ([0.1], [True], -1.0, "answers still expected"),
        ([0.1], [True], np.inf, "answers still expected"),
    ],
)
def test_a_continuation_that_does_not_fit_is_refused(
    gain: list[float], allowed: list[bool], ahead: float, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        continuation(gain, allowed, ahead)


def test_nobody_expected_any_more_is_worth_nothing() -> None:
    assert continuation([0.1], [True], 0.0) == 0.0
    assert continuation([0.1], [True], 0.5) == pytest.approx(0.05)
