"""A call to a service of a platform: with a token for exactly its scopes, renewed once when the platform refuses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.activities.platforms import Registered
from lti_tool.egress import Answer, Egress, Limits
from lti_tool.tokens import Tokens

UNAUTHORIZED = 401
LIMITS = Limits(connect=5.0, read=10.0, total=20.0, size=1024 * 1024)


class Services:
    """Calls in the name of one of our registrations."""

    def __init__(self, tokens: Tokens, egress: Egress) -> None:
        self._tokens = tokens
        self._egress = egress

    def get(
        self, registration: Registered, deployment_id: str, scopes: Sequence[str], url: str, headers: Mapping[str, str]
    ) -> Answer:
        """GET. Raises NoToken, Unreachable."""
        return self._call("GET", registration, deployment_id, scopes, url, headers, None)

    def post(
        self,
        registration: Registered,
        deployment_id: str,
        scopes: Sequence[str],
        url: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        """POST. Raises NoToken, Unreachable."""
        return self._call("POST", registration, deployment_id, scopes, url, headers, body)

    def _call(
        self,
        method: str,
        registration: Registered,
        deployment_id: str,
        scopes: Sequence[str],
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Answer:
        answer = self._once(method, registration, deployment_id, scopes, url, headers, body)
        if answer.status == UNAUTHORIZED:  # revoked or expired early: one new token, one more try
            self._tokens.forget(registration, deployment_id, scopes)
            answer = self._once(method, registration, deployment_id, scopes, url, headers, body)
        return answer

    def _once(
        self,
        method: str,
        registration: Registered,
        deployment_id: str,
        scopes: Sequence[str],
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Answer:
        token = self._tokens.get(registration, deployment_id, scopes)
        return self._egress.call(method, url, {**headers, "Authorization": f"Bearer {token}"}, body, LIMITS)
