"""Reminders of a poll that closes soon, to those of the class who have not answered and want to be reminded.

Never of an anonymous poll: that we know who has not answered would be felt. Who asked not to be reminded is not, nobody
is within their quiet hours, and nobody after the close: that is looked at again when a reminder is sent.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from core.activities import channels, polls, seats, slack_messages, slack_users
from core.activities.channels import Bound
from core.activities.polls import Poll as Asked
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.activities.slack_users import Profile
from core.store.database import run
from core.store.tables import Ballot, Membership, Person, SlackIdentity, SlackMessage, SlackUser
from core.words import N_

NOUN = "reminder"  # of the private messages
_AT_ONCE = 20  # polls in one transaction


def plan(session: Session, message_id: int, *, at: datetime) -> None:
    """Remind those who have not answered by then the poll that this message shows."""
    session.execute(update(SlackMessage).where(SlackMessage.id == message_id).values(remind_at=at))


def run_due(session: Session, *, now: datetime) -> int:
    """Write the reminders of every poll whose time has come; how many. Of two workers the UPDATE lets one through."""
    number = 0
    for row in run(session, _DUE, now=now).all():
        taken = run(session, _TAKE, message=row.id, at=row.remind_at).scalar()
        if taken is not None:
            number += _remind(session, row.workspace_id, row.channel_id, row.target_id, row.activity_id, now)
    return number


def _remind(session: Session, workspace_id: int, channel_id: str, poll_id: int, activity_id: int, now: datetime) -> int:
    bound = channels.find(session, workspace_id, channel_id)
    poll = _open(session, bound, activity_id, poll_id, now) if bound is not None else None
    if bound is None or poll is None:
        return 0
    people = run(session, _SILENT, workspace=workspace_id, course=bound.course_id, poll=poll_id).all()
    number = 0
    for one in people:
        who = Profile(one.locale, one.time_zone, True, one.quiet_from, one.quiet_until)
        at = who.quiet_over(now)
        if poll.closes_at is None or at < poll.closes_at:
            number += slack_messages.direct(
                session, workspace_id, one.user_id, NOUN, poll_id, due_at=at, channel=bound.id, activity=activity_id
            )
    return number


def send(session: Session, seat: Seat, opened: Opened, poll_id: int, *, now: datetime) -> int:
    """A teacher reminds those who have not answered an open poll that stands in a channel. How many they are.

    Nobody is reminded of a poll twice, whoever asks for it. Raises NotAllowed, NotFound; Refusal for a poll that nobody
    can be reminded of.
    """
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers remind the class."))
    poll = polls.find(session, seat, opened, poll_id, now)
    if poll.is_anonymous:
        raise Refusal(N_("Nobody is reminded of an anonymous poll, so that nobody feels watched."))
    if poll.state != "open":
        raise Refusal(N_("This poll is not open, so nobody was reminded of it."))
    return sum(
        _remind(session, message.workspace_id, message.channel_id, poll.id, opened.id, now)
        for message in slack_messages.of_target(session, "poll", poll.id)
    )


def wanted(
    session: Session, workspace_id: int, user_id: str, poll_id: int, *, channel: int, activity: int, now: datetime
) -> tuple[Bound, Asked] | None:
    """The poll of a reminder that is about to be sent, and its channel; None where nobody is to be reminded any more.

    `channel`: its row; `activity`: the poll's, as `run_due` kept them with the reminder.
    """
    bound = channels.of_id(session, channel)
    poll = _open(session, bound, activity, poll_id, now) if bound is not None else None
    if bound is None or poll is None:
        return None
    silent = run(session, _STILL_SILENT, workspace=workspace_id, course=bound.course_id, poll=poll_id, user=user_id)
    return None if silent.first() is None else (bound, poll)


def stop(session: Session, workspace_id: int, user_id: str) -> None:
    """This Slack user is reminded of nothing from now on."""
    slack_users.choose(session, workspace_id, user_id, wants_reminders=False)


def _open(session: Session, bound: Bound, activity_id: int, poll_id: int, now: datetime) -> Asked | None:
    """The poll, if it can be answered still, in the open."""
    anybody = Seat(bound.platform_id, bound.course_id, 0, "student")
    try:
        opened = seats.opened_of_id(session, anybody, activity_id, "poll")
        poll = polls.find(session, anybody, opened, poll_id, now)
    except NotFound:
        return None
    return None if poll.is_anonymous or poll.state != "open" else poll


_DUE = (
    select(
        SlackMessage.id,
        SlackMessage.workspace_id,
        SlackMessage.channel_id,
        SlackMessage.target_id,
        SlackMessage.activity_id,
        SlackMessage.remind_at,
    )
    .where(SlackMessage.remind_at <= bindparam("now", type_=SlackMessage.remind_at.type))
    .order_by(SlackMessage.remind_at, SlackMessage.id)
    .limit(_AT_ONCE)
)
_TAKE = (
    update(SlackMessage)
    .where(
        SlackMessage.id == bindparam("message"),
        SlackMessage.remind_at == bindparam("at", type_=SlackMessage.remind_at.type),
    )
    .values(remind_at=None)
    .returning(SlackMessage.id)
)
_SILENT = (
    select(SlackIdentity.user_id, SlackUser.locale, SlackUser.time_zone, SlackUser.quiet_from, SlackUser.quiet_until)
    .join(Membership, Membership.person_id == SlackIdentity.person_id)
    .join(Person, Person.id == SlackIdentity.person_id)
    .outerjoin(
        SlackUser,
        (SlackUser.workspace_id == SlackIdentity.workspace_id) & (SlackUser.user_id == SlackIdentity.user_id),
    )
    .where(
        SlackIdentity.workspace_id == bindparam("workspace"),
        Membership.course_id == bindparam("course"),
        Membership.role == "student",
        Membership.status == "active",
        Person.suspended_at.is_(None),
        SlackUser.wants_reminders.is_not(False),
        ~exists().where(Ballot.poll_id == bindparam("poll"), Ballot.person_id == Membership.person_id),
    )
    .order_by(SlackIdentity.id)
)
_STILL_SILENT = _SILENT.where(SlackIdentity.user_id == bindparam("user"))
