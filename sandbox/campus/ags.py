"""Assignment and Grade Services 2.0: line items, scores, results."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from sandbox.campus import courses, gradebook, links, services, tools
from sandbox.campus.config import Quirks
from sandbox.campus.context import current_campus
from sandbox.campus.gradebook import Grade, LineItem, LineItemDetails
from sandbox.campus.scores import ScoreError, check_order, read_score, shown_value
from sandbox.campus.services import AccessToken, ServiceError
from sandbox.campus.store import as_moment
from sandbox.campus.tools import Deployment
from sandbox.campus.urls import Urls
from sandbox.campus.values import as_number, finite_number, parse_moment, whole_number
from sandbox.campus.vocabulary import (
    LINE_ITEM_CONTAINER_TYPE,
    LINE_ITEM_READ_SCOPE,
    LINE_ITEM_SCOPE,
    LINE_ITEM_TYPE,
    RESULT_CONTAINER_TYPE,
    RESULT_SCOPE,
    SCORE_SCOPE,
    SCORE_TYPE,
)

blueprint = Blueprint("ags", __name__, url_prefix="/lti/courses/<int:course_id>/line_items")

FILTERS = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
EXTRA_MEMBERS = ("startDateTime", "endDateTime", "gradesReleased", "submissionReview")


@blueprint.route("", methods=["GET", "POST"])
def line_items(course_id: int) -> Response:
    return _list(course_id) if request.method == "GET" else _create(course_id)


@blueprint.route("/<int:line_item_id>", methods=["GET", "PUT", "DELETE"])
def line_item(course_id: int, line_item_id: int) -> Response:
    campus = current_campus()
    reads = request.method == "GET"
    scopes = (LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE) if reads else (LINE_ITEM_SCOPE,)
    with campus.store.reading() if reads else campus.store.writing() as db:
        quirks = campus.quirks(db)
        token = services.allowed(db, campus.now(db), quirks, *scopes)
        item = _own_line_item(db, token, course_id, line_item_id)
        if request.method == "DELETE":
            gradebook.remove_line_item(db, item.id)
            return Response(status=204)
        services.check_accept(LINE_ITEM_TYPE, quirks)
        if request.method == "PUT":
            services.check_content_type(LINE_ITEM_TYPE, quirks)
            body = services.json_body()
            _check_identity(body, item, campus.urls(quirks))
            item = gradebook.change_line_item(db, item.id, read_line_item(body))
    return services.answer(line_item_json(item, campus.urls(quirks)), LINE_ITEM_TYPE)


@blueprint.post("/<int:line_item_id>/scores")
def scores(course_id: int, line_item_id: int) -> Response:
    campus = current_campus()
    with campus.store.writing() as db:
        now, quirks = campus.now(db), campus.quirks(db)
        token = services.allowed(db, now, quirks, SCORE_SCOPE)
        item = _own_line_item(db, token, course_id, line_item_id)
        services.check_content_type(SCORE_TYPE, quirks)
        try:
            person_id = _take_score(db, item, request.get_data(cache=True), quirks, now)
        except ScoreError as problem:
            raise ServiceError(problem.status, str(problem)) from problem
    if quirks.score_answers_result:
        results_url = campus.urls(quirks).line_item(course_id, item.id, item.deployment_id, "results")
        return services.answer({"resultUrl": f"{results_url}/{person_id}"}, SCORE_TYPE)
    return Response(b"", content_type=f"{SCORE_TYPE}; charset=utf-8")


@blueprint.get("/<int:line_item_id>/results")
def results(course_id: int, line_item_id: int) -> Response:
    campus = current_campus()
    with campus.store.reading() as db:
        quirks = campus.quirks(db)
        token = services.allowed(db, campus.now(db), quirks, RESULT_SCOPE)
        item = _own_line_item(db, token, course_id, line_item_id)
        services.check_accept(RESULT_CONTAINER_TYPE, quirks)
        if quirks.moodle_link_headers and "limit" in request.args:
            return Response("<!DOCTYPE html><title>Error</title>", status=404, content_type="text/html; charset=utf-8")
        wanted = request.args.get("user_id")
        found = [
            grade
            for grade in gradebook.grades(db, item.id)
            if (grade.shown is not None or grade.comment) and wanted in (None, str(grade.person_id))
        ]
        page = services.cut(found, lambda grade: grade.person_id, services.requested_limit(quirks))
    urls = campus.urls(quirks)
    response = services.answer([result_json(grade, item, urls, quirks) for grade in page.rows], RESULT_CONTAINER_TYPE)
    if page.next is not None:
        next_url = services.page_url(urls.base, request, page=page.next)
        response.headers["Link"] = services.link_header({"next": next_url})
    return response


def _list(course_id: int) -> Response:
    campus = current_campus()
    with campus.store.reading() as db:
        quirks = campus.quirks(db)
        token = services.allowed(db, campus.now(db), quirks, LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE)
        deployments = _deployments(db, token, course_id)
        services.check_accept(LINE_ITEM_CONTAINER_TYPE, quirks)
        urls = campus.urls(quirks)
        own = [item for item in gradebook.line_items(db, course_id) if item.deployment_id in deployments]
    shown = [(item, line_item_json(item, urls)) for item in own]
    for parameter, member in FILTERS.items():
        if parameter in request.args:
            shown = [pair for pair in shown if pair[1].get(member) == request.args[parameter]]
    page = services.cut(shown, lambda pair: pair[0].id, services.requested_limit(quirks))
    response = services.answer([json for _, json in page.rows], LINE_ITEM_CONTAINER_TYPE)
    if page.next is not None:
        next_url = services.page_url(urls.base, request, page=page.next)
        header = services.link_header({"next": next_url})
        response.headers["Link"] = typographic(header) if quirks.moodle_link_headers else header
    return response


def typographic(header: str) -> str:
    """Moodle's Link header of line items: ampersands escaped for HTML, and curly quotes, in UTF-8."""
    curly = header.replace("&", "&amp;").replace('rel="next"', "rel=“next”")
    return curly.encode().decode("latin-1")


