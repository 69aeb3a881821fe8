"""What people type, before it is stored: one normal form, no invisible tricks, a length that a page can bear."""

from __future__ import annotations

import unicodedata

from core.activities.refusals import Refusal
from core.words import N_

LONGEST_TEXT = 5_000
LONGEST_TITLE = 200
# Embeddings and overrides turn the reading order of what stands around them; isolates (U+2066-2069) do not and stay.
_TURNING = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e"}


def plain(text: str) -> str:
    """`text` in Unicode normal form C, line ends as LF, without control characters and direction overrides, trimmed."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(sign for sign in text if sign in "\n\t" or not _is_trick(sign)).strip()


def _is_trick(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cs"} or sign in _TURNING


def clean(text: str, longest: int = LONGEST_TEXT) -> str:
    """`plain(text)`. Raises Refusal when it is longer than `longest` characters; nothing is cut in silence."""
    if len(text) > longest * 4:  # do not normalise a flood
        raise _too_long(len(text), longest)
    text = plain(text)
    if len(text) > longest:
        raise _too_long(len(text), longest)
    return text


def clean_line(text: str, longest: int = LONGEST_TITLE) -> str:
    """A title or name: one line."""
    return " ".join(clean(text, longest).split())


def visible_length(text: str) -> int:
    """How many characters a reader sees: invisible ones count for nothing, and a run of white space for one."""
    return len(" ".join("".join(sign for sign in text if unicodedata.category(sign) != "Cf").split()))


def _too_long(length: int, longest: int) -> Refusal:
    message = N_(
        "Your text has {length} characters; {longest} is the most. It is still in the box: shorten it and save again."
    )
    return Refusal(message, length=length, longest=longest)
