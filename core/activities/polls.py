"""Polls of an activity as people find them: which there are, in what state, and what one has answered oneself.

Results: `poll_results`; voting: `poll_votes`; a teacher's changes: `poll_writing`, `poll_closing`. All of these take
plain values, so a channel's front end calls the same ones.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from core.activities import seats
from core.activities.refusals import NotFound
from core.activities.seats import Opened, Seat
from core.polling import answers, kinds
from core.polling.answers import Answer
from core.polling.kinds import Kind
from core.store import tables
from core.store.database import run
from core.words import N_, Sentence

State = Literal["draft", "scheduled", "open", "closed"]

_PROMISES = {
    "named": N_("Classmates see only totals. Your teacher can see what you answered."),
    "pseudonym": N_(
        "Classmates see only totals. Your teacher sees what your made-up name answered, and not whose it is."
    ),
    "anonymous": N_(
        "What you answer is only added to the totals. That you answered is kept, so that nobody answers twice, but "
        "nothing ties it to your answer: neither your teacher nor whoever runs this server can look it up. So you "
        "cannot change it, and nothing is shown before {few} people have answered."
    ),
}
_WORDS_TELL = N_("Whoever knows you may still recognise your words.")
HIDING = ("waits", "hidden")  # statuses of an answer that the class does not see
FEW = 3  # an anonymous poll shows nothing before so many people have answered


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen. `status`: 'live', 'pending' (the teacher will look at it), 'retired' (the teacher did)."""

    id: int
    text: str
    normal: str
    status: str
    added_by: int | None


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll with its options in their order, as it is at a moment."""

    id: int
    kind: Kind
    prompt: str
    is_anonymous: bool
    results: str  # 'at_once', 'after_vote' or 'after_close'
    may_change: bool
    members_add: bool
    opens_at: datetime | None
    closes_at: datetime | None
    quorum: int | None
    first_id: int | None
    voted: int
    version: int
    state: State
    open_since: datetime | None  # of one that is open or was: when it opened last
    is_settled: bool  # a closed poll: what closing brings along is done (`poll_closing.settle`)
    options: tuple[Option, ...]

    @property
    def live(self) -> tuple[Option, ...]:
        """The options that can be chosen."""
        return tuple(option for option in self.options if option.status == "live")

    @property
    def wording(self) -> str:
        """Another one whenever the teacher has changed what is asked; an option has its own id."""
        asked = json.dumps([self.prompt, kinds.to_json(self.kind)], sort_keys=True)
        return hashlib.sha256(asked.encode()).hexdigest()[:16]

    @property
    def is_due(self) -> bool:
        """Whether it closed by itself and what closing brings along is still to be done."""
        return self.state == "closed" and not self.is_settled


@dataclass(frozen=True, slots=True)
class Mine:
    """That this person has answered, and what; of an anonymous poll nobody knows what."""

    answer: Answer | None
    counts: bool


def listed(session: Session, seat: Seat, opened: Opened, now: datetime) -> list[Poll]:
    """The activity's polls in the teacher's order; who does not teach sees those that are open or were."""
    rows = run(session, _POLLS, activity=opened.id).all()
    options: dict[int, list[Option]] = {}
    for row in run(session, _OPTIONS_OF_ALL, activity=opened.id):
        options.setdefault(row.poll_id, []).append(_option(row))
    polls = [_poll(row, tuple(options.get(row.id, ())), now) for row in rows]
    return [poll for poll in polls if seat.role == "teacher" or poll.state in {"open", "closed"}]


def find(session: Session, seat: Seat, opened: Opened, poll_id: int, now: datetime) -> Poll:
    """One poll of the activity. Raises NotFound, also for a draft that this person may not see yet."""
    row = run(session, _POLL, activity=opened.id, poll=poll_id).one_or_none()
    if row is not None:
        poll = _poll(row, tuple(map(_option, run(session, _OPTIONS, poll=poll_id))), now)
        if seat.role == "teacher" or poll.state in {"open", "closed"}:
            return poll
    raise NotFound(N_("This poll is not here, or not open yet. Go back to the list of polls."))


def opened_of(session: Session, seat: Seat, poll_id: int, *, to_work: bool = False) -> Opened:
    """The activity of this course that a poll belongs to; held, with the person, for one who is about to do something
    (`seats.opened_to_work_on`). Raises NotFound, whether it is elsewhere or nowhere.
    """
    if to_work:
        seats.hold(session, seat)
    row = run(session, _HOLD_OPENED if to_work else _OPENED, poll=poll_id, course=seat.course_id).one_or_none()
    if row is None:
        raise NotFound(N_("This poll is not here, or not open yet. Go back to the list of polls."))
    return Opened(*row)


def mine(session: Session, seat: Seat, opened: Opened) -> dict[int, Mine]:
    """In which polls of the activity this person has answered, by the poll's id."""
    found = {
        row.poll_id: Mine(answers.from_json(row.answer), row.counts)
        for row in run(session, _BALLOTS, activity=opened.id, person=seat.person_id)
    }
    for row in run(session, _VOTERS, activity=opened.id, person=seat.person_id):
        found[row.poll_id] = Mine(None, row.counts)
    return found


