"""Admin API: tools, the log of calls, planned failures, and the campus itself (clock, keys, quirks)."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.campus import calls, courses, faults, registration, settings, tools
from sandbox.campus.admin_json import Fields, found, tool_json
from sandbox.campus.context import current_campus
from sandbox.campus.services import ServiceError

blueprint = Blueprint("campus", __name__)


@blueprint.get("/tools")
def list_tools() -> ResponseReturnValue:
    campus = current_campus()
    with campus.store.reading() as db:
        urls = campus.urls(campus.quirks(db))
        return jsonify([tool_json(tool, tools.deployments(db, tool.id), urls) for tool in tools.every(db)])


@blueprint.post("/tools")
def add_tool() -> ResponseReturnValue:
    """Register a tool by hand. `active` is true unless said otherwise."""
    campus, fields = current_campus(), Fields.of_request()
    details, active = fields.tool_details(), fields.flag_or("active", True)
    fields.check_all_read()
    with campus.store.writing() as db:
        tool, deployment = tools.add(db, details, active=active)
        return jsonify(tool_json(tool, [deployment], campus.urls(campus.quirks(db)))), 201


@blueprint.patch("/tools/<client_id>")
def change_tool(client_id: str) -> ResponseReturnValue:
    """Change what is named: `shares_names`, `shares_emails`, `login_method`, addresses, `scopes`, `custom`."""
    campus, fields = current_campus(), Fields.of_request()
    with campus.store.writing() as db:
        tool = found(tools.by_client_id(db, client_id), "tool")
        details = fields.tool_details(tool)
        fields.check_all_read()
        tools.change(db, tool.id, details)
        changed = found(tools.by_client_id(db, client_id), "tool")
        return jsonify(tool_json(changed, tools.deployments(db, tool.id), campus.urls(campus.quirks(db))))


@blueprint.post("/tools/<client_id>/activate")
def activate_tool(client_id: str) -> ResponseReturnValue:
    campus = current_campus()
    with campus.store.writing() as db:
        tools.activate(db, found(tools.by_client_id(db, client_id), "tool").id)
        tool = found(tools.by_client_id(db, client_id), "tool")
        return jsonify(tool_json(tool, tools.deployments(db, tool.id), campus.urls(campus.quirks(db))))


@blueprint.post("/tools/<client_id>/deployments")
def add_deployment(client_id: str) -> ResponseReturnValue:
    campus, fields = current_campus(), Fields.of_request()
    label, course_id = fields.text_or("label", "Another deployment"), fields.maybe_whole("course_id")
    fields.check_all_read()
    with campus.store.writing() as db:
        if course_id is not None:
            found(courses.find(db, course_id), "course")
        deployment = tools.deploy(
            db, found(tools.by_client_id(db, client_id), "tool").id, label=label, course_id=course_id
        )
    return jsonify({"deployment_id": str(deployment.id), "label": label, "course_id": course_id}), 201


@blueprint.post("/registrations")
def new_registration() -> ResponseReturnValue:
    """What an administrator hands to a tool that registers itself."""
    campus = current_campus()
    with campus.store.writing() as db:
        token = registration.new_token(db, campus.now(db))
        urls = campus.urls(campus.quirks(db))
    return jsonify({"openid_configuration": urls.configuration, "registration_token": token}), 201


# --- What happened, and what is to go wrong ---


@blueprint.route("/calls", methods=["GET", "DELETE"])
def list_calls() -> ResponseReturnValue:
    """The log of service calls; `endpoint` and `after` (a call's id) narrow. DELETE empties it."""
    with current_campus().store.writing() as db:
        if request.method == "DELETE":
            calls.forget(db)
            return "", 204
        after = request.args.get("after", 0, type=int)
        return jsonify(calls.log(db, endpoint=request.args.get("endpoint"), after=after))


@blueprint.get("/faults")
def list_faults() -> ResponseReturnValue:
    with current_campus().store.reading() as db:
        return jsonify([fault.as_dict() for fault in faults.planned(db)])


@blueprint.post("/faults")
def plan_fault() -> ResponseReturnValue:
    """`endpoint`, `kind`, `count` (1), and the details that the kind takes."""
    fields = Fields.of_request()
    endpoint, kind, count = fields.text("endpoint"), fields.text("kind"), fields.maybe_whole("count")
    details = fields.rest()
    with current_campus().store.writing() as db:
        try:
            fault = faults.plan(db, endpoint=endpoint, kind=kind, count=1 if count is None else count, details=details)
        except ValueError as problem:
            raise ServiceError(400, str(problem)) from problem
    return jsonify(fault.as_dict()), 201


@blueprint.delete("/faults")
def clear_faults() -> ResponseReturnValue:
    with current_campus().store.writing() as db:
        faults.clear(db)
    return "", 204


# --- The campus itself ---


@blueprint.put("/clock")
def set_clock() -> ResponseReturnValue:
    campus, fields = current_campus(), Fields.of_request()
    offset = fields.maybe_number("offset_seconds") or 0.0
    fields.check_all_read()
    with campus.store.writing() as db:
        settings.set_clock_offset(db, timedelta(seconds=offset))
        return jsonify({"now": campus.now(db).isoformat()})


@blueprint.post("/keys/rotate")
def rotate_keys() -> ResponseReturnValue:
    """Sign with a new key. The old one stays published for `overlap_seconds`, or as configured."""
    campus, fields = current_campus(), Fields.of_request()
    seconds = fields.maybe_number("overlap_seconds")
    fields.check_all_read()
    overlap = campus.config.key_overlap if seconds is None else timedelta(seconds=seconds)
    with campus.store.writing() as db:
        kid = campus.keys.rotate(db, campus.now(db), overlap)
    return jsonify({"kid": kid}), 201


@blueprint.route("/quirks", methods=["GET", "PATCH", "PUT"])
def quirks() -> ResponseReturnValue:
    """Habits of real platforms. PUT names a `preset`; PATCH changes what is named. Both hold until the next start."""
    campus = current_campus()
    with campus.store.writing() as db:
        if request.method != "GET":
            settings.set_quirks(db, Fields.of_request().quirks(campus.quirks(db), whole=request.method == "PUT"))
        return jsonify(campus.quirks(db).as_dict())
