"""Whether the public may see an item: its author's word, given for one licence, and taken back at any time.

What an author says holds for the item and for every copy that a later class inherited: a copy has no consent of its
own, it has that of the item it comes from (`root`). So taking it back reaches every archive at once. Each word is kept
as a decision, with the licence that it was given for.

Where nobody knows who wrote (anonymous galleries), consent comes with the item and cannot be taken back, as its form
says; the teacher still can take the item out of the archive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from core.activities import decisions, seats, texts, walls
from core.activities.licences import LICENCES
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.activities.shared_settings import SharedSettings
from core.store.tables import Contribution, Item
from core.words import N_

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Consent:
    """An author's word as a form sends it: `licence` '' means that the item stays in the course."""

    licence: str
    credit_name: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one's own item: under which licence it may be shown, by what name, and whether it is."""

    item_id: int
    licence: str | None
    credit_name: str | None
    published: bool


def columns(settings: SharedSettings, consent: Consent, at: datetime) -> dict[str, Any]:
    """What to store with an item (`Item`'s columns) for the author's word; `at` is as exact as the author's stamp.

    Raises Refusal for a licence that is not on the list, and for a name where names are hidden.
    """
    if not consent.licence:
        return {"consented_at": None, "consent_licence": None, "credit_name": None}
    if consent.licence not in LICENCES:
        raise Refusal(N_("This licence is not one of the list. Choose one and save again; your text is still there."))
    name = texts.clean_line(consent.credit_name, LONGEST_NAME)
    if name and settings.anonymity != "named":
        raise Refusal(
            N_("Names are hidden in this gallery, so the archive cannot show yours either. Leave the name empty.")
        )
    return {"consented_at": at, "consent_licence": consent.licence, "credit_name": name or None}


def record(session: Session, seat: Seat, item_id: int, consent: Consent, *, at: datetime) -> None:
    """Keep that the author said so; for who stores a new item with `columns`."""
    action = "consent" if consent.licence else "consent_withdrawn"
    decisions.by_rule(session, seat.course_id, action, item_id, when=at, reason=consent.licence)


def change(
    session: Session, seat: Seat, opened: Opened, settings: SharedSettings, item_id: int, consent: Consent, *,
    now: datetime,
) -> Standing:  # fmt: skip
    """The author gives their word for an item, changes it or takes it back.

    Taken back, the item leaves this archive and those of all copies; given again, the teachers publish it anew. Raises
    NotFound for an item that is not theirs.
    """
    seats.hold(session, seat)
    row = _mine(session, seat, opened, item_id)
    values = columns(settings, consent, now)
    before = (row.consent_licence, row.credit_name)
    if before != (values["consent_licence"], values["credit_name"]):
        published_at = row.published_at if consent.licence else None
        session.execute(update(Item).where(Item.contribution_id == item_id).values(**values, published_at=published_at))
        record(session, seat, item_id, consent, at=now)
        copied_to = () if consent.licence else _take_back_copies(session, item_id)
        for activity_id in sorted({opened.id, *copied_to}):  # in one order, so that two authors do not wait in a ring
            walls.touch(session, activity_id)
        row = _mine(session, seat, opened, item_id)
    return _standing(row)


def standing(session: Session, seat: Seat, opened: Opened, item_id: int) -> Standing | None:
    """How it stands with an item; None if it is not this person's."""
    row = session.execute(_own(seat, opened, item_id)).one_or_none()
    return None if row is None else _standing(row)


def _own(seat: Seat, opened: Opened, item_id: int) -> Any:
    return (
        select(Item.contribution_id, Item.consent_licence, Item.credit_name, Item.published_at)
        .join(Contribution, Contribution.id == Item.contribution_id)
        .where(
            Item.contribution_id == item_id,
            Item.activity_id == opened.id,
            Contribution.course_id == seat.course_id,
            Contribution.person_id == seat.person_id,
            Contribution.status != "retired",
        )
    )


def _mine(session: Session, seat: Seat, opened: Opened, item_id: int) -> Row[Any]:
    row: Row[Any] | None = session.execute(
        _own(seat, opened, item_id).with_for_update(of=Contribution, key_share=True)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This item is not one of yours."))
    return row


def _standing(row: Row[Any]) -> Standing:
    return Standing(row.contribution_id, row.consent_licence, row.credit_name, row.published_at is not None)


def _take_back_copies(session: Session, item_id: int) -> list[int]:
    """No teacher's earlier decision brings a copy back when the author says yes again. Gives the copies' galleries."""
    copies = select(Contribution.id).where(Contribution.inherited_from_id == item_id)
    return list(
        session.scalars(
            update(Item)
            .where(Item.contribution_id.in_(copies), Item.published_at.is_not(None))
            .values(published_at=None)
            .returning(Item.activity_id)
        )
    )
