"""Prompts in Slack: a teacher plans what the channel is asked, looks at the list, and changes it.

Everything is decided by `core.activities.prompts`; what a button's value says of a prompt is what its teacher saw.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.blocks import Block
from bot.calls import Call, NoClass, NotLinked
from bot.listeners import Listener
from bot.poll_messages import in_language
from bot.polls import beside, board, own_view, poll_id, show, where
from bot.rendering import Blocks
from bot.texts import asked_for
from bot.views import prompts as views
from bot.views.prompts import Draft
from bot.wiring import Wiring
from core.activities import channels, poll_plans, poll_settings, polls, prompts, reminders
from core.activities.channels import Bound
from core.activities.prompts import Wanted
from core.activities.refusals import NotAllowed, NotFound, Refusal
from core.activities.seats import Seat
from core.activities.slack_messages import Direct
from core.words import N_, Sentence

_ONLY_TEACHERS = N_("Only teachers make prompts and change them.")


@dataclass(frozen=True, slots=True)
class Here:
    """A teacher of a class, and the channel that a view is about."""

    bound: Bound
    seat: Seat


def schedule(call: Call, _typed: str) -> None:
    """`/heirloom schedule`: the prompts of the channel's course."""
    with call.wiring.database.read() as session:
        bound = call.bound(session)
    with call.wiring.database.write() as session:  # in a class of Slack's, who takes part gets a seat
        here = Here(bound, call.seat(session, bound))
        view = _list(call, session, here)
    show(call, view)


def _shortcut(call: Call) -> None:
    """The global shortcut: a new prompt, for the first of the channels where this person teaches."""
    with call.wiring.database.write() as session:
        taught = _taught(call, session)
        if not taught:
            raise NotAllowed(
                N_("You teach no class in this workspace. Type “/heirloom connect” or “/heirloom class” in a channel.")
            )
        view = _form(call, taught[0], _blank(call, session, taught[0], "single"))
    show(call, view)


def _new(call: Call) -> None:
    """The button "New prompt", in a view, or with a channel's row as its value."""
    with call.wiring.database.write() as session:
        here = _here(call, session)
        view = _form(call, here, _blank(call, session, here, "single"))
    show(call, view)


def _other_kind(call: Call) -> None:
    """Something else was chosen in the form: it gets that one's fields. Slack keeps what stands in those that stay."""
    kind = str((call.action.get("selected_option") or {}).get("value") or "")
    with call.wiring.database.write() as session:
        here = _here(call, session)
        view = _form(call, here, _blank(call, session, here, kind), call.metadata.get("prompt"))
    show(call, view)


def _edit(call: Call) -> None:
    """The form of a prompt that there is."""
    with call.wiring.database.write() as session:
        here = _here(call, session)
        found = prompts.find(session, here.seat, _prompt_id(call))
        there = channels.of_id(session, found.channel)
        if there is not None and there.course_id == here.seat.course_id:
            here = Here(there, here.seat)
        view = _form(call, here, _of_prompt(call, session, here, found), found.id)
    show(call, view)


def _made(call: Call) -> None:
    """The form was sent: keep the prompt, and show the list."""
    number = call.metadata.get("prompt")
    try:
        with call.wiring.database.write() as session:
            here = _chosen(call, session)
            today = call.now.astimezone(ZoneInfo(prompts.zone_of(session, here.seat, here.bound))).date()
            wanted = views.sent(call.values, today)
            if isinstance(number, int):
                prompts.change(session, here.seat, here.bound, number, wanted, now=call.now)
            else:
                prompts.make(session, here.seat, here.bound, wanted, now=call.now)
            view = _list(call, session, here, N_("Saved. It comes by itself at its time."))
    except Refusal as refusal:
        beside(call, refusal, views.faulty(call.view, refusal.sentence, call.say))
        return
    call.ack(response_action="update", view=view)


Step = Callable[[Session, Seat, Call], str]


def _pause(session: Session, seat: Seat, call: Call) -> str:
    prompts.pause(session, seat, _prompt_id(call))
    return N_("Paused.")


def _resume(session: Session, seat: Seat, call: Call) -> str:
    prompts.resume(session, seat, _prompt_id(call), now=call.now)
    return N_("It comes again from its next time on.")


