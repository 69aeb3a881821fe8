"""What a crowd believes: speed beside crowd-kit, quality beside simpler models, rings, and public data with gold.

python -m bench.crowd [--quick]     speed and simulated crowds; needs no data
python -m bench.crowd --rings       from which share of a class on a ring wins, model by model
python -m bench.crowd DIRECTORY     accuracy on data, of which DIRECTORY holds what it has: crowd_labels/open/*.csv.gz,
                                    ukp_convarg/open/votes.csv.gz, zurich_scales/open/ballots.csv.gz
"""

from __future__ import annotations

import argparse
import csv
import gzip
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.sparse import csr_array
from scipy.special import expit

from bench.figures import Figure, median_time, show
from core.crowd import dawid_skene as ds
from core.crowd import one_coin as oc
from core.crowd.agreement import krippendorff
from core.crowd.answers import Answers, collect
from core.crowd.bits import expected_drop, questions
from core.crowd.curves import tabulate
from core.crowd.dawid_skene import dawid_skene
from core.crowd.majority import majority, vote_shares
from core.crowd.one_coin import one_coin
from core.crowd.pairwise import strengths, tally
from core.crowd.rings import dependence
from core.crowd.scales import fit_scores
from core.crowd.simulation import Crowd, Simulated, accuracy, log_loss, simulate

Array = NDArray[np.float64]
Say = Callable[[str], None]

STEPS = 20  # iterations of EM, for both


def ring_aware(answers: Answers) -> Array:
    """One coin a person, with answers of people who copy each other counted as fewer."""
    return one_coin(answers.weighted(dependence(answers).weight)).posterior


MODELS: dict[str, Callable[[Answers], Array]] = {
    "majority": majority,
    "Dawid-Skene, unsmoothed": lambda answers: dawid_skene(answers, smoothing=0).posterior,
    "Dawid-Skene, smoothed": lambda answers: dawid_skene(answers).posterior,
    "one coin": lambda answers: one_coin(answers).posterior,
    "one coin, ring-aware": ring_aware,
}


def figures(say: Say, *, quick: bool = False) -> list[Figure]:
    """Every figure that needs no data."""
    rows: list[Figure] = []
    for name, part in (
        ("Dawid-Skene beside crowd-kit", lambda: _dawid_skene(10_000, 100_000, *([] if quick else [1_000_000]))),
        ("one more answer", _online),
        ("Quizz bits", _bits),
        ("few answers a person", lambda: _few_answers(10 if quick else 60)),
        ("coverage", lambda: _coverage(10 if quick else 60)),
        ("rings", lambda: _rings(10 if quick else 40)),
    ):
        say(f"crowd: {name}")
        rows += part()
    return rows


def rings(classes: int = 40, shares: Sequence[int] = (0, 3, 6, 9, 10, 11, 12, 13, 14, 15, 18)) -> list[list[str]]:
    """One row a ring of so many of 30 people: mean accuracy of each model, 40 items with 12 answers of 4 labels."""
    return [
        [f"{ring} of 30", *(f"{value:.3f}" for value in _accuracies(Crowd(40, 30, per_item=12, ring=ring), classes))]
        for ring in shares
    ]


def spammers(classes: int = 40) -> list[list[str]]:
    """The same with random spammers, takers of the first answer, adversaries, shy rings, two labels, sparse data."""
    base = {"items": 40, "people": 30, "per_item": 12}
    crowds = {
        **{f"{m} of 30 answer at random": Crowd(**base, uniform=m) for m in (6, 12, 18)},
        **{f"{m} of 30 always take the first": Crowd(**base, first=m) for m in (6, 12, 15)},
        **{f"{m} of 30 are adversaries": Crowd(**base, adversaries=m) for m in (6, 12, 18)},
        **{f"ring of {m}, half of its answers honest": Crowd(**base, ring=m, shy=0.5) for m in (6, 12, 15)},
        **{f"ring of {m} of 30, two labels": Crowd(**base, labels=2, ring=m) for m in (6, 9, 12)},
        **{f"ring of {m} of 200, 200 items": Crowd(200, 200, per_item=12, ring=m) for m in (30, 60, 80)},
    }
    return [[name, *(f"{value:.3f}" for value in _accuracies(crowd, classes))] for name, crowd in crowds.items()]


