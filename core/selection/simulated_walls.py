"""Simulated walls of questions: what an order makes of true interest, when people see the top of the page most.

Questions arrive over time; people come back again and again. Who comes gets the `page` questions that are on top at
that moment and reads down them: one in place i (from 0) is read with probability (i + 1)^-η, the position bias of
Joachims, Swaminathan and Schnabel ("Unbiased learning-to-rank with biased feedback", WSDM 2017). A person has a
question too with probability p_q, its interest, which may fade with its age; who reads one that they have too votes for
it, once. All that an order is told is ages, votes, who had a question on their page, and who voted for younger ones.

An order is judged at several times: ρ, Spearman's correlation of its places with the present interest of all questions;
its age bias, the correlation of age with what interest does not explain of the places (the residuals of a line through
the ranks), positive where old questions stand too high; and how interesting the five on top are, as a share of what the
best five would be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from core.selection.ranking import QUANTILE, WARY, half_life, question_scores, seen_at_least

Array = NDArray[np.float64]

TOP = 5
STEPS = 8  # visits from one ordering to the next
_Z = 1.2815515655446004  # of the 80 % interval whose lower end Reddit calls "best"


@dataclass(frozen=True, slots=True, eq=False)
class Wall:
    """What is known of the questions asked so far, each (Q,), oldest first; `later`: `ranking.seen_at_least`."""

    ages: Array
    votes: Array
    seen: Array
    later: Array


Order = Callable[[Wall, np.random.Generator], Array]  # the highest comes first


def ours(wall: Wall, rng: np.random.Generator) -> Array:
    """`core.selection.ranking`, where nothing is answered yet."""
    del rng
    return _ours(wall, wall.seen, QUANTILE)


def ours_by_votes(wall: Wall, rng: np.random.Generator) -> Array:
    """The same where it is not kept who saw what."""
    del rng
    return _ours(wall, wall.later, WARY)


def votes(wall: Wall, rng: np.random.Generator) -> Array:
    """Most votes first; of equal ones by chance."""
    return wall.votes + rng.uniform(0.0, 0.5, wall.votes.size)


def wilson(wall: Wall, rng: np.random.Generator) -> Array:
    """Reddit's "best": the lower end of Wilson's 80 % interval, with who saw it and did not vote as down-votes."""
    n = np.maximum(wall.seen, 1e-9)
    share, half = wall.votes / n, _Z**2 / (2.0 * n)
    lower = (share + half - _Z * np.sqrt(share * (1.0 - share) / n + (half / _Z) ** 2)) / (1.0 + 2.0 * half)
    return lower + rng.uniform(0.0, 1e-9, n.size)


def newest(wall: Wall, rng: np.random.Generator) -> Array:
    """The youngest first."""
    del rng
    return -wall.ages


def by_chance(wall: Wall, rng: np.random.Generator) -> Array:
    """Another order each time."""
    return rng.random(wall.ages.size)


ORDERS: dict[str, Order] = {
    "ours": ours,
    "ours, from votes alone": ours_by_votes,
    "plain votes": votes,
    "Reddit's best (Wilson)": wilson,
    "newest": newest,
    "by chance": by_chance,
}


@dataclass(frozen=True, slots=True)
class Course:
    """A class and its questions; `days` may be any unit of time."""

    people: int = 200
    questions: int = 60
    days: float = 42.0
    visits: float = 12.0  # of a person, on average
    page: int = 20
    bias: float = 1.0  # η
    interest: tuple[float, float] = (0.8, 4.0)  # p_q ~ Beta
    fades: float = np.inf  # half-life of the interest itself


@dataclass(frozen=True, slots=True)
class Judged:
    """ρ, age bias and share of the best five's interest (module docstring)."""

    correlation: float
    age_bias: float
    top: float


def simulate(course: Course, order: Order, rng: np.random.Generator, times: int = 4) -> Judged:
    """One class under one order: means over `times` judgements in its second half."""
    size = (course.people, course.questions)
    asked = np.sort(rng.uniform(0.0, course.days, course.questions))
    interest = rng.beta(*course.interest, course.questions)
    threshold = rng.random(size)  # a person has a question too while its interest is above
    comes = rng.choice(course.people, int(course.people * course.visits), p=rng.dirichlet(np.ones(course.people)))
    when = np.sort(rng.uniform(asked[0], course.days, comes.size))
    seen, read, voted = (np.zeros(size, dtype=np.bool_) for _ in range(3))
    judged: list[Judged] = []
    due = np.linspace(course.days / 2.0, course.days, times, endpoint=False)
    for start in range(0, comes.size, STEPS):
        now = when[start]
        known = int(np.searchsorted(asked, now, side="right"))
        ages = now - asked[:known]
        scores = order(_wall(ages, seen[:, :known], voted[:, :known]), rng)
        present = interest[:known] * np.exp2(-ages / course.fades)
        if len(judged) < times and now >= due[len(judged)]:
            judged.append(judge(scores, present, ages))
        shown = np.argsort(-scores, kind="stable")[: course.page]
        reading = (np.arange(shown.size) + 1.0) ** -course.bias
        for person in comes[start : start + STEPS]:
            seen[person, shown] = True
            reads = shown[rng.random(shown.size) < reading]
            voted[person, reads] |= ~read[person, reads] & (threshold[person, reads] < present[reads])
            read[person, reads] = True
    return Judged(*np.mean([astuple(one) for one in judged], axis=0).tolist())


def judge(scores: Array, interest: Array, ages: Array) -> Judged:
    """An order of questions, by their scores, beside their present interest, each (Q,) with Q > 1."""
    place, truth, age = (rankdata(values) - (values.size + 1) / 2.0 for values in (scores, interest, ages))
    unexplained = place - truth * (place @ truth) / (truth @ truth)
    best = np.sort(interest)[-TOP:].sum()
    top = interest[np.argsort(-scores, kind="stable")[:TOP]].sum() / best
    return Judged(_cosine(place, truth), _cosine(unexplained, age), float(top))


def _wall(ages: Array, seen: NDArray[np.bool_], voted: NDArray[np.bool_]) -> Wall:
    youngest = [int(np.flatnonzero(row)[-1]) for row in voted if row.any()]
    later = seen_at_least(youngest, np.arange(ages.size))
    return Wall(ages, voted.sum(axis=0, dtype=np.float64), seen.sum(axis=0, dtype=np.float64), later)


def _ours(wall: Wall, seen: Array, quantile: float) -> Array:
    unanswered = np.ones(wall.ages.size)
    return question_scores(wall.votes, seen, wall.ages, unanswered, half_life(wall.ages), quantile)


def _cosine(one: Array, other: Array) -> float:
    """0 where one of them does not vary (but for rounding)."""
    size = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / size if size > 1e-9 else 0.0
