"""A simulated class that brings one item each and rates what it draws: habits, spammers, and a ring that cheats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.crowd import items, sharing

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Gallery:
    """`people`, an item each, `each` ratings each. Leniency has the standard deviation `lenient`.

    The first `spam` people rate at random or give five stars to everything, by turns. The last `ring` people give each
    other five stars and everybody else three at most; with `picking` they rate all of each other's items, drawn or not;
    each leaves out up to `skips` items that are not theirs.
    """

    people: int = 100
    each: int = 6
    lenient: float = 0.15
    spam: int = 0
    ring: int = 0
    picking: bool = False
    skips: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    """`ratings` and `truth` (I,): what the honest people would say on average. `ring` (U,): who cheats."""

    ratings: items.Ratings
    truth: Array
    ring: Flags

    def honest(self) -> items.Ratings:
        """The ratings as if the ring had none."""
        given = self.ratings
        weight = np.where(self.ring[given.person], 0.0, 1.0)
        return items.rated(given.item, given.person, given.value, given.items, given.people, weight)

    def places_won(self, score: Array, without: Array) -> Array:
        """By how many ranks the ring's items are higher by `score` (I,) than by that `without` its ratings."""
        place, fair = (-score).argsort().argsort(), (-without).argsort().argsort()
        won: Array = (fair - place)[self.ring].astype(np.float64)
        return won


def rate(of: Gallery, rng: np.random.Generator) -> Rated:
    """One class, one term."""
    n = of.people
    quality = rng.normal(0, 0.18, n)
    leniency, spread = rng.normal(0, of.lenient, n), np.clip(rng.normal(1, 0.3, n), 0.2, 2)
    noise = rng.uniform(0.1, 0.3, n)
    ring = np.arange(n) >= n - of.ring
    pairs = _drawn(of, ring, rng)
    if of.picking:
        everything = {(item, u) for u in ring.nonzero()[0].tolist() for item in ring.nonzero()[0].tolist() if item != u}
        pairs += sorted(everything - set(pairs))
    item, person = np.array(pairs).T
    honest = ~ring & (np.arange(n) >= of.spam)
    felt = 0.55 + leniency[honest] + spread[honest] * quality[:, None]
    truth = np.mean([_stars(felt + noise[honest] * rng.normal(size=felt.shape)) for _ in range(40)], axis=(0, 2))
    given = 0.55 + leniency[person] + spread[person] * quality[item] + noise[person] * rng.normal(size=item.size)
    spam = np.where(person % 2, rng.random(item.size), 1.0)
    stars = _stars(np.where(person < of.spam, spam, given))
    stars = np.where(ring[person], np.where(ring[item], 1.0, np.minimum(stars, 0.5)), stars)
    return Rated(items.rated(item, person, stars, n, n), truth, ring)


def means(ratings: items.Ratings) -> Array:
    """The plain mean of each item's ratings that count, (I,); .5 where there is none."""
    given = ratings.of_items(np.ones(ratings.item.size))
    mean = np.full(ratings.items, 0.5)
    np.divide(ratings.of_items(ratings.value), given, out=mean, where=given > 0)
    return mean


def medians(ratings: items.Ratings) -> Array:
    """Their median, (I,); every item must have been rated."""
    return np.array([np.median(ratings.value[ratings.item == item]) for item in range(ratings.items)])


def auc(truth: Array, score: Array) -> float:
    """How likely an item of the better half has the higher score, ties as halves."""
    good = truth > np.median(truth)
    apart = score[good][:, None] - score[~good]
    return float((apart > 0).mean() + (apart == 0).mean() / 2)


def _stars(value: Array) -> Array:
    stars: Array = np.round(np.clip(value, 0, 1) * 4) / 4
    return stars


def _drawn(of: Gallery, ring: Flags, rng: np.random.Generator) -> list[tuple[int, int]]:
    """(item, person): everybody draws `each` times, one after another."""
    judged, pairs, may = np.zeros(of.people), list[tuple[int, int]](), ~np.eye(of.people, dtype=np.bool_)
    skips = np.where(ring, of.skips, 0)
    for _ in range(of.each):
        for person in rng.permutation(of.people).tolist():
            while (share := sharing.draw(judged, may[person], rng)) is not None:
                may[person, share.item] = False
                if ring[share.item] or not skips[person]:
                    judged[share.item] += 1
                    pairs.append((share.item, person))
                    break
                skips[person] -= 1
    return pairs
