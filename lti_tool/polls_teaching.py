"""A teacher's part of the polls: making and changing them, opening and closing, what people wrote, export, the hall."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from core.activities import poll_closing, poll_export, poll_plans, poll_results, poll_settings, poll_writing, polls
from core.activities.poll_plans import Plan
from core.activities.polls import Poll
from core.activities.refusals import Refusal
from core.activities.seats import Opened
from core.wording import languages
from core.wording.cells import csv_file
from core.words import N_, Sentence
from lti_tool.addresses import row_number
from lti_tool.language import language, say
from lti_tool.pages import entrance, live_piece, opened, piece, quoted, seat
from lti_tool.polls import EVERY, Board, board, list_page, poll_page, render_results, results_tag, settle
from lti_tool.sessions import current
from lti_tool.wiring import wiring

blueprint = Blueprint("polls_teaching", __name__, url_prefix="/p/<platform>/polls")

_NEVER = datetime.min.replace(tzinfo=UTC)


@blueprint.get("/<activity>/new/<kind>")
@entrance("teacher")
def new(activity: str, kind: str) -> Response:
    """The form of a new poll."""
    with wiring().database.read() as session:
        found = opened(session, activity, "poll")
        return _form(found, poll_plans.blank(kind), None)


@blueprint.post("/<activity>/new/<kind>")
@entrance("teacher")
def make(activity: str, kind: str) -> Response:
    """Keep a new poll, and open it if the button said so."""
    with wiring().database.write() as session:
        found = opened(session, activity, "poll")
        poll_id = poll_writing.make(session, seat(), found, _plan(found, kind), now=wiring().now())
        if "open" in request.form:
            poll_closing.open_poll(session, seat(), found, poll_id, now=wiring().now())
        return _poll(session, found, poll_id, Sentence(N_("Saved.")))


@blueprint.get("/<activity>/<int:poll>/edit")
@entrance("teacher")
def edit(activity: str, poll: int) -> Response:
    """The form of a poll that there is."""
    with wiring().database.read() as session:
        found = opened(session, activity, "poll")
        stored = polls.find(session, seat(), found, poll, wiring().now())
        return _form(found, poll_plans.of_poll(stored), stored)


@blueprint.post("/<activity>/<int:poll>/edit")
@entrance("teacher")
def change(activity: str, poll: int) -> Response:
    """Keep changed words and rules; once somebody has answered, the times alone, by a form that has no words."""
    with wiring().database.write() as session:
        found, now = opened(session, activity, "poll"), wiring().now()
        stored = polls.find(session, seat(), found, poll, now)
        if stored.voted and "prompt" not in request.form:
            schedule = poll_plans.schedule(request.form.to_dict())
            poll_writing.reschedule(session, seat(), found, poll, **schedule, now=now)  # type: ignore[arg-type]
        else:
            poll_writing.change(session, seat(), found, poll, _plan(found, stored.kind.kind), now=now)
        return _poll(session, found, poll, Sentence(N_("Saved.")))


def _plan(found: Opened, kind: str) -> Plan:
    secret = poll_settings.of(found).anonymity == "anonymous"
    return poll_plans.plan(kind, request.form.to_dict(), always_anonymous=secret)


def _form(found: Opened, plan: Plan, stored: Poll | None) -> Response:
    at = (
        url_for("polls_teaching.edit", activity=found.public_id, poll=stored.id)
        if stored
        else url_for("polls_teaching.new", activity=found.public_id, kind=plan.kind.kind)
    )
    return piece(
        "polls/form.html",
        address=at,
        at=at,
        activity=found,
        plan=plan,
        kind=next(option for option in poll_plans.KINDS if option.name == plan.kind.kind),
        results=poll_plans.RESULTS,
        levels=poll_plans.LEVELS,
        languages=languages.NAMES,
        grows=plan.kind.kind in {"single", "several"},
        always_anonymous=poll_settings.of(found).anonymity == "anonymous",
        stored=stored,
    )


Step = Callable[[Session, Opened, int], Sentence | None]


def _open(session: Session, found: Opened, poll: int) -> Sentence:
    poll_closing.open_poll(session, seat(), found, poll, now=wiring().now())
    return Sentence(N_("The poll is open."))


def _close(session: Session, found: Opened, poll: int) -> Sentence:
    poll_closing.close(session, seat(), found, poll, now=wiring().now())
    return Sentence(N_("The poll is closed."))


STEPS: dict[str, Step] = {"open": _open, "close": _close}


@blueprint.post("/<activity>/<int:poll>/<any(open, close):step>")
@entrance("teacher")
def go(activity: str, poll: int, step: str) -> Response:
    """Open or close a poll; from the hall, the hall is shown again."""
    with wiring().database.write() as session:
        found = opened(session, activity, "poll")
        said = STEPS[step](session, found, poll)
        if "hall" in request.args:
            return _hall(session, board(session, found), poll, said=said)
        return _poll(session, found, poll, said)


@blueprint.post("/<activity>/<int:poll>/<any(copy, last):way>")
@entrance("teacher")
def copy(activity: str, poll: int, way: str) -> Response:
    """The same once more: another poll, or the last impression to this first one."""
    with wiring().database.write() as session:
        found = opened(session, activity, "poll")
        if way == "copy":
            made = poll_writing.copy(session, seat(), found, poll, now=wiring().now())
            said = Sentence(N_("This is the copy, a draft. Change it and open it when you like."))
        else:
            made = poll_writing.ask_again(session, seat(), found, poll, now=wiring().now())
            said = Sentence(N_("This is the last impression, a draft. Open it later: it shows how the class moved."))
        return _poll(session, found, made, said)


@blueprint.post("/<activity>/<int:poll>/<any(up, down, remove, restore):change>")
@entrance("teacher")
def arrange(activity: str, poll: int, change: str) -> Response:
    """Move a poll in the list, take it out, or put it back."""
    with wiring().database.write() as session:
        found, now = opened(session, activity, "poll"), wiring().now()
        if change == "remove":
            poll_writing.remove(session, seat(), found, poll, now=now)
            said, removed = Sentence(N_("The poll was deleted. What was answered is kept, and not counted.")), poll
            return list_page(session, board(session, found), said=said, removed=removed)
        if change == "restore":
            poll_writing.put_back(session, seat(), found, poll, now=now)
        else:
            poll_writing.move(session, seat(), found, poll, -1 if change == "up" else 1, now=now)
        return list_page(session, board(session, found))


@blueprint.post("/<activity>/<int:poll>/words")
@entrance("teacher")
def words(activity: str, poll: int) -> Response:
    """Hide what people wrote, or show it."""
    hidden = request.form.get("do") == "hide"
    with wiring().database.write() as session:
        found = opened(session, activity, "poll")
        text = request.form.get("text", "")
        poll_results.hide(session, seat(), found, poll, text, hidden=hidden, now=wiring().now())
        said = Sentence(N_("“{text}” is hidden.") if hidden else N_("“{text}” is shown."), {"text": text[:80]})
        return _poll(session, found, poll, said)


@blueprint.post("/<activity>/<int:poll>/options/<int:option>/<any(live, out):fate>")
@entrance("teacher")
def decide_option(activity: str, poll: int, option: int, fate: str) -> Response:
    """Let a member's option in, or take one out."""
    with wiring().database.write() as session:
        found = opened(session, activity, "poll")
        poll_writing.decide_option(session, seat(), found, poll, option, live=fate == "live", now=wiring().now())
        return _poll(session, found, poll, Sentence(N_("Saved.")))


