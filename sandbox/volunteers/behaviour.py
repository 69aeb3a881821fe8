"""What a volunteer does at a question: stays or leaves, skips, answers; and stops where a goal is met.

The probabilities that the policies have to guess. With k the chance that the volunteer knows the answer,

    k        = σ(ability in the category - difficulty)
    P(stay)  = σ(patience + effect (k - 1/2) + what just happened + how near a stated goal is)
    P(skip)  = σ(a + b k);    otherwise the answer is right with chance k + (1-k)/n, else wrong
    P(stop)  = s (1 - exp(-length / 8)) when a goal of that length is met
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.survival.log import Outcome
from sandbox.volunteers.world import Array, Setting, Worlds

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Memory:
    """What of the last question still matters: its category (-1: there was none), whether right, whether skipped."""

    category: int = -1
    right: bool = False
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question that somebody stayed for; `option` is -1 for a skip. Time in seconds."""

    outcome: Outcome
    option: int
    seconds: float


def stays(worlds: Worlds, world: int, user: int, memory: Memory, remaining: int) -> Array:
    """The true chance of staying for each question, (Q,), with `remaining` tasks stated (0: none)."""
    setting, category = worlds.setting, worlds.category[world]
    known = _sigmoid(worlds.ability[world, user, category] - worlds.difficulty[world])
    mood = worlds.patience[world, user] + _mood(setting, memory, remaining)
    return _sigmoid(
        mood + setting.difficulty_effect * (known - 0.5) + setting.same_category * (category == memory.category)
    )


def stays_for(worlds: Worlds, world: int, user: int, task: int, memory: Memory, remaining: int) -> float:
    """`stays` of one question."""
    setting, category = worlds.setting, int(worlds.category[world, task])
    score = float(worlds.patience[world, user]) + _mood(setting, memory, remaining)
    score += setting.difficulty_effect * (knows(worlds, world, user, task) - 0.5)
    return _expit(score + setting.same_category * (category == memory.category))


def knows(worlds: Worlds, world: int, user: int, task: int) -> float:
    """The chance k that a volunteer knows the answer."""
    ability = worlds.ability[world, user, worlds.category[world, task]]
    return _expit(float(ability - worlds.difficulty[world, task]))


def answer(worlds: Worlds, world: int, user: int, task: int, draw: NDArray[np.float32]) -> Answer:
    """What a volunteer who stayed does, decided by five uniform numbers (`world.DRAWN`)."""
    setting = worlds.setting
    _, skip, know, option, pace, _ = (float(one) for one in draw)
    known = knows(worlds, world, user, task)
    slower = 0.25 * float(worlds.difficulty[world, task]) + 0.5 * _NORMAL.inv_cdf(min(max(pace, 1e-6), 1.0 - 1e-6))
    seconds = setting.seconds * math.exp(slower)
    if skip < _expit(setting.skip[0] + setting.skip[1] * known):
        return Answer(Outcome.SKIPPED, -1, seconds)
    truth = int(worlds.truth[world, task])
    if know < known + (1.0 - known) / setting.options:
        return Answer(Outcome.RIGHT, truth, seconds)
    if option < setting.distractor:
        return Answer(Outcome.WRONG, int(worlds.tempting[world, task]), seconds)
    place = (option - setting.distractor) / (1.0 - setting.distractor)
    wrong = (truth + 1 + min(int(place * (setting.options - 1)), setting.options - 2)) % setting.options
    return Answer(Outcome.WRONG, wrong, seconds)


def stops(setting: Setting, length: int) -> float:
    """The chance of leaving where a goal of so many tasks is met."""
    share, fade = setting.stop_at_goal
    return share * (1.0 - math.exp(-length / fade))


def _mood(setting: Setting, memory: Memory, remaining: int) -> float:
    """What just happened and a goal's nearness add to the logit of staying."""
    near = setting.near_goal[0] * math.exp(-(remaining - 1) / setting.near_goal[1]) if remaining else 0.0
    return near + setting.after_right * memory.right + setting.after_skip * memory.skipped


def _expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0


def _sigmoid(x: ArrayLike) -> Array:
    return 1.0 / (1.0 + np.exp(-np.asarray(x, dtype=np.float64)))
