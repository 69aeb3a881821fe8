"""A file of questions in, whatever its format; a file in the wanted format out."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from core.problems.csv_table import delimiter_of, read_csv
from core.problems.decoding import checked
from core.problems.gift import read_gift
from core.problems.gift_write import write_gift
from core.problems.kinds import Problem
from core.problems.moodle_xml import read_moodle_xml
from core.problems.moodle_xml_write import write_moodle_xml
from core.problems.reports import DEFAULT_LIMITS, Export, Import, Limits, UnreadableFile
from core.words import N_

FileFormat = Literal["moodle_xml", "gift", "csv"]
WrittenFormat = Literal["moodle_xml", "gift"]

_READERS: Mapping[FileFormat, Callable[[bytes, Limits], Import]] = {
    "moodle_xml": read_moodle_xml,
    "gift": read_gift,
    "csv": read_csv,
}
_WRITERS: Mapping[WrittenFormat, Callable[[Sequence[Problem]], Export]] = {
    "moodle_xml": write_moodle_xml,
    "gift": write_gift,
}
_HEAD = 4_000  # bytes that tell the format
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}


def read(data: bytes, filename: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Import:
    """The problems in a file of any format that we read; raises UnreadableFile with what is wrong, where, and what to
    do.
    """
    return _READERS[format_of(data, filename, limits)](data, limits)


def format_of(data: bytes, filename: str | None = None, limits: Limits = DEFAULT_LIMITS) -> FileFormat:
    """The format of a file by its first bytes; its name decides only where they could be two formats.

    Raises UnreadableFile for what is no text, or a web page.
    """
    head = checked(data, limits)[:_HEAD]
    encoding = next((name for mark, name in _WIDE.items() if head.startswith(mark)), "utf-8-sig")
    start = head.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n").lstrip().lower()
    ending = (filename or "").lower().rpartition(".")[2]
    if start.startswith(("<!doctype html", "<html")):
        raise UnreadableFile(
            N_("This is a web page. Export the questions as Moodle XML, GIFT or CSV, and import that.")
        )
    if start.startswith(("<?xml", "<quiz", "<!doctype", "<!--")) or (ending == "xml" and start.startswith("<")):
        return "moodle_xml"
    if ending in {"csv", "tsv"} or (ending not in {"gift"} and delimiter_of(start)):
        return "csv"
    return "gift"


def export(problems: Sequence[Problem], form: WrittenFormat) -> Export:
    """A file with `problems`, and a line for each of which something is missing in it."""
    return _WRITERS[form](problems)
