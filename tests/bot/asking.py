"""Questions for tests of Slack: asked and answered by its forms, or as the course's pages do it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from core.activities import question_settings, questions
from core.activities.posting import Typed
from core.store.tables import Question
from tests.bot.classes import Class, answer, typed

WHY = "Why is the sum of two odd numbers even?"


def ask(room: Class, user: str = "U1", title: str = WHY, text: str = "") -> int:
    """Ask by the form; the question's number."""
    said = answer(room.workspace.submit(user, "question_ask", typed(title=title, text=text), room.metadata))
    assert said["view"]["callback_id"] == "told", said
    with room.workspace.database.read() as session:
        found = session.scalars(select(Question.contribution_id).order_by(Question.contribution_id.desc())).first()
    assert found is not None
    return found


def ask_in_course(room: Class, user: str, title: str) -> int:
    def asked(session: Any, who: Any, opened: Any) -> int:
        settings = question_settings.of(opened)
        return questions.ask(session, who, opened, settings, Typed("", title), now=room.workspace.now).id

    return room.hall.do(asked, room.seat(user))


def in_course(room: Class, use_case: Any, user: str, *args: Any, **named: Any) -> Any:
    """A use case as the course's pages call it."""

    def call(session: Any, who: Any, opened: Any) -> Any:
        return use_case(session, who, opened, *args, **named, now=room.workspace.now)

    return room.hall.do(call, room.seat(user))


def reply(room: Class, question: int, user: str = "U2", text: str = "Two ones make a pair.") -> dict[str, Any]:
    return answer(
        room.workspace.submit(user, "question_answer", typed(text=text), {**room.metadata, "question": question})
    )


def page_of(room: Class, question: int) -> dict[str, Any]:
    return {
        "id": "V1", "type": "modal", "callback_id": "question_page",
        "private_metadata": json.dumps({**room.metadata, "question": question}),
    }  # fmt: skip
