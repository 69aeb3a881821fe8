"""What platforms read about us: our public keys, and our description for Canvas."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, url_for

from core.activities import keys
from lti_tool.language import translate
from lti_tool.refusals import NOT_FOUND, Refused
from lti_tool.scopes import WANTED
from lti_tool.wiring import wiring

blueprint = Blueprint("publishing", __name__)

TOOL_NAME = "Heirloom"
# Read where a platform knows it, ignored where it comes back unresolved (LTI Core 1.3 appendix B).
CUSTOM = {"section_names": "$com.instructure.User.sectionNames"}


def _key_set(found: list[dict[str, object]]) -> Response:
    response = jsonify({"keys": found})
    response.headers["Cache-Control"] = "public, max-age=600"  # a new key is published days before it signs
    return response


@blueprint.get("/lti/jwks")
def all_keys() -> Response:
    """The public keys of all active registrations: for platforms that ask for the address before they are
    registered."""
    with wiring().database.read() as session:
        return _key_set(keys.published(session, now=wiring().now()))


@blueprint.get("/lti/jwks/<public_id>")
def keys_of(public_id: str) -> Response:
    """The public keys of one registration."""
    with wiring().database.read() as session:
        found = keys.published(session, now=wiring().now(), registration_public_id=public_id)
    if not found:
        raise Refused(NOT_FOUND, "no such registration")
    return _key_set(found)


@blueprint.get("/lti/config.json")
def canvas_configuration() -> Response:
    """The tool's description in Canvas's format: the administrator pastes this address into a developer key."""
    settings = wiring().settings
    placement = {"enabled": True, "target_link_uri": wiring().launch_url, "text": TOOL_NAME}
    selection = {**placement, "message_type": "LtiDeepLinkingRequest", "selection_width": 800, "selection_height": 700}
    return jsonify(
        {
            "title": TOOL_NAME,
            "description": translate("Students practise, explain and see each other's explanations."),
            "oidc_initiation_url": settings.url + url_for("login.login"),
            "target_link_uri": wiring().launch_url,
            "public_jwk_url": settings.url + url_for("publishing.all_keys"),
            "scopes": list(WANTED),
            "custom_fields": CUSTOM,
            "extensions": [
                {
                    "platform": "canvas.instructure.com",
                    "domain": urlsplit(settings.url).netloc,
                    "tool_id": "heirloom",
                    "privacy_level": "name_only",
                    "settings": {
                        "text": TOOL_NAME,
                        "placements": [
                            {**selection, "placement": "assignment_selection"},
                            {**selection, "placement": "link_selection"},
                            {
                                **placement,
                                "placement": "course_navigation",
                                "message_type": "LtiResourceLinkRequest",
                                "default": "disabled",
                                "visibility": "members",
                            },
                        ],
                    },
                }
            ],
        }
    )
