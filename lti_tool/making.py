"""Making an activity that a class shares (questions, gallery, polls), its settings, and who is how far in it."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request, url_for

from core.activities import activities, credit, grades, kinds, seats
from core.activities.kinds import Kind
from core.activities.refusals import Refusal
from core.activities.seats import Opened
from core.activities.setting_fields import from_form
from core.words import N_
from lti_tool import deep_linking
from lti_tool.addresses import row_number
from lti_tool.language import translate
from lti_tool.pages import entrance, opened, piece, seat
from lti_tool.sessions import SHARED_AT, current
from lti_tool.wiring import wiring

blueprint = Blueprint("making", __name__, url_prefix="/p/<platform>/teach")

HOME = {kind: f"{name}.{name}" for kind, name in SHARED_AT.items()}  # the endpoint of each kind's first page


@blueprint.get("/<any(pick, new):way>/<any(questions, gallery, poll):kind>")
@entrance("teacher")
def make(way: str, kind: str) -> Response:
    """The settings of a new activity, before it is placed."""
    shared = kinds.SHARED[kind]
    return piece(
        "teach/make.html",
        address=url_for("making.make", way=way, kind=kind),
        way=way,
        kind=shared,
        settings=shared.blank,
        course=current().course_title,
    )


@blueprint.post("/<any(pick, new):way>/<any(questions, gallery, poll):kind>")
@entrance("teacher")
def made(way: str, kind: str) -> Response:
    """Make it, and hand it to the LMS (`pick`) or tie it to the link that was opened (`new`)."""
    shared, link = kinds.SHARED[kind], current().resource_link_id
    if way == "new" and link is None:
        raise Refusal(N_("This page was not opened from a link in your course. Open the activity there."))
    with wiring().database.write() as session:
        activity = activities.make_shared(
            session,
            seat(),
            kind=kind,
            title=request.form.get("title", ""),
            settings=from_form(shared.fields, request.form, shared.blank),
            now=wiring().now(),
        )
        if way == "new" and link is not None:
            activities.place(session, seat(), resource_link_id=link, activity_id=activity.id, now=wiring().now())
    if way == "pick":
        return deep_linking.respond(current(), [activity])
    response = make_response("")
    path = url_for(HOME[kind], activity=activity.public_id)
    response.headers["HX-Location"] = f'{{"path": "{path}", "target": "#main", "swap": "innerHTML"}}'
    return response


@blueprint.get("/<activity>/<any(questions, gallery, poll):kind>/settings")
@entrance("teacher")
def settings(activity: str, kind: str) -> Response:
    """The settings of an activity that a class shares."""
    return _settings(activity, kind)


@blueprint.post("/<activity>/<any(questions, gallery, poll):kind>/settings")
@entrance("teacher")
def save_settings(activity: str, kind: str) -> Response:
    """Keep changed settings; everyone's score follows them."""
    shared = kinds.SHARED[kind]
    with wiring().database.write() as session:
        found = _of_kind(opened(session, activity, kind), shared)
        chosen = from_form(shared.fields, request.form, shared.from_json(found.settings))
        title = request.form.get("title", found.title)
        activities.change_shared(session, seat(), found, title=title, settings=chosen, now=wiring().now())
    return _settings(activity, kind, said=N_("Saved."))


def _settings(activity: str, kind: str, said: str = "") -> Response:
    shared = kinds.SHARED[kind]
    with wiring().database.read() as session:
        found = _of_kind(opened(session, activity, kind), shared)
    return piece(
        "teach/shared_settings.html",
        address=url_for("making.settings", activity=activity, kind=kind),
        activity=found,
        kind=shared,
        settings=shared.from_json(found.settings),
        said=said,
        tab="settings",
    )


@blueprint.get("/<activity>/<any(questions, gallery, poll):kind>/credit")
@entrance("teacher")
def credit_page(activity: str, kind: str) -> Response:
    """Who is how far toward full points, and what the gradebook was told."""
    return _credit(activity, kind)


@blueprint.post("/<activity>/<any(questions, gallery, poll):kind>/credit/send")
@entrance("teacher")
def send_again(activity: str, kind: str) -> Response:
    """Send one student's score, or everyone's, again."""
    person = request.form.get("person", type=row_number)
    with wiring().database.write() as session:
        opened(session, activity, kind)
        grades.send_again(session, current().course_id, person, wiring().now())
    return _credit(activity, kind, said=translate(N_("The scores are in the queue.")))


def _credit(activity: str, kind: str, said: str = "") -> Response:
    shared = kinds.SHARED[kind]
    with wiring().database.read() as session:
        found = _of_kind(opened(session, activity, kind), shared)
        chosen = shared.from_json(found.settings)
        lines = credit.lines(session, seat(), found, chosen)
        states = grades.states(session, found.id)
        sending = grades.summary(session, current().course_id)
    return piece(
        "teach/credit.html",
        address=url_for("making.credit_page", activity=activity, kind=kind),
        activity=found,
        kind=shared,
        settings=chosen,
        parts=next(field.parts for field in shared.fields if field.name == "credit"),  # type: ignore[union-attr]
        hidden=chosen.anonymity in credit.HIDDEN,
        together=credit.TOGETHER,
        lines=lines,
        states=states,
        sending=sending,
        said=said,
        tab="credit",
    )


def _of_kind(found: Opened, kind: Kind) -> Opened:
    """The activity, unless it only has this kind beside it (questions beside practice): its settings are elsewhere."""
    if found.kind != kind.name:
        raise seats.not_here()
    return found
