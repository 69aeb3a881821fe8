"""Deep linking (LTI Deep Linking 2.0): the answer that hands chosen activities to the platform, or says that there
are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Response, make_response, render_template, request
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem

from core.activities import keys, platforms
from core.activities.activities import Made
from core.activities.launches import DeepLinkingRequest
from core.activities.people import plain_line
from core.activities.platforms import Registered
from core.activities.sessions import SignedIn
from core.secrets import fresh
from core.words import N_
from lti_tool.keys import signed
from lti_tool.language import translate
from lti_tool.messages import CLAIM, VERSION
from lti_tool.refusals import ELSEWHERE, ONE_ONLY, Refused
from lti_tool.wiring import wiring

DL_CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/"
ITEM_TYPE = "ltiResourceLink"
LIFE = 300  # seconds; at most ten minutes are of any use
LONGEST_TITLE = 255


def content_item(made: Made, *, launch_url: str, with_column: bool) -> dict[str, Any]:
    """An activity as a content item. Its id travels as the custom parameter and as the column's resourceId and tag.

    So a copied course still knows which activity a link meant (hypothesis/lms#5061). A custom parameter is a
    string, and none other is sent: Moodle breaks on an empty object.
    """
    title = (plain_line(made.title) or made.public_id)[:LONGEST_TITLE]
    item = DeepLinkResource().set_url(launch_url).set_title(title).set_custom_params({"activity": made.public_id})
    if with_column and made.settings.points > 0:
        column = LineItem().set_score_maximum(made.settings.points).set_label(title)
        item.set_lineitem(column.set_resource_id(made.public_id).set_tag(made.public_id))
    return dict(item.to_dict())


def response_claims(
    registration: Registered,
    deployment_id: str,
    asked: DeepLinkingRequest,
    items: Sequence[Mapping[str, Any]],
    *,
    nonce: str,
    now: datetime,
    error: str | None = None,
) -> dict[str, Any]:
    """The claims of the answer (section 4.5): from our client to the platform, for this deployment, once, for five
    minutes."""
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": registration.client_id,
        "aud": registration.issuer,
        "iat": issued,
        "exp": issued + LIFE,
        "nonce": nonce,
        f"{CLAIM}message_type": "LtiDeepLinkingResponse",
        f"{CLAIM}version": VERSION,
        f"{CLAIM}deployment_id": deployment_id,
        f"{DL_CLAIM}content_items": list(items),
    }
    if asked.data is not None:  # echoed as it came; absent where it was absent (section 4.5.5)
        claims[f"{DL_CLAIM}data"] = asked.data
    if error is not None:
        claims[f"{DL_CLAIM}errormsg"] = error
    return claims


def respond(who: SignedIn, chosen: Sequence[Made]) -> Response:
    """The form that carries the answer to the platform.

    It submits itself; where the platform takes no links, it explains first. Raises Refused when the launch was no
    deep linking request, or for several activities where the platform takes one.
    """
    asked = who.deep_linking
    if asked is None:
        raise Refused(ELSEWHERE, "this launch asked for no content")
    takes_links = ITEM_TYPE in asked.accept_types
    if takes_links and len(chosen) > 1 and not asked.accept_multiple:
        raise Refused(ONE_ONLY, f"{len(chosen)} items, and accept_multiple is false")
    items = [
        content_item(made, launch_url=wiring().launch_url, with_column=asked.accept_line_item)
        for made in (chosen if takes_links else ())
    ]
    error = None if takes_links else translate(N_("This place in your learning platform takes no activities."))
    with wiring().database.read() as session:
        registration = platforms.find(session, who.registration_id)
        deployment_id = platforms.deployment_of(session, who.platform_id)
        key = keys.signing_key(session, who.registration_id)
    claims = response_claims(registration, deployment_id, asked, items, nonce=fresh(), now=wiring().now(), error=error)
    template = "lti/_deep_link.html" if "HX-Request" in request.headers else "lti/deep_link.html"
    page = render_template(
        template, action=asked.return_url, token=signed(claims, key, wiring().vault), error=error, number=len(items)
    )
    return make_response(page)
