"""What people wrote in polls comes to the teacher's queue: hidden by a rule or by reports, or reported alone."""

from __future__ import annotations

import pytest

from core.activities import answer_review, decisions, poll_results, poll_writing, polls, seats
from core.activities.answer_review import WaitingAnswer
from core.activities.refusals import NotAllowed
from core.activities.seats import Seat
from core.store.database import Database
from tests.core.activities.ballots import make, result, vote
from tests.core.activities.hall import Hall

DATABASES = ("sqlite",)


def waiting(hall: Hall, seat: Seat | None = None) -> list[WaitingAnswer]:
    with hall.database.read() as session:
        return answer_review.waiting(session, seat or hall.teacher)


def seen(hall: Hall, poll_id: int, seat: Seat) -> list[str]:
    return [line.text for line in result(hall, poll_id, seat).lines]  # type: ignore[union-attr]


def report(hall: Hall, poll_id: int, text: str, *seats: Seat) -> None:
    for seat in seats:
        hall.do(poll_results.report, seat, poll_id, text, now=hall.now)


def decide(hall: Hall, poll_id: int, text: str, *, hidden: bool) -> None:
    hall.do(poll_results.hide, hall.teacher, poll_id, text, hidden=hidden, now=hall.now)


@pytest.mark.both_databases
@pytest.mark.parametrize("anonymous", [False, True])
def test_one_report_is_told_to_the_teacher_and_enough_of_them_hide(database: Database, anonymous: bool) -> None:
    hall = Hall(database, "poll", students=5, hold_at=2)
    poll_id, (anna, ben, cleo, dora, _) = make(hall, "text", prompt="Why?", is_anonymous=anonymous), hall.students
    for seat, text in ((anna, "Ben is silly."), (ben, "Because."), (cleo, "So.")):
        vote(hall, poll_id, seat, text)
    assert waiting(hall) == []
    report(hall, poll_id, "Ben is silly.", ben, ben)
    (answer,) = waiting(hall)
    assert answer == WaitingAnswer(
        poll_id, "Ben is silly.", ("Ben is silly.",), 1, 1, is_shown=True, why="reported", place="Hall", prompt="Why?"
    )
    report(hall, poll_id, "Ben is silly.", cleo)
    (answer,) = waiting(hall)
    assert (answer.why, answer.reports, answer.is_shown) == ("held", 2, False)
    assert seen(hall, poll_id, dora) == ["Because.", "So."]
    with database.read() as session:
        (entry,) = decisions.listed(session, hall.teacher, by="rule")
    assert (entry.action, entry.reason) == ("hold_answer", "Ben is silly.")


@pytest.mark.both_databases
def test_what_the_teacher_let_stand_waits_again_after_a_report_and_is_not_hidden_by_it(database: Database) -> None:
    hall = Hall(database, "poll", students=6, hold_at=2)
    poll_id, (anna, ben, cleo, dora, eve, fay) = make(hall, "text"), hall.students
    vote(hall, poll_id, anna, "Ben is silly.")
    report(hall, poll_id, "Ben is silly.", ben, cleo)
    decide(hall, poll_id, "Ben is silly.", hidden=False)
    assert waiting(hall) == []
    assert seen(hall, poll_id, fay) == ["Ben is silly."]
    assert seen(hall, poll_id, ben) == []  # who reported it was promised not to see it again
    report(hall, poll_id, "Ben is silly.", ben)
    assert waiting(hall) == []  # that is no new report
    report(hall, poll_id, "Ben is silly.", dora, eve)
    assert [(answer.why, answer.reports) for answer in waiting(hall)] == [("reported", 4)]
    assert seen(hall, poll_id, fay) == ["Ben is silly."]
    decide(hall, poll_id, "Ben is silly.", hidden=True)
    assert (waiting(hall), seen(hall, poll_id, fay)) == ([], [])


def test_reports_come_before_coarse_words_and_these_before_new_texts(database: Database) -> None:
    hall = Hall(database, "poll", moderation="after_teacher")
    poll_id, (anna, ben, cleo) = make(hall, "words"), hall.students
    vote(hall, poll_id, anna, "hope, shit")
    vote(hall, poll_id, ben, "hopes, doubt")
    decide(hall, poll_id, "doubt", hidden=False)
    report(hall, poll_id, "doubt", cleo)
    found = [(answer.why, answer.text, answer.forms, answer.is_shown) for answer in waiting(hall)]
    assert found == [
        ("reported", "doubt", ("doubt",), True),
        ("coarse", "shit", ("shit",), False),
        ("pending", "hope", ("hope", "hopes"), False),
    ]
    with database.read() as session:
        opened = seats.opened(session, hall.teacher, hall.public_id, "poll")
        assert polls.hidden(session, opened) == {poll_id: 3}  # what was reported alone is not hidden
    decide(hall, poll_id, "hopes", hidden=False)  # any of its forms stands for it
    assert [answer.text for answer in waiting(hall)] == ["doubt", "shit"]
    assert seen(hall, poll_id, anna) == ["hope", "doubt"]


def test_what_is_gone_waits_no_more(database: Database) -> None:
    hall = Hall(database, "poll", moderation="after_teacher")
    first, last = make(hall, "text"), make(hall, "text")
    for poll_id in (first, last):
        vote(hall, poll_id, hall.students[0], "Because.")
    vote(hall, first, hall.students[0], "Why not?")  # what was written before it is written no more
    assert [(answer.poll_id, answer.text) for answer in waiting(hall)] == [(first, "Why not?"), (last, "Because.")]
    hall.do(poll_writing.remove, hall.teacher, last, now=hall.now)
    assert [answer.poll_id for answer in waiting(hall)] == [first]


def test_it_is_the_course_s_and_the_teacher_s_alone(database: Database) -> None:
    hall = Hall(database, "poll", moderation="after_teacher")
    poll_id = make(hall, "text")
    vote(hall, poll_id, hall.students[0], "Because.")
    other = hall.another_course("2")
    assert waiting(other) == []
    assert len(waiting(hall)) == 1
    with pytest.raises(NotAllowed):
        waiting(hall, hall.students[0])


def test_a_tried_answer_of_the_teacher_is_no_report(database: Database) -> None:
    hall = Hall(database, "poll")
    poll_id = make(hall, "text")
    vote(hall, poll_id, hall.students[0], "Because.")
    report(hall, poll_id, "Because.", hall.join("tester", is_test=True))
    assert waiting(hall) == []


def test_nothing_of_an_anonymous_poll_is_told_before_three_have_answered(database: Database) -> None:
    """Whoever knows which two were there would know whose words these are."""
    hall = Hall(database, "poll", moderation="after_teacher")
    poll_id = make(hall, "text", is_anonymous=True)
    found = []
    for seat, text in zip(hall.students, ("Because.", "So.", "No."), strict=True):
        vote(hall, poll_id, seat, text)
        found.append(len(waiting(hall)))
    assert found == [0, 0, 3]
