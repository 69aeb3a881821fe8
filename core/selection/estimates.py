"""What arms are worth, and what another policy would have been worth, from exposures whose chances are known.

After adaptive choice a plain mean is biased: an arm is dropped after bad luck, and nobody finds out that it was luck.
Exposure t showed arm A_t, eligible among others, with chance p_t(A_t); reward R_t came or is missing.

Arm       The estimand is the arm's mean reward μ_k, taken to be the same at all times; pools may change around it.
  plain           Σ R / n over its ratings. Biased; for comparison.
  inverse         Σ_t R_t / p_t  /  T_k over the T_k moments at which it was eligible (Horvitz and Thompson 1952).
  normalised      Σ_t R_t / p_t  /  Σ_t 1 / p_t (Hájek 1971).
  stabilised      Σ_t R_t / √p_t  /  Σ_t 1 / √p_t. Every moment then adds the same variance to the sum whatever the
                  policy did, so that its limit is normal (Luedtke and van der Laan 2016; Hadad et al. 2021, section 2).
  doubly robust   Σ_t √p_t(k) Γ_t / Σ_t √p_t(k),   Γ_t = m_t + 1{A_t = k} (R_t - m_t) / p_t(k), over the moments at
                  which k was eligible; the same weights, and moments at which k was not shown add what is known of m.
Policy    The estimand is the mean over the logged moments of Σ_k π_t(k) μ_k, π_t the chances under the other policy
          *among the arms eligible then*. Γ_t = Σ_k π_t(k) m_tk + π_t(A_t) / p_t(A_t) (R_t - m_t,A_t), averaged.
Model     m is the arm's mean, drawn towards the pool's as if by two ratings, from other folds only: from earlier
          moments ("time", which keeps Γ unbiased after adaptive choice) or from other people ("person").
Interval  Estimate ± t √(Σ_g (Σ_{t in g} e_t)²) with e_t the moment's weighted departure over Σ weights, g the people
          (one person's ratings are alike) or the moments, t Student's with as many degrees of freedom as the
          effective sample size less 1. `confidence_sequence` holds at all times at once, however often one looks.
Refusal   ESS = (Σ w)² / Σ w² below 3, an arm never rated, or a policy that shows what the log never could: then a
          `Refused` says so. A higher threshold would mislead: which arms have many ratings depends on the luck of their
          first ones, and among those the intervals would cover less (README, "Estimates").
Missing   Rewards that did not come are left out, as if their absence had nothing to do with what they would have been;
          `bounds` says what could be if it had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from core.words import N_, Amount, Sentence

Array = NDArray[np.float64]

COVERAGE = 0.9
LEAST_EFFECTIVE = 3.0  # effective sample size below which nothing is said

_PSEUDO_RATINGS = 2.0  # with which an arm's model is drawn to the pool's mean
_BLOCKS = 20  # times at which the model of earlier moments is brought up to date
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """T exposures in order of time, of K arms.

    `arm` (T,) shown; `chances` (T, K) of every arm then, 0 where it was not eligible; `reward` (T,) in [0, 1], NaN if
    none came; `person` (T,) whoever saw it, if known. Raises ValueError if these cannot belong together.
    """

    arm: NDArray[np.intp]
    chances: Array
    reward: Array
    person: NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        times = self.arm.shape[0] if self.arm.ndim == 1 else -1
        people = times if self.person is None else self.person.size
        if not (self.chances.ndim == 2 and self.chances.shape[0] == times == self.reward.size == people):
            raise ValueError("Arms, chances, rewards and people must be lists of the same exposures.")
        if not ((self.chances >= 0.0) & (self.chances <= 1.0 + _ROUNDING)).all():
            raise ValueError("A chance must lie between 0 and 1.")
        if times and not 0 <= self.arm.min() <= self.arm.max() < self.chances.shape[1]:
            raise ValueError("An arm was shown that has no chances.")
        if not (np.abs(self.chances.sum(axis=1) - 1.0) <= 1e-6).all():
            raise ValueError("The chances of each exposure must add up to 1.")
        if not (self.shown > 0.0).all():
            raise ValueError("An arm was shown that had no chance.")
        if not ((self.reward >= 0.0) & (self.reward <= 1.0) | np.isnan(self.reward)).all():
            raise ValueError("A reward must be a number between 0 and 1, or missing.")

    @property
    def shown(self) -> Array:
        """The chance of the arm that was shown, (T,)."""
        chance: Array = self.chances[np.arange(self.arm.size), self.arm]
        return chance

    @property
    def rated(self) -> NDArray[np.bool_]:
        """Whether a reward came, (T,)."""
        return ~np.isnan(self.reward)

    @property
    def size(self) -> int:
        """K, the number of arms."""
        return int(self.chances.shape[1])


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean reward, its central 90 % interval (or another, as asked), and on how many even exposures it rests."""

    mean: float
    low: float
    high: float
    effective: float


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no estimate."""

    reason: Sentence
    effective: float


NEVER_RATED = N_("No rating of this text has come in yet, so that nothing can be said about it.")
TOO_FEW = N_("This rests on as little as {effective} ratings would; from {needed} on, an estimate is given.")
NO_OVERLAP = N_("The other policy shows a text that could not be shown then, so that its worth cannot be known.")


def plain_mean(log: Log, arm: int, coverage: float = COVERAGE) -> Estimate | Refused:
    """The mean of the arm's ratings, as if it had been shown at random."""
    return _ratio_of_arm(log, arm, np.ones_like, coverage)


