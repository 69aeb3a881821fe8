"""How fast and how exact a decision is, and what a way of choosing costs a simulated class.

python -m bench.selection             time and error of one decision, 10 to 100,000 arms
python -m bench.selection --regret    what several ways to believe and explore cost simulated classes (minutes)
python -m bench.selection --coverage  how often 90 % intervals hold the truth, for two ways to weigh a rating
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln

from bench import machine
from core.selection.arms import Belief, Pool, Stats, believe
from core.selection.best import probability_of_best
from core.selection.exploration import explored
from core.selection.policies import choose
from core.selection.simulation import Exploration, Outcome, Setting, simulate, widened

Array = NDArray[np.float64]

SIZES = (10, 100, 1_000, 10_000, 100_000)
DRAWS = 1_000


def run(sizes: Sequence[int] = SIZES) -> list[dict[str, object]]:
    """One row a pool. Times in milliseconds, median of repeats; errors are the largest of any arm's probability.

    Two kinds of pool: "rated" ones, whose arms have 0 to many ratings of 0 to 10 (so that many beliefs are equal), and
    "distinct" ones of the same shape, in which no two beliefs are. `unit_ms` is one `rng.beta` over 1,000 arms with
    `argmax`, the plainest decision there is, as a yardstick for the machine.
    """
    rng = np.random.default_rng(2016)
    shape = rng.uniform(1.0, 30.0, (2, 1_000))
    unit = _median(lambda: np.argmax(rng.beta(*shape)))
    rows: list[dict[str, object]] = []
    for size in sizes:
        pool = pool_of(size, rng)
        belief = believe(pool)
        rows.append(_timed("rated", belief.a, belief.b, rng))
        rows[-1]["choose_ms"] = _median(partial(choose, "best", pool, np.ones(size, dtype=np.bool_), rng))
        rows.append(_timed("distinct", belief.a * rng.uniform(0.99, 1.01, size), belief.b, rng))
    return [{**row, "unit_ms": unit} for row in rows]


def regret(classes: int = 400) -> list[dict[str, object]]:
    """One row a way of choosing and a setting: regret per learner in rating points, its standard error, and coverage.

    Coverage: how often the belief's 90 % intervals hold the true means of the texts at the end of the class.
    """
    settings = [Setting(learners, most_arms=10_000) for learners in (30, 100, 300, 1_000)]
    settings += [Setting(1_000, arms, quality=quality) for arms in (10, 20) for quality in ((6.0, 4.0), (3.0, 3.0))]
    rows: list[dict[str, object]] = []
    for setting in settings:
        for name, (belief, exploration) in WAYS.items():
            chance = np.random.default_rng(2018)
            outcome = simulate(setting, classes, chance, belief=belief, exploration=exploration)
            rows.append(
                {
                    **_described(setting),
                    "way": name,
                    "regret": float(outcome.regret.mean()),
                    "error": float(outcome.regret.std() / classes**0.5),
                    "coverage": _coverage(belief, outcome),
                }
            )
    return rows


def coverage(classes: int = 150) -> list[dict[str, object]]:
    """One row a setting in which all texts are shown equally: w from within arms, as it is, or from the whole pool."""
    settings = [
        Setting(300, most_arms=20, quality=(3.0, 3.0)),
        Setting(1_000, most_arms=20),
        Setting(100, most_arms=10_000),
        Setting(300, most_arms=10_000),
        Setting(300, most_arms=20, noise=0.12),
    ]
    rows: list[dict[str, object]] = []
    for setting in settings:
        equally = _fixed(0.0, 1.0, 1.0)
        chance = np.random.default_rng(2018)
        outcome = simulate(setting, classes, chance, belief=equally, exploration=widened(1.0))
        found = {"within_arms": _coverage(believe, outcome), "whole_pool": _coverage(_whole_pool, outcome)}
        rows.append({**_described(setting), "noise": setting.noise, **found})
    return rows


def decisions(sizes: Sequence[int], say: Callable[[str], None]) -> list[dict[str, object]]:
    """One row a pool: a whole decision (belief, chances, draw) beside one Thompson draw from the same belief, which is
    quicker to have and says nothing about how likely it was. Milliseconds; `error` is the largest of any chance.
    """
    rng = np.random.default_rng(2016)
    rows: list[dict[str, object]] = []
    for size in sizes:
        say(f"Decision among {size:,} texts")
        pool, eligible = pool_of(size, rng), np.ones(size, dtype=np.bool_)
        belief = believe(pool)
        found = probability_of_best(belief.a, belief.b)
        rows.append(
            {
                "texts": size,
                "choose_ms": _median(partial(choose, "best", pool, eligible, rng)),
                "thompson_ms": _median(partial(_thompson, pool, rng)),
                "error": float(np.abs(found - reference(belief.a, belief.b)).max()),
            }
        )
    return rows


def _described(setting: Setting) -> dict[str, object]:
    texts = "growing" if setting.most_arms == 10_000 else setting.most_arms
    return {"learners": setting.learners, "texts": texts, "quality": "Beta({:g}, {:g})".format(*setting.quality)}


def _coverage(belief: Callable[[Pool], Belief], outcome: Outcome) -> float:
    """Share of texts whose true mean lies in the belief's 90 % interval."""
    low, high = belief(Pool(outcome.ratings)).interval()
    return float(((low <= outcome.means) & (outcome.means <= high))[outcome.present].mean())


