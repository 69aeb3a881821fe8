"""Names and Role Provisioning Services 2.0: the roster of a course."""

from __future__ import annotations

import sqlite3
from typing import Any

from flask import Blueprint, Response, request

from sandbox.campus import courses, links, services, tools
from sandbox.campus.claims import Occasion, identity, substituted, variables
from sandbox.campus.config import Quirks
from sandbox.campus.context import current_campus
from sandbox.campus.courses import Member
from sandbox.campus.links import Link
from sandbox.campus.services import AccessToken, ServiceError
from sandbox.campus.tools import Deployment, Tool
from sandbox.campus.values import whole_number
from sandbox.campus.vocabulary import (
    CLAIM,
    MEMBERSHIP,
    MEMBERSHIP_CONTAINER_TYPE,
    MEMBERSHIP_SCOPE,
    RESOURCE_LINK_REQUEST,
    short_role,
)

blueprint = Blueprint("nrps", __name__)


@blueprint.get("/lti/courses/<int:course_id>/bindings/<int:deployment_id>/memberships")
def memberships(course_id: int, deployment_id: int) -> Response:
    campus = current_campus()
    with campus.store.reading() as db:
        quirks = campus.quirks(db)
        token = services.allowed(db, campus.now(db), quirks, MEMBERSHIP_SCOPE)
        course = courses.find(db, course_id)
        if course is None:
            raise ServiceError(404, f"Not Found: Course {course_id} doesn't exist")
        deployment, tool = _bound(db, token, course_id, deployment_id)
        services.check_accept(MEMBERSHIP_CONTAINER_TYPE, quirks)
        link = _named_link(db, course_id, deployment_id)
        since = services.read_cursor(request.args.get("since"))
        found = [member for member in courses.members(db, course_id) if _listed(member, since, quirks)]
        as_of = services.read_cursor(request.args.get("as_of"))
        if as_of is None:
            as_of = courses.revision(db, course_id)
        page = services.cut(found, lambda member: member.person.id, services.requested_limit(quirks))
    urls = campus.urls(quirks)
    occasions = (Occasion(tool=tool, deployment=deployment, course=course, member=m, link=link) for m in page.rows)
    body = {
        "id": urls.memberships(course_id, deployment_id),
        "context": {"id": str(course.id), "label": course.label, "title": course.title},
        "members": [member_json(occasion, quirks) for occasion in occasions],
    }
    response = services.answer(body, MEMBERSHIP_CONTAINER_TYPE)
    # Differences count from when the first page was read: who changes while pages are turned must not be missed.
    moment = services.cursor(as_of)
    if page.next is not None:
        response.headers["Link"] = services.link_header(
            {"next": services.page_url(urls.base, request, page=page.next, as_of=moment)}
        )
    elif not quirks.hides_inactive:
        response.headers["Link"] = services.link_header({"differences": f"{body['id']}?since={moment}"})
    return response


def _bound(db: sqlite3.Connection, token: AccessToken, course_id: int, deployment_id: int) -> tuple[Deployment, Tool]:
    found = tools.deployment_with_tool(db, deployment_id)
    allowed = token.deployment_id in (None, deployment_id)
    if found is None or found[1].id != token.tool_id or not found[0].reaches(course_id) or not allowed:
        raise ServiceError(404, f"Not Found: the tool is not available in course {course_id}")
    return found


def _named_link(db: sqlite3.Connection, course_id: int, deployment_id: int) -> Link | None:
    """The link that `rlid` names: then each member comes with what a launch of it would say (NRPS 2.4)."""
    text = request.args.get("rlid")
    if text is None:
        return None
    link = links.find(db, whole_number(text) or 0)
    if link is None or link.course_id != course_id or link.deployment_id != deployment_id:
        raise ServiceError(404, f"Not Found: LTI link {text} doesn't exist")
    return link


def _listed(member: Member, since: int | None, quirks: Quirks) -> bool:
    """Whether this answer has the member: who left appears among the differences only (NRPS 2.3.1)."""
    if (quirks.hides_test_user and member.is_test_user) or (quirks.hides_inactive and member.status != "Active"):
        return False
    if since is None:
        if member.status == "Deleted":
            return False
    elif member.revision <= since:
        return False
    role = request.args.get("role")
    return role is None or role in member.roles or MEMBERSHIP + role in member.roles


def member_json(occasion: Occasion, quirks: Quirks) -> dict[str, Any]:
    """One member. With a link, also what a launch of it would say about this member (NRPS 2.4)."""
    member, tool, link = occasion.member, occasion.tool, occasion.link
    said: dict[str, Any] = {
        "status": member.status,
        "roles": [short_role(role) for role in member.roles] if quirks.short_roles else list(member.roles),
        "user_id": str(member.person.id),
    }
    if tool.shares_names or quirks.sourcedid_always:
        said["lis_person_sourcedid"] = member.person.sourcedid
    said |= identity(occasion)
    if link is not None:
        message: dict[str, Any] = {CLAIM + "message_type": RESOURCE_LINK_REQUEST}
        custom = substituted({**tool.custom, **link.custom}, variables(occasion, quirks))
        if custom:
            message[CLAIM + "custom"] = custom
        said["message"] = [message]
    return said
