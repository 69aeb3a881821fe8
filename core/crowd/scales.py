"""Rating scales, and how well a rater's order fits a reference: Riedl, Blohm, Leimeister and Krcmar (ICIS 2010).

They had the same ideas rated by thumbs up or down, by five stars, and by several attributes of five stars each,
compared the raters with experts, and judged every rater's accuracy by a "fit-score". The report that this room follows
names the fit-score and does not define it. The formula here is ours; it uses order only, to make scales comparable:

    fit_u = Σ_{i<k} sign(x_ui - x_uk) sign(y_i - y_k) / #{i<k : y_i != y_k}             Somers' D of x given y

over pairs of items that u has rated and the reference y does not tie. It is 1 for the reference's order, 0 for chance
or for the same rating for everything, -1 for the reverse. A tie counts 0: a thumb cannot tell two good ideas apart, and
that is its accuracy. Without experts y_i is the consensus of the others (leave one out): the mean of their ratings,
each rater's centred and scaled, since raters differ in leniency and in spread. Consensus is noisy, so these fit-scores
are all nearer to 0 than experts would have them, and compare raters of one set only.

Several attributes  In their experiment (313 people, 24 ideas) thumbs and five stars ranked ideas significantly worse
              than the multi-attribute scale; later (Riedl, Blohm, Leimeister and Krcmar, IJEC 17(3), 2013) some 20
              ratings an idea gave stable ranks, and for long ideas one number did better than several. We know both
              papers by their abstracts and the report, which do not list the attributes. So ATTRIBUTES is ours: the
              dimensions novelty, workability, relevance and specificity of Dean, Hender, Rodgers and Santanen (JAIS
              7(10), 2006), in words for a class. A gallery asks for as many of the six as it wants (`measures` leaves
              the others out).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.words import N_, Sentence

Array = NDArray[np.float64]

FEWEST_PAIRS = 10  # ordered pairs of items that a rater must have rated before a fit-score says anything


@dataclass(frozen=True, slots=True)
class Attribute:
    """One side of an item: the `key` under which ratings of it are kept, its `name`, and what raters are `asked`."""

    key: str
    name: Sentence
    asked: Sentence


@dataclass(frozen=True, slots=True)
class Scale:
    """A question put to raters: a number from `lowest` to `highest` for each of `attributes`, averaged by `weights`."""

    title: Sentence
    lowest: float
    highest: float
    attributes: tuple[Attribute, ...] = ()
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.lowest < self.highest:
            raise ValueError("A scale needs a lowest value below its highest.")
        if self.weights and (len(self.weights) != len(self.attributes) or min(self.weights) <= 0):
            raise ValueError("Give each attribute one positive weight, or none at all.")

    def unit(self, ratings: ArrayLike) -> Array:
        """Ratings on 0..1: (...), or (..., attributes) for a scale of several, whose weighted mean is taken.

        A missing attribute (NaN) leaves the others' mean; where all are missing the result is NaN.
        Raises ValueError for a rating off the scale or the wrong number of attributes.
        """
        values = np.asarray(ratings, dtype=np.float64)
        if not (np.isnan(values) | ((values >= self.lowest) & (values <= self.highest))).all():
            raise ValueError(f"A rating must lie between {self.lowest:g} and {self.highest:g}.")
        unit: Array = (values - self.lowest) / (self.highest - self.lowest)
        if not self.attributes:
            return unit
        if unit.shape[-1:] != (len(self.attributes),):
            raise ValueError(f"Give a rating for each of the {len(self.attributes)} attributes.")
        weight = np.where(np.isnan(unit), 0.0, np.asarray(self.weights or np.ones(len(self.attributes))))
        total = weight.sum(axis=-1)
        mean = np.full(total.shape, np.nan)
        np.divide((weight * np.nan_to_num(unit)).sum(axis=-1), total, out=mean, where=total > 0)
        return mean

    def measures(self, said: Sequence[Mapping[str, float | None]]) -> Array:
        """What each of A people said, ratings by key, on 0..1: (A,), as `unit`; NaN where one said nothing.

        Attributes that were not asked are missing. A scale of one number has the key RATING. Raises ValueError for
        keys that the scale does not have.
        """
        keys = tuple(attribute.key for attribute in self.attributes) or (RATING,)
        if not set().union(*said) <= set(keys):
            raise ValueError(f"This scale asks for {', '.join(keys)}.")
        table = np.array([[one.get(key) for key in keys] for one in said], dtype=np.float64)  # None is NaN
        table = table.reshape(len(said), len(keys))
        return self.unit(table if self.attributes else table[:, 0])


RATING = "rating"  # the key of the one number of a scale without attributes

# Four sides of an idea by Dean, Hender, Rodgers and Santanen (module docstring), two of them taken apart: specificity
# into how clear and how thorough, relevance into to the point and useful.
ATTRIBUTES = (
    Attribute("relevant", Sentence(N_("To the point")), Sentence(N_("Does it show the idea that it names?"))),
    Attribute("clear", Sentence(N_("Clear")), Sentence(N_("Do you understand it at first reading?"))),
    Attribute("thorough", Sentence(N_("Thorough")), Sentence(N_("Does it say how and why, and leave nothing out?"))),
    Attribute("novel", Sentence(N_("Original")), Sentence(N_("Is it unlike the other items?"))),
    Attribute("workable", Sentence(N_("Workable")), Sentence(N_("Would it work outside of class as it is?"))),
    Attribute("useful", Sentence(N_("Useful")), Sentence(N_("Would it help somebody who is learning this?"))),
)

SCALES = {
    "thumb": Scale(Sentence(N_("Thumb up or down")), 0, 1),
    "stars": Scale(Sentence(N_("Five stars")), 1, 5),
    "attributes": Scale(
        Sentence(N_("Five stars for each of several attributes")),
        1,
        5,
        ATTRIBUTES,
    ),
    "ten": Scale(Sentence(N_("0 to 10")), 0, 10),
}


@dataclass(frozen=True, slots=True, eq=False)
class FitScores:
    """`score` (U,) in -1..1, NaN where a rater has fewer than FEWEST_PAIRS pairs; `error` (U,): its standard error by
    leaving out one item at a time; `pairs` (U,): ordered pairs that it rests on."""

    score: Array
    error: Array
    pairs: Array

    def refusal(self, rater: int) -> Sentence | None:
        """Why there is no score of this rater; None where there is."""
        if not np.isnan(self.score[rater]):
            return None
        return Sentence(
            N_("Too few items can be compared: {pairs} ordered pairs, and {fewest} are needed."),
            {"pairs": int(self.pairs[rater]), "fewest": FEWEST_PAIRS},
        )


def consensus(ratings: ArrayLike) -> Array:
    """What the others think, (U, I): for each rater the mean of all other raters' standard scores of each item.

    `ratings` (U, I), NaN where missing. A rater's scores are centred on their mean and divided by their standard
    deviation (who always gives the same has scores 0). NaN where nobody else rated the item.
    """
    table = _table(ratings)
    present = ~np.isnan(table)
    count = np.maximum(present.sum(axis=1, keepdims=True), 1)
    filled = np.where(present, table, 0.0)
    centred = np.where(present, table - filled.sum(axis=1, keepdims=True) / count, 0.0)
    spread = np.sqrt((centred**2).sum(axis=1, keepdims=True) / count)
    scores = centred / np.where(spread > 1e-12, spread, 1.0)
    others = present.sum(axis=0) - present
    left_out = np.full(table.shape, np.nan)
    np.divide(scores.sum(axis=0) - scores, others, out=left_out, where=others > 0)
    return left_out


def fit_scores(ratings: ArrayLike, reference: ArrayLike | None = None) -> FitScores:
    """The fit-score of each rater (module docstring); `ratings` (U, I) on any scale, NaN where missing.

    `reference`: an expert's values (I,), or (U, I) with a row for each rater; NaN where there is none. Without one it
    is `consensus(ratings)`. O(U I²). Raises ValueError for shapes that do not fit.
    """
    table = _table(ratings)
    target = consensus(table) if reference is None else np.asarray(reference, dtype=np.float64)
    if target.shape not in (table.shape, table.shape[1:]):
        raise ValueError("A reference has one value for each item, or a table of the shape of the ratings.")
    target = np.broadcast_to(target, table.shape)
    rows = [_fit(mine, truth) for mine, truth in zip(table, target, strict=True)]
    score, error, pairs = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return FitScores(score, error, pairs)


def _fit(mine: Array, truth: Array) -> tuple[float, float, float]:
    """Score, standard error and pairs of one rater."""
    both = ~(np.isnan(mine) | np.isnan(truth))
    x, y = mine[both], truth[both]
    order = _order(y)
    agreed = (_order(x) * order).sum(axis=1)
    pairs = np.abs(order).sum(axis=1)
    total = float(pairs.sum())
    if total < 2 * FEWEST_PAIRS:
        return np.nan, np.nan, total / 2
    score = float(agreed.sum()) / total
    rest = np.maximum(total - 2 * pairs, 1.0)
    without = (agreed.sum() - 2 * agreed) / rest
    items = x.size
    error = float(np.sqrt((items - 1.0) / items * ((without - without.mean()) ** 2).sum()))
    return score, error, total / 2


def _order(values: Array) -> Array:
    """sign(v_i - v_k), with differences below rounding as ties."""
    apart = values[:, None] - values
    sign: Array = np.sign(np.where(np.abs(apart) < 1e-9, 0.0, apart))
    return sign


def _table(ratings: ArrayLike) -> Array:
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or np.isinf(table).any():
        raise ValueError("Ratings must be a table (raters, items) of finite numbers, NaN where there is none.")
    return table
