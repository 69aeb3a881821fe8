"""Messages of a course that Slack did not take and that were given up: shown to its teacher with the reason, until they
are sent again or their channel is released.

Private ones are counted by their reason for as long as they are kept, and nothing else is said of them: who was to be
told, or of what, would tell who has not answered, or who practises every day.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, select, update
from sqlalchemy.orm import Session

from core.activities.refusals import NotAllowed, NotFound
from core.activities.seats import Seat
from core.store.tables import Activity, Channel, Membership, Poll, SlackDirect, SlackIdentity, SlackMessage
from core.store.tables import Workspace as WorkspaceRow
from core.words import N_, Sentence

_WHY = {
    "not_in_channel": N_("Heirloom is not in that channel. Type “/invite @heirloom” there, and send it again."),
    "channel_not_found": N_("Heirloom cannot see that channel. Type “/invite @heirloom” there, and send it again."),
    "is_archived": N_("That channel is archived. Somebody can take it out of the archive in Slack."),
    "restricted_action": N_(
        "Slack lets only some people write in that channel. Its owner can let Heirloom write there, too."
    ),
    "no class": N_("The class had left that channel when the message was due."),
    "message_not_found": N_("Somebody deleted the message in Slack. Sending it again posts a new one."),
    "broken": N_("Something broke on our side. The operator finds the reason in the log."),
}
_WHY_PRIVATE = {
    "user_not_found": N_("Slack does not know these accounts any more."),
    "user_disabled": N_("These accounts are switched off in Slack."),
    "cannot_dm_bot": N_("These accounts are apps, which get no private messages."),
    "messages_tab_disabled": N_(
        "Heirloom’s private messages are switched off in Slack. Whoever looks after the app there can switch its "
        "“Messages Tab” on."
    ),
}


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that Slack did not take. `title` is what a poll asks; None for anything else."""

    id: int
    channel: str
    workspace: str
    noun: str
    title: str | None
    why: Sentence
    since: datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """Private messages to people of the course that did not reach them, for one reason."""

    number: int
    why: Sentence


def private(session: Session, seat: Seat) -> list[Unread]:
    """What did not reach people of this course in private, the most frequent reason first; nothing for who does not
    teach.
    """
    if seat.role != "teacher":
        return []
    rows = session.scalars(
        select(SlackDirect.details)
        .join(
            SlackIdentity,
            (SlackIdentity.workspace_id == SlackDirect.workspace_id) & (SlackIdentity.user_id == SlackDirect.user_id),
        )
        .join(Membership, Membership.person_id == SlackIdentity.person_id)
        .where(
            SlackDirect.status == "failed",
            SlackDirect.noun != "not_posted",  # tells of a message that is listed itself
            SlackIdentity.platform_id == seat.platform_id,
            Membership.course_id == seat.course_id,
            Membership.status == "active",
        )
        .order_by(SlackDirect.id.desc())
    )
    reasons = Counter(str(details.get("problem") or "") for details in rows)
    return [
        Unread(number, Sentence(_WHY_PRIVATE[problem]) if problem in _WHY_PRIVATE else why(problem or None))
        for problem, number in reasons.most_common()
    ]


def listed(session: Session, seat: Seat) -> list[Undelivered]:
    """What Slack did not take of this course, newest first; nothing for who does not teach."""
    if seat.role != "teacher":
        return []
    rows = session.execute(
        _given_up(seat)
        .add_columns(
            SlackMessage.channel_id,
            Channel.name,
            WorkspaceRow.name.label("workspace"),
            SlackMessage.noun,
            Poll.prompt,
            SlackMessage.problem,
            SlackMessage.created_at,
        )
        .outerjoin(Poll, (SlackMessage.noun == "poll") & (Poll.id == SlackMessage.target_id))
        .order_by(SlackMessage.id.desc())
    )
    return [
        Undelivered(
            row.id, row.name or row.channel_id, row.workspace, row.noun, row.prompt, why(row.problem), row.created_at
        )
        for row in rows
    ]


def again(session: Session, seat: Seat, message_id: int, *, now: datetime) -> None:
    """A teacher has it sent again, now. Raises NotAllowed, and NotFound where it was taken by now or is another's."""
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers have messages sent again."))
    mine = _given_up(seat).where(SlackMessage.id == message_id)
    deleted = SlackMessage.problem.in_(("message_not_found", "cant_update_message", "edit_window_closed"))
    found = session.scalar(
        update(SlackMessage)
        .where(SlackMessage.id.in_(mine))
        .values(
            status=case((deleted | SlackMessage.ts.is_(None), "waiting"), else_="live"),
            ts=case((deleted, None), else_=SlackMessage.ts),  # what stood there is gone: it is posted anew
            shown_hash=None,
            tries=0,
            due_at=now,
        )
        .returning(SlackMessage.id)
        .execution_options(synchronize_session=False)
    )
    if found is None:
        raise NotFound(N_("This message does not wait any more: Slack took it, or its channel left the course."))


def why(problem: str | None) -> Sentence:
    """Slack's word for what kept it from taking a message, as a sentence."""
    if problem in _WHY:
        return Sentence(_WHY[problem])
    return Sentence(N_("Slack did not take the message ({error})."), {"error": problem or "unknown"})


def _given_up(seat: Seat) -> Select[int]:
    """The course's messages that were given up, in channels that still belong to it."""
    return (
        select(SlackMessage.id)
        .join(Activity, Activity.id == SlackMessage.activity_id)
        .join(
            Channel,
            (Channel.workspace_id == SlackMessage.workspace_id) & (Channel.channel_id == SlackMessage.channel_id),
        )
        .join(WorkspaceRow, WorkspaceRow.id == SlackMessage.workspace_id)
        .where(
            SlackMessage.status == "failed",
            Activity.course_id == seat.course_id,
            Channel.course_id == seat.course_id,
            Channel.ended_at.is_(None),
            WorkspaceRow.ended_at.is_(None),
        )
    )
