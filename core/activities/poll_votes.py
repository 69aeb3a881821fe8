"""Answering a poll: one human, one answer; nothing acknowledged is lost, nothing is counted after the close.

| poll | kept of an answer |
| --- | --- |
| named | the ballot, and its marks in the poll's counts |
| anonymous | that this person has answered (`voter`, without a time), and apart from it the counts |

All of it is stored in one transaction, last the row of the poll: an UPDATE that finds it open, or does not. Whoever is
told "Saved" was counted; of the many who answer at once, exactly as many as the quorum asks for. That UPDATE also keeps
two people from changing the same counts in different orders, and the person's row (`seats.hold`) their own two tabs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from core.activities import authors, credit, pace, poll_settings, polls, seats, texts, walls
from core.activities.poll_results import HIDE
from core.activities.poll_settings import PollSettings
from core.activities.polls import Poll
from core.activities.refusals import Gone, NotAllowed, Refusal
from core.activities.seats import Opened, Seat
from core.polling import answers, kinds
from core.polling.answers import NO_OPTION, Answer, BadAnswer, Mark
from core.store import tables
from core.store.database import PerDialect, run
from core.wording import coarse, words
from core.words import N_, Sentence

LONGEST_OPTION = 120
CHANGES = 10  # times the activity's daily allowance: how often a day one may change one's mind


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was stored: this person's counted answer before (None for the first), and whether the new one stands."""

    before: Answer | None
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Voted:
    """What became of an answer: a sentence, and whether it completed the quorum (`poll_closing.settle` is then due)."""

    message: Sentence
    is_last: bool = False


def vote(
    session: Session,
    seat: Seat,
    opened: Opened,
    poll_id: int,
    form: Mapping[str, Sequence[str]],
    *,
    language: str,
    now: datetime,
    clicked: datetime | None = None,
) -> Voted:
    """Keep an answer, or a changed one where the poll allows it. Sending the same again changes nothing.

    `clicked` is when Slack says that it was given: an answer that a newer one overtook on its way changes nothing
    either. An anonymous poll keeps no time, so there the first to arrive counts.

    `form` as in `core.polling.answers.read`; of words and texts what was typed, in the field `entry`; in `wording`, if
    it is there, the poll's as it was read. `language` is the voter's. Raises Refusal for what cannot be counted,
    NotAllowed for a second answer, Gone for a poll that closed.
    """
    poll = polls.find(session, seat, opened, poll_id, now)
    counts = seats.hold(session, seat)
    if seat.role == "student" or poll.state == "closed":
        _must_be_open(poll)
    if "wording" in form and list(form["wording"]) != [poll.wording]:
        raise Refusal(_REWORDED)
    settings = poll_settings.of(opened)
    answer = _read(poll, form)
    kept = _keep(session, seat, opened, settings, poll, answer, counts=counts, now=now, clicked=clicked)
    if not kept.stands:
        return Voted(Sentence(N_("You chose again after this one, and your newer answer is the one that is kept.")))
    if kept.before == answer or not counts:
        return Voted(_thanks(poll, counts))
    if isinstance(poll.kind, kinds.BROUGHT):
        _hide(session, settings, poll, answer, language, now)
    is_last = _count(session, poll, kept.before, answer, now)
    if not poll.is_anonymous:  # a grade that moved now would say who has just answered
        credit.changed(session, seat, opened, settings, now=now)
    walls.touch(session, opened.id)
    return Voted(_thanks(poll, counts), is_last)


def _thanks(poll: Poll, counts: bool) -> Sentence:
    if not counts:
        return Sentence(N_("Thank you. This was a try: it is not counted."))
    if poll.is_anonymous:
        return Sentence(N_("Saved. Your answer is in the totals, and nothing ties it to you."))
    if poll.may_change:
        return Sentence(N_("Saved. You can change your answer until the poll closes."))
    return Sentence(N_("Saved."))


def _must_be_open(poll: Poll) -> None:
    if poll.state != "open":
        raise Gone(_FULL if poll.quorum is not None and poll.voted >= poll.quorum else _CLOSED)


