"""`core.selection.sweep`: the rule of one panel, of several, and where panels end. Its results: `test_best`."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.polynomial import Polynomial, legendre

from core.selection import best, sweep
from core.selection.sweep import NODES, panel_rule, panel_step


def test_a_panel_s_nodes_run_downwards_and_its_weights_take_the_mean():
    rule = panel_rule()
    assert (np.diff(rule.nodes) < 0).all()
    assert rule.nodes == pytest.approx(-rule.nodes[::-1])
    assert rule.weights.sum() == pytest.approx(1, abs=1e-14)
    for power in range(2 * NODES):
        assert rule.weights @ rule.nodes**power == pytest.approx((power % 2 == 0) / (power + 1), abs=1e-14)


def test_a_panel_s_matrices_integrate_down_to_each_node_and_find_the_last_coefficients():
    rule = panel_rule()
    for power in range(NODES):
        assert rule.within @ rule.nodes**power == pytest.approx(
            (1 - rule.nodes ** (power + 1)) / (power + 1) / 2, abs=1e-13
        )
        coefficients = np.zeros(NODES)
        coefficients[: power + 1] = legendre.poly2leg(np.eye(NODES)[power, : power + 1])
        assert rule.last @ rule.nodes**power == pytest.approx(coefficients[-2:], abs=1e-13)


@pytest.mark.parametrize("panels", [1, 3])
def test_several_panels_are_integrated_from_the_top(panels):
    """Panels of width 1 between 0 and -P: F is 5 at the top and falls by the integral of a polynomial."""
    weights, matrix, last = sweep._rule(panels)
    rule = panel_rule()
    y = np.concatenate([rule.nodes / 2 - 0.5 - panel for panel in range(panels)])
    f = Polynomial([0.3, -0.2, 0.1, 0.02])
    whole = f.integ()
    found = matrix @ np.append(f(y), 5.0)
    size = NODES * panels
    assert found[:size] == pytest.approx(5 - (whole(0) - whole(y)), abs=1e-12)
    assert found[size] == pytest.approx(5 - (whole(0) - whole(-panels)), abs=1e-12)
    assert weights @ f(y) == pytest.approx(whole(0) - whole(-panels), abs=1e-12)
    assert found[size + 1 :] == pytest.approx(np.zeros(2 * panels), abs=1e-12)
    assert last.shape == (2 * panels, size)
    assert last @ f(y) == pytest.approx(found[size + 1 :], abs=1e-14)


def test_panels_are_narrower_in_large_pools():
    assert panel_step(1) == panel_step(24) == pytest.approx(7.5 / math.sqrt(3.2))
    assert panel_step(25) < panel_step(24)
    assert panel_step(100_000) == pytest.approx(7.5 / math.sqrt(math.log(100_000)))


def width(n: float, y: float, step: float) -> float:
    """A panel's width at y for concentration n: `step` standard deviations of logit X, by the text of `mesh`."""
    variance = n * math.exp(-abs(y)) / (1 + math.exp(-abs(y))) ** 2
    wide = step if variance <= 1 else step / math.sqrt(variance)
    return wide if n > 4 else max(wide, min(abs(y) / 3, 10 / n))


@pytest.mark.parametrize(
    "arms",
    [
        [(6.0, 4.0)],
        [(0.7, 0.9)],
        [(0.05, 0.05)],
        [(60.0, 40.0), (2.0, 2.0)],
        [(2.0, 9.0), (300.0, 700.0), (1.0, 1.0)],
        [(5e5, 5e5), (3.0, 0.4)],
    ],
)
def test_panels_are_as_wide_as_the_most_concentrated_arm_that_reaches_them_allows(arms):
    ab = np.array(arms).T
    able = best.contenders(ab, np.log(ab[0] / ab[1]), 30.0)
    edges = sweep.mesh(able, 2.0)[::-1]
    assert (edges[0], edges[-1]) == (able.start, able.end[0])
    for low, high in pairwise(edges.tolist()):
        n = float((able.ab[0] + able.ab[1])[able.end > low].max())
        wide = width(n, low, 2.0)
        if low < 0:
            wide = width(n, min(0.0, low + wide), 2.0)
        assert high == pytest.approx(min(low + wide, able.end[0]), rel=1e-12)


def test_only_doubtful_panels_are_halved():
    edges = np.array([4.0, 3.0, 1.0, 0.0, -4.0])
    found = sweep._halved(edges, 1, np.array([1e-3, 1e-9]), 1e-6)
    assert found.tolist() == [4.0, 3.0, 2.0, 1.0, 0.0, -4.0]
    assert sweep._halved(edges, 2, np.array([1.0, 1.0]), 1e-6).tolist() == [4.0, 3.0, 1.0, 0.5, 0.0, -2.0, -4.0]


def test_an_arm_takes_part_where_it_ends_above_the_lower_edge():
    rising = np.array([-1.0, 0.0, 2.0, 5.0])
    assert sweep._active(rising, np.array([6.0, 5.0, 2.0, 0.0, -0.5, -3.0])) == [1, 1, 2, 3, 4]
