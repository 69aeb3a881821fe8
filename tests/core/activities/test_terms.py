"""A course's term: set by teachers, followed by its prompts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.activities import prompts, terms
from core.activities.refusals import NotAllowed, Refusal
from core.activities.terms import Term
from core.store.database import Database
from tests.core.activities.prompting import Class, day


def test_a_term_is_the_courses_and_is_replaced(database: Database) -> None:
    here = Class(database)
    assert here.do(terms.of, here.teacher) is None
    free = [f"{day(9)}/{day(12)}", f"{day(3)}", ""]
    made = here.do(terms.set, here.teacher, day(0), day(100), "Europe/Berlin", free, now=here.now)
    assert made == Term(day(0), day(100), "Europe/Berlin", (f"{day(3)}", f"{day(9)}/{day(12)}"))
    assert here.do(terms.of, here.hall.students[0]) == made
    other = here.hall.another_course("b")
    assert here.do(terms.of, other.teacher) is None
    again = here.do(terms.set, here.teacher, day(1), day(50), "UTC", [], now=here.now)
    assert here.do(terms.of, here.teacher) == again == Term(day(1), day(50), "UTC", ())


def test_students_set_no_term(database: Database) -> None:
    here = Class(database)
    with pytest.raises(NotAllowed):
        here.do(terms.set, here.hall.students[0], day(0), day(9), "UTC", [], now=here.now)


@pytest.mark.parametrize(
    ("first", "last", "zone", "free", "said"),
    [
        (9, 0, "UTC", [], "end before it begins"),
        (0, 801, "UTC", [], "at most 800 days"),
        (0, 9, "Mars/Olympus", [], "not a time zone"),
        (0, 9, "UTC", ["soon"], "“soon” is not a day"),
    ],
)
def test_what_is_no_term_is_said_and_nothing_kept(
    database: Database, first: int, last: int, zone: str, free: list[str], said: str
) -> None:
    here = Class(database)
    with pytest.raises(Refusal, match=said):
        here.do(terms.set, here.teacher, day(first), day(last), zone, free, now=here.now)
    assert here.do(terms.of, here.teacher) is None


def test_prompts_follow_the_term_and_a_later_term_brings_them_again(database: Database) -> None:
    here = Class(database)
    prompt, other = here.make(), here.make(ends_on=day(1))
    first = here.look(prompt).next_at
    assert first is not None
    here.do(terms.set, here.teacher, day(0), day(20), "UTC", [f"{day(0)}/{day(4)}"], now=here.now)
    assert here.look(prompt).next_at == first + timedelta(days=5)
    assert here.look(other).next_at is None
    here.do(terms.set, here.teacher, day(-30), day(-1), "UTC", [], now=here.now)
    found = here.look(prompt)
    assert (found.next_at, found.status) == (None, "active")
    assert here.run() == 0
    here.do(terms.set, here.teacher, day(100), day(120), "UTC", [], now=here.now)
    assert here.look(prompt).next_at == first + timedelta(days=100)


def test_a_paused_prompt_stays_paused_whatever_the_term(database: Database) -> None:
    here = Class(database)
    prompt = here.make()
    here.do(prompts.pause, here.teacher, prompt)
    here.do(terms.set, here.teacher, day(0), day(20), "UTC", [], now=here.now)
    assert here.look(prompt).status == "paused"


def test_new_prompts_are_in_the_terms_time_zone_else_the_channels(database: Database) -> None:
    here = Class(database, zone="America/New_York")
    assert here.look(here.make(starts_on=day(2))).time_zone == "America/New_York"
    here.do(terms.set, here.teacher, day(0), day(20), "Asia/Kathmandu", [], now=here.now)
    assert here.look(here.make(starts_on=day(2))).time_zone == "Asia/Kathmandu"
