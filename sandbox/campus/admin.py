"""The admin API for tests and the demonstration: JSON, this machine only, guarded by the token of the configuration.

Ask with `Authorization: Bearer TOKEN`. Refusals are JSON with `status` and `reason`. README.md lists what there is.
"""

from __future__ import annotations

import hmac
import ipaddress

from flask import Blueprint, Response, request

from sandbox.campus import admin_campus, admin_courses, services
from sandbox.campus.context import current_campus
from sandbox.campus.services import ServiceError

blueprint = Blueprint("admin", __name__, url_prefix="/admin/api")
blueprint.register_blueprint(admin_campus.blueprint)
blueprint.register_blueprint(admin_courses.blueprint)


@blueprint.before_request
def guard() -> Response | None:
    """Only from this machine, only with the token."""
    if not ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback:
        return services.refusal(ServiceError(403, "The admin API answers this machine only."))
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = current_campus().config.admin_token
    if kind.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), expected.encode()):
        return services.refusal(ServiceError(401, "Unauthorized", {"WWW-Authenticate": "Bearer"}))
    return None
