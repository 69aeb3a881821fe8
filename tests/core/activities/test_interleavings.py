"""Two transactions that come between each other, step by step. PostgreSQL alone: SQLite has one writer at a time.

Each test opens one transaction, lets a second one begin and run until it waits for the first, and only then commits.
Where nothing would make the second one wait, `meanwhile` fails.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy.orm import Session

from core.activities import activities, contributions, exposures, moderation, problems, review
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import Gone, Refusal
from core.store.database import Database
from core.store.tables import Arm, Attempt, Contribution, Decision, Exposure
from tests.core.activities.classroom import (
    AFTER_DUE,
    AT_ONCE,
    LONG,
    NOW,
    Classroom,
    count,
    numbered,
    one_choice,
    several_choices,
    until_it_waits,
)
from tests.core.activities.test_people import together

DATABASES = ("postgresql",)


@contextmanager
def meanwhile(room: Classroom, work: Callable[[], object], fails: type[Exception] | None = None) -> Iterator[Session]:
    """A transaction during which, after its own steps, `work` begins, waits for it, and ends (or fails) behind it."""
    caught: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            caught.append(error)

    second = threading.Thread(target=run)
    with room.write() as session:
        yield session
        second.start()
        assert until_it_waits(room.database, second), caught or "nothing made the second transaction wait"
    second.join()
    assert [type(error) for error in caught] == ([fails] if fails else []), caught


def test_answers_to_two_problems_at_once_both_count(database: Database) -> None:
    room = Classroom(database, one_choice("A"), one_choice("B"))
    student = room.students[0]
    rng = np.random.default_rng(2)
    with meanwhile(room, lambda: room.answer(student, room.problems[1], rng=rng)) as session:
        room.answer_in(session, student, room.problems[0])
    assert room.score(student) == (100.0, 100.0)
    assert room.differences() == []


def test_the_same_answer_twice_is_one(database: Database) -> None:
    room = Classroom(database)
    room.pool(2)
    student = room.students[0]
    rng = np.random.default_rng(2)
    with meanwhile(room, lambda: room.answer(student, number=1, right=False, rng=rng)) as session:
        room.answer_in(session, student, number=1)
    assert count(database, Attempt, Attempt.person_id == student.person_id) == 1
    assert room.states(student) == ["right"]
    assert room.differences() == []


def test_help_is_rewarded_once_by_two_next_problems_at_once(database: Database) -> None:
    room = Classroom(database, *(one_choice(name) for name in "ABC"))
    room.hint("Think of pairs.")
    student = room.students[0]
    room.help(student)
    rng = np.random.default_rng(2)
    with meanwhile(room, lambda: room.answer(student, room.problems[2], right=False, rng=rng)) as session:
        room.answer_in(session, student, room.problems[1])
    (exposure,) = room.exposures(Exposure.slot == "help")
    assert (exposure.points, exposure.outcome) == (10, "next_right")
    assert room.differences() == []


@pytest.mark.parametrize("teacher_first", [True, False])
def test_new_settings_reach_the_score_of_an_answer_on_its_way(database: Database, teacher_first: bool) -> None:
    room = Classroom(database)
    student = room.students[0]
    chosen = replace(AT_ONCE, points=20.0)

    def teach(session: Session) -> None:
        activities.change(session, room.teacher, room.activity_id, title="Practice", settings=chosen, now=NOW)

    def teach_alone() -> None:
        with room.write() as session:
            teach(session)

    if teacher_first:
        with meanwhile(room, lambda: room.answer(student)) as session:
            teach(session)
    else:
        with meanwhile(room, teach_alone) as session:
            room.answer_in(session, student)
    assert room.score(student) == (20.0, 20.0)
    assert room.differences() == []


def test_an_answer_on_its_way_obeys_the_settings_that_are_being_saved(database: Database) -> None:
    room = Classroom(database)
    room.pool(1)
    student = room.students[0]
    with meanwhile(room, lambda: room.answer(student)) as session:
        activities.change(session, room.teacher, room.activity_id, title="Practice", settings=AFTER_DUE, now=NOW)
    assert room.exposures(Exposure.person_id == student.person_id) == []  # the key waits, and so do explanations


@pytest.mark.parametrize("teacher_first", [True, False])
def test_a_problem_is_taken_away_while_it_is_answered(database: Database, teacher_first: bool) -> None:
    room = Classroom(database, one_choice("A"), one_choice("B"))
    student = room.students[0]
    room.answer(student, room.problems[1], right=False)

    def remove() -> None:
        with room.write() as session:
            problems.remove(session, room.teacher, room.problems[0], now=NOW)

    if teacher_first:
        with meanwhile(room, lambda: room.answer(student), fails=Gone) as session:
            problems.remove(session, room.teacher, room.problems[0], now=NOW)
    else:
        with meanwhile(room, remove) as session:
            room.answer_in(session, student)
    assert room.score(student) == (0.0, 100.0)
    assert room.differences() == []


def test_two_teachers_choose_problems_at_once(database: Database) -> None:
    room = Classroom(database, one_choice("A"), one_choice("B"))
    a, b = room.problems

    def choose() -> None:
        with room.write() as session:
            problems.choose_for_activity(session, room.teacher, room.activity_id, [b], now=NOW)

    with meanwhile(room, choose) as session:
        problems.choose_for_activity(session, room.teacher, room.activity_id, [b, a], now=NOW)
    with room.write() as session:
        assert room.practice(session).problems == (b,)


def test_a_problem_keeps_its_choices_while_its_first_answer_is_on_its_way(database: Database) -> None:
    room = Classroom(database)
    fewer = replace(one_choice(), choices=one_choice().choices[:2])

    def change() -> None:
        with room.write() as session:
            problems.change(session, room.teacher, room.problems[0], fewer)

    with meanwhile(room, change, fails=Refusal) as session:
        room.answer_in(session, room.students[0])


def test_an_answer_is_judged_by_the_problem_that_is_being_saved(database: Database) -> None:
    room = Classroom(database, one_choice())
    student = room.students[0]
    even, odd, *rest = one_choice().choices
    other_key = replace(one_choice(), choices=(replace(even, fraction=0.0), replace(odd, fraction=1.0), *rest))
    with meanwhile(room, lambda: room.answer(student)) as session:  # "even"
        problems.change(session, room.teacher, room.problems[0], other_key)
    assert room.states(student) == ["wrong"]


def test_a_text_that_is_taken_back_while_it_is_drawn_is_not_shown(database: Database) -> None:
    room = Classroom(database)
    one, two = room.pool(2)
    author, reader = room.students[-2], room.students[0]
    room.decide(one, "pin")  # so that it is the one to be drawn
    with meanwhile(room, lambda: room.answer(reader)) as session:
        contributions.withdraw(session, author, one, now=NOW)
    (exposure,) = room.exposures(Exposure.person_id == reader.person_id)
    assert (exposure.contribution_id, exposure.pool_size, exposure.probability) == (two, 1, 1.0)
    assert room.differences() == []


def test_the_last_text_of_a_pool_is_taken_back_while_it_is_drawn(database: Database) -> None:
    room = Classroom(database)
    (one,) = room.pool(1)
    author, reader = room.students[-1], room.students[0]
    with meanwhile(room, lambda: room.answer(reader)) as session:
        contributions.withdraw(session, author, one, now=NOW)
    assert room.exposures() == []
    assert room.states(reader) == ["right"]


def test_a_text_is_not_taken_back_under_the_eyes_of_its_reader(database: Database) -> None:
    room = Classroom(database)
    (one,) = room.pool(1)
    author, reader = room.students[-1], room.students[0]
    with meanwhile(room, lambda: room.withdraw(author, one)) as session:
        room.answer_in(session, reader)
    assert room.status(one) == "retired"
    assert count(database, Exposure, Exposure.contribution_id == one) == 1
    assert room.task(reader).slot("explanation") == []


def test_one_text_is_rated_in_two_windows(database: Database) -> None:
    room = Classroom(database)
    (text,) = room.pool(1)
    reader = room.students[0]
    room.answer(reader)
    room.another(reader)
    first, second = room.exposures(Exposure.person_id == reader.person_id)
    with meanwhile(room, lambda: room.rate(reader, second.id, 7)) as session:
        exposures.rate(session, reader, first.id, 2, now=NOW)
    assert room.arm(text) == (2, 1, 7, 49)
    assert room.differences() == []


def test_a_text_is_saved_in_two_windows(database: Database) -> None:
    room = Classroom(database)
    author = room.students[0]
    room.answer(author)
    room.explain(author, numbered(0))
    with meanwhile(room, lambda: room.explain(author, numbered(2))) as session:
        settings = room.practice(session).settings
        contributions.write(
            session,
            author,
            settings,
            problem_id=room.problems[0],
            kind="explanation",
            text=numbered(1),
            likely_to_help=True,
            now=NOW,
        )
    assert count(database, Contribution, Contribution.status == "live") == 1
    assert room.task(author).mine["explanation"].text == numbered(2)


def moderated(database: Database, policy: str) -> tuple[Classroom, int]:
    """A class in which one text waits, and everybody has answered."""
    room = Classroom(database, settings=PracticeSettings(moderation=policy, peers_needed=2), students=4)
    for student in room.students:
        room.answer(student)
    return room, room.explain(room.students[0]).id


def test_two_last_words_let_a_text_join_once(database: Database) -> None:
    room, text = moderated(database, "after_peers")
    room.check(room.students[1], text)
    with meanwhile(room, lambda: room.check(room.students[3], text)) as session:
        settings = room.practice(session).settings
        moderation.check(session, room.students[2], settings, text, fine=True, now=NOW)
    assert room.status(text) == "live"
    assert count(database, Arm) == 1


def test_two_words_at_once_are_enough(database: Database) -> None:
    room, text = moderated(database, "after_peers")
    with meanwhile(room, lambda: room.check(room.students[2], text)) as session:
        settings = room.practice(session).settings
        moderation.check(session, room.students[1], settings, text, fine=True, now=NOW)
    assert room.status(text) == "live"


def test_a_text_is_approved_twice(database: Database) -> None:
    room, text = moderated(database, "after_teacher")
    with meanwhile(room, lambda: room.decide(text, "approve")) as session:
        review.decide(session, room.teacher, text, "approve", now=NOW)
    assert (room.status(text), count(database, Arm), count(database, Decision)) == ("live", 1, 1)


def test_a_text_is_approved_while_its_author_takes_it_back(database: Database) -> None:
    room, text = moderated(database, "after_teacher")
    with meanwhile(room, lambda: room.decide(text, "approve"), fails=Refusal) as session:
        contributions.withdraw(session, room.students[0], text, now=NOW)
    assert room.status(text) == "retired"


def test_a_text_is_approved_while_its_author_changes_it(database: Database) -> None:
    room, text = moderated(database, "after_teacher")
    with meanwhile(room, lambda: room.decide(text, "approve"), fails=Refusal) as session:
        settings = room.practice(session).settings
        contributions.write(
            session,
            room.students[0],
            settings,
            problem_id=room.problems[0],
            kind="explanation",
            text="Something quite different, which the teacher has not seen when they clicked.",
            likely_to_help=True,
            now=NOW,
        )
    assert count(database, Contribution, Contribution.status == "live") == 0


def test_a_text_is_put_back_while_its_author_writes_another(database: Database) -> None:
    room = Classroom(database)
    author = room.students[0]
    room.answer(author)
    text = room.explain(author).id
    room.decide(text, "retire")
    with meanwhile(room, lambda: room.decide(text, "restore"), fails=Refusal) as session:
        settings = room.practice(session).settings
        contributions.write(
            session,
            author,
            settings,
            problem_id=room.problems[0],
            kind="explanation",
            text=numbered(1),
            likely_to_help=True,
            now=NOW,
        )
    assert count(database, Contribution, Contribution.status == "live") == 1


def test_an_example_is_written_while_its_author_becomes_a_star(database: Database) -> None:
    room = Classroom(database)
    author = room.students[0]
    room.answer(author)

    def star() -> None:
        with room.write() as session:
            review.star(session, room.teacher, author.person_id, starred=True, now=NOW)

    with meanwhile(room, star) as session:
        settings = room.practice(session).settings
        contributions.write(
            session,
            author,
            settings,
            problem_id=room.problems[0],
            kind="worked_example",
            text=LONG,
            likely_to_help=True,
            now=NOW,
        )
    assert count(database, Arm, Arm.author == "star") == 1


def test_people_who_share_many_arms_do_not_wait_in_a_ring(database: Database) -> None:
    """Twelve people have seen the same two helps in either order; all are rewarded at once, and reasons are drawn."""
    room = Classroom(
        database,
        one_choice("A"),
        several_choices("B"),
        one_choice("C"),
        students=12,
        settings=PracticeSettings(two_votes=True),
    )
    a, b, c = room.problems
    room.hint("Think of pairs.", a)
    room.hint("Nine is a square.", b)
    for place, student in enumerate(room.students):
        for problem in (a, b) if place % 2 else (b, a):
            room.help(student, problem)

    def work(place: int) -> None:
        rng = np.random.default_rng(place)
        room.answer(room.students[place], c, right=place % 3 > 0, reason=f"{LONG} Says {place}.", rng=rng)
        with room.write() as session:
            review.star(session, room.teacher, room.students[place].person_id, starred=True, now=NOW)

    together(12, work)
    assert room.differences() == []
