"""Reports: who may, what they hide, when a text is held back, and that none of them deletes anything."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from sqlalchemy import select

from core.activities import recount, visibility
from core.activities.moderation import REPORTS_A_DAY
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Seat
from core.store.database import Database
from core.store.tables import Contribution, Decision, Grade, Report
from tests.core.activities.classroom import Classroom, count, snapshot
from tests.core.activities.hall import Hall
from tests.core.activities.said import decide, marks, recorded, report, say, status, version


def seen_by(hall: Hall, seat: Seat) -> list[int]:
    with hall.database.read() as session:
        shown = select(Contribution.id).where(Contribution.activity_id == hall.activity_id, visibility.shown_to(seat))
        return list(session.scalars(shown.order_by(Contribution.id), {"reader": seat.person_id}))


def test_a_report_hides_a_text_for_the_reporter_alone_and_queues_it(database: Database) -> None:
    hall = Hall(database, "questions")
    author, reporter, other = hall.students
    text = say(hall, author)
    before = version(hall)
    assert "will not see this text again" in str(report(hall, reporter, text, "  It is\x00 rude. "))
    assert str(report(hall, reporter, text, "Again.")) == str(report(hall, reporter, text))
    assert (seen_by(hall, reporter), seen_by(hall, other), seen_by(hall, author)) == ([], [text], [text])
    assert (status(hall, text), marks(hall), count(database, Report)) == ("live", {text: ("reported",)}, 1)
    assert version(hall) == before  # nobody else's page changed
    with database.read() as session:
        assert session.scalars(select(Report.reason)).all() == ["It is rude."]


def test_enough_independent_reports_hold_a_text_back_and_delete_nothing(database: Database) -> None:
    hall = Hall(database, "questions", students=5, hold_at=3)
    author, *others = hall.students
    text = say(hall, author)
    for reporter in others[:2]:
        report(hall, reporter, text)
    assert status(hall, text) == "live"
    before = version(hall)
    report(hall, others[2], text)
    assert (status(hall, text), version(hall) > before) == ("held", True)
    assert marks(hall) == {text: ("held", "reported")}
    assert recorded(hall) == [("hold", False)]
    assert (seen_by(hall, others[3]), seen_by(hall, author)) == ([], [text])
    with database.read() as session:
        assert session.scalar(select(Contribution.text)) == "Why is that so?"
        assert session.scalar(select(Decision.reason)) == "3"


def test_whose_reports_count(database: Database) -> None:
    """Not a test user's, not a teacher's, not the author's, and nobody's twice."""
    hall = Hall(database, "questions", students=4, hold_at=2)
    author, one, two, _ = hall.students
    text = say(hall, author)
    with pytest.raises(NotAllowed, match="your own text"):
        report(hall, author, text)
    report(hall, hall.join("test user", is_test=True), text)
    report(hall, hall.teacher, text)
    report(hall, one, text)
    report(hall, one, text)
    assert status(hall, text) == "live"
    report(hall, two, text)
    assert status(hall, text) == "held"


def test_only_what_one_can_see_can_be_reported(database: Database) -> None:
    hall = Hall(database, "questions", students=5, hold_at=1)
    author, reader, other, _, _ = hall.students
    elsewhere = hall.another_course("other")
    held, waiting, under = say(hall, author, "One?"), say(hall, author, "This is shit."), say(hall, author, "Two?")
    answer = say(hall, author, "Because.", kind="answer", parent_id=under)
    report(hall, other, held)
    decide(hall, under, "retire")
    before = snapshot(database)
    for text in (held, waiting, answer, 10**9):
        with pytest.raises(NotFound, match="not shown here"):
            report(hall, reader, text)
    with pytest.raises(NotFound):
        report(elsewhere, elsewhere.students[0], held)
    assert snapshot(database) == before


def test_reports_are_limited(database: Database) -> None:
    hall = Hall(database, "questions", students=2, hold_at=50, daily=500)
    texts = [say(hall, hall.students[0], f"Question {place}?") for place in range(REPORTS_A_DAY + 1)]
    for text in texts[:-1]:
        report(hall, hall.students[1], text)
    before = snapshot(database)
    with pytest.raises(Refusal, match="enough for today"):
        report(hall, hall.students[1], texts[-1])
    assert snapshot(database) == before
    report(hall, hall.students[1], texts[0])  # once more of the same is none
    hall.later(days=1)
    report(hall, hall.students[1], texts[-1])


def test_an_overlong_reason_is_refused_and_nothing_is_hidden(database: Database) -> None:
    hall = Hall(database, "questions")
    text = say(hall, hall.students[0])
    with pytest.raises(Refusal, match="500"):
        report(hall, hall.students[1], text, "x" * 501)
    assert seen_by(hall, hall.students[1]) == [text]


@pytest.mark.parametrize("action", ["keep", "restore", "approve"])
def test_a_teacher_s_word_stands_against_later_reports(database: Database, action: str) -> None:
    hall = Hall(database, "questions", students=7, hold_at=2)
    author, *others = hall.students
    text = say(hall, author)
    for reporter in others[:2]:
        report(hall, reporter, text)
    decide(hall, text, action)
    assert (status(hall, text), marks(hall)) == ("live", {})
    for reporter in others[2:]:
        report(hall, reporter, text)
    assert (status(hall, text), marks(hall)) == ("live", {text: ("reported",)})
    assert recorded(hall) == [("hold", False), ("restore", True)]


def test_a_teacher_s_text_is_queued_and_never_held_back(database: Database) -> None:
    hall = Hall(database, "questions", students=4, hold_at=2)
    text = say(hall, hall.teacher)
    for reporter in hall.students:
        report(hall, reporter, text)
    assert (status(hall, text), marks(hall)) == ("live", {text: ("reported",)})


def test_the_author_s_score_follows_what_classmates_can_see(database: Database) -> None:
    hall = Hall(database, "questions", hold_at=1, points=10.0, credit={"question": 2})
    author, reporter, _ = hall.students
    say(hall, author, "One?")
    text = say(hall, author, "Two?")

    def score() -> float | None:
        with database.read() as session:
            assert [str(found) for found in recount.everything(session)] == []
            return session.scalar(select(Grade.score).where(Grade.person_id == author.person_id))

    assert score() == 10.0
    report(hall, reporter, text)
    assert (status(hall, text), score()) == ("held", 5.0)
    decide(hall, text, "keep")
    assert score() == 10.0
    decide(hall, text, "retire")
    assert score() == 5.0


def at_once(*does: object) -> list[Exception]:
    errors: list[Exception] = []
    start = threading.Barrier(len(does))

    def run(do: object) -> None:
        start.wait()
        try:
            do()  # type: ignore[operator]
        except Exception as error:  # told by the test
            errors.append(error)

    threads = [threading.Thread(target=run, args=(do,)) for do in does]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_of_two_last_reports_at_once_one_holds_the_text_back(database: Database) -> None:
    hall = Hall(database, "questions", students=4, hold_at=3)
    texts = [say(hall, hall.students[0], f"Question {place}?") for place in range(6)]
    for text in texts:
        report(hall, hall.students[1], text)
        assert at_once(*(partial(report, hall, seat, text) for seat in hall.students[2:])) == []
        assert status(hall, text) == "held"
    assert recorded(hall) == [("hold", False)] * 6


def test_fifty_reports_of_one_person_at_once_are_one(database: Database) -> None:
    hall = Hall(database, "questions", students=2, hold_at=2)
    text = say(hall, hall.students[0])
    assert at_once(*(lambda: report(hall, hall.students[1], text) for _ in range(50))) == []
    assert (count(database, Report), status(hall, text)) == (1, "live")


def test_two_who_report_each_other_at_once_do_not_wait_for_each_other(database: Database) -> None:
    """Both scores change, each by the other's report; nobody holds two people."""
    hall = Hall(database, "questions", students=8, hold_at=1, points=10.0, credit={"question": 1})
    texts = [say(hall, seat, f"Question {place}?") for place, seat in enumerate(hall.students)]
    pairs = [(seat, texts[place ^ 1]) for place, seat in enumerate(hall.students)]
    errors = at_once(
        *(lambda seat=seat, text=text: report(hall, seat, text) for seat, text in pairs),
        *(lambda seat=seat: say(hall, seat, "Another one?") for seat in hall.students),
    )
    assert errors == []
    assert [status(hall, text) for text in texts] == ["held"] * 8
    with database.read() as session:
        assert [str(found) for found in recount.everything(session)] == []


