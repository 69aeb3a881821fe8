"""A page of the review queue: each waiting text with all that the teacher needs to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core.activities import decisions
from core.activities.authors import Author
from core.activities.decisions import Entry
from core.activities.review import Waiting
from core.activities.seats import Seat
from core.store.tables import Appeal, Contribution, Item, Report

_parent = aliased(Contribution)


@dataclass(frozen=True, slots=True)
class Case:
    """A waiting text with all that the teacher needs to decide: whose it is, as far as the activity tells; what was
    said about it; what happened to it so far.
    """

    waiting: Waiting
    author: Author
    reasons: tuple[str, ...]  # of the reports, never by whom
    appeal: str
    stands_on: str  # the question or item that it answers
    repeats: str  # the text that it is a copy of
    history: tuple[Entry, ...]
    item: Item | None  # what was found or made


def of(session: Session, seat: Seat, waiting: Sequence[Waiting]) -> list[Case]:
    """What a page shows of these."""
    ids = [text.contribution_id for text in waiting]
    history = decisions.of(session, seat, ids)
    whose = decisions.whose(session, seat, ids)
    reasons: dict[int, list[str]] = {}
    for row in session.execute(
        select(Report.contribution_id, Report.reason)
        .where(Report.contribution_id.in_(ids), Report.settled_at.is_(None), Report.reason != "")
        .order_by(Report.id)
    ):
        reasons.setdefault(row.contribution_id, []).append(row.reason)
    appeals = session.execute(
        select(Appeal.contribution_id, Appeal.words).where(Appeal.contribution_id.in_(ids), Appeal.settled_at.is_(None))
    )
    pleas = {row.contribution_id: row.words for row in appeals}
    below = session.execute(
        select(Contribution.id, _parent.text)
        .join(_parent, _parent.id == Contribution.parent_id)
        .where(Contribution.id.in_(ids))
    )
    parents = {row.id: row.text for row in below}
    items = {item.contribution_id: item for item in session.scalars(select(Item).where(Item.contribution_id.in_(ids)))}
    copied = {number: _copied_from(history.get(number, [])) for number in ids}
    originals = _words(session, seat, [number for number in copied.values() if number is not None])
    return [
        Case(
            text,
            whose[text.contribution_id],
            tuple(reasons.get(text.contribution_id, ())),
            pleas.get(text.contribution_id, ""),
            parents.get(text.contribution_id, ""),
            originals.get(copied[text.contribution_id] or 0, ""),
            tuple(history.get(text.contribution_id, ())),
            items.get(text.contribution_id),
        )
        for text in waiting
    ]


def _copied_from(history: list[Entry]) -> int | None:
    """The rule's reason is the number of the text that this one repeats."""
    return next((int(entry.reason) for entry in history if entry.action == "alike" and entry.reason), None)


def _words(session: Session, seat: Seat, contribution_ids: list[int]) -> dict[int, str]:
    rows = session.execute(
        select(Contribution.id, Contribution.text).where(
            Contribution.id.in_(contribution_ids), Contribution.course_id == seat.course_id
        )
    )
    return {row.id: row.text for row in rows}
