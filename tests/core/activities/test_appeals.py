"""One's own texts and how they stand; asking once for a second look; and what the teacher makes of it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from core.activities import appeals, cases, review
from core.activities.appeals import Own
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Opened, Seat
from core.store.database import Database
from core.store.tables import Appeal
from core.words import Sentence
from tests.core.activities.classroom import Classroom, count, snapshot
from tests.core.activities.hall import Hall
from tests.core.activities.said import decide, marks, recorded, report, say, status
from tests.core.activities.test_reports import at_once


def own(hall: Hall, seat: Seat) -> list[Own]:
    return hall.see(lambda session, seat, opened: appeals.own(session, seat, opened.id), seat)


def appeal(hall: Hall, seat: Seat, text: int, words: str = "It is only a question.") -> Sentence:
    def use(session: Session, seat: Seat, opened: Opened) -> Sentence:
        return appeals.appeal(session, seat, opened.id, text, words, now=hall.now)

    return hall.do(use, seat)


def test_everybody_sees_how_their_own_texts_stand_and_nobody_else_s(database: Database) -> None:
    hall = Hall(database, "questions", students=4, hold_at=1)
    author, other, _, _ = hall.students
    live, held, out = say(hall, author, "One?"), say(hall, author, "Two?"), say(hall, author, "Three?")
    waits = say(hall, author, "This is shit.")
    say(hall, other, "Mine?")
    report(hall, other, held)
    decide(hall, out, "retire", "It was asked last week.")
    found = {text.id: (text.stands, text.reason, text.may_appeal) for text in own(hall, author)}
    assert found == {
        live: ("live", "", False),
        held: ("held", "", True),
        out: ("taken out", "It was asked last week.", True),
        waits: ("pending", "", False),
    }
    assert list(found) == [waits, out, held, live]  # the newest first
    assert all(str(text.standing) for text in own(hall, author))


def test_where_nobody_is_known_nothing_is_listed(database: Database) -> None:
    hall = Hall(database, "questions", anonymity="anonymous")
    text = say(hall, hall.students[0])
    decide(hall, text, "retire")
    assert own(hall, hall.students[0]) == []
    with pytest.raises(NotFound):
        appeal(hall, hall.students[0], text)


@pytest.mark.parametrize("how", ["held", "taken out"])
@pytest.mark.parametrize(("answer", "upheld"), [("restore", False), ("uphold", True)])
def test_an_appeal_is_put_before_the_teacher_and_answered(
    database: Database, how: str, answer: str, upheld: bool
) -> None:
    hall = Hall(database, "questions", hold_at=1)
    author, reporter, _ = hall.students
    text = say(hall, author)
    if how == "held":
        report(hall, reporter, text, "rude")
    else:
        decide(hall, text, "retire")
    hall.later(hours=1)
    assert "looks at it again" in str(appeal(hall, author, text))
    assert marks(hall) == {text: ("held", "reported", "appealed") if how == "held" else ("appealed",)}
    with database.read() as session:
        (case,) = cases.of(session, hall.teacher, review.queue(session, hall.teacher))
    assert case.appeal == "It is only a question."
    if (how, answer) == ("held", "uphold"):
        answer = "retire"  # the button of a held text
    decide(hall, text, answer, "As before." if upheld else "")
    (mine,) = own(hall, author)
    assert (mine.stands, mine.upheld, mine.may_appeal) == ("taken out" if upheld else "live", upheld, False)
    assert mine.reason == ("As before." if upheld else "")
    assert marks(hall) == {}
    assert recorded(hall)[-1] == (answer, True)


def test_once_a_text_with_words_and_only_where_there_is_something_to_look_at(database: Database) -> None:
    hall = Hall(database, "questions", hold_at=1)
    author, reporter, _ = hall.students
    text, live = say(hall, author, "One?"), say(hall, author, "Two?")
    report(hall, reporter, text)
    before = snapshot(database)
    with pytest.raises(Refusal, match="few words"):
        appeal(hall, author, text, " \u200b ")
    with pytest.raises(Refusal, match="1000"):
        appeal(hall, author, text, "x" * 1001)
    with pytest.raises(NotAllowed, match="Nothing keeps"):
        appeal(hall, author, live)
    for seat, number in ((reporter, text), (author, 10**9)):
        with pytest.raises(NotFound):
            appeal(hall, seat, number)
    assert snapshot(database) == before
    appeal(hall, author, text)
    with pytest.raises(Refusal, match="once"):
        appeal(hall, author, text, "Again!")
    decide(hall, text, "retire")
    with pytest.raises(Refusal, match="once"):
        appeal(hall, author, text, "Again!")
    assert count(database, Appeal) == 1


def test_of_twenty_appeals_at_once_one_is_stored(database: Database) -> None:
    hall = Hall(database, "questions", hold_at=1)
    text = say(hall, hall.students[0])
    report(hall, hall.students[1], text)
    errors = at_once(*(lambda: appeal(hall, hall.students[0], text) for _ in range(20)))
    assert (len(errors), count(database, Appeal)) == (19, 1)
    assert all(isinstance(error, Refusal) for error in errors)


def test_an_explanation_that_was_taken_out_can_be_appealed(database: Database) -> None:
    room = Classroom(database)
    room.answer(room.students[0])
    text = room.explain(room.students[0]).id
    room.decide(text, "retire")
    with room.write() as session:
        (mine,) = appeals.own(session, room.students[0], room.activity_id)
        assert (mine.id, mine.stands, mine.may_appeal) == (text, "taken out", True)
        appeals.appeal(session, room.students[0], room.activity_id, text, "It is right.", now=room.now)
    with room.write() as session:
        assert [(w.contribution_id, w.marks) for w in review.queue(session, room.teacher)] == [(text, ("appealed",))]
    room.decide(text, "restore")
    assert (room.status(text), room.differences()) == ("live", [])


def test_held_texts_of_other_courses_cannot_be_decided(database: Database) -> None:
    hall = Hall(database, "questions", hold_at=1)
    elsewhere = hall.another_course("other")
    text = say(hall, hall.students[0])
    report(hall, hall.students[1], text)
    for action in ("keep", "retire", "approve", "restore"):
        with pytest.raises(NotFound), database.write() as session:
            review.decide(session, elsewhere.teacher, text, action, now=hall.now)
    assert (status(hall, text), marks(elsewhere)) == ("held", {})
