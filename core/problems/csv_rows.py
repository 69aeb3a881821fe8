"""One row of a table of questions to a problem: what each column may say, as csv_table tells teachers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.problems import numbers
from core.problems.gift_syntax import category_names
from core.problems.kinds import (
    Category,
    Choice,
    FreeText,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    Source,
    TextAnswer,
    ToleranceKind,
    Unit,
    true_false,
)
from core.problems.reports import NotTaken
from core.problems.texts import Format, Text
from core.words import N_, Sentence

MOST_CHOICES = 20  # columns
_COLUMNS = frozenset(
    ("text", "correct", "kind", "tolerance", "unit", "feedback", "name", "tags", "category", "idnumber", "source")
) | {"licence", "url", "case", "format"}
_CHOICE = re.compile(r"choice_(?:(\d{1,2})|([a-t]))", re.ASCII)
_BETWEEN = re.compile(r"[\s,;|]+")
_KINDS = {
    "one": "one_choice",
    "one_choice": "one_choice",
    "single": "one_choice",
    "several": "several_choices",
    "several_choices": "several_choices",
    "multiple": "several_choices",
    "number": "number",
    "numerical": "number",
    "short": "short_text",
    "short_text": "short_text",
    "free": "free_text",
    "free_text": "free_text",
    "essay": "free_text",
    "true/false": "true_false",
    "true_false": "true_false",
    "truefalse": "true_false",
}
_TRUTHS = {"true": True, "t": True, "false": False, "f": False}
_YES_NO = {"yes": True, "x": True, "1": True, "true": True, "": False, "no": False, "0": False, "false": False}
_LIKE_A_NUMBER = re.compile(r"[+-]?[.,]?\d")
_FORMATS: Mapping[str, Format] = {"": "plain", "plain": "plain", "markdown": "markdown", "html": "html"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: cells by column, choices by place (0 is choice_1), and whether its numbers have a decimal comma."""

    cells: Mapping[str, str]
    choices: Mapping[int, str]
    decimal_comma: bool

    def cell(self, column: str) -> str:
        return self.cells.get(column, "")


def place_of(column: str) -> int | None:
    """Where a column of choices stands, from 0; None if it is no such column."""
    found = _CHOICE.fullmatch(column)
    if found is None:
        return None
    place = int(found[1]) - 1 if found[1] else ord(found[2]) - ord("a")
    return place if 0 <= place < MOST_CHOICES else None


def is_used(column: str, problem: Problem | Sentence) -> bool:
    """Whether the problem that a row made holds what this column says."""
    of_one_kind = {"tolerance": Number, "unit": Number, "case": ShortText}
    if column in of_one_kind:
        return isinstance(problem, of_one_kind[column])
    return column in _COLUMNS or place_of(column) is not None


def common(row: Row) -> dict[str, Any]:
    """The fields that every kind of problem has, but for name and idnumber."""
    written = row.cell("format").lower()
    if written not in _FORMATS:
        raise NotTaken(N_("“{format}” is no format. Write plain, markdown or html."), format=written[:40])
    form = _FORMATS[written]
    return {
        "text": Text(row.cell("text"), form),
        "solution": Text(row.cell("feedback"), form),
        "tags": tuple(re.split(r"[,;|]", row.cell("tags"))),
        "category": tuple(Category(name) for name in category_names(row.cell("category"))),
        "source": Source(row.cell("source"), row.cell("licence"), row.cell("url")),
    }


def problem_of(row: Row, common: dict[str, Any]) -> Problem:
    """The problem that `row` makes, with the fields in `common`; raises NotTaken with the reason."""
    correct = row.cell("correct")
    kind = _kind(row)
    if kind in {"one_choice", "several_choices"}:
        return _with_choices(row, common, kind)
    if row.choices:
        raise NotTaken(
            N_("Only the kinds “one” and “several” have choices. Name one of them, or take the choices out.")
        )
    match kind:
        case "true_false":
            truth = _TRUTHS.get(correct.lower())
            if truth is None:
                raise NotTaken(N_("Write true or false into the column “correct”."))
            return true_false(truth, {}, **{"penalty": 1.0, **common})
        case "number":
            return _number(row, common)
        case "short_text":
            case_sensitive = _YES_NO.get(row.cell("case").lower())
            if case_sensitive is None:
                raise NotTaken(N_("Write yes or no into the column “case”."))
            return ShortText(answers=tuple(map(TextAnswer, _parts(correct))), case_sensitive=case_sensitive, **common)
    if correct:
        raise NotTaken(N_("A free text has no right answer. Leave “correct” empty, or name another kind."))
    return FreeText(**common)


