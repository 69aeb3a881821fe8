"""How much a crowd's answers were worth, and how many people gave how many (Kobren et al., WWW 2015, section 3.4).

Arrays only: beliefs and entropies come from whoever keeps them. All information is in bits.

Per recruited user is what the work costs: everybody who came counts. The paper divides by users with at least three
answers and counts only their answers (section 3.2); whether somebody gives three is an outcome of the policy that is
judged, so that metric can rise because people were lost. It stands beside the other, never alone.
Entropy falls when answers agree, right or wrong. So does what `truth_bits` measures only if they agree on the truth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

LEAST_ANSWERS = 3  # of the users whom the paper counts (skips are no answers)
FLOOR = (
    2.0**-10
)  # of a belief in the truth: a crowd that is certain of something false loses 10 bits, not infinitely many


def information_gain(before: ArrayLike, after: ArrayLike) -> float:
    """IG(Q, A) = Σ_q (H_0(q) - H(q; A_q)) bits, from entropies (..., Q) before and after the answers (3.4.1).

    Leading axes are summed too. Raises ValueError for different shapes, or entropies that are negative or no numbers.
    """
    first, last = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if first.shape != last.shape:
        raise ValueError("Give the entropy of the same questions before and after.")
    if not ((first >= 0).all() and (last >= 0).all()):
        raise ValueError("An entropy is a number of bits, 0 or more.")
    return float((first - last).sum())


def per_user(total: float, users: int) -> float:
    """AIG = IG / users, bits a user; 0 without users, since then nothing was gained either. ValueError if negative."""
    if users < 0:
        raise ValueError("A number of users is 0 or more.")
    return total / users if users else 0.0


def counted(answers: ArrayLike, least: int = LEAST_ANSWERS) -> NDArray[np.bool_]:
    """Which users the paper counts, (U,): those with at least `least` answers, skips left out (section 3.2)."""
    return np.asarray(_counts(answers) >= least)


def improvement(gain: float, baseline: float) -> float:
    """gain / baseline - 1: how much better than the baseline, as in the paper's Tables 2 and 6; the latter positive."""
    if not baseline > 0:
        raise ValueError("An improvement needs a baseline that gained something.")
    return gain / baseline - 1.0


def truth_bits(belief: ArrayLike, truth: ArrayLike, options: ArrayLike, *, floor: float = FLOOR) -> float:
    """Σ_q log2(n_q max(P_q(truth), floor)): by how many bits the belief in what is true has grown from 1/n.

    `belief` (Q, n), `truth` (Q,) indices of true options, `options` (Q,) or one number. Negative where the crowd
    believes what is false. Raises ValueError for a truth that is no option, or beliefs that are no probabilities.
    """
    p, true = np.asarray(belief, dtype=np.float64), np.asarray(truth, dtype=np.intp)
    if p.ndim != 2 or true.shape != p.shape[:1]:
        raise ValueError("Give beliefs as a table (questions, options), and one true option for each question.")
    n = np.broadcast_to(np.asarray(options, dtype=np.float64), true.shape)
    if not ((true >= 0) & (true < n) & (n <= p.shape[1])).all():
        raise ValueError("A true option must be one of the question's options, counted from 0.")
    if not 0.0 < floor < 1.0:
        raise ValueError("The floor of a belief lies between 0 and 1.")
    right = np.take_along_axis(p, true[:, None], axis=1)[:, 0]
    if not ((right >= 0.0) & (right <= 1.0)).all():
        raise ValueError("A belief is a probability, between 0 and 1.")
    return float(np.log2(n * np.maximum(right, floor)).sum())


def efficiency(gain: float, answers: ArrayLike, weight: ArrayLike) -> float:
    """EF = IG(Q, A) / Σ_u |A_u| IG(r_u), (3.4.2): what was gained of what the users' answers could have given.

    `answers` (U,): |A_u|; `weight` (U,): IG(r_u) bits an answer. 0 if they could have given nothing. It can exceed 1:
    with no prior bits, a single answer of little weight takes all entropy from its question.
    """
    given, bits = _counts(answers), np.asarray(weight, dtype=np.float64)
    if bits.shape != given.shape or not (bits >= 0).all():
        raise ValueError("Give each user's bits an answer, 0 or more.")
    possible = float(given @ bits)
    return gain / possible if possible > 0 else 0.0


def fp_curve(answers: ArrayLike, longest: int | None = None) -> Array:
    """FP_x = |U_≥x| / |U| for x = 0 .. `longest` (by default the most answers of any user), (longest + 1,) (3.4.3).

    Raises ValueError without users, or for numbers of answers that are negative or not whole.
    """
    given = _counts(answers)
    if not given.size:
        raise ValueError("Participation needs at least one user.")
    last = int(given.max()) if longest is None else longest
    if last < 0:
        raise ValueError("The longest number of answers is 0 or more.")
    tally = np.bincount(np.minimum(given, last + 1).astype(np.intp), minlength=last + 2)
    curve: Array = tally[::-1].cumsum()[::-1][: last + 1] / given.size
    return curve


def fp_auc(answers: ArrayLike, longest: int | None = None) -> float:
    """Area under the FP curve from 0 (3.4.3): Σ_{x≥1} FP_x, a step of width 1 for each answer.

    Without `longest` it equals the mean number of answers a user. The paper does not define its sum; its Table 5 fits
    users with at least three answers better than all.
    """
    return float(fp_curve(answers, longest)[1:].sum())


def _counts(answers: ArrayLike) -> Array:
    given = np.asarray(answers, dtype=np.float64)
    if given.ndim != 1 or not (np.isfinite(given) & (given >= 0) & (given == np.floor(given))).all():
        raise ValueError("Give each user's number of answers: whole numbers, 0 or more.")
    return given
