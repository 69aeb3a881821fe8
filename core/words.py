"""Words that people read, marked where they are written and translated where they are shown (gettext)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools extract by convention
    """Mark `message` for extraction; a front end translates it into the reader's language."""
    return message


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message id with its parameters, kept apart so that a translation can order them as its language does.

    A parameter that is itself a Sentence is translated with it.
    `str()` gives the English sentence; `gettext(s.message).format(**s.values)` gives the reader's.
    """

    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message.format(**self.values)
