"""Fitted Q iteration (Kobren et al. 2015, section 2.2): how many more tasks, discounted, a person will do.

Q(s, a) = θ·x with x the features of state and task (a 1 first, for the intercept). With reward R = 1 for staying and 0
for leaving, each iteration fits a ridge regression to reward plus discounted value:

    θ⁽ᵏ⁺¹⁾ = argmin_θ |Xθ - (R + γ X' θ⁽ᵏ⁾)|² + λ|θ|²,      θ⁽⁰⁾ = 0        (the intercept is not penalised)

where row i of X' is the person's next row, and 0 (the 1 too) if they left. The next task is the logged one, so
each iteration is linear in the last, and the limit is one solve instead of some thirty regressions:

    θ = (XᵀX + λI - γ XᵀX')⁻¹ XᵀR                                            (`fit`; `iterate` is the loop, as printed)

Convergence: the loop's error is multiplied by M = γ (XᵀX + λI)⁻¹ XᵀX' in each iteration, so it converges if and only if
the spectral radius of M is below 1. It always is for γ < 1 if each row of X' is a row of X and none is used twice, for
then |X'v| <= |Xv| and a ridge fit shrinks. Rows whose sequel is unknown (the log ends with the person still there) must
be left out, and may yet stand in X' without standing in X: hence the radius is computed, and refused at 1 or above.

Q is no probability: it ranks tasks. Its goals (Kobren et al., section 4.3) come far too often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.survival.log import Flags, Floats, Log, Rows

DISCOUNT = 0.9  # γ; the paper names none. With .9 the next ten tasks or so count

Chunk = tuple[Floats, ArrayLike, Rows]


@dataclass(frozen=True, slots=True, eq=False)
class FittedQ:
    """Q's weights (F,) and intercept; γ, λ, the number of rows, and the spectral radius of the iteration."""

    weights: Floats
    intercept: float
    discount: float
    ridge: float
    rows: int
    radius: float

    def scores(self, x: Floats) -> Floats:
        """Q of each row of x (..., F): discounted number of tasks, not a probability."""
        return np.asarray(x @ self.weights + self.intercept)


def following(log: Log) -> tuple[Flags, Rows]:
    """Which rows have a known sequel, (R,), and which row follows each, (R,): -1 after leaving and where unknown."""
    place = np.arange(len(log))
    same = np.append(log.person[1:] == log.person[:-1], np.zeros(min(1, len(log)), np.bool_))
    return ~log.stayed | same, np.where(log.stayed & same, place + 1, -1)


def fit(x: Floats, stayed: ArrayLike, after: Rows, discount: float = DISCOUNT, ridge: float = 1.0) -> FittedQ:
    """The fixed point in closed form. x (R, F), stayed (R,) 0/1, after (R,): the row that follows, -1 if none.

    Raises ValueError if γ is not in [0, 1), or if the iteration that this is the limit of would diverge.
    """
    return fit_stream(lambda: [(x, stayed, after)], discount, ridge)


def fit_stream(chunks: Callable[[], Iterable[Chunk]], discount: float = DISCOUNT, ridge: float = 1.0) -> FittedQ:
    """The same in one pass over chunks; `after` numbers the rows within each chunk, which must hold whole people.

    Rows with stayed = 1 and after = -1 (their sequel is unknown) may be followed to, but are not fitted.
    """
    _checked(discount, ridge)
    square = cross = target = None
    rows = 0
    for x, label, after in chunks():
        stays = np.asarray(label, dtype=np.float64)
        full, nexts, use = _stacked(x, stays, after)
        if square is None or cross is None or target is None:
            size = full.shape[1]
            square, cross, target = np.zeros((size, size)), np.zeros((size, size)), np.zeros(size)
        square += full.T @ full
        cross += full.T @ nexts
        target += full.T @ stays[use]
        rows += len(full)
    if square is None or cross is None or target is None:
        raise ValueError("Without rows there is nothing to learn from.")
    penalised = square + _penalty(len(target), ridge)
    radius = _radius(penalised, discount * cross)
    if radius >= 1.0:
        raise ValueError(f"Fitted Q would not converge (spectral radius {radius:.3f}): raise the penalty, or lower γ.")
    theta: Floats = np.asarray(np.linalg.solve(penalised - discount * cross, target), dtype=np.float64)
    return FittedQ(theta[1:], float(theta[0]), discount, ridge, rows, radius)


def iterate(
    x: Floats,
    stayed: ArrayLike,
    after: Rows,
    discount: float = DISCOUNT,
    ridge: float = 1.0,
    *,
    tolerance: float = 1e-8,
    most: int = 10_000,
) -> tuple[FittedQ, int]:
    """The loop as printed, until no coefficient moves by more than `tolerance`; with the number of iterations.

    Raises ValueError where `fit` does, and if `most` iterations are not enough.
    """
    _checked(discount, ridge)
    stays = np.asarray(stayed, dtype=np.float64)
    full, nexts, use = _stacked(x, stays, after)
    square = full.T @ full + _penalty(full.shape[1], ridge)
    theta: Floats = np.zeros(full.shape[1])
    for count in range(1, most + 1):
        new: Floats = np.asarray(
            np.linalg.solve(square, full.T @ (stays[use] + discount * (nexts @ theta))), dtype=np.float64
        )
        moved = float(np.abs(new - theta).max())
        theta = new
        if moved <= tolerance:
            radius = _radius(square, discount * (full.T @ nexts))
            return FittedQ(theta[1:], float(theta[0]), discount, ridge, len(full), radius), count
    raise ValueError(f"Fitted Q has not converged after {most} iterations: raise the penalty, or lower γ.")


def _radius(square: Floats, cross: Floats) -> float:
    """Spectral radius of M (module docstring)."""
    return float(np.abs(np.linalg.eigvals(np.linalg.solve(square, cross))).max())


def _stacked(x: Floats, stays: Floats, after: Rows) -> tuple[Floats, Floats, Flags]:
    """X and X' with their column of ones, for the rows that are fitted, and which these are."""
    use = (stays == 0.0) | (after >= 0)
    full = np.hstack((np.ones((len(x), 1)), x))
    nexts = full[after[use]]
    nexts[after[use] < 0] = 0.0
    return full[use], nexts, use


def _penalty(size: int, ridge: float) -> Floats:
    return np.diag(np.append(0.0, np.full(size - 1, ridge)))


def _checked(discount: float, ridge: float) -> None:
    if not 0.0 <= discount < 1.0:
        raise ValueError(f"A discount must lie in [0, 1), not be {discount}.")
    if not ridge > 0.0:
        raise ValueError("A penalty must be positive.")
