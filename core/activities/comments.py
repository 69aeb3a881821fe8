"""Comments on a question, an answer or an item of a gallery: short, in the order in which they came."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.activities import (
    authors,
    contributions,
    credit,
    posting,
    question_problems,
    question_votes,
    seats,
    texts,
    walls,
)
from core.activities.authors import Author
from core.activities.posting import Posted, Typed
from core.activities.refusals import NotAllowed, NotFound
from core.activities.seats import Opened, Seat
from core.activities.shared_settings import SharedSettings
from core.activities.visibility import TO_STUDENT, TO_TEACHER, shown_to
from core.store.database import run
from core.store.tables import Contribution, Question
from core.words import N_

LONGEST = 1_000
ON = ("question", "answer", "found", "produced")  # what is commented on


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as one reader sees it. `status` is 'live', or how one's own (or, for the teacher, any) stands."""

    id: int
    parent_id: int
    text: str
    author: Author
    status: str


def write(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: SharedSettings,
    typed: Typed,
    *,
    parent_id: int,
    now: datetime,
) -> Posted:
    """Comment on a text that one sees; on a question that was merged, where it went.

    Raises Refusal as `posting.post`, NotFound where it is not shown any more, NotAllowed under a closed question.
    """
    seats.hold(session, seat)
    texts.clean(typed.text, LONGEST)
    question = question_votes.hold_above(session, seat, parent_id)  # who merges it meanwhile waits, or was first
    parent_id = question_votes.root_of(session, opened, parent_id) or parent_id
    statement = _PARENT.where(shown_to(seat)).with_for_update(read=True, key_share=True)
    where = {"parent": parent_id, "activity": opened.id, "course": seat.course_id, "reader": seat.person_id}
    is_open = question_problems.is_open(session, seat, opened, parent_id, now=now)
    if not is_open or run(session, statement, **where).scalar() is None:
        raise NotFound(N_("What you comment on is not shown any more. Your words are still in the box."))
    if (
        question is not None
        and seat.role != "teacher"
        and run(session, _CLOSED, question=question).scalar() is not None
    ):
        raise NotAllowed(
            N_("Your teacher closed this question: no more comments are taken. Your words are still in the box.")
        )
    posted = posting.post(session, seat, opened, settings, typed, kind="comment", parent_id=parent_id, now=now)
    posting.tell(session, seat, opened, settings, posted, kind="comment", now=now)
    return posted


_PARENT = select(Contribution.id).where(
    Contribution.id == bindparam("parent"),
    Contribution.activity_id == bindparam("activity"),
    Contribution.course_id == bindparam("course"),
    Contribution.kind.in_(ON),
)
_CLOSED = select(Question.closed_at).where(Question.contribution_id == bindparam("question"))


def take_back(
    session: Session, seat: Seat, opened: Opened, settings: SharedSettings, comment_id: int, *, now: datetime
) -> None:
    """The author takes a comment back. Raises NotFound for one that is not theirs."""
    seats.hold(session, seat)
    mine = select(Contribution.id).where(
        Contribution.id == comment_id,
        Contribution.activity_id == opened.id,
        Contribution.kind == "comment",
        Contribution.person_id == seat.person_id,
    )
    if session.scalar(mine) is None:
        raise NotFound(N_("This comment is not one of yours."))
    contributions.retire(session, comment_id, because="withdrawn", now=now)
    credit.changed(session, seat, opened, settings, now=now)
    walls.touch(session, opened.id)


def of_parents(
    session: Session, seat: Seat, opened: Opened, settings: SharedSettings, parent_ids: Collection[int]
) -> dict[int, list[Comment]]:
    """The comments on these texts that this person may see, oldest first."""
    if not parent_ids:
        return {}
    statement = _OF_TEACHER if seat.role == "teacher" else _OF_STUDENT
    rows = run(
        session, statement, parents=list(parent_ids), activity=opened.id, course=seat.course_id, reader=seat.person_id
    ).all()
    known = authors.names(session, seat, opened.id, settings, [row.person_id for row in rows])
    found: dict[int, list[Comment]] = {}
    for row in rows:
        author = known.of(row.person_id, inherited=row.inherited_from_id is not None)
        found.setdefault(row.parent_id, []).append(Comment(row.id, row.parent_id, row.text, author, row.status))
    return found


_OF = (
    select(
        Contribution.id,
        Contribution.parent_id,
        Contribution.text,
        Contribution.person_id,
        Contribution.inherited_from_id,
        Contribution.status,
    )
    .where(
        Contribution.parent_id.in_(bindparam("parents", expanding=True)),
        Contribution.activity_id == bindparam("activity"),
        Contribution.course_id == bindparam("course"),
        Contribution.kind == "comment",
    )
    .order_by(Contribution.id)
)
_OF_STUDENT, _OF_TEACHER = _OF.where(TO_STUDENT), _OF.where(TO_TEACHER)