def _read(poll: Poll, form: Mapping[str, Sequence[str]]) -> Answer:
    kind = poll.kind
    if isinstance(kind, kinds.Words):
        typed = [entry for text in form.get("entry", ()) for entry in words.split(texts.clean(text))]
        form = {"entry": words.once(typed, kind.language)}
    elif isinstance(kind, kinds.Text):
        form = {"entry": [texts.clean(text, kind.longest) for text in form.get("entry", ())]}
    try:
        return answers.read(kind, form, {option.id for option in poll.live})
    except BadAnswer as error:
        raise Refusal(error.sentence.message, **error.sentence.values) from None


def _keep(
    session: Session,
    seat: Seat,
    opened: Opened,
    settings: PollSettings,
    poll: Poll,
    answer: Answer,
    *,
    counts: bool,
    now: datetime,
    clicked: datetime | None,
) -> _Kept:
    """Store the answer, unless a newer one is there. The person is held (`seats.hold`), so nobody writes between."""
    who = {"poll_id": poll.id, "person_id": seat.person_id}
    if poll.is_anonymous:
        if run(session, _NEW_VOTER, **who, counts=counts).scalar() is None:
            raise NotAllowed(_ALREADY if seat.role == "student" else _ALREADY_TRIED)
        return _Kept(None)
    if settings.anonymity == "pseudonym":
        authors.stamp(session, seat, opened.id, settings, now=now)  # draws the made-up name
    stored = {"answer": answers.to_json(answer), "counts": counts, "clicked_at": clicked}
    if run(session, _NEW_BALLOT, **who, **stored, created_at=now, changed_at=None).scalar() is not None:
        return _Kept(None)
    row = run(session, _BALLOT, poll=poll.id, person=seat.person_id).one()
    before = answers.from_json(row.answer)
    if clicked is not None and row.clicked_at is not None and clicked < row.clicked_at:
        return _Kept(before, stands=before == answer)
    if before == answer and row.counts == counts:
        if clicked not in {None, row.clicked_at}:  # what was clicked before this one may still be on its way
            run(session, _CLICKED_AGAIN, ballot=row.id, clicked_at=clicked)
        return _Kept(before)
    if row.counts:
        if not (counts and poll.may_change):
            raise NotAllowed(_ALREADY)
        pace.spend(session, seat, opened.id, "vote", limit=CHANGES * settings.daily, now=now)
    stored["clicked_at"] = clicked or row.clicked_at  # an answer from elsewhere is no reason to forget the newest click
    run(session, _CHANGE_BALLOT, ballot=row.id, **stored, changed_at=now)
    return _Kept(before if row.counts else None)


def _count(session: Session, poll: Poll, before: Answer | None, answer: Answer, now: datetime) -> bool:
    """Move the poll's counts from one answer to another. Whether the quorum is now complete. Raises Gone if it closed
    since the page was loaded: then nothing of this transaction is kept.
    """
    row = run(session, _STILL_OPEN, poll=poll.id, new=int(before is None), now=now).one_or_none()
    if row is None:
        is_full = run(
            session, _IS_FULL, poll=poll.id
        ).scalar_one()  # as it is now: the teacher may have closed it before
        raise Gone(_FULL if is_full else _CLOSED)
    options = [option.id for option in poll.options]
    change: Counter[Mark] = answers.counted(poll.kind, answer, options)
    change.subtract(answers.counted(poll.kind, before or (), options))
    for (option, value), number in sorted(change.items()):
        if number:
            run(session, _ADD, poll_id=poll.id, option_id=option, value=value, number=number)
    if before is not None:
        run(session, _DROP_EMPTY, poll=poll.id)
    return row.quorum is not None and row.voted >= row.quorum


def _hide(session: Session, settings: PollSettings, poll: Poll, answer: Answer, language: str, now: datetime) -> None:
    """What has coarse words in it, or what the teacher wants to see first, is counted and not shown until the teacher
    shows it (`poll_results.hide`); then it stays shown, whoever writes it again.
    """
    spoken = poll.kind.language if isinstance(poll.kind, kinds.Words) else language
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)  # a time would lead from a hidden text to its author
    for _, text in answer:
        waits = settings.moderation == "after_teacher" or coarse.found(text, spoken)
        if waits and run(session, _WRITTEN, poll=poll.id, value=text).scalar() is None:
            run(session, HIDE, poll_id=poll.id, value=text, hidden_at=day, status="waits")


