"""A class's questions, for students and teachers at one address: the wall and what is done there. Thin.

One question's page is in `question`, the view for a lecture hall in `questions_hall`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from core.activities import (
    authors,
    credit,
    problems,
    question_order,
    question_problems,
    question_settings,
    question_votes,
    questions,
    seats,
    walls,
)
from core.activities.posting import Typed
from core.activities.questions import Answer, Line
from core.activities.refusals import Refusal
from core.activities.screening import Stored
from core.activities.seats import Opened
from core.wording.similar import similar
from core.words import N_, Sentence
from lti_tool.addresses import row_number
from lti_tool.language import language
from lti_tool.pages import entrance, live_piece, opened, piece, quoted, seat
from lti_tool.sessions import current
from lti_tool.wiring import wiring

blueprint = Blueprint("questions", __name__, url_prefix="/p/<platform>/questions")

A_PAGE = 25  # questions
LEAST_PAUSE = 4  # seconds from one question for news to the next
KNOWN = 1_000  # the newest ones, among which similar questions are looked for
LABELS = {option.name: option.label for option in question_settings.COUNTED}


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the wall somebody looks at."""

    order: str
    about: int | None  # a problem
    page: int  # from 1

    @property
    def query(self) -> dict[str, Any]:
        """It as an address has it."""
        return {"order": self.order, "problem": self.about, "page": self.page if self.page > 1 else None}


@dataclass(frozen=True, slots=True)
class Listed:
    """The questions of one page of the wall, and how many there are."""

    lines: tuple[Line, ...]
    total: int
    page: int  # the last one, where fewer are left than there were when somebody went to it
    pages: int
    has_mine: bool


# ---- the wall ----


@blueprint.get("/<activity>", endpoint="questions")
@entrance()
def start(activity: str) -> Response:
    """The wall."""
    return wall(activity)


@blueprint.get("/<activity>/list")
@entrance()
def listing(activity: str) -> Response:
    """The wall's list alone, asked for again and again."""
    fresh: list[int] = []
    with wiring().database.read() as session:
        found = opened(session, activity, "questions")
        view = _view(found)

        def render() -> str:
            listed = _listed(session, found, view)
            fresh.extend(unseen(session, found, listed.lines))
            return _list(session, found, view, listed)

        answer = live_piece(_tag(session, found, view), render)
    note_seen(fresh)
    return answer


@blueprint.post("/<activity>/ask")
@entrance()
def ask(activity: str) -> Response:
    """Ask; then the wall, where the question stands."""
    with wiring().database.write() as session:
        found = opened(session, activity, "questions", to_work=True)
        about = request.form.get("problem") or None
        posted = questions.ask(
            session,
            seat(),
            found,
            question_settings.of(found),
            typed(),
            problem_id=None if about is None else number(about),
            now=wiring().now(),
        )
    return wall(activity, stored=posted.stored)


@blueprint.post("/<activity>/similar")
@entrance()
def alike(activity: str) -> Response:
    """Questions like the one that is being typed, to vote for instead. Nothing is stored."""
    now = wiring().now()
    with wiring().database.read() as session:
        found = opened(session, activity, "questions")
        known = questions.titles(session, seat(), found, now=now)[:KNOWN]
        near = similar(request.form.get("title", ""), [title for _, title in known], language=language())
        settings = question_settings.of(found)
        lines = [
            line
            for place, _ in near
            for line in questions.wall(session, seat(), found, settings, now=now, only=known[place][0])
        ]
    return make_response(render_template("questions/_similar.html", activity=found, lines=lines, role=current().role))


@blueprint.post("/<activity>/<int:text>/vote")
@entrance()
def vote(activity: str, text: int) -> Response:
    """Vote for a question or an answer, or take that back: the button as it is then."""
    now, up = wiring().now(), request.form.get("up") != "no"
    with wiring().database.write() as session:
        found = opened(session, activity, "questions", to_work=True)
        settings = question_settings.of(found)
        root = question_votes.vote(session, seat(), found, settings, text, up=up, now=now)
        voted = _voted(session, found, root, text)
    return make_response(render_template("questions/_voted.html", activity=found, one=voted, role=current().role))


def _voted(session: Session, found: Opened, root: int, text: int) -> Line | Answer:
    """What was voted for, as it is now: an answer, or the question (`root`), which was perhaps merged meanwhile."""
    now, settings = wiring().now(), question_settings.of(found)
    if text != root:
        page = questions.page(session, seat(), found, settings, root, now=now)
        return next((answer for answer in page.answers if answer.id == text), page.question)
    return questions.wall(session, seat(), found, settings, now=now, only=root)[0]


# ---- what these are made of ----


