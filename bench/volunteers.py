"""What ways of choosing tasks and goals are worth to a simulated crowd, beside the tables of Kobren et al. (WWW 2015).

python -m bench.volunteers [--quick]        gain per recruited user, and the time of one allocation
python -m bench.volunteers --table N        the paper's Table N, 2 to 7, and ours beside it
python -m bench.volunteers --picture N      the points of the paper's Figure 1 or 2, as we find them
python -m bench.volunteers --gold           what gold questions are worth where no other key is known
python -m bench.volunteers --speed          the time of one allocation alone
    [--worlds N] [--seed N]                 for all of these

A world has 200 questions and 200 users. Every comparison is paired: the same worlds, volunteers and luck. The gain per
recruited user takes 40 worlds, the tables 10 unless told otherwise. Standard errors are over worlds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.figures import Figure, median_time, show
from core.survival.goals import RULES
from core.survival.log import Outcome
from core.survival.metrics import fp_auc, fp_curve
from sandbox.volunteers.compare import Comparison, compare, trained
from sandbox.volunteers.models import Models
from sandbox.volunteers.run import ORACLE, Way, run
from sandbox.volunteers.world import STRONG, TRAINING, WEAK, Setting, build

Say = Callable[[str], None]

WORLDS, TABLE_WORLDS, SEED = 40, 10, 2015
KAPPAS = (0.0, 0.3, 1.0, 3.0)
EFFECTS = {"weak": WEAK, "strong": STRONG}
TEN = RULES["static"]
LENGTHS = (3, 5, 7, 10, 20, 25, 30, 40, 50, None)

# All in rounds of ten, so that allocation alone differs; then as the policies are defined.
MAIN = {"TA": Way("TA"), "TA_LA": Way("TA_LA"), "TA_H": Way("TA_H", TEN), "oracle": Way("TA_H", TEN, ORACLE)}
MODELS = ("LA", "LM", "LS", "FQ")

# What the paper prints, in the order Geography, Symptoms, Mixed.
TABLE_2 = {
    "TA_LA": (93.1, 71.5, 78.8),
    "TA_LM": (24.8, 23.3, 5.5),
    "TA_LS": (117.8, 73.3, 90.8),
    "TA_FQ": (28.7, 25.4, 48.4),
}
TABLE_3 = {
    "TA": (0.40, 0.55, 0.35),
    "TA_LA": (0.45, 0.50, 0.64),
    "TA_LM": (0.68, 0.48, 0.62),
    "TA_LS": (0.53, 0.49, 0.62),
    "TA_FQ": (0.41, 0.41, 0.66),
}
TABLE_4 = {
    "TA": (17.4, 19.1, 17.3),
    "TA_LA": (16.8, 20.9, 15.0),
    "TA_LM": (11.5, 20.4, 13.8),
    "TA_LS": (16.3, 22.2, 15.7),
    "TA_FQ": (13.3, 23.2, 15.9),
}
TABLE_5 = {  # stated length: users with at least three answers of all, answers a user, FP-AUC
    3: (88 / 212, 6.8, 10.3),
    5: (93 / 191, 7.1, 7.7),
    7: (103 / 199, 7.6, 10.0),
    10: (101 / 207, 8.4, 12.0),
    20: (101 / 202, 12.5, 19.8),
    25: (94 / 201, 12.0, 18.5),
    30: (74 / 154, 11.3, 17.9),
    40: (82 / 192, 13.0, 21.8),
    50: (106 / 226, 15.2, 25.4),
    None: (88 / 184, 15.5, 26.2),
}
TABLE_7 = {  # static, none, then goals of 1 to 5
    "LA": (16.0, 23.9, 12.2, 24.1, 27.2, 22.5, 22.0),
    "LS": (16.0, 25.8, 22.9, 16.8, 26.8, 23.2, 22.9),
    "FQ": (16.0, 21.1, 23.9, 23.4, 7.9, 12.0, 13.2),
}


def figures(say: Say, *, quick: bool = False, worlds: int = WORLDS, seed: int = SEED) -> list[Figure]:
    """The gain of TA_H beside TA_LA's and the oracle's, for each κ and effect of difficulty; one allocation's time."""
    rows: list[Figure] = []
    kappas = (1.0,) if quick else KAPPAS
    count = 4 if quick else worlds
    for name, effect in EFFECTS.items():
        models = _models(effect, seed)
        for kappa in kappas:
            say(f"volunteers: effect of difficulty {name}, κ = {kappa:g}, {count} worlds")
            rows += _gains(name, compared(MAIN, count, seed, effect=effect, kappa=kappa, models=models), count)
    return rows + speed((200, 2_000) if quick else (200, 2_000, 200_000))


