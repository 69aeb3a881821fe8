"""Who stays, on four public data sets of people who answer things: what the survival models are worth.

python -m bench.dropout DIRECTORY            the table of figures: nested cross-validation grouped by person
python -m bench.dropout DIRECTORY --trees    the same rows by scikit-learn's boosted trees, with the same columns
python -m bench.dropout DIRECTORY --paper    LA, LM, LS and FQ with Table 1's features (Kobren et al. 2015, Table 8)
python -m bench.dropout DIRECTORY --ship     write core/survival/shipped.py: the weights a new class starts from
python -m bench.dropout DIRECTORY --only polis  one data set: polis, ukp, slepemapy or assistments

DIRECTORY holds `polis/open/votes.csv.gz`, `ukp_convarg/open/dropout.csv.gz`, `slepemapy/open/answers.csv.gz` and
`assistments/open/assist17_timed.csv.gz`, or some of them; those that are missing are left out. Origins and licences are
in core/survival/README.md. What is predicted after each answer: will one more follow?
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.figures import Figure, show
from core.survival import bulk, fitted_q, paper
from core.survival.accuracy import Accuracy, accuracy, balanced_accuracy
from core.survival.hazard import Sample, Setting, fit_hazard, sample
from core.survival.log import Floats, Log, Outcome
from core.survival.logistic import Logistic, Prior, fit
from core.survival.plain import plain
from core.survival.validation import crossed, folds, nested

SETTINGS = tuple(Setting(strength) for strength in (1.0, 10.0, 100.0, 1000.0))
SEED = 2015
SHIPPED = Setting(strength=100.0)
SHIPPED_AT = Path(__file__).parent.parent / "core" / "survival" / "shipped.py"
SHIPPED_ROWS = 5  # polis gives at most five rows for each of ukp's
HEAD = '''"""The weights that a new class starts from, until it has rows of its own (`hazard.refit`).

Learned from volunteers' votes and paid workers' judgements, both free to be used so; no row of either is here.

- Polis: "Data was gathered using the Polis software (compdemocracy.org/polis) and is sub-licensed under CC BY 4.0 with
  Attribution to The Computational Democracy Project", github.com/compdemocracy/openData.
- UKPConvArg1: I. Habernal and I. Gurevych, "Which argument is more convincing? Analyzing and predicting
  convincingness of Web arguments using bidirectional LSTM", ACL 2016,
  github.com/UKPLab/acl2016-convincing-arguments, CC BY 4.0.

