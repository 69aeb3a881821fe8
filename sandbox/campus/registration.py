"""Dynamic registration (LTI Dynamic Registration 1.0): the platform's configuration, one-time tokens, the endpoint."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.campus import once, tools
from sandbox.campus.claims import VARIABLES
from sandbox.campus.config import Quirks
from sandbox.campus.context import current_campus
from sandbox.campus.store import as_text
from sandbox.campus.tools import Deployment, Tool, ToolDetails
from sandbox.campus.urls import CONFIGURATION_PATH, Urls, is_web_url
from sandbox.campus.values import parse_json
from sandbox.campus.vocabulary import (
    DEEP_LINKING_REQUEST,
    PLATFORM_CONFIGURATION,
    RESOURCE_LINK_REQUEST,
    SCOPES,
    TOOL_CONFIGURATION,
    VERSION,
)

blueprint = Blueprint("registration", __name__)

TOKEN_LIFETIME = timedelta(hours=1)


class RegistrationError(Exception):
    """The registration is refused: an error code and a sentence (RFC 7591 3.2.2, RFC 6750 3.1)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@blueprint.get(CONFIGURATION_PATH)
def openid_configuration() -> ResponseReturnValue:
    campus = current_campus()
    with campus.store.reading() as db:
        quirks = campus.quirks(db)
    return jsonify(configuration(campus.urls(quirks), quirks))


@blueprint.post("/lti/register")
def registration() -> Response:
    campus = current_campus()
    with campus.store.writing() as db:
        quirks = campus.quirks(db)
        try:
            hashed = _token_in_hand(db, campus.now(db))
            details = read_registration(request.get_data(cache=True), quirks)
            tool, deployment = tools.add(db, details, active=campus.config.auto_activate)
            db.execute("UPDATE registration_token SET used_at = ? WHERE hash = ?", (as_text(campus.now(db)), hashed))
        except RegistrationError as refusal:
            return _refused(refusal, quirks)
    return Response(json.dumps(registered(tool, deployment)), content_type="application/json; charset=utf-8")


def new_token(db: sqlite3.Connection, now: datetime) -> str:
    """A token that registers one tool, within an hour."""
    token = secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO registration_token (hash, expires_at) VALUES (?, ?)",
        (once.digest(token), as_text(now + TOKEN_LIFETIME)),
    )
    return token


def _token_in_hand(db: sqlite3.Connection, now: datetime) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise RegistrationError("invalid_token", "missing_registration_token", 401)
    hashed = once.digest(token.strip())
    row = db.execute("SELECT * FROM registration_token WHERE hash = ?", (hashed,)).fetchone()
    if row is None:
        raise RegistrationError("invalid_token", "malformed_registration_token", 401)
    if row["used_at"] is not None:
        raise RegistrationError("invalid_token", "token_already_used", 401)
    if row["expires_at"] <= as_text(now):
        raise RegistrationError("invalid_token", "token_expired", 401)
    return hashed


def _refused(refusal: RegistrationError, quirks: Quirks) -> Response:
    if quirks.moodle_registration:
        return Response(refusal.description, status=refusal.status, content_type="text/html; charset=utf-8")
    body = json.dumps({"error": refusal.error, "error_description": refusal.description})
    return Response(body, status=refusal.status, content_type="application/json")


def configuration(urls: Urls, quirks: Quirks) -> dict[str, Any]:
    """The document at the well-known address (Dynamic Registration 2.1)."""
    return {
        "issuer": urls.issuer,
        "authorization_endpoint": urls.authorization,
        "token_endpoint": urls.token,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": urls.jwks,
        "registration_endpoint": urls.registration,
        "scopes_supported": ["openid", *SCOPES],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        PLATFORM_CONFIGURATION: {
            "product_family_code": quirks.family,
            "version": VERSION,
            "messages_supported": [
                {"type": RESOURCE_LINK_REQUEST},
                {"type": DEEP_LINKING_REQUEST, "placements": ["ContentArea"]},
            ],
            "variables": list(VARIABLES),
        },
    }