@blueprint.get("/<activity>/<int:poll>/export")
@entrance("teacher")
def export(activity: str, poll: int) -> Response:
    """A poll's answers as a CSV file."""
    with wiring().database.read() as session:
        found = opened(session, activity, "poll")
        stored = polls.find(session, seat(), found, poll, wiring().now())
        made = poll_export.table(session, seat(), found, stored)
    rows = ([say(cell) if isinstance(cell, Sentence) else cell for cell in row] for row in (made.header, *made.rows))
    response = make_response(csv_file(rows))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = re.sub(r"[^A-Za-z0-9]+", "-", stored.prompt)[:40].strip("-").lower() or "poll"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@blueprint.get("/<activity>/live")
@entrance("teacher")
def hall(activity: str) -> Response:
    """One poll in large type, for a lecture hall."""
    with wiring().database.read() as session:
        here = board(session, opened(session, activity, "poll"))
        response = _hall(session, here, request.args.get("poll", type=row_number), show=request.args.get("show"))
    settle(activity, here.polls)
    return response


@blueprint.get("/<activity>/<int:poll>/live")
@entrance("teacher")
def hall_results(activity: str, poll: int) -> Response:
    """What changes in the hall: how many have answered, and the results if they are shown."""
    shown = request.args.get("show") == "1"
    with wiring().database.read() as session:
        here = board(session, opened(session, activity, "poll"))
        found = polls.find(session, seat(), here.activity, poll, here.now)
        return live_piece(_hall_tag(here, found, shown), lambda: _hall_piece(session, here, found, shown))


def _hall_tag(here: Board, poll: Poll, shown: bool) -> str:
    return f"hall-{shown}-{results_tag(here, poll)}"


def _hall_piece(session: Session, here: Board, poll: Poll, shown: bool) -> str:
    inside = render_results(session, here, poll, in_hall=True) if shown else ""
    return render_template("polls/_hall.html", poll=poll, results=inside, shown=shown)


def _hall(
    session: Session, here: Board, poll_id: int | None, *, show: str | None = None, said: Sentence | None = None
) -> Response:
    if not here.polls:
        raise Refusal(N_("There is no poll yet. Make one first."))
    newest = max(here.polls, key=lambda poll: (poll.state == "open" and poll.open_since) or _NEVER)
    poll = next((one for one in here.polls if one.id == poll_id), newest)
    shown = show == "1" if show else poll.results == "at_once" or poll.state == "closed"
    place = here.polls.index(poll)
    return piece(
        "polls/live.html",
        address=url_for("polls_teaching.hall", activity=here.activity.public_id, poll=poll.id),
        activity=here.activity,
        poll=poll,
        before=here.polls[place - 1] if place else None,
        after=here.polls[place + 1] if place + 1 < len(here.polls) else None,
        shown=shown,
        said=said,
        course=current().course_title,
        every=EVERY,
        tag=quoted(f"{_hall_tag(here, poll, shown)}-{language()}"),
        inside=_hall_piece(session, here, poll, shown),
    )


def _poll(session: Session, found: Opened, poll_id: int, said: Sentence | None = None) -> Response:
    here = board(session, found)
    return poll_page(session, here, next(poll for poll in here.polls if poll.id == poll_id), said=said)