def compared(
    ways: Mapping[str, Way],
    worlds: int,
    seed: int,
    *,
    effect: float = WEAK,
    kappa: float = 1.0,
    models: Models | None = None,
    setting: Setting | None = None,
) -> Comparison:
    """`compare` on the usual worlds, with an effect of difficulty."""
    place = replace(setting or Setting(), difficulty_effect=effect)
    return compare(ways, worlds, seed, setting=place, models=models, prior_bits=kappa)


def _models(effect: float, seed: int) -> Models:
    return trained(seed, setting=replace(TRAINING, difficulty_effect=effect))


def _gains(effect: str, found: Comparison, worlds: int) -> list[Figure]:
    """One row beside TA_LA, one beside the oracle; the note has the paper's metric and the truth-based bits."""
    kappa = found.prior_bits
    size = f"κ = {kappa:g}, {effect} effect, {worlds} worlds"
    (ours, error), (theirs, _), (most, _) = (found.gain(name) for name in ("TA_H", "TA_LA", "oracle"))
    paper = ", ".join(f"{name} {found.gain(name, 'paper_aig')[0]:+.0%}" for name in ("TA_H", "TA_LA", "oracle"))
    truth = ", ".join(f"{name} {one.mean('truth')[0]:.2f}" for name, one in found.results.items())
    share, headroom = ours / theirs if theirs > 0 else float("inf"), ours / most if most > 0 else float("nan")
    main = kappa == 1.0
    return [
        Figure(
            "survival",
            "information gain per recruited user over TA: TA_H",
            "TA_LA",
            size,
            ours,
            theirs,
            "of TA's",
            share,
            ">= 1.4" if main else "",
            share >= 1.4 if main else None,
            f"s.e. {error:.3f}; users with 3 answers or more: {paper}; truth bits: {truth}",
        ),
        Figure(
            "survival",
            "share of the oracle's headroom: TA_H",
            "oracle (true chance to stay)",
            size,
            ours,
            most,
            "of TA's",
            headroom,
            ">= 0.6",
            headroom >= 0.6,
        ),
    ]


