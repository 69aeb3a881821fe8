"""The question types of Moodle XML: for each that we take, a function from its element to a problem; why the others
are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from core.problems import numbers
from core.problems.kinds import (
    PENALTY,
    Box,
    Choice,
    CombinedFeedback,
    FreeText,
    Hint,
    Number,
    NumberAnswer,
    Numbering,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    Source,
    TextAnswer,
    ToleranceKind,
    Unit,
    UnitInput,
    UnitPolicy,
    true_false,
)
from core.problems.pictures import File, Pictures
from core.problems.reports import NotTaken
from core.problems.texts import NOTHING, Format, Text
from core.problems.xml_tree import Node
from core.words import N_

_FORMATS: Mapping[str, Format] = {
    "html": "html",
    "markdown": "markdown",
    "plain_text": "plain",
    "moodle_auto_format": "moodle",
}
_YES, _NO = {"1", "true", "yes"}, {"0", "false", "no"}
_UNIT_INPUTS: Mapping[str, UnitInput] = {"0": "typed", "1": "radio", "2": "menu", "3": "typed"}
_UNIT_POLICIES: Mapping[str, UnitPolicy] = {"0": "optional", "1": "graded_of_response", "2": "graded_of_question"}
_NO_UNIT = "3"  # showunits: no unit is asked for
_BOXES: Mapping[str, Box] = {box: box for box in get_args(Box)}
_NUMBERINGS: Mapping[str, Numbering] = {numbering: numbering for numbering in get_args(Numbering)}
_TOLERANCE_KINDS: Mapping[str, ToleranceKind] = {kind: kind for kind in get_args(ToleranceKind)}
_UNKNOWN_VALUE = N_("Its {tag} says “{value}”, which we do not know.")
_NO_NUMBER = N_("Its {tag} says “{value}”, where a number is needed.")

_COMMON = {
    "name",
    "questiontext",
    "generalfeedback",
    "defaultgrade",
    "penalty",
    "hidden",
    "idnumber",
    "hint",
    "tags",
    "answer",
    "source",
}
_CHOICE_PARTS = {
    "single",
    "shuffleanswers",
    "answernumbering",
    "showstandardinstruction",
    "correctfeedback",
    "partiallycorrectfeedback",
    "incorrectfeedback",
    "shownumcorrect",
}
_NUMBER_PARTS = {"units", "unitgradingtype", "unitpenalty", "showunits", "unitsleft"}
_ESSAY_PARTS = {
    "responseformat",
    "responserequired",
    "responsefieldlines",
    "minwordlimit",
    "maxwordlimit",
    "graderinfo",
    "responsetemplate",
}
_KEPT: Mapping[str, set[str]] = {
    "multichoice": _COMMON | _CHOICE_PARTS,
    "truefalse": _COMMON | {"showstandardinstruction"},
    "numerical": _COMMON | _NUMBER_PARTS,
    "shortanswer": _COMMON | {"usecase"},
    "essay": _COMMON | _ESSAY_PARTS,
}


def plain_text(node: Node) -> str:
    """The content of the `<text>` in `node`; raises NotTaken where it holds elements instead of text."""
    text = node.first("text")
    if text is None:
        return ""
    if text.children:
        message = N_("The text in line {line} holds elements. Put HTML into <![CDATA[ ... ]]>, as Moodle does.")
        raise NotTaken(message, line=text.line)
    return text.content


class Question:
    """One `<question>` being read: its element, its pictures, and what is lost of it."""

    def __init__(self, node: Node, pictures: Pictures) -> None:
        self.node = node
        self.pictures = pictures
        question_text = node.first("questiontext")
        self.format = format_of(question_text, "html")  # Moodle's default for it, and its default for all others

    def text(self, node: Node | None) -> Text:
        """The text in `node`, with its format and pictures; nothing if there is no node."""
        if node is None:
            return NOTHING
        files = (File(f.attributes.get("name", ""), f.attributes.get("path", "/"), f.content) for f in node.all("file"))
        return self.pictures.text(plain_text(node), format_of(node, self.format), files)

    def part(self, tag: str) -> Text:
        return self.text(self.node.first(tag))

    def flag(self, tag: str, default: str) -> bool:
        written = self.node.value(tag, default).lower()
        if written not in _YES | _NO:
            raise NotTaken(N_("Its {tag} says “{value}”, where 0 or 1 is needed."), tag=tag, value=written[:60])
        return written in _YES

    def number(self, tag: str, default: float) -> float:
        return _number(self.node, tag, default)

    def whole(self, tag: str) -> int | None:
        """A whole number above 0, or None for 0 and for nothing: Moodle's words for "no limit"."""
        value = _number(self.node, tag, 0.0)
        if not 0 <= value < 1e6:
            raise NotTaken(N_("Its {tag} is {value}, which is out of range."), tag=tag, value=numbers.to_text(value))
        return int(value) or None

    def answers(self) -> Iterator[tuple[Node, str, float, Text]]:
        """Each `<answer>`: its element, its bare text, the fraction that it earns, and its feedback."""
        for node in self.node.all("answer"):
            yield node, plain_text(node), _fraction(node), self.text(node.first("feedback"))

    def left_over(self) -> list[str]:
        """The parts of the question that this reader does not know and that say something."""
        known = _KEPT[self.node.attributes.get("type", "")]
        return sorted({child.tag for child in self.node.children if child.tag not in known and _says_something(child)})


