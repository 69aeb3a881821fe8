"""A platform's public keys: which of them may verify a launch, and how they are read (Security Framework 1.0,
section 6)."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from core.activities import key_sets
from core.activities.platforms import Registered
from core.events import security_event
from core.store.database import Database
from lti_tool.egress import Answer, Egress, Unreachable
from lti_tool.refusals import KEYS_UNREADABLE, Refused

SHORTEST = 2048  # bits, ASVS 5.0 11.2.3
MOST_KEYS = 100
OLD = timedelta(hours=12)  # then it is read again even if the kid is known: a key may have been withdrawn


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that may verify signatures made with RS256."""

    kid: str
    key: RSAPublicKey


def usable(body: Any) -> tuple[tuple[PublicKey, ...], tuple[str, ...]]:
    """The keys of a JWKS (RFC 7517) that may sign launches, and in words why others may not.

    Kept: kty RSA, a kid, use absent or `sig`, key_ops absent or with `verify`, alg absent or RS256, 2048 bits or more.
    """
    keys: list[PublicKey] = []
    problems: list[str] = []
    for jwk in (body.get("keys") if isinstance(body, dict) else None) or ():
        key, problem = _read(jwk)
        if key is not None:
            keys.append(key)
        else:
            problems.append(problem)
        if len(keys) == MOST_KEYS:
            break
    return tuple(keys), tuple(problems)


def _read(jwk: Any) -> tuple[PublicKey | None, str]:
    if not isinstance(jwk, dict) or jwk.get("kty") != "RSA":
        return None, "not an RSA key"
    kid = jwk.get("kid")
    if not isinstance(kid, str):
        return None, "no kid"
    if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ["verify"]):
        return None, "not a signing key"
    if jwk.get("alg", "RS256") != "RS256":
        return None, "made for another algorithm"
    try:
        numbers = RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"]))
        key = numbers.public_key()
    except (KeyError, TypeError, ValueError):
        return None, "not readable"
    if key.key_size < SHORTEST:
        return None, f"only {key.key_size} bits"
    return PublicKey(kid, key), ""


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


class KeySets:
    """Reads key sets through a cache that all processes share.

    A known kid costs one query. An unknown one makes one process fetch, at most once in a cool-down for each
    registration; others that meet it in the meantime wait for that fetch. When a fetch fails, the last good set
    stays in use.
    """

    def __init__(self, database: Database, egress: Egress, now: Callable[[], datetime], wait: float = 12.0) -> None:
        self._database = database
        self._egress = egress
        self._now = now
        self._wait = wait

    def with_kid(self, registration: Registered, kid: str) -> Sequence[PublicKey]:
        """The usable keys with this kid; empty where a readable set does not have it. Raises Refused (503)."""
        known = self._stored(registration.id)
        found = _with_kid(known, kid)
        if found and not self._is_old(known):
            return found
        self._refresh(registration, patient=not found)
        known = self._stored(registration.id)
        found = _with_kid(known, kid)
        if not found and not known.is_fresh:
            raise Refused(KEYS_UNREADABLE, "the key set has not been read")
        return found

    def _stored(self, registration_id: int) -> key_sets.Stored:
        with self._database.read() as session:
            return key_sets.stored(session, registration_id, now=self._now())

    def _is_old(self, known: key_sets.Stored) -> bool:
        return known.fetched_at is None or known.fetched_at < self._now() - OLD

    def _refresh(self, registration: Registered, *, patient: bool) -> None:
        with self._database.write() as session:
            claim = key_sets.claim(session, registration.id, now=self._now())
        if claim == "fetch":
            body = self._fetch(registration)
            with self._database.write() as session:
                key_sets.settle(session, registration.id, body, now=self._now())
        elif claim == "wait" and patient:
            give_up = time.monotonic() + self._wait
            while time.monotonic() < give_up and self._stored(registration.id).is_being_fetched:
                time.sleep(0.05)

    def _fetch(self, registration: Registered) -> dict[str, Any] | None:
        try:
            body = read_key_set(self._egress.get(registration.keyset_url, {"Accept": "application/json"}))
        except (Unreachable, ValueError) as error:
            security_event("key_set_unreadable", registration=registration.public_id, detail=str(error))
            return None
        _, problems = usable(body)
        if problems:
            security_event("key_set_has_unusable_keys", registration=registration.public_id, detail="; ".join(problems))
        return body


def _with_kid(known: key_sets.Stored, kid: str) -> list[PublicKey]:
    keys, _ = usable(known.body)
    return [key for key in keys if key.kid == kid]


def read_key_set(answer: Answer) -> dict[str, Any]:
    """The JWKS in an answer. Raises ValueError for a page, an error or an empty set."""
    if answer.status != 200:
        raise ValueError(f"status {answer.status}")
    body = answer.json()
    if not isinstance(body, dict) or not isinstance(body.get("keys"), list) or not body["keys"]:
        raise ValueError("no keys in the answer")
    return body
