"""Prompts: what a teacher puts to a channel at a time, once or again and again along the course's term.

A prompt is a row that says when it comes next. The worker takes what is due with an UPDATE that only one of several
workers can make (`run_due`): the poll is made, opened and its message written in that transaction, or nothing of it is.
What was due while everything was down comes once, late, unless the day is free by then; a prompt that cannot be posted
is paused, and its maker told.

The decisions of teachers say what they saw: `posted`, or the time that they skip. So two clicks do one thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.orm import Session

from core.activities import channels, prompt_posting, prompt_times, seats, slack_messages, terms
from core.activities.channels import Bound
from core.activities.prompt_posting import Content
from core.activities.refusals import Gone, NotAllowed, NotFound, Refusal
from core.activities.seats import Seat
from core.schedules.rules import MINUTES, WEEKDAYS, BadRule, check_zone
from core.store import tables
from core.store.database import insert, run
from core.store.tables import SlackIdentity
from core.words import N_, Sentence

STOPPED = "prompt_stopped"  # the private message to whoever made a prompt that cannot be posted
MOST = 50  # of a course, that are not over
FURTHEST = timedelta(days=800)
LONGEST_OPEN = 60 * MINUTES  # [minutes]
_AT_ONCE = 20
NO_TIME = N_(
    "There is no such time any more: the day is over, or lies outside the term or on its free days. Choose other days."
)
TOO_FAR = N_("That day is too far away. Choose one within the next two years.")
ENDS_EARLY = N_("The prompt would end before it begins. Choose a later last day.")
TOO_LONG = N_("A poll stays open for at most {most} days.")
ANONYMOUS = N_("Nobody is reminded of an anonymous poll, so that nobody feels watched. Choose no reminder for it.")
NO_REMINDER = N_("A reminder needs a poll that stays open longer than that. Choose how long it stays open.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A prompt as a teacher wants it. `weekdays`: of `core.schedules.rules.WEEKDAYS`; none: once, on `starts_on`.

    `kind`, `values`: a poll's, as `poll_plans.plan` takes them; `first_id`: instead, the poll to ask again.
    """

    what: str  # 'poll' or 'problem'
    at_minute: int  # after midnight, in the prompt's time zone
    starts_on: date
    ends_on: date | None = None
    weekdays: tuple[str, ...] = ()
    kind: str = ""
    values: Mapping[str, str] | None = None
    first_id: int | None = None
    open_minutes: int | None = None  # None: until the teacher closes it
    remind_minutes: int | None = None  # before the close


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as it stands. `stopped`: why it was paused by itself, or left a time out."""

    id: int
    channel: int  # the channel's row
    wanted: Wanted
    question: str  # a poll's; '' for a problem
    time_zone: str
    status: str  # 'active', 'paused' or 'over'
    next_at: datetime | None
    posted: int
    stopped: Sentence | None


def make(session: Session, seat: Seat, bound: Bound, wanted: Wanted, *, now: datetime) -> int:
    """A new prompt for a channel; its id. Raises NotAllowed, Refusal for what can never be posted."""
    _must_teach(seat)
    seats.hold_course(session, seat.course_id)
    count = session.scalar(
        select(func.count()).where(tables.Prompt.course_id == seat.course_id, tables.Prompt.status != "over")
    )
    if (count or 0) >= MOST:
        raise Refusal(N_("There are {most} prompts in this course, which is all it takes. End one first."), most=MOST)
    zone = zone_of(session, seat, bound)
    next_at = _checked(session, seat, bound, wanted, zone, now)
    return int(
        session.scalars(
            insert(session, tables.Prompt)
            .values(
                course_id=seat.course_id, channel_id=bound.id, status="active", next_at=next_at, posted=0, stopped={},
                created_by=seat.person_id, created_at=now, time_zone=zone, **_columns(wanted),
            )
            .returning(tables.Prompt.id)
        ).one()
    )  # fmt: skip


def change(session: Session, seat: Seat, bound: Bound, prompt_id: int, wanted: Wanted, *, now: datetime) -> None:
    """Other words or times from now on; a paused one stays paused. Raises as `make`, and NotFound."""
    _must_teach(seat)
    row = _row(session, seat, prompt_id)
    next_at = _checked(session, seat, bound, wanted, row.time_zone, now)
    values = {**_columns(wanted), "channel_id": bound.id, "next_at": next_at, "stopped": {}}
    if row.status == "over":
        values["status"] = "active"
    _store(session, seat, prompt_id, **values)


def pause(session: Session, seat: Seat, prompt_id: int) -> None:
    """It does not come until it is resumed."""
    _must_teach(seat)
    _store(session, seat, prompt_id, tables.Prompt.status == "active", status="paused", stopped={})


def resume(session: Session, seat: Seat, prompt_id: int, *, now: datetime) -> None:
    """A paused prompt comes again from its next time on; what it missed is not made up for."""
    _must_teach(seat)
    row = _row(session, seat, prompt_id)
    later = prompt_times.after(session, seat.course_id, row, row.time_zone, now)
    if later.at is None:
        raise Refusal(N_("No time is left for this prompt. Change its days first, or post it now."))
    _store(session, seat, prompt_id, tables.Prompt.status == "paused", status="active", next_at=later.at, stopped={})


def skip(session: Session, seat: Seat, prompt_id: int, at: datetime, *, now: datetime) -> None:
    """Leave out one time, `at`, which is the next. Raises Gone where it was posted or skipped meanwhile."""
    _must_teach(seat)
    row = _row(session, seat, prompt_id)
    later = prompt_times.after(session, seat.course_id, row, row.time_zone, max(at, now))
    _store(session, seat, prompt_id, tables.Prompt.status == "active", tables.Prompt.next_at == at, **_later(later))


def end(session: Session, seat: Seat, prompt_id: int) -> None:
    """It comes no more. What it asked stays."""
    _must_teach(seat)
    _store(session, seat, prompt_id, status="over", next_at=None)


def post_now(session: Session, seat: Seat, prompt_id: int, posted: int, *, now: datetime) -> None:
    """Post it once at once; one that comes once has come then. `posted`: how often it had been posted so far.

    Raises Gone where it was posted meanwhile; Refusal where it cannot be posted.
    """
    _must_teach(seat)
    row = _row(session, seat, prompt_id)
    values = {} if row.weekdays else {"status": "over", "next_at": None}
    _store(
        session, seat, prompt_id, tables.Prompt.posted == posted, posted=tables.Prompt.posted + 1, stopped={}, **values
    )
    _post(session, seat, row, now)


def listed(session: Session, seat: Seat) -> list[Prompt]:
    """The course's prompts that are not over, the next one first."""
    _must_teach(seat)
    rows = session.execute(
        _PROMPTS.where(tables.Prompt.course_id == seat.course_id, tables.Prompt.status != "over").order_by(
            tables.Prompt.next_at.is_(None), tables.Prompt.next_at, tables.Prompt.id
        )
    )
    return [_prompt(row) for row in rows]


