"""A simulated class that brings one item each, and rates what it draws: habits, spammers, and a ring that cheats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.crowd import items, sharing


@dataclass(frozen=True)
class Class:
    """`size` people, an item each, `each` ratings each. Leniency has the standard deviation `lenient`.

    The first `spam` people rate at random or give five stars to everything, by turns. The last `ring` people give each
    other five stars and everybody else three at most; with `picking` they rate all of each other's items, drawn or not;
    they leave out up to `skips` items that are not theirs.
    """

    size: int = 100
    each: int = 6
    lenient: float = 0.15
    spam: int = 0
    ring: int = 0
    picking: bool = False
    skips: int = 0


@dataclass(frozen=True)
class Rated:
    """`ratings` and `truth` (I,): what the honest people would say on average. `ring` (U,): who cheats."""

    ratings: items.Ratings
    truth: np.ndarray
    ring: np.ndarray

    def honest(self) -> items.Ratings:
        given = self.ratings
        weight = np.where(self.ring[given.person], 0.0, 1.0)
        return items.rated(given.item, given.person, given.value, given.items, given.people, weight)


def rate(of: Class, seed: int) -> Rated:
    rng = np.random.default_rng(seed)
    n = of.size
    quality = rng.normal(0, 0.18, n)
    leniency, spread = rng.normal(0, of.lenient, n), np.clip(rng.normal(1, 0.3, n), 0.2, 2)
    noise = rng.uniform(0.1, 0.3, n)
    ring = np.arange(n) >= n - of.ring
    pairs = _drawn(of, ring, rng)
    if of.picking:
        everything = [(item, u) for u in ring.nonzero()[0] for item in ring.nonzero()[0] if item != u]
        pairs += sorted(set(everything) - set(pairs))
    item, person = np.array(pairs).T
    honest = ~ring & (np.arange(n) >= of.spam)
    felt = 0.55 + leniency[honest] + spread[honest] * quality[:, None]
    truth = np.mean([_stars(felt + noise[honest] * rng.normal(size=felt.shape)) for _ in range(40)], axis=(0, 2))
    given = 0.55 + leniency[person] + spread[person] * quality[item] + noise[person] * rng.normal(size=item.size)
    spam = np.where(person % 2, rng.random(item.size), 1.0)
    stars = _stars(np.where(person < of.spam, spam, given))
    stars = np.where(ring[person], np.where(ring[item], 1.0, np.minimum(stars, 0.5)), stars)
    return Rated(items.rated(item, person, stars, n, n), truth, ring)


def places_won(world: Rated, score: np.ndarray, without: np.ndarray) -> np.ndarray:
    """By how many ranks the ring's items are higher than they would be without the ring's ratings."""
    place, fair = (-score).argsort().argsort(), (-without).argsort().argsort()
    return (fair - place)[world.ring]


def _stars(value: np.ndarray) -> np.ndarray:
    return np.round(np.clip(value, 0, 1) * 4) / 4


def _drawn(of: Class, ring: np.ndarray, rng: np.random.Generator) -> list[tuple[int, int]]:
    """(item, person): everybody draws `each` times, one after another."""
    judged, pairs, may = np.zeros(of.size), [], ~np.eye(of.size, dtype=bool)
    skips = np.where(ring, of.skips, 0)
    for _ in range(of.each):
        for person in rng.permutation(of.size):
            while True:
                share = sharing.draw(judged, may[person], rng)
                assert share is not None
                may[person, share.item] = False
                if ring[share.item] or not skips[person]:
                    break
                skips[person] -= 1
            judged[share.item] += 1
            pairs.append((share.item, int(person)))
    return pairs
