"""The tool under test: the real application with its database, a clock that tests turn, and a platform that
launches it."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, Flask, Response, request
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from core.activities import key_sets, platforms
from core.activities.activities import Made
from core.activities.keys import NewKey
from core.activities.platforms import NewRegistration, Registered
from core.activities.practice_settings import PracticeSettings
from core.secrets import Vault
from core.settings import Settings
from core.store.database import Database
from core.store.tables import Base
from lti_tool.app import create_app, wire
from lti_tool.deep_linking import respond
from lti_tool.egress import Egress, Limits
from lti_tool.keys import new_key
from lti_tool.sessions import current, signed_in
from lti_tool.wiring import EXTENSION
from tests.lms import Lms, signed

SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I="
TOOL = "https://tool.example"
START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SHORT = Limits(connect=1.0, read=0.4, total=1.5)
SETTINGS = Settings(url=TOOL, secret_keys=(SECRET,), development=True, support="help@tool.example")


probe = Blueprint("probe", __name__, url_prefix="/p/<platform>/probe")


@probe.route("/anyone", methods=["GET", "POST"])
@signed_in()
def probe_anyone(platform: str) -> dict[str, Any]:
    """A page with data, as small as can be."""
    return {"platform": platform, "name": current().person_name, "role": current().role, "course": current().course_id}


@probe.route("/students/<activity>", methods=["GET", "POST"])
@signed_in("student", "teacher")
def probe_students(platform: str, activity: str) -> dict[str, Any]:
    return {"platform": platform, "activity": activity}


@probe.post("/deep-link")
@signed_in("teacher")
def probe_deep_link(platform: str) -> Response:
    """Hands the activities over that the form names."""
    chosen = [
        Made(0, public_id, request.form.get("title", "Lists"), PracticeSettings())
        for public_id in request.form.getlist("id")
    ]
    return respond(current(), chosen)


@probe.route("/teachers", methods=["GET", "POST"])
@signed_in("teacher")
def probe_teachers(platform: str) -> dict[str, Any]:
    return {"platform": platform}


class Clock:
    """A time that stands until it is moved."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


@cache
def tool_key(number: int) -> NewKey:
    """Key pairs of the tool, made once for the whole run."""
    del number
    return new_key(Vault((SECRET,)))


@cache
def compiled_app(settings: Settings, database: Database) -> Flask:
    """An application whose routes and templates are compiled once for the run; each test gives it a wiring of its
    own."""
    app = create_app(settings, database, now=lambda: START)
    app.register_blueprint(probe)
    return app


@dataclass
class Login:
    """What the platform learned from our redirect."""

    response: TestResponse
    url: str
    parameters: dict[str, str]

    @property
    def state(self) -> str:
        return self.parameters["state"]

    @property
    def nonce(self) -> str:
        return self.parameters["nonce"]


