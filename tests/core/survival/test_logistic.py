"""`core.survival.logistic`: the optimum, however the rows come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from core.survival.logistic import Logistic, Prior, chance, fit, fit_stream, replace_strength

SEEDS = st.integers(0, 2**32 - 1)


def rows(seed: int, size: int = 200, columns: int = 4):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(size, columns)) * rng.uniform(0.2, 3.0, columns)
    return x, (rng.random(size) < chance(x @ rng.normal(size=columns) + 0.4)).astype(float), rng


def objective(at, x, y, weight, prior):
    z = x @ at[1:] + at[0]
    return float(weight @ (np.logaddexp(0.0, z) - y * z) + 0.5 * prior.precision @ (at - prior.mean) ** 2)


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_the_minimum_is_that_of_a_general_minimiser(seed):
    x, y, rng = rows(seed)
    weight = rng.uniform(0.1, 3.0, len(y))
    prior = Prior(rng.normal(size=5), np.append(rng.choice([0.0, 0.5]), rng.uniform(0.1, 4.0, 4)))
    model = fit(x, y, prior, weights=weight)
    best = minimize(objective, np.zeros(5), (x, y, weight, prior), method="BFGS", options={"gtol": 1e-7})
    assert model.loss == pytest.approx(objective(model.coefficients, x, y, weight, prior), abs=1e-7)
    assert model.loss <= best.fun + 1e-6
    np.testing.assert_allclose(model.coefficients, best.x, atol=2e-3)


def test_without_a_prior_it_is_ridge_one_with_a_free_intercept():
    x, y, _ = rows(1)
    same = fit(x, y, Prior(np.zeros(5), np.array([0.0, 1.0, 1.0, 1.0, 1.0])))
    assert fit(x, y).coefficients == pytest.approx(same.coefficients, abs=1e-12)
    z = x @ same.weights + same.intercept
    assert np.sum(chance(z) - y) == pytest.approx(0.0, abs=1e-3)  # a free intercept: chances add up to the stayers
    np.testing.assert_allclose(x.T @ (chance(z) - y) + same.weights, 0.0, atol=1e-2)


def test_two_numbers_by_hand():
    """One column of ones and no prior on the intercept: the intercept is the log-odds of the base rate."""
    y = np.array([1.0, 1.0, 1.0, 0.0])
    model = fit(np.zeros((4, 1)), y)
    assert model.intercept == pytest.approx(np.log(3.0), abs=1e-4)
    assert model.weights[0] == 0.0
    assert model.loss == pytest.approx(4 * (-(0.75 * np.log(0.75) + 0.25 * np.log(0.25))), abs=1e-9)
    assert (model.rows, model.stayed) == (4, 3.0)
    assert model.chances(np.zeros((2, 1))) == pytest.approx([0.75, 0.75], abs=1e-4)


@settings(deadline=None, max_examples=20)
@given(SEEDS, st.lists(st.integers(1, 199), max_size=5))
def test_chunks_in_any_cut_give_the_same(seed, cuts):
    x, y, _ = rows(seed)
    prior = Prior.ridge(4, 0.7)
    whole = fit(x, y, prior)
    parts = fit_stream(lambda: zip(np.split(x, sorted(cuts)), np.split(y, sorted(cuts)), strict=True), prior)
    assert parts.loss == pytest.approx(whole.loss, abs=1e-6)
    assert parts.coefficients == pytest.approx(whole.coefficients, abs=1e-3)
    assert parts.rows == 200


def test_many_rows_start_from_a_sample_and_end_at_the_same_place():
    x, y, _ = rows(3, 20_000)
    prior = Prior.ridge(4, 2.0)
    model, slow = fit(x, y, prior), fit(x, y, prior, start=Logistic(np.full(4, 3.0), -2.0))
    assert model.passes <= 4 < slow.passes
    assert model.loss == pytest.approx(slow.loss, abs=1e-4)
    halves = fit_stream(lambda: [(x[:9000], y[:9000]), (x[9000:], y[9000:])], prior)
    assert halves.passes <= 5
    assert halves.loss == pytest.approx(slow.loss, abs=1e-4)
    assert fit(x, y, prior, weights=np.ones(len(y))).loss == pytest.approx(model.loss, abs=1e-4)


@settings(deadline=None, max_examples=20)
@given(SEEDS)
def test_a_weight_of_two_is_a_row_twice(seed):
    x, y, rng = rows(seed, 60)
    weight = rng.integers(0, 3, 60)
    twice = np.repeat(np.arange(60), weight)
    a, b = fit(x, y, weights=weight), fit(x[twice], y[twice])
    assert a.coefficients == pytest.approx(b.coefficients, abs=1e-4)
    assert a.stayed == b.stayed


def test_a_strong_prior_wins_and_a_weak_one_yields():
    x, y, _ = rows(5)
    old = Logistic(np.array([1.0, -1.0, 0.5, 2.0]), -0.3)
    assert fit(x, y, Prior.towards(old, 1e9)).coefficients == pytest.approx(old.coefficients, abs=1e-5)
    free = fit(x, y, Prior.ridge(4, 1e-9)).coefficients
    assert fit(x, y, Prior.towards(old, 1e-9)).coefficients == pytest.approx(free, abs=1e-3)
    assert fit(x[:0], y[:0], Prior.towards(old, 1.0)).coefficients == pytest.approx(old.coefficients)
    assert replace_strength(Prior.ridge(2, 3.0), 0.5).precision.tolist() == [0.0, 1.5, 1.5]


def test_standard_errors_are_those_of_many_samples():
    """400 samples of 400 rows: the SD of each estimate is within 15 % of its stated error (about 4 standard errors)."""
    rng = np.random.default_rng(7)
    found, stated = [], []
    for _ in range(400):
        x = rng.normal(size=(400, 2))
        y = rng.random(400) < chance(x @ np.array([0.8, -0.4]) + 0.5)
        model = fit(x, y, Prior.ridge(2, 1e-6), errors=True)
        found.append(model.coefficients)
        stated.append(model.errors)
    assert np.std(found, axis=0) == pytest.approx(np.mean(stated, axis=0), rel=0.15)
    information = np.linalg.inv(model.covariance)
    full = np.hstack((np.ones((400, 1)), x))
    p = model.chances(x)
    assert information == pytest.approx((full * (p * (1 - p))[:, None]).T @ full + np.diag([0, 1e-6, 1e-6]), rel=1e-2)


def test_errors_must_be_asked_for():
    x, y, _ = rows(1)
    with pytest.raises(ValueError, match="errors=True"):
        _ = fit(x, y).errors


def test_separable_rows_have_a_finite_answer():
    model = fit(np.array([[-1.0], [1.0]]), [0, 1])
    assert model.weights[0] == pytest.approx(0.674831, abs=1e-4)  # where w = 2/(1 + e^w)


def test_a_feature_that_nobody_has_gets_no_weight():
    x, y, _ = rows(2)
    x[:, 2] = 0.0
    assert fit(x, y, Prior.ridge(4, 0.0)).weights[2] == 0.0


def test_progress_is_told_after_each_pass():
    x, y, _ = rows(2)
    told: list[tuple[int, int]] = []
    model = fit_stream(lambda: [(x, y)], Prior.ridge(4), say=lambda passes, size: told.append((passes, size)))
    assert told == [(n, 200) for n in range(1, model.passes + 1)]


def test_the_chance_is_the_logistic_function():
    z = np.array([-800.0, -2.0, 0.0, 3.0, 800.0])
    assert chance(z) == pytest.approx([0.0, 0.11920292202211755, 0.5, 0.9525741268224334, 1.0], abs=1e-15)
    out = np.empty(5)
    assert chance(z, out=out) is out
    assert z.tolist() == [-800.0, -2.0, 0.0, 3.0, 800.0]


@pytest.mark.parametrize(
    ("x", "y", "prior", "weights", "says"),
    [
        (np.ones((2, 1)), [1], None, None, "one row for each label"),
        (np.ones(2), [1, 0], None, None, "one row for each label"),
        (np.ones((2, 1)), [1, 2], None, None, "Labels must be 0"),
        (np.ones((2, 1)), [1, 0], None, [1.0], "one weight for each row"),
        (np.full((2, 1), np.nan), [1, 0], None, None, "finite"),
        (np.ones((2, 1)), [1, 0], Prior.ridge(2), None, "prior is for 2 features; these rows have 1"),
    ],
)
def test_bad_rows(x, y, prior, weights, says):
    with pytest.raises(ValueError, match=says):
        fit(x, y, prior, weights=weights)


@pytest.mark.parametrize(
    ("mean", "precision", "says"),
    [
        ([0.0], [0.0, 1.0], "one mean and one precision"),
        ([[0.0]], [[1.0]], "one mean and one precision"),
        ([0.0], [-1.0], "not negative"),
        ([np.inf], [1.0], "finite"),
        ([0.0], [np.inf], "finite"),
    ],
)
def test_bad_priors(mean, precision, says):
    with pytest.raises(ValueError, match=says):
        Prior(np.array(mean), np.array(precision))


def test_who_starts_at_the_end_is_there_after_one_pass():
    x, y, _ = rows(8)
    prior = Prior.ridge(4, 0.7)
    model = fit(x, y, prior)
    again = fit(x, y, prior, start=model, errors=True)
    assert again.passes == 1
    assert again.coefficients == pytest.approx(model.coefficients, abs=1e-4)
    assert again.covariance == pytest.approx(fit(x, y, prior, errors=True).covariance, rel=1e-2)


def test_chunks_may_bring_weights():
    x, y, rng = rows(9)
    weight = rng.uniform(0.2, 3.0, len(y))
    prior = Prior.ridge(4)
    parts = fit_stream(lambda: [(x[:50], y[:50], weight[:50]), (x[50:], y[50:], weight[50:])], prior, errors=True)
    whole = fit(x, y, prior, weights=weight, errors=True)
    assert parts.coefficients == pytest.approx(whole.coefficients, abs=1e-4)
    assert parts.stayed == pytest.approx(weight @ y)
    assert parts.rows == 200
    assert parts.errors == pytest.approx(whole.errors, rel=1e-2)


def test_many_weighted_rows_end_at_the_minimum():
    """More rows than a block and than the least sample: none is lost, none counted twice."""
    x, y, rng = rows(10, 9_000)
    weight = rng.uniform(0.2, 3.0, len(y))
    prior = Prior.ridge(4, 3.0)
    model = fit(x, y, prior, weights=weight)
    assert model.rows == 9_000
    assert model.stayed == pytest.approx(weight @ y)
    assert model.loss == pytest.approx(objective(model.coefficients, x, y, weight, prior), rel=1e-9)
    p = chance(x @ model.weights + model.intercept)
    gradient = np.append(weight @ (p - y), (weight * (p - y)) @ x + 3.0 * model.weights)
    assert np.abs(gradient).max() < 0.5  # of sums of 9,000 terms
    assert fit(x, y, prior).passes <= 5


def test_a_ridge_may_differ_by_feature_and_a_pull_by_coefficient():
    assert Prior.ridge(2, [1.0, 3.0]).precision.tolist() == [0.0, 1.0, 3.0]
    assert Prior.ridge(2).precision.tolist() == [0.0, 1.0, 1.0]
    old = Logistic(np.array([1.0, -1.0]), 0.5)
    assert Prior.towards(old).precision.tolist() == [1.0, 1.0, 1.0]
    pulled = Prior.towards(old, [0.0, 2.0, 3.0])
    assert (pulled.mean.tolist(), pulled.precision.tolist()) == ([0.5, 1.0, -1.0], [0.0, 2.0, 3.0])


def test_a_step_that_leads_too_far_is_halved():
    """From far off, where nothing bends, Newton's whole step would lead further off still."""
    x, y, _ = rows(11)
    prior = Prior.ridge(4, 0.5)
    far = fit(x, y, prior, start=Logistic(np.array([9.0, -9.0, 9.0, -9.0]), 20.0))
    near = fit(x, y, prior)
    assert far.coefficients == pytest.approx(near.coefficients, abs=1e-3)
    assert far.loss == pytest.approx(near.loss, abs=1e-6)
