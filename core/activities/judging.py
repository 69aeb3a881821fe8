"""Who judges which item next, and what they say of it.

An item is drawn by chance among those judged least (`core.crowd.sharing`), never one's own; the row keeps policy and
probability. Only what was drawn counts for what is believed of an item: people who choose what they judge choose their
friends' (`core.crowd.items`). What was chosen counts for the one who did it, and shows what others say.

Whoever judges does so blind, once: when others' words have been seen, it is too late for a second first impression.
An author who changes an item puts another one before the class (`overtaken`): what was said of the old one still counts
for who said it, and chance may put the new one before anybody, whose words then take the place of their old ones.

In an anonymous gallery it is not stored which items somebody skipped: who skips one may be its author.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan
from typing import Any

import numpy as np
from sqlalchemy import Integer, and_, bindparam, cast, delete, exists, func, null, or_, select, update
from sqlalchemy.orm import Session, aliased

from core.activities import credit, pace, seats, tagging
from core.activities.gallery_settings import GallerySettings
from core.activities.refusals import Gone, NotAllowed, Refusal
from core.activities.seats import Opened, Seat
from core.activities.visibility import TO_CLASS
from core.crowd import sharing
from core.crowd.scales import RATING, SCALES
from core.crowd.sharing import Share
from core.store.database import insert, run
from core.store.tables import Allowance, Contribution, Item, Judgement
from core.words import N_, Sentence

SHARE, CHOSEN, OVERTAKEN = "share", "chosen", "overtaken"  # by its author, who changed the item since
OPEN_FOR = timedelta(minutes=30)  # that long a draw that nobody has judged yet counts as a judgement to come
SKIP = "skip"  # what `pace` calls it
FREE_SKIPS = 3  # and one more for each item judged: who may skip without end chooses what to judge
_TRIES = 4
_SAID = Sentence(N_("Saved. Thank you: your judgement counts."))
_SAID_CHOSEN = Sentence(
    N_("Saved. You chose this item yourself, so it counts for you and not for the item: chance picks its judges.")
)
_SAID_OVERTAKEN = Sentence(
    N_(
        "Saved. Its author has changed this item since chance picked it for you, so your judgement counts for you and "
        "not for the item."
    )
)
_ALREADY = Sentence(N_("You have judged this item before. Your first judgement stands."))


@dataclass(frozen=True, slots=True)
class Turn:
    """The item that a person is to judge now, and how many have gone before it."""

    item_id: int
    done: int
    may_skip: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """What one said of an item: ratings by attribute, None while it waits to be judged; whether chance put it before
    one, so that what one says of it now counts for the item.
    """

    ratings: Mapping[str, int] | None
    judged_at: datetime | None
    drawn: bool


def asked(settings: GallerySettings) -> tuple[str, ...]:
    """The keys of the ratings that this gallery asks for."""
    return tuple(settings.attributes) if settings.scale == "attributes" else (RATING,)


def next_item(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: GallerySettings,
    *,
    now: datetime,
    rng: np.random.Generator,
    skipped: int | None = None,
) -> Turn | None:
    """What this person judges next: what is open (a reload, a second tab), or a draw; None where nothing is left.
    `skipped`, the item that they left out a moment ago, does not come.

    Of two people who take an item's last share at once, the second waits for its row, sees that it was taken, and draws
    anew. So the counts stay close together also when a class begins in the same second.
    """
    if not settings.judgements:
        return None
    counts = seats.hold(session, seat)
    done, left_out = _tally(session, seat, opened, now)
    may_skip = left_out < FREE_SKIPS + done
    here = _here(seat, opened, now) | {"skipped": skipped}
    waiting = run(session, _OPEN, **here).scalar()
    if waiting is not None:
        return Turn(waiting, done, may_skip)
    found = _draw(session, here, rng)
    if found is None:
        return None
    item_id, share = found
    drawn = {
        "policy": SHARE,
        "probability": share.probability,
        "eligible_size": share.eligible,
        "scale": settings.scale,
        "counts": counts,
        "shown_at": now,
    }
    here_too = {"activity_id": opened.id, "contribution_id": item_id, "person_id": seat.person_id}
    session.execute(
        insert(session, Judgement)
        .values(**here_too, **drawn)
        # Their words about what the item was before go; `judged_at` stays, for that they judged it was counted.
        .on_conflict_do_update(index_elements=["contribution_id", "person_id"], set_=drawn | {"ratings": null()})
        .returning(Judgement.id)
    )
    return Turn(item_id, done, may_skip)


def _here(seat: Seat, opened: Opened, now: datetime) -> dict[str, Any]:
    return {
        "activity": opened.id,
        "reader": seat.person_id,
        "course": seat.course_id,
        "since": now - OPEN_FOR,
        "skipped": None,
    }


def _draw(session: Session, here: Mapping[str, Any], rng: np.random.Generator) -> tuple[int, Share] | None:
    """An item and its share. The last try stands whatever happened meanwhile: then one item has one judgement more."""
    tries = 0
    while True:
        tries += 1
        rows = run(session, _CANDIDATES, **here).all()
        share = sharing.draw([row.taken for row in rows], [True] * len(rows), rng)
        if share is None:
            return None
        drawn = rows[share.item]
        if tries == _TRIES or _still_free(session, drawn.id, drawn.taken, here):
            return drawn.id, share


def _still_free(session: Session, item_id: int, taken: int, here: Mapping[str, Any]) -> bool:
    """Hold the item, and see whether nobody has taken a share of it since the draw. First the text, then its item, as
    everybody does who takes both.
    """
    run(session, _HOLD_TEXT, item=item_id)
    run(session, _HOLD_ITEM, item=item_id)
    again = run(session, _CANDIDATES.where(Item.contribution_id == item_id), **here).one_or_none()
    return again is not None and again.taken <= taken


_waiting = aliased(Judgement)
_mine = aliased(Judgement)
_root = aliased(Contribution)
_NOT_MINE = and_(
    or_(Contribution.person_id.is_(None), Contribution.person_id != bindparam("reader")),
    or_(_root.person_id.is_(None), _root.person_id != bindparam("reader")),  # who wrote what was inherited
)
_OPEN = (
    select(Judgement.contribution_id)
    .join(Contribution, Contribution.id == Judgement.contribution_id)
    .where(
        Judgement.activity_id == bindparam("activity"),
        Judgement.person_id == bindparam("reader"),
        Judgement.policy == SHARE,
        Judgement.ratings.is_(None),
        Judgement.skipped_at.is_(None),
        Contribution.course_id == bindparam("course"),
        TO_CLASS,
    )
    .order_by(Judgement.id)
    .limit(1)
)
_OTHERS_OPEN = (
    select(func.count())
    .where(
        _waiting.contribution_id == Item.contribution_id,
        _waiting.counts,
        _waiting.ratings.is_(None),
        _waiting.skipped_at.is_(None),
        _waiting.shown_at > bindparam("since"),
    )
    .correlate(Item)
    .scalar_subquery()
)
_CANDIDATES = (
    select(Item.contribution_id.label("id"), cast(Item.judged + _OTHERS_OPEN, Integer).label("taken"))
    .join(Contribution, Contribution.id == Item.contribution_id)
    .outerjoin(_root, _root.id == Contribution.inherited_from_id)
    .where(
        Item.activity_id == bindparam("activity"),
        Contribution.course_id == bindparam("course"),
        TO_CLASS,
        _NOT_MINE,
        ~exists().where(
            _mine.contribution_id == Item.contribution_id,
            _mine.person_id == bindparam("reader"),
            or_(_mine.policy != OVERTAKEN, _mine.skipped_at.is_not(None)),
        ),
        Item.contribution_id.is_distinct_from(bindparam("skipped", type_=Integer)),
    )
    .order_by(Item.contribution_id)
)
_HOLD_TEXT = select(Contribution.id).where(Contribution.id == bindparam("item")).with_for_update(read=True)
_HOLD_ITEM = select(Item.contribution_id).where(Item.contribution_id == bindparam("item")).with_for_update()


def judge(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: GallerySettings,
    item_id: int,
    ratings: Mapping[str, int | None],
    applies: Mapping[int, bool],
    *,
    now: datetime,
) -> Sentence:
    """Keep what one says of an item: ratings on the gallery's scale, and which tags apply. The first time stands.

    Raises Refusal where nothing is judged, for ratings off the scale or none at all, Gone for an item that was taken
    away meanwhile, NotAllowed for one's own.
    """
    if not settings.judgements:
        raise Refusal(N_("Nothing is judged in this gallery any more, so what you said of the item was not saved."))
    counts = seats.hold(session, seat)
    given = _checked(settings, ratings)
    _hold_to_judge(session, seat, opened, item_id)
    row = run(session, _MINE, item=item_id, reader=seat.person_id).one_or_none()
    if row is not None and row.ratings is not None:
        return _ALREADY
    pace.spend(session, seat, opened.id, "judgement", limit=10 * settings.daily, now=now)
    said = {"scale": settings.scale, "ratings": given, "judged_at": now}
    chosen = {"policy": CHOSEN, "probability": None, "eligible_size": 1, "counts": False, "shown_at": now}
    if row is None:
        session.execute(
            insert(session, Judgement).values(
                activity_id=opened.id, contribution_id=item_id, person_id=seat.person_id, **chosen, **said
            )
        )
    else:
        if row.skipped_at is not None:  # who skipped what chance picked, and comes back to it, chose it
            said |= chosen | {"skipped_at": None}
        session.execute(update(Judgement).where(Judgement.id == row.id).values(**said))
    drawn = row is not None and _is_drawn(row)
    if row is not None and drawn and row.counts:
        session.execute(update(Item).where(Item.contribution_id == item_id).values(judged=Item.judged + 1))
    tagging.store(session, seat, opened, item_id, applies, counts=counts, now=now)
    credit.changed(session, seat, opened, settings, now=now)
    if row is not None and row.policy == OVERTAKEN and row.skipped_at is None:
        return _SAID_OVERTAKEN
    return _SAID if drawn else _SAID_CHOSEN


def _is_drawn(row: Any) -> bool:
    return row.policy == SHARE and row.skipped_at is None


def overtaken(session: Session, item_id: int) -> None:
    """The item's author changed it: no judgement so far counts for it, and those to come are of another one."""
    session.execute(update(Item).where(Item.contribution_id == item_id).values(judged=0))
    session.execute(
        update(Judgement).where(Judgement.contribution_id == item_id).values(policy=OVERTAKEN, counts=False)
    )