def _accuracies(crowd: Crowd, classes: int) -> Array:
    made = [simulate(crowd, np.random.default_rng([2026, seed])) for seed in range(classes)]
    return np.array([[accuracy(model(one.answers), one.truth) for model in MODELS.values()] for one in made]).mean(
        axis=0
    )


def _sample(size: int) -> Simulated:
    """About `size` answers of 4 labels: ten an item, a hundred a person."""
    rng = np.random.default_rng(1979)
    items, people, per_item, labels = size // 10, max(size // 100, 20), 10, 4
    truth, skill = rng.integers(0, labels, items), rng.beta(6, 3, people)
    pairs = np.unique(np.repeat(np.arange(items), per_item) * people + rng.integers(0, people, size))
    item, person = pairs // people, pairs % people
    wrong = (truth[item] + rng.integers(1, labels, item.size)) % labels
    label = np.where(rng.random(item.size) < skill[person], truth[item], wrong)
    return Simulated(collect(item, person, label, items, people, labels), truth, skill)


def _dawid_skene(*sizes: int) -> Iterator[Figure]:
    import pandas as pd
    from crowdkit.aggregation import DawidSkene as Peer

    for size in sizes:
        made = _sample(size)
        answers = made.answers
        frame = pd.DataFrame({"task": answers.item, "worker": answers.person, "label": answers.label})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the peer's own
            once = Peer(n_iter=STEPS, tol=-1e9).fit(frame)
            peer = median_time(lambda frame=frame: Peer(n_iter=STEPS, tol=-1e9).fit(frame), seconds=3)
        ours = dawid_skene(answers, smoothing=0, steps=STEPS, tolerance=-1)
        time = median_time(lambda a=answers: dawid_skene(a, smoothing=0, steps=STEPS, tolerance=-1), seconds=3)
        labels = sorted(once.probas_.columns)
        theirs = once.probas_.sort_index()[labels].to_numpy()
        apart = float(np.abs(theirs - ours.posterior[np.unique(answers.item)]).max())
        products, plain = _floors(answers)
        each = answers.size * STEPS / 1e9
        note = (
            f"posteriors differ by {apart:.0e}; {time / each:.0f} ns an answer and iteration, its two sparse products "
            f"{products / each:.0f}, gather and bincount in NumPy {plain / each:.0f}"
        )
        met = peer / time >= 10 and apart <= 1e-6
        yield _figure(
            "Dawid-Skene, 20 iterations",
            "crowd-kit",
            f"{size:,} answers",
            time,
            peer,
            "s",
            peer / time,
            ">= 10",
            met,
            note,
        )
        for name, call in (
            ("Dawid-Skene smoothed, 20 iterations", lambda a=answers: dawid_skene(a, steps=STEPS, tolerance=-1)),
            ("one coin, 20 iterations", lambda a=answers: one_coin(a, steps=STEPS, tolerance=-1)),
        ):
            time = median_time(call)
            yield _figure(name, "crowd-kit Dawid-Skene", f"{size:,} answers", time, peer, "s", peer / time)


def _floors(answers: Answers) -> tuple[float, float]:
    """Seconds of what 20 iterations must do at least, by sparse products and by gathering and counting in NumPy."""
    n = answers.labels
    cell = answers.person * n + answers.label
    by_item = csr_array((answers.weight, (answers.item, cell)), shape=(answers.items, answers.people * n))
    by_cell = by_item.T.tocsr()
    posterior = vote_shares(answers)
    logs = np.log(by_cell @ posterior + 0.1)

    def products() -> None:
        by_item @ logs
        by_cell @ posterior

    def plain() -> None:
        for j in range(n):
            np.bincount(cell, posterior[answers.item, j], answers.people * n)
            np.bincount(answers.item, logs[cell, j], answers.items)

    return STEPS * median_time(products), STEPS * median_time(plain)


