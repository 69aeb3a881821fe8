"""One noun: the survival model of a course. What was fitted is kept as a row; the newest of a name is in force.

A course without one of its own asks that of the course which an activity of it was copied from; without that, the
model that the program brings along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session, aliased

from core.activities import staying
from core.activities.seats import Seat
from core.activities.staying import Candidates, Nearby, Past
from core.store.database import run
from core.store.tables import Activity, SurvivalModel
from core.survival import serving
from core.survival.anchored import anchored
from core.survival.features import Tasks
from core.survival.fitted_q import FittedQ
from core.survival.hazard import Hazard, Sample
from core.survival.logistic import Logistic
from core.survival.paper import Sequential
from core.survival.person import Person, replayed
from core.survival.plain import from_plain, plain
from core.survival.records import Averages, Record, facts
from core.survival.rhythm import COLUMNS, Rhythm, seen
from core.survival.rhythm import kept as kept_rhythm
from core.survival.shipped import SHIPPED

Model = Logistic | Sequential | FittedQ | Hazard
Array = NDArray[np.float64]
SHIPPED_RATES: Array = np.full(
    1, SHIPPED.model.stayed / SHIPPED.model.rows
)  # of survival: what it learned from, at any index


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored model: what it is asked with (`weights`) and what is said about it (`card`)."""

    id: int
    course_id: int
    name: str
    fitted_at: datetime
    rows: int
    weights: Mapping[str, Any]
    card: Mapping[str, Any]


def newest(session: Session, course_id: int, name: str) -> Kept | None:
    """The model of this name that holds for the course: its own, or the one of a course that it was copied from."""
    row = run(session, _OWN, course=course_id, name=name).one_or_none()
    return Kept(*row) if row is not None else inherited(session, course_id, name)


def inherited(session: Session, course_id: int, name: str) -> Kept | None:
    """The model of this name of a course that an activity of this one was copied from."""
    row = run(session, _INHERITED, course=course_id, name=name).one_or_none()
    return None if row is None else Kept(*row)


_COLUMNS = (
    SurvivalModel.id,
    SurvivalModel.course_id,
    SurvivalModel.name,
    SurvivalModel.fitted_at,
    SurvivalModel.rows,
    SurvivalModel.weights,
    SurvivalModel.card,
)
_here, _there = aliased(Activity), aliased(Activity)
_OWN = (
    select(*_COLUMNS)
    .where(SurvivalModel.course_id == bindparam("course"), SurvivalModel.name == bindparam("name"))
    .order_by(SurvivalModel.id.desc())
    .limit(1)
)
_INHERITED = (
    select(*_COLUMNS)
    .join(_there, _there.course_id == SurvivalModel.course_id)
    .join(_here, _here.copied_from_id == _there.id)
    .where(_here.course_id == bindparam("course"), SurvivalModel.name == bindparam("name"))
    .order_by(SurvivalModel.id.desc())
    .limit(1)
)


def keep(
    session: Session,
    course_id: int,
    name: str,
    *,
    rows: int,
    weights: Mapping[str, Any],
    card: Mapping[str, Any],
    now: datetime,
) -> None:
    """Store a fitted model; it is in force from now on."""
    run(
        session,
        _KEEP,
        course_id=course_id,
        name=name,
        fitted_at=now,
        rows=rows,
        weights=dict(weights),
        card=dict(card),
    )


_KEEP = insert(SurvivalModel)


def to_weights(model: Model) -> dict[str, Any]:
    """What has to be kept of a model to ask it again."""
    match model:
        case Logistic():
            return {"weights": model.weights.tolist(), "intercept": model.intercept}
        case Sequential():
            return {"models": [to_weights(one) for one in model.models], "pooled": to_weights(model.pooled)}
        case FittedQ():
            return {"weights": model.weights.tolist(), **{name: getattr(model, name) for name in _OF_FITTED_Q}}
        case Hazard():
            return plain(model)


def from_weights(kept: Mapping[str, Any]) -> Model:
    """The model that `to_weights` wrote down."""
    if "models" in kept:
        return Sequential(tuple(_logistic(one) for one in kept["models"]), _logistic(kept["pooled"]))
    if "knots" in kept:
        return from_plain(kept)
    if "discount" in kept:
        return FittedQ(np.array(kept["weights"]), *(kept[name] for name in _OF_FITTED_Q))
    return _logistic(kept)


