"""A course's channels in Slack as its teacher finds and changes them: since when, what they use, in which language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import languages
from core.activities import channels
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Seat
from core.store.tables import Activity, Channel, SlackMessage
from core.store.tables import Workspace as WorkspaceRow
from core.words import N_

USES = ("questions", "gallery", "poll", "practice")  # kinds of activities that a channel works in


@dataclass(frozen=True, slots=True)
class CourseChannel:
    """A channel of the course. `uses` gives the public id of the activity of each kind; None: not chosen yet."""

    id: int
    channel_id: str
    name: str | None
    workspace: str
    since: datetime
    language: str
    time_zone: str
    uses: Mapping[str, str | None]
    has_ended: bool  # Slack took the app out of that workspace


def listed(session: Session, seat: Seat) -> list[CourseChannel]:
    """The channels of the course, newest first. Raises NotAllowed for who does not teach."""
    _teaches(seat)
    rows = session.execute(
        select(
            Channel.id,
            Channel.channel_id,
            Channel.name,
            Channel.bound_at,
            Channel.language,
            Channel.time_zone,
            Channel.questions_id,
            Channel.gallery_id,
            Channel.poll_id,
            Channel.practice_id,
            WorkspaceRow.name.label("workspace"),
            WorkspaceRow.ended_at,
        )
        .join(WorkspaceRow, WorkspaceRow.id == Channel.workspace_id)
        .where(Channel.course_id == seat.course_id, Channel.ended_at.is_(None))
        .order_by(Channel.id.desc())
    ).all()
    known = {
        row.id: row.public_id
        for row in session.execute(select(Activity.id, Activity.public_id).where(Activity.course_id == seat.course_id))
    }
    return [
        CourseChannel(
            id=row.id,
            channel_id=row.channel_id,
            name=row.name,
            workspace=row.workspace,
            since=row.bound_at,
            language=row.language,
            time_zone=row.time_zone,
            uses={kind: known.get(getattr(row, f"{kind}_id")) for kind in USES},
            has_ended=row.ended_at is not None,
        )
        for row in rows
    ]


def change(
    session: Session, seat: Seat, channel_row: int, uses: Mapping[str, str], language: str, *, now: datetime
) -> None:
    """A teacher says which activities a channel uses (by kind; what is not named stays) and which language it reads.

    Raises NotAllowed, NotFound, and Refusal for a language that we do not speak.
    """
    _teaches(seat)
    if language not in languages.available():
        raise Refusal(N_("We do not speak that language. Nothing was changed; choose one of the list."))
    row = session.execute(
        update(Channel)
        .where(Channel.id == channel_row, Channel.course_id == seat.course_id, Channel.ended_at.is_(None))
        .values(language=language)
        .returning(Channel.workspace_id, Channel.channel_id)
    ).one_or_none()
    if row is None:
        raise _not_yours()
    for kind, public_id in uses.items():
        channels.use(session, seat, channel_row, kind, public_id)
    session.execute(  # what stands there is said anew
        update(SlackMessage)
        .where(
            SlackMessage.workspace_id == row.workspace_id,
            SlackMessage.channel_id == row.channel_id,
            SlackMessage.status == "live",
        )
        .values(due_at=now)
    )


def take_back(session: Session, seat: Seat, channel_row: int) -> None:
    """A teacher releases a channel and thinks again. Raises NotAllowed, and NotFound once another course has it."""
    _teaches(seat)
    found = session.scalar(
        update(Channel)
        .where(Channel.id == channel_row, Channel.course_id == seat.course_id)
        .values(ended_at=None)
        .returning(Channel.id)
    )
    if found is None:
        raise _not_yours()


def _teaches(seat: Seat) -> None:
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers tie channels to a course and release them."))


def _not_yours() -> NotFound:
    return NotFound(N_("This channel does not belong to your course any more. Load the page again."))
