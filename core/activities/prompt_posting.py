"""What becomes of a prompt when its time has come: a poll that is open, or the next problem, and its message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities import (
    channels,
    poll_closing,
    poll_plans,
    poll_settings,
    poll_writing,
    polls,
    reminders,
    seats,
    slack_messages,
)
from core.activities.channels import Bound
from core.activities.poll_plans import Plan
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.store.tables import Activity, Poll, SlackIdentity, SlackMessage
from core.words import N_


@dataclass(frozen=True, slots=True)
class Content:
    """What a prompt puts to the channel. Of a poll: the kind and the form values of `poll_plans.plan`, or the poll to
    which it is the last impression.
    """

    what: str  # 'poll' or 'problem'
    form: Mapping[str, Any]
    first_id: int | None
    open_minutes: int | None
    remind_minutes: int | None


def planned(form: Mapping[str, Any], opened: Opened) -> Plan:
    """The poll that a stored form describes. It opens when it is posted. Raises Refusal."""
    values = {name: text for name, text in form["values"].items() if name not in {"opens_at", "closes_at"}}
    anonymous = poll_settings.of(opened).anonymity == "anonymous"
    return poll_plans.plan(form["kind"], values, always_anonymous=anonymous)


def first_of(session: Session, seat: Seat, poll_id: int) -> Opened:
    """The activity of this course in which a poll was asked first. Raises NotFound."""
    row = session.execute(
        select(Poll.activity_id)
        .join(Activity, Activity.id == Poll.activity_id)
        .where(Poll.id == poll_id, Poll.deleted_at.is_(None), Activity.course_id == seat.course_id)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("The poll that was to be asked again is no longer there."))
    return seats.opened_of_id(session, seat, row.activity_id, "poll")


def post(session: Session, seat: Seat, bound: Bound, content: Content, *, asked_by: int, now: datetime) -> None:
    """Make it and have its message posted. Raises Refusal that says why it cannot be.

    `asked_by`: the person who is told if Slack does not take the message.
    """
    user = session.scalar(
        select(SlackIdentity.user_id).where(
            SlackIdentity.workspace_id == bound.workspace_id, SlackIdentity.person_id == asked_by
        )
    )
    if content.what == "problem":
        _post_problem(session, seat, bound, user, now)
        return
    closes_at = now + timedelta(minutes=content.open_minutes) if content.open_minutes else None
    if content.first_id is not None:
        opened = first_of(session, seat, content.first_id)
        poll_id = poll_writing.ask_again(session, seat, opened, content.first_id, now=now)
        quorum = polls.find(session, seat, opened, poll_id, now).quorum
        poll_writing.reschedule(
            session, seat, opened, poll_id, opens_at=None, closes_at=closes_at, quorum=quorum, now=now
        )
    else:
        opened = channels.activity(session, seat, bound, "poll", now=now)
        plan = replace(planned(content.form, opened), closes_at=closes_at)
        poll_id = poll_writing.make(session, seat, opened, plan, now=now)
    poll_closing.open_poll(session, seat, opened, poll_id, now=now)
    message = slack_messages.post(
        session, bound.workspace_id, bound.channel_id, "poll", poll_id, opened.id, asked_by=user, now=now
    )
    if closes_at is not None and content.remind_minutes is not None:
        reminders.plan(session, message, at=closes_at - timedelta(minutes=content.remind_minutes))


def _post_problem(session: Session, seat: Seat, bound: Bound, user: str | None, now: datetime) -> None:
    """The activity's next problem in the teacher's order. What was posted is what has a message in this channel."""
    public_id = channels.practice(session, seat, bound)
    if public_id is None:
        raise NotFound(N_("There is no practice activity in this course. Make one in the course first."))
    activity = seats.practice(session, seat, public_id)
    seats.hold_for_change(session, seat, activity.id)  # two prompts of one channel take two problems
    posted = set(
        session.scalars(
            select(SlackMessage.target_id).where(
                SlackMessage.workspace_id == bound.workspace_id,
                SlackMessage.channel_id == bound.channel_id,
                SlackMessage.noun == "problem",
                SlackMessage.activity_id == activity.id,
            )
        )
    )
    problem = next((one for one in activity.problems if one not in posted), None)
    if problem is None:
        raise Refusal(
            N_("Every problem of “{activity}” was posted here. Add problems there and go on."), activity=activity.title
        )
    slack_messages.post(
        session, bound.workspace_id, bound.channel_id, "problem", problem, activity.id, asked_by=user, now=now
    )
