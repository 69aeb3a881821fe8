"""What next (Kobren et al., WWW 2015): which problem a person is shown now, and keeping that it was shown.

Each function that changes something first holds the person and the activity (`seats`): of two tabs the second finds
what the first was shown.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from sqlalchemy.orm import Session

from core.activities import attempts, practice_rules, seats, task_choice, task_exposures, tasks
from core.activities.practice_settings import MY_ORDER
from core.activities.seats import Practice, Seat
from core.activities.task_exposures import CHOSEN, Chosen, Newest
from core.survival import goals
from core.survival.goals import Goal
from core.words import N_, Sentence


def offer(
    session: Session,
    seat: Seat,
    practice: Practice,
    *,
    after: int | None = None,
    rng: np.random.Generator,
    now: datetime,
) -> int | None:
    """Choose the next problem by the activity's order and put it before this person; None when nothing is open.

    What they are at stays before them, unless it is the problem `after` which they want to go on.
    """
    seats.hold(session, seat)
    practice = seats.hold_practice(session, seat, practice)
    listed = tasks.places(session, seat, practice, now)
    last = task_exposures.newest(session, seat, practice)
    open_problems = tasks.open_problems(listed)
    if last is not None and last.is_open(now) and last.problem_id in open_problems - {after}:
        return last.problem_id
    if practice.settings.order == MY_ORDER:
        following = practice_rules.next_in_order(practice.problems, open_problems, after)
        chosen = None if following is None else Chosen(following, MY_ORDER, 1.0, 1)
    else:
        chosen = task_choice.choose(session, seat, practice, listed, after=after, rng=rng, now=now)
    if chosen is None:
        return None
    task_exposures.show(session, seat, practice, chosen, last, now=now)
    return chosen.problem_id


def is_new(session: Session, seat: Seat, practice: Practice, problem_id: int, now: datetime) -> bool:
    """Whether opening this problem puts it before the person, as `picked` keeps it. Reads only."""
    return _is_new(session, seat, practice, problem_id, task_exposures.newest(session, seat, practice), now)


def picked(session: Session, seat: Seat, practice: Practice, problem_id: int, *, now: datetime) -> None:
    """The person opened a problem from the list. To look again, or at what is closed for them, changes nothing."""
    seats.hold(session, seat)
    practice = seats.hold_practice(session, seat, practice)
    last = task_exposures.newest(session, seat, practice)
    if _is_new(session, seat, practice, problem_id, last, now):
        chosen = Chosen(problem_id, CHOSEN, None, len(practice.problems))
        task_exposures.show(session, seat, practice, chosen, last, now=now)


def _is_new(
    session: Session, seat: Seat, practice: Practice, problem_id: int, last: Newest | None, now: datetime
) -> bool:
    if problem_id not in practice.problems:
        return False
    if last is not None and last.problem_id == problem_id and now - last.shown_at <= task_exposures.SESSION_GAP:
        return False
    standing = practice_rules.standing(
        practice.settings,
        attempts.tries(session, practice, seat.person_id).get(seat.person_id, {}).get(problem_id, []),
        now,
    )
    return standing.may_answer


def goal(session: Session, seat: Seat, practice: Practice, problem_id: int) -> Sentence | None:
    """What this person is told, beside the problem that was put before them last, about how much is left."""
    if task_choice.goal_rule(practice).kind is goals.Kind.NEVER:
        return None
    last = task_exposures.newest(session, seat, practice)
    if last is None or last.problem_id != problem_id or last.goal is None:
        return None
    left = last.goal - (last.outcome is not None)
    if left == 0:
        return Sentence(N_("You made it. Go on for as long as you like."))
    return Goal(left, left, "").sentence()
