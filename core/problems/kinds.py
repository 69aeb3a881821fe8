"""The five kinds of problem, as values that are canonical by construction, so that files and databases give them back.

Constructors tidy what means nothing (space at the ends, doubled tags) and raise ValueError for what no problem can
hold. Whether a problem is fit to be practised is another question: `core.problems.checks`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from core.problems import numbers, stored
from core.problems.texts import NAME_LENGTH, NOTHING, Text, line, name_from

IDNUMBER_LENGTH = 100  # characters, of Moodle's column question_bank_entries.idnumber
FULL = 0.999999  # a fraction above it is right, as in Moodle's question_state::graded_state_for_fraction
NONE = 0.000001  # a fraction below it is wrong
PENALTY = 0.3333333  # for another try, Moodle's usual one
STORED_FORMAT = 1

# Moodle's list of weights (question_bank::fraction_options_full), without their signs; it refuses others on import.
MOODLE_FRACTIONS = (
    1.0,
    0.9,
    0.8333333,
    0.8,
    0.75,
    0.7,
    0.6666667,
    0.6,
    0.5,
    0.4,
    0.3333333,
    0.3,
    0.25,
    0.2,
    0.1666667,
    0.1428571,
    0.125,
    0.1111111,
    0.1,
    0.05,
    0.0,
)

Numbering = Literal["abc", "ABCD", "123", "iii", "IIII", "none"]
ToleranceKind = Literal["absolute", "relative", "geometric"]
UnitPolicy = Literal["none", "optional", "graded_of_response", "graded_of_question"]
UnitInput = Literal["typed", "radio", "menu"]
Box = Literal["editor", "plain", "monospaced"]


def _finite(value: float, low: float, high: float, what: str) -> float:
    if not low <= value <= high or not math.isfinite(value):  # a NaN fails the first comparison
        raise ValueError(f"{what} must be from {low} to {high}, not {value}")
    return float(value) + 0.0  # -0.0 becomes 0.0


def _fraction(value: float) -> float:
    """`value` to seven decimals, or Moodle's weight within 0.00001 of it: 33.333 % is a third, which is 0.3333333."""
    value = round(_finite(value, -1, 1, "a fraction"), 7)
    nearest = min(MOODLE_FRACTIONS, key=lambda known: abs(known - abs(value)))
    return value if abs(nearest - abs(value)) >= 1e-5 else math.copysign(nearest, value) + 0.0


def _tidy(self: object, /, **changed: object) -> None:
    for name, item in changed.items():
        object.__setattr__(self, name, item)


@dataclass(frozen=True, slots=True)
class Category:
    """One level of a question bank's tree. A name cannot begin or end with `/`: no file could carry it."""

    name: str
    info: Text = NOTHING
    idnumber: str = ""

    def __post_init__(self) -> None:
        _tidy(self, name=line(self.name).strip("/ "), idnumber=line(self.idnumber))
        if not self.name:
            raise ValueError("a category needs a name")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a problem comes from: whom to credit, under which licence, and the address."""

    credit: str = ""
    licence: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        _tidy(self, credit=line(self.credit), licence=line(self.licence), url=line(self.url))


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that texts refer to as `@@PLUGINFILE@@/name`; its bytes come from `core.problems.images`."""

    name: str
    mime: str
    width: int
    height: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hint:
    """Help before another try; the flags are Moodle's: say how many are right, take wrong choices back."""

    text: Text
    counts_right: bool = False
    clears_wrong: bool = False


