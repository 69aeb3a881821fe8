"""`core.survival.fitted_q` and `core.survival.paper`: the loop's limit, and the paper's four models."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.survival import bulk, fitted_q, paper
from core.survival.fitted_q import following
from core.survival.log import Log, Outcome
from core.survival.logistic import Logistic, Prior, fit
from tests.core.survival.logs import random_log

LEFT, RIGHT = Outcome.LEFT, Outcome.RIGHT


def sequences(seed: int, people: int = 30, columns: int = 3):
    """Rows of people who stay with chance .8 and leave for good."""
    rng = np.random.default_rng(seed)
    lengths = rng.geometric(0.2, people)
    ends = np.cumsum(lengths) - 1
    stayed = np.ones(lengths.sum(), dtype=bool)
    stayed[ends] = rng.random(people) < 0.2  # some are still there when the log ends
    after = np.arange(len(stayed)) + 1
    after[ends] = -1
    return rng.normal(size=(len(stayed), columns)), stayed, after


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.95))
def test_the_closed_form_is_the_limit_of_the_loop(seed, discount):
    x, stayed, after = sequences(seed)
    once = fitted_q.fit(x, stayed, after, discount, 0.7)
    loop, count = fitted_q.iterate(x, stayed, after, discount, 0.7, tolerance=1e-10)
    assert loop.weights == pytest.approx(once.weights, abs=1e-6)
    assert loop.intercept == pytest.approx(once.intercept, abs=1e-6)
    assert (loop.rows, loop.radius) == (once.rows, pytest.approx(once.radius))
    assert 0.0 <= once.radius < 1.0
    assert count >= 2


def test_without_features_q_is_a_geometric_sum():
    """Everybody stays twice and then leaves: Q solves the average of 1 + γQ, 1 + γQ, 0."""
    after = np.array([1, 2, -1])
    model = fitted_q.fit(np.zeros((3, 1)), [1, 1, 0], after, discount=0.5)
    assert model.intercept == pytest.approx((2 / 3) / (1 - 0.5 * 2 / 3))
    assert model.weights.tolist() == [0.0]
    assert model.radius == pytest.approx(0.5 * 2 / 3)
    assert model.scores(np.zeros((2, 1))) == pytest.approx([1.0, 1.0])


def test_who_is_still_there_is_left_out_but_may_follow():
    x = np.arange(4.0)[:, None]
    stayed, after = np.array([1, 1, 1, 0]), np.array([1, -1, 3, -1])
    model = fitted_q.fit(x, stayed, after, 0.5)
    assert model.rows == 3
    full, nexts = np.array([[1.0, 0], [1, 2], [1, 3]]), np.array([[1.0, 1], [1, 3], [0, 0]])
    theta = np.linalg.solve(full.T @ full + np.diag([0, 1]) - 0.5 * full.T @ nexts, full.T @ [1, 1, 0])
    assert [model.intercept, *model.weights] == pytest.approx(theta.tolist())


def test_which_row_follows():
    log = Log.arranged(
        person=[1, 1, 1, 2, 2], task=[0] * 5, at=range(5), outcome=[RIGHT, LEFT, RIGHT, RIGHT, LEFT], category=[0] * 5
    )
    known, after = following(log)
    assert known.tolist() == [True, True, False, True, True]
    assert after.tolist() == [1, -1, -1, 4, -1]


@pytest.mark.parametrize("fit_one", [fitted_q.fit, fitted_q.iterate])
def test_bad_arguments(fit_one):
    x, stayed, after = sequences(1)
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        fit_one(x, stayed, after, discount=1.0)
    with pytest.raises(ValueError, match="positive"):
        fit_one(x, stayed, after, ridge=0.0)
    with pytest.raises(ValueError, match="Without rows"):
        fitted_q.fit_stream(list)
    with pytest.raises(ValueError, match="after 1 iterations"):
        fitted_q.iterate(x, stayed, after, most=1)


def test_a_loop_that_would_diverge_is_refused():
    """One small row is followed by a huge one that is not fitted itself: each iteration multiplies the error by 9."""
    x = np.array([[1.0], [-1.0], [10.0], [-10.0]])
    with pytest.raises(ValueError, match="spectral radius"):
        fitted_q.fit(x, [1, 1, 1, 1], np.array([2, 3, -1, -1]), 0.9, 1e-6)


@pytest.fixture(scope="module")
def log() -> Log:
    return random_log(np.random.default_rng(11), 900, people=60, tasks=9)


def test_la_is_the_logistic_regression_of_the_whole_table(log):
    model = paper.fit_la(log, 2.0, errors=True)
    assert model.loss == pytest.approx(fit(bulk.matrix(log), log.stayed, Prior.ridge(64, 2.0)).loss, abs=1e-5)
    assert model.errors.shape == (65,)
    assert model.rows == 900


def test_lm_is_of_those_with_three_to_ten_tasks_and_says_so(log):
    chosen = paper.middle(log)
    done = {who: int(((log.person == who) & (log.outcome != LEFT)).sum()) for who in set(log.person.tolist())}
    assert chosen.tolist() == [3 <= done[who] <= 10 for who in log.person.tolist()]
    with pytest.warns(UserWarning, match="three to ten tasks"):
        model = paper.fit_lm(log)
    assert model.rows == chosen.sum()


def test_the_bounds_of_the_middle():
    counts = [2, 3, 10, 11]
    person = np.repeat([1, 2, 3, 4], counts)
    log = Log.arranged(person=person, task=person, at=np.arange(26), outcome=[RIGHT] * 26, category=person)
    assert sorted(set(log.person[paper.middle(log)].tolist())) == [2, 3]


def test_ls_has_a_model_for_each_index_and_falls_back_to_la(log):
    steps = paper.fit_ls(log, pooling=1e9)
    assert len(steps.models) == 10
    for model in steps.models:
        assert model.coefficients == pytest.approx(steps.pooled.coefficients, abs=1e-4)
    alone = paper.fit_ls(log, pooling=0.0)
    x = bulk.matrix(log)
    second, last = log.index == 2, log.index >= 10
    assert alone.at(2).loss == pytest.approx(fit(x[second], log.stayed[second]).loss, abs=1e-4)
    assert alone.at(10) is alone.at(55)
    assert alone.at(10).loss == pytest.approx(fit(x[last], log.stayed[last]).loss, abs=1e-4)
    chances = alone.chances(x, log.index)
    assert len(chances) == 900
    for row in range(0, 900, 97):
        assert chances[row] == pytest.approx(alone.at(int(log.index[row])).chances(x[row]))
    with pytest.raises(ValueError, match="counts from 1"):
        alone.at(0)


def test_an_index_without_rows_or_without_leavers_has_la():
    x = np.random.default_rng(0).normal(size=(40, 2))
    stayed = np.append(np.arange(30) % 2, np.ones(10)).astype(bool)
    index = np.append(np.ones(30), np.full(10, 2)).astype(np.int32)
    alone = paper.sequential(x, stayed, index, pooling=0.0, indices=3)
    assert alone.models[1] is alone.models[2] is alone.pooled
    pooled = paper.sequential(x, stayed, index, pooling=1.0, indices=3)
    assert pooled.models[2] is pooled.pooled
    assert pooled.models[1].intercept > pooled.pooled.intercept  # all of them stayed


def test_fq_from_a_log_is_the_closed_form(log):
    model = paper.fit_fq(log, 0.8, 2.0)
    _, after = following(log)
    same = fitted_q.fit(bulk.matrix(log), log.stayed, after, 0.8, 2.0)
    assert model.weights == pytest.approx(same.weights, abs=1e-9)
    assert not isinstance(model, Logistic)


def test_the_defaults_are_nine_tenths_and_a_ridge_of_one():
    x, stayed, after = sequences(3)
    model = fitted_q.fit(x, stayed, after)
    assert (model.discount, model.ridge) == (0.9, 1.0)
    assert model.weights == pytest.approx(fitted_q.fit(x, stayed, after, 0.9, 1.0).weights, abs=1e-15)
    streamed = fitted_q.fit_stream(lambda: [(x, stayed, after)])
    assert (streamed.discount, streamed.ridge) == (0.9, 1.0)
    loop, count = fitted_q.iterate(x, stayed, after)
    assert (loop.discount, loop.ridge) == (0.9, 1.0)
    assert loop.weights == pytest.approx(model.weights, abs=1e-5)
    again, _ = fitted_q.iterate(x, stayed, after, most=count)  # just enough
    assert again.weights.tolist() == loop.weights.tolist()


def test_chunks_of_whole_people_add_up():
    x, stayed, after = sequences(4)
    ends = np.flatnonzero(after < 0) + 1
    cut = int(ends[len(ends) // 2])
    parts = [(x[:cut], stayed[:cut], after[:cut]), (x[cut:], stayed[cut:], np.where(after < 0, -1, after - cut)[cut:])]
    whole, pieces = fitted_q.fit(x, stayed, after, 0.8, 2.0), fitted_q.fit_stream(lambda: parts, 0.8, 2.0)
    assert pieces.weights == pytest.approx(whole.weights, abs=1e-10)
    assert pieces.intercept == pytest.approx(whole.intercept, abs=1e-10)
    assert (pieces.rows, pieces.discount, pieces.ridge) == (whole.rows, 0.8, 2.0)
    assert pieces.radius == pytest.approx(whole.radius, abs=1e-10)


def test_a_small_penalty_and_no_look_ahead_are_allowed():
    x, stayed, after = sequences(5)
    model = fitted_q.fit(x, stayed, after, 0.0, 0.5)
    full = np.hstack((np.ones((model.rows, 1)), x[(stayed == 0) | (after >= 0)]))
    target = stayed[(stayed == 0) | (after >= 0)].astype(float)
    expected = np.linalg.solve(full.T @ full + np.diag([0, 0.5, 0.5, 0.5]), full.T @ target)
    assert [model.intercept, *model.weights] == pytest.approx(expected.tolist())
    assert model.radius == 0.0


def test_the_models_strengths_when_none_is_given(log):
    x = bulk.matrix(log)
    assert paper.fit_la(log).loss == pytest.approx(fit(x, log.stayed, Prior.ridge(64, 1.0)).loss, abs=1e-5)
    chosen = paper.middle(log)
    with pytest.warns(UserWarning, match="three to ten"):
        model = paper.fit_lm(log)
    assert model.loss == pytest.approx(fit(x[chosen], log.stayed[chosen], Prior.ridge(64, 1.0)).loss, abs=1e-4)
    fq = paper.fit_fq(log)
    assert (fq.discount, fq.ridge) == (0.9, 1.0)
    told: list[tuple[int, int]] = []
    paper.fit_la(log, say=lambda *one: told.append(one))
    assert told[-1] == (len(told), 900)


def test_each_index_is_pulled_towards_la_or_held_by_the_ridge():
    rng = np.random.default_rng(6)
    x, index = rng.normal(size=(90, 2)), np.repeat([1, 2, 3], 30).astype(np.int32)
    stayed = rng.random(90) < 0.6
    pulled = paper.sequential(x, stayed, index, 2.0, 5.0, 2)
    la = fit(x, stayed, Prior.ridge(2, 2.0))
    assert pulled.pooled.coefficients == pytest.approx(la.coefficients, abs=1e-4)
    first, rest = index == 1, index >= 2
    for place, some in enumerate((first, rest)):
        expected = fit(x[some], stayed[some], Prior.towards(la, 5.0))
        assert pulled.models[place].coefficients == pytest.approx(expected.coefficients, abs=1e-3)
        alone = paper.sequential(x, stayed, index, 2.0, 0.0, 2).models[place]
        expected = fit(x[some], stayed[some], Prior.ridge(2, 2.0))
        assert alone.coefficients == pytest.approx(expected.coefficients, abs=1e-3)
    usual, stated = paper.sequential(x, stayed, index), paper.sequential(x, stayed, index, 1.0, 1.0, 10)
    assert len(usual.models) == 10
    assert [one.coefficients.tolist() for one in usual.models] == [one.coefficients.tolist() for one in stated.models]
    assert pulled.at(1) is pulled.models[0]
