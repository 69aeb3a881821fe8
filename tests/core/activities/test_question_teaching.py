"""A question is answered as long as the answer that settled it is there."""

from __future__ import annotations

import pytest

from core.activities import question_changes, question_teaching, redaction
from core.store.database import Database
from tests.core.activities.said import decide
from tests.core.activities.test_questions import Asking


@pytest.mark.parametrize("how", ["taken out", "taken back", "emptied"])
def test_a_question_whose_answer_goes_waits_for_one_again(database: Database, how: str) -> None:
    hall = Asking(database)
    asker, helper, reader, _ = hall.students
    question, settled_elsewhere = hall.ask(asker), hall.ask(asker, "And until when?")
    answer, other = hall.answer(helper, question), hall.answer(reader, question, "It just is.")
    hall.do(question_teaching.settle, hall.teacher, question, answer, now=hall.now)
    hall.do(question_teaching.settle, hall.teacher, settled_elsewhere, now=hall.now)

    def goes(text: int) -> None:
        if how == "taken out":
            decide(hall, text, "retire")
        elif how == "taken back":
            hall._with(question_changes.take_back, helper if text == answer else reader, text, now=hall.now)
        else:
            with database.write() as session:
                redaction.redact(session, hall.teacher, text, [], everything=True, now=hall.now)

    goes(other)
    assert hall.line(reader, question).answered
    goes(answer)
    line = hall.line(reader, question)
    assert (line.answers, line.answered) == (0, False)
    assert hall.line(reader, settled_elsewhere).answered
