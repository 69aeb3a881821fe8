"""From the bytes of an uploaded file to text: UTF-8, or UTF-16 with its mark; all else is refused with place and
advice.
"""

from __future__ import annotations

import codecs
import re

from core.problems.reports import Limits, UnreadableFile
from core.words import N_

_ARCHIVE = N_(
    "This is an archive or an office document. Unpack it or save it as text (XML, GIFT or CSV), and import that."
)
_COMPRESSED = N_(
    "This is a compressed file or a Moodle backup. In Moodle, export the question bank as Moodle XML instead."
)
_DOCUMENT = N_("This is a PDF document. Questions come as Moodle XML, GIFT or CSV.")
_PICTURE = N_("This is a picture. Questions come as Moodle XML, GIFT or CSV; pictures come inside Moodle XML.")
_NUL = N_("Line {line} holds a NUL byte, so this is no text. Save it as text in UTF-8 and import it again.")
_FIRST_BYTES = {
    b"PK\x03\x04": _ARCHIVE,
    b"PK\x05\x06": _ARCHIVE,
    b"\xd0\xcf\x11\xe0": _ARCHIVE,
    b"\x1f\x8b": _COMPRESSED,
    b"%PDF-": _DOCUMENT,
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"GIF8": _PICTURE,
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WIDE_XML = {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}  # UTF-16 without its mark (XML 1.0, appendix F)
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,100}encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ENCODINGS = frozenset(  # those in which question banks are written; Python knows others that are no encodings of text
    {"utf-8", "us-ascii", "iso-8859-1", "iso-8859-2", "iso-8859-15", "windows-1250", "windows-1251", "windows-1252"}
)
_LINE_END = re.compile(rb"\r\n?|\n")


def checked(data: bytes, limits: Limits) -> bytes:
    """`data` if it can be text at all; raises UnreadableFile for an empty, too large or binary file."""
    if len(data) > limits.file_bytes:
        message = N_("This file has {size} bytes; at most {most} can be imported at once. Split it and try again.")
        raise UnreadableFile(message, size=len(data), most=limits.file_bytes)
    for first, message in _FIRST_BYTES.items():
        if data.startswith(first):
            raise UnreadableFile(message)
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise UnreadableFile(N_("This file is empty. Check that you took the right file."))
    nul = data.find(b"\x00")
    if nul >= 0 and not data.startswith((*_UTF16, *_WIDE_XML)):
        raise UnreadableFile(_NUL, line=_line(data, nul))
    return data


def text_of(data: bytes, limits: Limits) -> str:
    """The text in `data`, its line ends as \\n; raises UnreadableFile where bytes are no UTF-8 (or marked UTF-16)."""
    data = checked(data, limits)
    return _decoded(data, "utf-16" if data.startswith(_UTF16) else "utf-8-sig")


def xml_text_of(data: bytes, limits: Limits) -> str:
    """The text of an XML file in the encoding that its mark or its declaration names; raises UnreadableFile."""
    data = checked(data, limits)
    if data.startswith((*_UTF16, codecs.BOM_UTF8)):
        return text_of(data, limits)
    if wide := _WIDE_XML.get(data[:2]):
        return _decoded(data, wide)
    found = _DECLARED.match(data)
    encoding = found[1].decode().lower() if found else "utf-8"
    if encoding not in _ENCODINGS:
        message = N_("This file is said to be in the encoding {encoding}. Save it in UTF-8 and import it again.")
        raise UnreadableFile(message, encoding=encoding)
    return _decoded(data, encoding)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        message = N_(
            "Line {line} holds bytes that are no {encoding}. Open the file in an editor, save it with the encoding "
            "UTF-8 and import it again."
        )
        name = encoding.removesuffix("-sig").upper()
        raise UnreadableFile(message, line=_line(data, error.start), encoding=name) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        raise UnreadableFile(_NUL, line=text[: text.index("\x00")].count("\n") + 1)
    return text


def _line(data: bytes, place: int) -> int:
    return len(_LINE_END.findall(data, 0, place)) + 1
