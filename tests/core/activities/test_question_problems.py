"""Questions about a problem wait for its key, and so does all that is under them: it is as if it were not there."""

from __future__ import annotations

from typing import Any

import pytest

from core.activities import blocks, comments, moderation, question_settings, question_votes, questions, screening, seats
from core.activities.posting import Typed
from core.activities.refusals import Refusal
from core.activities.seats import Seat
from core.store.database import Database
from core.words import Sentence
from tests.core.activities.classroom import Classroom, snapshot

NOT_THERE = 10**9
TITLE = "Why is it even, although both are odd?"


class Beside:
    """A problem with a question about it, an answer and a comment on that; U0 and U1 have answered the problem."""

    def __init__(self, database: Database) -> None:
        self.room = Classroom(database)
        self.room.settings(questions_panel="named")
        asker, other, self.reader = self.room.students[:3]
        self.room.answer(asker)
        self.room.answer(other)
        asked = self.do(asker, questions.ask, Typed("", TITLE), problem_id=self.room.problems[0]).id
        given = self.do(other, questions.answer, Typed("They make pairs."), question_id=asked).id
        said = self.do(asker, comments.write, Typed("I see."), parent_id=given).id
        self.question, self.texts = asked, (asked, given, said)

    def do(self, seat: Seat, use_case: Any, *args: Any, **named: Any) -> Any:
        with self.room.write() as session:
            opened = seats.opened_to_work_on(session, seat, self.room.public_id, "questions")
            return use_case(session, seat, opened, question_settings.of(opened), *args, now=self.room.now, **named)

    def refused(self, *args: Any, **named: Any) -> str:
        with pytest.raises(Refusal) as refused:
            self.do(self.reader, *args, **named)
        return f"{type(refused.value).__name__}: {refused.value}"


def test_what_is_under_it_is_not_there_before_the_key(database: Database) -> None:
    beside = Beside(database)
    before = snapshot(database)
    for text in beside.texts:
        for act, named in (
            (moderation.report_shared, {"reason": "rude"}),
            (blocks.block, {}),
            (question_votes.vote, {"up": True}),
        ):
            assert beside.refused(act, text, **named) == beside.refused(act, NOT_THERE, **named)
        words = Typed("And mine?")
        hidden = beside.refused(comments.write, words, parent_id=text)
        assert hidden == beside.refused(comments.write, words, parent_id=NOT_THERE)
    assert snapshot(database) == before


def test_and_is_there_with_it(database: Database) -> None:
    beside = Beside(database)
    beside.room.answer(beside.reader, right=False)
    question, given, said = beside.texts
    assert beside.do(beside.reader, question_votes.vote, given, up=True) == question
    beside.do(beside.reader, comments.write, Typed("And mine?"), parent_id=given)
    for text in (said, question):
        told = beside.do(beside.reader, moderation.report_shared, text, reason="")
        assert isinstance(told, Sentence)
    assert isinstance(beside.do(beside.reader, blocks.block, given), Sentence)


def test_hints_while_typing_do_not_tell_its_words(database: Database) -> None:
    beside = Beside(database)
    general = "Why is it even, although both are odd numbers?"
    beside.do(beside.room.students[0], questions.ask, Typed("", general))
    with database.read() as session:
        opened = seats.opened(session, beside.reader, beside.room.public_id, "questions")
        found = screening.hints(session, beside.reader, opened, question_settings.of(opened), TITLE)
    assert found.alike == (general,)
