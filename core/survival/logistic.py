"""The paper's survival model (Kobren et al. 2015, section 2.1): logistic regression with a quadratic penalty.

    P(x) = 1 / (1 + exp(-(β + w·x)))                     chance that the person stays
    F(β, w) = Σ_i s_i [log(1 + e^{z_i}) - y_i z_i] + ½ Σ_j λ_j (w_j - m_j)²,      z_i = β + w·x_i

minimised by Newton's method over (β, w); s_i are row weights (1 if left out), λ_j and m_j the precision and the mean of
a normal prior (`Prior`). With λ = 1, m = 0 and a free β this is scikit-learn's LogisticRegression(C=1).

A pass over the rows gives F, its gradient g and, if asked, its Hessian H = Σ s p(1-p) x xᵀ + diag(λ). H costs many
times g, but changes little near the optimum. So: solve a sample of the rows first, build H once there, take steps H⁻¹g
with it as long as each shrinks the rest of the way (gᵀH⁻¹g) tenfold, and rebuild it otherwise; halve steps that do not
lower F. Rows come in blocks that fit the cache; they may also come from a callable that yields chunks anew for each
pass, and then only one chunk is in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.survival.log import Floats

Chunk = tuple[Floats, NDArray[np.generic]] | tuple[Floats, NDArray[np.generic], Floats]
Chunks = Callable[[], Iterable[Chunk]]
Said = Callable[[int, int], None]

_BLOCK = 4096  # rows; with 75 columns 2.4 MB, about a core's cache
_SAMPLE = 16  # at first a 16th of the rows is solved ...
_LEAST_SAMPLE = 4_000  # ... but no fewer rows than these
_TOLERANCE = 1e-9  # of F per row: how far above its minimum the end may be
_MOST_PASSES = 100
_SHRINK = 0.1
_HALVINGS = 40
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """Normal prior of (β, w): `mean` and `precision` (1/variance), (1 + F,), the intercept first; 0: free."""

    mean: Floats
    precision: Floats

    def __post_init__(self) -> None:
        for name in ("mean", "precision"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        if self.mean.shape != self.precision.shape or self.mean.ndim != 1:
            raise ValueError("A prior needs one mean and one precision for the intercept and for each feature.")
        if not (np.isfinite(self.mean).all() and np.isfinite(self.precision).all() and (self.precision >= 0).all()):
            raise ValueError("Means of a prior must be finite, precisions finite and not negative.")

    @classmethod
    def ridge(cls, size: int, strength: ArrayLike = 1.0) -> Self:
        """Towards 0 with `strength` (a number, or (F,)); the intercept is free."""
        values = np.broadcast_to(np.asarray(strength, dtype=np.float64), (size,))
        return cls(np.zeros(size + 1), np.append(0.0, values))

    @classmethod
    def towards(cls, model: Logistic, strength: ArrayLike = 1.0) -> Self:
        """Towards another model's coefficients, with one strength for all or (1 + F,) of them."""
        values = np.asarray(strength, dtype=np.float64)
        return cls(model.coefficients, np.broadcast_to(values, (len(model.weights) + 1,)))


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """A fitted model: weights w (F,), intercept β; `covariance` (1 + F, 1 + F) of (β, w) by Laplace, if asked for.

    `loss` is the minimum of F, `rows` and `stayed` count what was fitted, `passes` how often the rows were read.
    """

    weights: Floats
    intercept: float
    rows: int = 0
    stayed: float = 0.0
    loss: float = 0.0
    passes: int = 0
    covariance: Floats | None = None

    @property
    def coefficients(self) -> Floats:
        """(β, w), (1 + F,)."""
        return np.append(self.intercept, self.weights)

    @property
    def errors(self) -> Floats:
        """Standard errors of (β, w), (1 + F,). Raises ValueError if the fit was not asked for them."""
        if self.covariance is None:
            raise ValueError("This model was fitted without standard errors: fit it with errors=True.")
        return np.sqrt(np.diag(self.covariance))

    def scores(self, x: Floats) -> Floats:
        """β + w·x of each row of x (..., F)."""
        return np.asarray(x @ self.weights + self.intercept)

    def chances(self, x: Floats) -> Floats:
        """Chance to stay of each row of x (..., F), in (0, 1)."""
        return chance(self.scores(x))


