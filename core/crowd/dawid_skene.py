"""Dawid and Skene (1979): every person has a confusion matrix, learnt with the items' labels by EM.

E_u(l | j) is the probability that person u says l where j is true. With P_ij the belief about item i,

    M-step   N_u(l, j) = Σ_{a of u with label l} P(item of a, j)
             E_u(l | j) = (N_u(l, j) + s M_u(l | j)) / (Σ_l N_u(l, j) + s)
    E-step   log P_ij = log π_j + Σ_{a of i} log E_{person of a}(label of a | j) + constant

Smoothing    M_u is what a person of u's quality would do in this crowd. The crowd's matrix is M(l | j) ∝
             Σ_u N_u(l, j) + 4 C(l | j), C a coin of .7; m is its mean diagonal, and q_u is u's share right, with four
             answers of m, as in `one_coin`. M_u(j | j) has the log-odds of M(j | j) plus those of q_u less those of m;
             elsewhere M_u(l | j) is in proportion to M(l | j). So a few answers teach one number a person, and many
             teach n². With the plain crowd for M_u, good people are dragged down in every column, and their 90 %
             intervals covered 71 %. s = 10 answers for each true label. With s = 0 it is the model as published, and
             cells that were never seen get 1e-10.
As products  A (items × person-label pairs, sparse) holds the weights of answers: N = A'P and log P = A log E. Nothing
             else touches the answers, so an iteration costs two sparse products.
Prevalence   π_j = Σ_i P_ij / I as published, with one pseudo-item a label when smoothed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from core.crowd.answers import Answers, across, checked_gold, clamp, credible, entropy, normalised, unsure
from core.crowd.majority import vote_shares

Array = NDArray[np.float64]

SMOOTHING = 10.0  # s
_PERSON_STRENGTH = 4.0  # s_q
_CROWD_SHARE, _CROWD_STRENGTH = 0.7, 4.0  # of C, for each true label
_NEVER = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class DawidSkene:
    """`posterior` (I, n): P_ij. `counts` (U, n, n): N_u(label, truth). `crowd` (n, n): M(label | truth).

    `smoothing`: s. `prevalence` (n,): π. `doubt` (U,): Σ P (1-P) of their answers' being right.
    `steps`: iterations done; `settled`: whether the posterior had stopped moving.
    """

    posterior: Array
    counts: Array
    crowd: Array
    smoothing: float
    prevalence: Array
    doubt: Array
    steps: int
    settled: bool

    def entropy(self) -> Array:
        """How unsure each item still is, in bits, (I,)."""
        return entropy(self.posterior)

    def confusion(self) -> Array:
        """E_u(label | truth), (U, n, n): sums to 1 over labels."""
        return _confusion(self.counts, self.crowd, self.smoothing)

    def quality(self) -> Array:
        """Chance that a person is right about an item picked at random, Σ_j π_j E_u(j | j), (U,)."""
        diagonal = np.einsum("ujj->uj", self.confusion())
        right: Array = diagonal @ self.prevalence
        return right

    def interval(self, coverage: float = 0.9) -> tuple[Array, Array]:
        """Credible interval of `quality`, two arrays (U,): as if it were learnt as one number (`answers.credible`)."""
        return credible(self.quality(), _PERSON_STRENGTH, self.counts.sum(axis=(1, 2)), self.doubt, coverage)


@dataclass(frozen=True, slots=True, eq=False)
class Revision:
    """What one more answer changes: the item's `posterior` (n,), `counts` (m, n, n) of the m people who answered it."""

    posterior: Array
    counts: Array


