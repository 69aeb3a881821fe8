"""Workspaces of Slack that installed the app: their tokens (sealed), their end, and which deliveries were handled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from core.store.database import insert, run
from core.store.tables import Channel, Prompt, SlackCode, SlackDirect, SlackEvent, SlackMessage, SlackState
from core.store.tables import Workspace as Row

STATE_LIFE = timedelta(minutes=10)
EVENTS_KEPT = timedelta(days=1)  # Slack's last try comes about six minutes after the first
DIRECTS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace, or a whole organisation (`team_id` is then ''). Tokens are sealed."""

    id: int
    enterprise_id: str
    team_id: str
    name: str
    app_id: str
    bot_id: str
    bot_user_id: str
    bot_token: str | None
    bot_refresh_token: str | None
    bot_token_expires_at: datetime | None
    scopes: tuple[str, ...]
    installed_by: str
    installed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What an installation, or a rotation of its token, brings. Tokens are sealed."""

    enterprise_id: str
    team_id: str
    name: str
    app_id: str
    bot_id: str
    bot_user_id: str
    bot_token: str
    bot_refresh_token: str | None
    bot_token_expires_at: datetime | None
    scopes: tuple[str, ...]
    installed_by: str


def save(session: Session, new: Installed, *, now: datetime) -> int:
    """Keep an installation; a new one takes the place of the old one, and what the workspace had is there again."""
    values = {name: getattr(new, name) for name in Installed.__slots__} | {"scopes": list(new.scopes)}
    keys = {"enterprise_id": new.enterprise_id, "team_id": new.team_id}
    made: int = session.scalars(
        insert(session, Row)
        .values(**values, installed_at=now)
        .on_conflict_do_update(
            index_elements=list(keys),
            set_=values | {"installed_at": now, "ended_at": None, "paused_until": None},
        )
        .returning(Row.id)
    ).one()
    return made


def find(session: Session, enterprise_id: str | None, team_id: str | None) -> Workspace | None:
    """The installation that serves this team: its own, else that of its organisation; None once it ended."""
    row = run(session, _FIND, enterprise=enterprise_id or "", team=team_id or "").first()
    return None if row is None else of_values(row)


def of_id(session: Session, workspace_id: int) -> Workspace | None:
    """The same by its id."""
    row = run(session, _BY_ID, id=workspace_id).one_or_none()
    return None if row is None else of_values(row)


def of_values(values: Sequence[Any]) -> Workspace:
    """A workspace from the values of `COLUMNS`, in their order."""
    made = Workspace(*values)
    return replace(made, scopes=tuple(made.scopes))  # a list in the database


def end(session: Session, workspace_id: int, *, now: datetime) -> None:
    """Uninstalled, or its tokens revoked: tokens go at once, nothing more is sent. What the class did stays."""
    session.execute(
        update(Row)
        .where(Row.id == workspace_id)
        .values(ended_at=now, bot_token=None, bot_refresh_token=None, bot_token_expires_at=None)
    )
    session.execute(
        update(SlackMessage)
        .where(SlackMessage.workspace_id == workspace_id, SlackMessage.status.in_(("waiting", "live")))
        .values(status="over", due_at=None)
    )
    session.execute(
        update(SlackDirect)
        .where(SlackDirect.workspace_id == workspace_id, SlackDirect.status == "due")
        .values(status="dropped")
    )
    session.execute(delete(SlackCode).where(SlackCode.workspace_id == workspace_id))
    channels = select(Channel.id).where(Channel.workspace_id == workspace_id)
    session.execute(
        update(Prompt).where(Prompt.channel_id.in_(channels), Prompt.status == "active").values(status="paused")
    )


def begin(session: Session, state_hash: str, *, now: datetime) -> None:
    """Remember an installation that begins."""
    session.add(SlackState(state_hash=state_hash, created_at=now))
    session.flush()


def consume(session: Session, state_hash: str, *, now: datetime) -> bool:
    """Whether this installation began here within ten minutes and is not back yet: true once."""
    found = session.scalar(
        delete(SlackState)
        .where(SlackState.state_hash == state_hash, SlackState.created_at > now - STATE_LIFE)
        .returning(SlackState.state_hash)
    )
    return found is not None


def is_new(session: Session, workspace_id: int, event_id: str, *, now: datetime) -> bool:
    """Whether this delivery has not been handled yet. Of any number of the same, the unique key lets one through;
    if its handling fails, its row goes with the transaction.
    """
    taken = session.scalar(
        insert(session, SlackEvent)
        .values(workspace_id=workspace_id, event_id=event_id[:64], seen_at=now)
        .on_conflict_do_nothing()
        .returning(SlackEvent.event_id)
    )
    return taken is not None


def forget(session: Session, workspace_id: int, event_id: str) -> None:
    """The handling failed: Slack may send it again."""
    session.execute(
        delete(SlackEvent).where(SlackEvent.workspace_id == workspace_id, SlackEvent.event_id == event_id[:64])
    )


def reseal(session: Session, again: Callable[[str], str]) -> int:
    """Encrypt every stored token again with the newest secret key; `again` does one. Gives how many there were."""
    number = 0
    held = select(Row.id, Row.bot_token, Row.bot_refresh_token).order_by(Row.id).with_for_update()
    for row in session.execute(held).all():  # a rotation meanwhile waits
        sealed = {"bot_token": row.bot_token, "bot_refresh_token": row.bot_refresh_token}
        fresh = {name: again(token) for name, token in sealed.items() if token is not None}
        if fresh:
            session.execute(update(Row).where(Row.id == row.id).values(**fresh))
        number += len(fresh)
    return number


def purge(session: Session, *, now: datetime) -> int:
    """Delete what is only needed for a day; gives how many rows went."""
    old = (
        delete(SlackEvent).where(SlackEvent.seen_at < now - EVENTS_KEPT).returning(SlackEvent.seen_at),
        delete(SlackState).where(SlackState.created_at < now - STATE_LIFE).returning(SlackState.created_at),
        delete(SlackCode).where(SlackCode.expires_at < now).returning(SlackCode.expires_at),
        delete(SlackDirect)
        .where(SlackDirect.status != "due", SlackDirect.due_at < now - DIRECTS_KEPT)
        .returning(SlackDirect.due_at),
    )
    return sum(len(session.scalars(statement).all()) for statement in old)


COLUMNS = (
    Row.id,
    Row.enterprise_id,
    Row.team_id,
    Row.name,
    Row.app_id,
    Row.bot_id,
    Row.bot_user_id,
    Row.bot_token,
    Row.bot_refresh_token,
    Row.bot_token_expires_at,
    Row.scopes,
    Row.installed_by,
    Row.installed_at,
)
SERVES = (  # its own installation, else that of its organisation ('' is last)
    Row.ended_at.is_(None),
    or_(
        (Row.team_id == bindparam("team")) & (Row.team_id != ""),
        (Row.enterprise_id == bindparam("enterprise")) & (Row.enterprise_id != "") & (Row.team_id == ""),
    ),
)
FIRST = Row.team_id.desc()
_BY_ID = select(*COLUMNS).where(Row.id == bindparam("id"), Row.ended_at.is_(None))
_FIND = select(*COLUMNS).where(*SERVES).order_by(FIRST)
