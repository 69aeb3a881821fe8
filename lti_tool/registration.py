"""Dynamic registration (LTI Dynamic Registration 1.0): an LMS administrator registers us by one address.

Whoever knows that address may ask us to; so the page asks first, every address is checked before it is called, and
what comes of it waits until our operator approves it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.activities import platforms
from core.activities.addresses import is_web_address, origin
from core.activities.platforms import NewRegistration
from core.activities.refusals import Refusal
from core.events import security_event
from core.secrets import public_id
from core.words import N_, Sentence
from lti_tool.egress import Answer, Unreachable
from lti_tool.headers import comes_from_us
from lti_tool.keys import new_key
from lti_tool.messages import DEEP_LINKING, RESOURCE_LINK
from lti_tool.publishing import CUSTOM, TOOL_NAME
from lti_tool.refusals import FOREIGN_PAGE, REGISTRATION, Refused
from lti_tool.scopes import WANTED
from lti_tool.wiring import wiring

blueprint = Blueprint("registration", __name__)

PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
INSTRUCTOR = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
LONGEST_TOKEN = 8 * 1024


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """What a platform's openid-configuration says."""

    issuer: str
    authorization_url: str
    token_url: str
    keyset_url: str
    registration_url: str
    product_family: str | None


def read_configuration(body: Any, url: str, *, development: bool) -> PlatformConfiguration:
    """The configuration in a JSON document that was read from `url`. Raises Refused."""
    if not isinstance(body, dict):
        raise _refused(N_("The platform's configuration is not a JSON object."))
    names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
    for name in names:
        if not is_web_address(body.get(name), development=development):
            raise _refused(N_("The platform's configuration has no usable {name}."), name=name)
    if urlsplit(body["issuer"]).hostname != urlsplit(url).hostname:
        raise _refused(N_("The platform's issuer and the address of its configuration are on different hosts."))
    details = body.get(PLATFORM_CONFIGURATION)
    family = details.get("product_family_code") if isinstance(details, dict) else None
    return PlatformConfiguration(
        issuer=body["issuer"],
        authorization_url=body["authorization_endpoint"],
        token_url=body["token_endpoint"],
        keyset_url=body["jwks_uri"],
        registration_url=body["registration_endpoint"],
        product_family=family[:64].lower() if isinstance(family, str) else None,
    )


def registration_request(*, tool_url: str, launch_url: str, login_url: str, jwks_url: str) -> dict[str, Any]:
    """Our half of the registration: the messages, scopes and claims that we use, and no others."""
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": login_url,
        "redirect_uris": [launch_url],
        "client_name": TOOL_NAME,
        "jwks_uri": jwks_url,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(WANTED),
        TOOL_CONFIGURATION: {
            "domain": urlsplit(tool_url).netloc,
            "target_link_uri": launch_url,
            "description": "Students practise, explain and see each other's explanations.",
            "custom_parameters": CUSTOM,
            "claims": ["iss", "sub", "name"],
            "messages": [
                {"type": RESOURCE_LINK, "target_link_uri": launch_url, "label": TOOL_NAME},
                {
                    "type": DEEP_LINKING,
                    "target_link_uri": launch_url,
                    "label": TOOL_NAME,
                    "placements": ["ContentArea"],
                    "roles": [INSTRUCTOR],
                },
            ],
        },
    }


def read_response(answer: Answer) -> tuple[str, str | None]:
    """The client id, and the deployment id where the platform names one. Raises Refused."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    client_id = body.get("client_id") if isinstance(body, dict) else None
    if answer.status not in (200, 201) or not isinstance(client_id, str):
        raise _refused(N_("The platform did not accept the registration (status {status})."), status=answer.status)
    tool = body.get(TOOL_CONFIGURATION) if isinstance(body, dict) else None
    deployment_id = tool.get("deployment_id") if isinstance(tool, dict) else None
    return client_id, str(deployment_id) if isinstance(deployment_id, str | int) else None


@blueprint.get("/lti/register")
def ask() -> ResponseReturnValue:
    """The page that says who wants to register us; nothing is asked of anyone before its button is pressed."""
    url, token = _asked(request.args)
    g.frame_origins = (origin(url),)
    return render_template("lti/register.html", host=urlsplit(url).netloc, url=url, token=token)


@blueprint.post("/lti/register")
def register() -> ResponseReturnValue:
    if not comes_from_us(request.headers, wiring().origin):
        raise Refused(FOREIGN_PAGE, "register")
    url, token = _asked(request.form)
    g.frame_origins = (origin(url),)
    try:
        new, deployment_id = _exchange(url, token)
    except Unreachable as error:
        security_event("registration_unreachable", detail=str(error))
        raise _refused(N_("An address of the platform cannot be called from here ({kind})."), kind=error.kind) from None
    key = new_key(wiring().vault)
    with wiring().database.write() as session:
        try:
            registered = platforms.register(
                session, new, key, status="pending", development=wiring().settings.development, now=wiring().now()
            )
            if deployment_id is not None:
                platforms.add_platform(
                    session,
                    registered.id,
                    deployment_id,
                    public_id=public_id(),
                    status="pending",
                    now=wiring().now(),
                )
        except Refusal as refusal:
            raise Refused(REGISTRATION, str(refusal), problem=refusal.sentence) from None
    security_event("registered", registration=registered.public_id, issuer=new.issuer, status=registered.status)
    return render_template("lti/registered.html", host=urlsplit(url).netloc, registration=registered)


def _asked(values: Mapping[str, str]) -> tuple[str, str | None]:
    url, token = values.get("openid_configuration", ""), values.get("registration_token") or None
    if not is_web_address(url, development=wiring().settings.development):
        raise _refused(N_("The address of the platform's configuration is missing or does not begin with https://."))
    if token is not None and (len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable()):
        raise _refused(N_("The registration token is not one."))
    return url, token


def _exchange(url: str, token: str | None) -> tuple[NewRegistration, str | None]:
    """Read the platform's configuration and send ours. Raises Refused, Unreachable."""
    egress, settings = wiring().egress, wiring().settings
    headers = {"Accept": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"  # Canvas wants it on the first request too
    answer = egress.get(url, headers)
    try:
        body = answer.json()
    except ValueError:
        body = None
    configuration = read_configuration(body, url, development=settings.development)
    for address in (configuration.authorization_url, configuration.token_url, configuration.keyset_url):
        egress.check(address)
    ours = public_id()
    asked = registration_request(
        tool_url=settings.url,
        launch_url=wiring().launch_url,
        login_url=settings.url + url_for("login.login"),
        jwks_url=settings.url + url_for("publishing.keys_of", public_id=ours),
    )
    answer = egress.post(
        configuration.registration_url, json.dumps(asked).encode(), {**headers, "Content-Type": "application/json"}
    )
    client_id, deployment_id = read_response(answer)
    new = NewRegistration(
        public_id=ours,
        name=urlsplit(configuration.issuer).netloc,
        issuer=configuration.issuer,
        client_id=client_id,
        authorization_url=configuration.authorization_url,
        token_url=configuration.token_url,
        keyset_url=configuration.keyset_url,
        product_family=configuration.product_family,
        origin="dynamic",
    )
    return new, deployment_id


def _refused(problem: str, **values: object) -> Refused:
    return Refused(REGISTRATION, problem.format(**values), problem=Sentence(problem, values))
