"""A teacher's part of the polls in Slack: asking, changing, opening, closing, asking again, options, export."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot import uploads
from bot.blocks import Block
from bot.calls import Call
from bot.listeners import Listener
from bot.polls import Board, Here, beside, board, channel_row, listed, own_view, poll_id, show, where
from bot.views import poll_forms
from core.activities import (
    channels,
    poll_closing,
    poll_export,
    poll_plans,
    poll_settings,
    poll_writing,
    polls,
    slack_messages,
    workspaces,
)
from core.activities.poll_plans import Plan
from core.activities.refusals import NotAllowed, Refusal
from core.activities.seats import Opened
from core.polling.kinds import Words
from core.wording import languages as spoken
from core.wording.cells import csv_file
from core.words import N_, Sentence

_ONLY_TEACHERS = N_("Only teachers ask the class here. You can answer what is open: “/heirloom polls”.")


def ask(call: Call, typed: str) -> None:
    """`/heirloom poll [question]`."""
    _open_form(call, "single", typed)


def ask_pair(call: Call, typed: str) -> None:
    """`/heirloom ab [question]`."""
    _open_form(call, "pair", typed)


def ask_words(call: Call, typed: str) -> None:
    """`/heirloom cloud [question]`."""
    _open_form(call, "words", typed)


def list_polls(call: Call, _typed: str) -> None:
    """`/heirloom polls`."""
    with call.wiring.database.write() as session:  # the class's first poll makes the place for it
        view = listed(call, session, _in_channel(call, session))
    show(call, view)


def _in_channel(call: Call, session: Session, row: int | None = None) -> Here:
    """Where a new poll of the channel goes."""
    bound = call.bound(session, row)
    seat = call.seat(session, bound)
    return Here(bound, seat, channels.activity(session, seat, bound, "poll", now=call.now))


def _open_form(call: Call, kind: str, prompt: str = "", row: int | None = None) -> None:
    with call.wiring.database.write() as session:
        here = _in_channel(call, session, row)
    if here.seat.role != "teacher":
        raise NotAllowed(_ONLY_TEACHERS)
    show(call, _form(call, here, kind, prompt))


def _form(call: Call, here: Here, kind: str, prompt: str = "", options: str = "") -> Block:
    plan = poll_plans.blank(kind)
    if isinstance(plan.kind, Words) and here.bound.language in spoken.NAMES:
        plan = replace(plan, kind=replace(plan.kind, language=here.bound.language))
    plan = replace(plan, prompt=prompt[: poll_plans.LONGEST_PROMPT], options=tuple(options.splitlines()))
    return poll_forms.new(plan, call.say, metadata=here.metadata, always_anonymous=_always_anonymous(here.opened))


def _always_anonymous(opened: Opened) -> bool:
    return poll_settings.of(opened).anonymity == "anonymous"


def _new(call: Call) -> None:
    """The button "New poll", in a view or with a channel's row in its value."""
    _open_form(call, "single", row=channel_row(call, 0))


def _other_kind(call: Call) -> None:
    """Another kind was chosen in the form: it gets that kind's fields, and keeps what was typed."""
    kind = str((call.action.get("selected_option") or {}).get("value") or "")
    given = poll_forms.sent(call.values)
    with call.wiring.database.write() as session:
        here = _in_channel(call, session, channel_row(call, 0))
    show(call, _form(call, here, kind, given.get("prompt", ""), given.get("options", "")))


def _make(call: Call) -> None:
    """The form of a new poll: keep it, and open and post it if that was chosen."""
    try:
        with call.wiring.database.write() as session:
            here = _in_channel(call, session, channel_row(call, 0))
            # the same form, delivered twice, is one poll; what is refused below is not remembered
            if not workspaces.is_new(session, call.workspace.id, f"poll_make:{call.view.get('id')}", now=call.now):
                raise Refusal(N_("This poll was saved already."))
            plan = _plan(call, here.opened, poll_forms.kind_of(call.values))
            made = poll_writing.make(session, here.seat, here.opened, plan, now=call.now)
            said = Sentence(N_("Saved as a draft. Only teachers see it before you open it."))
            if poll_forms.then(call.values) == poll_forms.OPEN:
                poll_closing.open_poll(session, here.seat, here.opened, made, now=call.now)
                _post(call, session, here, made)
                said = Sentence(N_("The poll is open. It appears in the channel in a moment."))
            found = board(session, here, made, call.now)
    except Refusal as refusal:
        beside(call, refusal, poll_forms.faulty(call.view, refusal.sentence, call.say))
        return
    call.ack(response_action="update", view=own_view(call, found, said))


def _plan(call: Call, opened: Opened, kind: str) -> Plan:
    return poll_plans.plan(kind, poll_forms.sent(call.values), always_anonymous=_always_anonymous(opened))


def _post(call: Call, session: Session, here: Here, poll: int) -> None:
    slack_messages.post(
        session,
        call.workspace.id,
        here.bound.channel_id,
        "poll",
        poll,
        here.opened.id,
        asked_by=call.user_id,
        now=call.now,
    )


def _edit_form(call: Call) -> None:
    """The form to change a poll."""
    with call.wiring.database.read() as session:
        here = where(call, session, poll_id(call))
        poll = polls.find(session, here.seat, here.opened, poll_id(call), call.now)
    if here.seat.role != "teacher":
        raise NotAllowed(_ONLY_TEACHERS)
    metadata = json.dumps({"channel": here.bound.id, "poll": poll.id})
    always = _always_anonymous(here.opened)
    show(call, poll_forms.change(poll, call.say, metadata=metadata, always_anonymous=always))