def add_option(
    session: Session, seat: Seat, opened: Opened, poll_id: int, text: str, *, language: str, now: datetime
) -> Sentence:
    """A member's own option. One that reads like another is that other one, also if both are added at the same moment.

    Raises Refusal for an empty or overlong one, or when there are too many; NotAllowed where members may add none.
    """
    poll = polls.find(session, seat, opened, poll_id, now)
    counts = seats.hold(session, seat)
    if not (poll.members_add and isinstance(poll.kind, kinds.GROWS)):
        raise NotAllowed(N_("Only your teacher adds options to this poll."))
    _must_be_open(poll)
    text = texts.clean_line(text, LONGEST_OPTION)
    if not texts.visible_length(text):
        raise Refusal(N_("There is no text yet. Write the option in the box and add it again."))
    if not (counts or seat.role == "teacher"):
        return Sentence(N_("Thank you. This was a try: it is not added."))
    same = run(session, _SAME_OPTION, poll=poll.id, normal=kinds.alike(text)).one_or_none()
    if same is not None:
        return _is_there(same.status)
    if len(poll.options) >= kinds.MOST_OPTIONS:
        raise Refusal(
            N_("This poll has {most} options, which is all it takes. Choose one of them."), most=len(poll.options)
        )
    settings = poll_settings.of(opened)
    pace.spend(session, seat, opened.id, "text", limit=settings.daily, now=now)
    status = _option_status(session, seat, opened, settings, text, language)
    added = run(
        session,
        _NEW_OPTION,
        poll_id=poll.id,
        position=len(poll.options),
        text=text,
        normal=kinds.alike(text),
        added_by=None if poll.is_anonymous else seat.person_id,
        status=status,
    ).scalar()
    if added is None:
        return _is_there("live")
    session.execute(update(tables.Poll).where(tables.Poll.id == poll.id).values(version=tables.Poll.version + 1))
    walls.touch(session, opened.id)
    if status == "pending":
        return Sentence(N_("Saved. Your teacher looks at it before others can choose it."))
    return Sentence(N_("Added. You can choose it now."))


def _is_there(status: str) -> Sentence:
    if status == "retired":
        return Sentence(N_("Your teacher took this option out of the poll."))
    if status == "pending":
        return Sentence(N_("Somebody has added this option already. It waits for your teacher."))
    return Sentence(N_("This option is there already. You can choose it."))


def _option_status(
    session: Session, seat: Seat, opened: Opened, settings: PollSettings, text: str, language: str
) -> str:
    """As with every text: coarse words wait for the teacher, and what else the activity's moderation says."""
    if seat.role == "teacher":
        return "live"
    if settings.moderation == "after_teacher" or coarse.found(text, language):
        return "pending"
    if settings.moderation == "new_authors":
        approved = (
            select(tables.PollOption.id)
            .join(tables.Poll, tables.Poll.id == tables.PollOption.poll_id)
            .where(
                tables.Poll.activity_id == opened.id,
                tables.PollOption.added_by == seat.person_id,
                tables.PollOption.status == "live",
            )
        )
        return "live" if session.scalar(approved.limit(1)) is not None else "pending"
    return "live"


def start_over(session: Session, seat: Seat, opened: Opened, poll_id: int, *, now: datetime) -> None:
    """A teacher or a test user who tried a poll out forgets it. What counts stays. Raises NotFound."""
    poll = polls.find(session, seat, opened, poll_id, now)
    for table in (tables.Ballot, tables.Voter):
        session.execute(
            delete(table).where(table.poll_id == poll.id, table.person_id == seat.person_id, table.counts.is_(False))
        )


def drop_doubles(session: Session, old: int, new: int) -> None:
    """Two people turn out to be one human: where both answered, the old one's answer leaves the counts.

    Of an anonymous poll nobody knows what to take out, so both stay counted.
    """
    both = select(tables.Ballot.poll_id).where(tables.Ballot.person_id == new)
    rows = session.execute(
        select(tables.Ballot.poll_id, tables.Ballot.answer, tables.Ballot.counts, tables.Poll.details)
        .join(tables.Poll, tables.Poll.id == tables.Ballot.poll_id)
        .where(tables.Ballot.person_id == old, tables.Ballot.poll_id.in_(both))
        .order_by(tables.Ballot.poll_id)
    ).all()
    for row in rows:
        poll = tables.Poll
        session.execute(
            update(poll)
            .where(poll.id == row.poll_id)
            .values(voted=poll.voted - int(row.counts), version=poll.version + 1)
        )
        session.execute(
            delete(tables.Ballot).where(tables.Ballot.poll_id == row.poll_id, tables.Ballot.person_id == old)
        )
        if row.counts:
            options = session.scalars(
                select(tables.PollOption.id).where(tables.PollOption.poll_id == row.poll_id)
            ).all()
            marks = answers.counted(kinds.from_json(row.details), answers.from_json(row.answer), options)
            for (option, value), number in sorted(marks.items()):
                run(session, _ADD, poll_id=row.poll_id, option_id=option, value=value, number=-number)
            run(session, _DROP_EMPTY, poll=row.poll_id)


