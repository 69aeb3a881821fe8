"""A learning platform for tests: it signs real tokens with real keys and answers on a real loopback port."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
CONTEXT_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
LEARNER = [CONTEXT_ROLE + "Learner"]
INSTRUCTOR = [CONTEXT_ROLE + "Instructor"]
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DL_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"


@cache
def private_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key that lives as long as the test run: making one takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk(name: str, *, kid: str | None = None, bits: int = 2048, **members: Any) -> dict[str, Any]:
    """The public half of a key as a JWK; members given as None are left out."""
    public = jwt.algorithms.RSAAlgorithm.to_jwk(private_key(name, bits).public_key(), as_dict=True)
    found = {"kty": "RSA", "n": public["n"], "e": public["e"], "kid": kid or name, "alg": "RS256", "use": "sig"}
    return {key: value for key, value in (found | members).items() if value is not None}


@dataclass(frozen=True)
class Seen:
    """A request that reached the platform."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.body.decode()).items()}


@dataclass
class Reply:
    """What the platform answers."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    reason: str | None = None

    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Lms:
    """`replies` maps a path to what it answers: a Reply, or a function of the request."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.replies: dict[str, Reply | Callable[[Seen], Reply]] = {}
        self.keys: list[dict[str, Any]] = [jwk("platform")]
        self.tokens_given = 0
        self.scores: dict[str, list[dict[str, Any]]] = {}
        self.members: list[dict[str, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.line_item = f"{self.url}/lineitems/1/lineitem?type_id=3"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fetched(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.path == path]

    def answer(self, seen: Seen) -> Reply:
        self.seen.append(seen)
        reply = self.replies.get(seen.path)
        if reply is not None:
            return reply(seen) if callable(reply) else reply
        if seen.path == "/jwks":
            return Reply(body={"keys": self.keys})
        if seen.path == "/token":
            self.tokens_given += 1
            scope = seen.form()["scope"]
            return Reply(
                body={
                    "access_token": f"token-{self.tokens_given}",
                    "expires_in": 3600,
                    "scope": scope,
                    "token_type": "Bearer",
                }
            )
        if found := re.fullmatch(r"(/lineitems/\d+/lineitem)/scores", seen.path):
            self.scores.setdefault(found.group(1), []).append(seen.json())
            return Reply(status=204)
        if found := re.fullmatch(r"(/lineitems/\d+/lineitem)/results", seen.path):
            return Reply(body=self._results(found.group(1), seen.query.get("user_id", [None])[0]))
        if seen.path == "/memberships":
            return Reply(body={"id": self.url, "context": {"id": "c1"}, "members": self.members})
        return Reply(status=404)

    def _results(self, item: str, user_id: str | None) -> list[dict[str, Any]]:
        newest = {score["userId"]: score for score in self.scores.get(item, [])}
        return [
            {"userId": user, "resultScore": score["scoreGiven"], "resultMaximum": score["scoreMaximum"]}
            for user, score in newest.items()
            if user_id in (None, user)
        ]

    def _handler(lms) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                """Nothing on the terminal."""

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = lms.answer(Seen(self.command, parts.path, parse_qs(parts.query), headers, body))
                content = reply.bytes()
                try:
                    self.send_response(reply.status, reply.reason)
                    for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    return  # the caller has hung up: some tests are about that

            do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names that http.server looks for

        return Handler

    # -- messages --

    def claims(
        self, *, issued_at: float, client_id: str = "client-1", nonce: str = "", **changes: Any
    ) -> dict[str, Any]:
        """The claims of a plain student launch; `changes` replace claims by their short or full name, None removes
        one."""
        claims: dict[str, Any] = {
            "iss": self.url,
            "aud": client_id,
            "sub": "learner-07",
            "iat": int(issued_at),
            "exp": int(issued_at) + 60,
            "nonce": nonce,
            "name": "Learner 07",
            f"{CLAIM}message_type": "LtiResourceLinkRequest",
            f"{CLAIM}version": "1.3.0",
            f"{CLAIM}deployment_id": "deployment-1",
            f"{CLAIM}target_link_uri": "https://tool.example/lti/launch",
            f"{CLAIM}roles": LEARNER,
            f"{CLAIM}context": {"id": "c1", "title": "Data structures", "label": "DS"},
            f"{CLAIM}resource_link": {"id": "link-1", "title": "Lists"},
            f"{CLAIM}launch_presentation": {"locale": "en", "return_url": "https://lms.example/course/1"},
        }
        for name, value in changes.items():
            full = name if name in claims or ":" in name or name in STANDARD else f"{CLAIM}{name}"
            claims[full] = value
        return {name: value for name, value in claims.items() if value is not None}

    def grading(self, *scopes: str) -> dict[str, Any]:
        """The AGS claim of a link with a column."""
        return {
            "scope": list(scopes or (SCORE, RESULT)),
            "lineitems": f"{self.url}/lineitems?type_id=3",
            "lineitem": self.line_item,
        }

    def roster_service(self, *versions: str) -> dict[str, Any]:
        return {
            "context_memberships_url": f"{self.url}/memberships",
            "service_versions": list(versions or ("1.0", "2.0")),
        }

    def deep_linking(self, **changes: Any) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "deep_link_return_url": f"{self.url}/return?course=2&id=1",
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe", "window"],
            "accept_multiple": True,
        }
        settings |= changes
        return {name: value for name, value in settings.items() if value is not None}


STANDARD = {
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "nonce",
    "name",
    "given_name",
    "family_name",
    "email",
    "jti",
}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(
    claims: Mapping[str, Any] | bytes,
    *,
    key: str = "platform",
    kid: str | None = "platform",
    bits: int = 2048,
    **header: Any,
) -> str:
    """The claims (or raw payload bytes) as a compact JWS by RS256; `header` adds members or replaces them."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    head = {"typ": "JWT", "alg": "RS256", "kid": kid, **header}
    text = (
        f"{b64(json.dumps({name: value for name, value in head.items() if value is not None}).encode())}.{b64(payload)}"
    )
    return f"{text}.{b64(private_key(key, bits).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
