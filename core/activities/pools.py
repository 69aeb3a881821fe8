"""One noun: the pool of texts that compete for a slot of a problem, and drawing one of them.

Slots: `explanation` (AXIS, rated 0-10), `help` (PeerASSIST: worked examples and teachers' hints, rewarded when the next
problem in the activity is answered right), `reason` (two votes: why someone chose an answer, rated 0-10). What becomes
of an exposure is in `exposures`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import seats
from core.activities.refusals import Refusal
from core.activities.seats import Practice, Seat
from core.selection.arms import Author, Pool, Stats
from core.selection.policies import Choice, choose
from core.store.database import run
from core.store.tables import Arm, Contribution, Exposure, Report
from core.words import N_

AUTHORS = {"student": Author.STUDENT, "star": Author.STAR, "teacher": Author.TEACHER}
TENTHS = 10  # rewards are stored in tenths: a rating 0..10, or 10/0 for the next problem right/wrong
Sums = tuple[int, int, int]  # of rewards in tenths: how many, their sum, the sum of their squares

_root = aliased(Contribution)  # the text that an inherited one goes back to
_author_id = func.coalesce(Contribution.person_id, _root.person_id)


@dataclass(frozen=True, slots=True)
class LiveText:
    """A text in a pool, as the draw needs it."""

    contribution_id: int
    author_id: int | None  # who wrote it, also where it was inherited; None: nobody known here
    kind: str
    stance: str | None
    pinned: bool
    author: str  # of AUTHORS
    shown: int
    rewarded: int
    points: int
    squares: int
    inherited: Sums


def arms(session: Session, problem_id: int, slot: str) -> list[LiveText]:
    """The live texts of a pool with their statistics, in a fixed order."""
    rows = run(session, _ARMS, problem=problem_id, slot=slot)
    return [LiveText(*row[:10], inherited=tuple(row[10:])) for row in rows]


_ARMS = (
    select(
        Arm.contribution_id,
        _author_id.label("author_id"),
        Contribution.kind,
        Contribution.stance,
        Contribution.pinned_at.is_not(None).label("pinned"),
        Arm.author,
        Arm.shown,
        Arm.rewarded,
        Arm.points,
        Arm.squares,
        Arm.inherited_rewarded,
        Arm.inherited_points,
        Arm.inherited_squares,
    )
    .join(Contribution, Contribution.id == Arm.contribution_id)
    .outerjoin(_root, _root.id == Contribution.inherited_from_id)
    .where(Arm.problem_id == bindparam("problem"), Arm.slot == bindparam("slot"), Contribution.status == "live")
    .order_by(Arm.contribution_id)
)


def has_texts(session: Session, seat: Seat, problem_id: int, slot: str) -> bool:
    """Whether the pool holds a text that this person could be shown."""
    return run(session, _HAS_TEXTS, problem=problem_id, slot=slot, person=seat.person_id).first() is not None


_HAS_TEXTS = (
    select(Arm.contribution_id)
    .join(Contribution, Contribution.id == Arm.contribution_id)
    .outerjoin(_root, _root.id == Contribution.inherited_from_id)
    .where(
        Arm.problem_id == bindparam("problem"),
        Arm.slot == bindparam("slot"),
        Contribution.status == "live",
        or_(_author_id.is_(None), _author_id != bindparam("person")),
        ~exists().where(Report.contribution_id == Contribution.id, Report.person_id == bindparam("person")),
    )
    .limit(1)
)


def pool_of(texts: Sequence[LiveText]) -> Pool:
    """Texts as the value that the selection floor takes. Rewards in tenths become rewards in [0, 1]."""
    return Pool(
        ratings=_stats([(text.rewarded, text.points, text.squares) for text in texts]),
        inherited=inherited_of([text.inherited for text in texts]),
        authors=np.array([AUTHORS[text.author] for text in texts], dtype=np.int8),
        pinned=np.array([text.pinned for text in texts], dtype=np.bool_),
    )


def inherited_of(evidence: Sequence[Sums]) -> Stats | None:
    """What earlier classes found out about these texts, or None where nothing was inherited."""
    return _stats(evidence) if any(known for known, _points, _squares in evidence) else None


def _stats(sums: Sequence[Sums]) -> Stats:
    """Sums of tenths as statistics of rewards in [0, 1]."""
    columns = np.array(sums, dtype=np.float64).reshape(len(sums), 3)
    return Stats(*(columns / (1, TENTHS, TENTHS**2)).T)


def draw(
    session: Session,
    seat: Seat,
    practice: Practice,
    *,
    problem_id: int,
    slot: str,
    policy: str,
    occasion: int,
    rng: np.random.Generator,
    now: datetime,
    admit: Callable[[LiveText], bool] = lambda _text: True,
) -> int | None:
    """Choose a text for this person and store the exposure; gives its id, or None when there is nothing to show.

    Never one's own text, a retired one or one that this person reported; a text that this person has seen only when
    every other has been seen as often. `admit` narrows further (only hints; only reasons for another answer).
    `occasion` counts what this slot has shown to this person here: a double click or a second tab asks for the same
    one again and finds the first one's choice. Raises Refusal for an occasion that is still to come.
    """
    if policy == "off":
        return None
    counts = seats.hold(session, seat)  # so that a second tab reads what the first one stored
    before = run(session, _SHOWN_BEFORE, person=seat.person_id, problem=problem_id, slot=slot).all()
    here = {row.occasion: row.id for row in before if row.activity_id == practice.id}
    if occasion in here:
        return int(here[occasion])
    if occasion != len(here):
        raise Refusal(N_("This page is older than what you were shown last. Open the problem again."))
    seen = Counter(row.contribution_id for row in before)
    hidden = _reported_by(session, seat, problem_id)
    found = _choose(session, seat, problem_id, slot, policy, seen, hidden, admit, rng)
    if found is None:
        return None
    chosen, choice = found
    exposure_id = run(
        session,
        _STORE,
        course_id=seat.course_id,
        activity_id=practice.id,
        problem_id=problem_id,
        slot=slot,
        person_id=seat.person_id,
        contribution_id=chosen,
        occasion=occasion,
        round=seen[chosen],
        policy=choice.policy,
        probability=choice.probability,
        pool_size=choice.pool_size,
        eligible_size=choice.eligible_size,
        counts=counts,
        shown_at=now,
    ).scalar_one()
    if counts:
        run(session, _COUNT_SHOWN, arm=chosen)
    return int(exposure_id)


_SHOWN_BEFORE = select(Exposure.id, Exposure.contribution_id, Exposure.activity_id, Exposure.occasion).where(
    Exposure.person_id == bindparam("person"),
    Exposure.problem_id == bindparam("problem"),
    Exposure.slot == bindparam("slot"),
)
_STORE = insert(Exposure).returning(Exposure.id)
_COUNT_SHOWN = update(Arm).where(Arm.contribution_id == bindparam("arm")).values(shown=Arm.shown + 1)


def _choose(
    session: Session,
    seat: Seat,
    problem_id: int,
    slot: str,
    policy: str,
    seen: Mapping[int, int],
    hidden: Collection[int],
    admit: Callable[[LiveText], bool],
    rng: np.random.Generator,
) -> tuple[int, Choice] | None:
    """Draw one text of the pool as it is now; gives its id and the choice, or None when nothing may be shown."""
    while texts := arms(session, problem_id, slot):
        mask = _eligible(texts, seat, seen, hidden, admit)
        choice = choose(policy, pool_of(texts), mask, rng)
        if choice is None:
            return None
        chosen = texts[choice.index].contribution_id
        # The lock is shared by all who are shown this text, and makes whoever retires it wait until they have been.
        # A text that was retired since we read the pool is not found: we draw again, from what is left.
        if run(session, _STILL_LIVE, text=chosen).scalar() is not None:
            return chosen, choice
    return None


_STILL_LIVE = (
    select(Contribution.id)
    .where(Contribution.id == bindparam("text"), Contribution.status == "live")
    .with_for_update(read=True)
)


def _eligible(
    texts: Sequence[LiveText],
    seat: Seat,
    seen: Mapping[int, int],
    hidden: Collection[int],
    admit: Callable[[LiveText], bool],
) -> NDArray[np.bool_]:
    """Which texts this person may be shown now: of those allowed, the ones that they have seen least often."""
    allowed = [_is_for(text, seat, hidden) and admit(text) for text in texts]
    times = [seen.get(text.contribution_id, 0) for text in texts]
    least = min((t for t, ok in zip(times, allowed, strict=True) if ok), default=0)
    return np.array([ok and t == least for t, ok in zip(times, allowed, strict=True)], dtype=np.bool_)


def _is_for(text: LiveText, seat: Seat, hidden: Collection[int]) -> bool:
    return text.author_id != seat.person_id and text.contribution_id not in hidden


def _reported_by(session: Session, seat: Seat, problem_id: int) -> set[int]:
    """Texts of the problem that this person reported."""
    return set(run(session, _REPORTED_BY, person=seat.person_id, problem=problem_id).scalars())


_REPORTED_BY = (
    select(Report.contribution_id)
    .join(Contribution, Contribution.id == Report.contribution_id)
    .where(Report.person_id == bindparam("person"), Contribution.problem_id == bindparam("problem"))
)