def speed(sizes: Sequence[int] = (200, 2_000, 200_000)) -> list[Figure]:
    """One allocation (serving the chances to stay, and choosing) beside predict_proba on the built matrix."""
    from sklearn.linear_model import LogisticRegression

    from core.survival.allocation import Offer, allocate
    from core.survival.features import FEATURES, Tasks, features
    from core.survival.logistic import Logistic
    from core.survival.person import Event, Person, advance
    from core.survival.records import Averages, Records, facts
    from core.survival.serving import chances, prepared

    rng = np.random.default_rng(3)
    rows = []
    model = Logistic(rng.normal(0.0, 0.1, len(FEATURES)), 0.5)
    peer = LogisticRegression()
    peer.classes_, peer.coef_, peer.intercept_ = np.array([0, 1]), model.weights[None, :], np.array([model.intercept])
    for size in sizes:
        counts = rng.integers(0, 20, (7, size))
        records = Records(counts.sum(axis=0), counts[1:4].sum(axis=0), *counts[1:5], counts[1:4].sum(axis=0))
        known = facts(records, Averages.over(records))
        category = rng.integers(0, 30, size).astype(np.int32)
        tasks = Tasks(category, category, np.arange(size, dtype=np.int32), known)
        person = Person()
        for task in range(8):
            kind = int(category[task])
            outcome = Outcome.RIGHT if task % 2 else Outcome.WRONG
            person = advance(person, Event(task, kind, kind, task, float(task), outcome, 12.0), known[task])
        ready, gain = prepared(model, tasks), rng.random(size)
        open_ = np.ones(size, dtype=np.bool_)
        open_[:8] = False
        matrix = features(person, tasks)

        def ours() -> object:
            offer = Offer(open_, gain=gain, stay=chances(ready, person), ahead=0.5)  # noqa: B023 - called in this turn
            return allocate("TA_H", offer, rng)

        def theirs() -> object:
            return peer.predict_proba(matrix)  # noqa: B023 - called in this turn

        mine, other = median_time(ours), median_time(theirs)
        rows.append(
            Figure(
                "survival",
                "one allocation: chances to stay, values, choice",
                "scikit-learn predict_proba, matrix built",
                f"{size:,} tasks",
                mine * 1e6,
                other * 1e6,
                "µs",
                other / mine,
                ">= 15",
                other / mine >= 15.0,
                "the peer neither builds its matrix nor chooses",
            )
        )
    return rows


def table_2_to_4(say: Say, worlds: int = TABLE_WORLDS, seed: int = SEED) -> list[Table]:
    """Tables 2, 3 and 4: the paper's allocation strategies in rounds of ten; one domain, and nine mixed."""
    ways = {"TA": Way("TA"), **{f"TA_{x}": Way(f"TA_{x}") for x in MODELS}, "TA_H": Way("TA_H", TEN)}
    models = _models(WEAK, seed)
    found = {}
    for name, categories in (("one domain", 1), ("mixed", 9)):
        say(f"volunteers: {name}, {worlds} worlds")
        found[name] = compared(ways, worlds, seed, models=models, setting=Setting(categories=categories))
    paper_columns = ("paper: Geo", "paper: Sym", "paper: Mixed")
    two = _table("Table 2: gain over TA, per recruited user; in brackets the paper's metric", found, paper_columns)
    three = _table("Table 3: efficiency", found, paper_columns)
    four = _table("Table 4: FP-AUC (users with three answers or more)", found, paper_columns)
    for name in ways:
        printed = [f"{one:+.1f} %" for one in TABLE_2.get(name, ())] or [""] * 3
        if name != "TA":
            two.add_row(name, *(_gain(one, name) for one in found.values()), *printed)
        for table, metric, paper in ((three, "efficiency", TABLE_3), (four, "fp_auc", TABLE_4)):
            ours = ["{:.2f} ± {:.2f}".format(*one.results[name].mean(metric)) for one in found.values()]
            table.add_row(name, *ours, *([f"{one:g}" for one in paper.get(name, ())] or [""] * 3))
    return [two, three, four]


def table_5(say: Say, worlds: int = TABLE_WORLDS, seed: int = SEED) -> list[Table]:
    """Table 5: answers by stated length, under TA."""
    table = Table(title="Table 5: stated length and participation under TA; the paper's numbers in brackets")
    for column in (
        "length",
        "users with >= 3 answers",
        "answers a user",
        "FP-AUC (of these users)",
        "left at the length",
    ):
        table.add_column(column)
    for length in LENGTHS:
        say(f"volunteers: stated length {length}")
        one = run(build(Setting(), seed, worlds), _stated(length), seed=seed)
        answers = one.answers.ravel()
        many = answers[answers >= 3]
        paper = TABLE_5[length]
        table.add_row(
            "none" if length is None else str(length),
            f"{many.size / answers.size:.0%} ({paper[0]:.0%})",
            f"{answers.mean():.1f} ({paper[1]:.1f})",
            f"{fp_auc(many):.1f} ({paper[2]:.1f})",
            "" if length is None else f"{one.stopped.sum() / max(1, (one.remaining == 1).sum()):.0%} of who got there",
        )
    shown = run(build(TRAINING, seed, min(worlds, 20)), Way("TA"), seed=seed)
    table.caption = (
        f"The training crowd: {float((shown.outcome == Outcome.LEFT).mean()):.1%} of the rows are drop-outs "
        f"(paper: 4,029 of 16,824, {4029 / 16824:.1%})."
    )
    return [table]


