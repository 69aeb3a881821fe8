"""Names of things as Slack forms them: a letter that tells the kind, then letters and digits."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.ascii_uppercase + string.digits
LENGTH = 11
"""A user id has this many characters, the letter included."""


def new_id(kind: str) -> str:
    """An id that begins with `kind`: T team, E organisation, U user, B bot, C channel, D direct message, A app, V view,
    F file, Q scheduled message."""
    return kind + "0" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - len(kind) - 1))


def short(length: int = 5) -> str:
    """What Slack puts where the app gave no block_id or action_id."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


def secret_text(length: int) -> str:
    return secrets.token_hex((length + 1) // 2)[:length]


def token_text(kind: str, app_id: str, *, expires: bool) -> str:
    """A new token, which shows by its first letters what it is for and whether it expires."""
    if kind == "refresh":
        return f"xoxe-1-{secret_text(140)}"
    if kind == "app":
        return f"xapp-1-{app_id}-{secret_text(13)}-{secret_text(64)}"
    if expires:
        return f"xoxe.xoxb-1-{secret_text(140)}"
    return f"xoxb-{secret_text(12)}-{secret_text(13)}-{secret_text(24)}"
