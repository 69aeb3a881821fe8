"""What becomes of a text: kept, waiting, in the pool, replaced, taken back; and that ratings stay with their words."""

from __future__ import annotations

import pytest

from core.activities import contributions
from core.activities.contributions import SHORTEST, author_of
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.store.database import Database
from core.store.tables import Arm, Contribution
from tests.core.activities.classroom import LONG, Classroom, count, numbered, one_choice, snapshot
from tests.core.activities.test_people import together

OTHER = "Every odd number is one more than an even one, so two of them make two more than an even one."


def answered(database: Database, moderation: str = "at_once") -> Classroom:
    room = Classroom(database, settings=PracticeSettings(moderation=moderation))
    for student in room.students:
        room.answer(student)
    return room


LENGTHS = (
    ("x" * SHORTEST, True, "kept"),
    ("x" * (SHORTEST + 1), True, "live"),
    ("x" * (SHORTEST + 1), False, "kept"),
    (LONG, True, "live"),
    ("a" + " " * 80 + "b", True, "kept"),  # padding is not substance
    ("so" + "\u200b" * 80, True, "kept"),
)


def test_more_than_sixty_characters_and_likely_to_help(database: Database) -> None:
    room = Classroom(database, students=len(LENGTHS))
    for student, (said, likely, status) in zip(room.students, LENGTHS, strict=True):
        room.answer(student)
        written = room.explain(student, said, likely=likely)
        assert written.status == room.status(written.id) == status, said
        assert count(database, Arm, Arm.contribution_id == written.id) == (status == "live")
        assert room.task(student).mine["explanation"].text == said
        assert {"live": "can now be shown", "kept": "Saved for you"}[status] in str(written.message)


@pytest.mark.parametrize(
    ("moderation", "status", "says"),
    [("at_once", "live", "now"), ("after_peers", "pending", "2 classmates"), ("after_teacher", "pending", "teacher")],
)
def test_moderation_decides_when_a_text_joins(database: Database, moderation: str, status: str, says: str) -> None:
    room = answered(database, moderation)
    author, reader, late = room.students[0], room.students[1], room.join("late")
    written = room.explain(author)
    assert (written.status, count(database, Arm)) == (status, status == "live")
    assert says in str(written.message)
    assert (room.another(reader) is not None) == (status == "live")
    room.answer(late)
    assert len(room.task(late).slot("explanation")) == (status == "live")


@pytest.mark.parametrize("moderation", ["at_once", "after_peers", "after_teacher"])
def test_the_same_text_twice_changes_nothing(database: Database, moderation: str) -> None:
    room = answered(database, moderation)
    author = room.students[0]
    first = room.explain(author)
    before = snapshot(database)
    again = room.explain(author, f"  {LONG}\r\n")
    assert (again.id, again.status) == (first.id, first.status)
    assert snapshot(database) == before


def test_sent_from_many_windows_at_once_it_is_one(database: Database) -> None:
    room = answered(database)
    author = room.students[0]
    written = together(10, lambda _: room.explain(author))
    assert len({one.id for one in written}) == 1
    assert count(database, Contribution) == count(database, Arm) == 1


def test_what_is_no_text_is_refused(database: Database) -> None:
    room = answered(database)
    before = snapshot(database)
    for said in ("", " \n\t ", "\x00", "\u200b\u2060", "x" * 5_001, "x" * 100_000):
        with pytest.raises(Refusal):
            room.explain(room.students[0], said)
    assert snapshot(database) == before


def test_a_text_is_stored_without_tricks(database: Database) -> None:
    room = answered(database)
    room.explain(room.students[0], f"\u202e{LONG}\x00\x08\r\nnext\u202c ")
    assert room.task(room.students[0]).mine["explanation"].text == f"{LONG}\nnext"


def test_a_text_that_its_author_alone_has_seen_is_replaced_in_place(database: Database) -> None:
    room = answered(database)
    author = room.students[0]
    first = room.explain(author, likely=False)
    second = room.explain(author, OTHER, likely=False)
    third = room.explain(author, OTHER)
    assert (first.id, third.status) == (second.id, "live")
    assert second.id == third.id
    assert count(database, Contribution) == 1


@pytest.mark.parametrize("moderation", ["at_once", "after_peers", "after_teacher"])
def test_any_other_change_is_a_new_version(database: Database, moderation: str) -> None:
    """A waiting text may be before a classmate's or the teacher's eyes: what they approve must be what they read."""
    room = answered(database, moderation)
    author = room.students[0]
    first = room.explain(author)
    second = room.explain(author, OTHER)
    assert second.id != first.id
    assert (room.status(first.id), room.status(second.id)) == ("retired", second.status)
    assert room.task(author).mine["explanation"].id == second.id
    with room.write() as session:
        kept = session.get_one(Contribution, first.id)
        assert (kept.retired_because, kept.version, kept.text) == ("replaced", 1, LONG)


def test_ratings_belong_to_the_words_that_were_rated(database: Database) -> None:
    room = answered(database)
    author, reader, other = room.students
    first = room.explain(author)
    room.another(reader)
    room.rate(reader, room.exposures()[-1].id, 1)
    second = room.explain(author, OTHER)
    assert room.arm(second.id) == (0, 0, 0, 0)
    back = room.explain(author, LONG)  # bad ratings are not shaken off by a detour
    assert (back.id, back.status, room.arm(first.id)) == (first.id, "live", (1, 1, 1, 1))
    assert room.status(second.id) == "retired"
    assert room.task(author).mine["explanation"].id == first.id
    room.withdraw(author, first.id)
    assert room.explain(author, LONG).id == first.id
    room.explain(author, LONG, likely=False)
    assert room.explain(author, LONG).id == first.id
    assert room.arm(first.id) == (1, 1, 1, 1)
    assert count(database, Contribution, Contribution.status == "live") == 1
    assert room.another(other) is not None
    assert room.differences() == []