class Tool:
    """Drives the application as browsers and platforms do."""

    def __init__(self, database: Database, lms: Lms, settings: Settings = SETTINGS, *, fresh: bool = False) -> None:
        self.database = database
        self.lms = lms
        self.clock = Clock()
        self.settings = settings
        egress = Egress(development=settings.development, private_hosts=settings.private_hosts, limits=SHORT)
        if fresh:
            self.app = create_app(settings, database, now=self.clock, egress=egress)
        else:
            self.app = compiled_app(settings, database)
            self.app.extensions[EXTENSION] = wire(settings, database, now=self.clock, egress=egress)
        self.vault = Vault(settings.secret_keys)

    def browser(self) -> FlaskClient:
        """A browser with a cookie jar of its own."""
        return self.app.test_client()

    # -- what an operator does --

    def register(
        self,
        *,
        client_id: str = "client-1",
        issuer: str | None = None,
        deployment_id: str | None = "deployment-1",
        number: int = 1,
        lms: Lms | None = None,
        **changes: Any,
    ) -> Registered:
        lms = lms or self.lms
        new = NewRegistration(
            public_id=f"reg{number}",
            name="Campus",
            issuer=issuer or lms.url,
            client_id=client_id,
            **{
                "authorization_url": f"{lms.url}/auth",
                "token_url": f"{lms.url}/token",
                "keyset_url": f"{lms.url}/jwks",
                **changes,
            },
        )
        with self.database.write() as session:
            registered = platforms.register(
                session, new, tool_key(number), status="active", development=True, now=self.clock()
            )
        if deployment_id is not None:
            self.deploy(registered, deployment_id, f"p{number}")
        return registered

    def know_keys(self, registered: Registered) -> None:
        """As if an earlier launch had read the platform's keys: for tests that are about something else."""
        with self.database.write() as session:
            key_sets.claim(session, registered.id, now=self.clock())
            key_sets.settle(session, registered.id, {"keys": self.lms.keys}, now=self.clock())

    def deploy(self, registered: Registered, deployment_id: str, public_id: str, status: str = "active") -> None:
        """Another platform of a registration."""
        with self.database.write() as session:
            platforms.add_platform(
                session, registered.id, deployment_id, public_id=public_id, status=status, now=self.clock()
            )

    # -- what a platform and a browser do --

    def login_parameters(self, **changes: str | None) -> dict[str, str]:
        parameters = {
            "iss": self.lms.url,
            "client_id": "client-1",
            "login_hint": "hint-07",
            "target_link_uri": f"{TOOL}/lti/launch",
            "lti_deployment_id": "deployment-1",
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def login(self, browser: FlaskClient, *, method: str = "POST", **changes: str | None) -> Login:
        parameters = self.login_parameters(**changes)
        if method == "POST":
            response = browser.post("/lti/login", data=parameters, base_url=TOOL)
        else:
            response = browser.get("/lti/login", query_string=parameters, base_url=TOOL)
        location = response.headers.get("Location", "")
        found = {name: values[0] for name, values in parse_qs(urlsplit(location).query, keep_blank_values=True).items()}
        return Login(response, location, found)

    def claims(self, login: Login, **changes: Any) -> dict[str, Any]:
        return self.lms.claims(issued_at=self.clock().timestamp(), **{"nonce": login.nonce, **changes})

    def post(self, browser: FlaskClient, form: Mapping[str, str]) -> TestResponse:
        return browser.post("/lti/launch", data=form, base_url=TOOL)

    def launch(
        self,
        browser: FlaskClient | None = None,
        *,
        token: Mapping[str, Any] | None = None,
        at_login: Mapping[str, str | None] | None = None,
        **changes: Any,
    ) -> TestResponse:
        """A whole launch: login, then a token with `changes` in its claims, signed as `token` says."""
        browser = browser or self.browser()
        login = self.login(browser, **(at_login or {}))
        return self.post(
            browser, {"id_token": signed(self.claims(login, **changes), **(token or {})), "state": login.state}
        )

    def open(self, launched: TestResponse) -> dict[str, Any]:
        """Trade the code of an accepted launch for a session."""
        location = urlsplit(launched.headers["Location"])
        platform = location.path.split("/")[2]
        response = self.browser().post(f"/p/{platform}/session", json={"code": location.fragment}, base_url=TOOL)
        assert response.status_code == 200, response.text
        session: dict[str, Any] = response.get_json()
        return session

    def session(self, **changes: Any) -> dict[str, Any]:
        """A launch and its session: token, start, parent_origin."""
        return self.open(self.launch(**changes))

    def get(self, path: str, token: str | None, **headers: str) -> TestResponse:
        return self.send("GET", path, token, **headers)

    def send(self, method: str, path: str, token: str | None, data: Any = None, **headers: str) -> TestResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        return self.browser().open(path, method=method, headers=sent, data=data, base_url=TOOL)

    # -- what the database holds --

    def count(self, *tables: type[Base]) -> int:
        with self.database.read() as session:
            return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)

    def all(self, table: type[Base], *conditions: Any) -> list[Any]:
        with self.database.read() as session:
            return list(session.scalars(select(table).where(*conditions)))

    def one(self, table: type[Base], *conditions: Any) -> Any:
        (row,) = self.all(table, *conditions)
        return row


@contextlib.contextmanager
def security_log() -> Iterator[list[dict[str, Any]]]:
    """The security events of a block, each as the fields of its line."""
    lines: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append({"event": record.getMessage(), **getattr(record, "fields", {})})

    logger, handler = logging.getLogger("heirloom.security"), Keep()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def said(lines: list[dict[str, Any]]) -> str:
    """Everything that the log says, as text to search for what must not be in it."""
    return json.dumps(lines, default=str)