def find(session: Session, seat: Seat, prompt_id: int) -> Prompt:
    """One prompt of the course. Raises NotFound."""
    _must_teach(seat)
    return _prompt(_row(session, seat, prompt_id))


def zone_of(session: Session, seat: Seat, bound: Bound) -> str:
    """The time zone of a new prompt: the term's, else the channel's; UTC where Slack told one that nobody knows."""
    term = terms.of(session, seat)
    zone = bound.time_zone if term is None else term.time_zone
    try:
        check_zone(zone)
    except BadRule:
        return "UTC"
    return zone


def run_due(session: Session, *, now: datetime) -> int:
    """Post the prompt that is due longest, in a transaction of its own; 0 when none is due, else how many were seen to.

    Whoever calls goes on until it is 0. Several in one transaction could wait for each other's activities.
    """
    for row in run(session, _DUE, now=now).all():
        rule = prompt_times.rule(session, row.course_id, row, row.time_zone)
        later = prompt_times.after(session, row.course_id, row, row.time_zone, now)
        is_time = prompt_times.is_time(rule, row.next_at)
        missed = is_time and prompt_times.is_missed(rule, row.next_at, now)
        told = {"stopped": _to_json(_left_out(row))} if missed else {"stopped": {}} if is_time else {}
        is_time = is_time and not missed
        taken = session.scalar(
            update(tables.Prompt)
            .where(
                tables.Prompt.id == row.id,
                tables.Prompt.status == "active",
                tables.Prompt.next_at == row.next_at,
                tables.Prompt.posted == row.posted,
            )
            .values(posted=row.posted + is_time, **told, **_later(later))
            .returning(tables.Prompt.id)
        )
        if taken is None:
            continue  # another worker has it, or its teacher paused or changed it
        if is_time:
            _post_or_stop(session, row, now)
        return 1
    return 0


