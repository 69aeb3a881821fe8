"""The integral of `best`: P_k = ∫ f_k ∏_{j≠k} F_j for all contenders at once, with an estimate of its error.

Scale   y = logit x. There the density f(y) = x^a (1-x)^b / B(a, b) is analytic in |Im y| < π for every a, b > 0 and
        falls off exponentially on both sides. (The usual x = sin²θ leaves a factor φ^(2b-1) at its end φ = π/2 - θ, on
        which a Gauss rule converges slowly unless 2b is an integer.)
Sweep   Panels of 16 Gauss-Legendre nodes, from the top down. Only arms whose reach has begun take part. One matrix
        integrates the densities down to each node: F = 1 - ∫. So errors are relative to 1 - F and do not add up in
        G = ∏ F. The sweep stops where G < e^-C: no arm can be the best with a value below that.
Mesh    A panel is a few standard deviations of the most concentrated arm that reaches it, less in large pools, whose
        maximum is sharper than any arm. A million ratings on one arm and none on another need no special case.
Proof   In each block of panels Σ_k ∫ f_k G/F_k must equal the fall of G, no F may pass below 0, and the last Legendre
        coefficients of every density and of the integrand must be small: a Gauss rule's error goes with their square.
        Panels that fail are halved. If the sum of these estimates exceeds the tolerance, an error is raised.
Cost    About 16 nodes x 7 panels x 12 ns for each distinct arm that can win.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

Array = NDArray[np.float64]

EDGE = 680.0  # |logit x| beyond which exp() would overflow; Beta(.05, .05) has 2e-15 of its mass there

NODES = 16  # Gauss-Legendre nodes in a panel
_STEP = 7.5  # a panel's width in standard deviations is this / √(log K); wider ones fail their proof too often
_BLOCK = 8192  # density values computed at once when there are few arms: several panels share the overhead
_PANELS = 8  # at most so many panels in a block
_COLUMNS = 1024  # arms computed at once when there are many: what fits a core's cache
_RETRIES = 100  # blocks that may be computed again with halved panels
COEFFICIENT = 1e-3  # error / square of the last coefficient: ten times the largest seen in 450 hard pools
TINY = 1e-300  # what a distribution function is at least, so that it has a logarithm


class Contenders(NamedTuple):
    """The distinct arms that can win, by falling `end`; G of them."""

    ab: Array  # (2, G) a and b
    mean: Array  # (2, G) μ and 1 - μ
    peak: Array  # (G,) logit μ, where the density of logit X is highest
    height: Array  # (G,) its logarithm there
    end: Array  # (G,) logit above which the arm has less than e^-C of its mass
    copies: NDArray[np.intp]  # (G,) so many arms have these a and b
    arms: NDArray[np.intp]  # (Σ copies,) their indices in the pool, group by group
    start: float  # logit below which at least one arm has less than e^-C of its mass


class PanelRule(NamedTuple):
    """What 16 values in a panel say of their function; the panel's width counts as 1."""

    nodes: Array  # (16,) on [-1, 1], from right to left
    weights: Array  # (16,) for the mean over the panel; they sum to 1
    within: Array  # (16, 16) takes the values to the integrals from the panel's upper edge down to each node
    last: Array  # (2, 16) takes the values to the last two coefficients of their Legendre series


class _Block(NamedTuple):
    """What some neighbouring panels add, for the m arms that reach them."""

    share: Array  # (m,) their part of P_k
    cdf: Array  # (m,) F_k at the lower edge
    product: float  # G at the lower edge
    roughness: Array  # (panels,) the largest last Legendre coefficient of a density or of the integrand


