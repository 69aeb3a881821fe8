"""What choosing well is worth and costs: speed beside peers, exactness, regret, and whether intervals hold the truth.

python -m bench.policies [--quick]    all figures of the room `core/selection` (about five minutes)
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bench.figures import Figure, median_time, show
from bench.selection import WAYS, by_draws, pool_of, reference
from core.selection.arms import Pool, Stats, believe
from core.selection.best import probability_of_best
from core.selection.contexts import pooled
from core.selection.estimates import Estimate, Log, doubly_robust_mean, policy_value, stabilised_mean
from core.selection.exploration import explored
from core.selection.incremental import Board
from core.selection.policies import chances, thompson
from core.selection.simulation import Setting, rating_shape, simulate

Array = NDArray[np.float64]
Say = Callable[[str], None]

ROOM = "selection"
OURS, MOOCLET, FRACTIONAL = (
    "calibrated, narrow and lifted",
    "ten tosses a rating, Beta(19, 1)",
    "one toss a rating, Beta(1, 1)",
)
GROWING = 10_000
_ERROR = "all exact P(best): error"


def figures(say: Say, *, quick: bool = False) -> list[Figure]:
    """All figures; `quick` takes smaller samples."""
    return [figure for part in _PARTS for figure in part(say, quick)]


def decisions(say: Say, quick: bool) -> list[Figure]:
    """One decision and one rating among K texts, with what is needed to keep the belief up to date."""
    rows = []
    for size in (1_000,) if quick else (1_000, 5_000):
        say(f"Thompson decision among {size:,} texts")
        rng = np.random.default_rng(2016)
        board = Board(pool_of(size, rng))
        pool, everyone = pool_of(size, rng), np.ones(size, dtype=np.bool_)
        decide, rate = median_time(partial(_fresh_draw, board, rng)), median_time(partial(_rate, board, rng))
        a, b = board.compared()
        floor = median_time(lambda a=a, b=b, rng=rng: rng.beta(a, b).argmax())
        alone = median_time(lambda pool=pool, everyone=everyone, rng=rng: thompson(pool, everyone, rng))
        note = (
            f"plain NumPy draw and argmax {1e6 * floor:.0f} us; `thompson` of a pool from nothing {1e6 * alone:.0f} us"
        )
        for name, peer in (("MABWiser 2.7", _mabwiser), ("river 0.26", _river)):
            pull, learn = peer(size)
            theirs, upkeep = median_time(pull), median_time(learn)
            small = f"K = {size:,}"
            ratio = theirs / decide
            rows += [
                _faster("Thompson decision, its exact chance with it", name, small, decide, theirs, ratio, 20, note),
                _faster(
                    "decision and one rating",
                    name,
                    small,
                    decide + rate,
                    theirs + upkeep,
                    (theirs + upkeep) / (decide + rate),
                    20,
                    f"one rating: ours {1e6 * rate:.0f} us, theirs {1e6 * upkeep:.0f} us",
                ),
            ]
    return rows


def exactness(say: Say, quick: bool) -> list[Figure]:
    """All chances of being best from nothing: error beside a million values of F, time beside 1,000 draws."""
    rows = []
    for size, nodes in ((100, 10_000), (1_000, 1_000)) if quick else ((100, 10_000), (1_000, 1_000), (10_000, 400)):
        say(f"Exact chances of {size:,} texts")
        rng = np.random.default_rng(2017)
        held = believe(pool_of(size, rng))
        a, b = held.a * rng.uniform(0.99, 1.01, size), held.b
        error = float(np.abs(probability_of_best(a, b) - reference(a, b, nodes)).max())
        ours, draws = median_time(partial(probability_of_best, a, b)), median_time(partial(by_draws, a, b, rng))
        floor = median_time(partial(np.exp, np.zeros((16 * 7, size))))
        small = f"K = {size:,}, no two alike"
        rows += [
            Figure(ROOM, _ERROR, f"{nodes:,} nodes", small, error, None, "", error, "<= 1e-9", error <= 1e-9),
            _faster(
                "all exact P(best)",
                "NumPy, 1,000 draws",
                small,
                ours,
                draws,
                draws / ours,
                15,
                f"one exp a node and arm takes {1e6 * floor:.0f} us",
            ),
        ]
    return rows


def whole_classes(say: Say, quick: bool) -> list[Figure]:
    """Decide, rate, and add a text with chance 1/4, learner after learner, keeping every decision's exact chance."""
    learners = 200 if quick else 1_000
    say(f"A class of {learners:,} learners")
    ours = median_time(partial(_our_class, learners), seconds=2.0)
    floor = median_time(partial(_plain_class, learners), seconds=2.0)
    rows = []
    for name, run, aim in (("MABWiser 2.7", _mabwiser_class, 12), ("river 0.26", _river_class, 3)):
        theirs = median_time(partial(run, learners), seconds=0.1)
        note = f"theirs store no chance; plain NumPy sums, draw and argmax, no chance: {1e3 * floor:.0f} ms"
        size = f"{learners:,} learners"
        rows.append(_faster("decide + rate + grow, chance kept", name, size, ours, theirs, theirs / ours, aim, note))
    return rows


