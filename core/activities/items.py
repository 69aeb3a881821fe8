"""What a class brings to a gallery: found in the real world or made by themselves, with the idea that it shows.

The contribution's text says which idea it is and how it shows; the item holds what was found or made: a link, a
picture, a text. What was judged is what was read: when an author changes an item, the judgements so far no longer count
for it, it is judged anew (`judging`), and a moderated gallery looks at it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.activities import (
    authors,
    consents,
    contributions,
    credit,
    item_links,
    judging,
    pace,
    pictures,
    receipts,
    screening,
    seats,
    tags,
    texts,
    walls,
)
from core.activities.authors import Stamp
from core.activities.consents import Consent
from core.activities.gallery_settings import GallerySettings
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.screening import Screened, Stored
from core.activities.seats import Opened, Seat
from core.problems.images import CleanImage, thumbnail
from core.store.database import insert
from core.store.tables import Contribution, Item, Tagging
from core.words import N_, Sentence

KINDS = ("found", "produced")
NO_CONSENT = Consent("")
_KEPT = Sentence(N_("Saved for you. What a test user brings is not shown to classmates."))
NO_ALT = N_("Say in a few words what is to be seen in the picture: some classmates cannot see it, or hear it read.")
LONGEST_LINE = 300  # of an alternative text, a source, a licence


@dataclass(frozen=True, slots=True)
class New:
    """An item as its form sends it. `text`: which idea, and how. One of `url`, `picture` and `body` is there at least.

    `picture` None: none, or (in a change) the one that is there stays, unless `no_picture`. `anyway`: personal data is
    meant.
    """

    kind: str
    title: str
    text: str
    url: str = ""
    body: str = ""
    picture: CleanImage | None = None
    no_picture: bool = False
    image_alt: str = ""
    source: str = ""
    licence: str = ""
    concepts: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    consent: Consent = NO_CONSENT
    anyway: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of an item: its number, and what its author is told."""

    id: int
    stored: Stored


def bring(
    session: Session, seat: Seat, opened: Opened, settings: GallerySettings, new: New, *, now: datetime
) -> Brought:
    """Put an item into the gallery. Raises Refusal that says what is missing; the form is kept by the page."""
    counts = seats.hold(session, seat)
    new = _checked(new, settings, has_picture=new.picture is not None)
    stamp = authors.stamp(session, seat, opened.id, settings, now=now)
    screened = _screened(session, seat, opened, settings, stamp, new)
    status = screened.status if counts or seat.role == "teacher" else "kept"
    receipt = receipts.issue(stamp, status)
    pace.spend(session, seat, opened.id, "text", limit=settings.daily, now=now)
    item_id = int(
        session.scalars(
            insert(session, Contribution)
            .values(
                course_id=seat.course_id,
                activity_id=opened.id,
                person_id=stamp.person_id,
                kind=new.kind,
                version=1,
                text=new.text,
                status=status,
                created_at=stamp.created_at,
                joined_at=stamp.created_at if status == "live" else None,
                receipt=receipts.kept(receipt.code) if receipt else None,
            )
            .returning(Contribution.id)
        ).one()
    )
    values = _columns(session, seat, new) | consents.columns(settings, new.consent, stamp.created_at)
    session.execute(insert(session, Item).values(contribution_id=item_id, activity_id=opened.id, judged=0, **values))
    if new.consent.licence:
        consents.record(session, seat, item_id, new.consent, at=stamp.created_at)
    _say(session, opened, settings, item_id, stamp, new)
    if status == "kept":
        return Brought(item_id, Stored(status, _KEPT))
    stored = screening.record(session, seat, settings, stamp, item_id, screened)
    if stamp.person_id is None:
        credit.add(session, seat, opened, new.kind)
    credit.changed(session, seat, opened, settings, now=now)
    walls.touch(session, opened.id)
    return Brought(item_id, replace(stored, receipt=receipt))


def change(
    session: Session, seat: Seat, opened: Opened, settings: GallerySettings, item_id: int, new: New, *, now: datetime
) -> Brought:
    """The author changes an item. Judgements and classmates' tags so far no longer count, for they were about another.

    Its kind stays, and so does consent (`consents.change`). An item that is held because of reports stays held. Raises
    NotFound for one that is not theirs, which in an anonymous gallery is each.
    """
    seats.hold(session, seat)
    row = _mine(session, seat, opened, item_id)
    if row.status == "retired":
        raise NotAllowed(N_("Your teacher took this item out, so it cannot be changed. You can bring a new one."))
    has_picture = new.picture is not None or (row.image_id is not None and not new.no_picture)
    new = _checked(replace(new, kind=row.kind), settings, has_picture=has_picture, is_new=False)
    stamp = Stamp(seat.person_id, now)
    screened = _screened(session, seat, opened, settings, stamp, new, instead_of=item_id)
    pace.spend(session, seat, opened.id, "text", limit=settings.daily, now=now)
    status = row.status if row.status in ("held", "kept") else screened.status
    session.execute(
        update(Contribution)
        .where(Contribution.id == item_id)
        .values(
            text=new.text,
            status=status,
            edited_at=now,
            joined_at=func.coalesce(Contribution.joined_at, now) if status == "live" else Contribution.joined_at,
        )
    )
    values = _columns(session, seat, new)
    if new.picture is None and not new.no_picture:
        del values["image_id"], values["thumb_id"]
    if values["url"] != row.url:
        values["preview"] = None  # it was the other page's
    session.execute(update(Item).where(Item.contribution_id == item_id).values(**values))
    judging.overtaken(session, item_id)
    session.execute(
        update(Tagging).where(Tagging.contribution_id == item_id, Tagging.by_author.is_(False)).values(counts=False)
    )
    session.execute(delete(Tagging).where(Tagging.contribution_id == item_id, Tagging.by_author))
    _say(session, opened, settings, item_id, stamp, new)
    stored = screening.record(session, seat, settings, stamp, item_id, screened)
    credit.changed(session, seat, opened, settings, now=now)
    walls.touch(session, opened.id)
    return Brought(item_id, replace(stored, status=status))


