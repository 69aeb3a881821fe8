"""What RFC 4287 demands of a feed, as far as ours can break it; each complaint begins with the section."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from defusedxml.ElementTree import fromstring

from lti_tool.atom import NAMESPACE

_NS = f"{{{NAMESPACE}}}"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")  # RFC 3339, capital T and Z
_TEXTS = ("title", "subtitle", "rights", "summary")
_FEED = {"author", "category", "contributor", "generator", "icon", "id", "link", "logo", "rights", "subtitle", "title"}
_ENTRY = {"author", "category", "content", "contributor", "id", "link", "published", "rights", "source", "summary"}


def complaints(data: bytes) -> list[str]:
    """Everything that is wrong with a feed."""
    root = fromstring(data)
    return list(_feed(root))


def _feed(root: object) -> Iterator[str]:
    entries = _all(root, "entry")
    if root.tag != f"{_NS}feed":  # type: ignore[attr-defined]
        yield "4.1.1: the root is no feed"
    yield from _common("4.1.1", root, _FEED | {"updated", "entry"})
    if not _all(root, "author") and not all(_all(entry, "author") for entry in entries):
        yield "4.1.1: neither the feed nor each entry has an author"
    if not any(link.get("rel") == "self" for link in _all(root, "link")):
        yield "4.1.1: a feed should say its own address"
    for entry in entries:
        yield from _common("4.1.2", entry, _ENTRY | {"title", "updated"})
        if not _all(entry, "content") and not any(link.get("rel") == "alternate" for link in _all(entry, "link")):
            yield "4.1.2: an entry without content needs an alternate link"
        if len(_all(entry, "content")) > 1:
            yield "4.1.2: more than one content"
        for content in _all(entry, "content"):
            if content.get("type") != "html" or len(content):
                yield "4.1.3.3: HTML content is text, without child elements"
    versions = Counter((_all(entry, "id")[0].text, _all(entry, "updated")[0].text) for entry in entries)
    if any(count > 1 for count in versions.values()):
        yield "4.1.1: two entries have one id and one time"


def _common(section: str, element: object, known: set[str]) -> Iterator[str]:
    names = [child.tag.removeprefix(_NS) for child in element]  # type: ignore[attr-defined]
    yield from (f"{section}: unknown element {name}" for name in set(names) - known)
    yield from (f"{section}: exactly one {name}" for name in ("id", "title", "updated") if names.count(name) != 1)
    yield from (f"{section}: at most one {n}" for n in ("rights", "subtitle", "published") if names.count(n) > 1)
    for name in _TEXTS:
        yield from (f"3.1: {name} is text" for child in _all(element, name) if len(child) or child.get("type"))
    for name in ("updated", "published"):
        for child in _all(element, name):
            if not _INSTANT.fullmatch(child.text or ""):
                yield f"3.3: {child.text} is no date"
    for person in _all(element, "author"):
        if [child.tag for child in person] != [f"{_NS}name"] or not person[0].text:
            yield "3.2: a person has one name"
    for found in _all(element, "id"):
        if not found.text or not urlsplit(found.text).scheme or found.text != found.text.strip():
            yield "4.2.6: an id is an absolute IRI"
    alternates = Counter(link.get("type") for link in _all(element, "link") if link.get("rel") == "alternate")
    if any(count > 1 for count in alternates.values()):
        yield f"{section}: two alternate links of one type"
    if any(not link.get("href") for link in _all(element, "link")):
        yield "4.2.7.1: a link has an address"
    if any(not category.get("term") for category in _all(element, "category")):
        yield "4.2.2.1: a category has a term"


def _all(element: object, name: str) -> list[object]:
    return element.findall(f"{_NS}{name}")  # type: ignore[attr-defined, no-any-return]
