"""Questions about one problem of a practice activity: they may give the answer away, so they wait for the key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.activities import attempts, practice_rules, seats
from core.activities.seats import Opened, Practice, Seat
from core.activities.visibility import TO_CLASS
from core.store.database import run
from core.store.tables import Contribution, Question


def open_to(session: Session, seat: Seat, opened: Opened, *, now: datetime) -> frozenset[int]:
    """The problems of the activity about which this person may ask and read: all for teachers, for students those
    whose key they may see. None where the activity has no problems.
    """
    if opened.kind != "practice":
        return frozenset()
    practice = seats.practice_of_id(session, seat, opened.id)
    if seat.role == "teacher":
        return frozenset(practice.problems)
    tries = attempts.tries(session, practice, seat.person_id).get(seat.person_id, {})
    return frozenset(
        problem
        for problem in practice.problems
        if practice_rules.standing(practice.settings, tries.get(problem, ()), now).key_visible
    )


def is_open(session: Session, seat: Seat, opened: Opened, text_id: int, *, now: datetime) -> bool:
    """Whether no question that a text is, or is under, is about a problem of which this person may not read. True where
    there is no such text: whoever asks says the same of both, so that nobody learns which numbers are taken.
    """
    if opened.kind != "practice" or seat.role == "teacher":
        return True
    row = run(session, _ABOUT, text=text_id, activity=opened.id).first()
    if row is None or row.problem_id is None or row.person_id == seat.person_id:
        return True
    return row.problem_id in open_to(session, seat, opened, now=now)


_text, _asked = aliased(Contribution), aliased(Contribution)
_above = aliased(Contribution)
_ABOUT = (
    select(Question.problem_id, _asked.person_id)
    .select_from(_text)
    .outerjoin(_above, _above.id == _text.parent_id)
    .join(Question, Question.contribution_id.in_((_text.id, _text.parent_id, _above.parent_id)))
    .join(_asked, _asked.id == Question.contribution_id)
    .where(_text.id == bindparam("text"), _text.activity_id == bindparam("activity"))
)


def number_beside(
    session: Session, seat: Seat, practice: Practice, problem_id: int, *, key_visible: bool
) -> int | None:
    """How many questions beside a practice activity this person finds from one of its problems: those about all of it,
    and once its key is visible those about this problem. None where questions are switched off.
    """
    if practice.settings.questions_panel == "off":
        return None
    about = problem_id if key_visible else None
    return run(session, _BESIDE, activity=practice.id, problem=about, reader=seat.person_id).scalar_one()


_BESIDE = (
    select(func.count())
    .select_from(Question)
    .join(Contribution, Contribution.id == Question.contribution_id)
    .where(
        Question.activity_id == bindparam("activity"),
        Question.merged_into_id.is_(None),
        or_(Question.problem_id.is_(None), Question.problem_id == bindparam("problem")),
        TO_CLASS,
    )
)
