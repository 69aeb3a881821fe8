"""What the answers of a poll add up to: from counts alone, so that a poll that keeps no ballots has the same results.

`counts` maps a mark (option, value) to how many gave it (`answers.counted`), `voters` is how many answered. With n
voters of whom x took an option,

    share        x / n
    interval     Jeffreys: the 5 % and 95 % points of Beta(x + 1/2, n - x + 1/2); from 0 where x = 0, up to 1 where
                 x = n. It says how far the share among people like these may lie from the share among these few.
    mean         with Student's interval m ± t(n-1) s / √n, within the scale's ends, from five voters on
    median       of an even number the mean of the middle two; quartiles by Tukey's hinges
    Borda        Σ_j N(i>j) + ½ N(i~j) over n (k-1): the chance that i is before another option on somebody's list
    Schulze      a path from i to j is as strong as its weakest link N(a>b) with N(a>b) > N(b>a) (winning votes);
                 i comes before j where the strongest path from i to j is stronger than the one back

Who wins against everyone, one against one, is the Condorcet winner, and Schulze's ranking begins with them.
Sources: Brown, Cai and DasGupta (2001), "Interval estimation for a binomial proportion", section 4.3; Schulze (2011),
"A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner election method";
Borda (1784), with ties halved.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtrit

from core.polling.answers import NO_OPTION, Answer, Mark, counted
from core.polling.kinds import Kind, Number, Rating

Counts = Mapping[Mark, int]

FEWEST = 3  # nothing about fewer people than these is shown where that could tell who they are
LEVEL = 0.9  # of all intervals
MOST_BINS = 20
_FEWEST_FOR_MEAN = 5


@dataclass(frozen=True, slots=True)
class Share:
    """How many took an option, which share of the voters that is, and its 90 % interval."""

    option: int
    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Choices:
    """Shares in the order of the options; `leaders` has all that share the first place, and none while all have 0."""

    voters: int
    shares: tuple[Share, ...]
    leaders: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """How many answers lie from `low` to `high`, both included."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """A scale's answers. Without a voter there is no mean and no median, and with few no interval of the mean."""

    voters: int
    bins: tuple[Bin, ...]
    mean: float | None
    mean_low: float | None
    mean_high: float | None
    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of a quiz: how many gave each level, and the middle one (a half between two levels)."""

    option: int
    counts: tuple[int, ...]
    answered: int
    median: float | None


@dataclass(frozen=True, slots=True)
class Levels:
    """A quiz: its statements in their order."""

    voters: int
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """One option of a ranking: Schulze's place (equal places are ties), Borda's share and how many put it where."""

    option: int
    place: int
    borda: float
    at: tuple[int, ...]  # at[p]: how many gave it place p + 1

    @property
    def firsts(self) -> int:
        """How many put it first."""
        return self.at[0]


@dataclass(frozen=True, slots=True)
class Order:
    """A ranking, the best first. `winner` beats every other one against one; often there is none, or a tie.

    `preferred[a][b]`: how many prefer the a-th line's option to the b-th line's.
    """

    voters: int
    lines: tuple[Placed, ...]
    winner: int | None
    preferred: tuple[tuple[int, ...], ...]


def count(kind: Kind, answers: Iterable[Answer], options: Collection[int]) -> Counter[Mark]:
    """What these answers add up to, as the counts of an anonymous poll would have it."""
    total: Counter[Mark] = Counter()
    for answer in answers:
        total.update(counted(kind, answer, options))
    return total


def interval(x: int, n: int) -> tuple[float, float]:
    """Jeffreys' 90 % interval of a share of which x of n were seen; (0, 1) before anybody was."""
    tail = (1 - LEVEL) / 2
    low = float(betaincinv(x + 0.5, n - x + 0.5, tail)) if x > 0 else 0.0
    high = float(betaincinv(x + 0.5, n - x + 0.5, 1 - tail)) if x < n else 1.0
    return low, high


def choices(counts: Counts, voters: int, options: Sequence[int]) -> Choices:
    """Of single, pair and several."""
    shares = []
    for option in options:
        x = counts.get((option, "1"), 0)
        low, high = interval(x, max(voters, x))
        shares.append(Share(option, x, x / voters if voters else 0.0, low, high))
    most = max((one.count for one in shares), default=0)
    return Choices(voters, tuple(shares), tuple(one.option for one in shares if one.count == most > 0))


