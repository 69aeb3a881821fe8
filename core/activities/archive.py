"""A gallery's public archive, for its teachers: open it, publish items, take them out again.

What the public reads is in `archive_pages`; whether an author agrees in `consents`. An item is public while all of
this holds: the archive is open, a teacher published the item as it is now, it is live, and its author's consent stands.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import authors, decisions, paging, seats, texts, walls
from core.activities.authors import Author
from core.activities.paging import Paged
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.activities.shared_settings import SharedSettings
from core.store.database import insert
from core.store.tables import Activity, Archive, Contribution, Item
from core.words import N_

PAGE = 50  # items on the page of its teachers
LONGEST_SLUG = 40  # of what a title gives to it
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")

# The item that an author wrote: the item itself, or the one that it was inherited from.
root = aliased(Contribution)
root_item = aliased(Item)
root_activity = aliased(Activity)


@dataclass(frozen=True, slots=True)
class Face:
    """An archive: its address (`slug`), what it says about itself, and whom to tell what should not be there."""

    activity_id: int
    slug: str
    title: str
    about: str
    contact: str
    is_open: bool
    is_indexed: bool
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """An item as its teacher decides about it. `stands` is 'published', 'changed' (since then), 'ready' (consent is
    given), 'no_consent' or 'hidden' (not live).
    """

    item_id: int
    title: str
    kind: str
    author: Author
    stands: str
    licence: str | None
    credit_name: str | None
    published_at: datetime | None
    public_id: str | None
    seen: str  # names this state of the item: who publishes it says what they have read


def unchanged() -> ColumnElement[bool]:
    """The item is as it was when a teacher published it."""
    return or_(Contribution.edited_at.is_(None), Contribution.edited_at <= Item.published_at)


def agreed() -> ColumnElement[bool]:
    """The author's consent stands; of an inherited item the author of the one that it comes from."""
    not_taken_back = or_(root.retired_because.is_(None), root.retired_because != "withdrawn")
    return and_(root_item.consented_at.is_not(None), not_taken_back)


def with_root(statement: Any) -> Select[Any]:
    """`statement`, which has Item and Contribution, with the item that its author wrote and that one's activity."""
    joined: Select[Any] = (
        statement.join(root, root.id == func.coalesce(Contribution.inherited_from_id, Contribution.id))
        .join(root_item, root_item.contribution_id == root.id)
        .join(root_activity, root_activity.id == root_item.activity_id)
    )
    return joined


def of(session: Session, opened: Opened) -> Face | None:
    """The gallery's archive; None if it never had one."""
    row = session.execute(select(*FACE).where(Archive.activity_id == opened.id)).one_or_none()
    return Face(*row) if row else None


FACE = (
    Archive.activity_id,
    Archive.slug,
    Archive.title,
    Archive.about,
    Archive.contact,
    Archive.is_open,
    Archive.is_indexed,
    Archive.opened_at,
)


def save(
    session: Session,
    seat: Seat,
    opened: Opened,
    *,
    title: str,
    about: str,
    contact: str,
    is_open: bool,
    is_indexed: bool,
    now: datetime,
) -> Face:
    """Open the archive, close it, or change what it says. Its address is made from its first title and stays.

    Raises Refusal where there is no title, or nobody to turn to: who finds their picture there must find an address.
    """
    title, contact = texts.clean_line(title), texts.clean_line(contact)
    about = texts.clean(about)
    if not title:
        raise Refusal(N_("The archive has no title yet. Write one that a stranger understands."))
    if is_open and not contact:
        raise Refusal(
            N_(
                "The archive is not open yet: say whom people can write to about something that should not be there, "
                "such as an e-mail address of yours."
            )
        )
    _exists(session, opened.id, title, now)
    before = session.execute(
        select(Archive.is_open).where(Archive.activity_id == opened.id).with_for_update()
    ).scalar_one()
    values = {"title": title, "about": about, "contact": contact, "is_open": is_open, "is_indexed": is_indexed}
    if is_open and not before:
        values["opened_at"] = now
    session.execute(update(Archive).where(Archive.activity_id == opened.id).values(**values))
    if before != is_open:
        decisions.record(session, seat, "open_archive" if is_open else "close_archive", now=now)
    return Face(*session.execute(select(*FACE).where(Archive.activity_id == opened.id)).one())


def close(session: Session, slug: str, *, reason: str, now: datetime) -> None:
    """Close an archive for its teachers, who can open it again. Raises NotFound."""
    found = session.execute(
        select(Archive.activity_id, Archive.is_open, Activity.course_id)
        .join(Activity, Activity.id == Archive.activity_id)
        .where(Archive.slug == slug)
        .with_for_update(of=Archive)
    ).one_or_none()
    if found is None:
        raise NotFound(N_("There is no archive of this name."))
    if found.is_open:
        session.execute(update(Archive).where(Archive.activity_id == found.activity_id).values(is_open=False))
        decisions.by_rule(
            session, found.course_id, "close_archive", None, when=now, reason=texts.clean_line(reason, 500)
        )