def sweep(contenders: Contenders, size: int, cutoff: float, tolerance: float) -> tuple[Array, float]:
    """P of each distinct arm, shape (G,), and the logit below which no arm can be the best. `size`: arms in the pool.

    Raises ArithmeticError if the estimated error stays above `tolerance`.
    """
    edges = mesh(contenders, panel_step(size))
    limit = tolerance / (2 * edges.size)
    rising = contenders.end[::-1]
    weight = contenders.copies.astype(np.float64)
    share, cdf = np.zeros(weight.size), np.ones(weight.size)
    buffer = np.empty(max(_BLOCK, NODES * weight.size))
    error, product, first, retries = 0.0, 1.0, 0, 0
    active = _active(rising, edges)
    while first < len(active) and product > math.exp(-cutoff):
        last = first + 1
        while last < len(active) and last - first < _PANELS and (last + 1 - first) * NODES * active[last] <= _BLOCK:
            last += 1
        count = active[last - 1]
        block = _block(contenders, weight[:count], cdf[:count], edges[first : last + 1], buffer)
        fall = float(block.share @ weight[:count])
        gap = max(abs(product - block.product - fall), -float(block.cdf.min()))
        doubt = COEFFICIENT * block.roughness**2
        estimate = gap + float(doubt.sum())
        if estimate > limit and retries < _RETRIES:
            edges = _halved(edges, first, doubt if gap < limit else np.full_like(doubt, np.inf), limit)
            active = _active(rising, edges)
            retries += 1
            continue
        error += estimate
        share[:count] += block.share
        cdf[:count] = block.cdf
        product, first = block.product, last
    if not error <= tolerance:
        raise ArithmeticError(f"The chances of being best may be wrong by {error:.1e}; {tolerance:.1e} was asked for.")
    return share, float(edges[first])


def panel_step(size: int) -> float:
    """How many standard deviations a panel is wide in a pool of `size` arms."""
    return _STEP / math.sqrt(max(3.2, math.log(size)))


def mesh(contenders: Contenders, step: float) -> Array:
    """Panel edges from the highest end down to the start.

    Where arms with a + b <= n reach, a panel is step / √(n x(1-x)) wide: in standard deviations of logit X. It is never
    narrower than `step` where x(1-x) < 1/n (an exponential tail) and grows with |y| for arms so vague that n < 4.
    """
    concentration = np.maximum.accumulate(contenders.ab[0] + contenders.ab[1])  # of all arms that end here or above
    sharper = (concentration[1:] > concentration[:-1]).nonzero()[0] + 1
    ends = contenders.end[sharper].tolist()
    concentrations = [float(concentration[0]), *concentration[sharper].tolist()]
    high, y = float(contenders.end[0]), contenders.start
    edges = [y]
    while y < high:
        while ends and ends[-1] <= y:
            ends.pop()
        n = concentrations[len(ends)]
        width = _panel_width(n, y, step)
        if y < 0:  # x(1-x) grows towards 0: take it where the panel may reach
            width = _panel_width(n, min(0.0, y + width), step)
        y += width
        edges.append(min(y, high))
    return np.array(edges[::-1])


def _panel_width(n: float, y: float, step: float) -> float:
    variance = n / (2.0 + 2.0 * math.cosh(y))  # n x(1-x)
    width = step / math.sqrt(variance) if variance > 1.0 else step
    return width if n > 4.0 else max(width, min(abs(y) / 3.0, 10.0 / n))


def _active(rising: Array, edges: Array) -> list[int]:
    """How many arms reach each panel, at least the first: those whose end lies above its lower edge."""
    counts: list[int] = np.maximum(rising.size - rising.searchsorted(edges[1:], side="right"), 1).tolist()
    return counts


def _halved(edges: Array, first: int, doubt: Array, limit: float) -> Array:
    """The edges with a middle in each panel from `first` on whose doubt exceeds its part of the limit."""
    upper, lower = edges[first : first + doubt.size], edges[first + 1 : first + 1 + doubt.size]
    middles = ((upper + lower) / 2)[doubt * doubt.size > limit]
    return np.sort(np.concatenate((edges, middles)))[::-1]