def _left_out(row: Any) -> Sentence:
    """What its list says of a prompt that missed its time and would have come on a free day."""
    day = row.next_at.astimezone(ZoneInfo(row.time_zone)).date()
    message = N_(
        "It could not be posted on {day}, and then came a free day or the end of the term, so that time was left out."
    )
    return Sentence(message, {"day": day.isoformat()})


def _post_or_stop(session: Session, row: Any, now: datetime) -> None:
    platform = session.scalars(select(tables.Course.platform_id).where(tables.Course.id == row.course_id)).one()
    seat = Seat(platform, row.course_id, row.created_by, "teacher")  # it is the course's, whoever teaches it now
    try:
        with session.begin_nested():
            _post(session, seat, row, now)
    except Refusal as error:
        why = _to_json(error.sentence)
        session.execute(
            update(tables.Prompt)
            .where(tables.Prompt.id == row.id)
            .values(status="paused", stopped=why, posted=row.posted)
        )
        _tell(session, row, why, now)


def _tell(session: Session, row: Any, why: Mapping[str, Any], now: datetime) -> None:
    """Whoever made the prompt hears that it was paused."""
    user = session.execute(
        select(SlackIdentity.workspace_id, SlackIdentity.user_id)
        .join(tables.Channel, tables.Channel.workspace_id == SlackIdentity.workspace_id)
        .where(tables.Channel.id == row.channel_id, SlackIdentity.person_id == row.created_by)
    ).one_or_none()
    if user is not None:
        rounds = int(now.timestamp()) // 60  # it may be resumed, and stop again
        slack_messages.direct(
            session, user.workspace_id, user.user_id, STOPPED, row.id, due_at=now, round=rounds, why=dict(why)
        )


def _post(session: Session, seat: Seat, row: Any, now: datetime) -> None:
    bound = channels.of_id(session, row.channel_id)
    if bound is None or bound.course_id != row.course_id:
        raise Refusal(N_("The channel of this prompt does not belong to the course any more. Choose another channel."))
    content = Content(row.what, row.form, row.first_id, row.open_minutes, row.remind_minutes)
    prompt_posting.post(session, seat, bound, content, asked_by=row.created_by, now=now)


def _checked(session: Session, seat: Seat, bound: Bound, wanted: Wanted, zone: str, now: datetime) -> datetime:
    """The first time of a prompt that can be posted. Raises Refusal, NotFound."""
    if bound.course_id != seat.course_id:
        raise seats.not_here()
    if wanted.what == "problem":
        if channels.practice(session, seat, bound) is None:
            raise NotFound(N_("There is no practice activity in this course. Make one in the course first."))
    else:
        _check_poll(session, seat, bound, wanted, now)
    for day in (wanted.starts_on, wanted.ends_on):
        if day is not None and abs(day - now.date()) > FURTHEST:
            raise Refusal(TOO_FAR)
    if wanted.ends_on is not None and wanted.ends_on < wanted.starts_on:
        raise Refusal(ENDS_EARLY)
    try:
        found = prompt_times.after(session, seat.course_id, wanted, zone, now).at
    except BadRule as error:
        raise Refusal(error.sentence.message, **error.sentence.values) from None
    if found is None:
        raise Refusal(NO_TIME)
    return found


