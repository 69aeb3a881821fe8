"""The browser's side of OpenID Connect: key set and authorization endpoint (Security Framework 5.1.1)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.campus import claims, courses, faults, gradebook, launches, settings, tools
from sandbox.campus.claims import Occasion, Platform
from sandbox.campus.config import Quirks
from sandbox.campus.context import Campus, current_campus
from sandbox.campus.keys import sign
from sandbox.campus.sealing import BrokenSealError, ExpiredSealError, unseal
from sandbox.campus.tools import Tool
from sandbox.campus.vocabulary import MENTOR

blueprint = Blueprint("oidc", __name__)

KEEP_SECONDS = 300
"""How long a tool may keep the key set; a replaced key stays in it for much longer."""


class UnsafeRequestError(Exception):
    """The request names no client or no address that an answer could safely be sent to (RFC 6749 4.1.2.1)."""


class AuthorizationError(Exception):
    """The tool gets an error instead of an id_token (OpenID Connect Core 3.1.2.6)."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Claims and the key to sign them with, taken out of the transaction so that signing holds nobody up."""

    claims: dict[str, Any]
    kid: str
    key: RSAPrivateKey


@blueprint.get("/lti/jwks")
def jwks() -> ResponseReturnValue:
    campus = current_campus()
    with campus.store.reading() as db:
        key_set = campus.keys.key_set(db, campus.now(db), wrong=faults.current("wrong_keys") is not None)
    response = jsonify(key_set)
    response.headers["Cache-Control"] = f"public, max-age={KEEP_SECONDS}"
    return response


@blueprint.route("/lti/authorize", methods=["GET", "POST"])
def authorize() -> ResponseReturnValue:
    campus = current_campus()
    parameters = request.form if request.method == "POST" else request.args
    repeated = [name for name in parameters if len(parameters.getlist(name)) > 1]
    with campus.store.reading() as db:
        try:
            tool, redirect_uri = _addressee(db, parameters)
        except UnsafeRequestError as refusal:
            page = render_template("refused.html", title="This launch was stopped", reason=str(refusal))
            return Response(page, status=400)
        state = {"state": parameters["state"]} if "state" in parameters else {}
        try:
            if repeated:
                raise AuthorizationError("invalid_request", f"Repeated {repeated[0]}")
            answer = _answer(campus, db, tool, parameters)
        except AuthorizationError as refusal:
            description = {"error_description": refusal.description} if refusal.description else {}
            return form_post(redirect_uri, {"error": refusal.error, **description, **state})
    return form_post(redirect_uri, {"id_token": _signed(campus, answer), **state})


def form_post(url: str, fields: Mapping[str, str]) -> Response:
    """A page that posts `fields` to the tool by itself (OAuth 2.0 Form Post Response Mode)."""
    changes = faults.current("id_token") or {}
    fields = faults.altered(fields, changes.get("form", {}))
    return Response(render_template("form_post.html", url=url, fields=fields))


def _addressee(db: sqlite3.Connection, parameters: Mapping[str, str]) -> tuple[Tool, str]:
    tool = tools.by_client_id(db, parameters.get("client_id", ""))
    if tool is None:
        raise UnsafeRequestError("The tool gave a client_id that this campus does not know.")
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in tool.redirect_uris:
        raise UnsafeRequestError(
            "The tool gave a redirect_uri that is not, letter by letter, one of those it registered."
        )
    return tool, redirect_uri


def _answer(campus: Campus, db: sqlite3.Connection, tool: Tool, parameters: Mapping[str, str]) -> Answer:
    now, quirks = campus.now(db), campus.quirks(db)
    check_parameters(parameters, quirks)
    if not tool.active:
        raise AuthorizationError("unauthorized_client", "The tool is not activated")
    person_id = _signed_in(db, parameters.get("login_hint", ""), now)
    message = _message(db, parameters.get("lti_message_hint", ""), quirks, now)
    if message["person"] != person_id:
        raise AuthorizationError("access_denied", "login_hint and lti_message_hint belong to different launches")
    guid = settings.read(db, "guid") or ""
    platform = Platform(name=campus.config.name, guid=guid, urls=campus.urls(quirks), quirks=quirks)
    kid, key = campus.keys.current(db)
    found = _claims(db, tool, message, platform, nonce=parameters["nonce"], now=now)
    return Answer(claims=found, kid=kid, key=key)


