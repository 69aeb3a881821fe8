"""What every response says to the browser about itself: who may frame it, what it may load, that nobody keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response, g, request
from werkzeug.datastructures import Headers

from core.activities import platforms
from lti_tool.wiring import wiring

PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def content_security_policy(*, frame_ancestors: Iterable[str], form_action: Iterable[str]) -> str:
    """The policy of one page. Scripts, styles and fonts come from us alone; nothing inline runs."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "form-action " + " ".join(("'self'", *form_action)),
            "frame-ancestors " + (" ".join(frame_ancestors) or "'none'"),
        )
    )


def comes_from_us(headers: Headers | Mapping[str, str], own_origin: str) -> bool:
    """Whether a request that changes something was sent by a page of ours, as far as the browser tells.

    Every browser since 2023 sends Sec-Fetch-Site. Under `no-referrer` a form of ours has the Origin `null`; scripts
    send the true one. A client that sends neither is no browser, and nobody's cookies ride on it.
    """
    sender = headers.get("Origin")
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin" and sender in (None, "null", own_origin)
    return sender is None or sender == own_origin


def protect(response: Response) -> Response:
    """Set the headers; runs after every request."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = PERMISSIONS
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if "Content-Security-Policy" not in response.headers:  # a public page brings a stricter one
        around = _frame_ancestors()
        # A deep linking answer is posted to the platform from whatever page of ours stands there.
        onward = around if "platform" in (request.view_args or {}) else ()
        policy = content_security_policy(frame_ancestors=around, form_action=onward)
        response.headers["Content-Security-Policy"] = policy
    if wiring().settings.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _frame_ancestors() -> tuple[str, ...]:
    """The origins of this platform's pages.

    A refusal that comes before any platform is known says nothing about anybody and has no button: it may be framed by
    anyone, because in a frame that nobody may show, its reader would see nothing at all.
    """
    if "frame_origins" in g:
        return tuple(g.frame_origins)
    public_id = (request.view_args or {}).get("platform")
    if public_id is None:
        return ("*",) if g.get("refused") else ()
    with wiring().database.read() as session:
        return platforms.frame_origins(session, public_id)
