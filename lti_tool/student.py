"""The student's pages: the list of problems, a problem, and everything that can be done there. Thin: it reads the
form, calls one use case, renders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from core.activities import (
    contributions,
    exposures,
    grades,
    moderation,
    next_tasks,
    pictures,
    practice,
    practice_rules,
    preview,
    question_problems,
    scores,
    tasks,
)
from core.activities.refusals import Refusal
from core.activities.seats import Practice
from core.problems.grading import BadResponse
from core.words import N_
from lti_tool.language import language, say, translate
from lti_tool.pages import entrance, piece, practice_of, seat
from lti_tool.sessions import current
from lti_tool.wiring import wiring


@dataclass(frozen=True, slots=True)
class Address:
    """Where a problem's page is. What can be done there is posted to addresses below it, ten of them on a page, and
    each `url_for` takes as long as a query.
    """

    activity: str
    problem_id: int

    @property
    def problem(self) -> str:
        return f"{self.activity}/problems/{self.problem_id}"

    @property
    def texts(self) -> str:
        """One's own texts, where one may ask for a second look (`moderation.mine`)."""
        return self.activity.replace("/practice/", "/texts/", 1)


blueprint = Blueprint("student", __name__, url_prefix="/p/<platform>")


@blueprint.errorhandler(BadResponse)
def bad_response(error: BadResponse) -> tuple[str, int]:
    """An answer that cannot be judged: said above the page, which stays as it is."""
    return render_template("lti/_refusal.html", what=say(error.sentence), advice="", support="", contact=""), 422


@blueprint.get("/practice/<activity>")
@entrance()
def start(activity: str) -> Response:
    """Where a launch begins: the next open problem, or the list when there is none or nothing was begun."""
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
        listed = tasks.places(session, seat(), opened, wiring().now())
        if not tasks.open_problems(listed) or all(place.state == "open" for place in listed):
            return _list(session, opened, listed)
    return _next(activity)


@blueprint.get("/practice/<activity>/problems")
@entrance()
def problems_list(activity: str) -> Response:
    """Every problem and where one stands with it."""
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
        return _list(session, opened, tasks.places(session, seat(), opened, wiring().now()))


@blueprint.get("/practice/<activity>/problems/<int:problem>")
@entrance()
def problem(activity: str, problem: int) -> Response:
    """One problem, picked from the list or opened again."""
    now = wiring().now()
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
        if _only_looks() or not next_tasks.is_new(session, seat(), opened, problem, now):
            return _task(session, opened, problem)
    with wiring().database.write() as session:
        opened = practice_of(session, activity, to_work=True)
        next_tasks.picked(session, seat(), opened, problem, now=now)
        return _task(session, opened, problem)


@blueprint.get("/practice/<activity>/next")
@entrance()
def next_problem(activity: str) -> Response:
    """The problem that the activity's policy shows next."""
    return _next(activity, request.args.get("after", type=int))


def _next(activity: str, after: int | None = None) -> Response:
    now = wiring().now()
    if _only_looks():  # who changes nothing goes through the list
        with wiring().database.read() as session:
            opened = practice_of(session, activity)
            problem_id = practice_rules.next_in_order(opened.problems, set(opened.problems), after)
            return _list(session, opened, []) if problem_id is None else _task(session, opened, problem_id)
    with wiring().database.write() as session:
        opened = practice_of(session, activity, to_work=True)
        problem_id = next_tasks.offer(session, seat(), opened, after=after, rng=np.random.default_rng(), now=now)
        if problem_id is None:
            return _list(session, opened, tasks.places(session, seat(), opened, now))
        return _task(session, opened, problem_id)


@blueprint.post("/practice/<activity>/problems/<int:problem>/answer")
@entrance()
def answer(activity: str, problem: int) -> Response:
    """Judge and keep an answer."""
    form = request.form
    with wiring().database.write() as session:
        opened = practice_of(session, activity, to_work=True)
        practice.answer(
            session,
            seat(),
            opened,
            problem,
            number=_whole(form.get("number")),
            positions=[_whole(value) for value in form.getlist("choice")],
            text=form.get("text", ""),
            unit=form.get("unit", ""),
            reason=form.get("reason", ""),
            rng=np.random.default_rng(),
            now=wiring().now(),
        )
        return _task(session, opened, problem)


@blueprint.post("/practice/<activity>/problems/<int:problem>/help")
@entrance()
def help(activity: str, problem: int) -> Response:
    """Someone is stuck."""
    with wiring().database.write() as session:
        opened = practice_of(session, activity, to_work=True)
        practice.ask_for_help(
            session,
            seat(),
            opened,
            problem,
            occasion=_whole(request.form.get("occasion")),
            rng=np.random.default_rng(),
            now=wiring().now(),
        )
        return _task(session, opened, problem, asked="help")


@blueprint.post("/practice/<activity>/problems/<int:problem>/another")
@entrance()
def another(activity: str, problem: int) -> Response:
    """One more explanation."""
    with wiring().database.write() as session:
        opened = practice_of(session, activity, to_work=True)
        practice.another_explanation(
            session,
            seat(),
            opened,
            problem,
            occasion=_whole(request.form.get("occasion")),
            rng=np.random.default_rng(),
            now=wiring().now(),
        )
        return _task(session, opened, problem, asked="explanation")


