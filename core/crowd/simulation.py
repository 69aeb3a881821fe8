"""Simulated crowds with people who mean no good: what the models of this room are held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.crowd.answers import Answers, Indices, collect

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who answers. Of `people`, so many are in the `ring` (for each item they agree on a wrong label in advance),
    `uniform` (a random label), `first` (always label 0) or `adversaries` (they know as much as others, and then say
    something else). The rest is honest and right with probability Beta(`quality`). Every item gets `per_item` different
    people. A share `shy` of the ring's answers is honest, to hide it.
    """

    items: int
    people: int
    labels: int = 4
    per_item: int = 10
    quality: tuple[float, float] = (6.0, 3.0)
    ring: int = 0
    uniform: int = 0
    first: int = 0
    adversaries: int = 0
    shy: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.per_item <= self.people:
            raise ValueError("Every item needs one person at least, and no more people than there are.")
        if min(self.ring, self.uniform, self.first, self.adversaries) < 0 or self.honest < 0:
            raise ValueError("There are more ring members, spammers and adversaries than people.")

    @property
    def honest(self) -> int:
        """How many people mean well; they have the first numbers, then ring, uniform, first, adversaries."""
        return self.people - self.ring - self.uniform - self.first - self.adversaries


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """`answers`, the `truth` (I,) and everybody's true `quality` (U,): the chance of being right."""

    answers: Answers
    truth: Indices
    quality: Array


def simulate(crowd: Crowd, rng: np.random.Generator) -> Simulated:
    """One crowd's answers to items whose labels are uniform."""
    n, size = crowd.labels, crowd.items * crowd.per_item
    truth = rng.integers(0, n, crowd.items)
    skill = rng.beta(*crowd.quality, crowd.people)
    item = np.repeat(np.arange(crowd.items), crowd.per_item)
    person = rng.random((crowd.items, crowd.people)).argsort(axis=1)[:, : crowd.per_item].ravel()
    true = truth[item]
    wrong = (true + rng.integers(1, n, size)) % n
    honest = np.where(rng.random(size) < skill[person], true, wrong)
    agreed = ((truth + rng.integers(1, n, crowd.items)) % n)[item]
    bounds = np.cumsum((crowd.honest, crowd.ring, crowd.uniform, crowd.first))
    kind = np.searchsorted(bounds, person, side="right")
    ring = np.where(rng.random(size) < crowd.shy, honest, agreed)
    adverse = np.where(rng.random(size) < skill[person], wrong, true)
    label = np.choose(kind, (honest, ring, rng.integers(0, n, size), np.zeros(size, dtype=np.int64), adverse))
    kinds = np.searchsorted(bounds, np.arange(crowd.people), side="right")
    chance = np.full(crowd.people, 1.0 / n)
    quality: Array = np.choose(kinds, (skill, crowd.shy * skill, chance, chance, 1.0 - skill))
    return Simulated(collect(item, person, label, crowd.items, crowd.people, n), truth, quality)


def accuracy(posterior: Array, truth: Indices) -> float:
    """Share of items whose believed label is right; a tie between m labels counts as 1/m."""
    ahead = posterior >= posterior.max(axis=1, keepdims=True) - 1e-12
    return float((ahead[np.arange(truth.size), truth] / ahead.sum(axis=1)).mean())


def log_loss(posterior: Array, truth: Indices) -> float:
    """-mean log P(truth), in nats; a chance below 1e-15 counts as 1e-15."""
    return float(-np.log(np.maximum(posterior[np.arange(truth.size), truth], 1e-15)).mean())
