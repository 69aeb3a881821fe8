"""Setting things up inside the LMS: the deep-link picker, the first-launch wizard, an activity's settings, and the
problem bank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from core.activities import activities, kinds, practice_settings, problems, seats, task_constraints
from core.activities.practice_settings import PracticeSettings
from core.activities.refusals import Refusal
from core.activities.task_constraints import Constraint
from core.problems import files
from core.problems.csv_table import csv_template
from core.problems.kinds import Image, Problem
from core.problems.reports import Import, UnreadableFile
from core.words import N_
from lti_tool import deep_linking, problem_form
from lti_tool.addresses import row_number, word
from lti_tool.language import translate
from lti_tool.pages import entrance, piece, practice_of, seat
from lti_tool.problem_form import Upload
from lti_tool.sessions import current
from lti_tool.wiring import wiring

blueprint = Blueprint("setup", __name__, url_prefix="/p/<platform>/teach")

EXPORTS = {
    "gift": ("text/plain; charset=utf-8", "problems.gift"),
    "moodle_xml": ("application/xml; charset=utf-8", "problems.xml"),
}


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of an uploaded file, for its teacher."""

    stored: int
    imported: Import


# ---- making an activity ----


@blueprint.get("/pick")
@entrance("teacher")
def pick() -> Response:
    """The deep-link picker: choose problems and settings; the LMS places the activity."""
    return _wizard("setup.pick_done")


@blueprint.get("/new")
@entrance("teacher")
def new() -> Response:
    """The first-launch wizard of a link that has no activity yet."""
    return _wizard("setup.new_done")


def _wizard(done: str, reported: Reported | None = None) -> Response:
    with wiring().database.read() as session:
        who = current()
        return piece(
            "teach/wizard.html",
            address=url_for(done.removesuffix("_done")),
            done=done,
            picking=done == "setup.pick_done",
            bank=problems.listed(session, who.course_id),
            chosen=None,
            existing=activities.of_course(session, seat()),
            settings=PracticeSettings(),
            options=practice_settings.choices,
            reported=reported,
            kind_names=problem_form.KIND_NAMES,
            shared=kinds.SHARED.values(),
            course=who.course_title,
        )


@blueprint.post("/pick/import")
@entrance("teacher")
def pick_import() -> Response:
    """A file in the middle of the picker."""
    return _wizard("setup.pick_done", _import())


@blueprint.post("/new/import")
@entrance("teacher")
def new_import() -> Response:
    """A file in the middle of the wizard."""
    return _wizard("setup.new_done", _import())


@blueprint.post("/pick")
@entrance("teacher")
def pick_done() -> Response:
    """Hand the chosen activity to the LMS."""
    with wiring().database.write() as session:
        made = _existing(session) or _make(session)
    return deep_linking.respond(current(), [made])


@blueprint.post("/pick/cancel")
@entrance("teacher")
def pick_cancel() -> Response:
    """Go back to the LMS without an activity; the LMS still gets its answer."""
    return deep_linking.respond(current(), [])


@blueprint.post("/new")
@entrance("teacher")
def new_done() -> Response:
    """Tie the chosen activity to the link that was opened."""
    link = current().resource_link_id
    if link is None:
        raise Refusal(N_("This page was not opened from a link in your course. Open the activity there."))
    with wiring().database.write() as session:
        made = _existing(session) or _make(session)
        activities.place(session, seat(), resource_link_id=link, activity_id=made.id, now=wiring().now())
    response = make_response("")
    response.headers["HX-Location"] = _location(url_for("teacher.desk", activity=made.public_id))
    return response


def _make(session: Session) -> activities.Made:
    return activities.make(
        session,
        seat(),
        title=request.form.get("title", ""),
        settings=practice_settings.from_form(request.form),
        problem_ids=_chosen(),
        now=wiring().now(),
    )


def _existing(session: Session) -> activities.Made | None:
    """An activity of the course that the teacher wants to place (again)."""
    public_id = request.form.get("existing", type=word)
    if not public_id:
        return None
    found = seats.practice(session, seat(), public_id)
    return activities.Made(found.id, found.public_id, found.title, found.settings)


def _chosen() -> list[int]:
    return request.form.getlist("problem", type=row_number)


def _location(path: str) -> str:
    return f'{{"path": "{path}", "target": "#main", "swap": "innerHTML"}}'


# ---- changing one ----


