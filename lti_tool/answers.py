"""How a refusal is told: as a page, as a piece of one, or as JSON, always with what to do next and a support code."""

from __future__ import annotations

import logging

from flask import Response, g, jsonify, make_response, render_template, request

from core.activities.refusals import Refusal
from core.events import security_event
from core.secrets import support_code
from core.words import Sentence
from lti_tool.language import say, translate
from lti_tool.refusals import Refused
from lti_tool.wiring import wiring


def tell(refused: Refused) -> Response:
    """The answer to a refused request, and its one line in the security log."""
    reason = refused.reason
    support = support_code()
    security_event(
        "refused",
        level=logging.ERROR if reason.status >= 500 else logging.WARNING,
        reason=reason.code,
        detail=refused.detail,
        status=reason.status,
        method=request.method,
        path=request.path,
        registration=g.get("registration"),
        support=support,
    )
    g.refused = True
    if reason.status >= 500:
        g.frame_origins = ("*",)  # no question to the database now: it may be what is broken
    values = {name: say(value) if isinstance(value, Sentence) else value for name, value in refused.values.items()}
    response = _shown(translate(reason.what).format(**values), translate(reason.advice), support, reason.code)
    response.status_code = reason.status
    if reason.retry_after is not None:
        response.headers["Retry-After"] = str(reason.retry_after)
    return response


def tell_refusal(refusal: Refusal) -> Response:
    """The answer to a use case that cannot be done. It says all that there is to say; there is nothing to look up."""
    response = _shown(say(refusal.sentence), "", "", type(refusal).__name__)
    response.status_code = refusal.status
    return response


FOR_SCRIPTS = {"session.open_session", "launch.bind"}  # entrances that only scripts call


def _shown(what: str, advice: str, support: str, code: str) -> Response:
    if request.endpoint in FOR_SCRIPTS or request.accept_mimetypes.best == "application/json":
        return jsonify({"error": code, "message": what, "advice": advice, "support": support})
    template = "lti/_refusal.html" if "HX-Request" in request.headers else "lti/refusal.html"
    contact = wiring().settings.support
    return make_response(render_template(template, what=what, advice=advice, support=support, contact=contact))
