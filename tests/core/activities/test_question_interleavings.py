"""A question's texts while others are at them: no two wait for each other, and no words vanish that were saved."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.activities import (
    comments,
    contributions,
    pace,
    question_changes,
    question_merging,
    question_settings,
    question_teaching,
    questions,
    seats,
)
from core.activities.posting import Typed
from core.activities.refusals import Gone, NotFound
from core.store.database import Database
from tests.core.activities.classroom import until_it_waits
from tests.core.activities.said import decide
from tests.core.activities.test_questions import Asking

DATABASES = ("postgresql",)  # SQLite lets one writer in at a time


def beside(database: Database, does: Callable[[], object]) -> tuple[threading.Thread, list[Exception]]:
    """Begin something in a thread, and come back once it waits or is done; what went wrong is in the list."""
    wrong: list[Exception] = []

    def run() -> None:
        try:
            does()
        except Exception as error:
            wrong.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until_it_waits(database, thread)
    return thread, wrong


@pytest.mark.parametrize("what", ["settle", "close", "pin", "endorse", "retire", "retire the answer", "merge"])
@pytest.mark.parametrize("voted", ["question", "answer"])
def test_nobody_waits_for_who_waits_for_them(
    database: Database, monkeypatch: pytest.MonkeyPatch, voted: str, what: str
) -> None:
    hall = Asking(database)
    asker, helper, voter, third = hall.students
    question, other = hall.ask(asker), hall.ask(third, "Another one?")
    answer = hall.answer(helper, question)
    hall.do(question_teaching.settle, hall.teacher, question, answer, now=hall.now)
    acts: dict[str, Callable[[], object]] = {
        "settle": lambda: hall.do(question_teaching.settle, hall.teacher, question, answered=False, now=hall.now),
        "close": lambda: hall.do(question_teaching.end, hall.teacher, question, "close", now=hall.now),
        "pin": lambda: hall.mark(question, "pin"),
        "endorse": lambda: hall.mark(answer, "endorse"),
        "retire": lambda: decide(hall, question, "retire"),
        "retire the answer": lambda: decide(hall, answer, "retire"),
        "merge": lambda: hall.merge(question, other),
    }
    begun: list[tuple[threading.Thread, list[Exception]]] = []
    spend = pace.spend

    def slowly(*args: Any, **named: Any) -> None:  # between the hold on the question and the vote's row
        begun.append(beside(database, acts[what]))
        spend(*args, **named)

    monkeypatch.setattr(pace, "spend", slowly)
    hall.vote(voter, question if voted == "question" else answer)
    ((thread, wrong),) = begun
    thread.join()
    assert wrong == []
    assert hall.differences() == []


@pytest.mark.parametrize("holds", ["_held", "_asked"])
def test_what_two_teachers_say_does_not_wait_for_each_other(
    database: Database, monkeypatch: pytest.MonkeyPatch, holds: str
) -> None:
    hall = Asking(database)
    question = hall.ask(hall.students[0])
    begun: list[tuple[threading.Thread, list[Exception]]] = []
    held = getattr(question_teaching, holds)

    def slowly(*args: Any) -> Any:  # between the hold on the question's text and what is said about it
        row = held(*args)
        begun.append(beside(database, lambda: decide(hall, question, "retire")))
        return row

    monkeypatch.setattr(question_teaching, holds, slowly)
    if holds == "_held":
        hall.do(question_teaching.end, hall.teacher, question, "close", now=hall.now)
    else:
        hall.do(question_teaching.settle, hall.teacher, question, now=hall.now)
    ((thread, wrong),) = begun
    thread.join()
    assert wrong == []
    assert hall.titles(hall.teacher) == []


def test_an_answer_that_is_taken_back_and_a_merge_do_not_wait_for_each_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = Asking(database)
    question, other = hall.ask(hall.students[0]), hall.ask(hall.students[1], "Another one?")
    answer = hall.answer(hall.students[2], question)
    hall.do(question_teaching.settle, hall.teacher, question, answer, now=hall.now)
    begun: list[tuple[threading.Thread, list[Exception]]] = []
    retire = contributions.retire

    def slowly(*args: Any, **named: Any) -> None:  # between the hold on the answer and what it settled
        monkeypatch.setattr(contributions, "retire", retire)
        begun.append(beside(database, lambda: hall.merge(question, other)))
        retire(*args, **named)

    monkeypatch.setattr(contributions, "retire", slowly)
    hall._with(question_changes.take_back, hall.students[2], answer, now=hall.now)
    ((thread, wrong),) = begun
    thread.join()
    assert wrong == []
    page = hall.page(hall.teacher, other)
    assert (page.answers, page.question.answered) == ((), False)


@pytest.mark.parametrize("on", ["question", "answer"])
def test_a_comment_goes_where_the_question_is_merged_to(database: Database, on: str) -> None:
    hall = Asking(database)
    question, other = hall.ask(hall.students[0]), hall.ask(hall.students[1], "Another one?")
    parent = question if on == "question" else hall.answer(hall.students[3], question)
    writer = hall.students[2]
    with database.write() as session:
        opened = seats.opened_to_work_on(session, writer, hall.public_id, "questions")
        settings, words = question_settings.of(opened), Typed("I wonder, too.")
        comments.write(session, writer, opened, settings, words, parent_id=parent, now=hall.now)
        thread, wrong = beside(database, lambda: hall.merge(question, other))
    thread.join()
    assert wrong == []
    page = hall.page(hall.students[3], other)
    said = page.comments if on == "question" else page.answers[0].comments
    assert [comment.text for comment in said] == ["I wonder, too."]


def test_a_comment_that_waited_for_the_merge_goes_there_too(database: Database) -> None:
    hall = Asking(database)
    question, other = hall.ask(hall.students[0]), hall.ask(hall.students[1], "Another one?")
    with database.write() as session:
        opened = seats.opened(session, hall.teacher, hall.public_id, "questions")
        question_merging.merge(session, hall.teacher, opened, question, other, now=hall.now)
        thread, wrong = beside(database, lambda: hall.comment(hall.students[2], question, "I wonder, too."))
    thread.join()
    assert wrong == []
    assert [comment.text for comment in hall.page(hall.students[3], other).comments] == ["I wonder, too."]


@pytest.mark.parametrize(("kind", "told"), [("answer", Gone), ("comment", NotFound)])
def test_nothing_is_saved_under_a_question_that_is_being_taken_back(
    database: Database, kind: str, told: type[Exception]
) -> None:
    hall = Asking(database)
    asker, writer, *_ = hall.students
    question = hall.ask(asker)
    with database.write() as session:
        opened = seats.opened_to_work_on(session, asker, hall.public_id, "questions")
        question_changes.take_back(session, asker, opened, question_settings.of(opened), question, now=hall.now)
        write = hall.answer if kind == "answer" else hall.comment
        thread, wrong = beside(database, lambda: write(writer, question))
    thread.join()
    assert [type(error) for error in wrong] == [told]


def test_a_question_that_is_being_answered_is_not_taken_back(database: Database) -> None:
    hall = Asking(database)
    asker, writer, reader, _ = hall.students
    question = hall.ask(asker)
    with database.write() as session:
        opened = seats.opened_to_work_on(session, writer, hall.public_id, "questions")
        settings, words = question_settings.of(opened), Typed("Because.")
        questions.answer(session, writer, opened, settings, words, question_id=question, now=hall.now)
        thread, wrong = beside(database, lambda: hall._with(question_changes.take_back, asker, question, now=hall.now))
    thread.join()
    assert "so it stays" in str(wrong)
    assert [answer.text for answer in hall.page(reader, question).answers] == ["Because."]