_OF_FITTED_Q = ("intercept", "discount", "ridge", "rows", "radius")


def _logistic(kept: Mapping[str, Any]) -> Logistic:
    return Logistic(np.array(kept["weights"]), kept["intercept"])


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One person before T problems, as the models see it."""

    person: Person
    rhythm: Rhythm
    tasks: Tasks
    problems: tuple[int, ...]
    nearby: Nearby
    now: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A model about to be asked about a moment; `rates`: survival by index in the course that it learned from.

    The hazard model knows when somebody is about to leave, and hardly which problem would make them; `ranks`, a model
    of Table 1's features, says how the problems differ, at the hazard's level.
    """

    model_id: int | None
    model: Model
    rates: Array
    moment: Moment
    ranks: Logistic | None = None

    def stay(self, remaining: int) -> Array:
        """The chance that this person stays for each problem, (T,), told that `remaining` are left (0: told nothing).

        Fitted Q gives a number of answers to come instead.
        """
        at = self.moment
        match self.model:
            case Hazard():
                chances = self.model.chances(_sample(at, remaining))
                if self.ranks is None or not chances.size:
                    return chances
                ready = serving.prepared(self.ranks, at.tasks)
                return anchored(serving.chances(ready, at.person, remaining), float(chances.mean()))
            case FittedQ():
                return serving.scores(serving.prepared(self.model, at.tasks), at.person, remaining)
            case Sequential():
                model = self.model.at(at.person.done + 1)
                return serving.chances(serving.prepared(model, at.tasks), at.person, remaining)
            case Logistic():
                return serving.chances(serving.prepared(self.model, at.tasks), at.person, remaining)

    def probability(self, stay: float) -> float:
        """What `stay` says, as a probability: fitted Q's number as the share of the answers that could be to come."""
        if isinstance(self.model, FittedQ):
            stay *= 1.0 - self.model.discount
        return min(max(stay, 0.0), 1.0)


def asked(
    session: Session, seat: Seat, name: str | None, known: Candidates, past: Sequence[Past], now: datetime
) -> Asked | None:
    """The model of this name, ready to be asked about a person's next problem; None if no model is wanted.

    A course without a fitted one asks the hazard model that the program brings along, whatever the name.
    """
    if name is None:
        return None
    kept = newest(session, seat.course_id, name)
    moment = _moment(session, seat, known, past, now)
    if kept is None:
        return Asked(None, SHIPPED, SHIPPED_RATES, moment)
    ranks = newest(session, seat.course_id, "LA") if name == "H" else None
    return Asked(
        kept.id,
        from_weights(kept.weights["model"]),
        np.array(kept.weights["rates"]),
        moment,
        None if ranks is None else _logistic(ranks.weights["model"]),
    )


def _moment(session: Session, seat: Seat, known: Candidates, past: Sequence[Past], now: datetime) -> Moment:
    tasks, events = known.tasks, staying.events(past, now)
    place = {problem: index for index, problem in enumerate(known.problems)}
    elsewhere = facts(Record(), Averages())
    rhythm = Rhythm()
    for event in events:
        rhythm = kept_rhythm(rhythm, event.at, event.outcome, event.seconds)
    person = replayed((event, tasks.facts[place[event.task]] if event.task in place else elsewhere) for event in events)
    return Moment(person, rhythm, tasks, known.problems, staying.nearby(session, seat, known, now), now)


def _sample(at: Moment, remaining: int) -> Sample:
    """The moment as rows of the hazard model, one for each problem."""
    when, near = at.now.timestamp(), at.nearby
    pairs = list(zip(near.hour.tolist(), near.day.tolist(), strict=True))
    rows = {pair: seen(at.rhythm, when, remaining, *pair, near.hour_anywhere, near.day_anywhere) for pair in set(pairs)}
    size = len(at.problems)
    return Sample(
        np.array([rows[pair] for pair in pairs]).reshape(size, len(COLUMNS)),
        np.zeros(size, dtype=np.int32),
        at.tasks.category,
        np.array(at.problems, dtype=np.int32),
        np.zeros(size, dtype=np.bool_),
    )
