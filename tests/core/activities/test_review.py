"""What the teacher decides about texts and people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.activities import cases, problems, review
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import NotFound, Refusal
from core.selection.arms import PSEUDO_RATINGS, Author
from core.store.database import Database
from core.store.tables import Arm, Contribution, Decision, Exposure, Membership
from tests.core.activities.classroom import LONG, NOW, Classroom, count, numbered, one_choice, snapshot
from tests.core.activities.test_people import together


def waiting(database: Database) -> tuple[Classroom, int]:
    """A class whose texts wait for the teacher, and the first of them."""
    room = Classroom(database, settings=PracticeSettings(moderation="after_teacher"), students=4)
    for student in room.students:
        room.answer(student)
    return room, room.explain(room.students[0]).id


def decisions(room: Classroom) -> list[str]:
    with room.database.read() as session:
        return list(session.scalars(select(Decision.action).order_by(Decision.id)))


@pytest.mark.parametrize(
    ("steps", "status", "recorded"),
    [
        ("approve", "live", "approve"),
        ("approve approve", "live", "approve"),
        ("approve restore", "live", "approve"),
        ("approve pin unpin", "live", "approve pin unpin"),
        ("approve pin pin", "live", "approve pin"),
        ("approve retire restore", "live", "approve retire restore"),
        ("retire", "retired", "retire"),
        ("retire retire", "retired", "retire"),
        ("retire restore", "live", "retire restore"),
        ("keep", "pending", ""),
    ],
)
def test_decisions_and_their_record(database: Database, steps: str, status: str, recorded: str) -> None:
    room, text = waiting(database)
    for step in steps.split():
        room.decide(text, step)
    assert (room.status(text), decisions(room)) == (status, recorded.split())


def test_what_cannot_be_decided_is_refused(database: Database) -> None:
    room, text = waiting(database)
    taken_out = room.explain(room.students[1], numbered(1)).id
    room.decide(taken_out, "retire")
    rows = snapshot(database)
    for which, actions in ((text, ("pin", "unpin", "restore", "publish", "")), (taken_out, ("approve", "keep", "pin"))):
        for action in actions:
            with pytest.raises(Refusal):
                room.decide(which, action)
    assert snapshot(database) == rows


def test_a_text_that_its_author_took_back_or_changed_stays_theirs(database: Database) -> None:
    room, text = waiting(database)
    room.withdraw(room.students[0], text)
    changed = room.explain(room.students[1]).id
    room.explain(room.students[1], numbered(1))
    rows = snapshot(database)
    for which in (text, changed):
        for action in ("approve", "restore", "retire", "keep"):
            with pytest.raises(Refusal, match="took this text back or changed it"):
                room.decide(which, action)
    assert snapshot(database) == rows


def test_a_text_is_not_put_back_beside_a_newer_one(database: Database) -> None:
    room, text = waiting(database)
    room.decide(text, "retire")
    newer = room.explain(room.students[0], numbered(1)).id
    with pytest.raises(Refusal, match="written another text"):
        room.decide(text, "restore")
    room.withdraw(room.students[0], newer)
    room.decide(text, "restore")
    assert room.status(text) == "live"


def test_a_text_that_is_put_back_keeps_what_was_learned(database: Database) -> None:
    room, text = waiting(database)
    room.decide(text, "approve")
    room.another(room.students[1])
    room.rate(room.students[1], room.exposures()[-1].id, 9)
    room.decide(text, "pin")
    room.decide(text, "retire")
    assert room.another(room.students[2]) is None
    room.decide(text, "restore")
    assert room.arm(text) == (1, 1, 9, 81)
    assert room.another(room.students[2]) is not None
    assert room.exposures()[-1].policy == "best"  # a pin does not outlive retirement


def test_a_pinned_text_is_shown_alone(database: Database) -> None:
    room = Classroom(database, students=6)
    texts = room.pool(4)
    room.decide(texts[2], "pin")
    for reader in room.students[:6]:
        room.answer(reader)
    shown = [(row.contribution_id, row.policy, row.probability) for row in room.exposures()][-6:]
    assert set(shown) == {(texts[2], "pinned", 1.0)}


def test_keeping_a_reported_text_settles_its_reports(database: Database) -> None:
    room, text = waiting(database)
    room.decide(text, "approve")
    room.another(room.students[1])
    room.report(room.students[1], text)
    with room.write() as session:
        assert [w.why for w in review.queue(session, room.teacher)] == ["reported"]
    room.decide(text, "keep")
    with room.write() as session:
        assert review.queue(session, room.teacher) == []
    assert room.another(room.students[1]) is None  # it stays hidden for who reported it
    assert decisions(room) == ["approve", "keep"]


def test_the_queue_reported_then_disputed_then_new_authors_first(database: Database) -> None:
    room = Classroom(database, settings=PracticeSettings(moderation="after_peers", peers_needed=3), students=6)
    for student in room.students:
        room.answer(student)
    texts = [room.explain(student, numbered(place)).id for place, student in enumerate(room.students[:5])]
    room.decide(texts[0], "approve")
    example = room.explain(room.students[0], LONG, kind="worked_example").id  # its author is known already
    room.now = NOW + timedelta(hours=1)
    room.another(room.students[5])
    room.report(room.students[5], texts[0], "why")
    room.check(room.students[5], texts[3], fine=False)
    room.explain(room.students[4], "kept")
    with room.write() as session:
        queue = review.queue(session, room.teacher)
        (case,) = cases.of(session, room.teacher, queue[:1])
    assert [(w.contribution_id, w.why, w.author_is_new) for w in queue] == [
        (texts[0], "reported", True),  # this is the text by which its author is known
        (texts[3], "disputed", True),
        (texts[1], "pending", True),
        (texts[2], "pending", True),
        (example, "pending", False),
    ]
    assert (queue[0].since, case.reasons, case.author.name) == (room.now, ("why",), " s0")
    assert [(entry.action, entry.by) for entry in case.history] == [("approve", " teacher")]
    assert queue[2].since == NOW


def test_the_queue_is_of_one_course_and_of_problems_that_are_there(database: Database) -> None:
    room, text = waiting(database)
    elsewhere = room.another_course("other", one_choice(), one_choice())
    with room.write() as session:
        assert review.queue(session, elsewhere.teacher) == []
        assert [w.contribution_id for w in review.queue(session, room.teacher, problem_id=room.problems[0])] == [text]
        assert review.queue(session, room.teacher, problem_id=elsewhere.problems[0]) == []
    with pytest.raises(NotFound), room.write() as session:
        review.decide(session, elsewhere.teacher, text, "approve", now=NOW)
    with room.write() as session:
        problems.remove(session, room.teacher, room.problems[0], now=NOW)
        assert review.queue(session, room.teacher) == []


def test_ten_teachers_approve_at_once(database: Database) -> None:
    room, text = waiting(database)
    together(10, lambda _: room.decide(text, "approve"))
    assert (room.status(text), count(database, Arm), decisions(room)) == ("live", 1, ["approve"])


def star(room: Classroom, person_id: int, starred: bool = True) -> None:
    with room.write() as session:
        review.star(session, room.teacher, person_id, starred=starred, now=NOW)


def authors(room: Classroom) -> dict[str, str]:
    """By kind: whose text it is to the policy."""
    with room.database.read() as session:
        rows = session.execute(select(Contribution.kind, Arm.author).join(Arm, Arm.contribution_id == Contribution.id))
        return {row.kind: row.author for row in rows}


def test_a_star_students_worked_examples_start_with_a_stronger_prior(database: Database) -> None:
    room = Classroom(database, one_choice("A"), one_choice("B"))
    student = room.students[0]
    for problem in room.problems:
        room.answer(student, problem)
    room.explain(student)
    room.explain(student, numbered(1), kind="worked_example")
    assert authors(room) == {"explanation": "student", "worked_example": "student"}
    star(room, student.person_id)
    assert authors(room) == {"explanation": "student", "worked_example": "star"}
    room.explain(student, numbered(2), room.problems[1], kind="worked_example")
    assert authors(room)["worked_example"] == "star"
    assert PSEUDO_RATINGS[Author.STAR] > PSEUDO_RATINGS[Author.STUDENT]
    star(room, student.person_id, starred=False)
    assert authors(room)["worked_example"] == "student"
    assert decisions(room) == ["star", "unstar"]


def test_the_star_shows_in_the_next_draw(database: Database) -> None:
    room = Classroom(database, students=6)
    for place, student in enumerate(room.students[:2]):
        room.answer(student)
        room.explain(student, numbered(place), kind="worked_example")
    star(room, room.students[0].person_id)
    reader = room.students[5]
    room.answer(reader, right=False)
    room.help(reader)
    (row,) = room.exposures(Exposure.slot == "help")
    (shown,) = room.task(reader).slot("help")
    starred = row.probability if shown.text == numbered(0) else 1 - row.probability
    assert starred > 0.6


def test_only_students_of_the_course_become_stars(database: Database) -> None:
    room = Classroom(database)
    elsewhere = room.another_course("other")
    before = snapshot(database)
    for person in (room.teacher.person_id, elsewhere.students[0].person_id, 10**9):
        with pytest.raises(NotFound, match="not a student of your course"):
            star(room, person)
    assert snapshot(database) == before
    assert count(database, Membership, Membership.is_star) == 0
