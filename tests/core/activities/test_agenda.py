"""What waits for one person in a course, and nothing of what is not theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from core.activities import activities, agenda, appeals, kinds, question_settings, questions, tasks, weeks
from core.activities.agenda import Agenda
from core.activities.posting import Typed
from core.activities.refusals import NotAllowed
from core.activities.seats import Opened, Seat
from core.store.database import Database
from tests.core.activities.bringing import Bringing
from tests.core.activities.classroom import AT_ONCE, LONG, Classroom, numbered, one_choice, short_text
from tests.core.activities.hall import Hall


def see(room: Classroom | Hall, seat: Seat, practising: str | None = None) -> Agenda:
    with room.database.read() as session:
        return agenda.of(session, seat, practising=practising, now=room.now)


def test_practice_counts_open_problems_and_points(database: Database) -> None:
    room = Classroom(database, one_choice(), short_text())
    student = room.students[0]
    assert see(room, student).practice == ()
    assert [one.open for one in see(room, student, room.public_id).practice] == [2]
    room.offer(student)
    room.answer(student)
    (found,) = see(room, student).practice
    assert (found.open, found.problems, found.score, found.points) == (1, 2, 50.0, 100.0)


def test_what_is_not_placed_is_not_there(database: Database) -> None:
    hall = Hall(database, "poll")
    with database.write() as session:
        made = activities.make_shared(
            session, hall.teacher, kind="gallery", title="Later", settings=kinds.SHARED["gallery"].blank, now=hall.now
        )
    with database.read() as session:
        assert made.id not in [one.id for one in agenda.reachable(session, hall.students[0])]
        assert hall.activity_id in [one.id for one in agenda.reachable(session, hall.students[0])]


def test_items_are_due_until_ones_share_is_judged(database: Database) -> None:
    hall = Bringing(database, judgements=2)
    items = [hall.bring(author).id for author in hall.students[:3]]
    judge = hall.students[3]
    assert [one.due for one in see(hall, judge).judging] == [2]
    assert [one.due for one in see(hall, hall.students[0]).judging] == [2]
    for _ in range(2):
        turn = hall.next_item(judge)
        assert turn is not None
        assert turn.item_id in items
        assert [one.due for one in see(hall, judge).judging] in ([1], [2])
        hall.judge(judge, turn.item_id)
    assert see(hall, judge).judging == ()
    assert see(hall, hall.teacher).judging == ()


def test_one_sees_ones_own_texts_newest_first_with_their_number(database: Database) -> None:
    room = Classroom(database, one_choice(), short_text())
    student, other = room.students[:2]
    for problem in room.problems:
        room.answer(student, problem)
        room.explain(student, numbered(problem), problem)
    room.answer(other)
    room.explain(other, LONG)
    found = see(room, student)
    assert [text.text for text in found.texts] == [numbered(problem) for problem in reversed(room.problems)]
    assert found.texts_written == 2
    room.withdraw(student, found.texts[0].id)
    with database.read() as session:
        assert appeals.number(session, student) == 1
        assert len(appeals.newest(session, student, most=1)) == 1


def test_ones_newest_questions_come_with_how_many_there_are(database: Database) -> None:
    hall = Hall(database, "questions")

    def ask(session: Session, seat: Seat, opened: Opened, title: str) -> int:
        settings = question_settings.of(opened)
        return questions.ask(session, seat, opened, settings, Typed("", title=title), now=hall.now).id

    numbers = [hall.do(ask, hall.students[0], f"What is {place} times {place}, and why?") for place in range(7)]
    hall.do(ask, hall.students[1], "Somebody else's?")
    found = see(hall, hall.students[0])
    assert [asked.id for asked in found.questions] == numbers[:1:-1]
    assert found.questions_asked == 7


def test_a_bare_problem_has_no_key_and_tells_none_by_its_order(database: Database) -> None:
    room = Classroom(database, one_choice(shuffle=False))
    with database.read() as session:
        bare = tasks.bare(session, room.practice(session), room.problems[0])
    assert [choice.source for choice in bare.choices] == ["even", "odd", "prime", "zero"]
    assert not hasattr(bare, "solution")


def test_a_week_counts_what_students_did_on_each_day(database: Database) -> None:
    room = Classroom(database, one_choice(), short_text(), settings=AT_ONCE)
    room.answer(room.teacher)
    room.answer(room.students[0])
    room.explain(room.students[0])
    room.now += timedelta(days=2)
    room.answer(room.students[0], room.problems[1])
    room.answer(room.students[1])
    with database.read() as session:
        week = weeks.last(session, room.teacher, zone="UTC", now=room.now)
        assert [(day.answers, day.texts) for day in week.days] == [(0, 0)] * 4 + [(1, 1), (0, 0), (2, 0)]
        assert week.people == 2
        later = weeks.last(session, room.teacher, zone="UTC", now=room.now + timedelta(days=7))
        assert sum(day.answers + day.texts for day in later.days) == 0
    with database.read() as session, pytest.raises(NotAllowed):
        weeks.last(session, room.students[0], zone="UTC", now=room.now)


def test_a_week_begins_at_midnight_where_the_teacher_is(database: Database) -> None:
    room = Classroom(database)
    room.now = room.now.replace(hour=22, minute=30)
    room.answer(room.students[0])
    with database.read() as session:
        berlin = weeks.last(session, room.teacher, zone="Europe/Berlin", now=room.now + timedelta(hours=2))
        kathmandu = weeks.last(session, room.teacher, zone="Asia/Kathmandu", now=room.now + timedelta(hours=2))
    assert [day.answers for day in berlin.days][-2:] == [1, 0]
    assert [day.answers for day in kathmandu.days][-2:] == [0, 1]