def take_back(
    session: Session, seat: Seat, opened: Opened, settings: GallerySettings, item_id: int, *, now: datetime
) -> None:
    """The author takes an item back: nobody sees it any more, here or in the archive. Raises NotFound."""
    seats.hold(session, seat)
    _mine(session, seat, opened, item_id)
    contributions.retire(session, item_id, because="withdrawn", now=now)
    credit.changed(session, seat, opened, settings, now=now)
    walls.touch(session, opened.id)


def keep_preview(session: Session, seat: Seat, opened: Opened, item_id: int, url: str, preview: dict[str, str]) -> None:
    """What the page behind an item's link says of itself, unless the link was changed while it was read."""
    here = select(Contribution.id).where(Contribution.id == item_id, Contribution.course_id == seat.course_id)
    session.execute(
        update(Item)
        .where(Item.contribution_id.in_(here), Item.activity_id == opened.id, Item.url == url)
        .values(preview=preview)
    )
    walls.touch(session, opened.id)


def _mine(session: Session, seat: Seat, opened: Opened, item_id: int) -> Any:
    """One's own item, held. A teacher who took it out has the last word, and is not undone by taking it back."""
    row = session.execute(
        select(Contribution.kind, Contribution.status, Item.image_id, Item.url)
        .join(Item, Item.contribution_id == Contribution.id)
        .where(
            Contribution.id == item_id,
            Contribution.activity_id == opened.id,
            Contribution.course_id == seat.course_id,
            Contribution.person_id == seat.person_id,
            (Contribution.status != "retired") | (Contribution.retired_because == "teacher"),
        )
        .with_for_update(of=Contribution)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This item is not one of yours."))
    return row


def _checked(new: New, settings: GallerySettings, *, has_picture: bool, is_new: bool = True) -> New:
    """The item with clean words. Raises Refusal for what is missing, in the order of the form."""
    allowed = {"found": settings.takes_found, "produced": settings.takes_produced}
    if is_new and not allowed.get(new.kind):
        raise Refusal(N_("This gallery does not take such items. Load the page again to see which it takes."))
    title = texts.clean_line(new.title)
    if not texts.visible_length(title):
        raise Refusal(N_("The item has no title yet. Write one, so that others can speak of it."))
    url, body = item_links.clean(new.url), texts.clean(new.body)
    if not (url or has_picture or texts.visible_length(body)):
        raise Refusal(N_("There is nothing to see yet: add a link, a picture or a text. The rest is still there."))
    alt = texts.clean_line(new.image_alt, LONGEST_LINE)
    if has_picture and not texts.visible_length(alt):
        raise Refusal(NO_ALT)
    text = texts.clean(new.text)
    length = texts.visible_length(text)
    if length < settings.shortest:
        message = (
            N_("Say which idea it shows, and how: {least} characters at least, now it has {length}.")
            if new.kind == "found"
            else N_("Say which ideas you used, and how: {least} characters at least, now it has {length}.")
        )
        raise Refusal(message, least=settings.shortest, length=length)
    return replace(
        new,
        title=title,
        text=text,
        url=url,
        body=body,
        image_alt=alt if has_picture else "",
        source=texts.clean_line(new.source, LONGEST_LINE),
        licence=texts.clean_line(new.licence, LONGEST_LINE),
    )


def _screened(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: GallerySettings,
    stamp: Stamp,
    new: New,
    *,
    instead_of: int | None = None,
) -> Screened:
    """What the words are, those of the explanation and those around it, of which a copy means nothing."""
    words = new.words if settings.free_tags else ()
    tags.screen(session, seat, opened, words, new.language)
    rest = "\n".join((new.title, new.body, new.image_alt, new.source, new.licence, *words))
    said, around = (
        screening.screen(
            session,
            seat,
            opened,
            settings,
            stamp,
            text,
            kind=new.kind,
            language=new.language,
            anyway=new.anyway,
            instead_of=instead_of,
        )
        for text in (new.text, rest)
    )
    status = "pending" if around.coarse else said.status
    return Screened(status, said.coarse or around.coarse, said.alike, said.worry or around.worry)


def _columns(session: Session, seat: Seat, new: New) -> dict[str, Any]:
    """What `Item` keeps of it."""
    small = thumbnail(new.picture) if new.picture else None
    return {
        "title": new.title,
        "body": new.body,
        "url": new.url or None,
        "image_id": pictures.keep(session, seat.course_id, new.picture) if new.picture else None,
        "thumb_id": pictures.keep(session, seat.course_id, small) if small else None,
        "image_alt": new.image_alt,
        "source": new.source,
        "licence": new.licence,
    }


def _say(session: Session, opened: Opened, settings: GallerySettings, item_id: int, stamp: Stamp, new: New) -> None:
    """What the author says that it shows. It stands beside the item and is no vote about it."""
    words = tags.free(session, opened, new.words, at=stamp.created_at) if settings.free_tags else []
    known = tags.held(session, opened, [*new.concepts, *words])
    for tag in sorted(set(known.values())):
        session.execute(
            insert(session, Tagging)
            .values(
                contribution_id=item_id,
                tag_id=tag,
                person_id=stamp.person_id,
                applies=True,
                by_author=True,
                counts=False,
                created_at=stamp.created_at,
            )
            .on_conflict_do_nothing()
            .returning(Tagging.id)
        )
