"""The calibrated model: an additive logistic hazard over the rhythm of work.

    P(stay) = σ(β + Σ_j f_j(x_j) + Σ_ij b_ij x_i x_j + Σ_g c_g e_g)

x_j are the columns of `rhythm` (elapsed time in the session, pauses, recency, habit, index, what is left, ...), f_j a
linear spline with knots at quantiles, x_i x_j products of centred columns, e_g what is peculiar to the category and to
the task that the person is at. Everything is one penalised logistic regression, so the optimum is unique, it is fitted
in seconds, and each f_j can be drawn and read (`contributions`).

Products  of the ten columns named in PAIRED, each with each: how tired one is depends on how far one has come.
Splines   f_j(x) = a_j0 x + Σ_k a_jk max(x - κ_k, 0), every basis column centred and scaled to SD 1, all with one ridge
          λ. The index enters as a spline of log(1 + n): neighbouring indices pool, without LS's ten separate models.
Effects   Partial pooling of categories and tasks, by empirical Bayes: with m the share that leaves, l leavers and s
          stayers there, e = log((s + ν(1-m)/m)/(l + ν)) - log((1-m)/m): ν = 2 pseudo-leavers hold an unknown place at
          0. In fitting, each row sees the effect as estimated without a fifth of the people, its own person among them
          (cross-fitting); else a place with one leaver would explain that leaver by itself.
Prior     A new class starts from another model's coefficients and is pulled towards them (`refit`); with its own rows
          it becomes its own.

λ is chosen by nested cross-validation grouped by person (`validation`); README, "Who stays", has the results.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.survival import rhythm
from core.survival.log import Flags, Floats, Ints, Log, Rows
from core.survival.logistic import Logistic, Prior, Said, fit_stream
from core.words import N_

PSEUDO_LEAVERS = 2.0  # ν
CROSS = 5  # parts of the people for cross-fitting
EFFECTS: tuple[str, ...] = (N_("this category"), N_("this task"))
PAIRED: tuple[int, ...] = tuple(
    rhythm.COLUMNS.index(name)
    for name in (
        "tasks done (log)",
        "time in this session (log)",
        "usual pause (log)",
        "last pause against the usual one",
        "sessions (log)",
        "recent share right",
        "tasks left (log)",
        "share of the tasks done",
        "answers by others in the last hour (log)",
        "answers by others in the last day (log)",
    )
)
_ENOUGH = 50_000  # rows for knots, means and deviations
_BLOCK = 8_192  # rows whose basis is built at once


@dataclass(frozen=True, slots=True)
class Setting:
    """What nested cross-validation chooses: ridge λ on coefficients of SD-1 columns, and inner knots of each spline."""

    strength: float = 10.0
    knots: int = 6

    def __post_init__(self) -> None:
        if not self.strength > 0.0 or self.knots < 0:
            raise ValueError("A hazard needs a positive strength, and knots that are not negative.")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """R moments of decision: the columns of `rhythm` (R, K), and whose they are; `stayed` is what became of them."""

    table: Floats
    person: Ints
    category: Ints
    task: Ints
    stayed: Flags

    def __post_init__(self) -> None:
        if len({len(getattr(self, name)) for name in self.__slots__}) > 1:
            raise ValueError("The columns of a sample must be of one length.")

    def __len__(self) -> int:
        return len(self.person)

    def rows(self, chosen: Flags | Rows | slice) -> Self:
        """Some of the rows."""
        return replace(self, **{name: getattr(self, name)[chosen] for name in self.__slots__})


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """What is peculiar to each place (category or task), in log-odds of staying: `keys` sorted (G,), `values` (G,)."""

    keys: Ints
    values: Floats

    def of(self, key: NDArray[np.integer]) -> Floats:
        """The effect of each key, 0 where it is not known."""
        if not len(self.keys):
            return np.zeros(np.shape(key))
        place = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        return np.where(self.keys[place] == key, self.values[place], 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Splines of K columns and products of pairs of them: knots, and mean and SD of the B basis columns they make."""

    knots: tuple[tuple[float, ...], ...]
    centre: Floats
    scale: Floats
    pairs: tuple[tuple[int, int], ...] = ()

    def __len__(self) -> int:
        return len(self.centre)

    @property
    def owner(self) -> Rows:
        """The two columns (the same one, for a spline) that each basis column belongs to, (2, B)."""
        splines = np.repeat(np.arange(len(self.knots)), [len(one) + 1 for one in self.knots])
        pairs = np.array(self.pairs, dtype=np.intp).reshape(-1, 2)
        return np.hstack((np.stack((splines, splines)), pairs.T))

    def of(self, table: Floats) -> Floats:
        """Basis columns of rows (R, K): (R, B)."""
        values = np.empty((len(table), len(self)))
        self._splines(table, values)
        size = len(self) - len(self.pairs)
        values[:, :size] -= self.centre[:size]
        values[:, :size] /= self.scale[:size]
        self._products(values)
        values[:, size:] -= self.centre[size:]
        values[:, size:] /= self.scale[size:]
        return values

    def _products(self, values: Floats) -> None:
        first = np.cumsum([0, *(len(one) + 1 for one in self.knots)])
        for at, (a, b) in enumerate(self.pairs, start=first[-1]):
            np.multiply(values[:, first[a]], values[:, first[b]], out=values[:, at])

    def _splines(self, table: Floats, values: Floats) -> None:
        at = 0
        for column, knots in enumerate(self.knots):
            values[:, at] = table[:, column]
            for k, knot in enumerate(knots, start=1):
                np.maximum(table[:, column] - knot, 0.0, out=values[:, at + k])
            at += len(knots) + 1

    @classmethod
    def of_sample(cls, table: Floats, knots: int, paired: tuple[int, ...] = ()) -> Self:
        """Knots at the sin²(πj/2(k+1)) quantiles, j = 1..k: more of them where a column ends, for there people leave.

        Columns of two values, or one, stay linear. `paired`: the columns that are multiplied with each other.
        """
        if not len(table):
            raise ValueError("Without rows there are no knots.")
        levels = np.sin(np.pi / 2.0 * np.arange(1, knots + 1) / (knots + 1)) ** 2
        places = []
        for column in table.T:
            inner = np.unique(np.quantile(column, levels)) if knots else np.empty(0)
            inner = inner[(inner > column.min()) & (inner < column.max())]
            places.append(tuple(inner.tolist()) if len(np.unique(column[:: max(1, len(column) // 1000)])) > 2 else ())
        pairs = tuple(combinations(paired, 2))
        size = sum(len(one) + 1 for one in places)
        centre, scale = np.zeros(size + len(pairs)), np.ones(size + len(pairs))
        some = table[:: max(1, len(table) // _ENOUGH)]
        for part in (slice(0, size), slice(size, None)):  # the products are of centred columns, so these come first
            values = cls(tuple(places), centre, scale, pairs).of(some)[:, part]
            spread = values.std(axis=0)
            centre[part], scale[part] = values.mean(axis=0), np.where(spread > 1e-9, spread, 1.0)
        return cls(tuple(places), centre, scale, pairs)


@dataclass(frozen=True, slots=True, eq=False)
class Hazard:
    """A fitted model: basis, effects of categories and of tasks, and the logistic regression over all of them."""

    basis: Basis
    effects: tuple[Effects, Effects]
    model: Logistic
    setting: Setting

    def chances(self, sample: Sample) -> Floats:
        """Chance to stay at each moment, (R,)."""
        parts = [sample.rows(slice(at, at + _BLOCK)) for at in range(0, len(sample), _BLOCK)]
        values = [self.model.chances(_columns(self.basis, self._places(part), part.table)) for part in parts]
        return np.concatenate(values) if values else np.empty(0)

    def contributions(self, sample: Sample) -> Floats:
        """What each column, and then each kind of effect, adds to the log-odds of staying, (R, K + 2).

        A product counts half for either of its columns.
        """
        columns = _columns(self.basis, self._places(sample), sample.table) * self.model.weights
        places = len(self.basis.knots) + np.arange(len(EFFECTS))
        owner = np.hstack((self.basis.owner, np.stack((places, places))))
        result = np.zeros((len(sample), len(self.basis.knots) + len(EFFECTS)))
        for column, (a, b) in enumerate(owner.T):
            result[:, a] += columns[:, column] / 2.0
            result[:, b] += columns[:, column] / 2.0
        return result

    def _places(self, sample: Sample) -> Floats:
        return np.column_stack([one.of(key) for one, key in zip(self.effects, _keys(sample), strict=True)])


def sample(log: Log) -> Sample:
    """The moments of decision of a log."""
    return Sample(rhythm.table(log), log.person, log.category, log.task, log.stayed)


def fit_hazard(
    rows: Sample, setting: Setting | None = None, *, errors: bool = False, say: Said | None = None
) -> Hazard:
    """The model of some rows. Raises ValueError without any."""
    how = Setting() if setting is None else setting
    basis = Basis.of_sample(rows.table, how.knots, PAIRED)
    prior = Prior.ridge(len(basis) + len(EFFECTS), how.strength)
    return _fitted(rows, basis, prior, how, None, errors=errors, say=say)


def refit(
    old: Hazard, rows: Sample, strength: ArrayLike = 10.0, *, errors: bool = False, say: Said | None = None
) -> Hazard:
    """`old`, made to fit new rows: its splines, pulled towards its coefficients with `strength`.

    The intercept is pulled least (a hundredth of it): classes differ most in how many leave at all. Effects of
    categories and tasks are the new rows' own. Without rows this is `old` with no effects. Pure: due work calls it,
    nightly or after so many rows, with all of the class's rows or the last weeks'.
    """
    pull = np.broadcast_to(np.asarray(strength, dtype=np.float64), (len(old.model.coefficients),)).copy()
    pull[0] /= 100.0
    prior = Prior.towards(old.model, pull)
    return _fitted(rows, old.basis, prior, old.setting, old.model, errors=errors, say=say)


def effects(key: Ints, stayed: Flags) -> Effects:
    """Effects of the places `key` (R,), estimated from all rows (module docstring)."""
    keys, place = np.unique(key, return_inverse=True)
    return Effects(keys, _effects(place, stayed, len(keys)))


def crossed(key: Ints, stayed: Flags, person: Ints) -> Floats:
    """Each row's effect as estimated from the other four fifths of the people, (R,)."""
    keys, place = np.unique(key, return_inverse=True)
    part = np.unique(person, return_inverse=True)[1] % CROSS
    values = np.zeros(len(key))
    for one in range(CROSS):
        apart = part == one
        values[apart] = _effects(place[~apart], stayed[~apart], len(keys))[place[apart]]
    return values


def _effects(place: NDArray[np.intp], stayed: Flags, size: int) -> Floats:
    leave = 1.0 - stayed.mean() if len(stayed) else 0.0
    if not 0.0 < leave < 1.0:
        return np.zeros(size)
    stays = np.bincount(place, stayed, minlength=size)
    leaves = np.bincount(place, ~stayed, minlength=size)
    odds = (1.0 - leave) / leave
    result: Floats = np.log((stays + PSEUDO_LEAVERS * odds) / (leaves + PSEUDO_LEAVERS)) - np.log(odds)
    return result


def _fitted(
    rows: Sample,
    basis: Basis,
    prior: Prior,
    setting: Setting,
    start: Logistic | None,
    *,
    errors: bool,
    say: Said | None,
) -> Hazard:
    keys = _keys(rows)
    places = np.column_stack([crossed(key, rows.stayed, rows.person) for key in keys])

    def chunks() -> Iterator[tuple[Floats, Flags]]:
        for at in range(0, len(rows), _BLOCK):
            part = slice(at, at + _BLOCK)
            yield _columns(basis, places[part], rows.table[part]), rows.stayed[part]

    model = fit_stream(chunks, prior, start=start, errors=errors, say=say)
    known = (effects(keys[0], rows.stayed), effects(keys[1], rows.stayed))
    return Hazard(basis, known, model, setting)


def _columns(basis: Basis, places: Floats, table: Floats) -> Floats:
    return np.hstack((basis.of(table), places))


def _keys(rows: Sample) -> tuple[Ints, Ints]:
    return rows.category, rows.task