def _exists(session: Session, activity_id: int, title: str, now: datetime) -> None:
    """Make the gallery's row unless it has one; of two teachers at once the second finds the first one's."""
    known = select(Archive.slug).where(Archive.activity_id == activity_id)
    while session.scalar(known) is None:  # a second time only where chance gave a slug that is taken
        session.execute(
            insert(session, Archive)
            .values(
                activity_id=activity_id,
                slug=f"{_slug(title)}-{secrets.token_hex(3)}",
                title=title,
                about="",
                contact="",
                is_open=False,
                is_indexed=True,
                opened_at=now,
            )
            .on_conflict_do_nothing()
            .returning(Archive.activity_id)
        )


def _slug(title: str) -> str:
    """The letters and digits of a title that every address can carry, in small letters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_SLUGS.sub("-", plain).strip("-")[:LONGEST_SLUG].strip("-") or "archive"


def lines(session: Session, seat: Seat, opened: Opened, settings: SharedSettings, *, page: int = 1) -> Paged[Line]:
    """A page of the items that their authors took not back: first those that wait for a decision, then the others,
    newest first.
    """
    statement = select(
        Item.contribution_id,
        Item.title,
        Contribution.kind,
        Contribution.person_id,
        Contribution.inherited_from_id,
        Contribution.status,
        Item.published_at,
        Item.public_id,
        Contribution.edited_at,
        root_item.consent_licence,
        root_item.credit_name,
        unchanged().label("unchanged"),
        agreed().label("agreed"),
    ).join(Contribution, Contribution.id == Item.contribution_id)
    rows = session.execute(
        with_root(statement)
        .where(Item.activity_id == opened.id, Contribution.status.in_(("live", "held", "pending")))
        .order_by(Item.contribution_id.desc())
    ).all()
    known = authors.names(session, seat, opened.id, settings, [row.person_id for row in rows])
    found = [
        Line(
            item_id=row.contribution_id,
            title=row.title,
            kind=row.kind,
            author=known.of(row.person_id, inherited=row.inherited_from_id is not None),
            stands=_stands(row),
            licence=row.consent_licence,
            credit_name=row.credit_name,
            published_at=row.published_at,
            public_id=row.public_id,
            seen=_seen(row.edited_at),
        )
        for row in rows
    ]
    rank = {"changed": 0, "ready": 1, "published": 2, "no_consent": 3, "hidden": 4}
    return paging.cut(sorted(found, key=lambda line: rank[line.stands]), page, PAGE)


def _stands(row: Any) -> str:
    if row.status != "live":
        return "hidden"
    if not row.agreed:
        return "no_consent"
    if row.published_at is None:
        return "ready"
    return "published" if row.unchanged else "changed"


def _seen(edited_at: datetime | None) -> str:
    return edited_at.isoformat() if edited_at else ""


def publish(session: Session, seat: Seat, opened: Opened, item_id: int, *, seen: str, now: datetime) -> None:
    """Put an item into the archive as the teacher has `seen` it. Raises Refusal where it was changed since then, where
    its author does not agree or it is not live.
    """
    # Whoever changes an item holds its activity, too: their change is there already, or it is later than `now`.
    seats.hold_for_change(session, seat, opened.id)
    row = _hold(session, seat, opened, item_id)
    if _seen(row.edited_at) != seen:
        raise Refusal(N_("Its author has changed this item meanwhile. Load the page again, read it, and publish it."))
    if row.status != "live":
        raise Refusal(N_("The class does not see this item now, so everybody else cannot either. Review it first."))
    statement = select(agreed()).select_from(root).join(root_item, root_item.contribution_id == root.id)
    # Held, so that an author who takes their word back comes before us and is heard, or after us and takes it out.
    stands = session.scalar(statement.where(root.id == row.root_id).with_for_update(of=root, key_share=True))
    if not stands:
        raise Refusal(N_("Its author has not agreed that this item is shown to everybody, or has taken it back."))
    values: dict[str, Any] = {"published_at": now}
    if row.public_id is None:
        values["public_id"] = secrets.token_urlsafe(9)
    session.execute(update(Item).where(Item.contribution_id == item_id).values(**values))
    decisions.record(session, seat, "publish", now=now, contribution_id=item_id)
    walls.touch(session, opened.id)


def unpublish(session: Session, seat: Seat, opened: Opened, item_id: int, *, reason: str, now: datetime) -> None:
    """Take an item out of the archive, at once; the decision is kept with its reason. Twice is once."""
    reason = texts.clean_line(reason, 500)
    if _hold(session, seat, opened, item_id).published_at is None:
        return
    session.execute(update(Item).where(Item.contribution_id == item_id).values(published_at=None))
    decisions.record(session, seat, "unpublish", now=now, contribution_id=item_id, reason=reason)
    walls.touch(session, opened.id)


def _hold(session: Session, seat: Seat, opened: Opened, item_id: int) -> Any:
    row = session.execute(
        select(
            Item.published_at,
            Item.public_id,
            Contribution.edited_at,
            Contribution.status,
            func.coalesce(Contribution.inherited_from_id, Contribution.id).label("root_id"),
        )
        .join(Contribution, Contribution.id == Item.contribution_id)
        .where(Item.contribution_id == item_id, Item.activity_id == opened.id, Contribution.course_id == seat.course_id)
        .with_for_update(of=Contribution, key_share=True)  # rows that merely refer to it may come
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This item is not in this gallery."))
    return row
