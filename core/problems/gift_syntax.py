"""GIFT below the level of questions: escapes, comments, categories and blocks (docs.moodle.org/405/en/GIFT_format).

An escaped sign is taken out of the syntax by moving it to a lone surrogate, U+DC00 + its code: no decoded text can
hold one, so nothing that a teacher writes can be mistaken for it (Moodle uses strings such as `&&058;`, which can).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.problems.reports import UnreadableFile
from core.problems.texts import line
from core.words import N_

MOST_LEVELS = 50  # of a category's path

_ESCAPED = re.compile(r"\\([\\:#={}~n])")
_SPECIAL = re.compile(r"[\\:#={}~\n]")
_HIDDEN = 0xDC00
_SHOWN = {_HIDDEN + ord(sign): sign for sign in "\\:#={}~\n"}
_EXPORTED = re.compile(r"// question: ([0-9]{1,18})  name:(.*)")
_TOKEN = re.compile(r"\[(id|tag):")
_TOKEN_END = re.compile(r"(?<!\\)\]")
_CATEGORY = "$CATEGORY:"


def hide(text: str) -> str:
    """`text` with its escaped signs out of reach of the syntax; any other backslash stays (`\\(`, `\\"`)."""
    return _ESCAPED.sub(lambda found: chr(_HIDDEN + ord("\n" if found[1] == "n" else found[1])), text)


def show(text: str) -> str:
    """`text` with what `hide` took away as the sign itself."""
    return text.translate(_SHOWN)


def escape(text: str) -> str:
    """`text` so that it reads back as itself: the signs \\ : # = { } ~ with a backslash, a line break as `\\n`."""
    return _SPECIAL.sub(lambda found: "\\n" if found[0] == "\n" else "\\" + found[0], text)


@dataclass(frozen=True, slots=True)
class Block:
    """A question: its `body`, escapes hidden. Or a `category` line, as written. Or a question that an exporting
    Moodle could not write and only named: `missing`. `line` counts from 1.
    """

    line: int
    body: str = ""
    category: str | None = None
    missing: str | None = None
    idnumber: str = ""
    tags: tuple[str, ...] = ()
    exported: bool = False  # under the comment that Moodle and we write over every exported question


def blocks(text: str) -> Iterator[Block]:
    """The blocks of `text`. A blank line ends one; a line of 0 is not blank, and a category line stands alone.

    A blank line inside braces does not end a question if the next line goes on with an answer or the closing brace: no
    question begins so. (Moodle splits there, and at a line of 0, and drops a question that follows its category.)
    """
    gathered = _Gathered()
    blank = False
    for number, written in enumerate(text.split("\n"), 1):
        stripped = written.strip()
        if not stripped:
            blank = True
            continue
        if blank and not (gathered.open and stripped.startswith(("~", "=", "#", "}"))):
            yield from gathered.finish()
        blank = False
        if stripped.startswith("//"):
            gathered.comment(number, stripped)
        elif stripped.startswith(_CATEGORY) and not gathered.open:
            yield from gathered.finish()
            yield Block(number, category=stripped.removeprefix(_CATEGORY).strip())
        else:
            gathered.add(number, written)
    yield from gathered.finish()


class _Gathered:
    """The lines of the block being read."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.line = 0
        self.open = 0  # braces opened and not yet closed
        self.lines: list[str] = []
        self.comments: list[str] = []
        self.exported: tuple[int, str] | None = None  # where an exporting program named the question, and how

    def comment(self, number: int, stripped: str) -> None:
        if found := _EXPORTED.match(stripped):
            self.exported = (number, found[2].strip()) if int(found[1]) else None  # 0 is a change of category
        else:
            self.comments.append(stripped)

    def add(self, number: int, written: str) -> None:
        hidden = hide(written)
        self.line = self.line or number
        self.open = max(0, self.open + hidden.count("{") - hidden.count("}"))
        self.lines.append(hidden)

    def finish(self) -> Iterator[Block]:
        if self.lines:
            idnumber, tags = _tokens(self.comments)
            body = "\n".join(self.lines).strip()
            yield Block(self.line, body, idnumber=idnumber, tags=tags, exported=self.exported is not None)
        elif self.exported:
            yield Block(self.exported[0], missing=self.exported[1])
        self.clear()


def _tokens(comments: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The first [id:...] and every [tag:...] of the comments, where `\\]` is a bracket."""
    found = [token for comment in comments for token in _tokens_in(comment)]
    idnumber = next((text for kind, text in found if kind == "id"), "")
    return idnumber.strip(), tuple(text for kind, text in found if kind == "tag")


def _tokens_in(comment: str) -> Iterator[tuple[str, str]]:
    place = 0
    while (start := _TOKEN.search(comment, place)) and (end := _TOKEN_END.search(comment, start.end())):
        yield start[1], comment[start.end() : end.start()].replace("\\]", "]")
        place = end.end()


def token(kind: str, text: str) -> str:
    """The text of a comment that gives a question its id or a tag; "" where GIFT cannot carry it."""
    return "" if text.endswith("\\") else f"[{kind}:{text.replace(']', chr(92) + ']')}]"


def category_names(path: str) -> list[str]:
    """`$course$/top/Algebra/A//B` as the names Algebra and A/B: no context, no "top", `//` is a slash in a name.

    Raises UnreadableFile for a path that is deeper than any bank's.
    """
    parts = path.replace("//", "\x00").split("/")
    if len(parts) > MOST_LEVELS:
        raise UnreadableFile(
            N_("Its categories are nested more than {most} deep. Make fewer levels."), most=MOST_LEVELS
        )
    names = [line(name.replace("\x00", "/")).strip("/ ") for name in parts]
    names = [name for name in names if name]
    if names and re.fullmatch(r"\$[a-z]+\$", names[0]):
        names = names[1:]
    return names[1:] if names and names[0] == "top" else names


def category_path(names: list[str]) -> str:
    """The path that `category_names` reads back as `names`."""
    return "/".join(["$course$", "top", *(name.replace("/", "//") for name in names)])
