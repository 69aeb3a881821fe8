"""The teacher's desk: what needs them now, each problem's pool, the class, the review queue. Thin, like the
student's pages.
"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from core.activities import (
    answer_review,
    cases,
    contributions,
    courses,
    decisions,
    grades,
    insights,
    participation,
    poll_results,
    polls,
    pool_history,
    problems,
)
from core.activities import review as reviewing
from core.activities.insights import ProblemLine, TextLine
from core.activities.refusals import Refusal
from core.activities.seats import Practice
from core.words import N_
from lti_tool import charts
from lti_tool.addresses import row_number
from lti_tool.language import number, percent, say, translate, translate_plural
from lti_tool.moderation import whichever
from lti_tool.pages import entrance, piece, practice_of, seat
from lti_tool.sessions import current
from lti_tool.wiring import wiring

blueprint = Blueprint("teacher", __name__, url_prefix="/p/<platform>/teach")

SLOTS = ("explanation", "help", "reason")
ACTIONS = {"approve", "retire", "restore", "pin", "unpin", "keep", "uphold"}
MOST_CASES = 50  # on a page of the queue


@blueprint.get("/<activity>")
@entrance("teacher")
def desk(activity: str) -> Response:
    """What needs the teacher now, then one small picture a problem."""
    now = wiring().now()
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
        lines = insights.problem_lines(session, seat(), opened)
        needs = insights.needs(session, seat(), opened, lines, participation.students(session, seat(), opened, now))
    return piece(
        "teach/desk.html",
        address=url_for("teacher.desk", activity=activity),
        activity=opened,
        tab="desk",
        needs=needs,
        lines=sorted(lines, key=insights.worth_a_look),
        first_try=_first_try,
        spread=_spread,
    )


@blueprint.get("/<activity>/problems/<int:problem>")
@entrance("teacher")
def pool(activity: str, problem: int) -> Response:
    """A problem's pools: each text, its chance of being shown, how that moved, and what can be done with it."""
    return _pool(activity, problem)


@blueprint.post("/<activity>/problems/<int:problem>/texts/<int:contribution>/<action>")
@entrance("teacher")
def decide(activity: str, problem: int, contribution: int, action: str) -> Response:
    """A decision on one text."""
    _decide(activity, contribution, action)
    return _pool(activity, problem)


@blueprint.post("/<activity>/problems/<int:problem>/write")
@entrance("teacher")
def write(activity: str, problem: int) -> Response:
    """The teacher's own hint or explanation joins the pool."""
    kind = request.form.get("kind", "")
    if kind not in {"hint", "explanation"}:
        raise Refusal(N_("This kind of text is not known. Load the page again; your words are still in the box."))
    with wiring().database.write() as session:
        opened = practice_of(session, activity)
        problems.whole(session, current().course_id, problem)
        contributions.write(
            session,
            seat(),
            opened.settings,
            problem_id=problem,
            kind=kind,
            text=request.form.get("text", ""),
            likely_to_help=True,
            now=wiring().now(),
        )
    return _pool(activity, problem)


@blueprint.get("/<activity>/review")
@entrance("teacher")
def review(activity: str) -> Response:
    """Every text of the course that waits for the teacher."""
    return _review(activity)


@blueprint.post("/<activity>/review/<int:contribution>/<action>")
@entrance("teacher")
def settle(activity: str, contribution: int, action: str) -> Response:
    """A decision in the queue; the focus then goes to the text that took its place."""
    _decide(activity, contribution, action)
    return _review(activity, done=action, place=request.args.get("place", default=0, type=row_number) or 0)


@blueprint.post("/<activity>/review/answers/<int:poll>/<any(show, hide):action>")
@entrance("teacher")
def settle_answer(activity: str, poll: int, action: str) -> Response:
    """A decision about what somebody wrote in a poll; the focus then goes to the answer that took its place."""
    with wiring().database.write() as session:
        whichever(session, activity)
        found = polls.opened_of(session, seat(), poll)
        text = request.form.get("text", "")
        poll_results.hide(session, seat(), found, poll, text, hidden=action == "hide", now=wiring().now())
    place = request.args.get("place", default=0, type=row_number) or 0
    return _review(activity, done=f"{action}_answer", answer_place=place)


@blueprint.get("/<activity>/class")
@entrance("teacher")
def class_page(activity: str) -> Response:
    """Who did what, who waits, who struggles."""
    return _class(activity)


@blueprint.post("/<activity>/class/<int:person>/<any(star, unstar):action>")
@entrance("teacher")
def star(activity: str, person: int, action: str) -> Response:
    """Make someone a star student, or no longer."""
    with wiring().database.write() as session:
        practice_of(session, activity)
        reviewing.star(session, seat(), person, starred=action == "star", now=wiring().now())
    back = request.args.get("problem", type=row_number)
    return _pool(activity, back) if back else _class(activity)


@blueprint.post("/<activity>/class/send")
@entrance("teacher")
def send_again(activity: str) -> Response:
    """Send one student's score, or everyone's, again."""
    person = request.form.get("person", type=row_number)
    with wiring().database.write() as session:
        practice_of(session, activity)
        grades.send_again(session, current().course_id, person, wiring().now())
    return _class(activity, said=translate(N_("The scores are in the queue.")))


