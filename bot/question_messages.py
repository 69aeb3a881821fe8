"""Questions and answers as their messages in a channel are now, for the updater."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.blocks import Message as Made
from bot.blocks import Say
from bot.poll_messages import in_language
from bot.rendering import Rendered, everybody
from bot.views import questions as views
from bot.wiring import Wiring
from core.activities import question_answers, question_settings, question_votes, questions, seats, walls
from core.activities.channels import Bound
from core.activities.refusals import NotFound
from core.activities.seats import Opened
from core.activities.slack_messages import Message


def question(session: Session, wiring: Wiring, bound: Bound, message: Message) -> Rendered:
    """A question as a student sees it who has done nothing yet."""
    say = in_language(bound.language)
    try:
        opened = seats.opened_of_id(session, everybody(bound), message.activity_id, "questions")
    except NotFound:
        return _rendered(views.gone(say), message.shown_version, over=True)
    version = walls.version(session, opened.id)
    line = _line(session, wiring, bound, opened, message.target_id)
    if line is not None:
        return _rendered(views.of_channel(line, say), version)
    return _without(session, wiring, bound, opened, message, say, version)


def _line(session: Session, wiring: Wiring, bound: Bound, opened: Opened, number: int) -> questions.Line | None:
    found = questions.wall(
        session, everybody(bound), opened, question_settings.of(opened), now=wiring.now(), only=number
    )
    return found[0] if found else None


def _without(
    session: Session, wiring: Wiring, bound: Bound, opened: Opened, message: Message, say: Say, version: int
) -> Rendered:
    """A question that is not shown: merged for good; or held back or taken out, which can be undone."""
    root = question_votes.root_of(session, opened, message.target_id)
    if root is not None and root != message.target_id:
        line = _line(session, wiring, bound, opened, root)
        return _rendered(views.merged(line.title, say) if line else views.gone(say), version)
    return _rendered(views.gone(say), version)


def answer(session: Session, wiring: Wiring, bound: Bound, message: Message) -> Rendered:  # noqa: ARG001 - as all do
    """An answer in its question's thread."""
    say, reader = in_language(bound.language), everybody(bound)
    try:
        opened = seats.opened_of_id(session, reader, message.activity_id, "questions")
    except NotFound:
        return _rendered(views.answer_gone(say), message.shown_version, over=True)
    version = walls.version(session, opened.id)
    found = question_answers.one(session, reader, opened, question_settings.of(opened), message.target_id)
    return _rendered(views.answer_gone(say) if found is None else views.of_thread(found, say), version)


def _rendered(made: Made, version: int, *, over: bool = False) -> Rendered:
    return Rendered(made.text, list(made.blocks), version, over=over)
