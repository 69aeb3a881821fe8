"""Questions and answers as their messages in a channel are now, for the updater."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.blocks import Message as Made
from bot.poll_messages import in_language
from bot.rendering import Rendered, everybody
from bot.views import questions as views
from bot.wiring import Wiring
from core.activities import question_answers, question_settings, question_votes, questions, seats, walls
from core.activities.channels import Bound
from core.activities.question_answers import Given
from core.activities.questions import Line
from core.activities.refusals import NotFound
from core.activities.seats import Opened
from core.activities.slack_messages import Message


@dataclass(frozen=True, slots=True)
class Standing:
    """An activity's questions and answers as a student sees them who has done nothing yet."""

    opened: Opened
    version: int
    lines: dict[int, Line]
    answers: dict[int, Given]


def standing(session: Session, wiring: Wiring, bound: Bound, activity_id: int) -> Standing | None:
    """The activity's questions; None where it is not the channel's course's any more.

    Read once in a transaction (`session.info`): when one question changes, the messages of all are looked at.
    """
    known: dict[tuple[int, int], Standing | None] = session.info.setdefault("questions", {})
    key = (bound.course_id, activity_id)
    if key not in known:
        known[key] = _standing(session, wiring, bound, activity_id)
    return known[key]


def _standing(session: Session, wiring: Wiring, bound: Bound, activity_id: int) -> Standing | None:
    reader = everybody(bound)
    try:
        opened = seats.opened_of_id(session, reader, activity_id, "questions")
    except NotFound:
        return None
    settings = question_settings.of(opened)
    lines = questions.wall(session, reader, opened, settings, now=wiring.now())
    answers = question_answers.of_activity(session, reader, opened, settings)
    return Standing(opened, walls.version(session, opened.id), {line.id: line for line in lines}, answers)


def question(session: Session, wiring: Wiring, bound: Bound, message: Message) -> Rendered:
    """A question; in place of one that is not shown, that it is not. It may come back, but for a merged one."""
    say = in_language(bound.language)
    found = standing(session, wiring, bound, message.activity_id)
    if found is None:
        return _rendered(views.gone(say), message.shown_version, over=True)
    line = found.lines.get(message.target_id)
    if line is not None:
        return _rendered(views.of_channel(line, say), found.version)
    root = question_votes.root_of(session, found.opened, message.target_id)
    into = found.lines.get(root) if root is not None else None
    return _rendered(views.gone(say) if into is None else views.merged(into.title, say), found.version)


def answer(session: Session, wiring: Wiring, bound: Bound, message: Message) -> Rendered:
    """An answer in its question's thread."""
    say = in_language(bound.language)
    found = standing(session, wiring, bound, message.activity_id)
    if found is None:
        return _rendered(views.answer_gone(say), message.shown_version, over=True)
    given = found.answers.get(message.target_id)
    return _rendered(views.answer_gone(say) if given is None else views.of_thread(given, say), found.version)


def _rendered(made: Made, version: int, *, over: bool = False) -> Rendered:
    return Rendered(made.text, list(made.blocks), version, over=over)
