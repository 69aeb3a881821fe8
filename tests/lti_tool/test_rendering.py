"""Texts by people become safe HTML: nothing runs, maths stays whole, images are only our own."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.rendering import ATTRIBUTES, TAGS, html, plain

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<p style="background:url(javascript:alert(1))">x</p>',
    "<object data=x></object><embed src=x><base href=//evil>",
    "[x](javascript:alert(1))",
    "[x](vbscript:alert(1))",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    r"\(<img src=x onerror=alert(1)>\)",
    r'<img alt="\(" src=x><p title="\)" onclick=alert(1)>',
    r'<img alt="> \(a\) onerror=alert(1) \(b\)" src="@@PLUGINFILE@@/p.png">',
    r"$$</span><script>alert(1)</script>$$",
]
IMAGES = {"p.png": (4, 10, 20)}


class Seen(HTMLParser):
    """What a parser makes of the result."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))


def assert_harmless(result: str) -> None:
    own = {"class", "data-display", "data-image", "width", "height", "alt", "rel", "target"}
    for tag, attributes in Seen(result).tags:
        assert tag in TAGS
        assert set(attributes) <= own | ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set())
        assert "src" not in attributes
        if attributes.get("href"):
            assert re.match(r"(https?|mailto):", str(attributes["href"])) or not re.match(
                r"[a-z]+:", str(attributes["href"]), re.I
            )
        if tag == "span":
            assert attributes.get("class") in {None, "math", "missing-image"}


@pytest.mark.parametrize("form", ["markdown", "html", "moodle", "plain"])
@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_hostile_survives(source: str, form: str) -> None:
    assert_harmless(str(html(source, form, IMAGES)))


@given(
    st.text(alphabet=st.sampled_from(list("<>\"'=/\\()$[]!&; \nabcsp:javrit.@")), max_size=80),
    st.sampled_from(["markdown", "html", "moodle", "plain"]),
)
@settings(max_examples=300, deadline=None)
def test_no_text_gets_out_of_the_allow_list(source: str, form: str) -> None:
    assert_harmless(str(html(source, form, IMAGES)))


@pytest.mark.parametrize("form", ["markdown", "html", "plain"])
def test_maths_stays_whole(form: str) -> None:
    shown = str(html(r"Solve \(3x_1 - 5_2 = 16\), then $$\frac{a*b*c}{2}$$", form))
    assert '<span class="math">3x_1 - 5_2 = 16</span>' in shown
    assert r'<span class="math" data-display>\frac{a*b*c}{2}</span>' in shown


def test_maths_in_code_is_code() -> None:
    assert "math" not in str(html(r"`\(x\)`", "markdown"))
    assert "math" not in str(html(r"<code>\(x\)</code>", "html"))


def test_signs_in_maths_are_escaped_once() -> None:
    assert '<span class="math">a &lt; b &amp; c</span>' in str(html(r"\(a < b & c\)", "plain"))


def test_markdown_has_no_html() -> None:
    assert "&lt;b&gt;" in str(html("<b>bold</b>", "markdown"))
    assert "<strong>bold</strong>" in str(html("**bold**", "markdown"))


def test_images_are_only_the_problems_own() -> None:
    shown = str(
        html(
            '<img src="@@PLUGINFILE@@/p.png" alt="a line"><img src="https://elsewhere.example/x.png" alt="far">',
            "html",
            IMAGES,
        )
    )
    assert (
        '<img alt="a line" data-image="4" width="10" height="20">' in shown
        or 'data-image="4" width="10" height="20"' in shown
    )
    assert "elsewhere" not in shown
    assert '<span class="missing-image">far</span>' in shown


def test_an_image_without_a_description_is_decoration() -> None:
    assert 'alt=""' in str(html('<img src="p.png">', "html", IMAGES))


def test_links_leave_without_a_trace() -> None:
    shown = str(html("[course](https://example.edu)", "markdown"))
    assert 'rel="noopener noreferrer nofollow"' in shown
    assert 'target="_blank"' in shown


def test_plain_words_for_lists() -> None:
    assert plain("**a** \\(x^2\\) &amp; <i>b</i>", "html") == "**a** x^2 & b"
    assert plain("word " * 100, "plain", 20) == "word word word word…"


@pytest.mark.parametrize(
    "bomb", [r"\(" * 20_000, "$$" * 20_000, "[" * 20_000, "*" * 20_000, "<" * 20_000, "`" * 20_000, "![" * 10_000]
)
@pytest.mark.parametrize("form", ["markdown", "html", "plain"])
def test_long_nonsense_is_shown_too(bomb: str, form: str) -> None:
    assert_harmless(str(html(bomb, form)))