Written by `python -m bench.dropout DIRECTORY --ship`; do not edit.
"""

from core.survival.plain import from_plain

SHIPPED = from_plain(
'''
Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """A log, and which of its rows are judged. `people` tells who is who across groups, for the folds."""

    name: str
    log: Log
    judged: NDArray[np.bool_]
    people: NDArray[np.int64]
    auc: float  # to beat: boosted trees'
    error: float  # the calibration error to stay under


def polis(directory: Path) -> Data:
    """Votes on opinions. An agreement is read as right, a disagreement as wrong: neither is, but the model may look at
    them.

    Judged are first votes, and no last vote after which nothing was left to vote on: that is no leaving. A person in
    two conversations is two, as far as the log goes, and one for the folds.
    """
    rows = _read(directory / "polis/open/votes.csv.gz")
    conversation, vote = _code(rows["conv"]), _numbers(rows["vote"])
    left = np.maximum(_numbers(rows["n_left"]), 0.0)
    last = _numbers(rows["last"]) == 1
    who = _numbers(rows["voter"]).astype(np.int64)
    return _data(
        "polis",
        person=_code(conversation * 10**7 + who),
        task=_code(conversation * 10**7 + _numbers(rows["comment"]).astype(np.int64)),
        category=conversation,
        at=_numbers(rows["t"]),
        outcome=np.select([vote > 0, vote < 0], [Outcome.RIGHT, Outcome.WRONG], Outcome.SKIPPED),
        remaining=left + 1.0,
        stayed=~last,
        judged=(_numbers(rows["revote"]) == 0) & ~(last & (left == 0)),
        people=who,
        auc=0.791,
        error=0.005,
    )


def ukp(directory: Path) -> Data:
    """Paid workers' batches of three votes each, the first ten; right: agreed with most others at least half the
    time."""
    rows = _read(directory / "ukp_convarg/open/dropout.csv.gz")
    who = _numbers(rows["worker"]).astype(np.int64)
    index = _numbers(rows["idx"])
    return _data(
        "ukp first 10",
        person=who,
        task=np.zeros(len(who)),
        category=np.zeros(len(who)),
        at=_numbers(rows["t"]),
        outcome=np.where(_numbers(rows["agree"]) >= 0.5, Outcome.RIGHT, Outcome.WRONG),
        seconds=_numbers(rows["dur_s"]),
        stayed=_numbers(rows["last"]) == 0,
        judged=index <= 10,
        people=who,
        auc=0.686,
        error=0.012,
    )


def slepemapy(directory: Path) -> Data:
    """A geography quiz. It has no clock: time is the sum of the response times, so no session ever ends."""
    rows = _read(directory / "slepemapy/open/answers.csv.gz")
    who = _numbers(rows["student"]).astype(np.int64)
    seconds = _numbers(rows["rt_ms"]) / 1000.0
    spent = np.where(np.isnan(seconds), 5.0, np.minimum(seconds, 120.0))
    return _data(
        "slepemapy",
        person=who,
        task=_numbers(rows["place"]),
        category=_code(np.array([a + b for a, b in zip(rows["direction"], rows["n_options"], strict=True)])),
        at=_since(who, spent),
        outcome=np.where(_numbers(rows["correct"]) > 0, Outcome.RIGHT, Outcome.WRONG),
        seconds=seconds,
        session=np.ones(len(who)),
        stayed=_numbers(rows["last"]) == 0,
        judged=np.ones(len(who), dtype=np.bool_),
        people=who,
        auc=0.678,
        error=0.005,
    )


def assistments(directory: Path) -> Data:
    """Homework and lessons: will this session go on? The clock shows when problems began."""
    rows = _read(directory / "assistments/open/assist17_timed.csv.gz")
    who = _numbers(rows["user"]).astype(np.int64)
    return _data(
        "assistments 2017",
        person=who,
        task=_numbers(rows["item"]),
        category=_numbers(rows["skill"]),
        at=_numbers(rows["t"]),
        outcome=np.where(_numbers(rows["correct"]) > 0, Outcome.RIGHT, Outcome.WRONG),
        stayed=_numbers(rows["last_in_session"]) == 0,
        judged=np.ones(len(who), dtype=np.bool_),
        people=who,
        auc=0.792,
        error=0.005,
    )


SETS: tuple[Callable[[Path], Data], ...] = (slepemapy, assistments, ukp, polis)


def loaded(directory: Path, only: str = "") -> list[Data]:
    """The data sets that the directory has, or those of them that are named so."""
    found = []
    for load in SETS:
        if not load.__name__.startswith(only):
            continue
        try:
            found.append(load(directory))
        except FileNotFoundError:
            continue
    if not found:
        raise SystemExit(f"{directory} holds none of the data sets: see the head of this file.")
    return found


def judged(data: Data) -> Sample:
    """The rows of a data set that are judged, with everything before them known."""
    rows = sample(data.log)
    return Sample(rows.table, data.people.astype(np.int32), rows.category, rows.task, rows.stayed).rows(data.judged)


def index_only(rows: Sample) -> Floats:
    """Cross-validated chances from log(1 + n) and its square alone, (R,)."""

    def known(some: Sample) -> Floats:
        index = some.table[:, :1]
        return np.hstack((index, index**2))

    def fitted(some: Sample) -> _OfColumns:
        return _OfColumns(fit(known(some), some.stayed, Prior.ridge(2, 1e-3)), known)

    return crossed(rows, fitted, folds(rows.person, 5, np.random.default_rng(SEED)))


def hazard(rows: Sample, settings: tuple[Setting, ...], said: Callable[[str], None]) -> tuple[Floats, list[Setting]]:
    """Nested cross-validated chances of the hazard model, (R,), and the setting chosen in each fold."""
    result = nested(
        rows,
        fit_hazard,
        settings,
        np.random.default_rng(SEED),
        said=lambda done, total: said(f"fold {done} of {total}"),
    )
    return result.chances, list(result.chosen)


def trees(rows: Sample) -> Floats:
    """Cross-validated chances of scikit-learn's boosted trees from the same columns, (R,)."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    from core.survival.hazard import crossed as out_of_fold
    from core.survival.hazard import effects

    fold = folds(rows.person, 5, np.random.default_rng(SEED))
    values = np.empty(len(rows))
    for one in range(5):
        apart = fold == one
        rest, test = rows.rows(~apart), rows.rows(apart)
        places = [out_of_fold(key, rest.stayed, rest.person) for key in (rest.category, rest.task)]
        known = [effects(a, rest.stayed).of(b) for a, b in ((rest.category, test.category), (rest.task, test.task))]
        model = HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=60, l2_regularization=5.0
        )
        model.fit(np.column_stack((rest.table, *places)), rest.stayed)
        values[apart] = model.predict_proba(np.column_stack((test.table, *known)))[:, 1]
    return values


