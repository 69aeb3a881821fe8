"""The features of Table 1 (Kobren et al. 2015, section 3.3.1), by the paper's names, from a person's state and a task.

`Moments` holds what the table needs to know about M moments of decision, however it was found: `moments` fills it from
one person and T tasks on offer, `core.survival.bulk` from a log. `matrix` writes the features from it, in one place
for both.

Conventions, where the paper leaves something open
- A share of nothing is 0; x/y is x/max(y, 1). % of a person = of the tasks answered or skipped.
- log(ART) is log(max(ART, 1 ms)); without any measured time it is 0 and no interval "ART <= 10s?" ... holds.
- "k more ques?" holds if the person is told that exactly k tasks are left, with the one on offer.
- "difficulty" heads the paper's column "Question"; it is a feature here, beside "% correct answers (all users)".
- Without a task on offer (Log, `offered=False`) the group "Question" and all that compares it are 0; so is what lacks
  a previous task.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.survival.log import Floats, Ints
from core.survival.person import Person, Tally
from core.survival.records import Facts

SLOWEST = (10, 20, 30, 40, 50, 60)  # [s], the ends of the intervals of response times

_INTERVALS = (
    "ART <= 10s?",
    *(f"{low}s < ART <= {high}s?" for low, high in pairwise(SLOWEST)),
    "60s < ART?",
)

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Quiz": tuple(f"{k} more ques?" for k in range(1, 11)),
    "User": (
        "# correct answers",
        "% correct answers",
        "# questions skipped",
        "% questions skipped",
        "# incorrect answers",
        "% incorrect answers",
        "(#correct)/(#incorrect)",
        "(#skipped)/(#correct)",
        "(#incorrect)/(#correct)",
        "log(user ART)",
        *(f"user: {one}" for one in _INTERVALS),
        "% correct for category",
        "% skip for category",
        "% correct for subcategory",
        "% skip for subcategory",
        "% correct for mid",
        "% skip for mid",
    ),
    "Question": (
        "difficulty",
        "% correct answers (all users)",
        "% skipped (all users)",
        "log(popularity)",
        "difficulty > avg. difficulty?",
        "popularity > avg. popularity?",
        "% skipped > avg. % skipped?",
        *(f"question: {one}" for one in _INTERVALS),
        "ART > user ART?",
        "log(question ART)",
    ),
    "Sequential": (
        "prev. question difficulty",
        "prev. difficulty > avg. difficulty?",
        "log(prev. popularity)",
        "prev. popularity > avg. popularity?",
        "prev. correct?",
        "prev. skipped?",
        "prev. & curr. same category & prev. correct?",
        "prev. & curr. same subcategory & prev. correct?",
        "prev. & curr. same category?",
        "prev. & curr. same subcategory?",
        "prev. & curr. same mid?",
        "curr. popularity > prev. popularity?",
        "curr. & prev. popularity > avg. popularity?",
        "curr. & prev. difficulty > avg. difficulty?",
        "curr. & prev. % skipped > avg. % skipped?",
    ),
}
FEATURES: tuple[str, ...] = tuple(name for group in GROUPS.values() for name in group)
COLUMN: Mapping[str, int] = {name: place for place, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True, eq=False)
class Tasks:
    """T tasks that may be offered; arrays (T,)."""

    category: Ints
    subcategory: Ints
    subject: Ints
    facts: Facts

    def __len__(self) -> int:
        return len(self.category)


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What Table 1 needs at M moments; every field is (M,), or a scalar that holds at all of them."""

    remaining: Any
    done: Any
    right: Any
    wrong: Any
    skipped: Any
    seconds: Any  # user ART, nan: unknown
    category: Any  # Tally-like triples (done, right, skipped) in the offered task's category ...
    subcategory: Any
    subject: Any
    facts: Facts | None  # of the task on offer; None: no task is known at any of these moments
    follows: Any  # a previous task exists
    previous_difficulty: Any
    previous_popularity: Any
    previous_hard: Any
    previous_popular: Any
    previous_avoided: Any
    previous_right: Any
    previous_skipped: Any
    same_category: Any
    same_subcategory: Any
    same_subject: Any


def features(person: Person, tasks: Tasks | None, remaining: int = 0) -> Floats:
    """Features of one person before each of T tasks, (T, F); (1, F) without a known task. F = len(FEATURES) = 64."""
    return matrix(moments(person, tasks, remaining), 1 if tasks is None else len(tasks))


