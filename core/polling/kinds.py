"""What a poll can ask: each kind a frozen value with its bounds, valid by construction, kept as JSON.

Options are no part of a kind: they have numbers of their own and are handed to whoever needs them, because members may
add some while a poll runs. `Quiz` calls its options statements.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from core.words import N_, Sentence

MOST_OPTIONS = 40
MOST_RANKED = 10  # a ranking keeps who is preferred to whom, and asks for patience
MOST_STATEMENTS = 20
MOST_STEPS = 1_000_000  # of a number, from its lowest to its highest
LONGEST_WORDS = 60  # at the ends of a scale, in a unit
LONGEST_TEXT = 600  # equal texts are counted together: a key of PostgreSQL's index, which holds 2,700 bytes
LEVELS = (2, 7)  # how many words a quiz's scale may have


class BadKind(ValueError):
    """A poll that nobody could answer, or that says too much; the sentence tells which and what to do."""

    def __init__(self, message: str, **values: object) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


@dataclass(frozen=True, slots=True)
class Single:
    """One of the options."""

    kind: ClassVar[str] = "single"
    options: ClassVar[tuple[int, int]] = (2, MOST_OPTIONS)


@dataclass(frozen=True, slots=True)
class Pair:
    """A or B. It is asked in passing, and closes by itself when a few people have answered (the poll's quorum)."""

    kind: ClassVar[str] = "pair"
    options: ClassVar[tuple[int, int]] = (2, 2)


@dataclass(frozen=True, slots=True)
class Several:
    """At least `least` and at most `most` of the options; `most` None: as many as there are."""

    least: int = 1
    most: int | None = None

    kind: ClassVar[str] = "several"
    options: ClassVar[tuple[int, int]] = (2, MOST_OPTIONS)

    def __post_init__(self) -> None:
        if not 1 <= self.least <= (self.most or self.least) <= MOST_OPTIONS:
            raise BadKind(
                N_("People must choose at least one option, and the least number cannot be above the largest.")
            )


@dataclass(frozen=True, slots=True)
class Rating:
    """A whole number from `low` to `high`, with words at both ends."""

    low: int = 1
    high: int = 5
    low_words: str = ""
    high_words: str = ""

    kind: ClassVar[str] = "rating"
    options: ClassVar[tuple[int, int]] = (0, 0)

    def __post_init__(self) -> None:
        if not (-10 <= self.low < self.high <= 100 and self.high - self.low <= 10):
            raise BadKind(N_("A rating goes from one whole number to a larger one, with at most eleven steps."))
        for name in ("low_words", "high_words"):
            object.__setattr__(self, name, _short(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Number:
    """A number `low`, `low` + `step`, `low` + 2 `step` ... up to `high`, in `unit`. Bounds are exact decimals."""

    low: Decimal = Decimal(0)
    high: Decimal = Decimal(100)
    step: Decimal = Decimal(1)
    unit: str = ""

    kind: ClassVar[str] = "number"
    options: ClassVar[tuple[int, int]] = (0, 0)

    def __post_init__(self) -> None:
        for name in ("low", "high", "step"):
            object.__setattr__(self, name, _decimal(getattr(self, name)))
        if self.step <= 0 or self.low >= self.high:
            raise BadKind(N_("A number needs a lowest value, a higher highest one, and a step above 0."))
        if self.steps > MOST_STEPS:
            raise BadKind(N_("There are too many values between the lowest and the highest. Make the step larger."))
        object.__setattr__(self, "unit", _short(self.unit))

    @property
    def steps(self) -> int:
        """How many steps it is from `low` to the highest value that can be given."""
        return int((self.high - self.low) / self.step)

    def value(self, steps: int) -> Decimal:
        """The number that lies so many steps above `low`."""
        return plain(self.low + steps * self.step)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The options in order, the best first: the first `places` of them, or (None) all."""

    places: int | None = None

    kind: ClassVar[str] = "ranking"
    options: ClassVar[tuple[int, int]] = (2, MOST_RANKED)

    def __post_init__(self) -> None:
        if self.places is not None and not 1 <= self.places <= MOST_RANKED:
            raise BadKind(N_("A ranking asks for one to {most} places."), most=MOST_RANKED)


@dataclass(frozen=True, slots=True)
class Words:
    """A word cloud: up to `entries` entries of one to `words` words each, in `language` (a tag such as pt or en)."""

    entries: int = 3
    words: int = 3
    language: str = "en"

    kind: ClassVar[str] = "words"
    options: ClassVar[tuple[int, int]] = (0, 0)  # people bring them

    def __post_init__(self) -> None:
        if not 1 <= self.entries <= 10 or not 1 <= self.words <= 3:
            raise BadKind(N_("A word cloud takes one to ten entries from each, of one to three words."))
        object.__setattr__(self, "language", _short(self.language))


@dataclass(frozen=True, slots=True)
class Text:
    """An open text of at most `longest` characters."""

    longest: int = 300

    kind: ClassVar[str] = "text"
    options: ClassVar[tuple[int, int]] = (0, 0)  # people bring them

    def __post_init__(self) -> None:
        if not 1 <= self.longest <= LONGEST_TEXT:
            raise BadKind(N_("An open text may have up to {most} characters."), most=LONGEST_TEXT)


@dataclass(frozen=True, slots=True)
class Quiz:
    """How well people say that they can do each of several things, on one scale; `levels` from least to most."""

    levels: tuple[str, ...]

    kind: ClassVar[str] = "quiz"
    options: ClassVar[tuple[int, int]] = (1, MOST_STATEMENTS)

    def __post_init__(self) -> None:
        levels = tuple(map(_short, self.levels))
        object.__setattr__(self, "levels", levels)
        least, most = LEVELS
        if not least <= len(levels) <= most or not all(levels) or len(set(levels)) < len(levels):
            raise BadKind(N_("The scale needs two to seven different words, from “not yet” to “very well”."))


Kind = Single | Several | Pair | Rating | Number | Ranking | Words | Text | Quiz
KINDS: Mapping[str, type[Kind]] = {
    kind.kind: kind for kind in (Single, Several, Pair, Rating, Number, Ranking, Words, Text, Quiz)
}
CHOICES = (Single, Several, Pair)
BROUGHT = (Words, Text)  # whose options are what people write
GROWS = (Single, Several)  # to which members may add options


def to_json(kind: Kind) -> dict[str, Any]:
    """`kind` for a JSON column: its name and its bounds."""
    bounds = {name: _plain_json(value) for name, value in asdict(kind).items()}
    return {"kind": kind.kind, **bounds}


def from_json(data: Mapping[str, Any]) -> Kind:
    """What `to_json` wrote. Raises ValueError for anything else."""
    rest = dict(data)
    name = rest.pop("kind", None)
    if name not in KINDS:
        raise ValueError(f"no such kind of poll: {name!r}")
    if name == Quiz.kind:
        rest["levels"] = tuple(rest.get("levels", ()))
    try:
        return KINDS[name](**rest)
    except TypeError as error:
        raise ValueError(f"no stored poll: {error}") from None


def check_options(kind: Kind, texts: tuple[str, ...]) -> None:
    """Whether a poll of this kind can be asked with these options. Raises BadKind with the reason.

    Two options that read the same are one: they are compared without case, width and doubled spaces.
    """
    least, most = kind.options
    if not least <= len(texts) <= most:
        if most == 0:
            raise BadKind(N_("This kind of poll has no options of its own."))
        if least == most:
            raise BadKind(N_("This kind of poll has exactly {count} options."), count=least)
        raise BadKind(
            N_("This kind of poll has {least} to {most} options; there are {count}. Write one a line."),
            least=least,
            most=most,
            count=len(texts),
        )
    seen: dict[str, str] = {}
    for text in texts:
        if not text:
            raise BadKind(N_("An option is empty. Remove its line, or write something there."))
        if same := seen.get(alike(text)):
            raise BadKind(N_("Two options say the same: “{text}”. Keep one of them."), text=same)
        seen[alike(text)] = text
    if isinstance(kind, Several) and kind.least > len(texts):
        raise BadKind(N_("People must choose more options than there are. Lower the number, or add options."))


def alike(text: str) -> str:
    """The form in which two options that read the same are equal."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


def plain(number: Decimal) -> Decimal:
    """The same number without an exponent and without zeros behind its last digit, so that it reads as people write."""
    number = number.normalize()
    return number.quantize(Decimal(1)) if number.as_tuple().exponent > 0 else number  # type: ignore[operator]


def _decimal(value: object) -> Decimal:
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        raise BadKind(N_("“{text}” is not a number. Write digits, with a point for decimals."), text=value) from None
    if not number.is_finite() or abs(number) > 10**9 or int(number.as_tuple().exponent) < -6:
        raise BadKind(N_("Use numbers up to a billion with at most six decimals."))
    return plain(number) if number else Decimal(0)


def _short(text: str) -> str:
    line = " ".join(str(text).split())
    if len(line) > LONGEST_WORDS:
        raise BadKind(N_("“{text}” is too long here; {most} characters are the most."), text=line, most=LONGEST_WORDS)
    return line


def _plain_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
