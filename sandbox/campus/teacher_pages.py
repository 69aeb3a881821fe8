"""Pages for the teacher: add an activity, gradebook, roster, copy the course."""

from __future__ import annotations

import math
import sqlite3

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.campus import courses, gradebook, launches, links, tools
from sandbox.campus.context import current_campus
from sandbox.campus.copying import PEOPLE, copy_course
from sandbox.campus.courses import Course, Member
from sandbox.campus.gradebook import LineItemDetails
from sandbox.campus.launches import LaunchError
from sandbox.campus.links import LinkDetails
from sandbox.campus.pages import login_initiation, visitor
from sandbox.campus.urls import is_web_url

blueprint = Blueprint("teacher", __name__, url_prefix="/as/<int:person_id>/courses/<int:course_id>")


class FormError(ValueError):
    """A form cannot be taken; `str()` is a sentence for the person who sent it."""


def teacher(db: sqlite3.Connection, person_id: int, course_id: int) -> tuple[Course, Member]:
    """The course and its teacher; 403 for anybody who does not teach."""
    here, member = visitor(db, person_id, course_id)
    if not member.teaches:
        abort(403)
    return here, member


@blueprint.get("/add")
def add(person_id: int, course_id: int, problem: str = "") -> str:
    campus = current_campus()
    with campus.store.reading() as db:
        here, member = teacher(db, person_id, course_id)
        available = tools.available_in(db, course_id)
    return render_template("add.html", course=here, member=member, available=available, problem=problem)


@blueprint.get("/add/<int:deployment_id>")
def picker(person_id: int, course_id: int, deployment_id: int) -> str:
    campus = current_campus()
    with campus.store.reading() as db:
        here, member = teacher(db, person_id, course_id)
        tool = {deployment.id: tool for deployment, tool in tools.available_in(db, course_id)}.get(deployment_id)
        quirks = campus.quirks(db)
    if tool is None:
        abort(404)
    return render_template(
        "picker.html", course=here, member=member, tool=tool, deployment_id=deployment_id, quirks=quirks
    )


@blueprint.get("/add/<int:deployment_id>/start")
def start_picker(person_id: int, course_id: int, deployment_id: int) -> ResponseReturnValue:
    """First request of deep linking, in the frame: on to the tool's login URL."""
    campus = current_campus()
    with campus.store.writing() as db:
        _, member = teacher(db, person_id, course_id)
        try:
            initiation = launches.open_picker(campus, db, deployment_id, member)
        except LaunchError as refusal:
            page = render_template("refused.html", title="The tool cannot be opened", reason=str(refusal))
            return Response(page, status=409)
    return login_initiation(initiation)


@blueprint.post("/links")
def place_link(person_id: int, course_id: int) -> ResponseReturnValue:
    """Place a link by hand, as teachers do who paste an address."""
    campus = current_campus()
    try:
        with campus.store.writing() as db:
            teacher(db, person_id, course_id)
            choices = {deployment.id: tool for deployment, tool in tools.available_in(db, course_id)}
            deployment_id = request.form.get("deployment_id", type=int)
            if deployment_id not in choices:
                raise FormError("Choose a tool.")
            details, maximum = _read_link(choices[deployment_id].target_link_uri)
            link = links.add(db, details, course_id=course_id, deployment_id=deployment_id)
            if maximum is not None:
                column = LineItemDetails(label=link.title, maximum=maximum)
                gradebook.add_line_item(db, column, course_id=course_id, deployment_id=deployment_id, link_id=link.id)
    except FormError as problem:
        return add(person_id, course_id, problem=str(problem)), 400
    return redirect(url_for("pages.course", person_id=person_id, course_id=course_id, added=link.id), 303)


def _read_link(default_url: str) -> tuple[LinkDetails, float | None]:
    title = request.form.get("title", "").strip()
    url = request.form.get("url", "").strip() or default_url
    if not title:
        raise FormError("Give the activity a title.")
    if not is_web_url(url):
        raise FormError("The address must begin with http:// or https://.")
    maximum = read_points(request.form.get("maximum", ""))
    if maximum is not None and maximum <= 0:
        raise FormError("The most points must be greater than 0.")
    target = request.form.get("document_target")
    details = LinkDetails(
        title=title,
        target_link_uri=url,
        custom=read_custom(request.form.get("custom", "")),
        document_target="window" if target == "window" else "iframe",
    )
    return details, maximum


