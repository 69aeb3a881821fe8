"""What an answer is worth beyond its own question: for what comes after it, and for knowing the person.

A person's share of right answers in a category is believed to be θ ~ Beta(a, b), with a and b the right and wrong
answers so far and a prior's. A question with a known key says nothing about itself (its entropy is 0), only about θ.

Information   I(X; θ) = h(E p) - E h(p) bits, with X = 1 for a right answer, p = P(X = 1 | θ), h the binary entropy.
              On a problem of average difficulty p = θ, and with the digamma function ψ it is in closed form

                  E h(θ) = (ψ(a+b+1) - a/(a+b) ψ(a+1) - b/(a+b) ψ(b+1)) / log 2.

              A problem that is d logits easier than average has logit p = logit θ + d, so its information falls where p
              is near 0 or 1: practice that learns most about a person asks what this person may or may not know.
Later gains   Information is worth what it changes. Weights IG(θ) of later answers (bits; convex above chance) are
              expected to be larger after a further right or wrong answer than by what is known now:

                  worth = L · (m IG(a+1, b) + (1-m) IG(a, b+1) - IG(a, b)),      m = a/(a+b),

              with L the answers still expected and IG(a, b) = log2 n - H(a/(a+b)) as in Quizz (Kobren et al., WWW 2015,
              section 3.4.1; 0 below chance). This is the expected value of sample information (Raiffa and Schlaifer
              1961). Where θ lies well below chance it is 0: such a person's answers stay worthless either way.
Ahead         L_i = Σ_{k>i} Π_{i<j<=k} s_j answers are expected after the i-th, where s_j is the share of those who saw
              task j and answered it. What may follow an answer is worth V = L times the bits that an answer of this
              person yields on average, over the tasks that are open to them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, digamma, entr, expit, logit

Array = NDArray[np.float64]

_NODES, _WEIGHTS = (np.polynomial.legendre.leggauss(24)[0] + 1.0) / 2.0, np.polynomial.legendre.leggauss(24)[1] / 2.0
_FARTHEST = 30.0  # logits beyond which an answer is certain to 1e-13


def information_about_person(
    right: ArrayLike, wrong: ArrayLike, *, easier: ArrayLike | None = None, category: ArrayLike | None = None
) -> Array:
    """I(X; θ) in bits: what the answer to each problem with a known key tells about this person.

    `right`, `wrong`: a and b, positive (counts with a prior's pseudo-counts), shapes that broadcast; with `category`
    (T,) they are (C,), one belief a category, and problem t is of category[t]. `easier`: d in logits, a number or one
    for each problem; left out, all are average and the closed form applies. Otherwise E is taken by 24 Gauss-Legendre
    nodes in the distribution function of θ (error below 1e-3 bits for a, b >= 1/2).
    Raises ValueError unless a and b are positive and finite, and d is finite.
    """
    a, b = _belief(right, wrong)
    if easier is None:
        information = np.maximum(_bits(entr(a / (a + b)) + entr(b / (a + b))) - _expected_entropy(a, b), 0.0)
        return information if category is None else information[np.asarray(category, dtype=np.intp)]
    shift = np.asarray(easier, dtype=np.float64)
    if not np.isfinite(shift).all():
        raise ValueError("How much easier a problem is must be a finite number of logits.")
    levels = np.clip(logit(betaincinv(a[..., None], b[..., None], _NODES)), -_FARTHEST, _FARTHEST)
    if category is not None:
        levels = levels[np.asarray(category, dtype=np.intp)]
    chance = expit(np.clip(levels + shift[..., None], -_FARTHEST, _FARTHEST))
    mean = chance @ _WEIGHTS
    within = (entr(chance) + entr(1.0 - chance)) @ _WEIGHTS
    return np.maximum(_bits(entr(mean) + entr(1.0 - mean) - within), 0.0)


def worth_of_knowing(right: ArrayLike, wrong: ArrayLike, *, options: ArrayLike, ahead: ArrayLike) -> Array:
    """Bits that later answers gain, as expected now, if one more answer of this person is judged by a key.

    `right`, `wrong`: a and b in the question's category; `options`: n, `ahead`: L; shapes that broadcast.
    Raises ValueError unless a and b are positive and finite, n >= 2 and L >= 0.
    """
    a, b = _belief(right, wrong)
    n, later = np.asarray(options, dtype=np.float64), np.asarray(ahead, dtype=np.float64)
    if not ((n >= 2).all() and np.isfinite(n).all()):
        raise ValueError("A question needs two options or more.")
    if not ((later >= 0).all() and np.isfinite(later).all()):
        raise ValueError("The answers still expected of a person must be a finite number, 0 or more.")
    size = a + b
    hit = a / size
    change = hit * _weight((a + 1) / (size + 1), n) + (1 - hit) * _weight(a / (size + 1), n) - _weight(hit, n)
    worth: Array = later * np.maximum(change, 0.0)
    return worth


def answers_ahead(survival: ArrayLike) -> Array:
    """L_i, the answers expected after the i-th task is answered, (I,), from s_j, the survival rate of each index, (I,).

    Backwards, L_i = s_{i+1} (1 + L_{i+1}); the last rate holds for all later indices, so there L = s / (1 - s).
    Raises ValueError unless there is a rate, all lie in [0, 1] and the last is below 1.
    """
    rates = np.asarray(survival, dtype=np.float64)
    if rates.ndim != 1 or not rates.size:
        raise ValueError("Give one survival rate for each index of a task, at least one.")
    if not ((rates >= 0.0) & (rates <= 1.0)).all() or not rates[-1] < 1.0:
        raise ValueError("Survival rates lie between 0 and 1, and the last must be below 1, or sessions never end.")
    ahead = np.empty(rates.size)
    ahead[-1] = rates[-1] / (1.0 - rates[-1])
    for index in range(rates.size - 1, 0, -1):
        ahead[index - 1] = rates[index] * (1.0 + ahead[index])
    return ahead


def continuation(gain: ArrayLike, allowed: ArrayLike, ahead: ArrayLike) -> Array:
    """V = L · max(0, mean gain of the allowed tasks) bits, (...): what may follow, and is lost with the person.

    `gain`, `allowed`: (..., T); `ahead`: L, (...). 0 where nothing is allowed. Raises ValueError for a negative L or
    shapes that do not fit.
    """
    bits, open_ = np.asarray(gain, dtype=np.float64), np.asarray(allowed, dtype=np.bool_)
    later = np.asarray(ahead, dtype=np.float64)
    if bits.shape != open_.shape or bits.shape[:-1] != later.shape:
        raise ValueError("Give a gain and a permission for each task, and one number of answers ahead for each person.")
    if not ((later >= 0).all() and np.isfinite(later).all()):
        raise ValueError("The answers still expected of a person must be a finite number, 0 or more.")
    usual = np.where(open_, bits, 0.0).sum(axis=-1) / np.maximum(open_.sum(axis=-1), 1)
    value: Array = later * np.maximum(usual, 0.0)
    return value


def _belief(right: ArrayLike, wrong: ArrayLike) -> tuple[Array, Array]:
    a, b = np.broadcast_arrays(np.asarray(right, dtype=np.float64), np.asarray(wrong, dtype=np.float64))
    if not ((a > 0) & (b > 0) & np.isfinite(a) & np.isfinite(b)).all():
        raise ValueError(
            "A belief about a person needs positive, finite numbers of right and wrong answers: add a prior."
        )
    return a, b


def _expected_entropy(a: Array, b: Array) -> Array:
    size = a + b
    return _bits(digamma(size + 1.0) - (a * digamma(a + 1.0) + b * digamma(b + 1.0)) / size)


def _weight(quality: Array, options: Array) -> Array:
    entropy = entr(quality) + entr(1.0 - quality) + (1.0 - quality) * np.log(options - 1.0)
    weight: Array = np.where(quality * options > 1.0, np.log2(options) - _bits(entropy), 0.0)
    return weight


def _bits(nats: Array) -> Array:
    bits: Array = nats / np.log(2.0)
    return bits
