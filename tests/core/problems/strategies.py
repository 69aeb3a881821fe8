"""Problems of every kind for property tests, full of the signs that file formats give a meaning to."""

from __future__ import annotations

import io

from hypothesis import strategies as st
from PIL import Image as Pillow

from core.problems.images import clean_image
from core.problems.kinds import (
    MOODLE_FRACTIONS,
    PENALTY,
    Category,
    Choice,
    CombinedFeedback,
    FreeText,
    Hint,
    Image,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    Source,
    TextAnswer,
    Unit,
    true_false,
)
from core.problems.texts import FORMATS, NOTHING, Text, file_address


def picture(color: tuple[int, int, int], name: str) -> Image:
    out = io.BytesIO()
    Pillow.new("RGB", (3, 2), color).save(out, "PNG")
    clean = clean_image(out.getvalue())
    return Image(name, clean.mime, clean.width, clean.height, clean.data)


PICTURES = (picture((255, 0, 0), "red.png"), picture((0, 0, 255), "a blue (one).png"), picture((0, 99, 0), "Ünï ☘.png"))

SIGNS = st.one_of(
    st.sampled_from("~=#{}:\\%[]<>&/*\"'$|-,.;()\n\t ]>"), st.characters(exclude_categories=("Cs", "Cc", "Cn"))
)
SNIPPETS = (
    "%100%",
    "%50% off",
    "[html]",
    "[plain",
    "a -> b",
    "::",
    "####",
    "//",
    "$CATEGORY: x",
    "&amp;",
    "]]>",
    "<b>b</b>",
    "T",
    "TRUE",
    "\\(x^2\\)",
    "\\\\",
    "a\\nb",
    "\\=",
    "\\%40%",
    "0",
    "=",
    "~",
    "#5",
    "1..2",
    "{=a ~b}",
    "*",
    "\\*",
    "@@PLUGINFILE@@/gone.png",
    "line 1\nline 2",
    "\t",
    "{",
    "}",
    "%0%",
    "[id:x]",
    "]",
)
SYNTAX = st.sampled_from(SNIPPETS)


def sources(least: int = 0) -> st.SearchStrategy[str]:
    either = st.one_of(SYNTAX, st.text(SIGNS, min_size=least, max_size=10), st.builds(str.__add__, SYNTAX, SYNTAX))
    return either.filter(lambda text: bool(Text(text))) if least else either


lines = sources().map(lambda text: text.replace("\n", " "))
texts = st.builds(Text, sources(), st.sampled_from(FORMATS))
written_texts = st.builds(Text, sources(1), st.sampled_from(FORMATS))
fractions = st.one_of(
    st.sampled_from(MOODLE_FRACTIONS),
    st.sampled_from(MOODLE_FRACTIONS).map(lambda fraction: -fraction),
    st.floats(-1, 1, allow_subnormal=False),
)
marks = st.sampled_from([0.0, 0.5, 1.0, 2.5, 7.0])
penalties = st.sampled_from([0.0, 0.1, PENALTY, 0.5, 1.0])
numbers = st.one_of(
    st.floats(-1e12, 1e12).map(repr),
    st.integers(-(10**6), 10**6).map(str),
    st.sampled_from(["3.00E8", "+.5", "-7.", "1e-300"]),
)
tolerances = st.floats(0, 1e6, allow_subnormal=False)

# A category is one thing wherever it is named, so all problems of a test draw from one tree.
_ALGEBRA = Category("Algebra: ~ = & <b>", Text("<p>Year 8</p>"), "CAT-1")
CATEGORIES = (
    (),
    (Category("top"),),
    (_ALGEBRA,),
    (_ALGEBRA, Category("A/B //", Text("Line 1\nline 2", "moodle"))),
    (Category("$course$"), Category("\\", NOTHING, "CAT ]]>")),
)


@st.composite
def common(draw: st.DrawFn) -> dict[str, object]:
    text = draw(written_texts)
    pictures = tuple(draw(st.lists(st.sampled_from(PICTURES), unique=True, max_size=3)))
    if pictures:
        shown = "".join(f' <img src="{file_address(image.name)}">' for image in pictures)
        text = Text(text.source + shown, text.format)
    return {
        "text": text,
        "name": draw(lines)[:200],
        "solution": draw(texts),
        "mark": draw(marks),
        "penalty": draw(penalties),
        "hints": tuple(draw(st.lists(st.builds(Hint, texts, st.booleans(), st.booleans()), max_size=2))),
        "tags": tuple(draw(st.lists(lines.map(lambda tag: tag[:40]), max_size=3))),
        "idnumber": draw(lines)[:90],
        "category": draw(st.sampled_from(CATEGORIES)),
        "source": draw(st.one_of(st.just(Source()), st.builds(Source, lines, lines, lines))),
        "images": pictures,
    }


