"""What an id_token says. Pure: values in, claims out (LTI Core 5.3, Deep Linking 4.4, AGS 3.1.1, NRPS 2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.campus.config import Quirks
from sandbox.campus.courses import Course, Member
from sandbox.campus.links import Link
from sandbox.campus.tools import Deployment, Tool
from sandbox.campus.urls import Urls
from sandbox.campus.vocabulary import (
    AGS_ENDPOINT_CLAIM,
    AGS_SCOPES,
    CLAIM,
    COURSE_SECTION,
    DEEP_LINKING_CLAIM,
    DEEP_LINKING_REQUEST,
    MEMBERSHIP_SCOPE,
    MENTOR,
    NRPS_CLAIM,
    RESOURCE_LINK_REQUEST,
    VERSION,
    short_role,
)

LIFETIME = timedelta(seconds=60)

VARIABLES = (
    "Context.id",
    "Context.label",
    "Context.title",
    "Context.sourcedId",
    "Context.id.history",
    "CourseSection.label",
    "CourseSection.title",
    "CourseSection.sourcedId",
    "CourseSection.timeFrame.begin",
    "CourseSection.timeFrame.end",
    "User.id",
    "User.username",
    "Membership.role",
    "Person.sourcedId",
    "Person.name.full",
    "Person.name.given",
    "Person.name.family",
    "Person.email.primary",
    "ResourceLink.id",
    "ResourceLink.title",
    "ResourceLink.description",
    "ResourceLink.id.history",
    "ResourceLink.available.startDateTime",
    "ResourceLink.available.endDateTime",
    "ResourceLink.submission.startDateTime",
    "ResourceLink.submission.endDateTime",
)
"""Substitution variables that `variables` fills where occasion and permissions allow (Core, appendix B)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Who opens which tool where. `link` is None in deep linking."""

    tool: Tool
    deployment: Deployment
    course: Course
    member: Member
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What the campus says about itself."""

    name: str
    guid: str
    urls: Urls
    quirks: Quirks


def substituted(custom: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Custom parameters with `$Variable` replaced; one that the platform does not know stays (Core, appendix B)."""
    return {key: values.get(text[1:], text) if text.startswith("$") else text for key, text in custom.items()}


def variables(occasion: Occasion, quirks: Quirks) -> dict[str, str]:
    """Values of the substitution variables that the campus supports for this occasion."""
    tool, course, person, link = occasion.tool, occasion.course, occasion.member.person, occasion.link
    roles = occasion.member.roles
    values = {
        "Context.id": str(course.id),
        "Context.label": course.label,
        "Context.title": course.title,
        "Context.sourcedId": course.sourcedid,
        "Context.id.history": ",".join(map(str, course.history)),
        "CourseSection.label": course.label,
        "CourseSection.title": course.title,
        "CourseSection.sourcedId": course.sourcedid,
        "CourseSection.timeFrame.begin": course.begins_at,
        "CourseSection.timeFrame.end": "",
        "User.id": str(person.id),
        "Membership.role": ",".join(map(short_role, roles) if quirks.moodle_variables else roles),
    }
    if link is not None:
        values |= {
            "ResourceLink.id": str(link.id),
            "ResourceLink.title": link.title,
            "ResourceLink.description": link.description,
        }
        if not quirks.moodle_variables:
            dates = {
                f"ResourceLink.{period}.{end}DateTime": ""
                for period in ("available", "submission")
                for end in ("start", "end")
            }
            values |= {"ResourceLink.id.history": ",".join(map(str, link.history)), **dates, **link.dates}
    if tool.shares_names or quirks.sourcedid_always:
        values |= {"User.username": person.username, "Person.sourcedId": person.sourcedid}
    if tool.shares_names:
        values |= {
            "Person.name.full": person.name,
            "Person.name.given": person.given_name,
            "Person.name.family": person.family_name,
        }
    if tool.shares_emails:
        values["Person.email.primary"] = person.email
    return values


def identity(occasion: Occasion) -> dict[str, str]:
    """Names and address of the person, as far as they are shared with the tool."""
    person = occasion.member.person
    shared: dict[str, str] = {}
    if occasion.tool.shares_names:
        shared |= {"given_name": person.given_name, "family_name": person.family_name, "name": person.name}
    if occasion.tool.shares_emails:
        shared |= {"email": person.email}
    return shared


def custom_parameters(occasion: Occasion, platform: Platform) -> dict[str, str]:
    """Custom parameters of the tool and of the link, the link's winning, with variables replaced."""
    own = occasion.link.custom if occasion.link is not None else {}
    custom = substituted({**occasion.tool.custom, **own}, variables(occasion, platform.quirks))
    if platform.quirks.moodle_claims:
        custom = {**{key.lower(): text for key, text in custom.items()}, **custom}
        if MEMBERSHIP_SCOPE in occasion.tool.scopes:
            custom["context_memberships_url"] = platform.urls.memberships(occasion.course.id, occasion.deployment.id)
    return custom


def service_claims(occasion: Occasion, platform: Platform, line_item_ids: Sequence[int]) -> dict[str, Any]:
    """Where the tool finds grades and roster. `lineitem` is there if the link has exactly one (AGS 3.1.1.1)."""
    course_id, deployment_id = occasion.course.id, occasion.deployment.id
    claims: dict[str, Any] = {}
    scopes = [scope for scope in AGS_SCOPES if scope in occasion.tool.scopes]
    if scopes:
        endpoint: dict[str, Any] = {"scope": scopes, "lineitems": platform.urls.line_items(course_id, deployment_id)}
        if len(line_item_ids) == 1:
            endpoint["lineitem"] = platform.urls.line_item(course_id, line_item_ids[0], deployment_id)
        claims[AGS_ENDPOINT_CLAIM] = endpoint
    if MEMBERSHIP_SCOPE in occasion.tool.scopes:
        claims[NRPS_CLAIM] = {
            "context_memberships_url": platform.urls.memberships(course_id, deployment_id),
            "service_versions": ["1.0", "2.0"] if platform.quirks.moodle_claims else ["2.0"],
        }
    return claims


def common(occasion: Occasion, platform: Platform, *, nonce: str, now: datetime) -> dict[str, Any]:
    """Claims of every message."""
    tool, course, member, quirks = occasion.tool, occasion.course, occasion.member, platform.quirks
    issued_at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": platform.urls.issuer,
        "aud": tool.client_id,
        "sub": str(member.person.id),
        "iat": issued_at,
        "exp": issued_at + int(LIFETIME.total_seconds()),
        "nonce": nonce,
        CLAIM + "version": VERSION,
        CLAIM + "deployment_id": str(occasion.deployment.id),
        CLAIM + "roles": list(member.roles),
        CLAIM + "context": {
            "id": str(course.id),
            "label": course.label,
            "title": course.title,
            "type": ["CourseSection" if quirks.short_context_type else COURSE_SECTION],
        },
        CLAIM + "tool_platform": {
            "guid": platform.guid,
            "name": platform.name,
            "description": platform.name,
            "product_family_code": quirks.family,
            "version": VERSION,
        },
        **identity(occasion),
    }
    lis = {"course_section_sourcedid": course.sourcedid}
    if tool.shares_names or quirks.sourcedid_always:
        lis["person_sourcedid"] = member.person.sourcedid
    claims[CLAIM + "lis"] = lis
    custom = custom_parameters(occasion, platform)
    if custom:
        claims[CLAIM + "custom"] = custom
    if quirks.moodle_claims:
        username = {"user_username": member.person.username} if tool.shares_names else {}
        claims[CLAIM + "ext"] = {**username, "lms": "moodle-2"}
    return claims


