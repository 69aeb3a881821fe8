"""How fast the survival models are fitted and asked, beside scikit-learn 1.9 and the plainest loops.

python -m bench.survival            all figures
python -m bench.survival --quick    without the million rows

Figures: fitting LA to 16,824 rows (the paper's training set) and to 10^6, at equal optimum; fitted Q in closed form
against the printed loop; one person's chances before 200, 2,000 and 200,000 tasks; memory of fitting 10^7 streamed rows
(`--memory`, a few minutes). Who stays in real data is `bench.dropout`.
"""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Callable, Iterator

import numpy as np

from bench.figures import Figure, median_time, show
from core.survival import fitted_q, serving
from core.survival.features import FEATURES, Tasks, features
from core.survival.log import Floats, Outcome
from core.survival.logistic import Logistic, Prior, fit, fit_stream
from core.survival.person import Event, Person, advance
from core.survival.records import Averages, Records, facts

PAPER_ROWS, COLUMNS = 16_824, 75
SIZES = (200, 2_000, 200_000)
SEED = 2015


def figures(say: Callable[[str], None], *, quick: bool = False) -> list[Figure]:
    """All figures but memory."""
    rows: list[Figure] = []
    for size in (PAPER_ROWS,) if quick else (PAPER_ROWS, 1_000_000):
        say(f"fit {size:,} rows")
        rows += fitting(size)
    say("fitted Q")
    rows.append(fitted(PAPER_ROWS))
    for size in SIZES:
        say(f"serve {size:,} tasks")
        rows.append(served(size))
    rows.append(_growth(rows[-3:]))
    return rows


def fitting(size: int) -> list[Figure]:
    """LA against scikit-learn's lbfgs: as it comes, and driven to the same optimum (tol 1e-6)."""
    from sklearn.linear_model import LogisticRegression

    x, stayed = simulated(size)
    ours = median_time(lambda: fit(x, stayed), seconds=2.0)
    mine = fit(x, stayed)
    label = f"{size:,} x {COLUMNS}"

    def floor() -> None:
        """What no method can do without: one pass of scores and gradient, at the solution."""
        residual = mine.chances(x) - stayed
        residual @ x

    least = median_time(floor, seconds=0.5)
    rows = []
    for name, tolerance in (("lbfgs, as it comes", 1e-4), ("lbfgs, equal optimum", 1e-6)):
        peer = LogisticRegression(max_iter=1000, tol=tolerance)
        theirs = median_time(lambda one=peer: one.fit(x, stayed), seconds=2.0)
        other = Logistic(peer.coef_[0], float(peer.intercept_[0]))
        apart = (_loss(other, x, stayed) - _loss(mine, x, stayed)) / size
        ratio = theirs / ours
        passes = f"{ours / least:.1f} passes of scores and gradient (the floor is 1)"
        note = f"loss per row {apart:+.1e} above ours; {passes}"
        rows.append(Figure("survival", "fit LA", name, label, ours, theirs, "s", ratio, ">= 1.5", ratio >= 1.5, note))
    return rows


def fitted(size: int) -> Figure:
    """Fitted Q in closed form against the loop of ridge regressions, as printed: each fits all rows anew."""
    x, stayed = simulated(size)
    after = np.where(stayed, np.minimum(np.arange(size) + 1, size - 1), -1)
    after[-1] = -1
    once = fitted_q.fit(x, stayed, after)
    ours = median_time(lambda: fitted_q.fit(x, stayed, after), seconds=1.0)
    theirs = median_time(lambda: _ridge_loop(x, stayed, after), seconds=1.0)
    weights, count = _ridge_loop(x, stayed, after)
    apart = float(np.abs(weights - once.weights).max())
    ratio = theirs / ours
    note = f"{count} regressions; largest difference {apart:.1e}; radius {once.radius:.2f}"
    label = f"{size:,} x {COLUMNS}"
    return Figure(
        "survival",
        "fitted Q",
        "loop of scikit-learn Ridge",
        label,
        ours,
        theirs,
        "s",
        ratio,
        ">= 10",
        ratio >= 10,
        note,
    )


def served(size: int) -> Figure:
    """One person's chances before all tasks, against predict_proba on the matrix that somebody has already built."""
    from sklearn.linear_model import LogisticRegression

    tasks, person = pool(size), busy()
    model = Logistic(np.random.default_rng(SEED).normal(0.0, 0.3, len(FEATURES)), 1.0)
    ready = serving.prepared(model, tasks)
    x = features(person, tasks, 3)
    apart = float(np.abs(serving.chances(ready, person, 3) - model.chances(x)).max())
    peer = LogisticRegression().fit(x[:200], np.arange(200) % 2)
    ours = median_time(lambda: serving.chances(ready, person, 3), most=5_000)
    theirs = median_time(lambda: peer.predict_proba(x), most=5_000)
    least = median_time(lambda: np.tanh(ready.base[0]), seconds=0.3, most=5_000)
    ratio = theirs / ours
    note = f"largest difference {apart:.0e}; {ours / least:.1f} times one tanh of each task"
    return Figure(
        "survival",
        "chances of one person",
        "predict_proba, matrix built",
        f"{size:,} tasks",
        1e6 * ours,
        1e6 * theirs,
        "us",
        ratio,
        ">= 15",
        ratio >= 15,
        note,
    )


