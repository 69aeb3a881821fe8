"""A teacher's polls: made, reworded before the first answer, copied, asked again, moved, deleted; options let in.

Each holds the activity for its change (`seats.hold_for_change`), so nobody answers meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.activities import credit, decisions, poll_plans, poll_settings, polls, seats, walls
from core.activities.poll_plans import Plan
from core.activities.polls import Poll
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.polling import kinds
from core.store import tables
from core.store.database import insert
from core.words import N_

MOST_POLLS = 200  # in an activity


def make(
    session: Session, seat: Seat, opened: Opened, plan: Plan, *, now: datetime, first_id: int | None = None
) -> int:
    """A new poll behind the others, a draft that only teachers see. Its id."""
    _hold(session, seat, opened)
    _must_lie_ahead(plan.closes_at, now)
    number, last = session.execute(
        select(func.count(), func.coalesce(func.max(tables.Poll.position), 0)).where(
            tables.Poll.activity_id == opened.id, tables.Poll.deleted_at.is_(None)
        )
    ).one()
    if number >= MOST_POLLS:
        raise Refusal(
            N_("There are {most} polls here, which is all one activity takes. Make another."), most=MOST_POLLS
        )
    poll_id: int = session.scalars(
        insert(session, tables.Poll)
        .values(
            activity_id=opened.id,
            position=last + 1,
            first_id=first_id,
            voted=0,
            version=0,
            created_at=now,
            **_columns(opened, plan),
        )
        .returning(tables.Poll.id)
    ).one()
    _write_options(session, poll_id, enumerate(plan.options))
    walls.touch(session, opened.id)
    return poll_id


def change(session: Session, seat: Seat, opened: Opened, poll_id: int, plan: Plan, *, now: datetime) -> None:
    """Other words, options or rules, as long as nobody has answered: answers belong to the words that were read.

    What teachers tried out is forgotten with the old words. Raises Refusal once somebody has answered.
    """
    _hold(session, seat, opened)
    poll = polls.find(session, seat, opened, poll_id, now)
    if poll.voted:
        message = N_(
            "Somebody has answered this poll, so its words stay as they are. You can copy it and change the copy; "
            "when it opens and closes can still be changed here."
        )
        raise Refusal(message)
    if plan.kind.kind != poll.kind.kind:
        raise Refusal(N_("A poll stays of its kind. Make a new one instead."))
    _must_lie_ahead(plan.closes_at, now)
    for table in (tables.Ballot, tables.Voter, tables.HiddenAnswer, tables.AnswerReport):
        session.execute(delete(table).where(table.poll_id == poll.id))
    _rewrite_options(session, poll, plan)
    _store(session, opened, poll, **_columns(opened, plan))


def reschedule(
    session: Session,
    seat: Seat,
    opened: Opened,
    poll_id: int,
    *,
    opens_at: datetime | None,
    closes_at: datetime | None,
    quorum: int | None,
    now: datetime,
) -> None:
    """Other times or another quorum, at any time before the close. Raises Refusal for what would close it at once: an
    anonymous poll could not be opened again.
    """
    _hold(session, seat, opened)
    poll = polls.find(session, seat, opened, poll_id, now)
    if poll.state == "closed":
        raise Refusal(N_("This poll is closed. Open it again first, or copy it."))
    _must_lie_ahead(closes_at, now)
    if quorum is not None and quorum <= poll.voted:
        message = N_(
            "Answers so far: {voted}. With this limit the poll would close at once. Write a larger number, or close "
            "the poll yourself."
        )
        raise Refusal(message, voted=poll.voted)
    _store(session, opened, poll, opens_at=opens_at, closes_at=closes_at, quorum=quorum)


def copy(session: Session, seat: Seat, opened: Opened, poll_id: int, *, now: datetime) -> int:
    """The same poll once more, as a draft without its times."""
    poll = polls.find(session, seat, opened, poll_id, now)
    return make(session, seat, opened, _again(poll), now=now)


def ask_again(session: Session, seat: Seat, opened: Opened, poll_id: int, *, now: datetime) -> int:
    """The last impression to this first one: the same question, to be asked later, that shows how the class moved."""
    poll = polls.find(session, seat, opened, poll_id, now)
    return make(session, seat, opened, _again(poll), now=now, first_id=poll.first_id or poll.id)


def _again(poll: Poll) -> Plan:
    plan = poll_plans.of_poll(poll)
    return Plan(
        kind=plan.kind,
        prompt=plan.prompt,
        options=tuple(option.text for option in poll.live),  # with those that members added
        is_anonymous=plan.is_anonymous,
        results=plan.results,
        may_change=plan.may_change,
        members_add=plan.members_add,
        quorum=plan.quorum,
    )


def remove(session: Session, seat: Seat, opened: Opened, poll_id: int, *, now: datetime) -> None:
    """Take a poll out of the activity. What was answered stays in the database, and counts no more."""
    _hold(session, seat, opened)
    poll = polls.find(session, seat, opened, poll_id, now)
    _store(session, opened, poll, deleted_at=now)
    credit.update_all(session, opened.id, poll_settings.of(opened), now=now)


def put_back(session: Session, seat: Seat, opened: Opened, poll_id: int, *, now: datetime) -> None:
    """Undo `remove`."""
    _hold(session, seat, opened)
    found = session.scalar(
        update(tables.Poll)
        .where(tables.Poll.id == poll_id, tables.Poll.activity_id == opened.id)
        .values(deleted_at=None)
        .returning(tables.Poll.id)
    )
    if found is None:
        raise NotFound(N_("This poll is not here, or not open yet. Go back to the list of polls."))
    credit.update_all(session, opened.id, poll_settings.of(opened), now=now)
    walls.touch(session, opened.id)


def move(session: Session, seat: Seat, opened: Opened, poll_id: int, by: int, *, now: datetime) -> None:
    """Move a poll up (by -1) or down in the list."""
    _hold(session, seat, opened)
    order = [poll.id for poll in polls.listed(session, seat, opened, now)]
    if poll_id not in order:
        raise NotFound(N_("This poll is not here, or not open yet. Go back to the list of polls."))
    place = order.index(poll_id)
    order.insert(max(0, min(len(order) - 1, place + by)), order.pop(place))
    for position, one in enumerate(order, start=1):
        session.execute(update(tables.Poll).where(tables.Poll.id == one).values(position=position))
    walls.touch(session, opened.id)


def decide_option(
    session: Session, seat: Seat, opened: Opened, poll_id: int, option_id: int, *, live: bool, now: datetime
) -> None:
    """Let an option in that a member added, or take one out. Answers that chose it stay counted."""
    _hold(session, seat, opened)
    poll = polls.find(session, seat, opened, poll_id, now)
    found = session.scalar(
        update(tables.PollOption)
        .where(tables.PollOption.id == option_id, tables.PollOption.poll_id == poll.id)
        .values(status="live" if live else "retired")
        .returning(tables.PollOption.text)
    )
    if found is None:
        raise NotFound(N_("This option is not part of the poll. Load the page again."))
    decisions.record(session, seat, "let_option_in" if live else "take_option_out", reason=found, now=now)
    _store(session, opened, poll)


def inherit(session: Session, *, from_activity_id: int, to_activity_id: int, now: datetime) -> int:
    """The polls of an activity as drafts of its copy in another course, without a single answer. How many there are.

    A last impression stays tied to its first one, in whichever order a teacher has put the two.
    """
    rows = session.scalars(
        select(tables.Poll)
        .where(tables.Poll.activity_id == from_activity_id, tables.Poll.deleted_at.is_(None))
        .order_by(tables.Poll.position, tables.Poll.id)
    ).all()
    became: dict[int, int] = {}
    for place, row in enumerate(rows, start=1):
        became[row.id] = session.scalars(
            insert(session, tables.Poll)
            .values(
                activity_id=to_activity_id,
                position=place,
                kind=row.kind,
                prompt=row.prompt,
                details=row.details,
                is_anonymous=row.is_anonymous,
                results=row.results,
                may_change=row.may_change,
                members_add=row.members_add,
                quorum=row.quorum,
                voted=0,
                version=0,
                created_at=now,
            )
            .returning(tables.Poll.id)
        ).one()
        options = session.execute(
            select(tables.PollOption.position, tables.PollOption.text, tables.PollOption.normal)
            .where(
                tables.PollOption.poll_id == row.id,
                tables.PollOption.status == "live",
                tables.PollOption.added_by.is_(None),
            )
            .order_by(tables.PollOption.position, tables.PollOption.id)
        ).all()
        if options:
            session.execute(
                insert(session, tables.PollOption),
                [{"poll_id": became[row.id], "status": "live", **option._asdict()} for option in options],
            )
    for row in rows:  # once all of them are there: a last impression may stand before its first one
        if row.first_id in became:
            session.execute(
                update(tables.Poll).where(tables.Poll.id == became[row.id]).values(first_id=became[row.first_id])
            )
    return len(became)


def _hold(session: Session, seat: Seat, opened: Opened) -> None:
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers change polls."))
    seats.hold_for_change(session, seat, opened.id)


def _must_lie_ahead(closes_at: datetime | None, now: datetime) -> None:
    if closes_at is not None and closes_at <= now:
        message = N_(
            "The time at which the poll is to close is past. Choose a later one, or leave it empty and close the poll "
            "yourself."
        )
        raise Refusal(message)


def _columns(opened: Opened, plan: Plan) -> dict[str, object]:
    anonymous = plan.is_anonymous or poll_settings.of(opened).anonymity == "anonymous"
    return {
        "kind": plan.kind.kind,
        "prompt": plan.prompt,
        "details": kinds.to_json(plan.kind),
        "is_anonymous": anonymous,
        "results": plan.results,
        "may_change": plan.may_change and not anonymous,
        "members_add": plan.members_add,
        "opens_at": plan.opens_at,
        "closes_at": plan.closes_at,
        "quorum": plan.quorum,
    }


def _rewrite_options(session: Session, poll: Poll, plan: Plan) -> None:
    """What reads the same keeps its id, and the new ones are there before the old ones go: SQLite would give them their
    ids, and an answer that is on its way would be counted for an option that nobody chose.
    """
    option, known = tables.PollOption, {option.normal for option in poll.options}
    new = [(place, text) for place, text in enumerate(plan.options) if kinds.alike(text) not in known]
    _write_options(session, poll.id, new)
    for place, text in enumerate(plan.options):
        session.execute(
            update(option)
            .where(option.poll_id == poll.id, option.normal == kinds.alike(text))
            .values(position=place, text=text, status="live", added_by=None)
        )
    gone = known - set(map(kinds.alike, plan.options))
    session.execute(delete(option).where(option.poll_id == poll.id, option.normal.in_(gone)))


def _write_options(session: Session, poll_id: int, options: Iterable[tuple[int, str]]) -> None:
    rows = [
        {"poll_id": poll_id, "position": place, "text": text, "normal": kinds.alike(text), "status": "live"}
        for place, text in options
    ]
    if rows:
        session.execute(insert(session, tables.PollOption), rows)


def _store(session: Session, opened: Opened, poll: Poll, **values: object) -> None:
    session.execute(
        update(tables.Poll).where(tables.Poll.id == poll.id).values(version=tables.Poll.version + 1, **values)
    )
    walls.touch(session, opened.id)
