"""Who judges which item next, and what they say of it.

An item is drawn by chance among those judged least (`core.crowd.sharing`), never one's own; the row keeps policy and
probability. Only what was drawn counts for what is believed of an item: people who choose what they judge choose their
friends' (`core.crowd.items`). What was chosen counts for the one who did it, and shows what others say.

Whoever judges does so blind, once: when others' words have been seen, it is too late for a second first impression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan
from typing import Any

import numpy as np
from sqlalchemy import Integer, and_, bindparam, cast, exists, func, or_, select, update
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
from core.store.tables import Contribution, Item, Judgement
from core.words import N_, Sentence

SHARE, CHOSEN = "share", "chosen"
OPEN_FOR = timedelta(minutes=30)  # that long a draw that nobody has judged yet counts as a judgement to come
FREE_SKIPS = 3  # and one more for each item judged: who may skip without end chooses what to judge
_TRIES = 4
_SAID = Sentence(N_("Saved. Thank you: your judgement counts."))
_SAID_CHOSEN = Sentence(
    N_("Saved. You chose this item yourself, so it counts for you and not for the item: chance picks its judges.")
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
    """What one said of an item: ratings by attribute, None while it waits to be judged."""

    ratings: Mapping[str, int] | None
    judged_at: datetime | None


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
) -> Turn | None:
    """What this person judges next: what is open (a reload, a second tab), or a draw; None where nothing is left.

    Of two people who take an item's last share at once, the second waits for its row, sees that it was taken, and draws
    anew. So the counts stay close together also when a class begins in the same second.
    """
    if not settings.judgements:
        return None
    counts = seats.hold(session, seat)
    done, skipped = _tally(session, seat, opened)
    may_skip = skipped < FREE_SKIPS + done
    here = {"activity": opened.id, "reader": seat.person_id, "course": seat.course_id, "since": now - OPEN_FOR}
    waiting = run(session, _OPEN, **here).scalar()
    if waiting is not None:
        return Turn(waiting, done, may_skip)
    found = _draw(session, here, rng)
    if found is None:
        return None
    item_id, share = found
    session.execute(
        insert(session, Judgement).values(
            activity_id=opened.id,
            contribution_id=item_id,
            person_id=seat.person_id,
            policy=SHARE,
            probability=share.probability,
            eligible_size=share.eligible,
            scale=settings.scale,
            counts=counts,
            shown_at=now,
        )
    )
    return Turn(item_id, done, may_skip)


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
        Judgement.judged_at.is_(None),
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
        _waiting.judged_at.is_(None),
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
        ~exists().where(_mine.contribution_id == Item.contribution_id, _mine.person_id == bindparam("reader")),
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

    Raises Refusal for ratings off the scale or none at all, Gone for an item that was taken away meanwhile, NotAllowed
    for one's own.
    """
    counts = seats.hold(session, seat)
    given = _checked(settings, ratings)
    _hold_to_judge(session, seat, opened, item_id)
    row = run(session, _MINE, item=item_id, reader=seat.person_id).one_or_none()
    if row is not None and row.judged_at is not None:
        return _ALREADY
    pace.spend(session, seat, opened.id, "judgement", limit=10 * settings.daily, now=now)
    said = {"scale": settings.scale, "ratings": given, "judged_at": now}
    drawn = row is not None and row.policy == SHARE
    if row is None:
        session.execute(
            insert(session, Judgement).values(
                activity_id=opened.id,
                contribution_id=item_id,
                person_id=seat.person_id,
                policy=CHOSEN,
                probability=None,
                eligible_size=1,
                counts=False,
                shown_at=now,
                **said,
            )
        )
    else:
        session.execute(update(Judgement).where(Judgement.id == row.id).values(skipped_at=None, **said))
    if drawn and row is not None and row.counts:
        session.execute(update(Item).where(Item.contribution_id == item_id).values(judged=Item.judged + 1))
    tagging.store(session, seat, opened, item_id, applies, counts=counts, now=now)
    credit.changed(session, seat, opened, settings, now=now)
    return _SAID if drawn else _SAID_CHOSEN


def skip(session: Session, seat: Seat, opened: Opened, item_id: int, *, now: datetime) -> None:
    """Leave out the item that was drawn. Raises Refusal where that was done too often."""
    seats.hold(session, seat)
    done, skipped = _tally(session, seat, opened)
    if skipped >= FREE_SKIPS + done:
        raise Refusal(
            N_("You have skipped {skipped} items. Judge this one as well as you can; then you may skip again."),
            skipped=skipped,
        )
    session.execute(
        update(Judgement)
        .where(
            Judgement.activity_id == opened.id,
            Judgement.contribution_id == item_id,
            Judgement.person_id == seat.person_id,
            Judgement.judged_at.is_(None),
        )
        .values(skipped_at=now)
    )


def mine(session: Session, seat: Seat, item_id: int) -> Mine | None:
    """What this person said of an item, or is to say; None if it was never put before them."""
    row = run(session, _MINE, item=item_id, reader=seat.person_id).one_or_none()
    return None if row is None else Mine(row.ratings, row.judged_at)


_MINE = select(Judgement.id, Judgement.policy, Judgement.counts, Judgement.ratings, Judgement.judged_at).where(
    Judgement.contribution_id == bindparam("item"), Judgement.person_id == bindparam("reader")
)


def judged(session: Session, seat: Seat, opened: Opened) -> int:
    """How many items this person has judged here."""
    return _tally(session, seat, opened)[0]


def due(session: Session, seat: Seat, opened: Opened, settings: GallerySettings, *, now: datetime) -> int:
    """How many items this person is still asked to judge: as many as judge each item, as far as there are any left."""
    left = settings.judgements - judged(session, seat, opened)
    if left <= 0:
        return 0
    here = {"activity": opened.id, "reader": seat.person_id, "course": seat.course_id}
    waiting = run(session, _OPEN, **here).scalar() is not None
    return min(left, waiting + len(run(session, _CANDIDATES, **here, since=now - OPEN_FOR).all()))


def _tally(session: Session, seat: Seat, opened: Opened) -> tuple[int, int]:
    row = run(session, _TALLY, activity=opened.id, reader=seat.person_id).one()
    return int(row.done), int(row.skipped)


_TALLY = select(func.count(Judgement.judged_at).label("done"), func.count(Judgement.skipped_at).label("skipped")).where(
    Judgement.activity_id == bindparam("activity"), Judgement.person_id == bindparam("reader")
)


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
