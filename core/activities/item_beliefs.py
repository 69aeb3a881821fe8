"""What a class believes of its items: how good on the gallery's scale, how surely, and where its raters disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.activities.judging import SHARE
from core.activities.seats import Opened
from core.crowd import items as crowd
from core.crowd.scales import SCALES
from core.store.database import run
from core.store.tables import Contribution, Judgement
from core.words import N_, Sentence

ENOUGH = 3  # judgements before anything is said of an item in words
_WORDS = {
    "few": Sentence(N_("Too few have judged it to say anything.")),
    "disputed": Sentence(N_("The class does not agree about it.")),
    "above": Sentence(N_("The class thinks more of it than of most.")),
    "below": Sentence(N_("The class thinks more of most others.")),
    "level": Sentence(N_("As far as is known, the class thinks of it as of most.")),
}


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of an item on 0..1, with its interval of 90 %; `sides`: the plain means by attribute, in stars.

    `standing`: 'few', 'disputed', or where its interval lies beside the class's level: 'above', 'below', 'level'.
    """

    mean: float
    low: float
    high: float
    given: int
    standing: str
    sides: Mapping[str, float]

    @property
    def words(self) -> Sentence:
        """The same for people. Says nothing that the interval does not bear."""
        return _WORDS[self.standing]


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Of each item that was judged, by its number; `level` is where the class's judgements lie."""

    of: Mapping[int, Belief]
    level: float
    judges: int


def of_gallery(session: Session, opened: Opened) -> Beliefs:
    """From all judgements that count, those that were drawn; each on the scale that it was given on."""
    return _believed(
        tuple(
            (row.contribution_id, row.person_id, row.scale, tuple(sorted(row.ratings.items())))
            for row in run(session, _JUDGED, activity=opened.id)
        )
    )


@lru_cache(maxsize=32)  # a fit of 4,000 ratings takes a sixth of a second, and many pages ask for the same one
def _believed(said: tuple[tuple[int, int, str, tuple[tuple[str, int], ...]], ...]) -> Beliefs:
    """From what was said: item, person, scale, ratings by attribute."""
    place = {number: at for at, number in enumerate(dict.fromkeys(item for item, *_ in said))}
    person = {number: at for at, number in enumerate(dict.fromkeys(who for _, who, *_ in said))}
    units = np.empty(len(said))
    for scale in {scale for _, _, scale, _ in said}:
        rows = [at for at, one in enumerate(said) if one[2] == scale]
        units[rows] = SCALES[scale].measures([dict(said[at][3]) for at in rows])
    items, people = [place[item] for item, *_ in said], [person[who] for _, who, *_ in said]
    fitted = crowd.beliefs(crowd.rated(items, people, units, len(place), len(person)))
    low, high = fitted.interval()
    disputed = fitted.disputed()
    sides = _sides([(item, ratings) for item, _, _, ratings in said])
    return Beliefs(
        {
            number: Belief(
                float(np.clip(fitted.mean[at], 0.0, 1.0)),
                float(low[at]),
                float(high[at]),
                int(fitted.given[at]),
                _standing(int(fitted.given[at]), bool(disputed[at]), float(low[at]), float(high[at]), fitted.level),
                sides[number],
            )
            for number, at in place.items()
        },
        fitted.level,
        len(person),
    )


def _standing(given: int, disputed: bool, low: float, high: float, level: float) -> str:
    if given < ENOUGH:
        return "few"
    if disputed:
        return "disputed"
    return "above" if low > level else "below" if high < level else "level"


def _sides(said: list[tuple[int, tuple[tuple[str, int], ...]]]) -> dict[int, dict[str, float]]:
    given: dict[int, dict[str, list[int]]] = {}
    for number, ratings in said:
        for key, value in ratings:
            given.setdefault(number, {}).setdefault(key, []).append(value)
    return {
        number: {key: sum(values) / len(values) for key, values in sides.items()} for number, sides in given.items()
    }


_JUDGED = (
    select(Judgement.contribution_id, Judgement.person_id, Judgement.scale, Judgement.ratings)
    .join(Contribution, Contribution.id == Judgement.contribution_id)
    .where(
        Judgement.activity_id == bindparam("activity"),
        Judgement.ratings.is_not(None),
        Judgement.counts,
        Judgement.policy == SHARE,
        Contribution.status.in_(("live", "held")),
    )
    .order_by(Judgement.id)
)