def hidden(session: Session, opened: Opened) -> dict[int, int]:
    """How many texts of each poll the teacher, a rule or enough reports have hidden, by the poll's id."""
    return {row.poll_id: row.number for row in run(session, _HIDDEN, activity=opened.id)}


def promise(poll: Poll, anonymity: str) -> tuple[Sentence, ...]:
    """What is said before somebody answers about who will know; `anonymity` is the activity's."""
    if not poll.is_anonymous:
        return (Sentence(_PROMISES["pseudonym" if anonymity == "pseudonym" else "named"]),)
    said = (Sentence(_PROMISES["anonymous"], {"few": FEW}),)
    return (*said, Sentence(_WORDS_TELL)) if isinstance(poll.kind, kinds.BROUGHT) else said


def _poll(row: Row[Any], options: tuple[Option, ...], now: datetime) -> Poll:
    return Poll(
        id=row.id,
        kind=kinds.from_json(row.details),
        prompt=row.prompt,
        is_anonymous=row.is_anonymous,
        results=row.results,
        may_change=row.may_change,
        members_add=row.members_add,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        quorum=row.quorum,
        first_id=row.first_id,
        voted=row.voted,
        version=row.version,
        state=_state(row, now),
        open_since=row.opened_at or (row.opens_at if row.opens_at is not None and row.opens_at <= now else None),
        is_settled=row.closed_at is not None,
        options=options,
    )


def _state(row: Row[Any], now: datetime) -> State:
    """Times are honoured when they are read: nothing has to run at the moment when a poll opens or closes."""
    if row.closed_at is not None:
        return "closed"
    if row.opened_at is None and (row.opens_at is None or row.opens_at > now):
        return "draft" if row.opens_at is None else "scheduled"
    is_over = row.closes_at is not None and row.closes_at <= now
    is_full = row.quorum is not None and row.voted >= row.quorum
    return "closed" if is_over or is_full else "open"


def _option(row: Any) -> Option:
    return Option(row.id, row.text, row.normal, row.status, row.added_by)


_POLL_COLUMNS = (
    tables.Poll.id,
    tables.Poll.details,
    tables.Poll.prompt,
    tables.Poll.is_anonymous,
    tables.Poll.results,
    tables.Poll.may_change,
    tables.Poll.members_add,
    tables.Poll.opens_at,
    tables.Poll.closes_at,
    tables.Poll.opened_at,
    tables.Poll.closed_at,
    tables.Poll.quorum,
    tables.Poll.first_id,
    tables.Poll.voted,
    tables.Poll.version,
)
_OPTION_COLUMNS = (
    tables.PollOption.poll_id,
    tables.PollOption.id,
    tables.PollOption.text,
    tables.PollOption.normal,
    tables.PollOption.status,
    tables.PollOption.added_by,
)
_OPENED = (
    select(
        tables.Activity.id,
        tables.Activity.public_id,
        tables.Activity.title,
        tables.Activity.kind,
        tables.Activity.settings,
    )
    .join(tables.Poll, tables.Poll.activity_id == tables.Activity.id)
    .where(
        tables.Poll.id == bindparam("poll"),
        tables.Activity.course_id == bindparam("course"),
        tables.Activity.kind == "poll",
    )
)
_HOLD_OPENED = _OPENED.with_for_update(read=True, key_share=True, of=tables.Activity)
_HERE = (tables.Poll.activity_id == bindparam("activity"), tables.Poll.deleted_at.is_(None))
_POLLS = select(*_POLL_COLUMNS).where(*_HERE).order_by(tables.Poll.position, tables.Poll.id)
_POLL = select(*_POLL_COLUMNS).where(*_HERE, tables.Poll.id == bindparam("poll"))
_OPTIONS_OF_ALL = (
    select(*_OPTION_COLUMNS)
    .join(tables.Poll, tables.Poll.id == tables.PollOption.poll_id)
    .where(*_HERE)
    .order_by(tables.PollOption.poll_id, tables.PollOption.position, tables.PollOption.id)
)
_OPTIONS = (
    select(*_OPTION_COLUMNS)
    .where(tables.PollOption.poll_id == bindparam("poll"))
    .order_by(tables.PollOption.position, tables.PollOption.id)
)
_BALLOTS = (
    select(tables.Ballot.poll_id, tables.Ballot.answer, tables.Ballot.counts)
    .join(tables.Poll, tables.Poll.id == tables.Ballot.poll_id)
    .where(*_HERE, tables.Ballot.person_id == bindparam("person"))
)
_VOTERS = (
    select(tables.Voter.poll_id, tables.Voter.counts)
    .join(tables.Poll, tables.Poll.id == tables.Voter.poll_id)
    .where(*_HERE, tables.Voter.person_id == bindparam("person"))
)
_HIDDEN = (
    select(tables.HiddenAnswer.poll_id, func.count().label("number"))
    .join(tables.Poll, tables.Poll.id == tables.HiddenAnswer.poll_id)
    .where(*_HERE, tables.HiddenAnswer.status.in_(HIDING))
    .group_by(tables.HiddenAnswer.poll_id)
)
