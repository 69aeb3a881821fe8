"""Our key pairs and what they sign: client assertions and deep linking responses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core.activities.keys import NewKey, SigningKey
from core.secrets import Vault

BITS = 2048


def new_key(vault: Vault) -> NewKey:
    """A fresh RSA pair. Its kid is the RFC 7638 thumbprint of the public half: no two pairs share one."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    numbers = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    needed = {"e": numbers["e"], "kty": "RSA", "n": numbers["n"]}
    thumbprint = hashlib.sha256(json.dumps(needed, separators=(",", ":"), sort_keys=True).encode()).digest()
    kid = jwt.utils.base64url_encode(thumbprint).decode()
    return NewKey(kid, vault.seal(pem.decode()), {**needed, "kid": kid, "alg": "RS256", "use": "sig"})


def signed(claims: Mapping[str, Any], key: SigningKey, vault: Vault) -> str:
    """The claims as a compact JWS, RS256 (1EdTech Security Framework 1.0 section 5.4)."""
    # We made the key and the vault vouches for it: checking its primes again would take a tenth of a second each time.
    private = serialization.load_pem_private_key(
        vault.open(key.private_key).encode(), password=None, unsafe_skip_rsa_key_validation=True
    )
    assert isinstance(private, rsa.RSAPrivateKey)  # for mypy: `new_key` makes no other
    return jwt.encode(dict(claims), private, algorithm="RS256", headers={"kid": key.kid})
