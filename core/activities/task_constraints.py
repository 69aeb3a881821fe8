"""What a teacher wants of each problem of an activity, where Heirloom chooses the order: its worth, and what must come
first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from core.activities import seats
from core.activities.refusals import Refusal
from core.activities.seats import Practice, Seat
from core.store.database import run
from core.store.tables import ActivityProblem
from core.words import N_

WORTHS = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True)
class Constraint:
    """`worth` multiplies what an answer is expected to tell; `requires_id` has to be answered before it."""

    worth: float = 1.0
    requires_id: int | None = None


def of(session: Session, practice: Practice) -> dict[int, Constraint]:
    """By problem. A prerequisite that is not in the activity any more is none."""
    rows = run(session, _OF, activity=practice.id)
    return {
        row.problem_id: Constraint(row.worth, row.requires_id if row.requires_id in practice.problems else None)
        for row in rows
        if row.problem_id in practice.problems
    }


_OF = select(ActivityProblem.problem_id, ActivityProblem.worth, ActivityProblem.requires_id).where(
    ActivityProblem.activity_id == bindparam("activity")
)


def change(session: Session, seat: Seat, practice: Practice, wanted: Mapping[int, Constraint]) -> None:
    """Keep what the teacher wants. Raises Refusal for a worth that is not offered and for problems in a ring."""
    seats.hold_for_change(session, seat, practice.id)
    if any(one.worth not in WORTHS for one in wanted.values()):
        raise Refusal(N_("Choose one of the listed worths for each problem."))
    requires = {problem: one.requires_id for problem, one in (of(session, practice) | dict(wanted)).items()}
    if any(one is not None and one not in practice.problems for one in requires.values()):
        raise Refusal(N_("A problem that must come first is not in the activity any more. Load the page again."))
    if _has_ring(requires):
        raise Refusal(
            N_(
                "These problems wait for each other, so none of them could ever come. "
                "Take one “only after” away and save again."
            )
        )
    for problem, one in wanted.items():
        run(session, _CHANGE, activity=practice.id, problem=problem, worth=one.worth, requires_id=one.requires_id)


_CHANGE = update(ActivityProblem).where(
    ActivityProblem.activity_id == bindparam("activity"), ActivityProblem.problem_id == bindparam("problem")
)


def _has_ring(requires: Mapping[int, int | None]) -> bool:
    """Whether some problem waits, directly or through others, for itself."""
    for start in requires:
        seen = {start}
        step = requires.get(start)
        while step is not None:
            if step in seen:
                return True
            seen.add(step)
            step = requires.get(step)
    return False
