"""Questions on the wall of a lecture hall: large, always fresh, and for the teacher with what waits beside them.

Everybody in the hall can see the teacher's screen: on it nobody is named whom classmates do not know, and for the
projector (`?projector=1`) it is without what waits.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from core.activities import question_settings, question_teaching, questions, review, walls
from core.activities.questions import Line
from core.activities.refusals import NotFound
from core.activities.seats import Opened
from core.words import N_, Sentence
from lti_tool.addresses import row_number
from lti_tool.language import language
from lti_tool.pages import entrance, live_piece, opened, piece, quoted, seat
from lti_tool.questions import in_order, note_seen, unseen
from lti_tool.sessions import current
from lti_tool.wiring import wiring

blueprint = Blueprint("questions_hall", __name__, url_prefix="/p/<platform>/questions")

LEAST_PAUSE = 3  # seconds from one question for news to the next; the teacher's screen never waits longer
SHOWN = 12  # questions; more cannot be read from the last row
SAID = {
    "approve": Sentence(N_("Shown.")),
    "hide": Sentence(N_("Taken out. You can put it back on the review page.")),
    "answered": Sentence(N_("Marked as answered.")),
    "pin": Sentence(N_("Pinned to the top.")),
    "unpin": Sentence(N_("No longer pinned.")),
}


@blueprint.get("/<activity>/live")
@entrance()
def hall(activity: str) -> Response:
    """The hall's page."""
    fresh: list[int] = []
    with wiring().database.read() as session:
        found = opened(session, activity, "questions")
        page = piece(
            "questions/hall.html",
            address=url_for("questions_hall.hall", activity=activity, projector=1 if _projected() else None),
            activity=found,
            inside=_inside(session, found, fresh),
            tag=quoted(f"{_tag(session, found)}-{language()}"),
            projector=_projected(),
            every=LEAST_PAUSE
            if current().role == "teacher"
            else walls.pause(session, seat().course_id, least=LEAST_PAUSE),
            role=current().role,
            course=current().course_title,
        )
    note_seen(fresh)
    return page


@blueprint.get("/<activity>/live/list")
@entrance()
def listing(activity: str) -> Response:
    """What changes on it, asked for again and again."""
    fresh: list[int] = []
    with wiring().database.read() as session:
        found = opened(session, activity, "questions")
        answer = live_piece(_tag(session, found), lambda: _inside(session, found, fresh))
    note_seen(fresh)
    return answer


@blueprint.post("/<activity>/live/<int:question>/<any(approve, hide, answered, pin, unpin):action>")
@entrance("teacher")
def act(activity: str, question: int, action: str) -> Response:
    """What the teacher decides in the hall; the focus stays in its place of the list."""
    now = wiring().now()
    with wiring().database.write() as session:
        found = opened(session, activity, "questions", to_work=True)
        if not questions.wall(session, seat(), found, question_settings.of(found), now=now, only=question):
            raise NotFound(N_("This question is not here any more. The list shows how it is now."))
        if action in {"approve", "hide"}:
            decision = "approve" if action == "approve" else "retire"
            review.decide(session, seat(), question, decision, now=now)
        elif action == "answered":
            question_teaching.settle(session, seat(), found, question, now=now)
        else:
            question_teaching.mark(session, seat(), found, question, action, now=now)
    side, place = request.args.get("side", ""), request.args.get("place", type=row_number) or 0
    with wiring().database.read() as session:
        found = opened(session, activity, "questions")
        return make_response(_inside(session, found, [], side=side, place=place, said=SAID[action]))


def _inside(
    session: Session,
    found: Opened,
    fresh: list[int],
    *,
    side: str = "",
    place: int = 0,
    said: Sentence | None = None,
) -> str:
    """The lists. What is on this person's page for the first time goes to `fresh`."""
    lines = questions.wall(session, seat(), found, question_settings.of(found), now=wiring().now())
    live = [line for line in lines if line.status == "live"]
    open_ = in_order(session, found, [line for line in live if not (line.answered or line.closed)], "best")
    waiting: list[Line] = []
    if current().role == "teacher" and not _projected():
        waiting = sorted((line for line in lines if line.status != "live"), key=lambda line: line.id)
    shown = open_[:SHOWN]
    fresh.extend(unseen(session, found, shown))
    ends = {"list": len(shown), "queue": len(waiting)}
    return render_template(
        "questions/_hall.html",
        activity=found,
        lines=shown,
        more=len(open_) - len(shown),
        done=len(live) - len(open_),
        waiting=waiting,
        projector=_projected(),
        named=question_settings.of(found).anonymity in {"named", "pseudonym"},
        role=current().role,
        side=side,
        place=min(place, max(ends.get(side, 0) - 1, 0)),
        said=said,
    )


def _tag(session: Session, found: Opened) -> str:
    who = seat()
    return f"hall-{found.id}-{walls.version(session, found.id)}-{who.person_id}-{who.role}-{_projected()}"


def _projected() -> bool:
    return "projector" in request.args