@dataclass(frozen=True, slots=True)
class CombinedFeedback:
    """What is said of an answer as a whole."""

    right: Text = NOTHING
    partly: Text = NOTHING
    wrong: Text = NOTHING
    counts_right: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One option; `fraction` of the mark in [-1, 1]."""

    text: Text
    fraction: float = 0.0
    feedback: Text = NOTHING

    def __post_init__(self) -> None:
        _tidy(self, fraction=_fraction(self.fraction))


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """A number that earns `fraction`: `value` as the teacher wrote it (3.00E8 says three figures), None for any number.

    With value v and tolerance t an answer x matches if |x - v| <= t (absolute), |x - v| <= t |v| (relative) or x lies
    between v / (1 + t) and v (1 + t) (geometric), each widened by Moodle's 1e-14
    (qtype_numerical_answer::get_tolerance_interval).
    """

    value: str | None
    tolerance: float = 0.0
    tolerance_kind: ToleranceKind = "absolute"
    fraction: float = 1.0
    feedback: Text = NOTHING

    def __post_init__(self) -> None:
        _tidy(self, fraction=_fraction(self.fraction), tolerance=_finite(self.tolerance, 0, 1e300, "a tolerance"))
        if self.value is None:
            _tidy(self, tolerance=0.0, tolerance_kind="absolute")
        else:
            _tidy(self, value=self.value.strip())
            if numbers.from_key(self.value) is None:
                raise ValueError(f"not a number: {self.value!r}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and how many of it make one of the key's unit (60 km/h = 16.67 m/s: 0.2777778)."""

    name: str
    multiplier: float = 1.0

    def __post_init__(self) -> None:
        _tidy(self, name=line(self.name), multiplier=_finite(self.multiplier, -1e300, 1e300, "a multiplier"))
        if not self.name or abs(self.multiplier) < 1e-300:
            raise ValueError("a unit needs a name and a multiplier other than 0")


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """A text that earns `fraction`; `*` in it stands for any characters and `\\*` for an asterisk."""

    pattern: str
    fraction: float = 1.0
    feedback: Text = NOTHING

    def __post_init__(self) -> None:
        _tidy(self, pattern=line(self.pattern), fraction=_fraction(self.fraction))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What all kinds have. `solution` is the teacher's explanation (Moodle: general feedback); `mark` and `penalty`
    are Moodle's.
    """

    kind: ClassVar[str]
    text: Text
    name: str = ""
    solution: Text = NOTHING
    mark: float = 1.0
    penalty: float = PENALTY
    hints: tuple[Hint, ...] = ()
    tags: tuple[str, ...] = ()
    idnumber: str = ""
    category: tuple[Category, ...] = ()  # from the outermost to the one that the problem is in
    source: Source = Source()
    images: tuple[Image, ...] = field(default=(), metadata={stored.APART: True})

    def __post_init__(self) -> None:
        _tidy(
            self,
            name=line(self.name) or name_from(self.text) or "?",  # "?": a picture alone
            idnumber=line(self.idnumber),
            tags=tuple(dict.fromkeys(tag for tag in map(line, self.tags) if tag)),
            mark=_finite(self.mark, 0, 1e9, "a mark"),
            penalty=_finite(self.penalty, 0, 1, "a penalty"),
            images=tuple(sorted(self.images, key=lambda image: image.name)),
        )
        if len(self.name) > NAME_LENGTH or len(self.idnumber) > IDNUMBER_LENGTH:
            raise ValueError(f"a name has at most {NAME_LENGTH} characters, an idnumber {IDNUMBER_LENGTH}")
        if len({image.name for image in self.images}) < len(self.images):
            raise ValueError("two images have one name")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceProblem(Problem):
    """One or several of the choices are right. `instruction` shows the line "Select one" or "Select one or more"."""

    choices: tuple[Choice, ...]
    shuffle: bool = True
    numbering: Numbering = "abc"
    instruction: bool = False
    feedback: CombinedFeedback = CombinedFeedback()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneChoice(ChoiceProblem):
    """One choice is taken and earns its fraction. `true_false` problems have the choices True and False in this
    order.
    """

    kind: ClassVar[str] = "one_choice"
    true_false: bool = False

    def __post_init__(self) -> None:
        Problem.__post_init__(self)
        settings = (self.shuffle, self.numbering, self.instruction, self.feedback)
        plain = settings == (False, "none", False, CombinedFeedback())
        if self.true_false and not (plain and sorted(c.fraction for c in self.choices) == [0, 1]):
            raise ValueError("a true/false problem has one right and one wrong choice and no settings of its own")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralChoices(ChoiceProblem):
    """Any number of choices is taken; the fractions of the taken ones add up, within [0, 1]."""

    kind: ClassVar[str] = "several_choices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Problem):
    """A number, with a unit as `unit_policy` says. A missing or wrong unit costs `unit_penalty` of the response's
    fraction or of the whole question's where it is graded. The unit is `typed` with the number, or picked beside it
    (`radio`, `menu`).
    """

    kind: ClassVar[str] = "number"
    answers: tuple[NumberAnswer, ...]
    units: tuple[Unit, ...] = ()
    unit_policy: UnitPolicy = "none"
    unit_input: UnitInput = "typed"
    unit_penalty: float = 0.0
    unit_left: bool = False

    def __post_init__(self) -> None:
        Problem.__post_init__(self)
        graded = self.unit_policy.startswith("graded")
        _tidy(self, unit_penalty=_finite(self.unit_penalty, 0, 1, "a unit's penalty") if graded else 0.0)
        if self.unit_policy == "none":
            _tidy(self, unit_input="typed")
        if len({unit.name for unit in self.units}) < len(self.units):
            raise ValueError("two units have one name")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortText(Problem):
    """A word or phrase, compared with the accepted ones in order."""

    kind: ClassVar[str] = "short_text"
    answers: tuple[TextAnswer, ...]
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeText(Problem):
    """A text that people read and no rule scores. `lines` is the height of the box; limits are in words."""

    kind: ClassVar[str] = "free_text"
    box: Box = "editor"
    lines: int = 15
    required: bool = True
    min_words: int | None = None
    max_words: int | None = None
    template: Text = NOTHING
    grader_info: Text = NOTHING


KINDS: Mapping[str, type[Problem]] = {k.kind: k for k in (OneChoice, SeveralChoices, Number, ShortText, FreeText)}


def true_false(right: bool, feedback: Mapping[bool, Text], **common: object) -> OneChoice:
    """The problem whose statement is true or false; `feedback` to either choice, `common` as of Problem."""
    choices = tuple(
        Choice(Text(str(value), "plain"), 1.0 if value is right else 0.0, feedback.get(value, NOTHING))
        for value in (True, False)
    )
    problem = OneChoice(text=NOTHING, choices=choices, shuffle=False, numbering="none", true_false=True)
    return replace(problem, **{"name": "", **common})  # type: ignore[arg-type]  # the names are those of Problem's fields


def to_json(problem: Problem) -> stored.Json:
    """`problem` for a JSON column, the key included and the bytes of images left out; `from_json` gives back an equal
    one.
    """
    names = [image.name for image in problem.images]
    return {"format": STORED_FORMAT, "kind": problem.kind, **stored.encode(problem), "images": names}


def from_json(data: Mapping[str, object], images: Iterable[Image] | None = None) -> Problem:
    """The problem that `to_json` wrote, with its `images`, or with none if they are not given (grading needs none).

    Raises ValueError where `data` is no stored problem or an image that it names is missing.
    """
    rest = dict(data)
    form, kind, names = rest.pop("format", None), rest.pop("kind", None), rest.pop("images", [])
    if form != STORED_FORMAT or not isinstance(kind, str) or kind not in KINDS or not isinstance(names, list):
        raise ValueError(f"not a stored problem: format {form!r}, kind {kind!r}")
    given = {image.name: image for image in images or ()}
    if images is not None and (missing := [name for name in names if name not in given]):
        raise ValueError(f"images are missing: {missing}")
    return stored.decode(KINDS[kind], rest, images=tuple(given[name] for name in names if name in given))