def _create(course_id: int) -> Response:
    campus = current_campus()
    with campus.store.writing() as db:
        quirks = campus.quirks(db)
        token = services.allowed(db, campus.now(db), quirks, LINE_ITEM_SCOPE)
        deployments = _deployments(db, token, course_id)
        services.check_content_type(LINE_ITEM_TYPE, quirks)
        body = services.json_body()
        details = read_line_item(body)
        deployment_id, link_id = min(deployments), None
        if body.get("resourceLinkId") is not None:
            link = links.find(db, whole_number(body["resourceLinkId"]) or 0)
            if link is None or link.course_id != course_id or link.deployment_id not in deployments:
                raise ServiceError(403, "Forbidden: there is no such resource link for this tool in this course.")
            deployment_id, link_id = link.deployment_id, link.id
        item = gradebook.add_line_item(db, details, course_id=course_id, deployment_id=deployment_id, link_id=link_id)
    created = line_item_json(item, campus.urls(quirks))
    response = services.answer(created, LINE_ITEM_TYPE, status=201)
    response.headers["Location"] = created["id"]
    return response


def _deployments(db: sqlite3.Connection, token: AccessToken, course_id: int) -> dict[int, Deployment]:
    """Deployments in whose name this call may act in the course: those of the token, narrowed by the query."""
    if courses.find(db, course_id) is None:
        raise ServiceError(404, f"Not Found: Course {course_id} doesn't exist")
    own = {
        deployment.id: deployment
        for deployment in tools.deployments(db, token.tool_id)
        if deployment.reaches(course_id) and token.deployment_id in (None, deployment.id)
    }
    named = request.args.get("deployment_id")
    if named is not None:
        own = {deployment_id: own[deployment_id] for deployment_id in own if str(deployment_id) == named}
    if not own:
        raise ServiceError(404, f"Not Found: the tool is not available in course {course_id}")
    return own


def _own_line_item(db: sqlite3.Connection, token: AccessToken, course_id: int, line_item_id: int) -> LineItem:
    """The line item, if it is the tool's own: a tool never sees another's (AGS 3.2.1)."""
    deployments = _deployments(db, token, course_id)
    item = gradebook.line_item(db, line_item_id)
    if item is None or item.course_id != course_id or item.deployment_id not in deployments:
        raise ServiceError(404, f"Not Found: Grade item {line_item_id} doesn't exist")
    return item


