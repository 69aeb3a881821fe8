"""Reading GIFT, the plain text format of Moodle and others (docs.moodle.org/405/en/GIFT_format); see gift_write for
writing.
"""

from __future__ import annotations

import re

from core.problems.collect import Found, add, built, collect, fitted
from core.problems.decoding import text_of
from core.problems.gift_answers import problem_of, text_with_format
from core.problems.gift_syntax import Block, blocks, category_names, show
from core.problems.gift_write import write_gift
from core.problems.kinds import Category, Problem
from core.problems.reports import DEFAULT_LIMITS, Import, Limits, NotTaken
from core.problems.texts import line, name_from
from core.words import N_, Sentence

__all__ = ["read_gift", "write_gift"]

_BLANK = "_____"  # stands for the answers where the text goes on behind them (a missing word), as in Moodle
_GENERAL_FEEDBACK = "####"
_BRACE = re.compile(r"[{}]")


def read_gift(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Import:
    """The problems in a GIFT file. Braces out of balance break the file: where a question ends is then a guess.

    Raises UnreadableFile where there is no text or no question.
    """
    category: tuple[Category, ...] = ()
    found: list[Found] = []
    broken: Sentence | None = None
    for block in blocks(text_of(data, limits)):
        if block.category is not None:
            category = tuple(Category(name) for name in category_names(block.category))
            continue
        if block.missing is not None:
            message = N_("Moodle cannot write this question as GIFT; the file only names it. Export it as Moodle XML.")
            add(found, Found(block.line, line(block.missing), "", Sentence(message)), limits)
            continue
        if broken is None and _unbalanced(block.body):
            message = N_(
                "In the question of line {line} a brace {{ or }} is missing or too many. Correct it and try again."
            )
            broken = Sentence(message, {"line": block.line})
        add(found, _found(block, category), limits)
    return collect(found, limits, broken)


def _unbalanced(body: str) -> bool:
    depth = 0
    for brace in _BRACE.findall(body):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return True
    return depth != 0


def _found(block: Block, category: tuple[Category, ...]) -> Found:
    named, rest = _name_and_rest(block.body)
    name, idnumber, lost = fitted(line(named), line(block.idnumber))
    if not name:
        name = name_from(text_with_format(rest.partition("{")[0], "moodle"))
    problem = built(lambda: _problem(block, name, idnumber, rest, category))
    return Found(block.line, name, problem.kind if isinstance(problem, Problem) else "", problem, lost)


def _name_and_rest(body: str) -> tuple[str, str]:
    """The name between the first two `::` and what follows; no name if none is closed before the answers."""
    if not body.startswith("::"):
        return "", body
    end = body.find("::", 2)
    brace = body.find("{")
    if end < 0 or 0 <= brace < end:
        return "", body[2:]
    return show(body[2:end]), body[end + 2 :].strip()


def _problem(block: Block, name: str, idnumber: str, rest: str, category: tuple[Category, ...]) -> Problem:
    before, brace, behind = rest.partition("{")
    answers, closed, after = behind.partition("}")
    if not brace and not closed:
        raise NotTaken(N_("It asks nothing: a text without braces. Put it into the questions that need it."))
    if _unbalanced(block.body):
        raise NotTaken(
            N_("A brace {{ or }} is missing or too many. If one belongs to the text, write a backslash before it.")
        )
    if "{" in answers or "{" in after:
        raise NotTaken(
            N_("It has more than one pair of braces. If they belong to the text (as in LaTeX), write \\{{ and \\}}.")
        )
    written = before + _BLANK + after if after.strip() else before
    answers, _, general = _general_feedback(answers)
    text = text_with_format(written, "moodle")
    common = {
        "name": name,
        "text": text,
        "solution": text_with_format(general, text.format),
        "idnumber": idnumber,
        "tags": block.tags,
        "category": category,
    }
    return problem_of(answers.strip(), common, exported=block.exported)


def _general_feedback(answers: str) -> tuple[str, str, str]:
    if _GENERAL_FEEDBACK not in answers:
        return answers, "", ""
    return answers.rpartition(_GENERAL_FEEDBACK)
