"""Learning who stays: the log of a course's task exposures, and the models fitted to it as due work.

Read, fit, keep are three steps with a transaction at the first and at the last: fitting may take minutes and holds
nobody up. Test users and previewing teachers are not learned from.
"""

from __future__ import annotations

import json
import warnings
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.activities import staying, survival_models
from core.activities.survival_models import Model
from core.activities.task_exposures import SESSION_GAP
from core.store.tables import Problem, SurvivalModel, TaskExposure
from core.survival import bulk, logistic
from core.survival.accuracy import accuracy
from core.survival.card import card, to_json
from core.survival.drift import Drift, threshold, watched
from core.survival.goals import survival_by_index
from core.survival.hazard import Hazard, refit, sample
from core.survival.log import Log
from core.survival.paper import fit_fq, fit_la, fit_lm, fit_ls, middle, sequential
from core.survival.shipped import SHIPPED
from core.survival.validation import crossed, folds
from core.words import N_

Array = NDArray[np.float64]
FOLDS = 5
MOST_ROWS = 200_000  # that a worker learns from, the newest: it has scores to send, too
FEWEST_ROWS, FEWEST_PEOPLE = 200, 20  # with less, whatever is fitted says more about chance than about the class
GROWTH = 1.1  # a course is fitted anew when a tenth more has been shown than the last time
_BATCH = 10_000


def read(session: Session, course_id: int, *, now: datetime, most: int | None = None) -> Log:
    """What was put before the people of a course, the newest `most` rows of it, as a log. What somebody is still at is
    left out.
    """
    columns = {name: array(kind) for name, kind in _COLUMNS.items()}
    rows = session.execute(
        select(
            TaskExposure.person_id,
            TaskExposure.problem_id,
            Problem.content["category"].label("category"),
            TaskExposure.shown_at,
            TaskExposure.outcome,
            TaskExposure.outcome_at,
            TaskExposure.goal,
        )
        .join(Problem, Problem.id == TaskExposure.problem_id)
        .where(TaskExposure.course_id == course_id, TaskExposure.counts.is_(True))
        .order_by(TaskExposure.id.desc())
        .limit(most)
        .execution_options(yield_per=_BATCH)
    )
    for row in rows:
        if row.outcome is None and now - row.shown_at <= SESSION_GAP:
            continue
        category, subcategory = staying.levels(staying.path(row.category))
        values = (
            row.person_id,
            row.problem_id,
            category,
            subcategory,
            row.shown_at.timestamp(),
            int(staying.OUTCOMES[row.outcome or "left"]),
            staying.answer_seconds(row.outcome, row.shown_at, row.outcome_at),
            row.goal or 0,
        )
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    people, problems, categories, subcategories, at, outcomes, seconds, remaining = (
        np.array(column)[::-1] for column in columns.values()
    )
    return Log.arranged(
        person=people,
        task=problems,
        category=categories,
        subcategory=subcategories,
        at=at,
        outcome=outcomes,
        seconds=seconds,
        remaining=remaining,
    )


_COLUMNS: Mapping[str, str] = {
    "person": "q",
    "task": "q",
    "category": "q",
    "subcategory": "q",
    "at": "d",
    "outcome": "b",
    "seconds": "d",
    "remaining": "q",
}


def due(session: Session, *, now: datetime) -> list[int]:
    """The courses in which enough has been shown since their newest model, or for a first one, and those whose model
    does not fit any more; by number.
    """
    return sorted({*_grown(session), *(course for course in _modelled(session) if drifted(session, course, now))})


def drifted(session: Session, course_id: int, now: datetime) -> bool:
    """Whether the course's model H has been wrong about who stays since it was fitted, beyond what chance allows."""
    kept = survival_models.newest(session, course_id, "H")
    if kept is None or kept.course_id != course_id:
        return False
    rows = session.execute(
        select(TaskExposure.person_id, TaskExposure.stay, TaskExposure.outcome)
        .where(
            TaskExposure.model_id == kept.id,
            TaskExposure.stay.is_not(None),
            TaskExposure.counts.is_(True),
            (TaskExposure.outcome.is_not(None)) | (TaskExposure.shown_at < now - SESSION_GAP),
        )
        .order_by(TaskExposure.id)
    ).all()
    if not rows:
        return False
    people = np.array([row.person_id for row in rows])
    stay = np.clip([row.stay for row in rows], 1e-6, 1.0 - 1e-6)
    stayed = np.array([row.outcome not in {None, "left"} for row in rows])
    return watched(Drift(), stayed, stay, people, threshold(len(np.unique(people)))).alarm


def _modelled(session: Session) -> list[int]:
    return list(session.scalars(select(SurvivalModel.course_id).where(SurvivalModel.name == "H").distinct()))


