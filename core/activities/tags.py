"""A gallery's tags: concepts of the course, listed by the teacher, and free ones that anybody adds. One spelling each.

Merging is for good: a tag that was merged points to the one that took it in, which never was merged itself, so nobody
follows a chain. Whoever uses tags holds their rows (`held`) until the words are stored; a merge takes the same rows for
itself, so words either are there when it moves them or find out where to go.

A free tag is offered to everybody, and nobody reads it first as a text is read. So it is offered only while an item
that the class sees has it, and it never holds coarse words or personal data.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import process
from rapidfuzz.distance import Indel
from sqlalchemy import bindparam, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import screening, texts, walls
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.store.database import insert, run
from core.store.tables import Contribution, Person, Tag, Tagging
from core.wording import coarse, personal
from core.words import N_

LONGEST = 60
MOST_FREE = 5  # of one person for one item
MOST_TAGS = 400  # of a gallery
SUGGESTED = 6
_ALIKE = 0.7


@dataclass(frozen=True, slots=True)
class Named:
    """A tag as pages show it; `kind` is 'concept' or 'free'."""

    id: int
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Used(Named):
    """A tag with how many people said that it applies to how many items; `retired` by the teacher."""

    items: int
    words: int
    retired: bool


def normal(name: str) -> str:
    """One spelling for all: without case, accents stay, signs between words are spaces, none at the ends."""
    composed = unicodedata.normalize("NFKC", name).casefold()
    signs = "".join(sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " " for sign in composed)
    return " ".join(signs.split())


def of_gallery(session: Session, opened: Opened) -> list[Named]:
    """The tags that anybody may see: concepts first, each by name; free ones only where a live item has them."""
    return [Named(*row) for row in run(session, _OF_GALLERY, activity=opened.id)]


_IN_USE = (Tag.activity_id == bindparam("activity"), Tag.retired_at.is_(None), Tag.merged_into_id.is_(None))
_SHOWN = exists().where(
    Tagging.tag_id == Tag.id,
    Tagging.applies,
    Contribution.id == Tagging.contribution_id,
    Contribution.status == "live",
    ~exists().where(Person.id == Tagging.person_id, Person.is_test),
)
_OF_GALLERY = (
    select(Tag.id, Tag.kind, Tag.name)
    .where(*_IN_USE, or_(Tag.kind == "concept", _SHOWN))
    .order_by(case((Tag.kind == "concept", 0), else_=1), func.lower(Tag.name), Tag.id)
)


def like(session: Session, opened: Opened, typed: str) -> list[Named]:
    """Tags that somebody may mean who has typed so far: those that begin so, a word of which does, or nearly alike."""
    word = normal(typed[: 4 * LONGEST])
    if not word:
        return []
    tags = of_gallery(session, opened)
    names = [normal(tag.name) for tag in tags]
    begins = [place for place, name in enumerate(names) if name.startswith(word)]
    within = [place for place, name in enumerate(names) if f" {word}" in name]
    alike = process.extract(word, names, scorer=Indel.normalized_similarity, score_cutoff=_ALIKE, limit=SUGGESTED)
    places = dict.fromkeys([*begins, *within, *(place for _, _, place in alike)])
    return [tags[place] for place in places][:SUGGESTED]


def add_concepts(session: Session, seat: Seat, opened: Opened, names: Sequence[str], *, now: datetime) -> int:
    """The teacher's ideas of the course, by how many more there are. A free tag of that name becomes one of them, and
    one that was taken out comes back. Raises Refusal for too many or overlong ones.
    """
    del seat  # a teacher's: the front end sees to it
    known = {tag.id for tag in of_gallery(session, opened) if tag.kind == "concept"}
    for name in _checked(names):
        tag_id = _find_or_make(session, opened, name, "concept", now)
        session.execute(update(Tag).where(Tag.id == tag_id).values(kind="concept", name=name, retired_at=None))
    found = {tag.id for tag in of_gallery(session, opened) if tag.kind == "concept"}
    _not_too_many(session, opened)
    walls.touch(session, opened.id)
    return len(found - known)


def screen(session: Session, seat: Seat, opened: Opened, names: Iterable[str], language: str = "") -> list[str]:
    """The names among these that nobody sees here yet. Raises Refusal for coarse words and personal data in one of
    them: a text with such words waits for the teacher, a tag has no place where it could. Teachers' tags are taken as
    they are.
    """
    known = {normal(tag.name) for tag in of_gallery(session, opened)}
    new = [name for name in _checked(names) if normal(name) not in known]
    for name in new if seat.role != "teacher" else ():
        if coarse.found(name, language):
            raise Refusal(
                N_(
                    "“{name}” has a coarse word in it, and nobody reads a tag before everybody is offered it. Choose "
                    "another one, or ask your teacher to list it. The rest is still there."
                ),
                name=name,
            )
        for hit in personal.found(name)[:1]:
            raise Refusal(
                N_("“{words}” looks like {kind}, and everybody is offered a tag. Take it out and save again."),
                words=name[hit.start : hit.end],
                kind=screening.KINDS[hit.kind],
            )
    return new


def free(session: Session, opened: Opened, names: Sequence[str], *, at: datetime) -> list[int]:
    """The tags of these names, made where there are none; what a teacher took out is left out, in silence. What people
    typed is `screen`ed before.

    Raises Refusal for more than MOST_FREE, overlong ones, or a gallery that has all the tags it can bear.
    """
    wanted = _checked(names)
    if len(wanted) > MOST_FREE:
        message = N_("{count} tags are too many for one item; choose the {most} that say most. Nothing is lost.")
        raise Refusal(message, count=len(wanted), most=MOST_FREE)
    found = [_find_or_make(session, opened, name, "free", at) for name in wanted]
    _not_too_many(session, opened)
    return found


def _checked(names: Iterable[str]) -> list[str]:
    """One clean name for each normal form, without empty ones."""
    clean = (texts.clean_line(name.strip().lstrip("#"), LONGEST) for name in names)
    found: dict[str, str] = {}
    for name in clean:
        found.setdefault(normal(name), name)
    return [name for form, name in found.items() if form]


def _find_or_make(session: Session, opened: Opened, name: str, kind: str, at: datetime) -> int:
    """The tag of this name, or the one that took it in; of two people at once the second finds the first one's."""
    values = {"activity_id": opened.id, "kind": kind, "name": name, "normal": normal(name), "created_at": at}
    session.execute(insert(session, Tag).values(**values).on_conflict_do_nothing().returning(Tag.id))
    row = session.execute(
        select(Tag.id, Tag.merged_into_id).where(Tag.activity_id == opened.id, Tag.normal == normal(name))
    ).one()
    return int(row.merged_into_id or row.id)


