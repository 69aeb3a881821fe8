"""Storing a text of a shared activity: the same steps for questions, answers and comments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from core.activities import authors, credit, pace, receipts, screening, seats, texts, walls
from core.activities.authors import Stamp
from core.activities.refusals import Refusal
from core.activities.screening import Stored
from core.activities.seats import Opened, Seat
from core.activities.shared_settings import SharedSettings
from core.store.database import insert
from core.store.tables import Contribution
from core.words import N_, Sentence

_KEPT = Sentence(N_("Saved for you. What a test user writes is not shown to classmates."))


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed. `title` is a question's; `anyway`: they mean the personal data in it."""

    text: str
    title: str = ""
    anyway: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A text that was stored: its number, what its author is told, and what was kept of who and when."""

    id: int
    stored: Stored
    stamp: Stamp


def post(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: SharedSettings,
    typed: Typed,
    *,
    kind: str,
    parent_id: int | None = None,
    now: datetime,
) -> Posted:
    """Store a text; what test users write is kept for themselves. `tell` says so to everybody, once all is stored.

    Raises Refusal for an empty or overlong text, for personal data that was not confirmed, for words that were sent
    before, and when the day's allowance is used up.
    """
    counts = seats.hold(session, seat)
    text = texts.clean(typed.text)
    if not texts.visible_length(text) and not typed.title:
        raise Refusal(N_("There is no text yet. Write it in the box and save again."))
    stamp = authors.stamp(session, seat, opened.id, settings, now=now)
    screened = screening.screen(
        session,
        seat,
        opened,
        settings,
        stamp,
        f"{typed.title}\n{text}".strip(),
        kind=kind,
        parent_id=parent_id,
        language=typed.language,
        anyway=typed.anyway,
    )
    status = screened.status if counts or seat.role == "teacher" else "kept"
    receipt = receipts.issue(stamp, status)
    pace.spend(session, seat, opened.id, "text", limit=settings.daily, now=now)
    number = int(
        session.scalars(
            insert(session, Contribution)
            .values(
                course_id=seat.course_id,
                activity_id=opened.id,
                parent_id=parent_id,
                person_id=stamp.person_id,
                kind=kind,
                version=1,
                text=text,
                status=status,
                created_at=stamp.created_at,
                joined_at=stamp.created_at if status == "live" else None,
                receipt=receipts.kept(receipt.code) if receipt else None,
            )
            .returning(Contribution.id)
        ).one()
    )
    if status == "kept":
        return Posted(number, Stored(status, _KEPT), stamp)
    stored = screening.record(session, seat, settings, stamp, number, screened)
    return Posted(number, replace(stored, receipt=receipt), stamp)


def tell(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: SharedSettings,
    posted: Posted,
    *,
    kind: str,
    now: datetime,
) -> None:
    """What follows a text that was stored: credit, and everybody's page. Last of a transaction."""
    if posted.stored.status == "kept":
        return
    if posted.stamp.person_id is None:
        credit.add(session, seat, opened, kind)
    credit.changed(session, seat, opened, settings, now=now)
    walls.touch(session, opened.id)
