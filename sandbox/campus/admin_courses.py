"""Admin API: courses, people, activity links, launches, grades."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.campus import calls, courses, gradebook, launches, links, tools
from sandbox.campus.admin_json import Fields, course_json, found, gradebook_json, link_json, member_json
from sandbox.campus.context import current_campus
from sandbox.campus.copying import PEOPLE, copy_course
from sandbox.campus.courses import STATUSES
from sandbox.campus.launches import LaunchError
from sandbox.campus.links import DOCUMENT_TARGETS
from sandbox.campus.services import ServiceError

blueprint = Blueprint("courses", __name__)


@blueprint.get("/courses")
def list_courses() -> ResponseReturnValue:
    with current_campus().store.reading() as db:
        return jsonify([course_json(course) for course in courses.every(db)])


@blueprint.post("/courses/<int:course_id>/copy")
def copy(course_id: int) -> ResponseReturnValue:
    campus, fields = current_campus(), Fields.of_request()
    people = fields.one_of("people", PEOPLE, "same")
    fields.check_all_read()
    with campus.store.writing() as db:
        new = copy_course(
            db,
            found(courses.find(db, course_id), "course"),
            people=people,
            now=campus.now(db),
            locale=campus.config.locale,
        )
    return jsonify(course_json(new)), 201


@blueprint.get("/courses/<int:course_id>/members")
def list_members(course_id: int) -> ResponseReturnValue:
    with current_campus().store.reading() as db:
        found(courses.find(db, course_id), "course")
        return jsonify([member_json(member) for member in courses.members(db, course_id)])


@blueprint.post("/courses/<int:course_id>/members")
def add_members(course_id: int) -> ResponseReturnValue:
    """Enrol `count` new learners, or the existing person `person_id` with `roles`."""
    campus, fields = current_campus(), Fields.of_request()
    person_id, count = fields.maybe_whole("person_id"), fields.maybe_whole("count")
    roles = fields.texts_or("roles", [])
    fields.check_all_read()
    with campus.store.writing() as db:
        found(courses.find(db, course_id), "course")
        if person_id is not None:
            found(courses.person(db, person_id), "person")
            courses.enrol(db, course_id, person_id, roles)
            added = [person_id]
        else:
            added = [p.id for p in courses.add_learners(db, course_id, count or 1, campus.config.locale)]
        everybody = courses.members(db, course_id)
    return jsonify([member_json(member) for member in everybody if member.person.id in added]), 201


@blueprint.patch("/courses/<int:course_id>/members/<int:person_id>")
def change_member(course_id: int, person_id: int) -> ResponseReturnValue:
    """Set `roles` (any URIs), `status`, or the person's `locale`."""
    fields = Fields.of_request()
    with current_campus().store.writing() as db:
        member = found(courses.member(db, course_id, person_id), "member")
        roles = fields.texts_or("roles", member.roles)
        status = fields.one_of("status", STATUSES, member.status)
        locale = fields.text_or("locale", member.person.locale)
        fields.check_all_read()
        courses.set_locale(db, person_id, locale)
        if (tuple(roles), status) != (member.roles, member.status):  # else the roster has not changed
            courses.enrol(db, course_id, person_id, roles, status)
        changed = found(courses.member(db, course_id, person_id), "member")
    return jsonify(member_json(changed))


@blueprint.post("/people/<int:person_id>/sign_out")
def sign_out(person_id: int) -> ResponseReturnValue:
    """Launches of this person that are under way end with `login_required`."""
    with current_campus().store.writing() as db:
        courses.sign_out(db, found(courses.person(db, person_id), "person").id)
    return "", 204


# --- Activity links and launches ---


@blueprint.get("/courses/<int:course_id>/links")
def list_links(course_id: int) -> ResponseReturnValue:
    with current_campus().store.reading() as db:
        found(courses.find(db, course_id), "course")
        placed = [link_json(link, gradebook.coupled(db, link.id)) for link in links.in_course(db, course_id)]
    return jsonify(placed)