def test_a_report_and_the_teacher_s_decision_at_once(database: Database) -> None:
    hall = Hall(database, "questions", students=2, hold_at=1)
    for place in range(5):
        text = say(hall, hall.students[0], f"Question {place}?")
        errors = at_once(partial(report, hall, hall.students[1], text), partial(decide, hall, text, "retire"))
        assert all(isinstance(error, NotFound) for error in errors)
        assert status(hall, text) == "retired"


# --- texts of problems ---


def reported_in_practice(database: Database) -> tuple[Classroom, int]:
    """A class in which everybody was shown the first student's explanation."""
    room = Classroom(database, students=6)
    for student in room.students:
        room.answer(student)
    text = room.explain(room.students[0]).id
    for student in room.students[1:]:
        room.another(student)
    return room, text


def test_in_practice_three_reports_hold_a_text_back(database: Database) -> None:
    room, text = reported_in_practice(database)
    for student in room.students[1:3]:
        room.report(student, text)
    assert room.status(text) == "live"
    room.report(room.students[3], text)
    assert room.status(text) == "held"
    newcomer = room.join("newcomer")
    room.answer(newcomer)
    assert room.another(newcomer) is None
    assert room.task(room.students[4]).slot("explanation") == []  # it also goes from where it was shown
    room.decide(text, "keep")
    assert (room.status(text), room.another(newcomer) is not None, room.differences()) == ("live", True, [])


def test_sending_the_words_anew_does_not_undo_that(database: Database) -> None:
    room, text = reported_in_practice(database)
    author = room.students[0]
    for student in room.students[1:4]:
        room.report(student, text)
    assert "Several people reported it" in str(room.explain(author).message)  # the same words: nothing changes
    with pytest.raises(NotAllowed, match="reported this text"):
        room.explain(author, likely=False)
    room.withdraw(author, text)
    with pytest.raises(NotAllowed, match="reported this text"):
        room.explain(author)
    assert (
        room.explain(author, "Other words, which are as long as is needed to be shown to classmates here.").status
        == "live"
    )


def test_what_replaces_a_held_text_waits_for_the_teacher(database: Database) -> None:
    room, text = reported_in_practice(database)
    for student in room.students[1:4]:
        room.report(student, text)
    newer = room.explain(
        room.students[0], "Other words, which are as long as is needed to be shown to classmates here."
    )
    assert (newer.status, room.status(text)) == ("pending", "retired")
    room.decide(newer.id, "approve")
    assert room.status(newer.id) == "live"
