"""Whom or what to ask next: the question whose answer is expected to tell most, in bits.

Labels    Item i has belief P_i over n labels, person u is right with probability q and errs evenly, e = (1-q)/(n-1).
          The answer's mutual information with the item's label is, exactly,

              I_iu = H(answer) - H(answer | label) = H(q P_i + e (1 - P_i)) - h(q),
              h(q) = -q log2 q - (1-q) log2 e.

          It is Lindley's (1956) expected information, never negative, 0 for q = 1/n and for an item that is settled,
          and it counts an adversary's answers for what they tell. (`bits.expected_drop` asks the same in Quizz bits.)
Pairs     Texts i and j have θ_i - θ_j ~ N(m, v) (`pairwise`), and x is who wins. Its information about θ is

              I_ij = H(E p) - E H(p),      p = 1 / (1 + exp(θ_j - θ_i)),

          both expectations by Gauss-Hermite quadrature. `for_best` multiplies it with the chance that one of the two
          is the best, where only the winner matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr, expit

from core.crowd.answers import entropy
from core.crowd.pairwise import Strengths

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(31)


@dataclass(frozen=True, slots=True)
class Ask:
    """What to ask: `item` of `person`, which is expected to tell `bits`."""

    item: int
    person: int
    bits: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Which texts to compare: `first` < `second`; worth `bits` (times the chance of the best, where that is sought)."""

    first: int
    second: int
    bits: float


def expected_information(posterior: ArrayLike, quality: ArrayLike) -> Array:
    """I (I, U) bits: what the answer of each of U people is expected to tell about each of I items.

    `posterior` (I, n): sums to 1 over labels. `quality` (U,): chance of being right. Raises ValueError for others.
    """
    belief, right = np.asarray(posterior, dtype=np.float64), np.asarray(quality, dtype=np.float64)
    if belief.ndim != 2 or belief.shape[1] < 2 or not np.allclose(belief.sum(axis=1), 1.0) or (belief < 0).any():
        raise ValueError("A posterior is a table (items, labels) of two labels or more whose rows sum to 1.")
    if right.ndim != 1 or not ((right >= 0.0) & (right <= 1.0)).all():
        raise ValueError("Qualities are a list of numbers between 0 and 1.")
    labels = belief.shape[1]
    miss = (1.0 - right) / (labels - 1.0)
    noise = (entr(right) + (labels - 1.0) * entr(miss)) / np.log(2.0)
    answer = miss[:, None] + (right - miss)[:, None] * belief[:, None, :]
    bits: Array = np.maximum(entropy(answer) - noise, 0.0)
    return bits


def next_questions(bits: ArrayLike, count: int, *, open_to: ArrayLike | None = None, each: int = 1) -> list[Ask]:
    """Up to `count` pairs of an item and a person with the most `bits` (I, U), largest first.

    `open_to` (I, U): who may be asked what (not again, not his own text). No person gets more than `each` of them,
    and no item is asked of two people, since the second answer is worth less than was computed. Equal bits: the first
    item, then the first person. A column of I alone asks which item for this person, a row which person for this item.
    Raises ValueError if the tables differ in shape.
    """
    worth = np.asarray(bits, dtype=np.float64)
    allowed = np.ones(worth.shape, dtype=np.bool_) if open_to is None else np.asarray(open_to, dtype=np.bool_)
    if worth.ndim != 2 or allowed.shape != worth.shape:
        raise ValueError("Bits, and who may be asked what, must be tables (items, people) of one shape.")
    order = np.where(allowed, -worth, np.inf).ravel().argsort(kind="stable")[: int(allowed.sum())]
    asked, load, chosen = set[int](), dict[int, int](), list[Ask]()
    for cell in order.tolist():
        if len(chosen) >= count:
            break
        item, person = divmod(cell, worth.shape[1])
        if item in asked or load.get(person, 0) >= each:
            continue
        asked.add(item)
        load[person] = load.get(person, 0) + 1
        chosen.append(Ask(item, person, float(worth[item, person])))
    return chosen


def pair_information(strengths: Strengths) -> Array:
    """I_ij (K, K) bits that one more comparison of texts i and j is expected to tell; symmetric, 0 on the diagonal."""
    mean, variance = strengths.difference()
    weights = _WEIGHTS / _WEIGHTS.sum()
    chance, noise = np.zeros_like(mean), np.zeros_like(mean)
    spread = np.sqrt(variance)
    for node, weight in zip(_NODES.tolist(), weights.tolist(), strict=True):
        p = expit(mean + node * spread)
        chance += weight * p
        noise += weight * (entr(p) + entr(1.0 - p))
    bits: Array = np.maximum(entr(chance) + entr(1.0 - chance) - noise, 0.0) / np.log(2.0)
    bits = 0.5 * (bits + bits.T)
    np.fill_diagonal(bits, 0.0)
    return bits


def next_pair(
    strengths: Strengths, *, for_best: ArrayLike | None = None, open_to: ArrayLike | None = None
) -> Pair | None:
    """The two texts to compare next; None where no pair is open.

    `for_best` (K,): P(best), to look only for the winner. `open_to` (K, K): which pairs may be shown (either order).
    """
    worth = pair_information(strengths)
    if for_best is not None:
        best = np.asarray(for_best, dtype=np.float64)
        worth *= best[:, None] + best
    allowed = np.triu(np.ones(worth.shape, dtype=np.bool_), 1)
    if open_to is not None:
        shown = np.asarray(open_to, dtype=np.bool_)
        allowed &= shown | shown.T
    if not allowed.any():
        return None
    first, second = divmod(int(np.where(allowed, worth, -1.0).argmax()), worth.shape[0])
    return Pair(first, second, float(worth[first, second]))
