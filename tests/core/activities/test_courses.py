"""Courses and links, as launches describe them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from core.activities import courses
from core.activities.courses import Context, Link
from core.store.database import Database
from core.store.tables import Course, ResourceLink
from tests.core.activities.test_people import NOW, platform


def test_title_follows_the_newest_launch_and_silence_keeps_it(database: Database) -> None:
    platform_id = platform(database)
    for title, expected in (("A", "A"), ("", "A"), ("B", "B")):
        with database.write() as session:
            found = courses.recognise_course(session, platform_id=platform_id, context=Context("c", title), now=NOW)
        with database.read() as session:
            assert session.get_one(Course, found).title == expected


def test_roster_is_due_when_its_address_is_learned(database: Database) -> None:
    platform_id = platform(database)
    later = NOW + timedelta(hours=1)
    for url, when, due in (
        (None, NOW, None),
        ("https://l/m", later, later),
        ("https://l/m", NOW, later),
        (None, NOW, later),
    ):
        with database.write() as session:
            found = courses.recognise_course(
                session, platform_id=platform_id, context=Context("c", memberships_url=url), now=when
            )
        with database.read() as session:
            assert session.get_one(Course, found).roster_due_at == due


def test_roster_of_a_course_without_a_service_is_not_wanted(database: Database) -> None:
    platform_id = platform(database)
    with database.write() as session:
        found = courses.recognise_course(session, platform_id=platform_id, context=Context("c"), now=NOW)
        courses.want_roster(session, found, now=NOW)
    with database.read() as session:
        assert session.get_one(Course, found).roster_due_at is None


def test_link_keeps_its_column_when_a_launch_does_not_name_one(database: Database) -> None:
    platform_id = platform(database)
    with database.write() as session:
        course = courses.recognise_course(session, platform_id=platform_id, context=Context("c"), now=NOW)
    steps = (
        (Link("l", "T"), ("T", None, [])),
        (Link("l", "T", "https://l/1", "https://l/all", ("score",)), ("T", "https://l/1", ["score"])),
        (Link("l"), ("T", "https://l/1", ["score"])),
        (Link("l", "U", "https://l/2", None, ()), ("U", "https://l/2", [])),
    )
    for link, expected in steps:
        with database.write() as session:
            courses.recognise_link(session, course_id=course, link=link, now=NOW)
        with database.read() as session:
            row = session.execute(select(ResourceLink.title, ResourceLink.line_item_url, ResourceLink.ags_scopes)).one()
        assert tuple(row) == expected
