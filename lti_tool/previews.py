"""What a linked page says of itself: its title and its description, no picture, and nothing of what it looks like.

Only where a teacher wants it, and only when somebody asks for it: the page's address comes from a student, so the call
goes through `egress` (public addresses, resolved once, https). Redirects are followed three times, each one checked as
the first; 512 KB and 5 seconds in all; HTML only. Whatever goes wrong is one answer, None: what a server of this
network says to us is not told to anybody.
"""

from __future__ import annotations

import codecs
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from core.activities import texts
from lti_tool.egress import Answer, Egress, Limits, Unreachable

LIMITS = Limits(connect=3.0, read=4.0, total=5.0, size=512 * 1024)
MOST_REDIRECTS = 3
LONGEST_TITLE, LONGEST_DESCRIPTION = 200, 300
_HEAD = 64 * 1024  # characters; titles stand at the beginning
_REDIRECTS = {301, 302, 303, 307, 308}
_KINDS = {"text/html", "application/xhtml+xml"}
_PORTS = {None, 80, 443}
_CHARSETS = (
    "utf-8",
    "iso8859",
    "cp125",
    "shift_jis",
    "euc_",
    "gb",
    "big5",
    "koi8",
)  # not all codecs of Python are quick
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{1,40})", re.IGNORECASE)


def fetch(egress: Egress, url: str, *, any_port: bool = False) -> dict[str, str] | None:
    """`title` and `description` of the page at `url`; None where it cannot be read or says neither.

    `any_port`: for development, where servers of one's own listen elsewhere than at 80 and 443.
    """
    end = time.monotonic() + LIMITS.total
    for _ in range(MOST_REDIRECTS + 1):
        try:
            if not (any_port or urlsplit(url).port in _PORTS):
                return None
            left = end - time.monotonic()
            if left <= 0:
                return None
            answer = egress.get(url, {"Accept": "text/html"}, replace(LIMITS, total=left))
            if answer.status not in _REDIRECTS:
                return _said(answer) if answer.status == 200 else None
            url = urljoin(url, answer.headers.get("location", ""))
        except (Unreachable, ValueError):  # ValueError: an address that cannot be split
            return None
    return None


def _said(answer: Answer) -> dict[str, str] | None:
    kind, _, parameters = answer.headers.get("content-type", "").partition(";")
    if kind.strip().lower() not in _KINDS:
        return None
    page = _Head()
    page.feed(_decoded(answer.body, parameters)[:_HEAD])
    said = {
        "title": _line(page.open_graph.get("og:title") or page.title, LONGEST_TITLE),
        "description": _line(page.open_graph.get("og:description") or page.description, LONGEST_DESCRIPTION),
    }
    return said if any(said.values()) else None


def _decoded(body: bytes, parameters: str) -> str:
    named = re.search(r"charset=[\"']?([\w-]{1,40})", parameters, re.IGNORECASE)
    in_page = _CHARSET.search(body[:2048])
    charset = named.group(1) if named else in_page.group(1).decode() if in_page else "utf-8"
    try:
        name = codecs.lookup(charset).name
    except LookupError:
        name = "utf-8"
    return body.decode(name if name.startswith(_CHARSETS) else "utf-8", errors="replace")


def _line(text: str, longest: int) -> str:
    line = " ".join(texts.plain(text[: 4 * longest]).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


class _Head(HTMLParser):
    """Reads a page's title and what its meta elements say; takes the first of each."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.description = ""
        self.open_graph: dict[str, str] = {}
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        said = {name: value or "" for name, value in attrs}
        if tag == "title" and not self.title:
            self._in_title = True
        elif tag == "meta":
            if said.get("name", "").lower() == "description":
                self.description = self.description or said.get("content", "")
            if said.get("property", "").startswith("og:"):
                self.open_graph.setdefault(said["property"], said.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        """Text between elements."""
        if self._in_title:
            self.title += data
