"""When a prompt comes next: its own days, within the course's term and without its free days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from core.schedules import rules
from core.schedules.rules import Rule
from core.store.database import run
from core.store.tables import Prompt, Term

_A_MINUTE = timedelta(minutes=1)
_LATE = timedelta(hours=1)  # a minute behind midnight is nothing that a class would notice


class Timed(Protocol):
    """What of a prompt says when it comes: a row of `prompt`, or what a teacher wants."""

    @property
    def weekdays(self) -> list[str] | tuple[str, ...]: ...
    @property
    def at_minute(self) -> int: ...
    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date | None: ...


def rule(session: Session, course_id: int, timed: Timed, zone: str) -> Rule:
    """The rule of a prompt of this course. What comes once, on a day that a teacher named, asks for no calendar.

    Raises BadRule.
    """
    term = run(session, _TERM, course=course_id).one_or_none() if timed.weekdays else None
    first, last = timed.starts_on, timed.ends_on
    if term is None:
        return Rule(zone, timed.at_minute, first, last, tuple(timed.weekdays))
    return Rule(
        zone,
        timed.at_minute,
        max(first, term.starts_on),
        term.ends_on if last is None else min(last, term.ends_on),
        tuple(timed.weekdays),
        rules.free_days(term.free),
    )


@dataclass(frozen=True, slots=True)
class Next:
    """When a prompt comes next; None where no time is left. `may_come`: a later term would bring it again."""

    at: datetime | None
    may_come: bool


def after(session: Session, course_id: int, timed: Timed, zone: str, at: datetime) -> Next:
    """When a prompt comes next after `at`. Raises BadRule."""
    found = rules.next_after(rule(session, course_id, timed, zone), at)
    alone = Rule(zone, timed.at_minute, timed.starts_on, timed.ends_on, tuple(timed.weekdays))
    return Next(found, rules.next_after(alone, at) is not None)


def is_time(of: Rule, at: datetime) -> bool:
    """Whether the rule applies at `at`: the term may have changed since that was computed."""
    return rules.next_after(of, at - _A_MINUTE) == at


def is_missed(of: Rule, at: datetime, now: datetime) -> bool:
    """Whether what was due at `at` comes so late that it would come on a day without prompts: nobody could post it.

    What comes once, on a day that a teacher named, is made up for on any day.
    """
    return bool(of.weekdays) and now - at > _LATE and rules.is_free(of, now)


def follow(session: Session, course_id: int, *, now: datetime) -> None:
    """The course's active prompts follow its term as it is now; one that had its last time may have one again."""
    rows = session.execute(
        select(
            Prompt.id, Prompt.weekdays, Prompt.at_minute, Prompt.time_zone, Prompt.starts_on, Prompt.ends_on,
            Prompt.next_at,
        )
        .where(Prompt.course_id == course_id, Prompt.status == "active")
        .order_by(Prompt.id)
    ).all()  # fmt: skip
    for row in rows:
        if row.next_at is not None and row.next_at <= now:
            continue  # due: whoever posts it looks at the term, too
        later = after(session, course_id, row, row.time_zone, now).at
        session.execute(
            update(Prompt)
            .where(Prompt.id == row.id, Prompt.status == "active", Prompt.next_at == row.next_at)
            .values(next_at=later)
        )


_TERM = select(Term.starts_on, Term.ends_on, Term.free).where(Term.course_id == bindparam("course"))
