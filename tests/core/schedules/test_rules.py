"""The next time of a rule, against a walk through every minute of a leap year of clocks that go forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.schedules.rules import WEEKDAYS, BadRule, Rule, Span, free_days, is_free, next_after

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
YEAR = 2024  # with a 29 February
NEW_YEAR = datetime(YEAR, 1, 1, tzinfo=UTC)
DAYS, MINUTES = 366, 1440
MINUTE = timedelta(minutes=1)
NAMES = {1: "mon", 2: "tue", 3: "wed", 4: "thu", 5: "fri", 6: "sat", 7: "sun"}


@cache
def walk(zone: str) -> np.ndarray:
    """[day of the year, minute of the day] -> minute of the year in UTC at which the wall's clock first showed it, or,
    where the clock jumped over it, at which it would have shown it untouched; -1 where that is in another year."""
    place, start = ZoneInfo(zone), NEW_YEAR - timedelta(days=1)
    utc = range((DAYS + 2) * MINUTES)
    quarters = [(start + number * MINUTE).astimezone(place).utcoffset() or timedelta() for number in utc[::15]]
    offset = np.repeat([late // MINUTE for late in quarters], 15)  # no clock is changed within a quarter of an hour
    clock = np.array(utc) + offset
    clock -= MINUTES  # counted from the new year
    shown = np.full(DAYS * MINUTES, -1)
    for number in reversed(utc):  # the first one stays
        if number and clock[number] > clock[number - 1] + 1:
            for late, minute in enumerate(range(clock[number - 1] + 1, clock[number])):
                shown[minute] = number + late - MINUTES
        if 0 <= clock[number] < DAYS * MINUTES:
            shown[clock[number]] = number - MINUTES
    return shown.reshape(DAYS, MINUTES)


def expected(rule: Rule) -> list[datetime]:
    """All times of the year, by looking at each of its days."""
    found = []
    for number in range(DAYS):
        day = date(YEAR, 1, 1) + timedelta(days=number)
        wanted = NAMES[day.isoweekday()] in rule.weekdays if rule.weekdays else day == rule.first
        within = rule.first <= day and (rule.last is None or day <= rule.last)
        if wanted and within and not any(span.first <= day <= span.last for span in rule.free):
            found.append(NEW_YEAR + int(walk(rule.zone)[number, rule.minute]) * MINUTE)
    return found


def all_of(rule: Rule) -> list[datetime]:
    found, at = [], next_after(rule, NEW_YEAR - timedelta(days=2))
    while at is not None and at < NEW_YEAR + timedelta(days=DAYS + 1):
        found.append(at)
        at = next_after(rule, at)
    return found


days = st.dates(date(YEAR, 1, 1), date(YEAR, 12, 31))
nights = st.integers(0, 4 * 60)  # clocks change at night
rules = st.builds(
    lambda zone, minute, first, length, weekdays, free: Rule(
        zone,
        minute,
        first,
        min(first + timedelta(days=length), date(YEAR, 12, 31)),
        tuple(weekdays),
        tuple(Span(day, min(day + timedelta(days=more), date(YEAR, 12, 31))) for day, more in free),
    ),
    st.sampled_from(ZONES),
    nights | st.integers(0, MINUTES - 1),
    days,
    st.integers(0, 365),
    st.sets(st.sampled_from(WEEKDAYS)),
    st.lists(st.tuples(days, st.integers(0, 30)), max_size=4),
)


@given(rules)
@settings(max_examples=40, deadline=None)
def test_it_is_what_a_walk_through_every_minute_finds(rule: Rule) -> None:
    assert all_of(rule) == expected(rule)


@given(rules, st.integers(0, DAYS * MINUTES))
@settings(max_examples=40, deadline=None)
def test_it_is_the_first_after_any_moment(rule: Rule, number: int) -> None:
    after = NEW_YEAR + number * MINUTE
    assert next_after(rule, after) == next((at for at in expected(rule) if at > after), None)


def test_every_night_of_each_zone_at_every_minute_of_the_change() -> None:
    for zone in ZONES:
        for minute in range(0, 4 * 60, 15):
            rule = Rule(zone, minute, date(YEAR, 1, 1), date(YEAR, 12, 31), WEEKDAYS)
            found = all_of(rule)
            assert found == expected(rule)
            assert len(found) == DAYS


@pytest.mark.parametrize(
    ("zone", "day", "minute", "at"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 150, "2026-03-29T01:30Z"),  # 02:30 is not: it is 03:30 in summer time
        ("Europe/Berlin", date(2026, 10, 25), 150, "2026-10-25T00:30Z"),  # 02:30 is twice: the first, in summer time
        ("America/New_York", date(2026, 3, 8), 150, "2026-03-08T07:30Z"),
        ("Australia/Lord_Howe", date(2026, 10, 4), 135, "2026-10-03T15:45Z"),  # half an hour is left out
        ("Asia/Kathmandu", date(2028, 2, 29), 540, "2028-02-29T03:15Z"),
        ("Pacific/Apia", date(2011, 12, 30), 600, "2011-12-30T20:00Z"),  # a whole day is left out
    ],
)
def test_clocks_that_are_changed(zone: str, day: date, minute: int, at: str) -> None:
    rule = Rule(zone, minute, day)
    assert next_after(rule, datetime(2011, 1, 1, tzinfo=UTC)) == datetime.fromisoformat(at)
    assert next_after(rule, datetime.fromisoformat(at)) is None


def test_of_a_day_that_is_left_out_and_the_next_one_there_is_one() -> None:
    rule = Rule("Pacific/Apia", 600, date(2011, 12, 28), date(2012, 1, 1), WEEKDAYS)
    found, at = [], next_after(rule, datetime(2011, 12, 1, tzinfo=UTC))
    while at is not None:
        found.append(at.isoformat())
        at = next_after(rule, at)
    assert found == [f"2011-12-{day}T20:00:00+00:00" for day in (28, 29, 30, 31)]


def test_a_time_that_jumped_into_the_next_day_is_still_to_come_there() -> None:
    rule = Rule("Pacific/Apia", 600, date(2011, 12, 30))
    assert next_after(rule, datetime(2011, 12, 30, 12, tzinfo=UTC)) == datetime(2011, 12, 30, 20, tzinfo=UTC)


def test_without_an_end_it_goes_on() -> None:
    rule = Rule("UTC", 0, date(2026, 1, 1), None, ("mon",), (Span(date(2026, 1, 1), date(2031, 12, 31)),))
    assert next_after(rule, datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2032, 1, 5, tzinfo=UTC)


def test_free_days_are_read_in_their_order() -> None:
    lines = ["2026-12-24/2027-01-06", "", " 2026-05-01 ", "2026-05-01"]
    assert [str(span) for span in free_days(lines)] == ["2026-05-01", "2026-12-24/2027-01-06"]


@pytest.mark.parametrize("line", ["tomorrow", "2026-02-30", "2026-05-02/2026-05-01", "24.12.2026"])
def test_a_line_that_is_no_day_is_named(line: str) -> None:
    with pytest.raises(BadRule) as error:
        free_days([line])
    assert line.split("/")[0] in str(error.value)


def test_too_many_lines() -> None:
    with pytest.raises(BadRule, match="100 lines"):
        free_days(str(date(2026, 1, 1) + timedelta(days=2 * number)) for number in range(101))


@pytest.mark.parametrize("zone", ["Europe", "Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "a\0b"])
def test_a_zone_that_is_none(zone: str) -> None:
    with pytest.raises(BadRule, match="not a time zone"):
        Rule(zone, 0, date(2026, 1, 1))


def test_times_and_days_that_are_none() -> None:
    for minute, weekdays in ((-1, ()), (1440, ()), (0, ("monday",))):
        with pytest.raises(BadRule):
            Rule("UTC", minute, date(2026, 1, 1), None, weekdays)


@pytest.mark.parametrize(
    ("at", "free"),
    [
        ("2026-12-23T22:59Z", False),
        ("2026-12-23T23:00Z", True),  # the 24th where the clock hangs
        ("2026-12-25T22:59Z", True),
        ("2026-12-25T23:00Z", False),
        ("2027-01-31T22:59Z", False),
        ("2027-01-31T23:00Z", True),  # behind the last day
    ],
)
def test_a_free_day_begins_and_ends_at_midnight_where_the_clock_hangs(at: str, free: bool) -> None:
    span = Span(date(2026, 12, 24), date(2026, 12, 25))
    rule = Rule("Europe/Berlin", 600, date(2026, 10, 1), date(2027, 1, 31), WEEKDAYS, (span,))
    assert is_free(rule, datetime.fromisoformat(at)) == free