@blueprint.post("/<activity>/class/roster")
@entrance("teacher")
def read_roster(activity: str) -> Response:
    """Read the course's list of members again, soon."""
    with wiring().database.write() as session:
        practice_of(session, activity)
        courses.want_roster(session, current().course_id, now=wiring().now())
    return _class(activity, said=translate(N_("The list of members will be read again in a moment.")))


def _decide(activity: str, contribution: int, action: str) -> None:
    if action not in ACTIONS:
        raise Refusal(N_("This button is not known. Load the page again."))
    with wiring().database.write() as session:
        whichever(session, activity)
        reviewing.decide(
            session, seat(), contribution, action, reason=request.form.get("reason", ""), now=wiring().now()
        )


def _pool(activity: str, problem_id: int) -> Response:
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
        problem = problems.whole(session, current().course_id, problem_id)
        pools = {slot: insights.pool(session, seat(), opened, problem_id, slot) for slot in SLOTS}
        stories = {slot: _story(opened, problem_id, slot, pools[slot], session) for slot in ("explanation", "help")}
        mine = contributions.mine(session, seat(), problem_id)
        images = {picture.name: (0, picture.width, picture.height) for picture in problem.images}
    return piece(
        "teach/pool.html",
        address=url_for("teacher.pool", activity=activity, problem=problem_id),
        activity=opened,
        tab="desk",
        problem=problem,
        problem_id=problem_id,
        pools=pools,
        stories=stories,
        mine=mine,
        images=images,
        interval=_interval,
        sentence=insights.pool_sentence(pools["explanation"]),
    )


def _story(opened: Practice, problem_id: int, slot: str, texts: list[TextLine], session: object) -> Markup | None:
    """The picture of how the chances moved, or None while there is nothing to tell."""
    told = pool_history.story(session, opened, problem_id, slot)  # type: ignore[arg-type]
    if told is None:
        return None
    words = {text.contribution_id: text for text in texts}
    lines = [
        charts.Line(words[text].label, words[text].text[:140], points)
        for text, points in told.lines.items()
        if text in words
    ]
    return charts.contest(
        lines,
        title=translate(N_("How the chance of being shown moved")),
        description=translate(
            N_("One line a text over {count} ratings; the table below has the numbers of today.")
        ).format(count=told.events),
        marks=[(0.0, _day(told.begins)), (1.0, _day(told.ends))],
        axis=translate(N_("time, by ratings")),
        percent=percent,
    )


def _day(when: datetime) -> str:
    return when.strftime("%Y-%m-%d")


def _review(activity: str, done: str = "", place: int = 0, answer_place: int | None = None) -> Response:
    with wiring().database.read() as session:
        opened = whichever(session, activity)
        waiting = reviewing.queue(session, seat())
        shown = cases.of(session, seat(), waiting[:MOST_CASES])
        answers = answer_review.waiting(session, seat())
    said = ""
    if done:
        both = len(waiting) + len(answers)
        left = translate_plural("{count} text waits.", "{count} texts wait.", both).format(count=both)
        said = translate(N_("Done: {what}. {left}")).format(what=say(decisions.ACTIONS[done]), left=left)
    return piece(
        "teach/review.html",
        address=url_for("teacher.review", activity=activity),
        activity=opened,
        tab="review",
        cases=shown,
        more=max(0, len(waiting) - MOST_CASES),
        answers=answers[:MOST_CASES],
        more_answers=max(0, len(answers) - MOST_CASES),
        focus=min(place, len(shown) - 1) if done and answer_place is None else None,
        focus_answer=None if answer_place is None else min(answer_place, len(answers[:MOST_CASES]) - 1),
        said=said,
    )


def _class(activity: str, said: str = "") -> Response:
    now = wiring().now()
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
        students = participation.students(session, seat(), opened, now)
        names = {line.id: line.name for line in problems.listed(session, current().course_id)}
        sending = grades.summary(session, current().course_id)
    return piece(
        "teach/class.html",
        address=url_for("teacher.class_page", activity=activity),
        activity=opened,
        tab="class",
        students=students,
        names=names,
        sending=sending,
        said=said,
    )


def _first_try(line: ProblemLine) -> Markup:
    rate = line.first_try
    if rate.share is None:
        words = translate(N_("Nobody has answered yet."))
    else:
        words = translate_plural(
            "{right} of {n} answer right at the first try.", "{right} of {n} answers right at the first try.", rate.n
        ).format(right=rate.count, n=rate.n)
    return charts.share_right(rate.share, *rate.interval, title=line.name, description=words)


def _spread(line: ProblemLine) -> Markup:
    words = translate_plural(
        "{count} explanation in the pool.", "{count} explanations in the pool.", line.texts
    ).format(count=line.texts)
    return charts.shares(line.chances, title=translate(N_("Chance of being shown")), description=words)


def _interval(text: TextLine) -> Markup:
    title = translate(N_("Text {label}")).format(label=text.label)
    words = translate(N_("{low} to {high} of 10, most likely {mean}.")).format(
        low=number(text.low, 1, 1), high=number(text.high, 1, 1), mean=number(text.mean or 0, 1, 1)
    )
    return charts.interval(text.mean, text.low, text.high, title=title, description=words)