def _skip(session: Session, seat: Seat, call: Call) -> str:
    at = datetime.fromtimestamp(min(_second(call), 10**10), UTC)
    prompts.skip(session, seat, _prompt_id(call), at, now=call.now)
    return N_("The next time is left out.")


def _post(session: Session, seat: Seat, call: Call) -> str:
    prompts.post_now(session, seat, _prompt_id(call), _second(call), now=call.now)
    return N_("It appears in the channel in a moment.")


def _end(session: Session, seat: Seat, call: Call) -> str:
    prompts.end(session, seat, _prompt_id(call))
    return N_("It comes no more.")


def _doing(step: Step) -> Callable[[Call], None]:
    """A button of the list: do it, and show the list as it is now; what could not be done is said there, too."""

    def handle(call: Call) -> None:
        said: str | Sentence
        try:
            with call.wiring.database.write() as session:
                here = _here(call, session)
                said = step(session, here.seat, call)
        except (NotAllowed, NotFound, NoClass, NotLinked):
            raise
        except Refusal as refusal:
            said = refusal.sentence
        with call.wiring.database.read() as session:
            view = _list(call, session, here, said)
        show(call, view)

    return handle


def _remind(call: Call) -> None:
    """The button of a teacher's view of a poll."""
    number = poll_id(call)
    with call.wiring.database.write() as session:
        here = where(call, session, number)
        count = reminders.send(session, here.seat, here.opened, number, now=call.now)
        found = board(session, here, number, call.now)
    said = Sentence(
        N_(
            "People who get a reminder in private: {count}. Left out are those who have answered, were reminded "
            "before, or want no reminders."
        ),
        {"count": count},
    )
    show(call, own_view(call, found, said))


def _stop_reminders(call: Call) -> None:
    """The button in a reminder."""
    with call.wiring.database.write() as session:
        reminders.stop(session, call.workspace.id, call.user_id)
    call.ack()
    call.respond(call.say(N_("You get no more reminders. In the Home tab of this app you can turn them on again.")))


# ---- private messages, when they are sent ----
def reminder(session: Session, wiring: Wiring, direct: Direct, language: str) -> tuple[str, Blocks] | None:
    """The words of a reminder; None where nobody is to be reminded any more."""
    wanted = reminders.wanted(
        session,
        direct.workspace_id,
        direct.user_id,
        direct.target_id,
        channel=direct.details["channel"],
        activity=direct.details["activity"],
        now=wiring.now(),
    )
    if wanted is None:
        return None
    bound, poll = wanted
    made = views.reminder(poll, bound.id, in_language(language))
    return made.text, list(made.blocks)


def stopped(_session: Session, _wiring: Wiring, direct: Direct, language: str) -> tuple[str, Blocks]:
    """The words to whoever made a prompt that was paused by itself."""
    why = direct.details["why"]
    made = views.stopped(Sentence(why["message"], why["values"]), in_language(language))
    return made.text, list(made.blocks)


# ---- where, and with what a form begins ----
def _here(call: Call, session: Session) -> Here:
    """The class that a view is about, or whose channel's row is a button's value; only for its teachers."""
    remembered = call.metadata.get("channel")
    row = remembered if isinstance(remembered, int) else call.ids[0] if call.ids else None
    return _teaching(call, session, call.bound(session, row))


def _chosen(call: Call, session: Session) -> Here:
    """The channel that is chosen in the form."""
    row = views.channel_of(call.values)
    return _here(call, session) if row is None else _teaching(call, session, call.bound(session, row))


def _teaching(call: Call, session: Session, bound: Bound) -> Here:
    seat = call.seat(session, bound)
    if seat.role != "teacher":
        raise NotAllowed(_ONLY_TEACHERS)
    return Here(bound, seat)


def _taught(call: Call, session: Session) -> list[Here]:
    """The channels where this person teaches."""
    found = channels.of_person(session, call.workspace.id, call.user_id)
    return [Here(bound, seat) for bound, seat in found if seat.role == "teacher"]


def _prompt_id(call: Call) -> int:
    return call.ids[0] if call.ids else 0


