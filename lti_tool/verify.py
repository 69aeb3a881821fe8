"""Whether an id_token is what it says: a pure function of its bytes, the platform's keys, what we expect, and the time.

Sources: 1EdTech Security Framework 1.0 section 5.1.3 (steps 1 to 9 below), RFC 7515, RFC 7519. Written on the
primitives of `cryptography`: every rule is one line here, and none depends on the defaults of a library.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from core.secrets import digest
from lti_tool.keysets import PublicKey
from lti_tool.refusals import TOKEN_INVALID, TOKEN_LATE, Refused

LEEWAY = 10  # seconds that two clocks may differ
WINDOW = 600  # seconds after iat in which a token may be used; a login state lives no longer
LONGEST = 128 * 1024  # characters of a token
YEAR_10000 = 253_402_300_800  # seconds since 1970; also keeps NaN, infinity and numbers of 400 digits out
UNUSUAL_LIFE = 24 * 3600  # seconds between iat and exp: accepted, said in the log

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A compact JWS in its parts; nothing in it is trusted yet."""

    kid: str
    signed: bytes
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the login fixed: who may speak, to whom, answering what."""

    issuer: str
    client_id: str
    nonce_hash: str
    trusted_audiences: Collection[str] = ()


def parse(text: str) -> Token:
    """Split a compact JWS and read its header. Raises Refused.

    Only `alg` and `kid` of the header count: jku, x5u, x5c and jwk are ignored, `crit` is refused (RFC 7515 section
    4.1.11).
    """
    parts = text.split(".")
    if len(text) > LONGEST or len(parts) != 3 or not all(map(_BASE64URL.fullmatch, parts)):
        raise Refused(TOKEN_INVALID, "not a compact JWS")
    head, body, mark = parts
    header = _object(_decoded(head))
    if header.get("alg") != "RS256":  # exactly: 'none' in any case, HS256 and RS1 end here
        raise Refused(TOKEN_INVALID, "alg is not RS256")
    if "crit" in header:
        raise Refused(TOKEN_INVALID, "crit header")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise Refused(TOKEN_INVALID, "no kid")
    return Token(kid, f"{head}.{body}".encode(), _decoded(body), _decoded(mark))


def verified(token: Token, keys: Iterable[PublicKey], expected: Expected, now: datetime) -> Mapping[str, Any]:
    """The claims of a token that is signed by the platform, meant for us, in time, and answers our login.

    Raises Refused.
    """
    if not any(_signed_by(token, key) for key in keys):  # step 1; several keys may carry one kid
        raise Refused(TOKEN_INVALID, "no key verifies the signature")
    claims = _object(token.payload)  # the bytes that were verified, read once
    if claims.get("iss") != expected.issuer:  # step 2
        raise Refused(TOKEN_INVALID, "iss")
    _check_audience(claims, expected)  # steps 3 to 5
    _check_times(claims, now.timestamp())  # steps 7 and 8
    nonce = claims.get("nonce")  # step 9; that it is used once is settled by the database
    if not isinstance(nonce, str) or not nonce or not hmac.compare_digest(digest(nonce), expected.nonce_hash):
        raise Refused(TOKEN_INVALID, "nonce")
    return claims


def lives_unusually_long(claims: Mapping[str, Any]) -> bool:
    """Whether a verified token would be valid for days.

    Harmless here, because our own window is shorter; worth a log line.
    """
    return bool(claims["exp"] - claims["iat"] > UNUSUAL_LIFE)


def _signed_by(token: Token, key: PublicKey) -> bool:
    if key.kid != token.kid:
        return False
    try:
        key.key.verify(token.signature, token.signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _check_audience(claims: Mapping[str, Any], expected: Expected) -> None:
    aud = claims.get("aud")
    audiences = [aud] if isinstance(aud, str) else aud
    if not isinstance(audiences, list) or not all(isinstance(name, str) for name in audiences):
        raise Refused(TOKEN_INVALID, "aud")
    if expected.client_id not in audiences:  # at any place
        raise Refused(TOKEN_INVALID, "aud does not name us")
    if not set(audiences) <= {expected.client_id, *expected.trusted_audiences}:
        raise Refused(TOKEN_INVALID, "aud names someone we do not trust")
    if len(audiences) > 1 and "azp" not in claims:
        raise Refused(TOKEN_INVALID, "several audiences without azp")
    if "azp" in claims and claims["azp"] != expected.client_id:
        raise Refused(TOKEN_INVALID, "azp is not ours")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires, issued, begins = (_instant(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None:
        raise Refused(TOKEN_INVALID, "exp or iat is missing")
    if expires <= now - LEEWAY:
        raise Refused(TOKEN_LATE, "expired")
    if issued > now + LEEWAY:
        raise Refused(TOKEN_LATE, "issued in the future")
    if issued < now - WINDOW - LEEWAY:
        raise Refused(TOKEN_LATE, "issued too long ago")
    if begins is not None and begins > now + LEEWAY:
        raise Refused(TOKEN_LATE, "not valid yet")


def _instant(claims: Mapping[str, Any], name: str) -> float | int | None:
    """A NumericDate (RFC 7519 section 2): a JSON number, never a string or a boolean."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < YEAR_10000:
        raise Refused(TOKEN_INVALID, f"{name} is not a time")
    return value


def _decoded(part: str) -> bytes:
    try:
        decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise Refused(TOKEN_INVALID, "not base64url") from None
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != part:  # one text for one meaning
        raise Refused(TOKEN_INVALID, "not canonical base64url")
    return decoded


def _object(raw: bytes) -> dict[str, Any]:
    """A JSON object in which no name occurs twice, at any depth (RFC 7519 section 4). Raises Refused."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(TOKEN_INVALID, "not a JSON object") from None
    if not isinstance(value, dict):
        raise Refused(TOKEN_INVALID, "not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name occurs twice")
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
