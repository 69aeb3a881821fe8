"""A course's term: when it runs, in which time zone, and which days are free. Prompts come along it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.activities import prompt_times
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Seat
from core.schedules import rules
from core.schedules.rules import BadRule
from core.store import tables
from core.store.database import PerDialect, run
from core.words import N_

LONGEST = timedelta(days=800)


@dataclass(frozen=True, slots=True)
class Term:
    """A course's term. `free`: days without prompts, `YYYY-MM-DD` or `YYYY-MM-DD/YYYY-MM-DD` each."""

    starts_on: date
    ends_on: date
    time_zone: str
    free: tuple[str, ...]


def of(session: Session, seat: Seat) -> Term | None:
    """The course's term; None before anybody has said when it is."""
    row = run(session, _TERM, course=seat.course_id).one_or_none()
    return None if row is None else Term(row.starts_on, row.ends_on, row.time_zone, tuple(row.free))


def set(
    session: Session, seat: Seat, starts_on: date, ends_on: date, zone: str, free: Iterable[str], *, now: datetime
) -> Term:
    """A teacher says when the term is. The course's prompts follow it from now on.

    Raises NotAllowed; Refusal for days in the wrong order, a zone or a free day that there is not.
    """
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers set the term."))
    if ends_on < starts_on:
        raise Refusal(N_("The term would end before it begins. Choose a later last day."))
    if ends_on - starts_on > LONGEST:
        raise Refusal(N_("A term has at most {most} days. Choose an earlier last day."), most=LONGEST.days)
    try:
        rules.check_zone(zone)
        spans = rules.free_days(free)
    except BadRule as error:
        raise Refusal(error.sentence.message, **error.sentence.values) from None
    term = Term(starts_on, ends_on, zone, tuple(map(str, spans)))
    run(
        session, _KEEP, course_id=seat.course_id, starts_on=starts_on, ends_on=ends_on, time_zone=zone,
        free=list(term.free),
    )  # fmt: skip
    prompt_times.follow(session, seat.course_id, now=now)
    return term


_TERM = select(tables.Term.starts_on, tables.Term.ends_on, tables.Term.time_zone, tables.Term.free).where(
    tables.Term.course_id == bindparam("course")
)
_FRESH = ("starts_on", "ends_on", "time_zone", "free")
_KEEP = PerDialect(
    lambda insert: (
        insert(tables.Term)
        .on_conflict_do_update(
            index_elements=["course_id"], set_={name: insert(tables.Term).excluded[name] for name in _FRESH}
        )
        .returning(tables.Term.course_id)
    )
)
