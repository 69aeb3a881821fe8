"""What comes out of the renderer for hostile texts has no way to run anything.

In a real browser: tests/e2e/test_wicked_texts.py.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from lti_tool import rendering
from tests.abuse.corpus import hostile
from tests.abuse.spoiled import Spoiled
from tests.tool import Tool

DATABASES = ("sqlite",)
KEYS_KNOWN = True

OURS = {
    "src", "alt", "title", "href", "target", "rel", "dir", "lang", "class", "start", "colspan", "rowspan", "scope",
    "data-display",
}  # fmt: skip


def faults(html: str) -> list[str]:
    """What a browser could take for more than words."""
    found = []
    for element in BeautifulSoup(f"<div>{html}</div>", "html.parser").find_all(True):
        if element.name not in rendering.TAGS:
            found.append(f"<{element.name}>")
        for name, value in element.attrs.items():
            if name not in OURS:
                found.append(f"{element.name} {name}={value}")
            if name == "href" and urlsplit(str(value)).scheme not in {"http", "https", "mailto", ""}:
                found.append(f"href={value}")
            if name == "src":
                found.append(f"src={value}")
        if element.name == "a" and "href" in element.attrs:
            assert set(element["rel"]) >= {"noopener", "noreferrer", "nofollow"}
    return found


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(set(hostile())) >= 100


@pytest.mark.parametrize("form", ["markdown", "html", "moodle", "plain"])
def test_nothing_is_left_that_runs(form: str) -> None:
    left = {text: found for text in hostile() if (found := faults(str(rendering.html(text, form))))}
    assert left == {}


def test_what_comes_out_goes_through_again_unchanged() -> None:
    """What mutates does so at the second reading."""
    for text in hostile():
        once = str(rendering.html(text, "html"))
        assert faults(str(rendering.html(once, "html"))) == []


def test_on_the_pages_hostile_words_are_words(tool: Tool) -> None:
    """Titles, texts, answers, comments, reasons, appeals, names of authors: in pages, nothing of them is mark-up."""
    at = Spoiled(tool, "questions", daily="500", anonymity="named", hold_at="1")
    author = at.join("<img src=x onerror=window.pwned=1>")
    reporter = at.join('"><script>window.pwned=1</script>')
    for place, text in enumerate(hostile()[::3]):
        page = at.post(f"{at.home}/ask", author, title=f"{place} {text}"[:200], text=text, anyway="yes")
        assert page.status_code == 200, page.text
        number = at.newest()
        if place % 4 == 0:
            at.post(f"{at.home}/{number}/answer", author, text=text + " ", anyway="yes")
            at.report(reporter, number, text[:400])
            at.post(f"/p/p1/texts/{at.public_id}/{number}/appeal", author, words=text)
    pages = at.crawl(at.teacher, f"{at.teach}/review", f"{at.teach}/decisions")
    pages |= at.crawl(author, f"/p/p1/texts/{at.public_id}")
    assert len(pages) > 60
    for path, page in pages.items():
        if page.mimetype != "text/html":
            continue
        parsed = BeautifulSoup(page.text, "html.parser")
        assert parsed.find(["script", "iframe", "object", "embed", "base", "meta", "style"]) is None, path
        handlers = [
            f"{element.name} {name}"
            for element in parsed.find_all(True)
            for name in element.attrs
            if name.startswith(("on", "hx-on")) or name in {"srcdoc", "style", "formaction"}
        ]
        assert handlers == [], path
        for element in parsed.find_all("img"):
            assert element.get("src") is None, path
