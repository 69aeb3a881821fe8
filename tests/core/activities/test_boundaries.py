"""No one where they do not belong: every use case, tried with what belongs to another course or another platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from core.activities import (
    activities,
    contributions,
    exposures,
    insights,
    moderation,
    participation,
    pool_history,
    practice,
    problems,
    review,
    seats,
    tasks,
)
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import Refusal
from core.activities.seats import Practice, Seat
from core.store.database import Database
from tests.core.activities.classroom import LONG, NOW, Classroom, graded_link, numbered, snapshot


@dataclass(frozen=True)
class Ids:
    """Everything of a course that has a number."""

    public_id: str
    activity: int
    problem: int
    text: int
    waiting: int
    exposure: int
    person: int
    link: int
    practice: Practice


def at_work(room: Classroom) -> Ids:
    """A course with something of everything in it."""
    author, reader, other = room.students[:3]
    room.answer(author)
    text = room.explain(author).id
    room.hint("Think of pairs.")
    room.answer(reader)
    room.settings(moderation="after_teacher")
    waiting = room.explain(reader, numbered(1)).id
    exposure = room.exposures()[-1].id
    with room.write() as session:
        opened = room.practice(session)
    return Ids(
        room.public_id, room.activity_id, room.problems[0], text, waiting, exposure, other.person_id, room.link, opened
    )


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


# what changes something: it must refuse, and leave every row as it was
WRITES: Mapping[str, Callable[[Session, Seat, Ids, Ids], Any]] = {
    "open": lambda s, seat, mine, theirs: seats.practice(s, seat, theirs.public_id),
    "open by id": lambda s, seat, mine, theirs: seats.practice_of_id(s, seat, theirs.activity),
    "see a problem": lambda s, seat, mine, theirs: tasks.task(s, seat, mine.practice, theirs.problem, NOW),
    "answer": lambda s, seat, mine, theirs: practice.answer(
        s, seat, mine.practice, theirs.problem, number=1, positions=(0,), rng=rng(), now=NOW
    ),
    "answer there": lambda s, seat, mine, theirs: practice.answer(
        s, seat, theirs.practice, theirs.problem, number=1, positions=(0,), rng=rng(), now=NOW
    ),
    "another explanation": lambda s, seat, mine, theirs: practice.another_explanation(
        s, seat, mine.practice, theirs.problem, occasion=0, rng=rng(), now=NOW
    ),
    "help": lambda s, seat, mine, theirs: practice.ask_for_help(
        s, seat, mine.practice, theirs.problem, occasion=0, rng=rng(), now=NOW
    ),
    "help there": lambda s, seat, mine, theirs: practice.ask_for_help(
        s, seat, theirs.practice, theirs.problem, occasion=0, rng=rng(), now=NOW
    ),
    "explain": lambda s, seat, mine, theirs: practice.explain(
        s, seat, mine.practice, theirs.problem, kind="explanation", text=LONG, likely_to_help=True, now=NOW
    ),
    "write": lambda s, seat, mine, theirs: contributions.write(
        s, seat, PracticeSettings(), problem_id=theirs.problem, kind="hint", text=LONG, likely_to_help=True, now=NOW
    ),
    "withdraw": lambda s, seat, mine, theirs: contributions.withdraw(s, seat, theirs.text, now=NOW),
    "rate": lambda s, seat, mine, theirs: exposures.rate(s, seat, theirs.exposure, 10, now=NOW),
    "check": lambda s, seat, mine, theirs: moderation.check(
        s, seat, PracticeSettings(moderation="after_peers"), theirs.waiting, fine=True, now=NOW
    ),
    "report": lambda s, seat, mine, theirs: moderation.report(
        s, seat, theirs.text, activity_id=mine.practice.id, reason="", now=NOW
    ),
    **{
        f"decide {action}": lambda s, seat, mine, theirs, action=action: review.decide(
            s, seat, theirs.waiting if action == "approve" else theirs.text, action, now=NOW
        )
        for action in ("approve", "retire", "restore", "pin", "unpin", "keep")
    },
    "star": lambda s, seat, mine, theirs: review.star(s, seat, theirs.person, starred=True, now=NOW),
    "change an activity": lambda s, seat, mine, theirs: activities.change(
        s, seat, theirs.activity, title="Mine", settings=PracticeSettings(), now=NOW
    ),
    "make an activity": lambda s, seat, mine, theirs: activities.make(
        s, seat, title="Mine", settings=PracticeSettings(), problem_ids=[theirs.problem], now=NOW
    ),
    "place here": lambda s, seat, mine, theirs: activities.place(
        s, seat, resource_link_id=mine.link, activity_id=theirs.activity, now=NOW
    ),
    "place there": lambda s, seat, mine, theirs: activities.place(
        s, seat, resource_link_id=theirs.link, activity_id=mine.activity, now=NOW
    ),
    "choose problems here": lambda s, seat, mine, theirs: problems.choose_for_activity(
        s, seat, mine.activity, [theirs.problem], now=NOW
    ),
    "choose problems there": lambda s, seat, mine, theirs: problems.choose_for_activity(
        s, seat, theirs.activity, [mine.problem], now=NOW
    ),
    "see a whole problem": lambda s, seat, mine, theirs: problems.whole(s, seat.course_id, theirs.problem),
    "remove a problem": lambda s, seat, mine, theirs: problems.remove(s, seat, theirs.problem, now=NOW),
    "see the class": lambda s, seat, mine, theirs: seats.hold_for_change(s, seat, theirs.activity),
}

# what only looks: it must find nothing of theirs
READS: Mapping[str, Callable[[Session, Seat, Ids, Ids], Any]] = {
    "own texts": lambda s, seat, mine, theirs: contributions.mine(s, seat, theirs.problem),
    "drafts": lambda s, seat, mine, theirs: contributions.drafts(
        s, seat, activity_id=theirs.activity, problem_id=theirs.problem
    ),
    "shown": lambda s, seat, mine, theirs: exposures.shown_to(s, seat, theirs.practice, theirs.problem),
    "to check": lambda s, seat, mine, theirs: moderation.to_check(
        s, seat, PracticeSettings(moderation="after_peers"), theirs.problem
    ),
    "queue": lambda s, seat, mine, theirs: review.queue(s, seat, problem_id=theirs.problem),
    "pool": lambda s, seat, mine, theirs: insights.pool(s, seat, mine.practice, theirs.problem, "explanation"),
    "story": lambda s, seat, mine, theirs: pool_history.story(s, mine.practice, theirs.problem, "explanation"),
    "bank": lambda s, seat, mine, theirs: problems.bank(s, seat.course_id, [theirs.problem]),
    "activities": lambda s, seat, mine, theirs: [
        line for line in activities.of_course(s, seat) if line.id == theirs.activity
    ],
    "problems": lambda s, seat, mine, theirs: [
        line for line in problems.listed(s, seat.course_id) if line.id == theirs.problem
    ],
    "students": lambda s, seat, mine, theirs: [
        line for line in participation.students(s, seat, mine.practice, NOW) if line.person_id == theirs.person
    ],
}


@pytest.mark.parametrize("elsewhere", ["another course", "another platform"])
def test_what_belongs_elsewhere_is_out_of_reach(database: Database, elsewhere: str) -> None:
    room = Classroom(database)
    other = room.another_course("other") if elsewhere == "another course" else Classroom(database, platform=2)
    mine, theirs = at_work(room), at_work(other)
    with room.write() as session:
        from core.activities import courses

        free = courses.recognise_link(session, course_id=room.course_id, link=graded_link("free"), now=NOW)
    mine = Ids(**{**{name: getattr(mine, name) for name in Ids.__dataclass_fields__}, "link": free})
    before = snapshot(database)
    for name, use_case in WRITES.items():
        for seat in (room.teacher, room.students[1]):
            with pytest.raises(Refusal):  # noqa: PT012 - one statement, in its transaction
                with room.write() as session:
                    use_case(session, seat, mine, theirs)
                pytest.fail(name)
    assert snapshot(database) == before
    for name, look in READS.items():
        with room.database.read() as session:
            assert not look(session, room.teacher, mine, theirs), name
            assert not look(session, room.students[1], mine, theirs), name


def test_what_belongs_here_is_in_reach(database: Database) -> None:
    """The other half of the proof: with their own ids the same calls do what they say."""
    room = Classroom(database)
    mine = at_work(room)
    found = {}
    for name, look in READS.items():
        with room.database.read() as session:
            found[name] = bool(look(session, room.students[1], mine, mine))
    assert {name for name, there in found.items() if not there} == {"drafts", "to check", "story"}
    outcomes = {}
    for name, use_case in WRITES.items():
        seat = room.teacher if name.split()[0] in {"decide", "star", "change", "make", "see"} else room.students[1]
        try:
            with room.write() as session:
                use_case(session, seat, mine, mine)
                session.rollback()
            outcomes[name] = ""
        except Refusal as refused:
            outcomes[name] = type(refused).__name__
    refused = {name: kind for name, kind in outcomes.items() if kind}
    assert (
        refused
        == {
            "withdraw": "NotFound",  # it is a classmate's
            "place here": "Refusal",  # the link is in use
            "place there": "Refusal",
            "check": "NotAllowed",
        }
        | refused
    )
    assert not {"open", "answer", "rate", "report", "star", "decide approve", "remove a problem"} & set(refused)
