"""Polls in the course: the list, a poll with its form and results, the hall. One address for everybody; who teaches
finds more to do there (`polls_teaching`). Thin: it reads the form, calls one use case, renders.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from flask import Blueprint, Response, g, render_template, request, url_for
from sqlalchemy.orm import Session

from core.activities import (
    credit,
    poll_closing,
    poll_movement,
    poll_plans,
    poll_results,
    poll_settings,
    poll_votes,
    polls,
)
from core.activities.poll_results import Hidden, Result
from core.activities.poll_shapes import Movement
from core.activities.polls import Mine, Poll
from core.activities.seats import Opened
from core.words import Sentence
from lti_tool.language import language, say
from lti_tool.pages import entrance, live_piece, opened, piece, quoted, seat
from lti_tool.poll_pictures import pictures
from lti_tool.sessions import current
from lti_tool.wiring import wiring

blueprint = Blueprint("polls", __name__, url_prefix="/p/<platform>")

EVERY = 2  # seconds between two looks at results that change


@blueprint.before_request
def keep_apart() -> None:
    """The access log never tells who sent an answer: also of a refused one, whose poll nobody has looked up yet."""
    if request.method == "POST":
        g.anonymous = True


@dataclass(frozen=True, slots=True)
class Board:
    """An activity's polls as this person finds them at a moment."""

    activity: Opened
    polls: list[Poll]
    mine: dict[int, Mine]
    hidden: dict[int, int]  # how many texts are hidden, by the poll's id; only a teacher is told
    now: datetime

    def waits(self, poll: Poll) -> bool:
        """Whether it waits for this person's answer."""
        return poll.state == "open" and poll.id not in self.mine

    def urgency(self, poll: Poll) -> tuple[bool, bool]:
        """Sorts what waits for this person's answer first, then what else is open; else the teacher's order stays."""
        return not self.waits(poll), poll.state != "open"

    def others_open(self, poll_id: int) -> list[Poll]:
        """Other polls that wait for this person's answer."""
        return [one for one in self.polls if self.waits(one) and one.id != poll_id]


def board(session: Session, found: Opened) -> Board:
    """Everything of the list. Where one of the polls is anonymous, the access log does not tell whose request it is."""
    now = wiring().now()
    listed = polls.listed(session, seat(), found, now)
    if any(poll.is_anonymous for poll in listed):
        g.anonymous = True
    hidden = polls.hidden(session, found) if current().role == "teacher" else {}
    return Board(found, listed, polls.mine(session, seat(), found), hidden, now)


def settle(activity: str, listed: list[Poll]) -> None:
    """If a poll has closed by itself, do what that brings along."""
    if poll_closing.is_due(listed):
        with wiring().database.write() as session:
            poll_closing.settle(session, seat(), opened(session, activity, "poll"), now=wiring().now())


@blueprint.get("/polls/<activity>", endpoint="polls")
@entrance()
def polls_list(activity: str) -> Response:
    """Where a launch begins: the polls, or the only one that there is."""
    with wiring().database.read() as session:
        here = board(session, opened(session, activity, "poll"))
        response = (
            poll_page(session, here, here.polls[0])
            if len(here.polls) == 1 and current().role != "teacher"
            else list_page(session, here)
        )
    settle(activity, here.polls)
    return response


@blueprint.get("/polls/<activity>/list")
@entrance()
def listed(activity: str) -> Response:
    """The list alone, asked for again and again."""
    with wiring().database.read() as session:
        here = board(session, opened(session, activity, "poll"))
    return live_piece(list_tag(here), lambda: render_template("polls/_list.html", **_list_values(here)))


@blueprint.get("/polls/<activity>/<int:poll>")
@entrance()
def one(activity: str, poll: int) -> Response:
    """One poll."""
    with wiring().database.read() as session:
        here = board(session, opened(session, activity, "poll"))
        response = poll_page(session, here, polls.find(session, seat(), here.activity, poll, here.now))
    settle(activity, here.polls)
    return response


@blueprint.get("/polls/<activity>/<int:poll>/results")
@entrance()
def results(activity: str, poll: int) -> Response:
    """A poll's results alone, asked for again and again."""
    with wiring().database.read() as session:
        here = board(session, opened(session, activity, "poll"))
        found = polls.find(session, seat(), here.activity, poll, here.now)
        return live_piece(results_tag(here, found), lambda: render_results(session, here, found))


@blueprint.post("/polls/<activity>/<int:poll>/vote")
@entrance()
def vote(activity: str, poll: int) -> Response:
    """Keep an answer. The page is made after the commit, so that others who answer now do not wait for it."""
    with wiring().database.write() as session:
        found = opened(session, activity, "poll", to_work=True)
        voted = poll_votes.vote(
            session, seat(), found, poll, request.form.to_dict(flat=False), language=language(), now=wiring().now()
        )
    with wiring().database.read() as session:
        here = board(session, found)
        response = poll_page(session, here, polls.find(session, seat(), found, poll, here.now), said=voted.message)
    settle(activity, here.polls)
    return response


@blueprint.post("/polls/<activity>/<int:poll>/options")
@entrance()
def add_option(activity: str, poll: int) -> Response:
    """A member's own option."""
    with wiring().database.write() as session:
        found = opened(session, activity, "poll", to_work=True)
        told = poll_votes.add_option(
            session, seat(), found, poll, request.form.get("text", ""), language=language(), now=wiring().now()
        )
        here = board(session, found)
        return poll_page(session, here, _of(here, poll), said=told)