def _parts(correct: str) -> list[str]:
    return [part.strip() for part in correct.split("|") if part.strip()]


def _kind(row: Row) -> str:
    """The kind that the row names, or that its choices and `correct` leave no doubt about."""
    written, correct = row.cell("kind").lower(), row.cell("correct")
    if written:
        if written not in _KINDS:
            message = N_("“{kind}” is no kind. Write one, several, number, short, free or true/false.")
            raise NotTaken(message, kind=written[:40])
        return _KINDS[written]
    if row.choices:
        return "one_choice" if len(_right(row)) == 1 else "several_choices"
    if not correct:
        raise NotTaken(
            N_("The column “correct” is empty. Write the right answer, or the kind “free” if there is none.")
        )
    if correct.lower() in {"true", "false"}:
        return "true_false"
    if all(_parsed(row, part) is not None for part in _parts(correct)):
        return "number"
    if any(_LIKE_A_NUMBER.match(part) for part in _parts(correct)):
        message = N_("“{text}” may be a number or a text. Write the kind, and numbers with a point and without a unit.")
        raise NotTaken(message, text=correct[:60])
    return "short_text"


def _right(row: Row) -> set[int]:
    """Places of the right choices, named by letter, by number or word for word."""
    correct = row.cell("correct")
    if not correct:
        raise NotTaken(N_("The column “correct” is empty. Write the letters of the right choices, such as B or A C."))
    whole = _named(row, correct)
    if whole:
        return {_only(correct, whole)}
    return {_only(token, _named(row, token)) for token in _BETWEEN.split(correct) if token}


def _named(row: Row, token: str) -> set[int]:
    """The places that `token` may mean."""
    places = {place for place, text in row.choices.items() if text == token}
    if re.fullmatch(r"[a-tA-T]", token):
        places.add(ord(token.lower()) - ord("a"))
    if re.fullmatch(r"\d{1,2}", token, re.ASCII):
        places.add(int(token) - 1)
    return places & row.choices.keys()


def _only(token: str, places: set[int]) -> int:
    if len(places) == 1:
        return min(places)
    if places:
        message = N_(
            "“{token}” may mean the choice in that place or the one that reads so. Write the letter of its column."
        )
    else:
        message = N_("“{token}” names none of the choices. Write the letters of the right ones, such as B or A C.")
    raise NotTaken(message, token=token[:60])


def _with_choices(row: Row, common: dict[str, Any], kind: str) -> Problem:
    right = _right(row)
    form: Format = common["text"].format
    if kind == "one_choice" and len(right) > 1:
        raise NotTaken(N_("More than one choice is right. Name one, or write the kind “several”."))
    part = 1 / len(right)
    wrong = 0.0 if kind == "one_choice" else -part
    choices = tuple(
        Choice(Text(text, form), part if at in right else wrong) for at, text in sorted(row.choices.items())
    )
    return OneChoice(choices=choices, **common) if kind == "one_choice" else SeveralChoices(choices=choices, **common)


def _parsed(row: Row, written: str) -> str | None:
    """`written` as a number with a point; None if it is none."""
    if row.decimal_comma and written.count(",") == 1 and "." not in written:
        written = written.replace(",", ".")
    return written if numbers.from_key(written) is not None else None


def _number(row: Row, common: dict[str, Any]) -> Problem:
    written = row.cell("tolerance")
    relative = written.endswith("%")
    tolerance = _parsed(row, written.removesuffix("%").strip() or "0")
    if tolerance is None or float(tolerance) < 0:
        raise NotTaken(N_("“{text}” is no tolerance. Write a number such as 0.5, or 2%."), text=written[:60])
    kind: ToleranceKind = "relative" if relative else "absolute"
    answers = []
    for part in _parts(row.cell("correct")):
        value = _parsed(row, part)
        if value is None:
            message = N_("“{text}” is no number. Write digits with a point for decimals, without a unit.")
            raise NotTaken(message, text=part[:60])
        answers.append(NumberAnswer(value, float(tolerance) / (100 if relative else 1), kind))
    units = (Unit(row.cell("unit")),) if row.cell("unit") else ()
    return Number(answers=tuple(answers), units=units, unit_policy="optional" if units else "none", **common)