def numbers(kind: Rating | Number, counts: Counts, voters: int) -> Numbers:
    """Of a rating or a number."""
    given = {
        int(value): times for (option, value), times in sorted(counts.items()) if option == NO_OPTION and times > 0
    }
    low, step = (0, 1) if isinstance(kind, Rating) else (kind.low, kind.step)

    def real(value: float) -> float:
        return float(low) + value * float(step)

    bins = _rating_bins(kind, given) if isinstance(kind, Rating) else _number_bins(kind, given)
    if not given:
        return Numbers(voters, bins, None, None, None, None, None, None)
    n = sum(given.values())
    mean = sum(value * times for value, times in given.items()) / n
    below, above = None, None
    if n >= _FEWEST_FOR_MEAN:
        square = sum(times * (value - mean) ** 2 for value, times in given.items()) / (n - 1)
        reach = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * math.sqrt(square / n)
        ends = (kind.low, kind.high) if isinstance(kind, Rating) else (0, kind.steps)
        below, above = real(max(ends[0], mean - reach)), real(min(ends[1], mean + reach))
    median, lower, upper = _hinges(given)
    return Numbers(voters, bins, real(mean), below, above, real(median), real(lower), real(upper))


def levels(counts: Counts, voters: int, statements: Sequence[int], size: int) -> Levels:
    """Of a quiz with a scale of `size` levels."""
    lines = []
    for statement in statements:
        given = tuple(counts.get((statement, f"{level}"), 0) for level in range(size))
        known = {level: times for level, times in enumerate(given) if times}
        lines.append(Statement(statement, given, sum(given), _hinges(known)[0] if known else None))
    return Levels(voters, tuple(lines))


def written(counts: Counts) -> dict[str, int]:
    """Of words and text: what people wrote, and how many wrote just that."""
    return {value: times for (_, value), times in sorted(counts.items()) if times > 0}


def order(counts: Counts, voters: int, options: Sequence[int]) -> Order:
    """Of a ranking. Options with one place stand in the order of Borda's shares, then in their own."""
    size = len(options)
    before = np.array([[counts.get((i, f"{-j}"), 0) for j in options] for i in options], dtype=np.int64).reshape(
        size, size
    )
    ties = voters - before - before.T
    np.fill_diagonal(ties, 0)
    most = voters * (size - 1)
    borda = (before + ties / 2).sum(axis=1) / most if most else np.zeros(size)
    places = schulze(before)
    wins = (before > before.T).sum(axis=1)
    lines = sorted(range(size), key=lambda i: (places[i], -borda[i], i))
    return Order(
        voters,
        tuple(
            Placed(
                options[i],
                places[i],
                float(borda[i]),
                tuple(counts.get((options[i], f"{p + 1}"), 0) for p in range(size)),
            )
            for i in lines
        ),
        next((options[i] for i in range(size) if size > 1 and wins[i] == size - 1), None),
        tuple(tuple(int(before[i, j]) for j in lines) for i in lines),
    )


def schulze(before: NDArray[np.int64]) -> tuple[int, ...]:
    """The place of each option, 1 + how many come before it, from how many prefer i to j, shape (k, k)."""
    strength = np.where(before > before.T, before, 0)
    for via in range(before.shape[0]):
        strength = np.maximum(strength, np.minimum(strength[:, via, None], strength[None, via, :]))
    np.fill_diagonal(strength, 0)
    return tuple(1 + int(beaten) for beaten in (strength < strength.T).sum(axis=1))


def _rating_bins(kind: Rating, given: Mapping[int, int]) -> tuple[Bin, ...]:
    return tuple(Bin(value, value, given.get(value, 0)) for value in range(kind.low, kind.high + 1))


def _number_bins(kind: Number, given: Mapping[int, int]) -> tuple[Bin, ...]:
    """At most twenty bins of 1, 2, 5, 10 ... steps over what was given; few values have a bin each."""
    if not given:
        return ()
    first, last = min(given), max(given)
    if kind.steps < MOST_BINS:
        first, last = 0, kind.steps
    width = next(
        w * 10**e for e in range(8) for w in (1, 2, 5) if last // (w * 10**e) - first // (w * 10**e) < MOST_BINS
    )
    held: Counter[int] = Counter()
    for value, times in given.items():
        held[value // width] += times
    return tuple(
        Bin(float(kind.value(b * width)), float(kind.value(min((b + 1) * width - 1, kind.steps))), held[b])
        for b in range(first // width, last // width + 1)
    )


def _hinges(given: Mapping[int, int]) -> tuple[float, float, float]:
    """Median, and the medians of the lower and the upper half (both hold the middle one of an odd number)."""
    values = sorted(given)
    ends = np.cumsum([given[value] for value in values])

    def at(rank: int) -> int:
        return values[int(np.searchsorted(ends, rank, side="right"))]

    def middle(start: int, stop: int) -> float:
        return (at((start + stop - 1) // 2) + at((start + stop) // 2)) / 2

    n = int(ends[-1])
    return middle(0, n), middle(0, (n + 1) // 2), middle(n // 2, n)
