"""A teacher decides in Slack about texts that wait: the queue and the decisions are the course's."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from bot.blocks import Block
from bot.calls import Call
from bot.listeners import Listener
from bot.views import review as views
from bot.views.poll_answers import read
from bot.views.review import Desk
from core.activities import cases, decisions, review
from core.activities.channels import Bound
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Seat
from core.words import N_, Sentence


def _teacher(call: Call, session: Session, row: int) -> tuple[Bound, Seat]:
    """Raises NoClass, NotLinked, NotAllowed."""
    bound = call.bound(session, row)
    seat = call.seat(session, bound)
    if seat.role != "teacher":
        raise NotAllowed(N_("Only teachers decide what becomes of texts."))
    return bound, seat


def _desk(
    call: Call, session: Session, bound: Bound, seat: Seat, place: int, *, said: Sentence | None = None
) -> Block:  # fmt: skip
    """The text at this place of the queue; behind its end, the first one."""
    queue = review.queue(session, seat)
    at = place if place < len(queue) else 0
    found = cases.of(session, seat, queue[at : at + 1])
    text = found[0].waiting.contribution_id if found else 0
    metadata = json.dumps({"channel": bound.id, "text": text, "place": at})
    return views.desk(Desk(found[0] if found else None, at, len(queue), said), call.say, metadata=metadata)


def _open(call: Call) -> None:
    with call.wiring.database.read() as session:
        bound, seat = _teacher(call, session, (*call.ids, 0)[0])
        view = _desk(call, session, bound, seat, 0)
    call.ack()
    call.client.views_open(trigger_id=call.trigger_id, view=view)


def _later(call: Call) -> None:
    remembered = call.metadata
    with call.wiring.database.read() as session:
        bound, seat = _teacher(call, session, int(remembered.get("channel", 0)))
        view = _desk(call, session, bound, seat, int(remembered.get("place", 0)) + 1)
    call.ack()
    call.client.views_update(view_id=str(call.view["id"]), view=view)


def _decide(call: Call) -> None:
    """Keep a decision and show the text that took its place. What went another way meanwhile is said there."""
    remembered = call.metadata
    sent = {name.partition(":")[0]: values for name, values in read(call.values).items()}
    action, reason = "".join(sent.get("decision", ())), "".join(sent.get("reason", ()))
    try:
        with call.wiring.database.write() as session:
            bound, seat = _teacher(call, session, int(remembered.get("channel", 0)))
            review.decide(session, seat, int(remembered.get("text", 0)), action, reason=reason, now=call.now)
        said = Sentence(N_("Done: {what}."), {"what": decisions.ACTIONS[action]})
    except Refusal as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        said = refusal.sentence
    with call.wiring.database.read() as session:
        bound, seat = _teacher(call, session, int(remembered.get("channel", 0)))
        view = _desk(call, session, bound, seat, int(remembered.get("place", 0)), said=said)
    call.ack(response_action="update", view=view)


LISTENERS = (
    Listener("action", "review_open", _open),
    Listener("action", "review_later", _later),
    Listener("submit", "review_decide", _decide),
)
