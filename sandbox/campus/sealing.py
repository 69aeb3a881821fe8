"""Values that travel through a browser or a tool and must come back unchanged: login hints and message hints."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import jwt


class BrokenSealError(ValueError):
    """The value was not sealed by this campus for this purpose, or was altered."""


class ExpiredSealError(ValueError):
    """The value is genuine and too old."""


def seal(values: dict[str, Any], *, secret: str, purpose: str, now: datetime, lifetime: timedelta) -> str:
    """A signed text that holds `values`. Nobody but the campus needs to understand it."""
    claims = {"for": purpose, "until": (now + lifetime).timestamp(), "values": values}
    return jwt.encode(claims, secret, algorithm="HS256")


def unseal(text: str, *, secret: str, purpose: str, now: datetime) -> dict[str, Any]:
    """The values of a sealed text. Raises BrokenSealError or ExpiredSealError."""
    try:
        claims = jwt.decode(text, secret, algorithms=["HS256"])
    except jwt.PyJWTError as problem:
        raise BrokenSealError(str(problem)) from problem
    if claims.get("for") != purpose:
        raise BrokenSealError("sealed for another purpose")
    if now.timestamp() >= claims["until"]:
        raise ExpiredSealError("too old")
    values: dict[str, Any] = claims["values"]
    return values
