"""Votes and merges at the same moment, with real threads on both databases: one human, one vote, and nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from sqlalchemy import func, select

from core.activities import question_order
from core.activities.refusals import Refusal
from core.store.database import Database
from core.store.tables import Question, Seen, Vote
from tests.core.activities.test_questions import Asking


def at_once(*actions: Callable[[], object]) -> list[Exception]:
    """Run all of them at the same time; gives what was refused."""
    start, refused = threading.Barrier(len(actions)), []

    def run(action: Callable[[], object]) -> None:
        start.wait()
        try:
            action()
        except Refusal as error:
            refused.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def votes(hall: Asking) -> dict[int, int]:
    """Rows of votes by question."""
    with hall.database.read() as session:
        rows = session.execute(select(Vote.contribution_id, func.count()).group_by(Vote.contribution_id))
        return {row[0]: row[1] for row in rows}


def roots(hall: Asking, questions: Sequence[int]) -> set[int]:
    """What is not part of another question."""
    with hall.database.read() as session:
        return set(
            session.scalars(
                select(Question.contribution_id).where(
                    Question.contribution_id.in_(questions), Question.merged_into_id.is_(None)
                )
            )
        )


def test_fifty_votes_of_one_person_at_once_are_one(database: Database) -> None:
    hall = Asking(database, daily=100)
    question = hall.ask(hall.students[0])
    assert at_once(*[lambda: hall.vote(hall.students[1], question)] * 50) == []
    assert votes(hall) == {question: 1}
    assert hall.line(hall.students[1], question).votes == 1
    assert hall.differences() == []


def test_a_vote_and_its_withdrawal_at_once_leave_what_is_counted(database: Database) -> None:
    hall = Asking(database)
    question = hall.ask(hall.students[0])
    voter = hall.students[1]
    for _ in range(5):
        at_once(*(partial(hall.vote, voter, question, up=up) for up in (True, False, True, False)))
    assert hall.differences() == []


@pytest.mark.parametrize("turn", range(5))
def test_two_merges_at_once_in_opposite_directions_leave_one_question(database: Database, turn: int) -> None:
    hall = Asking(database)
    one, other = hall.ask(hall.students[0]), hall.ask(hall.students[1], "Another?")
    hall.vote(hall.students[2], one)
    hall.vote(hall.students[2], other)
    hall.vote(hall.students[3], other)
    refused = at_once(lambda: hall.merge(one, other), lambda: hall.merge(other, one))
    assert len(refused) == 1
    (root,) = roots(hall, (one, other))
    assert votes(hall)[root] == 2
    assert hall.differences() == []


@pytest.mark.parametrize("turn", range(5))
def test_a_chain_of_merges_at_once_ends_in_one_question(database: Database, turn: int) -> None:
    hall = Asking(database, students=6)
    first, second, third = (hall.ask(hall.students[place], f"Question {place}?") for place in range(3))
    for voter in hall.students[3:]:
        for question in (first, second, third):
            hall.vote(voter, question)
    at_once(lambda: hall.merge(first, second), lambda: hall.merge(second, third))
    (root,) = roots(hall, (first, second, third))
    assert hall.page(hall.students[0], first).question.id == root
    assert votes(hall)[root] == 3
    assert hall.differences() == []


@pytest.mark.parametrize("turn", range(3))
def test_votes_that_arrive_during_a_merge_are_counted_once_and_none_is_lost(database: Database, turn: int) -> None:
    hall = Asking(database, students=22)
    one, other = hall.ask(hall.students[0]), hall.ask(hall.students[1], "Another?")
    voters = hall.students[2:]

    ballots = [partial(hall.vote, voter, (one, other)[place % 2]) for place, voter in enumerate(voters)]
    refused = at_once(lambda: hall.merge(one, other), *ballots)
    assert refused == []
    assert votes(hall) == {other: len(voters)}
    assert hall.line(voters[0], other).votes == len(voters)
    assert hall.differences() == []


def test_two_pages_of_one_reader_at_once_count_once(database: Database) -> None:
    hall = Asking(database)
    questions = [hall.ask(student, f"Question {place}?") for place, student in enumerate(hall.students)]

    def look() -> None:
        with database.write() as session:
            question_order.note_seen(session, hall.students[0], questions, counts=True, now=hall.now)

    at_once(*[look] * 10)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Seen)) == len(questions)
    assert hall.differences() == []