def dawid_skene(
    answers: Answers,
    *,
    gold: ArrayLike | None = None,
    smoothing: float = SMOOTHING,
    steps: int = 100,
    tolerance: float = 1e-6,
) -> DawidSkene:
    """Fit by EM from the shares of votes until no P_ij moves by more than `tolerance`, or for `steps` iterations.

    `gold` (I,): labels that are known, -1 elsewhere. `smoothing`: s, in answers for each true label; 0 for the model as
    published. Raises ValueError for gold out of range or a negative smoothing.
    """
    if not 0.0 <= smoothing < np.inf:
        raise ValueError("Smoothing is a number of answers: finite, and 0 or more.")
    known, labels = checked_gold(gold, answers)
    n, people = answers.labels, answers.people
    cell = answers.person * n + answers.label
    by_item = csr_array((answers.weight, (answers.item, cell)), shape=(answers.items, people * n))
    by_cell = by_item.T.tocsr()
    posterior = vote_shares(answers)
    clamp(posterior, known, labels)
    done, moved = 0, np.inf
    while True:
        counts = (by_cell @ posterior).reshape(people, n, n)
        crowd = _crowd(counts)
        prevalence = _prevalence(posterior, smoothing)
        if done == steps or moved <= tolerance:
            doubt = unsure(answers, posterior)
            return DawidSkene(posterior, counts, crowd, smoothing, prevalence, doubt, done, moved <= tolerance)
        logs = np.log(_confusion(counts, crowd, smoothing)).reshape(people * n, n)
        revised = normalised(by_item @ logs + np.log(prevalence))
        clamp(revised, known, labels)
        moved = float(np.abs(revised - posterior).max(initial=0.0))
        posterior = revised
        done += 1


def one_more(fitted: DawidSkene, posterior: Array, label: ArrayLike, counts: Array, earlier: int) -> Revision:
    """One step of incremental EM (Neal and Hinton 1998) when an item gets an answer, without a fit.

    `label` (m,), `counts` (m, n, n): the labels that m people gave to this item, and their N_u; the first `earlier` of
    them were known when `posterior` (n,) was believed, and their N_u hold it. `fitted` gives the crowd's prior counts
    and π, which one answer hardly moves. Visiting all items again and again settles where `dawid_skene` does.
    """
    votes = np.asarray(label)
    rows = np.arange(votes.size)
    says = _confusion(counts, fitted.crowd, fitted.smoothing)[rows, votes]
    revised = normalised(np.log(says).sum(axis=0) + np.log(fitted.prevalence))
    changed = counts.copy()
    changed[rows, votes] += revised
    changed[rows[:earlier], votes[:earlier]] -= posterior
    return Revision(revised, np.maximum(changed, 0.0))


def _crowd(counts: Array) -> Array:
    """M(label | truth), (n, n)."""
    n = counts.shape[1]
    coin = np.full((n, n), (1.0 - _CROWD_SHARE) / (n - 1.0))
    np.fill_diagonal(coin, _CROWD_SHARE)
    pooled = counts.sum(axis=0) + _CROWD_STRENGTH * coin
    crowd: Array = pooled / pooled.sum(axis=0)
    return crowd


def _confusion(counts: Array, crowd: Array, smoothing: float) -> Array:
    """E_u(label | truth), (U, n, n)."""
    if smoothing == 0.0:  # the floor is for labels that a person has used, as elsewhere
        used = across(np.maximum, counts)[:, :, None] > 0.0
        smoothed = np.maximum(counts, _NEVER * used + 1e-300)
    else:
        smoothed = counts + smoothing * _typical(counts, crowd)
    confusion: Array = smoothed / across(np.add, smoothed.swapaxes(1, 2))[:, None, :]
    return confusion


def _typical(counts: Array, crowd: Array) -> Array:
    """M_u(label | truth), (U, n, n): the crowd's matrix at the quality of each person."""
    right = crowd.diagonal()
    mean = float(right.mean())
    given = counts.sum(axis=(1, 2))
    quality = (np.einsum("ujj->u", counts) + _PERSON_STRENGTH * mean) / (given + _PERSON_STRENGTH)
    odds = (quality * (1.0 - mean) / ((1.0 - quality) * mean))[:, None] * (right / (1.0 - right))
    mine = odds / (1.0 + odds)
    typical: Array = crowd * ((1.0 - mine) / (1.0 - right))[:, None, :]
    np.einsum("ujj->uj", typical)[:] = mine
    return typical


def _prevalence(posterior: Array, smoothing: float) -> Array:
    count = posterior.sum(axis=0) + (1.0 if smoothing > 0 else 0.0)
    share: Array = np.maximum(count / count.sum(), _NEVER)
    return share
