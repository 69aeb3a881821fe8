"""The archive as strangers meet it: no session, no name, no script; what is not public is nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from defusedxml.ElementTree import fromstring
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.activities import archive_pages
from core.activities.archive import Face
from core.activities.consents import Consent
from core.store.tables import Activity, Archive, Contribution, Image, Item, Tag
from lti_tool import archive_site
from lti_tool.atom import NAMESPACE
from tests.core.activities.gallery_hall import Gallery, sha
from tests.core.problems.strategies import PICTURES
from tests.lti_tool.atom_rules import complaints
from tests.lti_tool.test_rendering import HOSTILE
from tests.tool import TOOL, Tool

KEYS_KNOWN = True
DATABASES = ("sqlite",)  # the rules are held on both in tests/core/activities/test_archive.py
ATOM = f"{{{NAMESPACE}}}"


@pytest.fixture
def gallery(tool: Tool) -> Gallery:
    """A named gallery with an open archive of two items, and much that is not public."""
    gallery = Gallery(tool.database, platform=2, students=5, anonymity="named")
    gallery.open_archive(about="What **we** found.")
    author = gallery.students[0]
    one = gallery.item(author, "Public one", body="Nine of ten dentists agree.")
    gallery.agree(author, one, Consent("CC-BY-4.0", "Maya R."))
    two = gallery.item(gallery.students[1], "Public two", picture=None, kind="produced")
    gallery.agree(gallery.students[1], two)
    gallery.later(hours=1)
    gallery.publish(one, two)
    gallery.say(one, gallery.tag("authority"), *gallery.students)
    for status in ("pending", "held", "retired", "kept"):
        hidden = gallery.public(author, f"Hidden {status}", picture=PICTURES[1])
        gallery.say(hidden, gallery.tag(f"hidden idea {status}"), *gallery.students)
        gallery.become(hidden, status=status)
    gallery.item(author, "Hidden, nobody asked", picture=PICTURES[2])
    waiting = gallery.item(author, "Hidden, not published", picture=PICTURES[2])
    gallery.agree(author, waiting)
    gone = gallery.public(author, "Hidden, taken back", picture=PICTURES[2])
    gallery.agree(author, gone, Consent(""))
    return gallery


def face(gallery: Gallery) -> Face:
    found = gallery.face()
    assert found is not None
    return found


def get(tool: Tool, path: str, **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return tool.browser().get(path, base_url=TOOL, headers=sent)


def pages(tool: Tool, start: str) -> dict[str, TestResponse]:
    """Everything of ours that links lead to, from a page on."""
    found: dict[str, TestResponse] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = response = get(tool, path)
        assert response.status_code == 200, path
        if response.mimetype == "text/html":
            soup = BeautifulSoup(response.text, "html.parser")
            for tag, name in (("a", "href"), ("link", "href"), ("img", "src")):
                for element in soup.find_all(tag):
                    address = urldefrag(urljoin(TOOL + path, str(element[name]))).url
                    if address.startswith(f"{TOOL}/archive/"):
                        parts = urlsplit(address)
                        waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def test_a_stranger_reads_it_without_a_session(tool: Tool, gallery: Gallery) -> None:
    found = pages(tool, f"/archive/{face(gallery).slug}/")
    said = "\n".join(response.text for response in found.values() if response.mimetype != "image/png")
    for words in ("Persuasion around us", "What <strong>we</strong> found.", "Public one", "Public two", "authority"):
        assert words in said
    for words in ("Nine of ten dentists", "A white coat lends", "Maya R.", "mailto:mail@example.org", "Campus wall"):
        assert words in said
    for response in found.values():
        assert "Set-Cookie" not in response.headers
    assert len(found) == 6  # two items, one tag, the front page, the feed, a picture


def test_nobody_is_named_and_nothing_hidden_is_there(tool: Tool, gallery: Gallery) -> None:
    found = pages(tool, f"/archive/{face(gallery).slug}/")
    people = ["teacher", *(f"s{number}" for number in range(5))]
    for path, response in found.items():
        words = set(re.findall(r"\w+", response.get_data().decode("latin-1")))
        assert not words & {"Hidden", "hidden", *people}, path
        for number in (seat.person_id for seat in (*gallery.students, gallery.teacher)):
            assert f"person/{number}" not in response.get_data().decode("latin-1")


def every_address(gallery: Gallery) -> Iterator[str]:
    """Every address that the database could stand behind, of every archive, tag, item and picture."""
    with gallery.database.read() as session:
        slugs = [*session.scalars(select(Archive.slug)), "nowhere", "..", "x" * 65]
        items = [*session.scalars(select(Item.public_id)), *session.scalars(select(Contribution.id)), "None", "-"]
        tags = [*session.scalars(select(Tag.id)), 0, 10**17]
        pictures = [*session.scalars(select(Image.sha256)), "0" * 64, *session.scalars(select(Image.id))]
        activities = session.scalars(select(Activity.public_id)).all()
    for slug in [*slugs, *activities]:
        base = f"/archive/{slug}"
        yield from (f"{base}/", f"{base}/feed.atom", f"{base}/?page=2", f"{base}/?page=x", f"{base}/?page=-1")
        yield from (f"{base}/items/{item}/" for item in items)
        yield from (f"{base}/tags/{tag}/" for tag in tags)
        yield from (f"{base}/pictures/{picture}.{ending}" for picture in pictures for ending in ("png", "jpg", "svg"))


def test_by_enumeration_only_what_is_public_is_there(tool: Tool, gallery: Gallery) -> None:
    other = gallery.another_course("other")
    closed = other.open_archive(is_open=False)
    other.public(other.students[0], "Hidden, closed archive")
    slug = face(gallery).slug
    with tool.database.read() as session:
        public = {item.public_id for item in archive_pages.everything(session, slug)}
        (tag,) = archive_pages.tags(session, slug)
    allowed = {
        f"/archive/{slug}/",
        f"/archive/{slug}/feed.atom",
        f"/archive/{slug}/tags/{tag.id}/",
        f"/archive/{slug}/pictures/{sha(PICTURES[0])}.png",
        *(f"/archive/{slug}/items/{item}/" for item in public),
    }
    seen, refusals = set(), set()
    for path in every_address(gallery):
        response = get(tool, path)
        if response.status_code == 200:
            seen.add(path)
        else:
            assert response.status_code == 404, path
            assert response.headers["Cache-Control"] == "no-store"
            refusals.add(re.sub(r"Support code: \w+", "", response.text))
    assert seen == allowed
    assert closed.slug not in {path.split("/")[2] for path in seen}
    assert len(refusals) <= 2  # of ours (nothing here) and of addresses that are none; neither tells why


def test_headers_keep_strangers_safe_and_caches_honest(tool: Tool, gallery: Gallery) -> None:
    slug = face(gallery).slug
    for path in (f"/archive/{slug}/", f"/archive/{slug}/feed.atom"):
        response = get(tool, path)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'none'" in policy
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "public, no-cache"
        assert response.headers["Vary"] == "Accept-Language"
        assert "X-Robots-Tag" not in response.headers
        again = get(tool, path, If_None_Match=response.headers["ETag"])
        assert (again.status_code, again.get_data()) == (304, b"")
        assert again.headers["ETag"] == response.headers["ETag"]
    picture = get(tool, f"/archive/{slug}/pictures/{sha(PICTURES[0])}.png")
    assert picture.get_data() == PICTURES[0].data
    assert picture.headers["Cache-Control"] == "public, max-age=86400, immutable"
    assert picture.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert picture.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert picture.headers["Content-Disposition"].startswith("inline; filename=")
    assert get(tool, f"/archive/{slug}/pictures/{sha(PICTURES[0])}.jpg").status_code == 404
    assert get(tool, f"/archive/{slug}", follow_redirects="").status_code == 308
    assert tool.browser().post(f"/archive/{slug}/", base_url=TOOL).status_code == 405


def test_search_engines_stay_out_where_the_teacher_wants_it(tool: Tool, gallery: Gallery) -> None:
    slug = gallery.open_archive(is_indexed=False).slug
    for path in (f"/archive/{slug}/", f"/archive/{slug}/feed.atom"):
        assert get(tool, path).headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in get(tool, f"/archive/{slug}/").text


def test_what_changes_has_another_tag_and_what_is_taken_back_is_gone(tool: Tool, gallery: Gallery) -> None:
    slug = face(gallery).slug
    with tool.database.read() as session:
        item = next(one for one in archive_pages.everything(session, slug) if one.picture)
        number = session.scalars(select(Item.contribution_id).where(Item.public_id == item.public_id)).one()
    paths = [
        f"/archive/{slug}/items/{item.public_id}/",
        f"/archive/{slug}/pictures/{sha(PICTURES[0])}.png",
    ]
    tags = {path: get(tool, path).headers["ETag"] for path in paths}
    front = get(tool, f"/archive/{slug}/")
    gallery.agree(gallery.students[0], number, Consent(""))
    for path, tag in tags.items():
        assert get(tool, path, If_None_Match=tag).status_code == 404  # also for who has a copy
    later = get(tool, f"/archive/{slug}/", If_None_Match=front.headers["ETag"])
    assert later.status_code == 200
    assert "Public one" not in later.text


def test_the_feed_keeps_the_rules_and_leads_to_the_pages(tool: Tool, gallery: Gallery) -> None:
    slug = face(gallery).slug
    response = get(tool, f"/archive/{slug}/feed.atom")
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert complaints(response.get_data()) == []
    assert response.text.count("<entry>") == 2
    root = fromstring(response.get_data())
    assert root.find(f"{ATOM}id").text == f"tag:tool.example,{gallery.now:%Y-%m-%d}:archive/{slug}"
    for link in root.iter(f"{ATOM}link"):
        assert get(tool, link.get("href").removeprefix(TOOL)).status_code == 200
    (picture,) = re.findall(r'src="([^"]+)"', "".join(contents(response)))
    assert get(tool, picture.removeprefix(TOOL)).status_code == 200
    assert "Maya R." in response.text


def test_an_empty_archive_says_so(tool: Tool) -> None:
    gallery = Gallery(tool.database, platform=2)
    slug = gallery.open_archive().slug
    assert "Nothing has been published here yet." in get(tool, f"/archive/{slug}/").text
    assert complaints(get(tool, f"/archive/{slug}/feed.atom").get_data()) == []


def test_whatever_people_type_runs_nowhere(tool: Tool) -> None:
    corpus = [*HOSTILE, '" onmouseover="alert(1)', "javascript:alert(1)", "'><script>alert(1)", "{{ 7 * 7 }}", "%(x)s"]
    gallery = Gallery(tool.database, platform=2, anonymity="named")
    for hostile in corpus:
        slug = gallery.open_archive(title=f"x{hostile}", about=hostile, contact=hostile[:190]).slug
        harmless(get(tool, f"/archive/{slug}/").text)
    for number, hostile in enumerate(corpus):
        item = gallery.item(
            gallery.students[0],
            hostile,
            text=hostile,
            body=hostile,
            url=hostile,
            image_alt=hostile,
            source=hostile,
            licence=hostile,
        )
        gallery.agree(gallery.students[0], item, Consent("CC0-1.0", hostile[:80]))
        gallery.publish(item)
        gallery.say(item, gallery.tag(hostile, normal=str(number)), gallery.students[1])
    found = pages(tool, f"/archive/{slug}/")
    assert len(found) == 3 + 2 * len(corpus)  # the front page, the feed and a picture; an item and a tag each
    for path, response in found.items():
        if response.mimetype == "text/html":
            harmless(response.text)
        if path.endswith("feed.atom"):
            assert complaints(response.get_data()) == []
            for text in contents(response):
                harmless(text)


def contents(feed: TestResponse) -> list[str]:
    """The HTML of a feed's entries."""
    return [content.text for content in fromstring(feed.get_data()).iter(f"{ATOM}content")]