def regrets(say: Say, quick: bool) -> list[Figure]:
    """Regret per learner in rating points, of the same simulated classes, beside two published policies."""
    rows = []
    for setting in _settings(quick):
        name = _name(setting)
        say(f"Regret: {name}")
        classes = max(20, int((20_000 if quick else 150_000) / (setting.learners * (1 + _cost(setting)))))
        classes = min(classes, 2_000)
        found = {
            way: simulate(setting, classes, np.random.default_rng(2019), belief=belief, exploration=exploration).regret
            for way, (belief, exploration) in WAYS.items()
            if way in {OURS, MOOCLET, FRACTIONAL}
        }
        ours = float(found[OURS].mean())
        error = float(found[OURS].std() / classes**0.5)
        for way, aim in ((MOOCLET, 0.75), (FRACTIONAL, 0.6)):
            peer = float(found[way].mean())
            aimed = setting.learners >= 100
            against = "MOOClet: Beta(19,1), ten tosses" if way == MOOCLET else "fractional Thompson: Beta(1,1)"
            rows.append(
                Figure(
                    ROOM,
                    "regret per learner",
                    against,
                    name,
                    ours,
                    peer,
                    "points",
                    ours / peer,
                    f"<= {aim}x" if aimed else "",
                    ours <= aim * peer if aimed else None,
                    f"{classes:,} classes, standard error {error:.3f}",
                )
            )
    return rows


def intervals(say: Say, quick: bool) -> list[Figure]:
    """Share of 90 % intervals that hold the truth, in adaptive classes under `best_with_floor`."""
    rows = []
    for learners, first, most in ((200, 5, 5), (300, 3, 20), (600, 10, 10)):
        say(f"Intervals: {learners} learners, {most} texts")
        held: dict[str, list[bool]] = {}
        rng = np.random.default_rng(2020)
        for _ in range(4 if quick else 100):
            for name, inside in _adaptive_class(learners, first, most, rng):
                held.setdefault(name, []).append(inside)
        size = f"{learners} learners, {first} to {most} texts"
        for name, inside in held.items():
            share = float(np.mean(inside))
            aim = name != "stabilised mean"
            rows.append(
                Figure(
                    ROOM,
                    f"90 % interval: {name}",
                    "nominal",
                    size,
                    share,
                    0.9,
                    "covered",
                    share,
                    ".87 to .93" if aim else "",
                    0.87 <= share <= 0.93 if aim else None,
                    f"{len(inside)} intervals",
                )
            )
    return rows


def contexts(say: Say, quick: bool) -> list[Figure]:
    """Regret where texts suit struggling learners (4 in 10) and others alike or differently: three ways to believe."""
    rows = []
    for learners, interaction, main in ((300, 0.0, 0.0), (300, 0.0, 0.2), (300, 0.1, 0.0), (1_000, 0.2, 0.1)):
        say(f"Contexts: {learners} learners, interaction {interaction}")
        classes = 30 if quick else 300
        found = {way: _context_class(way, learners, interaction, main, classes) for way in ("plain", "apart", "pooled")}
        note = f"a belief for each context alone: {found['apart']:.3f}; {classes} classes"
        size = f"{learners} learners, 10 texts, SD of the interaction {interaction}, contexts {main} apart"
        ratio = found["pooled"] / found["plain"]
        aim = "<= 1.05x" if interaction == 0 else "< 1x"
        met = ratio <= 1.05 if interaction == 0 else ratio < 1
        rows.append(
            Figure(
                ROOM,
                "regret with contexts",
                "no contexts",
                size,
                found["pooled"],
                found["plain"],
                "points",
                ratio,
                aim,
                met,
                note,
            )
        )
    return rows


