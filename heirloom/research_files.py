"""The files that `heirloom replay --csv` writes: a log with all its chances, people as numbers of that file alone."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from core.activities.replays import Replay
from core.activities.task_replays import Shown
from heirloom.terminal import CannotDo

POINTS = 10  # rewards are written as ratings are given, 0 to 10

Row = Mapping[str, object]


def write(file: Path, rows: Iterator[Row]) -> int:
    """Write at least one row, with the columns of the first; gives how many. Raises CannotDo with the reason."""
    first = next(rows)
    count = 1
    try:
        with file.open("w", encoding="utf-8", newline="") as opened:
            table = csv.DictWriter(opened, list(first), lineterminator="\n")
            table.writeheader()
            table.writerow(first)
            for row in rows:
                table.writerow(row)
                count += 1
    except OSError as error:
        raise CannotDo(f"{file} cannot be written: {error.strerror}.") from error
    return count


def text_rows(done: Sequence[Replay], rng: np.random.Generator) -> Iterator[Row]:
    """A row for each text that could be shown, at each moment of all replays in order of time."""
    numbers = _pseudonyms((person for one in done for person in one.person.tolist()), rng)
    begins = min(when for one in done for when in one.shown_at if len(one))
    moments = sorted(
        (when, place, moment) for place, one in enumerate(done) for moment, when in enumerate(one.shown_at)
    )
    logs = [one.log() for one in done]
    for number, (when, place, moment) in enumerate(moments, start=1):
        one, log = done[place], logs[place]
        could = (log.chances[moment] > 0.0) | (one.replayed[moment] > 0.0)
        for arm in np.flatnonzero(could).tolist():
            shown = arm == one.arm[moment]
            yield {
                "moment": number,
                "problem": one.pool.problem_id,
                "slot": one.pool.slot,
                "person": numbers[int(one.person[moment])],
                "seconds": round((when - begins).total_seconds()),
                "text": one.texts[arm],
                "shown": int(shown),
                "policy": one.policy[moment],
                "probability": float(one.probability[moment]),
                "pool_size": int(one.pool_size[moment]),
                "eligible_size": int(one.eligible_size[moment]),
                "matches": int(one.matched[moment]),
                "chance": float(log.chances[moment, arm]),
                **{f"chance_{name}": float(table[moment, arm]) for name, table in one.others.items()},
                "points": _known(POINTS * one.reward[moment]) if shown else None,
                "waited": _known(one.waited[moment]) if shown else None,
            }


def task_rows(rows: Sequence[Shown], rng: np.random.Generator) -> Iterator[Row]:
    """A row for each problem that was put before somebody."""
    numbers = _pseudonyms((row.person_id for row in rows), rng)
    begins = rows[0].shown_at
    for row in rows:
        waited = None if row.outcome_at is None else round((row.outcome_at - row.shown_at).total_seconds())
        yield {
            "person": numbers[row.person_id],
            "seconds": round((row.shown_at - begins).total_seconds()),
            "problem": row.problem_id,
            **{name: getattr(row, name) for name in ("policy", "probability", "eligible_size")},
            **{
                name: getattr(row, name)
                for name in ("stay", "information", "ahead", "drawn", "ties", "goal", "outcome")
            },
            "waited": waited,
        }


def _pseudonyms(people: Iterable[int], rng: np.random.Generator) -> dict[int, int]:
    """A number for each person, by lot."""
    known = sorted(set(people))
    return dict(zip(known, (1 + rng.permutation(len(known))).tolist(), strict=True))


def _known(value: float) -> int | None:
    return None if np.isnan(value) else round(value)
