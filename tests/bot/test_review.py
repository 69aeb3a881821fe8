"""A teacher decides in Slack, by the course's queue and its use case; nobody else can."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.views.review import steps
from core.activities.review import Waiting
from core.store.tables import Decision
from tests.bot.modals import Person
from tests.bot.slack import Workspace
from tests.bot.test_home import linked, opens
from tests.core.activities.classroom import AT_ONCE, LONG, NOW, Classroom, count, numbered

DATABASES = ("sqlite",)
AFTER_TEACHER = replace(AT_ONCE, moderation="after_teacher")


def waiting_room(workspace: Workspace, texts: int = 1) -> tuple[Classroom, list[int]]:
    """A course in which so many explanations wait."""
    room = Classroom(workspace.database, settings=AFTER_TEACHER)
    linked(workspace, room)
    ids = []
    for seat, place in zip(room.students, range(texts), strict=False):
        room.answer(seat)
        ids.append(room.explain(seat, numbered(place)).id)
    return room, ids


def reviewer(workspace: Workspace) -> Person:
    person = opens(workspace, "U9")
    person.press("review_open")
    return person


def test_approving_shows_the_next_one(workspace: Workspace) -> None:
    room, (first, second) = waiting_room(workspace, 2)
    person = reviewer(workspace)
    assert "Text 1 of 2" in person.words
    assert numbered(0) in person.words
    assert "new – explanation by \u2068" in person.words
    person.send(decision="approve")
    assert "Done: approved." in person.words
    assert numbered(1) in person.words
    person.send(decision="retire", reason="It says nothing about pairs.")
    assert "Nothing waits." in person.words
    assert (room.status(first), room.status(second)) == ("live", "retired")
    assert count(room.database, Decision, Decision.teacher_id == room.teacher.person_id) == 2
    assert "It says nothing about pairs." not in opens(workspace, "U1").words


def test_what_was_reported_and_kept(workspace: Workspace) -> None:
    room = Classroom(workspace.database, students=5)
    linked(workspace, room)
    room.answer(room.students[0])
    text = room.explain(room.students[0], LONG).id
    for reader in room.students[1:4]:
        room.answer(reader)
        room.report(reader, text, "It is rude.")
    person = reviewer(workspace)
    assert "held back after reports" in person.words
    assert "Reported because: \u2068It is rude.\u2069" in person.words
    person.send(decision="keep")
    assert room.status(text) == "live"


def test_what_went_another_way_meanwhile_is_said(workspace: Workspace) -> None:
    room, (first, _) = waiting_room(workspace, 2)
    person = reviewer(workspace)
    room.withdraw(room.students[0], first)
    person.send(decision="approve")
    assert "Its author took this text back or changed it." in person.words
    assert numbered(1) in person.words
    assert room.status(first) == "retired"


def test_students_neither_see_nor_decide(workspace: Workspace) -> None:
    room, (first,) = waiting_room(workspace)
    teacher = reviewer(workspace)
    values, metadata = teacher.filled(decision="approve"), teacher.metadata
    answer = workspace.submit("U1", "review_decide", values, metadata)
    assert "Only teachers decide what becomes of texts." in str(answer.body)
    workspace.click("U1", "review_open", f"{metadata['channel']}")
    assert workspace.told() == ["Only teachers decide what becomes of texts."]
    assert room.status(first) == "pending"


def test_teachers_of_another_course_decide_nothing_here(workspace: Workspace) -> None:
    room, (first,) = waiting_room(workspace)
    other = room.another_course("other")
    teacher = reviewer(workspace)
    workspace.join("U8", other.course_id, other.platform_id, "teacher")
    answer = workspace.submit("U8", "review_decide", teacher.filled(decision="approve"), teacher.metadata)
    assert "Link your account once" in str(answer.body)
    assert room.status(first) == "pending"


@pytest.mark.parametrize(
    ("status", "marks", "said"),
    [
        ("pending", ("pending",), ("approve", "retire")),
        ("held", ("held",), ("keep", "retire")),
        ("live", ("reported",), ("keep", "retire")),
        ("retired", ("appealed",), ("restore", "uphold")),
    ],
)
def test_what_can_be_decided_is_what_the_use_case_takes(
    status: str, marks: tuple[str, ...], said: tuple[str, str]
) -> None:
    text = Waiting(1, None, 1, "explanation", "…", status, marks, False, NOW, "Sum", "")
    assert tuple(action for action, _ in steps(text)) == said


def test_a_cry_for_help_is_read_and_not_judged() -> None:
    text = Waiting(1, None, 1, "explanation", "…", "live", ("worry",), False, NOW, "Sum", "")
    assert steps(text)[0] == ("keep", "I have read it")