def read_registration(body: bytes, quirks: Quirks) -> ToolDetails:
    """What a tool says about itself. Raises RegistrationError (Dynamic Registration 3.4)."""
    try:
        metadata = parse_json(body)
    except ValueError as problem:
        raise _bad("The body is not JSON.") from problem
    if not isinstance(metadata, dict):
        raise _bad("The body is not a JSON object.")
    _check_fixed(metadata)
    redirect_uris = metadata.get("redirect_uris")
    if not isinstance(redirect_uris, list) or not redirect_uris or not all(map(is_web_url, redirect_uris)):
        raise RegistrationError("invalid_redirect_uri", "redirect_uris must be a list of http or https addresses.")
    for name in ("initiate_login_uri", "jwks_uri"):
        if not is_web_url(metadata.get(name)):
            raise _bad(f"{name} must be an http or https address.")
    return _details(metadata, redirect_uris, quirks)


def _bad(description: str) -> RegistrationError:
    return RegistrationError("invalid_client_metadata", description)


def _check_fixed(metadata: Mapping[str, Any]) -> None:
    if metadata.get("application_type") != "web":
        raise _bad("application_type must be web.")
    if metadata.get("token_endpoint_auth_method") != "private_key_jwt":
        raise _bad("token_endpoint_auth_method must be private_key_jwt.")
    for name, needed in (("response_types", {"id_token"}), ("grant_types", {"implicit", "client_credentials"})):
        given = metadata.get(name)
        if not isinstance(given, list) or not needed <= {word for word in given if isinstance(word, str)}:
            raise _bad(f"{name} must have {' and '.join(sorted(needed))}.")
    for name in ("client_name", "scope"):
        if not isinstance(metadata.get(name), str) or not metadata[name].strip():
            raise _bad(f"{name} must be a text.")
    if not isinstance(metadata.get(TOOL_CONFIGURATION), dict):
        raise _bad(f"{TOOL_CONFIGURATION} is missing.")


def _details(metadata: Mapping[str, Any], redirect_uris: list[str], quirks: Quirks) -> ToolDetails:
    lti = metadata[TOOL_CONFIGURATION]
    target_link_uri = lti.get("target_link_uri")
    if not is_web_url(target_link_uri) or not isinstance(lti.get("domain"), str):
        raise _bad("The tool configuration needs a domain and a target_link_uri.")
    messages, claims = lti.get("messages"), lti.get("claims")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise _bad("messages must be a list of objects.")
    if not isinstance(claims, list):
        raise _bad("claims must be a list.")
    picker: dict[str, Any] = next((each for each in messages if each.get("type") == DEEP_LINKING_REQUEST), {})
    deep_link_uri = picker.get("target_link_uri", "")
    if deep_link_uri and not is_web_url(deep_link_uri):
        raise _bad("The target_link_uri of a message must be an http or https address.")
    custom = lti.get("custom_parameters") or {}
    if not isinstance(custom, dict) or not all(isinstance(text, str) for text in custom.values()):
        raise _bad("custom_parameters must be an object whose values are all texts.")
    if quirks.moodle_registration:
        custom = {key: text.partition("=")[0] for key, text in custom.items()}
    description = lti.get("description") or ""
    return ToolDetails(
        name=metadata["client_name"].strip(),
        description=description if isinstance(description, str) else "",
        login_url=metadata["initiate_login_uri"],
        redirect_uris=redirect_uris,
        jwks_url=metadata["jwks_uri"],
        target_link_uri=target_link_uri,
        deep_link_uri=deep_link_uri,
        custom=custom,
        scopes=[scope for scope in SCOPES if scope in metadata["scope"].split()],
        shares_names="name" in claims or "given_name" in claims,
        shares_emails="email" in claims,
    )


def registered(tool: Tool, deployment: Deployment) -> dict[str, Any]:
    """The answer to a registration: what the campus took from it, with the ids it gave."""
    names = ["name", "given_name", "family_name"] if tool.shares_names else []
    emails = ["email"] if tool.shares_emails else []
    messages = [{"type": RESOURCE_LINK_REQUEST, "target_link_uri": tool.target_link_uri}]
    if tool.deep_link_uri:
        messages.append({"type": DEEP_LINKING_REQUEST, "target_link_uri": tool.deep_link_uri})
    return {
        "client_id": tool.client_id,
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": tool.login_url,
        "redirect_uris": list(tool.redirect_uris),
        "client_name": tool.name,
        "jwks_uri": tool.jwks_url,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(tool.scopes),
        TOOL_CONFIGURATION: {
            "version": VERSION,
            "deployment_id": str(deployment.id),
            "domain": tool.target_link_uri.partition("://")[2].partition("/")[0],
            "target_link_uri": tool.target_link_uri,
            "description": tool.description,
            "messages": messages,
            "custom_parameters": dict(tool.custom),
            "claims": ["iss", "sub", *names, *emails],
        },
    }
