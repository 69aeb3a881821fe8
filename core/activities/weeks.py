"""A course's last seven days for its teacher: how much was answered and written each day, and the newest polls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.activities import agenda, poll_results, polls, slack_users
from core.activities.poll_results import Result
from core.activities.polls import Poll
from core.activities.refusals import NotAllowed
from core.activities.seats import Seat
from core.store.tables import Activity, Attempt, Contribution, Membership, Person
from core.words import N_

DAYS = 7
MOST_POLLS = 3


@dataclass(frozen=True, slots=True)
class Day:
    """What students answered and everybody wrote on a day of the teacher's time zone."""

    date: date
    answers: int  # to problems
    texts: int


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days, today the last; who answered in them; the newest polls that somebody has answered."""

    days: tuple[Day, ...]
    people: int
    polls: tuple[tuple[Poll, Result], ...]


def last(session: Session, seat: Seat, *, zone: str, now: datetime) -> Week:
    """The week for a teacher. Raises NotAllowed for others."""
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers see how the class did."))
    here = slack_users.clock(zone)
    today = now.astimezone(here).date()
    first = today - timedelta(days=DAYS - 1)
    since = datetime(first.year, first.month, first.day, tzinfo=here)
    answers = session.execute(
        select(Attempt.created_at, Attempt.person_id)
        .join(Activity, Activity.id == Attempt.activity_id)
        .join(Membership, (Membership.person_id == Attempt.person_id) & (Membership.course_id == Activity.course_id))
        .join(Person, Person.id == Attempt.person_id)
        .where(
            Activity.course_id == seat.course_id,
            Attempt.created_at >= since,
            Membership.role == "student",
            Person.is_test.is_(False),
        )
    ).all()
    texts = session.scalars(
        select(Contribution.created_at).where(
            Contribution.course_id == seat.course_id,
            Contribution.created_at >= since,
            Contribution.status.in_(("live", "pending", "held")),
            Contribution.inherited_from_id.is_(None),
        )
    ).all()
    answered = Counter(row.created_at.astimezone(here).date() for row in answers)
    written = Counter(when.astimezone(here).date() for when in texts)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return Week(
        tuple(Day(day, answered[day], written[day]) for day in days),
        len({row.person_id for row in answers}),
        tuple(_polls(session, seat, now)),
    )


def _polls(session: Session, seat: Seat, now: datetime) -> list[tuple[Poll, Result]]:
    """The newest polls whose results the teacher may see."""
    listed = [
        poll
        for opened in agenda.reachable(session, seat)
        if opened.kind == "poll"
        for poll in polls.listed(session, seat, opened, now)
        if poll.voted
    ]
    found = []
    for poll in sorted(listed, key=lambda one: -one.id):
        result = poll_results.result(session, seat, poll, has_answered=False)
        if isinstance(result, Result):
            found.append((poll, result))
        if len(found) == MOST_POLLS:
            break
    return found
