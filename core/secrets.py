"""Secrets: random values that only one browser knows, and the vault that encrypts keys and tokens at rest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.settings import BadSetting


def fresh() -> str:
    """256 random bits as 43 URL-safe characters (ASVS 11.5.1: a UUID would not do)."""
    return secrets.token_urlsafe(32)


def public_id() -> str:
    """A name for a row in our addresses: 80 random bits in hexadecimal, so that it says nothing and cannot be
    guessed."""
    return secrets.token_hex(10)


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal: what the database keeps of a secret that is random itself and so needs no salt.

    Any text has one, also what JSON can carry and UTF-8 cannot: half of a surrogate pair.
    """
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def readable(length: int) -> str:
    """Random characters that people read, write down and type: no two of them look alike. Each has 4.9 bits."""
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(length))


def as_typed(code: str) -> str:
    """What was typed as `readable` gave it out: in capitals, without the hyphens and spaces between."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def support_code() -> str:
    """Eight characters that a person can read to us on the telephone; they find the log line of one refusal."""
    return readable(8)


def new_secret_key() -> str:
    """A key for HEIRLOOM_SECRET_KEYS."""
    return Fernet.generate_key().decode()


class Unreadable(Exception):
    """A stored secret that none of the secret keys opens: a key was removed from HEIRLOOM_SECRET_KEYS too early."""


class Vault:
    """Encrypts with the newest key, decrypts with any (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:  # its message would say nothing about the setting; the value itself must not be repeated
            raise BadSetting("HEIRLOOM_SECRET_KEYS cannot be used: make each key with `heirloom secret`.") from None

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text. Raises Unreadable."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise Unreadable("a stored secret cannot be read with HEIRLOOM_SECRET_KEYS") from None

    def reseal(self, sealed: str) -> str:
        """The same text, sealed with the newest key. Raises Unreadable."""
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken:
            raise Unreadable("a stored secret cannot be read with HEIRLOOM_SECRET_KEYS") from None