def moments(person: Person, tasks: Tasks | None, remaining: int = 0) -> Moments:
    """What Table 1 needs about one person before each of T tasks."""
    last = person.previous

    def tallies(table: Mapping[int, Tally], keys: Ints) -> NDArray[np.int64]:
        values = np.zeros((len(keys), 3), dtype=np.int64)
        for key, tally in table.items():
            values[keys == key] = tally
        return values.T

    nothing = (0, 0, 0)
    return Moments(
        remaining=remaining,
        done=person.done,
        right=person.right,
        wrong=person.wrong,
        skipped=person.skipped,
        seconds=person.average_seconds,
        category=nothing if tasks is None else tallies(person.categories, tasks.category),
        subcategory=nothing if tasks is None else tallies(person.subcategories, tasks.subcategory),
        subject=nothing if tasks is None else tallies(person.subjects, tasks.subject),
        facts=None if tasks is None else tasks.facts,
        follows=last is not None,
        previous_difficulty=last.difficulty if last else 0.0,
        previous_popularity=last.popularity if last else 0.0,
        previous_hard=last is not None and last.hard,
        previous_popular=last is not None and last.popular,
        previous_avoided=last is not None and last.avoided,
        previous_right=last is not None and last.right,
        previous_skipped=last is not None and last.skipped,
        same_category=tasks.category == last.category if tasks and last else False,
        same_subcategory=tasks.subcategory == last.subcategory if tasks and last else False,
        same_subject=tasks.subject == last.subject if tasks and last else False,
    )


def matrix(at: Moments, size: int) -> Floats:
    """The features of `size` moments, (M, F), in the order of FEATURES."""
    values = np.zeros((size, len(FEATURES)))

    def put(name: str, column: ArrayLike) -> None:
        values[:, COLUMN[name]] = column

    for k in range(1, 11):
        put(f"{k} more ques?", np.asarray(at.remaining) == k)
    counts = {"correct answers": at.right, "questions skipped": at.skipped, "incorrect answers": at.wrong}
    for name, count in counts.items():
        put(f"# {name}", count)
        put(f"% {name}", _share(count, at.done))
    put("(#correct)/(#incorrect)", _share(at.right, at.wrong))
    put("(#skipped)/(#correct)", _share(at.skipped, at.right))
    put("(#incorrect)/(#correct)", _share(at.wrong, at.right))
    _put_seconds(put, "user", at.seconds)
    for kind, (done, right, skipped) in {
        "category": at.category,
        "subcategory": at.subcategory,
        "mid": at.subject,
    }.items():
        put(f"% correct for {kind}", _share(right, done))
        put(f"% skip for {kind}", _share(skipped, done))
    put("prev. question difficulty", at.previous_difficulty)
    put("prev. difficulty > avg. difficulty?", at.previous_hard)
    put("log(prev. popularity)", at.previous_popularity)
    put("prev. popularity > avg. popularity?", at.previous_popular)
    put("prev. correct?", at.previous_right)
    put("prev. skipped?", at.previous_skipped)
    if at.facts is not None:
        _put_question(put, at, at.facts)
    return values


def _put_question(put: Any, at: Moments, facts: Facts) -> None:
    """The group "Question", and what compares the task on offer with the person and with the previous task."""
    put("difficulty", facts.difficulty)
    put("% correct answers (all users)", facts.right)
    put("% skipped (all users)", facts.skipped)
    put("log(popularity)", facts.popularity)
    put("difficulty > avg. difficulty?", facts.hard)
    put("popularity > avg. popularity?", facts.popular)
    put("% skipped > avg. % skipped?", facts.avoided)
    _put_seconds(put, "question", facts.seconds)
    put("ART > user ART?", facts.seconds > at.seconds)
    put("prev. & curr. same category & prev. correct?", at.same_category & at.previous_right)
    put("prev. & curr. same subcategory & prev. correct?", at.same_subcategory & at.previous_right)
    put("prev. & curr. same category?", at.same_category)
    put("prev. & curr. same subcategory?", at.same_subcategory)
    put("prev. & curr. same mid?", at.same_subject)
    put("curr. popularity > prev. popularity?", at.follows & (facts.popularity > at.previous_popularity))
    put("curr. & prev. popularity > avg. popularity?", facts.popular & at.previous_popular)
    put("curr. & prev. difficulty > avg. difficulty?", facts.hard & at.previous_hard)
    put("curr. & prev. % skipped > avg. % skipped?", facts.avoided & at.previous_avoided)


def _put_seconds(put: Any, whose: str, seconds: ArrayLike) -> None:
    """log(ART) and the seven intervals, all 0 where ART is nan."""
    value = np.asarray(seconds, dtype=np.float64)
    put(f"log({whose} ART)", np.where(np.isnan(value), 0.0, np.log(np.maximum(np.nan_to_num(value, nan=1.0), 1e-3))))
    low = -np.inf
    for name, high in zip(_INTERVALS, (*SLOWEST, np.inf), strict=True):
        put(f"{whose}: {name}", (low < value) & (value <= high))
        low = high


def _share(part: ArrayLike, whole: ArrayLike) -> Floats:
    return np.asarray(np.asarray(part) / np.maximum(whole, 1))
