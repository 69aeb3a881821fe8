"""In which order a class's questions are shown, and who has had which on their page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

import numpy as np
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from core.activities.seats import Opened, Seat
from core.selection import ranking
from core.store.database import PerDialect, run
from core.store.tables import Question, Seen, Vote

ORDERS = ("best", "newest", "unanswered", "mine")
DAY = 86_400.0  # seconds


class Asked(Protocol):
    """What the order looks at."""

    @property
    def id(self) -> int: ...
    @property
    def votes(self) -> int: ...
    @property
    def seen(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def answered(self) -> bool: ...
    @property
    def pinned(self) -> bool: ...


Q = TypeVar("Q", bound=Asked)


def ordered(lines: Sequence[Q], order: str, *, now: datetime, voted: Sequence[int] | None = None) -> list[Q]:
    """Pinned ones first; then by what matters to most (`core.selection.ranking`), or the newest first.

    `voted` (`newest_voted`) stands in where it is not kept who saw what.
    """
    newest = sorted(lines, key=lambda line: -line.id)
    if order == "newest" or not newest:
        return sorted(newest, key=lambda line: not line.pinned)
    ages = np.array([max((now - line.created_at).total_seconds() / DAY, 0.0) for line in newest])
    votes = np.array([line.votes for line in newest], dtype=np.float64)
    counted = [line.seen for line in newest]
    seen = ranking.seen_at_least(voted, [line.id for line in newest]) if voted is not None else np.array(counted)
    unanswered = np.array([not line.answered for line in newest])
    quantile = ranking.QUANTILE if voted is None else ranking.WARY
    scores = ranking.question_scores(
        votes, np.maximum(seen, votes), ages, unanswered, ranking.half_life(ages), quantile
    )
    best = [newest[place] for place in ranking.ranked(scores, ages)]
    return sorted(best, key=lambda line: not line.pinned)


def newest_voted(session: Session, opened: Opened) -> list[int]:
    """Of each person who voted here, the newest question that they voted for; in no order, and without the person."""
    return sorted(run(session, _NEWEST_VOTED, activity=opened.id).scalars())


_NEWEST_VOTED = (
    select(func.max(Vote.contribution_id))
    .join(Question, Question.contribution_id == Vote.contribution_id)
    .where(Question.activity_id == bindparam("activity"), Vote.counts.is_(True))
    .group_by(Vote.person_id)
)


def unseen(session: Session, seat: Seat, opened: Opened, question_ids: Sequence[int]) -> list[int]:
    """Those of these questions that were not on this person's page before."""
    known = set(run(session, _KNOWN, activity=opened.id, person=seat.person_id).scalars())
    return [number for number in question_ids if number not in known]


_KNOWN = (
    select(Seen.contribution_id)
    .join(Question, Question.contribution_id == Seen.contribution_id)
    .where(Question.activity_id == bindparam("activity"), Seen.person_id == bindparam("person"))
)


def note_seen(session: Session, seat: Seat, question_ids: Sequence[int], *, counts: bool, now: datetime) -> None:
    """These questions were on this person's page; each is counted once for a person.

    The questions are held in the order of their numbers, so that two pages at once cannot wait for each other.
    """
    if not question_ids:
        return
    held = run(session, _HELD, questions=list(question_ids)).scalars().all()
    new = [
        number
        for number in held
        if run(session, _SEE, contribution_id=number, person_id=seat.person_id, counts=counts, created_at=now).scalar()
        is not None
    ]
    if new and counts:
        run(session, _COUNT, questions=new)


_HELD = (
    select(Question.contribution_id)
    .where(Question.contribution_id.in_(bindparam("questions", expanding=True)))
    .order_by(Question.contribution_id)
    .with_for_update(key_share=True)
)
_SEE = PerDialect(lambda insert: insert(Seen).on_conflict_do_nothing().returning(Seen.contribution_id))
_COUNT = (
    update(Question)
    .where(Question.contribution_id.in_(bindparam("questions", expanding=True)))
    .values(seen=Question.seen + 1)
)
