"""Judging an answer: the same fraction that Moodle 4.5 gives (deferred feedback) to the same answer.

Sources, as behaviour: qtype_multichoice, qtype_truefalse, qtype_numerical (get_matching_answer, apply_unit_penalty) and
qtype_shortanswer (compare_string_with_wildcard); the recorded grades in tests/fixtures/question_banks hold us to it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from core.problems import numbers
from core.problems.kinds import (
    FULL,
    NONE,
    ChoiceProblem,
    CombinedFeedback,
    FreeText,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
)
from core.problems.texts import Text
from core.words import N_, Sentence

LONGEST_TEXT = {Number.kind: numbers.LONGEST, ShortText.kind: 1_000, FreeText.kind: 50_000}  # characters
EPSILON = 1e-14  # Moodle's pow(10, -1 * ini_get('precision')): equal decimals must match in binary, too


@dataclass(frozen=True, slots=True)
class Response:
    """What a person gave: the taken `choices` (places in the problem's own order), or `text`, with a picked `unit`."""

    choices: tuple[int, ...] = ()
    text: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """What an answer is worth. `fraction` (-1..1) and `right` are None for a blank answer and where no rule scores.

    `feedback` is for the person; `normalised` is the answer as it was read, equal for equal answers; `note` is a
    fair warning about how it was read. Not `readable` is an answer that Moodle judges as wrong but lets nobody submit
    where it judges at once, because it holds no number: a page asks again.
    """

    fraction: float | None
    right: bool | None
    feedback: tuple[Text, ...] = ()
    normalised: str = ""
    note: Sentence | None = None
    readable: bool = True


class BadResponse(ValueError):
    """An answer that the problem's form cannot have sent, or that is too long. Nothing was judged."""

    def __init__(self, message: str, **values: object) -> None:
        self.sentence = Sentence(message, values)
        super().__init__(str(self.sentence))


def grade(problem: Problem, response: Response) -> Grade:
    """The grade of `response`; raises BadResponse where the answer does not fit the problem."""
    if isinstance(problem, ChoiceProblem):
        if response.text or response.unit:
            raise BadResponse(N_("This problem is answered by choosing. Choose and send it again."))
        return _choices(problem, response.choices)
    if response.choices:
        raise BadResponse(N_("This problem is answered by typing. Type your answer and send it again."))
    longest = LONGEST_TEXT[problem.kind]
    if len(response.text) > longest or len(response.unit) > longest:
        message = N_("Your answer has {length} characters; at most {longest} fit here. Shorten it and send it again.")
        raise BadResponse(message, length=max(len(response.text), len(response.unit)), longest=longest)
    if isinstance(problem, Number):
        return _number(problem, response)
    if response.unit:
        raise BadResponse(N_("This problem takes no unit. Send your answer without one."))
    text = unicodedata.normalize("NFC", response.text).strip()
    if isinstance(problem, ShortText) and text:
        return _short_text(problem, text)
    return Grade(None, None, normalised=text)


def right_answers(problem: Problem) -> tuple[Text | str | Sentence, ...]:
    """The key to show: texts of the right choices, the numbers or words that earn full marks; nothing for free text."""
    match problem:
        case OneChoice():
            return tuple(choice.text for choice in problem.choices if choice.fraction > FULL)
        case SeveralChoices():
            return tuple(choice.text for choice in problem.choices if choice.fraction > NONE)
        case Number():
            return tuple(_number_key(problem, answer) for answer in problem.answers if answer.fraction > FULL)
        case ShortText():
            return tuple(_readable(answer.pattern) for answer in problem.answers if answer.fraction > FULL)
    return ()


def _graded(fraction: float, feedback: tuple[Text, ...], normalised: str, note: Sentence | None = None) -> Grade:
    return Grade(round(fraction, 7), fraction > FULL, tuple(text for text in feedback if text), normalised, note)


def _choices(problem: ChoiceProblem, taken: tuple[int, ...]) -> Grade:
    if any(type(i) is not int or not 0 <= i < len(problem.choices) for i in taken) or len(set(taken)) < len(taken):
        raise BadResponse(N_("That is not one of the choices. Load the page again and choose."))
    if not taken:
        return Grade(None, None)
    chosen = [problem.choices[i] for i in sorted(taken)]
    fraction = sum(choice.fraction for choice in chosen)
    if isinstance(problem, SeveralChoices):
        fraction = min(max(fraction, 0.0), 1.0)
    elif len(taken) > 1:
        raise BadResponse(N_("Only one choice can be taken here. Choose one and send it again."))
    overall = _combined(problem.feedback, fraction)
    feedback = (*(choice.feedback for choice in chosen), overall)
    return _graded(fraction, feedback, " ".join(map(str, sorted(taken))))


def _combined(feedback: CombinedFeedback, fraction: float) -> Text:
    if fraction > FULL:
        return feedback.right
    return feedback.wrong if fraction < NONE else feedback.partly


def _number(problem: Number, response: Response) -> Grade:
    picked = problem.unit_input != "typed"
    multipliers = {_squeezed(unit.name): unit.multiplier for unit in problem.units}
    if response.unit and not (picked and _squeezed(response.unit) in multipliers):
        raise BadResponse(N_("That is not one of the units. Load the page again and choose."))
    if not response.text.strip():
        return Grade(None, None)
    reading = numbers.read(response.text, unit_left=problem.unit_left and bool(problem.units))
    if reading is None:
        no_number = Sentence(N_("We could not find a number in this answer. Write a number such as 0.25 or 2.5e-1."))
        return Grade(0.0, False, (), response.text.strip(), no_number, readable=False)
    unit = _squeezed(response.unit) if picked else reading.unit
    multiplier = 1 / multipliers[unit] if unit in multipliers else None
    read_as = f"{numbers.to_text(reading.value)} {unit}".strip()
    note = _comma_note(response.text, read_as)
    for answer in problem.answers:
        unit_right = multiplier is not None and _within(answer, reading.value * multiplier)
        if unit_right or _within(answer, reading.value):
            return _graded(_less_unit(problem, answer.fraction, unit_right), (answer.feedback,), read_as, note)
    return _graded(0.0, (), read_as, note)


def _squeezed(unit: str) -> str:
    """A unit as `numbers.read` gives it: without spaces, so that "sq m" can be typed (in Moodle it never matches)."""
    return "".join(unit.split())


def _comma_note(text: str, read_as: str) -> Sentence | None:
    if "," not in text:
        return None
    message = N_("A comma separates thousands here, so we read {number}. For decimals, write a point.")
    return Sentence(message, {"number": read_as})


def _less_unit(problem: Number, fraction: float, unit_right: bool) -> float:
    if unit_right:
        return fraction
    if problem.unit_policy == "graded_of_response":
        fraction -= problem.unit_penalty * fraction
    elif problem.unit_policy == "graded_of_question":
        fraction -= problem.unit_penalty
    return max(fraction, 0.0)


def interval(answer: NumberAnswer) -> tuple[float, float]:
    """The least and the greatest number that match `answer`, which has a value; formulas in NumberAnswer."""
    value = numbers.from_key(answer.value or "") or 0.0
    if answer.tolerance_kind == "geometric":
        quotient = 1 + answer.tolerance + EPSILON
        ends = (value / quotient, value * quotient)
        return min(ends), max(ends)
    if answer.tolerance_kind == "relative":
        width = abs(value) * (answer.tolerance + EPSILON)
    else:
        width = answer.tolerance + EPSILON * max(answer.tolerance, abs(value), EPSILON)
    return value - width, value + width


def _within(answer: NumberAnswer, value: float) -> bool:
    if answer.value is None:
        return True
    low, high = interval(answer)
    return low <= value <= high


def _number_key(problem: Number, answer: NumberAnswer) -> str | Sentence:
    if answer.value is None:
        return Sentence(N_("any number"))
    if not problem.units:
        return answer.value
    unit = problem.units[0].name
    return f"{unit} {answer.value}" if problem.unit_left else f"{answer.value} {unit}"


def _short_text(problem: ShortText, text: str) -> Grade:
    for answer in problem.answers:
        if matches(answer.pattern, text, case_sensitive=problem.case_sensitive):
            return _graded(answer.fraction, (answer.feedback,), text)
    return _graded(0.0, (), text)


def matches(pattern: str, text: str, *, case_sensitive: bool) -> bool:
    """Whether `text` is what `pattern` says, where `*` is any run of characters and `\\*` an asterisk.

    The pieces between the stars are looked for from left to right, so the time is linear in the text for each piece.
    """
    pieces = [_comparable(piece, case_sensitive) for piece in _pieces(pattern)]
    text = _comparable(text.strip(), case_sensitive)
    if len(pieces) == 1:
        return text == pieces[0]
    first, *middle, last = pieces
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    place, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


def _pieces(pattern: str) -> list[str]:
    """The texts between the stars of a pattern, with `\\*` put back to `*`."""
    hidden = "\ud800"  # a lone surrogate: no decoded text has one
    return [piece.replace(hidden, "*") for piece in pattern.replace("\\*", hidden).split("*")]


def _comparable(text: str, case_sensitive: bool) -> str:
    text = unicodedata.normalize("NFC", text)
    return text if case_sensitive else "".join(map(_folded, text))


def _folded(character: str) -> str:
    """One character without its case; as in PCRE, one never becomes two (ß stays ß, it is not SS)."""
    folded = character.casefold()
    if len(folded) > 1:
        folded = character.lower()
    return folded if len(folded) == 1 else character


def _readable(pattern: str) -> str:
    """A pattern for people: `un*` is "un…", `*lamp*` is "lamp", an escaped star is a star."""
    pieces = [piece.strip() for piece in _pieces(pattern)]
    if len(pieces) > 1 and not pieces[0] and not pieces[-1]:
        pieces = [piece for piece in pieces if piece] or ["…"]
        return " … ".join(pieces)
    return "…".join(pieces)