def normalised_mean(log: Log, arm: int, coverage: float = COVERAGE) -> Estimate | Refused:
    """The arm's mean with weights 1/p."""
    return _ratio_of_arm(log, arm, lambda p: 1.0 / p, coverage)


def stabilised_mean(log: Log, arm: int, coverage: float = COVERAGE) -> Estimate | Refused:
    """The arm's mean with weights 1/√p; its interval is valid after adaptive choice."""
    return _ratio_of_arm(log, arm, lambda p: 1.0 / np.sqrt(p), coverage)


def inverse_mean(log: Log, arm: int, coverage: float = COVERAGE) -> Estimate | Refused:
    """Σ R/p over the moments at which the arm was eligible; a missing reward is taken to be as likely at each."""
    which = _ratings_of(log, arm)
    eligible = log.chances[:, arm] > 0.0
    share = which.sum() / max(int((log.arm == arm).sum()), 1)  # of its exposures that were rated
    weight = np.where(which, 1.0 / np.maximum(log.shown * share, 1e-300), 0.0)
    refused = _refused(weight[which])
    if refused is not None:
        return refused
    terms = (np.nan_to_num(log.reward) * weight)[eligible]
    return _estimate(terms, np.ones(terms.size), _groups(log, eligible), _effective(weight[which]), coverage)


def doubly_robust_mean(log: Log, arm: int, coverage: float = COVERAGE, folds: str = "time") -> Estimate | Refused:
    """The arm's mean, doubly robust, with stabilising weights and cross-fitting by `folds`: "time" or "person".

    A missing reward is taken to be as likely at each of the arm's exposures. Raises ValueError for other folds.
    """
    which = _ratings_of(log, arm)
    eligible = log.chances[:, arm] > 0.0
    chance = log.chances[eligible, arm]
    refused = _refused(1.0 / np.sqrt(log.shown[which]))
    if refused is not None:
        return refused
    model = fitted_means(log, folds)[eligible, arm]
    share = which.sum() / max(int((log.arm == arm).sum()), 1)
    rest = np.nan_to_num(log.reward)[eligible]
    here = which[eligible]
    gamma = model + np.where(here, rest - model, 0.0) / (chance * share)
    weight = np.sqrt(chance)
    effective = _effective(1.0 / np.sqrt(log.shown[which]))
    return _estimate(gamma, weight, _groups(log, eligible), effective, coverage)


