"""What a teacher looks at about who stays: how many did how many problems, which were chosen lately and why, and how
far the model that chose them can be trusted.

Only for teachers: that somebody is about to leave is never shown to anybody else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.activities import practice_settings, survival_models
from core.activities.seats import Practice, Seat
from core.activities.task_exposures import ANSWERS, CHOSEN
from core.store.tables import Person, Problem, TaskExposure
from core.survival import metrics
from core.survival.accuracy import Accuracy
from core.survival.allocation import Allocation, Drawn, because
from core.survival.card import Card, from_json
from core.survival.policies import POLICIES
from core.words import N_, Sentence

LATELY = 20  # choices that are listed


@dataclass(frozen=True, slots=True)
class Choice:
    """One problem that was put before a student, and why it was this one."""

    name: str
    problem_id: int
    problem: str
    why: Sentence
    probability: float | None
    stay: float | None
    goal: int | None
    outcome: str | None
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class Participation:
    """`shares[x]`: of the people who were shown a problem, the share who answered or skipped at least x, FP_x."""

    people: int
    shares: tuple[float, ...]
    area: float  # FP-AUC


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the model of who stays can be trusted here. `own`: it was fitted to this course, not to the one before.

    `card` is None where the course has none yet and asks the model that comes with the program; `others` are the
    accuracies of the paper's models on the same people, by name.
    """

    card: Card | None
    own: bool
    others: tuple[tuple[str, Accuracy], ...]


def trust(session: Session, seat: Seat) -> Trust:
    """What is known about the models that choose for this course."""
    kept = survival_models.newest(session, seat.course_id, "H")
    if kept is None:
        return Trust(None, own=False, others=())
    others = []
    for name in ("LA", "LM", "LS"):
        other = survival_models.newest(session, seat.course_id, name)
        if other is not None and other.card.get("accuracy"):
            measured = dict(other.card["accuracy"])
            others.append((name, Accuracy(**{**measured, "interval": tuple(measured["interval"])})))
    return Trust(from_json(json.dumps(kept.card)), kept.course_id == seat.course_id, tuple(others))


def participation(session: Session, seat: Seat, practice: Practice) -> Participation:
    """How far people came in the activity (Kobren et al., WWW 2015, section 3.4.3)."""
    done = func.count().filter(TaskExposure.outcome.in_((*ANSWERS, "skipped")))
    rows = session.scalars(
        select(done)
        .where(
            TaskExposure.course_id == seat.course_id,
            TaskExposure.activity_id == practice.id,
            TaskExposure.counts.is_(True),
        )
        .group_by(TaskExposure.person_id)
    )
    counts: NDArray[np.int64] = np.array(list(rows), dtype=np.int64)
    if not counts.size:
        return Participation(0, (), 0.0)
    curve = metrics.fp_curve(counts)
    return Participation(counts.size, tuple(float(share) for share in curve), float(metrics.fp_auc(counts)))


def lately(session: Session, seat: Seat, practice: Practice) -> list[Choice]:
    """The newest choices of the activity, newest first."""
    rows = session.execute(
        select(TaskExposure, Person.name.label("person"), Person.subject, Problem.name.label("problem"), Problem.kind)
        .join(Person, Person.id == TaskExposure.person_id)
        .join(Problem, Problem.id == TaskExposure.problem_id)
        .where(
            TaskExposure.course_id == seat.course_id,
            TaskExposure.activity_id == practice.id,
            TaskExposure.counts.is_(True),
        )
        .order_by(TaskExposure.id.desc())
        .limit(LATELY)
    )
    return [
        Choice(
            row.person or f"№ {row.subject}",
            row.TaskExposure.problem_id,
            row.problem,
            why(row.TaskExposure, keyed=row.kind != "free_text"),
            row.TaskExposure.probability,
            row.TaskExposure.stay,
            row.TaskExposure.goal,
            row.TaskExposure.outcome,
            row.TaskExposure.shown_at,
        )
        for row in rows
    ]


def why(exposure: TaskExposure, *, keyed: bool) -> Sentence:
    """Why this problem was put before this person, in one sentence."""
    if exposure.policy == CHOSEN:
        return Sentence(N_("Picked by the student."))
    if exposure.policy == practice_settings.MY_ORDER or exposure.policy not in POLICIES:
        return Sentence(N_("Next in your order."))
    if exposure.stay is None and POLICIES[exposure.policy].model is not None:
        return Sentence(
            N_("Chosen because its answer tells most ({bits:.2f} bits). No model of who stays was there yet."),
            {"bits": exposure.information or 0.0},
        )
    return because(
        Allocation(
            index=0,
            probability=exposure.probability or 0.0,
            policy=exposure.policy,
            value=0.0,
            reward=exposure.information or 0.0,
            stay=exposure.stay,
            ahead=exposure.ahead or 0.0,
            drawn=Drawn(exposure.drawn or Drawn.BEST),
            ties=exposure.ties or 1,
            allowed=exposure.eligible_size,
            keyed=keyed,
        )
    )
