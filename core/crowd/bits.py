"""Quizz bits: what answers of people of known quality say about multiple-choice questions, in bits.

Kobren et al. (WWW 2015, section 3.4.1), after Ipeirotis and Gabrilovich's Quizz (WWW 2014). A person is right with
probability r, and errs evenly over the other n-1 options. Each answer adds to its option

    IG(r) = H(1/n) - H(r) bits,      H(r) = -r log2 r - (1-r) log2((1-r)/(n-1)),      H(1/n) = log2 n,

and the belief in an option is its share of a question's bits, of which κ are there before anyone answers:

    P_a = (b_a + κ/n) / (Σ_a b_a + κ),      H(question) = -Σ_a P_a log2 P_a.

Prior bits   The paper has κ = 0. Then the first answer, whoever gives it, makes P = 1 and the entropy 0, and the
             question is never asked again. Here κ is 1 unless said otherwise: one bit, spread evenly. With κ = 0 a
             question without bits counts as undecided (P_a = 1/n) until its first answer of any weight.
Below chance H is symmetric enough for IG to rise again where r < 1/n. But such an answer speaks for the *other*
             options, so counting it for its own would be wrong: it adds 0 bits. `dawid_skene` can turn it round.
Not Bayes    P is a share of bits and not a posterior. So the expected entropy after an answer can exceed the entropy
             now: a weak person asked about a question that is nearly settled has a negative expected drop.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

PRIOR_BITS = 1.0  # κ

_BLOCK = 8192  # questions whose arrays fit a core's cache
_TINY = 1e-300  # stands for 0 in logarithms, where its factor is 0


@dataclass(frozen=True, slots=True)
class Prior:
    """What is thought of a person before any answer: it counts as `strength` answers, a share `mean` of them right."""

    mean: float = 0.5
    strength: float = 2.0

    def __post_init__(self) -> None:
        if not (0.0 < self.mean < 1.0 and 0.0 < self.strength < np.inf):
            raise ValueError("A prior needs a mean between 0 and 1 and a positive, finite strength.")


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """What is believed about T questions; made by `questions`. Arrays are option-major, (n, T), for fast passes.

    `options` (T,): how many options each has; `mass` (n, T): b_a + κ/n, 0 beyond a question's options;
    `parts` (n, T): mass log2 mass; `belief` (n, T): P_a; `total` (T,): Σ mass; `entropy` (T,): in bits.
    """

    options: Array
    mass: Array
    parts: Array
    belief: Array
    total: Array
    entropy: Array


def quality(correct: ArrayLike, answered: ArrayLike, prior: Prior | None = None) -> Array:
    """r_u = (correct + strength · mean) / (answered + strength): the smoothed share correct (section 3.4.1).

    Any shapes that broadcast. The default prior is Prior(): one right answer and one wrong (Laplace's rule).
    Raises ValueError unless 0 <= correct <= answered.
    """
    hits, tries = _counts(correct, answered)
    prior = prior or Prior()
    smoothed: Array = (hits + prior.strength * prior.mean) / (tries + prior.strength)
    return smoothed


def category_quality(
    correct: ArrayLike, answered: ArrayLike, prior: Prior | None = None, *, pooling: float = 4.0
) -> Array:
    """r_uc = (correct_uc + pooling · r_u) / (answered_uc + pooling): a person's quality in every category.

    `correct`, `answered`: (..., C), the last axis categories; the same shape comes back. r_u is `quality` of the sums.
    `pooling` is how many answers in a category weigh as much as all the others; 0 pools nothing (where there is no
    answer, r_u stays), large values pool all. Raises ValueError for impossible counts or a negative pooling.
    """
    if not 0.0 <= pooling < np.inf:
        raise ValueError("The pooling of categories must be a finite number of answers, 0 or more.")
    hits, tries = _counts(correct, answered)
    overall = quality(hits.sum(axis=-1, keepdims=True), tries.sum(axis=-1, keepdims=True), prior)
    pooled = np.broadcast_to(overall, tries.shape).copy()
    np.divide(hits + pooling * overall, tries + pooling, out=pooled, where=tries + pooling > 0)
    return pooled


def fit_prior(correct: ArrayLike, answered: ArrayLike, *, strength: tuple[float, float] = (1.0, 50.0)) -> Prior:
    """The prior that a crowd teaches about its next member, from each person's counts, (U,).

    Moments of the Beta-Binomial: with shares x_u = correct/answered, weights n_u = answered, m = Σ correct / Σ n_u and
    v = Σ n_u (x_u - m)², the intra-class correlation is ρ = (v/(m(1-m)) - (U-1)) / (Σ n_u - Σ n_u²/Σ n_u - (U-1)) and
    the strength is 1/ρ - 1, kept within `strength`. m is smoothed by Prior(). Fewer than two people give Prior().
    """
    hits, tries = _counts(correct, answered)
    hits, tries = hits[tries > 0], tries[tries > 0]
    if hits.size < 2:
        return Prior()
    total = float(tries.sum())
    mean = float(quality(hits.sum(), total))
    spread = float((tries * (hits / tries - mean) ** 2).sum()) / (mean * (1.0 - mean))
    room = total - float((tries**2).sum()) / total - (hits.size - 1)
    correlation = (spread - (hits.size - 1)) / room if room > 0 else 0.0
    implied = 1.0 / correlation - 1.0 if correlation > 0 else np.inf
    return Prior(mean, float(np.clip(implied, *strength)))


def information(quality: ArrayLike, options: ArrayLike) -> Array:
    """IG(r) bits that an answer of a person of quality r adds to a question of n options; shapes broadcast.

    0 for r <= 1/n (module docstring), log2 n for r = 1. Raises ValueError unless 0 <= r <= 1 and n >= 2.
    """
    r, n = _checked(quality, options)
    return _information(r, n)


def questions(bits: ArrayLike, options: ArrayLike | None = None, *, prior_bits: float = PRIOR_BITS) -> Questions:
    """What is believed about T questions with `bits` (T, n) for their options.

    `options` (T,) is given where questions differ in their number of options; columns beyond it must hold 0.
    One pass of logarithms over (T, n). Raises ValueError for negative bits, fewer than two options, or bits beyond.
    """
    support = np.asarray(bits, dtype=np.float64)
    if support.ndim != 2 or support.shape[1] < 2:
        raise ValueError(f"Bits must be a table (questions, options) of two options or more, not {support.shape}.")
    if not (np.isfinite(support).all() and (support >= 0).all()):
        raise ValueError("Bits must be finite and not negative.")
    if not 0.0 <= prior_bits < np.inf:
        raise ValueError("Prior bits must be finite and not negative.")
    size, columns = support.shape
    if options is None:
        count = np.full(size, float(columns))
        mass = np.add(support.T, prior_bits / columns, order="C")
    else:
        count = np.asarray(options, dtype=np.float64)
        if count.shape != (size,) or not ((count >= 2) & (count <= columns) & (count % 1 == 0)).all():
            raise ValueError(f"Give one whole number of options for each question, from 2 to {columns}.")
        exists = np.arange(columns)[:, None] < count
        mass = np.ascontiguousarray(support.T)
        if mass[~exists].any():
            raise ValueError("A question has bits for an option that it does not have.")
        mass = mass + exists * (prior_bits / count)
    total = mass.sum(axis=0)
    blank = total == 0.0
    belief = mass / np.where(blank, 1.0, total)
    if blank.any():
        belief[:, blank] = (np.arange(columns)[:, None] < count[blank]) / count[blank]
    parts = _x_log_x(mass)
    entropy = np.where(blank, np.log2(count), _log2(total) - parts.sum(axis=0) / np.where(blank, 1.0, total))
    return Questions(count, mass, parts, belief, total, np.maximum(entropy, 0.0))


def expected_drop(known: Questions, quality: ArrayLike) -> Array:
    """E[ΔH] (T,): by how many bits the entropy of each question is expected to fall if this person answers it.

    `quality`: r, one number or (T,). By what is believed now, the answer is a with probability
    r P_a + (1-r)(1-P_a)/(n-1); it adds w = IG(r) bits to a. With c_a = b_a + κ/n,
    C = Σ c_a and g(x) = x log2 x, exactly

        E[ΔH] = H - log2(C + w) + (Σ_a g(c_a) + Σ_a P(answer a) (g(c_a + w) - g(c_a))) / (C + w).

    One pass of logarithms over (T, n), in blocks that stay in cache; what does not depend on the person is in `known`.
    Negative where the answer is more likely to blur than to settle; 0 for r <= 1/n.
    """
    r, n = _checked(quality, known.options)
    r = np.broadcast_to(r, n.shape)
    drop = np.empty(n.shape)
    for start in range(0, n.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        _expected_drop(known, r[block], block, drop[block])
    return drop


def answered(bits: ArrayLike, task: ArrayLike, answer: ArrayLike, weight: ArrayLike) -> Array:
    """A new table: `bits` (T, n) with `weight` more for option `answer` of question `task`; numbers or (M,) arrays."""
    support = np.array(bits, dtype=np.float64)
    np.add.at(support, (np.asarray(task), np.asarray(answer)), np.asarray(weight, dtype=np.float64))
    return support


def information_gain(known: Questions) -> float:
    """Σ_q (log2 n_q - H(q)): bits by which a set of questions has become surer since nobody had answered (3.4.1)."""
    return float((np.log2(known.options) - known.entropy).sum())


def _expected_drop(known: Questions, r: Array, block: slice, drop: Array) -> None:
    """`expected_drop` of the questions in `block`, written to `drop`."""
    n, mass, parts = known.options[block], known.mass[:, block], known.parts[:, block]
    weight = _information(r, n)
    miss = (1.0 - r) / (n - 1.0)
    total = known.total[block] + weight
    rise = mass + weight
    rise *= _log2(rise)
    rise -= parts
    if n.min() < mass.shape[0]:
        rise *= np.arange(mass.shape[0])[:, None] < n
    gain = miss * rise.sum(axis=0)
    rise *= known.belief[:, block]
    gain += (r - miss) * rise.sum(axis=0)
    gain += parts.sum(axis=0)
    total[weight == 0.0] = 1.0  # such an answer changes nothing; there may be nothing to divide by
    np.subtract(known.entropy[block], np.log2(total), out=drop)
    gain /= total
    drop += gain
    drop[weight == 0.0] = 0.0


def _information(r: Array, n: Array) -> Array:
    above = r * n > 1.0
    entropy = _x_log_x(r) + _x_log_x(1.0 - r) - (1.0 - r) * np.log2(n - 1.0)
    gain: Array = np.where(above, np.maximum(np.log2(n) + entropy, 0.0), 0.0)
    return gain


def _x_log_x(x: Array) -> Array:
    product: Array = x * _log2(x)
    return product


def _log2(x: Array) -> Array:
    logarithm: Array = np.log2(np.maximum(x, _TINY))
    return logarithm


def _counts(correct: ArrayLike, answered: ArrayLike) -> tuple[Array, Array]:
    hits, tries = np.broadcast_arrays(np.asarray(correct, np.float64), np.asarray(answered, np.float64))
    if not (np.isfinite(tries) & (hits >= 0) & (hits <= tries)).all():
        raise ValueError("Right answers must be between 0 and the number of answers, which must be finite.")
    return hits, tries


def _checked(quality: ArrayLike, options: ArrayLike) -> tuple[Array, Array]:
    r, n = np.asarray(quality, dtype=np.float64), np.asarray(options, dtype=np.float64)
    if not ((r >= 0.0) & (r <= 1.0)).all():
        raise ValueError("A quality is a share of right answers: give a number between 0 and 1.")
    if not ((n >= 2) & np.isfinite(n)).all():
        raise ValueError("A question needs two options or more.")
    return r, n
