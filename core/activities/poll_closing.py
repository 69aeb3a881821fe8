"""Polls open and close: by the teacher, by the clock, by the quorum; and what closing brings along.

Whether a poll is open is read from its times and its quorum (`polls`), so nothing has to run at that moment. What
closing brings along is done by whoever comes next (`settle`), or the worker (`settle_all`), once:

- Credit for an anonymous poll. A grade that moved the moment somebody answered would stand beside the newest answer.
- The rows of an anonymous poll are written anew in the order of their keys. PostgreSQL keeps with each row which
  transaction wrote it and rows in the order of writing; afterwards one transaction wrote all of them, sorted.

An anonymous poll stays closed: between two closes of one poll, the teacher could tell who answered from the credit and
what from the totals.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.activities import credit, poll_settings, polls, seats, walls
from core.activities.polls import Poll
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Opened, Seat
from core.polling import kinds
from core.polling.kinds import BadKind
from core.store import tables
from core.store.database import insert
from core.store.tables import Activity, Course
from core.words import N_


def open_poll(session: Session, seat: Seat, opened: Opened, poll_id: int, *, now: datetime) -> None:
    """Let the class answer from now on, whatever the schedule said; a closed one again, unless it is anonymous."""
    poll = _held(session, seat, opened, poll_id, now)
    if poll.state == "open":
        return
    values: dict[str, object] = {"opened_at": now, "closed_at": None}
    if poll.state == "closed":
        if poll.is_anonymous:
            message = N_(
                "An anonymous poll stays closed: what one person answered could be told from the totals before and "
                "after. Copy it and open the copy."
            )
            raise Refusal(message)
        values["quorum"] = None  # it would close at once
    if poll.closes_at is not None and poll.closes_at <= now:
        values["closes_at"] = None
    try:
        if not (poll.members_add and isinstance(poll.kind, kinds.GROWS)):
            kinds.check_options(poll.kind, tuple(option.text for option in poll.live))
    except BadKind as error:
        raise Refusal(error.sentence.message, **error.sentence.values) from None
    _store(session, opened, poll, **values)


def close(session: Session, seat: Seat, opened: Opened, poll_id: int, *, now: datetime) -> None:
    """No more answers from now on. Those that were acknowledged are counted, all of them."""
    poll = _held(session, seat, opened, poll_id, now)
    if poll.state in {"draft", "scheduled"}:
        raise Refusal(N_("This poll is not open yet."))
    if not poll.is_settled:
        _close(session, opened, poll, now)


def is_due(found: list[Poll]) -> bool:
    """Whether one of these polls has closed by itself and is still to be settled."""
    return any(poll.is_due for poll in found)


def settle(session: Session, seat: Seat, opened: Opened, *, now: datetime) -> int:
    """Do what closing brings along for each poll of the activity that closed by itself. How many there were.

    In a transaction of its own: two that had held the activity to work on it would wait for each other here.
    """
    seats.hold_for_change(session, seat, opened.id)
    teaching = Seat(seat.platform_id, seat.course_id, seat.person_id, "teacher")  # drafts, too, may be over
    due = [poll for poll in polls.listed(session, teaching, opened, now) if poll.is_due]
    for poll in due:
        _close(session, opened, poll, now)
    return len(due)


def settle_all(session: Session, *, now: datetime) -> int:
    """The same for every activity there is. How many polls there were."""
    table = tables.Poll
    rows = session.execute(
        select(Activity.public_id, Activity.course_id, Course.platform_id)
        .join(Course, Course.id == Activity.course_id)
        .join(table, table.activity_id == Activity.id)
        .where(
            table.deleted_at.is_(None),
            table.closed_at.is_(None),
            table.opened_at.is_not(None) | (table.opens_at <= now),
            (table.closes_at <= now) | (table.voted >= table.quorum),
        )
        .distinct()
    ).all()
    number = 0
    for row in rows:
        seat = Seat(row.platform_id, row.course_id, 0, "teacher")
        number += settle(session, seat, seats.opened(session, seat, row.public_id, "poll"), now=now)
    return number


def _held(session: Session, seat: Seat, opened: Opened, poll_id: int, now: datetime) -> Poll:
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers open and close polls."))
    seats.hold_for_change(session, seat, opened.id)
    return polls.find(session, seat, opened, poll_id, now)


def _close(session: Session, opened: Opened, poll: Poll, now: datetime) -> None:
    over = min(now, poll.closes_at) if poll.closes_at else now
    _store(session, opened, poll, closed_at=over)
    if poll.is_anonymous:
        _write_anew(session, poll)
        credit.update_all(session, opened.id, poll_settings.of(opened), now=now)


def _write_anew(session: Session, poll: Poll) -> None:
    for table in (tables.Voter, tables.PollCount, tables.HiddenAnswer, tables.AnswerReport):
        columns = table.__table__.columns
        rows = session.execute(select(*columns).where(table.poll_id == poll.id)).mappings().all()
        if rows:
            keys = [column.name for column in table.__table__.primary_key]
            ordered = sorted((dict(row) for row in rows), key=lambda row: [row[key] for key in keys])
            session.execute(delete(table).where(table.poll_id == poll.id))
            session.execute(insert(session, table), ordered)
    option = tables.PollOption
    session.execute(update(option).where(option.poll_id == poll.id).values(position=option.position))


def _store(session: Session, opened: Opened, poll: Poll, **values: object) -> None:
    session.execute(
        update(tables.Poll).where(tables.Poll.id == poll.id).values(version=tables.Poll.version + 1, **values)
    )
    walls.touch(session, opened.id)