def _online() -> Iterator[Figure]:
    answers = simulate(Crowd(items=200, people=60, per_item=6), np.random.default_rng(1)).answers
    coin, full = one_coin(answers), dawid_skene(answers)
    own = answers.item == 7
    people, votes = answers.person[own], answers.label[own]
    calls: dict[str, Callable[[], object]] = {
        "one more answer, one coin": lambda: oc.one_more(
            coin, coin.posterior[7], votes, coin.right[people], coin.given[people], 5
        ),
        "one more answer, Dawid-Skene": lambda: ds.one_more(full, full.posterior[7], votes, full.counts[people], 5),
    }
    whole = median_time(lambda: dawid_skene(answers))
    for name, call in calls.items():
        time = median_time(lambda call=call: [call() for _ in range(100)]) / 100
        yield _figure(name, "fitting again", "6 answers an item", 1e6 * time, 1e6 * whole, "us", whole / time)


def _bits() -> Iterator[Figure]:
    rng = np.random.default_rng(2)
    for size in (200, 2_000, 200_000):
        support = rng.gamma(0.5, 2.0, (size, 4)) * (rng.random((size, 1)) < 0.8)
        category, skill = rng.integers(0, 8, size), rng.uniform(0.3, 0.97, 8)
        known = questions(support)
        curves = tabulate(known, category)
        exact, read = expected_drop(known, skill[category]), curves.at(skill)
        slow = median_time(lambda k=known, q=skill[category]: expected_drop(k, q))
        fast = median_time(lambda c=curves, q=skill: c.at(q))
        floor = median_time(lambda k=known: np.log2(k.mass))
        off = np.abs(exact - read).max()
        note = f"the exact one takes {slow / floor:.1f} times a logarithm of (T, n); tabulated off by {off:.0e} bits"
        yield _figure(
            "expected drop of entropy, tabulated",
            "exact",
            f"{size:,} tasks",
            1e6 * fast,
            1e6 * slow,
            "us",
            slow / fast,
            note=note,
        )


def _few_answers(crowds: int) -> Iterator[Figure]:
    """What a model is worth where people answer little: accuracy and log-loss beside the majority's accuracy."""
    for per_person in (20, 50, 100, 200):
        made = [
            simulate(Crowd(items=5 * per_person, people=25, per_item=5), np.random.default_rng([3, seed]))
            for seed in range(crowds)
        ]
        scores = {
            name: [(accuracy(p, one.truth), log_loss(p, one.truth)) for one in made for p in (model(one.answers),)]
            for name, model in MODELS.items()
        }
        plain = float(np.mean([right for right, _ in scores["majority"]]))
        for name, pairs in scores.items():
            right, loss = np.mean(pairs, axis=0)
            aim, met = (">= majority", bool(right >= plain)) if name == "one coin" else ("", None)
            size = f"{per_person} answers a person"
            yield _figure(
                f"accuracy, {name}", "majority", size, right, plain, "", right / plain, aim, met, f"log-loss {loss:.3f}"
            )