def table_6_and_7(say: Say, worlds: int = TABLE_WORLDS, seed: int = SEED) -> list[Table]:
    """Tables 6 and 7: dynamic goals of x tasks, set by model, over TA; and the points of Figure 2."""
    models = _models(WEAK, seed)
    ways = {"TA": Way("TA"), "TA_INF": Way("TA_INF")}
    for x in ("LA", "LS", "FQ"):
        ways[f"{x} none"] = Way(f"TA_INF_{x}")
        ways |= {f"{x} {n}": Way(f"TA_INF_DG_{x}", replace(RULES["dynamic"], length=n)) for n in range(1, 6)}
    ways["H none"] = Way("TA_H")
    ways |= {f"H {n}": Way("TA_H_DG", replace(RULES["at_risk"], length=n)) for n in range(1, 6)}
    say(f"volunteers: {len(ways)} ways to set goals, {worlds} worlds")
    found = compared(ways, worlds, seed, models=models)
    six = Table(title="Table 6: gain over TA per recruited user; in brackets the paper's metric")
    seven = Table(title="Table 7: FP-AUC of users with three answers or more; the paper's numbers in brackets")
    for table in (six, seven):
        table.add_column("goal: tasks remaining")
        for x in ("LA", "LS", "FQ", "H (at real risk)"):
            table.add_column(x)
    for place, n in enumerate(("none", *range(1, 6))):
        six.add_row(str(n), *(_gain(found, f"{x} {n}") for x in ("LA", "LS", "FQ", "H")))
        cells = [f"{found.results[f'{x} {n}'].mean('fp_auc')[0]:.1f}" for x in ("LA", "LS", "FQ", "H")]
        printed = [f" ({TABLE_7[x][place + 1]:.1f})" if x in TABLE_7 else "" for x in ("LA", "LS", "FQ", "H")]
        seven.add_row(str(n), *(cell + paper for cell, paper in zip(cells, printed, strict=True)))
    static = found.results["TA"].mean("fp_auc")[0]
    seven.add_row("static (TA)", *[f"{static:.1f} (16.0)"] * 3, "")
    goals = ", ".join(f"{x} {found.results[f'{x} 3'].mean('goals')[0]:.2f}" for x in ("LA", "LS", "FQ", "H"))
    six.caption = (
        "The paper's cells lie between +21.2 % and +249 %, its order is lost in the copy at hand; TA_INF here: "
        f"{_gain(found, 'TA_INF')}. Goals set per recruited user at x = 3: {goals} (paper: FQ five times the others)."
    )
    return [six, seven]


def picture_1(say: Say, worlds: int = TABLE_WORLDS, seed: int = SEED) -> list[Table]:
    """Figure 1: the FP curve by stated length, over users with at least three answers."""
    lengths = (5, 10, 30, 50, None)
    curves = {}
    for length in lengths:
        say(f"volunteers: stated length {length}")
        answers = run(build(Setting(), seed, worlds), _stated(length), seed=seed).answers.ravel()
        curves[length] = fp_curve(answers[answers >= 3], longest=101)
    table = Table(title="Figure 1: share of users with at least x answers, by stated length")
    for column in ("x", *("none" if length is None else str(length) for length in lengths)):
        table.add_column(column)
    for x in (3, 5, 6, 10, 11, 20, 21, 30, 31, 40, 50, 51, 60, 75, 100):
        table.add_row(str(x), *(f"{curves[length][x]:.3f}" for length in lengths))
    table.caption = "Paper: at length 50 from about .15 at 50 answers to .04 at 51; highest beyond 50 without a length."
    return [table]


