"""A tool's key set, fetched over HTTP, and the check of what the tool signed (Security Framework 5.1.3, 6.1)."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import jwt
import urllib3

from sandbox.campus.keys import ALGORITHM
from sandbox.campus.tools import Tool
from sandbox.campus.values import check_text, finite_number, parse_json

KEEP_SECONDS = 60.0
MOST_BYTES = 256 * 1024
LEEWAY_SECONDS = 10
LONGEST_LIFE_SECONDS = 3600


class ToolTokenError(ValueError):
    """A JWT of the tool does not hold. `str()` says why; `unknown_kid` marks the case that Moodle answers oddly."""

    def __init__(self, reason: str, *, unknown_kid: bool = False) -> None:
        super().__init__(reason)
        self.unknown_kid = unknown_kid


class ToolKeys:
    """Fetches key sets, and keeps each for a minute so that a burst of calls costs one request."""

    def __init__(self, timeout: float) -> None:
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(total=timeout), retries=False)
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def verified(self, token: str, tool: Tool) -> dict[str, Any]:
        """The claims of a JWT that the tool signed with a key of its key set. Times are not looked at here."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as problem:
            raise ToolTokenError("This is not a JWT.") from problem
        if header.get("alg") != ALGORITHM:
            raise ToolTokenError(f"The algorithm must be {ALGORITHM}.")
        kid = header.get("kid")
        if not isinstance(kid, str) or not kid:
            raise ToolTokenError("The JWT names no key (kid).")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(tool.jwks_url, kid),
                algorithms=[ALGORITHM],
                # Times follow the campus's clock, and the audience differs by message: the callers check both.
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False},
            )
        except jwt.PyJWTError as problem:
            raise ToolTokenError(f"Signature verification failed: {problem}") from problem
        try:
            check_text(claims)
        except ValueError as problem:
            raise ToolTokenError("The JWT holds half characters.") from problem
        return claims

    def _key(self, url: str, kid: str) -> jwt.PyJWK:
        kept = self._kept.get(url)
        if kept is None or time.monotonic() - kept[0] > KEEP_SECONDS or kid not in kept[1]:
            # A new key id may be a rotation, so it is worth a request.
            kept = (time.monotonic(), self._fetch(url))
            self._kept[url] = kept
        if kid not in kept[1]:
            raise ToolTokenError(f"The key set of the tool has no signing key {kid!r}.", unknown_kid=True)
        try:
            return jwt.PyJWK(kept[1][kid], algorithm=ALGORITHM)
        except jwt.PyJWTError as problem:
            raise ToolTokenError(f"The key {kid!r} of the tool cannot be used: {problem}") from problem

    def _fetch(self, url: str) -> dict[str, Any]:
        try:
            response = self._http.request(
                "GET", url, redirect=False, preload_content=False, headers={"Accept": "application/json"}
            )
            try:
                body = response.read(MOST_BYTES + 1)
            finally:
                response.release_conn()
        except urllib3.exceptions.HTTPError as problem:
            raise ToolTokenError(f"The key set of the tool cannot be fetched: {type(problem).__name__}.") from problem
        if response.status != 200 or len(body) > MOST_BYTES:
            found = f"HTTP {response.status}, {len(body)} bytes"
            raise ToolTokenError(f"The key set of the tool cannot be used: {found}.")
        try:
            keys = parse_json(body)["keys"]
            return {key["kid"]: key for key in keys if key.get("use", "sig") == "sig" and "kid" in key}
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise ToolTokenError("The key set of the tool is not a JSON Web Key Set.") from problem

    def close(self) -> None:
        self._http.clear()


def check_times(claims: dict[str, Any], now: datetime) -> None:
    """Raise ToolTokenError unless `iat` and `exp` are there, fit `now` and lie at most an hour apart."""
    for name in ("iat", "exp"):
        if finite_number(claims.get(name)) is None:
            raise ToolTokenError(f"{name} is missing or not a number.")
    moment = now.timestamp()
    if claims["exp"] + LEEWAY_SECONDS <= moment:
        raise ToolTokenError("Expired token.")
    if claims["iat"] - LEEWAY_SECONDS > moment:
        raise ToolTokenError("iat lies in the future.")
    if claims["exp"] - claims["iat"] > LONGEST_LIFE_SECONDS:
        raise ToolTokenError(f"The token lives longer than {LONGEST_LIFE_SECONDS} seconds.")


def names_audience(claims: dict[str, Any], audience: str) -> bool:
    """Whether `aud` is the audience or a list that has it."""
    given = claims.get("aud")
    return given == audience or (isinstance(given, list) and audience in given)
