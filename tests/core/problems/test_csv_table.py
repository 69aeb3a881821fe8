"""Tables of questions: what a teacher may write, and what is said where it cannot be meant."""

from __future__ import annotations

import csv
import io

import pytest

from core.problems.csv_table import csv_template, read_csv
from core.problems.kinds import (
    FreeText,
    Number,
    NumberAnswer,
    OneChoice,
    Problem,
    SeveralChoices,
    ShortText,
    Source,
    Unit,
)
from core.problems.reports import Import, UnreadableFile
from core.problems.texts import Text


def table(*rows: dict[str, str], delimiter: str = ",", encoding: str = "utf-8") -> Import:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return read_csv(out.getvalue().encode(encoding))


def only(delimiter: str = ",", **row: str) -> Problem:
    result = table(row, delimiter=delimiter)
    assert [line.reason for line in result.report] == [None]
    return result.problems[0].problem


def refused(delimiter: str = ",", **row: str) -> str:
    [line] = table(row, delimiter=delimiter).report
    assert line.outcome == "refused"
    return str(line.reason)


def test_the_template_reads_without_a_caution_and_has_every_kind() -> None:
    result = read_csv(csv_template())
    assert [(line.outcome, line.lost, line.cautions) for line in result.report] == [("taken", (), ())] * 6
    kinds = [one.problem.kind for one in result.problems]
    assert kinds == ["one_choice", "several_choices", "number", "short_text", "one_choice", "free_text"]
    assert csv_template().startswith(b"\xef\xbb\xbfkind,text,choice_1")


def test_one_choice() -> None:
    problem = only(text="2+3?", choice_1="4", choice_2="five", correct="B", feedback="Count.", tags="a, b", name="Sum")
    assert isinstance(problem, OneChoice)
    assert [(c.text.source, c.fraction) for c in problem.choices] == [("4", 0), ("five", 1)]
    assert (problem.name, problem.tags, problem.solution) == ("Sum", ("a", "b"), Text("Count.", "plain"))


@pytest.mark.parametrize("correct", ["A C", "a,c", "1;3", "1 | 3", "A 3"])
def test_several_choices_earn_equal_parts_and_a_wrong_one_takes_as_much_away(correct: str) -> None:
    problem = only(text="Even?", choice_a="two", choice_b="three", choice_c="four", correct=correct)
    assert isinstance(problem, SeveralChoices)
    assert [c.fraction for c in problem.choices] == [0.5, -0.5, 0.5]


def test_a_right_choice_may_be_named_word_for_word() -> None:
    problem = only(text="Which?", choice_1="red, white", choice_2="blue", correct="red, white")
    assert [c.fraction for c in problem.choices] == [1, 0]


def test_a_gap_between_the_choices_does_not_move_their_letters() -> None:
    problem = only(text="Which?", choice_1="a1", choice_2="", choice_3="c3", correct="C")
    assert [(c.text.source, c.fraction) for c in problem.choices] == [("a1", 0), ("c3", 1)]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            {"choice_1": "2", "choice_2": "1", "correct": "1"},
            "may mean the choice in that place or the one that reads so",
        ),
        ({"choice_1": "B", "choice_2": "A", "correct": "A"}, "may mean the choice in that place"),
        ({"choice_1": "x", "choice_2": "y", "correct": "C"}, "names none of the choices"),
        ({"choice_1": "x", "choice_2": "y", "correct": "z"}, "names none of the choices"),
        ({"choice_1": "x", "choice_2": "y", "correct": ""}, "“correct” is empty"),
        ({"choice_1": "x", "choice_2": "y", "correct": "A B", "kind": "one"}, "More than one choice is right"),
        ({"choice_1": "x", "correct": "A"}, "fewer than two choices"),
        ({"correct": ""}, "“correct” is empty"),
        ({"correct": "x", "kind": "riddle"}, "is no kind"),
        ({"correct": "maybe", "kind": "true/false"}, "Write true or false"),
        ({"correct": "true", "choice_1": "x", "kind": "true/false"}, "Only the kinds “one” and “several” have choices"),
        ({"correct": "5", "choice_1": "x", "kind": "number"}, "Only the kinds “one” and “several” have choices"),
        ({"correct": "", "choice_1": "x", "kind": "free"}, "Only the kinds “one” and “several” have choices"),
        ({"correct": "3,14"}, "may be a number or a text"),
        ({"correct": "3rd"}, "may be a number or a text"),
        ({"correct": "60 km"}, "may be a number or a text"),
        ({"correct": "60|sixty"}, "may be a number or a text"),
        ({"correct": "60|sixty", "kind": "number"}, "“sixty” is no number"),
        ({"correct": "x", "kind": "short", "case": "perhaps"}, "Write yes or no"),
        ({"correct": "", "kind": "number"}, "has no answer"),
        ({"correct": "ten", "kind": "number"}, "“ten” is no number"),
        ({"correct": "5 km", "kind": "number"}, "“5 km” is no number"),
        ({"correct": "1,500", "kind": "number"}, "“1,500” is no number"),
        ({"correct": "5", "tolerance": "wide"}, "is no tolerance"),
        ({"correct": "5", "tolerance": "-1"}, "is no tolerance"),
        ({"correct": "x", "kind": "free"}, "has no right answer"),
        ({"correct": "", "kind": "short"}, "has no answer"),
        ({"correct": "x", "format": "rtf"}, "is no format"),
        ({"correct": "x", "category": "a/" * 60}, "nested more than 50 deep"),
    ],
)
def test_what_cannot_be_meant_is_refused(row: dict[str, str], says: str) -> None:
    assert says in refused(text="?", **row)


