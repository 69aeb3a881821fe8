"""What ways of choosing tasks and goals are worth beside each other: the same worlds, volunteers and luck for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.crowd import bits
from core.survival import metrics
from core.survival.log import Outcome
from sandbox.volunteers.models import Models, learn
from sandbox.volunteers.run import Run, Way, run
from sandbox.volunteers.world import TRAINING, Array, Setting, build

TRAINING_ROWS = 16_824  # of the paper's log (section 3.1)


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What one way yielded in each of W worlds; arrays (W,), in bits where they are bits.

    `aig`: information gain per recruited user; `paper_aig`: from and per users with at least three answers; `truth`:
    truth-based bits per recruited user; `efficiency`: EF; `fp_auc`: over users with at least three answers;
    `answers` (W, U); `dropped`: share of shown tasks upon which somebody left; `goals` per recruited user; `accuracy`:
    share of questions whose likeliest option is true.
    """

    way: Way
    aig: Array
    paper_aig: Array
    truth: Array
    efficiency: Array
    fp_auc: Array
    answers: NDArray[np.int64]
    dropped: Array
    goals: Array
    accuracy: Array

    def mean(self, name: str) -> tuple[float, float]:
        """The mean over worlds of one of the arrays, and its standard error."""
        values: Array = getattr(self, name)
        return float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else np.nan


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Results by name, and the name of the baseline."""

    results: Mapping[str, Result]
    baseline: str
    prior_bits: float
    setting: Setting

    def gain(self, name: str, metric: str = "aig") -> tuple[float, float]:
        """Improvement over the baseline, ratio of the means over worlds less 1, and its standard error (paired)."""
        ours, base = getattr(self.results[name], metric), getattr(self.results[self.baseline], metric)
        ratio = metrics.improvement(float(ours.mean()), float(base.mean()))
        spread = (ours - (1.0 + ratio) * base) / base.mean()  # the delta method for a ratio of means
        return ratio, float(spread.std(ddof=1) / np.sqrt(spread.size)) if spread.size > 1 else np.nan


def trained(seed: int, *, setting: Setting = TRAINING, rows: int = TRAINING_ROWS, prior_bits: float = 1.0) -> Models:
    """Models learnt from a simulated log of the baseline TA, of about `rows` tasks shown.

    Its worlds are other than those of `compare` under the same seed.
    """
    count = max(1, round(rows / (_ROWS_A_USER * setting.users)))
    worlds = build(setting, seed, count, first=_APART)
    return learn(run(worlds, Way("TA"), prior_bits=prior_bits, seed=seed).log())


def compare(
    ways: Mapping[str, Way],
    worlds: int,
    seed: int,
    *,
    setting: Setting | None = None,
    models: Models | None = None,
    prior_bits: float = 1.0,
    baseline: str | None = None,
    said: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Try every way on the same worlds. `ways`: by the name to show; the baseline is the first unless named.

    `models`: by default `trained(seed)` on the training crowd with the setting's effect of difficulty.
    `said(done, total)` is told about worlds. Raises ValueError without ways or worlds.
    """
    if not ways or worlds < 1:
        raise ValueError("A comparison needs at least one way and one world.")
    place = setting or Setting()
    if models is None:
        models = trained(seed, setting=replace(TRAINING, difficulty_effect=place.difficulty_effect))
    parts: dict[str, list[Result]] = {name: [] for name in ways}
    starts = range(0, worlds, _TOGETHER)
    for step, first in enumerate(starts):
        some = build(place, seed, min(_TOGETHER, worlds - first), first)
        for order, (name, way) in enumerate(ways.items(), start=1):
            parts[name].append(measured(run(some, way, models, prior_bits=prior_bits, seed=seed), prior_bits))
            if said is not None:
                said(step * len(ways) + order, len(starts) * len(ways))
    results = {name: _joined(some) for name, some in parts.items()}
    return Comparison(results, baseline or next(iter(ways)), prior_bits, place)


def measured(one: Run, prior_bits: float) -> Result:
    """The metrics of a run, world by world."""
    worlds, answers = one.worlds, one.answers
    many = answers >= metrics.LEAST_ANSWERS
    columns: list[tuple[float, ...]] = []
    open_ = ~worlds.keyed
    options = worlds.setting.options
    start = np.full(int(open_.sum()), np.log2(options))
    for world in range(worlds.size):
        rows = np.flatnonzero((one.world == world) & (one.option >= 0))
        all_ = _known(one, rows, prior_bits)
        kept = _known(one, rows[many[world, one.user[rows]]], prior_bits)
        gain = metrics.information_gain(start, all_.entropy[open_])
        paper = metrics.information_gain(start, kept.entropy[open_])
        truth = metrics.truth_bits(all_.belief.T[open_], worlds.truth[world, open_], options)
        given = np.bincount(one.user[rows], one.bits[rows], minlength=worlds.users)
        each = np.divide(given, answers[world], out=np.zeros(worlds.users), where=answers[world] > 0)
        shown = one.world == world
        guess = all_.belief.T[open_].argmax(axis=1) == worlds.truth[world, open_]
        columns.append(
            (
                metrics.per_user(gain, worlds.users),
                metrics.per_user(paper, int(many[world].sum())),
                metrics.per_user(truth, worlds.users),
                metrics.efficiency(gain, answers[world], each),
                metrics.fp_auc(answers[world, many[world]]) if many[world].any() else 0.0,
                float((one.outcome[shown] == Outcome.LEFT).mean()),
                float(one.goal[shown].sum()) / worlds.users,
                float(guess.mean()),
            )
        )
    aig, paper_aig, truth_bits, efficiency, fp_auc, dropped, goals, accuracy = np.array(columns).T
    return Result(one.way, aig, paper_aig, truth_bits, efficiency, fp_auc, answers, dropped, goals, accuracy)


def _known(one: Run, rows: NDArray[np.intp], prior_bits: float) -> bits.Questions:
    table = np.zeros((one.worlds.questions, one.worlds.setting.options))
    np.add.at(table, (one.task[rows], one.option[rows]), one.bits[rows])
    return bits.questions(table, prior_bits=prior_bits)


def _joined(parts: Sequence[Result]) -> Result:
    names = ("aig", "paper_aig", "truth", "efficiency", "fp_auc", "answers", "dropped", "goals", "accuracy")
    return Result(parts[0].way, *(np.concatenate([getattr(part, name) for part in parts]) for name in names))


_TOGETHER = 40  # worlds side by side: their draws take about 40 MB
_ROWS_A_USER = 3.7  # that the training crowd gives
_APART = 1_000_000  # numbers of the worlds that models learn from
