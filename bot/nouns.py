"""What messages can show, by noun: one table for the updater."""

from __future__ import annotations

from collections.abc import Mapping

from bot import item_messages, poll_messages, practice, prompts, question_messages
from bot.rendering import Render, RenderDirect
from core.activities import daily_problems, reminders
from core.activities.prompts import STOPPED

RENDERERS: Mapping[str, Render] = {
    "poll": poll_messages.render,
    practice.NOUN: practice.render,
    "question": question_messages.question,
    "answer": question_messages.answer,
    "item": item_messages.item,
}
DIRECTS: Mapping[str, RenderDirect] = {
    reminders.NOUN: prompts.reminder,
    STOPPED: prompts.stopped,
    daily_problems.NOUN: practice.daily,
}
