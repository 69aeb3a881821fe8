"""What stands between the braces of a GIFT question, and the problem that it makes.

Texts here have their escapes hidden (`gift_syntax.hide`), so every = ~ # : is syntax. Where this reading differs from
Moodle's (question/format/gift/format.php) it does so on purpose; tests/core/problems/test_gift_differences.py names
each case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from core.problems import numbers
from core.problems.gift_syntax import show
from core.problems.kinds import (
    Choice,
    FreeText,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    TextAnswer,
    true_false,
)
from core.problems.reports import NotTaken
from core.problems.texts import FORMATS, Format, Text
from core.words import N_

_WEIGHT = re.compile(r"%(-?\d{1,9}(?:\.\d{0,9})?)%", re.ASCII)
_TRUE_FALSE = {"T": True, "TRUE": True, "F": False, "FALSE": False}
_AMBIGUOUS = N_(
    "The choice {choice} begins with a weight beside a choice marked with =. If the percent signs belong to the text, "
    "write ~%0% before a wrong choice; if it is a second right choice, mark it with = and no weight."
)


def text_with_format(hidden: str, default: Format) -> Text:
    """A text that may begin with its format in brackets: `[html]`, `[markdown]`, `[plain]` or `[moodle]`."""
    hidden = hidden.strip()
    for known in FORMATS:
        if hidden.startswith(f"[{known}]"):
            return Text(show(hidden[len(known) + 2 :]), known)
    return Text(show(hidden), default)


def problem_of(answers: str, common: dict[str, Any], *, exported: bool) -> Problem:
    """The problem with these `answers` and the fields in `common`; raises NotTaken with the reason.

    `exported` questions were written by a program, which marks the one right choice with = and never with ~%100%.
    """
    default: Format = common["text"].format
    word, _, feedback = answers.partition("#")
    if not answers:
        return FreeText(**common)
    if answers.startswith(">"):
        raise NotTaken(N_("Ordering questions are not taken. Make it a question with choices."))
    if answers.startswith("#"):
        return Number(answers=tuple(_number_answers(answers[1:], default)), **common)
    if "~" in answers:
        return _choices(answers, common, exported=exported)
    items = _split(answers, "=")
    if any("->" in item.partition("#")[0] for item in items):
        raise NotTaken(N_("Matching questions are not taken. Make one question with choices for each pair."))
    if word.strip().upper() in _TRUE_FALSE:
        truth = _TRUE_FALSE[word.strip().upper()]
        wrong, _, right = feedback.partition("#")
        said = {truth: text_with_format(right, default), not truth: text_with_format(wrong, default)}
        return true_false(truth, said, **{"penalty": 1.0, **common})
    return ShortText(answers=tuple(_text_answer(item, default) for item in items), **common)


def _split(answers: str, sign: str) -> list[str]:
    """The texts after each `sign`; what stands before the first one counts too, if it is not blank."""
    first, *rest = answers.split(sign)
    return [item.strip() for item in ([first] if first.strip() else []) + rest]


def _weighted(item: str) -> tuple[float | None, str]:
    """The weight in front of an answer as a fraction, None if it has none, and the rest of the answer."""
    found = _WEIGHT.match(item)
    if found is None:
        return None, item
    fraction = float(found[1]) / 100
    if not -1 <= fraction <= 1:
        raise NotTaken(N_("The weight {weight} % is not between -100 and 100. Correct it."), weight=found[1])
    return fraction, item[found.end() :]


def _choices(answers: str, common: dict[str, Any], *, exported: bool) -> Problem:
    before, *parts = re.split(r"([~=])", answers)
    if before.strip():
        message = N_("Something stands before the first choice: {text}. Begin each choice with ~ or =.")
        raise NotTaken(message, text=show(before.strip())[:60])
    signs, items = parts[0::2], [item.strip() for item in parts[1::2]]
    one = "=" in signs
    default: Format = common["text"].format
    choices = []
    for sign, item in zip(signs, items, strict=True):
        fraction, item = _choice_fraction(sign, item, one=one, exported=exported)
        text, _, feedback = item.partition("#")
        choices.append(Choice(text_with_format(text, default), fraction, text_with_format(feedback, default)))
    kind = OneChoice if one else SeveralChoices
    return kind(choices=tuple(choices), **common)


def _choice_fraction(sign: str, item: str, *, one: bool, exported: bool) -> tuple[float, str]:
    """What the choice `item` after `sign` earns, and the text of it."""
    if item.startswith("\\%") and _WEIGHT.match(item, 1):
        return (1.0 if sign == "=" else 0.0), item[1:]
    fraction, rest = _weighted(item)
    if fraction is None:
        return (1.0 if sign == "=" else 0.0), item
    if sign == "~" and not (one and fraction == 1):
        return fraction, rest
    if not exported:
        raise NotTaken(_AMBIGUOUS, choice=show(item)[:60])
    return (1.0 if sign == "=" else 0.0), item


def _text_answer(item: str, default: Format) -> TextAnswer:
    fraction, rest = _weighted(item)
    text, _, feedback = rest.partition("#")
    pattern = text_with_format(text, default).source
    return TextAnswer(pattern, 1.0 if fraction is None else fraction, text_with_format(feedback, default))


def _number_answers(answers: str, default: Format) -> Iterator[NumberAnswer]:
    answers, otherwise, rest = answers.partition("~")
    for item in _split(answers, "="):
        weight, item = _weighted(item)
        value, _, feedback = item.partition("#")
        fraction = 1.0 if weight is None else weight
        yield _number_answer(value.strip(), fraction, text_with_format(feedback, default))
    if otherwise:  # feedback for every other number
        yield NumberAnswer(None, fraction=0, feedback=text_with_format(rest.partition("#")[2], default))


def _number_answer(written: str, fraction: float, feedback: Text) -> NumberAnswer:
    if ".." in written:
        low, _, high = (part.strip() for part in written.partition(".."))
        ends = [_decimal(low), _decimal(high)]
        if ends[0] > ends[1]:
            raise NotTaken(
                N_("The range {range} ends before it begins. Write the smaller number first."), range=written
            )
        middle = (ends[0] + ends[1]) / 2
        return NumberAnswer(numbers.to_text(float(middle)), float(ends[1] - middle), "absolute", fraction, feedback)
    value, _, tolerance = (part.strip() for part in written.partition(":"))
    if value == "*":
        return NumberAnswer(None, fraction=fraction, feedback=feedback)
    width = float(_decimal(tolerance)) if tolerance else 0.0
    if width < 0:
        raise NotTaken(N_("The tolerance {tolerance} is below 0. Write it without a sign."), tolerance=tolerance)
    _decimal(value)
    return NumberAnswer(value, width, "absolute", fraction, feedback)


def _decimal(written: str) -> Decimal:
    if numbers.from_key(written) is None:
        message = N_("{text} is not a number, where one is needed. Write digits, with a point for decimals.")
        raise NotTaken(message, text=show(written)[:60] or "“”")
    return Decimal(written)