def read_line_item(body: Mapping[str, Any]) -> LineItemDetails:
    """The line item in a body. Raises ServiceError (AGS 3.2.6-3.2.11)."""
    label, maximum = body.get("label"), finite_number(body.get("scoreMaximum"))
    if not isinstance(label, str) or not label.strip():
        raise ServiceError(400, "No label or Score Maximum: label must be a text that is not blank.")
    if maximum is None or maximum <= 0:
        raise ServiceError(400, "No label or Score Maximum: scoreMaximum must be a number greater than 0.")
    for name in ("resourceId", "tag"):
        if body.get(name) is not None and not isinstance(body[name], str):
            raise ServiceError(400, f"{name} must be a text.")
    for name in ("startDateTime", "endDateTime"):
        if body.get(name) is not None:
            try:
                parse_moment(body[name])
            except ValueError as problem:
                raise ServiceError(400, f"{name} {problem}.") from problem
    return LineItemDetails(
        label=label.strip(),
        maximum=maximum,
        resource_id=body.get("resourceId"),
        tag=body.get("tag"),
        extra={name: body[name] for name in EXTRA_MEMBERS if body.get(name) is not None},
    )


def _check_identity(body: Mapping[str, Any], item: LineItem, urls: Urls) -> None:
    """A replacement must not change what a line item is or belongs to (AGS 3.2.6)."""
    current = line_item_json(item, urls)
    for name in ("id", "resourceLinkId"):
        if body.get(name) is not None and body[name] != current.get(name):
            raise ServiceError(400, f"{name} cannot be changed.")


def line_item_json(item: LineItem, urls: Urls) -> dict[str, Any]:
    """A line item as tools see it; members without a value are left out."""
    members = {
        "id": urls.line_item(item.course_id, item.id, item.deployment_id),
        "label": item.label,
        "scoreMaximum": as_number(item.maximum),
        "resourceId": item.resource_id,
        "tag": item.tag,
        "resourceLinkId": None if item.link_id is None else str(item.link_id),
        **item.extra,
    }
    return {name: value for name, value in members.items() if value is not None}


def _take_score(db: sqlite3.Connection, item: LineItem, body: bytes, quirks: Quirks, now: datetime) -> int:
    """Judge a score and write it down. Returns whose it is. Raises ScoreError."""
    score = read_score(body, quirks)
    person_id = whole_number(score.user_id) or 0
    member = courses.member(db, item.course_id, person_id)
    if member is None or not member.gradable:
        raise ScoreError(f"{score.user_id!r} cannot be graded in this course.", quirks.not_gradable_status)
    grade = gradebook.grade(db, item.id, person_id)
    latest = None
    if grade is not None:
        latest = grade.latest if quirks.score_replaces_override else grade.scored_at
    check_order(score.timestamp, None if latest is None else as_moment(latest), quirks)
    gradebook.record_score(
        db,
        score,
        line_item_id=item.id,
        person_id=person_id,
        value=shown_value(score, item.maximum, quirks),
        received_at=now,
        lifts_override=quirks.score_replaces_override,
    )
    return person_id


def result_json(grade: Grade, item: LineItem, urls: Urls, quirks: Quirks) -> dict[str, Any]:
    """A result as tools see it: what the gradebook shows, the teacher's own value if there is one (AGS 3.3)."""
    url = urls.line_item(item.course_id, item.id, item.deployment_id, "results")
    result: dict[str, Any] = {
        "id": f"{url}{'&' if '?' in url else '?'}user_id={grade.person_id}",
        "userId": str(grade.person_id),
        "scoreOf": urls.line_item(item.course_id, item.id, item.deployment_id),
    }
    if grade.shown is not None:
        result |= {"resultScore": as_number(grade.shown), "resultMaximum": as_number(item.maximum)}
    if grade.comment:
        result["comment"] = grade.comment
    if grade.overridden and grade.overridden_by is not None:
        result["scoringUserId"] = str(grade.overridden_by)
    if not quirks.moodle_results:
        return result
    if grade.shown is None:
        return {name: result[name] for name in ("id", "userId")}
    if grade.latest is not None:
        result["timestamp"] = as_moment(grade.latest).replace(microsecond=0).isoformat()
    return result
