"""Writing Moodle XML: all of a problem, so that `read_moodle_xml` gives back an equal one, in the order in which
Moodle writes it.

What Moodle has no place for (source and licence, relative tolerances) is written where Moodle does not look, and said.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from core.problems import numbers
from core.problems.checks import fractions, percent, texts
from core.problems.gift_syntax import category_path
from core.problems.grading import interval
from core.problems.kinds import (
    MOODLE_FRACTIONS,
    Category,
    ChoiceProblem,
    FreeText,
    Hint,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    ShortText,
    Source,
    UnitInput,
    UnitPolicy,
)
from core.problems.reports import Export, Written
from core.problems.texts import NOTHING, Format, Text, files_named
from core.words import N_, Sentence

_FORMATS: Mapping[Format, str] = {
    "html": "html",
    "markdown": "markdown",
    "plain": "plain_text",
    "moodle": "moodle_auto_format",
}
_UNIT_INPUTS: Mapping[UnitInput, str] = {"typed": "0", "radio": "1", "menu": "2"}
_UNIT_POLICIES: Mapping[UnitPolicy, str] = {
    "none": "0",
    "optional": "0",
    "graded_of_response": "1",
    "graded_of_question": "2",
}


def write_moodle_xml(problems: Sequence[Problem]) -> Export:
    """A Moodle XML file with `problems` in their order; the report names what Moodle will not read of each."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    report = []
    levels = _levels(problems)
    here: list[str] = []
    declared: set[tuple[str, ...]] = set()
    for index, problem in enumerate(problems):
        path = [category.name for category in problem.category]
        for depth in range(1, len(path)):  # what a higher level says of itself, before it is needed
            level = tuple(path[:depth])
            if level not in declared and _speaks(levels[level]):
                declared.add(level)
                lines.append(_category(level, levels[level]))
                here = list(level)
        if path != here:
            declared.add(tuple(path))
            lines.append(_category(tuple(path), levels.get(tuple(path))))
            here = path
        lines += _question(problem)
        if lost := tuple(Sentence(message) for message, loses in LOSSES if loses(problem)):
            report.append(Written(index, problem.name, lost=lost))
    return Export("\n".join([*lines, "</quiz>", ""]).encode(), tuple(report))


def _levels(problems: Sequence[Problem]) -> dict[tuple[str, ...], Category]:
    """Each category by its path, with the first description and idnumber that a problem brings for it."""
    levels: dict[tuple[str, ...], Category] = {}
    for problem in problems:
        names = [category.name for category in problem.category]
        for depth, category in enumerate(problem.category, 1):
            known = levels.setdefault(tuple(names[:depth]), category)
            known = replace(known, info=known.info or category.info, idnumber=known.idnumber or category.idnumber)
            levels[tuple(names[:depth])] = known
    return levels


def _speaks(category: Category) -> bool:
    return bool(category.info or category.idnumber)


def _category(path: tuple[str, ...], category: Category | None) -> str:
    text = f"<text>{escape(category_path(list(path)))}</text>"
    info = _text("info", category.info if category else NOTHING)
    idnumber = _element("idnumber", category.idnumber if category else "")
    return f'  <question type="category"><category>{text}</category>{info}{idnumber}</question>'


def _element(tag: str, content: object, attributes: str = "") -> str:
    return f"<{tag}{attributes}>{escape(str(content))}</{tag}>"


def _flag(tag: str, value: bool) -> str:
    return _element(tag, int(value))


def _mark(tag: str, value: bool) -> str:
    return f"<{tag}/>" if value else ""


def _text(tag: str, text: Text, problem: Problem | None = None, attributes: str = "", inner: str = "") -> str:
    """A text as an element with its format, the pictures that it shows, and `inner` elements behind."""
    named = set(files_named(text))
    files = "".join(
        f'<file name={quoteattr(image.name)} path="/" encoding="base64">{base64.b64encode(image.data).decode()}</file>'
        for image in (problem.images if problem else ())
        if image.name in named
    )
    content = f"<text>{escape(text.source)}</text>{files}{inner}"
    return f'<{tag}{attributes} format="{_FORMATS[text.format]}">{content}</{tag}>'


def _question(problem: Problem) -> Iterator[str]:
    kind, parts = _parts(problem)
    yield f'  <question type="{kind}">'
    yield f"    <name><text>{escape(problem.name)}</text></name>"
    yield "    " + _text("questiontext", problem.text, problem)
    yield "    " + _text("generalfeedback", problem.solution, problem)
    yield "    " + _element("defaultgrade", numbers.to_text(problem.mark))
    yield "    " + _element("penalty", numbers.to_text(problem.penalty)) + _element("hidden", 0)
    yield "    " + _element("idnumber", problem.idnumber)
    yield from ("    " + part for part in parts)
    yield from ("    " + _hint(hint, problem) for hint in problem.hints)
    if problem.tags:
        yield "    <tags>" + "".join(f"<tag><text>{escape(tag)}</text></tag>" for tag in problem.tags) + "</tags>"
    if problem.source != Source():
        source = problem.source
        yield (
            "    <source>"
            + "".join(_element(n, getattr(source, n)) for n in ("credit", "licence", "url"))
            + "</source>"
        )
    yield "  </question>"