def picture_2(say: Say, worlds: int = TABLE_WORLDS, seed: int = SEED) -> list[Table]:
    """Figure 2: who leaves upon being shown a goal of x tasks."""
    models = _models(WEAK, seed)
    table = Table(title="Figure 2: share of goals upon which the user left at once")
    for column in ("x", "LA", "LS", "FQ", "H (at real risk)"):
        table.add_column(column)
    worlds_ = build(Setting(), seed, worlds)
    for n in range(1, 6):
        say(f"volunteers: goals of {n}")
        cells = []
        for x in ("LA", "LS", "FQ", "H"):
            name, rule = ("TA_H_DG", "at_risk") if x == "H" else (f"TA_INF_DG_{x}", "dynamic")
            one = run(worlds_, Way(name, replace(RULES[rule], length=n)), models, seed=seed)
            cells.append(f"{float((one.outcome[one.goal] == Outcome.LEFT).mean()):.1%}")
        table.add_row(str(n), *cells)
    table.caption = "Paper: nobody at x = 1; over all, 2.7 % with LA, 11.5 % with LS, 27.3 % with FQ."
    return [table]


def gold(say: Say, worlds: int = TABLE_WORLDS, seed: int = SEED) -> list[Table]:
    """Gold questions mixed in by value, where nothing else is judged: 20 of them beside 200 without a known key."""
    table = Table(title="Gold questions: per recruited user, κ = 1, no length stated")
    for column in ("way", "information gain", "truth bits", "share of questions settled rightly"):
        table.add_column(column)
    models = _models(WEAK, seed)
    for name, setting, way in (
        ("TA_INF, no gold ever chosen", Setting(gold=20), Way("TA_INF")),
        ("TA_INF_LA, no gold ever chosen", Setting(gold=20), Way("TA_INF_LA")),
        ("TA_H, gold by value", Setting(gold=20), Way("TA_H")),
        ("TA_H, every answer judged", Setting(), Way("TA_H")),
    ):
        say(f"volunteers: {name}")
        one = compare({name: way}, worlds, seed, setting=setting, models=models).results[name]
        cells = ["{:.3f} ± {:.3f}".format(*one.mean(metric)) for metric in ("aig", "truth", "accuracy")]
        table.add_row(name, *cells)
    return [table]


def _stated(length: int | None) -> Way:
    return Way("TA", RULES["never"] if length is None else replace(TEN, length=length))


def _gain(found: Comparison, name: str) -> str:
    ratio, error = found.gain(name)
    return f"{ratio:+.1%} ± {error:.1%} ({found.gain(name, 'paper_aig')[0]:+.1%})"


def _table(title: str, found: Mapping[str, Comparison], paper: Sequence[str]) -> Table:
    table = Table(title=title)
    for column in ("policy", *found, *paper):
        table.add_column(column)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--table", type=int, choices=range(2, 8))
    parser.add_argument("--picture", type=int, choices=(1, 2))
    parser.add_argument("--gold", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--worlds", type=int)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    console = Console(width=180)

    def say(line: str) -> None:
        console.print(line, style="dim")

    made = {2: table_2_to_4, 3: table_2_to_4, 4: table_2_to_4, 5: table_5, 6: table_6_and_7, 7: table_6_and_7}
    if asked.table or asked.picture or asked.gold:
        one = made[asked.table] if asked.table else {1: picture_1, 2: picture_2}.get(asked.picture, gold)
        for table in one(say, asked.worlds or TABLE_WORLDS, asked.seed):
            console.print(table)
    elif asked.speed:
        show(speed())
    else:
        show(figures(say, quick=asked.quick, worlds=asked.worlds or WORLDS, seed=asked.seed))


if __name__ == "__main__":
    main()