_FULL = N_("Enough people have answered, so this poll has just closed. Your answer was not counted.")
_CLOSED = N_("This poll is closed, so your answer was not counted.")
_REWORDED = N_(
    "Your teacher has changed this poll since you opened it, so your answer was not counted. Load the page again and "
    "answer it as it is now."
)
_ALREADY = N_("You have answered this poll. Your first answer is kept, and each person answers once.")
_ALREADY_TRIED = N_("You have tried this poll already. Start over to try it again.")
_NEW_BALLOT = PerDialect(lambda insert: insert(tables.Ballot).on_conflict_do_nothing().returning(tables.Ballot.id))
_NEW_VOTER = PerDialect(lambda insert: insert(tables.Voter).on_conflict_do_nothing().returning(tables.Voter.person_id))
_NEW_OPTION = PerDialect(
    lambda insert: insert(tables.PollOption).on_conflict_do_nothing().returning(tables.PollOption.id)
)
_WRITTEN = select(tables.PollCount.number).where(
    tables.PollCount.poll_id == bindparam("poll"),
    tables.PollCount.option_id == NO_OPTION,
    tables.PollCount.value == bindparam("value"),
)
_BALLOT = select(tables.Ballot.id, tables.Ballot.answer, tables.Ballot.counts, tables.Ballot.clicked_at).where(
    tables.Ballot.poll_id == bindparam("poll"), tables.Ballot.person_id == bindparam("person")
)
_CHANGE_BALLOT = (
    update(tables.Ballot)
    .where(tables.Ballot.id == bindparam("ballot"))
    .values(
        answer=bindparam("answer"),
        counts=bindparam("counts"),
        changed_at=bindparam("changed_at"),
        clicked_at=bindparam("clicked_at"),
    )
)
_CLICKED_AGAIN = (
    update(tables.Ballot).where(tables.Ballot.id == bindparam("ballot")).values(clicked_at=bindparam("clicked_at"))
)
_SAME_OPTION = select(tables.PollOption.status).where(
    tables.PollOption.poll_id == bindparam("poll"), tables.PollOption.normal == bindparam("normal")
)
_NOW = bindparam("now", type_=tables.Poll.closes_at.type)
_STILL_OPEN = (
    update(tables.Poll)
    .where(
        tables.Poll.id == bindparam("poll"),
        tables.Poll.deleted_at.is_(None),
        tables.Poll.closed_at.is_(None),
        tables.Poll.opened_at.is_not(None) | (tables.Poll.opens_at <= _NOW),
        tables.Poll.closes_at.is_(None) | (tables.Poll.closes_at > _NOW),
        # one more than the quorum never comes in; a change of mind by one of those who are in may
        tables.Poll.quorum.is_(None) | (tables.Poll.voted < tables.Poll.quorum),
    )
    .values(voted=tables.Poll.voted + bindparam("new"), version=tables.Poll.version + 1)
    .returning(tables.Poll.voted, tables.Poll.quorum)
)
_IS_FULL = select(func.coalesce(tables.Poll.voted >= tables.Poll.quorum, False)).where(
    tables.Poll.id == bindparam("poll")
)
_ADD = PerDialect(
    lambda insert: (
        insert(tables.PollCount)
        .on_conflict_do_update(
            index_elements=["poll_id", "option_id", "value"],
            set_={"number": tables.PollCount.number + insert(tables.PollCount).excluded.number},
        )
        .returning(tables.PollCount.number)
    )
)
_DROP_EMPTY = delete(tables.PollCount).where(
    tables.PollCount.poll_id == bindparam("poll"), tables.PollCount.number == 0
)
