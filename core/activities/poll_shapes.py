"""What is told of how a class moved between a first and a last impression: one shape for each way to answer.

`poll_movement` makes them, with what this reader may see; front ends draw them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.polling.movement import Shift

MOST_PARTS = 40  # options, or entries of a word cloud, in a picture

Cells = tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Move:
    """One question (of a quiz one statement) at both times.

    `names`: the categories; `first` and `last` count all who answered then. `cells` (rows: first) and the rest know
    those who answered both times; `cells` is None where nobody can know, or a reader may not.
    """

    about: str
    names: tuple[str, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]
    first_voters: int
    last_voters: int
    twice: int | None = None
    cells: Cells | None = None
    changed: int | None = None
    chance: float | None = None
    shift: Shift | None = None

    shape: ClassVar[str] = "table"


@dataclass(frozen=True, slots=True)
class Taken:
    """An option of several, or an entry of a word cloud: how many took it each time.

    Of those who answered both times `kept` took it twice, `added` only the last time and `dropped` only the first; None
    where nobody can know, or a reader may not. `chance` as in `movement.moves`.
    """

    text: str
    first: int
    last: int
    kept: int | None = None
    added: int | None = None
    dropped: int | None = None
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class Takes:
    """Options in their order, or the entries of word clouds, those that gained most first. `shown`: for a picture."""

    parts: tuple[Taken, ...]
    first_voters: int
    last_voters: int
    twice: int | None

    shape: ClassVar[str] = "takes"

    def share(self, part: Taken) -> tuple[float, float]:
        """Which share of those who answered took it, the first and the last time."""
        return part.first / max(self.first_voters, 1), part.last / max(self.last_voters, 1)

    def gain(self, part: Taken) -> float:
        """By how much its share grew."""
        first, last = self.share(part)
        return last - first

    @property
    def shown(self) -> tuple[Taken, ...]:
        """All parts, or of very many those that gained and those that lost most."""
        half = MOST_PARTS // 2
        return self.parts if len(self.parts) <= MOST_PARTS else self.parts[:half] + self.parts[-half:]

    @property
    def most(self) -> Taken | None:
        """What gained most, if anything did."""
        return max((part for part in self.parts if self.gain(part) > 0), key=self.gain, default=None)

    @property
    def least(self) -> Taken | None:
        """What lost most, if anything did."""
        return min((part for part in self.parts if self.gain(part) < 0), key=self.gain, default=None)


@dataclass(frozen=True, slots=True)
class Placed:
    """An option's mean place each time, and how many places it gained on the lists of those who answered twice."""

    text: str
    first: float
    last: float
    gained: Shift | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """A ranking, as it stands in the end."""

    lines: tuple[Placed, ...]
    first_voters: int
    last_voters: int
    twice: int | None

    shape: ClassVar[str] = "places"

    def height(self, place: float) -> float:
        """A place between 0, the last, and 1, the first."""
        return (len(self.lines) - place) / (len(self.lines) - 1)

    @property
    def most(self) -> Placed | None:
        """What rose most, if anything did."""
        return max((line for line in self.lines if line.last < line.first), key=_rise, default=None)

    @property
    def least(self) -> Placed | None:
        """What fell most, if anything did."""
        return min((line for line in self.lines if line.last > line.first), key=_rise, default=None)


def _rise(line: Placed) -> float:
    return line.first - line.last


@dataclass(frozen=True, slots=True)
class Texts:
    """Open texts. `pairs`: what the same person wrote first and last; of a classmate their own alone."""

    first_voters: int
    last_voters: int
    twice: int | None
    changed: int | None = None
    pairs: tuple[tuple[str, str], ...] = ()

    shape: ClassVar[str] = "texts"


Movement = Move | Takes | Places | Texts
