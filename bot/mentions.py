"""Mentions of the app: in the thread of a poll an answer, elsewhere what may become a question."""

from __future__ import annotations

from bot import questions, thread_answers
from bot.calls import Call
from bot.listeners import Listener


def _mentioned(call: Call) -> None:
    event = call.body.get("event") or {}
    if event.get("bot_id") or not call.user_id:
        return  # apps answer nothing, and ask nothing
    if not thread_answers.mentioned(call):
        questions.mentioned(call)


LISTENERS = (Listener("event", "app_mention", _mentioned),)
