"""The Flask application, made from its wiring: one table of entrances, and nothing kept in memory between requests."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import RequestRedirect

from core.activities.refusals import Refusal
from core.secrets import Vault
from core.settings import Settings
from core.store.database import Database
from lti_tool import (
    addresses,
    archive,
    gallery,
    gallery_desk,
    gallery_items,
    gallery_teaching,
    headers,
    launch,
    login,
    making,
    moderation,
    pages,
    polls,
    polls_teaching,
    publishing,
    question,
    questions,
    questions_hall,
    registration,
    sessions,
    setup,
    slack,
    staying,
    student,
    teacher,
)
from lti_tool.answers import tell, tell_refusal
from lti_tool.egress import Egress
from lti_tool.keysets import KeySets
from lti_tool.language import in_page, in_page_plural
from lti_tool.refusals import BAD_REQUEST, BROKEN, BUSY, METHOD, NOT_FOUND, TOO_LARGE, Reason, Refused
from lti_tool.wiring import EXTENSION, Wiring

ENTRANCES = (
    login.blueprint,
    launch.blueprint,
    publishing.blueprint,
    registration.blueprint,
    sessions.blueprint,
    pages.blueprint,
    student.blueprint,
    teacher.blueprint,
    staying.blueprint,
    setup.blueprint,
    making.blueprint,
    polls.blueprint,
    polls_teaching.blueprint,
    moderation.blueprint,
    questions.blueprint,
    question.blueprint,
    questions_hall.blueprint,
    gallery.blueprint,
    gallery_items.blueprint,
    gallery_desk.blueprint,
    gallery_teaching.blueprint,
    archive.blueprint,
    slack.blueprint,
)
REASONS: dict[int, Reason] = {404: NOT_FOUND, 405: METHOD, 413: TOO_LARGE, 500: BROKEN}
MEGABYTE = 1024 * 1024
_access = logging.getLogger("heirloom.access")


class _Json(DefaultJSONProvider):
    """Flask's JSON, for which a body that is nested too deeply is no JSON either."""

    def loads(self, s: str | bytes, **options: Any) -> Any:
        try:
            return super().loads(s, **options)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def wire(
    settings: Settings, database: Database, *, now: Callable[[], datetime], egress: Egress | None = None
) -> Wiring:
    """What the application is made of besides its code."""
    egress = egress or Egress(development=settings.development, private_hosts=settings.private_hosts)
    return Wiring(
        settings=settings,
        database=database,
        egress=egress,
        key_sets=KeySets(database, egress, now),
        vault=Vault(settings.secret_keys),
        now=now,
        shell=pages.shell,
    )


def create_app(
    settings: Settings, database: Database, *, now: Callable[[], datetime], egress: Egress | None = None
) -> Flask:
    """The application. `now` is the clock of the process; `egress` is given by tests that want other limits."""
    app = Flask(__name__, template_folder="templates", static_folder="static")
    app.config.update(
        MAX_CONTENT_LENGTH=8 * MEGABYTE,  # uploads of images and problem files
        MAX_FORM_MEMORY_SIZE=MEGABYTE,
        MAX_FORM_PARTS=200,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions[EXTENSION] = wire(settings, database, now=now, egress=egress)
    app.jinja_env.globals.update(_=in_page, ngettext=in_page_plural)
    pages.install(app)
    addresses.install(app)
    app.json = _Json(app)
    for blueprint in ENTRANCES:
        app.register_blueprint(blueprint)

    @app.url_defaults
    def same_platform(endpoint: str, values: dict[str, object]) -> None:
        """Addresses within the pages of a platform stay there without naming it."""
        platform = (request.view_args or {}).get("platform") if request else None
        if platform and app.url_map.is_endpoint_expecting(endpoint, "platform"):
            values.setdefault("platform", platform)

    app.before_request(_limit_size)
    app.register_error_handler(Refused, tell)
    app.register_error_handler(Refusal, tell_refusal)
    app.register_error_handler(HTTPException, _http_error)
    for unreachable in (OperationalError, InterfaceError, PoolTimeout):  # any other error of a statement is our mistake
        app.register_error_handler(unreachable, _database_error)
    app.after_request(headers.protect)
    app.after_request(_log_access)
    if settings.trusted_proxies:
        number = settings.trusted_proxies
        # Flask's own way to wrap itself
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=number, x_host=0)  # type: ignore[method-assign]
    return app


def _limit_size() -> None:
    """Everything but an upload is small; a launch with kilobytes of hints and claims stays far below a megabyte."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = MEGABYTE


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or isinstance(error, RequestRedirect):  # it brings its own answer
        return error.get_response()
    if isinstance(error, InternalServerError):  # Flask has written the traceback to the log
        return tell(Refused(BROKEN, type(error.original_exception).__name__))
    response = tell(Refused(REASONS.get(error.code or 400, BAD_REQUEST), f"HTTP {error.code}"))
    response.status_code = error.code or 400
    allow = dict(error.get_headers()).get("Allow")
    if allow:
        response.headers["Allow"] = allow
    return response


def _database_error(error: OperationalError | InterfaceError | PoolTimeout) -> Response:
    return tell(Refused(BUSY, type(error).__name__))


def _log_access(response: Response) -> Response:
    """One line a request: no query string, no header, nobody's name."""
    fields = {"method": request.method, "path": request.path, "status": response.status_code}
    if "signed_in" in g and not g.get("anonymous"):  # who wrote what must not be found here either
        fields["session"] = g.signed_in.session_id
    _access.info("request", extra={"fields": fields})
    return response
