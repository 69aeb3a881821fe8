"""What activities that a class shares have in common: promises about names, allowances, credit, settings."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from core.activities import activities, authors, credit, kinds, pace, question_settings, seats, walls
from core.activities.refusals import NotFound, Refusal
from core.activities.seats import Seat
from core.activities.setting_fields import from_form
from core.store.database import Database, insert
from core.store.tables import Allowance, Contribution, Grade, Pseudonym
from tests.core.activities.classroom import NOW, Classroom
from tests.core.activities.hall import Hall


def write(hall: Hall, seat: Seat, kind: str = "question", text: str = "Why?") -> int:
    """A live text, stored as a use case would."""
    with hall.database.write() as session:
        opened = seats.opened_to_work_on(session, seat, hall.public_id, hall.kind)
        settings = kinds.SHARED[hall.kind].from_json(opened.settings)
        stamp = authors.stamp(session, seat, opened.id, settings, now=hall.now)
        made = session.scalars(
            insert(session, Contribution)
            .values(
                course_id=hall.course_id,
                activity_id=opened.id,
                person_id=stamp.person_id,
                kind=kind,
                version=1,
                text=text,
                status="live",
                created_at=stamp.created_at,
            )
            .returning(Contribution.id)
        ).one()
        if stamp.person_id is None:
            credit.add(session, seat, opened, kind)
        credit.changed(session, seat, opened, settings, now=hall.now)
        return int(made)


def names_for(hall: Hall, reader: Seat) -> list[str | None]:
    with hall.database.read() as session:
        opened = seats.opened(session, reader, hall.public_id, hall.kind)
        settings = kinds.SHARED[hall.kind].from_json(opened.settings)
        people = session.scalars(select(Contribution.person_id).order_by(Contribution.id)).all()
        found = authors.names(session, reader, opened.id, settings, people)
        return [found.of(person).name for person in people]


def grades(hall: Hall) -> dict[int, float]:
    with hall.database.read() as session:
        return {row.person_id: row.score for row in session.execute(select(Grade.person_id, Grade.score))}


@pytest.mark.parametrize(
    ("anonymity", "classmate", "teacher"),
    [("named", "s0", "s0"), ("teacher", None, "s0"), ("anonymous", None, None)],
)
def test_each_reader_learns_what_was_promised(
    database: Database, anonymity: str, classmate: str | None, teacher: str | None
) -> None:
    hall = Hall(database, "questions", anonymity=anonymity)
    write(hall, hall.students[0])
    assert names_for(hall, hall.students[1]) == [classmate]
    assert names_for(hall, hall.teacher) == [teacher]


def test_a_made_up_name_is_one_person_s_throughout_and_nobody_else_s(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="pseudonym", students=40)
    for student in [*hall.students, hall.students[0]]:
        write(hall, student)
    names = names_for(hall, hall.teacher)
    assert names == names_for(hall, hall.students[7])
    assert names[0] == names[-1]
    assert len(set(names)) == 40
    assert not {name for name in names if name and name.startswith("s")}


def test_two_tabs_draw_one_made_up_name(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="pseudonym")
    start = threading.Barrier(8)

    def one() -> None:
        start.wait()
        write(hall, hall.students[0])

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert len(session.scalars(select(Pseudonym.name)).all()) == 1


def test_an_anonymous_text_is_stored_without_its_author_and_without_a_time(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous")
    write(hall, hall.students[0])
    with database.read() as session:
        row = session.execute(select(Contribution.person_id, Contribution.created_at)).one()
    assert row.person_id is None
    assert (row.created_at.hour, row.created_at.minute, row.created_at.second) == (0, 0, 0)


def test_a_teacher_is_always_a_teacher(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous")
    write(hall, hall.teacher)
    assert names_for(hall, hall.students[0]) == ["teacher"]


def test_the_promise_cannot_be_changed_once_somebody_wrote(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous")

    def change(anonymity: str) -> None:
        with database.write() as session:
            opened = seats.opened(session, hall.teacher, hall.public_id, "questions")
            chosen = replace(question_settings.of(opened), anonymity=anonymity)
            activities.change_shared(session, hall.teacher, opened, title="Hall", settings=chosen, now=NOW)

    change("teacher")
    change("anonymous")
    write(hall, hall.students[0])
    with pytest.raises(Refusal, match="can no longer be changed"):
        change("named")
    change("anonymous")


def test_a_day_s_allowance_ends_and_comes_again(database: Database) -> None:
    hall = Hall(database, "questions")

    def spend(seat: Seat) -> None:
        with database.write() as session:
            pace.spend(session, seat, hall.activity_id, "text", limit=2, now=hall.now)

    spend(hall.students[0])
    spend(hall.students[0])
    with pytest.raises(Refusal, match="enough for today"):
        spend(hall.students[0])
    spend(hall.students[1])
    for _ in range(5):
        spend(hall.teacher)
    hall.later(days=1)
    spend(hall.students[0])
    hall.later(days=2)
    with database.write() as session:
        assert pace.purge(session, now=hall.now) == 2
        assert session.scalars(select(Allowance.used)).all() == []


def test_of_fifty_at_once_the_allowance_lets_its_number_through(database: Database) -> None:
    hall = Hall(database, "questions")
    done: list[bool] = []

    def one() -> None:
        try:
            with database.write() as session:
                pace.spend(session, hall.students[0], hall.activity_id, "text", limit=7, now=NOW)
            done.append(True)
        except Refusal:
            pass

    threads = [threading.Thread(target=one) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 7


def test_the_grade_is_the_mean_of_what_is_asked_for(database: Database) -> None:
    hall = Hall(database, "questions", points=10.0, credit={"question": 2, "answer": 1})
    write(hall, hall.students[0])
    assert grades(hall) == {hall.students[0].person_id: 2.5}
    write(hall, hall.students[0])
    write(hall, hall.students[0])
    write(hall, hall.students[0], "answer")
    assert grades(hall) == {hall.students[0].person_id: 10.0}
    write(hall, hall.teacher)
    assert hall.teacher.person_id not in grades(hall)


@pytest.mark.parametrize("anonymity", ["pseudonym", "anonymous"])
def test_where_names_are_hidden_grades_move_together(database: Database, anonymity: str) -> None:
    hall = Hall(database, "questions", students=6, anonymity=anonymity, points=10.0, credit={"question": 1})

    def tell() -> int:
        with database.write() as session:
            return credit.tell_together(session, now=hall.now)

    for student in hall.students[: credit.TOGETHER - 1]:
        write(hall, student)
    assert (tell(), grades(hall)) == (0, {})
    with database.read() as session:
        opened = seats.opened(session, hall.teacher, hall.public_id, "questions")
        lines = credit.lines(session, hall.teacher, opened, question_settings.of(opened))
    assert all(line.score == 0 and line.parts == () for line in lines)  # nor does the teacher's page tell
    write(hall, hall.students[4])
    assert (tell(), set(grades(hall).values())) == (5, {10.0})
    write(hall, hall.students[5])
    assert tell() == 0


def test_after_the_due_date_nobody_waits_for_others(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous", points=10.0, credit={"question": 1}, due_at=NOW)
    write(hall, hall.students[0])
    with database.write() as session:
        assert credit.tell_together(session, now=hall.now) == 1
    assert grades(hall) == {hall.students[0].person_id: 10.0}


def test_an_activity_opens_as_its_own_kind_and_in_its_own_course(database: Database) -> None:
    hall = Hall(database, "questions")
    other = hall.another_course("other")
    with database.read() as session:
        assert seats.opened(session, hall.students[0], hall.public_id, "questions").kind == "questions"
        for seat, public_id, kind in (
            (hall.students[0], hall.public_id, "gallery"),
            (hall.students[0], other.public_id, "questions"),
            (other.students[0], hall.public_id, "questions"),
        ):
            with pytest.raises(NotFound):
                seats.opened(session, seat, public_id, kind)


def test_questions_stand_beside_a_practice_activity_that_wants_them(database: Database) -> None:
    room = Classroom(database)
    with database.read() as session, pytest.raises(NotFound):
        seats.opened(session, room.students[0], room.public_id, "questions")
    room.settings(questions_panel="named")
    with database.read() as session:
        opened = seats.opened(session, room.students[0], room.public_id, "questions")
        assert question_settings.of(opened).anonymity == "named"
        with pytest.raises(NotFound):
            seats.opened(session, room.students[0], room.public_id, "gallery")


def test_a_wall_counts_its_changes(database: Database) -> None:
    hall = Hall(database, "questions")
    with database.write() as session:
        assert walls.version(session, hall.activity_id) == 0
        walls.touch(session, hall.activity_id)
        walls.touch(session, hall.activity_id)
        assert walls.version(session, hall.activity_id) == 2


@pytest.mark.parametrize("kind", sorted(kinds.SHARED))
def test_settings_come_back_as_they_were_stored(kind: str) -> None:
    shared = kinds.SHARED[kind]
    form = {"anonymity": "named", "points": "7,5", "due_at": "2026-12-24T18:00:00+01:00", "has_inherit": "1"}
    chosen = from_form(shared.fields, form, shared.blank)
    assert (chosen.anonymity, chosen.points, chosen.inherit) == ("named", 7.5, False)
    assert shared.from_json(chosen.to_json()) == chosen
    assert shared.from_json({}) == shared.blank


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"anonymity": "nobody"}, "not one of the choices"),
        ({"points": "-1"}, "Points: write a number"),
        ({"hold_at": "2.5"}, "whole number from 1 to 50"),
        ({"due_at": "soon"}, "not a date"),
        ({"contact": "x" * 501}, "501 characters"),
        ({"credit_question": "many"}, "Questions asked: write a whole number"),
    ],
)
def test_what_a_setting_cannot_be_is_said_with_its_name(form: dict[str, str], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        from_form(question_settings.FIELDS, form, kinds.SHARED["questions"].blank)


def test_the_rule_leaves_out_what_should_not_count() -> None:
    form = {"credit_question": "2", "credit_answer": "0"}
    assert from_form(question_settings.FIELDS, form, kinds.SHARED["questions"].blank).credit == {"question": 2}
