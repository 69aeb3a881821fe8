"""What happened, in columns: who was shown which task, when, and what became of it.

A row is one task and one person. Rows of one person stand together and in the order of time. Two kinds of log are
read, told apart by `offered`:

offered      A row is a task *shown*: `stayed` is 1 if the person answered or skipped it, 0 if they left upon seeing it
             (outcome LEFT), as in Kobren et al. (2015), section 3.3. What is predicted is decided *at* the row: from
             the person's state before it, and the task.
not offered  A row is a task *done*; nobody wrote down what was shown to those who left, as in most public logs.
             `stayed` is 1 if another row follows. What is predicted is decided *after* the row: from the person's state
             with it, and no task. (To take the following row's task would give the answer away: only those who
             stayed have one.)

Both are one question: will this person, as they stand now, do one more?
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]

SESSION_GAP = 1800.0  # [s]; after so long a pause a new session begins


class Outcome(IntEnum):
    """What became of a task that a person was shown."""

    RIGHT = 0
    WRONG = 1
    UNJUDGED = 2  # answered, and nothing says whether rightly: an opinion, a text that waits for its review
    SKIPPED = 3
    LEFT = 4  # nothing: the person left upon seeing it


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """R rows. All columns have shape (R,); numbers of people, tasks and so on are any integers.

    `category` is the topmost category of the task, `subcategory` its most special one, `subject` what the task is about
    (where nothing says so, the task itself). `at` [s] is when it was shown, `seconds` how long the person took (nan:
    unknown). `remaining` is how many tasks the person is told are left, with this one (0: they are told nothing).
    Raises ValueError for columns of unequal length, rows out of order and outcomes that there are none of.
    """

    person: Ints
    task: Ints
    category: Ints
    subcategory: Ints
    subject: Ints
    at: Floats
    seconds: Floats
    outcome: NDArray[np.int8]
    session: Ints
    remaining: Ints
    stayed: Flags
    offered: bool = True

    def __post_init__(self) -> None:
        for name, kind in _KINDS.items():
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=kind))
        if len({getattr(self, name).shape for name in _KINDS}) > 1 or self.person.ndim != 1:
            raise ValueError("The columns of a log must be lists of one length.")
        if not ((self.outcome >= 0) & (self.outcome <= max(Outcome))).all():
            raise ValueError(f"An outcome must be one of {', '.join(f'{one:d} ({one.name})' for one in Outcome)}.")
        if not np.isfinite(self.at).all():
            raise ValueError("Every row needs the time at which it happened.")
        if not self.offered and (self.outcome == Outcome.LEFT).any():
            raise ValueError("A log of tasks done (offered=False) cannot hold tasks that somebody left.")
        starts = self.starts
        if len(np.unique(self.person[starts])) < len(starts):
            raise ValueError("The rows of each person must stand together; `arranged` sorts them.")
        backwards = np.diff(self.at) < 0
        backwards[starts[1:] - 1] = False
        if backwards.any():
            raise ValueError("The rows of each person must stand in the order of time; `arranged` sorts them.")

    @classmethod
    def arranged(
        cls,
        *,
        person: ArrayLike,
        task: ArrayLike,
        at: ArrayLike,
        outcome: ArrayLike,
        stayed: ArrayLike | None = None,
        category: ArrayLike = 0,
        subcategory: ArrayLike | None = None,
        subject: ArrayLike | None = None,
        seconds: ArrayLike = np.nan,
        session: ArrayLike | None = None,
        remaining: ArrayLike = 0,
        offered: bool = True,
    ) -> Self:
        """A log from rows in any order, sorted by person and then by time (equal times keep their order).

        Left out: `stayed` follows from the outcome (offered) or from there being a further row (not offered), a
        subcategory is the category, a subject is the task, a session ends with a pause of more than half an hour.
        """
        who, when = np.asarray(person), np.asarray(at, dtype=np.float64)
        order = np.lexsort((when, who))
        who, when = who[order], when[order]

        def column(values: ArrayLike) -> Any:
            return np.broadcast_to(np.asarray(values), order.shape)[order]

        if stayed is not None:
            label = column(stayed)
        elif offered:
            label = column(outcome) != Outcome.LEFT
        else:
            label = np.append(who[1:] == who[:-1], np.zeros(min(1, len(who)), dtype=np.bool_))
        return cls(
            person=who,
            task=column(task),
            category=column(category),
            subcategory=column(category if subcategory is None else subcategory),
            subject=column(task if subject is None else subject),
            at=when,
            seconds=column(seconds),
            outcome=column(outcome),
            session=sessions(who, when) if session is None else column(session),
            remaining=column(remaining),
            stayed=label,
            offered=offered,
        )

    def __len__(self) -> int:
        return len(self.person)

    @property
    def starts(self) -> Rows:
        """The first row of each person, (P,)."""
        return np.flatnonzero(np.append(np.ones(min(1, len(self)), np.bool_), self.person[1:] != self.person[:-1]))

    @property
    def index(self) -> Ints:
        """Which task of the person's is decided about, (R,): 1 + how many they have done by then (LS's "index")."""
        done = (self.outcome != Outcome.LEFT).astype(np.int32)
        total = np.cumsum(done) - done
        starts = self.starts
        before = total - np.repeat(total[starts], np.diff(np.append(starts, len(self))))
        index: Ints = (before + 1 if self.offered else before + 2).astype(np.int32)
        return index

    def rows(self, chosen: slice | Rows | Flags) -> Self:
        """The log of some rows only; they keep their order."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in _KINDS})


_KINDS: dict[str, type[np.generic]] = {
    **{one.name: np.int32 for one in fields(Log) if one.type == "Ints"},
    "at": np.float64,
    "seconds": np.float64,
    "outcome": np.int8,
    "stayed": np.bool_,
}


def sessions(person: ArrayLike, at: ArrayLike, gap: float = SESSION_GAP) -> Ints:
    """Number of the session of each row, 1, 2, ... for each person; rows sorted by person and time.

    A pause of more than `gap` seconds begins a new one.
    """
    who, when = np.asarray(person), np.asarray(at, dtype=np.float64)
    if not len(who):
        return np.zeros(0, dtype=np.int32)
    first = np.append(True, who[1:] != who[:-1])
    begins = first | np.append(True, np.diff(when) > gap)
    count = np.cumsum(begins)
    starts = np.flatnonzero(first)
    number: Ints = (count - np.repeat(count[starts] - 1, np.diff(np.append(starts, len(who))))).astype(np.int32)
    return number