def _timed(kind: str, a: Array, b: Array, rng: np.random.Generator) -> dict[str, object]:
    exact, found, drawn = reference(a, b), probability_of_best(a, b), by_draws(a, b, rng)
    return {
        "arms": a.size,
        "pool": kind,
        "exact_ms": _median(partial(probability_of_best, a, b)),
        "exact_error": float(np.abs(found - exact).max()),
        "draws_ms": _median(partial(by_draws, a, b, rng)),
        "draws_error": float(np.abs(drawn - exact).max()),
    }


def _thompson(pool: Pool, rng: np.random.Generator) -> int:
    belief = believe(pool)
    return int(np.argmax(rng.beta(belief.a, belief.b)))


def pool_of(size: int, rng: np.random.Generator) -> Pool:
    """Arms whose numbers of ratings of 0 to 10 are geometric with mean 9."""
    counts = rng.geometric(0.1, size) - 1
    arms = np.repeat(np.arange(size), counts)
    means = rng.beta(6.0, 4.0, size)[arms]
    return Pool(Stats.tally(arms, np.round(10.0 * rng.beta(2.5 * means, 2.5 * (1.0 - means))) / 10.0, size))


def by_draws(a: Array, b: Array, rng: np.random.Generator) -> Array:
    wins, left, most = np.zeros(a.size), DRAWS, max(1, 2_000_000 // a.size)
    while left > 0:
        draws = min(left, most)
        wins += np.bincount(rng.beta(a, b, size=(draws, a.size)).argmax(axis=1), minlength=a.size)
        left -= draws
    return wins / DRAWS


def reference(a: Array, b: Array, nodes: int = 400) -> Array:
    """P by the trapezoidal rule in logit x with SciPy's F, above the point where no arm can be the best any more."""
    distinct, which, copies = np.unique(np.array((a, b)), axis=1, return_inverse=True, return_counts=True)
    p, q = distinct
    scale = np.sqrt(1.0 / p + 1.0 / q)
    y = np.linspace((np.log(p / q) - 8.0 * scale).max(), (np.log(p / q) + 8.0 * scale + 30.0 / q).max(), nodes)
    log_x, log_rest = -np.logaddexp(0.0, -y), -np.logaddexp(0.0, y)
    total = np.zeros(nodes)
    integrand = np.empty((p.size, nodes))
    for row in range(p.size):
        below = np.log(np.maximum(betainc(p[row], q[row], np.exp(log_x)), 1e-300))
        total += copies[row] * below
        integrand[row] = p[row] * log_x + q[row] * log_rest - betaln(p[row], q[row]) - below
    best = np.exp(integrand + total).sum(axis=1) * (y[1] - y[0])
    return np.asarray(best[which.ravel()])


def _median(call: Callable[[], object]) -> float:
    """Milliseconds of a call: the median of repeats that together take about a second, at least three."""
    times: list[float] = []
    while len(times) < 3 or (sum(times) < 1.0 and len(times) < 200):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def _fixed(weight: float, a: float, b: float) -> Callable[[Pool], Belief]:
    """Every rating worth `weight` tosses, every arm starting from Beta(a, b)."""

    def belief(pool: Pool) -> Belief:
        ratings = pool.ratings
        prior = (np.full_like(ratings.total, a), np.full_like(ratings.total, b))
        tosses = np.full_like(ratings.total, weight)
        return Belief(
            prior[0] + weight * ratings.total, prior[1] + weight * (ratings.count - ratings.total), tosses, prior
        )

    return belief


def _whole_pool(pool: Pool) -> Belief:
    """The calibrated belief, but w = m(1-m)/s² with m the mean of all ratings of the pool."""
    held, ratings = believe(pool), pool.ratings
    n = ratings.count.sum(axis=-1, keepdims=True)
    mean = ratings.total.sum(axis=-1, keepdims=True) / np.maximum(n, 1.0)
    within = (ratings.squares - ratings.total**2 / np.maximum(ratings.count, 1.0)).sum(axis=-1, keepdims=True)
    freedom = np.maximum(ratings.count - 1.0, 0.0).sum(axis=-1, keepdims=True)
    tosses = 2.0 * 0.25
    weight = (freedom * mean * (1.0 - mean) + tosses) / (np.maximum(within, 0.0) + tosses)
    prior = held.prior
    return Belief(prior[0] + weight * ratings.total, prior[1] + weight * (ratings.count - ratings.total), weight, prior)


WAYS: dict[str, tuple[Callable[[Pool], Belief], Exploration]] = {
    "calibrated, narrow and lifted": (believe, explored),
    "calibrated, c = 1/2": (believe, widened(0.5)),
    "calibrated, c = 1": (believe, widened(1.0)),
    "w from the whole pool's mean": (_whole_pool, explored),
    "ten tosses a rating, Beta(19, 1)": (_fixed(10.0, 19.0, 1.0), widened(1.0)),
    "one toss a rating, Beta(1, 1)": (_fixed(1.0, 1.0, 1.0), widened(1.0)),
    "all equally": (_fixed(0.0, 1.0, 1.0), widened(1.0)),
}


def _print(rows: list[dict[str, object]]) -> None:
    columns = list({name: None for row in rows for name in row})
    cells = [[_cell(row.get(name, "")) for name in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for line in [columns, *cells]:
        print("  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)))


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1e}" if 0 < value < 1e-3 else f"{value:.3f}"
    return str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--regret", dest="table", action="store_const", const=regret, default=run)
    what.add_argument("--coverage", dest="table", action="store_const", const=coverage)
    table = parser.parse_args().table
    print(f"{machine.processor()}; Python {platform.python_version()}, NumPy {np.__version__}")
    _print(table())


if __name__ == "__main__":
    main()
