"""Texts as teachers write them: source and format, canonical by construction, so that files and databases carry them
unchanged.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, unquote

Format = Literal["html", "markdown", "plain", "moodle"]  # "moodle": its auto-format, HTML with line breaks added
FORMATS: tuple[Format, ...] = get_args(Format)

NAME_LENGTH = 255  # of a question's name in Moodle
DEFAULT_NAME_LENGTH = 80  # of a name made from the text, as Moodle makes it
_ENOUGH = 2_000  # characters of a text, tags and all, in which its first words are looked for

# Neither XML 1.0 (section 2.2) nor PostgreSQL's JSON can hold these, and no reader sees them.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile(r"\r\n?")
_BREAKS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>?")
_SPACES = re.compile(r"\s+")
_ELEMENT = re.compile(
    r"</?(?:script|style|iframe|object|embed|applet|form|input|button|base|link|meta|svg|math|frame|frameset)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[=(][\"'<]?(?:javascript|vbscript|data:text/html)[:,;]", re.IGNORECASE)
_HANDLER = re.compile(r"[\s/\"']on[a-z]{3,40}\s{0,10}=", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x20]+")
_FILE = re.compile(r"@@PLUGINFILE@@/([^\"'<>)\s]+)")


def block(text: str) -> str:
    """A text of many lines in one form: line ends are \\n, nothing unwritable, no space at either end."""
    return _UNWRITABLE.sub("", _LINE_ENDS.sub("\n", text)).strip()


def line(text: str) -> str:
    """A text of one line in one form: line breaks and control characters become a space, no space at either end."""
    return _UNWRITABLE.sub("", _BREAKS.sub(" ", text)).strip()


@dataclass(frozen=True, slots=True)
class Text:
    """Source and its format, kept as written; making it safe to show is the business of whoever shows it.

    Two texts that mean the same are equal: space at the ends is dropped, and an empty text has no format of its own.
    """

    source: str = ""
    format: Format = "html"

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise ValueError(f"no such text format: {self.format!r}")
        source = block(self.source)
        object.__setattr__(self, "source", source)
        if not source:
            object.__setattr__(self, "format", "html")

    def __bool__(self) -> bool:
        return bool(self.source)


NOTHING = Text()


def words(text: Text) -> str:
    """The text without its tags and on one line, for names and messages; not fit to be shown as HTML."""
    source = text.source
    if text.format in {"html", "moodle"}:
        source = html.unescape(_TAG.sub(" ", source))
    return _SPACES.sub(" ", line(source)).strip()


def name_from(text: Text) -> str:
    """The name of a question that has none: its first words, cut between words at 80 characters (as Moodle does)."""
    return shortened(words(Text(text.source[:_ENOUGH], text.format)), DEFAULT_NAME_LENGTH)


def shortened(text: str, length: int) -> str:
    """`text`, or as many whole words of it as fit into `length` characters with three dots."""
    if len(text) <= length:
        return text
    head = text[: length - 2].rpartition(" ")[0] or text
    return head[: length - 3].rstrip(" ,;:.") + "..."


def never_shown(text: Text) -> bool:
    """Whether `text` has scripts, event handlers, script addresses or foreign frames: what no page of ours will show.

    It decides what a teacher is told, not what is safe; that is settled by the sanitiser where texts are shown.
    """
    if text.format == "plain":
        return False
    source = text.source
    if _ELEMENT.search(source) or any(_HANDLER.search(tag.group()) for tag in _TAG.finditer(source)):
        return True
    squeezed = _INVISIBLE.sub("", html.unescape(source))  # browsers forgive "java\nscript:" and "&#106;avascript:"
    return bool(_ADDRESS.search(squeezed))


def files_named(text: Text) -> Iterator[str]:
    """Names of the files that `text` refers to, as Moodle writes it: `@@PLUGINFILE@@/a%20name.png`."""
    for found in _FILE.finditer(text.source):
        yield unquote(found.group(1).partition("?")[0])


def file_address(name: str) -> str:
    """How a text refers to the file called `name`."""
    return "@@PLUGINFILE@@/" + quote(name)
