"""Third-party initiated login (1EdTech Security Framework 1.0 section 5.1.1): the platform asks, we send the
browser back to it.

The browser that begins a login must be the one that ends it. Its proof is a cookie of this login alone, so that two
frames of one page cannot overwrite each other's, and, where the platform offers it, a value kept in the platform's
own storage.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request

from core.activities import launches, platforms
from core.activities.addresses import is_web_address, origin
from core.activities.launches import LOGIN_LIFE, NewLogin
from core.activities.platforms import Registered
from core.secrets import digest, fresh
from lti_tool.refusals import (
    CLIENT_AMBIGUOUS,
    CLIENT_UNKNOWN,
    DISABLED,
    INCOMPLETE,
    ISSUER_UNKNOWN,
    NOT_APPROVED,
    TARGET_FOREIGN,
    Refused,
)
from lti_tool.wiring import wiring

blueprint = Blueprint("login", __name__)

SHOWN = 120  # characters of an unknown issuer that the page repeats
NEEDED = ("iss", "login_hint", "target_link_uri")
IDS = ("iss", "client_id", "lti_deployment_id")
_FRAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def cookie_name(state: str) -> str:
    """The name of one login's cookie. `__Host-` keeps other hosts of our domain from planting it."""
    return f"__Host-hl-{digest(state)[:16]}"


def storage_key(state: str) -> str:
    """The name of one login's value in the platform's storage; it holds the state, so that logins do not collide."""
    return f"heirloom-{state}"


def authorization_request(
    registration: Registered, asked: Mapping[str, str], *, redirect_uri: str, state: str, nonce: str
) -> str:
    """Where the browser goes next: the registered address with our parameters appended to those that it has
    (section 5.1.1.2)."""
    parts = urlsplit(registration.authorization_url)
    parameters = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": registration.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "nonce": nonce,
        "login_hint": asked["login_hint"],
    }
    if "lti_message_hint" in asked:
        parameters["lti_message_hint"] = asked["lti_message_hint"]
    query = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=query))


def registration_for(found: list[Registered], *, client_named: bool, issuer_known: bool, issuer: str) -> Registered:
    """The one registration that a login means. Raises Refused; never picks one of several."""
    if not found:
        if client_named and issuer_known:
            raise Refused(CLIENT_UNKNOWN, "client_id is not registered for this issuer")
        raise Refused(ISSUER_UNKNOWN, "issuer is not registered", issuer=issuer[:SHOWN])
    if len(found) > 1:
        raise Refused(CLIENT_AMBIGUOUS, f"{len(found)} clients and no client_id")
    if found[0].status == "pending":
        raise Refused(NOT_APPROVED)
    if found[0].status == "disabled":
        raise Refused(DISABLED)
    return found[0]


@blueprint.route("/lti/login", methods=["GET", "POST"])
def login() -> Response:
    asked = request.form if request.method == "POST" else request.args
    missing = [name for name in NEEDED if not asked.get(name)]
    if missing:
        raise Refused(INCOMPLETE, "missing " + ", ".join(missing))
    odd = [name for name in IDS if not _is_id(asked.get(name, ""))]
    if odd:
        raise Refused(INCOMPLETE, "not an id: " + ", ".join(odd))
    if not is_web_address(asked["target_link_uri"], development=True) or (
        origin(asked["target_link_uri"]) != wiring().origin
    ):
        raise Refused(TARGET_FOREIGN, "target_link_uri of the login")
    registration = _registration(asked)
    g.registration = registration.public_id
    state, nonce, proof, kept = fresh(), fresh(), fresh(), fresh()
    storage_target = asked.get("lti_storage_target", "")
    offers_storage = _FRAME.fullmatch(storage_target) is not None
    new = NewLogin(
        state_hash=digest(state),
        nonce_hash=digest(nonce),
        binding_hash=digest(proof),
        storage_hash=digest(kept) if offers_storage else None,
        storage_target=storage_target if offers_storage else None,
        deployment_hint=asked.get("lti_deployment_id") or None,
    )
    with wiring().database.write() as session:
        launches.begin(session, registration.id, new, now=wiring().now())
    onward = authorization_request(registration, asked, redirect_uri=wiring().launch_url, state=state, nonce=nonce)
    if offers_storage:
        response = _put_page(registration, storage_target, storage_key(state), kept, onward)
    else:
        response = make_response(redirect(onward, 302))
    # Chromium and Firefox treat http on this machine as secure too, so one kind of cookie serves development and
    # production.
    response.set_cookie(
        cookie_name(state),
        proof,
        max_age=int(LOGIN_LIFE.total_seconds()),
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
        path="/",
    )
    return response


def _is_id(text: str) -> bool:
    """At most 255 printable ASCII characters (LTI Core 1.3 section 5.3); empty where it was not sent."""
    return len(text) <= 255 and text.isascii() and (text == "" or text.isprintable())


def _registration(asked: Mapping[str, str]) -> Registered:
    issuer, client_id = asked["iss"], asked.get("client_id") or None
    with wiring().database.read() as session:
        found = platforms.find_clients(session, issuer, client_id)
        known = bool(found) or bool(platforms.find_clients(session, issuer, None))
    return registration_for(found, client_named=client_id is not None, issuer_known=known, issuer=issuer)


def _put_page(registration: Registered, target: str, key: str, value: str, onward: str) -> Response:
    """The page that keeps a value in the platform's storage and goes on (lti-cs-oidc): addressed to the registered
    origin only."""
    platform_origin = origin(registration.authorization_url)
    g.frame_origins = ("*",)  # nothing to click here, and what it says is readable by the registered origin alone
    page = render_template(
        "lti/storage.html", target=target, target_origin=platform_origin, key=key, value=value, onward=onward
    )
    return make_response(page)
