"""One person, T tasks, in a few passes over T: what a decision costs while somebody waits.

A linear score β + w·x (LA, LM, one index of LS, FQ) of Table 1's features is a sum of

- a number of the person's own (groups Quiz, User, and the previous task's features),
- a number of the task's own, prepared once for each of the eight ways in which the previous task can be above average
  (the "curr. & prev." crosses vanish into it),
- a number looked up by the task's category, one by its subcategory, one by its subject (what the person did there,
  whether the previous task was there), one by its popularity (more than the previous task's?) and one by its response
  time (more than the person's?).

The five tables stand one behind the other in one vector, filled for the person; a task's score is the sum at its five
places. Many tasks share category, subcategory and popularity: where that pays, these three are summed once for each
such cell. So T tasks cost a few vector operations, in blocks that stay in the cache, instead of T times F products. The
scores equal `features.features` times w but for rounding. Sums are of halves, which is what tanh wants: see
`logistic.chance`.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.survival.features import COLUMN, FEATURES, SLOWEST, Tasks
from core.survival.log import Floats, Rows
from core.survival.person import Person

_BLOCK = 16_384  # tasks; with four columns half a megabyte


class Linear(Protocol):
    """Anything with weights (F,) for FEATURES and an intercept."""

    @property
    def weights(self) -> Floats: ...
    @property
    def intercept(self) -> float: ...


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A model and the tasks it will be asked about. O(T log T); good until a weight or a task's facts change."""

    base: Floats  # (8, T)
    index: Rows  # (5, T), or (3, C) if there are cells: places in the vector of tables
    cell: Rows | None  # (T,)
    rest: Rows  # (2, T), if there are cells: subject, response time
    categories: Mapping[int, int]  # category -> its place in the vector, and so on
    subcategories: Mapping[int, int]
    subjects: Mapping[int, int]
    popularity: Levels
    seconds: Levels
    size: int  # of the vector
    weight: tuple[float, ...]  # (F,), halved, as are `base` and the intercept
    intercept: float

    def __len__(self) -> int:
        return int(self.base.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """The distinct values of a column in order, and the place of the first of them in the vector."""

    values: list[float]
    first: int

    def above(self, value: float) -> slice:
        """The places of the values above `value`."""
        return slice(self.first + bisect_right(self.values, value), self.first + len(self.values))


def prepared(model: Linear, tasks: Tasks) -> Prepared:
    """Everything about the tasks' scores that no person changes."""
    if len(model.weights) != len(FEATURES):
        raise ValueError(f"Tasks are scored by the {len(FEATURES)} features of Table 1, not by {len(model.weights)}.")
    weights = 0.5 * model.weights
    facts, w = tasks.facts, {name: float(weights[place]) for name, place in COLUMN.items()}
    own = (
        w["difficulty"] * facts.difficulty
        + w["% correct answers (all users)"] * facts.right
        + w["% skipped (all users)"] * facts.skipped
        + w["log(popularity)"] * facts.popularity
        + w["difficulty > avg. difficulty?"] * facts.hard
        + w["popularity > avg. popularity?"] * facts.popular
        + w["% skipped > avg. % skipped?"] * facts.avoided
        + _of_seconds(facts.seconds, weights, "question")
    )
    base = np.empty((8, len(tasks)))
    for way in range(8):
        base[way] = (
            own
            + w["curr. & prev. popularity > avg. popularity?"] * (facts.popular & bool(way & 1))
            + w["curr. & prev. difficulty > avg. difficulty?"] * (facts.hard & bool(way & 2))
            + w["curr. & prev. % skipped > avg. % skipped?"] * (facts.avoided & bool(way & 4))
        )
    size, places, index = 0, [], []
    for keys in (
        tasks.category,
        tasks.subcategory,
        facts.popularity,
        tasks.subject,
        np.nan_to_num(facts.seconds, nan=-1.0),
    ):
        values, place = np.unique(keys, return_inverse=True)
        index.append(place.reshape(-1) + size)
        places.append((values.tolist(), size))
        size += len(values)
    rows = np.stack(index)
    cell, first = _cells(rows[:3])
    few = 2 * len(first) > len(tasks)
    maps = [{key: first + place for place, key in enumerate(values)} for values, first in places]
    return Prepared(
        base,
        rows if few else rows[:3, first],
        None if few else cell,
        rows[3:],
        maps[0],
        maps[1],
        maps[3],
        Levels(*places[2]),
        Levels(*places[4]),
        size,
        tuple(weights.tolist()),
        0.5 * float(model.intercept),
    )


def scores(ready: Prepared, person: Person, remaining: int = 0) -> Floats:
    """β + w·x of one person before each task, (T,)."""
    half = _half(ready, person, remaining)
    half *= 2.0
    return half


def chances(ready: Prepared, person: Person, remaining: int = 0) -> Floats:
    """Chance that the person stays if shown each task, (T,); for a logistic model."""
    half = _half(ready, person, remaining)
    for begin in range(0, len(half), _BLOCK):
        part = half if len(half) <= _BLOCK else half[begin : begin + _BLOCK]
        np.tanh(part, out=part)
        part += 1.0
        part *= 0.5
    return half


def _half(ready: Prepared, person: Person, remaining: int) -> Floats:
    """Half the scores, (T,)."""
    last = person.previous
    base = ready.base[0 if last is None else last.popular + 2 * last.hard + 4 * last.avoided]
    tables = _tables(ready, person)
    sums: Floats = np.add.reduce(tables[ready.index])
    sums += _own(ready, person, remaining)
    if ready.cell is None:
        sums += base
        return sums
    score = np.empty(len(base))
    slower = ready.seconds.above(person.average_seconds).start if person.timed else ready.size
    for begin in range(0, len(base), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        part = sums[ready.cell[block]]
        part += base[block]
        part += tables[ready.rest[0, block]]
        part += (ready.rest[1, block] >= slower) * ready.weight[_SLOWER]
        score[block] = part
    return score


def _tables(ready: Prepared, person: Person) -> Floats:
    """What the person adds at each place of the vector."""
    w, last, value = ready.weight, person.previous, np.zeros(ready.size)
    for places, table, first in (
        (ready.categories, person.categories, _CATEGORY),
        (ready.subcategories, person.subcategories, _SUBCATEGORY),
        (ready.subjects, person.subjects, _SUBJECT),
    ):
        correct, skip = w[first], w[first + 1]
        for key, (done, right, skipped) in table.items():
            place = places.get(key)
            if place is not None:
                value[place] = (correct * right + skip * skipped) / done
    if last is not None:
        if last.category in ready.categories:
            value[ready.categories[last.category]] += w[_SAME_CATEGORY] + w[_SAME_CATEGORY_RIGHT] * last.right
        if last.subcategory in ready.subcategories:
            value[ready.subcategories[last.subcategory]] += (
                w[_SAME_SUBCATEGORY] + w[_SAME_SUBCATEGORY_RIGHT] * last.right
            )
        if last.subject in ready.subjects:
            value[ready.subjects[last.subject]] += w[_SAME_SUBJECT]
        value[ready.popularity.above(last.popularity)] = w[_MORE_POPULAR]
    if person.timed and ready.cell is None:  # with cells the level itself is compared: there are many of them
        value[ready.seconds.above(person.average_seconds)] = w[_SLOWER]
    return value


def _own(ready: Prepared, person: Person, remaining: int) -> float:
    """The part of the score that is the same for all tasks."""
    w, last = ready.weight, person.previous
    done, right, wrong, skipped = person.done or 1, person.right, person.wrong, person.skipped
    total = ready.intercept + (w[_QUIZ + remaining - 1] if 1 <= remaining <= 10 else 0.0)
    total += right * (w[_USER] + w[_USER + 1] / done + w[_USER + 6] / (wrong or 1))
    total += skipped * (w[_USER + 2] + w[_USER + 3] / done + w[_USER + 7] / (right or 1))
    total += wrong * (w[_USER + 4] + w[_USER + 5] / done + w[_USER + 8] / (right or 1))
    if person.timed:
        seconds = person.average_seconds
        total += w[_USER + 9] * math.log(max(seconds, 1e-3)) + w[_USER + 10 + bisect_left(SLOWEST, seconds)]
    if last is not None:
        total += w[_PREVIOUS] * last.difficulty + w[_PREVIOUS + 2] * last.popularity
        total += w[_PREVIOUS + 1] * last.hard + w[_PREVIOUS + 3] * last.popular
        total += w[_PREVIOUS + 4] * last.right + w[_PREVIOUS + 5] * last.skipped
    return total


def _of_seconds(seconds: Floats, weights: Floats, whose: str) -> Floats:
    """What log(ART) and its seven intervals add, (T,); 0 where ART is nan."""
    known = ~np.isnan(seconds)
    value = np.where(known, seconds, 1.0)
    first = COLUMN[f"{whose}: ART <= 10s?"]
    interval = np.searchsorted(np.array(SLOWEST, dtype=np.float64), value, side="left")
    part = weights[COLUMN[f"log({whose} ART)"]] * np.log(np.maximum(value, 1e-3)) + weights[first + interval]
    return np.where(known, part, 0.0)


def _cells(columns: Rows) -> tuple[Rows, Rows]:
    """The cell of each task, (T,), and one task of each cell, (C,); tasks of a cell are equal in all columns."""
    order = np.lexsort(columns)
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = (columns[:, order[1:]] != columns[:, order[:-1]]).any(axis=0)
    cell = np.empty(len(order), dtype=np.intp)
    cell[order] = np.cumsum(begins) - 1
    return cell, order[begins]


_QUIZ = COLUMN["1 more ques?"]
_USER = COLUMN["# correct answers"]
_CATEGORY = COLUMN["% correct for category"]
_SUBCATEGORY = COLUMN["% correct for subcategory"]
_SUBJECT = COLUMN["% correct for mid"]
_SLOWER = COLUMN["ART > user ART?"]
_PREVIOUS = COLUMN["prev. question difficulty"]
_SAME_CATEGORY_RIGHT = COLUMN["prev. & curr. same category & prev. correct?"]
_SAME_SUBCATEGORY_RIGHT = COLUMN["prev. & curr. same subcategory & prev. correct?"]
_SAME_CATEGORY = COLUMN["prev. & curr. same category?"]
_SAME_SUBCATEGORY = COLUMN["prev. & curr. same subcategory?"]
_SAME_SUBJECT = COLUMN["prev. & curr. same mid?"]
_MORE_POPULAR = COLUMN["curr. popularity > prev. popularity?"]
