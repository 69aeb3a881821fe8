"""The token endpoint: client_credentials with a signed assertion (Security Framework 4, RFC 6749 4.4, RFC 7523)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from flask import Blueprint, Response, request

from sandbox.campus import once, tools
from sandbox.campus.context import Campus, current_campus
from sandbox.campus.store import as_text
from sandbox.campus.tool_keys import ToolTokenError, check_times, names_audience
from sandbox.campus.tools import Tool
from sandbox.campus.vocabulary import CLAIM

blueprint = Blueprint("tokens", __name__)

LIFETIME = timedelta(hours=1)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
UNPARSABLE = '{\n  "error" : ""kid" invalid, unable to lookup correct key"\n}'
"""What Moodle answers to an unknown key id: it is not JSON, and a tool must live with that."""


class TokenError(Exception):
    """The token request is refused with an error of RFC 6749 5.2."""

    def __init__(self, error: str, description: str, *, unknown_kid: bool = False) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.unknown_kid = unknown_kid


@blueprint.post("/lti/token")
def token() -> Response:
    campus = current_campus()
    with campus.store.reading() as db:
        quirks = campus.quirks(db)
    media_type = "text/html; charset=utf-8" if quirks.moodle_token_answers else "application/json"
    try:
        body, status = json.dumps(_grant(campus, request.form)), 200
    except TokenError as refusal:
        body, status = json.dumps({"error": refusal.error, "error_description": refusal.description}), 400
        if quirks.moodle_token_answers and refusal.unknown_kid:
            body = UNPARSABLE
    response = Response(body, status=status, content_type=media_type)
    response.headers.update({"Cache-Control": "no-store", "Pragma": "no-cache"})
    return response


def _grant(campus: Campus, form: Mapping[str, str]) -> dict[str, Any]:
    if not form.get("grant_type"):
        raise TokenError("invalid_request", "grant_type is missing.")
    if form["grant_type"] != "client_credentials":
        raise TokenError("unsupported_grant_type", "Only client_credentials is supported.")
    if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
        raise TokenError("invalid_request", "client_assertion or its type is missing.")
    tool = _claimed_client(campus, form["client_assertion"])
    try:
        # Outside any transaction: this may ask the tool for its keys.
        claims = campus.tool_keys.verified(form["client_assertion"], tool)
    except ToolTokenError as problem:
        raise TokenError("invalid_client", str(problem), unknown_kid=problem.unknown_kid) from problem
    with campus.store.writing() as db:
        now = campus.now(db)
        _check_assertion(claims, tool, campus.urls(campus.quirks(db)).token, now)
        expires_at = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(minutes=1)
        if not once.use(db, kind="jti", client_id=tool.client_id, value=claims["jti"], expires_at=expires_at, now=now):
            raise TokenError("invalid_client", "This assertion was used before (jti).")
        deployment_id = _deployment(claims, {str(d.id): d.id for d in tools.deployments(db, tool.id)})
        scopes = granted_scopes(form.get("scope", ""), tool)
        access_token = secrets.token_urlsafe(32)
        db.execute("DELETE FROM access_token WHERE expires_at < ?", (as_text(now),))
        db.execute(
            "INSERT INTO access_token (hash, tool_id, deployment_id, scopes, expires_at) VALUES (?, ?, ?, ?, ?)",
            (once.digest(access_token), tool.id, deployment_id, json.dumps(scopes), as_text(now + LIFETIME)),
        )
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": int(LIFETIME.total_seconds()),
        "scope": " ".join(scopes),
    }


def _claimed_client(campus: Campus, assertion: str) -> Tool:
    try:
        client_id = jwt.decode(assertion, options={"verify_signature": False}).get("iss")
    except jwt.PyJWTError as problem:
        raise TokenError("invalid_client", "The assertion is not a JWT.") from problem
    with campus.store.reading() as db:
        tool = tools.by_client_id(db, client_id) if isinstance(client_id, str) else None
    if tool is None or not tool.active:
        raise TokenError("invalid_client", "This client is not registered or not activated.")
    return tool


def _check_assertion(claims: dict[str, Any], tool: Tool, audience: str, now: datetime) -> None:
    try:
        check_times(claims, now)
    except ToolTokenError as problem:
        raise TokenError("invalid_client", str(problem)) from problem
    if claims.get("sub") != tool.client_id:
        raise TokenError("invalid_client", "sub must be the client_id, like iss.")
    if not names_audience(claims, audience):
        raise TokenError("invalid_client", f"aud must be {audience}.")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise TokenError("invalid_client", "jti is missing.")


def _deployment(claims: dict[str, Any], own: Mapping[str, int]) -> int | None:
    name = CLAIM + "deployment_id"
    if name not in claims:
        return None
    if claims[name] not in own:
        raise TokenError("invalid_client", "This deployment does not belong to the client.")
    return own[claims[name]]


def granted_scopes(asked: str, tool: Tool) -> list[str]:
    """Scopes that are both asked for and allowed. Raises TokenError if none is left."""
    granted = [scope for scope in dict.fromkeys(asked.split()) if scope in tool.scopes]
    if not granted:
        raise TokenError("invalid_scope", "None of these scopes is allowed to the tool.")
    return granted