def _faster(
    what: str, against: str, size: str, ours: float, peer: float, ratio: float, aim: float, note: str
) -> Figure:
    unit = "us"
    return Figure(
        ROOM, what, against, size, 1e6 * ours, 1e6 * peer, unit, ratio, f">= {aim}x faster", ratio >= aim, note
    )


def _fresh_draw(board: Board, rng: np.random.Generator) -> tuple[int, float]:
    """A draw after a change: what the board remembers of the last answer would flatter it."""
    board.forget()
    return board.draw(rng)


def _rate(board: Board, rng: np.random.Generator) -> None:
    board.rate(int(rng.integers(len(board))), 0.7)


def _mabwiser(size: int) -> tuple[Callable[[], object], Callable[[], object]]:
    from mabwiser.mab import MAB, LearningPolicy

    rng = np.random.default_rng(2016)
    mab = MAB(list(range(size)), LearningPolicy.ThompsonSampling())
    mab.fit(rng.integers(0, size, 9 * size), rng.integers(0, 2, 9 * size))
    return mab.predict, lambda: mab.partial_fit([3], [1])


def _river(size: int) -> tuple[Callable[[], object], Callable[[], object]]:
    from river import bandit, proba

    rng = np.random.default_rng(2016)
    policy = bandit.ThompsonSampling(reward_obj=proba.Beta(), seed=2016)
    for arm, reward in zip(rng.integers(0, size, 9 * size), rng.integers(0, 2, 9 * size), strict=True):
        policy.update(int(arm), int(reward))
    return lambda: policy.pull(range(size)), lambda: policy.update(3, 1)


def _our_class(learners: int) -> list[float]:
    rng, board, kept = np.random.default_rng(1), Board(Pool(Stats.empty(3))), []
    for reward, joins in _events(learners):
        arm, chance = board.draw(rng)
        kept.append(chance)
        board.rate(arm, reward)
        if joins:
            board.add()
    return kept


def _plain_class(learners: int) -> None:
    rng, ab, size = np.random.default_rng(1), np.ones((2, 3 + learners)), 3
    for reward, joins in _events(learners):
        arm = rng.beta(ab[0, :size], ab[1, :size]).argmax()
        ab[:, arm] += reward, 1.0 - reward
        size += joins


def _mabwiser_class(learners: int) -> None:
    from mabwiser.mab import MAB, LearningPolicy

    mab = MAB([0, 1, 2], LearningPolicy.ThompsonSampling())
    mab.fit([0, 1, 2], [1, 1, 1])
    size = 3
    for reward, joins in _events(learners):
        mab.partial_fit([mab.predict()], [int(reward >= 0.5)])
        if joins:
            mab.add_arm(size)
            size += 1


def _river_class(learners: int) -> None:
    from river import bandit, proba

    policy, arms = bandit.ThompsonSampling(reward_obj=proba.Beta(), seed=1), [0, 1, 2]
    for reward, joins in _events(learners):
        policy.update(policy.pull(arms), int(reward >= 0.5))
        if joins:
            arms.append(len(arms))


def _events(learners: int) -> list[tuple[float, bool]]:
    rng = np.random.default_rng(2)
    return list(zip((rng.integers(0, 11, learners) / 10).tolist(), (rng.random(learners) < 0.25).tolist(), strict=True))


def _settings(quick: bool) -> list[Setting]:
    if quick:
        return [Setting(100, GROWING), Setting(300, 10), Setting(100, GROWING, delay=30)]
    sizes, caps = (30, 100, 300, 1_000), (GROWING, 10, 20)
    settings = [Setting(n, cap, delay=delay) for delay in (0, 30) for n in sizes for cap in caps]
    settings += [Setting(n, cap, noise=noise) for noise in (0.12, 0.35) for n in (100, 1_000) for cap in (GROWING, 10)]
    return settings + [Setting(1_000, cap, quality=(3.0, 3.0)) for cap in (10, 20)]


