"""Grades and their sending, in the database: one row, newest wins, one worker at a time."""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activities import chores, courses, grades, people, platforms, sending
from core.activities.courses import Context, Link
from core.activities.grades import SCORE_SCOPE, STEP, rounded
from core.activities.sending import Outcome, ToSend, pause
from core.store.database import Database
from core.store.tables import Activity, Course, Grade, Registration, ResourceLink
from core.words import Sentence
from tests.core.activities.test_people import NOW, together
from tests.core.activities.test_platforms import register


class School:
    """A platform with a course, a graded link and students."""

    def __init__(self, database: Database, number: int = 1) -> None:
        self.database = database
        registration = register(database, number, client_id=f"client-{number}")
        self.registration_id = registration.id
        with database.write() as session:
            self.platform_id, _ = platforms.add_platform(
                session, registration.id, "d", public_id=f"p{number}", status="active", now=NOW
            )
            self.course = courses.recognise_course(
                session, platform_id=self.platform_id, context=Context("c", memberships_url="https://l/m"), now=NOW
            )
            session.query(Course).update({"roster_due_at": None})
            link = Link("l", "Lists", "https://l/item", None, (SCORE_SCOPE,))
            self.link = courses.recognise_link(session, course_id=self.course, link=link, now=NOW)
        self.student = self.join("s1")

    def join(self, subject: str, role: str = "student") -> int:
        with self.database.write() as session:
            person = people.recognise(
                session, platform_id=self.platform_id, subject=subject, name=subject, is_test=False, now=NOW
            )
            people.enrol(session, course_id=self.course, person_id=person, role=role, now=NOW)
            return person

    def want(self, score: float, now: datetime = NOW, person: int | None = None, maximum: float = 10) -> str | None:
        with self.database.write() as session:
            return grades.want(
                session,
                resource_link_id=self.link,
                person_id=person or self.student,
                score=score,
                maximum=maximum,
                now=now,
            )

    def grade(self, person: int | None = None) -> Any:
        with self.database.read() as session:
            return session.query(Grade).filter(Grade.person_id == (person or self.student)).one()

    def next(self, now: datetime = NOW) -> ToSend | None:
        with self.database.write() as session:
            sending.claim(session, owner="me", now=now)
            return sending.next_grade(session, self.registration_id, owner="me", now=now)

    def settle(self, sent: ToSend | None, outcome: Outcome, now: datetime = NOW) -> None:
        assert sent is not None
        with self.database.write() as session:
            sending.settle(session, sent, outcome, now=now)


def test_forty_changes_at_once(database: Database) -> None:
    school = School(database)
    together(40, lambda number: school.want(number / 4, NOW + timedelta(milliseconds=number)))
    kept = school.grade()
    assert kept.version == 40
    assert kept.stamped_at >= NOW + 39 * STEP
    assert kept.due_at is not None


def test_an_equal_score_changes_nothing(database: Database) -> None:
    school = School(database)
    school.want(5)
    school.settle(school.next(), Outcome("sent"))
    school.want(5.00001, NOW + timedelta(hours=1))
    assert (school.grade().version, school.grade().due_at, school.grade().status) == (1, None, "sent")
    school.want(5, NOW + timedelta(hours=1), maximum=20)
    assert (school.grade().version, school.grade().status) == (2, "waiting")


def test_scores_are_bounded_by_the_platform(database: Database) -> None:
    one, two = School(database, 1), School(database, 2)
    assert one.want(5, person=two.student) == "not_a_student"
    assert one.next() is None


@settings(deadline=None, max_examples=200)
@given(st.floats(min_value=0, max_value=1e6))
def test_rounding_is_done_once(value: float) -> None:
    assert rounded(rounded(value)) == rounded(value)
    assert abs(rounded(value) - value) <= 0.5e-4 + 1e-9


@pytest.mark.parametrize(
    ("kind", "status", "due", "problem"),
    [
        ("sent", "sent", None, None),
        ("overridden", "overridden", None, "someone else set there"),
        ("not_gradable", "not_gradable", None, "takes no score"),
        ("gone", "gone", None, "does not exist any more"),
        ("forbidden", "forbidden", None, "does not let this tool write"),
        ("transient", "waiting", timedelta(seconds=5), "could not be reached"),
        ("throttled", "waiting", timedelta(seconds=5), "asked us to wait"),
        ("restamp", "waiting", timedelta(seconds=5), "clock is ahead"),
    ],
)
def test_outcomes(database: Database, kind: Any, status: str, due: timedelta | None, problem: str | None) -> None:
    school = School(database)
    school.want(5)
    school.settle(school.next(), Outcome(kind))
    kept = school.grade()
    assert (kept.status, kept.due_at) == (status, NOW + due if due else None)
    assert (problem is None) == (kept.problem is None)
    assert problem is None or problem in kept.problem
    assert kept.sent_version == (1 if kind == "sent" else 0)
    assert kept.version == (2 if kind == "restamp" else 1)


def test_answer_about_an_old_version(database: Database) -> None:
    school = School(database)
    school.want(5)
    for outcome in (Outcome("sent"), Outcome("forbidden"), Outcome("transient")):
        old = school.next()
        school.want(school.grade().score + 1)
        version = school.grade().version
        school.settle(old, outcome)
        kept = school.grade()
        assert (kept.status, kept.version) == ("waiting", version)
        assert kept.due_at == NOW
    assert (kept.sent_version, kept.sent_fraction) == (1, 0.5)


