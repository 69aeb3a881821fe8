"""Votes for questions and answers: one human, one vote, also when questions are merged at that moment.

Where nobody is to be known, a vote keeps the day and no time: the first one for a text is perhaps its author's.

A vote holds the row of its question, a merge holds both; so a vote is stored before a merge, which then moves it, or
after, and then goes to what the question became part of.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import authors, credit, pace, question_order, question_problems, seats, visibility, walls
from core.activities.question_settings import QuestionSettings
from core.activities.refusals import Gone, NotAllowed, NotFound
from core.activities.seats import Opened, Seat
from core.store.database import PerDialect, run
from core.store.tables import Contribution, Question, Vote
from core.words import N_

VOTES_A_TEXT = 10  # of the day's allowance: votes cost less than texts


def vote(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: QuestionSettings,
    contribution_id: int,
    *,
    up: bool,
    now: datetime,
) -> int:
    """Vote for a question or an answer, or take the vote back; doing it twice is doing it once. Gives the question's
    number, which is another one if it was merged meanwhile.

    Raises NotFound for what this person does not see, NotAllowed for one's own and for teachers, Gone, Refusal.
    """
    counts = seats.hold(session, seat)
    if seat.role == "teacher":
        raise NotAllowed(N_("Teachers do not vote. You can endorse or pin it instead."))
    if not question_problems.is_open(session, seat, opened, contribution_id, now=now):
        raise NotFound(_NOT_HERE)
    kind, question_id = _place(session, seat, opened, contribution_id)
    root = hold_root(session, opened, question_id)
    target = root if kind == "question" else contribution_id
    if root is None or target is None or not _may(session, seat, opened, target):
        raise Gone(N_("This is not here any more, so your vote was not counted."))
    pace.spend(session, seat, opened.id, "vote", limit=VOTES_A_TEXT * settings.daily, now=now)
    when = authors.nobody(now).created_at if settings.anonymity == "anonymous" else now
    moved = _add(session, seat, target, counts=counts, now=when) if up else _take(session, seat, target)
    if moved and counts:
        if kind == "question":
            if up:
                question_order.note_seen(session, seat, [target], counts=True, now=when)
            run(session, _COUNT, question=target, step=1 if up else -1)
        credit.changed(session, seat, opened, settings, now=now)
        walls.touch(session, opened.id)
    return root


def toggle(
    session: Session, seat: Seat, opened: Opened, settings: QuestionSettings, contribution_id: int, *, now: datetime
) -> tuple[int, bool]:
    """Vote, or take the vote back: for a button that all see alike, and that so cannot say which. Gives the question's
    number and whether it is a vote now. Raises as `vote`.
    """
    seats.hold(session, seat)  # of two clicks at once the second sees what the first one did
    target = root_of(session, opened, contribution_id) or contribution_id
    up = run(session, _VOTED, text=target, person=seat.person_id).scalar() is None
    return vote(session, seat, opened, settings, contribution_id, up=up, now=now), up


_VOTED = select(Vote.id).where(Vote.contribution_id == bindparam("text"), Vote.person_id == bindparam("person"))


def drop_doubles(session: Session, old: int, new: int) -> None:
    """Two people turn out to be one human: where both voted, or one voted for what the other wrote, one vote goes."""
    twice = select(Vote.contribution_id).where(Vote.person_id == new)
    own = select(Contribution.id).where(Contribution.person_id.in_((old, new)))
    gone = session.execute(
        delete(Vote)
        .where(
            (Vote.person_id == old) & (Vote.contribution_id.in_(twice) | Vote.contribution_id.in_(own))
            | (Vote.person_id == new) & Vote.contribution_id.in_(own)
        )
        .returning(Vote.contribution_id, Vote.counts)
    ).all()
    for row in gone:
        if row.counts:
            run(session, _COUNT, question=row.contribution_id, step=-1)
    moved = [row.contribution_id for row in gone if row.counts]
    for activity in session.scalars(
        select(Contribution.activity_id)
        .where(Contribution.id.in_(moved), Contribution.activity_id.is_not(None))
        .distinct()
        .order_by(Contribution.activity_id)
    ).all():
        walls.touch(session, int(activity or 0))


_COUNT = (
    update(Question)
    .where(Question.contribution_id == bindparam("question"))
    .values(votes=Question.votes + bindparam("step"))
)


def root_of(session: Session, opened: Opened, question_id: int) -> int | None:
    """The question itself, or the one that it was merged into; None where there is none here."""
    row = run(session, _ROOT, question=question_id, activity=opened.id).one_or_none()
    return None if row is None else row.merged_into_id or row.contribution_id


def hold_root(session: Session, opened: Opened, question_id: int) -> int | None:
    """The same, and it stays so until this transaction ends."""
    return _hold(session, root_of(session, opened, question_id))


def _hold(session: Session, found: int | None) -> int | None:
    while found is not None:
        merged: int | None = run(session, _HOLD, question=found).scalar_one()
        if merged is None:
            break
        found = merged
    return found


def hold_above(session: Session, seat: Seat, text_id: int) -> int | None:
    """The question that a text of the course is, or stands under, held as `hold_root` does; None where there is none.

    Whoever changes a text of a question, or adds one, begins with this row: a vote has it when its foreign key asks
    for the text's row. In the other order the two would wait for each other.
    """
    return _hold(session, run(session, _ABOVE, text=text_id, course=seat.course_id).scalar())


_text, _above = aliased(Contribution), aliased(Contribution)
_ABOVE = (
    select(Question.contribution_id)
    .select_from(_text)
    .outerjoin(_above, _above.id == _text.parent_id)
    .join(Question, Question.contribution_id.in_((_text.id, _text.parent_id, _above.parent_id)))
    .where(_text.id == bindparam("text"), _text.course_id == bindparam("course"))
)
_ROOT = select(Question.contribution_id, Question.merged_into_id).where(
    Question.contribution_id == bindparam("question"), Question.activity_id == bindparam("activity")
)
_HOLD = select(Question.merged_into_id).where(Question.contribution_id == bindparam("question")).with_for_update()


def _place(session: Session, seat: Seat, opened: Opened, contribution_id: int) -> tuple[str, int]:
    """What is voted for, and the question that it is or stands under."""
    row = run(session, _PLACE, text=contribution_id, activity=opened.id, course=seat.course_id).one_or_none()
    if row is None:
        raise NotFound(_NOT_HERE)
    return row.kind, contribution_id if row.kind == "question" else row.parent_id


_NOT_HERE = N_("This question is not here, or not any more. Go back to the list.")
_PLACE = select(Contribution.kind, Contribution.parent_id).where(
    Contribution.id == bindparam("text"),
    Contribution.activity_id == bindparam("activity"),
    Contribution.course_id == bindparam("course"),
    Contribution.kind.in_(("question", "answer")),
)


def _may(session: Session, seat: Seat, opened: Opened, target: int) -> bool:
    """Whether the text is shown to this person. Raises NotAllowed for their own."""
    row = run(session, _TARGET, text=target, activity=opened.id, reader=seat.person_id).one_or_none()
    if row is not None and row.person_id == seat.person_id:
        raise NotAllowed(N_("This is your own. Classmates vote for it."))
    return row is not None and row.status == "live"


_TARGET = select(Contribution.person_id, Contribution.status).where(
    Contribution.id == bindparam("text"), Contribution.activity_id == bindparam("activity"), visibility.TO_STUDENT
)


def _add(session: Session, seat: Seat, target: int, *, counts: bool, now: datetime) -> bool:
    added = run(
        session, _ADD, contribution_id=target, person_id=seat.person_id, counts=counts, weight=1.0, created_at=now
    )
    return added.scalar() is not None


def _take(session: Session, seat: Seat, target: int) -> bool:
    return run(session, _TAKE, text=target, person=seat.person_id).scalar() is not None


_ADD = PerDialect(lambda insert: insert(Vote).on_conflict_do_nothing().returning(Vote.id))
_TAKE = (
    delete(Vote)
    .where(Vote.contribution_id == bindparam("text"), Vote.person_id == bindparam("person"))
    .returning(Vote.id)
)