def _cost(setting: Setting) -> float:
    """Of a class of this kind, about, in learners of a small pool: growing pools are longer to draw from."""
    return 0.0 if setting.most_arms < GROWING else setting.learners / 60


def _name(setting: Setting) -> str:
    texts = "growing" if setting.most_arms == GROWING else f"{setting.most_arms} texts"
    parts = [f"N = {setting.learners:,}", texts]
    parts += [f"delay {setting.delay}"] if setting.delay else []
    parts += [f"rating SD {10 * setting.noise:.1f}"] if setting.noise != 0.26 else []
    parts += ["quality Beta(3, 3)"] if setting.quality == (3.0, 3.0) else []
    return ", ".join(parts)


def _adaptive_class(learners: int, first: int, most: int, rng: np.random.Generator) -> list[tuple[str, bool]]:
    """One class; the truth is inside: (name, yes or no) of every interval that was given."""
    means, size, ratings = rng.beta(6.0, 4.0, most), first, Stats.empty(most)
    chance, arms, rewards = np.zeros((learners, most)), np.zeros(learners, dtype=np.intp), np.zeros(learners)
    for t in range(learners):
        here = Stats(ratings.count[:size], ratings.total[:size], ratings.squares[:size])
        p = chances("best_with_floor", Pool(here), np.ones(size, dtype=np.bool_))
        arm = int(rng.choice(size, p=p / p.sum()))
        a, b = rating_shape(means[arm], 0.26)
        chance[t, :size], arms[t], rewards[t] = p, arm, round(10.0 * rng.beta(a, b)) / 10.0
        ratings = ratings.rated(arm, rewards[t])
        size += size < most and rng.random() < 0.25
    log = Log(arms, chance, rewards)
    low, high = believe(Pool(ratings)).interval()
    inside = [("belief", bool(low[k] <= means[k] <= high[k])) for k in range(size)]
    for name, estimate in (("doubly robust mean", doubly_robust_mean), ("stabilised mean", stabilised_mean)):
        found = [estimate(log, k) for k in range(size)]
        inside += [(name, f.low <= means[k] <= f.high) for k, f in enumerate(found) if isinstance(f, Estimate)]
    evenly = (chance > 0) / (chance > 0).sum(axis=1, keepdims=True)
    value = policy_value(log, evenly)
    if isinstance(value, Estimate):
        inside.append(("value of showing all equally", value.low <= float((evenly @ means).mean()) <= value.high))
    return inside


def _context_class(way: str, learners: int, interaction: float, main: float, classes: int) -> float:
    world, chance = np.random.default_rng(2021).spawn(2)
    base = world.beta(6.0, 4.0, (classes, 1, 10)) + world.normal(0.0, interaction, (classes, 2, 10))
    means = np.clip(base + np.array([[-main / 2], [main / 2]]), 0.03, 0.97)
    sums, rows, regret = np.zeros((3, classes, 2, 10)), np.arange(classes), np.zeros(classes)
    for _ in range(learners):
        context = (world.random(classes) >= 0.4).astype(np.intp)
        if way == "plain":
            ratings = Stats(*sums.sum(axis=2))
        elif way == "apart":
            ratings = Stats(*sums[:, rows, context])
        else:
            known = pooled(Stats(*sums))
            ratings = Stats(*(part[rows, context] for part in (known.count, known.total, known.squares)))
        held = believe(Pool(ratings))
        a, b = explored(held.a, held.b, ratings.count, ratings.count.mean(axis=1, keepdims=True))
        arm = chance.beta(a, b).argmax(axis=1)
        truth = means[rows, context, arm]
        regret += means[rows, context].max(axis=1) - truth
        reward = np.round(10.0 * chance.beta(*rating_shape(truth, 0.26))) / 10.0
        sums[:, rows, context, arm] += (np.ones(classes), reward, reward**2)
    return float(10.0 * regret.mean() / learners)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller samples, half a minute")
    parser.add_argument("--only", choices=[part.__name__ for part in _PARTS], help="one part")
    arguments = parser.parse_args()
    part = next((part for part in _PARTS if part.__name__ == arguments.only), None)
    show(part(print, arguments.quick) if part else figures(print, quick=arguments.quick))


_PARTS = (decisions, exactness, whole_classes, regrets, intervals, contexts)


if __name__ == "__main__":
    main()
