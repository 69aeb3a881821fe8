"""Answers of people to items, and what is believed about the items: the values that every model of this room shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, entr

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_SHORT = 16  # labels
UNKNOWN = -1  # in an array of gold labels: nobody vouches for this item


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """A answers: person `person[a]` gave `label[a]` to item `item[a]`, which counts as `weight[a]` answers.

    Three whole-number arrays and one of weights, each (A,), numbered from 0 below `people`, `labels` and `items`.
    Made by `collect`, which checks them. The order is of no consequence; a person may answer an item more than once.
    """

    item: Indices
    person: Indices
    label: Indices
    weight: Array
    items: int
    people: int
    labels: int

    @property
    def size(self) -> int:
        """A, the number of answers."""
        return self.item.size

    def votes(self) -> Array:
        """Σ of weights for each label of each item, (I, n)."""
        counted = tally(self.item * self.labels + self.label, self.weight, self.items * self.labels)
        return counted.reshape(self.items, self.labels)

    def weighted(self, weight: ArrayLike) -> Answers:
        """The same answers with other weights, one number or (A,), none negative."""
        return collect(self.item, self.person, self.label, self.items, self.people, self.labels, weight)


def collect(
    item: ArrayLike,
    person: ArrayLike,
    label: ArrayLike,
    items: int | None = None,
    people: int | None = None,
    labels: int | None = None,
    weight: ArrayLike = 1.0,
) -> Answers:
    """Checked `Answers`; a size that is not given is one more than the largest number (and two labels at least).

    Raises ValueError for arrays of unequal length, numbers out of range, or weights that are negative or infinite.
    """
    which, item_count = _numbers("item", item, items, 0)
    who, person_count = _numbers("person", person, people, 0)
    what, label_count = _numbers("label", label, labels, 2)
    if not which.size == who.size == what.size:
        raise ValueError("Items, people and labels must be lists of one length: one entry for each answer.")
    weights = np.broadcast_to(np.asarray(weight, dtype=np.float64), which.shape)
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("The weight of an answer must be finite and not negative.")
    return Answers(which, who, what, weights, item_count, person_count, label_count)


def tally(cell: Indices, weight: Array, size: int) -> Array:
    """Σ of weights in each of `size` numbered cells, (size,)."""
    return np.asarray(np.bincount(cell, weight, size), dtype=np.float64)


def entropy(posterior: Array) -> Array:
    """H = -Σ_j P_j log2 P_j in bits of beliefs (..., n); shape (...)."""
    bits: Array = entr(posterior).sum(axis=-1) / np.log(2.0)
    return bits


def normalised(log_likelihood: Array) -> Array:
    """exp(x - max x) / Σ exp(x - max x) along the last axis: probabilities from their logarithms up to a constant."""
    parts = np.exp(log_likelihood - across(np.maximum, log_likelihood)[..., None])
    parts /= across(np.add, parts)[..., None]
    posterior: Array = parts
    return posterior


def across(combine: np.ufunc, table: Array) -> Array:
    """`combine` applied along the last axis, (...): column by column, since NumPy's reduction is slow on short rows."""
    if table.shape[-1] > _SHORT:
        whole: Array = combine.reduce(table, axis=-1)
        return whole
    result = table[..., 0].copy()
    for column in range(1, table.shape[-1]):
        combine(result, table[..., column], out=result)
    return result


def checked_gold(gold: ArrayLike | None, answers: Answers) -> tuple[Indices, Indices]:
    """The items whose label is known, and their labels, from `gold` (I,) with UNKNOWN elsewhere.

    Raises ValueError if `gold` does not fit the answers.
    """
    if gold is None:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    labels = np.asarray(gold)
    if labels.shape != (answers.items,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError("Gold must name a label for each item, or -1 where none is known.")
    if labels.size and (labels.min() < UNKNOWN or labels.max() >= answers.labels):
        raise ValueError(f"A gold label must be below {answers.labels}, or -1 where none is known.")
    known = (labels != UNKNOWN).nonzero()[0]
    return known, labels[known].astype(np.intp)


def unsure(answers: Answers, posterior: Array) -> Array:
    """Σ P (1-P) of a person's answers' being right, (U,): how much is unknown of how many were."""
    right = posterior[answers.item, answers.label]
    return tally(answers.person, right * (1.0 - right) * answers.weight, answers.people)


def credible(mean: Array, strength: float, given: Array, doubt: Array, coverage: float) -> tuple[Array, Array]:
    """Central interval of a share right q, two arrays (U,): of Beta(T q, T (1-q)), with the weight of T answers.

    T = s + max(n - Σ P (1-P) / (q (1-q)), 0):
    n answers whose labels were known would be worth n; by the missing-information principle (Louis 1982) not knowing
    them costs Σ P (1-P) / (q (1-q)) (`unsure`).
    """
    q = np.clip(mean, 1e-9, 1.0 - 1e-9)
    worth = strength + np.maximum(given - doubt / (q * (1.0 - q)), 0.0)
    tail = (1.0 - coverage) / 2.0
    return betaincinv(worth * q, worth * (1.0 - q), tail), betaincinv(worth * q, worth * (1.0 - q), 1.0 - tail)


def clamp(posterior: Array, known: Indices, labels: Indices) -> None:
    """Make the belief about the `known` items certain, in place."""
    posterior[known] = 0.0
    posterior[known, labels] = 1.0


def _numbers(name: str, values: ArrayLike, size: int | None, least: int) -> tuple[Indices, int]:
    """`values` as indices below a size, and that size."""
    numbers = np.asarray(values)
    if numbers.ndim != 1 or (numbers.size and not np.issubdtype(numbers.dtype, np.integer)):
        raise ValueError(f"Give the {name} of each answer as a list of whole numbers.")
    beyond = int(numbers.max()) + 1 if numbers.size else 0
    size = max(beyond, least) if size is None else size
    if size < least:
        raise ValueError("Answers need two labels to choose from, or more.")
    if beyond > size or (numbers.size and numbers.min() < 0):
        raise ValueError(f"The {name} of every answer must be at least 0 and below {size}.")
    return numbers.astype(np.intp), size
