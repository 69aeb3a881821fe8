"""A campus to ask, and a throw-away tool: PyJWT, a key server in a thread, and nothing of the product."""

from __future__ import annotations

import io
import json
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from bs4 import BeautifulSoup
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from flask import Flask
from jwt.algorithms import RSAAlgorithm
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from sandbox.campus import CampusConfig, RunningCampus, close_campus, create_campus, serve_in_thread

AGS = "https://purl.imsglobal.org/spec/lti-ags/"
ALL_SCOPES = [
    *(f"{AGS}scope/{name}" for name in ("lineitem", "lineitem.readonly", "result.readonly", "score")),
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
]
TEACHER, LEARNER = 101, 105
STATISTICS = 11


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    moment: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **step: float) -> None:
        self.moment += timedelta(**step)

    @property
    def seconds(self) -> int:
        return int(self.moment.timestamp())

    def text(self, **step: float) -> str:
        """A timestamp as scores carry it."""
        return (self.moment + timedelta(**step)).isoformat(timespec="milliseconds")


def public_jwk(key: RSAPrivateKey, kid: str) -> dict[str, Any]:
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig", "alg": "RS256"}


@dataclass
class KeyServer:
    """Serves the tool's key set, and counts who asks."""

    key_set: dict[str, Any]
    asked: int = 0
    url: str = ""
    status: int = 200

    def answer_well(self, key: RSAPrivateKey) -> None:
        self.key_set, self.asked, self.status = {"keys": [public_jwk(key, "tool-key")]}, 0, 200


@pytest.fixture(scope="session")
def tool_keys() -> list[RSAPrivateKey]:
    """Two keys: the tool's, and one that is not."""
    return [generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]


@pytest.fixture(scope="session")
def shared_key_server() -> Iterator[KeyServer]:
    served = KeyServer({})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked += 1
            body = json.dumps(served.key_set).encode()
            self.send_response(served.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}/jwks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def key_server(shared_key_server: KeyServer, tool_keys: list[RSAPrivateKey]) -> KeyServer:
    """The tool's key server, with the first key, at an address of this test's own: key sets are kept by address."""
    shared_key_server.answer_well(tool_keys[0])
    shared_key_server.url = f"{shared_key_server.url.partition('?')[0]}?test={secrets.token_hex(4)}"
    return shared_key_server


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeded database with a signing key, to copy: making a key takes longer than a test."""
    path = tmp_path_factory.mktemp("campus") / "template.sqlite3"
    config = CampusConfig(base_url="http://localhost:8101", database_path=path, students=12)
    close_campus(create_campus(config, Clock()))
    return path


@pytest.fixture(scope="session")
def shared_clock() -> Clock:
    return Clock()


@pytest.fixture
def clock(shared_clock: Clock) -> Clock:
    """The campus's clock, at noon of a day in November."""
    shared_clock.moment = Clock().moment
    return shared_clock


@pytest.fixture(scope="session")
def shared_campus(
    template: Path, shared_clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningCampus]:
    with serve_in_thread(shutil.copy(template, tmp_path_factory.mktemp("shared")), now=shared_clock) as running:
        yield running


def copy_database(source: Path | str, target: Path | str) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        new.execute("PRAGMA synchronous = OFF")
        old.backup(new)


Starter = Callable[..., RunningCampus]


@pytest.fixture
def start_campus(template: Path, tmp_path: Path, clock: Clock) -> Iterator[Starter]:
    """Starts campuses of their own; `settings` are those of CampusConfig."""
    with ExitStack() as stack:

        def start(**settings: Any) -> RunningCampus:
            path = settings.pop("database_path", None) or shutil.copy(template, tmp_path / secrets.token_hex(4))
            running: AbstractContextManager[RunningCampus] = serve_in_thread(path, now=clock, **settings)
            return stack.enter_context(running)

        yield start


