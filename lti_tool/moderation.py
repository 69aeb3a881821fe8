"""What people can do about texts, their own and others': hints while typing, report, hide an author, ask for a second
look; and the teacher's record of decisions. Thin, like all pages.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from core.activities import appeals, blocks, decisions, moderation, places, redaction, screening
from core.activities.appeals import Own
from core.activities.decisions import Entry
from core.activities.seats import Opened, Practice
from core.wording.cells import csv_file
from core.words import N_
from lti_tool.addresses import row_number
from lti_tool.language import language, say, translate
from lti_tool.making import HOME
from lti_tool.pages import entrance, opened, piece, practice_of, seat
from lti_tool.sessions import current
from lti_tool.wiring import wiring

blueprint = Blueprint("moderation", __name__, url_prefix="/p/<platform>")

A_PAGE = 50  # decisions


def whichever(session: Session, activity: str, *, to_work: bool = False) -> Opened | Practice:
    """The activity that this launch opened, of whichever kind."""
    kind = current().activity_kind or "practice"
    if kind == "practice":
        return practice_of(session, activity, to_work=to_work)
    return opened(session, activity, kind, to_work=to_work)


def _shared(session: Session, activity: str) -> Opened:
    """The same where the class shares texts; beside practice, its questions. The person is held for a change."""
    kind = current().activity_kind or "practice"
    return opened(session, activity, "questions" if kind == "practice" else kind, to_work=True)


@blueprint.post("/hints/<activity>")
@entrance()
def hints(activity: str) -> Response:
    """What a text would be told if it were sent now."""
    g.anonymous = True  # the access log does not tell who was writing when: the text may be an anonymous one
    kind = current().activity_kind or "practice"
    words = "\n".join(value for name, value in request.form.items() if name != "anyway")
    with wiring().database.read() as session:
        found = opened(session, activity, "questions" if kind == "practice" else kind)
        told = screening.hints(
            session,
            seat(),
            found,
            places.settings(found),
            words,
            language=language(),
            alike=request.args.get("alike") != "no",
        )
    return make_response(render_template("texts/hints.html", hints=told, anyway="anyway" in request.form))


@blueprint.get("/texts/<activity>")
@entrance()
def mine(activity: str) -> Response:
    """One's own texts and how they stand, and whom one does not see here."""
    return _mine(activity)


@blueprint.post("/texts/<activity>/<int:contribution>/report")
@entrance("student", "teacher")
def report(activity: str, contribution: int) -> Response:
    """Report a text: what is said takes its place on the page."""
    with wiring().database.write() as session:
        found = _shared(session, activity)
        said = moderation.report_shared(
            session,
            seat(),
            found,
            places.settings(found),
            contribution,
            reason=request.form.get("reason", ""),
            now=wiring().now(),
        )
    return make_response(render_template("texts/reported.html", said=say(said)))


@blueprint.post("/texts/<activity>/<int:contribution>/appeal")
@entrance("student", "teacher")
def appeal(activity: str, contribution: int) -> Response:
    """Ask the teacher to look again."""
    with wiring().database.write() as session:
        found = whichever(session, activity, to_work=True)
        said = appeals.appeal(
            session, seat(), found.id, contribution, request.form.get("words", ""), now=wiring().now()
        )
        own = appeals.own(session, seat(), found.id, only=contribution)
    return make_response(render_template("texts/appealed.html", activity=found, own=own[0], said=say(said)))


@blueprint.post("/texts/<activity>/receipt")
@entrance("student", "teacher")
def by_receipt(activity: str) -> Response:
    """What became of the text of a receipt."""
    g.anonymous = True  # who types it is who wrote it
    receipt = request.form.get("receipt", "")
    with wiring().database.read() as session:
        found = appeals.with_receipt(session, seat(), whichever(session, activity).id, receipt)
    return _mine(activity, by_receipt=found, receipt=receipt)


@blueprint.post("/texts/<activity>/receipt/appeal")
@entrance("student", "teacher")
def appeal_by_receipt(activity: str) -> Response:
    """Ask the teacher to look again, as its author and nobody known: so the activity is opened without the person."""
    g.anonymous = True
    receipt, words = request.form.get("receipt", ""), request.form.get("words", "")
    with wiring().database.write() as session:
        found = whichever(session, activity)
        said = appeals.appeal_with_receipt(session, seat(), found.id, receipt, words, now=wiring().now())
        own = appeals.with_receipt(session, seat(), found.id, receipt)
    return make_response(
        render_template("texts/appealed.html", activity=found, own=own, receipt=receipt, said=say(said))
    )


