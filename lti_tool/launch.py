"""The launch itself (1EdTech Security Framework 1.0 section 5.1.3): verify, use up the login, open a session.

The order matters. Nothing is stored and no login is used up before the signature, the claims and the browser's
cookie are found good; then one transaction uses up the login and makes the session. A browser without the cookie
gets a page that proves itself by the platform's storage or asks the person: a launch is never bound silently.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, render_template, request

from core.activities import launches, platforms, sessions
from core.activities.addresses import origin
from core.activities.launches import Accepted, Launch, Login, NotAccepted
from core.events import security_event
from core.secrets import digest, fresh, public_id
from lti_tool import messages, verify
from lti_tool.headers import comes_from_us
from lti_tool.login import cookie_name, storage_key
from lti_tool.refusals import (
    BAD_REQUEST,
    DEPLOYMENT_UNKNOWN,
    DISABLED,
    FOREIGN_PAGE,
    NO_COURSE,
    NOT_APPROVED,
    NOT_BOUND,
    PLATFORM_ERROR,
    SESSION_ENDED,
    STATE_MISSING,
    STATE_UNKNOWN,
    STATE_USED,
    SUBJECT_MISSING,
    SUSPENDED,
    TOKEN_INVALID,
    Refused,
)
from lti_tool.wiring import wiring

blueprint = Blueprint("launch", __name__)

NOT_ACCEPTED = {
    "used": STATE_USED,
    "deployment_unknown": DEPLOYMENT_UNKNOWN,
    "disabled": DISABLED,
    "suspended": SUSPENDED,
    "subject_missing": SUBJECT_MISSING,
    "no_course": NO_COURSE,
}
# OpenID Connect Core 1.0 section 3.1.2.6: the person is not, or not sufficiently, signed in over there
LOGIN_ERRORS = {"login_required", "interaction_required", "account_selection_required", "consent_required"}


@blueprint.post("/lti/launch")
def launch() -> Response:
    state = request.form.get("state")
    if not state:
        raise Refused(STATE_MISSING, "no state")
    login = _login(state)
    if "error" in request.form:
        _stopped(login, request.form["error"])
    text = request.form.get("id_token")
    if not text:
        raise Refused(TOKEN_INVALID, "no id_token")
    claims = _claims(login, text)
    found = messages.read(claims, tool_url=wiring().settings.url, development=wiring().settings.development)
    if login.deployment_hint is not None and login.deployment_hint != found.deployment_id:
        raise Refused(TOKEN_INVALID, "deployment_id differs from that of the login")
    bound = _is_bound(login, state)
    code = fresh()
    accepted = _accept(login, found, code, bound=bound)
    _note(claims, accepted, bound=bound)
    if not bound:
        return _ask(login, state, accepted, code)
    response = make_response("", 303, {"Location": open_path(accepted.platform_public_id, code)})
    response.delete_cookie(cookie_name(state), path="/", secure=True, httponly=True, samesite="None", partitioned=True)
    return response


def open_path(platform_public_id: str, code: str) -> str:
    """The empty page that trades the code for a session. A fragment is sent to no server and logged by none."""
    return f"/p/{platform_public_id}/open#{code}"


def _login(state: str) -> Login:
    with wiring().database.read() as session:
        login = launches.login_of(session, digest(state), now=wiring().now())
    if login is None:
        raise Refused(STATE_UNKNOWN, "no login with this state in the last ten minutes")
    g.registration = login.registration.public_id
    if login.status != "pending":
        raise Refused(STATE_USED, "this login was answered already")
    if login.registration.status != "active":
        raise Refused(DISABLED if login.registration.status == "disabled" else NOT_APPROVED)
    return login


def _stopped(login: Login, error: str) -> None:
    """The platform answered with an OAuth error: the login is over. Its own words are neither shown nor logged."""
    with wiring().database.write() as session:
        launches.consume(session, login.id, status="refused")
    raise Refused(SESSION_ENDED if error in LOGIN_ERRORS else PLATFORM_ERROR, "the platform answered with an error")


def _claims(login: Login, text: str) -> Mapping[str, Any]:
    token = verify.parse(text)
    keys = wiring().key_sets.with_kid(login.registration, token.kid)
    with wiring().database.read() as session:
        trusted = platforms.trusted_audiences(session, login.registration.issuer)
    expected = verify.Expected(login.registration.issuer, login.registration.client_id, login.nonce_hash, trusted)
    return verify.verified(token, keys, expected, wiring().now())


def _is_bound(login: Login, state: str) -> bool:
    """Whether this browser began the login; a cookie of this login with another value is a forgery. Raises Refused."""
    proof = request.cookies.get(cookie_name(state))
    if proof is None:
        return False
    if not hmac.compare_digest(digest(proof), login.binding_hash):
        raise Refused(NOT_BOUND, "the cookie of this login has another value")
    return True


def _accept(login: Login, found: Launch, code: str, *, bound: bool) -> Accepted:
    with wiring().database.write() as session:
        outcome = launches.accept(
            session,
            login,
            found,
            code_hash=digest(code),
            bound=bound,
            new_public_id=public_id(),
            now=wiring().now(),
        )
        if isinstance(outcome, NotAccepted) or not bound:  # a page follows, not a redirect
            g.frame_origins = platforms.frame_origins(session, outcome.platform_public_id)
    if isinstance(outcome, NotAccepted):
        raise Refused(NOT_ACCEPTED[outcome.why], f"platform {outcome.platform_public_id}")
    return outcome


def _note(claims: Mapping[str, Any], accepted: Accepted, *, bound: bool) -> None:
    security_event(
        "launch_accepted",
        level=logging.INFO,
        registration=g.registration,
        platform=accepted.platform_public_id,
        role=accepted.role,
        bound=bound,
    )
    if verify.lives_unusually_long(claims):
        security_event("token_lives_unusually_long", registration=g.registration)


def _ask(login: Login, state: str, accepted: Accepted, ref: str) -> Response:
    """The page of a browser without our cookie: the platform's storage answers for it, or the person does."""
    with wiring().database.read() as session:
        who = sessions.unbound(session, accepted.session_id)
    page = render_template(
        "lti/bind.html",
        who=who,
        ref=ref,
        target=login.storage_target,
        target_origin=origin(login.registration.authorization_url),
        key=storage_key(state),
    )
    return make_response(page)


@blueprint.post("/lti/bind")
def bind() -> Response:
    """Bind a launch to this browser: JSON {"launch": reference, "value": from storage} or {"launch": ...,
    "confirmed": true}."""
    if not comes_from_us(request.headers, wiring().origin):
        raise Refused(FOREIGN_PAGE, "bind")
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict) or not isinstance(asked.get("launch"), str):
        raise Refused(BAD_REQUEST, "bind without a launch")
    value = asked.get("value")
    if not isinstance(value, str) and asked.get("confirmed") is not True:
        raise Refused(BAD_REQUEST, "bind without a proof")
    code = fresh()
    with wiring().database.write() as session:
        outcome = sessions.bind(
            session,
            digest(asked["launch"]),
            storage_hash=digest(value) if isinstance(value, str) else None,
            code_hash=digest(code),
            now=wiring().now(),
        )
    if outcome == "unknown":
        raise Refused(STATE_UNKNOWN, "no launch waits under this reference")
    if outcome == "wrong":
        raise Refused(NOT_BOUND, "the platform's storage gave another value")
    return jsonify({"location": open_path(outcome, code)})
