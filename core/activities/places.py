"""Where a text stands: under a problem of practice, or in an activity that the class shares; and by which settings."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.activities import kinds, question_settings
from core.activities.refusals import NotFound
from core.activities.seats import Opened, Seat, not_here
from core.activities.shared_settings import SharedSettings
from core.store.database import run
from core.store.tables import Activity, Contribution
from core.words import N_

PRACTICE = SharedSettings(anonymity="teacher")  # under a problem: classmates see no names, the teacher does

CLOSED = SharedSettings(anonymity="pseudonym")  # questions that were switched off: what was promised then is not known


def opened(session: Session, seat: Seat, activity_id: int) -> Opened:
    """The activity of this course with this id, of whichever kind. Raises NotFound."""
    row = session.execute(
        select(Activity.id, Activity.public_id, Activity.title, Activity.kind, Activity.settings).where(
            Activity.id == activity_id, Activity.course_id == seat.course_id
        )
    ).one_or_none()
    if row is None:
        raise not_here()
    return Opened(*row)


def activity_of(session: Session, seat: Seat, text_id: int) -> int:
    """The activity of this course in which a text stands. Raises NotFound, whether it is elsewhere or nowhere."""
    found: int | None = run(session, _ACTIVITY_OF, text=text_id, course=seat.course_id).scalar()
    if found is None:
        raise NotFound(N_("This is not in your course, or not any more."))
    return found


_ACTIVITY_OF = select(Contribution.activity_id).where(
    Contribution.id == bindparam("text"), Contribution.course_id == bindparam("course")
)


def settings(activity: Opened) -> SharedSettings:
    """What rules its shared texts: of a practice activity, those of the questions beside its problems."""
    if activity.kind in kinds.SHARED:
        return kinds.SHARED[activity.kind].from_json(activity.settings)
    beside = question_settings.of(activity)
    return beside if beside.anonymity != "off" else CLOSED


def settings_of(session: Session, seat: Seat, activity_id: int | None) -> SharedSettings:
    """The same, for a text that stands in this activity, or (None) under a problem."""
    return PRACTICE if activity_id is None else settings(opened(session, seat, activity_id))
