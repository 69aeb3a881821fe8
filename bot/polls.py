"""Polls in Slack: answering by a click or in a form, adding an option, one's own view, the list.

Each listener calls the use case that the course's page calls, and tells the person alone what became of it. Nothing
here touches the shared message: the updater sees that the poll has another version (`poll_messages.render`).
A button's value is POLL, POLL:OPTION or POLL:CHANNEL (the row of a channel, where the button stands outside of one).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.blocks import Block
from bot.calls import Call
from bot.listeners import Listener
from bot.poll_messages import shown
from bot.views import poll_answers, poll_desk, poll_words
from bot.views import polls as views
from bot.views.polls import Shown
from core.activities import poll_closing, poll_results, poll_votes, polls
from core.activities.channels import Bound
from core.activities.poll_results import Result
from core.activities.poll_votes import Voted
from core.activities.polls import Mine
from core.activities.refusals import Refusal
from core.activities.seats import Opened, Seat
from core.words import N_, Sentence


@dataclass(frozen=True, slots=True)
class Here:
    """Who did something, in which channel's class, in which activity."""

    bound: Bound
    seat: Seat
    opened: Opened

    @property
    def metadata(self) -> str:
        """What a view of ours remembers."""
        return json.dumps({"channel": self.bound.id})


@dataclass(frozen=True, slots=True)
class Board:
    """A poll as this person finds it. `has_last`: it was asked again."""

    here: Here
    shown: Shown
    mine: Mine | None
    has_last: bool = False


def channel_row(call: Call, place: int) -> int | None:
    """The row of the channel that a view remembers, or that stands at this place of a button's value."""
    remembered = call.metadata.get("channel")
    if isinstance(remembered, int):
        return remembered
    return call.ids[place] if len(call.ids) > place else None


def poll_id(call: Call) -> int:
    """Which poll it is about: of a form the one that it remembers, of a button the first number of its value."""
    remembered = call.metadata.get("poll")
    if call.ids:
        return call.ids[0]
    return remembered if isinstance(remembered, int) else 0


def where(call: Call, session: Session, poll: int, *, place: int = 1, to_work: bool = False) -> Here:
    """The seat and the activity of a poll. Raises NoClass, NotLinked, NotFound."""
    channel = channel_row(call, place)
    if to_work:
        bound, seat = call.enter(session, channel)
    else:
        bound = call.bound(session, channel)
        seat = call.seat(session, bound)
    return Here(bound, seat, polls.opened_of(session, seat, poll, to_work=to_work))


def board(session: Session, here: Here, poll: int, now: datetime) -> Board:
    """The poll with what this person may see of it."""
    found = polls.find(session, here.seat, here.opened, poll, now)
    mine = polls.mine(session, here.seat, here.opened).get(poll)
    has_last = here.seat.role == "teacher" and any(
        other.first_id == poll for other in polls.listed(session, here.seat, here.opened, now)
    )
    return Board(here, shown(session, here.seat, here.bound, here.opened, found, mine=mine, now=now), mine, has_last)


def show(call: Call, view: Block) -> None:
    """Open a view; in place of the one in which the button was, if it was in one."""
    call.ack()
    if call.view.get("type") == "modal":
        call.client.views_update(view_id=str(call.view["id"]), view=view)
    else:
        call.client.views_open(trigger_id=call.trigger_id, view=view)


def own_view(call: Call, found: Board, said: Sentence | None = None) -> Block:
    """A person's view of a poll, with a teacher's desk."""
    poll, metadata = found.shown.poll, found.here.metadata
    if found.here.seat.role != "teacher":
        return views.own_view(found.shown, found.mine, call.say, metadata=metadata, said=said)
    desk = poll_desk.buttons(poll, call.say, has_last=found.has_last)
    waiting = poll_desk.waiting(poll, call.say)
    return views.own_view(found.shown, found.mine, call.say, metadata=metadata, desk=desk, waiting=waiting, said=said)


def settle(call: Call, here: Here) -> None:
    """What closing brings along, once the quorum is complete: in a transaction of its own."""
    with call.wiring.database.write() as session:
        poll_closing.settle(session, here.seat, here.opened, now=call.now)


def _answer(call: Call, poll: int, form: Mapping[str, Sequence[str]], *, place: int = 1) -> tuple[Here, Voted]:
    """Store an answer; committed when this comes back."""
    with call.wiring.database.write() as session:
        here = where(call, session, poll, place=place, to_work=True)
        voted = poll_votes.vote(
            session, here.seat, here.opened, poll, form, language=call.language, now=call.now, clicked=call.clicked
        )
    return here, voted


def _vote(call: Call) -> None:
    """A click on an option in the channel."""
    poll, option = (*call.ids, 0, 0)[:2]
    here, voted = _answer(call, poll, {"option": [f"{option}"]}, place=2)
    call.ack()
    if voted.is_last:
        settle(call, here)
    call.later(lambda: _tell_voted(call, here, poll, voted.message))


def _tell_voted(call: Call, here: Here, poll: int, said: Sentence) -> None:
    """What became of a click, with the results as this person may see them now."""
    with call.wiring.database.read() as session:
        found = board(session, here, poll, call.now)
    told = views.told(said, found.shown, found.mine, call.say)
    call.respond(told.text, list(told.blocks))


def _form(call: Call) -> None:
    """The form to answer in."""
    with call.wiring.database.read() as session:
        here = where(call, session, poll_id(call))
        found = board(session, here, poll_id(call), call.now)
    metadata = json.dumps({"channel": here.bound.id, "poll": found.shown.poll.id})
    show(call, poll_answers.form(found.shown, found.mine, call.say, metadata=metadata))


