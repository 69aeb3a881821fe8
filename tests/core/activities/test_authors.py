"""What a reader learns about an author stays as it was promised when they wrote."""

from __future__ import annotations

import pytest

from core.activities import people
from core.activities.authors import Author
from core.activities.seats import Seat
from core.store.database import Database
from tests.core.activities.test_questions import Asking


def becomes(hall: Asking, who: Seat, role: str) -> Seat:
    """The platform signs another role for somebody."""
    with hall.database.write() as session:
        people.enrol(session, course_id=hall.course_id, person_id=who.person_id, role=role, now=hall.now)
    return Seat(who.platform_id, who.course_id, who.person_id, role)


@pytest.mark.parametrize("anonymity", ["pseudonym", "teacher"])
def test_a_student_who_teaches_later_is_known_no_better(database: Database, anonymity: str) -> None:
    hall = Asking(database, anonymity=anonymity)
    student, other = hall.students[:2]
    question, another = hall.ask(student), hall.ask(other, "Another?")
    hall.answer(student, another)

    def seen_by(reader: Seat) -> list[Author]:
        (given,) = hall.page(reader, another).answers
        return [hall.line(reader, question).author, given.author]

    before = seen_by(other), seen_by(hall.teacher)
    now_teacher = becomes(hall, student, "teacher")
    assert (seen_by(other), seen_by(hall.teacher)) == before
    later = hall.ask(now_teacher, "Who knows this?")
    assert hall.line(other, later).author == before[0][0]
    assert not any(author.is_teacher for author in seen_by(other))
    assert hall.line(now_teacher, question).author.is_me


@pytest.mark.parametrize("anonymity", ["pseudonym", "teacher", "anonymous"])
def test_who_never_wrote_here_as_a_student_is_a_teacher(database: Database, anonymity: str) -> None:
    hall = Asking(database, anonymity=anonymity)
    student, other = hall.students[:2]
    question = hall.ask(becomes(hall, student, "teacher"))
    author = hall.line(other, question).author
    assert (author.name, author.is_teacher) == ("s0", True)


def test_where_everybody_is_named_a_student_who_teaches_later_is_named_as_a_teacher(database: Database) -> None:
    hall = Asking(database, anonymity="named")
    student, other = hall.students[:2]
    question = hall.ask(student)
    becomes(hall, student, "teacher")
    author = hall.line(other, question).author
    assert (author.name, author.is_teacher) == ("s0", True)
