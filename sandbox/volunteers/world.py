"""Worlds: a set of questions and the volunteers who will come to it, drawn from seeds.

Everything that chance decides is drawn here, beforehand: what a volunteer would do at the i-th question does not depend
on who else was asked what. So two policies face the same volunteers with the same luck (paired seeds), and world number
w is the same however many others stand beside it.

The numbers in `Setting` are chosen so that the baseline meets the aggregates that Kobren et al. (WWW 2015) report:
about half of all volunteers give fewer than three answers, and answers by stated length rise from about 7 (three
questions) to about 15 (no length), Table 5. They describe no real person. `TRAINING` is the crowd whose log the models
learn from: less patient, as 4,029 of the paper's 16,824 training rows are drop-outs, which its Table 5 is far from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
Draws = NDArray[np.float32]

WEAK, STRONG = 1.0, 3.0  # effect of difficulty on staying, in logits from "knows nothing of it" to "knows it surely"

DRAWN = ("stay", "skip", "knows", "option", "seconds", "stop")  # one uniform number each, for each user and index


@dataclass(frozen=True, slots=True)
class Setting:
    """How worlds are made. Times in seconds, effects on staying in logits."""

    questions: int = 200
    gold: int = 0  # further questions whose key is known; if there are any, nothing else is judged
    categories: int = 9
    options: int = 4
    users: int = 200
    difficulty_effect: float = WEAK
    difficulty: float = 1.0  # SD over questions
    distractor: float = 0.4  # share of wrong answers that fall on one tempting option
    ability: tuple[float, float] = (0.2, 0.8)  # mean and SD over users
    expertise: float = 1.0  # SD over a user's categories
    patience: tuple[float, float] = (1.5, 1.7)  # mean and SD over users of the logit of staying
    after_right: float = 0.25
    after_skip: float = -0.5
    same_category: float = 0.15
    near_goal: tuple[float, float] = (3.0, 1.0)  # logits with one task to go; so many tasks before it, 1/e of that
    stop_at_goal: tuple[float, float] = (0.65, 8.0)  # share who stop where a long goal is met; one of 8: 1 - 1/e of it
    skip: tuple[float, float] = (-2.2, -2.0)  # logit of skipping what one knows nothing of, and what knowing it adds
    seconds: float = 9.0  # median time of an answer to a question of average difficulty

    def __post_init__(self) -> None:
        if min(self.questions, self.users, self.categories) < 1 or self.options < 2 or self.gold < 0:
            raise ValueError("A world needs questions of two options or more, categories, and users.")


TRAINING = replace(Setting(), patience=(0.2, 1.5))


@dataclass(frozen=True, slots=True, eq=False)
class Worlds:
    """W worlds of Q questions (gold ones last) and U users in the order in which they come."""

    setting: Setting
    first: int  # number of the first of these worlds
    category: Ints  # (W, Q)
    difficulty: Array  # (W, Q)
    truth: Ints  # (W, Q)
    tempting: Ints  # (W, Q), never the truth
    ability: Array  # (W, U, C), with expertise
    patience: Array  # (W, U)
    draws: Draws  # (W, U, Q, len(DRAWN)), uniform

    @property
    def size(self) -> int:
        return len(self.truth)

    @property
    def questions(self) -> int:
        return int(self.truth.shape[1])

    @property
    def users(self) -> int:
        return int(self.patience.shape[1])

    @property
    def keyed(self) -> NDArray[np.bool_]:
        """Which questions are gold, (Q,)."""
        return np.arange(self.questions) >= self.setting.questions


def build(setting: Setting, seed: int, worlds: int, first: int = 0) -> Worlds:
    """Worlds number `first` to `first + worlds - 1` of a seed."""
    parts = [_world(setting, np.random.default_rng((seed, number))) for number in range(first, first + worlds)]
    return Worlds(setting, first, *(np.stack(column) for column in zip(*parts, strict=True)))


def _world(setting: Setting, rng: np.random.Generator) -> tuple[Ints, Array, Ints, Ints, Array, Array, Draws]:
    size, users = setting.questions + setting.gold, setting.users
    category = rng.integers(setting.categories, size=size)
    difficulty = setting.difficulty * rng.standard_normal(size)
    truth = rng.integers(setting.options, size=size)
    tempting = (truth + rng.integers(1, setting.options, size=size)) % setting.options
    ability = setting.ability[0] + setting.ability[1] * rng.standard_normal((users, 1))
    ability = ability + setting.expertise * rng.standard_normal((users, setting.categories))
    patience = setting.patience[0] + setting.patience[1] * rng.standard_normal(users)
    draws = rng.random((users, size, len(DRAWN)), dtype=np.float32)
    return category, difficulty, truth, tempting, ability, patience, draws