def policy_value(log: Log, target: Array, coverage: float = COVERAGE, folds: str = "time") -> Estimate | Refused:
    """What exposures would have been worth under a policy with chances `target` (T, K), doubly robust.

    Raises ValueError for chances that do not belong to the log or do not add up to 1.
    """
    if target.shape != log.chances.shape or not (np.abs(target.sum(axis=1) - 1.0) <= 1e-6).all():
        raise ValueError("The other policy's chances must be given for every exposure and arm, and add up to 1.")
    if (target[log.chances == 0.0] > 0.0).any():
        return Refused(Sentence(NO_OVERLAP), 0.0)
    rated, rows = log.rated, np.arange(log.arm.size)
    weight = target[rows, log.arm] / log.shown
    refused = _refused(weight[rated])
    if refused is not None:
        return refused
    model = fitted_means(log, folds)
    shown, came = (np.bincount(log.arm[part], minlength=log.size) for part in (slice(None), rated))
    share = (came / np.maximum(shown, 1))[log.arm]
    rest = np.where(rated, np.nan_to_num(log.reward) - model[rows, log.arm], 0.0)
    gamma = (target * model).sum(axis=1) + np.divide(weight * rest, share, out=np.zeros(rows.size), where=share > 0.0)
    return _estimate(gamma, np.ones(rows.size), _groups(log, np.ones_like(rated)), _effective(weight[rated]), coverage)


def fitted_means(log: Log, folds: str = "time") -> Array:
    """m_tk for every exposure and arm, (T, K), from the ratings of other folds: see "Model" above.

    Before an arm's first rating it is the pool's mean; before the pool's first, 1/2. Raises ValueError for other folds.
    """
    rated = log.rated
    times, size = log.arm.size, log.size
    if folds == "time":
        fold = np.arange(times) * min(_BLOCKS, max(times, 1)) // max(times, 1)
    elif folds == "person" and log.person is not None:
        fold = np.unique(log.person, return_inverse=True)[1] % 5
    else:
        raise ValueError('Folds are by "time", or by "person" if the log says who saw what.')
    number = int(fold.max(initial=-1)) + 1
    cells = fold[rated] * size + log.arm[rated]
    count = np.bincount(cells, minlength=number * size).reshape(number, size).astype(np.float64)
    total = np.bincount(cells, log.reward[rated], minlength=number * size).reshape(number, size)
    if folds == "time":
        count, total = np.cumsum(count, axis=0) - count, np.cumsum(total, axis=0) - total
    else:
        count, total = count.sum(axis=0) - count, total.sum(axis=0) - total
    pooled = (total.sum(axis=1, keepdims=True) + 0.5) / (count.sum(axis=1, keepdims=True) + 1.0)
    means: Array = ((total + _PSEUDO_RATINGS * pooled) / (count + _PSEUDO_RATINGS))[fold]
    return means


def bounds(log: Log, arm: int) -> tuple[float, float]:
    """What the arm's plain mean would be if all its missing rewards were 0, and if all were 1 (Manski 1990)."""
    which = log.arm == arm
    if not which.any():
        return 0.0, 1.0
    rewards = log.reward[which]
    return float(np.nan_to_num(rewards, nan=0.0).mean()), float(np.nan_to_num(rewards, nan=1.0).mean())


