"""`core.crowd.agreement` against Krippendorff's published examples, pairs counted one by one, and simulated raters."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crowd.agreement import krippendorff

NAN = math.nan
# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability": four observers, twelve units, missing data
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
).T
BINARY = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]).T
NOMINAL = np.array([[1, 1, 2, 2, 4, 3, 3, 3, 5, 4, 4, 1], [1, 2, 2, 2, 2, 3, 3, 3, 5, 4, 4, 4]]).T
TABLES = st.lists(
    st.lists(st.sampled_from([1.0, 2.0, 3.0, 5.0, NAN]), min_size=3, max_size=3), min_size=2, max_size=8
).map(np.array)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def pair_by_pair(table: np.ndarray, level: str) -> float | None:
    """α from its definition: mean difference within units over mean difference between any two values."""
    units = [row[~np.isnan(row)] for row in table]
    units = [row for row in units if row.size >= 2]
    values = np.concatenate(units) if units else np.empty(0)

    def apart(c: float, k: float) -> float:
        if level == "nominal":
            return float(c != k)
        if level == "interval":
            return (c - k) ** 2
        low, high = min(c, k), max(c, k)
        ends = (values == low).sum() / 2 + (values == high).sum() / 2
        return float(((values > low) & (values < high)).sum() + ends) ** 2 if c != k else 0.0

    n = values.size
    observed = sum(sum(apart(c, k) for c, k in itertools.permutations(row, 2)) / (row.size - 1) for row in units)
    expected = sum(apart(c, k) for c, k in itertools.permutations(values, 2))
    return None if expected == 0 else 1 - (n - 1) * observed / expected


class TestPublished:
    @pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
    def test_four_observers_with_missing_data(self, level, alpha, rng):
        found = krippendorff(PUBLISHED, level, rng)
        assert found.alpha == pytest.approx(alpha, abs=5e-4)
        assert (found.units, found.ratings) == (11, 40)
        assert found.low < found.alpha <= found.high <= 1

    def test_two_observers_two_values(self, rng):
        assert krippendorff(BINARY, "nominal", rng).alpha == pytest.approx(0.095, abs=5e-4)

    def test_two_observers_five_categories(self, rng):
        assert krippendorff(NOMINAL, "nominal", rng).alpha == pytest.approx(0.692, abs=5e-4)


class TestProperties:
    @settings(deadline=None, max_examples=60)
    @given(TABLES, st.sampled_from(["nominal", "ordinal", "interval"]))
    def test_pair_by_pair(self, table, level):
        found = krippendorff(table, level, np.random.default_rng(0), draws=2).alpha
        expected = pair_by_pair(table, level)
        assert found == (None if expected is None else pytest.approx(expected))

    @settings(deadline=None, max_examples=30)
    @given(TABLES, st.permutations(range(3)), st.floats(0.5, 3), st.floats(-5, 5))
    def test_raters_order_and_the_unit_of_an_interval_scale_mean_nothing(self, table, order, stretch, shift):
        one = krippendorff(table, "interval", np.random.default_rng(0), draws=2).alpha
        other = krippendorff(table[:, order] * stretch + shift, "interval", np.random.default_rng(0), draws=2).alpha
        assert other == (None if one is None else pytest.approx(one))

    @pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
    def test_agreement_is_one_and_chance_is_none(self, level, rng):
        """Chance: 2,000 units of random ratings; |α| < .06, over 4 standard errors."""
        same = np.tile(rng.integers(1, 6, (30, 1)), 3)
        assert krippendorff(same, level, rng, draws=10).alpha == pytest.approx(1)
        assert abs(krippendorff(rng.integers(1, 6, (2000, 3)), level, rng, draws=2).alpha) < 0.06

    def test_the_interval_covers(self):
        """100 samples of 60 units: the 90 % interval covers the α of 20,000 units .82 to .97 of the time (2.7 s.e.)."""

        def sample(units: int, rng: np.random.Generator) -> np.ndarray:
            return np.round(rng.normal(3, 1, (units, 1)) + rng.normal(0, 0.8, (units, 4)))

        truth = krippendorff(
            sample(20_000, np.random.default_rng(0)), "interval", np.random.default_rng(0), draws=2
        ).alpha
        inside = 0
        for seed in range(100):
            rng = np.random.default_rng([1, seed])
            found = krippendorff(sample(60, rng), "interval", rng, coverage=0.9, draws=200)
            inside += found.low <= truth <= found.high
        assert 82 <= inside <= 97


class TestTooLittle:
    def test_nobody_rated_the_same(self, rng):
        found = krippendorff([[1, NAN], [NAN, 2]], "nominal", rng)
        assert (found.alpha, found.low, found.units) == (None, None, 0)
        assert str(found.why) == "No two people have rated the same thing."

    @pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
    def test_no_variation(self, level, rng):
        found = krippendorff(np.full((9, 3), 4.1), level, rng)
        assert (found.alpha, found.units, found.ratings) == (None, 9, 27)
        assert "cannot be told from chance" in str(found.why)

    def test_too_few_units_for_an_interval(self, rng):
        four = krippendorff(PUBLISHED[:4], "nominal", rng)
        assert four.alpha is not None
        assert (four.low, four.high) == (None, None)
        assert str(four.why).startswith("Only 4 things")
        assert krippendorff(PUBLISHED[:5], "nominal", rng).why is None

    @pytest.mark.parametrize(
        ("table", "level"), [([1, 2], "nominal"), ([[1, math.inf]], "nominal"), ([[1, 2]], "ratio")]
    )
    def test_refusals(self, table, level, rng):
        with pytest.raises(ValueError, match=r"Ratings must|level of measurement"):
            krippendorff(table, level, rng)
