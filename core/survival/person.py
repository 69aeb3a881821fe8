"""The state of one person, one event at a time: what the groups "User" and "Sequential" of Table 1 need to know.

`advance` takes a state and an event and gives the next state. It costs a few microseconds plus a copy of the tables of
categories, subcategories and subjects that the person has met. `core.survival.bulk` computes the same from whole logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from core.survival.log import Outcome
from core.survival.records import Facts, milliseconds


class Tally(NamedTuple):
    """What a person did in one category: tasks answered or skipped, of them answered rightly, of them skipped."""

    done: int = 0
    right: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """A person was shown a task at `at` [s], and this came of it after `seconds` (nan: nobody measured)."""

    task: int
    category: int
    subcategory: int
    subject: int
    at: float
    outcome: Outcome
    seconds: float = np.nan


@dataclass(frozen=True, slots=True)
class Previous:
    """The task that a person did last, with what was known of it when it was shown."""

    task: int
    category: int
    subcategory: int
    subject: int
    right: bool
    skipped: bool
    difficulty: float
    popularity: float
    hard: bool
    popular: bool
    avoided: bool


@dataclass(frozen=True, slots=True)
class Person:
    """One person up to now. `done` counts tasks answered or skipped; the rest are counts among them."""

    done: int = 0
    right: int = 0
    wrong: int = 0
    skipped: int = 0
    milliseconds: int = 0
    timed: int = 0
    categories: Mapping[int, Tally] = field(default_factory=dict)
    subcategories: Mapping[int, Tally] = field(default_factory=dict)
    subjects: Mapping[int, Tally] = field(default_factory=dict)
    previous: Previous | None = None

    @property
    def average_seconds(self) -> float:
        """Average response time, ART [s]; nan if none was measured."""
        return self.milliseconds / self.timed / 1000.0 if self.timed else np.nan


def advance(person: Person, event: Event, facts: Facts) -> Person:
    """The person's state after an event; `facts` (scalars) is what was known about its task when it was shown.

    A task that the person left changes nothing: they come back as they went. Where only today's facts are at hand, as
    when a state is rebuilt from a database, they may stand in; they enter nothing but "prev. difficulty" and the like.
    """
    if event.outcome is Outcome.LEFT:
        return person
    right, skipped = event.outcome is Outcome.RIGHT, event.outcome is Outcome.SKIPPED
    timed = not np.isnan(event.seconds)
    return replace(
        person,
        done=person.done + 1,
        right=person.right + right,
        wrong=person.wrong + (event.outcome is Outcome.WRONG),
        skipped=person.skipped + skipped,
        milliseconds=person.milliseconds + (milliseconds(event.seconds) if timed else 0),
        timed=person.timed + timed,
        categories=_tallied(person.categories, event.category, right, skipped),
        subcategories=_tallied(person.subcategories, event.subcategory, right, skipped),
        subjects=_tallied(person.subjects, event.subject, right, skipped),
        previous=Previous(
            event.task,
            event.category,
            event.subcategory,
            event.subject,
            right,
            skipped,
            float(facts.difficulty),
            float(facts.popularity),
            bool(facts.hard),
            bool(facts.popular),
            bool(facts.avoided),
        ),
    )


def replayed(events: Iterable[tuple[Event, Facts]], person: Person | None = None) -> Person:
    """The state after several events."""
    state = Person() if person is None else person
    for event, facts in events:
        state = advance(state, event, facts)
    return state


def _tallied(table: Mapping[int, Tally], key: int, right: bool, skipped: bool) -> Mapping[int, Tally]:
    old = table.get(key, _NOTHING)
    return {**table, key: Tally(old.done + 1, old.right + right, old.skipped + skipped)}


_NOTHING = Tally()
