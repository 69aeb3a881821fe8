"""Access tokens for a platform's services: client credentials with a signed assertion (Security Framework 1.0,
section 4.1).

A token is asked for with exactly the scopes of the call, kept sealed until shortly before it expires, and shared by
all processes.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from core.activities import keys, tokens
from core.activities.platforms import Registered
from core.events import work_event
from core.secrets import Vault
from core.store.database import Database
from lti_tool.egress import Answer, Egress, Limits, Unreachable
from lti_tool.keys import signed
from lti_tool.messages import CLAIM
from lti_tool.retrying import retry_after

ASSERTION_LIFE = 300  # seconds
USUAL_LIFE = 3600
LONGEST_LIFE = 24 * 3600
LIMITS = Limits(connect=5.0, read=30.0, total=40.0, size=64 * 1024)


class NoToken(Exception):
    """The platform gave no token. `kind` is 'forbidden' when it will never give these scopes, else 'transient'."""

    def __init__(self, kind: str, detail: str, wait: float | None = None) -> None:
        self.kind = kind
        self.wait = wait
        super().__init__(detail)


def assertion_claims(registration: Registered, deployment_id: str, *, now: datetime) -> dict[str, Any]:
    """Who asks: our client, at this platform, for this deployment (Core 1.3 section 6.2.1), once."""
    issued = int(now.timestamp())
    return {
        "iss": registration.client_id,
        "sub": registration.client_id,
        "aud": registration.token_audience or registration.token_url,
        "iat": issued,
        "exp": issued + ASSERTION_LIFE,
        "jti": secrets.token_urlsafe(32),
        f"{CLAIM}deployment_id": deployment_id,
    }


def read_token(answer: Answer, scopes: Sequence[str]) -> tuple[str, float]:
    """The token and the seconds that it is good for. Raises NoToken."""
    if answer.status != 200:
        raise NoToken("transient", f"token endpoint: status {answer.status}", retry_after(answer))
    try:
        body = answer.json()
    except ValueError:
        body = None
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(token, str) or not 0 < len(token) < 8192 or not token.isascii():
        raise NoToken("transient", "token endpoint: no token in the answer")
    granted = body.get("scope")
    if isinstance(granted, str) and not set(scopes) <= set(granted.split()):
        raise NoToken("forbidden", "token endpoint: fewer scopes than asked for")
    return token, _life(body)


def _life(body: Mapping[str, Any]) -> float:
    seconds = body.get("expires_in")
    if isinstance(seconds, str) and seconds.isdigit():
        seconds = int(seconds[:9])
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds) or seconds <= 0:
        return USUAL_LIFE
    return min(seconds, LONGEST_LIFE)


class Tokens:
    """Gives the token for a call, from the cache or from the platform."""

    def __init__(self, database: Database, egress: Egress, vault: Vault, now: Callable[[], datetime]) -> None:
        self._database = database
        self._egress = egress
        self._vault = vault
        self._now = now

    def get(self, registration: Registered, deployment_id: str, scopes: Sequence[str]) -> str:
        """A token with these scopes. Raises NoToken."""
        with self._database.read() as session:
            sealed = tokens.stored(session, registration.id, deployment_id, scopes, now=self._now())
        if sealed is not None:
            return self._vault.open(sealed)
        token, life = self._ask(registration, deployment_id, scopes)
        early = min(300.0, life / 10)  # a token that expires on the way is of no use
        with self._database.write() as session:
            tokens.keep(
                session,
                registration.id,
                deployment_id,
                scopes,
                sealed=self._vault.seal(token),
                expires_at=self._now() + timedelta(seconds=life - early),
            )
        return token

    def forget(self, registration: Registered, deployment_id: str, scopes: Sequence[str]) -> None:
        """Ask anew at the next call: the platform refused the token."""
        with self._database.write() as session:
            tokens.forget(session, registration.id, deployment_id, scopes)

    def _ask(self, registration: Registered, deployment_id: str, scopes: Sequence[str]) -> tuple[str, float]:
        with self._database.read() as session:
            key = keys.signing_key(session, registration.id)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": signed(
                assertion_claims(registration, deployment_id, now=self._now()), key, self._vault
            ),
            "scope": " ".join(sorted(scopes)),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            answer = self._egress.post(registration.token_url, urlencode(form).encode(), headers, LIMITS)
        except Unreachable as error:
            raise NoToken("transient", f"token endpoint: {error.kind}") from None
        token, life = read_token(answer, scopes)
        work_event("token_given", registration=registration.public_id, scopes=len(scopes))
        return token, life