def test_a_reported_text_stays_hidden_when_it_comes_back(database: Database) -> None:
    room = answered(database)
    author, reader, _ = room.students
    text = room.explain(author).id
    room.another(reader)
    room.report(reader, text)
    room.withdraw(author, text)
    assert room.explain(author).id == text
    assert room.another(reader) is None


def test_words_that_were_approved_need_no_second_approval(database: Database) -> None:
    room = answered(database, "after_teacher")
    author = room.students[0]
    text = room.explain(author).id
    room.decide(text, "approve")
    room.withdraw(author, text)
    assert room.explain(author).status == "live"
    assert room.explain(author, OTHER).status == "pending"


def test_the_author_takes_a_text_back(database: Database) -> None:
    room = answered(database)
    author, reader, _ = room.students
    text = room.explain(author).id
    room.withdraw(author, text)
    room.withdraw(author, text)
    assert room.status(text) == "retired"
    assert room.another(reader) is None
    assert room.task(author).mine == {}
    assert room.explain(author, OTHER).status == "live"


def test_nobody_else_takes_it_back(database: Database) -> None:
    room = answered(database)
    elsewhere = room.another_course("other")
    text = room.explain(room.students[0]).id
    for seat in (room.students[1], room.teacher, elsewhere.students[0], elsewhere.teacher):
        with pytest.raises(NotFound, match="not one of yours"):
            room.withdraw(seat, text)
    assert room.status(text) == "live"


@pytest.mark.parametrize("moderation", ["at_once", "after_teacher"])
def test_what_the_teacher_took_out_does_not_come_back_by_sending_it_again(database: Database, moderation: str) -> None:
    room = answered(database, moderation)
    author = room.students[0]
    text = room.explain(author).id
    room.decide(text, "retire")
    room.withdraw(author, text)  # it is the teacher's decision that stands
    assert room.task(author).mine["explanation"].status == "retired"
    for said in (LONG, f" {LONG}\n"):
        with pytest.raises(NotAllowed, match="took this text out"):
            room.explain(author, said)
    with pytest.raises(NotAllowed, match="took this text out"):
        room.explain(author, kind="worked_example")  # nor as another kind of text
    room.explain(author, OTHER)
    with pytest.raises(NotAllowed, match="took this text out"):
        room.explain(author)  # nor after another one
    assert (room.status(text), room.task(author).mine["explanation"].text) == ("retired", OTHER)


def test_a_new_text_after_one_was_taken_out_and_an_old_one_after_that(database: Database) -> None:
    room = answered(database)
    author = room.students[0]
    first = room.explain(author)
    second = room.explain(author, OTHER)
    room.decide(second.id, "retire")
    assert room.explain(author).id == first.id
    assert room.task(author).mine["explanation"].id == first.id


def test_explanation_and_worked_example_are_two_texts(database: Database) -> None:
    room = answered(database)
    author = room.students[0]
    explanation, example = room.explain(author), room.explain(author, OTHER, kind="worked_example")
    assert {kind: mine.id for kind, mine in room.task(author).mine.items()} == {
        "explanation": explanation.id, "worked_example": example.id,
    }  # fmt: skip
    with room.database.read() as session:
        assert {arm.contribution_id: arm.slot for arm in session.query(Arm)} == {
            explanation.id: "explanation", example.id: "help",
        }  # fmt: skip


def test_a_teachers_text_is_shown_at_once_however_short(database: Database) -> None:
    room = answered(database, "after_peers")
    hint = room.hint("Pairs!")
    assert hint.status == "live"
    assert room.hint("Pairs!").id == hint.id
    assert room.hint("Two pairs!").id != hint.id
    with room.database.read() as session:
        assert {arm.author for arm in session.query(Arm)} == {"teacher"}


def test_texts_go_to_problems_of_the_course_alone(database: Database) -> None:
    room = answered(database)
    elsewhere = room.another_course("other", one_choice())
    before = snapshot(database)
    for problem in (elsewhere.problems[0], 10**9):
        with pytest.raises(NotFound, match="not in your course"):
            room.hint("Pairs!", problem)
    assert snapshot(database) == before


@pytest.mark.parametrize(
    ("kind", "is_star", "role", "author"),
    [
        ("worked_example", True, "student", "star"),
        ("worked_example", False, "student", "student"),
        ("explanation", True, "student", "student"),
        ("reason", True, "student", "student"),
        ("hint", False, "teacher", "teacher"),
        ("explanation", True, "teacher", "teacher"),
    ],
)
def test_whose_text_it_is_to_the_policy(kind: str, is_star: bool, role: str, author: str) -> None:
    assert author_of(kind, is_star=is_star, role=role) == author


def test_many_authors_at_once(database: Database) -> None:
    room = Classroom(database, students=10)
    for student in room.students:
        room.answer(student)
    written = together(10, lambda place: room.explain(room.students[place], numbered(place)))
    assert {one.status for one in written} == {"live"}
    assert count(database, Arm) == 10
    with room.database.read() as session:
        assert len(contributions.mine(session, room.students[3], room.problems[0])) == 1