def harmless(page: str) -> None:
    for element in BeautifulSoup(page, "html.parser").find_all(True):
        assert element.name not in {"script", "svg", "math", "iframe", "object", "embed", "form", "style", "base"}
        for name, value in element.attrs.items():
            assert not name.startswith("on")
            assert name not in {"style", "srcdoc", "action"}
            if name in {"href", "src"}:
                assert urlsplit(str(value)).scheme in {"", "http", "https", "mailto"}, value


# ---- as a folder ----


def folder(tool: Tool, gallery: Gallery) -> dict[str, bytes]:
    with tool.app.test_request_context(), tool.database.read() as session:
        return dict(archive_site.files(session, archive_pages.face(session, face(gallery).slug), TOOL))


def test_a_folder_holds_the_same_and_needs_no_server(tool: Tool, gallery: Gallery) -> None:
    found = folder(tool, gallery)
    assert {"index.html", "heirloom.css", "icon.svg", "feed.atom", f"pictures/{sha(PICTURES[0])}.png"} < set(found)
    assert len(found) == 8
    for name, data in found.items():
        if name.endswith(".html"):
            soup = BeautifulSoup(data, "html.parser")
            for element in soup.find_all(["a", "link", "img"]):
                address = str(element.get("href") or element.get("src"))
                if not urlsplit(address).scheme and not address.startswith("#"):
                    assert urldefrag(address).url in found, (name, address)
    assert complaints(found["feed.atom"]) == []
    online = get(tool, f"/archive/{face(gallery).slug}/feed.atom").text
    assert re.findall("<id>(.*?)</id>", found["feed.atom"].decode()) == re.findall("<id>(.*?)</id>", online)
    said = b"".join(data for name, data in found.items() if name.endswith((".html", ".atom"))).decode()
    assert "Nine of ten dentists" in said
    assert not re.search(r"\bHidden\b|\bs\d\b", said)


def test_a_folder_of_many_pages(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_pages, "PAGE", 2)
    gallery = Gallery(tool.database, platform=2)
    gallery.open_archive()
    idea = gallery.tag("authority")
    for number in range(5):
        item = gallery.public(gallery.students[0], f"item {number}", picture=None)
        gallery.say(item, idea, gallery.students[1])
    found = folder(tool, gallery)
    names = {"index.html", "page-2.html", "page-3.html", f"tag-{idea}.html", f"tag-{idea}-2.html", f"tag-{idea}-3.html"}
    assert names < set(found)
    assert b'href="page-3.html"' in found["page-2.html"]
    assert b'href="index.html"' in found["page-2.html"]
    assert "/archive/" not in found["page-2.html"].decode()
    slug = face(gallery).slug
    assert len(pages(tool, f"/archive/{slug}/")) == 3 + 3 + 5 + 1