def _growth(rows: list[Figure]) -> Figure:
    """How much longer a hundred times as many tasks take, per task: below 1 is less than linear."""
    small, large = rows[-2], rows[-1]
    ratio = large.ours / small.ours / (SIZES[-1] / SIZES[-2])
    return Figure(
        "survival", "growth", "linear", f"{SIZES[-2]:,} to {SIZES[-1]:,}", ratio, 1.0, "", ratio, "<= 1.2", ratio <= 1.2
    )


def memory(rows: int = 10_000_000) -> Figure:
    """Peak memory of a process that fits LA to streamed rows."""
    chunk = 100_000
    weights = np.random.default_rng(SEED).normal(0.0, 0.3, COLUMNS)

    def chunks() -> Iterator[tuple[Floats, Floats]]:
        for number in range(rows // chunk):
            rng = np.random.default_rng((SEED, number))
            x = rng.random((chunk, COLUMNS), dtype=np.float32).astype(np.float64)
            yield x, (rng.random(chunk) < 1.0 / (1.0 + np.exp(-(x @ weights)))).astype(np.float64)

    model = fit_stream(chunks, Prior.ridge(COLUMNS))
    unit = 1024.0 if sys.platform != "darwin" else 1.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9
    note = f"{model.passes} passes"
    return Figure("survival", "memory", "", f"{rows:,} x {COLUMNS}", peak, None, "GB", peak, "< 4", peak < 4.0, note)


def simulated(size: int) -> tuple[Floats, np.ndarray]:
    """Rows as Table 1 makes them: two thirds binary, the rest continuous; three in four stay."""
    rng = np.random.default_rng(SEED)
    x = np.empty((size, COLUMNS))
    binary = 2 * COLUMNS // 3
    x[:, :binary] = rng.random((size, binary)) < rng.uniform(0.05, 0.5, binary)
    x[:, binary:] = rng.normal(0.0, 1.0, (size, COLUMNS - binary))
    weights = rng.normal(0.0, 0.25, COLUMNS)
    score = x @ weights
    score += 1.3 - score.mean()
    return x, rng.random(size) < 1.0 / (1.0 + np.exp(-score))


def pool(size: int) -> Tasks:
    """Tasks of ten categories and fifty subcategories, each its own subject, some never shown."""
    rng = np.random.default_rng(SEED)
    shown = rng.poisson(8.0, size)
    right = rng.binomial(shown, 0.6)
    skipped = rng.binomial(shown - right, 0.2)
    columns = (shown, shown, right, shown - right - skipped, skipped, shown * rng.integers(3_000, 60_000, size), shown)
    records = Records(*(column.astype(np.int64) for column in columns))
    place = np.arange(size, dtype=np.int32)
    return Tasks(place % 10, place % 50, place, facts(records, Averages.over(records)))


def busy() -> Person:
    """A person after twelve tasks in three categories."""
    known = facts(Records(*(np.full(1, value, np.int64) for value in (9, 9, 6, 2, 1, 90_000, 9))), Averages())
    one = type(known)(*(getattr(known, name)[0] for name in known.__slots__))
    person = Person()
    for number in range(12):
        event = Event(number * 7, number % 3, number % 5, number * 7, 60.0 * number, Outcome(number % 2), 10.0)
        person = advance(person, event, one)
    return person


def _ridge_loop(x: Floats, stayed: np.ndarray, after: np.ndarray) -> tuple[Floats, int]:
    """The printed iteration with scikit-learn's Ridge: weights, and how many fits it took."""
    from sklearn.linear_model import Ridge

    use = ~stayed | (after >= 0)
    nexts, leaves = x[after[use]], after[use] < 0
    rows, reward = x[use], stayed[use].astype(np.float64)
    value, weights, moved, count = np.zeros(len(rows)), np.zeros(x.shape[1]), np.inf, 0
    while moved >= 1e-6:
        model = Ridge(alpha=1.0).fit(rows, reward + fitted_q.DISCOUNT * value)
        value = np.where(leaves, 0.0, model.predict(nexts))
        moved, weights, count = float(np.abs(model.coef_ - weights).max()), model.coef_, count + 1
    return weights, count


def _loss(model: Logistic, x: Floats, stayed: np.ndarray) -> float:
    z = model.scores(x)
    return float(np.logaddexp(0.0, z).sum() - z[stayed].sum() + 0.5 * model.weights @ model.weights)


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--memory", action="store_true")
    options = parser.parse_args()
    show([memory()] if options.memory else figures(print, quick=options.quick))


if __name__ == "__main__":
    main()
