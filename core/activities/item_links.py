"""Web addresses of things that a class found: one spelling for each, and which machine they lead to."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

from core.activities.refusals import Refusal
from core.words import N_

LONGEST = 2_000
_DEFAULT_PORTS = {"http": 80, "https": 443}
_KEPT = "!#$%&'()*+,/:;=?@[]~-._"  # signs that mean something in an address, and % of what is written so already


def clean(address: str) -> str:
    """`address` as browsers write it: scheme and host in small letters, the host in ASCII (IDNA), no default port,
    other signs than ASCII percent-encoded. "example.org/x" is taken as https; empty stays empty.

    Raises Refusal for what is no http or https address of a named machine, or names a user: that hides where it leads.
    """
    address = "".join(address.split())
    if not address:
        return ""
    if "://" not in address and not address.lower().startswith(("javascript:", "data:", "mailto:", "file:", "blob:")):
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
        named = host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        raise _no_address() from None
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or len(address) > LONGEST or not _is_name(named):
        raise _no_address()
    if ":" in named:
        named = f"[{named}]"
    place = named if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{named}:{port}"
    path, query, fragment = (quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, place, path or "/", query, fragment))


def host(address: str) -> str:
    """The machine that a cleaned address leads to, as a reader should see it: in ASCII, so that no letter of another
    script looks like one of ours."""
    return urlsplit(address).netloc


def _is_name(host: str) -> bool:
    """Letters, digits, hyphens and dots with a dot somewhere, or an address in brackets."""
    if ":" in host:
        return all(sign in "0123456789abcdef:." for sign in host)
    labels = host.split(".")
    return len(labels) > 1 and all(
        label and len(label) < 64 and all(sign.isalnum() or sign in "-_" for sign in label) for label in labels
    )


def _no_address() -> Refusal:
    return Refusal(
        N_(
            "This is no web address that we can keep. Copy it from the address line of your browser: it begins with "
            "https:// or http://. The rest of what you typed is still there."
        )
    )
