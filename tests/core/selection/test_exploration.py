"""`core.selection.exploration`: the beliefs that arms are compared with."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.selection.exploration import LIFT, WIDTH, checked_temperature, explored, explored_arm

PROPERTY = settings(deadline=None, max_examples=60)
BELIEF = st.tuples(st.floats(0.1, 1e6), st.floats(0.1, 1e6))


def one(a: float, b: float, ratings: float, per_arm: float, temperature: float | None = None) -> tuple[float, float]:
    found = explored(np.array([a]), np.array([b]), np.array([ratings]), per_arm, temperature)
    return float(found[0][0]), float(found[1][0])


def test_the_stated_numbers():
    a, b = one(6, 4, 2, 30)
    mean = 0.6 + LIFT * math.sqrt(0.6 * 0.4 / 11 * math.log(10))
    assert (a, b) == pytest.approx((mean * 10 / WIDTH**2, (1 - mean) * 10 / WIDTH**2), rel=1e-12)
    a, b = one(6, 4, 0, 3)
    mean = 0.6 + LIFT / 2 * math.sqrt(0.6 * 0.4 / 11 * math.log(3))
    assert (a, b) == pytest.approx((mean * 10 / WIDTH**2, (1 - mean) * 10 / WIDTH**2), rel=1e-12)


@pytest.mark.parametrize("ratings", [4, 5, 1_000])
def test_nobody_is_lifted_who_has_his_share(ratings):
    assert one(6, 4, ratings, 5) == pytest.approx((6 / WIDTH**2, 4 / WIDTH**2), rel=1e-12)


@pytest.mark.parametrize("temperature", [0.01, 0.5, 1.0])
def test_a_temperature_widens_alone(temperature):
    assert one(6, 4, 0, 100, temperature) == pytest.approx((6 / temperature**2, 4 / temperature**2), rel=1e-15)


@pytest.mark.parametrize("temperature", [0, -1, 1.0001, math.nan])
def test_temperatures_out_of_range(temperature):
    with pytest.raises(ValueError, match="above 0 and not above 1"):
        one(1, 1, 0, 0, temperature)
    with pytest.raises(ValueError, match=str(temperature)):
        checked_temperature(temperature)


def test_no_temperature_is_one():
    assert checked_temperature(None) is None
    assert checked_temperature(1.0) == 1.0


@given(BELIEF, st.floats(0, 1e6), st.floats(0, 1e6))
@PROPERTY
def test_fewer_ratings_or_more_of_the_others_lift_at_least_as_much(belief, ratings, per_arm):
    def mean(n: float, others: float) -> float:
        a, b = one(*belief, n, others)
        return a / (a + b)

    assert mean(ratings, per_arm) <= mean(ratings / 2, per_arm) + 1e-12
    assert mean(ratings, per_arm) <= mean(ratings, per_arm * 2) + 1e-12


@given(BELIEF, st.floats(0, 1e6))
@PROPERTY
def test_parameters_stay_usable(belief, per_arm):
    a, b = one(*belief, 0, per_arm)
    assert min(a, b) >= 0.05
    assert a / (a + b) <= max(0.98, belief[0] / sum(belief)) + 1e-9


def test_pools_side_by_side():
    a, b = np.random.default_rng(1).uniform(1, 9, (2, 3, 4))
    ratings, per_arm = np.arange(12.0).reshape(3, 4), np.array([[1.0], [5.0], [50.0]])
    both = explored(a, b, ratings, per_arm)
    for row in range(3):
        alone = explored(a[row], b[row], ratings[row], per_arm[row, 0])
        assert np.array([both[0][row], both[1][row]]) == pytest.approx(np.array(alone), rel=1e-14)


@given(BELIEF, st.floats(0, 1e6), st.floats(0, 1e6), st.sampled_from([None, 0.3, 1.0]))
@PROPERTY
def test_one_arm_alone_is_explored_as_among_others(belief, ratings, per_arm, temperature):
    alone = explored_arm(*belief, ratings, per_arm, temperature)
    assert alone == pytest.approx(one(*belief, ratings, per_arm, temperature), rel=1e-12)
