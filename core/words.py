"""Words that people read, marked where they are written and translated where they are shown (gettext)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools extract by convention
    """Mark `message` for extraction; a front end translates it into the reader's language."""
    return message


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a sentence, with `least` to `most` decimals, no more than it has. `str()` writes it in English."""

    value: float | Decimal
    most: int = 4
    least: int = 0
    signed: bool = False

    def written(self, mark: str) -> str:
        """The number with this decimal mark."""
        whole, _, decimals = f"{self.value:{'+' if self.signed else ''}.{self.most}f}".partition(".")
        decimals = decimals.rstrip("0").ljust(self.least, "0")
        written = f"{whole}{mark}{decimals}" if decimals else whole
        return written.removeprefix("-") if not written.strip(f"-0{mark}") else written

    def __str__(self) -> str:
        return self.written(".")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message id with its parameters, kept apart so that a translation can order them as its language does.

    A parameter that is itself a Sentence is translated with it; a float or an Amount is written as its language does.
    `str()` gives the English sentence; `gettext(s.message).format(**s.values)` gives the reader's.
    """

    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message.format(**self.values)


def percent(share: float, most: int = 0, least: int = 0) -> Sentence:
    """A share of 1 in percent; how the sign stands to the number, and with which space, is the translator's."""
    return Sentence(N_("{number} %"), {"number": Amount(100 * share, most, least)})
