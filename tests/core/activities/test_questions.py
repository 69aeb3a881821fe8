"""A class asks, answers, votes; the teacher endorses, closes and merges."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from core.activities import (
    comments,
    people,
    question_changes,
    question_merging,
    question_order,
    question_settings,
    question_teaching,
    question_votes,
    questions,
    recount,
    walls,
)
from core.activities.posting import Typed
from core.activities.questions import Line, Page
from core.activities.refusals import Gone, NotAllowed, NotFound, Refusal
from core.activities.seats import Seat
from core.store.database import Database
from core.store.tables import Contribution, Decision, Question, Seen, Vote
from tests.core.activities.classroom import Classroom
from tests.core.activities.hall import Hall


class Asking(Hall):
    """A hall of questions."""

    def __init__(self, database: Database, *, students: int = 4, **settings: Any) -> None:
        super().__init__(database, "questions", students=students, **settings)

    def ask(self, seat: Seat, title: str = "Why is the sum even?", text: str = "", **more: Any) -> int:
        return self._post(questions.ask, seat, Typed(text, title), **more)

    def answer(self, seat: Seat, question: int, text: str = "Because two odd numbers are paired.") -> int:
        return self._post(questions.answer, seat, Typed(text), question_id=question)

    def comment(self, seat: Seat, parent: int, text: str = "Thank you.") -> int:
        return self._post(comments.write, seat, Typed(text), parent_id=parent)

    def _post(self, use_case: Any, seat: Seat, typed: Typed, **more: Any) -> int:
        return int(self._with(use_case, seat, typed, now=self.now, **more).id)

    def _with(self, use_case: Any, seat: Seat, *args: Any, **named: Any) -> Any:
        return self.do(lambda s, who, o: use_case(s, who, o, question_settings.of(o), *args, **named), seat)

    def vote(self, seat: Seat, text: int, *, up: bool = True) -> int:
        return int(self._with(question_votes.vote, seat, text, up=up, now=self.now))

    def merge(self, one: int, other: int, seat: Seat | None = None) -> int:
        return self.do(question_merging.merge, seat or self.teacher, one, other, now=self.now)

    def mark(self, text: int, action: str, seat: Seat | None = None) -> None:
        self.do(question_teaching.mark, seat or self.teacher, text, action, now=self.now)

    def wall(self, seat: Seat, order: str = "best") -> list[Line]:
        found = self.see(lambda s, who, o: questions.wall(s, who, o, question_settings.of(o), now=self.now), seat)
        return question_order.ordered(found, order, now=self.now)

    def titles(self, seat: Seat, order: str = "best") -> list[str]:
        return [line.title for line in self.wall(seat, order)]

    def page(self, seat: Seat, question: int) -> Page:
        return self.see(
            lambda s, who, o: questions.page(s, who, o, question_settings.of(o), question, now=self.now), seat
        )

    def line(self, seat: Seat, question: int) -> Line:
        return next(line for line in self.wall(seat) if line.id == question)

    def differences(self) -> list[str]:
        with self.database.read() as session:
            return [str(difference) for difference in recount.everything(session)]


def test_a_question_is_asked_answered_and_commented(database: Database) -> None:
    hall = Asking(database)
    one, two, three, _ = hall.students
    question = hall.ask(one, "  Why   is it even? ", "With \\(2k\\).")
    answer = hall.answer(two, question)
    hall.comment(three, answer, "Clear.")
    hall.comment(three, question, "I wonder, too.")
    page = hall.page(one, question)
    assert (page.question.title, page.question.text, page.question.answers) == ("Why is it even?", "With \\(2k\\).", 1)
    assert page.question.author.is_me
    assert [(a.text, a.author.name) for a in page.answers] == [("Because two odd numbers are paired.", None)]
    assert [c.text for c in page.answers[0].comments] == ["Clear."]
    assert [c.text for c in page.comments] == ["I wonder, too."]
    assert hall.page(hall.teacher, question).answers[0].author.name == "s1"


def test_what_is_missing_is_said(database: Database) -> None:
    hall = Asking(database)
    student, other = hall.students[:2]
    with pytest.raises(Refusal, match="no words yet"):
        hall.ask(student, " \u200b ")
    question = hall.ask(student)
    with pytest.raises(Refusal, match="no text yet"):
        hall.answer(other, question, "  ")
    with pytest.raises(Refusal, match="here already"):
        hall.ask(student)
    with pytest.raises(Gone, match="not here any more"):
        hall.answer(other, question + 1000)
    with pytest.raises(NotFound, match="not shown"):
        hall.comment(other, question + 1000)


def test_a_vote_counts_once_and_can_be_taken_back(database: Database) -> None:
    hall = Asking(database)
    question = hall.ask(hall.students[0])
    hall.vote(hall.students[1], question)
    hall.vote(hall.students[1], question)
    hall.vote(hall.students[2], question)
    line = hall.line(hall.students[1], question)
    assert (line.votes, line.voted, line.seen) == (2, True, 2)
    assert not hall.line(hall.students[3], question).voted
    hall.vote(hall.students[1], question, up=False)
    hall.vote(hall.students[1], question, up=False)
    assert hall.line(hall.students[1], question).votes == 1
    assert hall.differences() == []


def test_nobody_votes_for_themselves_and_teachers_endorse_instead(database: Database) -> None:
    hall = Asking(database)
    student, other = hall.students[:2]
    question = hall.ask(student)
    answer = hall.answer(other, question)
    with pytest.raises(NotAllowed, match="your own"):
        hall.vote(student, question)
    with pytest.raises(NotAllowed, match="your own"):
        hall.vote(other, answer)
    with pytest.raises(NotAllowed, match="endorse"):
        hall.vote(hall.teacher, question)
    hall.vote(student, answer)
    assert hall.page(student, question).answers[0].votes == 1


def test_a_test_user_tries_everything_and_changes_nothing(database: Database) -> None:
    hall = Asking(database)
    tester = hall.join("tester", is_test=True)
    question = hall.ask(hall.students[0])
    hall.vote(tester, question)
    assert hall.line(hall.students[1], question).votes == 0
    assert hall.line(tester, question).voted
    hall.ask(tester, "Is this a test?")
    assert hall.titles(hall.teacher) == ["Why is the sum even?"]
    assert hall.differences() == []


def test_what_a_teacher_says_is_marked_and_recorded(database: Database) -> None:
    hall = Asking(database)
    question = hall.ask(hall.students[0])
    answer = hall.answer(hall.students[1], question)
    other = hall.answer(hall.students[2], question, "It just is like that.")
    hall.vote(hall.students[0], other)
    for text, action in ((answer, "endorse"), (question, "pin"), (question, "endorse"), (answer, "endorse")):
        hall.mark(text, action)
    page = hall.page(hall.students[3], question)
    assert [a.id for a in page.answers] == [answer, other]  # endorsed before voted
    assert page.answers[0].endorsed
    assert page.question.pinned
    assert page.question.endorsed
    hall.mark(question, "unpin")
    assert not hall.page(hall.students[3], question).question.pinned
    with database.read() as session:
        actions = session.scalars(select(Decision.action).order_by(Decision.id)).all()
    assert actions == ["endorse", "pin", "endorse", "unpin"]
    with pytest.raises(NotAllowed):
        hall.mark(question, "pin", hall.students[0])
    with pytest.raises(NotFound):
        hall.mark(answer, "pin")  # answers are not pinned
    with pytest.raises(Refusal, match="not known"):
        hall.mark(question, "explode")


def test_who_asked_says_what_answered_it(database: Database) -> None:
    hall = Asking(database)
    asker, helper, third, _ = hall.students
    question = hall.ask(asker)
    answer = hall.answer(helper, question)
    elsewhere = hall.answer(helper, hall.ask(third, "Something else?"), "Yes.")
    with pytest.raises(NotAllowed, match="Who asked"):
        hall.do(question_teaching.settle, third, question, answer, now=hall.now)
    with pytest.raises(NotFound, match="answer is not here"):
        hall.do(question_teaching.settle, asker, question, elsewhere, now=hall.now)
    hall.do(question_teaching.settle, asker, question, answer, now=hall.now)
    page = hall.page(third, question)
    assert page.question.answered
    assert page.answers[0].settles
    hall.do(question_teaching.settle, hall.teacher, question, answered=False, now=hall.now)
    assert not hall.page(third, question).question.answered
    hall._with(question_changes.take_back, helper, answer, now=hall.now)
    assert hall.page(third, question).answers == ()


def test_a_closed_question_takes_no_more_answers(database: Database) -> None:
    hall = Asking(database)
    question = hall.ask(hall.students[0])
    hall.do(question_teaching.end, hall.teacher, question, "close", now=hall.now)
    with pytest.raises(NotAllowed, match="closed this question"):
        hall.answer(hall.students[1], question)
    hall.answer(hall.teacher, question, "See chapter two.")
    hall.do(question_teaching.end, hall.teacher, question, "reopen", now=hall.now)
    hall.answer(hall.students[1], question)
    assert hall.line(hall.students[0], question).answers == 2


def test_an_asker_changes_words_until_somebody_relied_on_them(database: Database) -> None:
    hall = Asking(database)
    asker, other = hall.students[:2]
    question = hall.ask(asker)

    def change(title: str) -> None:
        hall._with(question_changes.change, asker, Typed("", title), question_id=question, now=hall.now)

    change("Why is the sum of two odd numbers even?")
    assert hall.titles(other) == ["Why is the sum of two odd numbers even?"]
    with pytest.raises(NotFound, match="not one of yours"):
        hall._with(question_changes.change, other, Typed("", "Mine"), question_id=question, now=hall.now)
    hall.vote(other, question)
    with pytest.raises(NotAllowed, match="Add a comment"):
        change("Something else?")


def test_a_question_that_was_answered_is_not_taken_back(database: Database) -> None:
    hall = Asking(database)
    asker, other = hall.students[:2]
    question, second = hall.ask(asker), hall.ask(asker, "And what else?")
    hall.answer(other, question)
    with pytest.raises(NotAllowed, match="so it stays"):
        hall._with(question_changes.take_back, asker, question, now=hall.now)
    hall._with(question_changes.take_back, asker, second, now=hall.now)
    assert hall.titles(asker) == ["Why is the sum even?"]
    with pytest.raises(NotFound):
        hall._with(question_changes.take_back, other, question, now=hall.now)


def test_merged_questions_unite_their_votes_and_nobody_votes_twice(database: Database) -> None:
    hall = Asking(database, students=6)
    one, two, *others = hall.students
    first, second = hall.ask(one, "Is it even?"), hall.ask(two, "Why is it even?")
    for voter in others[:3]:
        hall.vote(voter, first)
    for voter in others[1:]:
        hall.vote(voter, second)
    hall.vote(two, first)  # who asked the other one: after the merge this would be a vote for their own
    answer = hall.answer(others[0], first)
    hall.comment(others[1], first, "Good question.")
    hall.do(question_teaching.settle, one, first, answer, now=hall.now)
    assert hall.merge(first, second) == second
    page = hall.page(others[0], second)
    assert (page.question.votes, page.question.answers, page.question.answered) == (4, 1, True)
    assert page.merged == ("Is it even?",)
    assert [c.text for c in page.comments] == ["Good question."]
    assert hall.page(others[0], first).question.id == second  # the old address leads there
    assert hall.titles(one) == ["Why is it even?"]
    assert hall.vote(one, first) == second  # a page from before the merge
    assert hall.page(one, second).question.votes == 5
    assert hall.differences() == []
    with pytest.raises(Refusal, match="one question already"):
        hall.merge(first, second)
    third = hall.ask(others[3], "What is even?")
    assert hall.merge(second, third) == third
    assert hall.page(one, first).question.id == third  # never a chain
    with database.read() as session:
        roots = session.scalars(select(Question.merged_into_id).order_by(Question.contribution_id)).all()
    assert roots == [third, third, None]
    assert hall.differences() == []


def test_students_do_not_merge(database: Database) -> None:
    hall = Asking(database)
    one, other = hall.ask(hall.students[0]), hall.ask(hall.students[1], "Another?")
    with pytest.raises(NotAllowed):
        hall.merge(one, other, hall.students[0])


def test_the_order_is_by_what_matters_to_most_and_pinned_first(database: Database) -> None:
    hall = Asking(database, students=8)
    old = hall.ask(hall.students[0], "Asked early and seen by all?")
    hall.later(hours=1)
    liked = hall.ask(hall.students[1], "Asked later and liked by most who saw it?")
    with database.write() as session:
        for reader in hall.students:
            question_order.note_seen(session, reader, [old], counts=True, now=hall.now)
        for reader in hall.students[:4]:
            question_order.note_seen(session, reader, [liked], counts=True, now=hall.now)
    for voter in hall.students[1:4]:
        hall.vote(voter, old)
    for voter in (hall.students[0], *hall.students[2:4]):
        hall.vote(voter, liked)
    assert hall.titles(hall.teacher)[0].startswith("Asked later")
    assert hall.titles(hall.teacher, "newest")[0].startswith("Asked later")
    hall.mark(old, "pin")
    assert hall.titles(hall.teacher)[0].startswith("Asked early")
    assert hall.titles(hall.teacher, "newest")[0].startswith("Asked early")
    assert hall.differences() == []


def test_a_page_is_counted_once_for_each_reader(database: Database) -> None:
    hall = Asking(database)
    questions_ = [hall.ask(student, f"Question of {place}?") for place, student in enumerate(hall.students)]
    reader = hall.students[0]
    assert hall.see(question_order.unseen, reader, questions_) == questions_
    for _ in range(2):
        with database.write() as session:
            question_order.note_seen(session, reader, questions_[:2], counts=True, now=hall.now)
    assert hall.see(question_order.unseen, reader, questions_) == questions_[2:]
    assert [hall.line(reader, q).seen for q in questions_] == [1, 1, 0, 0]
    with database.write() as session:
        question_order.note_seen(session, hall.teacher, questions_, counts=False, now=hall.now)
    assert [hall.line(reader, q).seen for q in questions_] == [1, 1, 0, 0]
    assert hall.differences() == []


def test_in_an_anonymous_hall_nobody_is_found_in_any_table(database: Database) -> None:
    hall = Asking(database, anonymity="anonymous")
    student, other = hall.students[:2]
    question = hall.ask(student)
    answer = hall.answer(other, question)
    assert hall.page(student, question).question.author.name is None
    assert not hall.page(student, question).question.author.is_me
    for use_case in (question_changes.take_back,):
        with pytest.raises(NotFound):
            hall._with(use_case, student, question, now=hall.now)
    with database.read() as session:
        people = session.scalars(select(Contribution.person_id).where(Contribution.id.in_((question, answer)))).all()
        assert people == [None, None]
        for table in (Vote, Seen):
            assert session.scalars(select(table.person_id)).all() == []


def test_other_courses_see_and_change_nothing(database: Database) -> None:
    hall = Asking(database)
    question = hall.ask(hall.students[0])
    other = hall.another_course("other")
    stranger = other.students[0]
    with database.write() as session:
        from core.activities import seats

        theirs = seats.opened(session, stranger, other.public_id, "questions")
        settings = question_settings.of(theirs)
        with pytest.raises(NotFound):
            question_votes.vote(session, stranger, theirs, settings, question, up=True, now=hall.now)
        with pytest.raises(NotFound):
            questions.page(session, stranger, theirs, settings, question, now=hall.now)
        with pytest.raises(Gone):
            questions.answer(session, stranger, theirs, settings, Typed("x"), question_id=question, now=hall.now)
        with pytest.raises(NotFound):
            question_merging.merge(session, other.teacher, theirs, question, question, now=hall.now)
        assert questions.wall(session, stranger, theirs, settings, now=hall.now) == []


def test_a_question_about_a_problem_waits_for_the_readers_own_answer(database: Database) -> None:
    room = Classroom(database)
    room.settings(questions_panel="teacher")
    asker, other = room.students[:2]
    problem = room.problems[0]

    def beside(seat: Seat, use_case: Any, *args: Any, **named: Any) -> Any:
        from core.activities import seats

        with database.write() as session:
            opened = seats.opened_to_work_on(session, seat, room.public_id, "questions")
            return use_case(session, seat, opened, question_settings.of(opened), *args, now=room.now, **named)

    with pytest.raises(NotFound, match="once you have answered"):
        beside(asker, questions.ask, Typed("", "Why is it even?"), problem_id=problem)
    room.answer(asker)
    asked = beside(asker, questions.ask, Typed("", "Why is it even?"), problem_id=problem).id
    beside(asker, questions.ask, Typed("", "Until when?"))
    assert {line.title for line in beside(other, questions.wall)} == {"Until when?"}
    with pytest.raises(NotFound):
        beside(other, questions.page, asked)
    with pytest.raises(Gone):
        beside(other, questions.answer, Typed("Because."), question_id=asked)
    assert {line.title for line in beside(room.teacher, questions.wall)} == {"Why is it even?", "Until when?"}
    room.answer(other, right=False)
    assert {line.title for line in beside(other, questions.wall)} == {"Why is it even?", "Until when?"}


def test_a_full_hall_asks_less_often(database: Database) -> None:
    hall = Asking(database, students=3)
    with database.read() as session:
        assert walls.pause(session, hall.course_id, least=4) == 4
    with database.write() as session:
        for number in range(walls.PEOPLE_A_SECOND * 2 - 3):
            person = people.recognise(
                session, platform_id=hall.platform_id, subject=f"n{number}", name="", is_test=False, now=hall.now
            )
            people.enrol(session, course_id=hall.course_id, person_id=person, role="student", now=hall.now)
    with database.read() as session:
        assert walls.pause(session, hall.course_id, least=4) == 6


def test_where_nobody_s_page_is_kept_votes_say_who_has_been_here(database: Database) -> None:
    hall = Asking(database, anonymity="anonymous", students=6)
    old, young = hall.ask(hall.students[0], "Asked early?"), hall.ask(hall.students[1], "Asked later?")
    for voter in hall.students[:4]:
        hall.vote(voter, old)
    for voter in hall.students[2:5]:
        hall.vote(voter, young)
    voted = hall.see(lambda session, _, opened: question_order.newest_voted(session, opened), hall.teacher)
    assert voted == [old, old, young, young, young]
    lines = [hall.line(hall.teacher, number) for number in (old, young)]
    ordered = question_order.ordered(lines, "best", now=hall.now, voted=voted)
    assert [line.id for line in ordered] == [young, old]  # all three who were here since voted for it
