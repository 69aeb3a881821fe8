"""Days and local times at which something happens, and the first of them after an instant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.words import N_, Sentence

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES = 24 * 60  # of a day
MOST_FREE = 100  # lines of a calendar
_DAY = timedelta(days=1)


class BadRule(ValueError):
    """Something that never happens, or in no place; the sentence tells what to change."""

    def __init__(self, message: str, **values: object) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadRule(
                N_("{last} lies before {first}. Write the earlier day first."), first=self.first, last=self.last
            )

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first}/{self.last}"


@dataclass(frozen=True, slots=True)
class Rule:
    """`minute` after local midnight in `zone` (IANA), on `weekdays` from `first` to `last` (None: without an end)
    except `free` days; without weekdays once, on `first`.
    """

    zone: str
    minute: int
    first: date
    last: date | None = None
    weekdays: tuple[str, ...] = ()
    free: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        check_zone(self.zone)
        if not 0 <= self.minute < MINUTES:
            raise BadRule(N_("That is no time of day. Choose one from 00:00 to 23:59."))
        if not set(self.weekdays) <= set(WEEKDAYS):
            raise BadRule(N_("That is no day of the week. Choose from the list."))


def next_after(rule: Rule, after: datetime) -> datetime | None:
    """The first instant after `after` at which the rule applies, in UTC; None where none is left."""
    # clocks that jump over midnight may carry a day's time into the next day, so one day earlier is looked at, too
    start = after.astimezone(ZoneInfo(rule.zone)).date() - _DAY
    return next((at for day in _days(rule, start) if (at := instant(day, rule.minute, rule.zone)) > after), None)


def is_free(rule: Rule, at: datetime) -> bool:
    """Whether `at` lies, where the rule's clock hangs, on a free day or behind the last day."""
    day = at.astimezone(ZoneInfo(rule.zone)).date()
    return (rule.last is not None and day > rule.last) or any(day in span for span in rule.free)


def instant(day: date, minute: int, zone: str) -> datetime:
    """When a clock on the wall shows that time of that day, in UTC.

    `fold=0` is the first of two equal times, and counts a time that was jumped over as if nobody had touched the clock
    (PEP 495), which is as much later as the clocks jump.
    """
    local = datetime.combine(day, time(minute // 60, minute % 60), ZoneInfo(zone))
    return local.astimezone(UTC)


def _days(rule: Rule, start: date) -> Iterator[date]:
    """The rule's days in their order, from `start` on."""
    if not rule.weekdays:
        if rule.first >= start and not any(rule.first in span for span in rule.free):
            yield rule.first
        return
    day = max(rule.first, start)
    while rule.last is None or day <= rule.last:
        span = next((span for span in rule.free if day in span), None)
        if span is not None:
            day = span.last
        elif WEEKDAYS[day.weekday()] in rule.weekdays:
            yield day
        day += _DAY


def check_zone(zone: str) -> None:
    """Whether clocks somewhere show this zone's time. Raises BadRule."""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a folder of zones an OSError
        raise BadRule(N_("“{zone}” is not a time zone such as Europe/Berlin."), zone=zone[:40]) from None


def free_days(lines: Iterable[str]) -> tuple[Span, ...]:
    """Free days as people write them, one day or span a line: `2026-12-24` or `2026-12-24/2027-01-06`.

    In their order, without doubles. Raises BadRule that names the line.
    """
    found = {_span(line) for line in (text.strip() for text in lines) if line}
    if len(found) > MOST_FREE:
        raise BadRule(
            N_("A calendar takes {most} lines of free days. Join days that follow each other."), most=MOST_FREE
        )
    return tuple(sorted(found, key=lambda span: (span.first, span.last)))


def _span(line: str) -> Span:
    first, _, last = line.partition("/")
    try:
        one = date.fromisoformat(first.strip())
        return Span(one, date.fromisoformat(last.strip()) if last else one)
    except BadRule:
        raise
    except ValueError:
        message = N_(
            "“{line}” is not a day. Write 2026-12-24, or 2026-12-24/2027-01-06 for all days from one to another."
        )
        raise BadRule(message, line=line[:40]) from None
