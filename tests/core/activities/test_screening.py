"""What is looked at before a text is stored, what its author is told, and what of it is kept."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.activities import cases, places, review, screening
from core.activities.refusals import NotAllowed, Refusal
from core.activities.screening import Hints
from core.store.database import Database
from core.store.tables import Contribution, Decision
from tests.core.activities.classroom import LONG, Classroom, count, snapshot
from tests.core.activities.hall import Hall
from tests.core.activities.said import beside, decide, marks, recorded, report, say, status, store

ESSAY = (
    "The painting shows a harbour at dawn, and the light comes from behind the masts; so the painter says that the day "
    "begins for those who work, before it begins for those who look."
)


def test_new_authors_wait_for_the_teacher_once(database: Database) -> None:
    hall = Hall(database, "questions", moderation="new_authors")
    author, other, _ = hall.students
    first = say(hall, author, "One?")
    assert status(hall, say(hall, author, "Two?")) == "pending"
    decide(hall, first, "approve")
    assert status(hall, say(hall, author, "Three?")) == "live"
    assert status(hall, say(hall, other, "Four?")) == "pending"
    assert status(hall, say(hall, hall.teacher, "Five?")) == "live"


def test_who_was_approved_elsewhere_is_new_here(database: Database) -> None:
    """Else a made-up name whose first text is shown at once would tell that it is somebody known."""
    hall = Hall(database, "questions", moderation="new_authors", anonymity="pseudonym")
    second = beside(hall, moderation="new_authors", anonymity="pseudonym")
    decide(hall, say(hall, hall.students[0]), "approve")
    text = say(second, hall.students[0])
    assert status(second, text) == "pending"
    with database.read() as session:
        (waiting,) = review.queue(session, hall.teacher)
    assert (waiting.contribution_id, waiting.author_is_new) == (text, True)


def test_where_nobody_is_known_nobody_is_known_to_be_new(database: Database) -> None:
    hall = Hall(database, "questions", moderation="new_authors", anonymity="anonymous")
    decide(hall, say(hall, hall.students[0], "One?"), "approve")
    text = say(hall, hall.students[0], "Two?")
    assert status(hall, text) == "pending"
    with database.read() as session:
        (waiting,) = review.queue(session, hall.teacher)
        (case,) = cases.of(session, hall.teacher, [waiting])
    assert (waiting.author_is_new, case.author.name, str(case.author.words)) == (False, None, "Somebody")


def test_coarse_words_wait_for_the_teacher_with_a_kind_sentence(database: Database) -> None:
    hall = Hall(database, "questions")
    number, stored = hall.do(store, hall.students[0], "Why is this shit?", hall=hall)
    assert (stored.status, status(hall, number)) == ("pending", "pending")
    assert "may hurt somebody" in str(stored.message)
    assert (marks(hall), recorded(hall)) == ({number: ("coarse",)}, [("coarse", False)])
    decide(hall, number, "approve")
    assert (status(hall, number), marks(hall)) == ("live", {})


def test_coarse_is_what_is_coarse_in_the_reader_s_language(database: Database) -> None:
    hall = Hall(database, "questions")
    texts = {
        language: say(hall, hall.students[0], f"Merde {language}?", language=language) for language in ("fr", "de")
    }
    assert [status(hall, text) for text in texts.values()] == ["pending", "live"]


def test_a_cry_for_help_is_shown_like_any_text_and_read_first(database: Database) -> None:
    hall = Hall(database, "questions", contact="Ms Li, room 3, 555 0101")
    say(hall, hall.students[1], "This is shit.")
    number, stored = hall.do(store, hall.students[0], "I don't want to live anymore.", hall=hall)
    assert (stored.status, status(hall, number)) == ("live", "live")
    assert str(stored.message) == "Saved. Classmates can see it now."
    assert str(stored.comfort) == (
        "If you are not well, you do not have to be alone with it. You can turn to: Ms Li, room 3, 555 0101"
    )
    assert next(iter(marks(hall).items())) == (number, ("worry",))
    decide(hall, number, "keep")
    assert (status(hall, number), number in marks(hall)) == ("live", False)


def test_without_a_contact_the_comfort_names_whom_everybody_has(database: Database) -> None:
    hall = Hall(database, "questions")
    _, stored = hall.do(store, hall.students[0], "I want to die.", hall=hall)
    assert "somebody you trust" in str(stored.comfort)


def test_what_a_rule_decides_about_an_anonymous_text_carries_its_day_and_no_time(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous")
    hall.later(hours=3, minutes=7)
    say(hall, hall.students[0], "This is shit, and I want to die.")
    with database.read() as session:
        times = set(session.scalars(select(Decision.created_at))) | set(
            session.scalars(select(Contribution.created_at))
        )
    assert {(when.hour, when.minute) for when in times} == {(0, 0)}
    assert count(database, Decision) == 2


def test_personal_data_asks_once_whether_it_is_meant(database: Database) -> None:
    hall = Hall(database, "questions")
    before = snapshot(database)
    with pytest.raises(Refusal, match=r"“anna@uni\.de” looks like an e-mail address"):
        say(hall, hall.students[0], "Write to anna@uni.de")
    assert snapshot(database) == before
    assert status(hall, say(hall, hall.students[0], "Write to anna@uni.de", anyway=True)) == "live"
    assert status(hall, say(hall, hall.teacher, "Write to me: li@uni.de")) == "live"


def test_the_same_words_are_sent_once(database: Database) -> None:
    hall = Hall(database, "questions")
    author, other, _ = hall.students
    text = say(hall, author, "Why is that so?")
    with pytest.raises(Refusal, match="here already"):
        say(hall, author, " why is  THAT so?")
    say(hall, other, "Why is that so?")  # short words are alike by chance
    answer = say(hall, author, "Because.", kind="answer", parent_id=text)
    say(hall, author, "Because.", kind="comment", parent_id=answer)
    say(hall, author, "Because.", kind="comment", parent_id=text)
    with pytest.raises(Refusal, match="here already"):
        say(hall, author, "Because.", kind="comment", parent_id=text)


@pytest.mark.parametrize("copy", [ESSAY, ESSAY.replace("harbour", "harbor").upper(), ESSAY.replace(".", "!")])
def test_a_copy_of_a_classmate_s_text_waits_and_shows_the_teacher_both(database: Database, copy: str) -> None:
    hall = Hall(database, "questions")
    original = say(hall, hall.students[0], ESSAY)
    number, stored = hall.do(store, hall.students[1], copy, hall=hall)
    assert (stored.status, marks(hall)) == ("pending", {number: ("alike",)})
    assert "much like a text that is here already" in str(stored.message)
    with database.read() as session:
        (case,) = cases.of(session, hall.teacher, review.queue(session, hall.teacher))
        assert session.scalar(select(Decision.reason)) == str(original)
    assert case.repeats == ESSAY
    other = ESSAY.replace("harbour at dawn", "market at noon").replace("from behind the masts", "from above the roofs")
    assert status(hall, say(hall, hall.students[2], other)) == "live"


def test_taken_out_or_held_words_do_not_come_back_by_another_way(database: Database) -> None:
    hall = Hall(database, "questions", hold_at=1)
    author, reporter, _ = hall.students
    out, held = say(hall, author, "One?"), say(hall, author, "Two?")
    decide(hall, out, "retire")
    report(hall, reporter, held)
    for words, match in (("One?", "took these words out"), ("Two?", "reported these words")):
        with pytest.raises(NotAllowed, match=match):
            say(hall, author, words)
    decide(hall, held, "keep")
    with pytest.raises(Refusal, match="here already"):
        say(hall, author, "Two?")


def hinted(hall: Hall, text: str, language: str = "en", *, alike: bool = True) -> Hints:
    return hall.see(
        lambda session, seat, opened: screening.hints(
            session, seat, opened, places.settings(opened), text, language=language, alike=alike
        ),
        hall.students[0],
    )


def test_hints_say_before_what_would_be_said_after(database: Database) -> None:
    hall = Hall(database, "questions", hold_at=1, contact="Ms Li")
    say(hall, hall.students[1], "How is entropy defined for a gas?")
    hidden = say(hall, hall.students[1], "How is the entropy of a gas defined?")
    report(hall, hall.students[0], hidden)
    assert not hinted(hall, "Where do birds sleep at night?")
    found = hinted(hall, "how is the entropy of a gas defined, this shit? Call 555-234-5678. I want to die.")
    assert [(str(hint.kind), hint.words) for hint in found.personal] == [("a telephone number", "555-234-5678")]
    assert (found.coarse, "Ms Li" in str(found.comfort)) == (("shit",), True)
    alike = hinted(hall, "how is the entropy of a gas defined")
    assert alike.alike == ("How is entropy defined for a gas?",)  # and not what this reader cannot see
    assert hinted(hall, "how is the entropy of a gas defined", alike=False).alike == ()
    assert hinted(hall, "x " * 100_000) is not None  # a flood is cut


def test_in_practice_coarse_words_wait_and_a_cry_for_help_is_read_first(database: Database) -> None:
    room = Classroom(database, students=3)
    for student in room.students:
        room.answer(student)
    coarse = room.explain(room.students[0], LONG + " What a shit question.")
    worry = room.explain(room.students[1], LONG + " I don't want to live anymore.")
    assert (coarse.status, worry.status) == ("pending", "live")
    assert "may hurt somebody" in str(coarse.message)
    with room.write() as session:
        found = [(text.contribution_id, text.marks) for text in review.queue(session, room.teacher)]
    assert found == [(worry.id, ("worry",)), (coarse.id, ("coarse",))]
    room.decide(worry.id, "keep")
    room.decide(coarse.id, "approve")
    assert (room.status(coarse.id), room.differences()) == ("live", [])