def _not_too_many(session: Session, opened: Opened) -> None:
    if run(session, _NUMBER, activity=opened.id).scalar_one() > MOST_TAGS:
        raise Refusal(N_("There are {most} tags here, which is the most. Use one of them."), most=MOST_TAGS)


_NUMBER = select(func.count()).where(*_IN_USE)


def held(session: Session, opened: Opened, tag_ids: Iterable[int]) -> dict[int, int]:
    """For each of these tags of the gallery the one to use now, held until the transaction ends; without those that
    were taken out. Who merges two of them meanwhile waits, or is done and this sees it.
    """
    asked = _held(session, opened, tag_ids)
    roots = {tag: root or tag for tag, root in asked.items()}
    merged = _held(session, opened, set(roots.values()) - set(asked))
    usable = {tag for tag, root in (asked | merged).items() if root is None}
    return {tag: root for tag, root in roots.items() if root in usable}


def _held(session: Session, opened: Opened, tag_ids: Iterable[int]) -> dict[int, int | None]:
    """Each of these tags that was not taken out, with the one that took it in."""
    wanted = sorted(set(tag_ids))
    statement = select(Tag.id, Tag.merged_into_id).where(
        Tag.activity_id == opened.id, Tag.id.in_(wanted), Tag.retired_at.is_(None)
    )
    rows = session.execute(statement.order_by(Tag.id).with_for_update(read=True)) if wanted else ()
    return {row.id: row.merged_into_id for row in rows}


def used(session: Session, seat: Seat, opened: Opened) -> list[Used]:
    """All tags for the teacher who tidies up, with the retired ones last."""
    del seat
    said = Tagging.applies.is_(True)
    rows = session.execute(
        select(
            Tag.id,
            Tag.kind,
            Tag.name,
            func.count(func.distinct(case((said, Tagging.contribution_id)))).label("items"),
            func.count(case((said, 1))).label("words"),
            Tag.retired_at.is_not(None).label("retired"),
        )
        .outerjoin(Tagging, Tagging.tag_id == Tag.id)
        .where(Tag.activity_id == opened.id, Tag.merged_into_id.is_(None))
        .group_by(Tag.id, Tag.kind, Tag.name, Tag.retired_at)
        .order_by(Tag.retired_at.is_not(None), case((Tag.kind == "concept", 0), else_=1), func.lower(Tag.name), Tag.id)
    )
    return [Used(row.id, row.kind, row.name, row.items, row.words, bool(row.retired)) for row in rows]