@blueprint.get("/<activity>/settings")
@entrance("teacher")
def settings(activity: str) -> Response:
    """The activity's settings."""
    return _settings(activity)


@blueprint.post("/<activity>/settings")
@entrance("teacher")
def save_settings(activity: str) -> Response:
    """Keep changed settings; everyone's score follows them."""
    with wiring().database.write() as session:
        before = practice_of(session, activity)
        chosen = practice_settings.from_form(request.form, before.settings)
        title = request.form.get("title", before.title)
        activities.change(session, seat(), before.id, title=title, settings=chosen, now=wiring().now())
    return _settings(activity, said=N_("Saved."))


def _settings(activity: str, said: str = "") -> Response:
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
        return piece(
            "teach/settings.html",
            address=url_for("setup.settings", activity=activity),
            activity=opened,
            settings=opened.settings,
            options=practice_settings.choices,
            said=said,
            tab="settings",
        )


@blueprint.get("/<activity>/bank")
@entrance("teacher")
def bank(activity: str) -> Response:
    """The course's problems, and which of them the activity holds."""
    return _bank(activity)


@blueprint.post("/<activity>/bank")
@entrance("teacher")
def choose(activity: str) -> Response:
    """Which problems the activity holds, in which order."""
    with wiring().database.write() as session:
        opened = practice_of(session, activity)
        wanted = _chosen()
        order = [p for p in opened.problems if p in wanted] + [p for p in wanted if p not in opened.problems]
        problems.choose_for_activity(session, seat(), opened.id, order, now=wiring().now())
    return _bank(activity, said=N_("Saved."))


@blueprint.post("/<activity>/bank/move/<int:problem>/<direction>")
@entrance("teacher")
def move(activity: str, problem: int, direction: str) -> Response:
    """Move a problem one place up or down."""
    with wiring().database.write() as session:
        opened = practice_of(session, activity)
        order = list(opened.problems)
        if problem not in order or direction not in {"up", "down"}:
            raise Refusal(N_("This problem is not in the activity any more. Load the page again."))
        place = order.index(problem)
        other = place + (-1 if direction == "up" else 1)
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
            problems.choose_for_activity(session, seat(), opened.id, order, now=wiring().now())
    return _bank(activity)


@blueprint.post("/<activity>/bank/constraints")
@entrance("teacher")
def constrain(activity: str) -> Response:
    """What each problem is worth, and what must come before it."""
    with wiring().database.write() as session:
        opened = practice_of(session, activity)
        wanted = {}
        for problem in opened.problems:
            if f"worth-{problem}" in request.form:
                worth = _worth(request.form[f"worth-{problem}"])
                requires = request.form.get(f"requires-{problem}", type=row_number)
                wanted[problem] = Constraint(worth, requires or None)
        task_constraints.change(session, seat(), opened, wanted)
    return _bank(activity, said=N_("Saved."))


def _worth(text: str) -> float:
    """One of the offered worths, else a number that is none of them."""
    return next((worth for worth in task_constraints.WORTHS if str(worth) == text), 0.0)


@blueprint.post("/<activity>/bank/import")
@entrance("teacher")
def bank_import(activity: str) -> Response:
    """Take problems from a file into the course's bank."""
    with wiring().database.read() as session:
        practice_of(session, activity)
    return _bank(activity, reported=_import())


@blueprint.get("/<activity>/bank/export/<form>")
@entrance("teacher")
def bank_export(activity: str, form: str) -> Response:
    """The activity's problems as a file of another system."""
    if form not in EXPORTS:
        raise Refusal(N_("This format is not known. Choose GIFT or Moodle XML."))
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
        written = files.export(problems.bank(session, current().course_id, opened.problems), form)  # type: ignore[arg-type]  # checked above
    mime, name = EXPORTS[form]
    return _download(written.data, mime, name)


@blueprint.get("/bank/template.csv")
@entrance("teacher")
def template() -> Response:
    """A table to fill in with a spreadsheet."""
    return _download(csv_template(), "text/csv; charset=utf-8", "problems.csv")