def _coverage(crowds: int) -> Iterator[Figure]:
    """How often 90 % intervals hold the truth: of a person's quality, and of differences of strength."""
    for per_item, people in ((5, 25), (12, 60)):
        inside: dict[str, list[float]] = defaultdict(list)
        for seed in range(crowds):
            made = simulate(Crowd(items=200, people=people, per_item=per_item), np.random.default_rng([4, seed]))
            for name, fitted in (("one coin", one_coin(made.answers)), ("Dawid-Skene", dawid_skene(made.answers))):
                low, high = fitted.interval()
                inside[name].append(float(((low <= made.quality) & (made.quality <= high)).mean()))
        for name, shares in inside.items():
            share = float(np.mean(shares))
            size = f"{per_item} answers an item, 40 a person"
            yield _figure(
                f"coverage of quality, {name}",
                "nominal .9",
                size,
                share,
                0.9,
                "",
                share / 0.9,
                ".87-.93",
                0.87 <= share <= 0.93,
            )
    held = []
    for seed in range(crowds):
        rng = np.random.default_rng([5, seed])
        theta = rng.normal(0, 1.5, 10)
        won = np.triu(rng.binomial(4, expit(theta[:, None] - theta)), 1).astype(float)
        won += np.tril(4 - won.T, -1)
        mean, variance = strengths(won).difference()
        pair = np.triu_indices(10, 1)
        held.append(float((np.abs(mean - theta[:, None] + theta)[pair] <= 1.645 * np.sqrt(variance[pair])).mean()))
    share = float(np.mean(held))
    yield _figure(
        "coverage of a difference, Bradley-Terry",
        "nominal .9",
        "10 texts, 4 votes a pair",
        share,
        0.9,
        "",
        share / 0.9,
        ".87-.93",
        0.87 <= share <= 0.93,
    )


def _rings(classes: int) -> Iterator[Figure]:
    for ring in (0, 6, 9, 12, 14):
        scores = dict(zip(MODELS, _accuracies(Crowd(40, 30, per_item=12, ring=ring), classes), strict=True))
        ours, coin = float(scores["one coin, ring-aware"]), float(scores["one coin"])
        note = ", ".join(f"{name} {value:.3f}" for name, value in scores.items())
        yield _figure(
            "accuracy under a ring", "one coin", f"{ring} of 30 people", ours, coin, "", ours - coin, note=note
        )


def _figure(
    what: str,
    against: str,
    size: str,
    ours: float,
    peer: float,
    unit: str,
    ratio: float,
    aim: str = "",
    met: bool | None = None,
    note: str = "",
) -> Figure:
    return Figure("crowd", what, against, size, float(ours), float(peer), unit, float(ratio), aim, met, note)


def labels_with_gold(directory: Path) -> list[list[str]]:
    """One row a set of public labels with gold: items with gold, answers an item, and accuracy of each model."""
    sets: dict[str, list[dict[str, str]]] = defaultdict(list)
    for path in sorted(directory.glob("labels_*.csv.gz")):
        for row in _read(path):
            sets[row["set"]].append(row)
    table = []
    for name, rows in sorted(sets.items()):
        items, item = np.unique([row["task"] for row in rows], return_inverse=True)
        people, person = np.unique([row["worker"] for row in rows], return_inverse=True)
        classes, label = np.unique(
            [row["label"] for row in rows] + [row["gold"] for row in rows if row["gold"]], return_inverse=True
        )
        truth = np.full(items.size, -1)
        for i, row in zip(item, rows, strict=True):
            if row["gold"]:
                truth[i] = np.searchsorted(classes, row["gold"])
        answers = collect(item, person, label[: len(rows)], items.size, people.size, classes.size)
        known = truth >= 0
        scores = []
        for model in MODELS.values():
            try:
                scores.append(f"{accuracy(model(answers)[known], truth[known]):.3f}")
            except ValueError:
                scores.append("too many people")
        table.append([name, str(int(known.sum())), f"{len(rows) / items.size:.1f}", str(classes.size), *scores])
    return table


