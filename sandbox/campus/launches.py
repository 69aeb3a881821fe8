"""The start of a launch: third-party initiated login (Security Framework 5.1.1.1), and the hints that go with it."""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.campus import courses, links, settings, tools
from sandbox.campus.claims import Occasion
from sandbox.campus.context import Campus
from sandbox.campus.courses import Member
from sandbox.campus.links import DocumentTarget, Link
from sandbox.campus.sealing import seal, unseal
from sandbox.campus.store import as_text
from sandbox.campus.tools import Deployment, Tool
from sandbox.campus.values import parse_json

HINT_LIFETIME = timedelta(minutes=10)
LOGIN_HINT = "login_hint"
MESSAGE_HINT = "lti_message_hint"


class LaunchError(ValueError):
    """The launch cannot start or go on; `str()` says why in a sentence for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginInitiation:
    """The request that the browser makes to the tool's login URL."""

    method: str
    url: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepLinkRequest:
    """One opening of a tool's picker. Its `data` must come back, and it can be answered once."""

    id: str
    course_id: int
    deployment_id: int
    person_id: int
    data: str | None
    accept_types: tuple[str, ...]
    accept_multiple: bool
    used_at: str | None


def open_link(
    campus: Campus, db: sqlite3.Connection, link: Link, member: Member, document_target: DocumentTarget
) -> LoginInitiation:
    """Start a launch of an activity link. Raises LaunchError."""
    _, tool = _usable(db, link.deployment_id, member)
    return _initiation(
        campus,
        db,
        tool,
        member,
        target_link_uri=link.target_link_uri,
        deployment_id=link.deployment_id,
        message={"link": link.id, "document_target": document_target, "person": member.person.id},
    )


def open_picker(campus: Campus, db: sqlite3.Connection, deployment_id: int, member: Member) -> LoginInitiation:
    """Start deep linking; `db` must be writing. Raises LaunchError."""
    deployment, tool = _usable(db, deployment_id, member)
    if not member.teaches:
        raise LaunchError("Only a teacher adds activities.")
    if not deployment.reaches(member.course_id):
        raise LaunchError("This tool is not available in this course.")
    quirks, request_id = campus.quirks(db), secrets.token_urlsafe(24)
    db.execute(
        "INSERT INTO deep_link_request (id, course_id, deployment_id, person_id, data, accept_types, accept_multiple,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            request_id,
            member.course_id,
            deployment_id,
            member.person.id,
            secrets.token_urlsafe(32) if quirks.deep_link_data else None,
            json.dumps(quirks.accept_types),
            quirks.accept_multiple,
            as_text(campus.now(db)),
        ),
    )
    return _initiation(
        campus,
        db,
        tool,
        member,
        target_link_uri=tool.deep_link_uri or tool.target_link_uri,
        deployment_id=deployment_id,
        message={"request": request_id, "person": member.person.id},
    )


def deep_link_request(db: sqlite3.Connection, request_id: str) -> DeepLinkRequest | None:
    row = db.execute("SELECT * FROM deep_link_request WHERE id = ?", (request_id,)).fetchone()
    if row is None:
        return None
    return DeepLinkRequest(
        id=row["id"],
        course_id=row["course_id"],
        deployment_id=row["deployment_id"],
        person_id=row["person_id"],
        data=row["data"],
        accept_types=tuple(json.loads(row["accept_types"])),
        accept_multiple=bool(row["accept_multiple"]),
        used_at=row["used_at"],
    )


def _usable(db: sqlite3.Connection, deployment_id: int, member: Member) -> tuple[Deployment, Tool]:
    found = tools.deployment_with_tool(db, deployment_id)
    if found is None or not found[1].active:
        raise LaunchError("This tool is not activated yet. Activate it on the tools page first.")
    if member.status != "Active":
        raise LaunchError("This person does not take part in the course any more.")
    return found


def _initiation(
    campus: Campus,
    db: sqlite3.Connection,
    tool: Tool,
    member: Member,
    *,
    target_link_uri: str,
    deployment_id: int,
    message: dict[str, Any],
) -> LoginInitiation:
    now, quirks, secret = campus.now(db), campus.quirks(db), settings.secret(db)
    who = {"person": member.person.id, "session": member.person.session_number}
    sealed = seal(message, secret=secret, purpose=MESSAGE_HINT, now=now, lifetime=HINT_LIFETIME)
    parameters = {
        "iss": campus.urls(quirks).issuer,
        "target_link_uri": target_link_uri,
        "login_hint": seal(who, secret=secret, purpose=LOGIN_HINT, now=now, lifetime=HINT_LIFETIME),
        # JSON, as Moodle's hint is: the tool must escape it and give it back unaltered.
        "lti_message_hint": json.dumps({"message": sealed}) + quirks.hint_suffix,
        "client_id": tool.client_id,
        "lti_deployment_id": str(deployment_id),
    }
    if quirks.frame_messages:
        parameters["lti_storage_target"] = quirks.storage_frame or "_parent"
    return LoginInitiation(method=tool.login_method, url=tool.login_url, parameters=parameters)


def read_message_hint(text: str, *, suffix: str, secret: str, now: datetime) -> dict[str, Any]:
    """What the message hint says. Raises BrokenSealError or ExpiredSealError, and ValueError if it is none of ours."""
    if not text.endswith(suffix):
        raise ValueError("altered at its end")
    values = parse_json(text.removesuffix(suffix))
    if not isinstance(values, dict) or not isinstance(values.get("message"), str):
        raise ValueError("not a message hint")
    return unseal(values["message"], secret=secret, purpose=MESSAGE_HINT, now=now)


def occasion_of_link(db: sqlite3.Connection, link_id: int, person_id: int) -> Occasion | None:
    """The link as this person meets it; None if the link or the membership is gone."""
    link = links.find(db, link_id)
    return None if link is None else _occasion(db, link.course_id, link.deployment_id, person_id, link)


def occasion_of_request(db: sqlite3.Connection, request: DeepLinkRequest) -> Occasion | None:
    return _occasion(db, request.course_id, request.deployment_id, request.person_id, None)


def _occasion(
    db: sqlite3.Connection, course_id: int, deployment_id: int, person_id: int, link: Link | None
) -> Occasion | None:
    course, member = courses.find(db, course_id), courses.member(db, course_id, person_id)
    found = tools.deployment_with_tool(db, deployment_id)
    if course is None or member is None or found is None:
        return None
    deployment, tool = found
    return Occasion(tool=tool, deployment=deployment, course=course, member=member, link=link)