def _says_something(node: Node) -> bool:
    return node.content not in {"", "0"} or any(_says_something(child) for child in node.children)


def format_of(node: Node | None, default: Format) -> Format:
    """The format that `node` names; `default` if it names none, Moodle's own for one that we do not know."""
    written = node.attributes.get("format", "") if node else ""
    return _FORMATS.get(written, "moodle") if written else default


def _number(node: Node, tag: str, default: float) -> float:
    written = node.value(tag)
    value = numbers.from_key(written) if written else default
    if value is None:
        raise NotTaken(_NO_NUMBER, tag=tag, value=written[:60])
    return value


def _fraction(node: Node) -> float:
    written = node.attributes.get("fraction", "0").strip()
    value = numbers.from_key(written)
    if value is None or not -100 <= value <= 100:
        message = N_("The weight “{weight}” in line {line} is no number from -100 to 100. Correct it.")
        raise NotTaken(message, weight=written[:60], line=node.line)
    return value / 100


def common(question: Question) -> dict[str, Any]:
    """The fields that every kind of problem has, but for name, idnumber and category."""
    node = question.node
    tags = node.first("tags")
    source = node.first("source")
    return {
        "text": question.part("questiontext"),
        "solution": question.part("generalfeedback"),
        "mark": question.number("defaultgrade", 1.0),
        "penalty": question.number("penalty", PENALTY),
        "hints": tuple(
            Hint(question.text(hint), hint.first("shownumcorrect") is not None, hint.first("clearwrong") is not None)
            for hint in node.all("hint")
        ),
        "tags": tuple(plain_text(tag) for tag in tags.all("tag")) if tags else (),
        "source": Source(source.value("credit"), source.value("licence"), source.value("url")) if source else Source(),
    }


def _multichoice(question: Question) -> Problem:
    numbering = question.node.value("answernumbering", "abc")
    if numbering not in get_args(Numbering):
        raise NotTaken(
            N_("Its {tag} says “{value}”, which we do not know."), tag="answernumbering", value=numbering[:60]
        )
    kind = OneChoice if question.flag("single", "true") else SeveralChoices
    fields = common(question)  # first, so that pictures are named in the order in which people meet them
    return kind(
        **fields,
        choices=tuple(Choice(question.text(node), fraction, said) for node, _, fraction, said in question.answers()),
        shuffle=question.flag("shuffleanswers", "0"),
        numbering=_NUMBERINGS[numbering],
        instruction=question.flag("showstandardinstruction", "1"),
        feedback=CombinedFeedback(
            question.part("correctfeedback"),
            question.part("partiallycorrectfeedback"),
            question.part("incorrectfeedback"),
            question.node.first("shownumcorrect") is not None,
        ),
    )


def _truefalse(question: Question) -> Problem:
    fields = common(question)
    fractions, said = {}, {}
    for _, text, fraction, feedback in question.answers():
        truth = {"true": True, "false": False}.get(text.lower())
        if truth is None or truth in fractions:
            raise NotTaken(N_("A true/false question has one answer “true” and one “false”. Correct its answers."))
        fractions[truth], said[truth] = fraction, feedback
    if sorted(fractions.values()) != [0, 1]:
        raise NotTaken(
            N_("Of a true/false question one answer earns 100 % and the other nothing. Correct its answers.")
        )
    return true_false(fractions[True] == 1, said, **fields)


