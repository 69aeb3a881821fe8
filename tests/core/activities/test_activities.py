"""Making an activity, placing it, changing it: in one's own course alone, and scores follow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.activities import activities, courses, seats
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotFound, Refusal
from core.store.database import Database
from tests.core.activities.classroom import AFTER_DUE, NOW, Classroom, graded_link, one_choice, snapshot
from tests.core.activities.test_people import together


def test_an_activity_is_made_and_found_by_its_public_id(database: Database) -> None:
    room = Classroom(database, one_choice("A"), one_choice("B"))
    with room.write() as session:
        made = activities.make(
            session,
            room.teacher,
            title="  More\n practice ",
            settings=AFTER_DUE,
            problem_ids=[room.problems[1], room.problems[0]],
            now=NOW,
        )
        found = seats.practice(session, room.students[0], made.public_id)
        listed = activities.of_course(session, room.teacher)
    assert (found.title, found.settings) == ("More practice", AFTER_DUE)
    assert found.problems == (room.problems[1], room.problems[0])
    assert len(made.public_id) >= 24
    assert [(line.title, line.placed) for line in listed] == [("More practice", False), ("Practice", True)]


def test_what_is_missing_is_said(database: Database) -> None:
    room = Classroom(database)
    elsewhere = room.another_course("other")
    before = snapshot(database)
    for title, settings, wanted in (
        (" \n", PracticeSettings(), room.problems),
        ("\x00", PracticeSettings(), room.problems),
        ("x" * 201, PracticeSettings(), room.problems),
        ("T", PracticeSettings(key_shown="after_due"), room.problems),
        ("T", PracticeSettings(), []),
        ("T", PracticeSettings(), elsewhere.problems),
        ("T", PracticeSettings(), [*room.problems, 10**9]),
    ):
        with pytest.raises(Refusal), room.write() as session:
            activities.make(session, room.teacher, title=title, settings=settings, problem_ids=wanted, now=NOW)
    for title, settings in ((" ", PracticeSettings()), ("T", PracticeSettings(key_shown="after_attempts"))):
        with pytest.raises(Refusal), room.write() as session:
            activities.change(session, room.teacher, room.activity_id, title=title, settings=settings, now=NOW)
    assert snapshot(database) == before


def test_new_settings_reach_every_score(database: Database) -> None:
    room = Classroom(database, one_choice("A"), one_choice("B"))
    good, bad, idle = room.students
    room.answer(good)
    room.answer(bad, right=False)
    room.settings(points=10.0)
    assert [room.score(student) for student in (good, bad, idle)] == [(5.0, 10.0), (0.0, 10.0), None]
    room.settings(graded_by="answered")
    assert [room.score(student) for student in (good, bad, idle)] == [(5.0, 10.0), (5.0, 10.0), None]
    assert room.differences() == []


def test_only_ones_own_activity_is_changed_or_placed(database: Database) -> None:
    room = Classroom(database)
    elsewhere = room.another_course("other")
    with room.write() as session:
        free = courses.recognise_link(session, course_id=room.course_id, link=graded_link("free"), now=NOW)
        theirs = courses.recognise_link(session, course_id=elsewhere.course_id, link=graded_link("free"), now=NOW)
    before = snapshot(database)
    for activity in (elsewhere.activity_id, 10**9):
        with pytest.raises(NotFound), room.write() as session:
            activities.change(session, room.teacher, activity, title="Mine", settings=PracticeSettings(), now=NOW)
        with pytest.raises(NotFound), room.write() as session:
            activities.place(session, room.teacher, resource_link_id=free, activity_id=activity, now=NOW)
    for link in (theirs, room.link, 10**9):
        with pytest.raises(Refusal, match="has an activity already"), room.write() as session:
            activities.place(session, room.teacher, resource_link_id=link, activity_id=room.activity_id, now=NOW)
    for public_id in (elsewhere.public_id, "nowhere", ""):
        with pytest.raises(NotFound), room.write() as session:
            seats.practice(session, room.students[0], public_id)
    assert snapshot(database) == before


def test_a_link_is_tied_once(database: Database) -> None:
    room = Classroom(database)
    with room.write() as session:
        link = courses.recognise_link(session, course_id=room.course_id, link=graded_link("free"), now=NOW)
        other = activities.make(
            session, room.teacher, title="Other", settings=PracticeSettings(), problem_ids=room.problems, now=NOW
        )

    def place(index: int) -> bool:
        try:
            with room.write() as session:
                chosen = (room.activity_id, other.id)[index % 2]
                activities.place(session, room.teacher, resource_link_id=link, activity_id=chosen, now=NOW)
        except Refusal:
            return False
        return True

    assert sum(together(8, place)) == 1


def test_a_second_link_to_an_activity_shows_the_scores_that_there_are(database: Database) -> None:
    room = Classroom(database)
    student = room.students[0]
    room.answer(student)
    with room.write() as session:
        second = courses.recognise_link(session, course_id=room.course_id, link=graded_link("second"), now=NOW)
        activities.place(session, room.teacher, resource_link_id=second, activity_id=room.activity_id, now=NOW)
    assert room.score(student, second) == room.score(student) == (100.0, 100.0)


def test_a_seat_is_held_in_its_own_platform_alone(database: Database) -> None:
    room = Classroom(database)
    stranger = Classroom(database, platform=2)
    tester = room.join("test user", is_test=True)
    with room.write() as session:
        assert seats.hold(session, room.students[0])
        assert not seats.hold(session, tester)  # what a test user does counts for nobody
    for seat in (replace(room.students[0], platform_id=stranger.platform_id), replace(room.teacher, person_id=10**9)):
        with pytest.raises(NotFound, match="not known here"), room.write() as session:
            seats.hold(session, seat)
