"""What a class's ratings tell of its items: the model beside the mean and the median, its intervals, and a ring.

python -m bench.items [--quick]    all figures (about two minutes); core/crowd/README.md has the table
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

import numpy as np
from scipy.stats import spearmanr

from bench.figures import Figure, show
from core.crowd.items import beliefs
from core.crowd.simulated_galleries import Gallery, auc, means, medians, rate

ROOM = "crowd"
RING_WINS = 6  # places of 100, on average: tests/core/crowd/test_items.py holds it
GALLERIES = {
    "100 people, 6 ratings each": Gallery(),
    "100 people, 3 ratings each": Gallery(each=3),
    "100 people, 10 ratings each": Gallery(each=10),
    "25 people, 5 ratings each": Gallery(people=25, each=5),
    "100 people who differ more in leniency": Gallery(lenient=0.25),
    "20 of 100 click anything": Gallery(spam=20),
}
RINGS = {
    "ring of 5 in 100, what is drawn": Gallery(ring=5),
    "the same, skipping as far as is allowed": Gallery(ring=5, skips=9),
    "the same, if people chose what they rate": Gallery(ring=5, picking=True),
}


def figures(say: Callable[[str], None], *, quick: bool = False) -> list[Figure]:
    """Rank correlation with the truth and AUC beside the mean, coverage of 90 % intervals, ranks that a ring wins."""
    seeds = range(5 if quick else 40)
    found = []
    for name, gallery in GALLERIES.items():
        say(name)
        worlds = [rate(gallery, np.random.default_rng(seed)) for seed in seeds]
        fits = [beliefs(world.ratings) for world in worlds]
        for score, by in (("mean", means), ("median", medians)):
            ours = _mean(spearmanr(w.truth, fit.mean)[0] for w, fit in zip(worlds, fits, strict=True))
            theirs = _mean(spearmanr(w.truth, by(w.ratings))[0] for w in worlds)
            found.append(_figure("rank correlation with the truth", score, name, ours, theirs, ours > theirs))
        ours = _mean(auc(w.truth, fit.mean) for w, fit in zip(worlds, fits, strict=True))
        theirs = _mean(auc(w.truth, means(w.ratings)) for w in worlds)
        found.append(_figure("AUC of the better half", "mean", name, ours, theirs, ours > theirs))
        within = []
        for world, fit in zip(worlds, fits, strict=True):
            low, high = fit.interval(0.9)
            within.append(float(((world.truth >= low) & (world.truth <= high)).mean()))
        found.append(_figure("coverage of 90 % intervals", ".90", name, _mean(within), 0.9, None))
    for name, gallery in RINGS.items():
        say(name)
        worlds = [rate(gallery, np.random.default_rng(seed)) for seed in seeds]
        ours = _mean(w.places_won(beliefs(w.ratings).mean, beliefs(w.honest()).mean).mean() for w in worlds)
        theirs = _mean(w.places_won(means(w.ratings), means(w.honest())).mean() for w in worlds)
        tolerance = not (gallery.skips or gallery.picking)
        met = ours <= RING_WINS if tolerance else None
        aim = f"at most {RING_WINS}" if tolerance else ""
        found.append(_figure("places of 100 that the ring's items win", "mean", name, ours, theirs, met, aim))
    return found


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _figure(
    what: str, against: str, name: str, ours: float, peer: float, met: bool | None, aim: str = "above it"
) -> Figure:
    return Figure(ROOM, what, against, name, ours, peer, "", ours / peer, aim if met is not None else "", met)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    show(figures(print, quick=parser.parse_args().quick))


if __name__ == "__main__":
    main()