def _download(data: bytes, mime: str, name: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = mime
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _bank(activity: str, *, said: str = "", reported: Reported | None = None) -> Response:
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
        listed = problems.listed(session, current().course_id)
        inside = {p: i for i, p in enumerate(opened.problems)}
        return piece(
            "teach/bank.html",
            address=url_for("setup.bank", activity=activity),
            activity=opened,
            said=said,
            reported=reported,
            tab="bank",
            kind_names=problem_form.KIND_NAMES,
            constraints=task_constraints.of(session, opened),
            worths=task_constraints.WORTHS,
            inside=sorted((p for p in listed if p.id in inside), key=lambda p: inside[p.id]),
            outside=[p for p in listed if p.id not in inside],
        )


def _import() -> Reported:
    """Read the uploaded file and store what it holds, or nothing at all."""
    upload = request.files.get("file")
    data = upload.read() if upload else b""
    if not upload or not data:
        raise Refusal(N_("No file was chosen. Choose a GIFT, Moodle XML or CSV file."))
    try:
        imported = files.read(data, upload.filename)
    except UnreadableFile as error:
        raise Refusal("{reason}", reason=error.sentence) from error
    if imported.broken:
        return Reported(0, imported)
    with wiring().database.write() as session:
        stored = problems.store_import(session, current().course_id, imported, now=wiring().now())
    return Reported(len(stored), imported)


# ---- one problem ----


@blueprint.get("/<activity>/problems/new/<kind>")
@entrance("teacher")
def new_problem(activity: str, kind: str) -> Response:
    """An empty form for a problem."""
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
    if kind not in problem_form.KIND_NAMES:
        raise Refusal(N_("Choose what kind of problem this is."))
    return _editor(opened, problem_form.empty(kind), None)


@blueprint.post("/<activity>/problems/new/<kind>")
@entrance("teacher")
def add_problem(activity: str, kind: str) -> Response:
    """Keep a new problem and put it at the end of the activity."""
    pictures = _pictures(activity)
    with wiring().database.write() as session:
        opened = practice_of(session, activity)
        problem = _read_form(None, kind, pictures)
        problem_id = problems.add(session, current().course_id, problem, now=wiring().now())
        problems.choose_for_activity(session, seat(), opened.id, [*opened.problems, problem_id], now=wiring().now())
    return _bank(activity, said=N_("Saved. The problem is at the end of the list."))


@blueprint.get("/<activity>/problems/<int:problem>/edit")
@entrance("teacher")
def edit_problem(activity: str, problem: int) -> Response:
    """The form of a problem."""
    with wiring().database.read() as session:
        opened = practice_of(session, activity)
        return _editor(opened, problem_form.fill(problems.whole(session, current().course_id, problem)), problem)


@blueprint.post("/<activity>/problems/<int:problem>/edit")
@entrance("teacher")
def change_problem(activity: str, problem: int) -> Response:
    """Keep a changed problem."""
    pictures = _pictures(activity)
    with wiring().database.write() as session:
        opened = practice_of(session, activity)
        changed = _read_form(problems.whole(session, current().course_id, problem), "", pictures)
        problems.change(session, seat(), problem, changed)
        return _editor(opened, problem_form.fill(changed), problem, said=translate(N_("Saved.")))


@blueprint.post("/<activity>/problems/<int:problem>/remove")
@entrance("teacher")
def remove_problem(activity: str, problem: int) -> Response:
    """Take a problem out of the bank; answers to it are kept."""
    with wiring().database.write() as session:
        practice_of(session, activity)
        problems.remove(session, seat(), problem, now=wiring().now())
    return _bank(activity, said=N_("Removed. What students answered is kept."))


def _pictures(activity: str) -> tuple[Image, ...]:
    """The pictures that came with the form, once its sender may change problems of the activity."""
    with wiring().database.read() as session:
        practice_of(session, activity)
    return problem_form.pictures(
        Upload(upload.filename or "picture", upload.read()) for upload in request.files.getlist("picture")
    )


def _read_form(before: Problem | None, kind: str, pictures: tuple[Image, ...]) -> Problem:
    form: dict[str, Any] = {**request.form.to_dict(), **({"kind": kind} if kind else {})}
    right = set(request.form.getlist("right"))
    choices = [
        (request.form.get(f"choice_{place}", ""), str(place) in right) for place in range(problem_form.MOST_CHOICES)
    ]
    return problem_form.read(form, choices, pictures, before)


def _editor(opened: seats.Practice, filled: problem_form.Filled, problem_id: int | None, said: str = "") -> Response:
    return make_response(
        render_template(
            "teach/problem.html",
            activity=opened,
            form=filled,
            problem_id=problem_id,
            said=said,
            kind_names=problem_form.KIND_NAMES,
            most_choices=problem_form.MOST_CHOICES,
            tab="bank",
        )
    )
