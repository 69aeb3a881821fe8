"""The Flask application: the campus's parts put together, and what holds for every request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import IntegerConverter, Map

from sandbox.campus import (
    admin,
    ags,
    deep_linking,
    faults,
    nrps,
    oidc,
    pages,
    registration,
    seed,
    services,
    settings,
    teacher_pages,
    tokens,
    tool_pages,
)
from sandbox.campus.config import CampusConfig
from sandbox.campus.context import EXTENSION, Campus, current_campus
from sandbox.campus.keys import KeyRing
from sandbox.campus.services import ServiceError
from sandbox.campus.store import Store
from sandbox.campus.tool_keys import ToolKeys
from sandbox.campus.values import MOST_DIGITS, as_number

MOST_BYTES = 2 * 1024 * 1024
MACHINES = ("/lti/", "/admin/")
"""Paths that tools and tests talk to: they prove themselves by tokens and signatures, and are answered in JSON."""
BLUEPRINTS = (
    oidc.blueprint,
    tokens.blueprint,
    ags.blueprint,
    nrps.blueprint,
    deep_linking.blueprint,
    registration.blueprint,
    pages.blueprint,
    teacher_pages.blueprint,
    tool_pages.blueprint,
    admin.blueprint,
)
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src http: https:;"
    " base-uri 'none'; frame-ancestors 'self'; form-action {form_action}"
)


class IdConverter(IntegerConverter):
    """Ids in paths, no longer than the database takes; a longer one is not found."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=10**MOST_DIGITS)


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_campus(config: CampusConfig, now: Callable[[], datetime] = utc_now) -> Flask:
    """A campus as a Flask application. `now` gives its time, with a zone. Close it with `close_campus`."""
    store = Store(config.database_path)
    with store.writing() as db:
        settings.prepare(db, config.quirks)
        seed.seed(db, students=config.students, locale=config.locale, now=now())
    app = Flask(__name__)
    app.url_map.converters["int"] = IdConverter
    app.config["TRUSTED_HOSTS"] = [urlsplit(config.base_url).hostname]
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(campus_name=config.name, as_number=as_number)
    app.extensions[EXTENSION] = Campus(
        config=config,
        store=store,
        keys=KeyRing(store, now()),
        tool_keys=ToolKeys(config.tool_timeout),
        wall_clock=now,
    )
    app.before_request(faults.on_arrival)
    app.before_request(refuse_foreign_changes)
    # Run in the reverse order: the call is noted, or the line cut, when nothing is left to do.
    app.after_request(faults.on_answer)
    app.after_request(add_headers)
    app.register_error_handler(ServiceError, services.refusal)
    app.register_error_handler(HTTPException, error_page)
    app.register_error_handler(SecurityError, foreign_host)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def close_campus(app: Flask) -> None:
    """Close the database of an application that `create_campus` made."""
    campus = app.extensions[EXTENSION]
    assert isinstance(campus, Campus)
    campus.close()


def refuse_foreign_changes() -> ResponseReturnValue | None:
    """Changes through pages must come from the campus's own pages: there is no login that a forged form could lack."""
    if request.method in ("GET", "HEAD", "OPTIONS") or request.path.startswith(MACHINES):
        return None
    site, source = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if source == current_campus().config.base_url and site in (None, "same-origin"):
        return None
    page = render_template(
        "refused.html", title="This change was stopped", reason="It did not come from a page of this campus."
    )
    return Response(page, status=403)


def add_headers(response: Response) -> Response:
    if request.endpoint == "static":
        return response
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    # As real platforms do: the tool learns the origin, not the page.
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    if response.mimetype == "text/html":
        # Pages that post themselves to a tool may go anywhere; the others only to the campus.
        launches = request.endpoint in ("oidc.authorize", "pages.start", "teacher.start_picker")
        response.headers["Content-Security-Policy"] = POLICY.format(
            form_action="http: https:" if launches else "'self'"
        )
    return response


def foreign_host(_problem: SecurityError) -> ResponseReturnValue:
    """A request under another host name: there is no address to build a page's links from."""
    return Response(
        "This campus does not answer under that name.", status=400, content_type="text/plain; charset=utf-8"
    )


def error_page(problem: HTTPException) -> ResponseReturnValue:
    """Plain words for people, JSON for services and the admin API."""
    status = problem.code or 500
    allow = {name: value for name, value in problem.get_headers() if name == "Allow"}
    if request.path.startswith(MACHINES):
        return services.refusal(ServiceError(status, problem.name, allow))
    titles = {403: "This page is for teachers", 404: "There is no such page"}
    page = render_template(
        "refused.html", title=titles.get(status, problem.name), reason=problem.description or problem.name
    )
    return Response(page, status=status, headers=allow)
