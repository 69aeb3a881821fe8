"""A pool that is rated and asked in turns: the chances of being best, kept up to date in microseconds.

`best` computes all chances from nothing. A replay or a simulation asks again after every rating, when one arm of a
thousand has changed. A `Board` keeps every arm as a column of one mesh (`columns`) and the sums over the arms
L_i = Σ_k log F_k and h_i = Σ_k H_ik. Then P_k = Σ_i exp(L_i) H_ik, and Σ_k P_k = Σ_i q_i = 1 with q_i = exp(L_i) h_i.

Rating    replaces one column: about 16 nodes x 15 panels.
Draw      takes a node with chance q_i and then, at this node, an arm with chance H_ik / h_i. Together that is arm k
          with chance P_k, as exactly as the quadrature, and no P_k is computed. The drawn arm's own costs one column.
Without   Arms that are not eligible are taken out of L and h before the draw.
Fit       The pool's prior, the worth of a rating and the exploration are those of the last fit. They are found anew,
          and the mesh with them, when ratings and arms have become a fifth more.
Proof     Each column must be resolved by its panels and end below the mesh, and the q_i must add up to 1 (`proven`).
          Where this fails the mesh is laid anew. Where it still fails (a million ratings on one arm and none on
          another) chances come from `probability_of_best`, until the next fit.

A board is the one thing here that changes as it is used. The web's processes have none: they read a pool, decide and
forget it. Memory: 16 bytes x nodes x arms, about 4 MB for 1,000 arms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.selection.arms import PSEUDO_RATINGS, PSEUDO_REWARD, Author, Pool, Stats, believe
from core.selection.best import draw, probability_of_best
from core.selection.columns import Columns, Mesh, columns, fits, lay, proven
from core.selection.exploration import checked_temperature, explored, explored_arm

Array = NDArray[np.float64]

TOLERANCE = 1e-9
REFIT = 0.2  # so many more ratings and arms, as a share, bring the next fit

_ROOM = 16  # arms that a new board has room for
_EXCHANGES = 512  # columns exchanged before the sums over the arms are formed anew, so that rounding does not gather
_FINER = (1.0, 2.0)  # meshes that are tried when the one at hand no longer serves
_AT_ONCE = 1024  # columns computed at once: what fits a core's cache


class _Answer(NamedTuple):
    """G and q at the nodes, each (N,), and the sum of q, which is 1 but for an error below the tolerance."""

    product: Array
    density: Array
    total: float

    def chance(self, hazard: Array) -> float:
        """Of an arm with this column; rounding must not lead beyond 1."""
        return min(1.0, float(self.product @ hazard) / self.total)


class _Sums:
    """Columns of K arms, in arrays that have room for more, and what they add up to."""

    def __init__(self, mesh: Mesh, a: Array, b: Array, room: int) -> None:
        self.mesh, self.resolved, self.exchanged, self.size = mesh, True, 0, a.size
        nodes = mesh.log_weight.size
        self.log_below, self.hazard = np.zeros((nodes + 1, room)), np.zeros((nodes, room))
        for left in range(0, a.size, _AT_ONCE):
            part = slice(left, min(left + _AT_ONCE, a.size))
            self._write(part, columns(mesh, a[part], b[part]))
        self.first, self.first_ab = Columns(self.log_below[:, :0], self.hazard[:, :0], True), (0.0, 0.0)
        self._add_up()

    def place(self, arm: int, a: float, b: float) -> None:
        """Write the column of one arm, old or new."""
        if arm == self.log_below.shape[1]:
            self.log_below, self.hazard = (
                np.concatenate((part, np.zeros_like(part)), axis=1) for part in (self.log_below, self.hazard)
            )
        found = self.first if (a, b) == self.first_ab else columns(self.mesh, np.array((a,)), np.array((b,)))
        if arm == self.size:
            self.size, self.first, self.first_ab = arm + 1, found, (a, b)  # newcomers are mostly alike
        self.resolved = self.resolved and fits(self.mesh, a, b)
        self.log_product += found.log_below[:, 0] - self.log_below[:, arm]
        self.total += found.hazard[:, 0] - self.hazard[:, arm]
        self._write(slice(arm, arm + 1), found)
        self.exchanged += 1
        if self.exchanged == _EXCHANGES:
            self._add_up()

    def asked(self, without: Sequence[int]) -> tuple[_Answer, bool]:
        """The answer of the arms but for `without`, and whether it is proven."""
        log_product, total = self.log_product, self.total
        if without:
            out = list(without)
            log_product = log_product - self.log_below[:, out].sum(axis=1)
            total = np.maximum(total - self.hazard[:, out].sum(axis=1), 0.0)
        product = np.exp(log_product[:-1])
        density = product * total
        answer = _Answer(product, density, float(density.sum()))
        return answer, self.resolved and proven(self.mesh, density, answer.total, float(log_product[-1]))

    def _write(self, part: slice, found: Columns) -> None:
        self.log_below[:, part], self.hazard[:, part] = found.log_below, found.hazard
        self.resolved = self.resolved and found.resolved

    def _add_up(self) -> None:
        self.log_product, self.total = self.log_below.sum(axis=1), self.hazard.sum(axis=1)
        self.exchanged = 0


class Board:
    """A pool of arms under the policy `best` that is rated, joined and asked in turns (module docstring).

    `temperature`: as in `policies.chances`. `tolerance` bounds what the sum of all chances may differ from 1 by.
    Raises ValueError for a pool with pinned arms and for a temperature out of range.
    """

    def __init__(self, pool: Pool, *, temperature: float | None = None, tolerance: float = TOLERANCE) -> None:
        if pool.pinned is not None and pool.pinned.any():
            raise ValueError("A board knows no pins: pinned arms share evenly and need no computation.")
        self._temperature, self._tolerance = checked_temperature(temperature), tolerance
        self._discount, self._size = pool.discount, len(pool)
        room = max(_ROOM, len(pool))
        self._ratings, self._inherited = _wide(pool.ratings, room), _wide(pool.inherited, room)
        self._authors = np.zeros(room, dtype=np.int8)
        self._authors[: len(pool)] = 0 if pool.authors is None else pool.authors
        self._events = float(self._ratings[0].sum()) + len(pool)  # ratings and arms, which bring the next fit
        self._belief, self._prior = np.ones((2, room)), np.ones(2)
        self._weight = self._per_arm = self._until = 0.0
        self._served = False  # whether the columns serve until the next fit; else chances are computed from nothing
        self._answer: _Answer | None = None  # until an arm changes
        self._fit()

    def __len__(self) -> int:
        return self._size

    @property
    def pool(self) -> Pool:
        """The pool as it stands."""
        ratings, inherited = (Stats(*part[:, : self._size].copy()) for part in (self._ratings, self._inherited))
        kept = inherited if inherited.count.any() else None
        return Pool(ratings, kept, self._discount, self._authors[: self._size].copy())

    def compared(self) -> tuple[Array, Array]:
        """a and b with which the arms are compared now, each (K,): `probability_of_best` of these is what is drawn."""
        return self._explored(slice(0, self._size))

    def add(self, author: Author = Author.STUDENT) -> int:
        """A new arm without ratings; gives its index."""
        arm = self._size
        if arm == self._authors.size:
            self._authors = np.concatenate((self._authors, np.zeros_like(self._authors)))
            self._ratings, self._inherited, self._belief = (
                np.concatenate((part, np.zeros_like(part)), axis=1)
                for part in (self._ratings, self._inherited, self._belief)
            )
        self._size += 1
        self._authors[arm] = author
        tosses = self._weight * PSEUDO_RATINGS[author]
        self._belief[:, arm] = self._prior + tosses * np.array((PSEUDO_REWARD, 1.0 - PSEUDO_REWARD))
        self._changed(arm)
        return arm

    def rate(self, arm: int, reward: float) -> None:
        """One more reward in [0, 1] for an arm."""
        if not 0 <= arm < self._size:
            raise ValueError(f"There is no arm {arm}; there are {self._size}, counted from 0.")
        if not 0.0 <= reward <= 1.0:
            raise ValueError("A reward must be a number between 0 and 1.")
        self._ratings[:, arm] += (1.0, reward, reward * reward)
        self._belief[:, arm] += (self._weight * reward, self._weight * (1.0 - reward))
        self._changed(arm)

    def draw(self, rng: np.random.Generator, without: Sequence[int] = ()) -> tuple[int, float]:
        """Draw one arm, not one of `without`, with its chance of being the best of the others; give both.

        Raises ValueError if no arm is left.
        """
        found = self._asked(without)
        if found is None:
            return draw(self._exact(without), rng)
        node, _ = draw(found.density, rng)
        hazard = self._sums.hazard[node, : self._size]
        if without:
            hazard = hazard.copy()
            hazard[list(without)] = 0.0
        arm, _ = draw(hazard, rng)
        return arm, found.chance(self._sums.hazard[:, arm])

    def chances(self, without: Sequence[int] = ()) -> Array:
        """All arms' chances under `draw`, (K,): 0 for those in `without`."""
        found = self._asked(without)
        if found is None:
            return self._exact(without)
        shares: Array = found.product @ self._sums.hazard[:, : self._size] / found.total
        shares[list(without)] = 0.0
        return shares

    def chance(self, arm: int, without: Sequence[int] = ()) -> float:
        """One arm's chance under `draw`, without those of the others."""
        found = self._asked(without)
        if found is None:
            return float(self._exact(without)[arm])
        return 0.0 if arm in without else found.chance(self._sums.hazard[:, arm])

    def forget(self) -> None:
        """Drop the sums that the last question left, as a rating does: for measuring what a question costs."""
        self._answer = None

    def _asked(self, without: Sequence[int]) -> _Answer | None:
        """What the sums say, or None where it cannot be proven; a mesh that no longer serves is laid anew."""
        if not self._served:
            return None
        if not without and self._answer is not None:
            return self._answer
        answer, proof = self._sums.asked(without)
        if without:
            return answer if proof else None
        for finer in () if proof else _FINER:
            self._lay(finer)
            answer, proof = self._sums.asked(without)
            if proof:
                break
        self._served = proof
        self._answer = answer if proof else None
        return self._answer

    def _exact(self, without: Sequence[int]) -> Array:
        left = np.ones(self._size, dtype=np.bool_)
        left[list(without)] = False
        shares = np.zeros(self._size)
        a, b = self.compared()
        shares[left] = probability_of_best(a[left], b[left])
        return shares

    def _changed(self, arm: int) -> None:
        """Bring the sums up to date with one arm, which was rated or is new."""
        self._events += 1.0
        self._answer = None
        if self._events >= self._until:
            self._fit()
        elif self._served:
            a, b = self._belief[:, arm].tolist()
            ratings = float(self._ratings[0, arm] + self._discount * self._inherited[0, arm])
            self._sums.place(arm, *explored_arm(a, b, ratings, self._per_arm, self._temperature))

    def _fit(self) -> None:
        pool = self.pool
        held, size = believe(pool), self._size
        self._belief = np.ones((2, self._authors.size))
        self._belief[:, :size] = held.a, held.b
        self._prior = np.array(held.prior)[:, 0]
        self._weight = float(held.weight[0])
        self._per_arm = float(pool.evidence.count.mean()) if size else 0.0
        self._until = self._events + REFIT * self._events
        self._lay()

    def _lay(self, finer: float = 1.0) -> None:
        """Lay the mesh for the arms as they are and for one without ratings, and place all."""
        self._answer = None
        self._served = self._size > 0
        if self._served:
            a, b = self.compared()
            new_a, new_b = explored(self._prior[:1], self._prior[1:], 0.0, self._per_arm, self._temperature)
            mesh = lay(np.append(a, new_a), np.append(b, new_b), self._tolerance, finer)
            self._sums = _Sums(mesh, a, b, self._authors.size)

    def _explored(self, part: slice) -> tuple[Array, Array]:
        ratings = self._ratings[0, part] + self._discount * self._inherited[0, part]
        return explored(self._belief[0, part], self._belief[1, part], ratings, self._per_arm, self._temperature)


def _wide(stats: Stats | None, room: int) -> Array:
    """The three sums of K arms in an array with room for more, (3, room)."""
    sums = np.zeros((3, room))
    if stats is not None:
        sums[:, : stats.count.size] = stats.count, stats.total, stats.squares
    return sums
