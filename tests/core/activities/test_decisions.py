"""The record of what was decided: complete, in order, by activity's rule about names, and safe in a spreadsheet."""

from __future__ import annotations

import pytest

from core.activities import decisions
from core.activities.decisions import Entry
from core.store.database import Database
from core.store.tables import Decision
from tests.core.activities.classroom import Classroom, count
from tests.core.activities.hall import Hall
from tests.core.activities.said import decide, report, say


def listed(hall: Hall, **wanted: object) -> list[Entry]:
    with hall.database.read() as session:
        return decisions.listed(session, hall.teacher, **wanted)  # type: ignore[arg-type]


def full(database: Database, anonymity: str = "teacher") -> Hall:
    """A hall in which rules and its teacher have decided."""
    hall = Hall(database, "questions", hold_at=1, anonymity=anonymity)
    author, reporter, _ = hall.students
    held, coarse = say(hall, author, "One?"), say(hall, author, "This is shit.")
    report(hall, reporter, held)
    decide(hall, held, "retire", "It was rude.")
    decide(hall, coarse, "approve")
    decide(hall, coarse, "approve")  # the same twice is one decision
    return hall


def test_every_decision_is_there_newest_first(database: Database) -> None:
    hall = full(database)
    entries = listed(hall)
    assert [(entry.action, entry.by, entry.by_rule, entry.reason) for entry in entries] == [
        ("approve", "teacher", False, ""),
        ("retire", "teacher", False, "It was rude."),
        ("hold", None, True, "1"),
        ("coarse", None, True, ""),
    ]
    assert {entry.author.name for entry in entries} == {"s0"}
    assert {(entry.kind, entry.place) for entry in entries} == {("question", "Hall")}
    assert all(str(entry.what) != entry.action for entry in entries)


def test_filters_and_pages(database: Database) -> None:
    hall = full(database)
    assert [entry.action for entry in listed(hall, by="rule")] == ["hold", "coarse"]
    assert [entry.action for entry in listed(hall, by="teacher")] == ["approve", "retire"]
    assert [entry.action for entry in listed(hall, action="hold")] == ["hold"]
    assert listed(hall, action="approve", by="rule") == []
    first = listed(hall, limit=2)
    assert [entry.action for entry in listed(hall, before=first[-1].id)] == ["hold", "coarse"]
    elsewhere = hall.another_course("other")
    assert listed(elsewhere) == []


@pytest.mark.parametrize("anonymity", ["pseudonym", "anonymous"])
def test_it_names_nobody_whom_the_activity_hides(database: Database, anonymity: str) -> None:
    hall = full(database, anonymity)
    names = {entry.author.name for entry in listed(hall)}
    assert "s0" not in names
    assert "s1" not in names  # who reported is in no record
    assert (names == {None}) == (anonymity == "anonymous")


def test_texts_of_problems_and_stars_are_there_too(database: Database) -> None:
    room = Classroom(database)
    room.answer(room.students[0])
    text = room.explain(room.students[0]).id
    room.decide(text, "pin")
    with room.write() as session:
        from core.activities import review

        review.star(session, room.teacher, room.students[0].person_id, starred=True, now=room.now)
    with room.write() as session:
        found = decisions.listed(session, room.teacher)
        by_text = decisions.of(session, room.teacher, [text])
    assert [(entry.action, entry.author.name, entry.place) for entry in found] == [
        ("star", " s0", ""),
        ("pin", " s0", "Sum"),
    ]
    assert [entry.action for entry in by_text[text]] == ["pin"]


def test_nothing_takes_a_decision_away(database: Database) -> None:
    hall = full(database)
    before = count(database, Decision)
    text = listed(hall)[-1].contribution_id
    assert text is not None
    for action in ("retire", "restore", "keep", "retire"):
        decide(hall, text, action)
    assert count(database, Decision) == before + 3  # `keep` changed nothing
