"""The public archive on the web: no session, no cookie, no script; what is not public is not here, under any address.

Pages may be kept by whoever passes them on, if they ask again each time (`no-cache` and an entity tag): so what its
author takes back is gone at once. A picture is named by the hash of its bytes and kept for a day, as the consent says.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request

from core.activities import archive_pages
from core.activities.refusals import NotFound
from core.words import N_
from lti_tool import archive_site, atom, rendering
from lti_tool.addresses import row_number
from lti_tool.archive_site import ENDINGS, OnTheWeb
from lti_tool.wiring import wiring

blueprint = Blueprint("archive", __name__, url_prefix="/archive/<slug>")

PICTURE_SECONDS = 24 * 60 * 60
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@blueprint.app_template_filter("shortened")
def shortened(source: str, length: int) -> str:
    """The first words of a text that a person wrote, without its mark-up."""
    return rendering.plain(source, "markdown", length)


@blueprint.app_template_test("web")
def web(address: str | None) -> bool:
    """Whether an address is one that a link may lead to."""
    return archive_site.is_web(address)


@blueprint.get("/")
def index(slug: str) -> Response:
    """The newest items."""
    with wiring().database.read() as session:
        face = archive_pages.face(session, slug)
        page = archive_pages.page(session, slug, _page())
        tags = archive_pages.tags(session, slug)
    return _public(archive_site.index_page(face, page, tags, OnTheWeb(slug)), face.is_indexed)


@blueprint.get("/tags/<int:tag>/")
def tag(slug: str, tag: int) -> Response:
    """The items with a tag."""
    with wiring().database.read() as session:
        face = archive_pages.face(session, slug)
        its, page = archive_pages.of_tag(session, slug, tag, _page())
    return _public(archive_site.tag_page(face, its, page, OnTheWeb(slug)), face.is_indexed)


@blueprint.get("/items/<item>/")
def item(slug: str, item: str) -> Response:
    """One item."""
    with wiring().database.read() as session:
        face = archive_pages.face(session, slug)
        shown = archive_pages.item(session, slug, item)
    return _public(archive_site.item_page(face, shown, OnTheWeb(slug)), face.is_indexed)


@blueprint.get("/feed.atom")
def feed(slug: str) -> Response:
    """The newest items as a feed."""
    base = wiring().settings.url
    with wiring().database.read() as session:
        face = archive_pages.face(session, slug)
        items = archive_pages.newest(session, slug)
    written = archive_site.feed(face, items, OnTheWeb(slug, base), base)
    response = _public(written, face.is_indexed)
    response.headers["Content-Type"] = f"{atom.MIME}; charset=utf-8"
    return response


@blueprint.get("/pictures/<sha256>.<any(png, jpg):ending>")
def picture(slug: str, sha256: str, ending: str) -> Response:
    """A picture that a public item shows."""
    with wiring().database.read() as session:
        mime, body = archive_pages.picture(session, slug, sha256)
    if ENDINGS[mime] != ending:
        raise NotFound(N_("There is nothing here, or not any more: what its author or teacher takes back is gone."))
    response = make_response(body)
    response.headers["Content-Type"] = mime
    response.headers["Content-Disposition"] = f'inline; filename="{sha256[:16]}.{ending}"'
    response.headers["Cache-Control"] = f"public, max-age={PICTURE_SECONDS}, immutable"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # feed readers show it on pages of their own
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(sha256)
    return _conditional(response)


def _page() -> int:
    try:
        return row_number(request.args.get("page", "1"))
    except ValueError:
        return 0  # no page has it


def _public(body: str | bytes, is_indexed: bool) -> Response:
    response = make_response(body)
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Vary"] = "Accept-Language"
    response.headers["Content-Security-Policy"] = POLICY
    if not is_indexed:
        response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    return _conditional(response)


def _conditional(response: Response) -> Response:
    """304 where the reader has it already (RFC 9110 section 13)."""
    response.make_conditional(request)
    return response