def skip(
    session: Session, seat: Seat, opened: Opened, settings: GallerySettings, item_id: int, *, now: datetime
) -> None:
    """Leave out the item that was drawn. Raises Refusal where that was done too often.

    In an anonymous gallery the draw is forgotten, and only how often somebody skipped today is counted: rows of the
    items that they skipped would point to their own. So an item that was skipped may come again later.
    """
    seats.hold(session, seat)
    done, skipped = _tally(session, seat, opened, now)
    if skipped >= FREE_SKIPS + done:
        raise Refusal(
            N_("You have skipped {skipped} items. Judge this one as well as you can; then you may skip again."),
            skipped=skipped,
        )
    open_ones = (
        Judgement.activity_id == opened.id,
        Judgement.contribution_id == item_id,
        Judgement.person_id == seat.person_id,
        Judgement.ratings.is_(None),
        Judgement.skipped_at.is_(None),
    )
    if settings.anonymity == "anonymous":
        forgotten = delete(Judgement).where(*open_ones, Judgement.judged_at.is_(None)).returning(Judgement.id)
        if session.scalars(forgotten).all():
            pace.spend(session, seat, opened.id, SKIP, limit=FREE_SKIPS + done, now=now)
            return
    session.execute(update(Judgement).where(*open_ones).values(skipped_at=now))