def test_an_equal_place_and_text_are_not_ambiguous() -> None:
    assert [c.fraction for c in only(text="?", choice_1="1", choice_2="2", correct="2").choices] == [0, 1]


def test_numbers_with_tolerance_and_unit() -> None:
    problem = only(text="Speed?", correct="60", tolerance="0.5", unit="km/h")
    assert isinstance(problem, Number)
    assert (problem.answers, problem.units) == ((NumberAnswer("60", 0.5),), (Unit("km/h"),))
    assert problem.unit_policy == "optional"
    assert only(text="Speed?", correct="60", tolerance="2 %").answers == (NumberAnswer("60", 0.02, "relative"),)


def test_a_decimal_comma_is_read_where_semicolons_separate() -> None:
    assert only(delimiter=";", text="Pi?", correct="3,14", tolerance="0,005").answers == (NumberAnswer("3.14", 0.005),)
    assert refused(text="Pi?", correct="3,14", kind="number").startswith("“3,14” is no number")


def test_several_numbers_may_be_right() -> None:
    assert only(text="A root?", correct="2|-3").answers == (NumberAnswer("2"), NumberAnswer("-3"))


@pytest.mark.parametrize("correct", ["3rd", "60|sixty", "3,14", "60 km"])
def test_what_begins_with_a_digit_is_a_text_where_the_kind_says_so(correct: str) -> None:
    assert isinstance(only(text="Which?", correct=correct, kind="short"), ShortText)


def test_short_texts() -> None:
    problem = only(text="Colour?", correct="colour|color | grey*", case="yes")
    assert isinstance(problem, ShortText)
    assert [a.pattern for a in problem.answers] == ["colour", "color", "grey*"]
    assert problem.case_sensitive


@pytest.mark.parametrize(("correct", "kind"), [("true", ""), ("FALSE", ""), ("t", "true/false"), ("F", "TrueFalse")])
def test_true_and_false(correct: str, kind: str) -> None:
    problem = only(text="A square is a rectangle.", correct=correct, kind=kind)
    assert isinstance(problem, OneChoice)
    assert problem.true_false
    assert problem.choices[0 if correct.lower().startswith("t") else 1].fraction == 1


def test_free_texts_and_where_they_come_from() -> None:
    problem = only(
        text="Why *so*?",
        kind="essay",
        format="markdown",
        source="A book",
        licence="CC BY",
        url="https://example.org",
        category="A/B",
    )
    assert isinstance(problem, FreeText)
    assert problem.text == Text("Why *so*?", "markdown")
    assert problem.source == Source("A book", "CC BY", "https://example.org")
    assert [category.name for category in problem.category] == ["A", "B"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_separator_and_unicode(delimiter: str, encoding: str) -> None:
    rows = [
        {"Text": "Où, quand; et\tpourquoi?", "Correct": "ici", " Feedback ": "voilà"},
        {"Text": "b", "Correct": "c"},
    ]
    result = table(*rows, delimiter=delimiter, encoding=encoding)
    assert [one.problem.text.source for one in result.problems] == ["Où, quand; et\tpourquoi?", "b"]
    assert result.problems[0].problem.solution.source == "voilà"


def test_lines_are_those_of_the_file_and_blank_rows_are_passed_over() -> None:
    result = read_csv(b'\ntext,correct\n"two\nlines",x\n\n,\nlast,y\n')
    assert [(line.line, line.name) for line in result.report] == [(3, "two lines"), (7, "last")]


def test_columns_that_are_not_known_are_named_where_they_hold_something() -> None:
    result = table({"text": "a", "correct": "b", "points": "5"}, {"text": "c", "correct": "d", "points": ""})
    assert str(result.report[0].lost[0]) == "These columns say nothing here and were left out: points."
    assert result.report[1].lost == ()


def test_columns_of_another_kind_are_named_where_they_hold_something() -> None:
    rows = [
        {"text": "a", "correct": "b", "unit": "m", "case": "yes"},
        {"text": "c", "correct": "5", "unit": "m", "case": "x"},
    ]
    lost = [str(line.lost[0]) for line in table(*rows).report]
    assert lost == [f"These columns say nothing here and were left out: {column}." for column in ("unit", "case")]


def test_a_text_with_a_comma_and_no_quotation_marks_is_refused() -> None:
    result = read_csv(b"text,correct\nred, white,blue\nok,yes\n")
    assert "more cells than columns" in str(result.report[0].reason)
    assert result.report[1].outcome == "taken"


@pytest.mark.parametrize("content", [b'text,correct\na,b\n"never closed,c\n', b'text,correct\na,b\n"x"y,c\n'])
def test_damaged_quotation_marks_break_the_file(content: bytes) -> None:
    result = read_csv(content)
    assert "The row of line 3 is damaged" in str(result.broken)
    assert (result.problems, [line.outcome for line in result.report]) == ((), ["held"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"question,answer\n1,2\n", "names no column"),
        (b"text,correct\n", "no question"),
        (b"text,correct,Text\na,b,c\n", "Two columns are called text"),
        (b"text,choice_1,choice a\na,b,c\n", "Two columns are called choice_a"),
        (b"text" + b",x" * 200 + b"\na\n", "201 columns"),
    ],
)
def test_a_table_without_its_columns_is_unreadable(content: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_csv(content)
    assert says in str(caught.value.sentence)
