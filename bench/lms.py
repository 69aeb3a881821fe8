"""The platform of the bench: a name, one RSA key of 2,048 bits, and the signed tokens of its launches."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "http://127.0.0.1:9"  # nothing listens on port 9 (discard): whatever asked the platform would be seen
CLIENT = "bench-client"
DEPLOYMENT = "1"
KID = "bench-key"
BITS = 2048
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=BITS)


def public_keys() -> dict[str, Any]:
    """The platform's key set (RFC 7517)."""
    known = jwt.algorithms.RSAAlgorithm.to_jwk(_key().public_key(), as_dict=True)
    return {"keys": [{**known, "kid": KID, "alg": "RS256", "use": "sig"}]}


def id_token(nonce: str, *, subject: str, target: str) -> str:
    """A signed message: this student opens the activity's link (LTI Core 1.3 section 5.3)."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": subject,
        "nonce": nonce,
        "iat": now,
        "exp": now + 300,
        "name": subject,
        f"{CLAIM}message_type": "LtiResourceLinkRequest",
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}deployment_id": DEPLOYMENT,
        f"{CLAIM}target_link_uri": target,
        f"{CLAIM}roles": [LEARNER],
        f"{CLAIM}context": {"id": "course", "title": "Algebra, chance and reading"},
        f"{CLAIM}resource_link": {"id": "link", "title": "Practice"},
        AGS: {"scope": [SCORE], "lineitem": f"{ISSUER}/line-item"},
    }
    return jwt.encode(claims, _key(), algorithm="RS256", headers={"kid": KID})
