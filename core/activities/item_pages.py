"""What a gallery's pages show of its items: the wall and one item, each as one reader may see it.

Before somebody has judged an item they see of others' words only what its author says it shows. What the class thinks
comes after, so that it stays the word of people who did not know it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from core.activities import authors, item_beliefs, item_links, judging, paging
from core.activities.authors import Author, Authors
from core.activities.gallery_settings import GallerySettings
from core.activities.refusals import NotFound
from core.activities.seats import Opened, Seat
from core.activities.tags import Named
from core.activities.visibility import MINE, TO_STUDENT, TO_TEACHER
from core.store.database import run
from core.store.tables import Contribution, Image, Item, Judgement, Tag, Tagging
from core.words import N_

PAGE = 24  # items
ORDERS = ("newest", "needs", "best", "mine")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's number and size in pixels, and what is to be seen."""

    id: int
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as this reader sees it. `tags`: what its author says it shows. `inherited`: of an earlier class."""

    id: int
    kind: str
    title: str
    body: str
    text: str
    url: str | None
    preview: Mapping[str, str] | None
    picture: Picture | None
    small: Picture | None
    source: str
    licence: str
    author: Author
    is_mine: bool
    inherited: bool
    status: str
    judged: int
    i_judged: bool
    comments: int
    is_talking_point: bool
    tags: tuple[Named, ...]

    @property
    def host(self) -> str:
        """The machine that its link leads to."""
        return item_links.host(self.url or "")


@dataclass(frozen=True, slots=True)
class Wall:
    """A page of a gallery: its `items`, the place of the page among all `pages`, how many items there are in all, the
    newest item's number, and whether this reader may order by what the class thinks.
    """

    items: tuple[Shown, ...]
    page: int
    pages: int
    total: int
    newest: int
    order: str
    best_is_open: bool


def wall(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: GallerySettings,
    *,
    order: str = "newest",
    tag_id: int | None = None,
    page: int = 1,
) -> Wall:
    """A page of the items that this person sees, in one of ORDERS, of one tag or all.

    `needs`: those that few have judged first, and only what this person has not judged. `best`: by what the class
    believes; a student may look at it so after judging a share of their own, as their own word would follow it.
    """
    best_is_open = seat.role == "teacher" or judging.judged(session, seat, opened) >= settings.judgements
    if order not in ORDERS or (order == "best" and not best_is_open):
        order = "newest"
    found = [int(row.id) for row in run(session, _ids(seat, order, tag_id), **_here(seat, opened), tag=tag_id)]
    plain = order in ("newest", "best") and tag_id is None
    newest = max(found if plain else numbers(session, seat, opened), default=0)
    if order == "best":
        believed = item_beliefs.of_gallery(session, opened)
        found.sort(key=lambda number: -(believed.of[number].mean if number in believed.of else believed.level))
    here = paging.cut(found, page, PAGE)
    shown = several(session, seat, opened, settings, here.items)
    return Wall(tuple(shown), here.page, here.pages, here.total, newest, order, best_is_open)


def news(session: Session, seat: Seat, opened: Opened, since: int) -> int:
    """How many items of others this person can see that are newer than the one with this number."""
    statement = _NEWS_OF_TEACHER if seat.role == "teacher" else _NEWS_OF_STUDENT
    return int(run(session, statement, **_here(seat, opened), since=since).scalar() or 0)


def numbers(session: Session, seat: Seat, opened: Opened) -> list[int]:
    """The numbers of all items that this person sees, newest first."""
    return [int(row.id) for row in run(session, _ids(seat, "newest", None), **_here(seat, opened))]


def several(
    session: Session, seat: Seat, opened: Opened, settings: GallerySettings, wanted: Collection[int]
) -> list[Shown]:
    """These items, in this order, without those that this person does not see."""
    statement = _SHOWN_TO_TEACHER if seat.role == "teacher" else _SHOWN_TO_STUDENT
    rows = {row.id: row for row in run(session, statement, **_here(seat, opened), items=list(wanted))}
    known = authors.names(session, seat, opened.id, settings, [row.person_id for row in rows.values()])
    tags = _authors_tags(session, rows)
    return [_item(rows[number], seat, known, tags.get(number, ())) for number in wanted if number in rows]


def one(session: Session, seat: Seat, opened: Opened, settings: GallerySettings, item_id: int) -> Shown:
    """One item. Raises NotFound for one that this person does not see, whether it is elsewhere or nowhere."""
    found = several(session, seat, opened, settings, [item_id])
    if not found:
        raise NotFound(N_("This item is not shown here. It may have been taken back, or wait to be checked."))
    return found[0]


def _here(seat: Seat, opened: Opened) -> dict[str, Any]:
    return {"activity": opened.id, "course": seat.course_id, "reader": seat.person_id}


def _seen_by(seat: Seat) -> Any:
    return TO_TEACHER if seat.role == "teacher" else TO_STUDENT


_IN_GALLERY = and_(Item.activity_id == bindparam("activity"), Contribution.course_id == bindparam("course"))
_i_judged = exists().where(
    Judgement.contribution_id == Contribution.id,
    Judgement.person_id == bindparam("reader"),
    Judgement.ratings.is_not(None),
)
_NEWS = (
    select(func.count())
    .select_from(Item)
    .join(Contribution, Contribution.id == Item.contribution_id)
    .where(_IN_GALLERY, Contribution.id > bindparam("since"), func.coalesce(~MINE, True))
)
_NEWS_OF_STUDENT, _NEWS_OF_TEACHER = _NEWS.where(TO_STUDENT), _NEWS.where(TO_TEACHER)


def _ids(seat: Seat, order: str, tag_id: int | None) -> Any:
    """The items' numbers in their order, but for `best`, whose order is not the database's."""
    statement = (
        select(Item.contribution_id.label("id"))
        .join(Contribution, Contribution.id == Item.contribution_id)
        .where(_IN_GALLERY, _seen_by(seat))
    )
    if tag_id is not None:
        statement = statement.where(_has_tag())
    if order == "mine":
        statement = statement.where(MINE)
    if order == "needs":
        statement = statement.where(func.coalesce(~MINE, True), ~_i_judged, Contribution.status == "live")
        return statement.order_by(Item.judged, Item.contribution_id.desc())
    return statement.order_by(Item.contribution_id.desc())


def _has_tag() -> Any:
    """Its author says so, or more classmates say yes than no."""
    said = (
        select(func.sum(case((Tagging.applies, 1), else_=-1)))
        .where(
            Tagging.contribution_id == Item.contribution_id,
            Tagging.tag_id == bindparam("tag"),
            Tagging.counts,
        )
        .correlate(Item)
        .scalar_subquery()
    )
    author = exists().where(
        Tagging.contribution_id == Item.contribution_id, Tagging.tag_id == bindparam("tag"), Tagging.by_author
    )
    return author | (said > 0)


_small, _comment = aliased(Image), aliased(Contribution)
_COMMENTS = (
    select(func.count())
    .where(_comment.parent_id == Contribution.id, _comment.kind == "comment", _comment.status == "live")
    .correlate(Contribution)
    .scalar_subquery()
)
_SHOWN = (
    select(
        Item.contribution_id.label("id"),
        Contribution.kind,
        Item.title,
        Item.body,
        Contribution.text,
        Item.url,
        Item.preview,
        Item.image_id,
        Image.width,
        Image.height,
        Item.thumb_id,
        _small.width.label("small_width"),
        _small.height.label("small_height"),
        Item.image_alt,
        Item.source,
        Item.licence,
        Contribution.person_id,
        Contribution.inherited_from_id,
        Contribution.status,
        Item.judged,
        Item.talking_point,
        _i_judged.label("i_judged"),
        _COMMENTS.label("comments"),
    )
    .join(Contribution, Contribution.id == Item.contribution_id)
    .outerjoin(Image, Image.id == Item.image_id)
    .outerjoin(_small, _small.id == Item.thumb_id)
    .where(_IN_GALLERY, Item.contribution_id.in_(bindparam("items", expanding=True)))
)
_SHOWN_TO_STUDENT, _SHOWN_TO_TEACHER = _SHOWN.where(TO_STUDENT), _SHOWN.where(TO_TEACHER)


def _item(row: Any, seat: Seat, known: Authors, tags: tuple[Named, ...]) -> Shown:
    picture = Picture(row.image_id, row.width, row.height, row.image_alt) if row.image_id else None
    small = Picture(row.thumb_id, row.small_width, row.small_height, row.image_alt) if row.thumb_id else picture
    return Shown(
        id=row.id,
        kind=row.kind,
        title=row.title,
        body=row.body,
        text=row.text,
        url=row.url,
        preview=row.preview,
        picture=picture,
        small=small,
        source=row.source,
        licence=row.licence,
        author=known.of(row.person_id, inherited=row.inherited_from_id is not None),
        is_mine=row.person_id == seat.person_id,
        inherited=row.inherited_from_id is not None,
        status=row.status,
        judged=row.judged,
        i_judged=bool(row.i_judged),
        comments=row.comments,
        is_talking_point=row.talking_point is not None,
        tags=tags,
    )


def _authors_tags(session: Session, numbers: Collection[int]) -> dict[int, tuple[Named, ...]]:
    found: dict[int, tuple[Named, ...]] = {}
    for row in run(session, _TAGS, items=list(numbers)):
        found[row.contribution_id] = (*found.get(row.contribution_id, ()), Named(row.id, row.kind, row.name))
    return found


_TAGS = (
    select(Tagging.contribution_id, Tag.id, Tag.kind, Tag.name)
    .join(Tag, Tag.id == Tagging.tag_id)
    .where(
        Tagging.contribution_id.in_(bindparam("items", expanding=True)),
        Tagging.by_author,
        Tagging.applies,
        Tag.retired_at.is_(None),
    )
    .order_by(case((Tag.kind == "concept", 0), else_=1), func.lower(Tag.name))
)
