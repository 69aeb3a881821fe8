"""Pages for everybody: the front door, a course, an activity in its frame."""

from __future__ import annotations

import sqlite3

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.campus import courses, gradebook, launches, links, tools
from sandbox.campus.context import current_campus
from sandbox.campus.courses import Course, Member
from sandbox.campus.launches import LaunchError, LoginInitiation
from sandbox.campus.links import Link
from sandbox.campus.urls import with_query

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def front() -> str:
    campus = current_campus()
    with campus.store.reading() as db:
        offered = []
        for course in courses.every(db):
            present = [member for member in courses.members(db, course.id) if member.status == "Active"]
            offered.append(
                {
                    "course": course,
                    "teachers": [member for member in present if member.teaches],
                    "students": [member for member in present if member.gradable and not member.is_test_user],
                    "others": [m for m in present if not m.teaches and (not m.gradable or m.is_test_user)],
                }
            )
        working = [tool for tool in tools.every(db) if tool.active]
    return render_template("front.html", offered=offered, working=working)


@blueprint.get("/enter")
def enter() -> ResponseReturnValue:
    """The front page's form leads here; from now on the path says who one is, in every tab on its own."""
    person_id, course_id = (request.args.get(name, type=int) for name in ("person", "course"))
    if person_id is None or course_id is None:
        abort(400)
    return redirect(url_for("pages.course", person_id=person_id, course_id=course_id))


@blueprint.get("/as/<int:person_id>/courses/<int:course_id>")
def course(person_id: int, course_id: int) -> str:
    campus = current_campus()
    with campus.store.reading() as db:
        here, member = visitor(db, person_id, course_id)
        placed = links.in_course(db, course_id)
        columns = [item for item in gradebook.line_items(db, course_id) if member.gradable]
        own = [(item, gradebook.grade(db, item.id, person_id)) for item in columns]
        available = tools.available_in(db, course_id)
    added = {int(number) for number in request.args.get("added", "").split(",") if number.isdigit()}
    return render_template(
        "course.html", course=here, member=member, links=placed, own_grades=own, available=available, added=added
    )


@blueprint.get("/as/<int:person_id>/courses/<int:course_id>/links/<int:link_id>")
def activity(person_id: int, course_id: int, link_id: int) -> str:
    campus = current_campus()
    with campus.store.reading() as db:
        here, member = visitor(db, person_id, course_id)
        link = _link(db, course_id, link_id)
        quirks = campus.quirks(db)
    return render_template("activity.html", course=here, member=member, link=link, quirks=quirks)


@blueprint.get("/as/<int:person_id>/courses/<int:course_id>/links/<int:link_id>/start")
def start(person_id: int, course_id: int, link_id: int) -> ResponseReturnValue:
    """First request of a launch, in the frame or in the new window: on to the tool's login URL."""
    campus = current_campus()
    target = request.args.get("target", "iframe")
    if target not in ("iframe", "window"):
        abort(400)
    with campus.store.reading() as db:
        _, member = visitor(db, person_id, course_id)
        link = _link(db, course_id, link_id)
        try:
            initiation = launches.open_link(campus, db, link, member, "window" if target == "window" else "iframe")
        except LaunchError as refusal:
            return _refused(refusal)
    return login_initiation(initiation)


@blueprint.get("/as/<int:person_id>/courses/<int:course_id>/returned")
def returned(person_id: int, course_id: int) -> str:
    """The tool sends people here when they are done (launch_presentation.return_url, Core 5.4.4)."""
    campus = current_campus()
    with campus.store.reading() as db:
        visitor(db, person_id, course_id)
    said = [request.args[name] for name in ("lti_msg", "lti_errormsg") if request.args.get(name)]
    target = url_for("pages.course", person_id=person_id, course_id=course_id)
    return render_template("leave_frame.html", target=target, placed=[], said=said)


@blueprint.get("/frames/storage")
def storage_frame() -> str:
    """The sibling frame that keeps platform storage for tools (LTI Client Side postMessages)."""
    return render_template("storage_frame.html")


def login_initiation(initiation: LoginInitiation) -> ResponseReturnValue:
    """Takes the browser to the tool's login URL: by a redirect, or by a page that posts itself."""
    if initiation.method == "GET":
        return redirect(with_query(initiation.url, initiation.parameters))
    page = render_template("form_post.html", url=initiation.url, fields=initiation.parameters)
    return Response(page)


def visitor(db: sqlite3.Connection, person_id: int, course_id: int) -> tuple[Course, Member]:
    """The course and the person in it; 404 for anybody who does not take part."""
    here, member = courses.find(db, course_id), courses.member(db, course_id, person_id)
    if here is None or member is None or member.status != "Active":
        abort(404)
    return here, member


def _link(db: sqlite3.Connection, course_id: int, link_id: int) -> Link:
    link = links.find(db, link_id)
    if link is None or link.course_id != course_id:
        abort(404)
    return link


def _refused(refusal: LaunchError) -> Response:
    page = render_template("refused.html", title="This activity cannot be opened", reason=str(refusal))
    return Response(page, status=409)
