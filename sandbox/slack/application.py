"""The Flask application of a small Slack: the Web API, uploads and the consent page.

`create` is the inside; the outside (deliveries, the control API, the page where one acts as a member) registers itself.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from sandbox.slack import api, consent, scopes, shapes, uploading
from sandbox.slack.api import files
from sandbox.slack.api.calls import Call
from sandbox.slack.ids import short
from sandbox.slack.state import Failure, Slack, Token

MOST_BYTES = 50 * 1024 * 1024
LOOPBACK = ("localhost", "127.0.0.1")


def create(slack: Slack, base_url: str) -> Flask:
    """The application. `base_url` is where it answers; raises ValueError if that is not on this machine."""
    if urlsplit(base_url).hostname not in LOOPBACK:
        raise ValueError(f"This Slack is a demonstration and stays on this machine: {base_url!r}")
    app = Flask("sandbox.slack")
    app.config["TRUSTED_HOSTS"] = list(LOOPBACK)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["slack"] = slack
    slack.files_url = base_url.rstrip("/")
    app.before_request(slack.clock.run_due)
    app.register_blueprint(web_api(slack, base_url))
    app.register_blueprint(consent.blueprint(slack, base_url))
    return app


def web_api(slack: Slack, base_url: str) -> Blueprint:
    """/api/<method> for GET and POST, and the addresses that files are uploaded to."""
    blueprint = Blueprint("web_api", __name__)

    @blueprint.route("/api/<path:name>", methods=["GET", "POST"])
    def call(name: str) -> ResponseReturnValue:
        return answer(slack, base_url, name)

    @blueprint.route("/upload/v1/<secret>", methods=["POST", "PUT"])
    def upload(secret: str) -> ResponseReturnValue:
        sent = next(iter(request.files.values()), None)
        data = sent.read() if sent is not None else request.get_data()
        with slack.lock:
            length = files.receive(slack, secret, data)
        return (f"OK - {length}", 200) if length is not None else ("", 404)

    @blueprint.get("/files-pri/<team>-<file_id>/<path:name>")
    def read(team: str, file_id: str, name: str) -> ResponseReturnValue:
        """A file for an app. Without the right to it the way leads to a page for people, as Slack's does."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        with slack.lock:
            file = uploading.read(slack, value.strip() if scheme.lower() == "bearer" else "", team, file_id)
            if file is None or file.data is None or name.rpartition("/")[2] != file.name:
                return redirect("/")
            mimetype = shapes.file(slack, file)["mimetype"] or "application/octet-stream"
            return Response(file.data, content_type=mimetype)

    return blueprint


def answer(slack: Slack, base_url: str, name: str) -> ResponseReturnValue:
    """One call of a method, with the failures that are planned for it."""
    fault = slack.faults.claim_method(name)
    if fault is not None and fault.kind == "delay":
        time.sleep(fault.number("seconds", 0))
    if fault is not None and fault.kind == "ratelimited":
        return too_many(int(fault.number("retry_after", 30)))
    if fault is not None and fault.kind == "error":
        return jsonify(ok=False, error=str(fault.details.get("error", "internal_error")))
    if fault is None or fault.kind != "answer":
        found = perform(slack, base_url, name)
        if fault is None or fault.kind != "answer_after":
            return found
    status, body = int(fault.number("status", 500)), fault.details.get("body", "")
    return Response(body if isinstance(body, str) else json.dumps(body), status=status)


def perform(slack: Slack, base_url: str, name: str) -> Response:
    """Do one call: who is it, does it come too soon, may it, is it right."""
    method = api.METHODS.get(name)
    if method is None:
        return jsonify(ok=False, error="unknown_method", req_method=name)
    token: Token | None = None
    warnings = content_warnings()
    try:
        args = arguments(takes_json=method.takes_json)
        value, basic = credentials(args, method.token == "none")
        with slack.lock:
            token = api.authorize(slack, method, value)
            wait = api.count(slack, name, token, args, request.remote_addr or "")
            if wait:
                return too_many(wait)
            call = Call(slack, name, args, token, basic, value, base_url, warnings)
            body: dict[str, Any] = {"ok": True, **api.run(call)}
            if call.notices:
                body["response_metadata"] = {**body.get("response_metadata", {}), "messages": call.notices}
    except Failure as failure:
        body = {"ok": False, "error": failure.error, **failure.members}
    return respond(name, body, token, warnings)


def respond(name: str, body: dict[str, Any], token: Token | None, warnings: list[str]) -> Response:
    if warnings:
        body["warning"] = ",".join(warnings)
        body["response_metadata"] = {**body.get("response_metadata", {}), "warnings": warnings}
    response = jsonify(body)
    response.headers["X-Slack-Req-Id"] = short(32)
    if token is not None:
        response.headers["X-OAuth-Scopes"] = ",".join(token.scopes)
        response.headers["X-Accepted-OAuth-Scopes"] = ",".join(scopes.accepted(name))
    return response


def too_many(wait: int) -> Response:
    response = jsonify(ok=False, error="ratelimited")
    response.status_code = 429
    response.headers["Retry-After"] = str(wait)
    return response


def arguments(*, takes_json: bool) -> Mapping[str, Any]:
    """The arguments of a call. Those in the address are read for GET and for forms; a method that takes no JSON sees
    nothing of a JSON body. Raises Failure for a body that is not what it says.
    """
    if request.method == "POST" and request.mimetype == "application/json":
        if not takes_json:
            return request.args.to_dict()
        try:
            body = json.loads(request.get_data() or b"{}")
        except (ValueError, RecursionError):
            raise Failure("invalid_json") from None
        if not isinstance(body, dict):
            raise Failure("json_not_object")
        return body
    if request.method == "POST" and request.mimetype not in (
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
    ):
        raise Failure("invalid_post_type")
    uploaded = {name: sent.read().decode(errors="replace") for name, sent in request.files.items()}
    return {**request.args.to_dict(), **request.form.to_dict(), **uploaded}


def credentials(args: Mapping[str, Any], without_token: bool) -> tuple[str, tuple[str, str] | None]:
    """The token (from the Authorization header, or `token` in the body) and a client's id and secret, if there are
    any. A token in the address is none: Slack takes it from no app made after February 2021.
    """
    header = request.headers.get("Authorization", "")
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip(), None
    if scheme.lower() == "basic" and without_token:
        try:
            client_id, _, secret = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", None
        return "", (client_id, secret)
    in_body = "token" in args and "token" not in request.args
    return (str(args["token"]) if in_body else ""), None


def content_warnings() -> list[str]:
    """JSON is to name its charset; a form needs none."""
    if request.method != "POST":
        return []
    has_charset = "charset" in request.mimetype_params
    if request.mimetype == "application/json" and not has_charset:
        return ["missing_charset"]
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data") and has_charset:
        return ["superfluous_charset"]
    return []