def wall(activity: str, *, stored: Stored | None = None, said: Sentence | None = None) -> Response:
    now = wiring().now()
    with wiring().database.read() as session:
        found = opened(session, activity, "questions")
        view, settings = _view(found), question_settings.of(found)
        listed = _listed(session, found, view)
        first_seen = unseen(session, found, listed.lines)
        page = piece(
            "questions/wall.html",
            address=url_for("questions.questions", activity=activity, **_asked_for()),
            activity=found,
            settings=settings,
            promise=authors.promise(settings),
            view=view,
            orders=_orders(view, listed),
            inside=_list(session, found, view, listed),
            tag=quoted(f"{_tag(session, found, view)}-{language()}"),
            every=walls.pause(session, seat().course_id, least=LEAST_PAUSE),
            total=listed.total,
            stored=stored,
            said=said,
            role=current().role,
            names=names(session, found),
            may_ask_about=question_problems.open_to(session, seat(), found, now=now),
            mine=credit.mine(session, seat(), found, settings) if current().role == "student" else None,
            labels=LABELS,
        )
    if request.method == "GET":  # who has just asked sees their own: that they were the first must not be stored
        note_seen(first_seen)
    return page


def _listed(session: Session, found: Opened, view: View) -> Listed:
    now = wiring().now()
    lines = questions.wall(session, seat(), found, question_settings.of(found), now=now)
    if view.about is not None:
        lines = [line for line in lines if line.problem_id in {view.about, None}]  # and what is about all of them
    has_mine = any(line.author.is_me for line in lines)
    if view.order == "unanswered":
        lines = [line for line in lines if not (line.answered or line.closed)]
    elif view.order == "mine":
        lines = [line for line in lines if line.author.is_me]
    ordered = in_order(session, found, lines, view.order)
    pages = max(-(-len(lines) // A_PAGE), 1)
    page = min(view.page, pages)
    return Listed(tuple(ordered[(page - 1) * A_PAGE : page * A_PAGE]), len(lines), page, pages, has_mine)


def _orders(view: View, listed: Listed) -> tuple[str, ...]:
    """The tabs above the list. Those who do not come here to ask need none for their own, unless they did ask."""
    asks = current().role == "student" or listed.has_mine or view.order == "mine"
    return tuple(order for order in question_order.ORDERS if asks or order != "mine")


def in_order(session: Session, found: Opened, lines: list[Line], order: str) -> list[Line]:
    """As `question_order` has it, for what this activity keeps of who saw what."""
    hidden = question_settings.of(found).anonymity == "anonymous"
    voted = question_order.newest_voted(session, found) if hidden else None
    return question_order.ordered(lines, order, now=wiring().now(), voted=voted)


def _list(session: Session, found: Opened, view: View, listed: Listed) -> str:
    return render_template(
        "questions/_list.html",
        activity=found,
        settings=question_settings.of(found),
        view=view,
        listed=listed,
        role=current().role,
        names=names(session, found),
    )


def _view(found: Opened) -> View:
    order = request.args.get("order", "")
    about, page = request.args.get("problem", type=row_number), request.args.get("page", type=row_number)
    known = order if order in question_order.ORDERS else question_settings.of(found).order
    return View(known, about if found.kind == "practice" else None, min(max(page or 1, 1), 1_000))


def _asked_for() -> dict[str, Any]:
    """What the address says of the view, to be shown again after something was sent from it."""
    return {name: request.args[name] for name in ("order", "problem", "page") if name in request.args}


def _tag(session: Session, found: Opened, view: View) -> str:
    """What the list depends on."""
    who = seat()
    version = walls.version(session, found.id)
    return f"wall-{found.id}-{version}-{who.person_id}-{who.role}-{view.order}-{view.about}-{view.page}"


def names(session: Session, found: Opened) -> dict[int, str]:
    """The activity's problems, by which questions beside them are called."""
    if found.kind != "practice":
        return {}
    practice = seats.practice_of_id(session, seat(), found.id)
    listed = {line.id: line.name for line in problems.listed(session, seat().course_id)}
    return {number: listed[number] for number in practice.problems if number in listed}


def unseen(session: Session, found: Opened, lines: list[Line] | tuple[Line, ...]) -> list[int]:
    """Which of these questions are on this person's page for the first time, and are to be counted.

    Not where nobody is to be known: who saw a new question first is likely to have asked it.
    """
    if request.method != "GET" or current().role != "student" or question_settings.of(found).anonymity == "anonymous":
        return []
    numbers = [line.id for line in lines if line.status == "live" and not line.author.is_me]
    return question_order.unseen(session, seat(), found, numbers)


def note_seen(numbers: list[int]) -> None:
    if not numbers:
        return
    with wiring().database.write() as session:
        counts = seats.hold(session, seat())
        question_order.note_seen(session, seat(), numbers, counts=counts, now=wiring().now())


def typed() -> Typed:
    form = request.form
    return Typed(form.get("text", ""), form.get("title", ""), form.get("anyway") == "yes", language())


def number(text: str | None) -> int:
    try:
        return row_number(text or "")
    except ValueError:
        raise Refusal(N_("This form is not complete. Load the page again; what you wrote is kept.")) from None
