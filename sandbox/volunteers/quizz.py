"""What a Quizz-like system knows while volunteers come and go: bits for options, and how good each volunteer is.

The crowd's arithmetic is `core.crowd.bits`; here it is kept up to date for W worlds at once, one answer a world and
tick. Every policy is judged by the same bookkeeping: an answer adds IG(r) bits, r the person's quality in the category.
"""

from __future__ import annotations

import numpy as np

from core.crowd import bits
from core.survival.log import Outcome
from core.survival.worth import worth_of_knowing
from sandbox.volunteers.world import Array, Ints, Worlds

POOLING = 4.0  # answers of a person in other categories count as so many in this one
_PRIOR = bits.Prior()


class Quizz:
    """Bits (W, Q, n), the current volunteer's counts (W, C), and what follows from them; updated in place.

    `quality` (W, C): r of the current volunteers; `weight` (W, C): IG(r), the bits that an answer of theirs adds;
    `entropy` (W, Q): H, 0 for gold questions.
    """

    def __init__(self, worlds: Worlds, prior_bits: float) -> None:
        setting = worlds.setting
        size, count = worlds.size, worlds.questions
        self.worlds = worlds
        self.prior_bits = prior_bits
        self.bits = np.zeros((size, count, setting.options))
        self.right = np.zeros((size, setting.categories))
        self.judged = np.zeros((size, setting.categories))
        self.known = bits.questions(self.bits.reshape(-1, setting.options), prior_bits=prior_bits)
        self.quality = np.full(self.right.shape, _PRIOR.mean)
        self.weight = bits.information(self.quality, setting.options)
        self._keyed = worlds.keyed
        self._place = np.arange(size)[:, None]
        self.entropy = np.where(worlds.keyed, 0.0, self.known.entropy.reshape(size, count))

    def welcome(self, world: int) -> None:
        """A new volunteer, of whom nothing is known."""
        self.right[world] = self.judged[world] = 0.0
        self.quality[world] = _PRIOR.mean
        self.weight[world] = bits.information(_PRIOR.mean, self.worlds.setting.options)

    def gains(self, ahead: Array) -> Array:
        """Expected bits of each current volunteer's answer to each question, (W, Q): E[ΔH], or what a gold one teaches.

        `ahead` (W,): the answers still expected of them.
        """
        quality = self.quality[self._place, self.worlds.category]
        drop = bits.expected_drop(self.known, quality.reshape(-1)).reshape(quality.shape)
        keyed = self._keyed
        if keyed.any():
            strength = self.judged + POOLING
            right = self.quality * strength
            worth = worth_of_knowing(right, strength - right, options=self.worlds.setting.options, ahead=ahead[:, None])
            drop[:, keyed] = worth[self._place, self.worlds.category[:, keyed]]
        return drop

    def take(self, world: int, task: int, option: int, outcome: Outcome) -> float:
        """Book one answer; returns the bits it added. Call `settle` before anything is read again."""
        category = self.worlds.category[world, task]
        keyed = bool(self._keyed[task])
        added = 0.0 if keyed else float(self.weight[world, category])
        self.bits[world, task, option] += added
        if keyed or not self.worlds.setting.gold:
            self.judged[world, category] += 1.0
            self.right[world, category] += outcome is Outcome.RIGHT
        return added

    def settle(self, world: Ints, task: Ints) -> None:
        """Bring entropies and qualities up to date after the answers to these questions, one a world."""
        column = world * self.worlds.questions + task
        fresh = bits.questions(self.bits[world, task], prior_bits=self.prior_bits)
        for name in ("mass", "parts", "belief"):
            getattr(self.known, name)[:, column] = getattr(fresh, name)
        for name in ("total", "entropy"):
            getattr(self.known, name)[column] = getattr(fresh, name)
        self.entropy[world, task] = np.where(self._keyed[task], 0.0, fresh.entropy)
        quality = bits.category_quality(self.right[world], self.judged[world], _PRIOR, pooling=POOLING)
        self.quality[world] = quality
        self.weight[world] = bits.information(quality, self.worlds.setting.options)