def confidence_sequence(rewards: Array, coverage: float = COVERAGE) -> tuple[Array, Array]:
    """Lower and upper ends, (n,), that hold a mean after every one of n rewards at once with probability `coverage`.

    The rewards of one arm in the order in which they came, (n,) in [0, 1]. Valid however the arm was chosen and
    whenever one stops, because given the past each reward has the arm's mean. Wider than an interval for one look.
    Predictable plug-in empirical Bernstein: Waudby-Smith and Ramdas 2024, section 3.2, theorem 2: with
    μ_i = (1/2 + Σ_{j<=i} R_j) / (i + 1), σ_i² = (1/4 + Σ_{j<=i} (R_j - μ_j)²) / (i + 1),
    λ_i = min(√(2 log(2/α) / (σ_{i-1}² i log(1 + i))), 1/2) and ψ(λ) = (-log(1-λ) - λ) / 4 the ends are
    (Σ λ_i R_i ± (log(2/α) + 4 Σ (R_i - μ_{i-1})² ψ(λ_i))) / Σ λ_i, the tightest so far, within [0, 1].
    Raises ValueError for rewards out of range.
    """
    r = np.asarray(rewards, dtype=np.float64)
    if r.ndim != 1 or not ((r >= 0.0) & (r <= 1.0)).all():
        raise ValueError("Rewards must be a list of numbers between 0 and 1.")
    i = np.arange(1, r.size + 1)
    doubt = np.log(2.0 / (1.0 - coverage))
    mean = (0.5 + np.cumsum(r)) / (i + 1)
    variance = (0.25 + np.cumsum((r - mean) ** 2)) / (i + 1)
    before_mean, before_variance = np.append(0.5, mean)[:-1], np.append(0.25, variance)[:-1]
    bet = np.minimum(np.sqrt(2.0 * doubt / (before_variance * i * np.log1p(i))), 0.5)
    psi = (-np.log1p(-bet) - bet) / 4.0
    stake = np.cumsum(bet)
    centre = np.cumsum(bet * r) / stake
    reach = (doubt + np.cumsum(4.0 * (r - before_mean) ** 2 * psi)) / stake
    low = np.maximum.accumulate(np.maximum(centre - reach, 0.0))
    high = np.minimum.accumulate(np.minimum(centre + reach, 1.0))
    return low, high


def _ratings_of(log: Log, arm: int) -> NDArray[np.bool_]:
    if not 0 <= arm < log.size:
        raise ValueError(f"There is no arm {arm}; there are {log.size}, counted from 0.")
    which: NDArray[np.bool_] = log.rated & (log.arm == arm)
    return which


def _ratio_of_arm(log: Log, arm: int, weigh: Callable[[Array], Array], coverage: float) -> Estimate | Refused:
    which = _ratings_of(log, arm)
    weight = weigh(log.shown[which])
    refused = _refused(weight)
    if refused is not None:
        return refused
    return _estimate(log.reward[which], weight, _groups(log, which), _effective(weight), coverage)


def _groups(log: Log, which: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Who saw each of these exposures, as numbers from 0; each exposure for itself if it is not known."""
    if log.person is None:
        return np.arange(int(np.count_nonzero(which)))
    return np.unique(log.person[which], return_inverse=True)[1]


def _estimate(values: Array, weight: Array, group: NDArray[np.intp], effective: float, coverage: float) -> Estimate:
    """Σ w v / Σ w, with an interval whose variance is summed over groups."""
    total = weight.sum()
    mean = float(weight @ values / total)
    departure = np.bincount(group, weight * (values - mean)) / total
    half = float(stdtrit(effective - 1.0, 0.5 + coverage / 2.0)) * float(np.sqrt(departure @ departure))
    return Estimate(mean, mean - half, mean + half, effective)


def _effective(weight: Array) -> float:
    """(Σ w)² / Σ w², Kish's effective sample size."""
    return float(weight.sum() ** 2 / (weight @ weight))


def _refused(weight: Array) -> Refused | None:
    if not weight.any():
        return Refused(Sentence(NEVER_RATED), 0.0)
    effective = _effective(weight)
    if effective >= LEAST_EFFECTIVE - _ROUNDING:
        return None
    return Refused(
        Sentence(TOO_FEW, {"effective": Amount(effective, 1, 1), "needed": Amount(LEAST_EFFECTIVE)}), effective
    )
