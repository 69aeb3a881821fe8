"""From verified claims to a `Launch`: what LTI messages may hold (LTI Core 1.3 section 5.3, Deep Linking 2.0
section 4.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.activities.addresses import is_web_address, origin
from core.activities.courses import Context, Link
from core.activities.launches import DeepLinkingRequest, Launch
from core.activities.people import plain_line
from lti_tool import roles
from lti_tool.refusals import RETURN_ADDRESS, TARGET_FOREIGN, TEACHERS_ONLY, TOKEN_INVALID, Refused

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DL_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
VERSION = "1.3.0"
LONGEST_ID = 255
LONGEST_DATA = 64 * 1024

_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_ACTIVITY = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read(claims: Mapping[str, Any], *, tool_url: str, development: bool) -> Launch:
    """The launch in verified claims.

    Raises Refused for what LTI does not allow; what is unknown or optional is ignored.
    """
    if claims.get(f"{CLAIM}version") != VERSION:
        raise Refused(TOKEN_INVALID, "version")
    kind = claims.get(f"{CLAIM}message_type")
    if kind not in (RESOURCE_LINK, DEEP_LINKING):
        raise Refused(TOKEN_INVALID, "message_type")
    deployment_id = _id(claims.get(f"{CLAIM}deployment_id"), "deployment_id")
    _check_target(claims.get(f"{CLAIM}target_link_uri"), tool_url)
    named = claims.get(f"{CLAIM}roles")
    if not isinstance(named, list) or not all(isinstance(role, str) for role in named):
        raise Refused(TOKEN_INVALID, "roles")
    role = roles.effective(named)
    if kind == DEEP_LINKING and role != roles.TEACHER:
        raise Refused(TEACHERS_ONLY, "deep linking by someone who is no teacher")
    presentation = _mapping(claims, f"{CLAIM}launch_presentation")
    return Launch(
        deployment_id=deployment_id,
        subject=_id(claims["sub"], "sub") if "sub" in claims else None,
        name=_name(claims),
        role=role,
        is_test=roles.is_test_user(named),
        context=_context(claims, development=development),
        link=_link(claims, development=development) if kind == RESOURCE_LINK else None,
        activity_public_id=_activity(_mapping(claims, f"{CLAIM}custom")),
        deep_linking=_deep_linking(claims.get(DL_SETTINGS), development=development) if kind == DEEP_LINKING else None,
        locale=_locale(presentation.get("locale")),
        return_url=_address(presentation.get("return_url"), development=development),
        product_family=_product(_mapping(claims, f"{CLAIM}tool_platform").get("product_family_code")),
    )


def _id(value: object, name: str) -> str:
    """An identifier: 1 to 255 printable ASCII characters, compared as they are (sections 5.3.3 to 5.3.6)."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or not value.isascii() or not value.isprintable():
        raise Refused(TOKEN_INVALID, name)
    return value


def _check_target(target: object, tool_url: str) -> None:
    """The signed target_link_uri decides where a launch goes (section 5.3.4): it must be ours."""
    if not is_web_address(target, development=True) or origin(str(target)) != origin(tool_url):
        raise Refused(TOKEN_INVALID if target is None else TARGET_FOREIGN, "target_link_uri")


def _mapping(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An optional claim that is an object; anything else counts as absent."""
    value = claims.get(name)
    return value if isinstance(value, dict) else {}


def _name(claims: Mapping[str, Any]) -> str | None:
    parts = (plain_line(claims.get("given_name")), plain_line(claims.get("family_name")))
    return plain_line(claims.get("name")) or plain_line(" ".join(filter(None, parts)))


def _context(claims: Mapping[str, Any], *, development: bool) -> Context | None:
    if f"{CLAIM}context" not in claims:
        return None
    context = claims[f"{CLAIM}context"]
    if not isinstance(context, dict):
        raise Refused(TOKEN_INVALID, "context")
    return Context(
        _id(context.get("id"), "context.id"),
        _title(context.get("title")),
        _title(context.get("label")),
        _memberships(_mapping(claims, NRPS), development=development),
    )


def _memberships(service: Mapping[str, Any], *, development: bool) -> str | None:
    versions = service.get("service_versions")
    if not isinstance(versions, list) or "2.0" not in versions:
        return None
    return _address(service.get("context_memberships_url"), development=development)


def _link(claims: Mapping[str, Any], *, development: bool) -> Link:
    link = claims.get(f"{CLAIM}resource_link")
    if not isinstance(link, dict):
        raise Refused(TOKEN_INVALID, "resource_link")
    service = _mapping(claims, AGS)
    scopes = service.get("scope")
    return Link(
        _id(link.get("id"), "resource_link.id"),
        _title(link.get("title")),
        _address(service.get("lineitem"), development=development),
        _address(service.get("lineitems"), development=development),
        tuple(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else None,
    )


def _deep_linking(settings: object, *, development: bool) -> DeepLinkingRequest:
    if not isinstance(settings, dict) or "deep_link_return_url" not in settings:
        raise Refused(TOKEN_INVALID, "deep_linking_settings")
    return_url = _address(settings["deep_link_return_url"], development=development)
    if return_url is None:
        raise Refused(RETURN_ADDRESS, "deep_link_return_url")
    types = settings.get("accept_types")
    data = settings.get("data")
    if data is not None and (not isinstance(data, str) or len(data) > LONGEST_DATA or not _storable(data)):
        raise Refused(TOKEN_INVALID, "deep_linking_settings.data")
    return DeepLinkingRequest(
        return_url,
        tuple(kind for kind in types if isinstance(kind, str)) if isinstance(types, list) else (),
        accept_multiple=_flag(settings.get("accept_multiple")),
        accept_line_item=_flag(settings.get("accept_lineitem", True)),
        data=data,
    )


def _flag(value: object) -> bool:
    """Some platforms send the string "false"."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _activity(custom: Mapping[str, Any]) -> str | None:
    """Our own custom parameter; an unresolved `$Variable`, null or a number (Core appendix B) is no activity."""
    value = custom.get("activity")
    return value if isinstance(value, str) and _ACTIVITY.fullmatch(value) else None


def _locale(value: object) -> str | None:
    return value if isinstance(value, str) and _LOCALE.fullmatch(value) else None


def _product(value: object) -> str | None:
    return value.lower() if isinstance(value, str) and _ACTIVITY.fullmatch(value) else None


def _title(value: object) -> str:
    return plain_line(value) or ""


def _address(value: object, *, development: bool) -> str | None:
    return str(value) if is_web_address(value, development=development) else None


def _storable(text: str) -> bool:
    """Whether both databases keep the text as it is: PostgreSQL has no NUL, and half a surrogate pair is no
    character."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
