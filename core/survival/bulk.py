"""Table 1 for whole logs at once: the same numbers as `person.advance` and `features.features`, row by row.

Counts of a person before each row are running sums less their value at the person's first row; counts in a category
are the same after a stable sort by person and category. All are sums of whole numbers, hence exact in any order.

What is known about tasks comes from everybody, so `history` needs the log in the order of time. It is computed first,
for all rows (a few columns); the wide matrix then comes in pieces of some people each (`chunks`), which is how 10^7
rows fit into a small machine.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.survival import features
from core.survival.features import Moments
from core.survival.log import Flags, Floats, Ints, Log, Outcome, Rows
from core.survival.records import Counts, Facts, average_seconds, history, increments


def matrix(log: Log, known: Facts | None = None) -> Floats:
    """Features of every row's moment of decision, (R, F).

    `known` is what was known about each row's task when it was shown, (R,); left out, it is `history(log)`: only what
    earlier rows say. To judge a row by the records of another log, pass `facts(...)[log.task]`.
    """
    return features.matrix(moments(log, history(log) if known is None else known), len(log))


def chunks(log: Log, rows: int = 100_000, known: Facts | None = None) -> Iterator[tuple[Floats, Flags]]:
    """Features and labels, (M, F) and (M,), of a few people at a time: about `rows` rows, at least one person."""
    facts = history(log) if known is None else known
    for part in pieces(log, rows):
        some = log.rows(part)
        yield features.matrix(moments(some, facts[part]), len(some)), some.stayed


def pieces(log: Log, rows: int = 100_000) -> Iterator[slice]:
    """Slices of whole people, in order, of about `rows` rows each."""
    ends = np.append(log.starts[1:], len(log))
    begin = 0
    while begin < len(log):
        end = int(ends[min(int(np.searchsorted(ends, begin + rows)), len(ends) - 1)])
        yield slice(begin, end)
        begin = end


def moments(log: Log, known: Facts) -> Moments:
    """What Table 1 needs at each row: before it where tasks are offered, after it where they are not (see `log`)."""
    _, done, right, wrong, skipped, milliseconds, timed = increments(log)
    after = not log.offered
    starts = _starts_of_rows(log)
    sums = {}
    for name, one in {
        "done": done,
        "right": right,
        "wrong": wrong,
        "skipped": skipped,
        "ms": milliseconds,
        "timed": timed,
    }.items():
        sums[name] = _within(one, starts, after=after)
    last = _last_done(log.outcome != Outcome.LEFT, starts, after=after)
    follows = last >= 0
    offered = log.offered

    def previous(column: NDArray[np.generic]) -> NDArray[np.generic]:
        """The column's value at the previous task; 0 where there is none."""
        return np.where(follows, column[last], np.zeros(1, column.dtype))

    def same(column: Ints) -> Flags | bool:
        return follows & (column[last] == column) if offered else False

    def tally(column: Ints) -> tuple[Counts, ...] | tuple[int, ...]:
        return _tallies(log.person, column, (done, right, skipped)) if offered else (0, 0, 0)

    return Moments(
        remaining=log.remaining,
        done=sums["done"],
        right=sums["right"],
        wrong=sums["wrong"],
        skipped=sums["skipped"],
        seconds=average_seconds(sums["ms"], sums["timed"]),
        category=tally(log.category),
        subcategory=tally(log.subcategory),
        subject=tally(log.subject),
        facts=known if offered else None,
        follows=follows,
        previous_difficulty=previous(known.difficulty),
        previous_popularity=previous(known.popularity),
        previous_hard=previous(known.hard),
        previous_popular=previous(known.popular),
        previous_avoided=previous(known.avoided),
        previous_right=previous(right),
        previous_skipped=previous(skipped),
        same_category=same(log.category),
        same_subcategory=same(log.subcategory),
        same_subject=same(log.subject),
    )


def _starts_of_rows(log: Log) -> Rows:
    """The first row of each row's person, (R,)."""
    starts = log.starts
    return np.repeat(starts, np.diff(np.append(starts, len(log))))


def _within(steps: NDArray[np.int64] | Flags, starts: Rows, *, after: bool) -> Counts:
    """Sum of a person's steps before (or up to and with) each row, (R,)."""
    step = steps.astype(np.int64)
    total = np.cumsum(step) - step
    total -= total[starts]
    return total + step if after else total


def _last_done(done: Flags, starts: Rows, *, after: bool) -> Rows:
    """The row of the person's previous task that was not left, (R,); -1 where there is none."""
    place = np.arange(len(done))
    last = np.maximum.accumulate(np.where(done, place, -1)) if len(done) else place
    if not after:
        last = np.append(np.full(min(1, len(done)), -1), last[:-1])
    return np.where(last >= starts, last, -1)


def _tallies(person: Ints, key: Ints, steps: tuple[NDArray[np.int64] | Flags, ...]) -> tuple[Counts, ...]:
    """Sums of the person's steps at earlier rows with the same key, (R,) each."""
    order = np.lexsort((key, person))  # stable, so that rows of one person and key stay in the order of time
    who, what = person[order], key[order]
    if not len(order):
        return tuple(np.zeros(0, dtype=np.int64) for _ in steps)
    first = np.append(True, (who[1:] != who[:-1]) | (what[1:] != what[:-1]))
    starts = np.flatnonzero(first)
    starts = np.repeat(starts, np.diff(np.append(starts, len(order))))
    results = []
    for one in steps:
        total = np.empty(len(order), dtype=np.int64)
        total[order] = _within(one[order], starts, after=False)
        results.append(total)
    return tuple(results)
