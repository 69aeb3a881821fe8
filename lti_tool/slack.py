"""The class in Slack, as seen from the LMS: who am I there, which channels are the course's, what Slack did not take.

Only where the operator connected Slack; without it there is no such page. One address for everybody; who teaches finds
more to do there. Thin: it reads the form, calls one use case, renders.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for
from sqlalchemy.orm import Session

from core import languages
from core.activities import (
    activities,
    channels,
    course_channels,
    identities,
    prompts,
    slack_codes,
    terms,
    undelivered,
)
from core.activities.refusals import Refusal
from core.activities.seats import Opened, Practice
from core.words import N_, Sentence
from lti_tool.addresses import word
from lti_tool.language import language
from lti_tool.making import HOME
from lti_tool.moderation import whichever
from lti_tool.pages import entrance, piece, seat
from lti_tool.refusals import NOT_FOUND, Refused
from lti_tool.sessions import current
from lti_tool.wiring import wiring

blueprint = Blueprint("slack", __name__, url_prefix="/p/<platform>/slack")

NAMES = {"en": "English", "de": "Deutsch"}  # of languages, in themselves; another one goes by its tag


def here(session: Session, activity: str, *, to_work: bool = False) -> Opened | Practice:
    """The activity that this launch opened; `to_work` holds it and the person. There is no page where Slack is not."""
    found = whichever(session, activity, to_work=to_work)
    if not wiring().settings.has_slack:
        raise Refused(NOT_FOUND, "no Slack")
    return found


@blueprint.get("/<activity>")
@entrance()
def page(activity: str) -> Response:
    """The page."""
    with wiring().database.read() as session:
        return _page(session, here(session, activity))


@blueprint.post("/<activity>/code/<any(person, channel):purpose>")
@entrance("student", "teacher")
def show_code(activity: str, purpose: str) -> Response:
    """A new code, to be typed in Slack."""
    with wiring().database.write() as session:
        found = here(session, activity)
        code = slack_codes.show_in_lms(session, seat(), purpose, now=wiring().now())
        return _page(session, found, code=code, purpose=purpose)


@blueprint.post("/<activity>/code")
@entrance("student", "teacher")
def take_code(activity: str) -> Response:
    """A code that Slack showed. The try is counted and kept, whatever becomes of it."""
    now = wiring().now()
    with wiring().database.write() as session:
        slack_codes.count_try(session, seat(), here(session, activity).id, now=now)
    with wiring().database.write() as session:
        found = here(session, activity, to_work=True)
        typed = request.form.get("code", "")
        bound = slack_codes.take_in_lms(session, seat(), typed, language=language(), now=now)
        slack_codes.forgive_try(session, seat(), found.id, now=now)
        said = (
            N_("Linked. What you do in Slack counts in your course from now on.")
            if bound is None
            else N_("The channel belongs to your course now. Students link themselves once, and can begin.")
        )
        return _page(session, found, said=Sentence(said))


@blueprint.post("/<activity>/unlink/<int:workspace>")
@entrance("student", "teacher")
def unlink(activity: str, workspace: int) -> Response:
    """This Slack account is not mine any more."""
    with wiring().database.write() as session:
        found = here(session, activity, to_work=True)
        identities.unlink(session, seat(), workspace)
        told = N_("Unlinked. What you did in Slack stays yours here; with a new code you are linked again.")
        return _page(session, found, said=Sentence(told))


@blueprint.post("/<activity>/channels/<int:channel>")
@entrance("teacher")
def change_channel(activity: str, channel: int) -> Response:
    """Which activities a channel uses, and its language."""
    uses = {kind: chosen for kind in course_channels.USES if (chosen := request.form.get(kind, type=word))}
    with wiring().database.write() as session:
        found = here(session, activity)
        spoken = request.form.get("language", "")
        course_channels.change(session, seat(), channel, uses, spoken, now=wiring().now())
        return _page(session, found, said=Sentence(N_("Saved.")))


@blueprint.post("/<activity>/channels/<int:channel>/<any(release, keep):what>")
@entrance("teacher")
def release_channel(activity: str, channel: int, what: str) -> Response:
    """The class leaves a channel, or stays after all."""
    with wiring().database.write() as session:
        found = here(session, activity)
        if what == "keep":
            course_channels.take_back(session, seat(), channel)
            return _page(session, found, said=Sentence(N_("The channel belongs to your course as before.")))
        channels.release(session, seat(), channel, now=wiring().now())
        told = N_("The channel is released. What the class did there stays in the course; messages there stand still.")
        return _page(session, found, said=Sentence(told), released=channel)


@blueprint.post("/<activity>/messages/<int:message>/again")
@entrance("teacher")
def send_again(activity: str, message: int) -> Response:
    """Have a message sent that Slack did not take."""
    with wiring().database.write() as session:
        found = here(session, activity)
        undelivered.again(session, seat(), message, now=wiring().now())
        told = N_("It is on its way to Slack again. If it is not taken, it comes back here with the reason.")
        return _page(session, found, said=Sentence(told))


@blueprint.post("/<activity>/term")
@entrance("teacher")
def set_term(activity: str) -> Response:
    """When the course's term is."""
    zone, free = request.form.get("zone", "").strip(), request.form.get("free", "").splitlines()
    with wiring().database.write() as session:
        found = here(session, activity)
        terms.set(session, seat(), _day("starts_on"), _day("ends_on"), zone, free, now=wiring().now())
        told = N_("Saved. Prompts that come again and again follow the term from now on.")
        return _page(session, found, said=Sentence(told))


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise Refusal(N_("The term needs a first and a last day. Nothing was changed.")) from None


def _page(session: Session, found: Opened | Practice, **told: Any) -> Response:
    """`told`: `said` (what was just done), `code` with its `purpose`, `released` (a channel that can be kept)."""
    teaches = current().role == "teacher"
    of_course = activities.of_course(session, seat()) if teaches else []
    theirs = course_channels.listed(session, seat()) if teaches else []
    return piece(
        "slack/slack.html",
        address=url_for("slack.page", activity=found.public_id),
        activity=found,
        back=url_for(HOME.get(found.kind, "student.problems_list"), activity=found.public_id),
        role=current().role,
        accounts=identities.accounts(session, seat()),
        channels=theirs,
        names={channel.id: channel.name or channel.channel_id for channel in theirs},
        choices={kind: [line for line in of_course if line.kind == kind] for kind in course_channels.USES},
        languages=[(name, NAMES.get(name, name)) for name in languages.available()],
        undelivered=undelivered.listed(session, seat()),
        unread=undelivered.private(session, seat()),
        term=terms.of(session, seat()) if teaches else None,
        zone=theirs[0].time_zone if theirs else "UTC",
        prompts=prompts.listed(session, seat()) if teaches else [],
        **told,
    )
