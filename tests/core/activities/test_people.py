"""People: recognised by platform and subject, also when many arrive at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.activities import courses, people
from core.activities.courses import Context, Link
from core.activities.people import plain_line
from core.activities.refusals import NotFound
from core.store.database import Database
from core.store.tables import Course, LaunchSession, Membership, Person, Platform, Registration, ResourceLink

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def platform(database: Database, number: int = 1) -> int:
    """The id of a fresh platform."""
    with database.write() as session:
        registration = Registration(
            public_id=f"r{number}",
            name="",
            issuer=f"https://lms{number}.example",
            client_id="c",
            authorization_url="",
            token_url="",
            keyset_url="",
            status="active",
            origin="manual",
            frame_origins=[],
            created_at=NOW,
        )
        session.add(registration)
        session.flush()
        made = Platform(
            public_id=f"p{number}",
            registration_id=registration.id,
            deployment_id="d",
            status="active",
            frame_origins=[],
            first_seen_at=NOW,
        )
        session.add(made)
        session.flush()
        return int(made.id)


def know(session: Any, platform_id: int, subject: str = "s1", **changes: Any) -> int:
    values: dict[str, Any] = {"name": "Learner 07", "is_test": False, "now": NOW}
    return people.recognise(session, platform_id=platform_id, subject=subject, **(values | changes))


def together(number: int, work: Callable[[int], Any]) -> list[Any]:
    """What `number` threads give that start at one moment; an error in any of them fails the test."""
    results: list[Any] = [None] * number
    errors: list[BaseException] = []
    barrier = threading.Barrier(number)

    def run(index: int) -> None:
        barrier.wait()
        try:
            results[index] = work(index)
        except BaseException as error:  # handed to the test
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    return results


def count(database: Database, table: Any) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_forty_first_launches_of_one_person(database: Database) -> None:
    platform_id = platform(database)

    def launch(_: int) -> int:
        with database.write() as session:
            return know(session, platform_id)

    assert len(set(together(40, launch))) == 1
    assert count(database, Person) == 1


def test_forty_people_arrive_in_one_course(database: Database) -> None:
    """Eight people, five times each, in one new course with one new link."""
    platform_id = platform(database)

    def launch(number: int) -> tuple[int, int]:
        with database.write() as session:
            person = know(session, platform_id, f"s{number % 8}")
            course = courses.recognise_course(session, platform_id=platform_id, context=Context("c1", "T"), now=NOW)
            link = courses.recognise_link(session, course_id=course, link=Link("l1"), now=NOW)
            people.enrol(session, course_id=course, person_id=person, role="student", now=NOW)
            return course, link

    assert len(set(together(40, launch))) == 1
    assert [count(database, table) for table in (Person, Course, ResourceLink, Membership)] == [8, 1, 1, 8]


def test_newest_name_counts_and_silence_keeps_the_old_one(database: Database) -> None:
    platform_id = platform(database)
    for name, expected in (("A", "A"), ("B", "B"), (None, "B"), ("C", "C")):
        with database.write() as session:
            known = know(session, platform_id, name=name)
        with database.read() as session:
            assert session.get_one(Person, known).name == expected


def test_test_user_mark_follows_the_launch(database: Database) -> None:
    platform_id = platform(database)
    for is_test in (False, True, False):
        with database.write() as session:
            known = know(session, platform_id, is_test=is_test)
        with database.read() as session:
            assert session.get_one(Person, known).is_test is is_test


def test_newest_launch_decides_the_role(database: Database) -> None:
    platform_id = platform(database)
    with database.write() as session:
        person = know(session, platform_id)
        course = courses.recognise_course(session, platform_id=platform_id, context=Context("c1"), now=NOW)
    for seconds, role, expected in ((0, "student", "student"), (2, "teacher", "teacher"), (1, "student", "teacher")):
        with database.write() as session:
            people.enrol(session, course_id=course, person_id=person, role=role, now=NOW + timedelta(seconds=seconds))
        with database.read() as session:
            assert session.scalars(select(Membership.role)).one() == expected


def test_suspension_is_bounded_by_the_platform(database: Database) -> None:
    here, there = platform(database, 1), platform(database, 2)
    with database.write() as session:
        person = know(session, here)
        know(session, there)
    for act in (people.suspend, people.reinstate):
        with pytest.raises(NotFound), database.write() as session:
            act(session, platform_id=there, person_id=person, **({"now": NOW} if act is people.suspend else {}))
    with database.write() as session:
        people.suspend(session, platform_id=here, person_id=person, now=NOW)
    with database.read() as session:
        assert people.is_suspended(session, platform_id=here, subject="s1")
        assert not people.is_suspended(session, platform_id=there, subject="s1")
    assert count(database, LaunchSession) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Learner\t07\n", "Learner 07"),
        ("Zoë", "Zoë"),
        ("Zoe\u0308", "Zoë"),
        ("أحمد", "أحمد"),
        ("👩‍🔬 L", "👩‍🔬 L"),
        ("a\x00b", "a b"),
        ("\u202eevil", "evil"),
        ("\ud800", None),
        ("", None),
        ("   ", None),
        (5, None),
        (None, None),
        ("x" * 400, "x" * 300),
        ("O'Neil <b>", "O'Neil <b>"),
    ],
)
def test_names(text: object, expected: str | None) -> None:
    assert plain_line(text) == expected


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=400))
def test_any_name_can_be_kept_by_both_databases(text: str) -> None:
    kept = plain_line(text)
    if kept is not None:
        kept.encode()
        assert "\x00" not in kept
        assert "\n" not in kept
        assert 0 < len(kept) <= 300
        assert plain_line(kept) == kept
