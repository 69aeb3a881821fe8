"""Web addresses that others name: which are safe to keep, and what page they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit


def is_web_address(url: object, *, development: bool) -> bool:
    """Whether `url` is an absolute https address (http too in development) that every parser reads alike."""
    if not isinstance(url, str) or not url.isascii() or len(url) > 4096:
        return False
    if any(sign <= " " or sign in '\\"<>^`{|}\x7f' for sign in url):
        return False
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    schemes = {"https", "http"} if development else {"https"}
    return parts.scheme in schemes and bool(parts.hostname) and port_is_fine and "@" not in parts.netloc


def origin(url: str) -> str:
    """`scheme://host[:port]` of an address that passed `is_web_address`, as browsers write it."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    default = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" if parts.port in (None, default) else f"{parts.scheme}://{host}:{parts.port}"


def origins(urls: Iterable[str]) -> tuple[str, ...]:
    """The distinct origins of several addresses, in order of first appearance; what is no address is left out."""
    return _origins(tuple(urls))


@lru_cache(maxsize=1024)  # every page of a platform names the same ones
def _origins(urls: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(origin(url) for url in urls if is_web_address(url, development=True)))
