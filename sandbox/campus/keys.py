"""The campus's signing keys: made, kept, rotated with an overlap, published (Security Framework 6.3, 7.2)."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jwt.algorithms import RSAAlgorithm

from sandbox.campus.store import Store, as_text

ALGORITHM = "RS256"
KEY_BITS = 2048


def new_private_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=KEY_BITS)


def public_jwk(key: RSAPrivateKey, kid: str) -> dict[str, Any]:
    """The public half as a JWK with `alg`, `kid` and `use`, as platforms publish it."""
    members = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return {"kty": "RSA", "alg": ALGORITHM, "kid": kid, "use": "sig", "e": members["e"], "n": members["n"]}


class KeyRing:
    """Keys of the database, each loaded once a process."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._loaded: dict[str, RSAPrivateKey] = {}
        self._decoy: RSAPrivateKey | None = None
        self._lock = threading.Lock()
        with store.writing() as db:
            if db.execute("SELECT 1 FROM platform_key").fetchone() is None:
                self.rotate(db, now, timedelta(0))

    def rotate(self, db: sqlite3.Connection, now: datetime, overlap: timedelta) -> str:
        """Sign with a new key from now on; the old one stays in the key set for `overlap`. Returns the new key id."""
        kid, key = secrets.token_hex(10), new_private_key()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        db.execute("UPDATE platform_key SET retires_at = ? WHERE retires_at IS NULL", (as_text(now + overlap),))
        db.execute("INSERT INTO platform_key (kid, private_pem, created_at) VALUES (?, ?, ?)", (kid, pem, as_text(now)))
        return kid

    def current(self, db: sqlite3.Connection) -> tuple[str, RSAPrivateKey]:
        """The key that signs, with its id."""
        row = db.execute("SELECT kid, private_pem FROM platform_key WHERE retires_at IS NULL").fetchone()
        return row["kid"], self._load(row)

    def key_set(self, db: sqlite3.Connection, now: datetime, *, wrong: bool = False) -> dict[str, Any]:
        """The JSON Web Key Set: the signing key and those that retired less than the overlap ago.

        With `wrong`, the ids are right and the keys are not: a fault for trying a tool.
        """
        rows = db.execute(
            "SELECT kid, private_pem FROM platform_key WHERE retires_at IS NULL OR retires_at > ?"
            " ORDER BY created_at DESC, rowid DESC",
            (as_text(now),),
        ).fetchall()
        return {"keys": [public_jwk(self.decoy() if wrong else self._load(row), row["kid"]) for row in rows]}

    def decoy(self) -> RSAPrivateKey:
        """A key that never was the campus's."""
        with self._lock:
            self._decoy = self._decoy or new_private_key()
            return self._decoy

    def _load(self, row: sqlite3.Row) -> RSAPrivateKey:
        with self._lock:
            if row["kid"] not in self._loaded:
                # Its own key: checking the primes again would cost more than a launch.
                key = load_pem_private_key(
                    row["private_pem"].encode(), password=None, unsafe_skip_rsa_key_validation=True
                )
                assert isinstance(key, RSAPrivateKey)
                self._loaded[row["kid"]] = key
            return self._loaded[row["kid"]]


def sign(claims: dict[str, Any], key: RSAPrivateKey, header: dict[str, Any]) -> str:
    """A JWT over `claims`, RS256."""
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers=header)
