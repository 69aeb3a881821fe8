"""What everybody's answers say about each task: the counts behind the group "Question" of Table 1 (Kobren et al. 2015).

How Freebase's and Quizz's notions are read in a course:

popularity   log(1 + how often the task was shown). A course has no Freebase; how many people came by is its nearest
             kin. Unlike Freebase's, this popularity grows, and depends on what was chosen to be shown.
difficulty   (wrong + 1) / (right + wrong + 2): the share of judged answers that were wrong, with one of either kind
             added, so that a first answer does not make a task impossible or trivial.
% correct    right / done, % skipped = skipped / done, where done = answered or skipped; 0 where nobody did it.
ART          average response time [s] of those who did it and were timed; nan where nobody was.
averages     over the tasks shown at least once, each counting once. Without any, nothing is above average.

Times are kept in whole milliseconds, so that sums are exact in any order.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.survival.log import Flags, Floats, Log, Outcome

Counts = NDArray[np.int64]

_ROUNDING = 1e-9  # tasks that are all alike are not above their average, in whatever order it was summed


@dataclass(frozen=True, slots=True)
class Record:
    """What the log says about one task up to now."""

    shown: int = 0
    done: int = 0
    right: int = 0
    wrong: int = 0
    skipped: int = 0
    milliseconds: int = 0
    timed: int = 0

    def after(self, outcome: Outcome, seconds: float = np.nan) -> Record:
        """This record with one more showing of the task."""
        left, known = outcome is Outcome.LEFT, not np.isnan(seconds)
        timed = known and not left
        return Record(
            self.shown + 1,
            self.done + (not left),
            self.right + (outcome is Outcome.RIGHT),
            self.wrong + (outcome is Outcome.WRONG),
            self.skipped + (outcome is Outcome.SKIPPED),
            self.milliseconds + (milliseconds(seconds) if timed else 0),
            self.timed + timed,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Records of T tasks; each column has shape (T,)."""

    shown: Counts
    done: Counts
    right: Counts
    wrong: Counts
    skipped: Counts
    milliseconds: Counts
    timed: Counts

    @classmethod
    def of(cls, records: list[Record]) -> Self:
        """Columns from single records."""
        names = [one.name for one in fields(cls)]
        return cls(*(np.array([getattr(one, name) for one in records], dtype=np.int64) for name in names))

    @classmethod
    def counted(cls, log: Log, size: int) -> Self:
        """Records of the tasks 0 to size - 1 after a whole log."""
        return cls(*(np.bincount(log.task, one, minlength=size).astype(np.int64) for one in increments(log)))


@dataclass(frozen=True, slots=True)
class Averages:
    """Sums of difficulty, popularity and share skipped over the tasks shown at least once."""

    tasks: int = 0
    difficulty: float = 0.0
    popularity: float = 0.0
    skipped: float = 0.0

    def replaced(self, old: Record, new: Record) -> Averages:
        """These sums after one task's record has changed."""
        before = measures(old.shown, old.done, old.right, old.wrong, old.skipped)
        after = measures(new.shown, new.done, new.right, new.wrong, new.skipped)
        counted = old.shown > 0
        return Averages(
            self.tasks + (not counted),
            *(
                total + float(b - a if counted else b)
                for total, a, b in zip((self.difficulty, self.popularity, self.skipped), before, after, strict=True)
            ),
        )

    @classmethod
    def over(cls, records: Records) -> Averages:
        """Sums over all tasks of some records."""
        shown = records.shown > 0
        values = measures(records.shown, records.done, records.right, records.wrong, records.skipped)
        return cls(int(shown.sum()), *(float(np.asarray(one)[shown].sum()) for one in values))


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What Table 1 asks about tasks; arrays of one shape. `hard`, `popular`, `avoided`: above all tasks' average."""

    difficulty: Floats
    right: Floats  # share
    skipped: Floats  # share
    popularity: Floats  # log(1 + shown)
    seconds: Floats  # ART; nan: nobody was timed
    hard: Flags
    popular: Flags
    avoided: Flags

    def __getitem__(self, chosen: object) -> Facts:
        return Facts(*(getattr(self, one.name)[chosen] for one in fields(self)))