def chance(score: Floats, out: Floats | None = None) -> Floats:
    """1/(1 + e^-z) = (1 + tanh(z/2))/2, elementwise, into `out` if it is given. Never overflows; 0 below z = -38."""
    value = np.empty(np.shape(score)) if out is None else out
    np.multiply(score, 0.5, out=value)
    np.tanh(value, out=value)
    value *= 0.5
    value += 0.5
    return value


def fit(
    x: Floats,
    stayed: ArrayLike,
    prior: Prior | None = None,
    *,
    weights: ArrayLike | None = None,
    start: Logistic | None = None,
    errors: bool = False,
) -> Logistic:
    """The model that minimises F (module docstring) for x (R, F) and labels `stayed` (R,) of 0 and 1.

    `prior` defaults to Prior.ridge(F, 1). `start` only saves time. Raises ValueError for rows that do not match, labels
    other than 0 and 1, no rows without a prior that determines everything, or numbers that are not finite.
    """
    table = np.asarray(x, dtype=np.float64)
    label = np.asarray(stayed, dtype=np.float64)
    if table.ndim != 2 or label.shape != table.shape[:1]:
        raise ValueError("Features must be a table with one row for each label.")
    weight = None if weights is None else np.asarray(weights, dtype=np.float64)
    if weight is not None and weight.shape != label.shape:
        raise ValueError("There must be one weight for each row.")
    belief = Prior.ridge(table.shape[1]) if prior is None else prior
    first = start
    every = max(1, min(_SAMPLE, len(label) // _LEAST_SAMPLE))
    if start is None and every > 1:
        some = slice(None, None, every)
        sample = _Rows(
            _source(np.ascontiguousarray(table[some]), label[some], None if weight is None else weight[some])
        )
        light = replace_strength(belief, 1.0 / every)
        first = _minimised(sample, light, None, errors=False, tolerance=1e-5, say=None)
    return _minimised(
        _Rows(_source(table, label, weight)), belief, first, errors=errors, tolerance=_TOLERANCE, say=None
    )


def fit_stream(
    chunks: Chunks,
    prior: Prior,
    *,
    start: Logistic | None = None,
    errors: bool = False,
    say: Said | None = None,
) -> Logistic:
    """The same from chunks: each call of `chunks` yields all (x, stayed) or (x, stayed, weights) once, in any cut.

    `say(passes, rows)` is told after each pass how many there were and how many rows each has.
    """
    first = start
    if start is None:
        head = next(iter(chunks()), None)
        if head is not None and len(head[1]) >= _LEAST_SAMPLE:
            first = _minimised(_Rows(lambda: [head]), prior, None, errors=False, tolerance=1e-4, say=None)
    return _minimised(_Rows(chunks), prior, first, errors=errors, tolerance=_TOLERANCE, say=say)


def replace_strength(prior: Prior, factor: float) -> Prior:
    """The prior with all precisions times `factor`."""
    return replace(prior, precision=prior.precision * factor)


@dataclass(frozen=True, slots=True, eq=False)
class _Pass:
    """Σ over the rows at one point: loss, gradient (1 + F,), Hessian (1 + F, 1 + F) or None, rows, Σ s y."""

    loss: float
    gradient: Floats
    hessian: Floats | None
    rows: int
    weight: float
    stayed: float


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    source: Chunks

    def passed(self, at: Floats, *, hessian: bool) -> _Pass:
        """One pass over all rows; `at` is (β, w)."""
        size = len(at)
        gradient, curvature = np.zeros(size), np.zeros((size, size)) if hessian else None
        loss, rows, total, stayed = 0.0, 0, 0.0, 0.0
        for x, label, weight in _blocks(self.source()):
            if x.shape[1] + 1 != size:
                raise ValueError(f"The prior is for {size - 1} features; these rows have {x.shape[1]}.")
            z = x @ at[1:]
            z += at[0]
            p = chance(z)
            loss += _loss(z, label, weight)
            residual = p - label
            if weight is not None:
                residual *= weight
            gradient[0] += residual.sum()
            gradient[1:] += residual @ x
            rows += len(label)
            total += len(label) if weight is None else float(weight.sum())
            stayed += float(label.sum() if weight is None else label @ weight)
            if curvature is not None:
                p *= 1.0 - p
                if weight is not None:
                    p *= weight
                curvature[0, 0] += p.sum()
                curvature[0, 1:] += p @ x
                scaled = x * np.sqrt(p)[:, None]
                curvature[1:, 1:] += scaled.T @ scaled
        if curvature is not None:
            curvature[1:, 0] = curvature[0, 1:]
        return _Pass(loss, gradient, curvature, rows, total, stayed)


def _minimised(
    rows: _Rows, prior: Prior, start: Logistic | None, *, errors: bool, tolerance: float, say: Said | None
) -> Logistic:
    """Newton's method with a kept Hessian (module docstring)."""
    passes = 0

    def look(at: Floats, *, hessian: bool) -> tuple[float, Floats, Floats | None, _Pass]:
        nonlocal passes
        seen = rows.passed(at, hessian=hessian)
        passes += 1
        if say is not None:
            say(passes, seen.rows)
        away = at - prior.mean
        value = seen.loss + 0.5 * float(prior.precision @ away**2)
        if not np.isfinite(value):
            raise ValueError("Features, labels and weights must be finite numbers, labels 0 or 1.")
        curved = None if seen.hessian is None else seen.hessian + np.diag(prior.precision)
        return value, seen.gradient + prior.precision * away, curved, seen

    at = prior.mean.copy() if start is None else start.coefficients
    value, gradient, curved, seen = look(at, hessian=True)
    bent = _held(curved)
    enough = (
        2.0 * _SHRINK * tolerance * max(seen.weight, 1.0)
    )  # a step below it is taken without looking where it leads
    rest = np.inf
    while passes < _MOST_PASSES:
        step = np.linalg.solve(bent, gradient)
        before, rest = rest, float(gradient @ step)
        if rest <= enough:
            at, value = at - step, value - rest / 2.0
            break
        slow = rest > _SHRINK * before
        size = 1.0
        for _ in range(_HALVINGS):
            tried = look(at - size * step, hessian=slow or size < 1.0)
            if tried[0] <= value + _ROUNDING * abs(value):
                break
            size /= 2.0
        else:
            break
        at = at - size * step
        value, gradient, curved, seen = tried
        if curved is not None:
            bent, rest = _held(curved), np.inf
    if errors and curved is None:
        value, gradient, curved, seen = look(at, hessian=True)
        bent = _held(curved)
    covariance = np.asarray(np.linalg.inv(bent), dtype=np.float64) if errors else None
    return Logistic(at[1:].copy(), float(at[0]), seen.rows, seen.stayed, value, passes, covariance)


def _held(hessian: Floats | None) -> Floats:
    """The Hessian; a direction in which nothing bends (nobody has the feature, and no prior) is held by a hair."""
    assert hessian is not None
    hair = 1e-10 * max(float(np.trace(hessian)) / len(hessian), 1e-300)
    return hessian + hair * np.eye(len(hessian))


def _loss(z: Floats, label: Floats, weight: Floats | None) -> float:
    """Σ s [log(1 + e^z) - y z], as max(z, 0) - y z + log(1 + e^-|z|)."""
    each = np.abs(z)
    np.negative(each, out=each)
    np.exp(each, out=each)
    np.log1p(each, out=each)
    each += np.maximum(z, 0.0)
    each -= label * z
    return float(each.sum() if weight is None else each @ weight)


def _source(x: Floats, label: Floats, weight: Floats | None) -> Chunks:
    chunk: Chunk = (x, label) if weight is None else (x, label, weight)
    return lambda: [chunk]


def _blocks(chunks: Iterable[Chunk]) -> Iterator[tuple[Floats, Floats, Floats | None]]:
    for chunk in chunks:
        x, label = np.asarray(chunk[0], dtype=np.float64), np.asarray(chunk[1], dtype=np.float64)
        weight = np.asarray(chunk[2], dtype=np.float64) if len(chunk) == 3 else None
        if not ((label == 0.0) | (label == 1.0)).all():
            raise ValueError("Labels must be 0 (left) or 1 (stayed).")
        for begin in range(0, len(label), _BLOCK):
            part = slice(begin, begin + _BLOCK)
            yield x[part], label[part], None if weight is None else weight[part]


__all__: Sequence[str] = ["Chunks", "Logistic", "Prior", "chance", "fit", "fit_stream"]