@dataclass
class Admin:
    """The admin API, with its token."""

    campus: RunningCampus
    session: requests.Session

    def __call__(self, method: str, path: str, body: object = None, status: int | None = None) -> Any:
        """Ask; anything but success, or but `status`, fails the test."""
        answer = self.session.request(
            method, f"{self.campus.base_url}/admin/api{path}", json=body, headers=self.campus.admin_headers, timeout=10
        )
        assert answer.status_code == status if status else answer.ok, answer.text
        return answer.json() if answer.content else None

    def calls(self, endpoint: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self("GET", f"/calls?endpoint={endpoint}")
        return found

    def grade(self, course_id: int, line_item_id: str, person_id: int) -> Any:
        """What the gradebook says of one cell, or None."""
        book = self("GET", f"/courses/{course_id}/gradebook")
        row = next(row for row in book["rows"] if row["person_id"] == str(person_id))
        return row["grades"].get(str(line_item_id))


@dataclass
class Tool:
    """A throw-away tool that does what the standards say, and whatever a test wants wrong."""

    campus: RunningCampus
    admin: Admin
    clock: Clock
    keys: list[RSAPrivateKey]
    registered: dict[str, Any]
    session: requests.Session
    tokens: dict[str, str] = field(default_factory=dict)
    known_keys: dict[str, jwt.PyJWK] = field(default_factory=dict)

    @property
    def client_id(self) -> str:
        return str(self.registered["client_id"])

    @property
    def deployment_id(self) -> str:
        return str(self.registered["deployment_ids"][0])

    @property
    def redirect_uri(self) -> str:
        return str(self.registered["redirect_uris"][0])

    @staticmethod
    def part_of(line_item_url: str, part: str) -> str:
        """`scores` or `results` of a line item: the path grows, the query stays."""
        path, mark, query = line_item_url.partition("?")
        return f"{path}/{part}{mark}{query}"

    @staticmethod
    def form_of(answer: requests.Response) -> dict[str, Any]:
        """The form of a page that posts itself."""
        assert answer.status_code == 200, answer.text
        form = BeautifulSoup(answer.text, "html.parser").find("form")
        assert form is not None
        fields = {field["name"]: field["value"] for field in form.find_all("input")}
        return {"method": form["method"], "action": form["action"], "fields": fields}

    def place(self, course_id: int = STATISTICS, maximum: float | None = 10, **details: Any) -> dict[str, Any]:
        """Place an activity link through the admin API."""
        body = {
            "title": "Problem set 1",
            "target_link_uri": f"{self.registered['target_link_uri']}?set=1",
            "deployment_id": self.deployment_id,
            **details,
        }
        if maximum is not None:
            body["line_item"] = {"label": "Problem set 1", "scoreMaximum": maximum, "resourceId": "ps-1", "tag": "t-1"}
        link: dict[str, Any] = self.admin("POST", f"/courses/{course_id}/links", body)
        return link

    def initiate(self, link: dict[str, Any], person_id: int = LEARNER, **more: Any) -> dict[str, str]:
        """Parameters of the login initiation that the campus would send."""
        body = {"person_id": person_id, **more}
        parameters: dict[str, str] = self.admin("POST", f"/links/{link['id']}/launch", body)["parameters"]
        return parameters

    def request_of(self, initiation: dict[str, str], **changes: str | None) -> dict[str, str]:
        """The authorization request that answers a login initiation; None removes a parameter."""
        parameters: dict[str, str | None] = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": initiation["client_id"],
            "redirect_uri": self.redirect_uri,
            "state": "the-state",
            "nonce": "the-nonce",
            "login_hint": initiation["login_hint"],
            "lti_message_hint": initiation["lti_message_hint"],
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def authorize(self, parameters: dict[str, str], method: str = "GET") -> requests.Response:
        where = {"params": parameters} if method == "GET" else {"data": parameters}
        url = self.registered["platform"]["authorization_endpoint"]
        return self.session.request(method, url, timeout=10, **where)

    def launch(self, link: dict[str, Any], person_id: int = LEARNER, **changes: str | None) -> dict[str, Any]:
        """A whole launch: the claims of the verified id_token."""
        form = self.form_of(self.authorize(self.request_of(self.initiate(link, person_id), **changes)))
        return self.verified(form["fields"]["id_token"])

    def open_picker(self, person_id: int = TEACHER, course_id: int = STATISTICS) -> dict[str, Any]:
        """A whole deep linking request: the claims of the verified id_token."""
        body = {"deployment_id": self.deployment_id, "person_id": person_id}
        initiation = self.admin("POST", f"/courses/{course_id}/deep_linking", body)["parameters"]
        form = self.form_of(self.authorize(self.request_of(initiation)))
        return self.verified(form["fields"]["id_token"])

    def key_set(self) -> dict[str, Any]:
        key_set: dict[str, Any] = self.session.get(self.registered["platform"]["jwks_uri"], timeout=10).json()
        return key_set

    def learn_keys(self) -> None:
        """Fetch the campus's keys; like a real tool, this one keeps them until it meets another key id."""
        self.known_keys = {key["kid"]: jwt.PyJWK(key) for key in self.key_set()["keys"]}

    def verified(self, id_token: str) -> dict[str, Any]:
        """Claims of an id_token that verifies with the campus's key set; its times are the campus's."""
        kid = jwt.get_unverified_header(id_token)["kid"]
        if kid not in self.known_keys:
            self.learn_keys()
        claims: dict[str, Any] = jwt.decode(
            id_token,
            self.known_keys[kid],
            algorithms=["RS256"],
            audience=self.client_id,
            issuer=self.campus.base_url,
            options={"verify_exp": False, "verify_iat": False},
        )
        assert claims["iat"] == self.clock.seconds
        return claims

    def signed(self, claims: dict[str, Any], *, kid: str | None = "tool-key", key: int = 0, alg: str = "RS256") -> str:
        headers = {} if kid is None else {"kid": kid}
        return jwt.encode(claims, self.keys[key] if alg == "RS256" else "x" * 32, algorithm=alg, headers=headers)

    def assertion(self, **changes: Any) -> dict[str, Any]:
        """Claims of a client assertion; None removes one."""
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.registered["platform"]["token_endpoint"],
            "iat": self.clock.seconds,
            "exp": self.clock.seconds + 60,
            "jti": secrets.token_hex(8),
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def ask_token(self, assertion: str | None = None, **changes: str | None) -> requests.Response:
        form: dict[str, str | None] = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion or self.signed(self.assertion()),
            "scope": " ".join(ALL_SCOPES),
            **changes,
        }
        data = {name: value for name, value in form.items() if value is not None}
        return self.session.post(self.registered["platform"]["token_endpoint"], data=data, timeout=10)

    def token(self, *scopes: str) -> str:
        """An access token with these scopes, or with all; asked for once."""
        scope = " ".join(scopes or ALL_SCOPES)
        if scope not in self.tokens:
            self.tokens[scope] = self.ask_token(scope=scope).json()["access_token"]
        return self.tokens[scope]

    def call(
        self, method: str, url: str, *, token: str | None = None, headers: dict[str, str] | None = None, **more: Any
    ) -> requests.Response:
        """A service call with a token of all scopes, or with another."""
        bearer = {"Authorization": f"Bearer {self.token() if token is None else token}"}
        return self.session.request(method, url, headers={**bearer, **(headers or {})}, timeout=10, **more)

    def post_score(
        self, line_item_url: str, *, person_id: int = LEARNER, token: str | None = None, **members: Any
    ) -> requests.Response:
        """Send a score of 7 out of 10 with the clock's time, or with other members; None removes one."""
        message = {
            "userId": str(person_id),
            "scoreGiven": 7,
            "scoreMaximum": 10,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
            "timestamp": self.clock.text(),
            **members,
        }
        body = {name: value for name, value in message.items() if value is not None}
        headers = {"Content-Type": "application/vnd.ims.lis.v1.score+json"}
        return self.call(
            "POST", self.part_of(line_item_url, "scores"), token=token, headers=headers, data=json.dumps(body).encode()
        )

    def results(self, line_item_url: str, **query: str) -> list[dict[str, Any]]:
        headers = {"Accept": "application/vnd.ims.lis.v2.resultcontainer+json"}
        answer = self.call("GET", self.part_of(line_item_url, "results"), headers=headers, params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found

    def line_items_of(self, course_id: int = STATISTICS) -> str:
        """The address of the course's line items, as launches give it."""
        return f"{self.campus.base_url}/lti/courses/{course_id}/line_items?deployment_id={self.deployment_id}"

    def line_item_of(self, link: dict[str, Any]) -> str:
        """The address of the link's line item, as launches give it."""
        path, mark, query = self.line_items_of(int(link["course_id"])).partition("?")
        return f"{path}/{link['line_item_ids'][0]}{mark}{query}"


class InProcess(BaseAdapter):
    """Carries requests to an application without a socket: a third of the time, the same bytes."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        parts = urlsplit(request.url)
        answer = self._app.test_client(use_cookies=False).open(
            path=f"{parts.path or '/'}?{parts.query}",
            base_url=f"{parts.scheme}://{parts.netloc}",
            method=request.method,
            headers=list(request.headers.items()),
            data=request.body,
        )
        response = requests.Response()
        response.status_code, response.request, response.url = answer.status_code, request, request.url
        response.headers = CaseInsensitiveDict(answer.headers.items())
        response.encoding = get_encoding_from_headers(response.headers)
        response.raw = io.BytesIO(answer.data)
        return response

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def real_session() -> Iterator[requests.Session]:
    """Asks over sockets."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def session(shared_campus: RunningCampus, real_session: requests.Session) -> requests.Session:
    """Asks the shared campus without a socket, and everybody else over one. Tests of the wire take `real_session`."""
    real_session.mount(shared_campus.base_url, InProcess(shared_campus.app))
    return real_session


MakeTool = Callable[..., Tool]


@pytest.fixture
def make_tool(
    key_server: KeyServer, tool_keys: list[RSAPrivateKey], clock: Clock, session: requests.Session
) -> MakeTool:
    """Registers a throw-away tool at a campus."""

    def make(campus: RunningCampus, **details: Any) -> Tool:
        return registered_tool(campus, clock, tool_keys, session, **{"jwks_url": key_server.url, **details})

    return make


def registered_tool(
    campus: RunningCampus,
    clock: Clock,
    keys: list[RSAPrivateKey],
    session: requests.Session,
    **details: Any,
) -> Tool:
    admin = Admin(campus, session)
    body = {
        "name": "Throw-away tool",
        "login_url": "http://127.0.0.1:9/login",
        "redirect_uris": ["http://127.0.0.1:9/launch"],
        "target_link_uri": "http://127.0.0.1:9/launch",
        **details,
    }
    return Tool(campus, admin, clock, keys, admin("POST", "/tools", body), session)


@dataclass(frozen=True)
class Prepared:
    """A database in which the tool is registered and has its tokens: most tests begin there."""

    database: Path
    registered: dict[str, Any]
    tokens: dict[str, str]
    known_keys: dict[str, jwt.PyJWK]


@pytest.fixture(scope="session")
def prepared(
    shared_campus: RunningCampus,
    shared_clock: Clock,
    shared_key_server: KeyServer,
    tool_keys: list[RSAPrivateKey],
    template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Prepared:
    copy_database(template, shared_campus.config.database_path)
    shared_clock.moment = Clock().moment
    shared_key_server.answer_well(tool_keys[0])
    with requests.Session() as session:
        tool = registered_tool(shared_campus, shared_clock, tool_keys, session, jwks_url=shared_key_server.url)
        for scopes in ((), *((scope,) for scope in ALL_SCOPES)):
            tool.token(*scopes)
        tool.learn_keys()
        tool.admin("DELETE", "/calls")
    database = tmp_path_factory.mktemp("prepared") / "prepared.sqlite3"
    copy_database(shared_campus.config.database_path, database)
    return Prepared(database, tool.registered, tool.tokens, tool.known_keys)


@pytest.fixture
def campus(
    request: pytest.FixtureRequest, shared_campus: RunningCampus, prepared: Prepared, template: Path, clock: Clock
) -> RunningCampus:
    """One campus for all tests, because an application takes longer to make than a test: its file is put back.

    For a test that takes `tool` too, the tool is registered in it already.
    """
    source = prepared.database if "tool" in request.fixturenames else template
    copy_database(source, shared_campus.config.database_path)
    return shared_campus


@pytest.fixture
def tool(
    campus: RunningCampus, prepared: Prepared, clock: Clock, tool_keys: list[RSAPrivateKey], session: requests.Session
) -> Tool:
    """The throw-away tool, registered at the campus."""
    known = (prepared.registered, session, dict(prepared.tokens), dict(prepared.known_keys))
    return Tool(campus, Admin(campus, session), clock, tool_keys, *known)


@pytest.fixture
def admin(campus: RunningCampus, session: requests.Session) -> Admin:
    return Admin(campus, session)


@pytest.fixture
def page(campus: RunningCampus, session: requests.Session) -> Callable[..., BeautifulSoup]:
    """Reads a page of the campus; `status` is what it must answer."""

    def read(path: str, status: int = 200) -> BeautifulSoup:
        answer = session.get(campus.base_url + path, timeout=10)
        assert answer.status_code == status, answer.text
        return BeautifulSoup(answer.text, "html.parser")

    return read


@pytest.fixture
def wait_until() -> Callable[..., None]:
    def wait(condition: Callable[[], bool], seconds: float = 5) -> None:
        """Wait for what another thread does; fails if it does not happen."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.01)

    return wait