def _numerical(question: Question) -> Problem:
    fields = common(question)
    shown = question.node.value("showunits")
    graded = question.node.value("unitgradingtype", "0")
    units = question.node.first("units")
    names = tuple(
        Unit(unit.value("unit_name"), _number(unit, "multiplier", 1.0)) for unit in (units.all("unit") if units else ())
    )
    shown = shown or ("0" if names else _NO_UNIT)
    if shown not in _UNIT_INPUTS or graded not in _UNIT_POLICIES:
        raise NotTaken(_UNKNOWN_VALUE, tag="showunits", value=f"{shown}, {graded}"[:60])
    # A graded unit with no place for it is typed with the number: that is how Moodle grades it.
    policy = "none" if shown == _NO_UNIT and graded == "0" else _UNIT_POLICIES[graded]
    return Number(
        **fields,
        answers=tuple(_number_answer(*answer) for answer in question.answers()),
        units=names,
        unit_policy=policy,
        unit_input=_UNIT_INPUTS[shown],
        unit_penalty=question.number("unitpenalty", 0.1),
        unit_left=question.flag("unitsleft", "0"),
    )


def _number_answer(node: Node, value: str, fraction: float, feedback: Text) -> NumberAnswer:
    if value == "*":
        return NumberAnswer(None, fraction=fraction, feedback=feedback)
    if numbers.from_key(value) is None:
        raise NotTaken(
            N_("Its answer “{value}” is no number. Write digits, with a point for decimals."), value=value[:60]
        )
    tolerance = node.first("tolerance")
    kind = tolerance.attributes.get("kind", "absolute") if tolerance else "absolute"
    if tolerance is None or kind not in _TOLERANCE_KINDS:
        return NumberAnswer(value, fraction=fraction, feedback=feedback)
    # What Moodle reads is an absolute tolerance; our files keep the one that was meant beside it.
    written = tolerance.attributes.get("value", tolerance.content) or "0"
    width = numbers.from_key(written)
    if width is None:
        raise NotTaken(_NO_NUMBER, tag="tolerance", value=written[:60])
    return NumberAnswer(value, width, _TOLERANCE_KINDS[kind], fraction, feedback)


def _shortanswer(question: Question) -> Problem:
    fields = common(question)
    answers = tuple(TextAnswer(text, fraction, feedback) for _, text, fraction, feedback in question.answers())
    return ShortText(**fields, answers=answers, case_sensitive=question.flag("usecase", "0"))


def _essay(question: Question) -> Problem:
    box = question.node.value("responseformat", "editor")
    if box == "noinline":
        raise NotTaken(N_("It asks for a file only, and files cannot be handed in here. Ask for a text instead."))
    return FreeText(
        **common(question),
        box=_BOXES.get(box, "editor"),
        lines=question.whole("responsefieldlines") or 15,
        required=question.flag("responserequired", "1"),
        min_words=question.whole("minwordlimit"),
        max_words=question.whole("maxwordlimit"),
        template=question.part("responsetemplate"),
        grader_info=question.part("graderinfo"),
    )


READERS: Mapping[str, Callable[[Question], Problem]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "numerical": _numerical,
    "shortanswer": _shortanswer,
    "essay": _essay,
}

_CALCULATED = N_(
    "Calculated questions are not taken, for their numbers are made anew for each person. Make number questions of "
    "some of their values."
)
_DRAGGING = N_("Questions with gaps to fill by choosing or dragging are not taken. Make one question for each gap.")
_PLACES = N_("Questions with places on a picture are not taken. Ask for one place with choices.")

UNSUPPORTED: Mapping[str, str] = {
    "description": N_("It asks nothing: a text between questions. Put it into the questions that need it."),
    "matching": N_("Matching questions are not taken. Make one question with choices for each pair."),
    "ddmatch": N_("Matching questions are not taken. Make one question with choices for each pair."),
    "randomsamatch": N_("Matching questions are not taken. Make one question with choices for each pair."),
    "ordering": N_("Ordering questions are not taken. Make it a question with choices."),
    "cloze": N_("Cloze questions are not taken. Make one question for each gap."),
    "gapselect": _DRAGGING,
    "ddwtos": _DRAGGING,
    "ddimageortext": _PLACES,
    "ddmarker": _PLACES,
    "calculated": _CALCULATED,
    "calculatedsimple": _CALCULATED,
    "calculatedmulti": _CALCULATED,
    "random": N_("Random questions are not taken. Export the questions among which they choose."),
}
