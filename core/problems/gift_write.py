"""Writing GIFT, so that `read_gift` gives the problems back and Moodle reads the same, with a word about all that
GIFT cannot carry.

GIFT has no place for marks, penalties, hints, pictures, units, settings of choices and texts, or where a problem
comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from core.problems import numbers
from core.problems.checks import percent
from core.problems.gift_syntax import category_path, escape, token
from core.problems.grading import interval
from core.problems.kinds import (
    FULL,
    PENALTY,
    ChoiceProblem,
    CombinedFeedback,
    FreeText,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    ShortText,
    Source,
    TextAnswer,
)
from core.problems.reports import Export, Written
from core.problems.texts import Format, Text
from core.words import N_, Sentence

_ARROW = N_("GIFT cannot carry an arrow -> in a short answer or its feedback. Use Moodle XML.")
_ALL_RIGHT = N_("GIFT cannot carry a single choice of which all are right. Use Moodle XML.")


def write_gift(problems: Sequence[Problem]) -> Export:
    """A GIFT file (UTF-8) with `problems` in their order; the report names what each loses in it."""
    lines: list[str] = []
    report: list[Written] = []
    path = ""
    for index, problem in enumerate(problems):
        reason = _cannot_carry(problem)
        if reason is None:
            here = category_path([category.name for category in problem.category]) if problem.category else ""
            if here != path:
                lines += [f"$CATEGORY: {here or category_path([])}", ""]
                path = here
            lines += [*_question(problem, index), ""]
        lost = tuple(Sentence(message) for message, loses in LOSSES if loses(problem)) if reason is None else ()
        if reason or lost:
            report.append(Written(index, problem.name, Sentence(reason) if reason else None, lost))
    return Export("\n".join(lines).encode(), tuple(report))


def _cannot_carry(problem: Problem) -> str | None:
    if isinstance(problem, ShortText) and any(
        "->" in text for answer in problem.answers for text in (answer.pattern, answer.feedback.source)
    ):
        return _ARROW  # Moodle would take it for a matching question
    if isinstance(problem, OneChoice) and not problem.true_false and all(c.fraction > FULL for c in problem.choices):
        return _ALL_RIGHT  # without a ~ it would be a short answer
    return None


def _question(problem: Problem, index: int) -> Iterator[str]:
    # The first comment is Moodle's mark of an exported question, by which a reader knows how choices are weighted.
    yield f"// question: {index + 1}  name:"
    marks = [token("id", problem.idnumber)] if problem.idnumber else []
    marks += [token("tag", tag) for tag in problem.tags]
    if any(marks):
        yield "// " + " ".join(filter(None, marks))
    own = problem.text.format
    head = f"::{escape(problem.name)}::{_formatted(problem.text, 'moodle')}"
    solution = f"####{_formatted(problem.solution, own)}" if problem.solution else ""
    match problem:
        case OneChoice(true_false=True):
            yield head + "{" + _true_false(problem) + solution + "}"
            return
        case FreeText():
            yield head + "{" + solution + "}"
            return
        case ChoiceProblem():
            yield head + "{"
            yield from _choices(problem)
        case Number():
            yield head + "{#"
            yield from _number_answers(problem)
        case ShortText():
            yield head + "{"
            yield from (_text_answer(answer, own) for answer in problem.answers)
    if solution:
        yield "\t" + solution
    yield "}"


def _formatted(text: Text, default: Format) -> str:
    """A text with its format in front where that is not `default`, or where its own first sign is a bracket."""
    if not text:
        return ""
    mark = f"[{text.format}]" if text.format != default or text.source.startswith("[") else ""
    return mark + escape(text.source)


def _true_false(problem: OneChoice) -> str:
    true, false = problem.choices
    right, wrong = (true, false) if true.fraction > FULL else (false, true)
    said = [_formatted(choice.feedback, problem.text.format) for choice in (wrong, right)]
    word = "TRUE" if right is true else "FALSE"
    return word + (f"#{said[0]}" if any(said) else "") + (f"#{said[1]}" if said[1] else "")


def _feedback(text: Text, default: Format) -> str:
    return f"#{_formatted(text, default)}" if text else ""


def _choices(problem: ChoiceProblem) -> Iterator[str]:
    own = problem.text.format
    for choice in problem.choices:
        written = _formatted(choice.text, own)
        if isinstance(problem, OneChoice) and choice.fraction > FULL:
            sign = "="
        elif choice.fraction == 0 and not written.startswith("%"):
            sign = "~"
        else:  # a weight of 0 keeps a text such as %100% from being read as one
            sign = f"~%{percent(choice.fraction)}%"
        yield "\t" + sign + written + _feedback(choice.feedback, own)


def _text_answer(answer: TextAnswer, own: Format) -> str:
    pattern = _formatted(Text(answer.pattern, own), own)
    return f"\t=%{percent(answer.fraction)}%{pattern}#{_formatted(answer.feedback, own)}"


def _number_answers(problem: Number) -> Iterator[str]:
    own = problem.text.format
    for place, answer in enumerate(problem.answers):
        feedback = _feedback(answer.feedback, own)
        last = place == len(problem.answers) - 1
        if answer.value is None and answer.fraction == 0 and last:
            yield "\t~" + (feedback or "#")
        else:
            yield f"\t=%{percent(answer.fraction)}%{_value(answer)}{feedback or '#'}"


def _value(answer: NumberAnswer) -> str:
    if answer.value is None:
        return "*:0"
    if answer.tolerance_kind == "geometric":
        low, high = interval(answer)
        return f"{numbers.to_text(low)}..{numbers.to_text(high)}"
    width = answer.tolerance
    if answer.tolerance_kind == "relative":
        width *= abs(numbers.from_key(answer.value) or 0.0)
    return f"{answer.value}:{numbers.to_text(width)}"


def _of_choices(problem: Problem) -> bool:
    if not isinstance(problem, ChoiceProblem) or getattr(problem, "true_false", False):
        return False
    settings = (problem.shuffle, problem.numbering, problem.instruction, problem.feedback)
    return settings != (True, "abc", False, CombinedFeedback())


def _of_units(problem: Problem) -> bool:
    return isinstance(problem, Number) and (bool(problem.units) or problem.unit_policy != "none" or problem.unit_left)


def _of_tolerance(problem: Problem) -> bool:
    return isinstance(problem, Number) and any(answer.tolerance_kind != "absolute" for answer in problem.answers)


def _of_free_text(problem: Problem) -> bool:
    if not isinstance(problem, FreeText):
        return False
    plain = FreeText(text=problem.text)
    return any(getattr(problem, name) != getattr(plain, name) for name in FREE_TEXT_SETTINGS)


def _of_marks(problem: Problem) -> bool:
    usual = 1.0 if getattr(problem, "true_false", False) else PENALTY
    return (problem.mark, problem.penalty) != (1.0, usual)


FREE_TEXT_SETTINGS = ("box", "lines", "required", "min_words", "max_words", "template", "grader_info")

# What GIFT has no place for, as said to the teacher, and whether a problem has it.
LOSSES: tuple[tuple[str, Callable[[Problem], bool]], ...] = (
    (N_("Its mark or its penalty for another try is left out."), _of_marks),
    (N_("Its hints are left out."), lambda problem: bool(problem.hints)),
    (N_("Its pictures are left out; where they stood, nothing will be seen."), lambda problem: bool(problem.images)),
    (N_("The source and licence are left out."), lambda problem: problem.source != Source()),
    (
        N_("The description or idnumber of its category is left out."),
        lambda problem: any(category.info or category.idnumber for category in problem.category),
    ),
    (
        N_("A tag or idnumber that ends in a backslash is left out."),
        lambda problem: any(text.endswith("\\") for text in (*problem.tags, problem.idnumber)),
    ),
    (N_("The order, numbering, instruction or overall feedback of its choices is left out."), _of_choices),
    (N_("Its units are left out, so the number alone is graded."), _of_units),
    (N_("Its relative tolerance is written as a range of numbers."), _of_tolerance),
    (
        N_("Capital and small letters are no longer told apart."),
        lambda problem: isinstance(problem, ShortText) and problem.case_sensitive,
    ),
    (N_("Its template, notes for graders, word limits or form of the box are left out."), _of_free_text),
)