def _hint(hint: Hint, problem: Problem) -> str:
    marks = _mark("shownumcorrect", hint.counts_right) + _mark("clearwrong", hint.clears_wrong)
    return _text("hint", hint.text, problem, inner=marks)


def _parts(problem: Problem) -> tuple[str, Iterator[str]]:
    match problem:
        case OneChoice(true_false=True):
            return "truefalse", _truefalse(problem)
        case ChoiceProblem():
            return "multichoice", _multichoice(problem)
        case Number():
            return "numerical", _numerical(problem)
        case ShortText():
            return "shortanswer", _shortanswer(problem)
        case FreeText():
            return "essay", _essay(problem)
    raise ValueError(f"no Moodle type for {type(problem).__name__}")


def _weight(fraction: float) -> str:
    return f' fraction="{percent(fraction)}"'


def _bare(text: str, fraction: float, feedback: Text, problem: Problem, inner: str = "") -> str:
    """An answer that is no text with a format: a word, a number, true or false."""
    inner += _text("feedback", feedback, problem)
    content = f"<text>{escape(text)}</text>{inner}"
    return f'<answer{_weight(fraction)} format="moodle_auto_format">{content}</answer>'


def _truefalse(problem: OneChoice) -> Iterator[str]:
    for word, choice in zip(("true", "false"), problem.choices, strict=True):
        yield _bare(word, choice.fraction, choice.feedback, problem)


def _multichoice(problem: ChoiceProblem) -> Iterator[str]:
    yield _element("single", "true" if isinstance(problem, OneChoice) else "false")
    yield _element("shuffleanswers", "true" if problem.shuffle else "false")
    yield _element("answernumbering", problem.numbering) + _flag("showstandardinstruction", problem.instruction)
    yield _text("correctfeedback", problem.feedback.right, problem)
    yield _text("partiallycorrectfeedback", problem.feedback.partly, problem)
    yield _text("incorrectfeedback", problem.feedback.wrong, problem) + _mark(
        "shownumcorrect", problem.feedback.counts_right
    )
    for choice in problem.choices:
        said = _text("feedback", choice.feedback, problem)
        yield _text("answer", choice.text, problem, _weight(choice.fraction), said)


def _numerical(problem: Number) -> Iterator[str]:
    for answer in problem.answers:
        yield _bare(answer.value or "*", answer.fraction, answer.feedback, problem, _tolerance(answer))
    if problem.units:
        yield (
            "<units>"
            + "".join(
                "<unit>"
                + _element("multiplier", numbers.to_text(u.multiplier))
                + _element("unit_name", u.name)
                + "</unit>"
                for u in problem.units
            )
            + "</units>"
        )
    yield _element("unitgradingtype", _UNIT_POLICIES[problem.unit_policy])
    yield _element("unitpenalty", numbers.to_text(problem.unit_penalty))
    yield _element("showunits", "3" if problem.unit_policy == "none" else _UNIT_INPUTS[problem.unit_input])
    yield _flag("unitsleft", problem.unit_left)


def _tolerance(answer: NumberAnswer) -> str:
    """The tolerance as Moodle reads it, absolute; one that was meant otherwise stands beside it."""
    width, meant = answer.tolerance, ""
    if answer.tolerance_kind != "absolute":
        value = numbers.from_key(answer.value or "") or 0.0
        low, high = interval(answer)
        width = max(0.0, min(value - low, high - value))
        meant = f' kind="{answer.tolerance_kind}" value="{numbers.to_text(answer.tolerance)}"'
    return _element("tolerance", numbers.to_text(width), meant)


def _shortanswer(problem: ShortText) -> Iterator[str]:
    yield _flag("usecase", problem.case_sensitive)
    yield from (_bare(answer.pattern, answer.fraction, answer.feedback, problem) for answer in problem.answers)


def _essay(problem: FreeText) -> Iterator[str]:
    yield _element("responseformat", problem.box) + _flag("responserequired", problem.required)
    yield _element("responsefieldlines", problem.lines)
    yield _element("minwordlimit", problem.min_words or "") + _element("maxwordlimit", problem.max_words or "")
    yield "".join(_element(tag, 0) for tag in ("attachments", "attachmentsrequired", "maxbytes"))
    yield _text("graderinfo", problem.grader_info, problem) + _text("responsetemplate", problem.template, problem)


def _shows_all(problem: Problem) -> bool:
    named = {name for text in texts(problem) for name in files_named(text)}
    return all(image.name in named for image in problem.images)


LOSSES: tuple[tuple[str, Callable[[Problem], bool]], ...] = (
    (N_("A picture that none of its texts shows is left out."), lambda problem: not _shows_all(problem)),
    (N_("Moodle leaves out the source and licence."), lambda problem: problem.source != Source()),
    (
        N_("Moodle knows no geometric tolerance and takes the narrower side of it for both."),
        lambda p: isinstance(p, Number) and any(answer.tolerance_kind == "geometric" for answer in p.answers),
    ),
    (
        N_("Moodle refuses it, for one of its weights is not in Moodle's list."),
        lambda problem: any(abs(fraction) not in MOODLE_FRACTIONS for fraction in fractions(problem)),
    ),
)
