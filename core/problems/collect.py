"""From what a reader found to an Import: the checks that are the same for every format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.problems.checks import cautions, faults
from core.problems.kinds import IDNUMBER_LENGTH, Problem
from core.problems.reports import Import, Limits, Line, NotTaken, Taken, UnreadableFile
from core.problems.texts import NAME_LENGTH, shortened
from core.words import N_, Sentence

LONGEST_NAME, LONGEST_TYPE = 120, 60  # characters of what a report repeats from a file


@dataclass(frozen=True, slots=True)
class Found:
    """One question of a file: where it stands, and the problem that it makes, or why it makes none."""

    line: int
    name: str
    type: str
    result: Problem | Sentence
    lost: tuple[Sentence, ...] = ()
    cautions: tuple[Sentence, ...] = ()


def built(make: Callable[[], Problem]) -> Problem | Sentence:
    """What `make` makes, or why it makes nothing."""
    try:
        return make()
    except (NotTaken, UnreadableFile) as refusal:
        return refusal.sentence
    except ValueError as error:  # of a constructor in kinds; readers check before, so that this says more than it must
        return Sentence(N_("One of its values cannot be kept ({detail}). Correct it."), {"detail": str(error)})


def fitted(name: str, idnumber: str) -> tuple[str, str, tuple[Sentence, ...]]:
    """Name and idnumber in the lengths that a problem can hold, and what was lost by that."""
    lost = []
    if len(name) > NAME_LENGTH:
        message = N_("Its name has {length} characters; the first {most} were kept.")
        lost.append(Sentence(message, {"length": len(name), "most": NAME_LENGTH}))
        name = shortened(name, NAME_LENGTH)
    if len(idnumber) > IDNUMBER_LENGTH:
        message = N_("Its idnumber has {length} characters; at most {most} fit, so it was left out.")
        lost.append(Sentence(message, {"length": len(idnumber), "most": IDNUMBER_LENGTH}))
        idnumber = ""
    return name, idnumber, tuple(lost)


def add(found: list[Found], question: Found, limits: Limits) -> None:
    """Append `question` to `found`; raises UnreadableFile as soon as there are more than `limits` allow."""
    if len(found) == limits.questions:
        message = N_("This file has more than {most} questions, the most that can be imported at once. Split it.")
        raise UnreadableFile(message, most=limits.questions)
    found.append(question)


def collect(questions: Sequence[Found], limits: Limits, broken: Sentence | None = None) -> Import:
    """The Import of the `questions` that were found; raises UnreadableFile if there is none."""
    if not questions and broken is None:
        raise UnreadableFile(N_("There is no question in this file. Check that you took the right file."))
    problems, report = [], []
    seen: set[tuple[tuple[str, ...], str]] = set()
    for index, question in enumerate(questions):
        line, problem = _judged(index, question, limits, seen)
        if broken is not None and line.outcome == "taken":
            line = replace(line, outcome="held")
        report.append(line)
        if problem is not None and broken is None:
            problems.append(Taken(index, problem))
    return Import(tuple(problems), tuple(report), broken)


def _judged(
    index: int, question: Found, limits: Limits, seen: set[tuple[tuple[str, ...], str]]
) -> tuple[Line, Problem | None]:
    name, kind = shortened(question.name, LONGEST_NAME), shortened(question.type, LONGEST_TYPE)
    line = Line(index, question.line, name, kind, "refused")
    problem = question.result
    if isinstance(problem, Sentence):
        return replace(line, reason=problem), None
    if fault := next(faults(problem, limits), None):
        return replace(line, reason=fault), None
    lost = question.lost
    place = (tuple(category.name for category in problem.category), problem.idnumber)
    if problem.idnumber and place in seen:
        message = N_("The idnumber {idnumber} is already taken in its category, so this question has none.")
        lost = (*lost, Sentence(message, {"idnumber": problem.idnumber}))
        problem = replace(problem, idnumber="")
    seen.add(place)
    line = replace(
        line, name=problem.name, outcome="taken", lost=lost, cautions=(*question.cautions, *cautions(problem))
    )
    return line, problem
