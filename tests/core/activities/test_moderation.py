"""What classmates do about a text: check one that waits, report one that should not be shown."""

from __future__ import annotations

import pytest

from core.activities import cases, review
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.store.database import Database
from core.store.tables import Arm, Report, Review
from tests.core.activities.classroom import LONG, Classroom, count, numbered, snapshot
from tests.core.activities.test_people import together

PEERS = PracticeSettings(moderation="after_peers", peers_needed=2)


def class_of(database: Database, size: int = 6, settings: PracticeSettings = PEERS) -> tuple[Classroom, int]:
    """A class that has answered, and a text by its first student."""
    room = Classroom(database, settings=settings, students=size)
    for student in room.students:
        room.answer(student)
    return room, room.explain(room.students[0]).id


def asked(room: Classroom, place: int) -> int | None:
    """The text that a student is asked about."""
    task = room.task(room.students[place])
    return task.to_check.contribution_id if task.to_check else None


def test_a_text_joins_when_enough_classmates_say_that_it_is_fine(database: Database) -> None:
    room, text = class_of(database)
    assert [asked(room, place) for place in range(3)] == [None, text, text]  # not its author
    assert "counts" in str(room.check(room.students[1], text))
    assert (room.status(text), asked(room, 1), asked(room, 2)) == ("pending", None, text)
    room.check(room.students[1], text)  # a second word of one person is none
    assert room.status(text) == "pending"
    room.check(room.students[2], text)
    assert (room.status(text), count(database, Arm), asked(room, 3)) == ("live", 1, None)
    assert "settled" in str(room.check(room.students[3], text))
    assert count(database, Review) == 2


def test_as_many_words_against_it_leave_it_to_the_teacher(database: Database) -> None:
    room, text = class_of(database)
    room.check(room.students[1], text, fine=False)
    room.check(room.students[2], text)
    room.check(room.students[3], text, fine=False)
    assert asked(room, 4) is None
    room.check(room.students[4], text)
    assert room.status(text) == "pending"
    with room.write() as session:
        (waiting,) = review.queue(session, room.teacher)
    assert (waiting.contribution_id, waiting.why) == (text, "disputed")
    room.decide(text, "approve")
    assert room.status(text) == "live"


def test_a_text_with_more_words_is_asked_about_first(database: Database) -> None:
    room, first = class_of(database)
    second = room.explain(room.students[1], numbered(1)).id
    assert asked(room, 2) == first
    room.check(room.students[3], second)
    assert asked(room, 2) == second
    assert asked(room, 3) == first


def test_twenty_clicks_of_one_person_are_one_word(database: Database) -> None:
    room, text = class_of(database)
    together(20, lambda place: room.check(room.students[1], text, fine=place % 2 == 0))
    assert count(database, Review) == 1
    assert room.status(text) == "pending"


def test_who_may_check(database: Database) -> None:
    room, text = class_of(database)
    elsewhere = room.another_course("other")
    newcomer = room.join("newcomer")
    before = snapshot(database)
    for seat, error in (
        (room.students[0], NotAllowed),
        (room.teacher, NotAllowed),
        (newcomer, NotAllowed),  # who has not answered was not shown it
        (elsewhere.students[0], NotFound),
    ):
        with pytest.raises(error):
            room.check(seat, text)
    with pytest.raises(NotFound):
        room.check(room.students[1], 10**9)
    assert snapshot(database) == before


def test_a_text_that_its_author_keeps_is_nobody_elses_business(database: Database) -> None:
    room, _ = class_of(database)
    kept = room.explain(room.students[1], "too short").id
    before = snapshot(database)
    with pytest.raises(NotFound):
        room.check(room.students[2], kept)
    with pytest.raises(NotFound):
        room.report(room.students[2], kept)
    with pytest.raises(NotFound):
        room.decide(kept, "approve")
    assert snapshot(database) == before


def test_nobody_is_asked_before_the_key_is_shown(database: Database) -> None:
    room = Classroom(
        database,
        settings=PracticeSettings(
            moderation="after_peers",
            key_shown="after_attempts",
            attempts=2,
        ),
    )
    author, reader, _ = room.students
    room.answer(author)
    room.explain(author)
    assert room.task(reader).to_check is None
    room.answer(reader, right=False)
    assert room.task(reader).to_check is None
    room.answer(reader, right=False)
    assert room.task(reader).to_check is not None


@pytest.mark.parametrize("moderation", ["at_once", "after_teacher"])
def test_where_classmates_do_not_check_their_word_is_nothing(database: Database, moderation: str) -> None:
    room, text = class_of(database)
    room.settings(moderation=moderation, peers_needed=1)
    assert asked(room, 1) is None
    assert "settled" in str(room.check(room.students[1], text))
    assert (room.status(text), count(database, Review)) == ("pending", 0)


def test_a_changed_text_is_checked_anew(database: Database) -> None:
    room, text = class_of(database)
    room.check(room.students[1], text)
    changed = room.explain(room.students[0], numbered(2)).id
    assert asked(room, 1) == changed
    assert "settled" in str(room.check(room.students[2], text))  # the page still had the old words
    assert (room.status(changed), count(database, Arm)) == ("pending", 0)


def test_a_test_users_word_does_not_count(database: Database) -> None:
    room, text = class_of(database)
    tester = room.join("test user", is_test=True)
    room.answer(tester)
    room.check(tester, text)
    room.check(room.students[1], text)
    assert room.status(text) == "pending"
    room.check(room.students[2], text)
    assert room.status(text) == "live"


def test_a_reported_text_is_hidden_for_the_reporter_and_waits_for_the_teacher(database: Database) -> None:
    room, text = class_of(database, settings=PracticeSettings())
    room.another(room.students[1])
    room.report(room.students[1], text, "  It is\x00 rude.  ")
    room.report(room.students[1], text, "Again.")
    assert room.task(room.students[1]).slot("explanation") == []
    assert room.another(room.students[2]) is not None
    with room.write() as session:
        (waiting,) = review.queue(session, room.teacher)
        (case,) = cases.of(session, room.teacher, [waiting])
    assert (waiting.why, waiting.text, case.reasons) == ("reported", LONG, ("It is rude.",))
    assert count(database, Report) == 1


def test_a_reported_text_is_not_asked_about(database: Database) -> None:
    room, text = class_of(database)
    room.report(room.students[1], text)
    assert asked(room, 1) is None
    assert asked(room, 2) == text


def test_who_may_report(database: Database) -> None:
    room, text = class_of(database, settings=PracticeSettings())
    elsewhere = room.another_course("other")
    room.another(room.students[1])
    before = snapshot(database)
    with pytest.raises(NotAllowed, match="your own text"):
        room.report(room.students[0], text)
    with pytest.raises(NotFound):
        room.report(room.students[2], text)  # it was never shown to them: they counted through the numbers
    with pytest.raises(NotFound):
        room.report(elsewhere.students[0], text)
    with pytest.raises(NotFound):
        room.report(room.students[1], 10**9)
    with pytest.raises(Refusal, match="500"):
        room.report(room.students[1], text, "x" * 501)
    assert snapshot(database) == before