def resource_link(
    occasion: Occasion,
    platform: Platform,
    *,
    nonce: str,
    now: datetime,
    document_target: str,
    line_item_ids: Sequence[int],
    mentored: Sequence[int],
) -> dict[str, Any]:
    """Claims of a launch of an activity link. `mentored` are the people that a mentor looks after."""
    link, member = occasion.link, occasion.member
    assert link is not None
    claims = common(occasion, platform, nonce=nonce, now=now)
    claims |= {
        CLAIM + "message_type": RESOURCE_LINK_REQUEST,
        CLAIM + "target_link_uri": link.target_link_uri,
        CLAIM + "resource_link": {"id": str(link.id), "title": link.title, "description": link.description},
        CLAIM + "launch_presentation": {
            "locale": member.person.locale,
            "document_target": document_target,
            "return_url": platform.urls.returned(member.person.id, occasion.course.id),
        },
        **service_claims(occasion, platform, line_item_ids),
    }
    if MENTOR in member.roles:
        claims[CLAIM + "role_scope_mentor"] = [str(person_id) for person_id in mentored]
    return claims


def deep_linking(
    occasion: Occasion,
    platform: Platform,
    *,
    nonce: str,
    now: datetime,
    return_url: str,
    accept_types: Sequence[str],
    accept_multiple: bool,
    data: str | None,
) -> dict[str, Any]:
    """Claims of a deep linking request: the teacher is to choose what becomes an activity."""
    settings: dict[str, Any] = {
        "accept_types": list(accept_types),
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": accept_multiple,
        "accept_lineitem": True,
        "auto_create": False,
        "deep_link_return_url": return_url,
        "title": occasion.tool.name,
        "text": "",
    }
    if data is not None:
        settings["data"] = data
    return {
        **common(occasion, platform, nonce=nonce, now=now),
        CLAIM + "message_type": DEEP_LINKING_REQUEST,
        CLAIM + "target_link_uri": occasion.tool.deep_link_uri or occasion.tool.target_link_uri,
        CLAIM + "launch_presentation": {"locale": occasion.member.person.locale, "document_target": "iframe"},
        DEEP_LINKING_CLAIM + "deep_linking_settings": settings,
        **service_claims(occasion, platform, ()),
    }
