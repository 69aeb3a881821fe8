"""An Atom feed (RFC 4287), written with the standard library's XML.

Texts that come here are HTML that passed `rendering`; XML gets them as text (`type="html"`), so that no mark-up of a
person's can end an element of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from core.problems.texts import block, line

NAMESPACE = "http://www.w3.org/2005/Atom"
MIME = "application/atom+xml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `url` is where it can be read, `html` its content, `rights` under which licence it may be used."""

    id: str
    title: str
    url: str
    html: str
    updated: datetime
    author: str = ""  # none: the feed's stands in (section 4.2.1)
    rights: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed. `url` is the page that it is about, `own_url` its own address; `author` is never empty."""

    id: str
    title: str
    url: str
    own_url: str
    author: str
    updated: datetime
    language: str
    entries: Sequence[Entry]
    subtitle: str = ""


def tag_id(url: str, since: datetime, name: str) -> str:
    """An id that stays the same wherever the thing moves (RFC 4151): who named it, since when, and how."""
    return f"tag:{urlsplit(url).hostname},{since.astimezone(UTC):%Y-%m-%d}:{name}"


def written(feed: Feed) -> bytes:
    """The feed as a file in UTF-8, the newest entry first."""
    root = Xml.Element("feed", {"xmlns": NAMESPACE, "xml:lang": feed.language})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    if feed.subtitle:
        _text(root, "subtitle", feed.subtitle)
    _instant(root, "updated", feed.updated)
    _author(root, feed.author)
    Xml.SubElement(root, "link", {"rel": "self", "type": MIME, "href": feed.own_url})
    Xml.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.url})
    _text(root, "generator", "Heirloom")
    for entry in sorted(feed.entries, key=lambda entry: (entry.updated, entry.id), reverse=True):
        _entry(Xml.SubElement(root, "entry"), entry)
    Xml.indent(root)
    data: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _entry(parent: Xml.Element, entry: Entry) -> None:
    _text(parent, "id", entry.id)
    _text(parent, "title", entry.title)
    _instant(parent, "updated", entry.updated)
    if entry.author:
        _author(parent, entry.author)
    Xml.SubElement(parent, "link", {"rel": "alternate", "type": "text/html", "href": entry.url})
    for name in entry.categories:
        Xml.SubElement(parent, "category", {"term": line(name)})
    if entry.rights:
        _text(parent, "rights", entry.rights)
    content = Xml.SubElement(parent, "content", {"type": "html"})
    content.text = block(entry.html)


def _author(parent: Xml.Element, name: str) -> None:
    _text(Xml.SubElement(parent, "author"), "name", name)


def _text(parent: Xml.Element, name: str, value: str) -> None:
    Xml.SubElement(parent, name).text = line(value)


def _instant(parent: Xml.Element, name: str, value: datetime) -> None:
    _text(parent, name, value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
