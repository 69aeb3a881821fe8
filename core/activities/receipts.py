"""Receipts: how the author of a text that is stored without its author asks what became of it, and stays unknown.

With such a text its author is given random characters, once; only a hash of them is kept, with the text. Whoever types
them is taken for the author and not asked who they are (`appeals.with_receipt`). For the same reason wrong ones are not
counted: a counter would say who tried. What keeps a receipt from being guessed is its length, 78 random bits.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.activities.authors import Stamp
from core.secrets import as_typed, digest, readable
from core.words import N_, Sentence

PARTS, OF = 4, 4  # characters


@dataclass(frozen=True, slots=True)
class Receipt:
    """What its author is shown, once."""

    code: str

    @property
    def about(self) -> Sentence:
        return Sentence(
            N_(
                "Keep it if you may want to know what becomes of this text, or to ask for a second look at it: type it "
                "under “My texts” in your course, and nobody asks who you are. It is shown only now. Whoever has it "
                "passes for the author, so show it to nobody, or throw it away."
            )
        )


def issue(stamp: Stamp, status: str) -> Receipt | None:
    """A receipt for a text whose author is stored nowhere, unless it is kept for nobody to see."""
    if stamp.person_id is not None or status == "kept":
        return None
    return Receipt("-".join(readable(OF) for _ in range(PARTS)))


def kept(code: str) -> str:
    """What the database keeps of a receipt, however it was typed."""
    return digest(as_typed(code))
