"""What the public reads of an archive. Everything here asks `_PUBLIC`, the one statement of what is public."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.activities.archive import FACE, Face, agreed, root_activity, root_item, unchanged, with_root
from core.activities.refusals import NotFound
from core.store.tables import Activity, Archive, Contribution, Image, Item, Tag, Tagging
from core.words import N_

PAGE = 48  # items on one page
IN_FEED = 50


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by the hash of its bytes, which names it; `alt` says what is to be seen."""

    sha256: str
    mime: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class PublicTag:
    """A tag that public items have, and how many of them."""

    id: int
    name: str
    items: int = 0


@dataclass(frozen=True, slots=True)
class PublicItem:
    """An item as everybody may see it: what was found or made (`url`, `picture`, `body`), and the `text` on it.

    `by` is the name by which its author wanted to be called, or None. `licence` is the author's for their own words and
    work; `source` and `terms` say where a found thing comes from and under which licence it is.
    """

    public_id: str
    kind: str
    title: str
    text: str
    body: str
    url: str | None
    picture: Picture | None
    thumbnail: Picture | None
    source: str
    terms: str
    licence: str
    by: str | None
    published_at: datetime
    tags: tuple[PublicTag, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of items: its number from 1, of so many."""

    items: tuple[PublicItem, ...]
    number: int
    pages: int
    total: int


_named = and_(
    Activity.settings["anonymity"].as_string() == "named", root_activity.settings["anonymity"].as_string() == "named"
)
_WHERE = and_(
    Archive.slug == bindparam("slug"),
    Archive.is_open,
    Item.published_at.is_not(None),
    unchanged(),
    Contribution.status == "live",
    agreed(),
)


def _public(*columns: Any) -> Select[Any]:
    """The rule: what is public of the archive with the slug `slug`."""
    statement = (
        select(*columns)
        .select_from(Archive)
        .join(Activity, Activity.id == Archive.activity_id)
        .join(Item, Item.activity_id == Archive.activity_id)
        .join(Contribution, Contribution.id == Item.contribution_id)
    )
    return with_root(statement).where(_WHERE)


_thumb = aliased(Image)
_IMAGES: dict[str, Any] = {"picture": Image, "thumbnail": _thumb}


def _drawn(image: Any) -> tuple[Any, ...]:
    return image.sha256, image.mime, image.width, image.height


_ITEMS = (
    _public(
        Item.contribution_id,
        Item.public_id,
        Contribution.kind,
        Item.title,
        Contribution.text,
        Item.body,
        Item.url,
        Item.source,
        Item.licence,
        root_item.consent_licence,
        case((_named, root_item.credit_name), else_=None).label("by"),
        Item.published_at,
        Item.image_alt,
        *(column.label(f"{name}_{column.key}") for name, image in _IMAGES.items() for column in _drawn(image)),
    )
    .outerjoin(Image, Image.id == Item.image_id)
    .outerjoin(_thumb, _thumb.id == Item.thumb_id)
    .order_by(Item.published_at.desc(), Item.contribution_id.desc())
)
_COUNT = _public(func.count())
_IDS = _public(Item.contribution_id)
# A tag is shown where more of those who count said that it applies than that it does not; one that is not the course's
# only with its author's word, which the teacher read with the item. Classmates' words nobody has read.
_yes = case((and_(Tagging.applies, or_(Tagging.counts, Tagging.by_author)), 1), else_=0)
_no = case((and_(Tagging.applies.is_(False), Tagging.counts), 1), else_=0)
_TAGGED = (
    select(Tagging.contribution_id, Tag.id, Tag.name)
    .join(Tag, Tag.id == Tagging.tag_id)
    .where(Tag.retired_at.is_(None), Tag.merged_into_id.is_(None))
    .group_by(Tagging.contribution_id, Tag.id, Tag.name, Tag.kind)
    .having(
        func.sum(_yes) > func.sum(_no),
        or_(Tag.kind == "concept", func.sum(case((Tagging.by_author, 1), else_=0)) > 0),
    )
)
_PICTURE = _public(Image.mime, Image.body).join(Image, or_(Image.id == Item.image_id, Image.id == Item.thumb_id))


def face(session: Session, slug: str) -> Face:
    """The open archive at this address. Raises NotFound, whether it is closed or was never there."""
    row = session.execute(select(*FACE).where(Archive.slug == slug, Archive.is_open)).one_or_none()
    if row is None:
        raise _not_here()
    return Face(*row)


def page(session: Session, slug: str, number: int) -> Page:
    """The archive's items, the newest first. Raises NotFound for a page that there is not."""
    return _page(session, slug, number, _COUNT, _ITEMS)


def of_tag(session: Session, slug: str, tag_id: int, number: int) -> tuple[PublicTag, Page]:
    """The items with a tag. Raises NotFound where no public item has it."""
    having = {item: tag for item, its in _tags(session, _of_all(slug)).items() for tag in its if tag.id == tag_id}
    if not having:
        raise _not_here()
    name = next(iter(having.values())).name
    with_tag = Item.contribution_id.in_(list(having))
    page = _page(session, slug, number, _COUNT.where(with_tag), _ITEMS.where(with_tag))
    return PublicTag(tag_id, name, len(having)), page


def _page(session: Session, slug: str, number: int, count: Select[Any], items: Select[Any]) -> Page:
    total: int = session.scalar(count, {"slug": slug}) or 0
    pages = max(1, -(-total // PAGE))
    if not 1 <= number <= pages:
        raise _not_here()
    rows = session.execute(items.limit(PAGE).offset((number - 1) * PAGE), {"slug": slug}).all()
    return Page(tuple(_with_tags(session, rows)), number, pages, total)


def item(session: Session, slug: str, public_id: str) -> PublicItem:
    """One item. Raises NotFound for all that is not public, whatever the reason."""
    row = session.execute(_ITEMS.where(Item.public_id == public_id), {"slug": slug}).one_or_none()
    if row is None:
        raise _not_here()
    return next(_with_tags(session, [row]))


def newest(session: Session, slug: str) -> list[PublicItem]:
    """What the feed holds."""
    return list(_with_tags(session, session.execute(_ITEMS.limit(IN_FEED), {"slug": slug}).all()))


def everything(session: Session, slug: str) -> list[PublicItem]:
    """All items, for an export."""
    return list(_with_tags(session, session.execute(_ITEMS, {"slug": slug}).all()))


def tags(session: Session, slug: str) -> list[PublicTag]:
    """The tags of public items, by name."""
    found: dict[int, PublicTag] = {}
    for its in _tags(session, _of_all(slug)).values():
        for tag in its:
            known = found.get(tag.id, tag)
            found[tag.id] = PublicTag(tag.id, tag.name, known.items + 1)
    return sorted(found.values(), key=lambda tag: (tag.name.casefold(), tag.id))


def picture(session: Session, slug: str, sha256: str) -> tuple[str, bytes]:
    """(media type, bytes) of a picture that a public item shows. Raises NotFound for every other one."""
    row = session.execute(_PICTURE.where(Image.sha256 == sha256).limit(1), {"slug": slug}).one_or_none()
    if row is None:
        raise _not_here()
    return row.mime, row.body


def _with_tags(session: Session, rows: Sequence[Row[Any]]) -> Iterator[PublicItem]:
    known = _tags(session, Tagging.contribution_id.in_([row.contribution_id for row in rows]))
    for row in rows:
        yield PublicItem(
            public_id=row.public_id,
            kind=row.kind,
            title=row.title,
            text=row.text,
            body=row.body,
            url=row.url,
            picture=_picture(row, "picture"),
            thumbnail=_picture(row, "thumbnail"),
            source=row.source,
            terms=row.licence,
            licence=row.consent_licence,
            by=row.by,
            published_at=row.published_at,
            tags=tuple(known.get(row.contribution_id, ())),
        )


def _picture(row: Any, name: str) -> Picture | None:
    sha256, mime, width, height = (getattr(row, f"{name}_{part}") for part in ("sha256", "mime", "width", "height"))
    return Picture(sha256, mime, width, height, row.image_alt) if sha256 else None


def _of_all(slug: str) -> ColumnElement[bool]:
    return Tagging.contribution_id.in_(_IDS.params(slug=slug))


def _tags(session: Session, items: ColumnElement[bool]) -> dict[int, list[PublicTag]]:
    """The tags of these items, of which the caller knows that they are public."""
    found: dict[int, list[PublicTag]] = {}
    for contribution_id, tag_id, name in session.execute(_TAGGED.where(items)):
        found.setdefault(contribution_id, []).append(PublicTag(tag_id, name))
    return {number: sorted(its, key=lambda tag: tag.name.casefold()) for number, its in found.items()}


def _not_here() -> NotFound:
    return NotFound(N_("There is nothing here, or not any more: what its author or teacher takes back is gone."))
