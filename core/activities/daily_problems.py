"""A problem a day by private message, for whoever wants one, at the time that they chose.

Which problem it is is decided when it is sent, by the policy of their class's practice. A day on which nothing ran is
made up for once, not for each day; of several workers the UPDATE lets one take a person's turn.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.activities import slack_messages, slack_users
from core.store.tables import SlackUser, Workspace

NOUN = "daily_problem"
AT_ONCE = 200  # people in one transaction


def choose(session: Session, workspace_id: int, user_id: str, minute: int | None, *, now: datetime) -> None:
    """A problem a day at this minute after midnight, from the next such time on; None: no more."""
    zone = slack_users.zone(session, workspace_id, user_id)
    due_at = None if minute is None else next_after(minute, zone, now)
    slack_users.choose(session, workspace_id, user_id, problem_at=minute, problem_due_at=due_at)


def next_after(minute: int, zone: str, now: datetime) -> datetime:
    """The next time after `now` at which it is so many minutes after midnight there. Where a clock jumps over that
    minute, it is as much later as the clock jumped.
    """
    here = now.astimezone(slack_users.clock(zone))
    day = here.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0, fold=0)
    while (at := day.astimezone(now.tzinfo)) <= now:
        day += timedelta(days=1)  # of the wall clock: days with a change of time are longer or shorter
    return at


def run_due(session: Session, *, now: datetime) -> int:
    """Have today's problem sent to everybody whose time has come; gives to how many."""
    rows = session.execute(
        select(
            SlackUser.workspace_id,
            SlackUser.user_id,
            SlackUser.time_zone,
            SlackUser.problem_at,
            SlackUser.problem_due_at,
        )
        .join(Workspace, Workspace.id == SlackUser.workspace_id)
        .where(SlackUser.problem_due_at <= now, SlackUser.problem_at.is_not(None), Workspace.ended_at.is_(None))
        .order_by(SlackUser.problem_due_at)
        .limit(AT_ONCE)
    ).all()
    number = 0
    for row in rows:
        taken = session.scalar(
            update(SlackUser)
            .where(
                SlackUser.workspace_id == row.workspace_id,
                SlackUser.user_id == row.user_id,
                SlackUser.problem_due_at == row.problem_due_at,
            )
            .values(problem_due_at=next_after(row.problem_at, row.time_zone or "UTC", now))
            .returning(SlackUser.user_id)
        )
        if taken is not None:
            day = row.problem_due_at.toordinal()
            number += slack_messages.direct(
                session, row.workspace_id, row.user_id, NOUN, 0, round=day, due_at=now
            )  # fmt: skip
    return number
