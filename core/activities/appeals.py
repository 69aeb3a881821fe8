"""One's own texts and what became of them; and asking the teacher to look again at one that classmates cannot see.

Where nobody is to be known, a text is one's own by its receipt. What is done with a receipt reads and writes nothing
about the person: not even a lock, of which PostgreSQL would keep a mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from core.activities import authors, receipts, texts
from core.activities.authors import Stamp
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Seat
from core.store.database import insert
from core.store.tables import ActivityProblem, Appeal, Contribution, Decision, Item, Question
from core.words import N_, Sentence

LONGEST_APPEAL = 1_000
NEWEST = 100

_STANDING = {
    "live": N_("Classmates can see it."),
    "kept": N_("Saved for you alone."),
    "pending": N_("It waits: classmates see it once your teacher has checked it."),
    "held": N_("Several people reported it. Nobody sees it until your teacher has looked at it."),
    "taken out": N_("Your teacher took it out."),
    "merged": N_("It was put together with another question."),
}


@dataclass(frozen=True, slots=True)
class Own:
    """A text of one's own: how it stands, the teacher's reason, and how far asking again went."""

    id: int
    kind: str
    text: str
    title: str  # of a question or an item
    stands: str  # the status, or for retired ones 'taken out' or 'merged'
    reason: str  # the teacher's words for taking it out
    appealed: bool
    upheld: bool | None  # None: the teacher has not looked again yet

    @property
    def standing(self) -> Sentence:
        return Sentence(_STANDING[self.stands])

    @property
    def may_appeal(self) -> bool:
        return self.stands in {"held", "taken out"} and not self.appealed


def own(session: Session, seat: Seat, activity_id: int, *, only: int | None = None) -> list[Own]:
    """The newest texts that this person wrote in an activity or for its problems, but for those taken back or replaced.

    Where nobody is to be known there are none: it is not stored whose they are (`with_receipt`).
    """
    here = select(ActivityProblem.problem_id).where(ActivityProblem.activity_id == activity_id)
    statement = _by(seat).where(or_(Contribution.activity_id == activity_id, Contribution.problem_id.in_(here)))
    if only is not None:
        statement = statement.where(Contribution.id == only)
    return _read(session, statement.limit(NEWEST))


def newest(session: Session, seat: Seat, *, most: int) -> list[Own]:
    """The newest of them in the whole course."""
    return _read(session, _by(seat).limit(most))


def number(session: Session, seat: Seat) -> int:
    """How many there are in the whole course."""
    return session.scalar(select(func.count()).select_from(_by(seat).order_by(None).subquery())) or 0


def with_receipt(session: Session, seat: Seat, activity_id: int, receipt: str) -> Own:
    """The text of an activity whose author was given this receipt. Raises NotFound."""
    theirs = (Contribution.activity_id == activity_id, Contribution.receipt == receipts.kept(receipt))
    found = _read(session, _of(seat).where(*theirs))
    if not found:
        raise NotFound(
            N_(
                "This receipt is not known here. Look at each character again, and whether you opened the activity in "
                "which you wrote. Nothing was changed or noted."
            )
        )
    return found[0]


def _by(seat: Seat) -> Select[*tuple[Any, ...]]:
    return _of(seat).where(Contribution.person_id == seat.person_id)


def _of(seat: Seat) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Contribution.id,
            Contribution.kind,
            Contribution.text,
            Contribution.status,
            Contribution.retired_because,
            Appeal.id.label("appeal"),
            Appeal.upheld,
            func.coalesce(Question.title, Item.title, "").label("title"),
        )
        .outerjoin(Question, Question.contribution_id == Contribution.id)
        .outerjoin(Item, Item.contribution_id == Contribution.id)
        .outerjoin(Appeal, Appeal.contribution_id == Contribution.id)
        .where(
            Contribution.course_id == seat.course_id,
            or_(Contribution.status != "retired", Contribution.retired_because.in_(("teacher", "merged"))),
        )
        .order_by(Contribution.id.desc())
    )


def _read(session: Session, statement: Select[*tuple[Any, ...]]) -> list[Own]:
    rows = session.execute(statement).all()
    reasons = _reasons(session, [row.id for row in rows])
    return [
        Own(
            row.id,
            row.kind,
            row.text,
            row.title,
            _stands(row.status, row.retired_because),
            reasons.get(row.id, ""),
            row.appeal is not None,
            row.upheld,
        )
        for row in rows
    ]


def _stands(status: str, retired_because: str | None) -> str:
    if status != "retired":
        return status
    return "merged" if retired_because == "merged" else "taken out"


def _reasons(session: Session, contribution_ids: list[int]) -> dict[int, str]:
    """The teacher's newest words for taking these texts out."""
    rows = session.execute(
        select(Decision.contribution_id, Decision.reason)
        .where(Decision.contribution_id.in_(contribution_ids), Decision.action.in_(("retire", "uphold")))
        .order_by(Decision.id)
    )
    return {row.contribution_id: row.reason for row in rows if row.contribution_id is not None and row.reason}


def appeal(
    session: Session, seat: Seat, activity_id: int, contribution_id: int, words: str, *, now: datetime
) -> Sentence:
    """Ask the teacher to look again at a text of one's own that is held back or was taken out: once, with words.

    Raises NotFound for a text that is not theirs, NotAllowed where there is nothing to appeal, Refusal without words or
    a second time.
    """
    words = texts.clean(words, LONGEST_APPEAL)
    mine = own(session, seat, activity_id, only=contribution_id)
    if not mine:
        raise NotFound(N_("This text is not one of yours."))
    return _store(session, mine[0], words, Stamp(seat.person_id, now))


def appeal_with_receipt(
    session: Session, seat: Seat, activity_id: int, receipt: str, words: str, *, now: datetime
) -> Sentence:
    """The same for the text of this receipt; kept without the person and with the day instead of the time."""
    words = texts.clean(words, LONGEST_APPEAL)
    theirs = with_receipt(session, seat, activity_id, receipt)
    return _store(session, theirs, words, authors.nobody(now))


def _store(session: Session, text: Own, words: str, stamp: Stamp) -> Sentence:
    if text.stands not in {"held", "taken out"}:
        raise NotAllowed(N_("Nothing keeps this text from being seen, so there is nothing to look at again."))
    if not texts.visible_length(words):
        raise Refusal(N_("Say in a few words why the text should be seen. Then send it again."))
    new = session.scalar(
        insert(session, Appeal)
        .values(contribution_id=text.id, person_id=stamp.person_id, words=words, created_at=stamp.created_at)
        .on_conflict_do_nothing()
        .returning(Appeal.id)
    )
    if new is None:
        raise Refusal(N_("You have asked for this text already, and each can be looked at again once."))
    return Sentence(N_("Sent. Your teacher sees your words beside your text and looks at it again."))
