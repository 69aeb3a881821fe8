"""What teachers and classmates wrote, as Slack can show it: words and line ends kept, formulas as they are typed.

Slack typesets no maths and shows no picture without an address that anybody could open, so both are named. Where a text
has a formula it is a `rich_text` block: there nothing in it is read as a mark, and TeX stands out as code.
Sources: docs.slack.dev/reference/block-kit/blocks/rich-text-block; the signs around maths are those of our pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import islice

from bot.blocks import LONGEST_SECTION, Block, Say, clip, context, length, paragraphs, plain
from core.problems.texts import Text
from core.words import N_

LONGEST = 2 * LONGEST_SECTION  # of one text in a view; the rest of it is in the course
LONGEST_TEX = 2_000
MOST_PIECES = 900  # Slack takes 1,000 in a block; a text of so many formulas is nobody's
_OPENS = re.compile(r"\\\(|\\\[|\$\$")
_CLOSES = {r"\(": r"\)", r"\[": r"\]", "$$": "$$"}
_PICTURE = re.compile(r"!\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)")
_BREAKS = {"p", "div", "br", "li", "tr", "ul", "ol", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
_SILENT = {"script", "style"}
_MANY_ENDS = re.compile(r"\n[ \t]*\n[\s]*")


class _Reader(HTMLParser):
    """The words of a page's piece: a line for each paragraph, marks only where the meaning needs them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read: list[str] = []
        self.pictures: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "img":
            self.pictures.append(dict(attrs).get("alt") or "")
        elif tag in _BREAKS:
            self.read.append("\n• " if tag == "li" else "\n")
        elif tag in {"td", "th"}:
            self.read.append(" | ")
        elif tag in {"sup", "sub"}:
            self.read.append("^" if tag == "sup" else "_")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in {"p", "div", "pre", "blockquote", "ul", "ol", "table"}:
            self.read.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.read.append(data)


def words(text: Text) -> tuple[str, list[str]]:
    """A text without its tags, and what is said of the pictures in it."""
    if text.format in {"html", "moodle"}:
        reader = _Reader()
        reader.feed(text.source)
        reader.close()
        return _MANY_ENDS.sub("\n", "".join(reader.read)).strip(), reader.pictures
    if text.format == "markdown":
        return _PICTURE.sub("", text.source).strip(), _PICTURE.findall(text.source)
    return text.source, []


def pieces(source: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is a formula. What opens and never closes is text."""
    done = place = 0
    while found := _OPENS.search(source, place):
        start = found.end()
        close = source.find(_CLOSES[found.group()], start, start + LONGEST_TEX)
        if close < 0 or not source[start:close].strip():
            place = start
            continue
        if source[done : found.start()]:
            yield source[done : found.start()], False
        yield source[start:close].strip(), True
        done = place = close + 2
    if source[done:]:
        yield source[done:], False


def has_maths(source: str) -> bool:
    """Whether a formula stands in it."""
    return any(is_maths for _, is_maths in pieces(source))


def one_line(text: Text) -> str:
    """The words of a short text: a choice, an accepted answer. Formulas without the signs around them."""
    return " ".join("".join(piece for piece, _ in pieces(words(text)[0])).split())


def blocks(text: Text, say: Say) -> list[Block]:
    """A whole text as blocks, with small print about what only the course shows."""
    source, pictures = words(text)
    kept = clip(source, LONGEST)
    made = _paragraphs(kept)
    small = []
    if has_maths(kept):
        small.append(say(N_("The course shows it as a formula.")))
    for alt in pictures[:5]:
        if alt.strip():
            message = N_("A picture belongs here, and is in your course: {description}")
            small.append(say(message, description=clip(alt.strip(), 300)))
        else:
            small.append(say(N_("A picture belongs here, and is in your course.")))
    if length(source) > LONGEST:
        small.append(say(N_("The whole text is in your course.")))
    return [*made, *context(*(plain(line) for line in dict.fromkeys(small)))]


def said(source: str, say: Say) -> list[Block]:
    """What a classmate wrote, in Markdown as the course takes it."""
    return blocks(Text(source, "markdown"), say)


def _paragraphs(source: str) -> list[Block]:
    if not has_maths(source):
        return paragraphs(source.split("\n"))
    elements: list[Block] = []
    for piece, is_maths in islice(pieces(source), MOST_PIECES):
        element: Block = {"type": "text", "text": piece}
        elements.append({**element, "style": {"code": True}} if is_maths else element)
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}]
