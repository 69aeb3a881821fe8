"""Small random logs, and the slow way to read one: event by event, as it happened."""

from __future__ import annotations

import numpy as np

from core.survival.features import Tasks, features
from core.survival.log import Floats, Log, Outcome
from core.survival.person import Event, Person, advance
from core.survival.records import Averages, Facts, Record, facts


def random_log(rng: np.random.Generator, rows: int, people: int = 4, tasks: int = 6, *, offered: bool = True) -> Log:
    """Rows of a few people and tasks; ties in time, untimed answers, response times at the ends of the intervals."""
    task = rng.integers(0, tasks, rows)
    outcomes = [Outcome.RIGHT, Outcome.WRONG, Outcome.UNJUDGED, Outcome.SKIPPED] + [Outcome.LEFT] * offered
    return Log.arranged(
        person=rng.integers(0, people, rows),
        task=task,
        at=rng.integers(0, 3 * rows, rows) * 600.0,
        outcome=rng.choice(outcomes, rows),
        category=task % 2,
        subcategory=task % 4,
        subject=task // 2,
        seconds=rng.choice([np.nan, 0.0, 0.4, 10.0, 10.001, 20.0, 35.5, 60.0, 61.0], rows),
        remaining=rng.integers(0, 13, rows),
        offered=offered,
    )


def event_of(log: Log, row: int) -> Event:
    return Event(
        int(log.task[row]),
        int(log.category[row]),
        int(log.subcategory[row]),
        int(log.subject[row]),
        float(log.at[row]),
        Outcome(int(log.outcome[row])),
        float(log.seconds[row]),
    )


def task_of(log: Log, row: int, known: Facts) -> Tasks:
    one = slice(row, row + 1)
    table = Facts(*(np.reshape(getattr(known, name), 1) for name in Facts.__slots__))
    return Tasks(log.category[one], log.subcategory[one], log.subject[one], table)


def happened(log: Log) -> tuple[Floats, dict[int, Person], dict[int, Record], Averages]:
    """The feature matrix, and everything that is known at the end, by advancing one event at a time."""
    people: dict[int, Person] = {}
    records: dict[int, Record] = {}
    averages = Averages()
    rows: list[Floats] = [np.zeros(0)] * len(log)
    for row in np.argsort(log.at, kind="stable"):
        event, who = event_of(log, row), int(log.person[row])
        person, record = people.get(who, Person()), records.get(event.task, Record())
        known = facts(record, averages)
        after = advance(person, event, known)
        remaining = int(log.remaining[row])
        if log.offered:
            rows[row] = features(person, task_of(log, row, known), remaining)[0]
        else:
            rows[row] = features(after, None, remaining)[0]
        later = record.after(event.outcome, event.seconds)
        people[who], records[event.task] = after, later
        averages = averages.replaced(record, later)
    return np.array(rows), people, records, averages
