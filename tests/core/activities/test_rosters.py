"""Rosters in the database: who is added, who loses access, what stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.activities import rosters
from core.activities.rosters import Member, Roster
from core.store.database import Database
from core.store.tables import Course, Membership, Person
from tests.core.activities.test_grades import School
from tests.core.activities.test_people import NOW, together

LATER = NOW + timedelta(days=2)  # any session of a launch at NOW is over


def member(subject: str, **changes: Any) -> Member:
    values: dict[str, Any] = {
        "subject": subject, "role": "student", "status": "active", "name": None, "sections": (), "is_test": False
    }  # fmt: skip
    return Member(**(values | changes))


def apply(school: School, *members: Member, whole: bool = True, now: datetime = LATER) -> None:
    with school.database.write() as session:
        rosters.apply(session, school.course, Roster(members, whole, None), now=now)


def found(school: School) -> dict[str, tuple[str, str, str | None]]:
    with school.database.read() as session:
        rows = session.query(Person.subject, Membership.role, Membership.status, Person.name).join(
            Membership, Membership.person_id == Person.id
        )
        return {subject: (role, status, name) for subject, role, status, name in rows}


def test_differences_remove_nobody_whom_they_do_not_name(database: Database) -> None:
    school = School(database)
    apply(school, member("a"), member("b"), member("s1"))
    apply(school, member("b", status="deleted"), whole=False)
    assert {subject: status for subject, (_, status, _) in found(school).items()} == {
        "a": "active",
        "b": "deleted",
        "s1": "active",
    }
    apply(school, whole=False)
    assert found(school)["a"][1] == "active"


def test_whole_roster_spares_whom_a_launch_signed_lately(database: Database) -> None:
    school = School(database)
    apply(school, member("a"), now=NOW + timedelta(hours=11))
    assert found(school)["s1"][1] == "active"
    apply(school, member("a"), now=NOW + timedelta(hours=12))
    assert found(school)["s1"][1] == "inactive"


def test_names_are_kept_where_the_roster_shares_none(database: Database) -> None:
    school = School(database)
    apply(school, member("s1"), member("a", name="A"))
    apply(school, member("s1"), member("a"))
    assert (found(school)["s1"][2], found(school)["a"][2]) == ("s1", "A")
    apply(school, member("s1", name="New"), member("a"))
    assert found(school)["s1"][2] == "New"


def test_a_member_listed_twice_counts_once(database: Database) -> None:
    school = School(database)
    apply(school, member("a", name="First"), member("a", name="Second", status="inactive"))
    assert found(school)["a"] == ("student", "inactive", "Second")


def test_roster_of_another_course_stays_there(database: Database) -> None:
    one, two = School(database, 1), School(database, 2)
    apply(one, member("a"))
    with database.read() as session:
        assert session.query(Membership).filter(Membership.course_id == two.course).count() == 1
        assert session.query(Person).filter(Person.platform_id == two.platform_id).count() == 1


def test_roster_and_launches_at_once(database: Database) -> None:
    school = School(database)
    members = [member(f"m{number}") for number in range(30)]

    def act(number: int) -> None:
        if number == 0:
            apply(school, *members, member("s1"), now=NOW)
        else:
            school.join(f"m{number}", "teacher")

    together(8, act)
    people = found(school)
    assert len(people) == 31
    assert {people[f"m{number}"][0] for number in range(1, 8)} == {"teacher"}  # the launch's rights, in any order
    assert {people[f"m{number}"][0] for number in range(8, 30)} == {"student"}


def test_failures_are_tried_again_and_start_from_the_whole(database: Database) -> None:
    school = School(database)
    with database.write() as session:
        session.query(Course).update({"roster_differences_url": "https://l/d"})
        rosters.failed(session, school.course, "transient", None, now=NOW)
        rosters.failed(session, school.course, "transient", 300.0, now=NOW)
    with database.read() as session:
        course = session.get_one(Course, school.course)
        assert (course.roster_tries, course.roster_due_at) == (2, NOW + timedelta(seconds=300))
        assert course.roster_differences_url is None
        assert "could not be reached" in (course.roster_problem or "")
    apply(school)
    with database.read() as session:
        course = session.get_one(Course, school.course)
        assert (course.roster_tries, course.roster_problem) == (0, None)
        assert course.roster_due_at == LATER + timedelta(days=1)
