"""The pages of a public archive, for the web and for a folder that any web server or file manager can show.

Nothing here asks who reads: a page is made of what is public and of nothing else. It has no script, and all its links
come from `Links`, so that the same templates serve both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from flask import current_app, render_template, url_for
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from core.activities import archive_pages
from core.activities.archive import Face
from core.activities.archive_pages import Page, Picture, PublicItem, PublicTag
from core.activities.licences import LICENCES
from lti_tool import atom, rendering
from lti_tool.language import language, translate
from lti_tool.pages import asset

STYLE, ICON = "heirloom.css", "icon.svg"
ENDINGS: Mapping[str, str] = {"image/png": "png", "image/jpeg": "jpg"}
_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


class Links(Protocol):
    """Where the parts of an archive are, as seen from its pages."""

    def index(self, page: int = 1) -> str: ...
    def item(self, item: PublicItem) -> str: ...
    def tag(self, tag: PublicTag, page: int = 1) -> str: ...
    def picture(self, picture: Picture) -> str: ...
    def feed(self) -> str: ...
    def style(self) -> str: ...
    def icon(self) -> str: ...


class OnTheWeb:
    """Addresses of this server; `base` makes them absolute, for the feed."""

    def __init__(self, slug: str, base: str = "") -> None:
        self.slug, self.base = slug, base

    def index(self, page: int = 1) -> str:
        return self.base + url_for("archive.index", slug=self.slug, page=page if page > 1 else None)

    def item(self, item: PublicItem) -> str:
        return self.base + url_for("archive.item", slug=self.slug, item=item.public_id)

    def tag(self, tag: PublicTag, page: int = 1) -> str:
        return self.base + url_for("archive.tag", slug=self.slug, tag=tag.id, page=page if page > 1 else None)

    def picture(self, picture: Picture) -> str:
        ending = ENDINGS[picture.mime]
        return self.base + url_for("archive.picture", slug=self.slug, sha256=picture.sha256, ending=ending)

    def feed(self) -> str:
        return self.base + url_for("archive.feed", slug=self.slug)

    def style(self) -> str:
        return asset(STYLE)

    def icon(self) -> str:
        return asset(ICON)


class InAFolder:
    """Names of files that lie beside each other, so that every link works wherever the folder lies, `file:` too."""

    def index(self, page: int = 1) -> str:
        return "index.html" if page == 1 else f"page-{page}.html"

    def item(self, item: PublicItem) -> str:
        return f"item-{item.public_id}.html"

    def tag(self, tag: PublicTag, page: int = 1) -> str:
        return f"tag-{tag.id}.html" if page == 1 else f"tag-{tag.id}-{page}.html"

    def picture(self, picture: Picture) -> str:
        return f"pictures/{picture.sha256}.{ENDINGS[picture.mime]}"

    def feed(self) -> str:
        return "feed.atom"

    def style(self) -> str:
        return STYLE

    def icon(self) -> str:
        return ICON


def index_page(face: Face, page: Page, tags: list[PublicTag], links: Links) -> str:
    """A page of items, the newest first, with what the archive says about itself and its tags."""
    return _rendered("archive/index.html", face, links, page=page, tags=tags, tag=None, turn=links.index)


def tag_page(face: Face, tag: PublicTag, page: Page, links: Links) -> str:
    """The items with one tag."""
    return _rendered(
        "archive/index.html", face, links, page=page, tags=[], tag=tag, turn=lambda number: links.tag(tag, number)
    )


def item_page(face: Face, item: PublicItem, links: Links) -> str:
    """One item."""
    return _rendered("archive/item.html", face, links, item=item)


def _rendered(template: str, face: Face, links: Links, **values: object) -> str:
    return render_template(
        template, face=face, links=links, licences=LICENCES, contact=contact(face.contact, face.title), **values
    )


def contact(words: str, about: str) -> Markup:
    """Whom to write to, as a link where it is an address."""
    if _MAIL.fullmatch(words):
        return Markup('<a href="mailto:{}?subject={}">{}</a>').format(quote(words, safe="@"), quote(about), words)
    if is_web(words):
        return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(words, words)
    return escape(words)


def is_web(address: str | None) -> bool:
    """Whether an address is one that a link may lead to."""
    return urlsplit(address or "").scheme in {"http", "https"}


def feed(face: Face, items: list[PublicItem], links: Links, base: str) -> bytes:
    """The newest items as an Atom feed. `base`, this server's address, is part of ids, which stay as they are in an
    exported folder: a reader that moves there sees nothing twice.
    """
    name = f"archive/{face.slug}"
    return atom.written(
        atom.Feed(
            id=atom.tag_id(base, face.opened_at, name),
            title=face.title,
            subtitle=rendering.plain(face.about, "markdown", 300),
            url=links.index(),
            own_url=links.feed(),
            author=face.title,
            updated=max((item.published_at for item in items), default=face.opened_at),
            language=language(),
            entries=[
                atom.Entry(
                    id=atom.tag_id(base, face.opened_at, f"{name}/{item.public_id}"),
                    title=item.title,
                    url=links.item(item),
                    html=render_template("archive/_entry.html", item=item, links=links, licences=LICENCES),
                    updated=item.published_at,
                    author=item.by or "",
                    rights=_rights(item),
                    categories=tuple(tag.name for tag in item.tags),
                )
                for item in items
            ],
        )
    )


def _rights(item: PublicItem) -> str:
    """The licence by its name and the address of its words."""
    licence = LICENCES[item.licence]
    return " ".join(filter(None, (translate(licence.label), licence.url)))


def files(session: Session, face: Face, base: str) -> Iterator[tuple[str, bytes]]:
    """The whole archive as a static site: names and contents. Within a request, or an application context."""
    links, slug = InAFolder(), face.slug
    everything, tags = archive_pages.everything(session, slug), archive_pages.tags(session, slug)
    for name in (STYLE, ICON):
        yield name, (Path(str(current_app.static_folder)) / name).read_bytes()
    number = pages = 1
    while number <= pages:
        page = archive_pages.page(session, slug, number)
        pages = page.pages
        yield links.index(number), index_page(face, page, tags if number == 1 else [], links).encode()
        number += 1
    for tag in tags:
        number = pages = 1
        while number <= pages:
            _, page = archive_pages.of_tag(session, slug, tag.id, number)
            pages = page.pages
            yield links.tag(tag, number), tag_page(face, tag, page, links).encode()
            number += 1
    for item in everything:
        yield links.item(item), item_page(face, item, links).encode()
    for picture in {item.picture.sha256: item.picture for item in everything if item.picture}.values():
        yield links.picture(picture), archive_pages.picture(session, slug, picture.sha256)[1]
    yield links.feed(), feed(face, everything[: archive_pages.IN_FEED], links, base)
