"""Comments under a question: a closed one takes none from students."""

from __future__ import annotations

import pytest

from core.activities import question_teaching
from core.activities.refusals import NotAllowed, NotFound
from core.store.database import Database
from tests.core.activities.classroom import snapshot
from tests.core.activities.test_questions import Asking


def test_a_closed_question_takes_no_comments_from_students(database: Database) -> None:
    hall = Asking(database)
    question = hall.ask(hall.students[0])
    answer = hall.answer(hall.students[1], question)
    hall.do(question_teaching.end, hall.teacher, question, "close", now=hall.now)
    before = snapshot(database)
    for parent in (question, answer):
        with pytest.raises(NotAllowed, match="no more comments"):
            hall.comment(hall.students[2], parent)
    assert snapshot(database) == before
    hall.comment(hall.teacher, question, "See chapter two.")
    hall.do(question_teaching.end, hall.teacher, question, "reopen", now=hall.now)
    hall.comment(hall.students[2], question)
    hall.comment(hall.students[2], answer, "And for this one.")
    assert len(hall.page(hall.students[0], question).comments) == 2


def test_a_comment_on_a_question_that_was_merged_stands_where_it_went(database: Database) -> None:
    hall = Asking(database)
    question, other = hall.ask(hall.students[0]), hall.ask(hall.students[1], "Another one?")
    hall.merge(question, other)
    hall.comment(hall.students[2], question, "I wonder, too.")  # a page from before the merge
    assert [comment.text for comment in hall.page(hall.students[0], other).comments] == ["I wonder, too."]


def test_nobody_comments_in_another_course(database: Database) -> None:
    hall = Asking(database)
    question = hall.ask(hall.students[0])
    stranger = hall.another_course("other")
    assert isinstance(stranger, Asking)
    with pytest.raises(NotFound):
        stranger.comment(stranger.students[0], question)