def check_parameters(parameters: Mapping[str, str], quirks: Quirks) -> None:
    """Raise AuthorizationError unless the parameters are as Security Framework 5.1.1.2 has them."""
    if parameters.get("response_type") != "id_token":
        raise AuthorizationError("unsupported_response_type", "Invalid response_type")
    if parameters.get("scope") != "openid":
        raise AuthorizationError("invalid_scope", "Invalid scope")
    if parameters.get("response_mode") != "form_post":
        raise AuthorizationError("invalid_request", "Invalid response_mode")
    prompt = parameters.get("prompt")
    if prompt != "none" and not (prompt is None and quirks.prompt_optional):
        raise AuthorizationError("invalid_request", "Invalid prompt")
    for name in ("nonce", "login_hint", "lti_message_hint"):
        if not parameters.get(name):
            raise AuthorizationError("invalid_request", f"Missing {name}")


def _signed_in(db: sqlite3.Connection, login_hint: str, now: datetime) -> int:
    try:
        hint = unseal(login_hint, secret=settings.secret(db), purpose=launches.LOGIN_HINT, now=now)
    except ExpiredSealError as problem:
        raise AuthorizationError("login_required", "The login has expired") from problem
    except BrokenSealError as problem:
        raise AuthorizationError("access_denied") from problem
    person = courses.person(db, hint["person"])
    if person is None or person.session_number != hint["session"]:
        raise AuthorizationError("login_required", "The person has signed out")
    return person.id


def _message(db: sqlite3.Connection, text: str, quirks: Quirks, now: datetime) -> dict[str, Any]:
    try:
        return launches.read_message_hint(text, suffix=quirks.hint_suffix, secret=settings.secret(db), now=now)
    except ExpiredSealError as problem:
        raise AuthorizationError("invalid_request", "The lti_message_hint has expired") from problem
    except ValueError as problem:
        raise AuthorizationError("invalid_request", "Invalid lti_message_hint") from problem


def _claims(
    db: sqlite3.Connection, tool: Tool, message: Mapping[str, Any], platform: Platform, *, nonce: str, now: datetime
) -> dict[str, Any]:
    if "link" in message:
        occasion = _checked(tool, launches.occasion_of_link(db, message["link"], message["person"]))
        mentored = []
        if MENTOR in occasion.member.roles:
            everybody = courses.members(db, occasion.course.id)
            mentored = [member.person.id for member in everybody if member.gradable and not member.is_test_user]
        return claims.resource_link(
            occasion,
            platform,
            nonce=nonce,
            now=now,
            document_target=message["document_target"],
            line_item_ids=[item.id for item in gradebook.coupled(db, message["link"])],
            mentored=mentored[:1],
        )
    picker = launches.deep_link_request(db, message["request"])
    occasion = _checked(tool, None if picker is None else launches.occasion_of_request(db, picker))
    assert picker is not None
    return claims.deep_linking(
        occasion,
        platform,
        nonce=nonce,
        now=now,
        return_url=platform.urls.deep_link_return(picker.id),
        accept_types=picker.accept_types,
        accept_multiple=picker.accept_multiple,
        data=picker.data,
    )


def _checked(tool: Tool, occasion: Occasion | None) -> Occasion:
    if occasion is None or occasion.tool.id != tool.id or occasion.member.status != "Active":
        raise AuthorizationError("access_denied", "The person cannot open this activity")
    return occasion


def _signed(campus: Campus, answer: Answer) -> str:
    changes = faults.current("id_token") or {}
    key = campus.keys.decoy() if changes.get("wrong_key") else answer.key
    header = faults.altered({"kid": answer.kid}, changes.get("header", {}))
    return sign(faults.altered(answer.claims, changes.get("claims", {})), key, header)
