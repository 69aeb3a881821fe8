"""Whose texts a person does not want to see in an activity. Only where authors have names, their own or made-up ones:
elsewhere the texts that go away together would tell that they are one person's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.activities import authors, question_problems
from core.activities.authors import Author
from core.activities.refusals import NotAllowed, NotFound
from core.activities.seats import Opened, Seat
from core.activities.shared_settings import SharedSettings
from core.store.database import insert
from core.store.tables import Block, Contribution, Membership
from core.words import N_, Sentence

NAMED = {"named", "pseudonym"}


@dataclass(frozen=True, slots=True)
class Blocked:
    """An author whom a person does not see, called as the activity calls them; a text of theirs stands for them."""

    contribution_id: int
    author: Author


def block(
    session: Session, seat: Seat, opened: Opened, settings: SharedSettings, contribution_id: int, *, now: datetime
) -> Sentence:
    """Hide everything by a text's author from this person, here. Doing it twice is once.

    Raises NotAllowed where authors have no names, for oneself and for teachers; NotFound for a text that is not shown.
    """
    if settings.anonymity not in NAMED:
        raise NotAllowed(N_("Authors have no names here, so none of them can be hidden. You can report the text."))
    row = session.execute(
        select(Contribution.person_id, Membership.role)
        .outerjoin(
            Membership,
            (Membership.person_id == Contribution.person_id) & (Membership.course_id == Contribution.course_id),
        )
        .where(Contribution.id == contribution_id, Contribution.activity_id == opened.id, Contribution.status == "live")
    ).one_or_none()
    is_open = question_problems.is_open(session, seat, opened, contribution_id, now=now)
    if row is None or row.person_id is None or not is_open:
        raise NotFound(N_("This text is not shown here any more. Load the page again."))
    if row.person_id == seat.person_id:
        raise NotAllowed(N_("This is your own text."))
    if row.role == "teacher":
        raise NotAllowed(N_("What your teacher writes cannot be hidden."))
    session.execute(
        insert(session, Block)
        .values(activity_id=opened.id, person_id=seat.person_id, author_id=row.person_id, created_at=now)
        .on_conflict_do_nothing()
    )
    return Sentence(N_("You will see nothing more by this author here. Nobody is told."))


def unblock(session: Session, seat: Seat, opened: Opened, contribution_id: int) -> Sentence:
    """See this text's author again. Doing it twice is once."""
    author = select(Contribution.person_id).where(
        Contribution.id == contribution_id, Contribution.activity_id == opened.id
    )
    session.execute(
        delete(Block).where(
            Block.activity_id == opened.id,
            Block.person_id == seat.person_id,
            Block.author_id.in_(author),
        )
    )
    return Sentence(N_("You see this author's texts again."))


def listed(session: Session, seat: Seat, opened: Opened, settings: SharedSettings) -> list[Blocked]:
    """Whom this person does not see here, in the order in which they first wrote."""
    rows = session.execute(
        select(func.min(Contribution.id).label("first"), Block.author_id)
        .join(
            Contribution,
            (Contribution.person_id == Block.author_id) & (Contribution.activity_id == Block.activity_id),
        )
        .where(Block.activity_id == opened.id, Block.person_id == seat.person_id, Contribution.status != "pending")
        .group_by(Block.author_id)
        .order_by("first")
    ).all()
    names = authors.names(session, seat, opened.id, settings, [row.author_id for row in rows])
    return [Blocked(row.first, names.of(row.author_id)) for row in rows]
