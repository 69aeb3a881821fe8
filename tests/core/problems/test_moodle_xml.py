"""Details of Moodle XML; the banks hold the rest (test_moodle_readings.py, test_round_trips.py)."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from core.problems.kinds import (
    Category,
    Choice,
    FreeText,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    ShortText,
    Source,
    TextAnswer,
    Unit,
)
from core.problems.moodle_xml import read_moodle_xml, write_moodle_xml
from core.problems.reports import Line
from core.problems.texts import Text

TEXT = "<questiontext><text>?</text></questiontext>"


def quiz(*questions: str) -> bytes:
    return ("<quiz>" + "".join(questions) + "</quiz>").encode()


def question(kind: str, inner: str) -> str:
    return f'<question type="{kind}">{TEXT}{inner}</question>'


def only(kind: str, inner: str) -> Problem:
    [one] = read_moodle_xml(quiz(question(kind, inner))).problems
    return one.problem


def refused(kind: str, inner: str) -> str:
    [line] = read_moodle_xml(quiz(question(kind, inner))).report
    assert line.outcome == "refused"
    return str(line.reason)


def number(inner: str) -> Number:
    problem = only("numerical", f'<answer fraction="100"><text>5</text></answer>{inner}')
    assert isinstance(problem, Number)
    return problem


@pytest.mark.parametrize(
    ("inner", "policy", "field", "penalty"),
    [
        ("", "none", "typed", 0),
        ("<units><unit><unit_name>m</unit_name></unit></units>", "optional", "typed", 0),
        ("<showunits>1</showunits>", "optional", "radio", 0),
        ("<showunits>2</showunits><unitgradingtype>1</unitgradingtype>", "graded_of_response", "menu", 0.1),
        (
            "<showunits>0</showunits><unitgradingtype>2</unitgradingtype><unitpenalty>.5</unitpenalty>",
            "graded_of_question",
            "typed",
            0.5,
        ),
        ("<showunits>3</showunits><unitgradingtype>1</unitgradingtype>", "graded_of_response", "typed", 0.1),
        ("<showunits>3</showunits><unitpenalty>0.5</unitpenalty>", "none", "typed", 0),
    ],
)
def test_unit_settings(inner: str, policy: str, field: str, penalty: float) -> None:
    problem = number(inner)
    assert (problem.unit_policy, problem.unit_input, problem.unit_penalty) == (policy, field, penalty)


@pytest.mark.parametrize(
    ("kind", "inner", "reason"),
    [
        ("truefalse", "", "one answer earns 100 %"),
        (
            "truefalse",
            '<answer fraction="100"><text>true</text></answer><answer fraction="100"><text>false</text></answer>',
            "earns 100 %",
        ),
        (
            "truefalse",
            '<answer fraction="100"><text>yes</text></answer><answer><text>no</text></answer>',
            "“true” and one “false”",
        ),
        (
            "truefalse",
            '<answer fraction="100"><text>true</text></answer><answer><text>true</text></answer>',
            "“true” and one “false”",
        ),
        ("numerical", '<answer fraction="100"><text>five</text></answer>', "“five” is no number"),
        ("numerical", '<answer fraction="100"><text>5</text><tolerance>x</tolerance></answer>', "tolerance says “x”"),
        ("numerical", '<answer fraction="100"><text>5</text><tolerance>-1</tolerance></answer>', "cannot be kept"),
        ("numerical", '<showunits>9</showunits><answer fraction="100"><text>5</text></answer>', "showunits says “9"),
        (
            "numerical",
            "<units><unit><multiplier>0</multiplier><unit_name>m</unit_name></unit></units>",
            "cannot be kept",
        ),
        ("multichoice", "<single>perhaps</single>", "single says “perhaps”"),
        ("multichoice", "<answernumbering>αβγ</answernumbering>", "answernumbering says “αβγ”"),
        ("essay", "<responseformat>noinline</responseformat>", "files cannot be handed in"),
        ("essay", "<minwordlimit>-1</minwordlimit>", "out of range"),
        ("cloze", "", "one question for each gap"),
        ("ddmarker", "", "places on a picture"),
        ("random", "", "among which they choose"),
        ("wizardry", "", "do not know questions of the type wizardry"),
        ("", "", "do not know questions of the type ?"),
    ],
)
def test_what_is_refused_and_why(kind: str, inner: str, reason: str) -> None:
    assert reason in refused(kind, inner)


def line_of(inner: str) -> Line:
    [line] = read_moodle_xml(quiz(question("essay", inner))).report
    return line


def test_parts_that_have_no_place_are_named() -> None:
    inner = (
        "<attachments>2</attachments><attachmentsrequired>0</attachmentsrequired><filetypeslist>.png</filetypeslist>"
    )
    assert str(line_of(inner).lost[0]) == (
        "These parts of it have no place here and were left out: attachments, filetypeslist."
    )


def test_a_question_that_was_hidden_is_taken_with_a_caution() -> None:
    assert "hidden in Moodle" in str(line_of("<hidden>1</hidden>").cautions[0])


def test_formats_that_we_do_not_know_are_moodles_own() -> None:
    assert only("essay", '<graderinfo format="wiki_like"><text>x</text></graderinfo>').grader_info.format == "moodle"


def test_texts_without_a_format_have_that_of_the_question() -> None:
    text = (
        '<questiontext format="markdown"><text>?</text></questiontext><generalfeedback><text>x</text></generalfeedback>'
    )
    [one] = read_moodle_xml(quiz(f'<question type="essay">{text}</question>')).problems
    assert one.problem.solution.format == "markdown"


def test_a_category_keeps_what_any_place_of_the_file_says_of_it() -> None:
    def category(path: str, more: str = "") -> str:
        return f'<question type="category"><category><text>{path}</text></category>{more}</question>'

    info = '<info format="plain_text"><text>Lines</text></info><idnumber>L</idnumber>'
    essay = question("essay", "")
    data = quiz(
        essay,
        category("$course$/top/A/B"),
        essay,
        category("$course$/top/A", info),
        category("$course$/top/A/B"),
        essay,
    )
    problems = [one.problem.category for one in read_moodle_xml(data).problems]
    told = (Category("A", Text("Lines", "plain"), "L"), Category("B"))
    assert problems == [(), told, told]


# ---- writing ----

Q = Text("?")


def written(problem: Problem) -> ElementTree.Element:
    return ElementTree.fromstring(write_moodle_xml([problem]).data)  # our own file


def test_a_relative_tolerance_is_written_as_the_absolute_one_that_moodle_reads() -> None:
    problem = Number(text=Q, answers=(NumberAnswer("50", 0.1, "relative"), NumberAnswer("-8", 0.25, "geometric")))
    widths = [float(element.text or "nan") for element in written(problem).iter("tolerance")]
    assert widths == [pytest.approx(5), pytest.approx(1.6)]
    assert read_moodle_xml(write_moodle_xml([problem]).data).problems[0].problem == problem


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (FreeText(text=Q, source=Source(licence="CC BY")), "source and licence"),
        (Number(text=Q, answers=(NumberAnswer("8", 0.25, "geometric"),)), "no geometric tolerance"),
        (ShortText(text=Q, answers=(TextAnswer("a"), TextAnswer("b", 0.37))), "not in Moodle's list"),
    ],
)
def test_what_moodle_will_not_read_is_said(problem: Problem, says: str) -> None:
    [line] = write_moodle_xml([problem]).report
    assert says in str(line.lost[0])


def test_what_moodle_reads_is_where_moodle_looks() -> None:
    """The names and the nesting are those of Moodle's own exports in the fixtures."""
    problem = Number(
        text=Q,
        answers=(NumberAnswer("60", 0.5), NumberAnswer(None, fraction=0)),
        units=(Unit("km/h"), Unit("m/s", 0.2777778)),
        unit_policy="graded_of_question",
        unit_input="radio",
        unit_penalty=0.5,
        unit_left=True,
    )
    element = written(problem).find("question")
    assert element is not None
    found = {tag: element.findtext(tag) for tag in ("unitgradingtype", "unitpenalty", "showunits", "unitsleft")}
    assert found == {"unitgradingtype": "2", "unitpenalty": "0.5", "showunits": "1", "unitsleft": "1"}
    assert [unit.findtext("multiplier") for unit in element.iter("unit")] == ["1", "0.2777778"]
    assert [answer.findtext("text") for answer in element.iter("answer")] == ["60", "*"]
    assert [answer.get("fraction") for answer in element.iter("answer")] == ["100", "0"]


def test_a_category_is_written_where_it_changes_and_what_it_says_once() -> None:
    told, silent = Category("A", Text("Lines")), Category("B")
    places = [(), (told, silent), (told, silent), (told, Category("C")), (told,), ()]
    data = write_moodle_xml([FreeText(text=Text(str(n)), category=place) for n, place in enumerate(places)]).data
    element = ElementTree.fromstring(data)
    paths = [node.findtext("category/text") for node in element.iter("question") if node.get("type") == "category"]
    top = "$course$/top"
    assert paths == [f"{top}/A", f"{top}/A/B", f"{top}/A/C", f"{top}/A", top]
    assert [one.problem.category for one in read_moodle_xml(data).problems] == places


def test_no_text_can_leave_its_element() -> None:
    evil = "]]></text></questiontext><question type='x'>&amp;<!--"
    problem = OneChoice(text=Text(evil), name=evil, choices=(Choice(Text(evil), 1), Choice(Text("b"))), tags=(evil,))
    assert len(list(written(problem).iter("question"))) == 1
    assert read_moodle_xml(write_moodle_xml([problem]).data).problems[0].problem == problem


def test_a_problem_of_no_kind_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="no Moodle type for Problem"):
        write_moodle_xml([Problem(text=Q)])