def _block(contenders: Contenders, weight: Array, cdf: Array, edges: Array, buffer: Array) -> _Block:
    """Integrate the panels between `edges` for the first m contenders, whose F at the upper edge is `cdf` (m,)."""
    arms, width, centre = weight.size, edges[:-1] - edges[1:], (edges[:-1, None] + edges[1:, None]) / 2
    panels, size = width.size, width.size * NODES
    basis, log_width = _basis(width, centre), np.log(width)[:, None]
    weights, downwards, last_coefficients = _rule(panels)
    hazard = buffer[: size * arms].reshape(size, arms)  # f / F at the nodes
    below, log_product, roughness = np.empty(arms), np.zeros(size + 1), np.zeros(2 * panels)
    for left in range(0, arms, _COLUMNS):
        part = slice(left, min(left + _COLUMNS, arms))
        (a, b), (mean, rest) = contenders.ab[:, part], contenders.mean[:, part]
        away = centre - contenders.peak[part]
        terms = np.empty((panels, 3, a.size))
        terms[:, 0], terms[:, 1] = a, b
        terms[:, 2] = contenders.height[part] + log_width
        terms[:, 2] -= a * np.log1p(rest * np.expm1(-away))
        terms[:, 2] -= b * np.log1p(mean * np.expm1(away))
        density = np.empty((size + 1, a.size))  # x the panel's width; the last row is F at the upper edge
        np.matmul(basis, terms, out=density[:size].reshape(panels, NODES, a.size))
        np.exp(density[:size], out=density[:size])
        density[size] = cdf[part]
        integrated = downwards @ density
        np.maximum(roughness, np.abs(integrated[size + 1 :]).max(axis=1), out=roughness)
        values = integrated[: size + 1]
        below[part] = values[size]
        np.maximum(values, TINY, out=values)
        np.divide(density[:size], values[:size], out=hazard[:, part])
        log_product += np.log(values, out=values) @ weight[part]
    products = np.exp(log_product)
    np.maximum(roughness, np.abs(last_coefficients @ (products[:size] * (hazard @ weight))), out=roughness)
    share = (products[:size] * weights) @ hazard
    return _Block(share, below, float(products[size]), np.maximum(roughness[:panels], roughness[panels:]))


def _basis(width: Array, centre: Array) -> Array:
    """log x and log(1-x) at the nodes, less their values at the panel's centre, and 1; shape (panels, 16, 3).

    With the density's logarithm at the centre as third coefficient, a log x + b log(1-x) keeps its digits when a and b
    are in the millions: the large common part is never formed.
    """
    negative = centre < 0.0
    away = panel_rule().nodes * (width[:, None] / 2)
    smaller = 1.0 / (1.0 + np.exp(np.abs(centre)))  # of x and 1-x at the centre: no digit is lost from the sum below
    larger = -np.log1p(smaller * np.expm1(np.where(negative, away, -away)))  # change in the larger one's logarithm
    basis = np.ones((width.size, NODES, 3))
    basis[:, :, 0] = larger + np.where(negative, away, 0.0)
    basis[:, :, 1] = basis[:, :, 0] - away  # for log x - log(1-x) = y
    return basis


@lru_cache(maxsize=1)
def panel_rule() -> PanelRule:
    """The rule of one panel. It integrates the interpolating polynomial: ∫_x^1 P_m = (P_{m-1} - P_{m+1}) / (2m + 1)."""
    nodes, weights = legendre.leggauss(NODES)
    nodes, weights = nodes[::-1].copy(), weights[::-1] / 2
    values = legendre.legvander(nodes, NODES)
    degree = np.arange(NODES)
    coefficients = values[:, :NODES] * weights[:, None] * (2 * degree + 1)  # of node j in the series, (16, 16)
    integrals = np.empty((NODES, NODES))
    integrals[:, 0] = 1.0 - nodes
    integrals[:, 1:] = (values[:, :-2] - values[:, 2:]) / (2 * degree[1:] + 1)
    return PanelRule(nodes, weights, integrals @ coefficients.T / 2, coefficients[:, -2:].T.copy())


@lru_cache(maxsize=_PANELS)
def _rule(panels: int) -> tuple[Array, Array, Array]:
    """Of P panels: the weights (16 P,), a matrix that integrates downwards, and its last 2 P rows for a density alone.

    The matrix takes density x panel width at the nodes and F at the upper edge, 16 P + 1 values, to F at each node from
    the top down, F at the lower edge, and the last coefficient but one (P rows) and the last (P rows) of each panel's
    Legendre series.
    """
    rule = panel_rule()
    size, each = NODES * panels, np.eye(panels)
    matrix = np.zeros((size + 1 + 2 * panels, size + 1))
    matrix[:size, :size] -= np.kron(each, rule.within)
    matrix[:size, :size] -= np.kron(np.tril(np.ones((panels, panels)), -1), np.tile(rule.weights, (NODES, 1)))
    matrix[size, :size] = -np.tile(rule.weights, panels)
    matrix[: size + 1, size] = 1.0
    matrix[size + 1 :, :size] = np.concatenate([np.kron(each, row) for row in rule.last])
    return np.tile(rule.weights, panels), matrix, matrix[size + 1 :, :size]