def read_custom(text: str) -> dict[str, str]:
    """Custom parameters, one `name=value` a line, as teachers write them in Moodle. Raises FormError."""
    custom = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise FormError(f"A custom parameter is a line like name=value, not {line!r}.")
        custom[name.strip()] = value.strip()
    return custom


def read_points(text: str) -> float | None:
    """Points that a person typed, with a decimal point or comma; None for an empty field. Raises FormError."""
    if not text.strip():
        return None
    try:
        points = float(text.strip().replace(",", "."))
    except ValueError as problem:
        raise FormError(f"{text.strip()!r} is not a number.") from problem
    if not math.isfinite(points):
        raise FormError(f"{text.strip()!r} is not a number.")
    return points


@blueprint.post("/links/<int:link_id>/remove")
def remove_link(person_id: int, course_id: int, link_id: int) -> ResponseReturnValue:
    campus = current_campus()
    with campus.store.writing() as db:
        teacher(db, person_id, course_id)
        link = links.find(db, link_id)
        if link is None or link.course_id != course_id:
            abort(404)
        links.remove(db, link_id)
    return redirect(url_for("pages.course", person_id=person_id, course_id=course_id), 303)


@blueprint.get("/gradebook")
def grade_table(person_id: int, course_id: int, problem: str = "") -> str:
    campus = current_campus()
    with campus.store.reading() as db:
        here, member = teacher(db, person_id, course_id)
        columns = gradebook.line_items(db, course_id)
        rows = [other for other in courses.members(db, course_id) if other.gradable]
        cells = {(grade.person_id, item.id): grade for item in columns for grade in gradebook.grades(db, item.id)}
    return render_template(
        "gradebook.html", course=here, member=member, columns=columns, rows=rows, cells=cells, problem=problem
    )


@blueprint.post("/gradebook")
def change_grade(person_id: int, course_id: int) -> ResponseReturnValue:
    """The teacher sets a cell by hand, or gives it back to the tool."""
    campus = current_campus()
    line_item_id, learner_id = (request.form.get(name, type=int) for name in ("line_item_id", "person_id"))
    try:
        value = read_points(request.form.get("value", ""))
        with campus.store.writing() as db:
            teacher(db, person_id, course_id)
            item = None if line_item_id is None else gradebook.line_item(db, line_item_id)
            learner = None if learner_id is None else courses.member(db, course_id, learner_id)
            if item is None or item.course_id != course_id or learner is None or not learner.gradable:
                abort(404)
            if request.form.get("action") == "lift":
                gradebook.lift_override(db, line_item_id=item.id, person_id=learner.person.id)
            else:
                gradebook.override(
                    db,
                    line_item_id=item.id,
                    person_id=learner.person.id,
                    value=value,
                    by=person_id,
                    at=campus.now(db),
                )
    except FormError as problem:
        return grade_table(person_id, course_id, problem=str(problem)), 400
    return redirect(url_for("teacher.grade_table", person_id=person_id, course_id=course_id), 303)


@blueprint.get("/roster")
def roster(person_id: int, course_id: int) -> str:
    campus = current_campus()
    with campus.store.reading() as db:
        here, member = teacher(db, person_id, course_id)
        everybody = courses.members(db, course_id)
    return render_template("roster.html", course=here, member=member, everybody=everybody)


@blueprint.post("/copy")
def copy(person_id: int, course_id: int) -> ResponseReturnValue:
    campus = current_campus()
    people = next((choice for choice in PEOPLE if choice == request.form.get("people")), None)
    if people is None:
        abort(400)
    with campus.store.writing() as db:
        here, _ = teacher(db, person_id, course_id)
        new = copy_course(db, here, people=people, now=campus.now(db), locale=campus.config.locale)
    return redirect(url_for("pages.course", person_id=person_id, course_id=new.id), 303)
