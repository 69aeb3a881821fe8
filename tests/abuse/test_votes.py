"""One human, one vote, also when fifty clicks arrive together."""

from __future__ import annotations

from functools import partial

import pytest

from core.activities import question_settings, question_votes
from core.activities.posting import Typed
from core.activities.questions import ask
from core.activities.refusals import NotAllowed
from core.store.database import Database
from core.store.tables import Question, Report, Vote
from tests.core.activities.classroom import count
from tests.core.activities.hall import Hall
from tests.core.activities.said import report, say
from tests.core.activities.test_reports import at_once


def asked(hall: Hall, title: str = "Why?") -> int:
    settings = question_settings.from_json({})
    return hall.do(
        lambda session, seat, opened: ask(session, seat, opened, settings, Typed("", title), now=hall.now),
        hall.students[0],
    ).id


def test_fifty_clicks_of_five_people_are_five_votes(database: Database) -> None:
    hall = Hall(database, "questions", students=6)
    number = asked(hall)
    settings = question_settings.from_json({})

    def vote(place: int) -> None:
        def use(session, seat, opened):  # type: ignore[no-untyped-def]
            return question_votes.vote(session, seat, opened, settings, number, up=True, now=hall.now)

        hall.do(use, hall.students[1 + place % 5])

    assert at_once(*(partial(vote, place) for place in range(50))) == []
    with database.read() as session:
        assert (count(database, Vote), session.get_one(Question, number).votes) == (5, 5)


def test_fifty_reports_of_five_people_are_five_reports(database: Database) -> None:
    hall = Hall(database, "questions", students=6, hold_at=50)
    text = say(hall, hall.students[0])
    assert at_once(*(partial(report, hall, hall.students[1 + place % 5], text) for place in range(50))) == []
    assert count(database, Report) == 5


def test_nobody_votes_for_themselves(database: Database) -> None:
    hall = Hall(database, "questions")
    number = asked(hall)
    with pytest.raises(NotAllowed, match="your own"):
        hall.do(
            lambda session, seat, opened: question_votes.vote(
                session, seat, opened, question_settings.from_json({}), number, up=True, now=hall.now
            ),
            hall.students[0],
        )
