"""Which tasks may be given to a person now: none twice, none before what it requires, none far too hard or too easy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Corridor:
    """Tasks that a person is right on with a chance of `low` to `high`: neither hopeless nor without news."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.low <= self.high <= 1.0:
            raise ValueError(
                "A corridor of difficulty runs from one chance of a right answer to a higher one, within 0 to 1."
            )


def allowed(
    seen: ArrayLike,
    *,
    mastered: ArrayLike | None = None,
    requires: ArrayLike | None = None,
    chance: ArrayLike | None = None,
    corridor: Corridor | None = None,
) -> Flags:
    """Which of T tasks may come next, (T,).

    `seen` (T,): already given to this person; never again. `requires` (E, 2): pairs (task, what it requires), indices;
    a task is out until all that it requires is `mastered` (T,), by default seen. `chance` (T,): of a right answer by
    this person, needed with `corridor`: of the tasks that remain, those within it. If none lies within, those nearest
    to it, so that nobody is stranded by a wish; the other two are rules and may leave nothing.
    Raises ValueError for lists that do not fit together.
    """
    done = np.asarray(seen, dtype=np.bool_)
    if done.ndim != 1:
        raise ValueError("Say of each task whether the person has seen it, as one list.")
    open_: Flags = ~done
    if requires is not None:
        met = done if mastered is None else np.asarray(mastered, dtype=np.bool_)
        pairs = np.asarray(requires, dtype=np.intp).reshape(-1, 2)
        if met.shape != done.shape:
            raise ValueError("Say of each task whether it is mastered, for the same tasks as seen.")
        if pairs.size and not 0 <= pairs.min() <= pairs.max() < done.size:
            raise ValueError(f"There are {done.size} tasks; a requirement names another.")
        open_[pairs[~met[pairs[:, 1]], 0]] = False
    if corridor is None:
        return open_
    right = np.asarray(() if chance is None else chance, dtype=np.float64)
    if right.shape != done.shape or not ((right >= 0.0) & (right <= 1.0)).all():
        raise ValueError("A corridor needs the chance of a right answer for each task, between 0 and 1.")
    if not open_.any():
        return open_
    outside = np.maximum(np.maximum(corridor.low - right, right - corridor.high), 0.0)
    within: Flags = open_ & (outside <= outside[open_].min())
    return within
