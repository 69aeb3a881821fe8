"""What a merge must not do: show what waits for a key or for the teacher, or take what somebody earned."""

from __future__ import annotations

from typing import Any

import pytest

from core.activities import credit, question_merging, question_order, question_settings, questions, seats
from core.activities.posting import Typed
from core.activities.refusals import Refusal
from core.activities.seats import Seat
from core.store.database import Database
from tests.core.activities.classroom import Classroom, one_choice, snapshot
from tests.core.activities.said import decide
from tests.core.activities.test_questions import Asking


def score(hall: Asking, seat: Seat) -> float:
    found = hall.see(lambda s, who, o: credit.mine(s, who, o, question_settings.of(o)), seat)
    assert found is not None
    return found.score


def others(hall: Asking, question: int) -> list[int]:
    found = hall.see(lambda s, who, o: question_merging.others(s, who, o, question), hall.teacher)
    return [number for number, _ in found]


def test_a_question_about_a_problem_stays_apart_from_those_that_do_not_wait_for_its_key(database: Database) -> None:
    room = Classroom(database, one_choice("P1"), one_choice("P2"))
    room.settings(questions_panel="teacher")
    asker, reader = room.students[:2]
    one, other = room.problems[:2]
    room.answer(asker)
    room.answer(asker, problem=other)

    def beside(seat: Seat, use_case: Any, *args: Any, **named: Any) -> Any:
        with database.write() as session:
            opened = seats.opened_to_work_on(session, seat, room.public_id, "questions")
            return use_case(session, seat, opened, question_settings.of(opened), *args, now=room.now, **named)

    def ask(title: str, about: int | None) -> int:
        return int(beside(asker, questions.ask, Typed("", title), problem_id=about).id)

    def merge(from_: int, into: int) -> int:
        with database.write() as session:
            opened = seats.opened(session, room.teacher, room.public_id, "questions")
            return question_merging.merge(session, room.teacher, opened, from_, into, now=room.now)

    def offered(question: int) -> list[int]:
        with database.read() as session:
            opened = seats.opened(session, room.teacher, room.public_id, "questions")
            return [number for number, _ in question_merging.others(session, room.teacher, opened, question)]

    general, general_too = ask("Until when?", None), ask("How long do we have?", None)
    asked, again, elsewhere = ask("Why is it even?", one), ask("Is it always even?", one), ask("Why is it odd?", other)
    beside(asker, questions.answer, Typed("The second one is right."), question_id=asked)
    before = snapshot(database)
    for pair in ((asked, general), (general, asked), (asked, elsewhere)):
        with pytest.raises(Refusal, match="not about the same problem"):
            merge(*pair)
    assert snapshot(database) == before
    assert (offered(asked), offered(general), offered(elsewhere)) == ([again], [general_too], [])
    assert merge(asked, again) == again
    assert merge(general, general_too) == general_too
    assert [line.id for line in beside(reader, questions.wall)] == [general_too]
    assert offered(again) == []


def test_others_are_of_this_activity_and_shown(database: Database) -> None:
    hall = Asking(database, moderation="after_teacher")
    one, two = hall.ask(hall.teacher, "Question one?"), hall.ask(hall.teacher, "Question two?")
    hall.ask(hall.students[0], "Not read yet?")
    stranger = hall.another_course("other")
    assert isinstance(stranger, Asking)
    stranger.ask(stranger.teacher, "Elsewhere?")
    assert others(hall, one) == [two]


def test_a_second_vote_that_became_one_still_counts_for_who_gave_it(database: Database) -> None:
    hall = Asking(database, points=10.0, credit={"vote": 2}, anonymity="named")
    asker, other_asker, voter, _ = hall.students
    one, other = hall.ask(asker, "Why is it so?"), hall.ask(other_asker, "How come?")
    third = hall.ask(hall.teacher, "And why?")
    hall.vote(voter, one)
    hall.vote(voter, other)
    hall.vote(other_asker, one)
    assert (score(hall, voter), score(hall, other_asker)) == (10.0, 5.0)
    hall.merge(one, other)
    assert hall.line(voter, other).votes == 1
    assert (score(hall, voter), score(hall, other_asker)) == (10.0, 5.0)
    assert hall.differences() == []
    hall.vote(voter, third)
    hall.merge(third, other)
    assert hall.line(voter, other).votes == 1
    assert score(hall, voter) == 10.0
    assert hall.differences() == []
    newest = hall.see(lambda session, _, opened: question_order.newest_voted(session, opened), hall.teacher)
    assert newest == [other]  # not what became part of it


def test_a_title_that_nobody_approved_is_shown_to_nobody(database: Database) -> None:
    hall = Asking(database, moderation="after_teacher", points=10.0, credit={"question": 2}, anonymity="named")
    hidden, known = hall.ask(hall.students[0], "Is Mr X a fool?"), hall.ask(hall.students[0], "Why is it even?")
    decide(hall, known, "approve")
    into = hall.ask(hall.teacher, "Why is the sum even?")
    hall.merge(hidden, into)
    hall.merge(known, into)
    assert hall.page(hall.students[2], into).merged == ("Why is it even?",)
    assert score(hall, hall.students[0]) == 10.0
    assert hall.differences() == []  # a merged question counts, so its asker's grade is told
