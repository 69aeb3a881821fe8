"""One coin a person: whoever is right with probability q errs evenly over the other labels. The model to start with.

Person u gives the true label j with probability q_u and each other one with (1-q_u)/(n-1). With
q_u ~ Beta(s m, s (1-m)), the posterior P_ij of item i's label, and n_u answers of person u, EM repeats

    h_u = Σ_{a of u} P(item of a, label of a)                    right answers, as far as is known
    q_u = (s m + h_u) / (s + n_u)                                the posterior mean
    log P_ij = log π_j + Σ_{a of i, label j} log(q_u (n-1) / (1-q_u)) + constant

and π_j ∝ 1 + Σ_i P_ij, or 1/n each. It starts from the shares of votes.

Why this one  It has one number a person, and a prior. Dawid and Skene's n² a person (`dawid_skene`) need a hundred
              answers of everyone or more; unsmoothed and with less it loses even to the majority (README, "Figures").
Prior         m is learnt from the crowd: m = (Σ h_u + s_0 m_0) / (Σ n_u + s_0); s = 4 answers. It holds m above chance,
              so that the crowd as a whole is taken to know something, which is what gives the labels their names.
Not for       labels with a meaning of their own ("spam", "not spam"), where people err in one direction. There one
              number a person says too little, however many the answers: `dawid_skene` (README, "Public data").
Below chance  q_u < 1/n makes the weight of an answer negative: an adversary's answers count against their labels.
Source        Dawid and Skene (1979) with equal off-diagonal entries; Zhang, Chen, Zhou and Jordan (2014), section 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.crowd.answers import Answers, Indices, checked_gold, clamp, credible, entropy, normalised, tally, unsure
from core.crowd.bits import Prior
from core.crowd.majority import vote_shares

Array = NDArray[np.float64]

STRENGTH = 4.0  # s
_CROWD = Prior(0.7, 10.0)  # m_0 and s_0: before any answer, seven in ten are right
_ABOVE_CHANCE = 0.05  # m is at least so much above 1/n


@dataclass(frozen=True, slots=True, eq=False)
class OneCoin:
    """`posterior` (I, n): P_ij. `right` (U,): h_u. `given` (U,): n_u. `prior` of q. `prevalence` (n,): π.

    `doubt` (U,): Σ P (1-P) of their answers' being right. `steps`: iterations done; `settled`: whether the posterior
    had stopped moving by then.
    """

    posterior: Array
    right: Array
    given: Array
    prior: Prior
    prevalence: Array
    doubt: Array
    steps: int
    settled: bool

    def entropy(self) -> Array:
        """How unsure each item still is, in bits, (I,)."""
        return entropy(self.posterior)

    def quality(self) -> Array:
        """q_u, (U,): the posterior mean, which is the prior's for who gave no answer."""
        return _quality(self.right, self.given, self.prior)

    def interval(self, coverage: float = 0.9) -> tuple[Array, Array]:
        """Central interval of q_u, two arrays (U,), with allowance for labels not known (`answers.credible`)."""
        return credible(self.quality(), self.prior.strength, self.given, self.doubt, coverage)


@dataclass(frozen=True, slots=True, eq=False)
class Revision:
    """What one more answer changes: the item's `posterior` (n,), and `right` (m,) of the m people who answered it."""

    posterior: Array
    right: Array


def one_coin(
    answers: Answers,
    *,
    gold: ArrayLike | None = None,
    learn_prevalence: bool = True,
    strength: float = STRENGTH,
    steps: int = 100,
    tolerance: float = 1e-6,
) -> OneCoin:
    """Fit by EM until no P_ij moves by more than `tolerance`, or for `steps` iterations.

    `gold` (I,): labels that are known, -1 elsewhere. `learn_prevalence=False` for options whose order means
    nothing, as in multiple choice. Raises ValueError for gold out of range or a strength that is not positive.
    """
    if not 0.0 < strength < np.inf:
        raise ValueError("The prior's strength is a number of answers: positive and finite.")
    known, labels = checked_gold(gold, answers)
    n = answers.labels
    cell = answers.item * n + answers.label
    given = tally(answers.person, answers.weight, answers.people)
    posterior = vote_shares(answers)
    clamp(posterior, known, labels)
    done, moved = 0, np.inf
    prior, prevalence, right = _expectations(answers, cell, posterior, given, strength, learn_prevalence)
    while done < steps and moved > tolerance:
        odds = _odds(_quality(right, given, prior), n)
        support = tally(cell, odds[answers.person] * answers.weight, answers.items * n)
        revised = normalised(support.reshape(answers.items, n) + np.log(prevalence))
        clamp(revised, known, labels)
        moved = float(np.abs(revised - posterior).max(initial=0.0))
        posterior = revised
        prior, prevalence, right = _expectations(answers, cell, posterior, given, strength, learn_prevalence)
        done += 1
    doubt = unsure(answers, posterior)
    return OneCoin(posterior, right, given, prior, prevalence, doubt, done, moved <= tolerance)


def one_more(fitted: OneCoin, posterior: Array, label: ArrayLike, right: Array, given: Array, earlier: int) -> Revision:
    """One step of incremental EM (Neal and Hinton 1998) when an item gets an answer, without a fit.

    `label`, `right`, `given` (m,): the labels that m people gave to this item, and their h_u and n_u; the first
    `earlier` of them were known when `posterior` (n,) was believed, and their h_u hold it; n_u counts all answers,
    these included. `fitted` gives the prior and π, which one answer hardly moves. Visiting all items again and again
    settles where `one_coin` with that prior and π does.
    """
    votes = np.asarray(label, dtype=np.intp)
    odds = _odds(_quality(right, given, fitted.prior), posterior.size)
    revised = normalised(tally(votes, odds, posterior.size) + np.log(fitted.prevalence))
    change = revised[votes]
    change[:earlier] -= posterior[votes[:earlier]]
    return Revision(revised, right + change)


def _expectations(
    answers: Answers, cell: Indices, posterior: Array, given: Array, strength: float, learn: bool
) -> tuple[Prior, Array, Array]:
    """The prior of q, the prevalence π and h_u that the posterior implies."""
    n = answers.labels
    right = tally(answers.person, posterior.ravel()[cell] * answers.weight, answers.people)
    mean = (right.sum() + _CROWD.strength * _CROWD.mean) / (given.sum() + _CROWD.strength)
    least = 1.0 / n + _ABOVE_CHANCE
    prior = Prior(float(min(max(mean, least), 0.99)), strength)
    count = 1.0 + posterior.sum(axis=0) if learn else np.ones(n)
    return prior, count / count.sum(), right


def _quality(right: Array, given: Array, prior: Prior) -> Array:
    quality: Array = (prior.strength * prior.mean + right) / (prior.strength + given)
    return quality


def _odds(quality: Array, labels: int) -> Array:
    """log(q (n-1) / (1-q)): what an answer adds to its label's log-chance. The prior keeps q off 0 and 1."""
    odds: Array = np.log(quality * (labels - 1.0) / (1.0 - quality))
    return odds
