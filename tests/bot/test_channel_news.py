"""What reaches the channel of a class, and when; and that nothing there names who is not to be known."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from bot import sifting
from bot.nouns import RENDERERS
from core.activities import (
    channel_news,
    channels,
    question_settings,
    question_teaching,
    question_votes,
    review,
    slack_messages,
)
from core.store.tables import SlackMessage
from tests.bot.asking import WHY, ask, ask_in_course, in_course, reply
from tests.bot.classes import Class, answer, typed, words
from tests.bot.slack import CHANNEL, Workspace


@pytest.fixture
def room(workspace: Workspace) -> Class:
    return Class(workspace, "questions")


# ---- what waits, and what comes from the course ----


def test_what_waits_for_the_teacher_is_in_the_channel_only_after_that(workspace: Workspace) -> None:
    room = Class(workspace, "questions", moderation="after_teacher")
    question = ask(room)
    assert room.update() == []
    assert room.spread() == 0
    with workspace.database.write() as session:
        review.decide(session, room.hall.teacher, question, "approve", now=workspace.now)
    assert room.spread() == 1
    (shown,) = room.update()
    assert WHY in words(shown["blocks"])
    reply(room, question)
    assert len(room.update()) == 1  # the answer waits, too


def test_the_best_of_the_course_reaches_the_channel_once(room: Class) -> None:
    pinned, endorsed, wanted, other = (
        ask_in_course(room, "U1", f"Question {name}?") for name in ("alpha", "beta", "gamma", "delta")
    )
    in_course(room, question_teaching.mark, "U9", pinned, "pin")
    in_course(room, question_teaching.mark, "U9", endorsed, "endorse")
    for number in range(channel_news.ENOUGH):
        voter = room.workspace.join(f"U2{number}", room.hall.course_id, room.hall.platform_id)
        room.workspace.seats[f"U2{number}"] = voter
        in_course(
            room, question_votes.vote, f"U2{number}", question_settings.QuestionSettings(), wanted, up=True
        )  # fmt: skip
    assert room.spread() == 3
    assert room.spread() == 0
    with room.workspace.database.read() as session:
        shown = set(session.scalars(select(SlackMessage.target_id)))
    assert shown == {pinned, endorsed, wanted}
    assert other not in shown


def test_two_workers_at_once_post_it_once(room: Class) -> None:
    question = ask_in_course(room, "U1", WHY)
    in_course(room, question_teaching.mark, "U9", question, "pin")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: room.spread(), range(4)))
    assert sum(made) == 1
    assert room.count(SlackMessage) == 1


def test_a_channel_that_is_bound_late_is_not_flooded(workspace: Workspace) -> None:
    room = Class(workspace, "questions")
    question = ask_in_course(room, "U1", WHY)
    in_course(room, question_teaching.mark, "U9", question, "pin")
    workspace.later(minutes=1)
    with workspace.database.write() as session:
        channels.bind(
            session, workspace.id, "C2", course_id=room.hall.course_id,
            bound_by=room.hall.teacher.person_id, language="en", zone="UTC", now=workspace.now,
        )  # fmt: skip
    room.spread()
    with workspace.database.read() as session:
        assert session.scalars(select(SlackMessage.channel_id)).all() == [CHANNEL]


def test_one_vote_is_one_update_however_many_questions_stand_there(room: Class) -> None:
    asked = [ask(room, title=f"Question {number} of {number * 7919}?") for number in range(8)]
    room.update(30)
    room.workspace.click("U2", "question_vote", str(asked[3]))
    with room.workspace.database.read() as session:
        due = slack_messages.due(session, room.workspace.id, now=room.workspace.now)
    assert len(due) == 8  # they share the wall's version
    (to_send,) = sifting.sift(room.workspace.wiring, room.workspace.id, RENDERERS, due)
    assert to_send.target_id == asked[3]
    before = len(room.workspace.api.calls)
    assert room.workspace.updater.step()
    (call,) = [name for name, _ in room.workspace.api.calls[before:] if name.startswith("chat.")]
    assert call == "chat.update"
    with room.workspace.database.read() as session:
        versions = set(session.scalars(select(SlackMessage.shown_version)))
    assert len(versions) == 1  # the other seven are noted as showing what is so


# ---- nobody is to know ----


@pytest.mark.parametrize("anonymity", ["anonymous", "pseudonym", "teacher"])
def test_nothing_that_slack_is_told_names_who_asked(
    workspace: Workspace, anonymity: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    room = Class(workspace, "questions", anonymity=anonymity)
    question = ask(room)
    reply(room, question, "U2")
    workspace.later(minutes=6)
    room.update()
    room.spread()
    workspace.later(minutes=6)
    asked, answered = room.update()
    assert (WHY in words(asked["blocks"]), "pair" in words(answered["blocks"])) == (True, True)
    workspace.click("U3", "question_see", str(question))
    everything = json.dumps(
        [said for name, said in workspace.api.calls if name in {"chat.postMessage", "chat.update", "views.open"}]
    )
    for name in ("U1", "U2", '"s0"', '"s1"', "s0\\n", "s0 ", "s1 "):
        assert name not in everything
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("heirloom")]
    assert not [line for line in ours if "U1" in line or "s0" in line]
    if anonymity == "anonymous":
        with workspace.database.read() as session:
            rows = session.scalars(select(SlackMessage)).all()
        assert [row.asked_by for row in rows] == [None, None]
        assert all(row.created_at.minute % 5 == row.created_at.second == 0 for row in rows)
        workspace.click("U9", "question_see", str(question))
        assert "Somebody" in words(room.opened())
        assert "s0" not in json.dumps(room.opened())


def test_an_anonymous_question_waits_for_a_time_that_is_nobodys(workspace: Workspace) -> None:
    room = Class(workspace, "questions", anonymity="anonymous")
    said = answer(workspace.submit("U1", "question_ask", typed(title=WHY), room.metadata))
    assert "within five minutes" in words(said["view"])
    assert room.update() == []
    workspace.later(minutes=5)
    assert len(room.update()) == 1