def mine(session: Session, seat: Seat, item_id: int) -> Mine | None:
    """What this person said of an item, or is to say; None if it was never put before them."""
    row = run(session, _MINE, item=item_id, reader=seat.person_id).one_or_none()
    return None if row is None else Mine(row.ratings, row.judged_at, _is_drawn(row))


_MINE = select(
    Judgement.id, Judgement.policy, Judgement.counts, Judgement.ratings, Judgement.judged_at, Judgement.skipped_at
).where(Judgement.contribution_id == bindparam("item"), Judgement.person_id == bindparam("reader"))


def judged(session: Session, seat: Seat, opened: Opened) -> int:
    """How many items this person has judged here."""
    return int(run(session, _DONE, activity=opened.id, reader=seat.person_id).scalar_one())


def due(session: Session, seat: Seat, opened: Opened, settings: GallerySettings, *, now: datetime) -> int:
    """How many items this person is still asked to judge: as many as judge each item, as far as there are any left."""
    left = settings.judgements - judged(session, seat, opened)
    if left <= 0:
        return 0
    here = _here(seat, opened, now)
    waiting = run(session, _OPEN, **here).scalar() is not None
    return min(left, waiting + len(run(session, _CANDIDATES, **here).all()))


def _tally(session: Session, seat: Seat, opened: Opened, now: datetime) -> tuple[int, int]:
    """How many items this person has judged, and how many they have skipped: those that are known, and, of today, those
    of which only the number is.
    """
    row = run(session, _TALLY, activity=opened.id, reader=seat.person_id, today=now.date()).one()
    return int(row.done), int(row.skipped + (row.forgotten or 0))