def _check_poll(session: Session, seat: Seat, bound: Bound, wanted: Wanted, now: datetime) -> None:
    if wanted.first_id is not None:
        if wanted.weekdays:
            raise Refusal(N_("A last impression is asked once. Take the days of the week away."))
        opened = prompt_posting.first_of(session, seat, wanted.first_id)
        anonymous = session.scalars(
            select(tables.Poll.is_anonymous).where(
                tables.Poll.id == wanted.first_id, tables.Poll.activity_id == opened.id
            )
        ).one()
    else:
        opened = channels.activity(session, seat, bound, "poll", now=now)
        anonymous = prompt_posting.planned(_columns(wanted)["form"], opened).is_anonymous
    minutes, before = wanted.open_minutes, wanted.remind_minutes
    if minutes is not None and not 1 <= minutes <= LONGEST_OPEN:
        raise Refusal(TOO_LONG, most=LONGEST_OPEN // MINUTES)
    if before is None:
        return
    if anonymous:
        raise Refusal(ANONYMOUS)
    if minutes is None or not 1 <= before < minutes:
        raise Refusal(NO_REMINDER)


def _columns(wanted: Wanted) -> dict[str, Any]:
    values = asdict(wanted)
    kind, form = values.pop("kind"), dict(values.pop("values") or {})
    is_new_poll = wanted.what == "poll" and wanted.first_id is None
    order = [day for day in WEEKDAYS if day in wanted.weekdays] if set(wanted.weekdays) <= set(WEEKDAYS) else []
    return {**values, "weekdays": order, "form": {"kind": kind, "values": form} if is_new_poll else {}}


def _later(later: prompt_times.Next) -> dict[str, Any]:
    """A prompt that has had its last time is over; one that only has no time in this term waits for the next."""
    return {"next_at": later.at, **({} if later.may_come else {"status": "over"})}


def _must_teach(seat: Seat) -> None:
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers make prompts and change them."))


def _row(session: Session, seat: Seat, prompt_id: int) -> Any:
    row = session.execute(
        _PROMPTS.where(tables.Prompt.id == prompt_id, tables.Prompt.course_id == seat.course_id)
    ).one_or_none()
    if row is None:
        raise NotFound(N_("This prompt is not here. Look at the list of prompts again."))
    return row


def _store(session: Session, seat: Seat, prompt_id: int, *only: ColumnElement[bool], **values: Any) -> None:
    """Change the prompt if it is as it was seen; the UPDATE decides between two who do it at once."""
    found = session.scalar(
        update(tables.Prompt)
        .where(tables.Prompt.id == prompt_id, tables.Prompt.course_id == seat.course_id, *only)
        .values(**values)
        .returning(tables.Prompt.id)
    )
    if found is None:
        _row(session, seat, prompt_id)  # it may not be there at all
        raise Gone(N_("This prompt has changed meanwhile, so nothing was done. Look at the list of prompts again."))


def _prompt(row: Any) -> Prompt:
    wanted = Wanted(
        what=row.what,
        at_minute=row.at_minute,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        weekdays=tuple(row.weekdays),
        kind=row.form.get("kind", ""),
        values=row.form.get("values"),
        first_id=row.first_id,
        open_minutes=row.open_minutes,
        remind_minutes=row.remind_minutes,
    )
    stopped = Sentence(row.stopped["message"], row.stopped["values"]) if row.stopped else None
    question = row.form.get("values", {}).get("prompt", "") if row.first_id is None else row.first_prompt
    return Prompt(
        row.id, row.channel_id, wanted, question or "", row.time_zone, row.status, row.next_at, row.posted, stopped
    )


def _to_json(sentence: Sentence) -> dict[str, Any]:
    return {
        "message": sentence.message,
        "values": {name: one if isinstance(one, int) else str(one) for name, one in sentence.values.items()},
    }


_PROMPTS = select(*tables.Prompt.__table__.columns, tables.Poll.prompt.label("first_prompt")).outerjoin(
    tables.Poll, tables.Poll.id == tables.Prompt.first_id
)
_DUE = (
    select(*tables.Prompt.__table__.columns)
    .where(
        tables.Prompt.status == "active",
        tables.Prompt.next_at <= bindparam("now", type_=tables.Prompt.next_at.type),
    )
    .order_by(tables.Prompt.next_at, tables.Prompt.id)
    .limit(_AT_ONCE)
)
