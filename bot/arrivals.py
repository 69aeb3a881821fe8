"""What is known of a delivery before a listener has it: who, of which workspace, in which class's channel.

All of it is read in one transaction, before Bolt asks whether the app is installed, and goes with the delivery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt import BoltContext
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy.orm import Session

from bot.calls import channel_of
from bot.wiring import Wiring
from core.activities import deliveries, identities
from core.activities.channels import Bound
from core.activities.deliveries import Delivery
from core.activities.workspaces import Workspace

KEY = "heirloom"  # in Bolt's context


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery, and whether this person is nobody yet in a class that was made in Slack."""

    delivery: Delivery
    is_new: bool


def look(wiring: Wiring, context: BoltContext, body: Mapping[str, Any]) -> Arrival | None:
    """Read what is known; None where the app is not installed (any more)."""
    if not (context.enterprise_id or context.team_id):  # Slack looks whether anybody is there
        return None
    user, channel = context.user_id, channel_of(body)
    with wiring.database.read() as session:
        found = deliveries.look(session, context.enterprise_id, context.team_id, user_id=user, channel_id=channel)
        if found is None:
            return None
        bound = found.bound
        is_new = bound is not None and not bound.has_lms and not _is_met(session, found.workspace, user or "", bound)
    return Arrival(found, is_new)


def allowed(wiring: Wiring, context: BoltContext) -> AuthorizeResult | None:
    """What Bolt wants to know. `auth.test` at each delivery would use up a limit while a class votes."""
    arrival: Arrival | None = context.get(KEY)
    found = None if arrival is None else arrival.delivery.workspace
    if found is None or found.bot_token is None:
        return None
    return AuthorizeResult(
        enterprise_id=found.enterprise_id or None,
        team_id=found.team_id or context.team_id,
        bot_user_id=found.bot_user_id,
        bot_id=found.bot_id,
        bot_token=wiring.vault.open(found.bot_token),
        bot_scopes=list(found.scopes),
    )


def _is_met(session: Session, workspace: Workspace, user: str, bound: Bound) -> bool:
    """Whether this person is somebody in a class that was made in Slack."""
    return identities.person_of(session, workspace.id, user, bound.platform_id) is not None
