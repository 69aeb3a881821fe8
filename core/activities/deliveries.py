"""What is known of a delivery of Slack's before anything is done about it. A class clicks all at once: one statement.

The same as `workspaces.find`, `slack_users.profile` and `channels.find` one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.activities import channels, slack_users, workspaces
from core.activities.channels import Bound
from core.activities.slack_users import Profile
from core.activities.workspaces import Workspace
from core.store.database import run
from core.store.tables import Channel, Course, Platform, Registration, SlackUser
from core.store.tables import Workspace as Row


@dataclass(frozen=True, slots=True)
class Delivery:
    """`known` is `slack_users.NOBODY` for who is new here; `bound` is None where no class works."""

    workspace: Workspace
    known: Profile
    bound: Bound | None


def look(
    session: Session, enterprise_id: str | None, team_id: str | None, *, user_id: str | None, channel_id: str | None
) -> Delivery | None:
    """None where the app is not installed (any more)."""
    row = run(
        session,
        _LOOK,
        enterprise=enterprise_id or "",
        team=team_id or "",
        user=user_id or "",
        channel=channel_id or "",
    ).first()
    if row is None:
        return None
    values: Sequence[Any] = row
    user, profile, channel = values[_USERS - 1], values[_USERS:_CHANNELS], values[_CHANNELS:]
    return Delivery(
        workspaces.of_values(values[: _USERS - 1]),
        slack_users.NOBODY if user is None else Profile(*profile),
        None if channel[0] is None else channels.of_values(channel),
    )


_USERS = len(workspaces.COLUMNS) + 1
_CHANNELS = _USERS + len(slack_users.COLUMNS)
_LOOK = (
    select(*workspaces.COLUMNS, SlackUser.user_id, *slack_users.COLUMNS, *channels.COLUMNS)
    .select_from(Row)
    .outerjoin(SlackUser, (SlackUser.workspace_id == Row.id) & (SlackUser.user_id == bindparam("user")))
    .outerjoin(
        Channel,
        (Channel.workspace_id == Row.id) & (Channel.channel_id == bindparam("channel")) & Channel.ended_at.is_(None),
    )
    .outerjoin(Course, Course.id == Channel.course_id)
    .outerjoin(Platform, Platform.id == Course.platform_id)
    .outerjoin(Registration, Registration.id == Platform.registration_id)
    .where(*workspaces.SERVES)
    .order_by(workspaces.FIRST)
)