@blueprint.post("/polls/<activity>/<int:poll>/report")
@entrance()
def report(activity: str, poll: int) -> Response:
    """Report what somebody wrote: it disappears for this person at once."""
    with wiring().database.write() as session:
        found = opened(session, activity, "poll", to_work=True)
        told = poll_results.report(session, seat(), found, poll, request.form.get("text", ""), now=wiring().now())
        here = board(session, found)
        return poll_page(session, here, _of(here, poll), said=told)


@blueprint.post("/polls/<activity>/<int:poll>/again")
@entrance()
def start_over(activity: str, poll: int) -> Response:
    """Whoever only tried a poll out begins again."""
    with wiring().database.write() as session:
        found = opened(session, activity, "poll", to_work=True)
        poll_votes.start_over(session, seat(), found, poll, now=wiring().now())
        here = board(session, found)
        return poll_page(session, here, _of(here, poll))


def _of(here: Board, poll_id: int) -> Poll:
    return next(poll for poll in here.polls if poll.id == poll_id)


def list_page(session: Session, here: Board, *, said: Sentence | None = None, removed: int | None = None) -> Response:
    """The list of polls."""
    settings = poll_settings.of(here.activity)
    return piece(
        "polls/polls.html",
        address=url_for("polls.polls", activity=here.activity.public_id),
        mine_progress=credit.mine(session, seat(), here.activity, settings) if current().role == "student" else None,
        kinds=poll_plans.KINDS,
        parts={part.name: part.label for part in poll_settings.COUNTED},
        said=said,
        removed=removed,
        tag=quoted(f"{list_tag(here)}-{language()}"),
        **_list_values(here),
    )


def _list_values(here: Board) -> dict[str, object]:
    return {
        "activity": here.activity,
        "polls": here.polls if current().role == "teacher" else sorted(here.polls, key=here.urgency),
        "mine": here.mine,
        "hidden": here.hidden,
        "role": current().role,
    }


def list_tag(here: Board) -> str:
    """What the list depends on; only a teacher's shows how many have answered."""
    teaches = current().role == "teacher"
    states = "-".join(
        f"{poll.id}.{poll.version if teaches else poll.prompt}.{poll.state}.{poll.id in here.mine}"
        for poll in here.polls
    )
    return f"{here.activity.public_id}-{current().role}-{states}"


def poll_page(session: Session, here: Board, poll: Poll, *, said: Sentence | None = None) -> Response:
    """One poll: its form or one's answer, its results, and for teachers what can be done with it."""
    anonymity = poll_settings.of(here.activity).anonymity
    return piece(
        "polls/poll.html",
        address=url_for("polls.one", activity=here.activity.public_id, poll=poll.id),
        activity=here.activity,
        poll=poll,
        mine=here.mine.get(poll.id),
        role=current().role,
        promises=polls.promise(poll, anonymity),
        counts=bool(poll_settings.of(here.activity).credit.get("ballot")),
        only=len(here.polls) == 1,
        has_last=any(other.first_id == poll.id for other in here.polls),
        said=said,
        every=EVERY,
        tag=quoted(f"{results_tag(here, poll)}-{language()}"),
        results=render_results(session, here, poll),
    )


def results_tag(here: Board, poll: Poll) -> str:
    """What a poll's results depend on; a report makes them this person's own."""
    who = current()
    waiting = "-".join(str(other.id) for other in here.others_open(poll.id))
    first = next((f"{other.version}{other.state}" for other in here.polls if other.id == poll.first_id), "")
    return f"{poll.id}-{poll.version}-{poll.state}-{first}-{who.role}-{who.person_id}-{poll.id in here.mine}-{waiting}"


def render_results(session: Session, here: Board, poll: Poll, *, in_hall: bool = False) -> str:
    """The results as this person, or the hall that this teacher stands before, may see them."""
    found = poll_results.result(session, seat(), poll, has_answered=poll.id in here.mine)
    if in_hall and isinstance(found, Result):
        found = Result(found.voters, found.figure, tuple(line for line in found.lines if line.shown))
    moves = _moves(session, here, poll, in_hall=in_hall) if isinstance(found, Result) else ()
    return render_template(
        "polls/_results.html",
        activity=here.activity,
        poll=poll,
        found=found,
        hidden=isinstance(found, Hidden),
        options={option.id: option for option in poll.options},
        pictures=pictures,
        moves=moves,
        role=current().role,
        in_hall=in_hall,
        waiting=[] if in_hall or current().role == "teacher" else here.others_open(poll.id),
        say=say,
    )


def _moves(session: Session, here: Board, last: Poll, *, in_hall: bool) -> tuple[Movement, ...]:
    """How the class moved since the first impression, where this person may see both; in the hall, as a classmate."""
    first = next((poll for poll in here.polls if poll.id == last.first_id), None)
    if first is None:
        return ()
    before = poll_results.result(session, seat(), first, has_answered=first.id in here.mine)
    reader = replace(seat(), role="student") if in_hall else seat()
    return poll_movement.moves(session, reader, first, last) if isinstance(before, Result) else ()
