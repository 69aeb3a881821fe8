"""Arms on a mesh that stays: the values that an incremental sum over the arms needs, and the proof that they suffice.

On the nodes y_i of Gauss-Legendre panels in y = logit x (as in `sweep`, but all panels at once and kept) an arm is a
column: log F_k(y_i) and the weighted hazard H_ik = w_i f_k(y_i) / F_k(y_i), with F = 1 - ∫ integrated from the top.
With G(y) = ∏ F_k, then P_k = Σ_i G(y_i) H_ik.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from core.selection.best import contenders
from core.selection.sweep import COEFFICIENT, EDGE, NODES, TINY, mesh, panel_rule, panel_step

Array = NDArray[np.float64]

_FINER = 0.75  # panels beside those of a sweep, which can halve one that proves too wide
_LOWER = 0.3  # of its length, that a mesh reaches below what matters now: for arms that will be rated worse
_HIGHER = 0.05  # of its length, that it reaches above: for arms that will be rated better
_WIDEST = 8.0  # a panel's width in standard deviations of an arm; a narrower arm could slip between its nodes


class Mesh(NamedTuple):
    """N = 16 x panels nodes: the first of each panel, the second of each panel and so on, panels from the top down.

    In this order what a panel's rule takes from 16 values is one matrix product for all panels and arms.
    """

    edges: tuple[float, ...]  # (panels + 1) of the panels, rising
    basis: Array  # (N, 2) log x and log(1-x)
    log_weight: Array  # (N, 1) of a node in the integral
    rule: Array  # (19, 16) takes weighted values to 16 integrals, the panel's integral, and its last two coefficients
    cutoff: float  # C: an arm may have e^-C of its mass above the mesh
    tolerance: float  # of Σ P_k


class Columns(NamedTuple):
    """m arms on a mesh. The last row of `log_below` is at the mesh's lower edge."""

    log_below: Array  # (N + 1, m) log F
    hazard: Array  # (N, m)
    resolved: bool  # whether each arm is a polynomial in each panel, as far as can be told


def lay(a: Array, b: Array, tolerance: float, finer: float = 1.0) -> Mesh:
    """A mesh for K >= 1 arms with beliefs Beta(a, b), each (K,), and for what they may soon become.

    `finer`: panels are so many times narrower than they mostly need to be. `tolerance`: of Σ P_k, for `proven`.
    """
    cutoff = math.log(100 * a.size / tolerance)
    able = contenders(np.array((a, b)), np.log(a / b), cutoff)
    length = float(able.end[0]) - able.start
    higher = able._replace(start=able.start - _LOWER * length, end=able.end + _HIGHER * length)
    edges = mesh(higher, _FINER / finer * panel_step(a.size))
    width, centre = edges[:-1] - edges[1:], (edges[:-1] + edges[1:]) / 2
    rule = panel_rule()
    y = (centre + np.multiply.outer(rule.nodes / 2, width)).ravel()
    return Mesh(
        edges=tuple(edges[::-1].tolist()),
        basis=-np.logaddexp(0.0, np.array((-y, y)).T),
        log_weight=np.log(np.multiply.outer(rule.weights, width)).reshape(-1, 1),
        rule=np.vstack((rule.within, rule.weights, rule.last)) / rule.weights,
        cutoff=cutoff,
        tolerance=tolerance,
    )


def columns(on: Mesh, a: Array, b: Array) -> Columns:
    """The arms Beta(a, b), each (m,), on a mesh."""
    nodes, panels, arms = on.log_weight.size, len(on.edges) - 1, a.size
    density = on.basis @ np.array((a, b))
    density += on.log_weight
    density -= betaln(a, b)
    np.exp(density, out=density)
    found = (on.rule @ density.reshape(NODES, panels * arms)).reshape(-1, panels, arms)
    upper = np.ones((panels + 1, arms))
    np.subtract(1.0, found[NODES].cumsum(axis=0), out=upper[1:])
    below = np.empty((nodes + 1, arms))
    np.subtract(upper[:-1], found[:NODES], out=below[:nodes].reshape(NODES, panels, arms))
    below[nodes] = upper[panels]
    last = found[NODES + 1 :].reshape(2 * panels, arms)
    doubt = COEFFICIENT * (float(np.vdot(last, last)) if arms == 1 else float((last * last).sum(axis=0).max()))
    resolved = max(doubt, -float(upper[panels].min())) <= on.tolerance / 2
    np.maximum(below, TINY, out=below)
    density /= below[:nodes]
    return Columns(np.log(below, out=below), density, resolved)


def proven(on: Mesh, density: Array, total: float, bottom: float) -> bool:
    """Whether Σ_k P_k is 1 within the tolerance and its integrand is resolved.

    `density` (N,): G(y_i) Σ_k H_ik, and its sum `total` = Σ_k P_k. `bottom`: log G at the mesh's lower edge.
    """
    left = math.exp(bottom)
    last = on.rule[NODES + 1 :] @ density.reshape(NODES, -1)
    doubt = COEFFICIENT * float(np.vdot(last, last))
    return abs(1.0 - left - total) + left + doubt <= on.tolerance


def fits(on: Mesh, a: float, b: float) -> bool:
    """Whether a mesh that was laid before this arm serves it: it ends below the top, and is wide enough for the panel
    in which its density is highest, so that it cannot slip between the nodes.
    """
    logit, n, rate = math.log(a / b), a + b, on.cutoff / b
    end = logit + 0.5 * (rate + math.sqrt(rate * (rate + 8.0 * n / a)))  # as in `best.reach`
    if end > on.edges[-1] < EDGE:
        return False
    panel = min(max(bisect_left(on.edges, logit), 1), len(on.edges) - 1)
    width = on.edges[panel] - on.edges[panel - 1]
    return width * width * a * b / n <= _WIDEST**2