def facts(records: Records | Record, averages: Averages) -> Facts:
    """Facts of tasks from their records: (T,) arrays, or () for a single record."""
    values = measures(records.shown, records.done, records.right, records.wrong, records.skipped)
    means = [
        total / averages.tasks if averages.tasks else np.inf
        for total in (averages.difficulty, averages.popularity, averages.skipped)
    ]
    return _facts(values, records, means)


def history(log: Log) -> Facts:
    """Facts of each row's task as they were known just before the row, (R,).

    Before means: by rows with an earlier `at`, or an equal one and further up. Nothing from a row's future enters it,
    so a model fitted with these can be judged by time. O(R log R).
    """
    time = np.argsort(log.at, kind="stable")
    by_task = time[np.argsort(log.task[time], kind="stable")]
    first = np.append(True, np.diff(log.task[by_task]) != 0) if len(log) else np.zeros(0, np.bool_)
    place = np.flatnonzero(first)
    sizes = np.diff(np.append(place, len(log)))
    before: list[Counts] = []
    after: list[Counts] = []
    for one in increments(log):
        extra = one.astype(np.int64)
        step = extra[by_task]
        total = np.cumsum(step) - step
        total -= np.repeat(total[place], sizes)
        known = np.empty_like(total)
        known[by_task] = total
        before.append(known)
        after.append(known + extra)
    old, new = Records(*before), Records(*after)
    values = measures(old.shown, old.done, old.right, old.wrong, old.skipped)
    later = measures(new.shown, new.done, new.right, new.wrong, new.skipped)
    fresh = old.shown == 0
    tasks = _running(np.where(fresh, 1.0, 0.0), time)
    means = []
    for a, b in zip(values, later, strict=True):
        total_so_far = _running(np.where(fresh, b, b - a), time)
        means.append(np.divide(total_so_far, tasks, out=np.full(len(log), np.inf), where=tasks > 0))
    return _facts(values, old, means)


def measures(
    shown: Counts | int, done: Counts | int, right: Counts | int, wrong: Counts | int, skipped: Counts | int
) -> tuple[Floats, Floats, Floats]:
    """Difficulty, popularity and share skipped (module docstring), elementwise."""
    return (
        np.asarray((wrong + 1) / (right + wrong + 2)),
        np.log1p(shown),
        np.asarray(skipped / np.maximum(done, 1)),
    )


def increments(log: Log) -> tuple[NDArray[np.int64] | Flags, ...]:
    """What each row adds to the columns of its task's record, in their order; each (R,)."""
    done = log.outcome != Outcome.LEFT
    timed = done & ~np.isnan(log.seconds)
    return (
        np.ones(len(log), np.bool_),
        done,
        log.outcome == Outcome.RIGHT,
        log.outcome == Outcome.WRONG,
        log.outcome == Outcome.SKIPPED,
        np.rint(np.where(timed, log.seconds, 0.0) * 1000.0).astype(np.int64),
        timed,
    )


def milliseconds(seconds: float) -> int:
    """Whole milliseconds."""
    return int(np.rint(seconds * 1000.0))


def average_seconds(total: Counts | int, timed: Counts | int) -> Floats:
    """Average response time [s] of `timed` answers that took `total` milliseconds; nan where there is none."""
    return np.where(np.asarray(timed) > 0, np.asarray(total) / np.maximum(timed, 1) / 1000.0, np.nan)


def _facts(
    values: tuple[Floats, Floats, Floats], records: Records | Record, means: list[Floats] | list[float]
) -> Facts:
    difficulty, popularity, skipped = values
    return Facts(
        difficulty,
        np.asarray(records.right / np.maximum(records.done, 1)),
        skipped,
        popularity,
        average_seconds(records.milliseconds, records.timed),
        difficulty > means[0] + _ROUNDING,
        popularity > means[1] + _ROUNDING,
        skipped > means[2] + _ROUNDING,
    )


def _running(steps: Floats, time: NDArray[np.intp]) -> Floats:
    """Sum of the steps of all rows before each, in the order `time`."""
    total = np.empty_like(steps)
    total[time] = np.concatenate(([0.0], np.cumsum(steps[time])[:-1])) if len(steps) else steps
    return total
