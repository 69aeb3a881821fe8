"""Chances that keep one model's order of tasks and another's level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from core.survival.anchored import anchored

chances = st.floats(0.001, 0.999)


@settings(deadline=None, max_examples=80)
@given(st.lists(chances, min_size=1, max_size=20), chances)
def test_the_mean_is_the_level_and_the_differences_stay(stay: list[float], level: float) -> None:
    moved = anchored(stay, level)
    assert moved.mean() == pytest.approx(level, rel=1e-9)
    shift = logit(moved) - logit(stay)
    np.testing.assert_allclose(shift, shift[0], atol=1e-6)


def test_a_level_that_is_met_changes_nothing() -> None:
    np.testing.assert_allclose(anchored([0.2, 0.6], 0.4), [0.2, 0.6], atol=1e-10)
    np.testing.assert_allclose(anchored([0.3, 0.3, 0.3], 0.7), 0.7, atol=1e-12)


def test_certainties_bend_too() -> None:
    np.testing.assert_allclose(anchored([0.0, 1.0], 0.5), [0.0, 1.0], atol=1e-8)
    np.testing.assert_allclose(anchored([0.0, 0.0], 0.5), 0.5, atol=1e-8)
    np.testing.assert_allclose(anchored([0.4, 0.9], 0.0), 0.0, atol=1e-8)
    np.testing.assert_allclose(anchored([0.4, 0.9], 1.0), 1.0, atol=1e-8)
    assert anchored([], 0.5).size == 0


@pytest.mark.parametrize(
    ("stay", "level", "says"),
    [
        ([[0.5]], 0.5, "one list"),
        ([1.1], 0.5, "one list"),
        ([-0.1], 0.5, "one list"),
        ([np.nan], 0.5, "one list"),
        ([0.5], -0.1, "level"),
        ([0.5], 1.1, "level"),
        ([0.5], np.nan, "level"),
    ],
)
def test_what_is_no_probability_is_refused(stay: list[float], level: float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        anchored(stay, level)
