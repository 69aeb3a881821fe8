"""Answers by themselves: shown as its question's page shows it, and gone with either of them."""

from __future__ import annotations

import pytest

from core.activities import question_answers, question_changes, question_settings, question_teaching, questions, review
from core.activities.posting import Typed
from core.activities.question_answers import Given
from core.activities.seats import Seat
from core.store.database import Database
from tests.core.activities.hall import Hall

SETTINGS = question_settings.QuestionSettings()


@pytest.fixture
def hall(database: Database) -> Hall:
    return Hall(database, "questions")


def seen(hall: Hall, answer: int) -> Given | None:
    nobody = Seat(hall.platform_id, hall.course_id, 0, "student")
    return hall.see(question_answers.of_activity, nobody, SETTINGS).get(answer)


def test_an_answer_is_shown_with_its_question_and_how_it_stands(hall: Hall) -> None:
    one, two, _ = hall.students
    asked = hall.do(questions.ask, one, SETTINGS, Typed("", "Why is it even?"), now=hall.now).id
    given = hall.do(questions.answer, two, SETTINGS, Typed("By pairs."), question_id=asked, now=hall.now).id
    found = seen(hall, given)
    assert found is not None
    assert (found.title, found.text, found.question_id, found.votes) == ("Why is it even?", "By pairs.", asked, 0)
    assert (found.author.name, found.endorsed, found.settles) == (None, False, False)
    hall.do(question_teaching.settle, one, asked, given, now=hall.now)
    hall.do(question_teaching.mark, hall.teacher, given, "endorse", now=hall.now)
    found = seen(hall, given)
    assert found is not None
    assert (found.endorsed, found.settles) == (True, True)
    assert seen(hall, asked) is None
    with hall.database.write() as session:
        review.decide(session, hall.teacher, asked, "retire", now=hall.now)
    assert seen(hall, given) is None


def test_an_answer_that_was_taken_back_or_is_elsewhere_is_not_shown(hall: Hall) -> None:
    one, two, _ = hall.students
    asked = hall.do(questions.ask, one, SETTINGS, Typed("", "Why is it even?"), now=hall.now).id
    given = hall.do(questions.answer, two, SETTINGS, Typed("By pairs."), question_id=asked, now=hall.now).id
    assert seen(hall.another_course("b"), given) is None
    hall.do(question_changes.take_back, two, SETTINGS, given, now=hall.now)
    assert seen(hall, given) is None