@blueprint.post("/practice/<activity>/problems/<int:problem>/explain")
@entrance()
def explain(activity: str, problem: int) -> Response:
    """Keep one's own words."""
    with wiring().database.write() as session:
        opened = practice_of(session, activity, to_work=True)
        written = practice.explain(
            session,
            seat(),
            opened,
            problem,
            kind=request.form.get("kind", ""),
            text=request.form.get("text", ""),
            likely_to_help=request.form.get("likely") == "yes",
            now=wiring().now(),
            language=language(),
        )
    return make_response(render_template("practice/wrote.html", written=written, at=_address(opened, problem)))


@blueprint.post("/practice/<activity>/problems/<int:problem>/draft/<kind>")
@entrance()
def draft(activity: str, problem: int, kind: str) -> Response:
    """Keep words that are still being written."""
    if kind not in contributions.KINDS:
        raise Refusal(N_("This kind of text is not known. Load the page again; your words are still in the box."))
    with wiring().database.write() as session:
        opened = practice_of(session, activity, to_work=True)
        tasks.load(session, opened, problem)
        contributions.save_draft(
            session,
            seat(),
            activity_id=opened.id,
            problem_id=problem,
            kind=kind,
            text=request.form.get("text", ""),
            now=wiring().now(),
        )
    return make_response(translate(N_("Draft saved")))


@blueprint.post("/practice/<activity>/problems/<int:problem>/withdraw/<int:contribution>")
@entrance()
def withdraw(activity: str, problem: int, contribution: int) -> Response:
    """Take one's own text back."""
    with wiring().database.write() as session:
        opened = practice_of(session, activity, to_work=True)
        contributions.withdraw(session, seat(), contribution, now=wiring().now())
        return _task(session, opened, problem)


@blueprint.post("/practice/<activity>/shown/<int:exposure>/rate")
@entrance()
def rate(activity: str, exposure: int) -> Response:
    """Rate what was shown, 0 to 10."""
    with wiring().database.write() as session:
        practice_of(session, activity, to_work=True)
        exposures.rate(session, seat(), exposure, _whole(request.form.get("rating")), now=wiring().now())
    return make_response(translate(N_("Saved")))


@blueprint.post("/practice/<activity>/problems/<int:problem>/report/<int:contribution>")
@entrance()
def report(activity: str, problem: int, contribution: int) -> Response:
    """Report a text: it disappears for this person at once."""
    with wiring().database.write() as session:
        opened = practice_of(session, activity, to_work=True)
        said = moderation.report(
            session,
            seat(),
            contribution,
            activity_id=opened.id,
            reason=request.form.get("reason", ""),
            now=wiring().now(),
        )
        return _task(session, opened, problem, said=say(said))


@blueprint.post("/practice/<activity>/check/<int:contribution>")
@entrance()
def check(activity: str, contribution: int) -> Response:
    """A classmate's word on a text that waits."""
    with wiring().database.write() as session:
        opened = practice_of(session, activity, to_work=True)
        said = moderation.check(
            session, seat(), opened.settings, contribution, fine=request.form.get("fine") == "yes", now=wiring().now()
        )
    return make_response(render_template("practice/said.html", said=say(said)))


@blueprint.post("/practice/<activity>/start-over")
@entrance("teacher")
def start_over(activity: str) -> Response:
    """A teacher who tries the activity out begins again."""
    with wiring().database.write() as session:
        opened = practice_of(session, activity, to_work=True)
        preview.start_over(session, seat(), opened)
        return _list(session, opened, tasks.places(session, seat(), opened, wiring().now()))


@blueprint.get("/images/<int:image>")
@entrance()
def image(image: int) -> Response:
    """A picture of the activity: a problem's, or an item's in a gallery, as this person may see it."""
    with wiring().database.read() as session:
        mime, body = pictures.shown(session, seat(), current().activity_public_id or "", image, now=wiring().now())
    response = make_response(body)
    response.headers["Content-Type"] = mime
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Vary"] = "Authorization"
    return response


@blueprint.get("/not-ready")
@entrance()
def not_ready() -> Response:
    """A student came before the teacher had chosen what happens here."""
    return piece("practice/not_ready.html")


def _only_looks() -> bool:
    """Whether nothing is put before anybody: a mentor changes nothing, and HEAD asks only for headers."""
    return current().role == "observer" or request.method == "HEAD"


def _task(session: Session, opened: Practice, problem_id: int, *, asked: str = "", said: str = "") -> Response:
    task = tasks.task(session, seat(), opened, problem_id, wiring().now())
    at = _address(opened, problem_id)
    return piece(
        "practice/task.html",
        address=at.problem,
        at=at,
        task=task,
        activity=opened,
        asked=asked,
        said=said,
        role=current().role,
        help_on=opened.settings.help_policy != "off",
        goal=next_tasks.goal(session, seat(), opened, problem_id),
        asked_beside=question_problems.number_beside(
            session, seat(), opened, problem_id, key_visible=task.standing.key_visible
        ),
    )


def _address(opened: Practice, problem_id: int) -> Address:
    return Address(url_for("student.start", activity=opened.public_id), problem_id)


def _list(session: Session, opened: Practice, listed: list[tasks.Place]) -> Response:
    return piece(
        "practice/problems.html",
        address=url_for("student.problems_list", activity=opened.public_id),
        activity=opened,
        places=listed,
        more=bool(tasks.open_problems(listed)),
        started=any(place.state != "open" for place in listed),
        role=current().role,
        score=scores.score_of(session, opened, current().person_id),
        sent=grades.standing_for(session, current().resource_link_id, current().person_id),
    )


def _whole(text: str | None) -> int:
    """A whole number that our own form sent; anything else was typed by hand."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refusal(N_("This form is not complete. Load the page again; what you wrote is kept."))
    return int(text)