def rename(session: Session, seat: Seat, opened: Opened, tag_id: int, name: str) -> None:
    """Another name. Raises Refusal where another tag has it (they can be merged), NotFound for a tag of elsewhere."""
    _of_teacher(session, seat, opened, tag_id)
    names = _checked([name])
    if not names:
        raise Refusal(N_("There is no name yet. Write one and save again."))
    other = select(Tag.id).where(Tag.activity_id == opened.id, Tag.normal == normal(name), Tag.id != tag_id)
    if session.scalar(other) is not None:
        raise Refusal(N_("There is a tag “{name}” already. Merge the two instead."), name=names[0])
    session.execute(update(Tag).where(Tag.id == tag_id).values(name=names[0], normal=normal(name)))
    walls.touch(session, opened.id)


def take_out(session: Session, seat: Seat, opened: Opened, tag_id: int, *, now: datetime, back: bool = False) -> None:
    """Nobody is asked about the tag any more, or (`back`) again; what was said of it stays stored."""
    _of_teacher(session, seat, opened, tag_id)
    session.execute(update(Tag).where(Tag.id == tag_id).values(retired_at=None if back else now))
    walls.touch(session, opened.id)


def change_kind(session: Session, seat: Seat, opened: Opened, tag_id: int, kind: str) -> None:
    """Make a free tag an idea of the course, or the other way round."""
    _of_teacher(session, seat, opened, tag_id)
    if kind not in ("concept", "free"):
        raise Refusal(N_("“{value}” is not one of the choices. Choose one of the list and save again."), value=kind)
    session.execute(update(Tag).where(Tag.id == tag_id).values(kind=kind))
    walls.touch(session, opened.id)


def merge(session: Session, seat: Seat, opened: Opened, tag_id: int, into_id: int) -> None:
    """What was said of one tag is said of the other. Who spoke of both is taken to have said yes if once yes; where one
    of the two words no longer counts, as the item was changed since, by the other one alone.

    Of two teachers who merge at once in opposite directions, the second finds a tag that is no longer there.
    """
    if tag_id == into_id:
        raise Refusal(N_("A tag cannot be merged with itself. Choose another one."))
    for tag in sorted((tag_id, into_id)):  # in one order, so that nobody waits in a ring
        _of_teacher(session, seat, opened, tag)
    mine, theirs = aliased(Tagging), aliased(Tagging)
    both = (
        select(
            theirs.id, mine.id.label("moved"), mine.applies, mine.by_author, mine.counts, theirs.counts.label("counted")
        )
        .join(
            mine,
            (mine.contribution_id == theirs.contribution_id)
            & (func.coalesce(mine.person_id, 0) == func.coalesce(theirs.person_id, 0)),  # 0: an unknown author
        )
        .where(theirs.tag_id == into_id, mine.tag_id == tag_id)
    )
    for row in session.execute(both).all():
        if row.counts and not row.counted:
            session.execute(update(Tagging).where(Tagging.id == row.id).values(applies=row.applies, counts=True))
        elif row.applies and row.counts == row.counted:
            session.execute(update(Tagging).where(Tagging.id == row.id).values(applies=True))
        if row.by_author:
            session.execute(update(Tagging).where(Tagging.id == row.id).values(by_author=True))
        session.execute(delete(Tagging).where(Tagging.id == row.moved))
    session.execute(update(Tagging).where(Tagging.tag_id == tag_id).values(tag_id=into_id))
    session.execute(update(Tag).where(Tag.merged_into_id == tag_id).values(merged_into_id=into_id))
    session.execute(update(Tag).where(Tag.id == tag_id).values(merged_into_id=into_id))
    walls.touch(session, opened.id)


def _of_teacher(session: Session, seat: Seat, opened: Opened, tag_id: int) -> None:
    """Hold a tag of this gallery that was not merged. Raises NotFound."""
    del seat
    found = session.scalar(
        select(Tag.id)
        .where(Tag.id == tag_id, Tag.activity_id == opened.id, Tag.merged_into_id.is_(None))
        .with_for_update()
    )
    if found is None:
        raise NotFound(N_("This tag is not there any more. Load the page again."))