@blueprint.post("/courses/<int:course_id>/links")
def add_link(course_id: int) -> ResponseReturnValue:
    """Place a link with custom parameters, and a `line_item` if one is given."""
    fields = Fields.of_request()
    deployment_id, details = fields.whole("deployment_id"), fields.link_details()
    column = fields.line_item_details()
    fields.check_all_read()
    with current_campus().store.writing() as db:
        found(courses.find(db, course_id), "course")
        deployment, _ = found(tools.deployment_with_tool(db, deployment_id), "deployment")
        if not deployment.reaches(course_id):
            raise ServiceError(404, "This deployment is not available in this course.")
        link = links.add(db, details, course_id=course_id, deployment_id=deployment_id)
        if column is not None:
            gradebook.add_line_item(db, column, course_id=course_id, deployment_id=deployment_id, link_id=link.id)
        placed = link_json(link, gradebook.coupled(db, link.id))
    return jsonify(placed), 201


@blueprint.delete("/links/<int:link_id>")
def remove_link(link_id: int) -> ResponseReturnValue:
    with current_campus().store.writing() as db:
        links.remove(db, found(links.find(db, link_id), "link").id)
    return "", 204


@blueprint.post("/links/<int:link_id>/launch")
def launch(link_id: int) -> ResponseReturnValue:
    """The login initiation of a launch by `person_id`; whoever asks sends it to the tool instead of a browser."""
    campus, fields = current_campus(), Fields.of_request()
    person_id, target = fields.whole("person_id"), fields.one_of("document_target", DOCUMENT_TARGETS, "iframe")
    fields.check_all_read()
    with campus.store.reading() as db:
        link = found(links.find(db, link_id), "link")
        member = found(courses.member(db, link.course_id, person_id), "member")
        try:
            return jsonify(asdict(launches.open_link(campus, db, link, member, target)))
        except LaunchError as refusal:
            raise ServiceError(409, str(refusal)) from refusal


@blueprint.post("/courses/<int:course_id>/deep_linking")
def open_picker(course_id: int) -> ResponseReturnValue:
    """The login initiation of deep linking by the teacher `person_id` with `deployment_id`."""
    campus, fields = current_campus(), Fields.of_request()
    person_id, deployment_id = fields.whole("person_id"), fields.whole("deployment_id")
    fields.check_all_read()
    with campus.store.writing() as db:
        member = found(courses.member(db, course_id, person_id), "member")
        try:
            return jsonify(asdict(launches.open_picker(campus, db, deployment_id, member)))
        except LaunchError as refusal:
            raise ServiceError(409, str(refusal)) from refusal


# --- Grades ---


@blueprint.get("/courses/<int:course_id>/gradebook")
def read_gradebook(course_id: int) -> ResponseReturnValue:
    with current_campus().store.reading() as db:
        found(courses.find(db, course_id), "course")
        return jsonify(gradebook_json(db, course_id))


@blueprint.put("/line_items/<int:line_item_id>/grades/<int:person_id>")
def override_grade(line_item_id: int, person_id: int) -> ResponseReturnValue:
    """The teacher sets a cell: `value` a number or null, `by` the teacher's id."""
    campus, fields = current_campus(), Fields.of_request()
    value, by = fields.maybe_number("value"), fields.maybe_whole("by")
    fields.check_all_read()
    with campus.store.writing() as db:
        item = found(gradebook.line_item(db, line_item_id), "line item")
        found(courses.member(db, item.course_id, person_id), "member")
        if by is not None:
            found(courses.person(db, by), "teacher")
        gradebook.override(db, line_item_id=item.id, person_id=person_id, value=value, by=by, at=campus.now(db))
    return "", 204


@blueprint.delete("/line_items/<int:line_item_id>/grades/<int:person_id>")
def lift_override(line_item_id: int, person_id: int) -> ResponseReturnValue:
    with current_campus().store.writing() as db:
        item = found(gradebook.line_item(db, line_item_id), "line item")
        gradebook.lift_override(db, line_item_id=item.id, person_id=person_id)
    return "", 204


@blueprint.get("/scores")
def list_scores() -> ResponseReturnValue:
    """Every score that arrived, whatever became of it; `line_item_id` narrows."""
    with current_campus().store.reading() as db:
        return jsonify(calls.scores(db, line_item_id=request.args.get("line_item_id", type=int)))
