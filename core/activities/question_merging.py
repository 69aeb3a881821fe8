"""Questions that ask the same become one: their votes unite, and one human still has one vote."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import contributions, decisions, moderation, question_settings, question_votes
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.store.database import run
from core.store.tables import Contribution, Question, Seen, Vote
from core.words import N_

_theirs, _other = aliased(Vote), aliased(Seen)


def merge(session: Session, seat: Seat, opened: Opened, from_id: int, into_id: int, *, now: datetime) -> int:
    """Make one question part of another (both by number, or by a number that was merged before). Gives the one that
    stays. Of two merges at once the second goes on from what the first one left.

    Votes and who has seen it are united; a second vote, or one for what is now one's own question, counts no more for
    the question but still for who gave it (`credit`). Answers and comments move.
    Raises NotFound for questions that are not here, Refusal where both are one already or where one is about another
    problem, whose key not all who read here may see, NotAllowed for students.
    """
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers merge questions. You can report one as the same as another."))
    one, other = _hold_both(session, opened, from_id, into_id)
    if one == other:
        raise Refusal(N_("These two are one question already. Load the page again."))
    _move_votes(session, one, other)
    _move_seen(session, one, other)
    session.execute(update(Contribution).where(Contribution.parent_id == one).values(parent_id=other))
    _keep_what_settled_it(session, one, other)
    session.execute(update(Question).where(Question.merged_into_id == one).values(merged_into_id=other))
    session.execute(update(Question).where(Question.contribution_id == one).values(merged_into_id=other))
    contributions.retire(session, one, because="merged", now=now)
    for question in (one, other):
        _recount(session, question)
    decisions.record(session, seat, "merge", now=now, contribution_id=one, reason=str(other))
    asker = session.scalar(select(Contribution.person_id).where(Contribution.id == one))
    moderation.shown_or_not(session, seat, opened, question_settings.of(opened), asker, now=now)
    return other


def others(session: Session, seat: Seat, opened: Opened, question_id: int) -> list[tuple[int, str]]:
    """Number and title of the questions that a teacher can make this one part of, newest first: live ones that are
    about the same problem, or like it about none.
    """
    rows = run(session, _OTHERS, question=question_id, activity=opened.id, course=seat.course_id)
    return [(row.contribution_id, row.title) for row in rows]


_this = aliased(Question)
_OTHERS = (
    select(Question.contribution_id, Question.title)
    .join(Contribution, Contribution.id == Question.contribution_id)
    .join(
        _this,
        (_this.contribution_id == bindparam("question")) & Question.problem_id.is_not_distinct_from(_this.problem_id),
    )
    .where(
        Question.activity_id == bindparam("activity"),
        Question.contribution_id != bindparam("question"),
        Question.merged_into_id.is_(None),
        Contribution.course_id == bindparam("course"),
        Contribution.status == "live",
    )
    .order_by(Question.contribution_id.desc())
)


def _hold_both(session: Session, opened: Opened, from_id: int, into_id: int) -> tuple[int, int]:
    """The two questions as they stand now, held in the order of their numbers."""
    while True:
        one, other = (question_votes.root_of(session, opened, number) for number in (from_id, into_id))
        if one is None or other is None:
            raise NotFound(N_("One of these questions is not here any more. Load the page again."))
        held = session.execute(
            select(Question.contribution_id, Question.merged_into_id, Question.problem_id)
            .where(Question.contribution_id.in_((one, other)))
            .order_by(Question.contribution_id)
            .with_for_update()
        ).all()
        if all(row.merged_into_id is None for row in held):
            break  # else another merge was quicker: look again
    status = dict(
        session.execute(select(Contribution.id, Contribution.status).where(Contribution.id.in_((one, other)))).all()
    )
    if "retired" in status.values():
        raise NotFound(N_("One of these questions is not here any more. Load the page again."))
    if len({row.problem_id for row in held}) > 1:
        raise Refusal(
            N_("Nothing was merged: they are not about the same problem, so not all who read one may read the other.")
        )
    return one, other


def _move_votes(session: Session, one: int, other: int) -> None:
    author = select(Contribution.person_id).where(Contribution.id == other).scalar_subquery()
    twice = select(_theirs.person_id).where(_theirs.contribution_id == other).scalar_subquery()
    session.execute(
        update(Vote)
        .where(
            Vote.contribution_id == one,
            Vote.person_id.not_in(twice),
            Vote.person_id.is_distinct_from(author),
        )
        .values(contribution_id=other)
    )
    session.execute(update(Vote).where(Vote.contribution_id == one).values(counts=False))


def _move_seen(session: Session, one: int, other: int) -> None:
    twice = select(_other.person_id).where(_other.contribution_id == other).scalar_subquery()
    session.execute(delete(Seen).where(Seen.contribution_id == one, Seen.person_id.in_(twice)))
    session.execute(update(Seen).where(Seen.contribution_id == one).values(contribution_id=other))


def _keep_what_settled_it(session: Session, one: int, other: int) -> None:
    """What answered the one answers the other, unless that had an answer of its own."""
    settled = session.execute(
        select(Question.answered_at, Question.answer_id).where(Question.contribution_id == one)
    ).one()
    if settled.answered_at is not None:
        session.execute(
            update(Question)
            .where(Question.contribution_id == other, Question.answered_at.is_(None))
            .values(answered_at=settled.answered_at, answer_id=settled.answer_id)
        )


def _recount(session: Session, question_id: int) -> None:
    votes = select(func.count()).where(Vote.contribution_id == question_id, Vote.counts.is_(True))
    seen = select(func.count()).where(Seen.contribution_id == question_id, Seen.counts.is_(True))
    session.execute(
        update(Question)
        .where(Question.contribution_id == question_id)
        .values(votes=votes.scalar_subquery(), seen=seen.scalar_subquery())
    )
