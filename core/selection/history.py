"""How a pool's chances of being shown changed: the teacher's picture of what the policy came to believe, and when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from core.selection.arms import Pool, Stats, checked_rewards
from core.selection.policies import chances

Array = NDArray[np.float64]


class Event(IntEnum):
    """What can happen to an arm."""

    ARRIVED = 0
    RATED = 1
    RETIRED = 2


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """The events of a pool in order of time: what, to which arm, and the reward in [0, 1] of a rating; each (E,).

    Rewards of other events are not read. Raises ValueError if the lists differ in length or a reward is out of range.
    """

    kind: NDArray[np.int8]  # of Event
    arm: NDArray[np.intp]
    reward: Array

    def __post_init__(self) -> None:
        if not self.kind.shape == self.arm.shape == self.reward.shape == (self.kind.size,):
            raise ValueError("Events, arms and rewards must be lists of equal length.")
        checked_rewards(self.reward[self.kind == Event.RATED])


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """`chance` (M, K) of each arm after the first `events` (M,) events; 0 while an arm is not in the pool."""

    events: NDArray[np.intp]
    chance: Array


def chance_history(pool: Pool, events: Events, policy: str = "best", *, points: int = 60) -> History:
    """The arms' chances under `policy` at up to `points` moments, evenly spaced in events, first and last included.

    `pool` is as it stood before the first event: usually without ratings, but with what it inherited, its authors and
    its pins. An arm that never arrives was there from the start. Cost: `points` times the cost of one decision.
    """
    moments = np.unique(np.linspace(0, events.kind.size, max(points, 2)).round().astype(np.intp))
    present = np.ones(len(pool), dtype=np.bool_)
    present[events.arm[events.kind == Event.ARRIVED]] = False
    ratings, seen, rows = pool.ratings, 0, []
    for moment in moments:
        kind, arm, reward = events.kind[seen:moment], events.arm[seen:moment], events.reward[seen:moment]
        for happened, index in zip(kind, arm, strict=True):
            if happened != Event.RATED:
                present[index] = happened == Event.ARRIVED
        rated = kind == Event.RATED
        ratings, seen = ratings + Stats.tally(arm[rated], reward[rated], len(pool)), int(moment)
        rows.append(chances(policy, replace(pool, ratings=ratings), present))
    return History(moments, np.array(rows))
