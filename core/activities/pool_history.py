"""How a pool's chances moved: the log of what happened, as the selection floor replays it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities import pools
from core.activities.seats import Practice
from core.selection.arms import Pool, Stats
from core.selection.history import Event, Events, chance_history
from core.store.tables import Activity, Arm, Contribution, Exposure

LEAST_EVENTS = 4  # ratings; before that there is no story to tell
POINTS = 60


@dataclass(frozen=True, slots=True)
class Story:
    """For each text that was in the pool its (time in [0, 1], chance) pairs; time counts events, first to last."""

    lines: Mapping[int, Sequence[tuple[float, float]]]
    begins: datetime
    ends: datetime
    events: int  # ratings and outcomes


def story(session: Session, practice: Practice, problem_id: int, slot: str) -> Story | None:
    """The story of a problem's pool in a slot, or None while too little has happened."""
    texts = session.execute(
        select(
            Arm.contribution_id,
            Arm.author,
            Arm.inherited_rewarded,
            Arm.inherited_points,
            Arm.inherited_squares,
            Contribution.joined_at,
            Contribution.retired_at,
            Contribution.pinned_at,
        )
        .join(Contribution, Contribution.id == Arm.contribution_id)
        .join(Activity, Activity.course_id == Contribution.course_id)
        .where(Activity.id == practice.id, Arm.problem_id == problem_id, Arm.slot == slot)
        .order_by(Arm.contribution_id)
    ).all()
    place = {row.contribution_id: index for index, row in enumerate(texts)}
    happened: list[tuple[datetime, int, int, float]] = []  # when, what, whose, reward
    for text in texts:
        happened.append((text.joined_at, Event.ARRIVED, place[text.contribution_id], 0.0))
        if text.retired_at is not None:
            happened.append((text.retired_at, Event.RETIRED, place[text.contribution_id], 0.0))
    rewards_given = session.execute(
        select(Exposure.contribution_id, Exposure.outcome_at, Exposure.points)
        .where(Exposure.contribution_id.in_(place), Exposure.points.is_not(None), Exposure.counts.is_(True))
        .order_by(Exposure.outcome_at, Exposure.id)
    )
    for row in rewards_given:
        happened.append((row.outcome_at, Event.RATED, place[row.contribution_id], row.points / pools.TENTHS))
    policy = practice.settings.help_policy if slot == "help" else practice.settings.explanation_policy
    ratings = sum(what == Event.RATED for _when, what, _whose, _reward in happened)
    if ratings < LEAST_EVENTS or policy == "off":
        return None
    happened.sort(key=lambda event: event[0])
    _when, what, whose, rewards = zip(*happened, strict=True)
    events = Events(np.array(what, dtype=np.int8), np.array(whose, dtype=np.intp), np.array(rewards))
    pool = Pool(
        ratings=Stats.empty(len(texts)),
        inherited=pools.inherited_of(
            [(row.inherited_rewarded, row.inherited_points, row.inherited_squares) for row in texts]
        ),
        authors=np.array([pools.AUTHORS[row.author] for row in texts], dtype=np.int8),
        pinned=np.array([row.pinned_at is not None for row in texts], dtype=bool),
    )
    told = chance_history(pool, events, policy, points=POINTS)
    lines = {
        number: [
            (float(moment) / events.kind.size, float(chance))
            for moment, chance in zip(told.events, told.chance[:, index], strict=True)
            if chance > 0
        ]
        for number, index in place.items()
    }
    return Story(lines, happened[0][0], happened[-1][0], ratings)