def figures(
    say: Callable[[str], None], *, quick: bool = False, directory: Path | None = None, only: str = ""
) -> list[Figure]:
    """One figure a data set and aim; none without a directory, for the project ships no data."""
    rows: list[Figure] = []
    for data in loaded(directory, only) if directory is not None else []:
        some = judged(data)
        say(f"{data.name}: {len(some):,} rows")
        chances, chosen = hazard(some, SETTINGS[:1] if quick else SETTINGS, say)
        found = _accuracy(some, chances)
        say(f"{data.name}: chosen {[(one.strength, one.knots) for one in chosen]}")
        rows += _rows(data, found)
    return rows


def shipped(directory: Path) -> str:
    """The text of core/survival/shipped.py: the hazard of polis and ukp together (both CC BY 4.0).

    Only what a class shares with them can be passed on: effects of their categories and tasks are left out.
    """
    from pprint import pformat

    parts = [judged(load(directory)) for load in (polis, ukp)]
    size = min(len(one) for one in parts) * SHIPPED_ROWS
    rng = np.random.default_rng(SEED)
    some = []
    for number, part in enumerate(parts):
        people = rng.permutation(np.unique(part.person))
        kept = np.isin(part.person, people[: max(1, len(people) * size // max(len(part), size))])
        one = part.rows(kept)
        empty = np.full(len(one), number, dtype=np.int32)
        some.append(Sample(one.table, one.person + 10**8 * number, empty, empty, one.stayed))
    joined = Sample(*(np.concatenate([getattr(one, name) for one in some]) for name in Sample.__slots__))
    model = fit_hazard(joined, SHIPPED)
    values = plain(model)
    for name in ("centre", "scale", "weights"):
        values[name] = [float(f"{one:.6g}") for one in values[name]]
    values["knots"] = [[float(f"{knot:.6g}") for knot in one] for one in values["knots"]]
    values["intercept"] = float(f"{values['intercept']:.6g}")
    values["effects"] = [{"keys": [], "values": []}, {"keys": [], "values": []}]
    return HEAD + pformat(values, width=118, compact=True, sort_dicts=False) + "\n)\n"


def _accuracy(rows: Sample, chances: Floats) -> Accuracy:
    return accuracy(rows.stayed, chances, rows.person, index_only(rows), np.random.default_rng(SEED))


def _rows(data: Data, found: Accuracy) -> list[Figure]:
    size = f"{found.rows:,} rows, {found.people:,} people"
    low, high = found.interval
    return [
        Figure(
            "survival",
            f"{data.name}: AUC",
            "boosted trees",
            size,
            found.auc,
            data.auc,
            "AUC",
            found.auc,
            f"> {data.auc}",
            found.auc > data.auc,
            f"95 % interval {low:.3f} to {high:.3f}; {found.gain:+.3f} over the index alone",
        ),
        Figure(
            "survival",
            f"{data.name}: calibration error",
            "a perfect model's, by chance",
            size,
            found.error,
            found.noise,
            "",
            found.error,
            f"<= {data.error}",
            found.error <= data.error,
            "ten bins of equally many rows",
        ),
        Figure(
            "survival",
            f"{data.name}: Brier skill",
            "the base rate",
            size,
            found.skill,
            0.0,
            "",
            found.skill,
            "> 0",
            found.skill > 0.0,
            f"{1.0 - found.stayed:.2%} leave; balanced accuracy {found.balanced:.3f}",
        ),
    ]


def by_the_paper(data: Data) -> dict[str, tuple[float, float, float]]:
    """AUC, calibration error and balanced accuracy of the paper's models in 5 folds, with Table 1's features."""
    rows = data.log
    x = bulk.matrix(rows)
    fold = folds(data.people, 5, np.random.default_rng(SEED))
    middle = paper.middle(rows)
    _, after = fitted_q.following(rows)
    chances = {name: np.empty(len(rows)) for name in ("LA", "LM", "LS", "FQ")}
    for one in range(5):
        apart = fold == one
        train = ~apart & data.judged
        models: dict[str, Logistic] = {"LA": fit(x[train], rows.stayed[train])}
        if (train & middle).any() and 0.0 < rows.stayed[train & middle].mean() < 1.0:
            models["LM"] = fit(x[train & middle], rows.stayed[train & middle])
        for name, model in models.items():
            chances[name][apart] = model.chances(x[apart])
        steps = paper.sequential(x[train], rows.stayed[train], rows.index[train])
        chances["LS"][apart] = steps.chances(x[apart], rows.index[apart])
        sequel = np.where(after >= 0, np.cumsum(~apart)[after] - 1, -1)[~apart]
        q = fitted_q.fit(x[~apart], rows.stayed[~apart], sequel)
        chances["FQ"][apart] = q.scores(x[apart])
    label = rows.stayed[data.judged]
    table = {}
    for name, values in chances.items():
        value = values[data.judged]
        if name == "FQ":  # no probability: only its order is judged
            value = (value - value.min()) / np.ptp(value)
        found = _accuracy_only(label, value)
        table[name] = found if name != "FQ" else (found[0], float("nan"), float("nan"))
    return table


def _accuracy_only(label: NDArray[np.bool_], value: Floats) -> tuple[float, float, float]:
    from core.survival.accuracy import auc, calibration

    return auc(label, value), calibration(label, value).error, balanced_accuracy(label, value)


@dataclass(frozen=True, slots=True, eq=False)
class _OfColumns:
    model: Logistic
    known: Callable[[Sample], Floats]

    def chances(self, some: Sample) -> Floats:
        return self.model.chances(self.known(some))


def _data(
    name: str,
    *,
    judged: NDArray[np.bool_],
    people: NDArray[np.int64],
    stayed: NDArray[np.bool_],
    auc: float,
    error: float,
    **columns: NDArray[np.generic],
) -> Data:
    """Columns in the file's order, which has each person's rows in the order of time."""
    order = np.lexsort((np.arange(len(people)), columns["person"]))
    named = {key: np.asarray(value)[order] for key, value in columns.items()}
    log = Log.arranged(**named, stayed=stayed[order], offered=False)
    return Data(name, log, judged[order], people[order], auc, error)


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    return dict(zip(head, zip(*rows, strict=True), strict=True))


def _numbers(column: tuple[str, ...]) -> Column:
    return np.array([float(one) if one else np.nan for one in column])


def _code(column: object) -> NDArray[np.int64]:
    return np.unique(np.asarray(column), return_inverse=True)[1].astype(np.int64)


def _since(person: NDArray[np.int64], seconds: Column) -> Column:
    """Sum of each person's seconds up to and with each row."""
    total = np.cumsum(seconds)
    first = np.append(True, person[1:] != person[:-1])
    begin = np.where(first, total - seconds, -np.inf)
    return total - np.maximum.accumulate(begin)


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--quick", action="store_true", help="one setting instead of nested choice")
    parser.add_argument("--trees", action="store_true")
    parser.add_argument("--paper", action="store_true")
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--only", default="", help="data sets whose name begins so")
    options = parser.parse_args()
    if options.ship:
        SHIPPED_AT.write_text(shipped(options.directory), encoding="utf-8")
    elif options.paper:
        for data in loaded(options.directory, options.only):
            for name, (area, error, balanced) in by_the_paper(data).items():
                print(f"{data.name:18} {name}  AUC {area:.3f}  ECE {error:.4f}  balanced {balanced:.3f}")
    elif options.trees:
        rows = [
            row
            for data in loaded(options.directory, options.only)
            for row in _rows(data, _accuracy(judged(data), trees(judged(data))))
        ]
        show(rows)
    else:
        show(figures(print, quick=options.quick, directory=options.directory, only=options.only))


if __name__ == "__main__":
    main()
