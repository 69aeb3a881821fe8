"""Texts that people wrote, as safe HTML.

Markdown has no raw HTML; whatever comes out, and HTML from imported question banks, passes one allow-list (nh3).
Maths between `\\(...\\)`, `\\[...\\]` or `$$...$$` becomes `<span class="math">` with the TeX as text, which KaTeX
typesets in the browser (and which stays readable without it). Images are only those of the problem itself: `<img
data-image="ID">`, fetched by the page's script with the session's header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markupsafe import Markup

TAGS = {
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del",
    "div", "dl", "dt", "em", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "ol", "p", "pre", "q", "s",
    "small", "span", "strong", "sub", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
LONGEST_TEX = 2_000
_PLACE = "heirloom-image:"  # no browser fetches it; replaced before the page is sent
_OPENS = re.compile(r"\\\(|\\\[|\$\$")
_CLOSES = {r"\(": r"\)", r"\[": r"\]", "$$": "$$"}
# nh3 quotes every attribute with " and escapes that sign inside; nothing is tried twice
_PIECES = re.compile(r"""(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)""")
_FILE = re.compile(r"^(?:@@PLUGINFILE@@/)?([^/\\:?#]+)$")


def _end_of_maths(source: str, start: int) -> int:
    """Where the maths that opens at `start` ends, or -1: unclosed, empty, or longer than any formula. Linear in what
    is looked at.
    """
    close = source.find(_CLOSES[source[start : start + 2]], start + 2, start + LONGEST_TEX)
    return close + 2 if close > start + 2 else -1


def _maths_rule(state: StateInline, silent: bool) -> bool:
    """Keep maths whole: Markdown would read `\\(` as an escaped bracket and `_` as emphasis."""
    if state.src[state.pos : state.pos + 2] not in _CLOSES:
        return False
    end = _end_of_maths(state.src, state.pos)
    if not state.pos < end <= state.posMax:
        return False
    if not silent:
        token = state.push("text", "", 0)
        token.content = state.src[state.pos : end]
    state.pos = end
    return True


def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "maths", _maths_rule)
    return parser


_MARKDOWN = _markdown()


def html(source: str, form: str, images: Mapping[str, tuple[int, int, int]] | None = None) -> Markup:
    """`source` in format `form` (markdown, html, moodle or plain) as safe HTML.

    `images` maps the names that the text may use to (image id, width, height) in pixels; any other image is left out.
    """
    return _html(source, form, tuple(sorted((images or {}).items())))


@lru_cache(maxsize=4096)
def _html(source: str, form: str, images: tuple[tuple[str, tuple[int, int, int]], ...]) -> Markup:
    known = dict(images)

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            name = _FILE.match(value)
            return f"{_PLACE}{known[name.group(1)][0]}" if name and name.group(1) in known else None
        return value

    clean = nh3.clean(
        _to_html(source, form),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=keep,
        url_schemes={"http", "https", "mailto", _PLACE.rstrip(":")},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )
    sizes = {number: (width, height) for number, width, height in known.values()}
    return Markup("".join(_piece(piece, sizes) for piece in _mark_maths(clean)))  # noqa: S704 - came out of the allow-list


def _to_html(source: str, form: str) -> str:
    if form == "markdown":
        return str(_MARKDOWN.render(source))
    if form == "html":
        return source
    if form == "moodle":  # Moodle's auto-format: HTML in which line ends count
        return source.replace("\r\n", "\n").replace("\n", "<br>\n")
    return "<p>" + escape(source).replace("\n", "<br>\n") + "</p>"


def _mark_maths(clean: str) -> list[str]:
    """Wrap maths in text, but not in code and never inside a tag."""
    pieces: list[str] = []
    depth = 0
    for piece in _PIECES.split(clean):
        if piece.startswith(("<code", "<pre", "<kbd")):
            depth += 1
        elif piece.startswith(("</code", "</pre", "</kbd")):
            depth -= 1
        elif depth == 0 and not piece.startswith("<"):
            piece = _wrap(piece)
        pieces.append(piece)
    return pieces


def _wrap(text: str) -> str:
    done, place = [], 0
    while found := _OPENS.search(text, place):
        end = _end_of_maths(text, found.start())
        if end < 0:
            done.append(text[place : found.end()])
            place = found.end()
            continue
        display = "" if found.group() == r"\(" else " data-display"
        done.append(
            f'{text[place : found.start()]}<span class="math"{display}>{text[found.end() : end - 2].strip()}</span>'
        )
        place = end
    return "".join(done) + text[place:]


def _piece(piece: str, sizes: Mapping[int, tuple[int, int]]) -> str:
    if not piece.startswith("<img"):
        return piece
    found = re.search(rf' src="{_PLACE}(\d+)"', piece)
    if not found:
        alt = re.search(r' alt="([^"]*)"', piece)
        return f'<span class="missing-image">{alt.group(1)}</span>' if alt and alt.group(1) else ""
    number = int(found.group(1))
    width, height = sizes[number]
    shown = piece.replace(found.group(0), f' data-image="{number}" width="{width}" height="{height}"')
    return shown if " alt=" in shown else shown.replace("<img", '<img alt=""', 1)


def plain(source: str, form: str, length: int = 120) -> str:
    """The words of a text without mark-up, cut at `length` characters: for lists, titles and labels."""
    without = _PIECES.sub(" ", str(html(source, form)))
    for entity, sign in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ):
        without = without.replace(entity, sign)
    words = " ".join(without.split())
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"