@pytest.mark.parametrize(
    ("tries", "retry_after", "seconds"),
    [
        (1, None, 5),
        (2, None, 30),
        (3, None, 120),
        (4, None, 600),
        (5, None, 3600),
        (50, None, 3600),
        (1, 90.0, 90),
        (5, 90.0, 3600),
        (1, 1e9, 3600),
    ],
)
def test_back_off(tries: int, retry_after: float | None, seconds: int) -> None:
    assert pause(tries, retry_after) == timedelta(seconds=seconds)


def test_a_registration_is_served_by_one_worker_at_a_time(database: Database) -> None:
    schools = [School(database, number) for number in range(1, 5)]
    for school in schools:
        school.want(5)

    def claim(number: int) -> int | None:
        with database.write() as session:
            found = sending.claim(session, owner=f"w{number}", now=NOW)
            time.sleep(0.02)  # the others ask while this transaction is open
            return found.id if found else None

    claimed = [found for found in together(12, claim) if found is not None]
    assert len(claimed) == len(set(claimed))
    while len(claimed) < 4:  # PostgreSQL passes over a locked row; the next look finds it
        with database.write() as session:
            found = sending.claim(session, owner="late", now=NOW)
        assert found is not None
        claimed.append(found.id)
    assert sorted(claimed) == sorted(school.registration_id for school in schools)
    with database.write() as session:
        assert sending.claim(session, owner="more", now=NOW) is None


def test_lease_that_ran_out_belongs_to_the_next(database: Database) -> None:
    school = School(database)
    school.want(5)
    with database.write() as session:
        assert sending.claim(session, owner="dead", now=NOW) is not None
        assert sending.claim(session, owner="me", now=NOW + sending.LEASE - timedelta(seconds=1)) is None
        later = NOW + sending.LEASE
        assert sending.claim(session, owner="me", now=later) is not None
        assert sending.renew(session, school.registration_id, owner="dead", now=later) is False
        assert sending.next_grade(session, school.registration_id, owner="dead", now=later) is None
        assert sending.next_grade(session, school.registration_id, owner="me", now=later) is not None
        sending.release(session, school.registration_id, owner="dead", now=later)  # not its to give
        assert sending.renew(session, school.registration_id, owner="me", now=later) is True


def test_the_way_closes_after_failures_in_a_row(database: Database) -> None:
    school = School(database)
    school.want(5)
    with database.write() as session:
        for number, seconds in ((1, None), (2, None), (3, 30), (4, 60), (5, 120), (20, 600)):
            session.query(Registration).update({"service_failures": number - 1, "service_paused_until": None})
            sending.note(session, school.registration_id, "transient", None, now=NOW)
            paused = session.query(Registration).one().service_paused_until
            assert paused == (NOW + timedelta(seconds=seconds) if seconds else None)
            session.expire_all()
        assert sending.claim(session, owner="me", now=NOW + timedelta(seconds=599)) is None
        assert sending.claim(session, owner="me", now=NOW + timedelta(seconds=600)) is not None
        sending.note(session, school.registration_id, "sent", None, now=NOW)
        session.expire_all()
        kept = session.query(Registration).one()
        assert (kept.service_failures, kept.service_paused_until) == (0, None)
        sending.note(session, school.registration_id, "throttled", 1e9, now=NOW)
        session.expire_all()
        assert session.query(Registration).one().service_paused_until == NOW + timedelta(hours=1)


def test_standing_and_summary(database: Database) -> None:
    school = School(database)
    other = school.join("s2")
    with database.write() as session:
        activity = Activity(
            public_id="a", course_id=school.course, kind="practice", title="", settings={}, created_at=NOW
        )
        session.add(activity)
        session.flush()
        session.query(ResourceLink).update({"activity_id": activity.id})
        for link in (Link("l2", "No column"), Link("l3", "No right", "https://l/3", None, ())):
            made = courses.recognise_link(session, course_id=school.course, link=link, now=NOW)
            session.query(ResourceLink).filter(ResourceLink.id == made).update({"activity_id": activity.id})
        activity_id = activity.id
    school.want(5)
    school.want(6, person=other)
    school.settle(school.next(), Outcome("overridden", lms_score=9.0))
    with database.read() as session:
        assert grades.states(session, activity_id) == {school.student: "overridden", other: "waiting"}
        assert str(grades.standing_for(session, school.link, other)) == "It is on its way to the gradebook."
        assert grades.standing_for(session, None, other) is None
        assert grades.standing_for(session, school.link, 10**6) is None
        told = grades.summary(session, school.course)
        elsewhere = grades.summary(session, school.course + 1)
    assert (told.counts, told.queued, told.troubled, told.oldest_since) == ({"overridden": 1, "waiting": 1}, 1, 1, NOW)
    assert [(line.name, line.score, line.lms_score, line.status) for line in told.lines] == [
        ("s1", 5.0, 9.0, "overridden"),
        ("s2", 6.0, None, "waiting"),
    ]
    assert [str(reason) for reason in told.unsendable] == [
        "“No column” has no column in the gradebook.",
        "The learning platform does not let this tool send scores for “No right”.",
    ]
    assert isinstance(told.why, Sentence)
    assert elsewhere.lines == ()


def test_a_chore_is_done_by_one(database: Database) -> None:
    def take(_: int) -> bool:
        with database.write() as session:
            return chores.take(session, "purge", now=NOW)

    assert Counter(together(8, take)) == {True: 1, False: 7}
    with database.write() as session:
        assert chores.take(session, "purge", now=NOW + chores.LEASE) is True  # whoever had it died
        chores.done(session, "purge", again=NOW + timedelta(hours=1))
        assert chores.take(session, "purge", now=NOW + timedelta(minutes=59)) is False
        assert chores.take(session, "purge", now=NOW + timedelta(hours=1)) is True