def _sent(call: Call) -> None:
    """The form of an answer. What cannot be counted is said beside its field, and everything typed stays there."""
    poll = poll_id(call)
    try:
        here, voted = _answer(call, poll, poll_answers.read(call.values))
    except Refusal as refusal:
        beside(call, refusal, poll_answers.faulty(call.view, refusal.sentence))
        return
    if voted.is_last:
        settle(call, here)
    with call.wiring.database.read() as session:
        found = board(session, here, poll, call.now)
    call.ack(response_action="update", view=own_view(call, found, voted.message))


def beside(call: Call, refusal: Refusal, block_id: str | None) -> None:
    """Say beside a field what to change; what no change of the form can help is raised again."""
    if block_id is None or type(refusal) is not Refusal:
        raise refusal
    call.ack(response_action="errors", errors={block_id: call.say(refusal.sentence)})


def _look(call: Call) -> None:
    """One's own view of a poll."""
    with call.wiring.database.read() as session:
        here = where(call, session, poll_id(call))
        found = board(session, here, poll_id(call), call.now)
    show(call, own_view(call, found))


def _again(call: Call) -> None:
    """Whoever only tried a poll out begins again."""
    with call.wiring.database.write() as session:
        here = where(call, session, poll_id(call), to_work=True)
        poll_votes.start_over(session, here.seat, here.opened, poll_id(call), now=call.now)
        found = board(session, here, poll_id(call), call.now)
    show(call, own_view(call, found, Sentence(N_("Your try is forgotten."))))


def _option_form(call: Call) -> None:
    """The form for a member's own option."""
    with call.wiring.database.read() as session:
        here = where(call, session, poll_id(call))
        poll = polls.find(session, here.seat, here.opened, poll_id(call), call.now)
    metadata = json.dumps({"channel": here.bound.id, "poll": poll.id})
    show(call, poll_answers.new_option(poll, call.say, metadata=metadata))


def _option_sent(call: Call) -> None:
    """A member's own option."""
    poll = poll_id(call)
    text = next(iter(poll_answers.read(call.values).get("text", ())), "")
    try:
        with call.wiring.database.write() as session:
            here = where(call, session, poll, to_work=True)
            told = poll_votes.add_option(
                session, here.seat, here.opened, poll, text, language=call.language, now=call.now
            )
            found = board(session, here, poll, call.now)
    except Refusal as refusal:
        beside(call, refusal, "text")
        return
    call.ack(response_action="update", view=own_view(call, found, told))


def _words_form(call: Call) -> None:
    """The form to report what somebody wrote, or, for teachers, to hide it."""
    with call.wiring.database.read() as session:
        here = where(call, session, poll_id(call))
        found = board(session, here, poll_id(call), call.now)
    lines = found.shown.found.lines if isinstance(found.shown.found, Result) else ()
    metadata = json.dumps({"channel": here.bound.id, "poll": found.shown.poll.id})
    teaches = here.seat.role == "teacher"
    show(call, poll_words.form(found.shown.poll, lines, call.say, teaches=teaches, metadata=metadata))


def _words_sent(call: Call) -> None:
    """A text was chosen: a student reports it, a teacher hides it or shows it again."""
    poll = poll_id(call)
    with call.wiring.database.write() as session:
        here = where(call, session, poll, to_work=True)
        found = board(session, here, poll, call.now).shown.found
        line = poll_words.chosen(call.values, found.lines if isinstance(found, Result) else ())
        text = "" if line is None else line.text
        if here.seat.role == "teacher":
            hidden = line is None or line.shown
            poll_results.hide(session, here.seat, here.opened, poll, text, hidden=hidden, now=call.now)
            told = Sentence(N_("“{text}” is hidden.") if hidden else N_("“{text}” is shown."), {"text": text[:80]})
        else:
            told = poll_results.report(session, here.seat, here.opened, poll, text, now=call.now)
        after = board(session, here, poll, call.now)
    call.ack(response_action="update", view=own_view(call, after, told))


def _list(call: Call) -> None:
    """The polls of a poll's activity."""
    with call.wiring.database.read() as session:
        here = where(call, session, poll_id(call))
        view = listed(call, session, here)
    show(call, view)


def _turned(call: Call) -> None:
    """Another page of the list; the button's value is PAGE:POLL, for a poll says which activity's."""
    page, poll = (*call.ids, 0, 0)[:2]
    with call.wiring.database.read() as session:
        here = where(call, session, poll)
        view = listed(call, session, here, page)
    show(call, view)


def listed(call: Call, session: Session, here: Here, page: int = 0) -> dict[str, Any]:
    """The view with the activity's polls."""
    found = polls.listed(session, here.seat, here.opened, call.now)
    answered = polls.mine(session, here.seat, here.opened)
    teaches = here.seat.role == "teacher"
    return poll_desk.listed(found, answered.keys(), call.say, teaches=teaches, metadata=here.metadata, page=page)


LISTENERS = (
    Listener("action", "poll_vote", _vote, is_quick=True),
    Listener("action", "poll_answer", _form),
    Listener("submit", "poll_answer", _sent, is_quick=True),
    Listener("action", "poll_see", _look),
    Listener("action", "poll_again", _again),
    Listener("action", "poll_add", _option_form),
    Listener("submit", "poll_add", _option_sent),
    Listener("action", "poll_words", _words_form),
    Listener("submit", "poll_words", _words_sent),
    Listener("action", "poll_list", _list),
    Listener("action", "poll_page", _turned),
)