def _grown(session: Session) -> list[int]:
    shown = (
        select(
            TaskExposure.course_id,
            func.count().label("rows"),
            func.count(TaskExposure.person_id.distinct()).label("people"),
        )
        .where(TaskExposure.counts.is_(True))
        .group_by(TaskExposure.course_id)
        .subquery()
    )
    fitted = (
        select(SurvivalModel.course_id, func.max(SurvivalModel.rows).label("rows"))
        .group_by(SurvivalModel.course_id)
        .subquery()
    )
    return list(
        session.scalars(
            select(shown.c.course_id)
            .outerjoin(fitted, fitted.c.course_id == shown.c.course_id)
            .where(
                shown.c.rows >= FEWEST_ROWS,
                shown.c.people >= FEWEST_PEOPLE,
                shown.c.rows >= GROWTH * func.coalesce(fitted.c.rows, 0),
            )
        )
    )


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model to be kept: what it is asked with, and what is said about it."""

    name: str
    weights: Mapping[str, Any]
    card: Mapping[str, Any]


def fit(
    log: Log,
    data: str,
    *,
    start: Hazard,
    rng: np.random.Generator,
    now: datetime,
    step: Callable[[str], None] = lambda _: None,
) -> list[Fitted]:
    """Every model of who stays, fitted to a log: H (ours, pulled towards `start`), and the paper's LA, LM, LS and FQ.

    What a card says was measured on people whom the model that predicted them had not seen. The paper's models, which
    start from nothing, are left out where everybody stayed or everybody left. `data` names the log on the card; `step`
    is told what is done next. Raises ValueError for a log of fewer than two people.
    """
    fold = folds(log.person, min(FOLDS, len(log.starts)), rng)
    step(N_("Features"))
    rows, table = sample(log), bulk.matrix(log)
    varies = _varies(log, np.ones(len(log), dtype=np.bool_))  # if all did the same, nothing can be measured
    step(N_("Index alone"))
    usual = _crossed(log, np.log(log.index)[:, None], fold, _la)
    step("H")
    predicted = crossed(rows, partial(refit, start), fold)
    model = refit(start, rows)
    since, until = (datetime.fromtimestamp(float(at), UTC).date().isoformat() for at in (log.at.min(), log.at.max()))
    said = card(
        "H",
        model,
        rows,
        data=data,
        since=since,
        until=until,
        fitted_at=now.date().isoformat(),
        accuracy=accuracy(log.stayed, predicted, log.person, usual, rng) if varies else None,
        chances=predicted,
    )
    rates = survival_by_index(log.index - 1, log.stayed).tolist()
    found = [_fitted("H", model, rates, json.loads(to_json(said)))]
    for name, (whole, part) in PAPERS.items():
        step(name)
        if not varies or (name == "LM" and not _varies(log, middle(log))):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # LM warns of itself: it is here to be compared with
            try:
                model_of_paper = whole(log)
            except ValueError:  # fitted Q iteration does not converge on every log; then the course has no FQ
                continue
            measured = None
            if part is not None:
                measured = asdict(accuracy(log.stayed, _crossed(log, table, fold, part), log.person, usual, rng))
        found.append(_fitted(name, model_of_paper, rates, {"accuracy": measured}))
    return found


def _fitted(name: str, model: Model, rates: Sequence[float], said: Mapping[str, Any]) -> Fitted:
    return Fitted(name, {"model": survival_models.to_weights(model), "rates": list(rates)}, said)


Predictor = Callable[[Array, Log], Array]  # features (R, F) and log of R rows to chances (R,)


def _crossed(log: Log, table: Array, fold: NDArray[np.intp], learn: Callable[[Array, Log], Predictor]) -> Array:
    """Chances of all rows from models that were fitted without the row's fold."""
    chances = np.empty(len(log))
    for one in np.unique(fold):
        apart = fold == one
        chances[apart] = learn(table[~apart], log.rows(~apart))(table[apart], log.rows(apart))
    return chances


def _la(table: Array, log: Log) -> Predictor:
    model = logistic.fit(table, log.stayed)
    return lambda x, _: model.chances(x)


def _lm(table: Array, log: Log) -> Predictor:
    some = middle(log)
    model = logistic.fit(table[some], log.stayed[some])
    return lambda x, _: model.chances(x)


def _ls(table: Array, log: Log) -> Predictor:
    model = sequential(table, log.stayed, log.index)
    return lambda x, rows: model.chances(x, rows.index)


def _varies(log: Log, some: NDArray[np.bool_]) -> bool:
    return bool(log.stayed[some].any() and not log.stayed[some].all())


PAPERS: Mapping[str, tuple[Callable[[Log], Model], Callable[[Array, Log], Predictor] | None]] = {
    "LA": (fit_la, _la),
    "LM": (fit_lm, _lm),
    "LS": (fit_ls, _ls),
    "FQ": (fit_fq, None),  # predicts no probability
}


def start_of(session: Session, course_id: int) -> Hazard:
    """What a course's model is pulled towards: the model of the course that it was copied from, or the shipped one."""
    inherited = survival_models.inherited(session, course_id, "H")
    if inherited is None:
        return SHIPPED
    model = survival_models.from_weights(inherited.weights["model"])
    return model if isinstance(model, Hazard) else SHIPPED


def keep(session: Session, course_id: int, fitted: Sequence[Fitted], *, now: datetime) -> None:
    """Put fitted models into force."""
    counts = select(func.count()).where(TaskExposure.course_id == course_id, TaskExposure.counts.is_(True))
    rows = session.scalar(counts) or 0  # of all, also those that a worker left out: `due` compares with it
    for one in fitted:
        survival_models.keep(session, course_id, one.name, rows=rows, weights=one.weights, card=one.card, now=now)
