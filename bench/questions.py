"""What an order of questions makes of true interest: simulated classes under each way to order a wall.

python -m bench.questions [--quick]    all figures (about five minutes); core/selection/README.md has the table
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from bench.figures import Figure, show
from core.selection.simulated_walls import ORDERS, Course, Judged, simulate

ROOM = "selection"
COURSES = {
    "60 questions of 200 people, six weeks": Course(),
    "the same, interest halves in two weeks": Course(fades=14.0),
    "the same, people read further down (η = .5)": Course(bias=0.5),
    "25 questions of 40 people": Course(people=40, questions=25),
    "150 questions of 500 people": Course(people=500, questions=150, visits=8.0),
    "a lecture: 40 questions of 300 people, 90 minutes": Course(
        people=300, questions=40, days=1.0 / 16.0, visits=6.0, fades=1.0 / 48.0
    ),
}
PEERS = ("plain votes", "Reddit's best (Wilson)", "newest", "by chance")


def figures(say: Callable[[str], None], *, quick: bool = False) -> list[Figure]:
    """Rank correlation with true interest, ours beside each peer's; the note has age bias and the top five."""
    classes = 3 if quick else 24
    rows = []
    for name, course in list(COURSES.items())[: 2 if quick else None]:
        say(name)
        found = {order: _mean(course, order, classes) for order in ORDERS}
        for ours in ("ours", "ours, from votes alone"):
            for peer in PEERS:
                mine, theirs = found[ours], found[peer]
                rows.append(
                    Figure(
                        ROOM,
                        f"order of questions, rank correlation with interest: {ours}",
                        peer,
                        f"{name}; {classes} classes",
                        mine.correlation,
                        theirs.correlation,
                        "ρ",
                        mine.correlation - theirs.correlation,
                        "> 0",
                        mine.correlation > theirs.correlation,
                        f"age bias {mine.age_bias:+.2f}, theirs {theirs.age_bias:+.2f}; "
                        f"top five {mine.top:.2f} of the best, theirs {theirs.top:.2f}",
                    )
                )
    return rows


def _mean(course: Course, order: str, classes: int) -> Judged:
    found = [simulate(course, ORDERS[order], np.random.default_rng(seed)) for seed in range(classes)]
    return Judged(
        *(float(np.mean([getattr(one, field) for one in found])) for field in ("correlation", "age_bias", "top"))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    show(figures(print, quick=parser.parse_args().quick))


if __name__ == "__main__":
    main()