@blueprint.post("/texts/<activity>/<int:contribution>/block")
@entrance("student", "teacher")
def block(activity: str, contribution: int) -> Response:
    """See nothing more by a text's author here."""
    with wiring().database.write() as session:
        found = _shared(session, activity)
        said = blocks.block(session, seat(), found, places.settings(found), contribution, now=wiring().now())
    return _mine(activity, said=say(said))


@blueprint.post("/texts/<activity>/<int:contribution>/unblock")
@entrance("student", "teacher")
def unblock(activity: str, contribution: int) -> Response:
    """See this author's texts again."""
    with wiring().database.write() as session:
        said = blocks.unblock(session, seat(), _shared(session, activity), contribution)
    return _mine(activity, said=say(said))


def _mine(activity: str, said: str = "", by_receipt: Own | None = None, receipt: str = "") -> Response:
    with wiring().database.read() as session:
        found = whichever(session, activity)
        shared = places.opened(session, seat(), found.id)
        settings = places.settings(shared)
        own = appeals.own(session, seat(), found.id)
        hidden = blocks.listed(session, seat(), shared, settings)
    if settings.anonymity == "anonymous":
        g.anonymous = True  # a receipt may be typed next
    return piece(
        "texts/mine.html",
        address=url_for("moderation.mine", activity=activity),
        activity=found,
        back=url_for(HOME.get(found.kind, "student.problems_list"), activity=activity),
        anonymous=settings.anonymity == "anonymous",
        own=own,
        by_receipt=by_receipt,
        receipt=receipt,
        may_ask=current().role != "observer",
        hidden=hidden,
        said=said,
    )


@blueprint.get("/teach/<activity>/decisions")
@entrance("teacher")
def all_decisions(activity: str) -> Response:
    """What was decided in the course, by teachers and by rules, newest first."""
    action, by = _wanted()
    with wiring().database.read() as session:
        found = whichever(session, activity)
        before = request.args.get("before", type=row_number)
        listed = decisions.listed(session, seat(), action=action, by=by, before=before, limit=A_PAGE + 1)
    return piece(
        "teach/decisions.html",
        address=url_for("moderation.all_decisions", activity=activity, action=action or None, by=by or None),
        activity=found,
        tab="review",
        listed=listed[:A_PAGE],
        more=listed[A_PAGE - 1].id if len(listed) > A_PAGE else None,
        action=action,
        by=by,
        actions=decisions.ACTIONS,
    )


@blueprint.get("/teach/<activity>/decisions.csv")
@entrance("teacher")
def decisions_file(activity: str) -> Response:
    """The same as a file for a spreadsheet."""
    action, by = _wanted()
    with wiring().database.read() as session:
        whichever(session, activity)
        listed = decisions.listed(session, seat(), action=action, by=by)
    head = [N_("when (UTC)"), N_("by"), N_("decision"), N_("reason"), N_("kind"), N_("where"), N_("author"), N_("text")]
    response = make_response(csv_file([[translate(name) for name in head], *map(_row, listed)]))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="decisions.csv"'
    return response


def _row(entry: Entry) -> list[object]:
    return [
        entry.when.strftime("%Y-%m-%d %H:%M:%S"),
        entry.by or translate(N_("by a rule") if entry.by_rule else N_("the author")),
        say(entry.what),
        entry.reason,
        entry.kind or "",
        entry.place,
        entry.author.name or say(entry.author.words),
        entry.text or "",
    ]


def _wanted() -> tuple[str, str]:
    """Which decisions the address asks for; what is not known asks for all."""
    action, by = request.args.get("action", ""), request.args.get("by", "")
    return action if action in decisions.ACTIONS else "", by if by in {"teacher", "rule"} else ""


@blueprint.get("/teach/<activity>/texts/<int:contribution>/redact")
@entrance("teacher")
def redact(activity: str, contribution: int) -> Response:
    """Choose the words that are to go."""
    with wiring().database.read() as session:
        found = whichever(session, activity)
        looked = redaction.look(session, seat(), contribution)
    return piece(
        "teach/redact.html",
        address=url_for("moderation.redact", activity=activity, contribution=contribution),
        activity=found,
        tab="review",
        looked=looked,
    )


@blueprint.post("/teach/<activity>/texts/<int:contribution>/redact")
@entrance("teacher")
def redacted(activity: str, contribution: int) -> Response:
    """Take them out for good."""
    passages = [*request.form.getlist("passage"), *request.form.get("words", "").splitlines()]
    with wiring().database.write() as session:
        found = whichever(session, activity)
        number = redaction.redact(
            session,
            seat(),
            contribution,
            passages,
            everything="everything" in request.form,
            now=wiring().now(),
        )
        looked = redaction.look(session, seat(), contribution)
    return piece("teach/redact.html", activity=found, tab="review", looked=looked, number=number)
