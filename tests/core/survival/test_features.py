"""Table 1 of Kobren et al. (2015): by event, in bulk and when serving, all the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.survival import bulk, serving
from core.survival.features import COLUMN, FEATURES, GROUPS, Tasks, features
from core.survival.logistic import Logistic
from core.survival.records import Averages, Record, Records, facts
from tests.core.survival.logs import happened, random_log

SIZES = st.integers(1, 40)
SEEDS = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=60)
@given(SEEDS, SIZES, st.booleans())
def test_in_bulk_as_by_event(seed, rows, offered):
    log = random_log(np.random.default_rng(seed), rows, offered=offered)
    np.testing.assert_allclose(bulk.matrix(log), happened(log)[0], rtol=0, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.integers(0, 40), st.integers(1, 30))
def test_serving_as_the_matrix(seed, rows, count):
    rng = np.random.default_rng(seed)
    _, people, records, _ = happened(random_log(rng, rows))
    columns = Records.of([records.get(task, Record()) for task in range(count)])
    place = np.arange(count)
    tasks = Tasks(place % 2, place % 4, place // 2, facts(columns, Averages.over(columns)))
    model = Logistic(rng.normal(size=len(FEATURES)), rng.normal())
    ready = serving.prepared(model, tasks)
    for person in people.values():
        remaining = int(rng.integers(0, 13))
        x = features(person, tasks, remaining)
        np.testing.assert_allclose(serving.scores(ready, person, remaining), model.scores(x), rtol=0, atol=1e-12)
        np.testing.assert_allclose(serving.chances(ready, person, remaining), model.chances(x), rtol=0, atol=1e-12)


def test_the_table_has_four_groups_of_64_features():
    assert {group: len(names) for group, names in GROUPS.items()} == {
        "Quiz": 10,
        "User": 23,
        "Question": 16,
        "Sequential": 15,
    }
    assert len(FEATURES) == len(COLUMN) == 64


@settings(deadline=None, max_examples=20)
@given(SEEDS, SIZES, st.integers(1, 50))
def test_in_pieces_as_at_once(seed, rows, size):
    log = random_log(np.random.default_rng(seed), rows)
    parts = list(bulk.chunks(log, size))
    np.testing.assert_array_equal(np.concatenate([x for x, _ in parts]), bulk.matrix(log))
    np.testing.assert_array_equal(np.concatenate([label for _, label in parts]), log.stayed)
    for piece in bulk.pieces(log, size):
        assert set(log.person[piece]).isdisjoint(log.person[: piece.start])


def test_serving_refuses_weights_of_other_features():
    _, _, records, averages = happened(random_log(np.random.default_rng(1), 5))
    some = facts(Records.of(list(records.values())), averages)
    tasks = Tasks(*(np.zeros(len(records), dtype=np.int32),) * 3, some)
    with pytest.raises(ValueError, match="64 features of Table 1, not by 3"):
        serving.prepared(Logistic(np.zeros(3), 0.0), tasks)


def test_serving_many_tasks_in_blocks():
    rng = np.random.default_rng(2)
    _, people, _, _ = happened(random_log(rng, 40))
    place = np.arange(2 * 16_384 + 5, dtype=np.int32)
    shown = rng.integers(0, 5, len(place))
    columns = Records(shown, shown, shown // 2, shown - shown // 2, 0 * shown, shown * 9_000, shown)
    tasks = Tasks(place % 2, place % 4, place // 2, facts(columns, Averages.over(columns)))
    model = Logistic(rng.normal(size=len(FEATURES)), rng.normal())
    ready = serving.prepared(model, tasks)
    assert ready.cell is not None
    assert len(ready) == len(place)
    person = people[0]
    x = features(person, tasks, 4)
    np.testing.assert_allclose(serving.scores(ready, person, 4), model.scores(x), rtol=0, atol=1e-12)
    np.testing.assert_allclose(serving.chances(ready, person, 4), model.chances(x), rtol=0, atol=1e-12)
