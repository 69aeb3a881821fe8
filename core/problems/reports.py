"""What reading or writing a file comes to: the problems taken, and one line a question that says what became of it
and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.problems.kinds import Problem
from core.words import Sentence

Outcome = Literal["taken", "refused", "held"]  # held: fit to be taken, but the file is broken, so nothing is


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold; what is more is refused with a sentence that names the limit."""

    file_bytes: int = 10_000_000
    questions: int = 1_000
    text_characters: int = 100_000  # of one text: a question, a choice, a feedback
    answers: int = 100  # choices or accepted answers of one question
    elements: int = 200_000  # of an XML file
    depth: int = 40  # of nested elements in an XML file; Moodle's own have 9
    picture_pixels: int = 40_000_000  # of one picture, before it is decoded
    file_pixels: int = 250_000_000  # of all pictures of a file


DEFAULT_LIMITS = Limits()


class UnreadableFile(ValueError):
    """Nothing can be read from the file: what is wrong, where, and what to do."""

    def __init__(self, message: str, **values: object) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


class NotTaken(Exception):
    """Raised inside a reader: this one question cannot be taken; the rest of the file goes on."""

    def __init__(self, message: str, **values: object) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one question of a file.

    `index` counts the questions from 0, `line` is where it starts (from 1), `type` is the file's word for its kind
    (of GIFT, which has none, our word). `reason` says why a question is refused; `lost` what of a taken one was left
    out; `cautions` what a teacher should look at.
    """

    index: int
    line: int
    name: str
    type: str
    outcome: Outcome
    reason: Sentence | None = None
    lost: tuple[Sentence, ...] = ()
    cautions: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A problem that was taken; `index` is that of its Line."""

    index: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class Import:
    """What a file holds. If it is `broken` (cut off, out of balance, malformed) no problem is taken, so a broken file
    changes nothing; the report still says what could be read of it."""

    problems: tuple[Taken, ...]
    report: tuple[Line, ...]
    broken: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one problem in a written file: `left_out` says why it is not there, `lost` what of it is not."""

    index: int
    name: str
    left_out: Sentence | None = None
    lost: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """A written file, and a line for each problem of which something is missing in it."""

    data: bytes
    report: tuple[Written, ...]
