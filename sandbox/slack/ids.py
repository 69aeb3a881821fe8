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
