"""What may be taken from a file, by the same rules for every format: nothing that would be graded wrongly.

A fault refuses the question; a caution takes it and tells the teacher. Where Moodle's reader takes a question that has
a fault, Moodle's own editing form would not (edit forms of qtype_multichoice, qtype_shortanswer, qtype_numerical).
"""

from __future__ import annotations

from collections.abc import Iterator

from core.problems.kinds import (
    FULL,
    MOODLE_FRACTIONS,
    NONE,
    ChoiceProblem,
    FreeText,
    Number,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
)
from core.problems.reports import Limits
from core.problems.texts import Text, files_named, never_shown, words
from core.words import N_, Sentence


def fractions(problem: Problem) -> list[float]:
    """The fractions that answers to `problem` can earn, in the order of its choices or answers."""
    match problem:
        case ChoiceProblem():
            return [choice.fraction for choice in problem.choices]
        case Number() | ShortText():
            return [answer.fraction for answer in problem.answers]
    return []


def texts(problem: Problem) -> Iterator[Text]:
    """All texts of `problem` that can show pictures, the question's own first."""
    yield from (problem.text, problem.solution, *(hint.text for hint in problem.hints))
    match problem:
        case ChoiceProblem():
            for choice in problem.choices:
                yield from (choice.text, choice.feedback)
            yield from (problem.feedback.right, problem.feedback.partly, problem.feedback.wrong)
        case Number() | ShortText():
            yield from (answer.feedback for answer in problem.answers)
        case FreeText():
            yield from (problem.template, problem.grader_info)
    yield from (category.info for category in problem.category)


def faults(problem: Problem, limits: Limits) -> Iterator[Sentence]:
    """Why `problem` may not be taken; nothing if it may."""
    if not problem.text:
        yield Sentence(N_("It has no question text. Write the question and import it again."))
    if (longest := max(len(text.source) for text in texts(problem))) > limits.text_characters:
        message = N_("One of its texts has {length} characters; at most {longest} fit. Shorten it, or link to it.")
        yield Sentence(message, {"length": longest, "longest": limits.text_characters})
    if len(fractions(problem)) > limits.answers:
        message = N_("It has {count} answers; at most {most} fit. Split it into several questions.")
        yield Sentence(message, {"count": len(fractions(problem)), "most": limits.answers})
    if isinstance(problem, ChoiceProblem):
        yield from _choice_faults(problem)
    elif isinstance(problem, Number | ShortText):
        yield from _answer_faults(problem)


def _choice_faults(problem: ChoiceProblem) -> Iterator[Sentence]:
    if len(problem.choices) < 2:
        yield Sentence(N_("It has fewer than two choices. Write at least one right and one wrong choice."))
        return
    for number, choice in enumerate(problem.choices, 1):
        if not choice.text:
            message = N_(
                "Choice {number} is empty. Write it or take it out. (In GIFT, a sign such as = or ~ that belongs to "
                "the text needs a backslash before it.)"
            )
            yield Sentence(message, {"number": number})
    weights = [choice.fraction for choice in problem.choices]
    if max(weights) < NONE:
        yield Sentence(N_("None of its choices is right. Mark the right ones and import it again."))
    elif isinstance(problem, OneChoice) and max(weights) < FULL:
        yield Sentence(N_("No choice earns full marks. Give the best one 100 %, or allow several choices."))
    elif isinstance(problem, SeveralChoices) and not FULL < (total := _right_total(weights)) < 2 - FULL:
        message = N_("The weights of its right choices add up to {percent} %, not to 100 %. Correct them.")
        yield Sentence(message, {"percent": percent(total)})


def _right_total(weights: list[float]) -> float:
    return sum(weight for weight in weights if weight > 0)


def _answer_faults(problem: Number | ShortText) -> Iterator[Sentence]:
    if not problem.answers:
        yield Sentence(N_("It has no answer. Write the right answer and import it again."))
    elif max(fractions(problem)) < FULL:
        yield Sentence(N_("No answer earns full marks. Give the best one 100 %."))
    if isinstance(problem, ShortText) and any(not answer.pattern for answer in problem.answers):
        yield Sentence(N_("One of its answers is empty. Write it or take it out."))


def cautions(problem: Problem) -> Iterator[Sentence]:
    """What a teacher should look at in a problem that may be taken."""
    weights = fractions(problem)
    if isinstance(problem, OneChoice) and sum(weight > FULL for weight in weights) > 1:
        yield Sentence(
            N_("More than one choice is right, and one is enough for full marks. If all are needed, give them weights.")
        )
    if isinstance(problem, SeveralChoices) and sum(weights) > FULL and min(weights) >= 0:
        yield Sentence(N_("Taking every choice earns full marks. Give wrong choices a negative weight."))
    if isinstance(problem, ChoiceProblem) and len({choice.text for choice in problem.choices}) < len(problem.choices):
        yield Sentence(N_("Two of its choices read the same."))
    if _anything_earns_full_marks(problem):
        yield Sentence(N_("Every answer earns full marks, for one of the accepted answers is the star alone."))
    for weight in sorted({weight for weight in weights if abs(weight) not in MOODLE_FRACTIONS}):
        message = N_("It gives {percent} % of the mark, which Moodle refuses to import.")
        yield Sentence(message, {"percent": percent(weight)})
    if any(never_shown(text) for text in texts(problem)):
        yield Sentence(N_("Its texts hold scripts, forms, frames or other active parts, which will not be shown."))
    have = {image.name for image in problem.images}
    for name in dict.fromkeys(name for text in texts(problem) for name in files_named(text)):
        if name not in have:
            yield Sentence(N_("The picture {name} is not there, so it will not be shown."), {"name": words(Text(name))})


def _anything_earns_full_marks(problem: Problem) -> bool:
    match problem:
        case Number():
            return any(answer.value is None and answer.fraction > FULL for answer in problem.answers)
        case ShortText():
            return any(not answer.pattern.strip("*") and answer.fraction > FULL for answer in problem.answers)
    return False


def percent(fraction: float) -> str:
    """A fraction as per cent, exact to the seven decimals that are kept: 33.33333, -50, 100."""
    return f"{fraction * 100:.5f}".rstrip("0").rstrip(".")
