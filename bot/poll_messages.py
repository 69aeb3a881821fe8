"""A poll as its message in a channel is now, for the updater; and as one person may see it, for the listeners.

A word cloud's picture is drawn when nobody has answered for a moment, or at the close: while a class is at it, Slack's
own chart keeps pace, and a picture takes four calls. A closed poll is looked at once more after a month; then it stays.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from bot import blocks, clouds
from bot.blocks import Say
from bot.rendering import Picture, Rendered, everybody
from bot.views import polls as views
from bot.views.polls import Shown
from bot.wiring import Wiring
from core import languages
from core.activities import poll_movement, poll_results, poll_settings, polls, seats, workspaces
from core.activities.channels import Bound
from core.activities.poll_results import Result
from core.activities.poll_shapes import Movement
from core.activities.polls import Mine, Poll
from core.activities.refusals import NotFound
from core.activities.seats import Opened, Seat
from core.activities.slack_messages import Message
from core.polling import kinds
from core.words import N_, Sentence

CALM = timedelta(seconds=5)
KEPT = timedelta(days=30)
_CARRIED = N_("Answered here, it comes to us through Slack, as your messages do.")
_GONE = N_("The teacher has taken this poll out.")


def in_language(language: str) -> Say:
    """How sentences are said in it."""
    return partial(_say, language)


def _say(language: str, sentence: Sentence | str, /, **values: object) -> str:
    return languages.say(sentence if isinstance(sentence, Sentence) else Sentence(sentence, values), language)


def shown(
    session: Session, seat: Seat, bound: Bound, opened: Opened, poll: Poll, *, mine: Mine | None, now: datetime
) -> Shown:
    """What this reader may see of a poll."""
    settings = poll_settings.of(opened)
    found = poll_results.result(session, seat, poll, has_answered=mine is not None)
    moves = _moves(session, seat, opened, poll, now) if isinstance(found, Result) else ()
    promises = polls.promise(poll, settings.anonymity)
    if poll.is_anonymous:
        promises = (*promises, Sentence(_CARRIED))
    return Shown(poll, found, promises, moves, in_grade=bool(settings.credit.get("ballot")), has_lms=bound.has_lms)


def _moves(session: Session, seat: Seat, opened: Opened, last: Poll, now: datetime) -> tuple[Movement, ...]:
    """How the class moved since the first impression, where this reader may see both."""
    if last.first_id is None:
        return ()
    first = next((poll for poll in polls.listed(session, seat, opened, now) if poll.id == last.first_id), None)
    if first is None:
        return ()
    answered = first.id in polls.mine(session, seat, opened)
    before = poll_results.result(session, seat, first, has_answered=answered)
    return poll_movement.moves(session, seat, first, last) if isinstance(before, Result) else ()


def render(session: Session, wiring: Wiring, bound: Bound, message: Message) -> Rendered:
    """The shared message: what somebody may see who has not answered."""
    now, say, reader = wiring.now(), in_language(bound.language), everybody(bound)
    teaching = Seat(reader.platform_id, reader.course_id, 0, "teacher")  # a scheduled poll has a message, too
    try:
        opened = seats.opened_of_id(session, reader, message.activity_id, "poll")
        poll = polls.find(session, teaching, opened, message.target_id, now)
    except NotFound:
        said = say(_GONE)
        return Rendered(said, blocks.paragraphs([said]), message.shown_version, over=True)
    board = shown(session, reader, bound, opened, poll, mine=None, now=now)
    is_calm = poll.state == "closed" or message.shown_version == poll.version
    wanted = isinstance(poll.kind, kinds.Words) and isinstance(board.found, Result) and bool(board.found.lines)
    wanted = wanted and _takes_files(session, bound)
    picture = _picture(board, say) if wanted and is_calm else None
    board = replace(board, has_picture=picture is not None)
    made = views.of_channel(board, say)
    plain = views.of_channel(board, say, with_charts=False)
    return Rendered(
        made.text,
        list(made.blocks),
        poll.version,
        due_at=_due(poll, now, calms=wanted and not is_calm),
        plain=list(plain.blocks) if plain.blocks != made.blocks else None,
        over=poll.is_settled and message.shown_version == poll.version,
        picture=picture,
    )


def _due(poll: Poll, now: datetime, *, calms: bool) -> datetime | None:
    """When the message changes, or may, although nobody does anything."""
    times = {"scheduled": poll.opens_at, "open": poll.closes_at, "closed": now + KEPT}
    due = times.get(poll.state)
    return min(due, now + CALM) if calms and due is not None else now + CALM if calms else due


def _picture(board: Shown, say: Say) -> Picture | None:
    assert isinstance(board.found, Result)  # for mypy: the caller has looked
    made = clouds.picture([(line.text, line.count) for line in board.found.lines if line.shown], say)
    return None if made is None else Picture(made.png, made.alt, "words.png")


def _takes_files(session: Session, bound: Bound) -> bool:
    workspace = workspaces.of_id(session, bound.workspace_id)
    return workspace is not None and "files:write" in workspace.scopes