_DONE = select(func.count(Judgement.judged_at).label("done")).where(
    Judgement.activity_id == bindparam("activity"), Judgement.person_id == bindparam("reader")
)
_FORGOTTEN = (
    select(Allowance.used)
    .where(
        Allowance.activity_id == bindparam("activity"),
        Allowance.person_id == bindparam("reader"),
        Allowance.what == SKIP,
        Allowance.day == bindparam("today"),
    )
    .scalar_subquery()
)
_TALLY = _DONE.add_columns(func.count(Judgement.skipped_at).label("skipped"), _FORGOTTEN.label("forgotten"))


def _checked(settings: GallerySettings, ratings: Mapping[str, int | None]) -> dict[str, int]:
    """The ratings that were given, as they are stored."""
    given = {key: value for key in asked(settings) if (value := ratings.get(key)) is not None}
    try:
        nothing = isnan(SCALES[settings.scale].measures([given])[0])
    except ValueError:
        raise Refusal(N_("A rating is from 1 to 5 stars. Choose again; the rest is kept.")) from None
    if nothing:
        raise Refusal(N_("There is no rating yet: choose one star at least, then save again."))
    return given


def _hold_to_judge(session: Session, seat: Seat, opened: Opened, item_id: int) -> None:
    """Keep the item as it is until the judgement is stored: whoever takes it out or changes it waits, or was first."""
    statement = (
        select(Contribution.person_id, _root.person_id.label("root"), TO_CLASS.label("shown"))
        .join(Item, Item.contribution_id == Contribution.id)
        .outerjoin(_root, _root.id == Contribution.inherited_from_id)
        .where(
            Contribution.id == item_id,
            Contribution.activity_id == opened.id,
            Contribution.course_id == seat.course_id,
        )
        .with_for_update(read=True, of=Contribution)
    )
    row = run(session, statement, reader=seat.person_id).one_or_none()
    if row is not None and seat.person_id in (row.person_id, row.root):
        raise NotAllowed(N_("This item is your own. Classmates judge it."))
    if row is None or not row.shown:
        raise Gone(N_("This item is not shown any more. What you said of it was not needed; go on to the next one."))