def _second(call: Call) -> int:
    return call.ids[1] if len(call.ids) > 1 else 0


def _list(call: Call, session: Session, here: Here, said: str | Sentence = "", page: int | None = None) -> Block:
    """The page of the list, or the one that was shown before."""
    page = asked_for(call, "page") if page is None else page
    found = prompts.listed(session, here.seat)
    names = {bound.id: bound.name or bound.channel_id for bound in channels.of_course(session, here.seat)}
    metadata = json.dumps({"channel": here.bound.id, "page": page})
    return views.listed(found, names, call.say, metadata=metadata, said=call.say(said) if said else "", page=page)


def _turned(call: Call) -> None:
    """Another page of the list."""
    with call.wiring.database.read() as session:
        here = _here(call, session)
        view = _list(call, session, here, page=_prompt_id(call))
    show(call, view)


def _form(call: Call, here: Here, draft: Draft, number: int | None = None) -> Block:
    metadata: dict[str, Any] = {"channel": here.bound.id, "page": asked_for(call, "page")}
    if number is not None:
        metadata["prompt"] = number
    return views.form(draft, call.say, metadata=json.dumps(metadata), is_new=number is None)


def _blank(call: Call, session: Session, here: Here, kind: str) -> Draft:
    """A form of this kind that begins in the next full hour."""
    zone = prompts.zone_of(session, here.seat, here.bound)
    soon = call.now.astimezone(ZoneInfo(zone)) + timedelta(hours=1)
    return _draft(call, session, here, kind, Wanted("", soon.hour * 60, soon.date(), open_minutes=1_440), zone)


def _of_prompt(call: Call, session: Session, here: Here, prompt: prompts.Prompt) -> Draft:
    wanted = prompt.wanted
    kind = views.PROBLEM if wanted.what == "problem" else views.LAST if wanted.first_id is not None else wanted.kind
    return _draft(call, session, here, kind, wanted, prompt.time_zone)


def _draft(call: Call, session: Session, here: Here, kind: str, wanted: Wanted, zone: str) -> Draft:
    opened = channels.activity(session, here.seat, here.bound, "poll", now=call.now)
    anonymous = poll_settings.of(opened).anonymity == "anonymous"
    plan = None
    if kind not in {views.PROBLEM, views.LAST}:
        values = wanted.values
        plan = (
            poll_plans.plan(kind, values, always_anonymous=anonymous)
            if values and wanted.kind == kind
            else poll_plans.blank(kind)
        )
    firsts = [
        poll
        for poll in reversed(polls.listed(session, here.seat, opened, call.now))
        if poll.first_id is None and poll.state in {"open", "closed"}
    ]
    stays = bool(wanted.what) or "prompt" in call.metadata  # what was made for a course stays in it
    places = [
        one.bound for one in _taught(call, session) if not stays or one.bound.course_id == here.bound.course_id
    ] or [here.bound]
    return Draft(
        kind=kind,
        channels=[(bound.id, bound.name or bound.channel_id) for bound in places],
        channel=here.bound.id,
        zone=zone,
        starts_on=wanted.starts_on,
        at_minute=wanted.at_minute,
        plan=plan,
        firsts=firsts,
        first_id=wanted.first_id,
        weekdays=wanted.weekdays,
        ends_on=wanted.ends_on,
        open_minutes=wanted.open_minutes,
        remind_minutes=wanted.remind_minutes,
        always_anonymous=anonymous,
    )


LISTENERS = (
    Listener("shortcut", "new_prompt", _shortcut),
    Listener("action", "prompt_new", _new),
    Listener("action", views.KIND, _other_kind),
    Listener("action", "prompt_edit", _edit),
    Listener("submit", "prompt_make", _made),
    Listener("action", "prompt_page", _turned),
    Listener("action", "prompt_pause", _doing(_pause)),
    Listener("action", "prompt_resume", _doing(_resume)),
    Listener("action", "prompt_skip", _doing(_skip)),
    Listener("action", "prompt_post", _doing(_post)),
    Listener("action", "prompt_end", _doing(_end)),
    Listener("action", "poll_remind", _remind),
    Listener("action", "reminder_stop", _stop_reminders),
)
