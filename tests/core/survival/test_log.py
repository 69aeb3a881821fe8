"""`core.survival.log` and `core.survival.records`: columns, and what they say about each task."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.survival.log import Log, Outcome, sessions
from core.survival.records import Averages, Record, Records, facts, history
from tests.core.survival.logs import happened, random_log

R, W, U, S, L = Outcome


def small(**more) -> Log:
    return Log.arranged(
        **{"person": [2, 1, 1, 2, 1], "task": [0, 0, 1, 1, 0], "at": [9, 5, 1, 7, 4], "outcome": [R, W, S, U, L]} | more
    )


def test_rows_are_put_into_order_and_what_is_left_out_follows():
    log = small()
    assert log.person.tolist() == [1, 1, 1, 2, 2]
    assert log.at.tolist() == [1, 4, 5, 7, 9]
    assert log.outcome.tolist() == [S, L, W, U, R]
    assert log.stayed.tolist() == [True, False, True, True, True]
    assert log.subcategory.tolist() == log.category.tolist() == [0] * 5
    assert log.subject.tolist() == log.task.tolist() == [1, 0, 0, 1, 0]
    assert np.isnan(log.seconds).all()
    assert log.session.tolist() == [1] * 5
    assert log.remaining.tolist() == [0] * 5
    assert log.starts.tolist() == [0, 3]
    assert log.index.tolist() == [1, 2, 2, 1, 2]  # what was left is not done
    assert len(log) == 5
    assert log.rows(log.person == 2).at.tolist() == [7, 9]


def test_tasks_done_say_who_stayed_by_what_follows():
    log = small(outcome=[R, W, S, U, R], offered=False)
    assert log.stayed.tolist() == [True, True, False, True, False]
    assert log.index.tolist() == [2, 3, 4, 2, 3]  # after one task the second is in question
    with pytest.raises(ValueError, match="cannot hold tasks that somebody left"):
        small(offered=False)


def test_an_empty_log():
    log = Log.arranged(person=[], task=[], at=[], outcome=[], category=[], seconds=[], remaining=[])
    assert len(log) == len(log.starts) == len(log.index) == len(history(log).difficulty) == 0


def test_half_an_hour_and_more_begins_a_session():
    at = [0, 1800, 3600.1, 3700, 0, 5000]
    assert sessions([1, 1, 1, 1, 2, 2], at).tolist() == [1, 1, 2, 2, 1, 2]
    assert sessions([1, 1, 1, 1, 2, 2], at, gap=100).tolist() == [1, 2, 3, 3, 1, 2]
    assert sessions([], []).tolist() == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"person": [1, 2, 1, 2, 2]}, "must stand together"),
        ({"at": [1, 4, 3, 7, 9]}, "order of time"),
        ({"at": [1, 4, np.nan, 7, 9]}, "time at which"),
        ({"outcome": [0, 1, 2, 3, 5]}, r"0 \(RIGHT\), 1 \(WRONG\), 2 \(UNJUDGED\), 3 \(SKIPPED\), 4 \(LEFT\)"),
        ({"outcome": [0, 1, 2, 3, -1]}, "must be one of"),
        ({"task": [1, 2]}, "one length"),
    ],
)
def test_bad_columns(changes, says):
    log = small()
    columns = {name: getattr(log, name) for name in Log.__slots__} | changes
    with pytest.raises(ValueError, match=says):
        Log(**{name: np.asarray(value) if name != "offered" else value for name, value in columns.items()})


def test_a_record_counts_what_happened():
    record = Record().after(R, 2.0).after(S).after(L, 9.0).after(W, 4.0).after(U, 0.0015)
    assert record == Record(shown=5, done=4, right=1, wrong=1, skipped=1, milliseconds=6002, timed=3)
    known = facts(record, Averages(2, 0.9, 3.0, 0.5))
    assert known.difficulty == 0.5
    assert known.right == 0.25
    assert known.skipped == 0.25
    assert known.popularity == pytest.approx(np.log(6.0))
    assert known.seconds == pytest.approx(6.002 / 3)
    assert (known.hard, known.popular, known.avoided) == (True, True, False)


def test_nothing_is_above_an_average_of_nothing_or_its_own():
    fresh = facts(Record(), Averages())
    assert (fresh.hard, fresh.popular, fresh.avoided) == (False, False, False)
    assert (fresh.difficulty, fresh.popularity, fresh.right, fresh.skipped) == (0.5, 0.0, 0.0, 0.0)
    assert np.isnan(fresh.seconds)
    alike = Records.of([Record(3, 3, 1, 2, 0, 0, 0)] * 7)
    same = facts(alike, Averages.over(alike))
    assert not (same.hard | same.popular | same.avoided).any()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_records_and_averages_in_bulk_as_by_event(seed, rows):
    log = random_log(np.random.default_rng(seed), rows)
    _, _, records, averages = happened(log)
    bulk = Records.counted(log, 6)
    one_by_one = Records.of([records.get(task, Record()) for task in range(6)])
    for name in Records.__slots__:
        assert getattr(bulk, name).tolist() == getattr(one_by_one, name).tolist()
    over = Averages.over(bulk)
    assert over.tasks == averages.tasks
    assert (over.difficulty, over.popularity, over.skipped) == pytest.approx(
        (averages.difficulty, averages.popularity, averages.skipped), abs=1e-12
    )


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.data())
def test_the_history_of_a_row_ignores_what_comes_later(seed, rows, data):
    log = random_log(np.random.default_rng(seed), rows)
    until = data.draw(st.floats(0, float(log.at.max())))
    early = log.at <= until
    whole, part = history(log)[early], history(log.rows(early))
    for name in type(whole).__slots__:
        np.testing.assert_array_equal(getattr(whole, name), getattr(part, name))


def test_what_is_given_is_taken_and_sorted_with_its_row():
    columns = {
        "category": [20, 11, 12, 21, 13],
        "subcategory": [120, 111, 112, 121, 113],
        "subject": [220, 211, 212, 221, 213],
        "seconds": [2.0, 1.1, 1.2, 2.1, 1.3],
        "session": [8, 3, 4, 9, 5],
        "remaining": [5, 4, 3, 2, 1],
        "stayed": [True, False, True, True, True],
    }
    log, order = small(**columns), [2, 4, 1, 3, 0]
    for name, values in columns.items():
        assert getattr(log, name).tolist() == pytest.approx([values[place] for place in order])


def test_columns_are_kept_small_whatever_they_are_given_as():
    log = small(seconds=1)
    for name in ("person", "task", "category", "subcategory", "subject", "session", "remaining"):
        assert getattr(log, name).dtype == np.int32
    assert (log.at.dtype, log.seconds.dtype) == (np.float64, np.float64)
    assert (log.outcome.dtype, log.stayed.dtype) == (np.int8, np.bool_)
