"""Pictures that people upload: kept once for equal bytes in a course, shown to those who may see what they show."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from core.activities import problems, seats, tasks
from core.activities.refusals import NotFound
from core.activities.seats import Seat
from core.activities.visibility import TO_STUDENT
from core.problems.images import CleanImage
from core.store.database import insert, run
from core.store.tables import Activity, Contribution, Image, Item
from core.words import N_


def keep(session: Session, course_id: int, picture: CleanImage) -> int:
    """The picture's number; of two people who upload the same bytes at once the second finds the first one's."""
    digest = hashlib.sha256(picture.data).hexdigest()
    session.execute(
        insert(session, Image)
        .values(
            course_id=course_id,
            sha256=digest,
            mime=picture.mime,
            width=picture.width,
            height=picture.height,
            body=picture.data,
        )
        .on_conflict_do_nothing()
        .returning(Image.id)
    )
    return int(session.scalars(select(Image.id).where(Image.course_id == course_id, Image.sha256 == digest)).one())


def shown(session: Session, seat: Seat, public_id: str, image_id: int, *, now: datetime) -> tuple[str, bytes]:
    """A picture (mime, bytes) as this person may see it in the activity that their launch opened.

    A teacher sees all of the course. In practice it is a problem's, and one that belongs to the key waits for the key;
    in a gallery it is an item's, and is seen by those who see the item. Raises NotFound for all others.
    """
    if seat.role == "teacher":
        return problems.image(session, seat.course_id, image_id)
    kind = run(session, _KIND, public_id=public_id, course=seat.course_id).scalar()
    if kind != "gallery":
        return tasks.picture(session, seat, seats.practice(session, seat, public_id), image_id, now)
    found = run(
        session, _OF_ITEM, public_id=public_id, course=seat.course_id, reader=seat.person_id, image=image_id
    ).first()
    if found is None:
        raise NotFound(N_("This picture is not shown here any more."))
    return problems.image(session, seat.course_id, image_id)


_KIND = select(Activity.kind).where(
    Activity.public_id == bindparam("public_id"), Activity.course_id == bindparam("course")
)
_OF_ITEM = (
    select(Item.contribution_id)
    .join(Contribution, Contribution.id == Item.contribution_id)
    .join(Activity, Activity.id == Item.activity_id)
    .where(
        Activity.public_id == bindparam("public_id"),
        Contribution.course_id == bindparam("course"),
        or_(Item.image_id == bindparam("image"), Item.thumb_id == bindparam("image")),
        TO_STUDENT,
    )
    .limit(1)
)
