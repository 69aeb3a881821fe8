"""Messages in channels that show how something stands, and private ones that are due: rows, sent by one updater.

A message says what it shows (a poll, a question) and which version of that it showed last. So nobody who votes, in
Slack or in the LMS, has to know of any message: what has another version than was shown is due. One updater a workspace
holds a lease and sends at the pace that Slack allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, exists, or_, select, update
from sqlalchemy.orm import Session

from core.store.database import insert, run
from core.store.tables import Poll, SlackDirect, SlackMessage, SlackUser, Wall, Workspace

LEASE = timedelta(seconds=15)  # longer than one call of Slack may take; kept while there is work
ROTATE_BEFORE = timedelta(hours=2)
TRIES = 6  # then it is given up, and whoever asked is told
_WAITS = (1, 5, 30, 120, 600)  # [s] before the next try


@dataclass(frozen=True, slots=True)
class Message:
    """A message of ours; `ts` is None until Slack took it."""

    id: int
    workspace_id: int
    channel_id: str
    ts: str | None
    thread_ts: str | None
    noun: str
    target_id: int
    activity_id: int
    shown_version: int
    shown_hash: str | None
    file_id: str | None
    tries: int
    asked_by: str | None


@dataclass(frozen=True, slots=True)
class Direct:
    """A private message that is due."""

    id: int
    workspace_id: int
    user_id: str
    noun: str
    target_id: int
    round: int
    details: dict[str, Any]
    tries: int


def post(
    session: Session,
    workspace_id: int,
    channel_id: str,
    noun: str,
    target_id: int,
    activity_id: int,
    *,
    asked_by: str | None,
    now: datetime,
    thread_ts: str | None = None,
) -> int:
    """Have a message posted; gives its row's id. It is stored with what it is about, so none is forgotten."""
    row = SlackMessage(
        workspace_id=workspace_id,
        channel_id=channel_id,
        thread_ts=thread_ts,
        noun=noun,
        target_id=target_id,
        activity_id=activity_id,
        status="waiting",
        due_at=now,
        asked_by=asked_by,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def of_target(session: Session, noun: str, target_id: int, workspace_id: int | None = None) -> list[Message]:
    """The messages that show something, newest first."""
    wanted = select(*_COLUMNS).where(
        SlackMessage.noun == noun, SlackMessage.target_id == target_id, SlackMessage.status.in_(("waiting", "live"))
    )
    if workspace_id is not None:
        wanted = wanted.where(SlackMessage.workspace_id == workspace_id)
    return [_message(row) for row in session.execute(wanted.order_by(SlackMessage.id.desc()))]


def at(session: Session, workspace_id: int, channel_id: str, ts: str) -> Message | None:
    """The message of ours that stands there."""
    row = session.execute(
        select(*_COLUMNS).where(
            SlackMessage.workspace_id == workspace_id, SlackMessage.channel_id == channel_id, SlackMessage.ts == ts
        )
    ).first()
    return None if row is None else _message(row)


def direct(
    session: Session,
    workspace_id: int,
    user_id: str,
    noun: str,
    target_id: int,
    *,
    due_at: datetime,
    round: int = 0,
    **details: Any,
) -> bool:
    """Have a private message sent, once for each round; False where it was asked for before."""
    made = session.scalar(
        insert(session, SlackDirect)
        .values(
            workspace_id=workspace_id,
            user_id=user_id,
            noun=noun,
            target_id=target_id,
            round=round,
            details=details,
            status="due",
            due_at=due_at,
            tries=0,
        )
        .on_conflict_do_nothing()
        .returning(SlackDirect.id)
    )
    return made is not None


def busy(session: Session, owner: str = "", *, now: datetime) -> list[int]:
    """Workspaces that have something due and are neither in somebody else's hands nor paused."""
    return list(run(session, _BUSY, owner=owner, now=now, soon=now + ROTATE_BEFORE).scalars())


def claim(session: Session, workspace_id: int, owner: str, *, now: datetime) -> bool:
    """Take a workspace in hand, or keep it there: of several updaters the UPDATE lets one through."""
    taken = session.scalar(
        update(Workspace)
        .where(
            Workspace.id == workspace_id,
            or_(Workspace.lease_until.is_(None), Workspace.lease_until <= now, Workspace.lease_owner == owner),
        )
        .values(lease_until=now + LEASE, lease_owner=owner)
        .returning(Workspace.id)
    )
    return taken is not None


def release(session: Session, owner: str) -> None:
    """Put every workspace out of hand."""
    session.execute(update(Workspace).where(Workspace.lease_owner == owner).values(lease_until=None, lease_owner=None))


def pause(session: Session, workspace_id: int, seconds: float, *, now: datetime) -> None:
    """Slack asks us to wait (429, Retry-After)."""
    session.execute(
        update(Workspace).where(Workspace.id == workspace_id).values(paused_until=now + timedelta(seconds=seconds))
    )


def due(session: Session, workspace_id: int, *, now: datetime) -> list[Message]:
    """Messages of a workspace that do not show what is so, or are to be looked at again; those that wait first."""
    return [_message(row) for row in run(session, _DUE, workspace=workspace_id, now=now)]


def due_directs(session: Session, workspace_id: int, *, now: datetime, most: int) -> list[Direct]:
    """Private messages that are due, longest first."""
    rows = session.execute(
        select(
            SlackDirect.id,
            SlackDirect.workspace_id,
            SlackDirect.user_id,
            SlackDirect.noun,
            SlackDirect.target_id,
            SlackDirect.round,
            SlackDirect.details,
            SlackDirect.tries,
        )
        .where(SlackDirect.workspace_id == workspace_id, SlackDirect.status == "due", SlackDirect.due_at <= now)
        .order_by(SlackDirect.due_at, SlackDirect.id)
        .limit(most)
    )
    return [Direct(*row) for row in rows]


def shown(
    session: Session,
    message_id: int,
    *,
    ts: str,
    version: int,
    digest: str,
    due_at: datetime | None,
    over: bool,
    file_id: str | None = None,
) -> None:
    """Slack took it. `due_at`: when to look again whatever the version says; `over`: never."""
    values: dict[str, object] = {"file_id": file_id} if file_id else {}
    session.execute(
        update(SlackMessage)
        .where(SlackMessage.id == message_id)
        .values(
            ts=ts,
            status="over" if over else "live",
            shown_version=version,
            shown_hash=digest,
            due_at=None if over else due_at,
            tries=0,
            problem=None,
            **values,
        )
    )


def still_so(session: Session, message_ids: Sequence[int], *, version: int) -> None:
    """These messages show what is so at this version, too: nothing was sent."""
    session.execute(
        update(SlackMessage)
        .where(SlackMessage.id.in_(message_ids), SlackMessage.status == "live")
        .values(shown_version=version, due_at=None, tries=0)
    )


def not_taken(session: Session, message: Message, problem: str, *, for_good: bool, now: datetime) -> bool:
    """Slack did not take it: tried again later, or given up, which is said. Whether it was given up."""
    given_up = for_good or message.tries + 1 >= TRIES
    wait = timedelta(seconds=_WAITS[min(message.tries, len(_WAITS) - 1)])
    session.execute(
        update(SlackMessage)
        .where(SlackMessage.id == message.id)
        .values(
            status="failed" if given_up else "live" if message.ts else "waiting",
            problem=problem,
            tries=message.tries + 1,
            # not by its version alone: that would ask Slack again at once
            due_at=None if given_up else now + wait,
        )
    )
    return given_up


def sent(session: Session, direct_id: int, *, now: datetime) -> None:
    """Slack took a private message."""
    session.execute(update(SlackDirect).where(SlackDirect.id == direct_id).values(status="sent", sent_at=now))


def put_off(session: Session, direct: Direct, *, until: datetime | None) -> None:
    """A private message comes later, or, where `until` is None, is not needed any more."""
    values = {"status": "dropped"} if until is None else {"due_at": until}
    session.execute(update(SlackDirect).where(SlackDirect.id == direct.id).values(values))


def direct_not_taken(session: Session, direct: Direct, problem: str, *, for_good: bool, now: datetime) -> None:
    """A private message did not reach anybody: tried again in two minutes, or given up, and `undelivered` counts it."""
    given_up = for_good or direct.tries + 1 >= TRIES
    values: dict[str, object] = {"status": "failed"} if given_up else {"due_at": now + timedelta(minutes=2)}
    session.execute(
        update(SlackDirect)
        .where(SlackDirect.id == direct.id)
        .values(tries=direct.tries + 1, details={**direct.details, "problem": problem}, **values)
    )


def _message(row: Any) -> Message:
    return Message(*row)


_COLUMNS = (
    SlackMessage.id,
    SlackMessage.workspace_id,
    SlackMessage.channel_id,
    SlackMessage.ts,
    SlackMessage.thread_ts,
    SlackMessage.noun,
    SlackMessage.target_id,
    SlackMessage.activity_id,
    SlackMessage.shown_version,
    SlackMessage.shown_hash,
    SlackMessage.file_id,
    SlackMessage.tries,
    SlackMessage.asked_by,
)
_NOW = bindparam("now", type_=SlackMessage.due_at.type)
_POLL = select(Poll.version).where(Poll.id == SlackMessage.target_id).scalar_subquery()
_WALL = select(Wall.version).where(Wall.activity_id == SlackMessage.activity_id).scalar_subquery()
_IS_DUE = or_(
    SlackMessage.status.in_(("waiting", "live")) & (SlackMessage.due_at <= _NOW),
    (SlackMessage.status == "live")
    & (SlackMessage.tries == 0)
    & (case((SlackMessage.noun == "poll", _POLL), else_=_WALL) != SlackMessage.shown_version),
)
_DUE = (
    select(*_COLUMNS)
    .where(SlackMessage.workspace_id == bindparam("workspace"), _IS_DUE)
    .order_by(SlackMessage.ts.is_not(None), SlackMessage.id)
)
_BUSY = select(Workspace.id).where(
    Workspace.ended_at.is_(None),
    or_(Workspace.lease_until.is_(None), Workspace.lease_until <= _NOW, Workspace.lease_owner == bindparam("owner")),
    or_(Workspace.paused_until.is_(None), Workspace.paused_until <= _NOW),
    or_(
        exists().where(SlackMessage.workspace_id == Workspace.id, _IS_DUE),
        exists().where(
            SlackDirect.workspace_id == Workspace.id, SlackDirect.status == "due", SlackDirect.due_at <= _NOW
        ),
        exists().where(SlackUser.workspace_id == Workspace.id, SlackUser.told_at.is_(None)),
        # a token that ends soon is changed in time
        Workspace.bot_refresh_token.is_not(None)
        & (Workspace.bot_token_expires_at <= bindparam("soon", type_=SlackMessage.due_at.type)),
    ),
)
