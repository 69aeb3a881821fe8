"""One question with its answers and comments, and what its asker, classmates and the teacher do there. Thin.

The wall that it stands on: `questions`.
"""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from sqlalchemy.orm import Session

from core.activities import (
    authors,
    comments,
    decisions,
    question_changes,
    question_merging,
    question_settings,
    question_teaching,
    questions,
    review,
)
from core.activities.questions import Page
from core.activities.screening import Stored
from core.activities.seats import Opened
from core.wording.similar import similar
from core.words import N_, Sentence
from lti_tool.language import language
from lti_tool.pages import entrance, opened, piece, seat
from lti_tool.questions import names, note_seen, number, typed, unseen, wall
from lti_tool.sessions import current
from lti_tool.wiring import wiring

blueprint = Blueprint("question", __name__, url_prefix="/p/<platform>/questions")

MERGEABLE = 200  # questions that a teacher is offered to merge one with


@blueprint.get("/<activity>/<int:question>")
@entrance()
def one(activity: str, question: int) -> Response:
    """A question with its answers; the address of a merged one leads to the one that it became part of."""
    return _question(activity, question)


@blueprint.post("/<activity>/<int:question>/answer")
@entrance()
def answer(activity: str, question: int) -> Response:
    """Answer a question."""
    with wiring().database.write() as session:
        found = opened(session, activity, "questions", to_work=True)
        settings = question_settings.of(found)
        posted = questions.answer(session, seat(), found, settings, typed(), question_id=question, now=wiring().now())
    return _question(activity, question, stored=posted.stored)


@blueprint.post("/<activity>/<int:question>/comment/<int:text>")
@entrance()
def comment(activity: str, question: int, text: int) -> Response:
    """Comment on a question or on an answer to it."""
    with wiring().database.write() as session:
        found = opened(session, activity, "questions", to_work=True)
        settings = question_settings.of(found)
        posted = comments.write(session, seat(), found, settings, typed(), parent_id=text, now=wiring().now())
    return _question(activity, question, stored=posted.stored)


@blueprint.post("/<activity>/<int:question>/change")
@entrance()
def change(activity: str, question: int) -> Response:
    """The asker's other words."""
    with wiring().database.write() as session:
        found = opened(session, activity, "questions", to_work=True)
        settings = question_settings.of(found)
        stored = question_changes.change(
            session, seat(), found, settings, typed(), question_id=question, now=wiring().now()
        )
    return _question(activity, question, stored=stored)


@blueprint.post("/<activity>/<int:question>/back/<int:text>")
@entrance()
def take_back(activity: str, question: int, text: int) -> Response:
    """The author takes a text back: the question's page, or the wall if it was the question."""
    with wiring().database.write() as session:
        found = opened(session, activity, "questions", to_work=True)
        said = question_changes.take_back(session, seat(), found, question_settings.of(found), text, now=wiring().now())
    return wall(activity, said=said) if text == question else _question(activity, question, said=said)


@blueprint.post("/<activity>/<int:question>/settle")
@entrance()
def settle(activity: str, question: int) -> Response:
    """The asker or the teacher says that the question is answered (`answer`: by which one), or that it is not."""
    chosen = request.form.get("answer")
    with wiring().database.write() as session:
        found = opened(session, activity, "questions", to_work=True)
        question_teaching.settle(
            session,
            seat(),
            found,
            question,
            number(chosen) if chosen else None,
            answered=request.form.get("answered") != "no",
            now=wiring().now(),
        )
    return _question(activity, question, said=_SAVED)


@blueprint.post("/<activity>/<int:question>/mark/<int:text>/<action>")
@entrance("teacher")
def mark(activity: str, question: int, text: int, action: str) -> Response:
    """The teacher endorses, pins, closes, or takes that back."""
    with wiring().database.write() as session:
        found = opened(session, activity, "questions", to_work=True)
        does = question_teaching.end if action in question_teaching.ENDS else question_teaching.mark
        does(session, seat(), found, text, action, now=wiring().now())
    return _question(activity, question, said=_SAVED)


@blueprint.post("/<activity>/<int:question>/decide/<int:text>/<any(approve, keep, retire):action>")
@entrance("teacher")
def decide(activity: str, question: int, text: int, action: str) -> Response:
    """The teacher lets the question, or a text under it, be seen or not; a question that goes leads to the wall."""
    reason = request.form.get("reason", "")
    with wiring().database.write() as session:
        opened(session, activity, "questions", to_work=True)
        review.decide(session, seat(), text, action, reason=reason, now=wiring().now())
    said = decisions.done(action)
    gone = text == question and action == "retire"
    return wall(activity, said=said) if gone else _question(activity, question, said=said)


@blueprint.post("/<activity>/<int:question>/merge")
@entrance("teacher")
def merge(activity: str, question: int) -> Response:
    """The teacher makes the question part of another: the page of that one."""
    with wiring().database.write() as session:
        found = opened(session, activity, "questions")
        into = question_merging.merge(
            session, seat(), found, question, number(request.form.get("into")), now=wiring().now()
        )
    return _question(activity, into, said=Sentence(N_("Merged. Their votes are one count now, one for each person.")))


_SAVED = Sentence(N_("Saved."))


def _question(activity: str, question: int, *, stored: Stored | None = None, said: Sentence | None = None) -> Response:
    now = wiring().now()
    with wiring().database.read() as session:
        found = opened(session, activity, "questions")
        settings = question_settings.of(found)
        page = questions.page(session, seat(), found, settings, question, now=now)
        first_seen = unseen(session, found, [page.question])
        answered = piece(
            "questions/question.html",
            address=url_for("question.one", activity=activity, question=page.question.id),
            activity=found,
            settings=settings,
            promise=authors.promise(settings),
            page=page,
            stored=stored,
            said=said,
            role=current().role,
            names=names(session, found),
            others=_others(session, found, page) if current().role == "teacher" else [],
        )
    if request.method == "GET":
        note_seen(first_seen)
    return answered


def _others(session: Session, found: Opened, page: Page) -> list[tuple[int, str]]:
    """What the question could be merged with: the most similar first."""
    known = question_merging.others(session, seat(), found, page.question.id)[:MERGEABLE]
    near = similar(page.question.title, [title for _, title in known], MERGEABLE, 0.0, language())
    places = dict.fromkeys([*(place for place, _ in near), *range(len(known))])
    return [known[place] for place in places]
