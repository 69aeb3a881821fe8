"""The return from a tool's picker: a signed response is checked whole, then its items become activities."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from sandbox.campus import courses, gradebook, launches, links, once, tools
from sandbox.campus.content_items import Activity, read_items
from sandbox.campus.context import Campus, current_campus
from sandbox.campus.launches import DeepLinkRequest
from sandbox.campus.links import Link
from sandbox.campus.store import as_text
from sandbox.campus.tool_keys import ToolTokenError, check_times, names_audience
from sandbox.campus.tools import Tool
from sandbox.campus.vocabulary import CLAIM, DEEP_LINKING_CLAIM, DEEP_LINKING_RESPONSE, VERSION

blueprint = Blueprint("deep_linking", __name__)


class ResponseError(Exception):
    """The response is refused as a whole; `problems` are sentences for people."""

    def __init__(self, problems: list[str], status: int = 400) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems
        self.status = status


@blueprint.post("/lti/deep_linking/<request_id>")
def deep_linking_response(request_id: str) -> Response:
    campus = current_campus()
    try:
        picker, placed, said = _take(campus, request_id, request.form.get("JWT", ""))
    except ResponseError as refusal:
        page = render_template(
            "refused.html",
            title="Nothing was added",
            reason="The tool's answer does not hold. The course is as it was.",
            problems=refusal.problems,
        )
        return Response(page, status=refusal.status)
    target = url_for(
        "pages.course",
        person_id=picker.person_id,
        course_id=picker.course_id,
        added=",".join(str(link.id) for link in placed),
    )
    return Response(render_template("leave_frame.html", target=target, placed=placed, said=said))


def _take(campus: Campus, request_id: str, token: str) -> tuple[DeepLinkRequest, list[Link], list[str]]:
    """Check the response and place its activities. Returns the messages for the teacher too. Raises ResponseError."""
    with campus.store.reading() as db:
        picker = launches.deep_link_request(db, request_id)
        found = None if picker is None else tools.deployment_with_tool(db, picker.deployment_id)
    if picker is None or found is None:
        raise ResponseError(["The campus did not ask for this, or forgot it."], 404)
    _, tool = found
    try:
        # Outside any transaction: this may ask the tool for its keys.
        claims = campus.tool_keys.verified(token, tool)
    except ToolTokenError as problem:
        raise ResponseError([str(problem)]) from problem
    with campus.store.writing() as db:
        now, quirks = campus.now(db), campus.quirks(db)
        problems = claim_problems(claims, picker, tool, campus.urls(quirks).issuer, now)
        if quirks.empty_custom_crashes and has_empty_custom(claims):
            raise ResponseError(["The campus broke down over an empty custom object, as Moodle 4.5 does."], 404)
        activities, wrong = read_items(claims.get(DEEP_LINKING_CLAIM + "content_items"), picker, tool, quirks)
        if problems or wrong:
            raise ResponseError(problems + wrong)
        _use_once(db, claims, picker, tool, now)
        placed = [_place(db, picker, activity) for activity in activities]
    texts = (claims.get(DEEP_LINKING_CLAIM + name) for name in ("msg", "errormsg"))
    return picker, placed, [text for text in texts if isinstance(text, str)]


def claim_problems(
    claims: dict[str, Any], picker: DeepLinkRequest, tool: Tool, issuer: str, now: datetime
) -> list[str]:
    """What is wrong with the claims of a response (Deep Linking 4.5, Security Framework 5.2)."""
    problems = []
    try:
        check_times(claims, now)
    except ToolTokenError as problem:
        problems.append(str(problem))
    if not names_audience(claims, issuer):
        problems.append(f"aud must be {issuer}.")
    if not isinstance(claims.get("nonce"), str) or not claims["nonce"]:
        problems.append("nonce is missing.")
    expected = {
        "iss": tool.client_id,
        CLAIM + "deployment_id": str(picker.deployment_id),
        CLAIM + "message_type": DEEP_LINKING_RESPONSE,
        CLAIM + "version": VERSION,
    }
    problems += [
        f"{name.removeprefix(CLAIM)} must be {value}." for name, value in expected.items() if claims.get(name) != value
    ]
    data = DEEP_LINKING_CLAIM + "data"
    if picker.data is None and data in claims:
        problems.append("data must be left out, because none was sent.")
    if picker.data is not None and claims.get(data) != picker.data:
        problems.append("data must be what was sent.")
    return problems


def has_empty_custom(claims: dict[str, Any]) -> bool:
    items = claims.get(DEEP_LINKING_CLAIM + "content_items")
    return isinstance(items, list) and any(isinstance(item, dict) and item.get("custom") == {} for item in items)


def _use_once(
    db: sqlite3.Connection, claims: dict[str, Any], picker: DeepLinkRequest, tool: Tool, now: datetime
) -> None:
    expires_at = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(minutes=1)
    if not once.use(db, kind="nonce", client_id=tool.client_id, value=claims["nonce"], expires_at=expires_at, now=now):
        raise ResponseError(["This answer was given before (nonce)."], 409)
    cursor = db.execute(
        "UPDATE deep_link_request SET used_at = ? WHERE id = ? AND used_at IS NULL", (as_text(now), picker.id)
    )
    if cursor.rowcount != 1:
        raise ResponseError(["The picker was answered before. Open it again from the course."], 409)
    member = courses.member(db, picker.course_id, picker.person_id)
    if member is None or not member.teaches or member.status != "Active":
        raise ResponseError(["This person no longer teaches the course."], 403)


def _place(db: sqlite3.Connection, picker: DeepLinkRequest, activity: Activity) -> Link:
    link = links.add(db, activity.link, course_id=picker.course_id, deployment_id=picker.deployment_id)
    if activity.line_item is not None:
        gradebook.add_line_item(
            db,
            activity.line_item,
            course_id=picker.course_id,
            deployment_id=picker.deployment_id,
            link_id=link.id,
        )
    return link