def _change(call: Call) -> None:
    """Changed words and rules; once somebody has answered, the times alone, by a form that has no words. When it opens
    is not in the form.
    """
    number = poll_id(call)
    try:
        with call.wiring.database.write() as session:
            here = where(call, session, number)
            poll = polls.find(session, here.seat, here.opened, number, call.now)
            form = poll_forms.sent(call.values)
            if poll.voted and "prompt" not in form:
                times: dict[str, Any] = {**poll_plans.schedule(form), "opens_at": poll.opens_at}
                poll_writing.reschedule(session, here.seat, here.opened, number, **times, now=call.now)
            else:
                plan = replace(_plan(call, here.opened, poll.kind.kind), opens_at=poll.opens_at)
                poll_writing.change(session, here.seat, here.opened, number, plan, now=call.now)
            found = board(session, here, number, call.now)
    except Refusal as refusal:
        beside(call, refusal, poll_forms.faulty(call.view, refusal.sentence, call.say))
        return
    call.ack(response_action="update", view=own_view(call, found, Sentence(N_("Saved."))))


Step = Callable[[Call, Session, Here, int], tuple[int, Sentence]]


def _step(step: Step) -> Callable[[Call], None]:
    """A listener for a button of the desk: do it, and show the poll that is then there."""

    def listener(call: Call) -> None:
        with call.wiring.database.write() as session:
            here = where(call, session, poll_id(call), place=3)
            number, said = step(call, session, here, poll_id(call))
            found: Board = board(session, here, number, call.now)
        show(call, own_view(call, found, said))

    return listener


def _open(call: Call, session: Session, here: Here, poll: int) -> tuple[int, Sentence]:
    poll_closing.open_poll(session, here.seat, here.opened, poll, now=call.now)
    if slack_messages.of_target(session, "poll", poll, call.workspace.id):
        return poll, Sentence(N_("The poll is open."))
    _post(call, session, here, poll)
    return poll, Sentence(N_("The poll is open. It appears in the channel in a moment."))


def _close(call: Call, session: Session, here: Here, poll: int) -> tuple[int, Sentence]:
    poll_closing.close(session, here.seat, here.opened, poll, now=call.now)
    return poll, Sentence(N_("The poll is closed."))


def _copy(call: Call, session: Session, here: Here, poll: int) -> tuple[int, Sentence]:
    made = poll_writing.copy(session, here.seat, here.opened, poll, now=call.now)
    return made, Sentence(N_("This is the copy, a draft. Change it and open it when you like."))


def _last(call: Call, session: Session, here: Here, poll: int) -> tuple[int, Sentence]:
    made = poll_writing.ask_again(session, here.seat, here.opened, poll, now=call.now)
    said = N_("This is the last impression, a draft. Open it later: it shows how the class moved.")
    return made, Sentence(said)


def _repost(call: Call, session: Session, here: Here, poll: int) -> tuple[int, Sentence]:
    if here.seat.role != "teacher":
        raise NotAllowed(_ONLY_TEACHERS)
    polls.find(session, here.seat, here.opened, poll, call.now)
    _post(call, session, here, poll)
    return poll, Sentence(N_("It appears in the channel in a moment."))


def _decide(call: Call, session: Session, here: Here, poll: int) -> tuple[int, Sentence]:
    _, option, live = (*call.ids, 0, 0)[:3]
    poll_writing.decide_option(session, here.seat, here.opened, poll, option, live=bool(live), now=call.now)
    return poll, Sentence(N_("Saved."))


def _export(call: Call) -> None:
    """The answers as a CSV file, in a private message; where we may not upload files, where to find it instead."""
    number = poll_id(call)
    with call.wiring.database.read() as session:
        here = where(call, session, number)
        poll = polls.find(session, here.seat, here.opened, number, call.now)
        table = poll_export.table(session, here.seat, here.opened, poll)
        found = board(session, here, number, call.now)
    call.ack()  # the file takes longer than Slack waits
    rows = (
        [call.say(cell) if isinstance(cell, Sentence) else cell for cell in row] for row in (table.header, *table.rows)
    )
    name = re.sub(r"[^A-Za-z0-9]+", "-", poll.prompt)[:40].strip("-").lower() or "poll"
    show(call, own_view(call, found, _sent_to(call, here, csv_file(rows), f"{name}.csv")))


def _sent_to(call: Call, here: Here, data: bytes, name: str) -> Sentence:
    if "files:write" in call.workspace.scopes:
        try:
            to = str(call.client.conversations_open(users=call.user_id)["channel"]["id"])
            if uploads.send(call.client, data, name, to):
                return Sentence(N_("The file is in your private messages with Heirloom."))
        except SlackApiError as error:
            if error.response.get("error") == "ratelimited":
                raise
    if not here.bound.has_lms:
        return Sentence(N_("Heirloom may not upload files in this workspace. Ask whoever installed it to allow that."))
    message = N_(
        "Heirloom may not upload files in this workspace. In your course, open “{title}”, this poll, and “Export”."
    )
    return Sentence(message, {"title": here.opened.title})


LISTENERS = (
    Listener("action", "poll_new", _new),
    Listener("action", poll_forms.KIND, _other_kind),
    Listener("submit", "poll_make", _make),
    Listener("action", "poll_edit", _edit_form),
    Listener("submit", "poll_change", _change),
    Listener("action", "poll_open", _step(_open)),
    Listener("action", "poll_close", _step(_close)),
    Listener("action", "poll_copy", _step(_copy)),
    Listener("action", "poll_last", _step(_last)),
    Listener("action", "poll_post", _step(_repost)),
    Listener("action", "poll_option", _step(_decide)),
    Listener("action", "poll_export", _export),
)