choices = st.lists(st.builds(Choice, written_texts, fractions, texts), min_size=2, max_size=4)


@st.composite
def settings(draw: st.DrawFn) -> dict[str, object]:
    return {
        "shuffle": draw(st.booleans()),
        "numbering": draw(st.sampled_from(["abc", "ABCD", "123", "iii", "IIII", "none"])),
        "instruction": draw(st.booleans()),
        "feedback": CombinedFeedback(draw(texts), draw(texts), draw(texts), draw(st.booleans())),
    }


@st.composite
def one_choices(draw: st.DrawFn) -> Problem:
    some = draw(choices)
    right = draw(st.builds(Choice, written_texts, st.just(1.0), texts))
    order = draw(st.permutations([*some, right]))
    return OneChoice(choices=tuple(order), **draw(settings()), **draw(common()))


@st.composite
def several_choices(draw: st.DrawFn) -> Problem:
    parts = draw(st.sampled_from([(1.0,), (0.5, 0.5), (1 / 3,) * 3, (0.75, 0.25), (1 / 7,) * 7]))
    right = [draw(st.builds(Choice, written_texts, st.just(part), texts)) for part in parts]
    wrong = draw(
        st.lists(st.builds(Choice, written_texts, st.sampled_from([0.0, -0.5, -1 / 3, -1.0]), texts), max_size=3)
    )
    if len(right) + len(wrong) < 2:
        wrong = [draw(st.builds(Choice, written_texts))]
    order = draw(st.permutations(right + wrong))
    return SeveralChoices(choices=tuple(order), **draw(settings()), **draw(common()))


@st.composite
def true_falses(draw: st.DrawFn) -> Problem:
    said = {True: draw(texts), False: draw(texts)}
    return true_false(draw(st.booleans()), said, **draw(common()))


@st.composite
def number_problems(draw: st.DrawFn) -> Problem:
    kinds = st.sampled_from(["absolute", "relative", "geometric"])
    answer = st.builds(NumberAnswer, st.one_of(st.none(), numbers), tolerances, kinds, fractions, texts)
    best = st.builds(NumberAnswer, numbers, tolerances, kinds, st.just(1.0), texts)
    units = st.builds(Unit, lines.filter(lambda name: bool(name.strip())), st.floats(0.001, 1000))
    policy = st.sampled_from(["none", "optional", "graded_of_response", "graded_of_question"])
    return Number(
        answers=(draw(best), *draw(st.lists(answer, max_size=3))),
        units=tuple(draw(st.lists(units, max_size=3, unique_by=lambda unit: unit.name))),
        unit_policy=draw(policy),
        unit_input=draw(st.sampled_from(["typed", "radio", "menu"])),
        unit_penalty=draw(penalties),
        unit_left=draw(st.booleans()),
        **draw(common()),
    )


@st.composite
def short_texts(draw: st.DrawFn) -> Problem:
    patterns = lines.filter(lambda pattern: bool(pattern.strip()))
    answer = st.builds(TextAnswer, patterns, fractions, texts)
    best = draw(st.builds(TextAnswer, patterns, st.just(1.0), texts))
    answers = tuple(draw(st.permutations([best, *draw(st.lists(answer, max_size=3))])))
    return ShortText(answers=answers, case_sensitive=draw(st.booleans()), **draw(common()))


@st.composite
def free_texts(draw: st.DrawFn) -> Problem:
    limit = st.one_of(st.none(), st.integers(1, 500))
    return FreeText(
        box=draw(st.sampled_from(["editor", "plain", "monospaced"])),
        lines=draw(st.integers(1, 40)),
        required=draw(st.booleans()),
        min_words=draw(limit),
        max_words=draw(limit),
        template=draw(texts),
        grader_info=draw(texts),
        **draw(common()),
    )


problems = st.one_of(one_choices(), several_choices(), true_falses(), number_problems(), short_texts(), free_texts())
