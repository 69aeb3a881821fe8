"""What the teacher picks from the gallery to talk about in class: a list in the teacher's order, shown as slides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from core.activities import authors, paging, seats, walls
from core.activities.authors import Author
from core.activities.paging import Paged
from core.activities.refusals import NotFound
from core.activities.seats import Opened, Seat
from core.activities.shared_settings import SharedSettings
from core.store.tables import Contribution, Image, Item, Tag, Tagging
from core.words import N_

PAGE = 50  # items that could be picked


@dataclass(frozen=True, slots=True)
class Word:
    """What the class says of one idea and an item: so many that it applies, so many that it does not."""

    name: str
    is_concept: bool
    yes: int
    no: int


@dataclass(frozen=True, slots=True)
class Slide:
    """An item as it is put before a class: what was found or made (`body`, `url`, picture), the `text` on it, and
    `words`, what the class saw in it, the most agreed on first.
    """

    item_id: int
    kind: str
    title: str
    text: str
    body: str
    url: str | None
    image_id: int | None
    image_size: tuple[int, int]
    image_alt: str
    source: str
    terms: str
    author: Author
    place: int | None  # among the talking points
    words: tuple[Word, ...] = ()


def slides(session: Session, seat: Seat, opened: Opened, settings: SharedSettings) -> list[Slide]:
    """The talking points in their order, as the whole class may see them: a projector shows no name that classmates
    do not know. An item that is hidden by reports, taken back or retired is left out.
    """
    found = _read(session, replace(seat, role="student"), opened, settings, _CHOSEN)
    words = _words(session, [slide.item_id for slide in found])
    return [replace(slide, words=tuple(words.get(slide.item_id, ()))) for slide in found]


def to_pick(session: Session, seat: Seat, opened: Opened, settings: SharedSettings, *, page: int = 1) -> Paged[Slide]:
    """A page of the live items that could become a talking point, newest first, for the teacher."""
    numbers = session.scalars(
        _live(select(Item.contribution_id).join(Contribution, Contribution.id == Item.contribution_id), seat, opened)
        .where(Item.talking_point.is_(None))
        .order_by(Item.contribution_id.desc())
    ).all()
    found = paging.cut(numbers, page, PAGE)
    shown = _ITEMS.where(Item.contribution_id.in_(found.items)).order_by(Item.contribution_id.desc())
    return Paged(tuple(_read(session, seat, opened, settings, shown)), found.page, found.pages, found.total)


def picked(session: Session, seat: Seat, opened: Opened, settings: SharedSettings) -> list[Slide]:
    """The talking points in their order, for the teacher."""
    return _read(session, seat, opened, settings, _CHOSEN)


def one(session: Session, seat: Seat, opened: Opened, settings: SharedSettings, item_id: int) -> Slide:
    """One live item, for the teacher. Raises NotFound."""
    found = _read(session, seat, opened, settings, _ITEMS.where(Item.contribution_id == item_id))
    if not found:
        raise _not_here()
    return found[0]


_ITEMS = (
    select(Item, Contribution, Image.width, Image.height)
    .join(Contribution, Contribution.id == Item.contribution_id)
    .outerjoin(Image, Image.id == Item.image_id)
)


_CHOSEN = _ITEMS.where(Item.talking_point.is_not(None)).order_by(Item.talking_point, Item.contribution_id)


def _live(statement: Any, reader: Seat, opened: Opened) -> Any:
    return statement.where(
        Item.activity_id == opened.id, Contribution.course_id == reader.course_id, Contribution.status == "live"
    )


def _read(session: Session, reader: Seat, opened: Opened, settings: SharedSettings, statement: Any) -> list[Slide]:
    rows = session.execute(_live(statement, reader, opened)).all()
    known = authors.names(session, reader, opened.id, settings, [row.Contribution.person_id for row in rows])
    return [_slide(row, known) for row in rows]


def _slide(row: Any, known: authors.Authors) -> Slide:
    item, text = row.Item, row.Contribution
    return Slide(
        item_id=item.contribution_id,
        kind=text.kind,
        title=item.title,
        text=text.text,
        body=item.body,
        url=item.url,
        image_id=item.image_id,
        image_size=(row.width or 0, row.height or 0),
        image_alt=item.image_alt,
        source=item.source,
        terms=item.licence,
        author=known.of(text.person_id, inherited=text.inherited_from_id is not None),
        place=item.talking_point,
    )


def _words(session: Session, item_ids: Sequence[int]) -> Mapping[int, list[Word]]:
    """What the class says of these items; an idea that nobody ascribes to an item is not among its words."""
    yes, no = (func.sum(case((Tagging.applies.is_(applies) & Tagging.counts, 1), else_=0)) for applies in (True, False))
    rows = session.execute(
        select(Tagging.contribution_id, Tag.name, Tag.kind, yes.label("yes"), no.label("no"))
        .join(Tag, Tag.id == Tagging.tag_id)
        .where(Tagging.contribution_id.in_(item_ids), Tag.retired_at.is_(None), Tag.merged_into_id.is_(None))
        .group_by(Tagging.contribution_id, Tag.id, Tag.name, Tag.kind)
        .having(yes > 0)
    ).all()
    found: dict[int, list[Word]] = {}
    for row in rows:
        found.setdefault(row.contribution_id, []).append(
            Word(row.name, row.kind == "concept", int(row.yes), int(row.no))
        )
    return {
        item: sorted(its, key=lambda word: (word.no - word.yes, word.name.casefold())) for item, its in found.items()
    }


def pick(session: Session, seat: Seat, opened: Opened, item_id: int) -> None:
    """Put an item at the end of the talking points; one that is there stays where it is."""
    order = _order(session, seat, opened)
    if item_id not in order:
        _exists(session, seat, opened, item_id)
        _store(session, opened, [*order, item_id])


def drop(session: Session, seat: Seat, opened: Opened, item_id: int) -> None:
    """Take an item out of the talking points; it stays in the gallery."""
    order = _order(session, seat, opened)
    session.execute(
        update(Item).where(Item.activity_id == opened.id, Item.contribution_id == item_id).values(talking_point=None)
    )
    _store(session, opened, [other for other in order if other != item_id])


def move(session: Session, seat: Seat, opened: Opened, item_id: int, *, by: int) -> None:
    """Move a talking point `by` places down (or up, where negative), among those that are shown; at an end it stays."""
    order = _order(session, seat, opened)
    if item_id not in order:
        raise NotFound(N_("This item is no talking point any more. Load the page again."))
    at = order.index(item_id)
    to = min(max(at + by, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    _store(session, opened, order)


def _order(session: Session, seat: Seat, opened: Opened) -> list[int]:
    """The talking points in their order. Whoever changes it holds the activity, so that two teachers take turns."""
    seats.hold_for_change(session, seat, opened.id)
    return list(session.scalars(_PICKED.where(Item.activity_id == opened.id, Contribution.status == "live")))


_PICKED = (
    select(Item.contribution_id)
    .join(Contribution, Contribution.id == Item.contribution_id)
    .where(Item.talking_point.is_not(None))
    .order_by(Item.talking_point, Item.contribution_id)
)


def _exists(session: Session, seat: Seat, opened: Opened, item_id: int) -> None:
    here = (
        select(Item.contribution_id)
        .join(Contribution, Contribution.id == Item.contribution_id)
        .where(
            Item.contribution_id == item_id,
            Item.activity_id == opened.id,
            Contribution.course_id == seat.course_id,
            Contribution.status == "live",
        )
    )
    if session.scalar(here) is None:
        raise _not_here()


def _not_here() -> NotFound:
    return NotFound(N_("This item is not shown in this gallery now."))


def _store(session: Session, opened: Opened, order: Sequence[int]) -> None:
    """Number the talking points anew; what is hidden for the moment comes after them and is not lost."""
    hidden = session.scalars(_PICKED.where(Item.activity_id == opened.id, Item.contribution_id.not_in(order))).all()
    places = {number: place for place, number in enumerate([*order, *hidden])}
    if places:
        session.execute(
            update(Item)
            .where(Item.activity_id == opened.id, Item.contribution_id.in_(places))
            .values(talking_point=case(places, value=Item.contribution_id))
        )
    walls.touch(session, opened.id)