def arguments_with_gold(path: Path) -> list[list[str]]:
    """Pairs of arguments whose better one is known: agreement of votes, and of Bradley-Terry over a topic's votes.

    The last column leaves out the pair's own votes: what the other comparisons of its two arguments say about it.
    """
    topics: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _read(path):
        topics[row["topic"]].append(row)
    right = np.zeros(4)
    pairs = 0
    for rows in topics.values():
        texts, number = np.unique([row[side] for side in ("a1", "a2") for row in rows], return_inverse=True)
        first, second = number[: len(rows)], number[len(rows) :]
        vote = np.array([row["vote"] for row in rows])
        size = texts.size
        wins = tally(first[vote == "a1"], second[vote == "a1"], size) + tally(
            second[vote == "a2"], first[vote == "a2"], size
        )
        ties = tally(first[vote == "equal"], second[vote == "equal"], size)
        half, three = strengths(wins, ties), strengths(wins, ties, how="davidson")
        gold = {(int(i), int(k)): row["gold"] for i, k, row in zip(first, second, rows, strict=True)}
        decided = {pair: name for pair, name in gold.items() if name in ("a1", "a2")}
        for (i, k), name in decided.items():
            better, worse = (i, k) if name == "a1" else (k, i)
            right[0] += _ahead(wins[better, worse] - wins[worse, better])
            right[1] += _ahead(half.mean[better] - half.mean[worse])
            right[2] += _ahead(three.mean[better] - three.mean[worse])
        kept = sorted(decided)[:: max(len(decided) // 100, 1)]  # a fit each
        scores = []
        for i, k in kept:
            mean = strengths(_without(wins, i, k), _without(ties, i, k)).mean
            scores.append(_ahead(mean[i] - mean[k] if decided[i, k] == "a1" else mean[k] - mean[i]))
        right[3] += float(np.mean(scores)) * len(decided)
        pairs += len(decided)
    return [[str(pairs), *(f"{value:.3f}" for value in right / pairs)]]


def scales_compared(path: Path) -> list[list[str]]:
    """One row a format of ballot: mean fit-score to the others' consensus, its standard error, and α (ordinal)."""
    formats: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _read(path):
        formats[row["format"]].append(row)
    table = []
    for name, rows in sorted(formats.items()):
        voters, voter = np.unique([row["voter"] for row in rows], return_inverse=True)
        projects, project = np.unique([row["project"] for row in rows], return_inverse=True)
        ratings = np.full((voters.size, projects.size), np.nan)
        ratings[voter, project] = [float(row["value"]) for row in rows]
        score = fit_scores(ratings).score
        known = score[~np.isnan(score)]
        alpha = krippendorff(ratings.T, "ordinal", np.random.default_rng(0), draws=200)
        interval = "" if alpha.low is None else f"[{alpha.low:.3f}, {alpha.high:.3f}]"
        error = known.std() / np.sqrt(known.size)
        table.append([name, f"{known.mean():.3f}", f"{error:.3f}", str(known.size), f"{alpha.alpha:.3f} {interval}"])
    return table


def _without(counts: Array, i: int, k: int) -> Array:
    left = counts.copy()
    left[[i, k], [k, i]] = 0
    return left


def _ahead(difference: float) -> float:
    return 0.5 if abs(difference) < 1e-9 else float(difference > 0)


def _read(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _print(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(*columns, title=title)
    for row in rows:
        table.add_row(*row)
    Console(width=150).print(table)


def main() -> None:
    """The tables of the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", nargs="?", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rings", action="store_true")
    chosen = parser.parse_args()
    if chosen.rings:
        classes = 10 if chosen.quick else 40
        _print("Accuracy under a ring", ("ring", *MODELS), rings(classes))
        _print("Accuracy under others", ("crowd", *MODELS), spammers(classes))
        return
    if chosen.directory is None:
        show(figures(print, quick=chosen.quick))
        return
    labels = chosen.directory / "crowd_labels" / "open"
    if labels.is_dir():
        _print("Accuracy on labels with gold", ("set", "items", "answers", "labels", *MODELS), labels_with_gold(labels))
    votes = chosen.directory / "ukp_convarg" / "open" / "votes.csv.gz"
    if votes.exists():
        columns = ("pairs", "votes of the pair", "Bradley-Terry, half", "Davidson", "without the pair's votes")
        _print("Agreement with gold on which argument is better", columns, arguments_with_gold(votes))
    ballots = chosen.directory / "zurich_scales" / "open" / "ballots.csv.gz"
    if ballots.exists():
        columns = ("format", "fit-score", "s.e.", "voters", "alpha, ordinal")
        _print("Rating scales: fit to the others' consensus", columns, scales_compared(ballots))


if __name__ == "__main__":
    main()
