"""The yardstick of launches: the smallest tool that PyLTI1p3's documentation makes of Flask, on the product's own
server. It answers a login and verifies a launch; state and launch data live in the memory of its one process.

python -m bench.pylti KEYS    KEYS: a file with the platform's key set, so that nothing is fetched
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from pylti1p3.contrib.flask.launch_data_storage.cache import FlaskCacheDataStorage
from pylti1p3.contrib.flask.message_launch import FlaskMessageLaunch
from pylti1p3.contrib.flask.oidc_login import FlaskOIDCLogin
from pylti1p3.contrib.flask.request import FlaskRequest
from pylti1p3.tool_config.dict import TIssConf, ToolConfDict

from bench.lms import CLIENT, DEPLOYMENT, ISSUER
from core.settings import from_environment
from heirloom.serve import Web


class Memory:
    """A cache as `FlaskCacheDataStorage` wants it. Nothing expires: the process lives for minutes."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self._kept.get(key)

    def set(self, key: str, value: Any, timeout: int | None = None) -> None:
        del timeout
        self._kept[key] = value


def create(keys: dict[str, Any]) -> Flask:
    """The tool."""
    app = Flask(__name__)
    platform: TIssConf = {
        "client_id": CLIENT,
        "auth_login_url": f"{ISSUER}/auth",
        "auth_token_url": f"{ISSUER}/token",
        "key_set": keys,  # type: ignore[typeddict-item]  # its members are strings, read from a file
        "deployment_ids": [DEPLOYMENT],
    }
    config, memory = ToolConfDict({ISSUER: platform}), Memory()

    @app.get("/")
    def ready() -> str:
        return "ready"

    @app.get("/lti/login")
    def login() -> ResponseReturnValue:
        asked, storage = _asked(memory)
        begun = FlaskOIDCLogin(asked, config, launch_data_storage=storage)
        answer: ResponseReturnValue = begun.redirect(request.args["target_link_uri"])
        return answer

    @app.post("/lti/launch")
    def launch() -> ResponseReturnValue:
        asked, storage = _asked(memory)
        verified = FlaskMessageLaunch(asked, config, launch_data_storage=storage)
        return jsonify({"token": verified.get_launch_id(), "sub": verified.get_launch_data()["sub"]})

    return app


def _asked(memory: Memory) -> tuple[FlaskRequest, FlaskCacheDataStorage]:
    """What every use of the library is made of; these classes have no types."""
    return FlaskRequest(), FlaskCacheDataStorage(memory)  # type: ignore[no-untyped-call]


class Minimal(Web):
    """The product's server with another application on it."""

    def load(self) -> Flask:
        return create(json.loads(Path(sys.argv[1]).read_text()))


if __name__ == "__main__":
    Minimal(from_environment(os.environ)).run()
