"""Answering: judged once, stored once, refused clearly, and never half-written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.activities import contributions, practice, problems, tasks
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import Gone, NotAllowed, NotFound, Refusal
from core.problems.grading import BadResponse
from core.store.database import Database
from core.store.tables import Attempt, Exposure
from tests.core.activities.classroom import (
    AFTER_DUE,
    AFTER_TWO_TRIES,
    DUE,
    LONG,
    NOW,
    Classroom,
    Said,
    count,
    free_text,
    number,
    one_choice,
    several_choices,
    short_text,
    snapshot,
)
from tests.core.activities.test_people import together

ALL = (one_choice(), several_choices(), number(), short_text(), free_text())


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_every_kind_is_answered_right_and_wrong(database: Database) -> None:
    room = Classroom(database, *ALL)
    good, bad, _ = room.students
    for problem in room.problems:
        room.answer(good, problem)
        room.answer(bad, problem, right=False)
    assert room.states(good) == ["right", "right", "right", "right", "answered"]
    assert room.states(bad) == ["wrong", "wrong", "wrong", "wrong", "answered"]
    assert room.score(good) == (100.0, 100.0)
    assert room.score(bad) == (20.0, 100.0)  # a text that no rule scores counts when it is there
    answers = [room.task(good, problem).answers[0] for problem in room.problems]
    assert [answer.said for answer in answers] == ["even", "two; three", "42 km", "paris", "Because."]
    assert [answer.right for answer in answers] == [True, True, True, True, None]
    assert room.task(bad, room.problems[0]).answers[0].said == "odd"


def test_part_of_the_credit(database: Database) -> None:
    room = Classroom(database, several_choices(), short_text())
    student = room.students[0]
    room.answer(student, room.problems[0], said=Said((0,)))
    room.answer(student, room.problems[1], said=Said(text="lutetia"))
    assert room.states(student) == ["partly", "partly"]
    assert room.score(student) == (50.0, 100.0)


def test_a_double_submit_changes_nothing(database: Database) -> None:
    room = Classroom(database)
    room.pool(2)
    student = room.students[0]
    room.answer(student, right=False)
    before = snapshot(database)
    room.answer(student, right=False, number=1)
    room.answer(student, right=True, number=1)  # a second tab with another answer is too late
    assert snapshot(database) == before


def test_twenty_submits_at_once_are_one(database: Database) -> None:
    room = Classroom(database)
    room.pool(2)
    student = room.students[0]
    together(20, lambda place: room.answer(student, right=place % 2 == 0, number=1, rng=np.random.default_rng(place)))
    assert count(database, Attempt, Attempt.person_id == student.person_id) == 1
    assert count(database, Exposure, Exposure.person_id == student.person_id) == 1
    assert room.differences() == []


def test_answers_to_different_problems_at_once_all_count(database: Database) -> None:
    room = Classroom(database, *(one_choice(f"Sum {place}") for place in range(6)))
    student = room.students[0]
    together(6, lambda place: room.answer(student, room.problems[place], rng=np.random.default_rng(place)))
    assert room.score(student) == (100.0, 100.0)
    assert room.differences() == []


def test_a_page_that_does_not_fit_the_last_answer_is_refused(database: Database) -> None:
    room = Classroom(database, settings=AFTER_TWO_TRIES)
    fresh, tried, _ = room.students
    room.answer(tried, right=False)
    before = snapshot(database)
    for student, sent in ((fresh, 0), (fresh, 2), (fresh, 10**9), (tried, 3), (tried, -1)):
        with pytest.raises(Refusal, match="older than your last answer"):
            room.answer(student, number=sent)
    assert snapshot(database) == before


def test_no_answer_is_taken_once_the_problem_is_closed(database: Database) -> None:
    room = Classroom(database)
    student = room.students[0]
    room.answer(student, right=False)
    before = snapshot(database)
    with pytest.raises(NotAllowed, match="closed for you"):
        room.answer(student, number=2)
    assert snapshot(database) == before
    assert room.score(student) == (0.0, 100.0)


MALFORMED: tuple[tuple[str, tuple[int, ...], str, str], ...] = (
    ("one_choice", (), "", ""),
    ("one_choice", (4,), "", ""),
    ("one_choice", (-1,), "", ""),
    ("one_choice", (10**12,), "", ""),
    ("one_choice", (0, 1), "", ""),
    ("one_choice", (0, 0), "", ""),
    ("one_choice", (0,), "even", ""),
    ("one_choice", (0,), "", "km"),
    ("several_choices", (0, 0), "", ""),
    ("number", (), "", ""),
    ("number", (), " \t\n", ""),
    ("number", (), "\x00", ""),
    ("number", (0,), "42", ""),
    ("number", (), "4" * 201, ""),
    ("number", (), "42", "furlongs"),
    ("short_text", (), "\x00\x01", ""),
    ("short_text", (), "x" * 1_001, ""),
    ("short_text", (), "Paris", "km"),
    ("free_text", (), "\u202e\u202c\x00", ""),
    ("free_text", (), "x" * 50_001, ""),
    ("free_text", (), "x" * 100_000, ""),
    ("free_text", (), "x" * 1_000_000, ""),
    ("free_text", (), "why", "y" * 100_000),
)


def test_what_cannot_be_judged_is_refused_and_nothing_is_stored(database: Database) -> None:
    room = Classroom(database, *ALL, students=1)
    of_kind = dict(zip((problem.kind for problem in ALL), room.problems, strict=True))
    before = snapshot(database)
    for kind, positions, text, unit in MALFORMED:
        with pytest.raises((BadResponse, Refusal)) as refused:
            room.do(
                practice.answer,
                room.students[0],
                of_kind[kind],
                number=1,
                positions=positions,
                text=text,
                unit=unit,
                rng=rng(),
                now=NOW,
            )
        assert 20 < len(str(refused.value)) < 300, (kind, positions)
    assert snapshot(database) == before


def test_signs_that_no_database_or_page_can_hold_do_no_harm(database: Database) -> None:
    room = Classroom(database, short_text(), free_text(), number())
    student = room.students[0]
    room.answer(student, room.problems[0], said=Said(text="Pa\x00ris\x07"))
    room.answer(student, room.problems[1], said=Said(text="one\r\ntwo\x00 \u202eevil\u202c"))
    room.answer(student, room.problems[2], said=Said(text="\u202d42 km\u202c"))
    assert room.states(student) == ["right", "answered", "right"]
    assert room.task(student, room.problems[1]).answers[0].text == "one\ntwo evil"


def test_an_overlong_reason_keeps_the_vote_out_too(database: Database) -> None:
    room = Classroom(database, settings=PracticeSettings(two_votes=True))
    before = snapshot(database)
    with pytest.raises(Refusal, match="still in the box"):
        room.answer(room.students[0], reason="x" * 5_001)
    assert snapshot(database) == before


def test_a_problem_that_was_taken_away_while_it_was_answered(database: Database) -> None:
    room = Classroom(database, one_choice("Sum"), one_choice("Other"))
    student = room.students[0]
    room.answer(student, room.problems[1])
    with room.write() as session:
        page = room.practice(session, student)  # what the student's page was made from
    with room.write() as session:
        problems.remove(session, room.teacher, room.problems[0], now=NOW)
    before = snapshot(database)
    for use_case in (
        lambda session: practice.answer(
            session, student, page, room.problems[0], number=1, positions=(0,), rng=rng(), now=NOW
        ),
        lambda session: practice.another_explanation(
            session, student, page, room.problems[0], occasion=0, rng=rng(), now=NOW
        ),
        lambda session: practice.ask_for_help(session, student, page, room.problems[0], occasion=0, rng=rng(), now=NOW),
        lambda session: practice.explain(
            session, student, page, room.problems[0], kind="explanation", text=LONG, likely_to_help=True, now=NOW
        ),
        lambda session: tasks.task(session, student, page, room.problems[0], NOW),
    ):
        with pytest.raises(Gone, match="taken this problem away"), room.write() as session:
            use_case(session)
    assert snapshot(database) == before
    assert room.states(student) == ["right"]


def test_a_problem_that_was_never_here(database: Database) -> None:
    room = Classroom(database)
    elsewhere = room.another_course("other", one_choice(), one_choice())
    with elsewhere.write() as session:
        problems.remove(session, elsewhere.teacher, elsewhere.problems[1], now=NOW)
    for problem in (*elsewhere.problems, 10**9):  # not even whether it was deleted is told
        with pytest.raises(NotFound, match="not in the activity") as refused:
            room.do(practice.answer, room.students[0], problem, number=1, positions=(0,), rng=rng(), now=NOW)
        assert not isinstance(refused.value, Gone)


def test_tries_end_with_the_right_answer_or_the_last_one(database: Database) -> None:
    room = Classroom(database, settings=AFTER_TWO_TRIES)
    one, two, _ = room.students
    room.answer(one, right=False)
    assert (room.states(one), room.score(one)) == (["tried"], (0.0, 100.0))
    room.answer(one, right=True)
    assert (room.states(one), room.score(one)) == (["right"], (100.0, 100.0))
    room.answer(two, right=False)
    room.answer(two, right=False)
    assert room.states(two) == ["wrong"]
    with pytest.raises(NotAllowed):
        room.answer(two)


def test_explaining_waits_for_the_answer(database: Database) -> None:
    room = Classroom(database, settings=AFTER_DUE)
    good, bad, late = room.students
    with pytest.raises(NotAllowed, match="Answer the problem first"):
        room.explain(good)
    room.answer(good)
    room.answer(bad, right=False)
    assert room.explain(good).status == "live"  # who is right knows the answer
    with pytest.raises(NotAllowed):
        room.explain(bad)
    room.now = DUE
    assert room.explain(bad, LONG + " And so on.").status == "live"
    with pytest.raises(NotAllowed):
        room.explain(late)


def test_worked_examples_come_from_those_who_answered_right(database: Database) -> None:
    room = Classroom(database)
    good, bad, _ = room.students
    room.answer(good)
    room.answer(bad, right=False)
    assert room.explain(good, kind="worked_example").status == "live"
    with pytest.raises(NotAllowed, match="answered right"):
        room.explain(bad, kind="worked_example")
    for kind in ("hint", "reason", "", "explanation "):
        with pytest.raises(Refusal, match="not known"):
            room.explain(good, kind=kind)


def two_votes(database: Database, **changes: Any) -> Classroom:
    return Classroom(database, settings=PracticeSettings(two_votes=True, **changes), students=5)


def test_two_votes(database: Database) -> None:
    room = two_votes(database)
    first, second, third, *_ = room.students
    room.answer(first, reason="Odd plus odd: the two ones that are left over make a pair, so it is even.")
    assert (room.states(first), room.score(first)) == (["voted"], None)  # the first vote does not count
    assert room.task(first).slot("reason") == []
    room.answer(second, right=False, reason="I tried one plus two and that is three, which is odd, so I say odd.")
    between = room.task(second)
    assert [(text.kind, text.agrees) for text in between.slot("reason")] == [("reason", False)]
    room.rate(second, between.slot("reason")[0].exposure_id, 9)
    room.answer(second, right=True)
    assert (room.states(second), room.score(second)) == (["right"], (100.0, 100.0))
    room.answer(third, reason="\x00 \u200b")  # an empty reason is none
    assert [text.agrees for text in room.task(third).slot("reason")] == [False]
    room.answer(first, right=False)
    assert (room.states(first), room.score(first)) == (["wrong"], (0.0, 100.0))
    with pytest.raises(NotAllowed):
        room.answer(first)
    assert room.differences() == []


def test_reasons_are_for_up_to_two_other_answers_or_for_ones_own_where_there_is_no_other(database: Database) -> None:
    room = two_votes(database)
    *others, reader = room.students
    room.answer(others[0], reason="It is even, because I have always been told so, ever since I was little.")
    room.answer(others[1], reason="It is even, for two is even, and one and one, both odd, make two of them.")
    assert [text.agrees for text in room.task(others[1]).slot("reason")] == [True]
    room.answer(others[2], said=Said((2,)), reason="It must be prime, since most odd numbers that I know are prime.")
    room.answer(others[3], said=Said((3,)), reason="It is zero, because the two odd numbers cancel each other out.")
    room.answer(reader, said=Said((1,)), reason="")
    shown = room.task(reader).slot("reason")
    assert [text.agrees for text in shown] == [False, False]
    mine = room.exposures(Exposure.person_id == reader.person_id)
    assert [exposure.occasion for exposure in mine] == [0, 1]
    assert any("even" in text.text for text in shown)  # the most common other answer is among them


def test_drafts_are_kept_until_the_text_is_saved(database: Database) -> None:
    room = Classroom(database)
    student = room.students[0]

    def save(kind: str, said: str) -> None:
        with room.write() as session:
            contributions.save_draft(
                session,
                student,
                activity_id=room.activity_id,
                problem_id=room.problems[0],
                kind=kind,
                text=said,
                now=NOW,
            )

    save("explanation", "Becau\x00")
    save("explanation", "Because")
    save("worked_example", "1 + 1")
    assert room.task(student).drafts == {"explanation": "Because", "worked_example": "1 + 1"}
    room.answer(student)
    room.explain(student)
    assert room.task(student).drafts == {"worked_example": "1 + 1"}
    before = snapshot(database)
    for kind, said in (("explanation", "x" * 100_000), ("novel", "x")):
        with pytest.raises(Refusal):
            save(kind, said)
    assert snapshot(database) == before


def test_an_answer_without_a_number_is_asked_again_and_takes_no_try(database: Database) -> None:
    room = Classroom(database, number(), settings=PracticeSettings(key_shown="after_attempts", attempts=1))
    student = room.students[0]
    with pytest.raises(BadResponse, match="find a number"):
        room.answer(student, said=Said(text="about four"))
    assert room.task(student).standing.tries_left == 1
    assert count(database, Attempt) == 0
