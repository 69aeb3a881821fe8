"""Which tags apply to an item, as classmates say: yes or no, each person once for a tag, and they may change it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from core.activities import credit, moderation, pace, seats, tags, walls
from core.activities.authors import Stamp
from core.activities.gallery_settings import GallerySettings
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.activities.visibility import TO_CLASS
from core.store.database import insert, run
from core.store.tables import Contribution, Tagging
from core.words import N_


def say(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: GallerySettings,
    item_id: int,
    applies: Mapping[int, bool],
    words: tuple[str, ...] = (),
    *,
    now: datetime,
    language: str = "",
) -> None:
    """Say of an item which tags apply, and add `words` of one's own where the gallery allows it.

    In an anonymous gallery new words come from authors only: a tag that one person added is a text with an author, and
    who says yes or no to it is stored. Nor do they come from somebody whose texts the teacher reads first, for tags are
    not read. A teacher's word is known to be true (`item_ideas`). Raises NotFound for an item that is not shown,
    NotAllowed for one's own, Refusal for a word that is not to be a tag (`tags.screen`).
    """
    counts = seats.hold(session, seat)
    row = run(session, _SHOWN, item=item_id, activity=opened.id, course=seat.course_id, reader=seat.person_id).first()
    if row is None:
        raise NotFound(N_("This item is not shown here any more. Load the page again."))
    if seat.person_id in (row.person_id, row.root) and seat.role != "teacher":
        raise NotAllowed(N_("This item is your own. You can change what you say it shows."))
    new = [word for word in words if tags.normal(word)]
    if new and not (settings.free_tags and settings.anonymity != "anonymous") and seat.role != "teacher":
        raise Refusal(N_("New tags cannot be added here. Choose among those that are there."))
    unseen = tags.screen(session, seat, opened, new, language)
    if unseen and moderation.first_status(session, seat, opened, settings, Stamp(seat.person_id, now)) != "live":
        raise Refusal(
            N_(
                "Your teacher reads what you write before classmates see it, and “{name}” would be a new tag, which "
                "everybody sees at once. Choose among those that are there, or say it in a comment."
            ),
            name=unseen[0],
        )
    pace.spend(session, seat, opened.id, "vote", limit=10 * settings.daily, now=now)
    added = dict.fromkeys(tags.free(session, opened, new, at=now), True)
    store(session, seat, opened, item_id, {**applies, **added}, counts=counts, now=now)
    credit.changed(session, seat, opened, settings, now=now)
    walls.touch(session, opened.id)


_root = aliased(Contribution)
_SHOWN = (
    select(Contribution.person_id, _root.person_id.label("root"))  # root: who wrote what was inherited
    .outerjoin(_root, _root.id == Contribution.inherited_from_id)
    .where(
        Contribution.id == bindparam("item"),
        Contribution.activity_id == bindparam("activity"),
        Contribution.course_id == bindparam("course"),
        Contribution.kind.in_(("found", "produced")),
        TO_CLASS,
    )
    .with_for_update(read=True, of=Contribution)
)


def store(
    session: Session,
    seat: Seat,
    opened: Opened,
    item_id: int,
    applies: Mapping[int, bool],
    *,
    counts: bool,
    now: datetime,
) -> None:
    """Keep this person's words; of tags that were merged meanwhile the one that is left, of retired ones nothing."""
    for tag, root in sorted(tags.held(session, opened, applies).items(), key=lambda pair: pair[1]):
        statement = insert(session, Tagging).values(
            contribution_id=item_id,
            tag_id=root,
            person_id=seat.person_id,
            applies=applies[tag],
            by_author=False,
            counts=counts,
            created_at=now,
        )
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["contribution_id", "tag_id", "person_id"],
                set_={"applies": statement.excluded.applies, "counts": counts},
            )
        )


def mine(session: Session, seat: Seat, item_id: int) -> dict[int, bool]:
    """What this person said of an item, by tag."""
    rows = run(session, _MINE, item=item_id, reader=seat.person_id)
    return {row.tag_id: row.applies for row in rows}


_MINE = select(Tagging.tag_id, Tagging.applies).where(
    Tagging.contribution_id == bindparam("item"), Tagging.person_id == bindparam("reader")
)
