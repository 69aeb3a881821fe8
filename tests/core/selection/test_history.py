"""`core.selection.history`: the picture of what the policy came to believe."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.selection.arms import Pool, Stats
from core.selection.history import Event, Events, chance_history
from core.selection.policies import POLICIES, chances

A, R, X = Event.ARRIVED, Event.RATED, Event.RETIRED


def events(*rows: tuple[Event, int, float]) -> Events:
    kind, arm, reward = zip(*rows, strict=True) if rows else ((), (), ())
    return Events(np.array(kind, dtype=np.int8), np.array(arm, dtype=np.intp), np.array(reward, dtype=float))


STORY = events(
    (A, 1, math.nan),
    (R, 0, 0.9),
    (R, 1, 0.2),
    (A, 2, math.nan),
    (R, 1, 0.3),
    (X, 1, math.nan),
    (R, 0, 0.8),
    (A, 1, math.nan),
)


@pytest.mark.parametrize("policy", POLICIES)
def test_each_row_is_the_policy_s_chances_at_that_moment(policy):
    history = chance_history(Pool(Stats.empty(3)), STORY, policy, points=100)
    assert history.events.tolist() == list(range(9))
    present = [[0], [0, 1], [0, 1], [0, 1], [0, 1, 2], [0, 1, 2], [0, 2], [0, 2], [0, 1, 2]]
    ratings = [(0, 0.9), (1, 0.2), (1, 0.3), (0, 0.8)]
    known = [0, 0, 1, 2, 2, 3, 3, 4, 4]
    for row, arms, count in zip(history.chance, present, known, strict=True):
        stats = Stats.tally([arm for arm, _ in ratings[:count]], [reward for _, reward in ratings[:count]], 3)
        assert row == pytest.approx(chances(policy, Pool(stats), np.isin(np.arange(3), arms)), abs=1e-12)


def test_few_points_keep_the_first_and_the_last_moment():
    assert chance_history(Pool(Stats.empty(3)), STORY, points=3).events.tolist() == [0, 4, 8]
    assert chance_history(Pool(Stats.empty(3)), STORY, points=1).events.tolist() == [0, 8]


def test_a_pool_without_events_has_one_moment():
    history = chance_history(Pool(Stats.empty(2)), events())
    assert history.events.tolist() == [0]
    assert history.chance.tolist() == [[0.5, 0.5]]


def test_an_empty_pool_shows_nothing_until_the_first_arrival():
    history = chance_history(Pool(Stats.empty(1)), events((A, 0, math.nan)))
    assert history.chance.tolist() == [[0.0], [1.0]]


def test_what_was_inherited_and_pinned_holds_from_the_start():
    inherited = Stats.tally([0] * 9, [0.9] * 9, 2)
    assert chance_history(Pool(Stats.empty(2), inherited=inherited), events()).chance[0, 0] > 0.5
    pinned = Pool(Stats.empty(2), pinned=np.array([False, True]))
    assert chance_history(pinned, events((R, 0, 1.0))).chance.tolist() == [[0.0, 1.0], [0.0, 1.0]]


def test_bad_lists():
    with pytest.raises(ValueError, match="equal length"):
        Events(np.zeros(2, dtype=np.int8), np.zeros(1, dtype=np.intp), np.zeros(2))
    with pytest.raises(ValueError, match="between 0 and 1"):
        events((R, 0, 7.0))
